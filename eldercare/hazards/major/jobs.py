"""Major hazards count as facts of the ledger of points; their list as a workbook, on demand."""

from io import BytesIO
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import audit, calendar, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.hazards.credit.models import FactKind, facts
from eldercare.hazards.major import listing, queries


def init_app(_app: Flask) -> None:
    """What counts here."""
    facts(FactKind("major_hazard", _l("Major hazard judged present"), queries.judged_facts))


@runs.handler("major_export")
def major_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The cases of a list as asked, in the reach of who asked."""
    asked = run.params["query"]
    bound = listing.listing(listing.month_of(asked)).bind(asked, choices=listing.choices(scope, facilities.townships(scope)))
    rows = bound.xlsx_rows(db.session(), queries.cases(scope))
    columns = [sheets.Column(title, width=40 if at == 1 else 16) for at, title in enumerate(next(rows))]
    said = [", ".join(f"{chip.label}: {chip.text}" for chip in bound.chips), _("As of %(day)s", day=calendar.today().isoformat())]
    dress = sheets.Dress(
        title=str(bound.title), lines=[each for each in said if each], sheet=str(bound.title), person=scope.person_name
    )
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, dress)
    audit.record(scope, "major_case.exported", entity="major_case", rows=count)
    return {"file": files.put(out.getvalue()), "name": f"major-hazards-{calendar.today().isoformat()}.xlsx", "rows": count}
