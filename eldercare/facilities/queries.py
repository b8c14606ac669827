"""Reads of places: townships, villages, facilities, licences. Every read starts at the scope.

Ratios and "days left" are computed for the day given, never for "now". Numbers that do not exist
are None, never 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, with_expression

from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Place
from eldercare.core.scope import Scope
from eldercare.facilities.models import TYPES, Facility, Licence, ServiceTownship, Township, Village

REMINDER_DAYS = (90, 30, 7)  # domain.md §1.3; the district's own thresholds come from the settings
CODE_PREFIX = {"institution": "JG", "township_center": "ZX", "village_station": "ZD", "canteen": "ST", "home_care_org": "JJ"}
CLASSED = ("institution", "township_center", "home_care_org")  # what has a credit class (§1.3)
GONE = ("closed", "deregistered")  # no longer a place of care: out of every count and reminder


# ---- townships and villages -----------------------------------------------------------------------


def townships(scope: Scope, *, whole: bool = False) -> list[Township]:
    """The townships in reach by code; all of them (17) for a reach without bounds, or for `whole`: a map's background."""
    query = select(Township).order_by(Township.code)
    if not (scope.everywhere or whole):
        own = scope.columns(Facility, Facility.township_id).where(Facility.id.in_(sorted(scope.facilities)))
        query = query.where(or_(Township.id.in_(sorted(scope.townships)), Township.id.in_(own)))
    return list(db.session.scalars(query))


def township_by_code(scope: Scope, code: str) -> Township | None:
    """The township with this nine-digit code, if it lies in reach."""
    return next((township for township in townships(scope) if township.code == code), None)


def villages(scope: Scope, township_id: int | None = None) -> list[Village]:
    """The villages of one township in reach (None: of all townships in reach), by name."""
    query = select(Village).order_by(Village.township_id, Village.name, Village.id)
    if township_id is not None:
        query = query.where(Village.township_id == township_id)
    if not scope.everywhere:
        query = query.where(Village.township_id.in_([township.id for township in townships(scope)]))
    return list(db.session.scalars(query))


def townships_served(scope: Scope, organisation_id: int) -> list[Township]:
    """The townships a home-care organisation in reach serves (domain.md §1.2), by code."""
    query = (
        scope.columns(Facility, Township)
        .join(ServiceTownship, ServiceTownship.organisation_id == Facility.id)
        .join(Township, Township.id == ServiceTownship.served_township_id)
        .where(Facility.id == organisation_id)
        .order_by(Township.code)
    )
    return list(db.session.scalars(query))


def place(scope: Scope, code: str) -> Place:
    """The place in reach a code names (township or facility), as Runs carry it; `place.unknown`."""
    township = township_by_code(scope, code)
    if township is not None:
        return Place(code, township_id=township.id)
    facility = by_code(scope, code)
    if facility is None:
        raise Refused("place.unknown", code=code)
    return Place(code, township_id=facility.township_id, facility_id=facility.id)


# ---- facilities -----------------------------------------------------------------------------------


def facilities(
    scope: Scope,
    *,
    facility_type: str | None = None,
    township_id: int | None = None,
    state: str | None = None,
    ownership_mode: str | None = None,
    stationed: bool | None = None,
    gone: bool = True,
    text: str | None = None,
) -> Select[Any]:
    """Facilities in reach with their township, by code. `gone=False` leaves out the closed and deregistered."""
    query = (
        scope.select(Facility)
        .join(Facility.township)
        .options(contains_eager(Facility.township))
        .order_by(Facility.code, Facility.id)
    )
    equal: tuple[tuple[Any, Any], ...] = (
        (Facility.facility_type, facility_type), (Facility.township_id, township_id), (Facility.state, state),
        (Facility.ownership_mode, ownership_mode), (Facility.stationed, stationed),
    )
    for column, value in equal:
        if value is not None:
            query = query.where(column == value)
    if not gone:
        query = query.where(Facility.state.not_in(GONE))
    return query.where(matching(text)) if text else query


def matching(text: str) -> ColumnElement[bool]:
    """Facilities whose name, code or credit code contains every word of the text."""
    both = Facility.name + " " + Facility.code + " " + func.coalesce(Facility.usc_code, "")
    return and_(*(both.icontains(word, autoescape=True) for word in text.split()[:6]))


def facility(scope: Scope, facility_id: int, in_home: Any = None) -> Facility:
    """One facility in reach with its township and village (and `in_home` by the expression given); 404 otherwise."""
    query: Select[Any] = scope.select(Facility).options(joinedload(Facility.township), joinedload(Facility.village))
    if in_home is not None:
        query = query.options(with_expression(Facility.in_home, in_home))
    row: Facility | None = db.session.scalars(query.where(Facility.id == facility_id)).one_or_none()
    return row if row is not None else scope.get(Facility, facility_id)


