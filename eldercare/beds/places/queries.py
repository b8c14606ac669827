"""Reads of rooms and beds as places: domain.md §1.3 (three numbers of beds), §3.1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_

from eldercare.beds.models import Stay, StayBed
from eldercare.beds.places.models import SEX_POLICY_WORDS, Fault, Line
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import BED_CONDITION_WORDS, Bed, Facility, Room
from eldercare.residents.models import Resident

WITH_BEDS = ("institution", "township_center")


def listed(scope: Scope, facility_id: int) -> Select[Any]:
    """Rows (room columns, bed columns) of a home: every bed with its room, and rooms without a bed."""
    return (
        scope.columns(
            Room, Bed.id, Room.id.label("room_id"), Room.building, Room.floor, Room.name.label("room"), Room.sex_policy,
            Bed.number, Bed.bed_kind, Bed.condition, Bed.price_fen,
        )
        .outerjoin(Bed, Bed.room_id == Room.id)
        .where(Room.facility_id == facility_id)
    )


def on_file(scope: Scope, facility_id: int) -> list[Any]:
    """The beds that are not retired, as the form for a list of beds is filled with."""
    query = listed(scope, facility_id).where(Bed.condition != "retired")
    return list(db.session.execute(query.order_by(Room.building, Room.floor, Room.name, func.length(Bed.number), Bed.number)))


def rooms(scope: Scope, facility_id: int) -> list[Room]:
    """A home's rooms, as the house stands."""
    query = scope.select(Room).where(Room.facility_id == facility_id)
    return list(db.session.scalars(query.order_by(Room.building, Room.floor, Room.name, Room.id)))


def room(scope: Scope, facility_id: int, room_id: int) -> Room:
    """A room of this home; 404 otherwise."""
    found = scope.get(Room, room_id)
    return found if found.facility_id == facility_id else scope.get(Room, 0)


def bed(scope: Scope, facility_id: int, bed_id: int) -> Bed:
    """A bed of this home; 404 otherwise."""
    found = scope.get(Bed, bed_id)
    return found if found.facility_id == facility_id else scope.get(Bed, 0)


def beds_of(scope: Scope, room_id: int) -> list[Bed]:
    """A room's beds by number, retired ones too."""
    query = scope.select(Bed).where(Bed.room_id == room_id)
    return list(db.session.scalars(query.order_by(func.length(Bed.number), Bed.number, Bed.id)))


def sleepers(scope: Scope, bed_ids: Sequence[int], day: date) -> set[int]:
    """Which of these beds somebody sleeps in on the day or later."""
    query = scope.columns(StayBed, StayBed.bed_id).where(
        StayBed.bed_id.in_(bed_ids), or_(StayBed.ends_on.is_(None), StayBed.ends_on > day)
    )
    return set(db.session.scalars(query))


