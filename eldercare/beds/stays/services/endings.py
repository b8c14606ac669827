"""The end of a stay: discharge and death. Bed, times away and the register's record end in the same transaction."""

from datetime import date, datetime

from eldercare.beds.models import OPEN, Stay
from eldercare.beds.stays.services.locks import away_now, bed_now, held, home_of, within
from eldercare.core import alerts, audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.states import move
from eldercare.facilities.models import Facility
from eldercare.residents import services as register
from eldercare.residents.models import Resident


def _end(wide: Scope, stay: Stay, on: date, to: str) -> Resident:
    """Close the stay, its bed and an open time away on a day; the person, locked, for the register to follow."""
    bed, away = bed_now(wide, stay), away_now(wide, stay)
    if on < bed.starts_on:
        raise Refused("stay.before_last_bed", field="on", day=bed.starts_on)
    if away is not None and on < away.left_on:
        raise Refused("stay.before_leaving", field="on", day=away.left_on)
    person = wide.lock(Resident, stay.resident_id)
    home_of(wide, stay)
    stay.ends_on = bed.ends_on = on
    if away is not None:
        away.back_on = on
    stay.reassess_since = None
    move(wide, stay, to)
    audit.record(wide, "stay.bed_left", bed)
    if away is not None:
        audit.record(wide, "stay_absence.ended", away)
    alerts.settle(wide, stay)
    return person


def discharge(
    scope: Scope, stay_id: int, *, on: date, reason: str, destination: str, destination_facility_id: int | None = None,
    settlement_fen: int | None = None, settled_on: date | None = None, version: int | None = None,
) -> Stay:
    """退住: the last night was the one before `on`; the person's record goes back to where they lived before.

    `destination` other_home names a home of the district. `settlement_fen`: paid back (negative: still owed).
    """
    stay = held(scope, stay_id, version, *OPEN)
    within(stay, on)
    if (destination == "other_home") != (destination_facility_id is not None):
        raise Refused("stay.destination_missing", field="destination_facility_id")
    if destination_facility_id == stay.facility_id:
        raise Refused("stay.same_home", field="destination_facility_id")
    with scope.widened() as wide:
        if destination_facility_id is not None:
            there = wide.select(Facility).where(Facility.id == destination_facility_id)
            next_home = db.session.scalars(there.with_for_update(read=True, key_share=True)).one()
            if next_home.state != "operating" or next_home.facility_type != "institution":
                raise Refused("home.not_open", field="destination_facility_id")
        stay.end_reason, stay.destination, stay.destination_facility_id = reason, destination, destination_facility_id
        stay.settlement_fen, stay.settled_on = settlement_fen, settled_on
        person = _end(wide, stay, on, "discharged")
        register.leave_home(
            wide, person, township_id=stay.from_township_id, village_id=stay.from_village_id, arrangement=stay.from_arrangement
        )
        if destination_facility_id is not None:
            here = wide.get(Facility, stay.facility_id)
            alerts.tell(wide, "stay.incoming", next_home, occasion=f"stay {stay.id}", home=here.name, day=on)
    return stay


def record_death(
    scope: Scope, stay_id: int, *, died_at: datetime, place: str, cause: str, certificate_no: str | None = None,
    told_at: datetime | None = None, told_by: str | None = None, told_to: str | None = None, version: int | None = None,
) -> Stay:
    """死亡: time, place, cause class; the register records the death in the same transaction.

    A death other than natural is an incident (§3.2): whoever watches incidents reads `death_cause`.
    """
    stay = held(scope, stay_id, version, *OPEN)
    if died_at > calendar.now():
        raise Refused("stay.moment_ahead", field="died_at")
    on = calendar.local(died_at).date()
    within(stay, on, "died_at")
    _told(died_at, told_at)
    with scope.widened() as wide:
        stay.died_at, stay.death_place, stay.death_cause, stay.death_certificate_no = died_at, place, cause, certificate_no
        stay.family_told_at, stay.family_told_by, stay.family_told_to = told_at, told_by, told_to
        person = _end(wide, stay, on, "deceased")
        register.die_in_home(wide, person, died_on=on)
    return stay


def add_death_papers(
    scope: Scope, stay_id: int, *, cause: str, certificate_no: str | None, told_at: datetime | None, told_by: str | None,
    told_to: str | None, version: int | None = None,
) -> Stay:
    """What becomes known after a death: the certificate, the cause, that the family was told."""
    stay = held(scope, stay_id, version, "deceased")
    if stay.died_at is not None:
        _told(stay.died_at, told_at)
    given = {
        "death_cause": cause, "death_certificate_no": certificate_no, "family_told_at": told_at, "family_told_by": told_by,
        "family_told_to": told_to,
    }
    for name, value in given.items():
        if value is not None and getattr(stay, name) != value:
            setattr(stay, name, value)
    db.session.flush()
    audit.record(scope, "stay.death_completed", stay)
    return stay


def _told(died_at: datetime, told_at: datetime | None) -> None:
    if told_at is None:
        return
    if told_at > calendar.now():
        raise Refused("stay.moment_ahead", field="told_at")
    if told_at < died_at:
        raise Refused("stay.told_before_death", field="told_at")


# ---- seeing what is masked ----------------------------------------------------------------------

UNMASKABLE = ("name", "contact_name", "contact_phone", "note", "death_certificate_no", "family_told_to")


def unmask(scope: Scope, stay_id: int, field: str, reason: str) -> str:
    """One masked value in plain text, with the reason in the log (PIPL arts. 28-30, 51)."""
    if field not in UNMASKABLE:
        raise LookupError(field)
    stay = scope.get(Stay, stay_id)
    audit.record(scope, "stay.unmasked", stay, field=field, reason=reason)
    value = stay.contact_phone.reveal() if field == "contact_phone" and stay.contact_phone else getattr(stay, field)
    return str(value) if value else "—"
