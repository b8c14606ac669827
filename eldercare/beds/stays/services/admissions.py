"""From application to contract: who asks, what is assessed, what is agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func

from eldercare.beds.models import ASKED, Stay
from eldercare.beds.stays import queries
from eldercare.beds.stays.services.bedding import begin, keep_bed
from eldercare.beds.stays.services.locks import held, within
from eldercare.core import alerts, audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.identifiers import normalise_id
from eldercare.core.pinyin import name_tokens
from eldercare.core.scope import Scope
from eldercare.core.states import move
from eldercare.facilities.models import Facility
from eldercare.residents import queries as residents
from eldercare.residents import services as register
from eldercare.residents.assessments import services as assessments
from eldercare.residents.health import services as health
from eldercare.residents.models import SCALE, Assessment, Resident


@dataclass(frozen=True)
class Applicant:
    """Someone the register holds under a whole number and the very name: no more than the home knows already."""

    resident_id: int
    is_active: bool


def home_asked(scope: Scope, facility_id: int) -> Facility:
    """The home in reach that is asked; home.not_open where it takes nobody in."""
    home = scope.get(Facility, facility_id)
    if home.state != "operating" or home.facility_type != "institution":
        raise Refused("home.not_open")
    return home


def known(scope: Scope, facility_id: int, *, id_number: str, name: str) -> Applicant | None:
    """Whether the register holds this person, whatever the township; logged either way, with no word of the person.

    None tells nothing: neither that the number is unknown nor that it belongs to another name.
    """
    home = scope.get(Facility, facility_id)
    with scope.widened() as wide:
        found = _match(wide, id_number, name)
        audit.record(wide, "facility.applicant_sought", home, found=found is not None)
    return Applicant(found.id, found.state == "active") if found else None


def _match(wide: Scope, id_number: str, name: str) -> Resident | None:
    number = normalise_id(id_number)
    for row in residents.by_number(wide, number):
        if row.state != "duplicate" and row.name == name and row.id_number is not None and row.id_number.reveal() == number:
            return row
    return None


def apply(
    scope: Scope, facility_id: int, *, id_number: str, name: str, contact_name: str, contact_relation: str | None,
    contact_phone: str, papers: Sequence[str] = (), wanted_on: date | None = None, note: str | None = None,
    newcomer: Mapping[str, Any] | None = None,
) -> Stay:
    """申请: somebody asks this home. Number and name must both be the register's; `newcomer` (columns of the
    register but those two) puts a person on it who is not there yet.

    Refused: stay.not_on_register, stay.record_closed, home.not_open, stay.asked_already, and what registering refuses.
    """
    home = home_asked(scope, facility_id)
    with scope.widened() as wide:
        person = _match(wide, id_number, name)
        if person is None and newcomer is None:
            raise Refused("stay.not_on_register", field="id_number")
        if person is None:
            person = _register(wide, {**(newcomer or {}), "id_number": normalise_id(id_number), "name": name})
        if person.state != "active":
            raise Refused("stay.record_closed", field="id_number")
        row = Stay(
            township_id=home.township_id, facility_id=home.id, resident_id=person.id, name=person.name, sex=person.sex,
            birth_date=person.birth_date, id_last4=person.id_last4, state="applied",
            search=func.array_to_tsvector(sorted(set(name_tokens(person.name)))), applied_on=calendar.today(),
            wanted_on=wanted_on, contact_name=contact_name, contact_relation=contact_relation, contact_phone=contact_phone,
            papers=list(papers), note=note,
        )
        db.session.add(row)
        audit.record(wide, "stay.applied", row)
        for left in queries.leaving_for(wide, person.id, home.id):
            alerts.settle(wide, home, "stay.incoming", occasion=f"stay {left.id}")
    return row


def _register(wide: Scope, values: Mapping[str, Any]) -> Resident:
    """Put a newcomer on the register. Who else holds the number, or is like them, is not the home's to know:
    the township's officers sort out records that turn out to be one person's."""
    try:
        return register.register(wide, values, confirmed=True)
    except Refused as refusal:
        if refusal.code in {"resident.id_number_taken", "resident.registered_elsewhere"}:
            raise Refused("stay.not_registered", field="id_number") from None
        raise


# ---- the assessment -----------------------------------------------------------------------------


def judged(
    wide: Scope, stay: Stay, found: Assessment, risks: Mapping[str, str | None], on: date, occasion: str,
    intervals: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """All nine risks, each judged (GB 38600-2019), kept on the person's health record; `risk.missing`.

    `intervals`: months and months_high until the next, settings.
    """
    row = health.assess_risks(
        wide, stay.resident_id, occasion=occasion, assessed_on=on, assessor=found.assessor, levels=risks,
        **(intervals or {}),
    )
    return dict(row.levels)


def ability(wide: Scope, stay: Stay, result: Mapping[str, Any] | None) -> Assessment:
    """A new ability result on the register (`result`: what `assessments.services.assess` takes), or the one that is there.

    `stay.no_result` when there is none whose next assessment still lies ahead.
    """
    if result is not None:
        return assessments.assess(wide, stay.resident_id, **result)
    valid = wide.select(Assessment).where(
        Assessment.resident_id == stay.resident_id, ~Assessment.is_void, Assessment.scale == SCALE,
        Assessment.next_due_on > calendar.today(),
    )
    latest: Assessment | None = db.session.scalars(valid.order_by(Assessment.assessed_on.desc(), Assessment.id.desc())).first()
    if latest is None:
        raise Refused("stay.no_result", field="score")
    return latest


def follow_assessment(stay: Stay, found: Assessment, risks: dict[str, Any], on: date) -> None:
    """Keep on the stay what the assessment found and when the next is due."""
    stay.assessed_on, stay.risks, stay.assessment_id = on, risks, found.id
    stay.ability_level, stay.next_assessment_on = found.final_level, found.next_due_on


def assess(
    scope: Scope, stay_id: int, *, on: date, risks: Mapping[str, str | None], result: Mapping[str, Any] | None = None,
    intervals: Mapping[str, Any] | None = None, version: int | None = None,
) -> Stay:
    """评估: ability and the nine risks before admission (SDYL art. 34; Order 66 art. 15)."""
    stay = held(scope, stay_id, version, "applied")
    within(stay, on)
    with scope.widened() as wide:
        found = ability(wide, stay, result)
        follow_assessment(stay, found, judged(wide, stay, found, risks, on, "admission", intervals), on)
        move(wide, stay, "assessed")
    return stay


def refuse(scope: Scope, stay_id: int, *, reason: str, version: int | None = None) -> Stay:
    """不予接收: the home does not take this person, and says why."""
    stay = held(scope, stay_id, version, "assessed")
    stay.end_reason, stay.closed_on = reason, calendar.today()
    move(scope, stay, "rejected")
    return stay


def withdraw(scope: Scope, stay_id: int, *, reason: str, version: int | None = None) -> Stay:
    """撤回: the application is taken back before anybody moved in; a bed that was kept is free again."""
    stay = held(scope, stay_id, version, *ASKED)
    stay.end_reason, stay.closed_on, stay.reserved_bed_id = reason, calendar.today(), None
    move(scope, stay, "withdrawn")
    return stay


# ---- trial and contract -------------------------------------------------------------------------


def start_trial(
    scope: Scope, stay_id: int, *, bed_id: int, on: date, agreement_no: str, ends_on: date, least: int = 7, most: int = 30,
    version: int | None = None,
) -> Stay:
    """试住: the person sleeps there from `on` on trial; `least` to `most` days (settings)."""
    stay = held(scope, stay_id, version, "assessed")
    if not least <= (ends_on - on).days <= most:
        raise Refused("stay.trial_length", field="ends_on", least=least, most=most)
    stay.trial_no, stay.trial_ends_on = agreement_no, ends_on
    begin(scope, stay, bed_id, on, "trial")
    return stay


@dataclass(frozen=True)
class Terms:
    """What a contract says: its number, its days, the care level, a month's fees and the deposit in fen."""

    contract_no: str
    signed_on: date
    ends_on: date
    care_level: str
    fee_bed_fen: int | None = None
    fee_care_fen: int | None = None
    fee_meals_fen: int | None = None
    deposit_fen: int | None = None


