"""The ladder at the wire."""

from typing import Any

from flask import request

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.api import per_page
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities
from eldercare.hazards.ladder import listing, queries

room = Room("ladder_api", __name__, url_prefix="/api/v1/hazards/ladder", api=True)
_ROW = {"type": "object", "required": ["hazard_id", "days_overdue", "taken", "proposed"]}
SCHEMAS = {
    "index": {
        "type": "object",
        "required": ["items", "total", "page", "pages"],
        "properties": {"items": {"type": "array", "items": _ROW}},
    }
}


@room.get("", allow=P.HAZARD_READ)
def index(scope: Scope) -> Any:
    """Hazards on the ladder with the steps taken and the next one proposed, a page at a time."""
    choices = listing.choices(facilities.townships(scope))
    bound = listing.LADDER.bind(request.args, path=request.path, choices=choices, page_size=per_page())
    bound.load(db.session(), queries.on_ladder(scope))
    rows = queries.ladders(scope, bound.rows, calendar.today(), listing.thresholds())
    items = [listing.as_json(row) for row in rows]
    return answer({"items": items, "total": bound.total, "page": bound.page, "pages": bound.pages})
