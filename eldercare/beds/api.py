"""Free beds and a home's board at the wire: only the names listed here leave."""

from typing import Any

from flask import request

from eldercare.beds import listing, queries
from eldercare.core import api, calendar
from eldercare.core.access import P
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities

room = Room("beds_api", __name__, url_prefix="/api/v1/beds", api=True)

_HOME = ("facility_id", "name", "township", "beds_set", "usable", "occupied", "reserved", "free")
_LIST: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
SCHEMAS = {
    "vacancy": listing.VACANCY,
    "homes": {"type": "object", "required": ["items"], "properties": {"items": _LIST}},
    "board": {
        "type": "object", "required": ["facility_id", "day", "counts", "beds"],
        "properties": {"counts": {"type": "object"}, "beds": _LIST},
    },
}  # fmt: skip


@room.get("/vacancy", allow=P.STAY_READ)
def vacancy(scope: Scope) -> Any:
    """Free beds by home, kind, sex and price, a page at a time."""
    return api.listed(listing.VACANCY, queries.offers(scope), listing.choices(facilities.townships(scope)))


@room.get("/homes", allow=P.STAY_READ)
def homes(scope: Scope) -> Any:
    """The homes in reach: usable, occupied, reserved and free beds today. Family care beds are not in it."""
    found = queries.homes(scope, calendar.today())
    return answer({"items": [{name: getattr(each, name) for name in _HOME} for each in found]})


@room.get("/<int:facility_id>/board", allow=P.STAY_READ)
def board(scope: Scope, facility_id: int) -> Any:
    """The beds of a home on a day (`?day=2026-11-24`, today by default), names masked."""
    facility = facilities.facility(scope, facility_id)
    day, is_odd = listing.day_asked(request.args.get("day"))
    if is_odd:
        raise Refused("query.wrong", wrong=f"day={request.args['day'][:20]}")
    beds = queries.board(scope, facility.id, day, is_today=day == calendar.today())
    people = [bed.resident_id for bed in beds if bed.resident_id]
    watched = queries.watch_lists(scope, people, day, **listing.watching(facility))
    drawn = listing.board_of(beds, watched, day, {}, facility_id=facility.id)
    shown = [listing.as_json(tile) for tile in drawn.tiles]
    return answer({"facility_id": facility.id, "day": day.isoformat(), "counts": drawn.states, "beds": shown})
