"""Reads of family care beds. They are never added to institution beds (domain.md §3.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Township
from eldercare.homecare.models import FamilyCareBed

SERVED = ("active", "paused", "closed")  # a service that has begun; before that nobody is served


@dataclass(frozen=True)
class FamilyBeds:
    """Family care beds of a township (None, None: the total) at 24:00 of a day."""

    township_id: int | None
    township: str | None
    beds: int


def _open(day: Any) -> ColumnElement[bool]:
    bed = FamilyCareBed
    return and_(bed.state.in_(SERVED), bed.starts_on <= day, or_(bed.ends_on.is_(None), bed.ends_on > day))


def family_bed_counts(scope: Scope, day: date) -> tuple[list[FamilyBeds], FamilyBeds]:
    """Beds in service at 24:00 of the day: (a line for each township in reach that has one, the total).

    A paused bed counts: the service is agreed and goes on. `ends_on` is the first day without it.
    """
    query = (
        scope.columns(FamilyCareBed, Township.id, Township.name, func.count())
        .join(Township, Township.id == FamilyCareBed.township_id)
        .where(_open(day))
        .group_by(Township.id)
        .order_by(Township.code)
    )
    rows = [FamilyBeds(*row) for row in db.session.execute(query)]
    return rows, FamilyBeds(None, None, sum(row.beds for row in rows))


def family_bed_trend(
    scope: Scope, last_month: Month, months: int = 13, *, until: date = date.max
) -> list[tuple[Month, int]]:
    """Beds in service at the end of each month (of `until`, where that comes first), oldest first: [(month, beds)]."""
    wanted: Sequence[Month] = [last_month.plus(n) for n in range(1 - months, 1)]
    days = {month: min(month.last, until) for month in wanted}
    ends = select(func.unnest(literal(list(days.values()), ARRAY(Date))).label("day")).subquery()
    count = (
        scope.columns(FamilyCareBed, func.count()).where(_open(ends.c.day)).correlate(ends).scalar_subquery()
    )
    found = {row[0]: row[1] for row in db.session.execute(select(ends.c.day, count))}
    return [(month, found[days[month]]) for month in wanted]


@dataclass(frozen=True)
class BedMoves:
    """A period's family care beds: opening + started − ended = closing, each counted for itself.

    opening: in service at 24:00 of the day before the period. `paused` of the closing ones rest today.
    """

    opening: int = 0
    started: int = 0
    ended: int = 0
    closing: int = 0
    paused: int = 0

    def __add__(self, other: "BedMoves") -> "BedMoves":
        """Both together."""
        names = ("opening", "started", "ended", "closing", "paused")
        return BedMoves(*(getattr(self, name) + getattr(other, name) for name in names))


def family_bed_moves(scope: Scope, first: date, last: date) -> dict[int, BedMoves]:
    """By township id, what came into service and left it between two days; townships without any are left out."""
    bed = FamilyCareBed
    begun = bed.state.in_(SERVED)
    query = (
        scope.columns(
            bed, bed.township_id,
            func.count().filter(_open(first - timedelta(days=1))),
            func.count().filter(and_(begun, bed.starts_on.between(first, last))),
            func.count().filter(and_(begun, bed.ends_on.between(first, last))),
            func.count().filter(_open(last)),
            func.count().filter(and_(bed.state == "paused", _open(last))),
        )
        .where(begun)
        .group_by(bed.township_id)
    )  # fmt: skip
    return {row[0]: BedMoves(*row[1:]) for row in db.session.execute(query)}


def family_beds_waiting(scope: Scope) -> dict[str, int]:
    """Homes on their way to a family care bed today, by state: applied, surveyed, adapted, accepted."""
    query = scope.columns(FamilyCareBed, FamilyCareBed.state, func.count()).where(FamilyCareBed.state.not_in(SERVED))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(FamilyCareBed.state))}


def family_bed_devices(scope: Scope, day: date) -> dict[str, int]:
    """How many beds in service have a device of each kind, the commonest first; their being online is not kept yet."""
    device = func.unnest(FamilyCareBed.devices).label("device")
    query = scope.columns(FamilyCareBed, device, func.count()).where(_open(day))
    rows = db.session.execute(query.group_by(device).order_by(func.count().desc(), device))
    return {row[0]: row[1] for row in rows}
