"""What a report was drawn with, kept so that it can be drawn again years later: templates, code, engine, fonts.

`key()` names the drawing tools as they are now; `bundle()` is a zip of the code and templates, the same bytes each time;
`draw_with()` draws by a bundle of old in a process of its own.
"""

from __future__ import annotations

import base64
import ctypes
import hashlib
import importlib.metadata
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pypdf

from eldercare.core import fonts
from eldercare.reporting.render import folders
from eldercare.reporting.render.pages import REPORTS, ROOT, Rendered, RenderError, Settings, canonical

ENGINE = ("weasyprint", "pydyf", "fonttools", "vl-convert-python", "jinja2", "segno", "xlsxwriter")
_LIBRARIES = {"libpango-1.0.so.0": "pango_version_string", "libharfbuzz-subset.so.0": "hb_version_string"}  # the system's own
_SOURCES = (".py", ".html", ".css", ".yaml")
# what of ours puts a mark on the page beside `reports/` (tests/reporting/test_tools.py finds one that is missing here)
DRAWING = ("eldercare/reporting/render", *(f"eldercare/core/{name}.py" for name in ("chartmap", "charts", "fonts", "sheets")))


def _files(*tops: Path) -> Iterator[Path]:
    for top in tops:
        found = [top] if top.is_file() else top.rglob("*")
        yield from sorted(path for path in found if path.suffix in _SOURCES and "static" not in path.parts)


@cache
def engine(settings: Settings) -> dict[str, str]:
    """The engine and the fonts as installed: {name: version or the start of a font file's SHA-256}."""
    found = {name: importlib.metadata.version(name) for name in ENGINE}
    for library, asked in _LIBRARIES.items():
        found[library] = _version(library, asked)
    for family in (settings.serif, settings.sans):
        at = fonts.installed(family, bold=False)
        found[family] = hashlib.sha256(Path(at[0]).read_bytes()).hexdigest()[:16] if at else ""
    return found


def _version(library: str, asked: str) -> str:
    """What a system library calls itself; empty where it is not there."""
    try:
        version = getattr(ctypes.CDLL(library), asked)
    except (OSError, AttributeError):
        return ""
    version.restype = ctypes.c_char_p
    return str(version().decode())


@cache
def key(settings: Settings) -> str:
    """SHA-256 over whatever decides what a page looks like."""
    digest = hashlib.sha256(canonical(engine(settings)))
    for path in _files(REPORTS, *(ROOT / each for each in DRAWING)):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def bundle() -> bytes:
    """Templates and code in one zip; the same tree gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(REPORTS, ROOT / "eldercare", ROOT / "config.py", ROOT / "environ.py"):
            entry = zipfile.ZipInfo(str(path.relative_to(ROOT)))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return out.getvalue()


def draw_with(kept: bytes, settings: Settings, job: Mapping[str, Any], photos: Mapping[str, bytes]) -> Rendered:
    """Draw by a bundle of old; `job`: kind, data, lang, edition, imprint. RenderError with one clear line."""
    told = {
        **job, "photos": {name: base64.b64encode(photo).decode() for name, photo in photos.items()},
        "settings": [settings.serif, settings.sans, settings.timeout_s, settings.memory_mb],
    }  # fmt: skip
    with folders.folder() as folder:
        with zipfile.ZipFile(io.BytesIO(kept)) as archive:
            archive.extractall(folder)
        environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        tied = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []  # it does not outlive who asked
        command = [*tied, sys.executable, "-m", "eldercare.reporting.render"]
        try:
            done = subprocess.run(
                command, input=json.dumps(told).encode(), cwd=folder, env=environ | {"PYTHONPATH": folder, "TMPDIR": folder},
                capture_output=True, timeout=settings.timeout_s + 60, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise RenderError(f"drawing with the tools of then took longer than {settings.timeout_s:g} s") from None
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
        raise RenderError(f"the tools this report was drawn with do not run here any more: {last[0][:200]}")
    pages = len(pypdf.PdfReader(io.BytesIO(done.stdout)).pages)
    return Rendered(done.stdout, pages, hashlib.sha256(done.stdout).hexdigest())
