"""From the order in hand to the closing: receive, begin, reply, recheck, assign, close."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func

from eldercare.accounts import queries as accounts
from eldercare.core import alerts, attachments, audit, calendar, papers, states
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility
from eldercare.hazards.models import OPEN, Deadlines, Hazard, HazardReply


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


def reply(
    scope: Scope, hazard_id: int, measures: str, deadlines: Deadlines, *, photos: Sequence[Any] = ()
) -> HazardReply:
    """What was done, with photos of it, for the recheck to look at. A reply before "received" or "begun" includes both."""
    fits = attachments.judged(photos, field="photos")
    hazard = scope.lock(Hazard, hazard_id)
    for now, to in (("issued", "received"), ("received", "in_progress")):
        if hazard.state == now:
            states.move(scope, hazard, to)
    hazard.replied_on = calendar.today()
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
        recheck_by=deadlines.recheck_by(calendar.today()),
    )
    db.session.add(made)
    audit.record(scope, "hazard_reply.made", made)
    attachments.attach_all(scope, made, fits, kind="after", field="photos")
    alerts.settle(scope, hazard, "hazard.issued", "hazard.failed")
    if hazard.replied_in_time:  # the bureau's turn: nothing is proposed meanwhile
        alerts.settle(scope, hazard, "ladder.proposed")
    _tell_rechecker(scope, hazard, made)
    alerts.tell(
        scope, "hazard.replied", hazard, level="township", occasion=str(made.seq),
        due_at=calendar.at(made.recheck_by, 23, 59), home=_home(scope, hazard), number=hazard.number,
    )  # fmt: skip
    return made


def assign(scope: Scope, hazard_id: int, user_id: int) -> Hazard:
    """Ask a person to recheck, and tell them: one who may recheck there and did not reply.

    Refused: hazard.rechecker_unfit, move.not_allowed.
    """
    hazard = scope.lock(Hazard, hazard_id)
    if hazard.state not in OPEN:
        raise Refused("move.not_allowed")
    person = accounts.person(user_id)
    reach = scope_of(person, P.HAZARD_RECHECK) if person and person.is_enabled else None
    if person is None or reach is None or not reach.covers(hazard.township_id, hazard.facility_id):
        raise Refused("hazard.rechecker_unfit", field="rechecker")
    waiting = _waiting(scope, hazard)
    if waiting is not None and waiting.replied_by_id == user_id:
        raise Refused("hazard.rechecker_unfit", field="rechecker")
    hazard.rechecker_id, hazard.rechecker = user_id, person.name
    audit.record(scope, "hazard.assigned", hazard)
    alerts.settle(scope, hazard, "hazard.assigned")
    if user_id != scope.person_id:
        _tell_rechecker(scope, hazard, waiting)
    return hazard


def _tell_rechecker(scope: Scope, hazard: Hazard, waiting: HazardReply | None) -> None:
    """Whoever is asked to recheck hears of it: when asked, and when there is a reply to look at."""
    person = accounts.person(hazard.rechecker_id) if hazard.rechecker_id else None
    reach = scope_of(person, P.HAZARD_RECHECK) if person and person.is_enabled else None
    if person is None or reach is None or not reach.covers(hazard.township_id, hazard.facility_id):
        return
    level = "district" if reach.everywhere else "township" if hazard.township_id in reach.townships else "facility"
    about: dict[str, Any] = {"home": _home(scope, hazard), "number": hazard.number, "level": level, "person_id": person.id}
    due = calendar.at(waiting.recheck_by, 23, 59) if waiting else None
    alerts.tell(scope, "hazard.assigned", hazard, occasion=f"{person.id}", due_at=due, again=True, **about)
    if due:
        alerts.move_due(scope, hazard, "hazard.assigned", due)


def recheck(
    scope: Scope, hazard_id: int, *, passed: bool, findings: str, photos: Sequence[Any] = (), takes_over: bool = False
) -> HazardReply:
    """The recheck of the last reply, by someone else. Only if it passes has time stopped at the reply.

    takes_over: done by another than the one who was asked to; the log says so.
    Refused: hazard.someone_else, hazard.assigned_otherwise.
    """
    fits = attachments.judged(photos, field="photos")
    hazard = scope.lock(Hazard, hazard_id)
    made = _waiting(scope, hazard)
    if made is None:
        raise Refused("move.not_allowed")
    if made.replied_by_id is not None and made.replied_by_id == scope.person_id:
        raise Refused("hazard.someone_else")
    if hazard.rechecker_id not in {None, scope.person_id}:
        if not takes_over:
            raise Refused("hazard.assigned_otherwise", field="takes_over", name=hazard.rechecker)
        hazard.rechecker_id, hazard.rechecker = scope.person_id, scope.person_name
        audit.record(scope, "hazard.assigned", hazard)
    made.result, made.findings, made.rechecked_at = "passed" if passed else "failed", findings, calendar.now()
    made.rechecked_by, made.rechecked_by_id = scope.person_name, scope.person_id
    audit.record(scope, "hazard_reply.rechecked", made)
    attachments.attach_all(scope, made, fits, kind="recheck", field="photos")
    alerts.settle(scope, hazard, "hazard.replied", "hazard.assigned")
    if passed:
        hazard.right_on = calendar.local(made.replied_at).date()
        alerts.settle(scope, hazard, "hazard.overdue", "hazard.escalated", "ladder.proposed")
    else:
        alerts.tell(scope, "hazard.failed", hazard, occasion=str(made.seq), home=_home(scope, hazard), number=hazard.number)
    states.move(scope, hazard, "recheck_passed" if passed else "recheck_failed")
    papers.ask(scope, "recheck-record", papers.Subject("hazard", hazard.id, scope.get(Facility, hazard.facility_id)))
    return made


def _waiting(scope: Scope, hazard: Hazard) -> HazardReply | None:
    """The reply of a locked hazard that nobody has rechecked yet, held."""
    query = scope.select(HazardReply).where(HazardReply.hazard_id == hazard.id, HazardReply.result.is_(None))
    return db.session.scalars(query.with_for_update()).one_or_none()


def close(scope: Scope, hazard_id: int) -> Hazard:
    """A hazard whose recheck passed is done with; whatever ordered it reads that here."""
    hazard = scope.lock(Hazard, hazard_id)
    if hazard.state == "recheck_passed":
        hazard.closed_at = calendar.now()
    states.move(scope, hazard, "closed")
    alerts.settle(scope, hazard)
    return hazard


def _home(scope: Scope, hazard: Hazard) -> str:
    return scope.get(Facility, hazard.facility_id).name