def by_code(scope: Scope, code: str) -> Facility | None:
    """The facility in reach with this register code, with its township."""
    row: Facility | None = db.session.scalars(facilities(scope).where(Facility.code == code)).one_or_none()
    return row


@dataclass(frozen=True)
class TownshipCount:
    """A township in reach: facilities by type (a number for each of `TYPES`), beds set up, villages."""

    township: Township
    by_type: dict[str, int]
    beds_set: int
    villages: int

    @property
    def total(self) -> int:
        """All its facilities."""
        return sum(self.by_type.values())


def counts_by_township(scope: Scope) -> list[TownshipCount]:
    """One line for each township in reach, by code; closed and deregistered facilities do not count."""
    query = (
        scope.columns(
            Facility, Facility.township_id, Facility.facility_type, func.count(), func.coalesce(func.sum(Facility.beds_set), 0)
        )
        .where(Facility.state.not_in(GONE))
        .group_by(Facility.township_id, Facility.facility_type)
    )
    counts: dict[int, dict[str, int]] = {}
    beds: dict[int, int] = {}
    for township_id, kind, count, sum_of_beds in db.session.execute(query):
        counts.setdefault(township_id, {})[kind] = count
        if kind == "institution":
            beds[township_id] = int(sum_of_beds)
    found = db.session.execute(select(Village.township_id, func.count()).group_by(Village.township_id))
    of_villages: dict[int, int] = {row[0]: row[1] for row in found}
    return [
        TownshipCount(
            each,
            {kind: counts.get(each.id, {}).get(kind, 0) for kind in TYPES},
            beds.get(each.id, 0),
            of_villages.get(each.id, 0),
        )
        for each in townships(scope)
    ]


@dataclass(frozen=True)
class Community:
    """Home and community services of a township on a day: operating centres, stations, canteens, home-care organisations.

    `villages` on file; `covered` of them have an operating station of their own.
    """

    township_id: int
    centres: int
    stations: int
    canteens: int
    organisations: int
    villages: int
    covered: int


def community(scope: Scope, day: date) -> list[Community]:
    """A line for each township in reach, by code. Operating is what operates today and had opened by the day."""
    runs = and_(Facility.state == "operating", or_(Facility.opened_on.is_(None), Facility.opened_on <= day))
    kinds = ("township_center", "village_station", "canteen", "home_care_org")
    station = and_(Facility.facility_type == "village_station", Facility.village_id.is_not(None))
    counted = scope.columns(
        Facility, Facility.township_id, *(func.count().filter(Facility.facility_type == kind) for kind in kinds),
        func.count(Facility.village_id.distinct()).filter(station),
    )  # fmt: skip
    found: dict[int, Any] = {row[0]: row[1:] for row in db.session.execute(counted.where(runs).group_by(Facility.township_id))}
    reach = [township.id for township in townships(scope)]
    on_file = select(Village.township_id, func.count()).where(Village.township_id.in_(reach)).group_by(Village.township_id)
    known = {row[0]: row[1] for row in db.session.execute(on_file)}
    lines = []
    for each in reach:
        centres, stations, canteens, organisations, covered = found.get(each, (0, 0, 0, 0, 0))
        lines.append(Community(each, centres, stations, canteens, organisations, known.get(each, 0), covered))
    return lines


def served(scope: Scope) -> dict[int, list[int]]:
    """By home-care organisation in reach, the ids of the townships it serves."""
    query = scope.columns(Facility, Facility.id, ServiceTownship.served_township_id).join(
        ServiceTownship, ServiceTownship.organisation_id == Facility.id
    )
    out: dict[int, list[int]] = {}
    for organisation, township in db.session.execute(query.order_by(Facility.id, ServiceTownship.served_township_id)):
        out.setdefault(organisation, []).append(township)
    return out


# ---- licences -------------------------------------------------------------------------------------


def band_of(days_left: int, thresholds: Sequence[int] = REMINDER_DAYS) -> str | None:
    """"expired", or the narrowest threshold still ahead as text ("7", "30", "90"); None: far away."""
    if days_left < 0:
        return "expired"
    return next((str(each) for each in sorted(thresholds) if days_left <= each), None)


def in_band(day: date, band: str, thresholds: Sequence[int] = REMINDER_DAYS) -> ColumnElement[bool]:
    """The condition for licences in a band on a day ("all": in any of them); false for a word that is no band."""
    steps = [-1, *sorted(thresholds)]
    if band == "expired":
        return and_(Licence.is_current, Licence.valid_to < day)
    if band == "all":
        return and_(Licence.is_current, Licence.valid_to <= day + timedelta(steps[-1]))
    if not band.isdigit() or int(band) not in steps:
        return false()
    after = steps[steps.index(int(band)) - 1]
    return and_(
        Licence.is_current, Licence.valid_to > day + timedelta(after), Licence.valid_to <= day + timedelta(int(band))
    )


