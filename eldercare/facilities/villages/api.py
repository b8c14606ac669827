"""Villages at the wire."""

from typing import Any

from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room
from eldercare.facilities import queries as places
from eldercare.facilities.villages import listing, queries

room = Room("villages_api", __name__, url_prefix="/api/v1/villages", api=True)
SCHEMAS = {"index": listing.VILLAGES}


@room.get("", allow=P.FACILITY_READ)
def index(scope: Scope) -> Any:
    """The villages in reach, a page at a time."""
    return api.listed(listing.VILLAGES, queries.villages(scope), listing.choices(places.townships(scope)))
