"""Writes of staff: taking on, correcting, leave, leaving, certificates, training. lock → judge → change → record."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from eldercare.core import alerts, attachments, audit, calendar, files, secrets, states
from eldercare.core.attachments import Checked
from eldercare.core.db import changes_of, db
from eldercare.core.errors import Refused
from eldercare.core.identifiers import age_on, birth_of, id_number_fault, normalise_id, sex_of
from eldercare.core.scope import Scope
from eldercare.core.secrets import Sealed
from eldercare.facilities.models import Facility
from eldercare.facilities.queries import GONE
from eldercare.facilities.staff import queries
from eldercare.facilities.staff.models import EXPIRING, Attendance, StaffCertificate, StaffMember, Training
from eldercare.facilities.staff.roster.services import clear_from

FIELDS = ("name", "phone", "posts", "employment", "skill_level", "insured_here", "started_on")
CERTIFICATE_FIELDS = ("kind", "number", "issuer", "valid_from", "valid_to")
UNMASKABLE = ("id_number", "phone")
YOUNGEST = 16  # Labour Law, art. 15
_KEY = 2**62 - 1  # what fits the range of the constraint with room to spare


# ---- people -----------------------------------------------------------------------------------------


def register(scope: Scope, facility_id: int, values: Mapping[str, Any]) -> StaffMember:
    """Take somebody on. `values`: FIELDS and "id_number", from which sex and date of birth follow.

    Refused: staff.place_closed, staff.too_young, staff.day_ahead; staff.employed_here by constraint.
    """
    facility = scope.lock(Facility, facility_id)
    if facility.state in GONE:
        raise Refused("staff.place_closed")
    row = StaffMember(township_id=facility.township_id, facility_id=facility.id, state="employed")
    _fill(row, values)
    db.session.add(row)
    audit.record(scope, "staff_member.registered", row)
    return row


def change(scope: Scope, member_id: int, values: Mapping[str, Any], seen: str | None = None) -> StaffMember:
    """Correct a record; an ID number or telephone left empty stays. `seen`: the record's `updated_at` when the form was drawn."""
    row = scope.lock(StaffMember, member_id)
    if seen and seen != row.updated_at.isoformat():
        raise Refused("row.changed")
    _fill(row, {key: value for key, value in values.items() if value is not None or key not in UNMASKABLE})
    if changes_of(row):
        audit.record(scope, "staff_member.changed", row)
    return row


def person_key(index: bytes) -> int:
    """62 bits of a blind index: what constraints know a person by, in every home."""
    return int.from_bytes(index[:8], "big") & _KEY


def _fill(row: StaffMember, values: Mapping[str, Any]) -> None:
    number = values.get("id_number")
    if number:
        index = secrets.keys().blind(number, "id_number")
        if index != row.id_number_index:
            row.id_number, row.id_number_index = number, index
            row.person_key = person_key(index)
            row.sex, row.birth_date = sex_of(number), birth_of(number)
    for key in FIELDS:
        if key in values and not _same(getattr(row, key), values[key]):
            setattr(row, key, values[key])
    if row.started_on > calendar.today():
        raise Refused("staff.day_ahead", field="started_on")
    if age_on(row.birth_date, row.started_on) < YOUNGEST:
        raise Refused("staff.too_young", field="started_on")


def _same(old: Any, new: Any) -> bool:
    return old.reveal() == new if isinstance(old, Sealed) else bool(old == new)


def go_on_leave(scope: Scope, member_id: int, *, away_from: date, back_on: date | None) -> StaffMember:
    """Somebody is away for a while; their shifts from that day on are taken off the roster."""
    row = scope.lock(StaffMember, member_id)
    if back_on is not None and back_on <= away_from:
        raise Refused("staff.dates_reversed", field="back_on")
    _not_ahead(away_from, "away_from")
    row.away_from, row.back_on = away_from, back_on
    states.move(scope, row, "on_leave")
    clear_from(scope, row, away_from)
    return row


def come_back(scope: Scope, member_id: int) -> StaffMember:
    """Back at work."""
    row = scope.lock(StaffMember, member_id)
    row.away_from = row.back_on = None
    states.move(scope, row, "employed")
    return row


def leave(scope: Scope, member_id: int, *, ended_on: date, end_reason: str | None) -> StaffMember:
    """Somebody leaves; `ended_on` is the last day. Later shifts go; reminders of their certificates end."""
    row = scope.lock(StaffMember, member_id)
    _not_ahead(ended_on, "ended_on")
    if ended_on < row.started_on:
        raise Refused("staff.dates_reversed", field="ended_on")
    row.ended_on, row.end_reason, row.away_from, row.back_on = ended_on, end_reason, None, None
    states.move(scope, row, "left")
    clear_from(scope, row, date.fromordinal(ended_on.toordinal() + 1))
    for paper in queries.certificates_of(scope, member_id):
        alerts.settle(scope, paper, EXPIRING)
    return row


def take_back(scope: Scope, member_id: int, *, reason: str) -> StaffMember:
    """Somebody had not left after all; staff.employed_here when they were taken on anew meanwhile."""
    row = scope.lock(StaffMember, member_id)
    if row.state != "left":
        raise Refused("move.not_allowed")
    row.ended_on = row.end_reason = None
    states.move(scope, row, "employed", reason=reason)
    return row


def _not_ahead(day: date, field: str) -> None:
    if day > calendar.today():
        raise Refused("staff.day_ahead", field=field)


