"""Reads of visits. A home's reads go through `shown`: it sees nothing before its moment (domain.md §5.2)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from eldercare.accounts.officers.models import Officer
from eldercare.checklists.checks.models import Check
from eldercare.core import audit
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.inspections.models import RecordCheck, Visit, VisitList, VisitOfficer, VisitRecord


def visits(scope: Scope) -> Select[Any]:
    """Visits in reach with place, township and officers."""
    return (
        scope.select(Visit)
        .join(Visit.facility)
        .join(Facility.township)
        .options(contains_eager(Visit.facility).contains_eager(Facility.township), with_officers())
    )


def with_officers() -> Any:
    """The officers of each visit with their names."""
    return selectinload(Visit.officers).joinedload(VisitOfficer.officer).joinedload(Officer.user)


def shown() -> ColumnElement[bool]:
    """What a home may see."""
    return Visit.shown_at.is_not(None)


def visit(scope: Scope, visit_id: int) -> Visit:
    """One visit in reach with officers, lists and records; 404 otherwise."""
    whole = (selectinload(Visit.lists).joinedload(VisitList.version), selectinload(Visit.records))
    row: Visit | None = db.session.scalars(visits(scope).options(*whole).where(Visit.id == visit_id)).one_or_none()
    return row if row is not None else scope.get(Visit, visit_id)


def of_officer(scope: Scope, officer_id: int, first: date, last: date) -> list[Visit]:
    """The visits of an officer between two days, by day and hour."""
    mine = scope.columns(VisitOfficer, VisitOfficer.visit_id).where(VisitOfficer.officer_id == officer_id)
    query = visits(scope).where(Visit.id.in_(mine), Visit.planned_on.between(first, last))
    return list(db.session.scalars(query.order_by(Visit.planned_on, Visit.window_from, Visit.id)))


def officers_of(scope: Scope, visit_ids: Sequence[int]) -> list[VisitOfficer]:
    """Who goes on which visit, lead first."""
    query = scope.select(VisitOfficer).options(joinedload(VisitOfficer.officer).joinedload(Officer.user))
    query = query.where(VisitOfficer.visit_id.in_(visit_ids)).order_by(VisitOfficer.visit_id, VisitOfficer.seat)
    return list(db.session.scalars(query))


def is_late(day: date) -> ColumnElement[bool]:
    """Planned for a day before `day`, and no record yet."""
    return and_(Visit.state == "planned", Visit.planned_on < day)


def history(scope: Scope, visit_id: int) -> list[AuditEntry]:
    """What happened to a visit, newest first."""
    return list(db.session.scalars(audit.history(scope, "visit", visit_id)))


class Said(NamedTuple):
    """What a visit's paper is drawn from: a record, or a draft of one (no hash, revision 0). `checks`: {version id: check id}."""

    body: str
    sha256: str | None
    revision: int
    reason: str | None
    at: datetime
    checks: dict[int, int]


def record_text(scope: Scope, visit: Visit) -> Said:
    """The newest record of a visit; report.no_paper where there is none."""
    query = scope.select(VisitRecord).where(VisitRecord.visit_id == visit.id).order_by(VisitRecord.revision.desc()).limit(1)
    record: VisitRecord | None = db.session.scalars(query).one_or_none()
    if record is None:
        raise Refused("report.no_paper")
    pairs = (
        scope.columns(RecordCheck, Check.version_id, Check.id)
        .join(Check, Check.id == RecordCheck.check_id)
        .where(RecordCheck.record_id == record.id)
    )
    checks = {row[0]: row[1] for row in db.session.execute(pairs)}
    return Said(record.body, record.sha256, record.revision, record.reason, record.received_at, checks)
