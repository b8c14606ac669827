"""Days on post at the wire: only the names listed here leave."""

from typing import Any

from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities
from eldercare.inspections.postings import listing, queries

room = Room("postings_api", __name__, url_prefix="/api/v1/inspections/postings", api=True)
_NOTE = ("id", "kind", "text", "noted_at", "answer", "answer_reason", "answered_at")
SCHEMAS = {"index": listing.DAYS, "show": {"type": "object", "required": ["id", "day", "state", "notes"]}}


@room.get("/days/", allow=P.STATION_READ)
def index(scope: Scope) -> Any:
    """Days on post in reach, a page at a time."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    choices: Any = listing.choices(facilities.townships(scope), homes)
    return api.listed(listing.DAYS, queries.days(scope), choices)


@room.get("/days/<int:day_id>", allow=P.STATION_READ)
def show(scope: Scope, day_id: int) -> Any:
    """One day with its notes."""
    row = queries.day(scope, day_id)
    own = {name: wire(getattr(row, name)) for name in (*listing.DAYS.json, "comment")}
    return answer(own | {"notes": [{name: wire(getattr(note, name)) for name in _NOTE} for note in row.notes]})
