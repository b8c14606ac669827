"""make_…(): rows with sensible defaults. Every name is plainly synthetic; numbers start with 370299."""

import itertools
import time
from datetime import date, timedelta
from typing import Any

from argon2 import PasswordHasher

from eldercare.accounts.models import Grant, User
from eldercare.accounts.officers.models import Officer
from eldercare.beds.models import OPEN, Stay, StayAbsence, StayBed
from eldercare.checklists.checks.models import Check
from eldercare.checklists.checks.services import start_check
from eldercare.checklists.models import ChecklistVersion
from eldercare.checklists.queries import contents
from eldercare.checklists.services import new_checklist, publish
from eldercare.core import audit, calendar, secrets
from eldercare.core.access import Role
from eldercare.core.attachments import Attachment
from eldercare.core.db import db
from eldercare.core.identifiers import make_check_digit
from eldercare.core.pinyin import name_tokens
from eldercare.core.scope import Scope
from eldercare.facilities.models import Bed, Facility, Licence, Room, Township, Village
from eldercare.facilities.staff.models import StaffCertificate, StaffMember
from eldercare.facilities.staff.roster.models import Rules, Shift
from eldercare.facilities.staff.services import person_key
from eldercare.inspections.models import Visit
from eldercare.inspections.services import plan_visit
from eldercare.residents.health.models import RISKS, Allergy, HealthProfile, RiskAssessment
from eldercare.residents.models import Resident

_serial = itertools.count(1)
PASSWORD = "Right-Horse-77"
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def now_stamp() -> float:
    """The moment, as the session cookie keeps it."""
    return time.time()


def _keep(row: Any, action: str) -> Any:
    scope = db.session.info.get("scope") or Scope.system("test").enter()
    db.session.add(row)
    audit.record(scope, action, row)
    return row


def make_township(**values: Any) -> Township:
    """A township that is not one of the seventeen."""
    n = next(_serial)
    township = Township(
        **{
            "code": f"37029{n:04d}", "name": f"示例{n}镇", "short_name": f"示例{n}", "name_en": f"Sample Town {n}",
            "pinyin": "shi li", "kind": "town", "former_names": [], "lon": 120.45, "lat": 36.39, **values,
        }
    )
    db.session.add(township)
    db.session.flush()
    return township


def make_village(township: Township, **values: Any) -> Village:
    """A village of a township."""
    village = Village(**{"township_id": township.id, "name": f"示例{next(_serial)}村", **values})
    db.session.add(village)
    db.session.flush()
    return village


def make_facility(township: Township | None = None, **values: Any) -> Facility:
    """An operating institution of 40 beds, unless told otherwise."""
    n = next(_serial)
    township = township or make_township()
    defaults = {
        "township_id": township.id, "code": f"T{n:05d}", "name": f"示例养老院{n}号(演示)", "facility_type": "institution",
        "state": "operating", "lon": 120.45, "lat": 36.39, "ownership_mode": "public",
        "beds_filed": 40, "beds_set": 40, "beds_usable": 40, "beds_nursing": 20,
    }
    if values.get("facility_type", "institution") != "institution":
        for key in ("beds_filed", "beds_set", "beds_usable", "beds_nursing", "ownership_mode"):
            defaults.pop(key)
    facility: Facility = _keep(Facility(**{**defaults, **values}), "facility.registered")
    return facility


def make_licence(facility: Facility, **values: Any) -> Licence:
    """A licence valid for a year from today."""
    day = calendar.today()
    defaults = {
        "township_id": facility.township_id, "facility_id": facility.id, "licence_type": "food",
        "number": f"示例证{next(_serial)}", "valid_from": day, "valid_to": calendar.add_years(day, 1),
    }
    licence: Licence = _keep(Licence(**{**defaults, **values}), "licence.added")
    return licence


def make_attachment(row: Any, **values: Any) -> Attachment:
    """A paper of a row that has a place, as the register keeps it; its bytes are not stored."""
    defaults = {
        "township_id": row.township_id, "facility_id": row.facility_id, "entity": row.AUDIT_NOUN, "entity_id": row.id,
        "kind": "other", "media_type": "application/pdf", "bytes": 1000, "sha256": f"{next(_serial):064x}",
    }
    attachment: Attachment = _keep(Attachment(**{**defaults, **values}), "attachment.added")
    return attachment


