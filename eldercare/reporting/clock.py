"""The clock: it never does work, it writes down what is due (`flask clock`).

Each minute the leader inserts whatever Run of (kind, period, place) is missing, `ON CONFLICT DO
NOTHING`, and hands it to the queue; so a night's outage heals itself and two clocks make one Run.
The leader holds a session advisory lock; standbys try for it each minute.
"""

import signal
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from eldercare.core import calendar, log, runs
from eldercare.core.access import P
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.runs import Schedule
from eldercare.core.scope import Scope
from eldercare.reporting.models import ClockMark

LEADER = 370215002  # advisory lock: who leads
_log = log.logger("clock")


def mark(name: str) -> ClockMark:
    """A remembered day or moment, made when it is asked for first."""
    found = db.session.get(ClockMark, name)
    if found is None:
        db.session.execute(insert(ClockMark).values(name=name, note="").on_conflict_do_nothing())
        found = db.session.get_one(ClockMark, name)
    return found


def installed_on() -> date:
    """The day this installation's clock first ticked: nothing before the month ahead of it is owed."""
    first = mark("installed")
    if first.day is None:
        first.day = calendar.today()
    return first.day


def owed(entry: Schedule, since: date, until: date) -> Iterator[str]:
    """The periods of a schedule that are due between two days (the last by the time of day it names)."""
    now = calendar.now()
    if entry.every:
        clock = calendar.local(now)
        yield f"{clock:%Y-%m-%dT%H}:{clock.minute // entry.every * entry.every:02d}"
        return
    if entry.day is None:
        for n in range(since.toordinal(), until.toordinal() + 1):
            day = date.fromordinal(n)
            if now >= calendar.at(day, entry.hour, entry.minute):
                yield day.isoformat()
        return
    month = Month.of(since)  # the month of installation owes the one before it
    while month <= Month.of(until):
        if now >= calendar.at(month.first + timedelta(days=entry.day - 1), entry.hour, entry.minute):
            yield str(month.plus(-1))
        month = month.plus(1)


def tick() -> int:
    """Write down what is due now; how many Runs were new. One transaction."""
    scope = Scope.system(P.REPORT_BUILD, "clock").enter()
    installed, today, made = installed_on(), calendar.today(), 0
    for entry in runs.SCHEDULES.values():
        last = mark(f"due:{entry.kind}")
        since = max(installed, last.day or installed)
        periods = list(owed(entry, since, today))
        if not periods or last.note == periods[-1]:
            continue
        places = list(entry.places(scope))
        for period in periods:
            made += len(runs.make_due(period, entry, places))
        # an empty register owes nothing yet: ask again when there are places
        if places:
            last.day, last.note = today, periods[-1]
    if calendar.local(calendar.now()).minute == 0:
        runs.sweep(calendar.now() - timedelta(days=1))
    mark("clock").at = calendar.real_now()
    db.session.commit()
    return made


class Clock:
    """One clock process: leader or standby."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.scheduler = BlockingScheduler(timezone="Asia/Shanghai")
        self.held: Connection | None = None

    def run(self) -> None:
        """Tick at once and then each minute, until SIGTERM or Ctrl-C."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self.scheduler.add_job(self.beat, "cron", second=0, max_instances=1, coalesce=True, misfire_grace_time=None)
        self.scheduler.add_job(self.beat)
        self.scheduler.start()

    def _stop(self, *_: Any) -> None:
        self.scheduler.shutdown(wait=False)

    def beat(self) -> None:
        """One minute: lead if nobody does, then tick. A fault is logged and the next minute tries again."""
        with self.app.app_context():
            try:
                if self._leads():
                    made = tick()
                    if made:
                        _log.info("clock.made", runs=made)
            except SQLAlchemyError as error:
                _log.error("clock.failed", kind=type(error).__name__)
                self._let_go()
            finally:
                db.session.remove()

    def _let_go(self) -> None:
        """Give the lead up with its connection: back in the pool it would keep the lock."""
        if self.held is not None:
            self.held.invalidate()
            self.held.close()
            self.held = None

    def _leads(self) -> bool:
        if self.held is not None:
            self.held.execute(text("SELECT 1"))
            return True
        connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER}).scalar():
            self.held = connection
            _log.info("clock.leads")
            return True
        connection.close()
        return False
