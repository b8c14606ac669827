"""Rooms and beds at the wire: only the names listed here leave."""

from typing import Any

from eldercare.beds.places import listing, queries
from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities

room = Room("places_api", __name__, url_prefix="/api/v1/beds/places", api=True)

_ROOM = ("id", "building", "floor", "name", "sex_policy")
_SHAPE: dict[str, Any] = {"type": "object", "required": list(_ROOM)}
SCHEMAS = {
    "beds": listing.BEDS,
    "rooms": {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": _SHAPE}}},
}


@room.get("/<int:facility_id>/rooms", allow=P.FACILITY_READ)
def rooms(scope: Scope, facility_id: int) -> Any:
    """The rooms of a home."""
    facility = facilities.facility(scope, facility_id)
    found = queries.rooms(scope, facility.id)
    return answer({"items": [{name: getattr(each, name) for name in _ROOM} for each in found]})


@room.get("/<int:facility_id>/beds", allow=P.FACILITY_READ)
def beds(scope: Scope, facility_id: int) -> Any:
    """The beds of a home, a page at a time."""
    return api.listed(listing.BEDS, queries.listed(scope, facilities.facility(scope, facility_id).id))
