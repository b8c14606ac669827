"""Reads of incidents: list, record, who lived there, and the figures reports take (domain.md §8 row 7)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_
from sqlalchemy.orm import contains_eager, joinedload, with_expression

from eldercare.beds.models import OPEN as STAY_OPEN
from eldercare.beds.models import Stay, StayBed
from eldercare.core import audit, calendar
from eldercare.core.audit import AuditEntry
from eldercare.core.calendar import Month, Period
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Bed, Facility, Room
from eldercare.hazards.credit.models import Fact
from eldercare.incidents.clocks.models import IncidentClock
from eldercare.incidents.grading.models import GRADES
from eldercare.incidents.models import GRAVE, OPEN, OVER, Incident, IncidentChange, IncidentPerson, IncidentReport
from eldercare.residents.models import Resident

BEGUN = (*STAY_OPEN, "discharged", "deceased")
UNCOUNTED = ("draft", "merged", "rejected")


# ---- list and record ------------------------------------------------------------------------------


def incidents(scope: Scope, next_due: Any = None) -> Select[Any]:
    """Incidents in reach with their home and its township; `next_due` (an expression) fills the next deadline."""
    query = (
        scope.select(Incident)
        .join(Incident.facility)
        .join(Facility.township)
        .options(contains_eager(Incident.facility).contains_eager(Facility.township))
    )
    return query if next_due is None else query.options(with_expression(Incident.next_due, next_due))


def incident(scope: Scope, incident_id: int) -> Incident:
    """One incident in reach with its home, its bed and what it was merged into; 404 otherwise."""
    bed = scope.columns(Bed, Bed.number).where(Bed.id == Incident.bed_id).correlate(Incident).scalar_subquery()
    its_room = scope.columns(Bed, Room.name).join(Room, Room.id == Bed.room_id).where(Bed.id == Incident.bed_id)
    query = incidents(scope).options(
        joinedload(Incident.merged_into), with_expression(Incident.bed_number, bed),
        with_expression(Incident.bed_room, its_room.correlate(Incident).scalar_subquery()),
    )  # fmt: skip
    row: Incident | None = db.session.scalars(query.where(Incident.id == incident_id)).one_or_none()
    return row if row is not None else scope.get(Incident, incident_id)


def matching(text: str) -> ColumnElement[bool]:
    """Incidents whose number or home contains the text."""
    return (Incident.number + " " + Facility.name).icontains(text, autoescape=True)


def between(ends: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Happened between two days, both included, either open."""
    first, last = ends
    return and_(
        Incident.occurred_at >= (calendar.at(first) if first else datetime(1900, 1, 1, tzinfo=calendar.SHANGHAI)),
        Incident.occurred_at
        < (calendar.at(last + timedelta(days=1)) if last else datetime(2200, 1, 1, tzinfo=calendar.SHANGHAI)),
    )


def is_open() -> ColumnElement[bool]:
    """Neither closed nor merged nor rejected."""
    return Incident.state.in_(OPEN)


def people(scope: Scope, incident_id: int) -> list[Any]:
    """Who was involved: rows (IncidentPerson, resident's name). The home's own stay keeps the name after they have left."""
    stayed = scope.columns(Stay, Stay.name).where(
        Stay.resident_id == IncidentPerson.resident_id, Stay.facility_id == IncidentPerson.facility_id
    )
    name = func.coalesce(Resident.name, stayed.order_by(Stay.id.desc()).limit(1).correlate(IncidentPerson).scalar_subquery())
    query = (
        scope.select(IncidentPerson)
        .outerjoin(Resident, and_(Resident.id == IncidentPerson.resident_id, scope.where(Resident)))
        .add_columns(name.label("name"))
        .where(IncidentPerson.incident_id == incident_id)
        .order_by(IncidentPerson.id)
    )
    return list(db.session.execute(query))


def of_resident(scope: Scope, resident_id: int, most: int = 50) -> list[Any]:
    """The incidents a resident was involved in, newest first: rows (Incident, outcome for them)."""
    query = (
        incidents(scope)
        .join(IncidentPerson, and_(IncidentPerson.incident_id == Incident.id, scope.where(IncidentPerson)))
        .add_columns(IncidentPerson.outcome)
        .where(IncidentPerson.resident_id == resident_id, Incident.state != "draft")
        .order_by(Incident.occurred_at.desc(), Incident.id.desc())
    )
    return list(db.session.execute(query.limit(most)))


