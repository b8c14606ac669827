"""A long day is ordered by a job."""

from datetime import date
from typing import Any

from flask import current_app

from eldercare.core import runs
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.inspections.routes import services
from eldercare.inspections.routes.models import Terms


@runs.handler("routes_day")
def routes_day(scope: Scope, run: Run) -> dict[str, Any]:
    """Order the visits of the Run's day."""
    return services.order(scope, date.fromisoformat(run.period), run.params["officer_id"], Terms.of(current_app.config))
