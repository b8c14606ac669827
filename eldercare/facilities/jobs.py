"""Reminders of expiring licences, every day; the register as a workbook, on demand."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import calendar, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.facilities import listing, queries, services


def init_app(_app: Flask) -> None:
    """What the clock owes: the reminders of each day at six."""
    runs.schedule(Schedule("licence_reminders", lambda _scope: [Place()], hour=6))


@runs.handler("licence_reminders")
def licence_reminders(scope: Scope, run: Run) -> dict[str, Any]:
    """Write the reminders due on the Run's day (its period, 2026-11-24)."""
    return {"made": services.remind(scope, date.fromisoformat(run.period), listing.thresholds())}


@runs.handler("facilities_export")
def facilities_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The facilities of a list as asked, in the reach of who asked."""
    bound = listing.FACILITIES.bind(run.params["query"], choices=listing.choices(queries.townships(scope)))
    rows = bound.xlsx_rows(db.session(), queries.register(scope, listing.in_home(scope)))
    columns = [sheets.Column(title, width=30 if not at else 16) for at, title in enumerate(next(rows))]
    asked = _(", ").join(f"{chip.label}: {chip.text}" if chip.label else chip.text for chip in bound.chips)
    lines = [line for line in (asked, _("As of %(day)s", day=calendar.today().isoformat())) if line]
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, sheets.Dress(title=_("Facilities"), lines=lines, sheet=_("Facilities")))
    name = f"facilities-{calendar.today().isoformat()}.xlsx"
    return {"file": files.put(out.getvalue()), "name": name, "rows": count}
