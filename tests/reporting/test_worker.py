"""Every Run ends: done, or failed with a reason a person can read; a killed worker's Run is done by the next."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, get_locale
from sqlalchemy import func, select, text

from config import Config
from eldercare.core import alerts, audit, calendar, runs
from eldercare.core.access import P, Role
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import ATTEMPTS, Run
from eldercare.core.scope import Scope, scope_of
from eldercare.reporting import clock, services, worker
from tests import make


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Made-up kinds of work."""
    table: dict[str, Any] = dict(runs.HANDLERS)
    monkeypatch.setattr(runs, "HANDLERS", table)
    return table


def ask(kind: str) -> int:
    run = runs.enqueue(Scope.system("test").enter(), kind)
    db.session.commit()
    return run.id


def look(run_id: int) -> Run:
    Scope.system("test").enter()
    return db.session.scalars(select(Run).where(Run.id == run_id).execution_options(populate_existing=True)).one()


def test_a_run_is_done_and_keeps_its_result(fresh_app: Flask, handlers: dict[str, Any]) -> None:
    handlers["fine"] = lambda _scope, _run: {"rows": 3}
    run_id = ask("fine")
    worker.drain(fresh_app)
    run = look(run_id)
    assert (run.state, run.result, run.attempts) == ("done", {"rows": 3}, 1)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_run_speaks_the_language_of_who_asked(fresh_app: Flask, handlers: dict[str, Any], language: str) -> None:
    handlers["speak"] = lambda _scope, _run: {"locale": str(get_locale())}
    with fresh_app.test_request_context(), force_locale("en" if language == "en" else "zh_Hans_CN"):
        run_id = ask("speak")
    worker.drain(fresh_app)
    assert look(run_id).result["locale"].startswith(language)


