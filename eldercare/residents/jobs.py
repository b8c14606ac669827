"""Work about people done outside a request: the masked workbook of a list."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from eldercare.core import audit, calendar, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.residents import queries
from eldercare.residents.listing import EXPORT

EXPORT_KIND = "residents_export"
WIDTHS = {"village": 18, "facility": 22, "household_type": 22, "living_arrangement": 18, "ability_level": 18, "id_number": 22}


def write_workbook(
    scope: Scope, target: str | Path | BinaryIO, query: Mapping[str, Any] | None = None, found: Mapping[str, str] | None = None,
    run: Run | None = None,
) -> int:
    """Everyone a list narrows to, masked, with who made it and when on every sheet; returns the rows, and logs them."""
    places = queries.choices(scope, next(iter((query or {}).get("township", [])), ""))
    choices: dict[str, Any] = {kind: [(value, zh) for value, zh, _en in rows] for kind, rows in places.items()}
    bound = EXPORT.bind(query or {}, choices=choices | {"q": (found or {}).items()})
    rows = bound.xlsx_rows(db.session(), queries.listed(scope))
    keys = [column.key for column in EXPORT.columns]
    columns = [sheets.Column(title, WIDTHS.get(key, 12)) for key, title in zip(keys, next(rows), strict=True)]
    lines = [_("Masked: full numbers are seen on the record alone, with a reason.")]
    dress = sheets.Dress(title=_("Older people on the register"), lines=lines, person=scope.person_name)
    count = sheets.write_xlsx(target, columns, _watched(rows, run), dress)
    limit = current_app.config["EXPORT_APPROVAL_ROWS"]
    filters = {name: values for name, values in (query or {}).items() if name != "q"}
    audit.record(scope, "resident.exported", entity="resident", rows=count, filters=filters, above_limit=count > limit)
    return count


def _watched(rows: Iterator[list[Any]], run: Run | None) -> Iterator[list[Any]]:
    """The rows, telling the Run how far they are."""
    for number, row in enumerate(rows, 1):
        if run is not None and number % 2000 == 0:
            runs.progress(run.id, number, run.params.get("rows"))
        yield row


@runs.handler(EXPORT_KIND)
def export(scope: Scope, run: Run) -> dict[str, Any]:
    """The workbook a person asked for; kept encrypted until it is taken."""
    out = BytesIO()
    with force_locale("en" if run.params.get("language") == "en" else "zh_Hans_CN"):
        rows = write_workbook(scope, out, run.params.get("query"), run.params.get("found"), run)
    name = f"residents-{calendar.today():%Y%m%d}-{run.id}.xlsx"
    return {"file": files.put(out.getvalue(), secret=True), "secret": True, "name": name, "rows": rows}
