"""A record is corrected: a new edition with a reason; what was signed stays as it was signed. Rule: domain.md §5.3 (7)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eldercare.checklists.checks import services as checks
from eldercare.checklists.checks.services import Answer
from eldercare.checklists.queries import conditions
from eldercare.core import alerts, audit, calendar, papers
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.inspections import queries
from eldercare.inspections.field import queries as field_queries
from eldercare.inspections.field.services import shape
from eldercare.inspections.field.services.incoming import canonical, read_json
from eldercare.inspections.models import GRAVE, RecordCheck, Visit, VisitRecord


@dataclass(frozen=True)
class Changes:
    """What a correction says otherwise: by version and code (result, reason); the result of the visit; the notes."""

    answers: Mapping[tuple[int, str], tuple[str, str | None]] = field(default_factory=dict)
    result: str | None = None
    notes: str | None = None


def correct(scope: Scope, visit_id: int, base: str, changes: Changes, reason: str) -> VisitRecord:
    """The next edition of a record. `base`: the hash of the edition it was written over.

    Refused: visit.not_recorded, visit.not_corrector, row.changed (somebody else corrected meanwhile), visit.reason_missing,
    visit.nothing_changed, visit.record_wrong (faults by key).
    """
    scope.lock(Visit, visit_id)
    visit = queries.visit(scope, visit_id)
    _judge(scope, visit, base, reason)
    last = visit.records[-1]
    body = _changed(read_json(last.body), changes)
    if canonical(body) == canonical(read_json(last.body)):
        raise Refused("visit.nothing_changed")
    body |= {"corrects": last.sha256, "corrected_at": calendar.now().isoformat(), "correction": reason.strip()}
    text = canonical(body)
    lists = field_queries.lists(scope, [each.version for each in visit.lists])
    said = shape.read(visit, text.encode(), lists, conditions.facts(visit.facility), photos_due=False)
    made = VisitRecord(
        township_id=visit.township_id, facility_id=visit.facility_id, visit_id=visit.id, revision=last.revision + 1,
        reason=reason.strip(), body=text, sha256=hashlib.sha256(text.encode()).hexdigest(), device=last.device, app=last.app,
        clock_offset_s=last.clock_offset_s, marks=last.marks, started_at=last.started_at, ended_at=last.ended_at,
        person_id=scope.person_id, person_name=scope.person_name,
    )  # fmt: skip
    db.session.add(made)
    audit.record(scope, "visit_record.corrected", made, sha256=made.sha256, corrects=last.sha256)
    _checks(scope, visit, last, made, said.answers, changes.answers)
    is_graver = said.result != visit.result and said.result in GRAVE
    visit.result = said.result
    audit.record(scope, "visit.corrected", visit, revision=made.revision)
    about: dict[str, Any] = {"home": visit.facility.name, "number": str(visit.number), "occasion": str(made.revision)}
    alerts.tell(scope, "visit.corrected", visit, **about)
    if is_graver:
        alerts.tell(scope, f"visit.{said.result}", visit, level="district", **about)
    if visit.published_at is not None:  # what the public reads is the district's word: it decides whether it still holds
        alerts.tell(scope, "visit.corrected_public", visit, level="district", **about)
    papers.ask(scope, "inspection-record", papers.Subject("visit", visit.id, visit.facility))
    return made


def _judge(scope: Scope, visit: Visit, base: str, reason: str) -> None:
    if visit.state != "sent":
        raise Refused("visit.not_recorded")
    if not queries.may_correct(scope, visit):
        raise Refused("visit.not_corrector")
    if not reason.strip():
        raise Refused("visit.reason_missing", field="reason")
    if visit.records[-1].sha256 != base:
        raise Refused("row.changed")


def _changed(body: dict[str, Any], changes: Changes) -> dict[str, Any]:
    """The body with the changes in it; whatever else it says stays."""
    for each in body["lists"]:
        for (version_id, code), (result, reason) in changes.answers.items():
            if str(each["version_id"]) == str(version_id):
                before = each["answers"].get(code, {})
                raised = before.get("escalated", False) and result == "nonconform"
                each["answers"][code] = before | {"result": result, "reason": reason, "escalated": raised}
    if changes.result is not None:
        body["result"] = changes.result
    if changes.notes is not None:
        body["notes"] = changes.notes
    return body


def _checks(
    scope: Scope, visit: Visit, last: VisitRecord, made: VisitRecord, answers: dict[int, dict[str, Answer]], changes: Any
) -> None:
    """Each filled list in its next edition."""
    for _record, old in field_queries.checks_of(scope, [last.id]):
        newer = checks.correct(scope, old.id, made.reason or "")
        changed = {code for version_id, code in changes if version_id == old.version_id}
        said = {code: each for code, each in answers.get(old.version_id, {}).items() if code in changed}
        checks.answer(scope, newer.id, said)
        checks.seal(scope, newer.id, overdue=old.overdue)
        link = RecordCheck(township_id=visit.township_id, facility_id=visit.facility_id, record_id=made.id, check_id=newer.id)
        db.session.add(link)
        audit.record(scope, "visit_record.corrected", link)
