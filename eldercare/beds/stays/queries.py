"""Reads of stays: the list, one with everything about it, free beds, what falls due on a day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, cast, false, func, or_
from sqlalchemy.dialects.postgresql import TSQUERY

from eldercare.beds.models import LIVING, Stay, StayAbsence, StayBed
from eldercare.core import alerts, audit
from eldercare.core.db import db
from eldercare.core.pinyin import tsquery
from eldercare.core.scope import Scope
from eldercare.facilities.models import Bed, Facility, Room, Township
from eldercare.residents import queries as residents
from eldercare.residents.models import SCALE, Assessment, Resident

# what a home's residents are due for is what the later of the two says: the stay's own assessment, or one
# that the township entered on the register
ASSESSMENT_DUE: ColumnElement[Any] = func.greatest(Stay.next_assessment_on, Resident.next_due_on)
DUE = ("overdue", "contract", "lapsed", "assessment", "hospital", "trial")


def stay(scope: Scope, stay_id: int) -> Stay:
    """One stay in reach; 404 otherwise."""
    return scope.get(Stay, stay_id)


def listed(scope: Scope) -> Select[Any]:
    """Stays as the list needs them: plain rows, the home, the bed and the open absence beside each."""
    away = and_(StayAbsence.stay_id == Stay.id, StayAbsence.back_on.is_(None), scope.where(StayAbsence))
    has = and_(StayBed.stay_id == Stay.id, StayBed.ends_on.is_(None), scope.where(StayBed))
    return (
        scope.columns(
            Stay, Stay.id, Stay.resident_id, Stay.facility_id, Stay.township_id, Stay.state, Stay.name, Stay.sex, Stay.birth_date,
            Stay.id_last4, Stay.applied_on, Stay.starts_on, Stay.ends_on, Stay.closed_on, Stay.care_level, Stay.contract_no,
            Stay.contract_ends_on, Stay.trial_ends_on, Stay.reassess_since, ASSESSMENT_DUE.label("assessment_due_on"),
            Stay.ability_level, Facility.name.label("home"), Township.code.label("township_code"),
            Room.building, Room.name.label("room"), Bed.number.label("bed"),
            StayAbsence.expected_back_on, StayAbsence.left_on, Resident.died_on,
        )
        .join(Facility, Facility.id == Stay.facility_id)
        .join(Township, Township.id == Stay.township_id)
        .outerjoin(Resident, and_(Resident.id == Stay.resident_id, scope.where(Resident)))
        .outerjoin(StayAbsence, away)
        .outerjoin(StayBed, has)
        .outerjoin(Bed, Bed.id == StayBed.bed_id)
        .outerjoin(Room, Room.id == Bed.room_id)
    )  # fmt: skip


def listed_one(scope: Scope, stay_id: int) -> Any:
    """One stay as the list shows it; 404 outside the reach."""
    found = db.session.execute(listed(scope).where(Stay.id == stay_id)).first()
    return found if found is not None else scope.get(Stay, stay_id)


def matching(text: str) -> ColumnElement[bool]:
    """The condition for a search text, over the record where it is in reach and over the stay's own copy elsewhere."""
    number = text.number if isinstance(text, residents.Sought) else residents.Number.read(text)
    own: ColumnElement[bool] = false()
    if number is not None:
        own = and_(Resident.id.is_(None), Stay.id_last4 == number.shown[-4:]) if number.field == "id_number" else own
    elif text[-4:].upper() == text.lstrip("*").upper() and len(text.lstrip("*")) == 4 and text[-4:-1].isdigit():
        own = Stay.id_last4 == text[-4:].upper()
    else:
        asked = tsquery(text)
        own = own if asked is None else Stay.search.op("@@")(cast(asked, TSQUERY))
    return or_(own, residents.matching(text))


