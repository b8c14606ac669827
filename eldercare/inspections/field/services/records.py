"""A record is taken in: one transaction, once, or not at all. Rules: domain.md §5.3, §5.4; house.md, "A tablet visit"."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from eldercare.accounts.officers import services as library
from eldercare.checklists.checks import services as checks
from eldercare.checklists.queries import conditions
from eldercare.core import alerts, audit, calendar, counters, papers, states
from eldercare.core.attachments import JPEG, Kept
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.hazards import queries as ledger
from eldercare.hazards import services as hazards
from eldercare.hazards.models import Hazard
from eldercare.hazards.orders import services as orders
from eldercare.inspections import queries as inspections
from eldercare.inspections.field import queries
from eldercare.inspections.field.models import Rules, VisitFinding, VisitPhoto
from eldercare.inspections.field.services import shape
from eldercare.inspections.field.services.incoming import own_visit
from eldercare.inspections.models import GRAVE, RecordCheck, Visit, VisitRecord


@dataclass(frozen=True)
class Receipt:
    """What the tablet is told; `is_new` where this very request brought the record."""

    visit: Visit
    record: VisitRecord
    findings: list[VisitFinding]
    is_new: bool


def take_in(scope: Scope, uid: UUID, raw: bytes, sha256: str, rules: Rules, *, rescued: bool = False) -> Receipt:
    """Take a record in under the hash of its bytes: checks, hazards, the order, the home's word of it.

    The same bytes again get the same answer. Refused: visit.record_damaged, .not_lead, .is_cancelled, .sent_otherwise,
    .record_unread, .record_wrong (faults by key), .photos_missing (`missing`), officer.not_certified.
    """
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise Refused("visit.record_damaged")
    visit = own_visit(scope, uid)
    scope.lock(Visit, visit.id)  # two tablets at once, or a cancelling: one waits for the other
    visit = queries.visit(scope, uid)  # as it is now
    again = _again(scope, visit, sha256)
    if again is not None:
        return again
    if visit.state != "planned":
        raise Refused("visit.is_cancelled")
    facts = conditions.facts(visit.facility)
    record = shape.read(visit, raw, queries.lists(scope, [each.version for each in visit.lists]), facts)
    photos = _all_here(scope, visit, record.photos)
    day = min(shape.visit_day(record), calendar.today())
    library.must_be_certified(scope, record.signed, day, acted=True)
    kept = _keep(scope, visit, record, raw, day, rules, rescued=rescued)
    _rechecks(scope, visit, record, photos)  # first: what is seen to be put right no longer caps the score
    _checks(scope, visit, kept, record, day)
    found = _findings(scope, visit, record, photos, day, rules)
    _tell(scope, visit)
    papers.ask(scope, "inspection-record", papers.Subject("visit", visit.id, visit.facility))
    return Receipt(visit, kept, found, is_new=True)


def _again(scope: Scope, visit: Visit, sha256: str) -> Receipt | None:
    first = queries.record_of(scope, visit.id)
    if first is None:
        return None
    if first.sha256 != sha256:
        raise Refused("visit.sent_otherwise", sha256=first.sha256)
    return Receipt(visit, first, queries.findings(scope, visit.id), is_new=False)


def _all_here(scope: Scope, visit: Visit, named: Sequence[str]) -> dict[str, VisitPhoto]:
    photos = queries.photos(scope, visit.id, named)
    missing = [each for each in named if each not in photos]
    if missing:
        raise Refused("visit.photos_missing", missing=missing)
    return photos


def next_number(prefix: str, year: int) -> str:
    """The next number of a year: JC2026-00012."""
    return f"{prefix}{year}-{counters.next_of('visits', year):05d}"


def _off(record: shape.Record) -> int:
    """Seconds the tablet's clock was ahead of the server's, as the tablet last knew it."""
    return record.ahead_s if record.clock_offset_s is None else record.clock_offset_s


def _marks(visit: Visit, record: shape.Record, day: date, rules: Rules, *, rescued: bool) -> list[str]:
    now, ended = calendar.now(), record.ended_at - timedelta(seconds=record.ahead_s)
    slack = timedelta(minutes=rules.clock_minutes)
    found = (
        ("late", now - ended > timedelta(hours=rules.late_hours)),
        ("clock", abs(timedelta(seconds=_off(record))) > slack or ended > now + slack),
        ("other_day", day != visit.planned_on),
        ("rescued", rescued),
    )
    return [name for name, holds in found if holds]


def _keep(
    scope: Scope, visit: Visit, record: shape.Record, raw: bytes, day: date, rules: Rules, *, rescued: bool
) -> VisitRecord:
    """The record itself, and the visit as sent: from now on the home may read it."""
    today = calendar.today()
    is_untold = inspections.is_untold(scope, visit, [each.hazard_id for each in record.rechecks])
    kept = VisitRecord(
        township_id=visit.township_id, facility_id=visit.facility_id, visit_id=visit.id, revision=1, body=raw.decode("utf-8"),
        sha256=hashlib.sha256(raw).hexdigest(), device=record.device, app=record.app, clock_offset_s=_off(record),
        marks=_marks(visit, record, day, rules, rescued=rescued), started_at=record.started_at, ended_at=record.ended_at,
        person_id=scope.person_id, person_name=scope.person_name,
    )  # fmt: skip
    db.session.add(kept)
    audit.record(scope, "visit_record.received", kept, sha256=kept.sha256)
    number = next_number(rules.number, today.year)
    visit.answer_by = rules.working_day(today, rules.answer_days)
    visit.publish_by = None if is_untold else rules.working_day(day, rules.publish_days)
    # nothing is asked of the database between these and the move: half of them would be refused
    visit.number, visit.result, visit.sent_at = number, record.result, calendar.now()
    visit.shown_at = visit.shown_at or visit.sent_at
    states.move(scope, visit, "sent", sha256=kept.sha256, revision=1)
    return kept


def _checks(scope: Scope, visit: Visit, kept: VisitRecord, record: shape.Record, day: date) -> None:
    """A filled list for each version, sealed, scored with what is overdue at the place."""
    late = ledger.overdue_at(scope, visit.facility_id, day)
    for version_id, answers in record.answers.items():
        check = checks.start_check(scope, visit.facility_id, version_id, "inspection", label=visit.number, day=day)
        left = ("not_checked", "not_applicable")  # without a reason: by the condition of the item, as it was begun
        said = {code: each for code, each in answers.items() if each.result not in left or each.reason}
        checks.answer(scope, check.id, said)
        checks.seal(scope, check.id, overdue=late)
        link = RecordCheck(township_id=visit.township_id, facility_id=visit.facility_id, record_id=kept.id, check_id=check.id)
        db.session.add(link)
        audit.record(scope, "visit_record.received", link)


# ---- findings and rechecks --------------------------------------------------------------------------


def _findings(
    scope: Scope, visit: Visit, record: shape.Record, photos: dict[str, VisitPhoto], day: date, rules: Rules
) -> list[VisitFinding]:
    """Each finding and the hazard it became; what is to be put right goes into one order of the two who signed."""
    made = []
    for each in record.findings:
        row = VisitFinding(
            township_id=visit.township_id, facility_id=visit.facility_id, visit_id=visit.id, key=each.key,
            version_id=each.item[0] if each.item else None, item_code=each.item[1] if each.item else None,
            severity=each.severity, hazard_code=each.hazard_code, description=each.description, demand=each.demand,
            place_note=each.place, due_on=each.due_on, fixed_on_spot=each.fixed_on_spot, photos=each.photos,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        hazard = _hazard(scope, visit, row, pictures(photos[sha] for sha in each.photos), day, rules)
        row.hazard_id, row.hazard = hazard.id, hazard
        audit.record(scope, "visit_finding.received", row)
        made.append(row)
    ordered = [each.hazard_id for each in made if each.hazard_id and not each.fixed_on_spot]
    if record.result == "order":
        second = next(each for each in record.signed if each != visit.lead.id)
        try:
            orders.issue(
                scope, visit.facility_id, ordered, officers=(visit.lead.id, second), deadlines=rules.deadlines, terms=rules.terms,
                source=(str(visit.number), f"/inspections/{visit.id}"), signed_on=day,
            )  # fmt: skip
        except Refused as refusal:
            if refusal.code != "order.officer_avoids":
                raise
            # what was signed at the place is never turned away: the hazards stand, and two others put them into an order
            audit.record(scope, "visit.order_left", visit, officer=refusal.details.get("name"))
    return made


def _hazard(
    scope: Scope, visit: Visit, found: VisitFinding, photos: Sequence[Kept], day: date, rules: Rules
) -> Hazard:
    """The hazard a finding becomes: ordered, put right on the spot, or reported where the visit ended otherwise.

    What arrives late gives the home as many days as it was told at the place.
    """
    said: dict[str, Any] = {
        "source": ("inspection_finding", found.id, str(visit.number), f"/inspections/{visit.id}"), "severity": found.severity,
        "description": found.description, "demand": found.demand, "hazard_code": found.hazard_code,
        "checklist_item": (found.version_id, found.item_code) if found.item_code else None, "place_note": found.place_note,
        "finder": "officer", "found_on": day, "photos": photos,
    }  # fmt: skip
    due = found.due_on + (calendar.today() - day) if found.due_on else None
    try:
        if not found.fixed_on_spot and visit.result != "order":
            return hazards.report(scope, visit.facility_id, **said)
        return hazards.order(
            scope, visit.facility_id, **said, due_on=due, deadlines=rules.deadlines, fixed_on_spot=found.fixed_on_spot
        )
    except Refused as refusal:
        raise Refused("visit.record_wrong", **{f"finding:{found.key}": refusal.message}) from refusal


def pictures(photos: Iterable[VisitPhoto]) -> list[Kept]:
    """Photos drawn anew, as homes and the public may see them; each picture once."""
    found = {
        each.clean_sha256: Kept(JPEG, each.clean_sha256, each.clean_bytes, each.width, each.height, each.thumb_sha256)
        for each in photos
    }
    return list(found.values())


def _rechecks(scope: Scope, visit: Visit, record: shape.Record, photos: dict[str, VisitPhoto]) -> None:
    """Rechecks of hazards of this place that still wait for one; what was done meanwhile stays as it is."""
    for each in record.rechecks:
        hazard = scope.find(Hazard, each.hazard_id)
        waits = hazard is not None and hazard.facility_id == visit.facility_id and hazard.state == "replied"
        if hazard is None or not waits or queries.replied_by(scope, hazard.id) == scope.person_id:
            continue
        hazards.recheck(
            scope, hazard.id, passed=each.passed, findings=each.findings, photos=pictures(photos[sha] for sha in each.photos),
            takes_over=True,
        )  # fmt: skip


def _tell(scope: Scope, visit: Visit) -> None:
    """The home has a record to read and may answer it; the district hears of what cannot wait, and what is to be published."""
    about: dict[str, Any] = {"home": visit.facility.name, "number": str(visit.number)}
    answer_by = visit.answer_by or calendar.today()
    alerts.settle(scope, visit, "visit.noticed", "visit.unfit")
    alerts.tell(scope, "visit.recorded", visit, due_at=calendar.at(answer_by, 23, 59), **about)
    if visit.publish_by is not None:
        alerts.tell(scope, "visit.to_publish", visit, level="district", due_at=calendar.at(visit.publish_by, 23, 59), **about)
    if visit.result in GRAVE:
        alerts.tell(scope, f"visit.{visit.result}", visit, level="district", **about)
