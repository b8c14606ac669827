"""A home's beds on a day, who sleeps in them, who is to be watched, and what changed since (domain.md §3.1, §3.4)."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Date, Select, and_, any_, bindparam, case, func, literal, or_, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import aliased

from eldercare.beds.models import Stay, StayAbsence, StayBed
from eldercare.beds.queries.numbers import at_night
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Bed, Facility, Room
from eldercare.residents.health import queries as health
from eldercare.residents.health.models import HealthProfile
from eldercare.residents.models import Resident

WATCHED_DAYS = 7  # newly admitted, back from hospital: §3.4
# what a board is told of by the log, and what may change a mark on it
TOLD = (
    "stay", "stay_bed", "stay_absence", "bed", "room", "facility", "resident", "health_profile", "allergy", "risk_assessment",
)  # fmt: skip


class BoardBed(NamedTuple):
    """A bed on a day. Names are masked by whoever shows them.

    stay_state: in words of a stay, as it was on the day; None: nobody sleeps there. since: the first night in this
    bed; starts_on: of the stay. back_due_on: when somebody on leave is expected. kept_for: the stay the bed is
    reserved for (known for today alone). version: of the stay, for acts on it.
    """

    bed_id: int
    building: str
    floor: int
    room_id: int
    room: str
    sex_policy: str
    number: str
    bed_kind: str
    condition: str
    price_fen: int | None
    stay_id: int | None
    resident_id: int | None
    name: str | None
    sex: str | None
    stay_state: str | None
    since: date | None
    starts_on: date | None
    back_due_on: date | None
    version: int | None
    kept_for: int | None
    township_id: int
    facility_id: int

    @property
    def state(self) -> str:
        """taken, trial, on_leave, hospitalised; reserved, free, maintenance, planned, retired."""
        if self.stay_id is not None:
            return self.stay_state if self.stay_state in {"trial", "on_leave", "hospitalised"} else "taken"
        if self.condition != "available":
            return self.condition
        return "reserved" if self.kept_for is not None else "free"


class Home(NamedTuple):
    """Whose board it is."""

    id: int
    name: str
    township_id: int
    facility_id: int


_KEPT = aliased(Stay)


@lru_cache(maxsize=512)
def _board(reach: Scope, *, is_today: bool, one: bool = False) -> Select[Any]:
    """The beds of home :home at 24:00 of :day, retired ones only where somebody slept in them."""
    home: Any = bindparam("home")
    day = bindparam("day", type_=Date)
    used = and_(StayBed.bed_id == Bed.id, StayBed.starts_on <= day, or_(StayBed.ends_on.is_(None), StayBed.ends_on > day))
    away = and_(
        StayAbsence.stay_id == Stay.id, StayAbsence.left_on <= day, or_(StayAbsence.back_on.is_(None), StayAbsence.back_on > day)
    )
    on_trial = and_(Stay.trial_no.is_not(None), or_(Stay.contract_signed_on.is_(None), Stay.contract_signed_on > day))
    state = Stay.state if is_today else case(
        (StayAbsence.kind == "leave", "on_leave"), (StayAbsence.kind == "hospital", "hospitalised"), (on_trial, "trial"),
        else_="in_residence",
    )
    kept = _KEPT.id if is_today else literal(None)
    shown = state if is_today else case((Stay.id.is_not(None), state))
    tables = (
        Bed.__table__.join(Room.__table__, Room.id == Bed.room_id)
        .outerjoin(StayBed.__table__, and_(used, reach.where(StayBed)))
        .outerjoin(Stay.__table__, and_(Stay.id == StayBed.stay_id, at_night(day), reach.where(Stay)))
        .outerjoin(StayAbsence.__table__, and_(away, reach.where(StayAbsence)))
    )
    query = reach.columns(
        Bed, Bed.id, Room.building, Room.floor, Room.id, Room.name, Room.sex_policy, Bed.number, Bed.bed_kind, Bed.condition,
        Bed.price_fen, Stay.id, Stay.resident_id, Stay.name, Stay.sex, shown, StayBed.starts_on,
        Stay.starts_on, StayAbsence.expected_back_on, Stay.version, kept, Bed.township_id, Bed.facility_id, of=tables,
    )
    if is_today:
        query = query.outerjoin(_KEPT, and_(_KEPT.reserved_bed_id == Bed.id, reach.where(_KEPT)))
    query = query.where(Bed.facility_id == home, or_(Bed.condition != "retired", Stay.id.is_not(None)))
    if one:
        query = query.where(Bed.id == bindparam("bed"))
    order = (Room.building, Room.floor, Room.name, func.length(Bed.number), Bed.number, Bed.id)
    return query.order_by(*order).execution_options(prepared=True)  # planning it costs more than answering it


def board(scope: Scope, facility_id: int, day: date, *, is_today: bool) -> list[BoardBed]:
    """The beds of a home as they stand at 24:00 of the day: by building, floor, room, number."""
    rows = db.session.execute(_board(scope.reach, is_today=is_today), {"home": facility_id, "day": day})
    return [BoardBed(*row) for row in rows]


def bed_now(scope: Scope, facility_id: int, bed_id: int, day: date, *, is_today: bool = True) -> BoardBed:
    """One bed of a home's board; 404 when it is not of this home or out of reach."""
    asked = {"home": facility_id, "day": day, "bed": bed_id}
    found = db.session.execute(_board(scope.reach, is_today=is_today, one=True), asked).one_or_none()
    return BoardBed(*found) if found is not None else scope.get(Bed, 0)  # type: ignore[return-value]


