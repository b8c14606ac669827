"""What the tablets sent and nobody needs any more goes, every night."""

from datetime import date, timedelta
from typing import Any

from flask import Flask, current_app

from eldercare.core import runs
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.inspections.field import services


def init_app(_app: Flask) -> None:
    """What the clock owes."""
    runs.schedule(Schedule("field_retention", lambda _scope: [Place()], day=None, hour=3))


@runs.handler("field_retention")
def field_retention(scope: Scope, run: Run) -> dict[str, Any]:
    """Drafts, and photos no record names, of visits that ended before the Run's day less the setting."""
    before = date.fromisoformat(run.period) - timedelta(days=current_app.config["VISIT_DRAFT_DAYS"])
    return services.tidy(scope, before)
