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
    runs.schedule(Schedule("field_retention", lambda _scope: [Place()], hour=3))


@runs.handler("field_retention")
def field_retention(scope: Scope, run: Run) -> dict[str, Any]:
    """Drafts, photos no record names, and rescue files not taken in, older than the settings say on the Run's day."""
    day, config = date.fromisoformat(run.period), current_app.config
    gone = services.tidy(scope, day - timedelta(days=config["VISIT_DRAFT_DAYS"]))
    return gone | {"rescue": services.tidy_rescue(scope, day - timedelta(days=config["RESCUE_KEPT_DAYS"]))}
