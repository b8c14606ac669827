"""Figures over hazards for boards, reports and risks: age, repetition, by item, by township. Rules: domain.md §5.4, §8."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.orm import aliased

from eldercare.checklists.models import ChecklistItem
from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township
from eldercare.hazards.models import Hazard
from eldercare.hazards.queries.ledger import found, hazards, is_found, overdue, was_open

# days since the order: (code, from, to)
AGES: tuple[tuple[str, int, int | None], ...] = (
    ("week", 0, 7), ("fortnight", 8, 15), ("month", 16, 30), ("two_months", 31, 60), ("longer", 61, None),
)  # fmt: skip
_repeat = {"months": 12}
before = aliased(Hazard)  # made once: its columns cost more than the question


def repeats_within(months: int) -> None:
    """Within how many months the same item at the same place is a repeat: as the settings say (from `jobs.py`)."""
    _repeat["months"] = months


def _since() -> Any:
    """The first day on which the same item makes a hazard a repeat."""
    return cast(Hazard.found_on - cast(f"{_repeat['months']} months", INTERVAL), Date)


def findings_of(scope: Scope, facility_id: int, first: date | None = None, last: date | None = None) -> list[Hazard]:
    """What was found at a place between two days (either open), dismissed reports left out, the newest first."""
    query = hazards(scope).where(Hazard.facility_id == facility_id, is_found(), found((first, last)))
    return list(db.session.scalars(query.order_by(Hazard.found_on.desc(), Hazard.id.desc())))


# ---- age --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Age:
    """Open hazards of an age: how many, and how many of them serious, major, overdue."""

    code: str
    count: int
    serious: int
    major: int
    overdue: int


def aged(code: str, day: date) -> ColumnElement[bool]:
    """Hazards of an age on a day, counted from the order."""
    least, most = next((low, high) for name, low, high in AGES if name == code)
    oldest = date(1900, 1, 1) if most is None else day - timedelta(most)
    return and_(was_open(day), Hazard.issued_on.between(oldest, day - timedelta(least)))


def ageing(scope: Scope, day: date) -> list[Age]:
    """Open hazards on a day by how long ago they were ordered, every age in order."""

    def count(condition: ColumnElement[bool]) -> Any:
        return func.count(case((condition, 1)))

    columns = []
    for code, _low, _high in AGES:
        here = aged(code, day)
        columns += [
            count(here), count(and_(here, Hazard.severity == "serious")), count(and_(here, Hazard.severity == "major")),
            count(and_(here, overdue(day))),
        ]  # fmt: skip
    row = db.session.execute(scope.columns(Hazard, *columns)).one()
    return [Age(code, *row[4 * n : 4 * n + 4]) for n, (code, _low, _high) in enumerate(AGES)]


# ---- repetition -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Repeat:
    """An item found wrong again at a place: how many `times` from `since` to `last_on`, and the hazard of the last time."""

    facility_id: int
    facility: str
    item_code: str
    zh: str
    en: str
    times: int
    since: date
    last_on: date
    hazard_id: int


def is_repeat() -> ColumnElement[bool]:
    """Hazards whose item was found wrong at the same place within the months before."""
    since = _since()
    return exists(
        select(before.id).where(
            before.facility_id == Hazard.facility_id, before.item_code == Hazard.item_code, before.state != "dismissed",
            before.found_on < Hazard.found_on, before.found_on >= since,
        )
    )  # fmt: skip


def repeat(scope: Scope, first: date, last: date) -> list[Repeat]:
    """Items found wrong again between two days, the most frequent first."""
    since = _since()
    times = (
        select(func.count())
        .where(
            before.facility_id == Hazard.facility_id, before.item_code == Hazard.item_code, before.state != "dismissed",
            before.found_on.between(since, Hazard.found_on),
        )
        .scalar_subquery()
    )  # fmt: skip
    rank = func.row_number().over(
        partition_by=(Hazard.facility_id, Hazard.item_code), order_by=(Hazard.found_on.desc(), Hazard.id.desc())
    )
    newest = (
        scope.columns(
            Hazard, Hazard.id, Hazard.facility_id, Facility.name, Hazard.item_code, ChecklistItem.zh, ChecklistItem.en,
            times.label("times"), since.label("since"), Hazard.found_on, rank.label("rank"),
        )
        .join(Facility, Facility.id == Hazard.facility_id)
        .join(ChecklistItem, and_(ChecklistItem.version_id == Hazard.item_version_id, ChecklistItem.code == Hazard.item_code))
        .where(found((first, last)), is_found(), is_repeat())
        .subquery()
    )  # fmt: skip
    query = select(newest).where(newest.c.rank == 1).order_by(newest.c.times.desc(), newest.c.found_on.desc(), newest.c.id)
    return [
        Repeat(row.facility_id, row.name, row.item_code, row.zh, row.en, row.times, row.since, row.found_on, row.id)
        for row in db.session.execute(query)
    ]


# ---- by item, by township ---------------------------------------------------------------------------


@dataclass(frozen=True)
class ByItem:
    """An item of the checklists and how often it was found wrong; `area` is the code's middle part (INS-FIR-01: FIR)."""

    item_code: str
    zh: str
    en: str
    count: int
    places: int
    grave: int

    @property
    def area(self) -> str:
        """The area of the list it stands in."""
        return self.item_code.split("-")[1] if self.item_code.count("-") > 1 else self.item_code


