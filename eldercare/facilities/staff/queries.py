"""Reads of staff: people, certificates and what they lack, training hours.

A certificate counts while it is in force (`is_current`) and its last day has not passed. A kind held twice
counts by its longest paper, so a renewed certificate is never "expired". Which post needs which certificate
(`required`: pairs of post and kind) and how many days ahead counts as "expiring" (`within`) come from the settings.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_
from sqlalchemy.orm import aliased

from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township
from eldercare.facilities.queries import GONE
from eldercare.facilities.staff.models import POSTS, Attendance, StaffCertificate, StaffMember, Training

Required = Collection[tuple[str, str]]
STANDINGS = ("expired", "missing", "expiring")


# ---- what somebody lacks ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """The certificates of one person on a day: kinds required and not held, over, and soon over with the days left."""

    missing: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    expiring: tuple[tuple[str, int], ...] = ()

    @property
    def is_in_order(self) -> bool:
        """Whether nothing is missing or over."""
        return not (self.missing or self.expired)


def standing(
    posts: Sequence[str], papers: Sequence[tuple[str, date | None]], day: date, required: Required, within: int
) -> Standing:
    """How the certificates in force of one person stand; `papers`: kind and last day of each."""
    longest: dict[str, date] = {}
    for kind, valid_to in papers:
        longest[kind] = max(longest.get(kind, date.min), valid_to or date.max)
    needed = dict.fromkeys(kind for post, kind in required if post in posts)
    lefts = {kind: (last - day).days for kind, last in longest.items()}
    return Standing(
        tuple(kind for kind in needed if kind not in longest),
        tuple(kind for kind, left in lefts.items() if left < 0),
        tuple((kind, left) for kind, left in lefts.items() if 0 <= left <= within),
    )


def in_standing(word: str, day: date, required: Required, within: int) -> ColumnElement[bool]:
    """The condition for members of staff who are missing, expired or expiring (see `Standing`); false for another word."""
    mine = and_(StaffCertificate.member_id == StaffMember.id, StaffCertificate.is_current)
    longer = aliased(StaffCertificate)
    outlived = exists().where(
        longer.member_id == StaffCertificate.member_id, longer.kind == StaffCertificate.kind, longer.is_current,
        func.coalesce(longer.valid_to, date.max) > StaffCertificate.valid_to,
    )
    if word == "missing":
        lacks = [
            and_(StaffMember.posts.contains([post]), ~exists().where(mine, StaffCertificate.kind == kind))
            for post, kind in required
        ]
        return and_(StaffMember.state != "left", or_(*lacks)) if lacks else false()
    if word == "expired":
        return and_(StaffMember.state != "left", exists().where(mine, StaffCertificate.valid_to < day, ~outlived))
    if word == "expiring":
        soon = StaffCertificate.valid_to.between(day, day + timedelta(within))
        return and_(StaffMember.state != "left", exists().where(mine, soon, ~outlived))
    return false()


def standing_counts(scope: Scope, day: date, required: Required, within: int) -> dict[str, int]:
    """How many members of staff of places not closed are in each standing: {"expired", "missing", "expiring"}."""
    numbers = [func.count().filter(in_standing(word, day, required, within)) for word in STANDINGS]
    query = scope.columns(StaffMember, *numbers).join(Facility, Facility.id == StaffMember.facility_id)
    row = db.session.execute(query.where(Facility.state.not_in(GONE))).one()
    return dict(zip(STANDINGS, row, strict=True))


# ---- people -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Papers:
    """The certificates in force of a row of a list."""

    held: tuple[tuple[str, date | None], ...]

    @classmethod
    def read(cls, rows: Any) -> "Papers":
        """From the JSON of `members()`."""
        return cls(tuple((kind, date.fromisoformat(last) if last else None) for kind, last in rows or ()))


def members(scope: Scope) -> Select[Any]:
    """Everybody in reach: rows (StaffMember, Facility, Township, papers: [[kind, last day], …] of those in force)."""
    papers = (
        scope.columns(
            StaffCertificate, func.json_agg(func.json_build_array(StaffCertificate.kind, StaffCertificate.valid_to))
        )
        .where(StaffCertificate.member_id == StaffMember.id, StaffCertificate.is_current)
        .correlate(StaffMember)
        .scalar_subquery()
        .label("papers")
    )
    return (
        scope.select(StaffMember)
        .join(Facility, Facility.id == StaffMember.facility_id)
        .join(Township, Township.id == Facility.township_id)
        .add_columns(Facility, Township, papers)
    )


AT_WIRE = (
    "id", "facility_id", "facility", "township_code", "name", "sex", "posts", "skill_level", "employment", "insured_here",
    "started_on", "ended_on", "state",
)


def at_wire(scope: Scope) -> Select[Any]:
    """The same as plain columns under the names of `AT_WIRE`: nothing that is encrypted leaves."""
    others: dict[str, Any] = {"facility": Facility.name, "township_code": Township.code}
    columns = [(others[name] if name in others else getattr(StaffMember, name)).label(name) for name in AT_WIRE]
    return (
        scope.columns(StaffMember, *columns)
        .join(Facility, Facility.id == StaffMember.facility_id)
        .join(Township, Township.id == Facility.township_id)
    )


def member(scope: Scope, member_id: int) -> StaffMember:
    """One member of staff in reach; 404 otherwise."""
    return scope.get(StaffMember, member_id)


def of_facility(scope: Scope, facility_id: int) -> list[StaffMember]:
    """Who works at a place today (on leave too), in the order of the posts, then by name."""
    query = scope.select(StaffMember).where(StaffMember.facility_id == facility_id, StaffMember.state != "left")
    rows: list[StaffMember] = list(db.session.scalars(query))
    return sorted(rows, key=lambda row: (POSTS.index(row.posts[0]), row.name, row.id))


def elsewhere(scope: Scope, row: StaffMember) -> list[tuple[StaffMember, Facility]]:
    """Other employments of the same person within reach, open ones first."""
    query = (
        scope.select(StaffMember)
        .join(Facility, Facility.id == StaffMember.facility_id)
        .add_columns(Facility)
        .where(StaffMember.person_key == row.person_key, StaffMember.id != row.id)
        .order_by(StaffMember.ended_on.desc().nulls_first(), StaffMember.id)
    )
    return [(each[0], each[1]) for each in db.session.execute(query)]


@dataclass(frozen=True)
class Summary:
    """A place's staff: who works there, by main post, who is on leave, and how the certificates stand."""

    total: int
    on_leave: int
    by_post: dict[str, int]
    standings: dict[str, int] = field(default_factory=dict)


