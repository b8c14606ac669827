"""Completing an incident: place and words, and who was involved."""

from collections.abc import Mapping
from typing import Any

from eldercare.core import audit, calendar
from eldercare.core.db import changes_of, db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.incidents import queries
from eldercare.incidents.clocks import services as clocks
from eldercare.incidents.grading.models import Rules
from eldercare.incidents.models import OVER, Incident, IncidentPerson


def complete(scope: Scope, incident_id: int, values: Mapping[str, Any]) -> Incident:
    """Place, bed, words: what nobody had time for in the first report."""
    incident = editable(scope, incident_id)
    for name, value in values.items():
        if getattr(incident, name) != value:
            setattr(incident, name, value)
    if not changes_of(incident):
        raise Refused("incident.nothing_changed")
    audit.record(scope, "incident.detailed", incident)
    return incident


def editable(scope: Scope, incident_id: int) -> Incident:
    """The incident, locked; incident.over when it is closed, merged or rejected."""
    incident = scope.lock(Incident, incident_id)
    if incident.state in OVER:
        raise Refused("incident.over")
    return incident


def add_person(
    scope: Scope, incident_id: int, rules: Rules, *, role: str, resident_id: int | None, name: str | None, outcome: str
) -> IncidentPerson:
    """Somebody was involved: a resident of that day, or another by name."""
    incident = editable(scope, incident_id)
    if (role == "resident") != (resident_id is not None) or (role != "resident" and not name):
        raise Refused("incident.person_unknown", field="resident_id" if role == "resident" else "name")
    if resident_id is not None:
        person = name_resident(scope, incident, resident_id, outcome)
    else:
        person = put_person(incident, role=role, name=name, outcome=outcome)
    audit.record(scope, "incident.person_added", incident, role=role, outcome=outcome)
    clocks.sync(scope, incident, rules)
    return person


def name_resident(scope: Scope, incident: Incident, resident_id: int, outcome: str) -> IncidentPerson:
    day = calendar.local(incident.occurred_at).date()
    if resident_id not in queries.who_lived_there(scope, incident.facility_id, day):
        raise Refused("incident.not_there", field="resident_id")
    return put_person(incident, role="resident", resident_id=resident_id, outcome=outcome)


def put_person(incident: Incident, **values: Any) -> IncidentPerson:
    person = IncidentPerson(**incident.key, **values)
    db.session.add(person)
    db.session.flush()
    return person
