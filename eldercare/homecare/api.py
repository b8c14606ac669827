"""Family care beds at the wire; their number, handed down to pages about beds, which never add it to theirs."""

from datetime import date
from typing import Any

from flask import Flask

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.homecare import queries

room = Room("homecare_api", __name__, url_prefix="/api/v1/homecare", api=True)
_LINE = {"type": "object", "required": ["township", "beds"]}
SCHEMAS = {
    "beds": {
        "type": "object", "required": ["items", "total"],
        "properties": {"items": {"type": "array", "items": _LINE}, "total": {"type": "integer"}},
    }
}  # fmt: skip


def init_app(app: Flask) -> None:
    """Hand down how many family care beds are in service: floor 4 may not ask this floor."""
    app.extensions["family_beds"] = in_service


def in_service(scope: Scope, day: date) -> int:
    """Family care beds in service within reach at 24:00 of the day (domain.md §3.3: apart from beds in homes)."""
    return queries.family_bed_counts(scope, day)[1].beds


@room.get("/beds", allow=P.STAY_READ)
def beds(scope: Scope) -> Any:
    """Family care beds in service today, by township."""
    rows, total = queries.family_bed_counts(scope, calendar.today())
    return answer({"items": [{"township": row.township, "beds": row.beds} for row in rows], "total": total.beds})
