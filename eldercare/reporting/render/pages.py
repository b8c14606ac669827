"""Sealed figures → a finished HTML page with its charts inside; no WeasyPrint here."""

from __future__ import annotations

import base64
import hashlib
import importlib
import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import pypdf
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from eldercare.core import charts, fonts

ROOT = Path(__file__).resolve().parents[3]
REPORTS = ROOT / "reports"
SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
VARIANT = "pdf/a-3a"  # tagged, archivable, may carry the figures
FIGURES = "figures.json"
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
def grouped(code: str) -> str:
    """A check code as people read and type it: 8Y3K-0Q7D-…"""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def qr(text: str) -> str:
    """A text as a QR code, drawn in vectors: the address of an <img>. Level M stands a fold, a stamp, a poor copy."""
    import segno  # noqa: PLC0415 — only the drawing process needs it

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=0, omitsize=True, xmldecl=False, nl=False)
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()


@cache
def _templates(sans: str) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(REPORTS), autoescape=True, undefined=StrictUndefined, trim_blocks=True, auto_reload=False
    )

    def chart(spec: charts.Spec) -> str:
        return "data:image/svg+xml;base64," + base64.b64encode(charts.svg(spec, sans).encode()).decode()

    environment.filters.update(chart=chart, qr=qr, code=grouped)
    return environment


def sheets(kind: str) -> list[Path]:
    """A report's style sheets, the shared one first."""
    return [REPORTS / "_paper" / "base.css", REPORTS / kind.replace("-", "_") / "page.css"]


# what people add to the figures; nothing yet
BLANK: dict[str, Any] = {
    "code": "", "url": None, "state": "draft", "number": None, "texts": {}, "reviewed": None, "approved": None,
}  # fmt: skip


def context(kind: str, data: Mapping[str, Any], lang: str, edition: int, imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a report's page shows, in a language."""
    module = report(kind)
    words = importlib.import_module("reports._paper.words").Words(kind.replace("-", "_"), lang)
    mark, imprint = fingerprint(data), {**BLANK, **imprint}
    return {
        **module.context(data, words, mark, imprint), "w": words, "data": data, "edition": edition, "imprint": imprint,
        "fingerprint": mark, "template_version": module.TEMPLATE_VERSION,
    }  # fmt: skip


def html(
    kind: str, data: Mapping[str, Any], lang: str, *, edition: int = 1, imprint: Mapping[str, Any] = MappingProxyType(BLANK),
    chart_font: str = SANS, linked: bool = True,
) -> str:
    """The finished page with its charts inside; `linked`: naming its style sheets (base address: reports/)."""
    return fill(kind, context(kind, data, lang, edition, imprint), chart_font=chart_font, linked=linked)


def fill(kind: str, shown: Mapping[str, Any], *, chart_font: str = SANS, linked: bool = False) -> str:
    """The page made of a context."""
    named = [str(path.relative_to(REPORTS)) for path in sheets(kind)] if linked else []
    return _templates(chart_font).get_template(f"{kind.replace('-', '_')}/page.html").render(shown, linked=named)


def without_glyph(text: str) -> list[str]:
    """Characters that no installed font can draw (rare ideographs of CJK Extension B and on)."""
    return [char for char in sorted(set(text) - KNOWN) if not fonts.has_glyph(char)]
