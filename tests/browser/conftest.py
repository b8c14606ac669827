"""The whole district as `scripts/run` brings it up, on a free port, with Debian's Chromium before it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

RESIDENTS = 1500
SIZES = {"office": (1440, 900), "tablet": (1024, 768), "upright": (768, 1024)}
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@dataclass
class Served:
    """A running district: where it is, the demo password, its environment for commands."""

    url: str
    password: str
    environ: dict[str, str]
    process: Any = field(repr=False, default=None)

    def flask(self, *words: str) -> dict[str, Any]:
        """Run `flask …` beside it; the JSON of the last line."""
        done = subprocess.run([".venv/bin/flask", *words], env=self.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return answer


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`scripts/run` with a smaller register, stopped by SIGTERM at the end."""
    instance = tmp_path_factory.mktemp("served")
    instance.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environ |= {
        "ELDERCARE_INSTANCE": str(instance), "ELDERCARE_DEMO_RESIDENTS": str(RESIDENTS), "ELDERCARE_TODAY": "2026-11-24",
        "ELDERCARE_DEMO_PASSWORD": "Walk-the-Path-7", "WEB_WORKERS": "1",
    }
    with (instance / "run.log").open("w") as out:
        process = subprocess.Popen(["scripts/run", "--port", str(port)], env=environ, stdout=out, stderr=subprocess.STDOUT)
    here = Served(f"http://127.0.0.1:{port}", "Walk-the-Path-7", environ, process)
    _wait(lambda: _answers(f"{here.url}/readyz"), 240, instance / "run.log", process)
    yield here
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) in (0, -signal.SIGTERM, 143), (instance / "run.log").read_text()[-3000:]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _wait(true: Callable[[], bool], seconds: float, log: Path, process: Any) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert process.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.5)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, kept from calling home."""
    with sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                  "--disable-sync", "--no-first-run"],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(served: Served, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`visit("district", "tablet")` → a page signed in as that person; console errors fail the test."""
    open_ones: list[tuple[BrowserContext, list[str]]] = []

    def enter(username: str | None, size: str = "office") -> Page:
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, accept_downloads=True, locale="zh-CN")
        troubles: list[str] = []
        open_ones.append((context, troubles))
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" and not _expected(said.text) else None)
        if username:
            page.goto(f"{served.url}/sign-in")
            page.fill("[name=username]", username)
            page.fill("[name=password]", served.password)
            page.click("main button[type=submit]")
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield enter
    wrong = [line for _, troubles in open_ones for line in troubles]
    for context, _ in open_ones:
        context.close()
    assert not wrong, wrong


def _expected(text: str) -> bool:
    """A refusal answers 403, 404, 409 or 422, and a test may cut the network: Chromium writes both to its console."""
    return bool(re.search(r"status of (40[349]|422)|ERR_INTERNET_DISCONNECTED", text))
