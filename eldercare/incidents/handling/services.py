"""From the first response to the closing, and what goes wrong with reporting. lock → judge → change → record."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from eldercare.core import alerts, audit, calendar, states, workdays
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards import services as hazards
from eldercare.hazards.models import Deadlines
from eldercare.incidents import queries as incidents
from eldercare.incidents.clocks import services as clocks
from eldercare.incidents.grading.models import Rules
from eldercare.incidents.handling import queries
from eldercare.incidents.handling.models import IncidentAction, IncidentFinding
from eldercare.incidents.models import INVESTIGATED, Incident
from eldercare.incidents.services import editable

Say = Callable[[list[str]], str]  # what is missing, in words: the caller knows the language


# ---- response, investigation ----------------------------------------------------------------------


def respond(scope: Scope, incident_id: int, response: str, at: datetime) -> Incident:
    """先期处置: what was done at once, and when."""
    incident = editable(scope, incident_id)
    if at > calendar.now():
        raise Refused("incident.time_ahead", field="at")
    if at < incident.occurred_at.replace(second=0, microsecond=0):  # forms know minutes
        raise Refused("incident.receipt_before", field="at")
    incident.response, incident.responded_at = response, at
    states.move(scope, incident, "responding")
    return incident


def begin_investigation(scope: Scope, incident_id: int) -> Incident:
    """The immediate danger is over; now find out why."""
    incident = editable(scope, incident_id)
    states.move(scope, incident, "investigating")
    return incident


def investigate(scope: Scope, incident_id: int, cause_class: str, investigation: str) -> Incident:
    """Why it happened: people, equipment, environment or management, and the account of it."""
    incident = editable(scope, incident_id)
    if incident.state not in INVESTIGATED:  # out of the review it goes by being sent back alone
        raise Refused("move.not_allowed")
    if incident.state == "responding":
        states.move(scope, incident, "investigating")
    incident.cause_class, incident.investigation, incident.investigated_by = cause_class, investigation, scope.person_name
    states.move(scope, incident, "rectifying")
    return incident


def declare_stable(scope: Scope, incident_id: int, rules: Rules) -> Incident:
    """Nothing changes any more: the daily follow-up reports of an E1 end."""
    incident = editable(scope, incident_id)
    if incident.stable_at is not None or incident.reported_at is None:
        raise Refused("move.not_allowed")
    incident.stable_at = calendar.now()
    audit.record(scope, "incident.stable", incident)
    clocks.sync(scope, incident, rules)
    return incident


# ---- corrective actions ---------------------------------------------------------------------------


def add_action(
    scope: Scope,
    incident_id: int,
    *,
    action: str,
    owner: str,
    due_on: date,
    deadlines: Deadlines,
    supervise: str | None = None,
    hazard_code: str | None = None,
    is_demanded: bool = False,
) -> IncidentAction:
    """What is to be put right, by whom, until when. `supervise`: the severity of the hazard it becomes, ordered by an
    officer or, from anybody else, reported to one; a major one names its row (`hazard_code`).

    `is_demanded`: an officer wants it; the home is told.
    """
    incident = editable(scope, incident_id)
    if due_on < calendar.today():
        raise Refused("incident.action_due_early", field="due_on")
    made = IncidentAction(
        **incident.key,
        action=action,
        owner=owner,
        due_on=due_on,
        created_by=scope.person_name,
    )
    db.session.add(made)
    db.session.flush()
    if supervise:
        source = (queries.SOURCE, made.id, incident.number, f"/incidents/{incident.id}")
        hazard = hazards.order_or_report(
            scope, incident.facility_id, source=source, severity=supervise, hazard_code=hazard_code, description=action,
            demand=action, due_on=due_on, deadlines=deadlines,
        )  # fmt: skip
        made.hazard_id, made.is_supervised = hazard.id, True
        db.session.flush()
    details = {"hazard": hazard.number} if supervise else {}
    audit.record(scope, "incident.action_added", incident, due_on=due_on, **details)
    if is_demanded and not supervise:
        _tell(scope, incident, "demanded", occasion=str(made.id))
    return made


def finish_action(scope: Scope, incident_id: int, action_id: int, evidence: str) -> IncidentAction:
    """An action is done, and this shows it; a supervised one is settled by its hazard alone."""
    incident = editable(scope, incident_id)
    action = scope.lock(IncidentAction, action_id)
    if action.is_supervised or action.incident_id != incident.id:
        raise Refused("incident.action_wrong")
    if action.done_at is not None:
        raise Refused("incident.action_done")
    action.done_at, action.done_by, action.evidence = calendar.now(), scope.person_name, evidence
    db.session.flush()
    audit.record(scope, "incident.action_done", incident, due_on=action.due_on)
    alerts.settle(scope, incident, "incident.action_due", occasion=str(action.id))
    alerts.settle(scope, incident, "incident.demanded", occasion=str(action.id))
    return action


# ---- review and closing ---------------------------------------------------------------------------


def submit(scope: Scope, incident_id: int, say: Say) -> Incident:
    """Put right: somebody other than the reporter reviews it. incident.not_ready names what is missing but the review."""
    incident = editable(scope, incident_id)
    missing = [code for code in queries.gaps_of(scope, incident) if code != "review"]
    if missing:
        raise Refused("incident.not_ready", missing=say(missing))
    incident.submitted_at = now = calendar.now()
    incident.reviewed_at = incident.reviewed_by = incident.reviewed_by_id = None
    states.move(scope, incident, "review")
    alerts.settle(scope, incident, "incident.sent_back")
    _tell(scope, incident, "review", level="township", occasion=now.isoformat())
    return incident


def review(scope: Scope, incident_id: int, note: str, rules: Rules) -> Incident:
    """Reviewed and found in order, by somebody other than the reporter; E3 and E4 are closed with it."""
    incident = editable(scope, incident_id)
    if incident.state != "review" or incident.reviewed_at is not None:
        raise Refused("move.not_allowed")
    if incident.reporter_id is not None and incident.reporter_id == scope.person_id:
        raise Refused("incident.own_review")
    incident.reviewed_at = now = calendar.now()
    incident.review_note = note
    incident.reviewed_by, incident.reviewed_by_id = scope.person_name, scope.person_id
    audit.record(scope, "incident.reviewed", incident)
    alerts.settle(scope, incident, "incident.review")
    if incident.is_grave:
        _tell(scope, incident, "close", level="district", occasion=now.isoformat(), grade=incident.grade)
    else:
        _close(scope, incident, rules)
    return incident


def send_back(scope: Scope, incident_id: int, reason: str) -> Incident:
    """Not put right yet, and why."""
    incident = editable(scope, incident_id)
    incident.submitted_at = incident.reviewed_at = incident.reviewed_by = incident.reviewed_by_id = None
    states.move(scope, incident, "rectifying", reason=reason)
    alerts.settle(scope, incident, "incident.review", "incident.close")
    _tell(scope, incident, "sent_back", occasion=calendar.now().isoformat())
    return incident


def close(scope: Scope, incident_id: int, rules: Rules, say: Say) -> Incident:
    """The district's word on E1 and E2. incident.not_ready names each thing that is missing."""
    incident = editable(scope, incident_id)
    if incident.is_grave and not scope.everywhere:
        raise Refused("incident.district_closes")
    if incident.state == "review" and incident.reviewed_at is None:
        raise Refused("incident.not_reviewed")
    missing = queries.gaps_of(scope, incident)
    if missing:
        raise Refused("incident.not_ready", missing=say(missing))
    _close(scope, incident, rules)
    return incident


