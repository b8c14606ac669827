"""Reads of self-checks: duties, rounds, compliance.

compliance(scope, first, last) and today(scope) are for others: by facility id, due, done, late, missed, rate.
"""

from eldercare.selfchecks.queries.compliance import Compliance, by_day, compliance, ending, monthly, places, today
from eldercare.selfchecks.queries.duties import Duty, Window, asked, duties, owes, windows
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
    "Compliance", "Duty", "Now", "Window", "asked", "between", "by_day", "compliance", "due_now", "duties", "ending", "history",
    "matching", "missed_lately", "monthly", "of_day", "owes", "photos", "places", "round_", "rounds", "today", "walkers",
    "windows",
]  # fmt: skip