def misfits(scope: Scope, room_id: int, sex_policy: str, day: date) -> list[str]:
    """The numbers of a room's beds in which somebody of the other sex sleeps on the day or later."""
    query = (
        scope.columns(Bed, Bed.number)
        .join(StayBed, StayBed.bed_id == Bed.id)
        .join(Stay, Stay.id == StayBed.stay_id)
        .join(Resident, Resident.id == Stay.resident_id)
        .where(
            Bed.room_id == room_id, or_(StayBed.ends_on.is_(None), StayBed.ends_on > day), Resident.sex != sex_policy,
            scope.where(StayBed), scope.where(Stay), scope.where(Resident),
        )
        .order_by(Bed.number)
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class Counts:
    """Beds of a home set up by row. `standing` = in use + out of use: what `beds_set` should say; `usable` = in use."""

    rooms: int
    planned: int
    usable: int
    out_of_use: int
    nursing: int

    @property
    def standing(self) -> int:
        """Beds that stand there."""
        return self.usable + self.out_of_use


def counts(scope: Scope, facility_id: int) -> Counts:
    """How many rooms and beds a home has by row."""
    standing = Bed.condition.in_(["available", "maintenance"])
    query = (
        scope.columns(
            Room, func.count(Room.id.distinct()), func.count().filter(Bed.condition == "planned"),
            func.count().filter(Bed.condition == "available"), func.count().filter(Bed.condition == "maintenance"),
            func.count().filter(and_(standing, Bed.bed_kind == "nursing")),
        )
        .outerjoin(Bed, Bed.room_id == Room.id)
        .where(Room.facility_id == facility_id)
    )
    return Counts(*db.session.execute(query).one())


def differences(facility: Facility, found: Counts) -> list[tuple[str, int | None, int]]:
    """Where the register and the rows disagree: [(column of the register, its number, the rows' number)]."""
    pairs = (("beds_set", found.standing), ("beds_usable", found.usable), ("beds_nursing", found.nursing))
    if not found.rooms:
        return []
    return [(key, getattr(facility, key), number) for key, number in pairs if getattr(facility, key) != number]


def history(scope: Scope, room: Room, bed_ids: Sequence[int], most: int = 40) -> list[AuditEntry]:
    """What happened to a room and its beds, newest first."""
    ways = or_(
        and_(AuditEntry.entity == "room", AuditEntry.entity_id == room.id),
        and_(AuditEntry.entity == "bed", AuditEntry.entity_id.in_(bed_ids)),
    )
    return list(db.session.scalars(scope.select(AuditEntry).where(ways).order_by(AuditEntry.id.desc()).limit(most)))


# ---- what is to be made ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A bed on file that would change: column → (before, after)."""

    bed_id: int
    where: str
    values: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Plan:
    """What lines mean for a home as it is: rooms and beds to make, beds to change, what stays, what is wrong."""

    rooms: dict[tuple[str, str], Line]  # (building, room) → the line that says its floor and for whom
    beds: list[Line]
    changed: list[Change]
    unchanged: int
    faults: list[Fault]


def plan(scope: Scope, facility_id: int, lines: Sequence[Line], *, only_new: bool) -> Plan:
    """Compare lines with the rooms on file; `only_new`: a room that exists is a fault (a pattern makes rooms)."""
    on_file_by_name = {(each.building, each.name): each for each in rooms(scope, facility_id)}
    kept = scope.select(Bed).where(Bed.facility_id == facility_id)
    beds = {(each.room_id, each.number): each for each in db.session.scalars(kept)}
    new: dict[tuple[str, str], Line] = {}
    made, changed, unchanged, faults = [], [], 0, dict[tuple[str, str], Fault]()
    for line in lines:
        key = (line.building, line.room)
        on_file = on_file_by_name.get(key)
        if on_file is None:
            fault = _of_new_room(line, new.setdefault(key, line))
            made.append(line)
        elif only_new:
            fault = Fault("room.exists", _where(line), {})
        else:
            fault = _of_old_room(line, on_file)
            old = beds.get((on_file.id, line.number))
            if old is None:
                made.append(line)
            else:
                fault = fault or _of_old_bed(line, old)
                change = _change(line, old)
                unchanged += not change.values
                changed += [change] if change.values else []
        if fault is not None:
            faults[fault.code, fault.where] = fault
    return Plan(new, made, changed, unchanged, list(faults.values()))


def _where(line: Line) -> str:
    return " ".join(filter(None, (line.building, line.room)))


def _of_new_room(line: Line, first: Line) -> Fault | None:
    if first.floor is None:
        return Fault("floor.missing", _where(line), {})
    differs = (line.floor, line.sex_policy) != (first.floor, first.sex_policy)
    return Fault("room.contradicts", _where(line), {"row": first.row}) if differs else None


def _of_old_room(line: Line, room: Room) -> Fault | None:
    said = (line.floor if line.floor is not None else room.floor, line.sex_policy or room.sex_policy)
    if said == (room.floor, room.sex_policy):
        return None
    return Fault("room.differs", _where(line), {"now": f"{room.floor}, {SEX_POLICY_WORDS[room.sex_policy]}"})


def _of_old_bed(line: Line, bed: Bed) -> Fault | None:
    if line.condition in (None, bed.condition):
        return None
    return Fault("bed.condition_differs", f"{_where(line)}-{line.number}", {"now": BED_CONDITION_WORDS[bed.condition]})


def _change(line: Line, bed: Bed) -> Change:
    values = {
        key: (getattr(bed, key), value)
        for key in ("bed_kind", "price_fen")
        if (value := getattr(line, key)) is not None and value != getattr(bed, key)
    }
    return Change(bed.id, f"{_where(line)}-{line.number}", values)
