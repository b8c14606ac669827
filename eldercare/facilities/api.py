"""Places at the wire: only the names listed here leave."""

from typing import Any

from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import listing, queries
from eldercare.facilities.models import Facility, Licence, Township
from eldercare.facilities.services import SHOWN

room = Room("facilities_api", __name__, url_prefix="/api/v1", api=True)

_TOWNSHIP = ("id", "code", "name", "name_en", "kind", "lon", "lat", "area_km2")
_LICENCE = ("id", "licence_type", "number", "issuer", "valid_from", "valid_to", "is_current")
_HIDDEN = {"village_id"}


def township_as_json(township: Township) -> dict[str, Any]:
    """A township."""
    return {name: getattr(township, name) for name in _TOWNSHIP}


def licence_as_json(licence: Licence) -> dict[str, Any]:
    """A licence without its scan."""
    return {name: wire(getattr(licence, name)) for name in _LICENCE}


def facility_as_json(facility: Facility, licences: list[Licence]) -> dict[str, Any]:
    """A facility: the fields of its type, its township and village by name, its licences."""
    names = ("id", "facility_type", "state", "township_code", *SHOWN[facility.facility_type])
    own = {name: wire(getattr(facility, name)) for name in names if name not in _HIDDEN}
    village = facility.village.name if facility.village else None
    return {**own, "village": village, "licences": [licence_as_json(each) for each in licences]}


_THING: dict[str, Any] = {"type": "object", "required": ["id", "facility_type", "state", "township_code", "licences"]}
_UNIT: dict[str, Any] = {"type": "object", "required": list(_TOWNSHIP)}
SCHEMAS = {
    "index": listing.FACILITIES,
    "show": _THING,
    "townships": {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": _UNIT}}},
}


@room.get("/facilities", allow=P.FACILITY_READ)
def index(scope: Scope) -> Any:
    """The facilities in reach, a page at a time."""
    return api.listed(listing.FACILITIES, queries.register(scope), listing.choices(queries.townships(scope)))


@room.get("/facilities/<int:facility_id>", allow=P.FACILITY_READ)
def show(scope: Scope, facility_id: int) -> Any:
    """One facility."""
    return answer(facility_as_json(queries.facility(scope, facility_id), queries.licences_of(scope, facility_id)))


@room.get("/townships", allow=P.FACILITY_READ)
def townships(scope: Scope) -> Any:
    """The townships in reach."""
    return answer({"items": [township_as_json(each) for each in queries.townships(scope)]})
