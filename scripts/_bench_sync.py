"""`scripts/bench sync`: 1,000 visits with photos from eight tablets over a line that drops, delays, repeats, reorders, cuts off.

A register of its own behind gunicorn, which is killed and started again in the middle; every sign-in expires now and then.
First some visits over a clean line, then the thousand, then thirty made by hand in a real Chromium whose tab is killed between
any two steps, now and then with the whole browser; at the end both sides are held against each other by hash. Last line: one
JSON object; `ratio` is the time a visit of the thousand took over that of one on the clean line, `stood` how often the browser
had to be shot because nothing moved any more. SYNC_VISITS and SYNC_TABS say how many.
"""

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
TABLETS, VISITS, CLEAN, TABS = 8, int(os.environ.get("SYNC_VISITS", "1000")), 80, int(os.environ.get("SYNC_TABS", "30"))


class Server:
    """gunicorn over the register; it can be killed as a power cut kills it."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.kills = -1
        self.process: Any = None
        self.start()
        atexit.register(self.kill)

    def start(self) -> None:
        """Up, and answering."""
        command = [".venv/bin/gunicorn", "-b", f"127.0.0.1:{self.port}", "-w", "2", "--threads", "6", "-k", "gthread",
                   "--timeout", "120", "wsgi:app"]  # fmt: skip
        self.process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL,
                                        stderr=(Path(os.environ["ELDERCARE_INSTANCE"]) / "web.log").open("a"))  # fmt: skip
        self.kills += 1
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server does not answer")

    def kill(self) -> None:
        """Every process of it, at once, in the middle of whatever it does."""
        with suppress(ProcessLookupError):  # killed before
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _by_hand(server: Server, trouble: Any, name: str, password: str, uids: list[str], line_of: Any, drive: Any) -> Any:
    """Visits in Chromium while the server dies every minute: (what was held, how often what went wrong)."""
    from playwright.sync_api import sync_playwright

    from tests.inspections.tabs import Machine

    over = threading.Event()

    def die() -> None:
        while not over.wait(60):
            trouble()

    killer = threading.Thread(target=die)
    killer.start()
    try:
        with (
            line_of(("127.0.0.1", server.port), seed=11, spare=(b"/sign-in", b"/static/")) as line,
            tempfile.TemporaryDirectory() as profile,
            sync_playwright() as tools,
        ):
            return drive(Machine(tools, Path(profile)), line, name, password, uids)
    finally:
        over.set()
        killer.join()


def main() -> None:
    """Clean line, bad line, comparison."""
    os.environ.pop("ELDERCARE_TODAY", None)
    folder = tempfile.mkdtemp(prefix="eldercare-bench.")
    Path(folder).chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ |= {"ELDERCARE_INSTANCE": folder, "LOG_LEVEL": "WARNING", "IDLE_MINUTES": "600"}
    from sqlalchemy import text

    from config import Config
    from eldercare import create_app
    from eldercare.core.db import db
    from eldercare.core.embedded import Embedded
    from eldercare.core.scope import Scope
    from tests import make
    from tests.inspections.line import Line
    from tests.inspections.stage import make_visits
    from tests.inspections.swarm import Tablet, compare, run
    from tests.inspections.tabs import device_of, drive

    holder = Embedded(Config.from_environ().instance)
    holder.hold()
    subprocess.run([str(ROOT / ".venv/bin/flask"), "db", "upgrade"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    app = create_app(Config.from_environ())
    with app.app_context():
        began = time.monotonic()
        clean, bad = (make_visits(TABLETS, count // TABLETS) for count in (CLEAN, VISITS))
        ((tester, by_hand),) = make_visits(1, TABS)
        print(f"{CLEAN + VISITS} visits planned in {time.monotonic() - began:.0f} s", flush=True)
    server = Server()

    def bring(given: Any, line: Any, every: Any = None) -> float:
        tablets = [Tablet(("127.0.0.1", line.port), name, make.PASSWORD, seed) for seed, (name, _) in enumerate(given)]
        for each in tablets:
            each.sign_in()
        seconds = run(tablets, [held for _, held in given], every, 25)
        count = sum(len(held) for _, held in given)
        print(f"{count} visits in {seconds:.0f} s; {dict(line.counts)}", flush=True)
        return seconds / count

    def trouble() -> None:
        server.kill()
        with app.app_context():
            Scope.system("bench").enter()
            if server.kills % 2:  # every second time all sign-ins are over as well
                db.session.execute(text("UPDATE users SET session_epoch = session_epoch + 1"))
                db.session.commit()
            db.session.remove()
        server.start()

    with Line(("127.0.0.1", server.port), faults={}) as line:
        usual = bring(clean, line)
    with Line(("127.0.0.1", server.port), seed=7, spare=(b"/sign-in",)) as line:
        took = bring(bad, line, trouble)
    began = time.monotonic()
    made, counts = _by_hand(server, trouble, tester, make.PASSWORD, [each.uid for each in by_hand], Line, drive)
    print(f"{len(made)} visits by hand in {time.monotonic() - began:.0f} s: {dict(counts)}", flush=True)
    given = [*clean, *bad]
    owner = {held.uid: f"tablet-{name}" for name, mine in given for held in mine}
    held = [each for _, mine in given for each in mine]
    with app.app_context():
        Scope.system("bench").enter()
        told = Counter(compare(held, lambda each: owner[each.uid]))
        told.update(compare(made, device_of))
        db.session.remove()
        db.engine.dispose()
    server.kill()
    holder.release()
    sums = {name: told[name] for name in ("lost", "twice", "altered")}
    photos = sum(len(each.photos) for each in (*held, *made))
    done = {"visits": len(held), "by_hand": len(made), "photos": photos}
    all_of_it = {**done, "restarts": server.kills, "stood": counts["stood"], **sums}
    print(json.dumps(all_of_it | {"ratio": round(took / usual, 2)}))
    if any(sums.values()):
        raise SystemExit("something was lost, came twice, or was altered")


main()
