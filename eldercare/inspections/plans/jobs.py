"""Each morning's round of plans; the list of planned visits as a workbook, on demand."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import audit, calendar, exports, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.inspections.plans import listing, queries, services
from eldercare.inspections.plans.rules import queries as rules


def init_app(_app: Flask) -> None:
    """What the clock owes."""
    runs.schedule(Schedule("plans_watch", lambda _scope: [Place()], hour=5))
    runs.schedule(Schedule("teams_watch", lambda _scope: [Place()], every=30))


@runs.handler("plans_watch")
def plans_watch(scope: Scope, run: Run) -> dict[str, Any]:
    """Plans begin and end, visits are made of what comes near, what is late is told: as of the Run's day."""
    return dict(services.morning(scope, date.fromisoformat(run.period), listing.terms()))


@runs.handler("teams_watch")
def teams_watch(scope: Scope, _run: Run) -> dict[str, Any]:
    """Teams that may not go any more are told to the district within the half hour."""
    return dict(services.watch_teams(scope, calendar.today()))


@runs.handler("plans_export")
def plans_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The planned visits of a list as asked, in the reach of who asked."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    plans, every = list(db.session.scalars(queries.plans(scope))), list(db.session.scalars(rules.rules(scope)))
    choices = listing.choices(facilities.townships(scope), homes, queries.inspectors(scope), plans, every)
    bound = listing.ITEMS.bind(run.params["query"], choices=choices)
    rows = bound.xlsx_rows(db.session(), queries.items(scope))
    columns = [sheets.Column(title, width=30 if at in (0, 1, 3, 6) else 16) for at, title in enumerate(next(rows))]
    lines = [
        ", ".join(f"{chip.label}: {chip.text}" for chip in bound.chips),
        _("As of %(day)s", day=calendar.today().isoformat()),
    ]
    said = _("Planned visits")
    dress = sheets.Dress(title=said, lines=[each for each in lines if each], sheet=said, person=scope.person_name)
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, dress)
    audit.record(scope, "plan.exported", entity="plan", rows=count)
    return {"file": files.put(out.getvalue()), "name": f"plans-{calendar.today().isoformat()}.xlsx", "rows": count}


@runs.handler("plans_coverage_export")
def plans_coverage_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The places of a year with what they need and had, as asked, in the reach of who asked."""
    year = run.params["year"]
    found = queries.coverage(scope, year, listing.terms(), calendar.today())
    bound = listing.covered(found, year, run.params["query"], facilities.townships(scope))
    title = _("Coverage of %(year)s", year=str(year))
    return exports.workbook(
        scope, bound, queries.places_of_year(scope, year), title=title, noun="plan", stem=f"coverage-{year}", wide=(0,),
    )  # fmt: skip