def reports(scope: Scope, incident_id: int) -> list[IncidentReport]:
    """What was sent up, in order."""
    query = scope.select(IncidentReport).where(IncidentReport.incident_id == incident_id)
    return list(db.session.scalars(query.order_by(IncidentReport.seq)))


def sent_report(scope: Scope, incident_id: int, seq: int) -> IncidentReport | None:
    """One report of the chain."""
    query = scope.select(IncidentReport).where(IncidentReport.incident_id == incident_id, IncidentReport.seq == seq)
    found: IncidentReport | None = db.session.scalars(query).one_or_none()
    return found


def changes(scope: Scope, incident_id: int) -> list[IncidentChange]:
    """What was changed after the first report, newest first."""
    query = scope.select(IncidentChange).where(IncidentChange.incident_id == incident_id)
    return list(db.session.scalars(query.order_by(IncidentChange.id.desc())))


def history(scope: Scope, incident_id: int) -> list[AuditEntry]:
    """What happened to an incident, newest first."""
    return list(db.session.scalars(audit.history(scope, "incident", incident_id)))


def of_number(scope: Scope, facility_id: int, number: str) -> Incident | None:
    """The incident of a number at a home."""
    query = scope.select(Incident).where(Incident.facility_id == facility_id, func.upper(Incident.number) == number.upper())
    found: Incident | None = db.session.scalars(query).one_or_none()
    return found


# ---- who was there --------------------------------------------------------------------------------


def _stayed(day: date) -> ColumnElement[bool]:
    """A stay that covers a day, its last day too: one may fall on the morning one leaves."""
    return and_(Stay.state.in_(BEGUN), Stay.starts_on <= day, or_(Stay.ends_on.is_(None), Stay.ends_on >= day))


def who_lived_there(scope: Scope, facility_id: int, day: date) -> set[int]:
    """Ids of the residents whose stay in a home covers a day."""
    query = scope.columns(Stay, Stay.resident_id).where(Stay.facility_id == facility_id, _stayed(day))
    return set(db.session.scalars(query))


@dataclass(frozen=True)
class Neighbour:
    """Somebody who lives in a home, by bed; names are masked by the page."""

    resident_id: int
    name: str | None
    room: str | None
    number: str | None
    bed_id: int | None


def living_there(scope: Scope, facility_id: int, day: date) -> list[Neighbour]:
    """Who lives in a home on a day, in the order of the house."""
    bed = and_(StayBed.stay_id == Stay.id, StayBed.starts_on <= day, or_(StayBed.ends_on.is_(None), StayBed.ends_on >= day))
    query = (
        scope.columns(Stay, Stay.resident_id, Stay.name, Room.name, Bed.number, Bed.id)
        .outerjoin(StayBed, and_(bed, scope.where(StayBed)))
        .outerjoin(Bed, Bed.id == StayBed.bed_id)
        .outerjoin(Room, Room.id == Bed.room_id)
        .where(Stay.facility_id == facility_id, _stayed(day))
        .order_by(Room.floor, Room.name, func.length(Bed.number), Bed.number, Stay.resident_id)
    )
    seen: dict[int, Neighbour] = {}
    for row in db.session.execute(query):
        seen.setdefault(row[0], Neighbour(*row))
    return list(seen.values())


# ---- boards and figures ---------------------------------------------------------------------------


def open_at(scope: Scope, facility_id: int, most: int = 50) -> list[Incident]:
    """Open incidents of a home, the gravest and oldest first."""
    query = _gravest(scope).where(Incident.facility_id == facility_id)
    return list(db.session.scalars(query.limit(most)))


def is_grave() -> ColumnElement[bool]:
    """Grave by the grade given or by rule, as `Incident.is_grave`: none is graded off the district's board."""
    return or_(Incident.grade.in_(GRAVE), Incident.grade_proposed.in_(GRAVE))


def open_grave(scope: Scope, most: int = 20) -> list[Incident]:
    """Open incidents of E1 and E2, the gravest and oldest first."""
    return list(db.session.scalars(_gravest(scope).where(is_grave()).limit(most)))


