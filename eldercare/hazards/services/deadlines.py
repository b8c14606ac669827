"""More time, asked for once and before the deadline; what is overdue. Rules: domain.md §5.4.

Who decides on it: the deadline is a part of the order (责令限期整改), and to order is for certified officers of the bureau
alone (§5.2). Moving it changes what was ordered; refusing to move it decides on the same request. Both ask for a
certificate that counts today, as confirming and dismissing a report do.
"""

from datetime import date
from typing import Any

from eldercare.core import alerts, audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards.models import TO_PUT_RIGHT, Deadlines, Hazard
from eldercare.hazards.queries import replied_in_time
from eldercare.hazards.services.finding import end_of, must_be_officer


def ask(scope: Scope, hazard_id: int, due_on: date, reason: str, deadlines: Deadlines) -> Hazard:
    """The place asks for more time: once, and before the deadline has passed.

    Refused: hazard.extend_late, .extended_already, .asked_already, .extend_backwards, .due_too_far.
    """
    hazard = _running(scope, hazard_id)
    if hazard.asked_at is not None:
        raise Refused("hazard.asked_already")
    present = hazard.due_on or calendar.today()
    if calendar.today() > present:
        raise Refused("hazard.extend_late")
    _judge(hazard, due_on, deadlines)
    hazard.asked_at, hazard.asked_by, hazard.asked_due_on, hazard.asked_reason = (
        calendar.now(), scope.person_name, due_on, reason,
    )  # fmt: skip
    audit.record(scope, "hazard.asked", hazard)
    alerts.tell(
        scope, "hazard.asked", hazard, level="township", due_at=end_of(present), again=True, home=_home(scope, hazard),
        number=hazard.number, day=due_on,
    )  # fmt: skip
    return hazard


def refuse(scope: Scope, hazard_id: int, reason: str) -> Hazard:
    """No more time, and why, says a certified officer. hazard.not_asked, hazard.not_certified."""
    hazard = scope.lock(Hazard, hazard_id)
    must_be_officer(scope)
    if not hazard.is_asked:
        raise Refused("hazard.not_asked")
    hazard.refused_reason = reason
    audit.record(scope, "hazard.refused", hazard)
    _answered(scope, hazard)
    return hazard


def extend(scope: Scope, hazard_id: int, due_on: date, reason: str, deadlines: Deadlines) -> Hazard:
    """Move the deadline, once: before it has passed, or later where the place asked before it had. By a certified officer.

    Refused: hazard.not_certified, .extend_late, .extended_already, .extend_backwards, .due_too_far, .asked_already.
    """
    hazard = _running(scope, hazard_id)
    must_be_officer(scope)
    if hazard.refused_reason is not None:
        raise Refused("hazard.asked_already")
    if hazard.due_on is not None and calendar.today() > hazard.due_on and not hazard.is_asked:
        raise Refused("hazard.extend_late")
    _judge(hazard, due_on, deadlines)
    was_asked = hazard.is_asked
    hazard.first_due_on, hazard.due_on = hazard.due_on, due_on
    hazard.extended_at, hazard.extend_reason, hazard.escalated_at = calendar.now(), reason, None
    audit.record(scope, "hazard.extended", hazard)
    for kind in ("hazard.issued", "hazard.failed"):
        alerts.move_due(scope, hazard, kind, end_of(due_on))
    alerts.settle(scope, hazard, "hazard.overdue", "hazard.escalated", "ladder.proposed")
    if was_asked:
        _answered(scope, hazard)
    return hazard


def watch(scope: Scope, day: date, deadlines: Deadlines) -> dict[str, int]:
    """Tell what is overdue on a day, and escalate what stays so; the same day again tells nothing new.

    What was answered in time waits for the bureau: it counts as overdue, but nobody is told or called to account for it.
    """
    late = (Hazard.state.in_([*TO_PUT_RIGHT, "replied"]), Hazard.due_on < day, ~replied_in_time())
    query = scope.select(Hazard).where(*late).order_by(Hazard.id)
    told = raised = 0
    for hazard in db.session.scalars(query):
        about: dict[str, Any] = {"home": _home(scope, hazard), "number": hazard.number}
        about["occasion"] = f"{hazard.due_on}"  # extended, or ordered anew, it can be overdue anew
        told += alerts.tell(scope, "hazard.overdue", hazard, **about) is not None
        if hazard.escalated_at is None and hazard.days_overdue(day) >= deadlines.escalate:
            hazard.escalated_at = calendar.now()
            audit.record(scope, "hazard.escalated", hazard)
            raised += alerts.tell(scope, "hazard.escalated", hazard, level="district", **about) is not None
    return {"overdue": told, "escalated": raised}


def _running(scope: Scope, hazard_id: int) -> Hazard:
    """The hazard, held, where a deadline runs that can still be moved."""
    hazard = scope.lock(Hazard, hazard_id)
    if hazard.state not in TO_PUT_RIGHT:
        raise Refused("move.not_allowed")
    if hazard.extended_at is not None:
        raise Refused("hazard.extended_already")
    return hazard


def _judge(hazard: Hazard, due_on: date, deadlines: Deadlines) -> None:
    if hazard.due_on is None or hazard.issued_on is None or due_on <= hazard.due_on or due_on < calendar.today():
        raise Refused("hazard.extend_backwards", field="due_on")
    last = deadlines.last(hazard.severity, hazard.issued_on)
    if due_on > last:
        raise Refused("hazard.due_too_far", field="due_on", last=last)


def _answered(scope: Scope, hazard: Hazard) -> None:
    alerts.settle(scope, hazard, "hazard.asked")
    alerts.tell(scope, "hazard.answered", hazard, home=_home(scope, hazard), number=hazard.number)


def _home(scope: Scope, hazard: Hazard) -> str:
    return scope.get(Facility, hazard.facility_id).name
