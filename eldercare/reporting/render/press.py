"""HTML → PDF/A in the child process: the only importer of WeasyPrint."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import hashlib
import logging
import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eldercare.core import fonts
from eldercare.reporting.render import attached
from eldercare.reporting.render.pages import (
    BLANK,
    DEFAULTS,
    FIGURES,
    REPORTS,
    SANS,
    SERIF,
    VARIANT,
    Rendered,
    RenderError,
    Settings,
    canonical,
    context,
    fill,
    sheets,
    without_glyph,
)

KEEP_ENVIRON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_CACHE_HOME")
ENGINE_MB = 768  # what the chart engine reserves without using it
_FACE, _SMALL = "everyday:", {"serif": "Everyday Song", "sans": "Everyday Hei"}


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

        held = {f"{_FACE}{family}-{weight}": font for family, weight, font in everyday_fonts(settings)}
        self.weasyprint, self.settings, self.held = weasyprint, settings, held
        self.small = frozenset(url.removeprefix(_FACE).split("-")[0] for url in held)  # families that have an everyday font
        self.fetcher = OnlyReports(allowed_protocols=("file", "data", "everyday", "photo"), allow_redirects=False)
        self.fonts = FontConfiguration()
        self.faces = self._sheet("\n".join(  # once for every kind of report; WeasyPrint keeps what it fetched
            f'@font-face {{ font-family: "{_SMALL[name]}"; font-weight: {weight}; src: url("{url}") }}'
            for url in held
            for name, weight in [url.removeprefix(_FACE).split("-")]
        ))  # fmt: skip
        self.css: dict[str, list[Any]] = {}

    def _sheet(self, text: str) -> Any:
        return self.weasyprint.CSS(string=text, base_url=f"{REPORTS}/", url_fetcher=self.fetcher, font_config=self.fonts)

    def styles(self, kind: str) -> list[Any]:
        """A report's style sheets, parsed once, in the families that are set."""
        if kind not in self.css:
            texts = [path.read_text("utf-8") for path in sheets(kind) if path.exists()]
            self.css[kind] = [
                self._sheet(text.replace(f'"{SERIF}"', self.families("serif")).replace(f'"{SANS}"', self.families("sans")))
                for text in texts
            ]
        return [self.faces, *self.css[kind]]

    def _attach(self, name: str, data: bytes, at: datetime, relationship: str, description: str) -> Any:
        return self.weasyprint.Attachment(
            string=data, name=name, description=description, created=at, modified=at, relationship=relationship
        )

    def families(self, name: str) -> str:
        """The everyday font first, where there is one, and the whole family behind it for rare characters."""
        whole = f'"{getattr(self.settings, name)}"'
        return f'"{_SMALL[name]}", {whole}' if name in self.small else whole

    def draw(
        self, kind: str, data: Mapping[str, Any], lang: str, edition: int = 1,
        imprint: Mapping[str, Any] = MappingProxyType(BLANK),
        photos: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Rendered:
        """Figures to PDF/A-3a with the figures attached; a page shows `photos` as <img src="photo:SHA-256">."""
        self.held.clear()  # the photos of this job and of no other
        self.held.update({f"photo:{sha256}": photo for sha256, photo in photos.items()})
        sans = self.families("sans").replace('"', "")
        shown = context(kind, data, lang, edition, imprint)
        page = fill(kind, shown, chart_font=sans)
        if lost := without_glyph(page):
            names = ", ".join(f"U+{ord(char):04X}" for char in lost[:5])
            raise RenderError(f"no installed font can draw {names}: install a font that has it (Debian: fonts-hanazono)")
        cutoff = datetime.fromisoformat(data["cutoff_at"]).astimezone(UTC)
        os.environ["SOURCE_DATE_EPOCH"] = str(int(cutoff.timestamp()))
        files = [self._attach(FIGURES, canonical(data), cutoff, "Data", "The figures this report was drawn from")]
        if sections := shown.get("sections"):
            head = shown["w"]("csv_head").split("|")
            cells = attached.as_csv(sections, head)
            files.append(self._attach(attached.CSV, cells, cutoff, "Alternative", "The tables, cell by cell"))
            book = attached.as_xlsx(sections, shown["title"], cutoff)
            files.append(self._attach(attached.XLSX, book, cutoff, "Alternative", "The tables as a workbook"))
        with _complaints() as warnings:
            document = self.weasyprint.HTML(string=page, base_url=f"{REPORTS}/", url_fetcher=self.fetcher).render(
                font_config=self.fonts, stylesheets=self.styles(kind)
            )
            _claims_ua(document.metadata)
            pdf = document.write_pdf(pdf_variant=VARIANT, attachments=files)
        return Rendered(pdf, len(document.pages), hashlib.sha256(pdf).hexdigest(), tuple(warnings))


# WeasyPrint claims one standard; the pages keep to both (tests/reports/test_archivable.py), and PDF/A wants the words
# of the other explained (ISO 19005-3, 6.6.2.3)
_UA = b"""<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


def _claims_ua(metadata: Any) -> None:
    """Say in the metadata that the file keeps to PDF/UA-1 as well as to PDF/A-3a."""
    alone, end = metadata.generate_rdf_metadata, b"</rdf:RDF>"
    metadata.generate_rdf_metadata = lambda *standard: alone(*standard).replace(end, _UA + end)


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


def live_alone(settings: Settings, folder: str) -> None:
    """What every process that draws does first: no secrets, its own folder, limits."""
    tempfile.tempdir = folder  # the parent clears it away, however the child ends
    forget_secrets(os.environ)
    # RLIMIT_DATA, not RLIMIT_AS: the chart engine reserves gigabytes of addresses it never touches
    limit = (settings.memory_mb + ENGINE_MB) * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _give_back() -> None:
    """Hand freed memory back to the system: cutting the fonts leaves 80 MB that are never needed again, a long report as much."""
    with contextlib.suppress(OSError, AttributeError):  # another libc keeps it
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _end_with_parent() -> None:
    """A worker killed outright takes what draws for it along, in the middle of a page: another worker draws it anew."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)


def _child(line: Connection, settings: Settings, folder: str) -> None:
    """The child's life: take a job, draw, answer; ends when the parent hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to judge
    threading.Thread(target=_end_with_parent, daemon=True).start()
    live_alone(settings, folder)
    press = Press(settings)
    _give_back()
    gc.freeze()
    gc.disable()  # collected between jobs: 15 % faster
    while True:
        try:
            kind, data, lang, edition, imprint, photos = line.recv()
        except (EOFError, OSError):
            return
        try:
            line.send(press.draw(kind, data, lang, edition, imprint, photos))
        except MemoryError:
            line.send(RenderError(f"drawing needs more than {settings.memory_mb} MB"))
            return
        except RenderError as known:
            line.send(known)
        except Exception as fault:  # noqa: BLE001 - told to the parent, which fails the Run with it
            line.send(RenderError(f"{type(fault).__name__}: {fault}"))
        gc.collect()
        _give_back()