def agree(stay: Stay, terms: Terms) -> None:
    """Write a contract's terms on the stay."""
    if terms.signed_on > calendar.today():
        raise Refused("stay.day_ahead", field="signed_on")
    if terms.ends_on <= terms.signed_on:
        raise Refused("stay.contract_dates", field="ends_on")
    if terms.ends_on < calendar.today():
        raise Refused("stay.contract_over", field="ends_on")
    stay.contract_no, stay.contract_signed_on, stay.contract_ends_on = terms.contract_no, terms.signed_on, terms.ends_on
    stay.care_level, stay.fee_bed_fen, stay.fee_care_fen = terms.care_level, terms.fee_bed_fen, terms.fee_care_fen
    stay.fee_meals_fen, stay.deposit_fen = terms.fee_meals_fen, terms.deposit_fen


def give_level(scope: Scope, stay: Stay, on: date, paper: str | None = None) -> None:
    """What was agreed on care is in force from a day on: the person's care level over time is kept in one place."""
    if stay.care_level is not None:
        paper = paper or stay.contract_no
        health.agree_care_level(scope, stay.resident_id, care_level=stay.care_level, starts_on=on, reason=paper)


def sign_contract(
    scope: Scope, stay_id: int, *, terms: Terms, reserved_bed_id: int | None = None, version: int | None = None
) -> Stay:
    """签约 (LQF art. 48; SDYL art. 33). Who is on trial lives there from now on; anybody else may have a bed kept."""
    stay = held(scope, stay_id, version, "assessed", "trial")
    agree(stay, terms)
    if stay.state == "trial":
        move(scope, stay, "in_residence")
        alerts.settle(scope, stay, "stay.trial_ending")
        give_level(scope, stay, terms.signed_on)
        return stay
    if reserved_bed_id is not None:
        keep_bed(scope, stay, reserved_bed_id)
    move(scope, stay, "contracted")
    return stay