def by_item(scope: Scope, first: date, last: date, most: int | None = None) -> list[ByItem]:
    """What was found between two days by the item it breaks, the most frequent first; `grave`: serious or major."""
    grave = case((Hazard.severity != "general", 1))
    counted = (
        scope.columns(
            Hazard, Hazard.item_code, func.max(Hazard.item_version_id).label("version_id"), func.count().label("times"),
            func.count(Hazard.facility_id.distinct()).label("places"), func.count(grave).label("grave"),
        )
        .where(found((first, last)), is_found(), Hazard.item_code.is_not(None))
        .group_by(Hazard.item_code)
        .subquery()
    )  # fmt: skip
    query = (
        scope.columns(ChecklistItem, counted, ChecklistItem.zh, ChecklistItem.en)
        .join(counted, and_(counted.c.version_id == ChecklistItem.version_id, counted.c.item_code == ChecklistItem.code))
        .order_by(counted.c.times.desc(), counted.c.item_code)
    )
    rows = db.session.execute(query if most is None else query.limit(most))
    return [ByItem(row.item_code, row.zh, row.en, row.times, row.places, row.grave) for row in rows]


@dataclass(frozen=True)
class ByTownship:
    """A township's hazards: found in a period; open, overdue, major and open at its end."""

    township_id: int
    code: str
    name: str
    name_en: str
    found: int
    open: int
    overdue: int
    major_open: int


def by_township(scope: Scope, first: date, last: date, *, most: int | None = None) -> list[ByTownship]:
    """Hazards by township, those with most open first; townships without any are left out."""

    def count(condition: ColumnElement[bool]) -> Any:
        return func.count(case((condition, 1)))

    open_now = was_open(last)
    query = (
        scope.columns(
            Hazard, Township.id, Township.code, Township.short_name, Township.name_en,
            count(and_(found((first, last)), is_found())),
            count(open_now), count(overdue(last)), count(and_(open_now, Hazard.severity == "major")),
        )
        .join(Township, Township.id == Hazard.township_id)
        .where(or_(open_now, found((first, last))))
        .group_by(Township.id)
        .order_by(count(open_now).desc(), Township.code)
    )  # fmt: skip
    return [ByTownship(*row) for row in db.session.execute(query if most is None else query.limit(most))]


def by_month(scope: Scope, months: Sequence[calendar.Month]) -> list[tuple[calendar.Month, int, int]]:
    """(month, found in it, put right in it), for the months given."""
    first, last = months[0].first, months[-1].last

    def monthly(day: Any, *conditions: Any) -> dict[str, int]:
        month = func.to_char(day, "YYYY-MM")
        query = scope.columns(Hazard, month, func.count()).where(day.between(first, last), *conditions).group_by(month)
        return {row[0]: row[1] for row in db.session.execute(query)}

    came, went = monthly(Hazard.found_on, is_found()), monthly(Hazard.right_on)
    return [(month, came.get(str(month), 0), went.get(str(month), 0)) for month in months]
