"""Hazards at the wire: only the names listed here leave."""

from typing import Any

from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities
from eldercare.hazards import listing, queries
from eldercare.hazards.models import HazardReply

room = Room("hazards_api", __name__, url_prefix="/api/v1/hazards", api=True)
_REPLY = ("seq", "measures", "replied_at", "replied_by", "result", "findings", "rechecked_at", "rechecked_by")
SCHEMAS = {"index": listing.HAZARDS, "show": {"type": "object", "required": ["id", "number", "state", "replies"]}}


def reply_as_json(reply: HazardReply) -> dict[str, Any]:
    """A reply with its recheck."""
    return {name: wire(getattr(reply, name)) for name in _REPLY}


@room.get("/", allow=P.HAZARD_READ)
def index(scope: Scope) -> Any:
    """The hazards in reach, a page at a time."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    choices: Any = listing.choices(facilities.townships(scope), homes)
    return api.listed(listing.HAZARDS, queries.hazards(scope), choices)


@room.get("/<int:hazard_id>", allow=P.HAZARD_READ)
def show(scope: Scope, hazard_id: int) -> Any:
    """One hazard with its replies and rechecks."""
    hazard = queries.hazard(scope, hazard_id)
    own = {name: wire(getattr(hazard, name)) for name in (*listing.HAZARDS.json, "demand", "extend_reason")}
    return answer(own | {"replies": [reply_as_json(each) for each in hazard.replies]})
