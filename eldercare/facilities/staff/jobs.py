"""Reminders of expiring certificates, every day; the list as a workbook, on demand."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import audit, calendar, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.facilities import queries as places
from eldercare.facilities.staff import listing, queries, services


def init_app(_app: Flask) -> None:
    """What the clock owes: the reminders of each day at six."""
    runs.schedule(Schedule("certificate_reminders", lambda _scope: [Place()], hour=6))


@runs.handler("certificate_reminders")
def certificate_reminders(scope: Scope, run: Run) -> dict[str, Any]:
    """Tell of the certificates that run out by the thresholds of the Run's day (its period, 2026-11-24)."""
    return {"made": services.remind(scope, date.fromisoformat(run.period), listing.thresholds())}


@runs.handler("staff_export")
def staff_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The staff of a list as asked, in the reach of who asked; numbers and telephones stay where they are."""
    here = list(db.session.scalars(places.facilities(scope, gone=False)))
    bound = listing.EXPORT.bind(run.params["query"], choices=listing.choices(places.townships(scope), here))
    rows = bound.xlsx_rows(db.session(), queries.members(scope))
    columns = [sheets.Column(title, width=28 if at in {3, 5, 11} else 14) for at, title in enumerate(next(rows))]
    asked = ", ".join(f"{chip.label}: {chip.text}" if chip.label else chip.text for chip in bound.chips)
    lines = [line for line in (asked, _("As of %(day)s", day=calendar.today().isoformat())) if line]
    out = BytesIO()
    dress = sheets.Dress(title=_("Staff"), lines=lines, sheet=_("Staff"), person=scope.person_name)
    count = sheets.write_xlsx(out, columns, rows, dress)
    audit.record(scope, "staff_member.exported", entity="staff_member", rows=count)
    name = f"staff-{calendar.today().isoformat()}-{run.id}.xlsx"
    return {"file": files.put(out.getvalue(), secret=True), "secret": True, "name": name, "rows": count}
