"""Risk assessments overdue are told every day; the list of residents by what carers must watch as a workbook."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _

from eldercare.core import alerts, audit, calendar, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.residents.health import listing, queries, services
from eldercare.residents.health.models import RISK_DUE

EXPORT_KIND = "health_export"
WIDTHS = {"watch": 40, "facility": 26}


def init_app(app: Flask) -> None:
    """What the clock owes: the risk assessments overdue on each day, at six; how long they wait before they climb."""
    alerts.climbs(RISK_DUE, alerts.Step(timedelta(app.config["RISK_CLIMB_DAYS"]), "district"))
    runs.schedule(Schedule("risk_assessments_due", lambda _scope: [Place()], hour=6))


@runs.handler("risk_assessments_due")
def risk_assessments_due(scope: Scope, run: Run) -> dict[str, Any]:
    """Tell of the risk assessments overdue on the Run's day (its period, 2026-11-24)."""
    return services.remind(scope, date.fromisoformat(run.period))


@runs.handler(EXPORT_KIND)
def export(scope: Scope, run: Run) -> dict[str, Any]:
    """The list as asked, masked, in the reach of who asked; kept encrypted until it is taken."""
    with force_locale("en" if run.params.get("language") == "en" else "zh_Hans_CN"):
        bound = listing.RESIDENTS.bind(run.params["query"], choices=listing.choices(queries.homes(scope)))
        statement = queries.listed(scope, calendar.today(), listing.required(), listing.watch_level())
        rows = bound.xlsx_rows(db.session(), statement)
        keys = [column.key for column in listing.RESIDENTS.columns]
        columns = [sheets.Column(title, WIDTHS.get(key, 16)) for key, title in zip(keys, next(rows), strict=True)]
        asked = _(", ").join(f"{chip.label}: {chip.text}" if chip.label else chip.text for chip in bound.chips)
        lines = [line for line in (asked, _("Masked: full numbers are seen on the record alone, with a reason.")) if line]
        out = BytesIO()
        dress = sheets.Dress(title=_("Health and risks"), lines=lines, person=scope.person_name)
        count = sheets.write_xlsx(out, columns, rows, dress)
    audit.record(scope, "health.exported", entity="resident", rows=count, filters=run.params["query"])
    name = f"health-{calendar.today():%Y%m%d}-{run.id}.xlsx"
    return {"file": files.put(out.getvalue(), secret=True), "secret": True, "name": name, "rows": count}
