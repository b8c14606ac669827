"""The roster at the wire: a week of a place, its gaps, who is on duty now."""

from typing import Any

from flask import request

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as places
from eldercare.facilities.staff.roster import forms, listing, queries

room = Room("roster_api", __name__, url_prefix="/api/v1/facilities/staff/roster", api=True)

SCHEMAS = {"show": {"type": "object", "required": ["facility_id", "week", "on_duty", "shifts", "gaps"]}}


@room.get("/<int:facility_id>", allow=P.STAFF_READ)
def show(scope: Scope, facility_id: int) -> Any:
    """The week of a place (`?week=` any day of it), its gaps, and who is on duty now."""
    facility, monday = places.facility(scope, facility_id), forms.week_asked(request.args.get("week"))
    shown = listing.board(scope, facility, monday)
    duty = queries.on_duty(scope, facility_id, calendar.now())
    return answer({"facility_id": facility_id, "week": monday.isoformat(), **listing.as_json(shown, duty)})
