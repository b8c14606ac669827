"""The care ratio at the wire."""

from typing import Any

from eldercare.beds.ratios import listing, queries
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer

room = Room("ratios_api", __name__, url_prefix="/api/v1/beds/ratios", api=True)

SCHEMAS = {"index": {"type": "object", "required": ["day", "items", "total"]}}


@room.get("", allow=P.STAY_READ)
def index(scope: Scope) -> Any:
    """Caregivers to residents today, a line for each home in reach."""
    rows = listing.lines(scope)
    items = [listing.as_json(row) for row in rows]
    return answer({"day": calendar.today().isoformat(), "items": items, "total": listing.as_json(queries.total(rows))})
