"""The list of free beds as a workbook, on demand."""

from io import BytesIO
from typing import Any

from flask_babel import gettext as _

from eldercare.beds import listing, queries
from eldercare.core import calendar, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities

EXPORT = "vacancy_export"


@runs.handler(EXPORT)
def export(scope: Scope, run: Run) -> dict[str, Any]:
    """The free beds of a list as asked, in the reach of who asked."""
    bound = listing.VACANCY.bind(run.params["query"], choices=listing.choices(facilities.townships(scope)))
    rows = bound.xlsx_rows(db.session(), queries.offers(scope))
    columns = [sheets.Column(title, width=30 if not at else 16) for at, title in enumerate(next(rows))]
    asked = ", ".join(f"{chip.label}: {chip.text}" if chip.label else chip.text for chip in bound.chips)
    lines = [line for line in (asked, _("As of %(day)s", day=calendar.today().isoformat())) if line]
    out = BytesIO()
    dress = sheets.Dress(title=_("Free beds"), lines=lines, person=scope.person_name, sheet=_("Free beds"))
    count = sheets.write_xlsx(out, columns, rows, dress)
    return {"file": files.put(out.getvalue()), "name": f"free-beds-{calendar.today().isoformat()}.xlsx", "rows": count}
