"""Changes after the first report: times, grade, type, figures. Each has a reason, and what was before is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eldercare.core import alerts, audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.incidents.clocks import services as clocks
from eldercare.incidents.clocks.models import COUNTY, FIGURES, FIGURES_ELSE
from eldercare.incidents.grading.models import Rules
from eldercare.incidents.models import GRAVE, Incident, IncidentChange
from eldercare.incidents.services import briefs
from eldercare.incidents.services.first import TIMES, put_grade, watch_trend
from eldercare.incidents.services.people import editable

GRADING = ("grade", "grade_proposed", "grade_why", "grade_reason", "accident_level")


def change_times(scope: Scope, incident_id: int, rules: Rules, reason: str, **times: datetime) -> Incident:
    """Move the times, with a reason: old and new stay visible, and what was late stays late."""
    incident = editable(scope, incident_id)
    now = calendar.now()
    for name in TIMES:
        if times[name] > now:
            raise Refused("incident.time_ahead", field=name)
    last = incident.reported_at or now
    if not times["occurred_at"] <= times["discovered_at"] <= times["known_at"] <= last:
        raise Refused("incident.times_wrong", field="known_at")
    _change(scope, incident, "times", times, reason)
    incident.times_moved_at = now
    audit.record(scope, "incident.times_changed", incident, reason=reason)
    clocks.sync(scope, incident, rules)
    return incident


def change_grade(scope: Scope, incident_id: int, rules: Rules, grade: str, reason: str) -> Incident:
    """Another grade, with a reason; the one before is kept."""
    incident = editable(scope, incident_id)
    if grade == incident.grade:
        raise Refused("incident.same_grade", field="grade")
    before, dead = (incident.grade, incident.is_grave, incident.goes_up), incident.dead
    _change(
        scope, incident, "grade", {"grade": grade, "grade_reason": None if grade == incident.grade_proposed else reason}, reason
    )
    audit.record(scope, "incident.grade_changed", incident, reason=reason)
    _regraded(scope, incident, rules, *before, dead)
    return incident


def change_kind(scope: Scope, incident_id: int, rules: Rules, family: str, kind: str, reason: str) -> Incident:
    """It was something else; the grade by rule follows, a grade chosen by a person stays."""
    incident = editable(scope, incident_id)
    before, dead = (incident.grade, incident.is_grave, incident.goes_up), incident.dead
    _change(scope, incident, "kind", {"family": family, "type": kind}, reason, regrade=rules)
    audit.record(scope, "incident.kind_changed", incident, reason=reason)
    _regraded(scope, incident, rules, *before, dead)
    return incident


def change_figures(scope: Scope, incident_id: int, rules: Rules, reason: str, **figures: Any) -> Incident:
    """Somebody has died since, a loss is known: figures, level and the grade by rule follow.

    Within 30 days of the accident, 7 for fire and traffic (Order 493 art. 13); later: incident.figures_late.
    """
    incident = editable(scope, incident_id)
    until = incident.occurred_at + FIGURES.get(incident.type, FIGURES_ELSE)
    if calendar.now() > until:
        raise Refused("incident.figures_late", day=calendar.local(until).date().isoformat())
    if figures["serious"] > figures["injured"]:
        raise Refused("incident.figures_wrong", field="serious")
    before, dead = (incident.grade, incident.is_grave, incident.goes_up), incident.dead
    _change(scope, incident, "figures", figures, reason, regrade=rules)
    audit.record(scope, "incident.figures_changed", incident, reason=reason)
    _regraded(scope, incident, rules, *before, dead)
    return incident


def _change(
    scope: Scope, incident: Incident, kind: str, values: Mapping[str, Any], reason: str, regrade: Rules | None = None
) -> None:
    """Set values and keep the row of what was and what is. With `regrade` the rule is asked again: a grade that
    followed it goes on following; one that a person chose stays, beside what the rule now says."""
    names = (*values, *GRADING) if regrade or kind == "grade" else tuple(values)
    before = {name: _plain(getattr(incident, name)) for name in names}
    followed = incident.grade == incident.grade_proposed
    for name, value in values.items():
        setattr(incident, name, value)
    if regrade is not None:
        reason_kept = incident.grade_reason or reason
        put_grade(incident, regrade, None if followed else incident.grade, None if followed else reason_kept)
    after = {name: _plain(getattr(incident, name)) for name in names}
    changed = [name for name in names if before[name] != after[name]]
    if not changed:
        raise Refused("incident.nothing_changed")
    db.session.add(
        IncidentChange(
            **incident.key,
            kind=kind,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            reason=reason,
            by=scope.person_name,
            by_id=scope.person_id,
        )
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _regraded(
    scope: Scope, incident: Incident, rules: Rules, grade: str, was_grave: bool, went_up: bool, dead: int  # noqa: FBT001
) -> None:
    """Deadlines, officers and the brief follow. `grade`, `was_grave`, `went_up`, `dead`: as they were before."""
    lighter = (grade in GRAVE and incident.grade > grade) or (was_grave and not incident.is_grave)
    if lighter and not scope.everywhere:
        raise Refused("incident.district_lowers")
    clocks.sync(scope, incident, rules)
    facility = scope.get(Facility, incident.facility_id)
    if incident.goes_up and not went_up and incident.reported_at is not None:
        waits = not clocks.has_read(scope, incident, "district")  # else there is no report left to acknowledge
        alerts.tell(
            scope, "incident.receive_grave" if waits else "incident.raised", incident, level="district",
            occasion=f"grade {incident.grade}", due_at=calendar.now() + COUNTY if waits else None, home=facility.name,
            number=incident.number, grade=incident.grade,
        )  # fmt: skip
    if grade == "E4" and not went_up and incident.grade != "E4" and incident.reported_at is not None:  # it leaves the ledger
        alerts.tell(
            scope, "incident.receive", incident, level="township", occasion=f"grade {incident.grade}", home=facility.name,
            number=incident.number, grade=incident.grade,
        )  # fmt: skip
    if incident.grade == "E1":
        watch_trend(scope, incident, facility, rules)
    briefs.follow(scope, incident, grade=grade, dead=dead)
