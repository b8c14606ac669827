"""What the clock owes: every report of the month that has ended, at 02:00 on the first."""

from functools import partial
from typing import Any

from flask import Flask

from eldercare.core import runs
from eldercare.core.runs import Schedule
from eldercare.reporting import queries, services

PRIORITY = {"district": 30, "township": 20, "facility": 10}


def init_app(app: Flask) -> None:
    """Name the handler and the schedule of every report in `reports/`."""
    for kind, module in queries.kinds().items():
        runs.handler(kind, snapshot=True)(services.build)
        if module.CADENCE == "monthly":
            places: Any = partial(_places, audience=module.AUDIENCE)
            runs.schedule(Schedule(kind, places, day=1, hour=app.config["REPORT_HOUR"], priority=PRIORITY[module.AUDIENCE]))


def _places(scope: Any, audience: str) -> Any:
    return queries.places(scope, audience)