def _gravest(scope: Scope) -> Select[Any]:
    return incidents(scope).where(is_open()).order_by(Incident.grade, Incident.known_at, Incident.id)


def counts(scope: Scope) -> dict[str, int]:
    """What is open now: {"drafts", "open", "grave", "review", "closing"}."""

    def count(condition: ColumnElement[bool]) -> Any:
        return func.count(case((condition, 1)))

    grave = is_grave()
    query = scope.columns(
        Incident,
        count(Incident.state == "draft"),
        count(is_open()),
        count(and_(is_open(), grave)),
        count(and_(Incident.state == "review", Incident.reviewed_at.is_(None))),
        count(and_(Incident.state == "review", Incident.reviewed_at.is_not(None), grave)),
    )
    return dict(zip(("drafts", "open", "grave", "review", "closing"), db.session.execute(query).one(), strict=True))


@dataclass(frozen=True)
class InTownship:
    """A township's share of `Figures`."""

    total: int = 0
    grave: int = 0
    deaths: int = 0
    injured: int = 0
    due: int = 0
    on_time: int = 0
    open: int = 0


@dataclass(frozen=True)
class Figures:
    """Incidents of a period by when they happened; merged and rejected ones and drafts do not count.

    due: reports whose deadline at the county came in the period, whenever the incident happened; on_time: of those,
    acknowledged before it. open: not closed at 24:00 of the last day.
    resident_days: nights slept in homes in the period, the denominator of `rate` (incidents per 1,000 resident-days; None
    without any).
    """

    total: int = 0
    by_grade: dict[str, int] = field(default_factory=lambda: dict.fromkeys(GRADES, 0))
    # [{"family", "type", "count", "E1" … "E4", "deaths", "injured"}], commonest first
    by_type: list[dict[str, Any]] = field(default_factory=list)
    deaths: int = 0
    injured: int = 0
    due: int = 0
    on_time: int = 0
    open: int = 0
    resident_days: int = 0
    townships: dict[int, InTownship] = field(default_factory=dict)

    @property
    def rate(self) -> float | None:
        """Incidents per 1,000 resident-days."""
        return 1000 * self.total / self.resident_days if self.resident_days else None


def counted(period: Period) -> ColumnElement[bool]:
    """Incidents that happened in a period, without drafts, merged and rejected ones."""
    return and_(Incident.state.not_in(UNCOUNTED), between((period.first, period.last)))


def month(scope: Scope, period: Period, resident_days: int) -> Figures:
    """The figures of a period in reach. `resident_days`: beds.queries.bed_days(...).occupied of the same reach."""
    query = scope.columns(
        Incident, Incident.township_id, Incident.grade, Incident.family, Incident.type, func.count(), func.sum(Incident.dead),
        func.sum(Incident.injured),
    ).where(counted(period))  # fmt: skip
    by_grade, by_type = dict.fromkeys(GRADES, 0), dict[tuple[str, str], dict[str, int]]()
    places: dict[int, Counter[str]] = defaultdict(Counter)
    for township, grade, family, kind, count, died, injured in db.session.execute(
        query.group_by(Incident.township_id, Incident.grade, Incident.family, Incident.type)
    ):
        by_grade[grade] += count
        row = by_type.setdefault((family, kind), dict.fromkeys(("count", *GRADES, "deaths", "injured"), 0))
        more = {"count": count, grade: count, "deaths": int(died), "injured": int(injured)}
        row.update({name: row[name] + number for name, number in more.items()})
        grave = count if grade in GRAVE else 0
        places[township].update(total=count, grave=grave, deaths=int(died), injured=int(injured))
    clocks = (
        scope.columns(IncidentClock, IncidentClock.township_id, func.count(), func.count().filter(_in_time()))
        .join(Incident, Incident.id == IncidentClock.incident_id)
        .where(_at_county(period))
    )
    for township, due, on_time in db.session.execute(clocks.group_by(IncidentClock.township_id)):
        places[township].update(due=due, on_time=on_time)
    still = scope.columns(Incident, Incident.township_id, func.count()).where(open_then(period.cutoff))
    for township, count in db.session.execute(still.group_by(Incident.township_id)):
        places[township].update(open=count)
    ordered = sorted(by_type.items(), key=lambda item: (-item[1]["count"], item[0]))
    kinds = [{"family": family, "type": kind, **row} for (family, kind), row in ordered]
    whole: Counter[str] = sum(places.values(), Counter())
    return Figures(
        sum(by_grade.values()), by_grade, kinds, whole["deaths"], whole["injured"], whole["due"], whole["on_time"],
        whole["open"], resident_days, {township: InTownship(**row) for township, row in places.items()},
    )  # fmt: skip


