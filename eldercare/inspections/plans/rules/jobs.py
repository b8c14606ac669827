"""Every morning the visits that rules ask for, once for each place and period."""

from datetime import date
from typing import Any

from flask import Flask, current_app

from eldercare.core import runs
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.inspections.plans.models import Terms
from eldercare.inspections.plans.rules import services


def init_app(_app: Flask) -> None:
    """What the clock owes."""
    runs.schedule(Schedule("plan_rules", lambda _scope: [Place()], hour=4, minute=30))


@runs.handler("plan_rules")
def plan_rules(scope: Scope, run: Run) -> dict[str, Any]:
    """The items of the period of the Run's day and of the next period."""
    return dict(services.generate(scope, date.fromisoformat(run.period), Terms.of(current_app.config)))
