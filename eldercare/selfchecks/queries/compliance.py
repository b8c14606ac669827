"""How places keep their duties. rate = done in time / due; late counts as due, not as in time; what is not owed nowhere.

Due is whatever was done, or whose window is over. A round that is still open counts once it is done or over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_

from eldercare.checklists.models import ChecklistVersion
from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.selfchecks.models import COUNTED, OF_A_DAY, SelfCheckRound


@dataclass(frozen=True)
class Compliance:
    """A place's rounds of some days: `done` in time, `late`, `missed` of `due`; `open` ones are not due yet."""

    facility_id: int
    done: int = 0
    late: int = 0
    missed: int = 0
    open: int = 0

    @property
    def due(self) -> int:
        """All that count."""
        return self.done + self.late + self.missed

    @property
    def rate(self) -> float | None:
        """Done in time / due; None with nothing due."""
        return self.done / self.due if self.due else None

    @property
    def state(self) -> str | None:
        """The worst there is: missed, late, due, done; None with nothing at all."""
        worst = (("missed", self.missed), ("late", self.late), ("due", self.open), ("done", self.done))
        return next((name for name, count in worst if count), None)

    def __add__(self, other: "Compliance") -> "Compliance":
        """Both together."""
        sums = (getattr(self, name) + getattr(other, name) for name in ("done", "late", "missed", "open"))
        return Compliance(self.facility_id, *sums)


def _counts(now: datetime) -> tuple[Any, ...]:
    state, over = SelfCheckRound.state, SelfCheckRound.until_at <= now
    is_missed = or_(state == "missed", and_(state == "due", over))
    wanted = (state == "done", state == "late", is_missed, and_(state == "due", ~over))
    return tuple(func.count(case((each, 1))) for each in wanted)


def compliance(scope: Scope, first: date, last: date, facility_id: int | None = None) -> dict[int, Compliance]:
    """By facility id, the rounds of the days from first to last, both included (of a longer period its last day counts)."""
    query = scope.columns(SelfCheckRound, SelfCheckRound.facility_id, *_counts(calendar.now())).where(
        SelfCheckRound.day.between(first, last), SelfCheckRound.state != "waived"
    )
    if facility_id is not None:
        query = query.where(SelfCheckRound.facility_id == facility_id)
    found = (Compliance(*row) for row in db.session.execute(query.group_by(SelfCheckRound.facility_id)))
    return {each.facility_id: each for each in found}


def today(scope: Scope) -> dict[int, Compliance]:
    """By facility id, the rounds of today and of last night: what a first page tells."""
    now = calendar.now()
    day = calendar.today()
    night = and_(SelfCheckRound.day == day - timedelta(days=1), SelfCheckRound.duty == "patrol_night")
    query = scope.columns(SelfCheckRound, SelfCheckRound.facility_id, *_counts(now)).where(
        or_(SelfCheckRound.day == day, night), SelfCheckRound.state != "waived"
    )
    found = (Compliance(*row) for row in db.session.execute(query.group_by(SelfCheckRound.facility_id)))
    return {each.facility_id: each for each in found}


ByDay = dict[tuple[int, date], Compliance]


def by_day(scope: Scope, first: date, last: date, facility_ids: Iterable[int] | None = None) -> ByDay:
    """By facility id and day, for boards."""
    query = scope.columns(
        SelfCheckRound, SelfCheckRound.facility_id, SelfCheckRound.day, *_counts(calendar.now())
    ).where(SelfCheckRound.day.between(first, last), SelfCheckRound.state != "waived")
    if facility_ids is not None:
        query = query.where(SelfCheckRound.facility_id.in_(list(facility_ids)))
    rows = db.session.execute(query.group_by(SelfCheckRound.facility_id, SelfCheckRound.day))
    return {(row[0], row[1]): Compliance(row[0], *row[2:]) for row in rows}


def monthly(scope: Scope, first: date, last: date, facility_id: int | None = None) -> list[tuple[date, Compliance]]:
    """By month (its first day), all places in reach together (facility id 0) or one."""
    month = func.date_trunc("month", SelfCheckRound.day)
    query = scope.columns(SelfCheckRound, month, *_counts(calendar.now())).where(
        SelfCheckRound.day.between(first, last), SelfCheckRound.state.in_((*COUNTED, "due"))
    )
    if facility_id is not None:
        query = query.where(SelfCheckRound.facility_id == facility_id)
    rows = db.session.execute(query.group_by(month).order_by(month))
    return [(row[0].date(), Compliance(facility_id or 0, *row[1:])) for row in rows]


def places(scope: Scope, types: Iterable[str], kind: str | None = None) -> list[Facility]:
    """The places in reach that owe self-checks, or once did, by kind and code."""
    wanted = [each for each in types if kind in (None, each)]
    query = scope.select(Facility).where(Facility.facility_type.in_(wanted), Facility.state.in_(("operating", "suspended")))
    return list(db.session.scalars(query.order_by(Facility.facility_type, Facility.code, Facility.id)))


def ending(scope: Scope, first: date, last: date) -> dict[str, tuple[int, int]]:
    """By duty, the rounds that are still open and end between two days: (rounds, places); those of a day are left out."""
    query = scope.columns(
        SelfCheckRound, SelfCheckRound.duty, func.count(), func.count(SelfCheckRound.facility_id.distinct())
    ).where(SelfCheckRound.state == "due", SelfCheckRound.day.between(first, last), SelfCheckRound.duty.not_in(OF_A_DAY))
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query.group_by(SelfCheckRound.duty))}


@dataclass(frozen=True)
class OfDuty:
    """A place's rounds of a list's duty in some days; `answered`, `faults`: items looked at, of them not in order."""

    facility_id: int
    township_id: int
    checklist_id: int
    duty: str
    done: int
    late: int
    missed: int
    answered: int
    faults: int

    @property
    def due(self) -> int:
        """All that count."""
        return self.done + self.late + self.missed


def by_duty(scope: Scope, first: date, last: date) -> list[OfDuty]:
    """By place, list and duty, the rounds of the days from first to last: for reports, which sum them every way."""
    each = SelfCheckRound
    key = (each.facility_id, each.township_id, each.checklist_id, each.duty)
    done, late, missed, _open = _counts(calendar.now())
    query = (
        scope.columns(each, *key, done, late, missed, func.sum(each.answered), func.sum(each.faults))
        .where(each.day.between(first, last), each.state != "waived")
        .group_by(*key)
        .order_by(*key)
    )
    return [OfDuty(*row) for row in db.session.execute(query)]


def list_names(scope: Scope, checklist_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """{list id: {"zh", "en"}}, as its newest published version is called."""
    each = ChecklistVersion
    query = (
        scope.columns(each, each.checklist_id, each.zh, each.en)
        .where(each.checklist_id.in_(list(checklist_ids)), each.state != "draft")
        .order_by(each.checklist_id, each.number)
    )
    return {row[0]: {"zh": row[1], "en": row[2]} for row in db.session.execute(query)}


def named(scope: Scope, facility_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """{facility id: (code, name)}."""
    query = scope.columns(Facility, Facility.id, Facility.code, Facility.name).where(Facility.id.in_(list(facility_ids)))
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query)}

def begun(scope: Scope) -> date | None:
    """The first day a self-check was due on; None with nothing on file."""
    first: date | None = db.session.scalar(scope.columns(SelfCheckRound, func.min(SelfCheckRound.day)))
    return first
