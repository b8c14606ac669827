"""A month in one file."""

import csv
import io
import tempfile
import zipfile
from typing import Any

from eldercare.core import audit, calendar, files, runs
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting.archive import queries

ZIP = "reports_zip"
_HEAD = ("file", "kind", "period", "place", "edition", "language", "state", "code", "pdf_sha256", "figures_sha256",
         "file_removed_on")  # fmt: skip


def ask_zip(scope: Scope, month: str) -> Run:
    """Have a month packed; period.invalid, report.no_month where there is nothing of it in reach."""
    period = queries.month(month)
    if not queries.of_month(scope, period, "zh"):
        raise Refused("report.no_month", period=month)
    return runs.enqueue(scope, ZIP, period=str(period))


def make_zip(scope: Scope, run: Run) -> dict[str, Any]:
    """Carry out the job: every report of the month in reach, newest edition, with a list of their hashes.

    Names are kinds and codes of places; never a name of anybody. PDFs are packed one at a time. Whose years are over is
    listed without its file, with the day that was removed.
    """
    rows = queries.of_month(scope, queries.month(run.period), run.params.get("language", "zh"))
    listed = io.StringIO()
    table = csv.writer(listed)
    table.writerow(_HEAD)
    with tempfile.TemporaryFile() as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:  # PDFs are compressed already
            for n, row in enumerate(rows):
                name = f"{row.period}/{row.kind}/{row.place or 'district'}-{row.language}-{row.edition}.pdf"
                if not row.is_gone:
                    made = calendar.local(row.made_at).timetuple()[:6]
                    packed.writestr(zipfile.ZipInfo(name, made), files.get(row.pdf_sha256))
                gone = calendar.local(row.file_removed_at).date().isoformat() if row.file_removed_at else ""
                table.writerow(["" if gone else name, row.kind, row.period, row.place, row.edition, row.language, row.state,
                                row.code, row.pdf_sha256, row.dataset_sha256, gone])  # fmt: skip
                if n % 10 == 0:
                    runs.progress(run.id, n, len(rows), runs.N_("Packing the reports"))
            packed.writestr("manifest.csv", "\ufeff" + listed.getvalue())
        out.seek(0)
        digest = files.put(out.read())
    audit.record(scope, "report.packed", entity="run", run_id=run.id, period=run.period, rows=len(rows))
    return {"file": digest, "name": f"reports-{run.period}.zip", "rows": len(rows)}