def summary(scope: Scope, facility_id: int, day: date, required: Required, within: int) -> Summary:
    """The staff of one place in numbers."""
    rows = list(db.session.execute(members(scope).where(StaffMember.facility_id == facility_id, StaffMember.state != "left")))
    by_post: dict[str, int] = {}
    stand = dict.fromkeys(STANDINGS, 0)
    for person, _place, _town, papers in rows:
        by_post[person.posts[0]] = by_post.get(person.posts[0], 0) + 1
        found = standing(person.posts, Papers.read(papers).held, day, required, within)
        for word in STANDINGS:
            stand[word] += bool(getattr(found, word))
    away = sum(row[0].state == "on_leave" for row in rows)
    return Summary(len(rows), away, {post: by_post[post] for post in POSTS if post in by_post}, stand)


def caregivers_at(scope: Scope, facility_id: int, day: date) -> int | None:
    """Caregivers employed at a place at the end of a day, those on leave too; None where no staff was on record."""
    there = StaffMember.started_on <= day
    works = or_(StaffMember.ended_on.is_(None), StaffMember.ended_on >= day)
    caring = func.count().filter(works, StaffMember.posts.contains(["caregiver"]))
    query = scope.columns(StaffMember, func.count(), caring).where(StaffMember.facility_id == facility_id, there)
    anybody, counted = db.session.execute(query).one()
    return counted if anybody else None


# ---- certificates -----------------------------------------------------------------------------------


def certificate(scope: Scope, certificate_id: int) -> StaffCertificate:
    """One certificate in reach; 404 otherwise."""
    return scope.get(StaffCertificate, certificate_id)


