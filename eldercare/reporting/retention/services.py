"""Keeping longer, removing files whose years are over, and what goes of itself. lock → judge → change → record.

The row stays for ever: what tells the edition apart, its hashes, its code, who stands for it. File, figures and words go. The
tools it was drawn with stay, as long as any row names them: they hold nothing about anybody. The clock proposes by a rule the
database holds as well, and one person confirms: until then whoever has a reason keeps it longer, and that wins.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete

from eldercare.core import alerts, audit, calendar, files
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting.approval.models import ReportComment
from eldercare.reporting.models import Report
from eldercare.reporting.retention import queries
from eldercare.reporting.retention.models import DUE, MOST, DueList


def must_be_some(editions: Sequence[tuple[Any, ...]]) -> None:
    """That an act is about something, and not about more than it takes; retention.none, retention.too_many."""
    if not editions:
        raise Refused("retention.none")
    if len(editions) > MOST:
        raise Refused("retention.too_many", most=MOST)


def keep_longer(scope: Scope, editions: Sequence[tuple[Any, ...]], until: date, reason: str) -> int:
    """Keep the files of some editions until a later day, for a reason; how many. retention.later_needed, report.file_gone."""
    rows = queries.lock(scope, editions)
    if not rows:
        raise Refused("report.file_gone")
    latest = max(row.keep_until for row in rows if row.keep_until)
    if until <= latest:
        raise Refused("retention.later_needed", field="until", until=latest)
    for row in rows:
        was, row.keep_until, row.keep_reason = row.keep_until, until, reason
        audit.record(scope, "report.kept_longer", row, reason=reason, keep_until=until, was_until=was)
    propose(scope)
    return len(rows)


def remove(scope: Scope, editions: Sequence[tuple[Any, ...]], count: int) -> int:
    """Remove file, figures and words of editions whose years are over. `count`: how many files the person said they are.

    Refused: retention.not_due (somebody kept one longer meanwhile), retention.count_wrong, report.file_gone.
    """
    rows = queries.lock(scope, editions)
    if not rows:
        raise Refused("report.file_gone")
    if not all(row.is_due for row in rows):
        raise Refused("retention.not_due")
    if len(rows) != count:
        raise Refused("retention.count_wrong", field="count", count=len(rows))
    _drop_files(scope, rows)
    now = calendar.now()
    for row in rows:
        row.file_removed_at, row.file_removed_by = now, scope.person_name
        row.dataset, row.imprint, row.texts = {}, {}, {}
        audit.record(scope, "report.file_removed", row, keep_until=row.keep_until, reason=row.keep_reason,
                     pdf_sha256=row.pdf_sha256, dataset_sha256=row.dataset_sha256)  # fmt: skip
    propose(scope)
    return len(rows)


def propose(scope: Scope) -> int:
    """Tell those who may confirm that something is due, once; settle it when nothing is. How many files."""
    db.session.flush()
    due = queries.standing(scope).due
    if due:
        alerts.tell(scope, DUE.name, DueList(), level="district", again=True)
    else:
        alerts.settle(scope, DueList(), DUE.name)
    return due


def _drop_files(scope: Scope, rows: Sequence[Report]) -> None:
    """The files and the small pictures that were made for them alone: while the figures that name these are still there."""
    ids = [row.id for row in rows]
    held = queries.needed(scope, [row.pdf_sha256 for row in rows], ids)
    for row in rows:
        if row.pdf_sha256 not in held:
            files.drop_once_committed(row.pdf_sha256, secret=row.is_paper)
    for digest in queries.photos_of(scope, ids):
        files.drop_once_committed(digest, secret=True)


# ---- every night ----------------------------------------------------------------------------------


def tidy(scope: Scope, drafts_before: datetime, adhoc_before: datetime) -> list[str]:
    """Remove what is nobody's official record and old, rows and files; what it was, by kind, period, place and edition."""
    over = queries.abandoned(scope, drafts_before, adhoc_before)
    _drop_files(scope, over)  # it asks, so before the first entry: from there until the commit every other writer waits
    for row in over:
        alerts.settle(scope, row)
        audit.record(scope, "report.let_go", row, kind=row.kind, period=row.period, place=row.place, edition=row.edition,
                     language=row.language, code=row.code, pdf_sha256=row.pdf_sha256)  # fmt: skip
    ids = [row.id for row in over]
    if ids:
        said = delete(ReportComment).where(ReportComment.report_id.in_(ids)).execution_options(audited="report_comment.let_go")
        if getattr(db.session.execute(said), "rowcount", 0):
            audit.record(scope, "report_comment.let_go", entity="report_comment", report_ids=ids)
        db.session.execute(delete(Report).where(Report.id.in_(ids), scope.where(Report)))
    return [f"{row.kind} {row.period} {row.place or 'district'} {row.language} {row.edition}" for row in over]


def sweep(scope: Scope, run: Run, before: datetime) -> int:
    """Files that jobs made go after their days, whatever kind of job: all of them were made to be taken away. How many.

    The job says so and can be asked for anew. Registers are among them: PIPL arts. 19, 47.
    """
    over = queries.files_of_jobs(scope, before)
    held = queries.files_still_needed(scope, [each.result["file"] for each in over], [each.id for each in over])
    for each in over:
        if each.result["file"] not in held:
            files.drop_once_committed(each.result["file"], secret=bool(each.result.get("secret")))
        each.result = {key: value for key, value in each.result.items() if key != "file"} | {"removed": True}
    db.session.flush()
    audit.record(scope, "report.files_removed", entity="run", run_id=run.id, rows=len(over))
    return len(over)
