"""Each period exactly once, whatever the number of clocks and however long they were away."""

import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from eldercare.core import calendar, runs
from eldercare.core.db import db
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.reporting import clock
from eldercare.reporting import queries as reporting
from eldercare.reporting.models import ClockMark
from eldercare.reporting.schedules import queries
from eldercare.reporting.schedules.models import ReportSchedule
from tests import make

ENTRY = Schedule("test-daily", lambda _scope: [Place(), Place("370215001")])


@pytest.fixture(autouse=True)
def only_ours(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock owes one made-up kind of work at two places each day, and the monthly reports of townships."""
    if "fresh_app" in request.fixturenames:
        request.getfixturevalue("fresh_app")  # making an application adds its own schedules
    monkeypatch.setattr(runs, "SCHEDULES", {ENTRY.kind: ENTRY})
    monkeypatch.setattr(queries, "kinds", lambda: {"township-monthly": reporting.kind_of("township-monthly")})


def at(monkeypatch: pytest.MonkeyPatch, day: str, hour: int = 12) -> None:
    """Let it be that day and hour in Shanghai."""
    moment = calendar.at(date.fromisoformat(day), hour)
    monkeypatch.setattr(calendar, "now", lambda: moment)
    monkeypatch.setattr(calendar, "today", lambda: date.fromisoformat(day))


def made(kind: str) -> list[tuple[str, str]]:
    Scope.system("test").enter()
    rows = db.session.scalars(select(Run).where(Run.kind == kind).order_by(Run.period, Run.place))
    return [(run.period, run.place) for run in rows]


def test_the_month_before_installation_is_made_at_once(app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    make.make_township(code="370299001")
    at(monkeypatch, "2026-11-24")
    assert clock.tick() == 3
    assert made("township-monthly") == [("2026-10", "370299001")]
    assert clock.tick() == 0


def test_nothing_is_due_before_two_in_the_morning(app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    make.make_township(code="370299001")
    at(monkeypatch, "2026-11-24")
    clock.tick()
    at(monkeypatch, "2026-12-01", hour=1)
    clock.tick()
    assert [period for period, _ in made("township-monthly")] == ["2026-10"]
    at(monkeypatch, "2026-12-01", hour=2)
    clock.tick()
    assert [period for period, _ in made("township-monthly")] == ["2026-10", "2026-11"]


def test_what_was_missed_while_the_clock_stood_is_made_up(
    app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.make_township(code="370299001")
    at(monkeypatch, "2026-11-24")
    clock.tick()
    at(monkeypatch, "2027-02-10")
    clock.tick()
    assert [period for period, _ in made("township-monthly")] == ["2026-10", "2026-11", "2026-12", "2027-01"]
    days = [period for period, place in made("test-daily") if not place]
    assert (days[0], days[-1], len(days)) == ("2026-11-24", "2027-02-10", 79)


def test_a_kind_of_work_that_an_upgrade_brings_is_owed_from_that_day_on(
    app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-24")
    clock.tick()
    new = Schedule("test-new", ENTRY.places, hour=23)
    monkeypatch.setitem(runs.SCHEDULES, new.kind, new)
    at(monkeypatch, "2027-02-10")
    clock.tick()
    assert made("test-new") == []
    at(monkeypatch, "2027-02-11")  # it stood while the first was due
    clock.tick()
    assert [period for period, place in made("test-new") if not place] == ["2027-02-10"]


def test_an_empty_register_owes_nothing_until_there_are_places(
    app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-24")
    clock.tick()
    assert made("township-monthly") == []
    Scope.system("test").enter()
    make.make_township(code="370299001")
    assert clock.tick() == 1


def test_what_the_queue_lost_is_given_back_to_it(app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-24")
    clock.tick()
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    Scope.system("test").enter()
    assert clock.tick() == 0
    assert db.session.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")).scalar() == 2
    clock.tick()
    assert db.session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 2


def test_a_job_and_its_run_live_or_die_together(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-24")
    clock.tick()
    jobs = db.session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar()
    assert jobs == len(made("test-daily")) == 2
    savepoint = db.session.begin_nested()
    runs.enqueue(Scope.system("test"), "other")
    savepoint.rollback()
    assert db.session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 2


def test_two_clocks_at_the_same_moment_make_one_run_each(fresh_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-24")  # by day, whatever hour it is
    start, made = threading.Barrier(4), list[int]()

    def tick() -> None:
        with fresh_app.app_context():
            start.wait()
            try:
                made.append(clock.tick())
            finally:
                db.session.remove()

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Scope.system("test").enter()
    assert db.session.scalar(select(func.count()).select_from(Run)) == 2
    assert db.session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 2
    assert sorted(made) == [0, 0, 0, 2]
    assert db.session.scalar(select(func.count()).select_from(ReportSchedule)) == 1


def test_only_one_clock_leads_and_a_standby_takes_over(fresh_app: Flask) -> None:
    first, second = clock.Clock(fresh_app), clock.Clock(fresh_app)
    first.beat()
    second.beat()
    assert first.held is not None
    assert second.held is None
    first.held.invalidate()  # as when its process dies
    first.held.close()
    until = time.monotonic() + 20  # the server frees the lock when it notices that the line is cut
    while second.held is None and time.monotonic() < until:
        second.beat()
    assert second.held is not None
    second.held.close()


def test_the_clock_says_it_is_alive_by_the_real_time(app: Flask) -> None:
    clock.tick()
    alive = db.session.get_one(ClockMark, "clock").at
    assert alive is not None
    assert datetime.now(UTC) - alive < timedelta(minutes=1)
