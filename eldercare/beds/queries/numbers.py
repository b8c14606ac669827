"""How many live in homes and how they came and went. Metrics: domain.md §3.3; a day's figures stand at 24:00 of that day.

Somebody is in residence (在住) at 24:00 of a day when the stay began by then and ends later:
`starts_on <= day AND (ends_on IS NULL OR ends_on > day)`; `contracted` and earlier do not count, leave and
hospital do. Institutions alone count; family care beds never enter an occupancy rate. The numbers of beds
are those on file today (their history is not kept); an institution counts from `opened_on` to `closed_on`. A rate without
a denominator is None; one above 1 is shown as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from eldercare.beds.models import OPEN, Stay, StayBed
from eldercare.core.calendar import Month, Period
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township
from eldercare.facilities.queries import GONE
from eldercare.residents.models import AGE_BANDS, HOUSEHOLD_TYPES, SEXES, Assessment, Resident
from eldercare.residents.queries import band_of

BEGUN = (*OPEN, "discharged", "deceased")


def at_night(day: Any) -> ColumnElement[bool]:
    """A stay that counts at 24:00 of a day (a date or a date column)."""
    return and_(Stay.state.in_(BEGUN), Stay.starts_on <= day, or_(Stay.ends_on.is_(None), Stay.ends_on > day))


def is_home() -> ColumnElement[bool]:
    """An institution that has opened, whatever became of it."""
    return and_(Facility.facility_type == "institution", Facility.state != "preparing")


def home_open(day: Any) -> ColumnElement[bool]:
    """An institution that was open on a day (a suspended one is)."""
    return and_(
        is_home(),
        or_(Facility.opened_on.is_(None), Facility.opened_on <= day),
        or_(Facility.state.not_in(GONE), Facility.closed_on > day),
    )


def _ratio(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _limited(query: Select[Any], model: Any, facility_id: int | None, township_id: int | None) -> Select[Any]:
    if facility_id is not None:
        query = query.where(model.facility_id == facility_id)
    return query.where(model.township_id == township_id) if township_id is not None else query


def in_home_of(scope: Scope, facility_id: Any, day: Any) -> Any:
    """Residents in one home at 24:00 of a day, as a scalar subquery on a column of facility ids."""
    query = scope.columns(Stay, func.count()).where(Stay.facility_id == facility_id, at_night(day))
    return query.correlate(Facility).scalar_subquery()


def residents_in_homes(scope: Scope, day: date) -> dict[int, int]:
    """在住人数 by facility id at 24:00 of the day; a home without residents is not in it."""
    query = scope.columns(Stay, Stay.facility_id, func.count()).where(at_night(day)).group_by(Stay.facility_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


# ---- occupancy ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Occupancy:
    """An institution, a township or a sum of them at 24:00 of a day.

    rate_set = in_home / beds_set (the one to publish); rate_usable = in_home / beds_usable.
    """

    facility_id: int | None
    code: str | None
    name: str | None
    township_id: int | None
    township: str | None
    beds_filed: int | None
    beds_set: int | None
    beds_usable: int | None
    beds_nursing: int | None
    in_home: int
    rate_set: float | None
    rate_usable: float | None
    homes: int = 1


def occupancy(scope: Scope, day: date) -> list[Occupancy]:
    """One line for each institution open on the day, by code."""
    query = (
        scope.columns(
            Facility, Facility.id, Facility.code, Facility.name, Township.id, Township.name,
            Facility.beds_filed, Facility.beds_set, Facility.beds_usable, Facility.beds_nursing,
            in_home_of(scope, Facility.id, day),
        )
        .join(Township, Township.id == Facility.township_id)
        .where(home_open(day))
        .order_by(Facility.code, Facility.id)
    )
    rows = db.session.execute(query)
    return [Occupancy(*(*row, _ratio(row[9], row[6]), _ratio(row[9], row[7]))) for row in rows]


def total(rows: Iterable[Occupancy], *, township_id: int | None = None, township: str | None = None) -> Occupancy:
    """The sum of some lines, with the rates of the sums (never an average of rates)."""
    lines = list(rows)
    filed, made, usable, nursing = (
        _sum(getattr(line, key) for line in lines) for key in ("beds_filed", "beds_set", "beds_usable", "beds_nursing")
    )
    in_home = sum(line.in_home for line in lines)
    return Occupancy(
        None, None, None, township_id, township, filed, made, usable, nursing, in_home,
        _ratio(in_home, made), _ratio(in_home, usable), sum(line.homes for line in lines),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def occupancy_by_township(scope: Scope, day: date) -> list[Occupancy]:
    """The same summed by township, by code; townships without an institution are not in it."""
    groups: dict[int | None, list[Occupancy]] = {}
    for line in occupancy(scope, day):
        groups.setdefault(line.township_id, []).append(line)
    sums = [total(lines, township_id=key, township=lines[0].township) for key, lines in groups.items()]
    return sorted(sums, key=lambda line: line.township_id or 0)


@dataclass(frozen=True)
class TrendPoint:
    """The end of a month: residents in homes, beds set up, their ratio; usable and nursing beds."""

    month: Month
    in_home: int
    beds_set: int | None
    rate: float | None
    beds_usable: int | None = None
    beds_nursing: int | None = None


def occupancy_trend(
    scope: Scope, last_month: Month, months: int = 13, *, facility_id: int | None = None, township_id: int | None = None
) -> list[TrendPoint]:
    """Occupancy at the end of each month, oldest first; of one institution or township where one is named."""
    wanted = [last_month.plus(n) for n in range(1 - months, 1)]
    ends = select(func.unnest(literal([month.last for month in wanted], ARRAY(Date))).label("day")).subquery("ends")
    people = _limited(
        scope.columns(Stay, func.count())
        .join(Facility, Facility.id == Stay.facility_id)
        .where(at_night(ends.c.day), home_open(ends.c.day)),
        Stay, facility_id, township_id,
    )
    kinds = (Facility.beds_set, Facility.beds_usable, Facility.beds_nursing)
    offered = [scope.columns(Facility, func.sum(kind)).where(home_open(ends.c.day)) for kind in kinds]
    beds = [_limited(each, Facility, facility_id, township_id).correlate(ends).scalar_subquery() for each in offered]
    query = select(ends.c.day, people.correlate(ends).scalar_subquery(), *beds)
    found = {row[0]: row[1:] for row in db.session.execute(query)}
    points = []
    for month in wanted:
        in_home, beds_set, usable, nursing = found[month.last]
        points.append(TrendPoint(month, in_home, beds_set, _ratio(in_home, beds_set), usable, nursing))
    return points


# ---- what moved -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Movement:
    """A month of an institution (facility_id None: the total): opening + admissions − discharges − deaths = closing.

    opening: in residence at 24:00 of the last day before the month. `bed_changes` (转床, inside the home)
    move nobody in or out. `net` = closing − opening.
    """

    facility_id: int | None
    code: str | None
    name: str | None
    township_id: int | None
    opening: int
    admissions: int
    discharges: int
    deaths: int
    closing: int
    bed_changes: int

    @property
    def net(self) -> int:
        """Gain or loss over the month."""
        return self.closing - self.opening


def movements(scope: Scope, month: Month) -> tuple[list[Movement], Movement]:
    """(a line for each institution open at the end or with residents in the month, by code; the total).

    The five numbers are counted apart from the same stays; that they add up follows from `ends_on >= starts_on`.
    """
    ended = and_(Stay.ends_on >= month.first, Stay.ends_on <= month.last)
    counted = (
        scope.columns(
            Stay,
            Stay.facility_id,
            func.count().filter(at_night(month.first - timedelta(days=1))).label("opening"),
            func.count().filter(Stay.starts_on >= month.first, Stay.starts_on <= month.last).label("admissions"),
            func.count().filter(ended, Stay.state == "discharged").label("discharges"),
            func.count().filter(ended, Stay.state == "deceased").label("deaths"),
            func.count().filter(at_night(month.last)).label("closing"),
        )
        .where(Stay.state.in_(BEGUN))
        .group_by(Stay.facility_id)
        .subquery()
    )
    changed = (
        scope.columns(StayBed, StayBed.facility_id, func.count().label("n"))
        .join(Stay, Stay.id == StayBed.stay_id)
        .where(StayBed.starts_on > Stay.starts_on, StayBed.starts_on >= month.first, StayBed.starts_on <= month.last)
        .group_by(StayBed.facility_id)
        .subquery()
    )
    numbers = [func.coalesce(column, 0) for column in (*list(counted.c)[1:], changed.c.n)]
    query = (
        scope.columns(Facility, Facility.id, Facility.code, Facility.name, Facility.township_id, *numbers)
        .outerjoin(counted, counted.c.facility_id == Facility.id)
        .outerjoin(changed, changed.c.facility_id == Facility.id)
        .where(
            Facility.facility_type == "institution",
            or_(home_open(month.last), counted.c.opening + counted.c.admissions + counted.c.closing > 0),
        )
        .order_by(Facility.code, Facility.id)
    )
    rows = [Movement(*row) for row in db.session.execute(query)]
    names = ("opening", "admissions", "discharges", "deaths", "closing", "bed_changes")
    return rows, Movement(None, None, None, None, *(sum(getattr(row, name) for row in rows) for name in names))


@dataclass(frozen=True)
class BedDays:
    """床日 of a month: occupied / available = 平均入住率."""

    occupied: int
    available: int | None
    rate: float | None


def bed_days(scope: Scope, month: Period, *, facility_id: int | None = None, township_id: int | None = None) -> BedDays:
    """Bed-days of a month (or a longer period) over the institutions in reach: nights slept / usable beds × days open.

    One that closed in it counts to its last day (domain.md §3.3): what happened there is divided by these nights (§8 row 7).
    """
    after = month.last + timedelta(days=1)
    began = func.greatest(Stay.starts_on, month.first)
    closed = case((Facility.state.in_(GONE), func.least(func.coalesce(Facility.closed_on, month.first), after)), else_=after)
    nights = func.greatest(func.least(func.coalesce(Stay.ends_on, after), closed) - began, 0)
    slept = _limited(
        scope.columns(Stay, func.coalesce(func.sum(nights), 0))
        .join(Facility, Facility.id == Stay.facility_id)
        .where(is_home(), Stay.state.in_(BEGUN), Stay.starts_on <= month.last),
        Stay, facility_id, township_id,
    )
    opened = func.greatest(func.coalesce(Facility.opened_on, month.first), month.first)
    nights_offered = func.sum(Facility.beds_usable * (closed - opened))
    offered = _limited(
        scope.columns(Facility, nights_offered).where(is_home(), opened < closed), Facility, facility_id, township_id
    )
    occupied, available = db.session.execute(select(slept.scalar_subquery(), offered.scalar_subquery())).one()
    return BedDays(int(occupied), None if available is None else int(available), _ratio(occupied, available))


# ---- who lives there ------------------------------------------------------------------------------


@dataclass(frozen=True)
class DisabledShare:
    """失能收住率: residents of the level and above / all in residence. `assessed`: whose level is known."""

    disabled: int
    assessed: int
    in_home: int
    share: float | None
    by_level: dict[int, int]


def disabled_share(
    scope: Scope, day: date, level: int, *, facility_id: int | None = None, township_id: int | None = None
) -> DisabledShare:
    """Ability of those in residence at 24:00 of the day, by their last assessment up to then (levels 0–4).

    Where no assessment is kept, the level on the record counts, if it was found by that day.
    """
    found = (
        scope.columns(Assessment, Assessment.final_level)
        .where(Assessment.resident_id == Stay.resident_id, Assessment.assessed_on <= day, ~Assessment.is_void)
        .order_by(Assessment.assessed_on.desc(), Assessment.id.desc())
        .limit(1)
        .correlate(Stay)
        .scalar_subquery()
    )
    known = or_(Resident.assessed_on.is_(None), Resident.assessed_on <= day)
    ability = func.coalesce(found, case((known, Resident.ability_level))).label("level")
    people = _limited(
        scope.columns(Stay, ability)
        .join(Facility, Facility.id == Stay.facility_id)
        .outerjoin(Resident, and_(Resident.id == Stay.resident_id, scope.where(Resident)))
        .where(at_night(day), home_open(day)),
        Stay, facility_id, township_id,
    ).subquery()
    query = select(people.c.level, func.count()).group_by(people.c.level)
    by_level: dict[int | None, int] = {row[0]: row[1] for row in db.session.execute(query)}
    in_home = sum(by_level.values())
    by_level.pop(None, None)
    disabled = sum(count for each, count in by_level.items() if each is not None and each >= level)
    return DisabledShare(
        disabled, sum(by_level.values()), in_home, _ratio(disabled, in_home), {n: by_level.get(n, 0) for n in range(5)}
    )


def people_in_homes(scope: Scope, day: date) -> dict[str, Any]:
    """Who is in residence at 24:00 of the day: {"by_age_sex": {band: {sex: people}}, "by_household": {type: people}}.

    Counted from stays, so the sums equal 在住人数; household types are those of the register now.
    """
    band = band_of(day).label("band")
    query = (
        scope.columns(Stay, band, Resident.sex, Resident.household_type, func.count())
        .join(Facility, Facility.id == Stay.facility_id)
        .join(Resident, and_(Resident.id == Stay.resident_id, scope.where(Resident)))
        .where(at_night(day), home_open(day))
        .group_by(band, Resident.sex, Resident.household_type)
    )
    ages = {each: dict.fromkeys(SEXES, 0) for each in AGE_BANDS}
    households = dict.fromkeys(HOUSEHOLD_TYPES, 0)
    for each, sex, household, count in db.session.execute(query):
        ages[each][sex] += count
        households[household] += count
    return {"by_age_sex": ages, "by_household": households}
