"""Reads of corrective actions, findings, and what a closing still lacks."""

from dataclasses import dataclass

from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.hazards import queries as hazards
from eldercare.hazards.models import Hazard
from eldercare.incidents.clocks import queries as clocks
from eldercare.incidents.clocks.models import IncidentClock, IncidentReceipt
from eldercare.incidents.handling.models import IncidentAction, IncidentFinding
from eldercare.incidents.models import Incident, IncidentPerson

SOURCE = "incident_action"  # what its hazards say they were ordered from


@dataclass(frozen=True)
class Measure:
    """A corrective action with its hazard, where it has one."""

    action: IncidentAction
    hazard: Hazard | None

    @property
    def is_settled(self) -> bool:
        """Done with evidence, or its hazard closed, or found by an officer to be none."""
        return self.hazard.state in {"closed", "dismissed"} if self.hazard else self.action.done_at is not None


def measures(scope: Scope, incident_id: int) -> list[Measure]:
    """The corrective actions of an incident, in order."""
    query = scope.select(IncidentAction).where(IncidentAction.incident_id == incident_id).order_by(IncidentAction.id)
    actions = list(db.session.scalars(query))
    supervised = [each.id for each in actions if each.is_supervised]
    found = hazards.of_sources(scope, SOURCE, supervised) if supervised else {}
    return [Measure(each, found.get(each.id)) for each in actions]


def findings(scope: Scope, incident_id: int) -> list[IncidentFinding]:
    """Findings of faulty reporting, the withdrawn ones too."""
    query = scope.select(IncidentFinding).where(IncidentFinding.incident_id == incident_id)
    return list(db.session.scalars(query.order_by(IncidentFinding.id)))


def gaps(
    incident: Incident, own: list[IncidentClock], receipts: list[IncidentReceipt], done: list[Measure], *, has_residents: bool
) -> list[str]:
    """What a closing still lacks by domain.md §4.4: codes of `GAP_WORDS`, in the order of the work."""
    bodies = clocks.told_bodies(receipts)
    duties = {each.kind for each in own if each.is_running and not each.is_window} - {"final", "follow_up"}
    lacking = (
        ("response", incident.responded_at is None),
        ("family", has_residents and "family" not in bodies),
        ("cause", incident.cause_class is None),
        ("investigation", not incident.investigation),
        ("action", not done),
        ("evidence", any(not each.is_settled for each in done)),
        ("receipt", bool(duties - {"family"})),
        ("review", incident.reviewed_at is None),
    )
    return [code for code, holds in lacking if holds]


def gaps_of(scope: Scope, incident: Incident) -> list[str]:
    """The same, read for one incident."""
    query = scope.select(IncidentPerson).where(IncidentPerson.incident_id == incident.id, IncidentPerson.role == "resident")
    has_residents = db.session.scalars(query).first() is not None
    own, receipts = clocks.clocks_of(scope, incident.id), clocks.receipts_of(scope, incident.id)
    return gaps(incident, own, receipts, measures(scope, incident.id), has_residents=has_residents)
