"""Residents' health at the wire: codes and days, masked names, no free text."""

from typing import Any

from flask import request

from eldercare.core import api, attachments, calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.residents.health import listing, queries
from eldercare.residents.models import Resident

room = Room("health_api", __name__, url_prefix="/api/v1/residents", api=True)
_LINE = ("id", "name", "facility_id", "watch_lists", "allergies", "care_level", "papers", "assessed_on", "next_due_on")
_WHOLE = ("profile", "watch_lists", "allergies", "no_allergies_on", "risk_assessments", "care_levels", "papers", "papers_missing")
SCHEMAS: dict[str, Any] = {
    "index": {
        "type": "object",
        "required": ["items", "total", "page", "pages"],
        "properties": {"items": {"type": "array", "items": {"type": "object", "required": list(_LINE)}}},
    },
    "show": {"type": "object", "required": list(_WHOLE)},
}


@room.get("/health", allow=P.HEALTH_READ)
def index(scope: Scope) -> Any:
    """Residents of homes: watch-lists, allergies, risk assessments, papers; `facility`, `watch`, `due`, `papers`, `allergies`."""
    bound = listing.RESIDENTS.bind(
        request.args, choices=listing.choices(queries.homes(scope)), page_size=api.per_page(listing.RESIDENTS.page_size)
    )
    bound.load(db.session, queries.listed(scope, calendar.today(), listing.required(), listing.watch_level()))
    items = [listing.row_as_json(row) for row in bound.rows]
    return answer({"items": items, "total": bound.total, "page": bound.page, "pages": bound.pages})


@room.get("/<int:resident_id>/health", allow=P.HEALTH_READ)
def show(scope: Scope, resident_id: int) -> Any:
    """One resident's health."""
    person = scope.get(Resident, resident_id)
    watch = queries.watch_lists(scope, [resident_id], calendar.today(), listing.watch_level()).get(resident_id, [])
    papers = attachments.of(scope, person)
    return answer(queries.as_json(queries.health(scope, resident_id), watch, papers, listing.required()))
