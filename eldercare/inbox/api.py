"""One's own alerts at the wire."""

from typing import Any

from flask_login import current_user

from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.inbox import listing, queries

room = Room("inbox_api", __name__, url_prefix="/api/v1/inbox", api=True)
_COUNTS: dict[str, Any] = {
    "type": "object", "required": ["todo", "know", "late"],
    "properties": {name: {"type": "integer"} for name in ("todo", "know", "late")},
}
SCHEMAS = {"index": listing.SHELVES["todo"], "know": listing.SHELVES["know"], "done": listing.SHELVES["done"], "count": _COUNTS}


@room.get("", allow=P.ALERT_READ)
def index(scope: Scope) -> Any:
    """What waits to be done, a page at a time."""
    return api.listed(listing.SHELVES["todo"], queries.shelf(scope, current_user, "todo"))


@room.get("/know", allow=P.ALERT_READ)
def know(scope: Scope) -> Any:
    """News not seen yet."""
    return api.listed(listing.SHELVES["know"], queries.shelf(scope, current_user, "know"))


@room.get("/done", allow=P.ALERT_READ)
def done(scope: Scope) -> Any:
    """What was settled or seen."""
    return api.listed(listing.SHELVES["done"], queries.shelf(scope, current_user, "done"))


@room.get("/count", allow=P.ALERT_READ)
def count(scope: Scope) -> Any:
    """How many wait."""
    return answer(queries.counts(scope, current_user))