def make_bed(facility: Facility, **values: Any) -> Bed:
    """A bed in a room of its own."""
    n = next(_serial)
    place = {"township_id": facility.township_id, "facility_id": facility.id}
    room = _keep(Room(**place, floor=1, name=f"{n}"), "room.added")
    bed: Bed = _keep(Bed(**{**place, "room_id": room.id, "number": "1", "bed_kind": "nursing", **values}), "bed.added")
    return bed


def make_id_number(birth: date = date(1946, 5, 20), sex: str = "female") -> str:
    """A number no one holds (370299…) with a right check digit."""
    body = f"370299{birth:%Y%m%d}{next(_serial) % 500 * 2 + (sex == 'male'):03d}"
    return body + make_check_digit(body)


def make_resident(township: Township | None = None, **values: Any) -> Resident:
    """A woman of eighty who lives with her children."""
    township = township or make_township()
    birth, sex = values.get("birth_date", date(1946, 5, 20)), values.get("sex", "female")
    number = values.pop("id_number", None) or make_id_number(birth, sex)
    name = values.pop("name", f"示例老人{next(_serial):05d}")
    keys = secrets.keys()
    phone = values.pop("phone", None)
    defaults = {
        "township_id": township.id, "hukou_township_id": township.id, "name": name, "sex": sex, "birth_date": birth,
        "id_number": number, "id_number_index": keys.blind(number, "id_number"), "id_last4": number[-4:],
        "phone": phone, "phone_index": keys.blind(phone, "phone") if phone else None,
        "registered_on": date(2021, 3, 1), "living_arrangement": "with_children", "search": db.func.array_to_tsvector(sorted(set(name_tokens(name)))),
    }
    resident: Resident = _keep(Resident(**{**defaults, **values}), "resident.registered")
    return resident


def make_stay(
    home: Facility, begins: date | None = None, ends: date | None = None, state: str | None = None, *,
    bed: Bed | None = None, resident: Resident | None = None, **values: Any,
) -> Stay:
    """Someone's stay in a home, whole for its state: assessed, with a contract; with a bed where one is given."""
    state = state or ("discharged" if ends else "in_residence")
    begins = begins or calendar.today()
    if resident is None:
        town = db.session.get_one(Township, home.township_id)
        lives = {"facility_id": home.id, "living_arrangement": "institution"} if state in OPEN else {}
        resident = make_resident(town, **lives)
    has_begun = state in (*OPEN, "discharged", "deceased")
    defaults = {
        "township_id": home.township_id, "facility_id": home.id, "resident_id": resident.id, "name": resident.name,
        "sex": resident.sex, "birth_date": resident.birth_date, "id_last4": resident.id_last4, "state": state,
        "applied_on": begins, "starts_on": begins if has_begun else None, "ends_on": ends,
        "assessed_on": begins, "ability_level": 1, "risks": dict.fromkeys(RISKS, "none"),
        "next_assessment_on": calendar.add_years(begins, 1), "trial_no": "示例试住书" if state == "trial" else None,
        "trial_ends_on": begins + timedelta(20) if state == "trial" else None,
        "contract_no": "示例合同", "contract_signed_on": begins, "contract_ends_on": calendar.add_years(begins, 3),
        "care_level": "helped", "end_reason": "示例原因" if ends or state in ("rejected", "withdrawn") else None,
        "closed_on": begins if state in ("rejected", "withdrawn") else None,
        "died_at": calendar.at(ends, 6) if state == "deceased" and ends else None,
        "death_cause": "natural" if state == "deceased" else None,
    }
    if state == "applied":
        for key in ("assessed_on", "ability_level", "risks", "next_assessment_on"):
            defaults.pop(key)
    stay: Stay = _keep(Stay(**{**defaults, **values}), "stay.begun")
    pair = {"township_id": home.township_id, "facility_id": home.id, "stay_id": stay.id}
    if bed is not None:
        _keep(StayBed(**pair, bed_id=bed.id, starts_on=begins, ends_on=ends), "stay.bed_given")
    if state in ("on_leave", "hospitalised"):
        said = {"kind": "leave", "expected_back_on": begins, "companion": "示例家属"}
        if state == "hospitalised":
            said = {"kind": "hospital", "hospital": "示例医院", "accompanied_by": "示例家属"}
        _keep(StayAbsence(**pair, left_on=begins, **said), "stay_absence.begun")
    return stay


