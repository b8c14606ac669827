"""Reads of hazards. Rates of a period: put right in time / due in the period (domain.md §8 row 6)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_
from sqlalchemy.orm import contains_eager, selectinload

from eldercare.core import audit
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards.models import OPEN, Hazard


def hazards(scope: Scope) -> Select[Any]:
    """Hazards in reach with their facility and its township."""
    return (
        scope.select(Hazard)
        .join(Hazard.facility)
        .join(Facility.township)
        .options(contains_eager(Hazard.facility).contains_eager(Facility.township))
    )


def hazard(scope: Scope, hazard_id: int) -> Hazard:
    """One hazard in reach with its facility and replies; 404 otherwise."""
    query = hazards(scope).options(selectinload(Hazard.replies)).where(Hazard.id == hazard_id)
    row: Hazard | None = db.session.scalars(query).one_or_none()
    return row if row is not None else scope.get(Hazard, hazard_id)


def matching(text: str) -> ColumnElement[bool]:
    """Hazards whose number, source or facility contains the text."""
    both = Hazard.number + " " + Hazard.source_label + " " + Facility.name
    return both.icontains(text, autoescape=True)


def overdue(day: date) -> ColumnElement[bool]:
    """Past their deadline on a day, or put right after it."""
    return func.coalesce(Hazard.right_on, day) > Hazard.due_on


def issued(ends: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Ordered between two days, either of them open."""
    first, last = ends
    return and_(Hazard.issued_on >= (first or date(1900, 1, 1)), Hazard.issued_on <= (last or date(2199, 12, 31)))


def is_open() -> ColumnElement[bool]:
    """Not closed yet."""
    return Hazard.state.in_(OPEN)


def open_at(scope: Scope, facility_id: int, most: int = 50) -> list[Hazard]:
    """Open hazards of a facility, the first due first."""
    query = hazards(scope).where(Hazard.facility_id == facility_id, is_open())
    return list(db.session.scalars(query.order_by(Hazard.due_on, Hazard.id).limit(most)))


def of_sources(scope: Scope, kind: str, source_ids: list[int]) -> dict[int, Hazard]:
    """Hazards by the id of what ordered them."""
    query = scope.select(Hazard).where(Hazard.source_kind == kind, Hazard.source_id.in_(source_ids))
    return {each.source_id: each for each in db.session.scalars(query)}


def history(scope: Scope, hazard_id: int) -> list[AuditEntry]:
    """What happened to a hazard, newest first."""
    return list(db.session.scalars(audit.history(scope, "hazard", hazard_id)))


@dataclass(frozen=True)
class Counts:
    """A period's hazards: `due` fell due in it, `in_time` of those were put right by their deadline."""

    found: int
    due: int
    in_time: int
    open: int
    overdue: int
    major_open: int


def counts(scope: Scope, first: date, last: date) -> Counts:
    """Hazards of a period as they stood at the end of its last day."""
    was_open = and_(Hazard.issued_on <= last, or_(Hazard.right_on.is_(None), Hazard.right_on > last))
    in_period = Hazard.due_on.between(first, last)

    def count(condition: ColumnElement[bool]) -> Any:
        return func.count(case((condition, 1)))

    query = scope.columns(
        Hazard,
        count(Hazard.issued_on.between(first, last)),
        count(in_period),
        count(and_(in_period, Hazard.right_on <= Hazard.due_on)),
        count(was_open),
        count(and_(was_open, Hazard.due_on < last)),
        count(and_(was_open, Hazard.severity == "major")),
    )
    return Counts(*db.session.execute(query).one())


def waiting(scope: Scope, day: date) -> dict[str, int]:
    """What waits today: {"to_receive", "to_put_right", "to_recheck", "overdue"}."""

    def count(condition: ColumnElement[bool]) -> Any:
        return func.count(case((condition, 1)))

    query = scope.columns(
        Hazard,
        count(Hazard.state == "issued"),
        count(Hazard.state.in_(["received", "in_progress", "recheck_failed"])),
        count(Hazard.state == "replied"),
        count(and_(is_open(), overdue(day))),
    )
    return dict(zip(("to_receive", "to_put_right", "to_recheck", "overdue"), db.session.execute(query).one(), strict=True))