def test_a_report_and_other_peoples_acts_do_not_get_into_each_others_way(
    fresh_app: Flask, handlers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures of one moment are read while others act; the log's head has moved when the report is logged."""

    def act() -> None:
        with fresh_app.app_context():
            audit.record(Scope.system("someone else").enter(), "user.signed_in", entity="user")
            db.session.commit()

    def report(scope: Scope, _run: Run) -> dict[str, Any]:
        before = db.session.scalar(select(func.count()).select_from(audit.AuditEntry))
        other = threading.Thread(target=act)
        other.start()
        other.join()
        assert db.session.scalar(select(func.count()).select_from(audit.AuditEntry)) == before
        runs.end_snapshot(scope)
        audit.record(scope, "report.made", entity="report")
        return {}

    handlers["moment"] = report
    monkeypatch.setattr(runs, "SNAPSHOTS", {*runs.SNAPSHOTS, "moment"})
    run_id = ask("moment")
    worker.drain(fresh_app)
    run = look(run_id)
    assert (run.state, run.attempts) == ("done", 1)


def test_a_lock_that_others_hold_is_tried_again(fresh_app: Flask, handlers: dict[str, Any]) -> None:
    tries: list[int] = []

    def held(_scope: Scope, _run: Run) -> dict[str, Any]:
        tries.append(1)
        if len(tries) == 1:
            raise Refused("row.busy")
        return {}

    handlers["held"] = held
    run_id = ask("held")
    for _ in range(2):
        db.session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL"))
        db.session.commit()
        worker.drain(fresh_app)
    assert (look(run_id).state, len(tries)) == ("done", 2)


def test_three_failures_and_the_run_says_why(fresh_app: Flask, handlers: dict[str, Any]) -> None:
    def broken(_scope: Scope, _run: Run) -> dict[str, Any]:
        raise ZeroDivisionError

    handlers["broken"] = broken
    run_id = ask("broken")
    for _ in range(ATTEMPTS):
        db.session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL"))
        db.session.commit()
        worker.drain(fresh_app)
    run = look(run_id)
    assert (run.state, run.attempts) == ("failed", ATTEMPTS)
    with fresh_app.test_request_context():
        assert "ZeroDivisionError" in str(run.error)


def test_between_tries_it_waits_and_says_until_when(fresh_app: Flask, handlers: dict[str, Any]) -> None:
    def broken(_scope: Scope, _run: Run) -> dict[str, Any]:
        raise ZeroDivisionError

    handlers["broken"] = broken
    run_id = ask("broken")
    worker.drain(fresh_app)
    run = look(run_id)
    assert (run.state, run.attempts, run.error_code) == ("queued", 1, "fault")
    at = runs.next_try(run_id)
    assert at is not None
    assert 0 < (at - calendar.real_now()).total_seconds() <= worker.WAITS[True][0]


def scheduled(kind: str) -> int:
    Scope.system("test").enter()
    (run_id,) = runs.make_due(kind, "2026-10", [runs.Place()])
    db.session.commit()
    return run_id


def told_of(kind: str) -> list[Alert]:
    Scope.system("test").enter()
    return list(db.session.scalars(select(Alert).where(Alert.kind == kind).execution_options(populate_existing=True)))


def test_what_the_clock_asked_for_and_failed_is_told_with_its_reason_until_it_is_done(
    fresh_app: Flask, handlers: dict[str, Any]
) -> None:
    def refuse(_scope: Scope, _run: Run) -> dict[str, Any]:
        raise Refused("period.invalid", period="2026-13")

    handlers["township-monthly"] = refuse
    run_id = scheduled("township-monthly")
    worker.drain(fresh_app)
    (alert,) = told_of("run.failed")
    assert (alert.entity_id, alert.level, alert.settled_at) == (run_id, "district", None)
    with fresh_app.test_request_context(), force_locale("en"):
        assert "Township monthly report 2026-10" in alerts.words(alert)
        assert "2026-13" in alerts.words(alert)
    handlers["township-monthly"] = lambda _scope, _run: {}
    services.try_again(Scope.system(P.REPORT_BUILD).enter(), run_id)
    db.session.commit()
    worker.drain(fresh_app)
    assert look(run_id).state == "done"
    assert look(run_id).error_code is None
    assert told_of("run.failed")[0].settled_at is not None


def test_rounds_that_fail_each_minute_are_told_once(
    fresh_app: Flask, handlers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_scope: Scope, _run: Run) -> dict[str, Any]:
        raise Refused("period.invalid", period="x")

    entry = runs.Schedule("round", lambda _scope: [runs.Place()], every=1)
    monkeypatch.setattr(runs, "SCHEDULES", {"round": entry})
    handlers["round"] = refuse
    Scope.system("test").enter()
    for minute in range(3):
        runs.make_due("round", f"2026-11-24T12:0{minute}", [runs.Place()])
    db.session.commit()
    worker.drain(fresh_app)
    assert len(told_of("run.failed")) == 1
    handlers["round"] = lambda _scope, _run: {}
    Scope.system("test").enter()
    runs.make_due("round", "2026-11-24T12:09", [runs.Place()])
    db.session.commit()
    worker.drain(fresh_app)
    assert told_of("run.failed")[0].settled_at is not None


def test_a_run_that_took_its_worker_down_ever_again_is_ended(fresh_app: Flask, handlers: dict[str, Any]) -> None:
    handlers["deadly"] = lambda _scope, _run: {}
    run_id = ask("deadly")
    db.session.execute(text("SET LOCAL ROLE eldercare_district"))
    db.session.execute(text("UPDATE runs SET state = 'running', attempts = 5, losses = 4"))
    db.session.commit()
    worker.perform(fresh_app, run_id)
    assert (look(run_id).state, look(run_id).losses) == ("done", 5)  # dead workers are no fault of the work
    again = ask("deadly")
    db.session.execute(text("SET LOCAL ROLE eldercare_district"))
    db.session.execute(text("UPDATE runs SET state = 'running', losses = :most WHERE id = :id"), {"most": runs.LOSSES - 1, "id": again})
    db.session.commit()
    worker.perform(fresh_app, again)
    assert (look(again).state, look(again).error_code) == ("failed", "run.worker_lost")


def test_two_workers_at_the_same_run_make_its_result_once(
    fresh_app: Flask, handlers: dict[str, Any]
) -> None:
    """A worker that was taken for dead comes back: what the other made stands, and nothing is called failed."""

    def slow(_scope: Scope, run: Run) -> dict[str, Any]:
        with fresh_app.app_context():
            Scope.system("test").enter()
            db.session.execute(text("UPDATE runs SET state = 'done', finished_at = now() WHERE id = :id"), {"id": run.id})
            db.session.commit()
        raise Refused("report.edition_taken")

    handlers["slow"] = slow
    run_id = ask("slow")
    worker.drain(fresh_app)
    assert (look(run_id).state, look(run_id).error_code) == ("done", None)


def test_a_clock_that_stands_is_told_by_the_worker_and_settled_when_it_goes(fresh_app: Flask) -> None:
    with fresh_app.app_context():
        services.watch("clock")
        services.watch("clock")
    (alert,) = told_of("clock.stands")
    assert alert.settled_at is None
    with fresh_app.app_context():
        clock.tick()
        services.watch("clock")
    assert told_of("clock.stands")[0].settled_at is not None


def test_a_refusal_is_final_at_once_and_reads_as_words(fresh_app: Flask, handlers: dict[str, Any]) -> None:
    def refuse(_scope: Scope, _run: Run) -> dict[str, Any]:
        raise Refused("period.invalid", period="2026-13")

    handlers["refused"] = refuse
    run_id = ask("refused")
    worker.drain(fresh_app)
    run = look(run_id)
    assert (run.state, run.attempts, run.error_code) == ("failed", 1, "period.invalid")
    with fresh_app.test_request_context():
        assert "2026-13" in str(run.error)


def test_nothing_half_done_is_kept(fresh_app: Flask, handlers: dict[str, Any]) -> None:
    def half(scope: Scope, _run: Run) -> dict[str, Any]:
        scope.enter()
        make.make_township(code="370299999")
        raise Refused("period.invalid", period="x")

    handlers["half"] = half
    ask("half")
    worker.drain(fresh_app)
    assert db.session.execute(text("SELECT count(*) FROM townships WHERE code = '370299999'")).scalar() == 0


def test_a_run_works_with_what_its_person_may_do_today(fresh_app: Flask, handlers: dict[str, Any]) -> None:
    seen: list[Scope] = []
    handlers["look"] = lambda scope, _run: seen.append(scope) or {}
    Scope.system("test").enter()
    township = make.make_township()
    person = make.make_user(Role.TOWNSHIP_OFFICER, township)
    db.session.commit()
    scope = scope_of(person, P.RESIDENT_EXPORT)
    assert scope is not None
    first = runs.enqueue(scope.enter(), "look").id
    second = runs.enqueue(scope, "look").id
    db.session.commit()
    worker.perform(fresh_app, first)
    assert seen[0].townships == {township.id}
    assert not seen[0].everywhere
    db.session.execute(text("UPDATE grants SET ends_on = DATE '2026-06-30'"))
    db.session.commit()
    worker.perform(fresh_app, second)
    assert look(second).error_code == "run.permission_gone"


SCRIPT = """
import sys, time, pathlib
from config import Config
from eldercare import create_app
from eldercare.core import audit, runs
from eldercare.reporting import clock, services, worker
app = create_app(Config.from_environ())
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
flag = pathlib.Path(sys.argv[2])
def slow(scope, run):
    if not flag.exists():
        flag.touch()
        time.sleep(60)
    return {"by": "the next"}
runs.HANDLERS["slow"] = slow
from sqlalchemy import create_engine
with app.app_context():
    from eldercare.core.db import db
    db.engine.dispose()
    db._app_engines[app][None] = create_engine(sys.argv[1])
worker.HEARTBEAT, worker.STALLED = 1, 3
worker.run_worker(app)
"""


LATE = SCRIPT.replace("worker.HEARTBEAT, worker.STALLED = 1, 3", "worker.HEARTBEAT, worker.STALLED, worker.PATIENT = 1, 3, 0").replace(
    'app.config["SQLALCHEMY_DATABASE_URI"] =', 'runs.MINUTES["slow"] = 1 / 30\napp.config["SQLALCHEMY_DATABASE_URI"] ='
)


def test_a_run_that_exceeds_its_time_is_ended_with_a_reason(fresh_app: Flask, config: Config, tmp_path: Path) -> None:
    run_id = ask("slow")
    environ = {**os.environ, "ELDERCARE_INSTANCE": str(config.instance), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", LATE, fresh_app.config["SQLALCHEMY_DATABASE_URI"], str(tmp_path / "started")]
    process = subprocess.Popen(command, env=environ)
    try:
        assert process.wait(45) == worker.TOO_LONG
    finally:
        process.kill()
    assert (look(run_id).state, look(run_id).error_code) == ("failed", "run.too_long")


def test_a_killed_workers_run_is_done_by_the_next(fresh_app: Flask, config: Config, tmp_path: Path) -> None:
    run_id = ask("slow")
    flag = tmp_path / "started"
    environ = {**os.environ, "ELDERCARE_INSTANCE": str(config.instance), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", SCRIPT, fresh_app.config["SQLALCHEMY_DATABASE_URI"], str(flag)]
    first = subprocess.Popen(command, env=environ)
    _until(flag.exists)
    first.kill()
    first.wait()
    assert look(run_id).state == "running"
    db.session.rollback()
    second = subprocess.Popen(command, env=environ)
    try:
        _until(lambda: look(run_id).state == "done")
    finally:
        second.terminate()
        second.wait(30)
    run = look(run_id)
    assert (run.result, run.attempts) == ({"by": "the next"}, 2)


def _until(true: Any, seconds: float = 45) -> None:
    end = time.monotonic() + seconds
    while not true():
        db.session.rollback()
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.2)
