"""Reads of postings and of days on post."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from eldercare.accounts.models import Grant, User
from eldercare.core import audit, calendar
from eldercare.core.access import Role
from eldercare.core.audit import AuditEntry
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.inspections.postings.models import Posting, StationDay, StationNote


def postings(scope: Scope) -> Select[Any]:
    """Postings in reach with place and person."""
    return (
        scope.select(Posting)
        .join(Posting.facility)
        .join(Facility.township)
        .options(contains_eager(Posting.facility).contains_eager(Facility.township), joinedload(Posting.user))
    )


def posting(scope: Scope, posting_id: int) -> Posting:
    """One posting in reach; 404 otherwise."""
    row: Posting | None = db.session.scalars(postings(scope).where(Posting.id == posting_id)).one_or_none()
    return row if row is not None else scope.get(Posting, posting_id)


def in_force(first: date, last: date) -> ColumnElement[bool]:
    """Postings that hold on some day between two."""
    return (Posting.starts_on <= last) & or_(Posting.ends_on.is_(None), Posting.ends_on >= first)


def of_month(scope: Scope, month: Month) -> list[Posting]:
    """The postings that hold in a month, by home."""
    return list(db.session.scalars(postings(scope).where(in_force(month.first, month.last)).order_by(Facility.name, Posting.id)))


def mine(scope: Scope, day: date) -> list[Posting]:
    """The postings of the person who asks, in force on a day."""
    query = postings(scope).where(Posting.user_id == scope.person_id, in_force(day, day))
    return list(db.session.scalars(query.order_by(Facility.name, Posting.id)))


def supervisors(scope: Scope, facility_id: int) -> list[User]:
    """Who holds the duty of stationed supervision at a home today."""
    today = calendar.today()
    held = scope.columns(Grant, Grant.user_id).where(
        Grant.role == Role.STATIONED_SUPERVISOR, Grant.place_facility_id == facility_id, Grant.ended_at.is_(None),
        Grant.starts_on <= today, or_(Grant.ends_on.is_(None), Grant.ends_on >= today),
    )  # fmt: skip
    query = scope.select(User).where(User.id.in_(held), User.is_enabled).order_by(User.name, User.id)
    return list(db.session.scalars(query))


# ---- days
def days(scope: Scope) -> Select[Any]:
    """Days on post in reach with place and notes."""
    return (
        scope.select(StationDay)
        .join(StationDay.facility)
        .join(Facility.township)
        .options(
            contains_eager(StationDay.facility).contains_eager(Facility.township), selectinload(StationDay.notes),
            joinedload(StationDay.posting).joinedload(Posting.user),
        )
    )  # fmt: skip


def day(scope: Scope, day_id: int) -> StationDay:
    """One day on post in reach; 404 otherwise."""
    row: StationDay | None = db.session.scalars(days(scope).where(StationDay.id == day_id)).one_or_none()
    return row if row is not None else scope.get(StationDay, day_id)


def day_of(scope: Scope, posting_id: int, on: date) -> StationDay | None:
    """The day of a posting, where it has been begun."""
    query = days(scope).where(StationDay.posting_id == posting_id, StationDay.day == on)
    row: StationDay | None = db.session.scalars(query).one_or_none()
    return row


def recent(scope: Scope, posting_id: int, most: int = 20) -> list[StationDay]:
    """The last days of a posting, the newest first."""
    query = days(scope).where(StationDay.posting_id == posting_id)
    return list(db.session.scalars(query.order_by(StationDay.day.desc()).limit(most)))


def note(scope: Scope, day_id: int, note_id: int) -> StationNote:
    """A note of a day, with the day; 404 otherwise."""
    query = scope.select(StationNote).where(StationNote.id == note_id, StationNote.day_id == day_id)
    row: StationNote | None = db.session.scalars(query.options(joinedload(StationNote.day))).one_or_none()
    return row if row is not None else scope.get(StationNote, 0)  # there is no such id: 404


def between(ends: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Days on post between two days, either of them open."""
    first, last = ends
    return StationDay.day.between(first or date(1900, 1, 1), last or date(2199, 12, 31))


def matching(text: str) -> ColumnElement[bool]:
    """Days whose place or person contains the text."""
    return (Facility.name + " " + StationDay.person_name).icontains(text, autoescape=True)


def has_open_advice() -> ColumnElement[bool]:
    """Handed in, with advice the home has not answered."""
    return StationDay.notes.any((StationNote.kind == "advice") & StationNote.answer.is_(None)) & (StationDay.state == "handed_in")


@dataclass(frozen=True)
class Cell:
    """A day of the attendance calendar: due, present (the day's id), absent (due, past, nobody there)."""

    day: date
    due: bool
    day_id: int | None
    is_future: bool

    @property
    def sign(self) -> str:
        """present, absent, due, extra, or none."""
        if self.day_id is not None:
            return "present" if self.due else "extra"
        if not self.due:
            return "none"
        return "due" if self.is_future else "absent"


