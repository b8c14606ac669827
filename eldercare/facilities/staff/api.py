"""Staff at the wire: only the names listed here leave; ID numbers and telephones never do."""

from typing import Any

from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as places
from eldercare.facilities.staff import listing, queries

room = Room("staff_api", __name__, url_prefix="/api/v1/facilities/staff", api=True)

_PERSON: dict[str, Any] = {
    "type": "object", "required": ["id", "facility_id", "name", "posts", "state", "certificates"],
}
SCHEMAS = {"index": listing.API, "show": _PERSON}


@room.get("", allow=P.STAFF_READ)
def index(scope: Scope) -> Any:
    """The staff in reach, a page at a time."""
    here = list(db.session.scalars(places.facilities(scope, gone=False)))
    return api.listed(listing.API, queries.at_wire(scope), listing.choices(places.townships(scope), here))


@room.get("/<int:member_id>", allow=P.STAFF_READ)
def show(scope: Scope, member_id: int) -> Any:
    """One member of staff with the certificates."""
    return answer(listing.as_json(queries.member(scope, member_id), queries.certificates_of(scope, member_id)))