def with_licence_in(day: date, band: str, thresholds: Sequence[int] = REMINDER_DAYS) -> ColumnElement[bool]:
    """Facilities that have a licence in a band (the walls hold inside as well: same place)."""
    return exists().where(Licence.facility_id == Facility.id, in_band(day, band, thresholds))


@dataclass(frozen=True)
class ExpiringLicence:
    """A current licence whose end is near or past. `days_left` is negative once it has expired."""

    licence_id: int
    facility_id: int
    facility_code: str
    facility_name: str
    facility_type: str
    township_id: int
    township: str
    licence_type: str
    number: str
    valid_to: date
    days_left: int
    band: str


def licences_expiring(
    scope: Scope, day: date, within: int = 90, thresholds: Sequence[int] = REMINDER_DAYS
) -> list[ExpiringLicence]:
    """Current licences of facilities not closed that expire within so many days of the day, or have; soonest first.

    `valid_to` is the last valid day: the licence has expired on the day after. `band` is "expired" or the
    narrowest threshold reached ("7", "30", "90").
    """
    query = (
        scope.columns(
            Licence, Licence.id, Facility.id, Facility.code, Facility.name, Facility.facility_type, Township.id,
            Township.name, Licence.licence_type, Licence.number, Licence.valid_to,
        )
        .join(Facility, Facility.id == Licence.facility_id)
        .join(Township, Township.id == Facility.township_id)
        .where(Licence.is_current, Licence.valid_to <= day + timedelta(within), Facility.state.not_in(GONE))
        .order_by(Licence.valid_to, Facility.code, Licence.id)
    )
    steps = [*thresholds, within]
    lefts = [(row, (row.valid_to - day).days) for row in db.session.execute(query)]
    return [ExpiringLicence(*(*row, left, band_of(left, steps) or "")) for row, left in lefts]


def licences(scope: Scope) -> Select[Any]:
    """Every licence in reach with its facility and township: rows (Licence, Facility, Township)."""
    return (
        scope.select(Licence)
        .join(Facility, Facility.id == Licence.facility_id)
        .join(Township, Township.id == Facility.township_id)
        .add_columns(Facility, Township)
    )


def licences_of(scope: Scope, facility_id: int) -> list[Licence]:
    """The licences of one facility: current ones first, the soonest to expire on top."""
    query = scope.select(Licence).where(Licence.facility_id == facility_id)
    order = (Licence.is_current.desc(), Licence.valid_to.asc().nulls_last(), Licence.id)
    return list(db.session.scalars(query.order_by(*order)))


def licence(scope: Scope, licence_id: int) -> Licence:
    """One licence in reach; 404 otherwise."""
    return scope.get(Licence, licence_id)


def licences_due(scope: Scope, day: date, within: int) -> list[tuple[Licence, Facility]]:
    """Current licences of facilities not closed whose last day lies at most so many days ahead, with their facility."""
    query = (
        scope.select(Licence)
        .join(Facility, Facility.id == Licence.facility_id)
        .add_columns(Facility)
        .where(Licence.is_current, Licence.valid_to <= day + timedelta(within), Facility.state.not_in(GONE))
        .order_by(Licence.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


# ---- the record -----------------------------------------------------------------------------------


def register(scope: Scope, in_home: Any = None) -> Select[Any]:
    """The register as its list shows it: `next_expiry` filled, and `in_home` with the expression handed in."""
    first = scope.columns(Licence, func.min(Licence.valid_to)).where(Licence.facility_id == Facility.id, Licence.is_current)
    options = [with_expression(Facility.next_expiry, first.correlate(Facility).scalar_subquery())]
    if in_home is not None:
        options.append(with_expression(Facility.in_home, in_home))
    return facilities(scope).options(*options)


def history(scope: Scope, facility_id: int, most: int = 30) -> list[AuditEntry]:
    """What happened to a facility and its licences, newest first."""
    query = scope.select(AuditEntry).where(
        AuditEntry.facility_id == facility_id, AuditEntry.entity.in_(["facility", "licence"])
    )
    return list(db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(most)))


def next_code(scope: Scope, facility_type: str, township: Township) -> str:
    """A free register code: type, the last three digits of the township, a running number (`JG00102`).

    Numbers run within the township, so an officer who sees no other township never meets a taken one.
    """
    prefix = CODE_PREFIX[facility_type] + township.code[-3:]
    query = scope.columns(Facility, func.max(Facility.code)).where(Facility.code.regexp_match(f"^{prefix}[0-9]{{2}}$"))
    last = db.session.scalar(query)
    return f"{prefix}{int(last[-2:]) + 1 if last else 1:02d}"
