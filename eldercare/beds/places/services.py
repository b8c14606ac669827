"""Writes of rooms and beds. lock → judge → change → record; a bed somebody sleeps in stays in use."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert

from eldercare.beds.models import StayBed
from eldercare.beds.places import queries
from eldercare.beds.places.models import BED_MOVES, Line
from eldercare.core import audit, calendar
from eldercare.core.db import changes_of, db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import BED_CONDITION_WORDS, Bed, Facility, Room


def _home(scope: Scope, facility_id: int) -> Facility:
    """The home, held against other writers, so that two plans do not meet half way."""
    facility = scope.lock(Facility, facility_id)
    if facility.facility_type not in queries.WITH_BEDS:
        raise Refused("places.no_beds")
    return facility


def _pair(facility: Facility) -> dict[str, Any]:
    return {"township_id": facility.township_id, "facility_id": facility.id}


def add_room(
    scope: Scope, facility_id: int, values: Mapping[str, Any], *, beds: int = 0, bed_kind: str = "general",
    price_fen: int | None = None,
) -> Room:
    """A room with so many beds, numbered from 1. `values`: building, floor, name, sex_policy. Refused: room.taken."""
    facility = _home(scope, facility_id)
    room = Room(**_pair(facility), **values)
    db.session.add(room)
    audit.record(scope, "room.added", room)
    for number in range(1, beds + 1):
        _add_bed(scope, room, {"number": str(number), "bed_kind": bed_kind, "price_fen": price_fen})
    return room


def change_room(scope: Scope, room_id: int, values: Mapping[str, Any]) -> Room:
    """Rename a room, or say otherwise where it is and for whom; those who sleep there must still fit."""
    room = scope.lock(Room, room_id)
    policy = values.get("sex_policy", room.sex_policy)
    misfits = queries.misfits(scope, room.id, policy, calendar.today()) if policy not in {"any", room.sex_policy} else []
    if misfits:
        raise Refused("room.sleepers", field="sex_policy", beds=", ".join(misfits))
    for key, value in values.items():
        if getattr(room, key) != value:
            setattr(room, key, value)
    if changes_of(room):
        audit.record(scope, "room.changed", room)
    return room


def remove_room(scope: Scope, room_id: int) -> None:
    """Take away a room nobody ever slept in, with its beds; room.not_empty otherwise."""
    room = scope.lock(Room, room_id)
    beds = queries.beds_of(scope, room.id)
    used = scope.columns(StayBed, StayBed.id).where(StayBed.bed_id.in_([bed.id for bed in beds])).limit(1)
    if db.session.scalar(used) is not None:
        raise Refused("room.not_empty")
    for bed in beds:
        db.session.delete(bed)
        audit.record(scope, "bed.removed", bed)
    db.session.delete(room)
    audit.record(scope, "room.removed", room)


def add_bed(scope: Scope, room_id: int, values: Mapping[str, Any]) -> Bed:
    """A bed in a room. `values`: number, bed_kind, price_fen, condition (in use or planned). Refused: bed.number_taken."""
    return _add_bed(scope, scope.lock(Room, room_id), values)


def _add_bed(scope: Scope, room: Room, values: Mapping[str, Any]) -> Bed:
    bed = Bed(township_id=room.township_id, facility_id=room.facility_id, room_id=room.id, **values)
    db.session.add(bed)
    audit.record(scope, "bed.added", bed)
    return bed


def change_bed(scope: Scope, bed_id: int, values: Mapping[str, Any]) -> Bed:
    """Correct a bed's number, kind or price."""
    bed = scope.lock(Bed, bed_id)
    for key, value in values.items():
        if getattr(bed, key) != value:
            setattr(bed, key, value)
    if changes_of(bed):
        audit.record(scope, "bed.changed", bed)
    return bed


def move_bed(scope: Scope, bed_id: int, to: str, reason: str | None = None) -> Bed:
    """Put a bed into use, take it out of use, retire it (§3.1). Refused: bed.no_move, bed.occupied.

    The database says the same of a bed somebody sleeps in; here it is said before anything is tried.
    """
    bed = scope.lock(Bed, bed_id)
    action = BED_MOVES.get((bed.condition, to))
    if action is None:
        raise Refused("bed.no_move", now=BED_CONDITION_WORDS[bed.condition])
    if to != "available" and queries.sleepers(scope, [bed.id], calendar.today()):
        raise Refused("bed.occupied")
    bed.condition = to
    audit.record(scope, action, bed, **({"reason": reason} if reason else {}))
    return bed


def make(scope: Scope, facility_id: int, lines: Sequence[Line], *, source: str, sha256: str = "") -> queries.Plan:
    """Make what a preview showed, in one transaction; places.changed when it no longer holds.

    source: "pattern" (rooms on file are refused) or "workbook" (beds are added to them; kind and price follow).
    """
    facility = _home(scope, facility_id)
    plan = queries.plan(scope, facility_id, lines, only_new=source == "pattern")
    if plan.faults:
        raise Refused("places.changed")
    ids = {(room.building, room.name): room.id for room in queries.rooms(scope, facility_id)}
    rooms = [
        _pair(facility) | {"building": building, "name": name, "floor": line.floor, "sex_policy": line.sex_policy or "any"}
        for (building, name), line in plan.rooms.items()
    ]
    if rooms:
        statement = insert(Room).returning(Room.id, Room.building, Room.name)
        made = db.session.execute(statement, rooms, execution_options={"audited": "rooms.made"})
        ids |= {(building, name): room_id for room_id, building, name in made}
    beds = [
        _pair(facility) | {
            "room_id": ids[line.building, line.room], "number": line.number, "bed_kind": line.bed_kind or "general",
            "price_fen": line.price_fen, "condition": line.condition or "available",
        }
        for line in plan.beds
    ]  # fmt: skip
    if beds:
        db.session.execute(insert(Bed), beds, execution_options={"audited": "rooms.made"})
    for change in plan.changed:
        change_bed(scope, change.bed_id, {key: after for key, (_, after) in change.values.items()})
    if rooms or beds:
        told: dict[str, Any] = {"source": source, "rooms": len(rooms), "beds": len(beds)} | ({"sha256": sha256} if sha256 else {})
        audit.record(scope, "rooms.made", facility, **told)
    return plan