def free_beds(scope: Scope, facility_id: int, sex: str) -> list[Any]:
    """Beds of a home that are free today and stand in a room for this sex, as the house stands: Rows of bed and room."""
    taken = scope.columns(StayBed, StayBed.id).where(StayBed.bed_id == Bed.id, StayBed.ends_on.is_(None)).exists()
    kept = scope.columns(Stay, Stay.id).where(Stay.reserved_bed_id == Bed.id).exists()
    query = (
        scope.columns(Bed, Bed.id, Room.building, Room.floor, Room.name.label("room"), Bed.number, Bed.bed_kind)
        .join(Room, Room.id == Bed.room_id)
        .where(Bed.facility_id == facility_id, Bed.condition == "available", Room.sex_policy.in_(["any", sex]), ~taken, ~kept)
        .order_by(Room.building, Room.floor, Room.name, func.length(Bed.number), Bed.number)
    )
    return list(db.session.execute(query))


def applicants(scope: Scope, facility_id: int, sex_policy: str) -> list[Any]:
    """Who signed a contract with the home, has not moved in and may live in such a room: the longest waiting first."""
    query = scope.columns(
        Stay, Stay.id, Stay.name, Stay.sex, Stay.wanted_on, Stay.contract_signed_on, Stay.reserved_bed_id, Stay.version
    ).where(Stay.facility_id == facility_id, Stay.state == "contracted")
    if sex_policy != "any":
        query = query.where(Stay.sex == sex_policy)
    return list(db.session.execute(query.order_by(Stay.contract_signed_on, Stay.id)))


# ---- who is to be watched -------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _watched(reach: Scope, own: Scope | None, level: str) -> Select[Any]:
    """`own`: where health may be read; None: only what stays tell."""
    since, day = bindparam("since", type_=Date), bindparam("day", type_=Date)
    back = (
        reach.columns(StayAbsence, StayAbsence.id)
        .where(
            StayAbsence.stay_id == Stay.id, StayAbsence.kind == "hospital", StayAbsence.back_on > since,
            StayAbsence.back_on <= day,
        )
        .correlate(Stay)
        .exists()
    )
    people: Any = bindparam("people", type_=ARRAY(BigInteger))
    lists: dict[str, Any] = {"new": Stay.starts_on > since, "back": back}
    tables: Any = Stay.__table__
    if own:
        risk = health.risk_then(own, day)
        lists = health.on_lists(risk, level) | lists
        tables = (
            tables.outerjoin(Resident, and_(Resident.id == Stay.resident_id, own.where(Resident)))
            .outerjoin(HealthProfile, and_(HealthProfile.resident_id == Resident.id, own.where(HealthProfile)))
            .outerjoin(risk, true())
        )
    query = reach.columns(Stay, Stay.resident_id, *(each.label(code) for code, each in lists.items()), of=tables)
    query = query.where(Stay.resident_id == any_(people), at_night(day), or_(*lists.values()))
    return query.execution_options(prepared=True)


