"""`scripts/bench kills`: a month's run of 172 reports while clock, workers and what they started are killed a hundred times.

A small demo district of its own behind its own embedded PostgreSQL; a clock and two workers make October's reports. At
random moments one of them, or a process that draws for a worker, gets SIGKILL and is started again. At the end every report
that is due must be there in each of its languages, once, its bytes those of its hash, readable, and ours by `verify`;
nothing waits or runs, nothing outlived its worker. Last line: one JSON object. KILLS says how often, KILLS_SEED when.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
KILLS, SEED = int(os.environ.get("KILLS", "100")), int(os.environ.get("KILLS_SEED", "1"))
MOST_SECONDS = 3600
FLASK = str(ROOT / ".venv/bin/flask")


def main() -> None:
    """Load, kill, judge."""
    os.environ.pop("ELDERCARE_TODAY", None)
    folder = Path(tempfile.mkdtemp(prefix="eldercare-bench."))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    desk = folder / "tmp"
    desk.mkdir()
    os.environ |= {"ELDERCARE_INSTANCE": str(folder), "LOG_LEVEL": "WARNING", "TMPDIR": str(desk)}
    os.environ.setdefault("ELDERCARE_DEMO_RESIDENTS", "400")
    tempfile.tempdir = str(desk)
    from config import Config
    from eldercare import create_app
    from eldercare.core import calendar
    from eldercare.core.db import db
    from eldercare.core.embedded import Embedded
    from eldercare.reporting.render import folders
    from tests.reporting.killer import Crew, judge, standing, torment

    holder = Embedded(Config.from_environ().instance)
    holder.hold()
    atexit.register(holder.release)  # before the folder goes, whatever ends this
    began = time.monotonic()
    for command in (("db", "upgrade"), ("demo", "load")):
        subprocess.run([FLASK, *command], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    print(f"the district is loaded, {time.monotonic() - began:.0f} s", flush=True)
    period, app = str(calendar.Month.of(calendar.today()).plus(-1)), create_app(Config.from_environ())
    with app.app_context():
        began = time.monotonic()
        commands = {"clock": [FLASK, "clock"], "worker1": [FLASK, "worker"], "worker2": [FLASK, "worker"]}
        crew = Crew(commands, {**os.environ, "PYTHONPATH": str(ROOT)}, folder / "crew.log")
        try:
            while not standing(period):
                time.sleep(0.2)
            torment(crew, period, KILLS, sum(standing(period).values()), SEED, MOST_SECONDS)
        finally:
            crew.stop()
        seconds = time.monotonic() - began
        told = judge(period)
        folders.sweep()
        left = len(list(desk.glob(f"{folders.PREFIX}*")))
        db.session.remove()
        db.engine.dispose()
    kills = {"kills": sum(crew.kills.values()), "of": dict(crew.kills), "seed": SEED}
    print(json.dumps(kills | told | {"orphans": crew.orphans, "folders_left": left, "seconds": round(seconds)}))
    wrong = ("twice", "missing", "strange", "invalid", "stuck", "failed")
    if any(told[name] for name in wrong) or crew.orphans or left or not told["log_valid"]:
        raise SystemExit("a report is missing, there twice, or not whole; or something was left behind")


main()
