"""The round that tells of gaps in the roster, every half hour."""

from typing import Any

from flask import Flask

from eldercare.core import calendar, runs
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.facilities.staff.roster import listing, queries, services


def init_app(_app: Flask) -> None:
    """What the clock owes."""
    runs.schedule(Schedule("roster_watch", lambda _scope: [Place()], every=30))


@runs.handler("roster_watch")
def roster_watch(scope: Scope, _run: Run) -> dict[str, Any]:
    """Tell of shifts that lack somebody, settle what is covered or past."""
    return {"made": services.watch(scope, queries.watched(scope), calendar.now(), listing.rules())}
