"""The list of visits as a workbook, on demand."""

from io import BytesIO
from typing import Any

from flask_babel import gettext as _

from eldercare.core import audit, calendar, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.inspections import listing, queries


@runs.handler("visits_export")
def visits_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The visits of a list as asked, in the reach of who asked."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    offered = listing.choices(facilities.townships(scope), homes, queries.officers_named(scope))
    bound = listing.VISITS.bind(run.params["query"], choices=offered)
    rows = bound.xlsx_rows(db.session(), queries.listed(scope))
    columns = [sheets.Column(title, width=36 if at == 1 else 18) for at, title in enumerate(next(rows))]
    lines = [
        ", ".join(f"{chip.label}: {chip.text}" for chip in bound.chips),
        _("As of %(day)s", day=calendar.today().isoformat()),
    ]
    dress = sheets.Dress(title=_("Visits"), lines=[each for each in lines if each], sheet=_("Visits"), person=scope.person_name)
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, dress)
    audit.record(scope, "visits.exported", entity="visit", rows=count)
    return {"file": files.put(out.getvalue()), "name": f"visits-{calendar.today().isoformat()}.xlsx", "rows": count}
