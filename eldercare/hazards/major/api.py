"""Major hazards at the wire: the figures of a month by article and row, and the cases."""

from typing import Any

from flask import request

from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities
from eldercare.hazards.major import listing, queries

room = Room("major_api", __name__, url_prefix="/api/v1/hazards/major", api=True)
_CASE = {"type": "object", "required": ["id", "hazard_id", "hazard_code", "state", "judged_on"]}
SCHEMAS = {
    "index": {"type": "object", "required": ["month", "articles", "total"]},
    "cases": {"type": "object", "required": ["items", "total"], "properties": {"items": {"type": "array", "items": _CASE}}},
}  # fmt: skip


def as_json(row: queries.Row) -> dict[str, Any]:
    """A row's figures."""
    names = (*queries.COUNTS, "days_most")
    return {"code": row.code, **{name: getattr(row, name) for name in names}, "days_mean": row.days_mean}


@room.get("", allow=P.HAZARD_READ)
def index(scope: Scope) -> Any:
    """The figures of a month (`?month=2026-11`, this one by default), by article and row of the table in force."""
    month = listing.month_of(request.args)
    articles = queries.by_article(scope, *listing.period(month))
    rows = [{"article": each.article, "rows": [as_json(row) for row in each.rows]} for each in articles]
    everything = queries.total([row for each in articles for row in each.rows])
    return answer({"month": str(month), "articles": rows, "total": as_json(everything)})


@room.get("/cases", allow=P.HAZARD_READ)
def cases(scope: Scope) -> Any:
    """The cases in reach, a page at a time."""
    choices = listing.choices(scope, facilities.townships(scope))
    return api.listed(listing.listing(listing.month_of(request.args)), queries.cases(scope), choices)
