"""What falls due, every day; the list of stays as a workbook, on demand."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import Flask, current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from eldercare.beds.stays import models, queries, services
from eldercare.beds.stays.listing import STAYS
from eldercare.core import audit, calendar, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope

EXPORT_KIND = "stays_export"
WIDTHS = {"name": 14, "home": 30, "state": 14}


def init_app(app: Flask) -> None:
    """What the clock owes: a round each day at half past five; how long to-dos wait before they climb."""
    models.declare(app.config["STAY_CLIMB_HOURS"])
    runs.schedule(Schedule("stays_due", lambda _scope: [Place()], hour=5, minute=30))


@runs.handler("stays_due")
def stays_due(scope: Scope, run: Run) -> dict[str, Any]:
    """Returns overdue, contracts and assessments about to lapse, trials ending, on the Run's day (2026-11-24)."""
    config = current_app.config
    names = {"contract": "CONTRACT_REMINDER_DAYS", "assessment": "ASSESSMENT_REMINDER_DAYS", "trial": "TRIAL_REMINDER_DAYS",
             "hospital": "AFTER_HOSPITAL_DAYS"}  # fmt: skip
    return services.remind(scope, date.fromisoformat(run.period), **{what: config[name] for what, name in names.items()})


@runs.handler(EXPORT_KIND)
def export(scope: Scope, run: Run) -> dict[str, Any]:
    """The list as a person asked for it, masked, in their reach; kept encrypted until it is taken."""
    out, asked = BytesIO(), run.params.get("query") or {}
    with force_locale("en" if run.params.get("language") == "en" else "zh_Hans_CN"):
        choices: dict[str, Any] = queries.choices(scope)
        bound = STAYS.bind(asked, choices=choices | {"q": (run.params.get("found") or {}).items()})
        rows = bound.xlsx_rows(db.session(), queries.listed(scope))
        keys = [column.key for column in STAYS.columns]
        columns = [sheets.Column(title, WIDTHS.get(key, 16)) for key, title in zip(keys, next(rows), strict=True)]
        dress = sheets.Dress(
            title=_("Stays in homes"), lines=[_("Masked: full numbers are seen on the record alone, with a reason.")],
            person=scope.person_name,
        )
        count = sheets.write_xlsx(out, columns, rows, dress)
    filters = {name: values for name, values in asked.items() if name != "q"}
    audit.record(scope, "stay.exported", entity="stay", rows=count, filters=filters)
    name = f"stays-{calendar.today():%Y%m%d}-{run.id}.xlsx"
    return {"file": files.put(out.getvalue(), secret=True), "secret": True, "name": name, "rows": count}
