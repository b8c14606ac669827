"""Plans at the wire: only the names listed here leave."""

from typing import Any

from flask import request

from eldercare.core import api, calendar
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities
from eldercare.inspections.plans import listing, queries
from eldercare.inspections.plans.rules import queries as rules

room = Room("plans_api", __name__, url_prefix="/api/v1/inspections/plans", api=True)
SCHEMAS = {
    "index": listing.ITEMS,
    "show": api.thing(listing.ITEMS) | {"additionalProperties": True},
    "coverage": {"type": "object", "required": ["year", "items"]},
}
_COVER = (
    "facility_id", "code", "facility_type", "credit_class", "least", "most", "done", "planned", "expected", "missed", "short",
    "standing", "last_on",
)  # fmt: skip


@room.get("/", allow=P.INSPECTION_READ)
def index(scope: Scope) -> Any:
    """The planned visits in reach, a page at a time."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    plans, every = list(db.session.scalars(queries.plans(scope))), list(db.session.scalars(rules.rules(scope)))
    choices: Any = listing.choices(facilities.townships(scope), homes, queries.inspectors(scope), plans, every)
    return api.listed(listing.ITEMS, queries.items(scope), choices)


@room.get("/<int:item_id>", allow=P.INSPECTION_READ)
def show(scope: Scope, item_id: int) -> Any:
    """One planned visit with its team and how it stands."""
    item = queries.item(scope, item_id)
    own = {name: wire(getattr(item, name)) for name in listing.ITEMS.json}
    team = [{"officer_id": each.id, "name": each.name, "certificate_no": each.certificate_no} for each in item.team]
    return answer(own | {"day": wire(item.day), "stage": queries.stage_of(item, calendar.today()), "team": team})


@room.get("/coverage", allow=P.INSPECTION_READ)
def coverage(scope: Scope) -> Any:
    """Every place in reach with the visits of a year it needs, has had and has ahead (`?year=`)."""
    year = listing.year_asked(request.args.get("year"))
    found = queries.coverage(scope, year, listing.terms(), calendar.today())
    return answer({"year": year, "items": [{name: wire(getattr(each, name)) for name in _COVER} for each in found]})