@dataclass(frozen=True)
class Attendance:
    """A posting's month."""

    posting: Posting
    cells: Sequence[Cell]

    @property
    def due(self) -> int:
        """Days somebody was to be there, up to today."""
        return sum(cell.due and not cell.is_future for cell in self.cells)

    @property
    def present(self) -> int:
        """Days somebody was there."""
        return sum(cell.day_id is not None for cell in self.cells)

    @property
    def absent(self) -> int:
        """Due days on which nobody was."""
        return sum(cell.sign == "absent" for cell in self.cells)


def attendance(scope: Scope, month: Month, found: Iterable[Posting]) -> list[Attendance]:
    """The attendance calendar of some postings in a month. Today counts as missed only tomorrow."""
    rows, today = list(found), calendar.today()
    query = scope.columns(StationDay, StationDay.posting_id, StationDay.day, StationDay.id).where(
        StationDay.day.between(month.first, month.last), StationDay.posting_id.in_([row.id for row in rows])
    )
    there = {(row[0], row[1]): row[2] for row in db.session.execute(query)}
    return [
        Attendance(row, [Cell(on, row.is_due(on), there.get((row.id, on)), on >= today) for on in _days(month)]) for row in rows
    ]


def _days(month: Month) -> list[date]:
    return [month.first + timedelta(days=n) for n in range(month.days)]


def missed(scope: Scope, on: date) -> list[Posting]:
    """Postings that were due on a day and had nobody there."""
    there = scope.columns(StationDay, StationDay.posting_id).where(StationDay.day == on)
    query = postings(scope).where(in_force(on, on), Posting.id.not_in(there)).order_by(Posting.id)
    return [row for row in db.session.scalars(query) if row.is_due(on)]


@dataclass(frozen=True)
class Manned:
    """A home's days of a period: `due` on which somebody was to be there, `present` of them; `extra` days nobody asked for."""

    facility: Facility
    due: int
    present: int
    extra: int


def manned(scope: Scope, first: date, last: date) -> list[Manned]:
    """The homes with a posting in a period, by code. Of a period that is not over, the days before today."""
    held = list(db.session.scalars(postings(scope).where(in_force(first, last)).order_by(Facility.code, Posting.id)))
    if not held:
        return []
    until = min(last, calendar.today() - timedelta(days=1))
    query = scope.columns(StationDay, StationDay.posting_id, StationDay.day).where(StationDay.day.between(first, until))
    there = {(row[0], row[1]) for row in db.session.execute(query)}
    days_ = [first + timedelta(days=n) for n in range((until - first).days + 1)]
    found: dict[int, list[int]] = {}
    places = {each.facility_id: each.facility for each in held}
    for each in held:
        counted = found.setdefault(each.facility_id, [0, 0, 0])
        for on in days_:
            was, due = (each.id, on) in there, each.is_due(on)
            counted[0] += due
            counted[1] += due and was
            counted[2] += was and not due
    return [Manned(places[home], *numbers) for home, numbers in found.items()]


@dataclass(frozen=True)
class Figures:
    """A home's stationed supervision in a period (domain.md §8 row 8); `walked`: parts of the house gone through, day by day."""

    facility_id: int
    days: int
    minutes: int
    walked: int
    hazards: int
    advice: int
    adopted: int
    declined: int


def figures(scope: Scope, first: date, last: date) -> list[Figures]:
    """Days present, minutes, hazards reported, advice given and adopted, by home; only days handed in count."""
    ours = (StationDay.day.between(first, last), StationDay.state == "handed_in")
    lasted = func.extract("epoch", StationDay.left_at - StationDay.arrived_at) / 60
    areas = func.sum(func.cardinality(StationDay.areas))
    there = scope.columns(StationDay, StationDay.facility_id, func.count(), func.sum(lasted), areas).where(*ours)
    rows = db.session.execute(there.group_by(StationDay.facility_id))
    stood = {row[0]: (row[1], int(row[2] or 0), int(row[3] or 0)) for row in rows}

    def count(condition: ColumnElement[bool]) -> Any:
        return func.count(case((condition, 1)))

    noted = (
        scope.columns(
            StationNote, StationNote.facility_id, count(StationNote.kind == "hazard"), count(StationNote.kind == "advice"),
            count(StationNote.answer == "adopted"), count(StationNote.answer == "declined"),
        )
        .join(StationDay, StationDay.id == StationNote.day_id)
        .where(*ours)
        .group_by(StationNote.facility_id)
    )  # fmt: skip
    notes = {row[0]: tuple(row[1:]) for row in db.session.execute(noted)}
    return [Figures(home, *stood[home], *notes.get(home, (0, 0, 0, 0))) for home in sorted(stood)]


def history(scope: Scope, day_id: int) -> list[AuditEntry]:
    """What happened to a day on post, newest first."""
    return list(db.session.scalars(audit.history(scope, "station_day", day_id)))

def begun(scope: Scope) -> date | None:
    """The first day somebody was on post; None with nothing on file."""
    first: date | None = db.session.scalar(scope.columns(StationDay, func.min(StationDay.day)))
    return first
