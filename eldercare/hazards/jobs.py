"""What is overdue, every day; the ledger as a workbook, on demand."""

from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import alerts, exports, runs
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.hazards import listing, queries, services


def init_app(app: Flask) -> None:
    """What the clock owes: the overdue ones of each morning; how long they wait before they climb."""
    after = timedelta(app.config["HAZARD_CLIMB_DAYS"])
    alerts.climbs("hazard.replied", alerts.Step(after, "district"))
    alerts.climbs("hazard.overdue", alerts.Step(after, "township"))
    alerts.climbs("hazard.asked", alerts.Step(after, "district"))
    queries.repeats_within(app.config["HAZARD_REPEAT_MONTHS"])
    runs.schedule(Schedule("hazards_watch", lambda _scope: [Place()], hour=6))


@runs.handler("hazards_watch")
def hazards_watch(scope: Scope, run: Run) -> dict[str, Any]:
    """Tell of what is overdue on the Run's day (its period, 2026-11-24)."""
    return services.watch(scope, date.fromisoformat(run.period), listing.deadlines())


@runs.handler("hazards_export")
def hazards_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The hazards of a list as asked, in the reach of who asked."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    bound = listing.HAZARDS.bind(run.params["query"], choices=listing.choices(facilities.townships(scope), homes))
    return exports.workbook(
        scope, bound, queries.hazards(scope), title=_("Hazards"), noun="hazard", stem="hazards", wide=(1, 2),
    )  # fmt: skip
