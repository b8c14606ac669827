"""Who was missed on post yesterday, every morning; the list of days as a workbook, on demand."""

from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import exports, runs
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.inspections.postings import listing, queries, services

EXPORT = "station_days_export"


def init_app(_app: Flask) -> None:
    """What the clock owes."""
    runs.schedule(Schedule("postings_watch", lambda _scope: [Place()], hour=6))


@runs.handler("postings_watch")
def postings_watch(scope: Scope, run: Run) -> dict[str, Any]:
    """Tell where nobody was on post on the day before the Run's (its period, 2026-11-24)."""
    return {"told": services.watch(scope, date.fromisoformat(run.period) - timedelta(days=1))}


@runs.handler(EXPORT)
def station_days_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The days of a list as asked, in the reach of who asked."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    bound = listing.DAYS.bind(run.params["query"], choices=listing.choices(facilities.townships(scope), homes))
    return exports.workbook(scope, bound, queries.days(scope), title=_("Days on post"), noun="posting", stem="days-on-post")
