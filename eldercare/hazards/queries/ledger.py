"""Reads of hazards. Rates of a period: put right in time / due in the period (domain.md §8 row 6)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_
from sqlalchemy.orm import contains_eager, selectinload

from eldercare.core import audit
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards.models import OPEN, Hazard, HazardReply


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


def reply(scope: Scope, hazard_id: int, reply_id: int) -> HazardReply:
    """One reply of a hazard in reach; 404 otherwise."""
    own = scope.columns(HazardReply, HazardReply.id).where(HazardReply.id == reply_id, HazardReply.hazard_id == hazard_id)
    return scope.get(HazardReply, db.session.scalar(own) or 0)


def matching(text: str) -> ColumnElement[bool]:
    """Hazards whose number, source, facility, item or row of the hazard table contains the text."""
    codes = func.coalesce(Hazard.item_code, "") + " " + func.coalesce(Hazard.hazard_code, "")
    all_of_it = Hazard.number + " " + Hazard.source_label + " " + Facility.name + " " + codes
    return all_of_it.icontains(text, autoescape=True)


def was_open(day: date) -> ColumnElement[bool]:
    """Ordered by a day and not put right by it: since a recheck passed, it only waits to be closed."""
    return and_(Hazard.issued_on <= day, or_(Hazard.right_on.is_(None), Hazard.right_on > day))


def overdue(day: date) -> ColumnElement[bool]:
    """Open on a day and past their deadline, from the day after it (§5.4); what has no order is never overdue."""
    return and_(was_open(day), Hazard.due_on < day)


def replied_in_time() -> ColumnElement[bool]:
    """Waiting for the recheck of a reply given by the deadline: counted as overdue by the letter, the bureau's turn (§5.4)."""
    return and_(Hazard.state == "replied", func.coalesce(Hazard.replied_on <= Hazard.due_on, false()))


def is_found() -> ColumnElement[bool]:
    """Whatever was found and is not dismissed, put right on the spot or not."""
    return Hazard.state != "dismissed"


def found(ends: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Found between two days, either of them open."""
    first, last = ends
    return Hazard.found_on.between(first or date(1900, 1, 1), last or date(2199, 12, 31))


def issued(ends: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Ordered between two days, either of them open."""
    first, last = ends
    return and_(Hazard.issued_on >= (first or date(1900, 1, 1)), Hazard.issued_on <= (last or date(2199, 12, 31)))


def waits() -> ColumnElement[bool]:
    """Not done with: open, or reported and waiting for an officer."""
    return Hazard.state.in_(("reported", *OPEN))


def open_at(scope: Scope, facility_id: int, most: int = 50) -> list[Hazard]:
    """What is not done with at a facility, the first due first."""
    query = hazards(scope).where(Hazard.facility_id == facility_id, waits())
    return list(db.session.scalars(query.order_by(Hazard.due_on.nulls_first(), Hazard.id).limit(most)))


def overdue_at(scope: Scope, facility_id: int, day: date) -> int:
    """How many rectifications of a facility were overdue on a day: past the deadline, and not put right by then (§5.4, §6).

    One answered in time counts until its recheck has passed; one that has passed counts no more, signed off or not.
    """
    late = scope.columns(Hazard, func.count()).where(Hazard.facility_id == facility_id, overdue(day))
    return db.session.scalar(late) or 0


def of_sources(scope: Scope, kind: str, source_ids: list[int]) -> dict[int, Hazard]:
    """Hazards by the id of what ordered them."""
    query = scope.select(Hazard).where(Hazard.source_kind == kind, Hazard.source_id.in_(source_ids))
    return {each.source_id: each for each in db.session.scalars(query)}


def history(scope: Scope, hazard_id: int) -> list[AuditEntry]:
    """What happened to a hazard, newest first."""
    return list(db.session.scalars(audit.history(scope, "hazard", hazard_id)))


@dataclass(frozen=True)
class Counts:
    """A period's hazards: `found` in it and not dismissed; `due` fell due in it, `in_time` of those put right by their deadline.

    `fixed` were put right on the spot; `open`, `overdue`, `major_open` stand at its end.
    """

    found: int
    due: int
    in_time: int
    open: int
    overdue: int
    major_open: int
    fixed: int


def _columns(first: date, last: date) -> tuple[Any, ...]:
    in_period = Hazard.due_on.between(first, last)
    conditions = (
        and_(found((first, last)), is_found()),
        in_period,
        and_(in_period, Hazard.right_on <= Hazard.due_on),
        was_open(last),
        overdue(last),  # by that day: what became late afterwards is of the next period
        and_(was_open(last), Hazard.severity == "major"),
        and_(found((first, last)), Hazard.fixed_on_spot),
    )
    return tuple(func.count(case((each, 1))) for each in conditions)


def counts(scope: Scope, first: date, last: date) -> Counts:
    """Hazards of a period as they stood at the end of its last day."""
    return Counts(*db.session.execute(scope.columns(Hazard, *_columns(first, last))).one())


def counts_by_place(scope: Scope, first: date, last: date) -> dict[int, Counts]:
    """The same by facility id; places without any hazard at all are left out."""
    query = scope.columns(Hazard, Hazard.facility_id, *_columns(first, last)).group_by(Hazard.facility_id)
    return {row[0]: Counts(*row[1:]) for row in db.session.execute(query)}


def falling_due(scope: Scope, day: date, last: date) -> dict[str, tuple[int, int]]:
    """By severity, of the hazards open at the end of a day: (overdue then, due on it or after it until `last`).

    What was due on that very day is overdue from the next on (§5.4), and is counted with what falls due.
    """
    soon = Hazard.due_on.between(day, last)
    columns = (Hazard.severity, func.count(case((overdue(day), 1))), func.count(case((soon, 1))))
    query = scope.columns(Hazard, *columns).where(was_open(day))
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query.group_by(Hazard.severity))}


def waiting(scope: Scope, day: date) -> dict[str, int]:
    """What waits today: {"to_confirm", "to_receive", "to_put_right", "to_recheck", "overdue", "replied_in_time"}.

    "replied_in_time" is a part of "overdue": past the deadline, answered by it, not rechecked yet.
    """

    def count(condition: ColumnElement[bool]) -> Any:
        return func.count(case((condition, 1)))

    query = scope.columns(
        Hazard,
        count(Hazard.state == "reported"),
        count(Hazard.state == "issued"),
        count(Hazard.state.in_(["received", "in_progress", "recheck_failed"])),
        count(Hazard.state == "replied"),
        count(overdue(day)),
        count(and_(overdue(day), replied_in_time())),
    )
    names = ("to_confirm", "to_receive", "to_put_right", "to_recheck", "overdue", "replied_in_time")
    return dict(zip(names, db.session.execute(query).one(), strict=True))


def replies_of(scope: Scope, hazard_ids: list[int]) -> dict[int, list[HazardReply]]:
    """By hazard id, what its place replied, in order."""
    query = scope.select(HazardReply).where(HazardReply.hazard_id.in_(hazard_ids))
    found: dict[int, list[HazardReply]] = {}
    for each in db.session.scalars(query.order_by(HazardReply.hazard_id, HazardReply.seq)):
        found.setdefault(each.hazard_id, []).append(each)
    return found