def make_staff(facility: Facility, **values: Any) -> StaffMember:
    """A caregiver at work since two years, with a certificate unless `papers` says otherwise."""
    birth, sex = values.get("birth_date", date(1985, 3, 8)), values.get("sex", "female")
    number = values.pop("id_number", None) or make_id_number(birth, sex)
    papers = values.pop("papers", (("caregiver", None),))
    index = secrets.keys().blind(number, "id_number")
    defaults = {
        "township_id": facility.township_id, "facility_id": facility.id, "name": f"示例护理员{next(_serial):04d}", "sex": sex,
        "birth_date": birth, "id_number": number, "id_number_index": index, "person_key": person_key(index),
        "posts": ["caregiver"], "started_on": date(calendar.today().year - 2, 1, 1), "state": "employed",
    }
    row: StaffMember = _keep(StaffMember(**{**defaults, **values}), "staff_member.registered")
    for kind, valid_to in papers:
        make_certificate(row, kind=kind, valid_to=valid_to)
    return row


def make_certificate(person: StaffMember, **values: Any) -> StaffCertificate:
    """A certificate in force without an end."""
    defaults = {
        "township_id": person.township_id, "facility_id": person.facility_id, "member_id": person.id, "kind": "caregiver",
        "number": f"示例证书{next(_serial)}",
    }
    paper: StaffCertificate = _keep(StaffCertificate(**{**defaults, **values}), "staff_certificate.added")
    return paper


def make_shift(person: StaffMember, day: date, shift: str = "day", duty: str | None = None) -> Shift:
    """A shift by the usual hours."""
    starts, ends = Rules().hours(day, shift)
    row: Shift = _keep(
        Shift(
            township_id=person.township_id, facility_id=person.facility_id, member_id=person.id, person_key=person.person_key,
            day=day, shift=shift, duty=duty or person.posts[0], starts_at=starts, ends_at=ends,
        ),
        "staff_shift.added",
    )
    return row


def make_risks(person: Resident, **values: Any) -> RiskAssessment:
    """A risk assessment of today without any risk; `levels` names those above."""
    day = values.get("assessed_on", calendar.today())
    levels = dict.fromkeys(RISKS, "none") | values.pop("levels", {})
    defaults = {
        "township_id": person.township_id, "facility_id": person.facility_id, "resident_id": person.id, "occasion": "regular",
        "assessed_on": day, "assessor": "示例评估员", "levels": levels, "next_due_on": calendar.add_years(day, 1),
    }
    row: RiskAssessment = _keep(RiskAssessment(**{**defaults, **values}), "risk_assessment.made")
    return row


def make_health(person: Resident, **values: Any) -> HealthProfile:
    """A profile of somebody who walks alone and eats everything."""
    of = {"township_id": person.township_id, "facility_id": person.facility_id, "resident_id": person.id}
    row: HealthProfile = _keep(HealthProfile(**{**of, "mobility": "alone", **values}), "health_profile.begun")
    return row


def make_allergy(person: Resident, **values: Any) -> Allergy:
    """An allergy to penicillin."""
    defaults = {
        "township_id": person.township_id, "facility_id": person.facility_id, "resident_id": person.id, "kind": "drug",
        "substance": "示例青霉素", "severity": "severe", "noted_on": calendar.today(),
    }
    row: Allergy = _keep(Allergy(**{**defaults, **values}), "allergy.added")
    return row


def make_user(role: Role | None = None, place: Township | Facility | None = None, **values: Any) -> User:
    """A person with a changed password and, where a role is given, a grant of it."""
    n = next(_serial)
    user: User = _keep(
        User(
            **{
                "username": f"person{n}", "name": f"示例人员{n}", "password_hash": _HASH, "must_change_password": False,
                "password_changed_at": calendar.now(), **values,
            }
        ),
        "user.added",
    )
    if role is not None:
        make_grant(user, role, place)
    return user