def due(what: str, day: date, within: int = 30) -> ColumnElement[bool]:
    """The condition for stays that are due for something on a day; over what `listed` joins."""
    soon = day + timedelta(within)
    ways: dict[str, ColumnElement[bool]] = {
        "overdue": and_(Stay.state == "on_leave", StayAbsence.expected_back_on < day),
        "contract": and_(Stay.state.in_(LIVING), Stay.contract_ends_on.between(day, soon)),
        "lapsed": and_(Stay.state.in_(LIVING), Stay.contract_ends_on < day),
        "assessment": and_(Stay.state.in_(LIVING), soon >= ASSESSMENT_DUE),
        "hospital": and_(Stay.state == "in_residence", Stay.reassess_since.is_not(None)),
        "trial": and_(Stay.state == "trial", Stay.trial_ends_on <= day + timedelta(min(within, 7))),
    }
    return ways[what]


def homes(scope: Scope) -> list[Any]:
    """The institutions in reach that take people in (id, name, township_id), by name."""
    query = scope.columns(Facility, Facility.id, Facility.name, Facility.township_id).where(
        Facility.facility_type == "institution", Facility.state == "operating"
    )
    return list(db.session.execute(query.order_by(Facility.name, Facility.id)))


def choices(scope: Scope) -> dict[str, list[tuple[str, str]]]:
    """What the list's place filters offer: townships and homes in reach with stays to show."""
    query = (
        scope.columns(Facility, Facility.id, Facility.name, Township.code, Township.name, Township.name_en)
        .join(Township, Township.id == Facility.township_id)
        .where(Facility.facility_type == "institution")
        .order_by(Township.code, Facility.name)
    )
    rows = list(db.session.execute(query))
    return {
        "home": [(str(row[0]), row[1]) for row in rows],
        "township": list({row[2]: (row[2], row[3]) for row in rows}.values()),
        "township_en": list({row[2]: (row[2], row[4]) for row in rows}.values()),
    }


# ---- one stay -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Whole:
    """A stay with its home, beds and times away, newest first; the next home where one is named."""

    stay: Stay
    home: Any
    beds: list[Any]
    away: list[StayAbsence]
    destination: str | None
    assessment_due_on: date | None
    has_record: bool


def whole(scope: Scope, stay_id: int) -> Whole:
    """Everything about one stay; 404 outside the reach."""
    own = scope.get(Stay, stay_id)
    head = db.session.execute(
        scope.columns(Stay, Facility, Resident.id, Resident.next_due_on)
        .join(Facility, Facility.id == Stay.facility_id)
        .outerjoin(Resident, and_(Resident.id == Stay.resident_id, scope.where(Resident)))
        .where(Stay.id == stay_id)
    ).one()
    beds = (
        scope.columns(StayBed, StayBed, Room.building, Room.name, Bed.number)
        .join(Bed, Bed.id == StayBed.bed_id)
        .join(Room, Room.id == Bed.room_id)
        .where(StayBed.stay_id == stay_id)
        .order_by(StayBed.starts_on.desc(), StayBed.id.desc())
    )
    away = scope.select(StayAbsence).where(StayAbsence.stay_id == stay_id).order_by(StayAbsence.left_on.desc())
    due_on = max(filter(None, (own.next_assessment_on, head[2])), default=None)
    destination = None
    if own.destination_facility_id is not None:
        destination = dict(other_homes(scope)).get(own.destination_facility_id)
    return Whole(
        own, head[0], list(db.session.execute(beds)), list(db.session.scalars(away)), destination, due_on, head[1] is not None
    )


def bed_words(building: str, room: str, number: str) -> str:
    """A bed as people name it: building, room, number."""
    return "-".join(part for part in (building, room, number) if part)


def reserved(scope: Scope, own: Stay) -> str | None:
    """The bed kept for a signed contract, as people name it."""
    query = scope.columns(Bed, Room.building, Room.name, Bed.number).join(Room, Room.id == Bed.room_id)
    row = db.session.execute(query.where(Bed.id == own.reserved_bed_id)).one_or_none() if own.reserved_bed_id else None
    return bed_words(*row) if row else None


