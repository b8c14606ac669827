"""Stays over the JSON API: the list's own filters, masked, an allowlist of fields."""

from typing import Any

from flask import request

from eldercare.beds.stays import queries
from eldercare.beds.stays.listing import STAYS
from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.residents.queries import Number

room = Room("stays_api", __name__, url_prefix="/api/v1/beds/stays", api=True)
SCHEMAS = {"index": STAYS, "show": {"type": "object", "required": list(STAYS.json)}}


@room.get("", allow=P.STAY_READ)
def index(scope: Scope) -> Any:
    """Stays and applications within reach, a page at a time."""
    if Number.read(request.args.get("q", "")):
        raise Refused("resident.number_in_address")
    return api.listed(STAYS, queries.listed(scope), queries.choices(scope))


@room.get("/<int:stay_id>", allow=P.STAY_READ)
def show(scope: Scope, stay_id: int) -> Any:
    """One stay."""
    return answer(STAYS.bind({}).as_json(queries.listed_one(scope, stay_id)))