def make_grant(user: User, role: Role, place: Township | Facility | None = None, **values: Any) -> Grant:
    """A grant in force since the first of the year."""
    defaults = {
        "user_id": user.id, "role": role, "starts_on": date(2026, 1, 1),
        "place_township_id": place.id if isinstance(place, Township) else None,
        "place_facility_id": place.id if isinstance(place, Facility) else None,
    }
    grant: Grant = _keep(Grant(**{**defaults, **values}), "grant.made")
    db.session.refresh(user)
    return grant


def make_checklist(**values: Any) -> ChecklistVersion:
    """A list of two items for institutions, in force since the beginning of the year."""
    item = {
        "zh": "示例检查项", "en": "Sample item", "frequency": "monthly", "times_per_period": 1, "patrol_window": None, "severity": "serious",
        "veto": False, "photo_required": False, "method": "onsite", "facility_types": ["institution"], "applies_if": None,
        "hazard_code": None, "major_when_zh": None, "major_when_en": None,
        "basis": [{"basis": "AQF", "zh": "安全生产法", "en": "Work Safety Law", "clause": "第五条", "seen": "primary"}],
    }
    n = next(_serial)
    items = [item | {"code": f"T-{n}-1"}, item | {"code": f"T-{n}-2", "severity": "general"}]
    content = contents.empty(f"示例清单{n}号", f"Sample list {n}", ["institution"]) | values
    content["areas"] = content["areas"] or [{"code": f"A{n}", "zh": "示例领域", "en": "Sample area", "items": items}]
    scope = db.session.info.get("scope") or Scope.system("test").enter()
    version = new_checklist(scope, f"sample_{n}", content)
    publish(scope, version.id, "示例", calendar.today(), since=date(calendar.today().year, 1, 1))
    return version


def make_check(home: Facility, version: ChecklistVersion | None = None, **values: Any) -> Check:
    """A list begun at a place."""
    scope = db.session.info.get("scope") or Scope.system("test").enter()
    version = version or make_checklist()
    return start_check(scope, home.id, version.id, "self_check", **values)


def make_officer(person: User | None = None, **values: Any) -> Officer:
    """A certified officer; an inspector who signs in unless told who."""
    person = person or make_user(Role.INSPECTOR)
    today = calendar.today()
    defaults = {
        "user_id": person.id, "certificate_no": f"示例-{next(_serial):06d}", "specialities": ["fire"],
        "valid_from": today - timedelta(days=300), "valid_to": today + timedelta(days=300),
    }
    officer = _keep(Officer(**defaults | values), "officer.added")
    db.session.flush()
    return officer


def make_visit(home: Facility, *, team: list[Officer] | None = None, versions: list[ChecklistVersion] | None = None,
               shown: bool = True, **values: Any) -> Visit:
    """A special check planned for today with two officers and one list; the home has been told unless `shown=False`."""
    scope = db.session.info.get("scope") or Scope.system("test").enter()
    team = team or [make_officer(), make_officer()]
    versions = versions or [make_checklist()]
    given = {"kind": "special", "planned_on": calendar.today(), **values}
    was_drawn = given["kind"] == "double_random" and "draw_id" not in given  # by a draw that is not told here
    given["kind"] = "daily" if was_drawn else given["kind"]
    visit = plan_visit(scope, home.id, team=[each.id for each in team], versions=[each.id for each in versions], **given)
    if shown:
        visit.shown_at = visit.noticed_at = calendar.now()
    if was_drawn:
        visit.kind = "double_random"
    if shown or was_drawn:
        audit.record(scope, "visit.changed", visit)
    db.session.flush()
    return visit


def make_hazard_table() -> ChecklistVersion:
    """A table of major hazards of two rows, MH-4-1 and MH-8, in force since the beginning of the year."""
    scope = db.session.info.get("scope") or Scope.system("test").enter()
    rows = [{"code": code, "clause": clause, "zh": "示例情形", "en": "Sample situation", "confidence": "seen"}
            for code, clause in (("MH-4-1", "第四条(一)"), ("MH-8", "第八条"))]
    content = contents.empty("示例判定标准", "Sample criteria", []) | {"rule": {}, "hazards": rows}
    version = new_checklist(scope, "major_hazards", content)
    publish(scope, version.id, "示例", calendar.today(), since=date(calendar.today().year - 1, 1, 1))
    return version
