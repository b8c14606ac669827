"""Schedules at work: set up as everywhere, one switched off for half a year and then moved to another day by the district."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from eldercare.accounts.models import User
from eldercare.core import audit, calendar
from eldercare.core.access import P
from eldercare.core.calendar import Period
from eldercare.core.db import db
from eldercare.core.scope import Scope, scope_of
from eldercare.reporting.schedules import queries, services
from eldercare.reporting.schedules.models import ReportSchedule, ScheduleSkip, period_of

LEFT_OUT = 2  # quarters


def write(scope: Scope) -> None:
    """The rows, what was left out while one was off, and the log of it."""
    services.set_up(scope, current_app.config["REPORT_HOUR"])
    for row in queries.schedules(scope):
        if queries.cadence(row) == "quarterly":
            last = period_of("quarterly", calendar.today()).plus(-1)
            _left_out(row, [last.plus(-n) for n in range(LEFT_OUT, 0, -1)])
            _moved(row, last)


def _left_out(row: ReportSchedule, periods: list[Period]) -> None:
    for period in periods:
        at = calendar.at(period.last + timedelta(days=1), row.hour)
        db.session.add(ScheduleSkip(schedule_id=row.id, period=str(period), at=at))


def _moved(row: ReportSchedule, last: Period) -> None:
    """From the last quarter on it is made on the fifth working day, when the accounts of the quarter are closed."""
    officer = db.session.scalars(select(User).where(User.username == "district")).one()
    row.way, row.day, row.hour, row.minute, row.first = "working_day", 5, 8, 30, str(last)
    row.people = [officer.id]
    audit.record(scope_of(officer, P.REPORT_SCHEDULE) or Scope.system("demo"), "report_schedule.changed", row)
