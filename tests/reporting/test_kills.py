"""The small form of `scripts/bench kills`: whoever is killed and whenever, each report of the month is made once and whole."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flask import Flask

from config import Config
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.reporting.render import folders
from tests import make
from tests.reporting.killer import Crew, judge, standing, torment

SCRIPT = """
import sys
from sqlalchemy import create_engine
from config import Config
from eldercare import create_app
from eldercare.core.db import db
from eldercare.reporting import clock, worker
app = create_app(Config.from_environ())
app.config["SQLALCHEMY_DATABASE_URI"], app.config["BLOBS"] = sys.argv[2:4]
with app.app_context():
    db.engine.dispose()
    db._app_engines[app][None] = create_engine(sys.argv[2])
worker.HEARTBEAT, worker.STALLED = 1, 4
worker.WAITS = {True: (5, 10), False: (5, 10)}  # a Run whose child is killed twice would wait longer than the test
clock.Clock(app).run() if sys.argv[1] == "clock" else worker.run_worker(app)
"""
PERIOD, KILLS = "2026-10", 6


def test_a_months_run_survives_kills_at_any_moment(fresh_app: Flask, config: Config, tmp_path: Path) -> None:
    Scope.system("test").enter()
    for _ in range(3):
        make.make_facility()
    db.session.commit()
    url = fresh_app.config["SQLALCHEMY_DATABASE_URI"]
    environ = {**os.environ, "ELDERCARE_INSTANCE": str(config.instance), "PYTHONPATH": str(Path.cwd())}
    commands = {
        name: [sys.executable, "-c", SCRIPT, name.rstrip("12"), url, str(fresh_app.config["BLOBS"])]
        for name in ("clock", "worker1", "worker2")
    }  # fmt: skip
    crew = Crew(commands, environ, tmp_path / "log")
    try:
        until = time.monotonic() + 180
        while not standing(PERIOD) and time.monotonic() < until:
            time.sleep(0.2)
        owed = sum(standing(PERIOD).values())
        assert owed == 7  # the district, three townships, their three homes
        torment(crew, PERIOD, KILLS, owed, seed=5, seconds=200)  # the test has 300
    finally:
        crew.stop()
    told = judge(PERIOD)
    assert told | {"given_back": 0} == {
        "runs": 7, "reports": 8, "twice": 0, "missing": 0, "strange": 0, "invalid": 0, "logged": 8, "stuck": 0, "failed": 0,
        "given_back": 0, "log_valid": True,
    }, (tmp_path / "log").read_text()[-2000:]
    assert sum(crew.kills.values()) == KILLS
    assert crew.orphans == 0


def test_folders_of_the_dead_are_swept_and_those_of_the_living_are_not(tmp_path: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(Path.cwd())}
    program = "from eldercare.reporting.render.folders import Folder; own = Folder(); print(own.path, flush=True); input()"
    maker = subprocess.Popen([sys.executable, "-c", program], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert maker.stdout is not None
    made = Path(maker.stdout.readline().strip())
    kept, tempfile.tempdir = tempfile.tempdir, str(tmp_path)
    try:
        folders.sweep()
        assert made.is_dir()
        maker.kill()
        maker.wait()
        folders.sweep()
        assert not made.exists()
    finally:
        tempfile.tempdir = kept
        maker.kill()