def free_beds(scope: Scope, own: Stay) -> list[tuple[int, str, str]]:
    """Beds this person could have now (id, name, kind): of the home, in use, free, kept for nobody else, in a fitting room.

    From ability level 2 nursing beds come first, below it the others.
    """
    taken = scope.columns(StayBed, StayBed.bed_id).where(StayBed.ends_on.is_(None), StayBed.bed_id == Bed.id)
    kept = scope.columns(Stay, Stay.reserved_bed_id).where(Stay.reserved_bed_id == Bed.id, Stay.id != own.id)
    fitting = "nursing" if (own.ability_level or 0) >= 2 else "general"
    query = (
        scope.columns(Bed, Bed.id, Room.building, Room.name, Bed.number, Bed.bed_kind)
        .join(Room, Room.id == Bed.room_id)
        .where(
            Bed.facility_id == own.facility_id, Bed.condition == "available", Room.sex_policy.in_(["any", own.sex]),
            ~taken.exists(), ~kept.exists(),
        )
        .order_by(
            Bed.id != (own.reserved_bed_id or 0), case((Bed.bed_kind == fitting, 0), else_=1), Room.building, Room.floor,
            Room.name, Bed.number,
        )
    )  # fmt: skip
    return [(row[0], bed_words(row[1], row[2], row[3]), row[4]) for row in db.session.execute(query)]


def other_homes(scope: Scope, but: int | None = None) -> list[tuple[int, str]]:
    """Every home of the district that takes people in, by name: names of places are public, reach or not."""
    with scope.widened() as wide:
        return [(row.id, row.name) for row in homes(wide) if row.id != but]


def history(scope: Scope, stay_id: int) -> list[Any]:
    """What happened to the stay, newest first."""
    return list(db.session.scalars(audit.history(scope, "stay", stay_id)))


def known_result(scope: Scope, own: Stay, day: date) -> tuple[date, int] | None:
    """(assessed on, level) of the ability result the register holds and that is still valid."""
    with scope.widened() as wide:
        query = wide.columns(Assessment, Assessment.assessed_on, Assessment.final_level).where(
            Assessment.resident_id == own.resident_id, ~Assessment.is_void, Assessment.scale == SCALE,
            Assessment.next_due_on > day,
        )
        row = db.session.execute(query.order_by(Assessment.assessed_on.desc(), Assessment.id.desc())).first()
    return (row[0], row[1]) if row else None


# ---- what falls due -----------------------------------------------------------------------------


def falling_due(scope: Scope, what: str, day: date, within: int) -> list[Any]:
    """Stays due for something: rows (Stay, home, the day it is about)."""
    about: Any = {
        "overdue": StayAbsence.expected_back_on, "contract": Stay.contract_ends_on, "lapsed": Stay.contract_ends_on,
        "assessment": ASSESSMENT_DUE, "hospital": Stay.reassess_since, "trial": Stay.trial_ends_on,
    }[what]  # fmt: skip
    away = and_(StayAbsence.stay_id == Stay.id, StayAbsence.back_on.is_(None), scope.where(StayAbsence))
    query = (
        scope.columns(Stay, Stay, Facility.name, about)
        .join(Facility, Facility.id == Stay.facility_id)
        .outerjoin(Resident, and_(Resident.id == Stay.resident_id, scope.where(Resident)))
        .outerjoin(StayAbsence, away)
        .where(due(what, day, within))
        .order_by(Stay.id)
    )
    return list(db.session.execute(query))


def told_of(scope: Scope, *kinds: str) -> dict[int, set[str]]:
    """Stay id → occasions of open alerts of these kinds at the home's level."""
    query = scope.columns(alerts.Alert, alerts.Alert.entity_id, alerts.Alert.occasion).where(
        alerts.Alert.kind.in_(kinds), alerts.Alert.level == "facility", alerts.Alert.settled_at.is_(None)
    )
    found: dict[int, set[str]] = {}
    for stay_id, occasion in db.session.execute(query):
        found.setdefault(stay_id, set()).add(occasion)
    return found


def leaving_for(scope: Scope, resident_id: int, facility_id: int) -> list[Stay]:
    """Stays of a person that ended with this home as the next one."""
    query = scope.select(Stay).where(Stay.resident_id == resident_id, Stay.destination_facility_id == facility_id)
    return list(db.session.scalars(query))