def _close(scope: Scope, incident: Incident, rules: Rules) -> None:
    now = calendar.now()
    incident.closed_at, incident.closed_by = now, scope.person_name
    states.move(scope, incident, "closed")
    alerts.settle(scope, incident)
    follow_up = clocks.running(scope, incident, "follow_up")
    if follow_up is not None:
        clocks.drop(scope, incident, follow_up)
    if incident.is_grave or incident.accident_level:
        last = workdays.known().after(calendar.today(), rules.final_working_days)
        clocks.start(incident, "final", now, calendar.at(last, 24 - 1, 59))


def reopen(scope: Scope, incident_id: int, reason: str, rules: Rules) -> Incident:
    """Something came up after closing, or it was an incident after all."""
    incident = scope.lock(Incident, incident_id)
    if incident.reported_at is None:
        raise Refused("incident.not_reported")
    incident.closed_at = incident.closed_by = incident.submitted_at = None
    incident.reviewed_at = incident.reviewed_by = incident.reviewed_by_id = None
    states.move(scope, incident, "reopened", reason=reason)
    final = clocks.running(scope, incident, "final")
    if final is not None:
        clocks.drop(scope, incident, final)
    clocks.sync(scope, incident, rules)
    return incident


def merge(scope: Scope, incident_id: int, number: str, reason: str, rules: Rules) -> Incident:
    """Reported twice: this one points to the other from now on; both are kept."""
    incident = editable(scope, incident_id)
    other = incidents.of_number(scope, incident.facility_id, number.strip())
    if other is None or other.state in {"merged", "rejected"}:
        raise Refused("incident.merge_unknown", field="number")
    if other.id == incident.id:
        raise Refused("incident.merge_self", field="number")
    if scope.lock(Incident, other.id).state in {"merged", "rejected"}:  # two merged into each other would both be lost
        raise Refused("incident.merge_unknown", field="number")
    incident.merged_into_id = other.id
    states.move(scope, incident, "merged", into=other.number, reason=reason)
    clocks.sync(scope, incident, rules)
    alerts.settle(scope, incident)
    return incident