def watch_lists(
    scope: Scope, resident_ids: Iterable[int], day: date, *, own: Scope | None = None, level: str = "some"
) -> dict[int, list[str]]:
    """Which watch-lists of §3.4 residents in homes are on at 24:00 of a day, by resident id; who is on none is not in it.

    "new": moved in within seven days; "back": back from hospital within seven days. Those of health
    (`health.models.WATCH`, from `level` on) stand before them for whoever holds P.HEALTH_READ: `own` is where.
    """
    asked = {"people": list(resident_ids), "day": day, "since": day - timedelta(days=WATCHED_DAYS)}
    rows = db.session.execute(_watched(scope.reach, own.reach if own else None, level), asked).mappings()
    return {row["resident_id"]: [code for code, is_on in row.items() if is_on is True] for row in rows}


# ---- what changed ---------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _home(reach: Scope) -> Select[Any]:
    ours = (AuditEntry.facility_id == Facility.id, AuditEntry.entity.in_(TOLD))
    last = reach.columns(AuditEntry, func.max(AuditEntry.id)).where(*ours)
    columns = (Facility.id, Facility.name, Facility.township_id, Facility.facility_id, last.correlate(Facility).scalar_subquery())
    query = reach.columns(Facility, *columns, of=Facility.__table__).where(Facility.id == bindparam("home"))
    return query.execution_options(prepared=True)


def home(scope: Scope, facility_id: int) -> tuple[Home, int]:
    """(the home, the last entry of its log that a board shows): what a board drawn after this knows of; 404 out of reach.

    Entries are numbered in the order of commits, so nothing that comes later has a smaller number. What else is logged of
    a home moves nothing here: a check it is not told of must not show (domain.md §5.2).
    """
    found = db.session.execute(_home(scope.reach), {"home": facility_id}).one_or_none()
    if found is None:
        scope.get(Facility, 0)  # 404
        raise LookupError(facility_id)
    return Home(*found[:4]), found[4] or 0


def changed_since(scope: Scope, facility_id: int, since: int) -> tuple[Home, int | None]:
    """(the home, its newest entry after `since` that a board shows, or None): one look at an index's end; 404 out of reach."""
    entry = AuditEntry
    newer = and_(entry.facility_id == Facility.id, entry.id > since, entry.entity.in_(TOLD), scope.where(entry))
    query = (
        scope.columns(Facility, Facility.id, Facility.name, Facility.township_id, Facility.facility_id, AuditEntry.id)
        .outerjoin(AuditEntry, newer)
        .where(Facility.id == facility_id)
        .order_by(AuditEntry.id.desc().nulls_last())
        .limit(1)
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        scope.get(Facility, 0)  # 404
        raise LookupError(facility_id)
    return Home(*found[:4]), found[4]


# ---- one person -----------------------------------------------------------------------------------


def stays_of(scope: Scope, resident_id: int) -> list[Any]:
    """A person's stays in homes within reach, newest first: rows (Stay, home, building, room, bed), the bed the last one."""
    last = (
        scope.columns(StayBed, StayBed.stay_id, StayBed.bed_id)
        .ext(distinct_on(StayBed.stay_id))
        .order_by(StayBed.stay_id, StayBed.starts_on.desc())
        .subquery()
    )
    query = (
        scope.select(Stay)
        .add_columns(Facility.name, Room.building, Room.name, Bed.number)
        .join(Facility, Facility.id == Stay.facility_id)
        .outerjoin(last, last.c.stay_id == Stay.id)
        .outerjoin(Bed, Bed.id == last.c.bed_id)
        .outerjoin(Room, Room.id == Bed.room_id)
        .where(Stay.resident_id == resident_id)
        .order_by(Stay.starts_on.desc().nulls_first(), Stay.id.desc())
    )
    return list(db.session.execute(query))
