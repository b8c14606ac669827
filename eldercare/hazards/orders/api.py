"""Rectification orders at the wire: only the names listed here leave."""

from typing import Any

from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities
from eldercare.hazards.orders import listing, queries

room = Room("orders_api", __name__, url_prefix="/api/v1/hazards/orders", api=True)
_ITEM = ("position", "hazard_id", "severity", "hazard_code", "item_code", "description", "basis", "demand", "due_on")
_RECEIPT = ("way", "received_at", "entered_at")
SCHEMAS = {
    "index": listing.ORDERS,
    "show": {"type": "object", "required": ["id", "number", "state", "hazards", "receipts"]},
}


def _named(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: wire(getattr(row, name)) for name in names}


@room.get("/", allow=P.HAZARD_READ)
def index(scope: Scope) -> Any:
    """The orders in reach, a page at a time."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    choices: Any = listing.choices(facilities.townships(scope), homes)
    return api.listed(listing.ORDERS, queries.orders(scope), choices)


@room.get("/<int:order_id>", allow=P.HAZARD_READ)
def show(scope: Scope, order_id: int) -> Any:
    """One order with its hazards as it says them, and its receipts."""
    order = queries.order(scope, order_id)
    own = _named(order, (*listing.ORDERS.json, "organ", "source_label", "withdrawn_reason"))
    hazards, receipts = [_named(each, _ITEM) for each in order.items], [_named(each, _RECEIPT) for each in order.receipts]
    return answer(own | {"hazards": hazards, "receipts": receipts})