def _at_county(period: Period) -> ColumnElement[bool]:
    """The county's clocks that fell due in a period, of incidents that count (domain.md §4.3, §8 row 7).

    By the deadline: one that lies behind the end of its incident's period would be counted in no report.
    """
    clock, begins = IncidentClock, calendar.at(period.first)
    due = and_(clock.due_at > begins, clock.due_at <= period.cutoff)
    return and_(clock.kind == "county", clock.dropped_at.is_(None), due, Incident.state.not_in(UNCOUNTED))


def _in_time() -> ColumnElement[bool]:
    """Acknowledged before the deadline; unmet ones are not."""
    return func.coalesce(and_(IncidentClock.met_at <= IncidentClock.due_at, ~IncidentClock.is_late), False)


def open_then(cutoff: datetime) -> ColumnElement[bool]:
    """Incidents that had happened by a moment and were not closed then."""
    still = or_(Incident.state.not_in(OVER), Incident.closed_at >= cutoff)
    return and_(Incident.state.not_in(UNCOUNTED), Incident.occurred_at < cutoff, still)


def late_reports(scope: Scope, period: Period, most: int = 20) -> list[tuple[Incident, datetime, datetime | None]]:
    """(incident, deadline, when the county had the report) of reports due in a period and not received in time, by deadline."""
    query = (
        incidents(scope)
        .join(IncidentClock, and_(IncidentClock.incident_id == Incident.id, scope.where(IncidentClock)))
        .add_columns(IncidentClock.due_at, IncidentClock.met_at)
        .where(_at_county(period), ~_in_time())
        .order_by(IncidentClock.due_at, IncidentClock.id)
        .limit(most)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]


def grave_of(scope: Scope, period: Period, most: int = 30) -> list[Incident]:
    """The grave incidents of a period and those open at its end, the gravest first, then in time."""
    query = incidents(scope).where(Incident.grade.in_(GRAVE), or_(counted(period), open_then(period.cutoff)))
    return list(db.session.scalars(query.order_by(Incident.grade, Incident.occurred_at, Incident.id).limit(most)))


def by_month(scope: Scope, months: Sequence[Month]) -> list[tuple[Month, int, int]]:
    """(month, incidents that happened in it, the grave ones among them), for the months given."""
    name = func.to_char(func.timezone("Asia/Shanghai", Incident.occurred_at), "YYYY-MM")
    query = scope.columns(Incident, name, func.count(), func.count().filter(Incident.grade.in_(GRAVE))).where(
        Incident.state.not_in(UNCOUNTED), between((months[0].first, months[-1].last))
    )
    found = {row[0]: (row[1], row[2]) for row in db.session.execute(query.group_by(name))}
    return [(each, *found.get(str(each), (0, 0))) for each in months]


def grave_facts(scope: Scope, since: date) -> Iterator[Fact]:
    """Grave incidents that were reported and not rejected or merged, as facts of the ledger of points (§5.5), on their day."""
    held = Incident.state.not_in(("draft", "rejected", "merged"))
    query = scope.select(Incident).where(Incident.grade.in_(GRAVE), held, Incident.occurred_at >= calendar.at(since))
    for each in db.session.scalars(query):
        day, path = calendar.local(each.occurred_at).date(), f"/incidents/{each.id}"
        yield Fact(each.grade, each.township_id, each.facility_id, "incident", each.id, day, each.number, path)


def begun(scope: Scope) -> date | None:
    """The first day an incident happened on; None with nothing on file."""
    first: datetime | None = db.session.scalar(scope.columns(Incident, func.min(Incident.occurred_at)))
    return calendar.local(first).date() if first else None