def certificates_of(scope: Scope, member_id: int) -> list[StaffCertificate]:
    """A person's certificates: those in force first, the soonest to end on top."""
    query = scope.select(StaffCertificate).where(StaffCertificate.member_id == member_id)
    order = (StaffCertificate.is_current.desc(), StaffCertificate.valid_to.asc().nulls_last(), StaffCertificate.id)
    return list(db.session.scalars(query.order_by(*order)))


def certificates_due(scope: Scope, day: date, within: int) -> list[tuple[StaffCertificate, Facility]]:
    """Certificates in force of people who have not left places not closed, that end by so many days ahead."""
    query = (
        scope.select(StaffCertificate)
        .join(StaffMember, StaffMember.id == StaffCertificate.member_id)
        .join(Facility, Facility.id == StaffCertificate.facility_id)
        .add_columns(Facility)
        .where(
            StaffCertificate.is_current, StaffCertificate.valid_to <= day + timedelta(within),
            StaffMember.state != "left", Facility.state.not_in(GONE),
        )
        .order_by(StaffCertificate.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


# ---- training ---------------------------------------------------------------------------------------


def trainings(scope: Scope) -> Select[Any]:
    """Every training in reach: rows (Training, Facility, Township, people: how many were there)."""
    people = (
        scope.columns(Attendance, func.count()).where(Attendance.training_id == Training.id)
        .correlate(Training).scalar_subquery().label("people")
    )
    return (
        scope.select(Training)
        .join(Facility, Facility.id == Training.facility_id)
        .join(Township, Township.id == Facility.township_id)
        .add_columns(Facility, Township, people)
    )


def training(scope: Scope, training_id: int) -> Training:
    """One training in reach; 404 otherwise."""
    return scope.get(Training, training_id)


def attended(scope: Scope, training_id: int) -> list[StaffMember]:
    """Who was at a training, by name."""
    query = (
        scope.select(StaffMember).join(Attendance, Attendance.member_id == StaffMember.id)
        .where(Attendance.training_id == training_id).order_by(StaffMember.name, StaffMember.id)
    )
    return list(db.session.scalars(query))


def trainings_of(scope: Scope, member_id: int) -> list[Training]:
    """The trainings a person was at, newest first."""
    query = (
        scope.select(Training).join(Attendance, Attendance.training_id == Training.id)
        .where(Attendance.member_id == member_id).order_by(Training.held_on.desc(), Training.id.desc())
    )
    return list(db.session.scalars(query))


def hours_in_year(rows: Sequence[Training], year: int) -> Decimal:
    """The hours of the trainings held in a calendar year."""
    return sum((row.hours for row in rows if row.held_on.year == year), Decimal(0))


def training_short(scope: Scope, facility_id: int, year: int, target: int) -> tuple[int, int]:
    """(people at work at a place whose hours of the year are below the target, people at work)."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    hours = (
        scope.columns(Attendance, func.coalesce(func.sum(Training.hours), 0))
        .join(Training, Training.id == Attendance.training_id)
        .where(Attendance.member_id == StaffMember.id, Training.held_on.between(first, last))
        .correlate(StaffMember).scalar_subquery()
    )
    query = scope.columns(StaffMember, func.count().filter(hours < target), func.count())
    row = db.session.execute(query.where(StaffMember.facility_id == facility_id, StaffMember.state == "employed")).one()
    return row[0], row[1]


# ---- history ----------------------------------------------------------------------------------------


def history(scope: Scope, member_id: int, most: int = 50) -> list[AuditEntry]:
    """What happened to a person's record and certificates, newest first."""
    papers = scope.columns(StaffCertificate, StaffCertificate.id).where(StaffCertificate.member_id == member_id)
    ways = or_(
        and_(AuditEntry.entity == "staff_member", AuditEntry.entity_id == member_id),
        and_(AuditEntry.entity == "staff_certificate", AuditEntry.entity_id.in_(papers)),
    )
    return list(db.session.scalars(scope.select(AuditEntry).where(ways).order_by(AuditEntry.id.desc()).limit(most)))
