"""A list is begun at a place, answered, sealed, corrected. For self-checks, inspections, the stationed log.

check = services.start_check(scope, facility_id, version_id, "self_check", label="…", known={"has_works_today": False})
services.answer(scope, check.id, {"FP-01": Answer("conform"), "FP-02": Answer("nonconform", reason="…", photos=[sha])})
services.seal(scope, check.id, overdue=2)
newer = services.correct(scope, check.id, reason="…")           # an open copy; answer() and seal() it
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import insert

from eldercare.checklists import queries as catalogue
from eldercare.checklists.checks import queries
from eldercare.checklists.checks.models import Check, CheckAnswer
from eldercare.checklists.queries import conditions
from eldercare.core import audit, calendar, states
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility


class Answer(NamedTuple):
    """What was found at an item; `reason` for all that is not plainly in order, `photos` as content hashes."""

    result: str
    reason: str | None = None
    escalated: bool = False
    photos: Sequence[str] = ()


def start_check(
    scope: Scope, facility_id: int, version_id: int, origin: str, *, label: str | None = None, day: date | None = None,
    known: Mapping[str, Any] | None = None, only: Collection[str] | None = None,
) -> Check:
    """Begin to fill a version in at a place: an answer a item, those that do not apply answered by their condition.

    `known`: attributes of the place whoever begins knows better than the register (conditions.ATTRIBUTES). `only`: the codes
    of the items that are asked this time, where it is not the whole list (a round of a night); the score is of those.
    Refused: check.not_published, check.not_for_place, check.nothing_asked.
    """
    facility = scope.get(Facility, facility_id)
    version = catalogue.version(scope, version_id)
    if version.state == "draft":
        raise Refused("check.not_published")
    if facility.facility_type not in version.facility_types:
        raise Refused("check.not_for_place", name=version.zh)
    asked = [item for item in catalogue.items(scope, version.id) if only is None or item.code in only]
    if not asked:
        raise Refused("check.nothing_asked", name=version.zh)
    facts = conditions.facts(facility, known)
    check = Check(
        township_id=facility.township_id,
        facility_id=facility.id,
        version_id=version.id,
        version=version,
        origin=origin,
        label=label,
        checked_on=day or calendar.today(),
        facts=facts,
        person_id=scope.person_id,
        person_name=scope.person_name,
    )
    db.session.add(check)
    audit.record(scope, "check.started", check)
    rows = []
    for item in asked:
        by_rule = conditions.judge(item.applies_if, item.facility_types, facts).applies is False
        rows.append(
            _pair(check) | {"item_id": item.id, "by_rule": by_rule, "result": "not_applicable" if by_rule else "not_checked"}
        )
    db.session.execute(insert(CheckAnswer), rows)
    return check


def _pair(check: Check) -> dict[str, Any]:
    return {
        "township_id": check.township_id, "facility_id": check.facility_id, "check_id": check.id, "version_id": check.version_id,
    }  # fmt: skip


def _open(scope: Scope, check_id: int) -> Check:
    check = scope.lock(Check, check_id)
    if check.state != "open":
        raise Refused("check.sealed")
    return check


def answer(scope: Scope, check_id: int, answers: Mapping[str, Answer]) -> None:
    """Answer items by their codes; again is allowed until the check is sealed.

    Refused: check.sealed, check.item_unknown, check.reason_missing, check.partial_not_allowed, check.escalation_wrong.
    """
    check = _open(scope, check_id)
    rule = catalogue.version(scope, check.version_id).rule
    rows = {each.item.code: each for _area, each in queries.answers(scope, check.id)}
    for code, said in answers.items():
        row = rows.get(code)
        if row is None:
            raise Refused("check.item_unknown", code=code)
        _judge(row, said, rule["partial_for"])
        row.result, row.reason, row.escalated, row.by_rule = said.result, said.reason or None, said.escalated, False
        row.photos, row.answered_at = list(said.photos), calendar.now()
    db.session.flush()


def _judge(row: CheckAnswer, said: Answer, partial_for: Sequence[str]) -> None:
    item = row.item
    if said.result in ("partial", "nonconform", "not_applicable") and not (said.reason or "").strip():
        raise Refused("check.reason_missing", field="reason")
    if said.result == "partial" and item.severity not in partial_for:
        raise Refused("check.partial_not_allowed", code=item.code)
    if said.escalated and (said.result != "nonconform" or not item.major_when_zh):
        raise Refused("check.escalation_wrong", code=item.code)


def seal(scope: Scope, check_id: int, *, overdue: int = 0, demand_photos: bool = False) -> Check:
    """Score a check and close it for good, with the hash of all its answers.

    `overdue`: how many rectifications of the place are late (the caller counts them; they cap the score).
    Refused: check.sealed; check.photo_missing where photos are demanded.
    """
    check = _open(scope, check_id)
    check.version = catalogue.version(scope, check.version_id)
    found = queries.answers(scope, check.id)
    bare = queries.without_photo(found) if demand_photos else []
    if bare:
        raise Refused("check.photo_missing", codes=", ".join(bare))
    outcome = queries.scoring.score(check.version.rule, queries.marks(found), overdue)
    check.overdue, check.outcome, check.status = overdue, outcome.as_json(), outcome.status
    check.score, check.grade, check.sealed_at = outcome.score, outcome.grade, calendar.now()
    check.content_sha256 = queries.sha256(check, found)
    states.move(scope, check, "sealed", sha256=check.content_sha256)
    return check


def correct(scope: Scope, check_id: int, reason: str) -> Check:
    """An open copy of a sealed check, to be answered and sealed anew; the old one stays as it is.

    Refused: check.not_sealed, check.corrected_already (or a correction is under way), check.reason_missing.
    """
    old = scope.lock(Check, check_id)
    if old.state != "sealed":
        raise Refused("check.not_sealed")
    if not reason.strip():
        raise Refused("check.reason_missing", field="reason")
    if queries.editions(scope, old)[-1].id != old.id:
        raise Refused("check.corrected_already")
    check = Check(
        township_id=old.township_id, facility_id=old.facility_id, version_id=old.version_id, origin=old.origin, label=old.label,
        checked_on=old.checked_on, facts=old.facts, corrects_id=old.id, revision=old.revision + 1, reason=reason.strip(),
        person_id=scope.person_id, person_name=scope.person_name,
    )
    db.session.add(check)
    audit.record(scope, "check.corrected", check)
    same = ("item_id", "result", "reason", "escalated", "by_rule", "photos", "answered_at")
    rows = [_pair(check) | {name: getattr(each, name) for name in same} for _area, each in queries.answers(scope, old.id)]
    db.session.execute(insert(CheckAnswer), rows)
    return check


def drop(scope: Scope, check_id: int, reason: str) -> None:
    """Give up a check nobody will finish; it stays on file as dropped. Refused: check.sealed."""
    states.move(scope, _open(scope, check_id), "dropped", why=reason)
