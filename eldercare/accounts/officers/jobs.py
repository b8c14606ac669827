"""Enforcement certificates that run out, every day."""

from datetime import date
from typing import Any

from flask import Flask, current_app

from eldercare.accounts.officers import services
from eldercare.core import runs
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope


def init_app(_app: Flask) -> None:
    """What the clock owes: the reminders of each day at six."""
    runs.schedule(Schedule("officer_reminders", lambda _scope: [Place()], hour=6))


@runs.handler("officer_reminders")
def officer_reminders(scope: Scope, run: Run) -> dict[str, Any]:
    """Tell of certificates that run out, as of the Run's day (its period, 2026-11-24)."""
    return {"told": services.remind(scope, date.fromisoformat(run.period), current_app.config["OFFICER_REMINDER_DAYS"])}
