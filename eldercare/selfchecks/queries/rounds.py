"""Reads of rounds: one, what is due at a place now, a day, a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import contains_eager, joinedload

from eldercare.checklists.models import Checklist
from eldercare.core import audit
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.facilities.staff.models import StaffMember
from eldercare.selfchecks.models import OF_A_DAY, Rules, SelfCheckPhoto, SelfCheckRound


def rounds(scope: Scope) -> Select[Any]:
    """Rounds in reach with their place, its township and the list."""
    return (
        scope.select(SelfCheckRound)
        .join(SelfCheckRound.facility)
        .join(Facility.township)
        .join(Checklist, Checklist.id == SelfCheckRound.checklist_id)
        .options(
            contains_eager(SelfCheckRound.facility).contains_eager(Facility.township), contains_eager(SelfCheckRound.checklist)
        )
    )


def round_(scope: Scope, round_id: int) -> SelfCheckRound:
    """One round in reach with its place and list; 404 otherwise."""
    row: SelfCheckRound | None = db.session.scalars(rounds(scope).where(SelfCheckRound.id == round_id)).one_or_none()
    return row if row is not None else scope.get(SelfCheckRound, round_id)


def matching(text: str) -> ColumnElement[bool]:
    """Rounds of places whose name or code contains the text."""
    both = Facility.name + " " + Facility.code
    return both.icontains(text, autoescape=True)


def between(ends: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Of days between two, either of them open."""
    first, last = ends
    return and_(SelfCheckRound.day >= (first or date(1900, 1, 1)), SelfCheckRound.day <= (last or date(2199, 12, 31)))


@dataclass(frozen=True)
class Now:
    """What a place has before it. open: to be walked now, the first to end on top (missed ones that can still be made up
    for come last). coming: what begins later today or tonight. longer: weekly to yearly checks not yet pressing.
    """

    open: list[SelfCheckRound]
    coming: list[SelfCheckRound]
    longer: list[SelfCheckRound]


def due_now(scope: Scope, facility_id: int, now: datetime, rules: Rules) -> Now:
    """What is due at a place at a moment."""
    made_up = now - timedelta(days=rules.late_days, hours=rules.late_hours)  # what ended before is over for good
    still = or_(SelfCheckRound.state == "due", and_(SelfCheckRound.state == "missed", SelfCheckRound.until_at >= made_up))
    query = rounds(scope).where(SelfCheckRound.facility_id == facility_id, still)
    found = list(db.session.scalars(query.order_by(SelfCheckRound.until_at, SelfCheckRound.id)))
    due = [each for each in found if each.state == "due"]
    begun = [each for each in due if each.from_at <= now]
    pressing = [each for each in begun if rules.told_from(each.duty, each.from_at, each.until_at) <= now]
    missed = [each for each in found if each.state == "missed" and now <= rules.late_until(each.duty, each.until_at)]
    return Now(
        pressing + missed,
        [each for each in due if each.from_at > now and each.duty in OF_A_DAY],
        [each for each in begun if each not in pressing],
    )


def of_day(scope: Scope, facility_id: int, day: date) -> list[SelfCheckRound]:
    """The rounds of a place on a day of its calendar, in time."""
    query = rounds(scope).where(SelfCheckRound.facility_id == facility_id, SelfCheckRound.day == day)
    return list(db.session.scalars(query.order_by(SelfCheckRound.from_at, SelfCheckRound.id)))


def missed_lately(scope: Scope, day: date, kind: str, most: int = 200) -> list[SelfCheckRound]:
    """Rounds missed on a day and in the night before it, by places of a kind, place by place."""
    night = and_(SelfCheckRound.day == day - timedelta(days=1), SelfCheckRound.duty == "patrol_night")
    query = rounds(scope).where(SelfCheckRound.state == "missed", or_(SelfCheckRound.day == day, night))
    query = query.where(Facility.facility_type == kind)
    return list(db.session.scalars(query.order_by(Facility.code, SelfCheckRound.from_at, SelfCheckRound.id).limit(most)))


def photos(scope: Scope, round_id: int) -> dict[str, list[SelfCheckPhoto]]:
    """The photos of a round by item, the oldest first."""
    query = scope.select(SelfCheckPhoto).where(SelfCheckPhoto.round_id == round_id).order_by(SelfCheckPhoto.id)
    found: dict[str, list[SelfCheckPhoto]] = {}
    for each in db.session.scalars(query.options(joinedload(SelfCheckPhoto.attachment))):
        found.setdefault(each.item_code, []).append(each)
    return found


def walkers(scope: Scope, found: Iterable[SelfCheckRound]) -> dict[int, str]:
    """Names of those who walked, by id of the member of staff."""
    ids = {each.member_id for each in found if each.member_id}
    if not ids:
        return {}
    query = scope.columns(StaffMember, StaffMember.id, StaffMember.name).where(StaffMember.id.in_(sorted(ids)))
    return {row[0]: row[1] for row in db.session.execute(query)}


def history(scope: Scope, round_id: int) -> list[AuditEntry]:
    """What happened to a round, newest first."""
    return list(db.session.scalars(audit.history(scope, "selfcheck_round", round_id)))
