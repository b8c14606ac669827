"""Writes of the ladder: a step taken by a person, the platform's reminder, a step cancelled. lock → judge → change → record."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from eldercare.core import alerts, attachments, audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards.ladder import queries
from eldercare.hazards.ladder.models import STEPS, LadderStep, Thresholds, law
from eldercare.hazards.models import Hazard

FIELDS = ("step", "taken_on", "reason", "skip_reason", "document_no", "basis", "fine_fen", "bodies")


def take(
    scope: Scope,
    thresholds: Thresholds,
    values: Mapping[str, Any],
    *,
    hazard_id: int | None = None,
    facility_id: int | None = None,
    papers: Any = (),
) -> LadderStep:
    """Take a step towards a home, for one hazard or for the home as a whole. `values`: FIELDS; `papers`: uploads.

    Refused: ladder.hazard_closed, ladder.ahead, ladder.skip_reason, ladder.fine_basis, ladder.fine_range, ladder.bodies_missing,
    ladder.taken_already.
    """
    fits = attachments.judged(papers, field="papers")
    hazard = scope.lock(Hazard, hazard_id) if hazard_id is not None else None
    place = scope.get(Facility, hazard.facility_id if hazard else facility_id or 0)
    if hazard is not None and hazard.state in queries.OVER:
        raise Refused("ladder.hazard_closed")
    if values["taken_on"] > calendar.today():
        raise Refused("ladder.ahead", field="taken_on")
    made = LadderStep(
        township_id=place.township_id,
        facility_id=place.id,
        hazard_id=hazard_id,
        taken_by=scope.person_name,
        taken_by_id=scope.person_id,
        skipped=[],
        **{name: values.get(name) for name in FIELDS},
    )
    made.bodies = list(made.bodies or ()) if made.step == "notify" else []
    if made.step != "case":
        made.fine_fen = None
    if hazard is not None:
        now = queries.ladder(scope, hazard.id, thresholds)
        if made.step in now.taken:
            raise Refused("ladder.taken_already", field="step")
        _set_aside(scope, now)
        made.overdue_days, made.failed_rechecks = now.days, now.failed
        made.skipped = [each for each in STEPS[: STEPS.index(made.step)] if each not in now.taken]
        if made.skipped and not made.skip_reason:
            raise Refused("ladder.skip_reason", field="skip_reason")
    _judge(made)
    db.session.add(made)
    audit.record(scope, "ladder_step.taken", made)
    attachments.attach_all(scope, made, fits, kind="paper", field="papers")
    if hazard is not None:
        alerts.settle(scope, hazard, "ladder.proposed")
    alerts.tell(scope, "ladder.taken", made, home=place.name, on=made.taken_on)
    return made


def _judge(made: LadderStep) -> None:
    """What a step must say: the departments told, the clause of a fine and its range."""
    if made.step == "notify" and not made.bodies:
        raise Refused("ladder.bodies_missing", field="bodies")
    clause = law().get(made.basis or "")
    if made.fine_fen is not None and clause is None:
        raise Refused("ladder.fine_basis", field="basis")
    if made.fine_fen is None or clause is None:
        return
    if clause.most is None or clause.least is None:
        raise Refused("ladder.fine_basis", field="basis")
    if not clause.least * 100 <= made.fine_fen <= clause.most * 100:
        raise Refused("ladder.fine_range", field="fine", least=f"{clause.least:,}", most=f"{clause.most:,}")


def cancel(scope: Scope, step_id: int, reason: str) -> LadderStep:
    """A step that does not stand: undone, or entered by mistake. It stays in sight with the reason."""
    made = scope.lock(LadderStep, step_id)
    if made.cancelled_at is not None:
        raise Refused("ladder.cancelled_already")
    _cancel(scope, made, reason)
    return made


def _cancel(scope: Scope, step: LadderStep, reason: str) -> None:
    step.cancelled_at, step.cancelled_by, step.cancel_reason = calendar.now(), scope.person_name, reason
    audit.record(scope, "ladder_step.cancelled", step)


def _set_aside(scope: Scope, ladder: queries.Ladder) -> None:
    """A reminder of an earlier deadline makes room for the next; it has no reason but that."""
    for each in ladder.steps:
        if each.cancelled_at is None and not each.stands(ladder.hazard.due_on):
            _cancel(scope, each, "")


def watch(scope: Scope, day: date, thresholds: Thresholds) -> dict[str, int]:
    """Remind the homes, and tell the district which step is proposed. The same day again adds nothing."""
    reminded = proposed = 0
    rows = list(db.session.scalars(queries.to_judge(scope)))
    names = {
        each.id: each.name
        for each in db.session.scalars(scope.select(Facility).where(Facility.id.in_({row.facility_id for row in rows})))
    }
    for ladder in queries.ladders(scope, rows, day, thresholds):
        step = ladder.proposed
        if step is None:
            continue
        about: dict[str, Any] = {"home": names[ladder.hazard.facility_id], "number": ladder.hazard.number}
        if step[0] == "reminder":
            reminded += _remind(scope, ladder, day, about)
            again = thresholds.next({"reminder"}, ladder.days, ladder.failed)
            if again is None:
                continue
            step = again
        # again: what a step settled is proposed anew once that step was cancelled
        proposed += (
            alerts.tell(scope, "ladder.proposed", ladder.hazard, level="district", occasion=step[0], again=True, **about)
            is not None
        )
    return {"reminded": reminded, "proposed": proposed}


def _remind(scope: Scope, ladder: queries.Ladder, day: date, about: dict[str, Any]) -> int:
    hazard = scope.lock(Hazard, ladder.id)
    now = queries.ladders(scope, [hazard], day, Thresholds((0,) * len(STEPS), (0,) * len(STEPS)))[0]
    if "reminder" in now.taken:
        return 0
    _set_aside(scope, now)
    made = LadderStep(
        township_id=hazard.township_id,
        facility_id=hazard.facility_id,
        hazard_id=hazard.id,
        step="reminder",
        taken_on=day,
        reason="",
        skipped=[],
        bodies=[],
        is_automatic=True,
        overdue_days=ladder.days,
        failed_rechecks=ladder.failed,
        taken_by=scope.person_name,
    )
    db.session.add(made)
    audit.record(scope, "ladder_step.taken", made)
    alerts.tell(scope, "ladder.reminded", hazard, occasion=f"{made.id}", days=ladder.days, **about)
    return 1
