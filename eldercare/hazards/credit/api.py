"""Classes and points at the wire."""

from typing import Any

from eldercare.core import api, calendar
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities
from eldercare.hazards.credit import listing, queries

room = Room("credit_api", __name__, url_prefix="/api/v1/hazards/credit", api=True)
_MEANING = ("letter", "weight", "visits_min", "visits_max", "is_full_coverage", "points_from", "is_confirmed")
SCHEMAS = {
    "index": {"type": "object", "required": ["day", "items", "classes"]},
    "entries": listing.LEDGER,
}  # fmt: skip


def as_json(row: queries.Standing) -> dict[str, Any]:
    """A place's standing."""
    return {
        "facility_id": row.id,
        "facility_code": row.facility.code,
        "class": row.present,
        "proposed": row.proposed,
        "reasons": [{"code": each.code, **each.details} for each in row.reasons],
        "points_year": row.points_year,
        "points_window": row.points_window,
        "balance": row.balance,
        "announced": row.change.new_class if row.change else None,
    }


@room.get("", allow=P.HAZARD_READ)
def index(scope: Scope) -> Any:
    """Every place with a class, what the rule proposes, its points; and what the classes mean today."""
    rows = queries.standings(scope, calendar.today(), listing.terms())
    meanings = [{name: wire(getattr(each, name)) for name in _MEANING} for each in queries.classes(scope).values()]
    return answer({"day": calendar.today().isoformat(), "items": [as_json(row) for row in rows], "classes": meanings})


@room.get("/entries", allow=P.HAZARD_READ)
def entries(scope: Scope) -> Any:
    """The ledger of points, a page at a time."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    return api.listed(listing.LEDGER, queries.entries(scope), listing.choices(facilities.townships(scope), homes))
