"""People over the JSON API: the list's own filters, masked, an allowlist of fields."""

from typing import Any

from flask import request

from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.residents import queries
from eldercare.residents.listing import RESIDENTS, as_json

room = Room("residents_api", __name__, url_prefix="/api/v1/residents", api=True)


@room.get("", allow=P.RESIDENT_READ)
def index(scope: Scope) -> Any:
    """People within reach: `q`, `township`, `village`, `age`, `ability`, `household`, `living`, `facility`, `state`, `page`."""
    if queries.Number.read(request.args.get("q", "")):
        raise Refused("resident.number_in_address")
    return answer(_page(scope, request.args))


@room.post("/find", allow=P.RESIDENT_READ)
def find(scope: Scope) -> Any:
    """The same, asked in a JSON body: a whole ID or telephone number (`q`) must not stand in an address."""
    asked = request.get_json(silent=True)
    return answer(_page(scope, {k: str(v) for k, v in asked.items()} if isinstance(asked, dict) else {}))


def _page(scope: Scope, asked: Any) -> dict[str, Any]:
    offered = queries.choices(scope, asked.get("township", ""))
    choices: dict[str, Any] = {kind: [(value, zh) for value, zh, _en in rows] for kind, rows in offered.items()}
    bound = RESIDENTS.bind(asked, choices=choices).load(db.session, queries.listed(scope), queries.counted(scope))
    return {"items": [as_json(row) for row in bound.rows], "total": bound.total, "page": bound.page, "pages": bound.pages}


@room.get("/<int:resident_id>", allow=P.RESIDENT_READ)
def show(scope: Scope, resident_id: int) -> Any:
    """One person."""
    return answer(as_json(queries.listed_one(scope, resident_id)))
