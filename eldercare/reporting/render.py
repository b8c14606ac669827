"""Sealed figures in, PDF/A out: the only importer of WeasyPrint.

`html()` fills a report's template in the caller's process; `render()` hands kind and figures to a
child process that is kept warm, has no database, no secrets and a fetcher that opens nothing but
`reports/`, and is killed when it takes too long. Same figures, same template version → same bytes,
in any process, years later: every date in the file is the cut-off, every id follows from content.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import gc
import hashlib
import importlib
import io
import json
import logging
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import flask
import pypdf
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from eldercare.core import charts, fonts

ROOT = Path(__file__).resolve().parent.parent.parent
REPORTS = ROOT / "reports"
SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
VARIANT = "pdf/a-3a"  # tagged, archivable, may carry the figures
FIGURES = "figures.json"
KEEP_ENVIRON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_CACHE_HOME")
ENGINE_MB = 768  # what the chart engine reserves without using it
JOBS_PER_CHILD = 200
_FACE, _SMALL = "everyday:", {"serif": "Everyday Song", "sans": "Everyday Hei"}
TIRED_MB = 600  # resident memory past which a child that rests is replaced
KNOWN = frozenset(map(chr, [*range(0x20, 0x7F), *range(0x4E00, 0x9FA6), 0x09, 0x0A, 0x0D]))  # in every CJK font


class RenderError(Exception):
    """A report that could not be drawn; the message is one line for the Run."""


@dataclass(frozen=True)
class Settings:
    """How to draw: installed font families (a missing one named first costs 6 %) and the child's limits."""

    serif: str = SERIF
    sans: str = SANS
    timeout_s: float = 300
    memory_mb: int = 1024


@dataclass(frozen=True)
class Rendered:
    """A finished report. `warnings`: what WeasyPrint complained of; empty for our own templates."""

    pdf: bytes
    pages: int
    sha256: str
    warnings: tuple[str, ...] = ()


DEFAULTS = Settings()


# ---- reports, found by name
def kinds() -> list[str]:
    """Every kind of report there is a folder for."""
    return sorted(path.parent.name.replace("_", "-") for path in REPORTS.glob("[a-z]*/report.py"))


@cache
def report(kind: str) -> ModuleType:
    """The `report.py` of a kind: KIND, TITLE, CADENCE, AUDIENCE, TEMPLATE_VERSION, collect(), context()."""
    if kind not in kinds():
        raise RenderError(f"no report is called {kind!r}")
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return importlib.import_module(f"reports.{kind.replace('-', '_')}.report")


def sample(kind: str) -> dict[str, Any]:
    """A report's own example figures."""
    text = (REPORTS / kind.replace("-", "_") / "sample.json").read_text("utf-8")
    figures: dict[str, Any] = json.loads(text)
    return figures


def canonical(data: Mapping[str, Any]) -> bytes:
    """The one way to write sealed figures; what is hashed, attached and compared."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def fingerprint(data: Mapping[str, Any]) -> str:
    """The first twelve digits of the figures' SHA-256, printed on every page."""
    return hashlib.sha256(canonical(data)).hexdigest()[:12]


def figures_of(pdf: bytes) -> dict[str, Any]:
    """The figures attached to a report; ValueError where there are none."""
    try:
        attached = pypdf.PdfReader(io.BytesIO(pdf)).attachments.get(FIGURES) or []
    except pypdf.errors.PyPdfError as fault:
        raise ValueError("not a PDF that can be read") from fault
    if len(attached) != 1:
        raise ValueError("no figures are attached")
    figures: dict[str, Any] = json.loads(attached[0])
    return figures


# ---- figures → HTML
@cache
def _templates(sans: str) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(REPORTS), autoescape=True, undefined=StrictUndefined, trim_blocks=True, auto_reload=False
    )

    def chart(spec: charts.Spec) -> str:
        return "data:image/svg+xml;base64," + base64.b64encode(charts.svg(spec, sans).encode()).decode()

    environment.filters["chart"] = chart
    return environment


def sheets(kind: str) -> list[Path]:
    """A report's style sheets, the shared one first."""
    return [REPORTS / "_paper" / "base.css", REPORTS / kind.replace("-", "_") / "page.css"]


