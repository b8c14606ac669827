"""The back-test, on demand: months are tried one after the other."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from eldercare.core import calendar, runs
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.runs import N_, Run
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.facilities.models import Facility
from eldercare.inspections.risks import queries
from eldercare.inspections.risks.queries import known, testing


@runs.handler("risks_back_test")
def risks_back_test(scope: Scope, run: Run) -> dict[str, Any]:
    """Try the present weights on the months whose following days are over; the result stays with the Run."""
    asked, today = run.params, calendar.today()
    months = testing.months_before(today, asked["months"], asked["days"])
    used = queries.current(scope, today)
    places = list(db.session.scalars(facilities.facilities(scope, facility_type=asked["type"])))
    runs.progress(run.id, 0, len(months), N_("Reading what was known"))
    found = known.known(scope, months[0].first - timedelta(days=1), today)
    grave = known.outcomes(scope, months[0].first, today, by_hazards=asked.get("met", "both") == "both")
    tested = []
    for done, month in enumerate(months, 1):
        there = _open(places, month.first - timedelta(days=1))
        tested.append(testing.try_month(month, there, found, grave, used.factors, asked["count"], asked["days"]))
        runs.progress(run.id, done, len(months), N_("Trying month after month"))
    began = [month for month in tested if _has_history(found, Month.parse(month.month))]
    return testing.verdict(began, asked["count"]) | {
        "weights_id": used.id, "valid_from": used.valid_from.isoformat(), "skipped": len(tested) - len(began),
        "sources": sorted(found.sources), "as_of": today.isoformat(),
    }  # fmt: skip


def _open(places: Sequence[Facility], eve: date) -> list[int]:
    """The places that were there on a day."""
    return [
        each.id for each in places
        if (each.opened_on is None or each.opened_on <= eve) and (each.closed_on is None or each.closed_on > eve)
    ]  # fmt: skip


def _has_history(found: Any, month: Month) -> bool:
    """Whether anything at all was on record before a month: without it neither choice is a choice."""
    return any(trace.known < month.first and trace.factor != "credit" for rows in found.traces.values() for trace in rows)
