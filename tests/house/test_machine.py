"""A machine that has seen nothing of us: what set-up stands on is pinned, short, and says its name."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import Config
from environ import Reader

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file())


@pytest.mark.parametrize("path", [path for path in SCRIPTS if not path.name.startswith("_")], ids=lambda path: path.name)
def test_a_script_fits_on_one_screen(path: Path):
    if path.suffix == "" and path.name != "node.txt":
        assert len(path.read_text().splitlines()) <= 60
        assert os.access(path, os.X_OK)


@pytest.mark.parametrize("name", ["requirements.txt", "scripts/node.txt"])
def test_every_python_part_is_pinned_hashed_and_names_no_index(name: str):
    text = (ROOT / name).read_text()
    parts = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?(==)?[^\n]*\\\n( +--hash=sha256:)?", text, re.MULTILINE)
    assert parts
    assert all(pin and mark for pin, mark in parts)
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


def test_every_part_asked_for_is_locked():
    asked = re.findall(r"^([a-z0-9-]+)", (ROOT / "requirements.in").read_text().lower(), re.MULTILINE)
    locked = set(re.findall(r"^([a-z0-9-]+)", (ROOT / "requirements.txt").read_text().lower(), re.MULTILINE))
    assert set(asked) <= locked


def test_the_front_end_lock_names_no_address():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    parts = {name: part for name, part in lock["packages"].items() if name}
    assert all("integrity" in part and "resolved" not in part for part in parts.values())


def test_every_entry_point_is_bundled_under_a_fingerprint():
    static = ROOT / "eldercare" / "static"
    manifest = json.loads((static / "dist" / "manifest.json").read_text())
    assert set(manifest) == {path.name for end in ("js", "css") for path in static.glob(f"*.{end}")}
    for name, file in manifest.items():
        assert re.fullmatch(rf"{Path(name).stem}-[A-Z0-9]{{8}}{Path(name).suffix}", file)
        assert (static / "dist" / file).exists()


def test_every_variable_the_readme_names_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    asked: set[str] = set()
    text = Reader.text
    monkeypatch.setattr(Reader, "text", lambda self, name: (asked.add(name), text(self, name))[1])
    Config.from_environ({"ELDERCARE_INSTANCE": str(tmp_path / "i")})
    production = (ROOT / "README.md").read_text().split("## In production")[1].split("## ")[0]
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", production))
    assert len(named) > 15
    assert named <= asked


def test_the_procfile_runs_web_clock_and_worker_and_keeps_them_alive():
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert set(lines) == {"web", "clock", "worker"}
    assert all(line.startswith("exec .venv/bin/python scripts/keep ") for line in lines.values())
    assert "127.0.0.1" in lines["web"]


def test_what_dies_by_itself_is_started_again_and_what_is_told_to_stop_stops(tmp_path: Path):
    said = tmp_path / "pids"
    life = f"import os, time; open({str(said)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    keep = subprocess.Popen([sys.executable, "scripts/keep", "python", "-c", life], cwd=ROOT, stderr=subprocess.DEVNULL)

    def pid_of_life(number: int) -> int:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            pids = said.read_text().split() if said.exists() else []
            if len(pids) == number:
                return int(pids[-1])
            time.sleep(0.05)
        raise AssertionError(f"life {number} did not begin")

    os.kill(pid_of_life(1), signal.SIGKILL)
    second = pid_of_life(2)
    keep.terminate()
    assert keep.wait(10) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


def test_what_keeps_dying_is_given_up(tmp_path: Path):
    keep = ROOT / "scripts" / "keep"
    fast = keep.read_text().replace("time.sleep(len(deaths))", "").replace("__file__", repr(str(keep)))
    done = subprocess.run([sys.executable, "-c", fast, "python", "-c", "raise SystemExit(3)"], cwd=ROOT, check=False, stderr=-1)
    assert done.returncode == 1
    assert b"giving up" in done.stderr
