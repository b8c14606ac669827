"""The worker: takes Runs from the queue and does them (`flask worker`).

procrastinate claims, retries and returns the jobs of workers that died; the Run row is what people
see. A job names its Run and nothing else; doing a Run twice makes its result once.
"""

import asyncio
import gc
import os
import signal
import time
from contextlib import suppress
from typing import Any

import procrastinate
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from eldercare.accounts.models import User
from eldercare.core import calendar, health, log, runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.dbroles import plain
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.runs import ATTEMPTS, LOSSES, Run
from eldercare.core.scope import Scope, scope_of
from eldercare.reporting import services

HEARTBEAT = 5  # seconds between a worker's signs of life
STALLED = 20  # seconds of silence after which its jobs go back to the queue
WAITS = {True: (5, 20), False: (60, 600)}  # seconds to the second and third try, by whether a person waits for it
PATIENT = 60  # seconds before anybody looks how long a Run takes
AWAY = 15  # seconds to the next try when the work could not even begin: the database was away
TOO_LONG = 3  # how a worker ends that cannot end a Run otherwise
_in_hand: dict[int, float] = {}  # the Runs this process is doing, since when
_log = log.logger("worker")


class AgainIn(Exception):
    """A Run is to be tried again in so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class _Patience(procrastinate.BaseRetryStrategy):
    """Whatever is raised is tried again: the Run counts its tries and says when it is enough, not the queue."""

    def get_retry_decision(self, *, exception: BaseException, job: procrastinate.jobs.Job) -> procrastinate.RetryDecision:
        seconds = exception.seconds if isinstance(exception, AgainIn) else AWAY
        return procrastinate.RetryDecision(retry_in={"seconds": seconds})


def queue(app: Flask) -> procrastinate.App:
    """The queue over this application's database, with our one task."""
    connector = procrastinate.PsycopgConnector(conninfo=plain(app.config["SQLALCHEMY_DATABASE_URI"]), max_size=4)
    jobs = procrastinate.App(connector=connector)

    @jobs.task(name="run", queue="runs", retry=_Patience())
    def run(run_id: int) -> None:
        perform(app, run_id)

    return jobs


def perform(app: Flask, run_id: int) -> None:
    """Do one Run. Raises when it is to be tried again; a refusal is final and does not raise."""
    with app.app_context():
        _in_hand[run_id] = time.monotonic()
        try:
            if _begin(run_id):
                _do(run_id)
        finally:
            _in_hand.pop(run_id, None)
            db.session.remove()


def _begin(run_id: int) -> bool:
    """Take a Run in hand: running, one attempt more. False when it is finished already."""
    Scope.system(P.REPORT_BUILD, "worker").enter()
    run = db.session.get(Run, run_id, with_for_update=True)
    if run is None or run.state in ("done", "failed"):
        db.session.rollback()
        return False
    if run.state == "running":  # its worker died: no fault of the work, unless it happens ever again
        run.losses += 1
        if run.losses >= LOSSES:
            run.state, run.finished_at = "failed", calendar.now()
            run.error_code, run.error_details = "run.worker_lost", {"times": run.losses}
            services.tell_failed(run)
            db.session.commit()
            return False
    run.state, run.attempts, run.started_at = "running", run.attempts + 1, calendar.now()
    db.session.commit()
    return True


def _do(run_id: int) -> None:
    Scope.system(P.REPORT_BUILD, "worker").enter()
    run = db.session.get_one(Run, run_id)
    try:
        if run.kind in runs.SNAPSHOTS:
            # one moment for every figure; what is done is kept before the Run (changed meanwhile by
            # its own progress) is touched again
            db.session.expunge(run)  # or the rollback would empty it
            db.session.rollback()
            runs.begin_snapshot()
            run = db.session.merge(run, load=False)
        with force_locale("en" if run.params.get("language") == "en" else "zh_Hans_CN"):
            result = runs.HANDLERS[run.kind](_scope(run).enter(), run)
        if run.kind in runs.SNAPSHOTS:
            db.session.commit()
        Scope.system(P.REPORT_BUILD, "worker").enter()
        run = db.session.get_one(Run, run_id, with_for_update=True)
        run.state, run.result, run.finished_at = "done", result, calendar.now()
        run.progress, run.error_code, run.error_details = run.total or run.progress, None, {}
        services.settle_failed(run)
        db.session.commit()
        _log.info("run.done", run_id=run_id, kind=run.kind)
    except Exception as error:
        db.session.rollback()
        refusal = error if isinstance(error, Refused) else refusal_of(error) if isinstance(error, DBAPIError) else None
        wait = _fail(run_id, refusal, error)
        if wait is not None:
            raise AgainIn(wait) from error