def html(
    kind: str, data: Mapping[str, Any], lang: str, *, edition: int = 1, chart_font: str = SANS, linked: bool = True
) -> str:
    """The finished page with its charts inside; `linked`: naming its style sheets (base address: reports/)."""
    module = report(kind)
    words = importlib.import_module("reports._paper.words").Words(kind.replace("-", "_"), lang)
    mark = fingerprint(data)
    return _templates(chart_font).get_template(f"{kind.replace('-', '_')}/page.html").render(
        **module.context(data, words, mark),
        w=words,
        data=data,
        edition=edition,
        fingerprint=mark,
        template_version=module.TEMPLATE_VERSION,
        linked=[str(path.relative_to(REPORTS)) for path in sheets(kind)] if linked else [],
    )


# ---- HTML → PDF, in the child
class Press:
    """A warm WeasyPrint: modules, fonts and style sheets loaded once. Lives in the child (or a test)."""

    def __init__(self, settings: Settings = DEFAULTS) -> None:
        import weasyprint  # noqa: PLC0415 — the parent needs none of it
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

        class OnlyReports(weasyprint.urls.URLFetcher):  # type: ignore[misc]
            """Opens our own sheets and the charts in the page; nothing else, on this machine or another."""

            def fetch(self, url: str, headers: Any = None) -> Any:
                if url in held:  # fonts, and the photos that came with the job
                    return weasyprint.urls.URLFetcherResponse(url, held[url])
                if url.startswith("data:image/svg+xml;base64,"):
                    return super().fetch(url, headers)
                path = Path(url.removeprefix("file://")).resolve()
                if url.startswith("file:///") and path.is_relative_to(REPORTS) and path.suffix == ".css":
                    return super().fetch(url, headers)
                raise ValueError("a report opens nothing outside its folder")

        small = {f"{_FACE}{family}-{weight}": font for family, weight, font in everyday_fonts(settings)}
        held: dict[str, bytes] = {}
        self.weasyprint, self.settings, self.small, self.held = weasyprint, settings, small, held
        self.fetcher = OnlyReports(allowed_protocols=("file", "data", "everyday", "photo"), allow_redirects=False)
        self.fonts = FontConfiguration()
        self.css: dict[str, list[Any]] = {}

    def styles(self, kind: str) -> list[Any]:
        """A report's style sheets, parsed once, in the families that are set."""
        if kind not in self.css:
            faces = [
                f'@font-face {{ font-family: "{_SMALL[name]}"; font-weight: {weight}; src: url("{url}") }}'
                for url in self.small
                for name, weight in [url.removeprefix(_FACE).split("-")]
            ]
            texts = [path.read_text("utf-8") for path in sheets(kind) if path.exists()]
            self.css[kind] = [
                self.weasyprint.CSS(
                    string=text.replace(f'"{SERIF}"', self.families("serif")).replace(f'"{SANS}"', self.families("sans")),
                    base_url=f"{REPORTS}/", url_fetcher=self.fetcher, font_config=self.fonts,
                )
                for text in ["\n".join(faces), *texts]
            ]  # fmt: skip
        return self.css[kind]

    def families(self, name: str) -> str:
        """The everyday font first, where there is one, and the whole family behind it for rare characters."""
        whole = f'"{getattr(self.settings, name)}"'
        return f'"{_SMALL[name]}", {whole}' if any(name in url for url in self.small) else whole

    def draw(
        self, kind: str, data: Mapping[str, Any], lang: str, edition: int = 1, photos: Mapping[str, bytes] = MappingProxyType({})
    ) -> Rendered:
        """Figures to PDF/A-3a with the figures attached; a page shows `photos` as <img src="photo:SHA-256">."""
        self.held.clear()  # the photos of this job and of no other
        self.held.update(self.small, **{f"photo:{sha256}": photo for sha256, photo in photos.items()})
        page = html(kind, data, lang, edition=edition, chart_font=self.families("sans").replace('"', ""), linked=False)
        if lost := without_glyph(page):
            names = ", ".join(f"U+{ord(char):04X}" for char in lost[:5])
            raise RenderError(f"no installed font can draw {names}: install a font that has it (Debian: fonts-hanazono)")
        cutoff = datetime.fromisoformat(data["cutoff_at"]).astimezone(UTC)
        os.environ["SOURCE_DATE_EPOCH"] = str(int(cutoff.timestamp()))
        figures = self.weasyprint.Attachment(
            string=canonical(data), name=FIGURES, description="The figures this report was drawn from",
            created=cutoff, modified=cutoff, relationship="Data",
        )  # fmt: skip
        with _complaints() as warnings:
            document = self.weasyprint.HTML(string=page, base_url=f"{REPORTS}/", url_fetcher=self.fetcher).render(
                font_config=self.fonts, stylesheets=self.styles(kind)
            )
            pdf = document.write_pdf(pdf_variant=VARIANT, attachments=[figures])
        return Rendered(pdf, len(document.pages), hashlib.sha256(pdf).hexdigest(), tuple(warnings))


