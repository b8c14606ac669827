"""The first report, the draft a death opens, the grade by rule, and what the trend rule says."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from eldercare.beds.models import Stay
from eldercare.core import alerts, audit, calendar, states
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.incidents.clocks import services as clocks
from eldercare.incidents.grading.models import Rules, accident_level, propose
from eldercare.incidents.models import Incident, IncidentReport
from eldercare.incidents.services import briefs
from eldercare.incidents.services.people import name_resident, put_person
from eldercare.incidents.services.reports import ask_receipt, write_report

TIMES = ("occurred_at", "discovered_at", "known_at")


def report(
    scope: Scope,
    facility_id: int,
    values: Mapping[str, Any],
    rules: Rules,
    *,
    key: UUID | None = None,
    residents: Iterable[int] = (),
    is_received: bool = False,
) -> Incident:
    """The first report: what, where, who, how grave. It goes up at once and its clocks run from `known_at`.

    `key`: the form's own, so that the same form sent twice gives the same incident. `is_received`: an officer
    files it, who thereby knows. Refused: incident.time_ahead, incident.grade_reason, incident.not_there.
    """
    facility = scope.lock(Facility, facility_id)  # reports of one home queue up: the second of a pair finds the first
    if key is not None:
        twin = db.session.scalars(scope.select(Incident).where(Incident.client_key == key)).one_or_none()
        if twin is not None:
            return twin
    now = calendar.now()
    incident = _new(
        facility,
        values,
        rules,
        now,
        state="reported",
        client_key=key,
        reported_at=now,
        reporter=scope.person_name,
        reporter_id=scope.person_id,
    )
    db.session.add(incident)
    db.session.flush()
    for resident_id in dict.fromkeys(residents):
        name_resident(scope, incident, resident_id, _outcome(incident))
    first = write_report(scope, incident, "first")
    audit.record(scope, "incident.reported", incident)
    _announce(scope, incident, facility, first, rules, is_received=is_received)
    return incident


def _new(facility: Facility, values: Mapping[str, Any], rules: Rules, now: datetime, **more: Any) -> Incident:
    times = {name: values.get(name) or now for name in TIMES}
    for name, moment in times.items():
        if moment > now:
            raise Refused("incident.time_ahead", field=name)
    if not times["occurred_at"] <= times["discovered_at"] <= times["known_at"]:
        raise Refused("incident.times_wrong", field="known_at")
    number = db.session.scalar(select(func.nextval("incidents_id_seq")))
    year = calendar.local(times["occurred_at"]).year
    incident = Incident(
        id=number, number=f"SJ{year}-{number:05d}", township_id=facility.township_id, facility_id=facility.id,
        **{name: value for name, value in values.items() if name not in {*TIMES, "grade", "grade_reason"}}, **times, **more,
    )  # fmt: skip
    fill_figures(incident)
    if "is_operational" not in values:
        incident.is_operational = incident.family == "accident"
    put_grade(incident, rules, values.get("grade"), values.get("grade_reason"))
    return incident


def fill_figures(incident: Incident) -> None:
    """What an answer says about another: a death counts a dead person, treatment somebody hurt."""
    for name in ("dead", "injured", "serious", "ill", "loss_fen"):
        if getattr(incident, name) is None:
            setattr(incident, name, 0)
    incident.care, incident.missing, incident.signs = incident.care or "none", incident.missing or "no", incident.signs or []
    if incident.family == "death" and not incident.dead:
        incident.dead = 1
    sick = incident.family == "public_health"
    if incident.care != "none" and not (incident.injured or incident.ill):
        incident.ill, incident.injured = (1, 0) if sick else (0, 1)
    incident.injured = max(incident.injured, incident.serious)


def put_grade(incident: Incident, rules: Rules, chosen: str | None, reason: str | None) -> None:
    """The grade by rule with its why, and the one chosen; another one needs a reason."""
    proposed, why = propose(incident.facts, rules)
    grade = chosen or proposed
    if grade != proposed and not reason:
        raise Refused("incident.grade_reason", field="grade_reason")
    incident.grade_proposed, incident.grade_why, incident.grade = proposed, why, grade
    incident.grade_reason = reason if grade != proposed else None
    operational = incident.is_operational and incident.type != "natural_death"
    incident.accident_level = accident_level(incident.dead, incident.serious, incident.loss_fen) if operational else None


def _outcome(incident: Incident) -> str:
    found = (("dead", incident.dead), ("serious", incident.serious), ("hurt", incident.injured), ("ill", incident.ill))
    if incident.missing in {"searching", "long"}:
        return "missing"
    return next((name for name, count in found if count), "involved")


def _announce(
    scope: Scope, incident: Incident, facility: Facility, sent: IncidentReport, rules: Rules, *, is_received: bool
) -> None:
    """Clocks, the officers who must acknowledge, what the trend rule says."""
    clocks.sync(scope, incident, rules)
    if is_received:
        clocks.receive(scope, incident, sent, rules)
    if incident.grade != "E4" or incident.goes_up:  # the others are the ledger's alone
        ask_receipt(scope, incident, facility, sent, is_received=is_received)
    watch_trend(scope, incident, facility, rules)
    if incident.grade == briefs.GRADE:
        briefs.ask_brief(scope, incident, facility)


def watch_trend(scope: Scope, incident: Incident, facility: Facility, rules: Rules) -> None:
    """Same home, same type, so many in so many days, or any E1: the district is told to think of a special inspection."""
    if incident.grade == "E1":
        alerts.tell(scope, "incident.special", incident, level="district", home=facility.name, number=incident.number)
    since = incident.occurred_at - timedelta(days=rules.trend_days)
    query = scope.columns(Incident, func.count()).where(
        Incident.facility_id == facility.id,
        Incident.family == incident.family,
        Incident.type == incident.type,
        Incident.occurred_at.between(since, incident.occurred_at),
        Incident.state.not_in(("merged", "rejected")),
    )
    count = db.session.scalar(query) or 0
    if count >= rules.trend_count:
        occasion = f"{incident.family}.{incident.type} {Month.of(calendar.local(incident.occurred_at).date())}"
        alerts.tell(
            scope, "incident.trend", facility, level="district", occasion=occasion, home=facility.name, count=count,
            days=rules.trend_days,
        )  # fmt: skip


# ---- a death in a stay ----------------------------------------------------------------------------


DEATHS = {"accident": "accidental_death", "unknown": "unknown_death", "illness": "sudden_death", "natural": "natural_death"}


def watch_deaths(scope: Scope, rules: Rules, day: date) -> int:
    """Deaths in homes of the last days whose cause asks for it and that nobody has reported: a draft each; how many."""
    known = scope.columns(Incident, Incident.stay_id).where(Incident.stay_id.is_not(None))
    query = scope.select(Stay).where(
        Stay.state == "deceased",
        Stay.death_cause.in_(sorted(rules.death_causes)),
        Stay.id.not_in(known),
        Stay.ends_on >= day - timedelta(days=rules.death_days),
    )
    found = list(db.session.scalars(query.order_by(Stay.id)))
    for stay in found:
        draft_of_death(scope, stay, DEATHS[stay.death_cause or "unknown"], stay.died_at or calendar.at(day), rules)
    return len(found)


def draft_of_death(scope: Scope, stay: Stay, kind: str, died_at: datetime, rules: Rules) -> Incident:
    """A death that is not natural opens a draft, once for a stay; the home completes and reports it, its clocks run already."""
    facility, now = scope.lock(Facility, stay.facility_id), calendar.now()
    died_at = min(died_at, now)
    values = {"family": "death", "type": kind, "dead": 1, "occurred_at": died_at, "discovered_at": died_at, "known_at": now}
    incident = _new(facility, values, rules, now, stay_id=stay.id, state="draft")
    db.session.add(incident)
    db.session.flush()
    put_person(incident, role="resident", resident_id=stay.resident_id, outcome="dead")
    audit.record(scope, "incident.drafted", incident)
    clocks.sync(scope, incident, rules)
    due = incident.known_at + timedelta(hours=1)
    alerts.tell(scope, "incident.draft", incident, due_at=due, home=facility.name, number=incident.number)
    return incident


def send_draft(scope: Scope, incident_id: int, values: Mapping[str, Any], rules: Rules, *, is_received: bool = False) -> Incident:
    """A draft is completed and reported."""
    incident = scope.lock(Incident, incident_id)
    facility = scope.get(Facility, incident.facility_id)
    if incident.state != "draft":
        raise Refused("move.not_allowed")
    for name, value in values.items():
        if name not in {*TIMES, "grade", "grade_reason"}:
            setattr(incident, name, value)
    fill_figures(incident)
    put_grade(incident, rules, values.get("grade"), values.get("grade_reason"))
    incident.reported_at, incident.reporter, incident.reporter_id = calendar.now(), scope.person_name, scope.person_id
    db.session.flush()
    sent = write_report(scope, incident, "first")
    states.move(scope, incident, "reported")
    alerts.settle(scope, incident, "incident.draft")
    _announce(scope, incident, facility, sent, rules, is_received=is_received)
    return incident