def unmask(scope: Scope, member_id: int, field: str, reason: str) -> str:
    """An ID number or telephone in plain text, with the reason in the log (PIPL arts. 28–30, 51)."""
    row = scope.get(StaffMember, member_id)
    if field not in UNMASKABLE:
        raise Refused("staff.value_unknown")
    audit.record(scope, "staff_member.unmasked", row, field=field, reason=reason)
    value: Sealed | None = getattr(row, field)
    return value.reveal() if value else "—"


# ---- certificates -----------------------------------------------------------------------------------


def add_certificate(
    scope: Scope, member_id: int, values: Mapping[str, Any], scan: Any = None, replaces: int | None = None
) -> StaffCertificate:
    """Add a certificate to a person, with its scan (an upload or bytes); `replaces` retires the one it follows.

    Refused as by `attachments.checked()`.
    """
    fit = attachments.checked(scan) if scan else None
    person = scope.lock(StaffMember, member_id)
    if person.state == "left":
        raise Refused("staff.has_left")
    paper = StaffCertificate(township_id=person.township_id, facility_id=person.facility_id, member_id=person.id)
    _write(paper, values, fit)
    db.session.add(paper)
    audit.record(scope, "staff_certificate.added", paper)
    if replaces is not None:
        if queries.certificate(scope, replaces).member_id != member_id:
            raise Refused("certificate.retired", field="replaces")
        retire_certificate(scope, replaces, "")
    return paper


def change_certificate(
    scope: Scope, certificate_id: int, values: Mapping[str, Any], scan: Any = None
) -> StaffCertificate:
    """Correct a certificate; a new scan takes the place of the old one."""
    fit = attachments.checked(scan) if scan else None
    paper = scope.lock(StaffCertificate, certificate_id)
    if not paper.is_current:
        raise Refused("certificate.retired")
    _write(paper, values, fit)
    changed = changes_of(paper)
    if changed:
        audit.record(scope, "staff_certificate.changed", paper)
    if "valid_to" in changed:
        alerts.settle(scope, paper, EXPIRING)  # the next day's round tells of the new end
    return paper


def retire_certificate(scope: Scope, certificate_id: int, reason: str) -> StaffCertificate:
    """A certificate that no longer counts: replaced, withdrawn or not needed. It stays in the record."""
    paper = scope.lock(StaffCertificate, certificate_id)
    if not paper.is_current:
        raise Refused("certificate.retired")
    paper.is_current = False
    audit.record(scope, "staff_certificate.retired", paper, **({"reason": reason} if reason else {}))
    alerts.settle(scope, paper, EXPIRING)
    return paper


def _write(paper: StaffCertificate, values: Mapping[str, Any], fit: Checked | None) -> None:
    for key in CERTIFICATE_FIELDS:
        value = values.get(key)
        if key == "number" and id_number_fault(normalise_id(value or "")) is None:
            value = secrets.mask_id(normalise_id(value or ""))  # some papers carry the ID number: it stands in the record alone
        if key in values and getattr(paper, key) != value:
            setattr(paper, key, value)
    paper.issuer = paper.issuer or ""
    if fit:
        paper.file_hash = files.put(fit.data, secret=True)
        paper.file_name = f"certificate-{paper.kind}-{paper.member_id}.{fit.ending}"  # never the name it came with


def certificate_file(scope: Scope, certificate_id: int) -> tuple[bytes, str, str]:
    """(the scan, its media type, its name); file.missing. Who opened it is logged."""
    paper = scope.get(StaffCertificate, certificate_id)
    if paper.file_hash is None or paper.file_name is None:
        raise Refused("file.missing")
    data = files.get(paper.file_hash, secret=True)
    audit.record(scope, "staff_certificate.file_opened", paper)
    return data, attachments.PDF if data.startswith(b"%PDF-") else attachments.JPEG, paper.file_name


def remind(scope: Scope, day: date, thresholds: Sequence[int]) -> int:
    """Tell of the certificates that run out by a day's thresholds; returns how many alerts are new."""
    due = queries.certificates_due(scope, day, max(thresholds))
    return sum(
        alerts.tell_of_end(
            scope, EXPIRING, paper, paper.valid_to, day, thresholds, place=facility.name, day=paper.valid_to.isoformat()
        )
        for paper, facility in due if paper.valid_to
    )  # fmt: skip


# ---- training ---------------------------------------------------------------------------------------


def record_training(
    scope: Scope, facility_id: int, *, topic: str, hours: Decimal, held_on: date, trainer: str | None, members: Sequence[int]
) -> Training:
    """Record a training for one person or a whole group of a place in one act."""
    facility = scope.lock(Facility, facility_id)
    _not_ahead(held_on, "held_on")
    here = {row.id: row for row in queries.of_facility(scope, facility_id)}
    if not members or not here.keys() >= set(members):
        raise Refused("training.nobody", field="members")
    place = {"township_id": facility.township_id, "facility_id": facility.id}
    row = Training(**place, topic=topic, hours=hours, held_on=held_on, trainer=trainer)
    db.session.add(row)
    audit.record(scope, "staff_training.recorded", row, people=len(set(members)), members=sorted(set(members)))
    db.session.add_all(Attendance(**place, training_id=row.id, member_id=each) for each in sorted(set(members)))
    db.session.flush()
    return row


def remove_training(scope: Scope, training_id: int, reason: str) -> None:
    """Take a training away that was recorded by mistake; the log keeps it."""
    row = scope.lock(Training, training_id)
    people = [each.id for each in queries.attended(scope, training_id)]
    db.session.delete(row)
    audit.record(
        scope, "staff_training.removed", row, reason=reason, members=people,
        topic=row.topic, hours=row.hours, held_on=row.held_on,
    )  # fmt: skip
