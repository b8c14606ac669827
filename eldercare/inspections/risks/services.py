"""Writes of risks: weights, proposals, what becomes of them. lock → judge → change → record. domain.md §5.5."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from eldercare.core import audit, calendar, runs, states
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.inspections.models import Visit
from eldercare.inspections.plans import services as plans
from eldercare.inspections.plans.models import Terms
from eldercare.inspections.risks import queries
from eldercare.inspections.risks.models import FACTORS, RiskProposal, RiskWeights


def set_weights(scope: Scope, valid_from: date, factors: Mapping[str, Sequence[int]], reason: str) -> RiskWeights:
    """Other weights from a day on, today or later. Refused: risk_weights.past, .not_whole, .most_below_each, .day_taken."""
    if valid_from < calendar.today():
        raise Refused("risk_weights.past", field="valid_from")
    for code in FACTORS:
        each, most = factors.get(code, (-1, -1))
        if not 0 <= each <= 100 or not 0 <= most <= 100:
            raise Refused("risk_weights.not_whole", field=f"{code}_each")
        if most < each:
            raise Refused("risk_weights.most_below_each", field=f"{code}_most")
    row = RiskWeights(
        valid_from=valid_from, factors={code: list(factors[code]) for code in FACTORS}, is_confirmed=True, reason=reason.strip(),
        created_by=scope.person_name,
    )  # fmt: skip
    db.session.add(row)
    audit.record(scope, "risk_weights.set", row)
    return row


def propose(scope: Scope, month: Month, kind: str | None, count: int) -> list[RiskProposal]:
    """Propose the `count` riskiest places that are neither planned nor proposed for a month; by what is known today.

    Refused: risk_proposal.month_wrong, risk_proposal.none_left.
    """
    today = calendar.today()
    if month < Month.of(today):
        raise Refused("risk_proposal.month_wrong", field="month")
    there = scope.columns(RiskProposal, RiskProposal.facility_id).where(RiskProposal.month == str(month))
    taken = queries.planned_in(scope, month) | set(db.session.scalars(there))
    chosen = [row for row in queries.ranking(scope, today, kind) if row[1].id not in taken and row[2].total][:count]
    if not chosen:
        raise Refused("risk_proposal.none_left", field="month")
    used = queries.current(scope, today)
    made = []
    for rank, place, found in chosen:
        row = RiskProposal(
            township_id=place.township_id, facility_id=place.id, month=str(month), rank=rank, score=found.total, as_of=today,
            lines=[asdict(line) for line in found.lines], weights_id=used.id, made_by=scope.person_name,
        )  # fmt: skip
        db.session.add(row)
        audit.record(scope, "risk_proposal.made", row)
        made.append(row)
    return made


def take(scope: Scope, proposal_id: int, terms: Terms, *, planned_on: date, **visit: Any) -> Visit:
    """Plan the visit a proposal asks for (`visit`: as plans.services.plan_visit). Refused: risk_proposal.other_month."""
    row = scope.lock(RiskProposal, proposal_id)
    if row.state != "proposed":
        raise Refused("move.not_allowed")
    if str(Month.of(planned_on)) != row.month:
        raise Refused("risk_proposal.other_month", field="planned_on", month=row.month)
    made = plans.plan_visit(scope, row.facility_id, terms, planned_on=planned_on, **visit)
    row.visit_id, row.decided_by = made.id, scope.person_name
    states.move(scope, row, "taken")
    return made


def set_aside(scope: Scope, proposal_id: int, reason: str) -> RiskProposal:
    """The place is not visited for this proposal; the reason is kept. Refused: risk_proposal.reason_missing."""
    row = scope.lock(RiskProposal, proposal_id)
    if not reason.strip():
        raise Refused("risk_proposal.reason_missing", field="reason")
    row.reason, row.decided_by = reason.strip(), scope.person_name
    states.move(scope, row, "set_aside")
    return row


def take_up_again(scope: Scope, proposal_id: int) -> RiskProposal:
    """What was set aside is proposed again; the reason stays in the log."""
    row = scope.lock(RiskProposal, proposal_id)
    row.reason, row.decided_by = "", None
    states.move(scope, row, "proposed")
    return row


def ask_back_test(scope: Scope, *, months: int, count: int, days: int, kind: str | None, met: str) -> Run:
    """Ask for a back-test; a Run makes it and keeps the result. `met`: both, or incidents alone."""
    return runs.enqueue(scope, "risks_back_test", months=months, count=count, days=days, type=kind, met=met)
