"""The list of orders as a workbook, on demand; who is told when an order stays unserved."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import alerts, audit, calendar, files, runs, sheets
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
    rows = bound.xlsx_rows(db.session(), queries.orders(scope))
    columns = [sheets.Column(title, width=32 if at in (0, 1) else 16) for at, title in enumerate(next(rows))]
    lines = [
        ", ".join(f"{chip.label}: {chip.text}" for chip in bound.chips),
        _("As of %(day)s", day=calendar.today().isoformat()),
    ]
    name = _("Rectification orders")
    dress = sheets.Dress(title=name, lines=[each for each in lines if each], sheet=name, person=scope.person_name)
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, dress)
    audit.record(scope, "rectification_order.exported", entity="rectification_order", rows=count)
    return {"file": files.put(out.getvalue()), "name": f"orders-{calendar.today().isoformat()}.xlsx", "rows": count}
