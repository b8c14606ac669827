"""Reads of self-checks: duties, rounds, compliance.

compliance(scope, first, last) and today(scope) are for others: by facility id, due, done, late, missed, rate.
"""

from eldercare.selfchecks.queries.compliance import (
    Compliance,
    OfDuty,
    begun,
    by_day,
    by_duty,
    compliance,
    ending,
    list_names,
    monthly,
    named,
    places,
    today,
)
from eldercare.selfchecks.queries.duties import Duty, Window, asked, asked_on, asks, duties, owes, walked_by, windows
from eldercare.selfchecks.queries.rounds import (
    Now,
    between,
    due_now,
    history,
    matching,
    missed_lately,
    of_day,
    photos,
    round_,
    rounds,
    walkers,
)

__all__ = [
    "Compliance", "Duty", "Now", "OfDuty", "Window", "asked", "asked_on", "asks", "begun", "between", "by_day", "by_duty",
    "compliance", "due_now", "duties", "ending", "history", "list_names", "matching", "missed_lately", "monthly", "named",
    "of_day", "owes", "photos", "places", "round_", "rounds", "today", "walked_by", "walkers", "windows",
]  # fmt: skip