def _fail(run_id: int, refusal: Refused | None, error: Exception) -> int | None:
    """Write down why; the seconds to the next try, or None when there is none."""
    Scope.system(P.REPORT_BUILD, "worker").enter()
    run = db.session.get_one(Run, run_id, with_for_update=True)
    if run.state != "running":  # another worker, taking this one for dead, has done it
        db.session.rollback()
        return None
    run.error_code = refusal.code if refusal else "fault"
    run.error_details = {k: str(v) for k, v in refusal.details.items()} if refusal else {"what": type(error).__name__}
    passing = refusal is None or refusal.code == "row.busy"  # a lock that others held is no verdict
    wait = WAITS[not run.is_scheduled][run.faults - 1] if passing and run.faults < ATTEMPTS else None
    run.state = "failed" if wait is None else "queued"
    run.finished_at = calendar.now() if wait is None else None
    kind, attempts = run.kind, run.attempts
    if wait is None:
        services.tell_failed(run)
    db.session.commit()
    _log.error("run.failed", run_id=run_id, kind=kind, attempts=attempts, code=run.error_code, fault=type(error).__name__)
    return wait


def _scope(run: Run) -> Scope:
    """The reach a Run works with: the platform's, or what its person may do today."""
    if run.person_id is None:
        return Scope.system(P.REPORT_BUILD, "worker")
    person = db.session.get(User, run.person_id)
    scope = scope_of(person, P(run.permission)) if person and person.is_enabled else None
    if scope is None:
        raise Refused("run.permission_gone")
    return scope


def overdue(app: Flask) -> list[int]:
    """The Runs in hand that take longer than they may."""
    usual, now = app.config["RUN_MINUTES"], time.monotonic()
    if all(now - since < PATIENT for since in list(_in_hand.values())):
        return []
    with app.app_context():
        try:
            Scope.system(P.REPORT_BUILD, "worker").enter()
            running = [run for run in map(_running, list(_in_hand)) if run is not None]
            late = [run for run in running if now - _in_hand.get(run.id, now) > 60 * runs.MINUTES.get(run.kind, usual)]
            for run in late:
                run.state, run.finished_at = "failed", calendar.now()
                run.error_code, run.error_details = "run.too_long", {"minutes": runs.MINUTES.get(run.kind, usual)}
                services.tell_failed(run)
                _log.error("run.too_long", run_id=run.id, kind=run.kind)
            db.session.commit()
            return [run.id for run in late]
        finally:
            db.session.remove()


def _running(run_id: int) -> Run | None:
    run = db.session.get(Run, run_id, with_for_update={"skip_locked": True})
    return run if run is not None and run.state == "running" else None


async def _look_after(app: Flask, began: float) -> None:
    """End what takes too long; say when the clock stands. A thread cannot be ended: the process is, and is started anew."""
    looked = began + health.CLOCK_LATE_S  # a clock that starts beside it has had its time
    while True:
        await asyncio.sleep(HEARTBEAT)
        with suppress(SQLAlchemyError):
            late: list[int] = await asyncio.to_thread(overdue, app)
            if late:
                os._exit(TOO_LONG)
            if time.monotonic() > looked:
                looked = time.monotonic() + health.WORKER_LATE_S
                await asyncio.to_thread(_watch, app)


def _watch(app: Flask) -> None:
    with app.app_context():
        try:
            services.watch("clock")
        finally:
            db.session.remove()


async def _rescue(jobs: procrastinate.App) -> None:
    """Give the jobs of dead workers back to the queue, again and again."""
    while True:
        with suppress(procrastinate.exceptions.ConnectorException):
            for job in await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
                await jobs.job_manager.retry_job(job)
                _log.info("run.rescued", run_id=job.task_kwargs.get("run_id"))
        await asyncio.sleep(HEARTBEAT)


async def _work(app: Flask, **settings: Any) -> None:
    jobs = queue(app)
    async with jobs.open_async():
        beside = [asyncio.create_task(_rescue(jobs)), asyncio.create_task(_look_after(app, time.monotonic()))]
        try:
            await jobs.run_worker_async(
                queues=["runs"], update_heartbeat_interval=HEARTBEAT, stalled_worker_timeout=STALLED,
                delete_jobs="successful", **settings,
            )
        finally:
            for task in beside:
                task.cancel()


def settle() -> None:
    """What is loaded stays for good: the collector need not go through it in the middle of every report."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def run_worker(app: Flask, concurrency: int = 1) -> None:
    """Work until SIGTERM or Ctrl-C; the job in hand is finished first."""
    settle()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    asyncio.run(_work(app, concurrency=concurrency, install_signal_handlers=True, shutdown_graceful_timeout=20))


def drain(app: Flask, concurrency: int = 1) -> None:
    """Work until the queue is empty (the command line and tests)."""
    asyncio.run(_work(app, concurrency=concurrency, wait=False, install_signal_handlers=False))
