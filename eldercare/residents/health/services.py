"""Writing what carers must know of a resident: profile, hidden notes, allergies, risks, care level; the ambulance card."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from eldercare.core import alerts, audit, calendar
from eldercare.core.calendar import Month
from eldercare.core.db import changes_of, db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.residents.health import queries
from eldercare.residents.health.models import (
    PRIVATE,
    RISK_DUE,
    RISKS,
    Allergy,
    CareLevel,
    HealthProfile,
    RiskAssessment,
)
from eldercare.residents.models import WORDS, Resident

PROFILE = (
    "blood_type",
    "rh_negative",
    "mobility",
    "aids",
    "texture",
    "diets",
    "devices",
    "precautions",
    "hospital",
    "doctor",
    "doctor_phone",
)


def _person(scope: Scope, resident_id: int) -> Resident:
    row = scope.lock(Resident, resident_id)
    if row.state != "active":
        raise Refused("resident.not_active")
    return row


def _hang(scope: Scope, person: Resident, row: Any, action: str, **details: Any) -> Any:
    row.resident_id, row.township_id, row.facility_id = person.id, person.township_id, person.facility_id
    db.session.add(row)
    audit.record(scope, action, row, **details)
    return row


def _profile(scope: Scope, person: Resident) -> HealthProfile:
    found = db.session.scalars(scope.select(HealthProfile).where(HealthProfile.resident_id == person.id)).one_or_none()
    made: HealthProfile = found or _hang(scope, person, HealthProfile(), "health_profile.begun")
    return made


# ---- profile ------------------------------------------------------------------------------------


def correct(scope: Scope, resident_id: int, version: int, values: Mapping[str, Any]) -> HealthProfile:
    """Correct the profile's codes and names; `version`: the one the form was drawn with (0: none yet), row.changed."""
    person = _person(scope, resident_id)
    row = db.session.scalars(scope.select(HealthProfile).where(HealthProfile.resident_id == person.id)).one_or_none()
    if (row.version if row else 0) != version:
        raise Refused("row.changed")
    row = row or _profile(scope, person)
    _fill(row, {key: values[key] for key in PROFILE if key in values})
    if changes_of(row):
        audit.record(scope, "health_profile.corrected", row)
    return row


