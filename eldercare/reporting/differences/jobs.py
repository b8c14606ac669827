"""What differs between two editions as a workbook, on demand."""

from io import BytesIO
from typing import Any

from flask_babel import gettext as _

from eldercare.core import audit, files, runs, sheets
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting.differences import listing, queries


@runs.handler("differences_export")
def differences_export(scope: Scope, run: Run) -> dict[str, Any]:
    """One row a difference, in the language of who asked."""
    old, new = queries.pair(scope, run.params["report_id"], run.params["other_id"])
    found = queries.differences(old, new, run.params["language"])
    rows = [listing.line(section, change) for section in found for change in [*section.sentences, *section.changes]]
    columns = [sheets.Column(head, width=width) for head, width in listing.heads()]
    title = _("What differs between two editions")
    lines = [listing.named(each) for each in (old, new)]
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, sheets.Dress(title=title, lines=lines, sheet=title, person=scope.person_name))
    audit.record(scope, "report.compared", new, rows=count)
    name = f"differences-{old.kind}-{old.period}-{old.edition}-{new.edition}.xlsx"
    return {"file": files.put(out.getvalue()), "name": name, "rows": count}
