"""What has run out is retired each night; a version as a workbook, on demand."""

from io import BytesIO
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.checklists import listing, queries, services
from eldercare.core import calendar, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope

EXPORT = "checklist_export"


def init_app(_app: Flask) -> None:
    """What the clock owes: versions that have run out, at a quarter past midnight."""
    runs.schedule(Schedule("checklists_retire", lambda _scope: [Place()], hour=0, minute=15))


@runs.handler("checklists_retire")
def checklists_retire(scope: Scope, _run: Run) -> dict[str, Any]:
    """Mark as retired what is no longer in force."""
    return {"made": services.retire_past(scope)}


@runs.handler(EXPORT)
def checklist_export(scope: Scope, run: Run) -> dict[str, Any]:
    """A version's items (or the rows of the hazard table), as asked."""
    version = queries.version(scope, run.params["version"])
    wanted, statement = listing.HAZARD_ROWS, queries.hazards_statement(scope, version.id)
    if not listing.is_hazards(version):
        wanted, statement = listing.ITEMS, queries.items_statement(scope, version.id)
    bound = wanted.bind(run.params["query"], choices=listing.area_choices(queries.areas(scope, version.id)))
    rows = bound.xlsx_rows(db.session(), statement)
    widths = {"zh": 50, "en": 50, "basis": 60, "applies": 30, "places": 30}
    next(rows)
    columns = [sheets.Column(str(each.title), widths.get(each.key, 14)) for each in wanted.columns]
    asked = _(", ").join(f"{chip.label}: {chip.text}" if chip.label else chip.text for chip in bound.chips)
    state = _("%(version)s, %(state)s", version=listing.version_name(version), state=listing.state_badge(version).word)
    lines = [line for line in (state, asked) if line]
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, sheets.Dress(listing.said(version), lines, scope.person_name))
    name = f"{version.checklist.code}-v{version.number}-{calendar.today().isoformat()}.xlsx"
    return {"file": files.put(out.getvalue()), "name": name, "rows": count}
