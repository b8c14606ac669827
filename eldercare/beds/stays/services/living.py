"""Life in the home: moving in, leave and hospital, another bed, another level, another contract."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from eldercare.beds.models import LIVING, Stay, StayAbsence, StayBed
from eldercare.beds.stays.services.admissions import Terms, ability, agree, follow_assessment, give_level, judged
from eldercare.beds.stays.services.bedding import begin, free_bed, keep_bed, place_of
from eldercare.beds.stays.services.due import owe_reassessment
from eldercare.beds.stays.services.locks import away_now, bed_now, held, within
from eldercare.core import alerts, audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.states import move
from eldercare.facilities.models import Bed


def move_in(scope: Scope, stay_id: int, *, bed_id: int, on: date, version: int | None = None) -> Stay:
    """入住: with a signed contract, into a free bed, from the night of `on`."""
    stay = held(scope, stay_id, version, "contracted")
    begin(scope, stay, bed_id, on, "in_residence")
    give_level(scope, stay, on)
    return stay


def reserve(scope: Scope, stay_id: int, *, bed_id: int | None, version: int | None = None) -> Stay:
    """预留床位: keep another bed for a signed contract, or none."""
    stay = held(scope, stay_id, version, "contracted")
    if bed_id is None:
        stay.reserved_bed_id = None
    else:
        keep_bed(scope, stay, bed_id)
    audit.record(scope, "stay.bed_reserved", stay)
    return stay


# ---- away and back ------------------------------------------------------------------------------


def leave(
    scope: Scope, stay_id: int, *, on: date, expected_back_on: date, companion: str, version: int | None = None
) -> Stay:
    """请假外出: the bed is held until they come back."""
    stay = held(scope, stay_id, version, "in_residence")
    within(stay, on)
    if expected_back_on < on:
        raise Refused("stay.expected_before", field="expected_back_on")
    row = StayAbsence(**place_of(stay), kind="leave", left_on=on, expected_back_on=expected_back_on, companion=companion)
    return _go(scope, stay, row, "on_leave")


def hospital(
    scope: Scope, stay_id: int, *, on: date, hospital: str, accompanied_by: str, version: int | None = None
) -> Stay:
    """住院: the bed is held; they are assessed again when they come back."""
    stay = held(scope, stay_id, version, "in_residence")
    within(stay, on)
    row = StayAbsence(**place_of(stay), kind="hospital", left_on=on, hospital=hospital, accompanied_by=accompanied_by)
    return _go(scope, stay, row, "hospitalised")


def _go(scope: Scope, stay: Stay, row: StayAbsence, to: str) -> Stay:
    db.session.add(row)
    move(scope, stay, to)
    audit.record(scope, "stay_absence.begun", row)
    return stay


def come_back(scope: Scope, stay_id: int, *, on: date, reassess_days: int = 3, version: int | None = None) -> Stay:
    """返院: back from leave or hospital; after hospital a new assessment is owed (§3.2) within `reassess_days` (a setting)."""
    stay = held(scope, stay_id, version, "on_leave", "hospitalised")
    within(stay, on)
    row = away_now(scope, stay)
    if row is None:
        raise Refused("stay.disagrees")
    if on < row.left_on:
        raise Refused("stay.before_leaving", field="on", day=row.left_on)
    row.back_on = on
    if row.kind == "hospital":
        stay.reassess_since = on
    move(scope, stay, "in_residence")
    audit.record(scope, "stay_absence.ended", row)
    alerts.settle(scope, stay, "stay.return_overdue")
    if row.kind == "hospital":
        owe_reassessment(scope, stay, reassess_days)
    return stay


# ---- another bed, another level, another contract -----------------------------------------------


def transfer(scope: Scope, stay_id: int, *, bed_id: int, on: date, reason: str, version: int | None = None) -> Stay:
    """转床: another bed of the same home from the night of `on`."""
    stay = held(scope, stay_id, version, "in_residence", "trial")
    within(stay, on)
    old = bed_now(scope, stay)
    if old.bed_id == bed_id:
        raise Refused("stay.same_bed", field="bed_id")
    # two residents changing places at once lock both beds in the order of their ids: one waits, none is stuck
    both = scope.columns(Bed, Bed.id).where(Bed.id.in_([old.bed_id, bed_id])).order_by(Bed.id)
    db.session.execute(both.with_for_update(key_share=True)).all()
    bed = free_bed(scope, stay, bed_id)
    if on < old.starts_on:
        raise Refused("stay.before_last_bed", field="on", day=old.starts_on)
    old.ends_on = on
    db.session.flush()
    given = StayBed(**place_of(stay), bed_id=bed.id, starts_on=on, reason=reason)
    db.session.add(given)
    db.session.flush()
    stay.updated_at = calendar.now()  # a new version: an old form of this stay no longer fits
    audit.record(scope, "stay.bed_left", old)
    audit.record(scope, "stay.bed_given", given)
    audit.record(scope, "stay.transferred", stay, reason=reason)
    return stay


def reassess(
    scope: Scope, stay_id: int, *, on: date, risks: Mapping[str, str | None], care_level: str,
    result: Mapping[str, Any] | None = None, supplement_no: str | None = None, fees: Mapping[str, int | None] | None = None,
    intervals: Mapping[str, Any] | None = None, version: int | None = None,
) -> Stay:
    """复评: ability and risks anew, perhaps another care level; with other fees a supplement to the contract."""
    stay = held(scope, stay_id, version, *LIVING)
    within(stay, on)
    with scope.widened() as wide:
        found, occasion = ability(wide, stay, result), "after_hospital" if stay.reassess_since else "regular"
        follow_assessment(stay, found, judged(wide, stay, found, risks, on, occasion, intervals), on)
        stay.care_level, stay.reassess_since = care_level, None
        stay.supplement_no = supplement_no or stay.supplement_no
        for name, fen in (fees or {}).items():
            if fen is not None:
                setattr(stay, name, fen)
        audit.record(wide, "stay.reassessed", stay)
        alerts.settle(wide, stay, "stay.reassess", "stay.assessment_ending")
        give_level(wide, stay, on, stay.supplement_no)
    return stay


def renew(scope: Scope, stay_id: int, *, terms: Terms, version: int | None = None) -> Stay:
    """续签: the next contract of somebody who lives there."""
    stay = held(scope, stay_id, version, *LIVING)
    agree(stay, terms)
    audit.record(scope, "stay.contract_renewed", stay)
    alerts.settle(scope, stay, "stay.contract_ending", "stay.contract_lapsed")
    give_level(scope, stay, terms.signed_on)
    return stay
