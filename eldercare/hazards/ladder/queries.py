"""Reads of the ladder: steps taken, and which one is proposed next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_
from sqlalchemy.orm import contains_eager, joinedload

from eldercare.core import audit, calendar
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards import queries as hazards
from eldercare.hazards.ladder.models import LadderStep, Thresholds
from eldercare.hazards.models import BEFORE_ORDER, Hazard, HazardReply

OVER = (*BEFORE_ORDER, "closed")  # nothing is taken further of what is closed, or was never ordered


def steps(scope: Scope) -> Select[Any]:
    """Steps in reach with their place and hazard."""
    query = scope.select(LadderStep).join(LadderStep.facility).join(Facility.township)
    return query.options(contains_eager(LadderStep.facility).contains_eager(Facility.township), joinedload(LadderStep.hazard))


def step(scope: Scope, step_id: int) -> LadderStep:
    """One step with its place; 404."""
    row: LadderStep | None = db.session.scalars(steps(scope).where(LadderStep.id == step_id)).one_or_none()
    return row if row is not None else scope.get(LadderStep, step_id)


def history(scope: Scope, step_id: int) -> list[AuditEntry]:
    """What happened to a step, newest first."""
    return list(db.session.scalars(audit.history(scope, "ladder_step", step_id)))


def of_home(scope: Scope, facility_id: int) -> list[LadderStep]:
    """Steps towards a home as a whole, newest first."""
    query = steps(scope).where(LadderStep.facility_id == facility_id, LadderStep.hazard_id.is_(None))
    return list(db.session.scalars(query.order_by(LadderStep.taken_on.desc(), LadderStep.id.desc())))


@dataclass(frozen=True)
class Ladder:
    """A hazard's ladder: its steps in the order taken (cancelled ones too), and what is proposed next and why.

    proposed: (step, "days" or "rechecks", the threshold reached), or None.
    """

    hazard: Hazard
    steps: tuple[LadderStep, ...]
    days: int
    failed: int
    proposed: tuple[str, str, int] | None

    @property
    def id(self) -> int:
        """The hazard's own."""
        return self.hazard.id

    @property
    def taken(self) -> dict[str, LadderStep]:
        """The steps that stand, by their word."""
        return {each.step: each for each in self.steps if each.stands(self.hazard.due_on)}

    @property
    def last(self) -> LadderStep | None:
        """The last step that stands."""
        return next(reversed(self.taken.values()), None)


def ladders(scope: Scope, of: Iterable[Hazard], day: date, thresholds: Thresholds) -> list[Ladder]:
    """The ladders of some hazards on a day, in their order: two statements."""
    rows = list(of)
    ids = [each.id for each in rows]
    taken: dict[int, list[LadderStep]] = {}
    query = scope.select(LadderStep).where(LadderStep.hazard_id.in_(ids)).order_by(LadderStep.taken_on, LadderStep.id)
    for each in db.session.scalars(query):
        taken.setdefault(each.hazard_id or 0, []).append(each)
    failures = scope.columns(HazardReply, HazardReply.hazard_id, func.count()).where(
        HazardReply.hazard_id.in_(ids), HazardReply.result == "failed"
    )
    failed: dict[int, int] = {row[0]: row[1] for row in db.session.execute(failures.group_by(HazardReply.hazard_id))}
    found = []
    for hazard in rows:
        own, days, times = taken.get(hazard.id, []), hazard.days_overdue(day), failed.get(hazard.id, 0)
        standing = {each.step for each in own if each.stands(hazard.due_on)}
        is_over = hazard.state in OVER or hazard.right_on is not None or hazard.replied_in_time  # the bureau's turn
        found.append(Ladder(hazard, tuple(own), days, times, None if is_over else thresholds.next(standing, days, times)))
    return found


def ladder(scope: Scope, hazard_id: int, thresholds: Thresholds) -> Ladder:
    """One hazard's ladder today; 404."""
    return ladders(scope, [hazards.hazard(scope, hazard_id)], calendar.today(), thresholds)[0]


def on_ladder(scope: Scope) -> Select[Any]:
    """Hazards that are overdue or failed a recheck and are not put right, and those with a step taken that are not closed."""
    stepped = scope.columns(LadderStep, LadderStep.hazard_id).where(
        LadderStep.hazard_id.is_not(None), LadderStep.cancelled_at.is_(None)
    )
    return hazards.hazards(scope).where(Hazard.state.not_in(OVER), or_(_not_right(scope), Hazard.id.in_(stepped)))


def to_judge(scope: Scope) -> Select[Any]:
    """Hazards the night's round looks at: not put right, overdue or with a failed recheck, no reply in time that waits."""
    late = (Hazard.state.not_in(OVER), _not_right(scope), ~hazards.replied_in_time())
    return scope.select(Hazard).where(*late).order_by(Hazard.id)


def _not_right(scope: Scope) -> ColumnElement[bool]:
    failed = scope.columns(HazardReply, HazardReply.hazard_id).where(HazardReply.result == "failed")
    return Hazard.right_on.is_(None) & or_(Hazard.due_on < calendar.today(), Hazard.id.in_(failed))
