"""Visits at the wire: only the names listed here leave."""

from typing import Any

from eldercare.core import api
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.facilities import queries as facilities
from eldercare.inspections import listing, queries
from eldercare.inspections.field import queries as field

room = Room("inspections_api", __name__, url_prefix="/api/v1/inspections", api=True)
_RECORD = ("revision", "reason", "sha256", "marks", "started_at", "ended_at", "received_at", "clock_offset_s")
_FINDING = ("key", "version_id", "item_code", "severity", "hazard_code", "description", "due_on", "fixed_on_spot", "hazard_id")
SCHEMAS = {"index": listing.VISITS, "show": {"type": "object", "required": ["id", "state", "officers", "records", "findings"]}}


@room.get("/", allow=P.INSPECTION_READ)
def index(scope: Scope) -> Any:
    """The visits in reach, a page at a time."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    offered: Any = listing.choices(facilities.townships(scope), homes, queries.officers_named(scope))
    return api.listed(listing.VISITS, queries.listed(scope), offered)


@room.get("/<int:visit_id>", allow=P.INSPECTION_READ)
def show(scope: Scope, visit_id: int) -> Any:
    """One visit with its officers, the hashes and times of its record's editions, and its findings."""
    visit = queries.visit(scope, visit_id)
    own = {name: wire(getattr(visit, name)) for name in listing.VISITS.json}
    team = [{"certificate_no": each.officer.certificate_no, "lead": each.seat == 0} for each in visit.officers]
    records = [{name: wire(getattr(each, name)) for name in _RECORD} for each in visit.records]
    found = [{name: wire(getattr(each, name)) for name in _FINDING} for each in field.findings(scope, visit.id)]
    return answer(own | {"officers": team, "records": records, "findings": found})
