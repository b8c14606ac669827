"""Writing assessments: what is scored, what follows for the person, what is void."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from eldercare.core import audit, calendar
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.residents.assessments.models import INDICATORS, final_level, raw_level, score_of
from eldercare.residents.dossier import queries
from eldercare.residents.models import SCALE, Assessment, Resident


def next_due(assessed_on: date, months: int) -> date:
    """The day `months` later (§2.3: at least every 12 months)."""
    month = Month.of(assessed_on).plus(months)
    return month.first.replace(day=min(assessed_on.day, month.days))


def assess(
    scope: Scope, resident_id: int, *, assessed_on: date, kind: str | None, assessor: str, second_assessor: str | None,
    adjustments: Sequence[str], note: str | None, items: Mapping[str, int | None] | None, score: int | None = None,
    months: int = 12, add_up: bool = True,
) -> Assessment:
    """Record an assessment from its 26 `items`, or from its `score` alone where only the result is known.

    `months` until the next, `add_up` how adjustments count: settings. The person's level follows the
    latest valid assessment.
    """
    person = scope.lock(Resident, resident_id)
    if person.state != "active":
        raise Refused("resident.not_active")
    if not person.birth_date <= assessed_on <= calendar.today():
        raise Refused("assessment.day_wrong", field="assessed_on")
    if second_assessor == assessor:
        raise Refused("assessment.same_assessor", field="second_assessor")
    if items is not None:
        missing = [code for code in INDICATORS if items.get(code) is None]
        if missing:
            raise Refused("assessment.items_missing", count=len(missing))
        score = score_of({code: points for code, points in items.items() if points is not None})
    if score is None:
        raise Refused("assessment.score_wrong", field="score")
    raw = raw_level(score)
    row = Assessment(
        resident_id=person.id, township_id=person.township_id, facility_id=person.facility_id, kind=kind or _kind(scope, person),
        assessed_on=assessed_on, items=dict(items or {}), score=score, raw_level=raw, adjustments=list(adjustments),
        final_level=final_level(raw, adjustments, add_up=add_up), next_due_on=next_due(assessed_on, months), assessor=assessor,
        second_assessor=second_assessor, note=note,
    )
    db.session.add(row)
    audit.record(scope, "assessment.recorded", row)
    _follow(scope, person)
    return row


def void(scope: Scope, resident_id: int, assessment_id: int, reason: str) -> Assessment:
    """Declare an assessment void; the person's level falls back to the one before."""
    person = scope.lock(Resident, resident_id)
    row: Assessment = queries.of_resident(scope, Assessment, resident_id, assessment_id)
    if row.is_void:
        raise Refused("assessment.void_already")
    row.is_void = True
    audit.record(scope, "assessment.voided", row, reason=reason)
    _follow(scope, person)
    return row


def _kind(scope: Scope, person: Resident) -> str:
    return "regular" if queries.valid_assessments(scope, person.id) else "first"


def _follow(scope: Scope, person: Resident) -> None:
    """Let the person's ability columns follow the latest valid assessment on the national scale."""
    valid: Any = [row for row in queries.valid_assessments(scope, person.id) if row.scale == SCALE]
    latest = valid[0] if valid else None
    person.ability_level = latest.final_level if latest else None
    person.ability_score = latest.score if latest else None
    person.assessed_on = latest.assessed_on if latest else None
    person.next_due_on = latest.next_due_on if latest else None
    audit.record(scope, "resident.level_followed", person)
