"""What is sent up: first, follow-up and final reports, each sealed and chained to the one before."""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from eldercare.core import alerts, audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.incidents.clocks import services as clocks
from eldercare.incidents.grading.models import Rules
from eldercare.incidents.models import OVER, Incident, IncidentReport


def ask_receipt(
    scope: Scope, incident: Incident, facility: Facility, sent: IncidentReport, *, is_received: bool = False
) -> None:
    """The township acknowledges; of E1, E2 and accidents the district is told at once as well.

    `is_received`: an officer sent it, who thereby knows; the level above that officer's is asked all the same.
    """
    if is_received and (scope.everywhere or not incident.goes_up):
        return
    due = incident.known_at + timedelta(hours=1) if sent.kind == "first" else sent.sent_at + timedelta(hours=1)
    about: dict[str, Any] = {"home": facility.name, "number": incident.number, "grade": incident.grade}
    if not is_received:
        alerts.tell(scope, "incident.receive", incident, level="township", occasion=str(sent.seq), due_at=due, **about)
    if incident.goes_up:
        alerts.tell(scope, "incident.receive_grave", incident, level="district", occasion=str(sent.seq), due_at=due, **about)


def send_report(
    scope: Scope, incident_id: int, kind: str, note: str, rules: Rules, *, is_received: bool = False
) -> IncidentReport:
    """A follow-up (while it is open) or the final report (once closed); sealed when sent."""
    incident = scope.lock(Incident, incident_id)
    fits = incident.state == "closed" if kind == "final" else incident.reported_at is not None and incident.state not in OVER
    if kind not in {"follow_up", "final"} or not fits:
        raise Refused("move.not_allowed")
    sent = write_report(scope, incident, kind, note)
    audit.record(scope, "incident.report_sent", incident, report=kind, seq=sent.seq)
    if is_received:
        clocks.receive(scope, incident, sent, rules)
    ask_receipt(scope, incident, scope.get(Facility, incident.facility_id), sent, is_received=is_received)
    return sent


def write_report(scope: Scope, incident: Incident, kind: str, note: str = "") -> IncidentReport:
    """The next report of the chain, with the content of Order 493 art. 12 as it stands now."""
    before = _reports(scope, incident)
    content = _content(scope, incident, note)
    text = json.dumps([before[-1].sha256 if before else "", kind, content], ensure_ascii=False, sort_keys=True)
    sent = IncidentReport(
        **incident.key,
        seq=len(before) + 1,
        kind=kind,
        content=content,
        sent_at=calendar.now(),
        sent_by=scope.person_name,
        sent_by_id=scope.person_id,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    db.session.add(sent)
    db.session.flush()
    return sent


def _reports(scope: Scope, incident: Incident) -> Sequence[IncidentReport]:
    query = scope.select(IncidentReport).where(IncidentReport.incident_id == incident.id)
    return db.session.scalars(query.order_by(IncidentReport.seq)).all()


def _content(scope: Scope, incident: Incident, note: str) -> dict[str, Any]:
    """单位概况、时间、地点、简要经过、伤亡及下落不明人数、初步估计的直接经济损失、已采取的措施、其他."""
    facility = scope.get(Facility, incident.facility_id)
    return {
        "unit": facility.name, "address": facility.address, "phone": facility.phone or "",
        "occurred_at": incident.occurred_at.isoformat(), "known_at": incident.known_at.isoformat(),
        "place": incident.place_kind, "place_text": incident.place_text or "",
        "family": incident.family, "type": incident.type, "course": incident.summary or "", "dead": incident.dead,
        "injured": incident.injured, "serious": incident.serious, "ill": incident.ill, "missing": incident.missing,
        "loss_fen": incident.loss_fen, "measures": incident.response or "", "grade": incident.grade,
        "accident_level": incident.accident_level or "", "other": note,
    }  # fmt: skip
