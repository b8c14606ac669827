"""The reminder of overdue hazards, and the steps proposed, each morning; the list as a workbook, on demand."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import audit, calendar, files, runs, sheets
from eldercare.core.columns import plain, reader_of
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.hazards.ladder import listing, queries, services


def init_app(_app: Flask) -> None:
    """What the clock owes: after the morning's round over hazards."""
    runs.schedule(Schedule("ladder_watch", lambda _scope: [Place()], hour=6, minute=10))


@runs.handler("ladder_watch")
def ladder_watch(scope: Scope, run: Run) -> dict[str, Any]:
    """Remind the homes and tell which steps are proposed on the Run's day."""
    return services.watch(scope, date.fromisoformat(run.period), listing.thresholds())


@runs.handler("ladder_export")
def ladder_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The hazards on the ladder as asked, in the reach of who asked."""
    bound = listing.LADDER.bind(run.params["query"], choices=listing.choices(facilities.townships(scope)))
    found = db.session.scalars(bound.narrowed(queries.on_ladder(scope))).all()
    readers = [reader_of(column) for column in bound.columns]
    rows = (
        [plain(read(row)) for read in readers] for row in queries.ladders(scope, found, calendar.today(), listing.thresholds())
    )
    columns = [sheets.Column(str(column.title), width=36 if at == 1 else 16) for at, column in enumerate(bound.columns)]
    said = [", ".join(f"{chip.label}: {chip.text}" for chip in bound.chips), _("As of %(day)s", day=calendar.today().isoformat())]
    title = str(bound.title)
    dress = sheets.Dress(title=title, lines=[each for each in said if each], sheet=title, person=scope.person_name)
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, dress)
    audit.record(scope, "ladder.exported", entity="ladder_step", rows=count)
    return {"file": files.put(out.getvalue()), "name": f"escalation-{calendar.today().isoformat()}.xlsx", "rows": count}
