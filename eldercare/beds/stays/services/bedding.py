"""A bed for somebody: what must be true of it, the first night in it, and one kept until then."""

from datetime import date
from typing import Any

from eldercare.beds.models import Stay, StayBed
from eldercare.beds.stays.services.locks import home_of
from eldercare.core import audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.states import move
from eldercare.facilities.models import Bed, Room
from eldercare.residents import services as register
from eldercare.residents.models import Resident


def place_of(stay: Stay) -> dict[str, Any]:
    """Where a row about the stay belongs."""
    return {"township_id": stay.township_id, "facility_id": stay.facility_id, "stay_id": stay.id}


def free_bed(scope: Scope, stay: Stay, bed_id: int, field: str = "bed_id") -> Bed:
    """The bed, locked: of this home, in use, nobody in it, kept for nobody else, in a room for this sex."""
    bed = db.session.scalars(
        scope.select(Bed).where(Bed.id == bed_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one_or_none()
    if bed is None or bed.facility_id != stay.facility_id:
        raise Refused("stay.bed_elsewhere", field=field)
    taken = scope.columns(StayBed, StayBed.id).where(StayBed.bed_id == bed.id, StayBed.ends_on.is_(None))
    if db.session.scalar(taken) is not None:
        raise Refused("bed.taken", field=field)
    kept = scope.columns(Stay, Stay.id).where(Stay.reserved_bed_id == bed.id, Stay.id != stay.id)
    if db.session.scalar(kept) is not None:
        raise Refused("bed.reserved", field=field)
    if bed.condition != "available":
        raise Refused("bed.out_of_use", field=field)
    room = scope.columns(Room, Room.sex_policy).where(Room.id == bed.room_id)
    policy = db.session.scalar(room.with_for_update(read=True))
    if policy not in {"any", stay.sex}:
        raise Refused("room.wrong_sex", field=field)
    return bed


def begin(scope: Scope, stay: Stay, bed_id: int, on: date, to: str) -> None:
    """The first night: the bed is theirs, the register's record follows into the home."""
    with scope.widened() as wide:
        bed = free_bed(wide, stay, bed_id)
        person = wide.lock(Resident, stay.resident_id)
        home = home_of(wide, stay)
        if on > calendar.today():
            raise Refused("stay.day_ahead", field="on")
        if on < person.birth_date:
            raise Refused("stay.before_birth", field="on")
        if person.died_on is not None and on > person.died_on:
            raise Refused("stay.after_death", field="on")
        if person.state != "active":
            raise Refused("stay.record_closed")
        if person.facility_id is not None and person.facility_id != home.id:
            raise Refused("stay.elsewhere")
        if home.state != "operating":
            raise Refused("home.not_open")
        if home.opened_on is not None and on < home.opened_on:
            raise Refused("home.not_open_yet", field="on")
        stay.starts_on, stay.reserved_bed_id = on, None
        stay.from_township_id, stay.from_village_id = person.township_id, person.village_id
        stay.from_arrangement = person.living_arrangement
        given = StayBed(**place_of(stay), bed_id=bed.id, starts_on=on)
        db.session.add(given)
        move(wide, stay, to)
        audit.record(wide, "stay.bed_given", given)
        register.move_into_home(wide, person, home)


def keep_bed(scope: Scope, stay: Stay, bed_id: int) -> None:
    """Keep a free bed for a signed contract."""
    stay.reserved_bed_id = free_bed(scope, stay, bed_id, "reserved_bed_id").id
