"""The reminder of overdue hazards, and the steps proposed, each morning."""

from datetime import date
from typing import Any

from flask import Flask

from eldercare.core import runs
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.hazards.ladder import listing, services


def init_app(_app: Flask) -> None:
    """What the clock owes: after the morning's round over hazards."""
    runs.schedule(Schedule("ladder_watch", lambda _scope: [Place()], day=None, hour=6, minute=10))


@runs.handler("ladder_watch")
def ladder_watch(scope: Scope, run: Run) -> dict[str, Any]:
    """Remind the homes and tell which steps are proposed on the Run's day."""
    return services.watch(scope, date.fromisoformat(run.period), listing.thresholds())