@contextlib.contextmanager
def _complaints() -> Iterator[list[str]]:
    heard: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: heard.append(record.getMessage()[-200:])  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    logger.addHandler(handler)
    try:
        yield heard
    finally:
        logger.removeHandler(handler)


def without_glyph(text: str) -> list[str]:
    """Characters that no installed font can draw (rare ideographs of CJK Extension B and on)."""
    return [char for char in sorted(set(text) - KNOWN) if not fonts.has_glyph(char)]


def everyday_fonts(settings: Settings) -> Iterator[tuple[str, int, bytes]]:
    """("serif" or "sans", weight, font file) of the families that are set; all four or none."""
    made = []
    for name in _SMALL:
        for weight in (400, 700):
            at = fonts.installed(getattr(settings, name), bold=weight == 700)
            made.append((name, weight, fonts.everyday(*at) if at else None))
    yield from ((name, weight, font) for name, weight, font in made if font and all(each[2] for each in made))


def forget_secrets(environ: MutableMapping[str, str]) -> None:
    """Leave nothing but what fonts and locale need."""
    for name in set(environ) - set(KEEP_ENVIRON):
        del environ[name]


def _child(line: Connection, settings: Settings, folder: str) -> None:
    """The child's life: take a job, draw, answer; ends when the parent hangs up."""
    tempfile.tempdir = folder  # the parent clears it away, however the child ends
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to judge
    forget_secrets(os.environ)
    # RLIMIT_DATA, not RLIMIT_AS: the chart engine reserves gigabytes of addresses it never touches
    limit = (settings.memory_mb + ENGINE_MB) * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    press = Press(settings)
    gc.freeze()
    gc.disable()  # collected between jobs: 15 % faster
    while True:
        try:
            kind, data, lang, edition, photos = line.recv()
        except (EOFError, OSError):
            return
        try:
            line.send(press.draw(kind, data, lang, edition, photos))
        except MemoryError:
            line.send(RenderError(f"drawing needs more than {settings.memory_mb} MB"))
            return
        except RenderError as known:
            line.send(known)
        except Exception as fault:  # noqa: BLE001 - told to the parent, which fails the Run with it
            line.send(RenderError(f"{type(fault).__name__}: {fault}"))
        gc.collect()


# ---- the parent's side
class _Child:
    """One warm child process and the line to it."""

    def __init__(self, settings: Settings) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["weasyprint", "eldercare.reporting.render"])
        self.line, theirs = context.Pipe()
        self.folder = tempfile.mkdtemp(prefix="report-press-")
        self.process = context.Process(target=_child, args=(theirs, settings, self.folder), daemon=True, name="report-press")
        self.process.start()
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
            raise RenderError(f"the drawing process died (exit {code}); {limit}") from None
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
        shutil.rmtree(self.folder, ignore_errors=True)


_idle: dict[Settings, list[_Child]] = {}
_lock = threading.Lock()


def configured() -> Settings:
    """Fonts and limits as the installation sets them; the defaults outside the application."""
    if not flask.has_app_context():
        return DEFAULTS
    config = flask.current_app.config
    return Settings(config["FONT_SERIF"], config["FONT_SANS"], config["REPORT_TIMEOUT_S"], config["REPORT_MEMORY_MB"])


def render(
    kind: str, data: Mapping[str, Any], lang: str, *, edition: int = 1, photos: Mapping[str, bytes] | None = None,
    settings: Settings | None = None,
) -> Rendered:
    """Draw a report in a child process, kept warm; RenderError with one clear line. `settings` None: as configured."""
    settings = settings or configured()
    report(kind)  # an unknown kind is refused here, not in a child
    with _lock:
        waiting = _idle.setdefault(settings, [])
        child = waiting.pop() if waiting else None
    if child is not None and not child.is_fit:
        child.end()
        child = None
    child = child or _Child(settings)
    try:
        rendered = child.draw(kind, dict(data), lang, edition, dict(photos or {}))
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
