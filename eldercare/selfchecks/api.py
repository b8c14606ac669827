"""Self-checks at the wire: rounds, and how places keep them."""

from typing import Any

from flask import request

from eldercare.core import api, calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities
from eldercare.selfchecks import listing, queries

room = Room("selfchecks_api", __name__, url_prefix="/api/v1/selfchecks", api=True)
_COUNTS = ("facility_id", "due", "done", "late", "missed", "open", "rate")
SCHEMAS = {
    "index": listing.ROUNDS, "show": api.thing(listing.ROUNDS),
    "compliance": {"type": "object", "required": ["month", "places"]},
}  # fmt: skip


@room.get("/", allow=P.SELFCHECK_READ)
def index(scope: Scope) -> Any:
    """The rounds in reach, a page at a time."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    choices: Any = listing.choices(facilities.townships(scope), homes)
    return api.listed(listing.ROUNDS, queries.rounds(scope), choices)


@room.get("/<int:round_id>", allow=P.SELFCHECK_READ)
def show(scope: Scope, round_id: int) -> Any:
    """One round; its answers stand at /api/v1/checklists/checks/<check_id>."""
    return answer(listing.ROUNDS.bind({}).as_json(queries.round_(scope, round_id)))


@room.get("/compliance", allow=P.SELFCHECK_READ)
def compliance(scope: Scope) -> Any:
    """How each place in reach kept its rounds of a month (`?month=2026-11`, this one by itself)."""
    text = request.args.get("month")
    month = calendar.Month.parse(text) if text and listing.is_month(text) else listing.month_asked(text)
    found = queries.compliance(scope, month.first, month.last)
    return answer({"month": str(month), "places": [{name: getattr(each, name) for name in _COUNTS} for each in found.values()]})