def _fill(row: HealthProfile, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if getattr(row, key) != value:
            setattr(row, key, value)


def look(scope: Scope, resident_id: int, reason: str) -> dict[str, str]:
    """What is hidden of a resident's health, in plain text; the look and its reason go to the log (§2.4)."""
    person = scope.get(Resident, resident_id)
    audit.record(scope, "health.looked", person, reason=reason)
    return _private(queries.health(scope, resident_id).profile)


def _private(profile: HealthProfile | None) -> dict[str, str]:
    sealed = {key: getattr(profile, key, None) for key in PRIVATE}
    return {key: value.reveal() if value else "" for key, value in sealed.items()}


def write_notes(scope: Scope, resident_id: int, values: Mapping[str, str | None]) -> HealthProfile:
    """Write what is hidden: medications, infections, notes."""
    row = _profile(scope, _person(scope, resident_id))
    before = _private(row)
    for key in PRIVATE:
        if key in values and (values[key] or "") != before[key]:
            setattr(row, key, values[key])
    if changes_of(row):
        audit.record(scope, "health_profile.notes_written", row)
    return row


# ---- allergies ----------------------------------------------------------------------------------


def add_allergy(scope: Scope, resident_id: int, *, kind: str, substance: str, reaction: str | None, severity: str) -> Allergy:
    """What must never be given; allergy.twice."""
    person = _person(scope, resident_id)
    if any(each.substance == substance for each in queries.allergies_of(scope, [person.id]).get(person.id, [])):
        raise Refused("allergy.twice", field="substance")
    row = Allergy(kind=kind, substance=substance, reaction=reaction, severity=severity, noted_on=calendar.today())
    made: Allergy = _hang(scope, person, row, "allergy.added")
    profile = _profile(scope, person)
    if profile.no_allergies_on:
        profile.no_allergies_on = None
        audit.record(scope, "health_profile.corrected", profile)
    return made


def end_allergy(scope: Scope, resident_id: int, allergy_id: int, reason: str) -> Allergy:
    """Recorded in error, or no allergy any more; it stays in the history."""
    _person(scope, resident_id)
    row: Allergy = queries.of_resident(scope, Allergy, resident_id, allergy_id)
    if row.ended_on:
        raise Refused("allergy.over")
    row.ended_on = calendar.today()
    audit.record(scope, "allergy.ended", row, reason=reason)
    return row


def none_known(scope: Scope, resident_id: int) -> HealthProfile:
    """Somebody asked, and no allergy is known: not the same as nobody having asked."""
    person = _person(scope, resident_id)
    if queries.allergies_of(scope, [person.id]):
        raise Refused("allergy.some_known")
    row = _profile(scope, person)
    row.no_allergies_on = calendar.today()
    audit.record(scope, "health_profile.none_known", row)
    return row


# ---- risks --------------------------------------------------------------------------------------


def assess_risks(
    scope: Scope,
    resident_id: int,
    *,
    occasion: str,
    assessed_on: date,
    assessor: str,
    levels: Mapping[str, str | None],
    measures: Mapping[str, Sequence[str]] | None = None,
    signs: Sequence[str] = (),
    note: str | None = None,
    months: int = 12,
    months_high: int = 3,
) -> RiskAssessment:
    """Judge all nine risks none, some or high (GB 38600-2019). `months`, `months_high`: until the next, settings.

    Refused: risk.missing, health.day_wrong, resident.not_active. What was told as overdue is settled.
    """
    person = _person(scope, resident_id)
    if not person.birth_date <= assessed_on <= calendar.today():
        raise Refused("health.day_wrong", field="assessed_on")
    given = {code: levels.get(code) for code in RISKS}
    if not all(given.values()):
        raise Refused("risk.missing")
    month = Month.of(assessed_on).plus(months_high if "high" in given.values() else months)
    kept = {code: list(done) for code, done in (measures or {}).items() if done and code in RISKS}
    row = RiskAssessment(
        occasion=occasion,
        assessed_on=assessed_on,
        assessor=assessor,
        levels=given,
        measures=kept,
        signs=list(signs),
        note=note,
        next_due_on=month.first.replace(day=min(assessed_on.day, month.days)),
    )
    made: RiskAssessment = _hang(scope, person, row, "risk_assessment.made")
    if made.next_due_on >= calendar.today():
        alerts.settle(scope, person, RISK_DUE)
    return made


def void_risks(scope: Scope, resident_id: int, risk_id: int, reason: str) -> RiskAssessment:
    """A risk assessment that does not count; the one before it is in force again."""
    _person(scope, resident_id)
    row: RiskAssessment = queries.of_resident(scope, RiskAssessment, resident_id, risk_id)
    if row.is_void:
        raise Refused("risk.void_already")
    row.is_void = True
    audit.record(scope, "risk_assessment.voided", row, reason=reason)
    return row


def remind(scope: Scope, day: date) -> dict[str, int]:
    """Tell each home of the risk assessments overdue on a day, once each; settle what is no longer theirs to do."""
    overdue = queries.risks_overdue(scope, day)
    people = {each.id: each for each in db.session.scalars(scope.select(Resident).where(Resident.id.in_(list(overdue))))}
    made, current = 0, {}
    for resident_id, ended in overdue.items():
        person = people[resident_id]
        occasion = current[resident_id] = f"{person.facility_id} {ended or 'never'}"
        due = calendar.at(ended or day, 0)
        made += alerts.tell(scope, RISK_DUE, person, occasion=occasion, due_at=due, again=True, number=str(person.id)) is not None
    gone = [each for each in queries.told_overdue(scope) if current.get(each.entity_id) != each.occasion]
    stale = {
        each.id: each for each in db.session.scalars(scope.select(Resident).where(Resident.id.in_([each[0] for each in gone])))
    }
    settled = sum(alerts.settle(scope, stale[each.entity_id], RISK_DUE, occasion=each.occasion) for each in gone)
    return {"made": made, "settled": settled}


# ---- care level ---------------------------------------------------------------------------------


def set_care_level(scope: Scope, resident_id: int, *, care_level: str, starts_on: date, reason: str | None = None) -> CareLevel:
    """The home's own tier from a day on; the register shows the one in force today."""
    person = _person(scope, resident_id)
    if not person.birth_date <= starts_on <= calendar.today():
        raise Refused("health.day_wrong", field="starts_on")
    before = queries.care_level_on(scope, resident_id, starts_on)
    if before and before.starts_on == starts_on:
        raise Refused("care_level.same_day", field="starts_on")
    if before and before.care_level == care_level:
        raise Refused("care_level.same", field="care_level")
    made: CareLevel = _hang(scope, person, CareLevel(care_level=care_level, starts_on=starts_on, reason=reason), "care_level.set")
    _follow_level(scope, person)
    return made


def agree_care_level(scope: Scope, resident_id: int, *, care_level: str, starts_on: date, reason: str | None = None) -> None:
    """The tier a contract or a reassessment agrees on, from a day on: nothing new where it is in force already.

    What was set for that very day gives way: the paper is the later word.
    """
    person = _person(scope, resident_id)
    before = queries.care_level_on(scope, resident_id, starts_on)
    if before and before.care_level == care_level:
        return
    if before and before.starts_on == starts_on:
        before.care_level, before.reason = care_level, reason
        audit.record(scope, "care_level.set", before)
        _follow_level(scope, person)
    else:
        set_care_level(scope, resident_id, care_level=care_level, starts_on=starts_on, reason=reason)


def _follow_level(scope: Scope, person: Resident) -> None:
    db.session.flush()
    latest = queries.care_level_on(scope, person.id, calendar.today())
    if latest and person.care_level != latest.care_level:
        person.care_level = latest.care_level
        audit.record(scope, "resident.care_level_followed", person)


# ---- the card for an ambulance ------------------------------------------------------------------


def card(scope: Scope, resident_id: int, reason: str) -> dict[str, Any]:
    """What an ambulance or a hospital must know, in plain text, logged with the reason; the ID number stays masked."""
    person = scope.get(Resident, resident_id)
    audit.record(scope, "health.card_shown", person, reason=reason)
    found = queries.health(scope, resident_id)
    diseases: Iterable[Any] = (WORDS["chronic_diseases"].get(code, code) for code in person.chronic_diseases)
    contacts = [
        {"name": each.name, "relation": each.relation, "phone": each.phone.reveal() if each.phone else None}
        for each in queries.contacts(scope, resident_id)
        if each.may_contact
    ]
    home = scope.find(Facility, person.facility_id) if person.facility_id else None
    return {
        "row": person,
        "home": home,
        "health": found,
        "private": _private(found.profile),
        "diseases": list(diseases),
        "contacts": contacts,
    }
