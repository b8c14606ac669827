"""What the public learns of draws, every morning: each place when its notice is due, the file when all are."""

from datetime import date
from typing import Any

from flask import Flask

from eldercare.core import runs
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.inspections.draws import listing, services


def init_app(_app: Flask) -> None:
    """What the clock owes: the announcements of each day, before offices open."""
    runs.schedule(Schedule("draws_announce", lambda _scope: [Place()], hour=6))


@runs.handler("draws_announce")
def draws_announce(scope: Scope, run: Run) -> dict[str, Any]:
    """Announce what is due on the Run's day (its period, 2026-11-24)."""
    return services.announce(scope, date.fromisoformat(run.period), listing.rules())
