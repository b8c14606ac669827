"""Every few minutes: what falls due, deaths nobody has reported, actions overdue. The list as a workbook, on demand."""

from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import calendar, exports, runs
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.hazards.credit.models import FactKind, facts
from eldercare.incidents import listing, queries, services
from eldercare.incidents.clocks import queries as clocks
from eldercare.incidents.clocks import services as deadlines
from eldercare.incidents.grading.models import GRADE_WORDS
from eldercare.incidents.handling import services as handling
from eldercare.incidents.models import GRAVE


def init_app(_app: Flask) -> None:
    """What the clock owes: a look at the deadlines every five minutes, before whatever can wait. Grave ones cost points."""
    facts(FactKind("incident", _l("Grave incident"), queries.grave_facts, {grade: GRADE_WORDS[grade] for grade in GRAVE}))
    runs.schedule(Schedule("incidents_watch", lambda _scope: [Place()], every=5, priority=50))


@runs.handler("incidents_watch")
def incidents_watch(scope: Scope, _run: Run) -> dict[str, Any]:
    """Warn, escalate, open drafts; doing it again finds nothing new."""
    rules, now = listing.rules(), calendar.now()
    drafts = services.watch_deaths(scope, rules, calendar.today())
    counts = deadlines.watch(scope, rules, now)
    return {**counts, "drafts": drafts, "actions": handling.watch_actions(scope, calendar.today())}


@runs.handler("incidents_export")
def incidents_export(scope: Scope, run: Run) -> dict[str, Any]:
    """The incidents of a list as asked, in the reach of who asked."""
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    bound = listing.INCIDENTS.bind(run.params["query"], choices=listing.choices(facilities.townships(scope), homes))
    return exports.workbook(
        scope, bound, queries.incidents(scope, clocks.next_due(scope)), title=_("Incidents"), noun="incident", stem="incidents",
        wide=(1, 2),
    )  # fmt: skip
