"""Reads of a report's life: its edition, its comments, what is under way, who opened it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from eldercare.core import audit
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting.approval.models import OUT, TEXTS, ReportComment
from eldercare.reporting.models import Report

RUNS = ("report_redraw", "report_publish")
MOST_OPENED = 30


def _same_edition(one: Report) -> tuple[ColumnElement[bool], ...]:
    return (*reporting.same_report(one), Report.edition == one.edition)


def lock(scope: Scope, report_id: int) -> list[Report]:
    """Every language of an edition, the asked one first, held until the transaction ends; 404 out of reach."""
    one = reporting.report(scope, report_id)
    query = scope.select(Report).where(*_same_edition(one)).order_by(Report.id).with_for_update()
    for _ in range(2):  # a language that was added while this waited is seen the second time
        rows = list(db.session.scalars(query.execution_options(populate_existing=True)))
    return sorted(rows, key=lambda row: row.id != report_id)


def edition(scope: Scope, one: Report) -> list[Report]:
    """Every language of an edition, the asked one first."""
    query = scope.select(Report).where(*_same_edition(one)).order_by(Report.id)
    rows = db.session.scalars(query.execution_options(populate_existing=True))
    return sorted(rows, key=lambda row: row.id != one.id)


def others(scope: Scope, one: Report) -> list[Report]:
    """The other editions of the same report in the same language that are published or withdrawn, the newest first."""
    query = scope.select(Report).where(
        *reporting.same_report(one), Report.edition != one.edition, Report.language == one.language, Report.state.in_(OUT)
    )
    return list(db.session.scalars(query.order_by(Report.edition.desc())))


def is_published(scope: Scope, kind: str, period: str, place: str) -> bool:
    """Whether a report has an edition that is published."""
    about = (Report.kind == kind, Report.period == period, Report.place == place, Report.subject == "")
    query = scope.columns(Report, Report.id).where(*about, Report.state == "published")
    return db.session.scalar(query.limit(1)) is not None


def newest(scope: Scope, period: str, place: str, language: str) -> Report | None:
    """The newest edition of a place's report of a period that the person who asks may see, in their language if there is one.

    Of the kinds that come round: one that somebody asks for of any period says nothing of where the period's report stands.
    """
    query = scope.select(Report).where(
        Report.kind.in_(reporting.coming_round()), Report.period == period, Report.place == place, Report.subject == "",
        Report.state != "withdrawn", reporting.is_ones_own(scope),
    )  # fmt: skip
    order = (Report.edition.desc(), (Report.language == language).desc(), Report.id.desc())
    return db.session.scalars(query.order_by(*order).limit(1)).one_or_none()


def before(scope: Scope, one: Report) -> Report | None:
    """The newest earlier issue of the same report and language that has words: what can be taken over as a start."""
    query = scope.select(Report).where(
        Report.kind == one.kind, Report.place == one.place, Report.subject == "", Report.language == one.language,
        Report.period < one.period, Report.texts_version > 0,
    )  # fmt: skip
    newest = query.order_by(Report.period.desc(), Report.state.in_(OUT).desc(), Report.edition.desc()).limit(12)
    return next((each for each in db.session.scalars(newest) if has_words(each)), None)


def has_words(one: Report) -> bool:
    """Whether anything was written."""
    return any(one.texts.get(part) for part in TEXTS)


def replacement(scope: Scope, one: Report) -> Report | None:
    """The edition that counts instead of a withdrawn one."""
    return scope.find(Report, one.replaced_by_id) if one.replaced_by_id else None


def comments(rows: Sequence[Report]) -> list[ReportComment]:
    """What was said about an edition in any language: open ones first, then by time."""
    query = select(ReportComment).where(ReportComment.report_id.in_([row.id for row in rows]))
    return list(db.session.scalars(query.order_by(ReportComment.resolved_at.is_not(None), ReportComment.id)))


def open_comments(rows: Sequence[Report]) -> int:
    """How many comments on an edition nobody has settled."""
    query = select(ReportComment.id).where(
        ReportComment.report_id.in_([row.id for row in rows]), ReportComment.resolved_at.is_(None)
    )
    return len(db.session.scalars(query).all())


def under_way(scope: Scope, rows: Sequence[Report]) -> list[Run]:
    """The jobs that draw an edition anew or publish it now; one that failed stays while it is still owed."""
    ids = [row.id for row in rows]
    query = scope.select(Run).where(
        Run.kind.in_(RUNS), Run.state.in_(["queued", "running", "failed"]), Run.params["report_id"].as_integer().in_(ids)
    )
    found = list(db.session.scalars(query.order_by(Run.id.desc()).limit(6)))
    behind = {row.id for row in rows if row.is_behind}
    approved = rows[0].state == "approved"
    owed = [run for run in found if (run.params["report_id"] in behind if run.kind == "report_redraw" else approved)]
    latest: dict[tuple[str, int], Run] = {}
    for run in owed:
        latest.setdefault((run.kind, run.params["report_id"]), run)
    return list(latest.values())


def history(scope: Scope, one: Report) -> list[AuditEntry]:
    """What was done to it, newest first; who opened it stands apart."""
    query = audit.history(scope, "report", one.id).where(AuditEntry.action != "report.opened")
    return list(db.session.scalars(query.limit(60)))


def opened(scope: Scope, one: Report) -> list[tuple[str, str, int, datetime]]:
    """(who, preview or download, how often, last when) of those who took it, the latest first, at most thirty."""
    how, last = AuditEntry.details["how"].as_string(), func.max(AuditEntry.at)
    about = (AuditEntry.entity == "report", AuditEntry.entity_id == one.id, AuditEntry.action == "report.opened")
    query = scope.columns(AuditEntry, AuditEntry.person_name, how, func.count(), last).where(*about)
    rows = db.session.execute(query.group_by(AuditEntry.person_name, how).order_by(last.desc()).limit(MOST_OPENED))
    return [(name, way or "", times, at) for name, way, times, at in rows]


def series(kind: str) -> str:
    """The name under which a kind of report is numbered (`core.counters`)."""
    return f"report:{kind}"


def is_number_taken(scope: Scope, kind: str, year: int, number: int | None) -> bool:
    """Whether an issue of the year has this number."""
    query = scope.columns(Report, Report.id).where(
        Report.kind == kind, Report.number_year == year, Report.number == number
    )
    return db.session.scalar(query.limit(1)) is not None
