"""Incidents at the wire: only the names listed here leave; people by role and outcome alone."""

from typing import Any

from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities
from eldercare.incidents import listing, queries
from eldercare.incidents.clocks import queries as clocks
from eldercare.incidents.handling import queries as handling

room = Room("incidents_api", __name__, url_prefix="/api/v1/incidents", api=True)
_CLOCK = ("kind", "started_at", "due_at", "met_at", "is_late", "late_minutes", "is_window", "dropped_at")
_RECEIPT = ("body", "way", "receipt_no", "received_at", "entered_at", "entered_by")
_REPORT = ("seq", "kind", "sent_at", "sent_by", "sha256")
_MORE = ("place_kind", "care", "signs", "grade_why", "grade_reason", "is_operational", "loss_fen", "cause_class", "responded_at",
         "reviewed_at", "closed_at")  # fmt: skip
SCHEMAS = {
    "index": listing.INCIDENTS,
    "show": {
        "type": "object",
        "required": ["id", "number", "state", "grade", "clocks", "receipts", "reports", "actions", "findings"],
    },
}


def _named(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: wire(getattr(row, name)) for name in names}


def measure_as_json(measure: handling.Measure) -> dict[str, Any]:
    """A corrective action and how it is settled."""
    action = _named(measure.action, ("id", "due_on", "is_supervised", "done_at"))
    return action | {"hazard": measure.hazard.number if measure.hazard else None, "is_settled": measure.is_settled}


@room.get("/", allow=P.INCIDENT_READ)
def index(scope: Scope) -> Any:
    """The incidents in reach, a page at a time."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    choices: Any = listing.choices(facilities.townships(scope), homes)
    return api.listed(listing.INCIDENTS, queries.incidents(scope, clocks.next_due(scope)), choices)


@room.get("/<int:incident_id>", allow=P.INCIDENT_READ)
def show(scope: Scope, incident_id: int) -> Any:
    """One incident with its deadlines, receipts, reports, corrective actions and findings."""
    incident = queries.incident(scope, incident_id)
    found = _named(incident, (*(name for name in listing.INCIDENTS.json if name != "next_due"), *_MORE))
    people = [_named(row[0], ("role", "outcome")) for row in queries.people(scope, incident_id)]
    parts = {
        "clocks": [_named(each, _CLOCK) for each in clocks.clocks_of(scope, incident_id)],
        "receipts": [_named(each, _RECEIPT) for each in clocks.receipts_of(scope, incident_id)],
        "reports": [_named(each, _REPORT) for each in queries.reports(scope, incident_id)],
        "actions": [measure_as_json(each) for each in handling.measures(scope, incident_id)],
        "findings": [_named(each, ("fault", "found_at", "withdrawn_at")) for each in handling.findings(scope, incident_id)],
    }
    return answer(found | {"people": people} | parts)
