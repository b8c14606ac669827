"""The clock: it never does work, it writes down what is due (`flask clock`).

Each minute the leader inserts whatever Run of (kind, period, place) is missing, `ON CONFLICT DO
NOTHING`, and hands it to the queue; so a night's outage heals itself and two clocks make one Run.
The leader holds a session advisory lock; standbys try for it each minute.
"""

import signal
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from eldercare.core import calendar, health, log, runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.runs import Schedule
from eldercare.core.scope import Scope
from eldercare.reporting import services
from eldercare.reporting.schedules import services as schedules
from eldercare.reporting.schedules.queries import mark

LEADER = 370215002  # advisory lock: who leads
_log = log.logger("clock")


def owed(entry: Schedule, since: date, until: date) -> Iterator[str]:
    """The periods of a schedule that are due between two days (the last by the time of day it names)."""
    now = calendar.now()
    if entry.every:
        clock = calendar.local(now)
        yield f"{clock:%Y-%m-%dT%H}:{clock.minute // entry.every * entry.every:02d}"
        return
    for n in range(since.toordinal(), until.toordinal() + 1):
        day = date.fromordinal(n)
        if now >= calendar.at(day, entry.hour, entry.minute):
            yield day.isoformat()


def tick(report_hour: int = 2) -> int:
    """Write down what is due now, and give back to the queue what it lost; how many Runs were new. One transaction."""
    scope = Scope.system(P.REPORT_BUILD, "clock").enter()
    today, made = calendar.today(), 0
    for entry in runs.SCHEDULES.values():
        last = mark(f"due:{entry.kind}")
        last.day = last.day or today  # of a kind that is new here no earlier day is owed
        periods = list(owed(entry, last.day, today))
        if periods and last.note != periods[-1]:
            places = list(entry.places(scope))
            for period in periods:
                made += len(runs.make_due(entry.kind, period, places, priority=entry.priority))
            last.day, last.note = today, periods[-1]
    schedules.set_up(scope, report_hour)
    made += schedules.make_owed(scope)
    for run_id in runs.revive():
        _log.warning("run.revived", run_id=run_id)
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
        self.began = time.monotonic()

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
                    made = tick(self.app.config["REPORT_HOUR"])
                    if made:
                        _log.info("clock.made", runs=made)
                    if time.monotonic() - self.began > health.CLOCK_LATE_S:  # a worker that starts beside it has had its time
                        services.watch("queue")
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
