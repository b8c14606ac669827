"""A list as a workbook, as asked, in the reach of who asked: what every export Run does."""

from io import BytesIO
from typing import Any

from flask_babel import gettext as _

from eldercare.core import audit, calendar, files, sheets
from eldercare.core.db import db
from eldercare.core.scope import Scope


def workbook(
    scope: Scope, bound: Any, statement: Any, *, title: str, noun: str, stem: str, wide: tuple[int, ...] = ()
) -> dict[str, Any]:
    """The result of an export's Run: {"file", "name", "rows"}.

    `bound`: a Listing bound to the query it was asked with; `noun`: whose `noun.exported` is logged; `stem`: the file's name
    before the day; `wide`: numbers of the columns that hold sentences.
    """
    rows = bound.xlsx_rows(db.session(), statement)
    columns = [sheets.Column(head, width=40 if at in wide else 16) for at, head in enumerate(next(rows))]
    lines = [
        ", ".join(f"{chip.label}: {chip.text}" for chip in bound.chips),
        _("As of %(day)s", day=calendar.today().isoformat()),
    ]
    dress = sheets.Dress(title=title, lines=[each for each in lines if each], sheet=title, person=scope.person_name)
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, dress)
    audit.record(scope, f"{noun}.exported", entity=noun, rows=count)
    return {"file": files.put(out.getvalue()), "name": f"{stem}-{calendar.today().isoformat()}.xlsx", "rows": count}
