"""Reads of rules."""

from typing import Any

from sqlalchemy import Select, func

from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections.models import Visit
from eldercare.inspections.plans.models import PlanItem
from eldercare.inspections.plans.rules.models import PlanRule


def rules(scope: Scope) -> Select[Any]:
    """Every rule; rules are the district's and the same for everybody."""
    return scope.select(PlanRule)


def rule(scope: Scope, rule_id: int) -> PlanRule:
    """One rule; 404."""
    return scope.get(PlanRule, rule_id)


def counts(scope: Scope) -> dict[int, tuple[int, int]]:
    """How many visits each rule has asked for, and how many of those were made: {rule id: (asked, made)}."""
    query = (
        scope.columns(PlanItem, PlanItem.rule_id, func.count(), func.count().filter(Visit.state == "sent"))
        .outerjoin(Visit, Visit.id == PlanItem.visit_id)
        .where(PlanItem.rule_id.is_not(None))
        .group_by(PlanItem.rule_id)
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query)}
