"""The list of orders as a workbook, on demand; who is told when an order stays unserved."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import alerts, exports, runs
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.hazards.orders import listing, queries


def init_app(app: Flask) -> None:
    """An order the place does not confirm climbs to its township."""
    alerts.climbs("order.issued", alerts.Step(timedelta(app.config["HAZARD_CLIMB_DAYS"]), "township"))


@runs.handler("orders_export")
def orders_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The orders of a list as asked, in the reach of who asked."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    bound = listing.ORDERS.bind(run.params["query"], choices=listing.choices(facilities.townships(scope), homes))
    return exports.workbook(
        scope, bound, queries.orders(scope), title=_("Rectification orders"), noun="rectification_order", stem="orders",
        wide=(0, 1),
    )  # fmt: skip
