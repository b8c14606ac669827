"""Reads of the roster: a week, a moment, and what is left uncovered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_

from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.facilities.staff.models import POSTS, StaffMember
from eldercare.facilities.staff.roster.models import SHIFTS, Rules, Shift

WATCHED = ("operating", "suspended")


@dataclass(frozen=True)
class OnDuty:
    """Somebody on a shift: `duty` is the post they are on; hours in UTC."""

    member_id: int
    name: str
    duty: str
    shift: str
    starts_at: datetime
    ends_at: datetime


def on_duty(scope: Scope, facility_id: int, moment: datetime) -> list[OnDuty]:
    """Who is on duty at a place at a moment (for incidents: who was there), in the order of the posts."""
    query = (
        scope.columns(
            Shift, StaffMember.id, StaffMember.name, Shift.duty, Shift.shift, Shift.starts_at, Shift.ends_at
        )
        .join(StaffMember, StaffMember.id == Shift.member_id)
        .where(Shift.facility_id == facility_id, Shift.starts_at <= moment, Shift.ends_at > moment)
    )
    found = [OnDuty(*row) for row in db.session.execute(query)]
    return sorted(found, key=lambda each: (POSTS.index(each.duty), each.name, each.member_id))


def on_duty_counts(scope: Scope, moment: datetime) -> dict[int, int]:
    """How many people are on duty by facility id."""
    query = scope.columns(Shift, Shift.facility_id, func.count()).where(Shift.starts_at <= moment, Shift.ends_at > moment)
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Shift.facility_id))}


@dataclass(frozen=True)
class Row:
    """A line of the week: a person and their shifts by day, each (shift, duty)."""

    member: StaffMember
    days: dict[date, list[tuple[str, str]]]


def week(scope: Scope, facility_id: int, monday: date) -> list[Row]:
    """Who works at a place, or was on its roster in the week, with their shifts, in the order of the posts."""
    days = [monday + timedelta(n) for n in range(7)]
    shifts = list(
        db.session.scalars(scope.select(Shift).where(Shift.facility_id == facility_id, Shift.day.between(days[0], days[-1])))
    )
    there = {shift.member_id for shift in shifts}
    people = scope.select(StaffMember).where(
        StaffMember.facility_id == facility_id, or_(StaffMember.state != "left", StaffMember.id.in_(there))
    )
    rows = sorted(db.session.scalars(people), key=lambda row: (POSTS.index(row.posts[0]), row.name, row.id))
    found: dict[int, dict[date, list[tuple[str, str]]]] = {row.id: {day: [] for day in days} for row in rows}
    for shift in sorted(shifts, key=lambda each: SHIFTS.index(each.shift)):
        found[shift.member_id][shift.day].append((shift.shift, shift.duty))
    return [Row(row, found[row.id]) for row in rows]


@dataclass(frozen=True)
class Gap:
    """What a shift lacks. `what`: night_empty (fewer people than a night needs) or control_room_short."""

    facility_id: int
    day: date
    shift: str
    what: str
    there: int
    needed: int

    @property
    def key(self) -> str:
        """What tells one gap of a place from another: the occasion of its alert."""
        return f"{self.day.isoformat()}/{self.shift}"


def gaps(scope: Scope, facilities: Iterable[Facility], first: date, last: date, rules: Rules) -> list[Gap]:
    """The gaps of places on some days, both included, in time: a night of an institution with fewer people than it needs,
    a fire control room with fewer operators. Places that do not operate have none.
    """
    places = [each for each in facilities if each.state in WATCHED]
    query = (
        scope.columns(
            Shift, Shift.facility_id, Shift.day, Shift.shift, func.count(),
            func.count().filter(Shift.duty == "fire_control"),
        )
        .where(Shift.facility_id.in_([each.id for each in places]), Shift.day.between(first, last))
        .group_by(Shift.facility_id, Shift.day, Shift.shift)
    )
    there: dict[tuple[int, date, str], tuple[int, int]] = {tuple(row[:3]): (row[3], row[4]) for row in db.session.execute(query)}
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        for shift in SHIFTS:
            for place in places:
                people, operators = there.get((place.id, day, shift), (0, 0))
                if shift == "night" and place.facility_type == "institution" and people < rules.night_least:
                    found.append(Gap(place.id, day, shift, "night_empty", people, rules.night_least))
                if place.has_fire_control_room and operators < rules.control_least:
                    found.append(Gap(place.id, day, shift, "control_room_short", operators, rules.control_least))
    return found


def watched(scope: Scope, facility_id: int | None = None) -> list[Facility]:
    """The places whose roster has something to cover: institutions, and whatever has a fire control room."""
    query = scope.select(Facility).where(
        Facility.state.in_(WATCHED), or_(Facility.facility_type == "institution", Facility.has_fire_control_room)
    )
    if facility_id is not None:
        query = query.where(Facility.id == facility_id)
    return list(db.session.scalars(query.order_by(Facility.code, Facility.id)))


def to_tell(scope: Scope, facilities: list[Facility], now: datetime, rules: Rules) -> list[Gap]:
    """The gaps of shifts that run now or begin within the hours the settings say."""
    today = calendar.local(now).date()
    until = now + timedelta(hours=rules.told_hours)
    found = gaps(scope, facilities, today - timedelta(1), calendar.local(until).date(), rules)
    return [gap for gap in found if rules.hours(gap.day, gap.shift)[1] > now and rules.hours(gap.day, gap.shift)[0] <= until]


def caregivers(scope: Scope, first: date, last: date) -> dict[int, dict[str, Any]]:
    """By facility id: {"employed": keys of the caregivers at work, "rostered": of them, whoever had a shift as caregiver}.

    Keys of persons (`person_key`), so that whoever works in two homes can be counted once in a sum.
    """
    out: dict[int, dict[str, Any]] = {}
    query = scope.columns(StaffMember, StaffMember.facility_id, StaffMember.person_key).where(
        StaffMember.state == "employed", StaffMember.posts.contains(["caregiver"])
    )
    for facility_id, key in db.session.execute(query):
        out.setdefault(facility_id, {"employed": set(), "rostered": set()})["employed"].add(key)
    query = (
        scope.columns(Shift, Shift.facility_id, Shift.person_key).distinct()
        .where(Shift.day.between(first, last), Shift.duty == "caregiver")
    )
    for facility_id, key in db.session.execute(query):
        if key in out.get(facility_id, {"employed": ()})["employed"]:
            out[facility_id]["rostered"].add(key)
    return out
