"""Writes of hazards: order, receive, reply, recheck, extend, close; what is overdue is told. lock → judge → change → record."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from eldercare.core import alerts, audit, calendar, states
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards.models import TO_PUT_RIGHT, Deadlines, Hazard, HazardReply


def order(
    scope: Scope,
    facility_id: int,
    *,
    source: tuple[str, int, str, str],
    severity: str,
    description: str,
    demand: str = "",
    due_on: date | None = None,
    deadlines: Deadlines,
) -> Hazard:
    """Order a hazard to be put right. `source`: (kind, id, label, path) of what orders it, once for each.

    Refused: hazard.due_too_far, hazard.dates_reversed, hazard.ordered_already.
    """
    facility = scope.get(Facility, facility_id)
    today = calendar.today()
    due = due_on or deadlines.due(severity, today)
    if due > deadlines.last(severity, today):
        raise Refused("hazard.due_too_far", field="due_on", last=deadlines.last(severity, today).isoformat())
    kind, source_id, label, path = source
    number = db.session.scalar(select(func.nextval("hazards_id_seq")))
    hazard = Hazard(
        id=number,
        number=f"YH{today.year}-{number:05d}",
        township_id=facility.township_id,
        facility_id=facility.id,
        source_kind=kind,
        source_id=source_id,
        source_label=label,
        source_path=path,
        severity=severity,
        description=description,
        demand=demand,
        issued_on=today,
        due_on=due,
        issued_by=scope.person_name,
        issued_by_id=scope.person_id,
    )
    db.session.add(hazard)
    audit.record(scope, "hazard.issued", hazard)
    alerts.tell(scope, "hazard.issued", hazard, due_at=_end_of(due), home=facility.name, number=hazard.number)
    return hazard


def receive(scope: Scope, hazard_id: int) -> Hazard:
    """The place has the order in hand."""
    hazard = scope.lock(Hazard, hazard_id)
    states.move(scope, hazard, "received")
    return hazard


def begin(scope: Scope, hazard_id: int) -> Hazard:
    """Putting right has begun."""
    hazard = scope.lock(Hazard, hazard_id)
    states.move(scope, hazard, "in_progress")
    return hazard


def reply(scope: Scope, hazard_id: int, measures: str, deadlines: Deadlines) -> HazardReply:
    """What was done, for the recheck to look at. A reply before "received" or "begun" was pressed includes both."""
    hazard = scope.lock(Hazard, hazard_id)
    for now, to in (("issued", "received"), ("received", "in_progress")):
        if hazard.state == now:
            states.move(scope, hazard, to)
    states.move(scope, hazard, "replied")
    seq = db.session.scalar(scope.columns(HazardReply, func.count()).where(HazardReply.hazard_id == hazard.id)) or 0
    made = HazardReply(
        township_id=hazard.township_id,
        facility_id=hazard.facility_id,
        hazard_id=hazard.id,
        seq=seq + 1,
        measures=measures,
        replied_at=calendar.now(),
        replied_by=scope.person_name,
        replied_by_id=scope.person_id,
    )
    db.session.add(made)
    audit.record(scope, "hazard_reply.made", made)
    alerts.settle(scope, hazard, "hazard.issued", "hazard.failed")
    alerts.tell(
        scope, "hazard.replied", hazard, level="township", occasion=str(made.seq), due_at=deadlines.recheck_by(calendar.today()),
        home=_home(scope, hazard), number=hazard.number,
    )  # fmt: skip
    return made


def recheck(scope: Scope, hazard_id: int, *, passed: bool, findings: str) -> HazardReply:
    """The recheck of the last reply, by someone else: hazard.someone_else. Only if it passes has time stopped at the reply."""
    hazard = scope.lock(Hazard, hazard_id)
    query = scope.select(HazardReply).where(HazardReply.hazard_id == hazard.id, HazardReply.result.is_(None))
    made = db.session.scalars(query.with_for_update()).one_or_none()
    if made is None:
        raise Refused("move.not_allowed")
    if made.replied_by_id is not None and made.replied_by_id == scope.person_id:
        raise Refused("hazard.someone_else")
    made.result, made.findings, made.rechecked_at = "passed" if passed else "failed", findings, calendar.now()
    made.rechecked_by, made.rechecked_by_id = scope.person_name, scope.person_id
    audit.record(scope, "hazard_reply.rechecked", made)
    alerts.settle(scope, hazard, "hazard.replied")
    if passed:
        hazard.right_on = calendar.local(made.replied_at).date()
        alerts.settle(scope, hazard, "hazard.overdue", "hazard.escalated")
    else:
        alerts.tell(scope, "hazard.failed", hazard, occasion=str(made.seq), home=_home(scope, hazard), number=hazard.number)
    states.move(scope, hazard, "recheck_passed" if passed else "recheck_failed")
    return made


def extend(scope: Scope, hazard_id: int, due_on: date, reason: str, deadlines: Deadlines) -> Hazard:
    """Move the deadline, once and before it has passed."""
    hazard = scope.lock(Hazard, hazard_id)
    if hazard.state not in TO_PUT_RIGHT:
        raise Refused("move.not_allowed")
    if hazard.extended_at is not None:
        raise Refused("hazard.extended_already")
    if calendar.today() > hazard.due_on:
        raise Refused("hazard.extend_late")
    if due_on <= hazard.due_on:
        raise Refused("hazard.extend_backwards", field="due_on")
    last = deadlines.last(hazard.severity, hazard.issued_on)
    if due_on > last:
        raise Refused("hazard.due_too_far", field="due_on", last=last.isoformat())
    hazard.first_due_on, hazard.due_on = hazard.due_on, due_on
    hazard.extended_at, hazard.extend_reason = calendar.now(), reason
    audit.record(scope, "hazard.extended", hazard)
    for kind in ("hazard.issued", "hazard.failed"):
        alerts.move_due(scope, hazard, kind, _end_of(due_on))
    return hazard


def close(scope: Scope, hazard_id: int) -> Hazard:
    """A hazard whose recheck passed is done with; whatever ordered it reads that here."""
    hazard = scope.lock(Hazard, hazard_id)
    if hazard.state == "recheck_passed":
        hazard.closed_at = calendar.now()
    states.move(scope, hazard, "closed")
    alerts.settle(scope, hazard)
    return hazard


def watch(scope: Scope, day: date, deadlines: Deadlines) -> dict[str, int]:
    """Tell what is overdue on a day, and escalate what stays so; the same day again tells nothing new."""
    query = scope.select(Hazard).where(Hazard.state.in_([*TO_PUT_RIGHT, "replied"]), Hazard.due_on < day).order_by(Hazard.id)
    told = raised = 0
    for hazard in db.session.scalars(query):
        about: dict[str, Any] = {"home": _home(scope, hazard), "number": hazard.number}
        told += alerts.tell(scope, "hazard.overdue", hazard, **about) is not None
        if hazard.escalated_at is None and hazard.days_overdue(day) >= deadlines.escalate:
            hazard.escalated_at = calendar.now()
            audit.record(scope, "hazard.escalated", hazard)
            raised += alerts.tell(scope, "hazard.escalated", hazard, level="district", **about) is not None
    return {"overdue": told, "escalated": raised}


def _end_of(day: date) -> datetime:
    return calendar.at(day, 23, 59)


def _home(scope: Scope, hazard: Hazard) -> str:
    return scope.get(Facility, hazard.facility_id).name
