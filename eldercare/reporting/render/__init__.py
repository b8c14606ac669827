"""Sealed figures in, PDF/A out.

`html()` fills a report's template in the caller's process; `render()` hands kind and figures to a
child process that is kept warm, has no database, no secrets and a fetcher that opens nothing but
`reports/`, and is killed when it takes too long. Same figures, same template version → same bytes,
in any process, years later: every date in the file is the cut-off, every id follows from content.
"""


from __future__ import annotations

import atexit
import multiprocessing
import resource
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import flask

from eldercare.reporting.render import tools
from eldercare.reporting.render.folders import Folder
from eldercare.reporting.render.pages import (
    BLANK,
    DEFAULTS,
    FIGURES,
    REPORTS,
    ROOT,
    SANS,
    SERIF,
    VARIANT,
    Rendered,
    RenderError,
    Settings,
    canonical,
    context,
    figures_of,
    fingerprint,
    html,
    kinds,
    report,
    sample,
    sheets,
    without_glyph,
)
from eldercare.reporting.render.press import Press, _child, everyday_fonts, forget_secrets

__all__ = [
    "BLANK", "DEFAULTS", "FIGURES", "REPORTS", "ROOT", "SANS", "SERIF", "VARIANT", "Press", "RenderError", "Rendered",
    "Settings", "canonical", "check_page", "close", "context", "everyday_fonts", "figures_of", "fingerprint", "forget_secrets",
    "html", "kinds", "render", "report", "sample", "sheets", "tools", "without_glyph",
]  # fmt: skip
JOBS_PER_CHILD = 200
TIRED_MB = 600  # resident memory past which a child that rests is replaced


class _Died(RenderError):
    """The drawing process is gone without a word."""


class _Child:
    """One warm child process and the line to it."""

    def __init__(self, settings: Settings) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["weasyprint", "eldercare.reporting.render"])
        self.line, theirs = context.Pipe()
        self.folder = Folder()
        self.process = context.Process(target=_child, args=(theirs, settings, self.folder.path), daemon=True, name="report-press")
        try:
            self.process.start()
        except (EOFError, OSError):
            self.folder.clear()
            raise _Died("the process that starts the drawing ones died") from None
        theirs.close()
        self.settings, self.jobs = settings, 0

    def draw(self, *job: Any) -> Rendered:
        self.jobs += 1
        try:
            self.line.send(job)
            if not self.line.poll(self.settings.timeout_s):
                self.end()
                raise RenderError(f"drawing took longer than {self.settings.timeout_s:g} s and was stopped")
            answer = self.line.recv()
        except (EOFError, OSError):
            self.process.join(5)
            code = self.process.exitcode
            self.end()
            limit = f"its memory limit is {self.settings.memory_mb} MB"
            raise _Died(f"the drawing process died (exit {code}); {limit}") from None
        if isinstance(answer, RenderError):
            raise answer
        rendered: Rendered = answer
        return rendered

    @property
    def is_fit(self) -> bool:
        """May take another job: alive, not too old, not grown."""
        if self.jobs >= JOBS_PER_CHILD or not self.process.is_alive():
            return False
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize() < TIRED_MB * 2**20

    def end(self) -> None:
        """Hang up; kill what does not listen."""
        self.line.close()
        self.process.join(0.2)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(5)
        self.folder.clear()


_idle: dict[Settings, list[_Child]] = {}
_lock = threading.Lock()


def configured() -> Settings:
    """Fonts and limits as the installation sets them; the defaults outside the application."""
    if not flask.has_app_context():
        return DEFAULTS
    config = flask.current_app.config
    return Settings(config["FONT_SERIF"], config["FONT_SANS"], config["REPORT_TIMEOUT_S"], config["REPORT_MEMORY_MB"])


def check_page(code: str) -> str | None:
    """Where anyone finds out whether a file is true; None where the installation has no public address."""
    address: str | None = flask.current_app.config["PUBLIC_URL"]
    return f"{address.rstrip('/')}/verify/{code}" if address else None


def render(
    kind: str, data: Mapping[str, Any], lang: str, *, edition: int = 1, imprint: Mapping[str, Any] | None = None,
    photos: Mapping[str, bytes] | None = None, settings: Settings | None = None,
) -> Rendered:
    """Draw a report in a child process, kept warm; RenderError with one clear line. `settings` None: as configured.

    A child that dies over it is replaced once: somebody may have ended it.
    """
    settings = settings or configured()
    report(kind)  # an unknown kind is refused here, not in a child
    job = (kind, dict(data), lang, edition, dict(imprint or BLANK), dict(photos or {}))
    try:
        return _drawn(settings, job)
    except _Died:
        return _drawn(settings, job)


def _drawn(settings: Settings, job: tuple[Any, ...]) -> Rendered:
    with _lock:
        waiting = _idle.setdefault(settings, [])
        child = waiting.pop() if waiting else None
    if child is not None and not child.is_fit:
        child.end()
        child = None
    child = child or _Child(settings)
    try:
        rendered = child.draw(*job)
    except BaseException:
        child.end()
        raise
    with _lock:
        _idle.setdefault(settings, []).append(child)
    return rendered


@atexit.register
def close() -> None:
    """End every idle child (a worker that stops; tests)."""
    with _lock:
        children = [child for waiting in _idle.values() for child in waiting]
        _idle.clear()
    for child in children:
        child.end()