def reject(scope: Scope, incident_id: int, reason: str, rules: Rules) -> Incident:
    """It was none; it is kept with the reason."""
    incident = editable(scope, incident_id)
    states.move(scope, incident, "rejected", reason=reason)
    clocks.sync(scope, incident, rules)
    alerts.settle(scope, incident)
    return incident


# ---- findings -------------------------------------------------------------------------------------


def find_fault(scope: Scope, incident_id: int, fault: str, reason: str, person: str | None) -> IncidentFinding:
    """迟报、漏报、谎报、瞒报: each its own finding, with the reason and who is answerable."""
    incident = scope.lock(Incident, incident_id)
    made = IncidentFinding(
        **incident.key,
        fault=fault,
        reason=reason,
        person=person,
        found_by=scope.person_name,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(scope, "incident.fault_found", incident, fault=fault)
    return made


def withdraw_fault(scope: Scope, incident_id: int, finding_id: int, reason: str) -> IncidentFinding:
    """A finding that does not hold; it stays, struck through."""
    incident = scope.lock(Incident, incident_id)
    finding = scope.lock(IncidentFinding, finding_id)
    if finding.withdrawn_at is not None or finding.incident_id != incident.id:
        raise Refused("incident.fault_withdrawn")
    finding.withdrawn_at, finding.withdrawn_by, finding.withdrawn_reason = calendar.now(), scope.person_name, reason
    db.session.flush()
    audit.record(scope, "incident.fault_withdrawn", incident, fault=finding.fault)
    return finding


# ---- every day ------------------------------------------------------------------------------------


def watch_actions(scope: Scope, day: date) -> int:
    """Tell of corrective actions past their date; once each."""
    query = (
        scope.select(IncidentAction)
        .join(Incident, Incident.id == IncidentAction.incident_id)
        .add_columns(Incident)
        .where(IncidentAction.due_on < day, IncidentAction.done_at.is_(None), ~IncidentAction.is_supervised, incidents.is_open())
        .order_by(IncidentAction.id)
    )
    found = db.session.execute(query).all()
    return sum(_tell(scope, incident, "action_due", occasion=str(action.id)) is not None for action, incident in found)


def _tell(scope: Scope, incident: Incident, name: str, *, level: str = "facility", occasion: str = "", **more: Any) -> int | None:
    home = scope.get(Facility, incident.facility_id).name
    return alerts.tell(
        scope, f"incident.{name}", incident, level=level, occasion=occasion, home=home, number=incident.number, **more
    )
