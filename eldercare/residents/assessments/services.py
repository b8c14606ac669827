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

_DAYS = ("assessed_on", "next_due_on")
_ABILITY = ("ability_level", "ability_score", *_DAYS)  # columns of Resident


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
    listed = _listed(scope, person)
    row = Assessment(
        resident_id=person.id, township_id=person.township_id, facility_id=person.facility_id, kind=kind or _kind(scope, person),
        assessed_on=assessed_on, items=dict(items or {}), score=score, raw_level=raw, adjustments=list(adjustments),
        final_level=final_level(raw, adjustments, add_up=add_up), next_due_on=next_due(assessed_on, months), assessor=assessor,
        second_assessor=second_assessor, note=note,
        **({"replaced": listed} if listed else {}),
    )
    db.session.add(row)
    audit.record(scope, "assessment.recorded", row)
    _follow(scope, person, listed)
    return row


def void(scope: Scope, resident_id: int, assessment_id: int, reason: str) -> Assessment:
    """Declare an assessment void; the person's level falls back to the one before, or to what a list says."""
    person = scope.lock(Resident, resident_id)
    row: Assessment = queries.of_resident(scope, Assessment, resident_id, assessment_id)
    if row.is_void:
        raise Refused("assessment.void_already")
    listed = _listed(scope, person)
    row.is_void = True
    audit.record(scope, "assessment.voided", row, reason=reason)
    _follow(scope, person, listed)
    return row


def _kind(scope: Scope, person: Resident) -> str:
    return "regular" if queries.valid_assessments(scope, person.id) else "first"


def _latest(scope: Scope, person: Resident) -> Assessment | None:
    """The latest valid assessment on the national scale."""
    return next((row for row in queries.valid_assessments(scope, person.id) if row.scale == SCALE), None)


def _ability(row: Assessment) -> dict[str, Any]:
    days = {"assessed_on": row.assessed_on.isoformat(), "next_due_on": row.next_due_on.isoformat()}
    return {"ability_level": row.final_level, "ability_score": row.score, **days}


def _listed(scope: Scope, person: Resident) -> dict[str, Any] | None:
    """What stands in the record when it came with a list (no assessment says so): columns → values, days as ISO text."""
    if person.ability_level is None:
        return None
    stands = {name: getattr(person, name) for name in _ABILITY}
    stands |= {name: stands[name] and stands[name].isoformat() for name in _DAYS}
    latest = _latest(scope, person)
    return None if latest is not None and _ability(latest) == stands else stands


def _follow(scope: Scope, person: Resident, listed: dict[str, Any] | None) -> None:
    """Let the person's ability columns follow what is newest: a valid assessment, or what a list says.

    On the same day the assessment counts.
    """
    said = [*queries.said_in_lists(scope, person.id), *([listed] if listed else [])]
    newest = max(said, key=_day, default=dict.fromkeys(_ABILITY))
    latest = _latest(scope, person)
    if latest is not None and _day(_ability(latest)) >= _day(newest):
        newest = _ability(latest)
    for name, value in newest.items():
        setattr(person, name, date.fromisoformat(value) if name in _DAYS and value else value)
    audit.record(scope, "resident.level_followed", person)


def _day(said: dict[str, Any]) -> str:
    return said["assessed_on"] or ""
