"""Starting, moving, warning of and stopping deadlines. A deadline stops with a receipt and in no other way."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func

from eldercare.core import alerts, audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.incidents.clocks.models import (
    ABOVE,
    BY_OFFICER,
    COUNTY,
    FURTHER,
    KINDS,
    LEVEL,
    About,
    IncidentClock,
    IncidentReceipt,
    wanted,
)
from eldercare.incidents.grading.models import Rules
from eldercare.incidents.models import OVER, Incident, IncidentChange, IncidentPerson, IncidentReport

C = IncidentClock
RULED = tuple(kind for kind in KINDS if kind not in {*ABOVE, "follow_up", "final"})  # what `wanted` decides alone


def sync(scope: Scope, incident: Incident, rules: Rules) -> None:
    """Bring the deadlines to what type, grade, figures and times ask for now.

    Missing ones start, those that no longer apply are dropped, moved times move them. Lateness that was
    there before a move is written down first and stays (domain.md §4.3: editing the times is seen).
    """
    now = calendar.now()
    standing = {each.kind: each for each in _rows(scope, incident) if each.dropped_at is None}
    asked = dict(wanted(_about(scope, incident), rules)) if incident.state not in {"merged", "rejected"} else {}
    for kind, due in asked.items():
        clock = standing.get(kind)
        if clock is None:
            start(incident, kind, incident.known_at, due, is_window=kind == "figures")
        elif kind == "county" and _read_below(scope, incident, clock):  # raised after a township had read it
            start(incident, kind, now, now + COUNTY)
        elif clock.started_at <= (incident.reported_at or now) and (clock.started_at, clock.due_at) != (incident.known_at, due):
            _bank(clock, now)
            clock.started_at, clock.due_at = incident.known_at, due
            _bank(clock, now)
            alerts.move_due(scope, incident, f"incident.clock_{kind}", due, occasion=str(clock.id))
    for kind, clock in standing.items():
        if clock.is_running and kind not in asked and (kind in RULED or not asked):
            drop(scope, incident, clock)
    _follow(scope, incident, rules, standing.get("follow_up"))
    db.session.flush()
    warn(scope, incident, (each for each in _rows(scope, incident) if each.is_running), rules, now)


def _read_below(scope: Scope, incident: Incident, clock: IncidentClock) -> bool:
    """Whether a township's reading has stopped a clock that the district's alone can stop now."""
    if clock.receipt_id is None or not incident.goes_up:
        return False
    return bool(scope.get(IncidentReceipt, clock.receipt_id).body == "township")


def _rows(scope: Scope, incident: Incident) -> list[IncidentClock]:
    query = scope.select(C).where(C.incident_id == incident.id)
    return list(db.session.scalars(query.order_by(C.id).with_for_update()))


def _about(scope: Scope, incident: Incident) -> About:
    people = scope.columns(IncidentPerson, func.count()).where(
        IncidentPerson.incident_id == incident.id, IncidentPerson.role == "resident"
    )
    home = scope.get(Facility, incident.facility_id)
    hurt = incident.dead + incident.injured + incident.ill > 0 or incident.missing != "no"
    return About(
        incident.facts,
        incident.grade,
        incident.goes_up,
        incident.accident_level,
        home.has_clinic or home.medical_type in {"clinic", "hospital"},
        bool(db.session.scalar(people)) or (hurt and incident.family != "natural_disaster"),
        incident.occurred_at,
        incident.known_at,
    )


def start(incident: Incident, kind: str, started: datetime, due: datetime, *, is_window: bool = False) -> IncidentClock:
    """Let a deadline run. The database refuses a second one of a kind that runs (incident.clock_taken)."""
    clock = C(
        **incident.key,
        kind=kind,
        started_at=started,
        due_at=due,
        is_window=is_window,
    )
    db.session.add(clock)
    db.session.flush()
    return clock


def drop(scope: Scope, incident: Incident, clock: IncidentClock) -> None:
    """A deadline that no longer applies; how late it was already stays."""
    _bank(clock, calendar.now())
    clock.dropped_at = calendar.now()
    alerts.settle(scope, incident, f"incident.clock_{clock.kind}", occasion=str(clock.id))


def _bank(clock: IncidentClock, now: datetime) -> None:
    """Write down how late it is by the deadline in force; the worst that ever was is kept."""
    if clock.is_window:
        return
    minutes = -(-int(((clock.met_at or now) - clock.due_at).total_seconds()) // 60)
    if minutes > clock.late_minutes:
        clock.is_late, clock.late_minutes = True, minutes


def stop(scope: Scope, incident: Incident, clock: IncidentClock, receipt: IncidentReceipt, rules: Rules) -> None:
    """A receipt stops a deadline; what follows from it starts."""
    clock.met_at, clock.receipt_id = receipt.received_at, receipt.id
    _bank(clock, receipt.received_at)
    db.session.flush()
    alerts.settle(scope, incident, f"incident.clock_{clock.kind}", occasion=str(clock.id))
    ladder = FURTHER[incident.accident_level]
    after = {"county": 0, "city": 1, "province": 2}.get(clock.kind)
    if after is not None and after < len(ladder) and not _has(scope, incident, ladder[after]):
        start(incident, ladder[after], receipt.received_at, receipt.received_at + LEVEL)
    if clock.kind == "follow_up":
        _follow(scope, incident, rules, None)


def _has(scope: Scope, incident: Incident, kind: str) -> bool:
    return any(each.kind == kind and each.dropped_at is None for each in _rows(scope, incident))


def _follow(scope: Scope, incident: Incident, rules: Rules, clock: IncidentClock | None) -> None:
    """E1: a follow-up report every day until the situation is stable (§4.3 [P]).

    E1 by rule counts until the grade was judged anew, which only the district does to a grave one.
    """
    is_gravest = incident.grade == "E1" or (incident.grade_proposed == "E1" and not _judged(scope, incident))
    due = is_gravest and incident.reported_at and not incident.stable_at and incident.state not in (*OVER, "draft")
    open_one = clock if clock is not None and clock.is_running else running(scope, incident, "follow_up")
    if not due:
        if open_one is not None:
            drop(scope, incident, open_one)
        return
    if open_one is None:
        now = calendar.now()
        start(incident, "follow_up", now, now + timedelta(hours=rules.follow_up_hours))


def _judged(scope: Scope, incident: Incident) -> bool:
    changed = (IncidentChange.incident_id == incident.id, IncidentChange.kind == "grade")
    return db.session.scalar(scope.columns(IncidentChange, IncidentChange.id).where(*changed).limit(1)) is not None


def running(scope: Scope, incident: Incident, kind: str) -> IncidentClock | None:
    """The deadline of a kind that nothing has stopped yet, locked."""
    found = scope.select(C).where(C.incident_id == incident.id, C.kind == kind, C.met_at.is_(None), C.dropped_at.is_(None))
    clock: IncidentClock | None = db.session.scalars(found.with_for_update()).one_or_none()
    return clock


# ---- receipts -------------------------------------------------------------------------------------


def acknowledge(scope: Scope, incident_id: int, rules: Rules, note: str | None = None) -> list[IncidentReceipt]:
    """An officer has read what was reported: every report not yet acknowledged at this level, and the deadlines stop.

    Refused: incident.nothing_to_receive, incident.own_receipt; the database refuses a second receipt of a level.
    """
    incident = scope.lock(Incident, incident_id)
    body = "district" if scope.everywhere else "township"
    known = scope.columns(IncidentReceipt, IncidentReceipt.report_id).where(
        IncidentReceipt.incident_id == incident.id, IncidentReceipt.body == body
    )
    query = scope.select(IncidentReport).where(IncidentReport.incident_id == incident.id, IncidentReport.id.not_in(known))
    reports = list(db.session.scalars(query.order_by(IncidentReport.seq)))
    if not reports:
        raise Refused("incident.nothing_to_receive")
    if all(each.sent_by_id is not None and each.sent_by_id == scope.person_id for each in reports):
        raise Refused("incident.own_receipt")
    made = [receive(scope, incident, each, rules, note) for each in reports if each.sent_by_id != scope.person_id]
    audit.record(scope, "incident.received", incident, body=body, reports=[each.seq for each in reports])
    told = ("incident.receive", "incident.receive_grave") if body == "district" else ("incident.receive",)
    alerts.settle(scope, incident, *told)
    return made


def has_read(scope: Scope, incident: Incident, body: str) -> bool:
    """Whether a level has acknowledged the newest report."""
    newest = scope.columns(IncidentReport, func.max(IncidentReport.id)).where(IncidentReport.incident_id == incident.id)
    query = scope.columns(IncidentReceipt, IncidentReceipt.id).where(
        IncidentReceipt.report_id == newest.scalar_subquery(), IncidentReceipt.body == body
    )
    return db.session.scalar(query) is not None


def receive(scope: Scope, incident: Incident, report: IncidentReport, rules: Rules, note: str | None = None) -> IncidentReceipt:
    """The receipt of one report by the level the person stands at, now."""
    now = calendar.now()
    receipt = IncidentReceipt(
        **incident.key,
        report_id=report.id,
        body="district" if scope.everywhere else "township",
        way="platform",
        received_at=now,
        entered_at=now,
        entered_by=scope.person_name,
        entered_by_id=scope.person_id,
        note=note,
    )
    db.session.add(receipt)
    db.session.flush()
    own = {"first": (), "follow_up": ("follow_up",), "final": ("final",)}[report.kind]
    county = ("county",) if scope.everywhere or not incident.goes_up else ()  # a township is no county department (art. 9)
    for kind in (*county, *own):
        clock = running(scope, incident, kind)
        if clock is not None:
            stop(scope, incident, clock, receipt, rules)
    return receipt


def enter(scope: Scope, incident_id: int, body: str, rules: Rules, *, received_at: datetime, **said: Any) -> IncidentReceipt:
    """Somebody outside (or the family) was told: `said` is way, told_by, told_whom, receipt_no, note. Stops their deadline."""
    incident = scope.lock(Incident, incident_id)
    if incident.state in {"merged", "rejected"}:
        raise Refused("incident.over")
    if body in ABOVE and not scope.everywhere:
        raise Refused("incident.not_theirs", field="body")
    now = calendar.now()
    if received_at > now:
        raise Refused("incident.receipt_ahead", field="received_at")
    if received_at < incident.occurred_at.replace(second=0, microsecond=0):  # forms know minutes
        raise Refused("incident.receipt_before", field="received_at")
    receipt = IncidentReceipt(
        **incident.key,
        body=body,
        received_at=received_at,
        entered_at=now,
        entered_by=scope.person_name,
        entered_by_id=scope.person_id,
        **said,
    )
    db.session.add(receipt)
    db.session.flush()
    clock = running(scope, incident, body)
    if clock is not None:
        stop(scope, incident, clock, receipt, rules)
    late: dict[str, Any] = {"late_minutes": clock.late_minutes} if clock is not None and clock.is_late else {}
    audit.record(scope, "incident.receipt_entered", incident, body=body, received_at=received_at, **late)
    return receipt


# ---- warnings -------------------------------------------------------------------------------------


def warn(scope: Scope, incident: Incident, clocks: Iterable[IncidentClock], rules: Rules, now: datetime) -> int:
    """Tell of what falls due within the warning time, once for each deadline; how many were new."""
    told = 0
    for clock in clocks:
        if clock.is_window or clock.due_at - timedelta(minutes=rules.warn_minutes) > now:
            continue
        level = "district" if clock.kind in ABOVE else "facility"
        told += alerts.tell(
            scope, f"incident.clock_{clock.kind}", incident, level=level, occasion=str(clock.id), due_at=clock.due_at,
            home=scope.get(Facility, incident.facility_id).name, number=incident.number,
        ) is not None  # fmt: skip
    return told


def watch(scope: Scope, rules: Rules, now: datetime) -> dict[str, int]:
    """Every few minutes: warn of what falls due, write down what an officer has let pass, end windows that are over."""
    soon = now + timedelta(minutes=rules.warn_minutes)
    query = scope.select(C).where(C.met_at.is_(None), C.dropped_at.is_(None), C.due_at <= soon).order_by(C.id)
    told = late = ended = 0
    for clock in db.session.scalars(query.with_for_update(skip_locked=True)):
        incident = scope.get(Incident, clock.incident_id)
        if clock.is_window:
            if clock.due_at <= now:
                clock.met_at = clock.due_at
                ended += 1
            continue
        told += warn(scope, incident, [clock], rules, now)
        if clock.kind in BY_OFFICER and clock.due_at < now:
            late += not clock.is_late
            _bank(clock, now)
    db.session.flush()
    return {"told": told, "late": late, "ended": ended}
