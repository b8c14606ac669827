"""Every minute: what nobody settled climbs, mails are written and sent."""

from datetime import timedelta
from typing import Any

from flask import Flask, current_app

from eldercare.core import alerts, calendar, runs
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.inbox import services


def init_app(_app: Flask) -> None:
    """What the clock owes: a round a minute, before everything that can wait."""
    runs.schedule(Schedule("alerts_round", lambda _scope: [Place()], every=1, priority=runs.ASKED + 1))


@runs.handler("alerts_round")
def alerts_round(scope: Scope, _run: Run) -> dict[str, Any]:
    """One round; doing it twice makes and sends nothing twice."""
    climbed = len(alerts.climb(scope, calendar.now()))
    written = services.write_mails(scope)
    config = current_app.config["CONFIG"]
    services.sweep(calendar.now() - timedelta(days=config.retention_log_days))
    return {"climbed": climbed, "written": written, **services.send_mails(scope, config)}
