"""The bed board of a home."""

from typing import Any

from flask import Flask, request

from eldercare.beds import listing, queries
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, page
from eldercare.facilities import queries as facilities
from eldercare.residents import queries as residents

room = Room("beds", __name__, url_prefix="/beds")


def init_app(app: Flask) -> None:
    """Hand down what the register shows of a home: floor 1 may not ask this floor, so it is given."""
    app.extensions["in_home_of"] = queries.in_home_of
    app.extensions["occupancy_chart"] = listing.occupancy_chart


@room.get("/of-resident/<int:resident_id>", allow=P.STAY_READ)
def of_resident(scope: Scope, resident_id: int) -> Any:
    """The part of a person's record that tells their stays in homes."""
    person = residents.resident(scope, resident_id)
    return page("beds/_of_resident.html", stays=queries.stays_of(scope, person.id), words=listing)


@room.get("/<int:facility_id>/", allow=P.STAY_READ)
def board(scope: Scope, facility_id: int) -> Any:
    """Who sleeps where since when, on a day."""
    facility = facilities.facility(scope, facility_id)
    day, is_odd = listing.day_asked(request.args.get("day"))
    beds = queries.board(scope, facility_id, day, is_today=day == calendar.today())
    return page("beds/board.html", facility=facility, day=day, is_odd=is_odd, words=listing, beds=beds,
                counts=listing.counts(beds), floors=listing.by_floor(beds))
