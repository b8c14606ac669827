"""The worker: takes Runs from the queue and does them (`flask worker`).

procrastinate claims, retries and returns the jobs of workers that died; the Run row is what people
see. A job names its Run and nothing else; doing a Run twice makes its result once.
"""

import asyncio
import signal
from contextlib import suppress
from typing import Any

import procrastinate
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.exc import DBAPIError

from eldercare.accounts.models import User
from eldercare.core import calendar, log, runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.dbroles import plain
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.runs import ATTEMPTS, Run
from eldercare.core.scope import Scope, scope_of

HEARTBEAT = 5  # seconds between a worker's signs of life
STALLED = 20  # seconds of silence after which its jobs go back to the queue
_log = log.logger("worker")


def queue(app: Flask) -> procrastinate.App:
    """The queue over this application's database, with our one task."""
    connector = procrastinate.PsycopgConnector(conninfo=plain(app.config["SQLALCHEMY_DATABASE_URI"]), max_size=4)
    jobs = procrastinate.App(connector=connector)

    @jobs.task(name="run", queue="runs", retry=procrastinate.RetryStrategy(max_attempts=ATTEMPTS - 1, exponential_wait=4))
    def run(run_id: int) -> None:
        perform(app, run_id)

    return jobs


def perform(app: Flask, run_id: int) -> None:
    """Do one Run. Raises when it is to be tried again; a refusal is final and does not raise."""
    with app.app_context():
        try:
            if _begin(run_id):
                _do(run_id)
        finally:
            db.session.remove()


def _begin(run_id: int) -> bool:
    """Take a Run in hand: running, one attempt more. False when it is finished already."""
    Scope.system(P.REPORT_BUILD, "worker").enter()
    run = db.session.get(Run, run_id, with_for_update=True)
    if run is None or run.state in ("done", "failed"):
        db.session.rollback()
        return False
    if run.attempts >= ATTEMPTS:  # it took its worker down each time
        run.state, run.finished_at = "failed", calendar.now()
        run.error_code, run.error_details = "fault", {"what": "worker lost"}
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
            db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            run = db.session.merge(run, load=False)
        with force_locale("en" if run.params.get("language") == "en" else "zh_Hans_CN"):
            result = runs.HANDLERS[run.kind](_scope(run).enter(), run)
        if run.kind in runs.SNAPSHOTS:
            db.session.commit()
        Scope.system(P.REPORT_BUILD, "worker").enter()
        run = db.session.get_one(Run, run_id, with_for_update=True)
        run.state, run.result, run.finished_at = "done", result, calendar.now()
        run.progress = run.total or run.progress
        db.session.commit()
        _log.info("run.done", run_id=run_id, kind=run.kind)
    except Exception as error:
        db.session.rollback()
        refusal = error if isinstance(error, Refused) else refusal_of(error) if isinstance(error, DBAPIError) else None
        if _fail(run_id, refusal, error):
            raise


def _fail(run_id: int, refusal: Refused | None, error: Exception) -> bool:
    """Write down why; True when it is to be tried again."""
    Scope.system(P.REPORT_BUILD, "worker").enter()
    run = db.session.get_one(Run, run_id, with_for_update=True)
    run.error_code = refusal.code if refusal else "fault"
    run.error_details = {k: str(v) for k, v in refusal.details.items()} if refusal else {"what": type(error).__name__}
    passing = refusal is None or refusal.code == "row.busy"  # a lock that others held is no verdict
    again = passing and run.attempts < ATTEMPTS
    run.state = "queued" if again else "failed"
    run.finished_at = None if again else calendar.now()
    kind, attempts = run.kind, run.attempts
    db.session.commit()
    _log.error("run.failed", run_id=run_id, kind=kind, attempts=attempts, code=run.error_code, fault=type(error).__name__)
    return again


def _scope(run: Run) -> Scope:
    """The reach a Run works with: the platform's, or what its person may do today."""
    if run.person_id is None:
        return Scope.system(P.REPORT_BUILD, "worker")
    person = db.session.get(User, run.person_id)
    scope = scope_of(person, P(run.permission)) if person and person.is_enabled else None
    if scope is None:
        raise Refused("run.permission_gone")
    return scope


async def _rescue(jobs: procrastinate.App) -> None:
    """Give the jobs of dead workers back to the queue, again and again."""
    while True:
        with suppress(procrastinate.exceptions.ConnectorException):
            for job in await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
                await jobs.job_manager.retry_job(job)
                _log.info("run.rescued", run_id=job.task_kwargs.get("run_id"))
        await asyncio.sleep(HEARTBEAT)


async def _work(jobs: procrastinate.App, **settings: Any) -> None:
    async with jobs.open_async():
        rescuer = asyncio.create_task(_rescue(jobs))
        try:
            await jobs.run_worker_async(
                queues=["runs"], update_heartbeat_interval=HEARTBEAT, stalled_worker_timeout=STALLED, **settings
            )
        finally:
            rescuer.cancel()


def run_worker(app: Flask, concurrency: int = 1) -> None:
    """Work until SIGTERM or Ctrl-C; the job in hand is finished first."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    asyncio.run(_work(queue(app), concurrency=concurrency, install_signal_handlers=True, shutdown_graceful_timeout=20))


def drain(app: Flask, concurrency: int = 1) -> None:
    """Work until the queue is empty (the command line and tests)."""
    asyncio.run(_work(queue(app), concurrency=concurrency, wait=False, install_signal_handlers=False))
