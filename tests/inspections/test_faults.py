"""On a line that drops, delays, repeats, reorders and cuts off: 0 lost, 0 twice, 0 altered (the whole of it: scripts/bench sync)."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.inspections.line import Line
from tests.inspections.stage import make_visits
from tests.inspections.swarm import Tablet, compare, run


@pytest.mark.timeout(900)  # forty visits with photos, each looked into by a child process
def test_forty_visits_over_a_bad_line_arrive_whole_and_once(server: Any, fresh_app: Flask) -> None:
    given = make_visits(4, 10)
    expired: list[int] = []

    def expire() -> None:
        """Every sign-in ends at once, as after a restart with new keys."""
        with fresh_app.app_context():
            Scope.system("test").enter()
            db.session.execute(text("UPDATE users SET session_epoch = session_epoch + 1"), execution_options={"audited": "user.changed"})
            db.session.info.pop("owed_bulk", None)
            db.session.commit()
            db.session.remove()
        expired.append(1)

    with Line(("127.0.0.1", server.port), seed=3) as line:
        tablets = [Tablet(("127.0.0.1", line.port), name, make.PASSWORD, seed) for seed, (name, _held) in enumerate(given)]
        run(tablets, [held for _name, held in given], every=expire, seconds=4)
    held = [each for _name, mine in given for each in mine]
    owner = {each.uid: f"tablet-{name}" for name, mine in given for each in mine}
    Scope.system("test").enter()
    assert compare(held, lambda each: owner[each.uid]) == {"lost": 0, "twice": 0, "altered": 0}
    assert all(line.counts[fault] for fault in ("drop_request", "drop_answer", "cut_answer", "repeat")), line.counts


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_visits_made_by_hand_over_a_bad_line_arrive_whole_though_the_tab_is_killed(server: Any, fresh_app: Flask, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    from tests.inspections.tabs import Machine, device_of, drive

    ((name, given),) = make_visits(1, 2)
    db.session.remove()
    with Line(("127.0.0.1", server.port), seed=5, spare=(b"/sign-in", b"/static/")) as line, sync_playwright() as tools:
        held, counts = drive(Machine(tools, tmp_path / "profile"), line, name, make.PASSWORD, [each.uid for each in given])
    Scope.system("test").enter()
    assert compare(held, device_of) == {"lost": 0, "twice": 0, "altered": 0}
    assert counts["tab_killed"], counts
