"""A clock and workers, killed as a power cut kills them; what a month's run must come to all the same."""

import hashlib
import io
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdf
from sqlalchemy import func, select, text

from eldercare.core import audit, files
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting.models import Report
from eldercare.reporting.schedules import queries
from eldercare.reporting.verify import services

GONE_S = 10  # within which whatever a killed worker had started must be gone


class Crew:
    """Processes by name, each started anew when it was killed; `log`: where they all write."""

    def __init__(self, commands: Mapping[str, Sequence[str]], environ: Mapping[str, str], log: Path) -> None:
        self.commands, self.environ, self.log = commands, dict(environ), log
        self.alive: dict[str, subprocess.Popen[bytes]] = {}
        self.kills: Counter[str] = Counter()
        self.orphans = 0
        self._left: list[tuple[float, set[int]]] = []
        for name in commands:
            self.start(name)

    def start(self, name: str) -> None:
        """A process of its own session."""
        with self.log.open("ab") as out:
            self.alive[name] = subprocess.Popen(
                self.commands[name], env=self.environ, start_new_session=True, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def kill(self, rng: random.Random) -> str:
        """SIGKILL for one of them, or for something a worker has started; what was killed is started again."""
        name = rng.choice(list(self.alive))
        process = self.alive[name]
        below = _below(process.pid)
        if below and rng.random() < 0.4:
            os.kill(rng.choice(sorted(below)), signal.SIGKILL)
            self.kills["child"] += 1
            return "child"
        process.kill()
        process.wait()
        self._left.append((time.monotonic(), below))
        self.kills[name.rstrip("0123456789")] += 1
        self.start(name)
        return name

    def look(self) -> None:
        """Count what outlived the worker that had started it."""
        now = time.monotonic()
        due = [pids for at, pids in self._left if now - at > GONE_S]
        self._left = [(at, pids) for at, pids in self._left if now - at <= GONE_S]
        self.orphans += sum(_is_ours(pid) for pids in due for pid in pids)

    def stop(self, *names: str) -> None:
        """As an administrator stops them."""
        for name in names or list(self.alive):
            self.alive[name].terminate()
        for name in names or list(self.alive):
            process = self.alive.pop(name)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _below(pid: int) -> set[int]:
    """The processes under one, those of `ps` itself apart."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(entry.parent.name)] = int(fields[1])
    found, more = set(), {pid}
    while more:
        more = {child for child, parent in parents.items() if parent in more} - found
        found |= more
    return found


def _is_ours(pid: int) -> bool:
    try:
        return b"python" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def standing(period: str) -> dict[str, int]:
    """How many Runs of a period's reports stand where."""
    try:
        scope = Scope.system("test").enter()
        query = scope.columns(Run, Run.state, func.count()).where(Run.is_scheduled, Run.period == period).group_by(Run.state)
        return {row[0]: row[1] for row in db.session.execute(query)}
    finally:
        db.session.rollback()


def unrest() -> int:
    """How many Runs of any kind wait or run."""
    try:
        Scope.system("test").enter()
        return int(db.session.execute(text("SELECT count(*) FROM runs WHERE state IN ('queued', 'running')")).scalar_one())
    finally:
        db.session.rollback()


def torment(crew: Crew, period: str, kills: int, owed: int, seed: int, seconds: float) -> None:
    """Kill at random moments, as evenly over the run as it goes, then wait until everything is done."""
    rng, began, done = random.Random(seed), time.monotonic(), 0
    while done < kills:
        made = standing(period).get("done", 0)
        time.sleep(rng.uniform(0.1, 3))
        until = time.monotonic() + 15
        while done / kills > made / owed and time.monotonic() < until:  # ahead of the work: the crew gets some time
            made = standing(period).get("done", 0)
            time.sleep(rng.uniform(0.1, 1))
        crew.kill(rng)
        crew.look()
        done += 1
        if done % 10 == 0:
            print(f"{done} killed, {made} of {owed} done, {time.monotonic() - began:.0f} s", flush=True)
    while time.monotonic() - began < seconds:
        if standing(period).get("done", 0) >= owed:
            break
        time.sleep(0.5)
    time.sleep(GONE_S)
    crew.look()
    crew.stop("clock")
    while unrest() and time.monotonic() - began < seconds:
        time.sleep(0.5)
    crew.stop()


def judge(period: str) -> dict[str, Any]:
    """What stands after it: everything due, each once, each file whole and ours."""
    scope = Scope.system("test").enter()
    due = {
        (row.kind, place.code, language)
        for row in queries.schedules(scope) if queries.cadence(row) == "monthly"
        for place in queries.places(scope, row) for language in row.languages
    }  # fmt: skip
    reports = list(db.session.scalars(scope.select(Report).where(Report.period == period)))
    found = Counter((report.kind, report.place, report.language) for report in reports)
    invalid = 0
    for report in reports:
        data = files.get(report.pdf_sha256)  # refused when its bytes are not those of its hash
        told = services.verdict(scope, data)
        whole = len(pypdf.PdfReader(io.BytesIO(data)).pages) == report.pages and len(data) == report.bytes
        drawn = hashlib.sha256(data[: report.drawn_bytes]).hexdigest() == report.drawn_sha256
        invalid += not (whole and drawn and told.valid and told.figures_match)
    states: Counter[str] = Counter(db.session.scalars(scope.columns(Run, Run.state)))
    logged = db.session.scalar(select(func.count()).select_from(audit.AuditEntry).where(audit.AuditEntry.action == "report.made"))
    lost = db.session.scalar(scope.columns(Run, func.sum(Run.losses))) or 0
    runs = standing(period)
    Scope.system("test").enter()
    return {
        "runs": runs.get("done", 0), "reports": len(reports), "twice": sum(count - 1 for count in found.values()),
        "missing": len(due - set(found)), "strange": len(set(found) - due), "invalid": invalid, "logged": logged,
        "stuck": states["queued"] + states["running"], "failed": states["failed"], "given_back": int(lost),
        "log_valid": audit.verify()["valid"],
    }  # fmt: skip
