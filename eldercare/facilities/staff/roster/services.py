"""Writes of the roster: a shift more or less, a week copied, gaps told and settled. lock → judge → change → record."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from werkzeug.exceptions import NotFound

from eldercare.core import alerts, audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.facilities.queries import GONE
from eldercare.facilities.staff.models import POST_WORDS, StaffMember
from eldercare.facilities.staff.roster import queries
from eldercare.facilities.staff.roster.models import CONTROL_SHORT, NIGHT_EMPTY, Rules, Shift

AHEAD = 92  # days a roster may be made for
KINDS = {"night_empty": NIGHT_EMPTY, "control_room_short": CONTROL_SHORT}


def toggle(
    scope: Scope, facility_id: int, member_id: int, day: date, shift: str, rules: Rules, duty: str | None = None
) -> Shift | None:
    """Put somebody on a shift, or take them off it when they are on it; the shift made, None when one was taken away.

    `duty`: which of their posts they are on, the main one by default. The member's row is locked first, so
    whoever leaves at the same moment is either off the roster or not gone yet.
    Refused: roster.place_closed, roster.closed, roster.too_far, roster.not_employed, roster.on_leave, roster.not_their_post;
    roster.two_shifts by constraint.
    """
    facility = _open(scope, facility_id)
    person = scope.lock(StaffMember, member_id)
    if person.facility_id != facility_id:
        raise NotFound
    _judge_day(day, rules)
    here = scope.select(Shift).where(Shift.member_id == member_id, Shift.day == day, Shift.shift == shift)
    old = db.session.scalars(here).one_or_none()
    made = None
    if old is not None:
        db.session.delete(old)
        audit.record(scope, "staff_shift.removed", old, day=day, shift=shift)
    else:
        made = Shift(**_values(person, day, shift, _judge_person(person, day, duty), rules))
        db.session.add(made)
        audit.record(scope, "staff_shift.added", made)
    watch(scope, [facility], calendar.now(), rules)
    return made


def _open(scope: Scope, facility_id: int) -> Facility:
    facility = scope.get(Facility, facility_id)
    if facility.state in GONE:
        raise Refused("roster.place_closed")
    return facility


def _judge_day(day: date, rules: Rules) -> None:
    if day < calendar.today() - timedelta(rules.edit_days):
        raise Refused("roster.closed", days=rules.edit_days)
    if day > calendar.today() + timedelta(AHEAD):
        raise Refused("roster.too_far")


def _judge_person(person: StaffMember, day: date, duty: str | None) -> str:
    if not person.works_on(day):
        raise Refused("roster.not_employed", name=person.name)
    if person.state == "on_leave" and (person.away_from is None or day >= person.away_from):
        raise Refused("roster.on_leave", name=person.name)
    if duty is not None and duty not in person.posts:
        raise Refused("roster.not_their_post", name=person.name, post=POST_WORDS.get(duty, duty))
    return duty or person.posts[0]


def _values(person: StaffMember, day: date, shift: str, duty: str, rules: Rules) -> dict[str, Any]:
    starts, ends = rules.hours(day, shift)
    return {
        "township_id": person.township_id, "facility_id": person.facility_id, "member_id": person.id,
        "person_key": person.person_key, "day": day, "shift": shift, "duty": duty, "starts_at": starts, "ends_at": ends,
    }


def copy_week(scope: Scope, facility_id: int, monday: date, rules: Rules) -> tuple[int, int]:
    """Fill a week like the one before; (shifts copied, left out).

    Left out: days that may not be changed any more, people who no longer work there or are on leave, posts they no
    longer have, and whoever is on a shift at those hours already, here or elsewhere.
    """
    facility = _open(scope, facility_id)
    before = list(
        db.session.scalars(
            scope.select(Shift).where(
                Shift.facility_id == facility_id, Shift.day.between(monday - timedelta(7), monday - timedelta(1))
            )
        )
    )
    wanted = scope.select(StaffMember).where(StaffMember.id.in_({shift.member_id for shift in before}))
    people = {row.id: row for row in db.session.scalars(wanted.order_by(StaffMember.id).with_for_update())}
    rows = []
    for shift in sorted(before, key=lambda each: (each.person_key, each.starts_at)):  # homes that share people go the same way
        person, day = people[shift.member_id], shift.day + timedelta(7)
        try:
            _judge_day(day, rules)
            rows.append(_values(person, day, shift.shift, _judge_person(person, day, shift.duty), rules))
        except Refused:
            continue
    made = 0
    if rows:
        statement = insert(Shift).values(rows).on_conflict_do_nothing().returning(Shift.id)
        made = len(db.session.scalars(statement.execution_options(audited="staff_shift.copied")).all())
        audit.record(scope, "staff_shift.copied", facility, entity="staff_shift", day=monday, shifts=made)
    watch(scope, [facility], calendar.now(), rules)
    return made, len(before) - made


def clear_from(scope: Scope, person: StaffMember, day: date) -> int:
    """Take somebody off the roster from a day on; how many shifts that were."""
    mine = [Shift.member_id == person.id, Shift.day >= day, scope.where(Shift)]
    count = db.session.scalar(scope.columns(Shift, func.count()).where(*mine)) or 0
    if count:
        db.session.execute(delete(Shift).where(*mine).execution_options(audited="staff_shift.removed"))
        audit.record(scope, "staff_shift.removed", person, shifts=count, day=day)
    return count


def watch(scope: Scope, facilities: list[Facility], now: datetime, rules: Rules) -> int:
    """Tell of the gaps that lie ahead and settle what is covered or past; how many alerts are new.

    A gap is told once while it is open; one that was covered and opens anew is told anew.
    """
    open_gaps = queries.to_tell(scope, facilities, now, rules)
    new = 0
    for facility in facilities:
        mine = {(KINDS[gap.what], gap.key): gap for gap in open_gaps if gap.facility_id == facility.id}
        for kind in KINDS.values():
            before = alerts.told(scope, kind, facility)
            for alert in before:
                if alert.settled_at is None and (kind, alert.occasion.partition("#")[0]) not in mine:
                    alerts.settle(scope, facility, kind, occasion=alert.occasion)
            for (each, key), gap in mine.items():
                if each == kind:
                    same = [alert for alert in before if alert.occasion.partition("#")[0] == key]
                    new += _tell(scope, facility, kind, gap, rules, same)
    return new


def _tell(
    scope: Scope, facility: Facility, kind: str, gap: queries.Gap, rules: Rules, before: list[alerts.Alert]
) -> bool:
    if any(alert.settled_at is None for alert in before):
        return False
    starts = rules.hours(gap.day, gap.shift)[0]
    occasion = gap.key if not before else f"{gap.key}#{len(before) + 1}"
    told = alerts.tell(
        scope, kind, facility, occasion=occasion, due_at=starts,
        place=facility.name, day=gap.day.isoformat(), at=starts.isoformat(), there=gap.there, needed=gap.needed,
    )  # fmt: skip
    return told is not None
