"""The clock: each night the rounds of the day, every few minutes what is over; the list as a workbook, on demand."""

from datetime import date
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import calendar, exports, runs
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.selfchecks import listing, queries, services
from eldercare.selfchecks.filling import services as filling


def init_app(_app: Flask) -> None:
    """What the clock owes: the day's rounds five minutes after midnight; every five minutes, what is missed and due."""
    runs.schedule(Schedule("selfchecks_make", lambda _scope: [Place()], hour=0, minute=5, priority=60))
    runs.schedule(Schedule("selfchecks_watch", lambda _scope: [Place()], every=5, priority=50))


@runs.handler("selfchecks_make")
def selfchecks_make(scope: Scope, run: Run) -> dict[str, Any]:
    """The rounds of the Run's day (its period, 2026-11-24) and of the periods it lies in; again makes none."""
    return {"made": services.make(scope, date.fromisoformat(run.period), listing.rules())}


@runs.handler("selfchecks_watch")
def selfchecks_watch(scope: Scope, _run: Run) -> dict[str, Any]:
    """What is over is missed, what was left half done is closed in the end; inboxes follow."""
    now, rules = calendar.now(), listing.rules()
    return {**services.watch(scope, now, rules), "closed": filling.close_left(scope, now, rules)}


@runs.handler("selfchecks_export")
def selfchecks_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The rounds of a list as asked, in the reach of who asked."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    bound = listing.ROUNDS.bind(run.params["query"], choices=listing.choices(facilities.townships(scope), homes))
    return exports.workbook(
        scope, bound, queries.rounds(scope), title=_("Self-checks"), noun="selfcheck_round", stem="selfchecks", wide=(1,),
    )  # fmt: skip
