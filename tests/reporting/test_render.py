"""The press: same figures, same bytes; a fetcher that opens nothing; a child that cannot take us down."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from eldercare.reporting import render

KIND = "facility-monthly"  # the quickest to draw


@pytest.fixture(scope="module", autouse=True)
def _children() -> Iterator[None]:
    yield
    render.close()


@pytest.fixture(scope="module")
def rendered() -> render.Rendered:
    return render.render(KIND, render.sample(KIND), "zh")


def hostile(text: str) -> dict[str, Any]:
    data = render.sample(KIND)
    data["facility"]["name"] = text
    data["place"]["zh"] = data["place"]["en"] = text
    for row in [*data["capacity"]["rows"], *data["licences"]["rows"]]:
        row["name" if "name" in row else "facility"] = text
    return data


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_the_same_figures_give_the_same_bytes_in_this_child_and_in_another(rendered: render.Rendered) -> None:
    again = render.render(KIND, dict(reversed(render.sample(KIND).items())), "zh")
    assert again.sha256 == rendered.sha256
    render.close()
    assert render.render(KIND, render.sample(KIND), "zh").pdf == rendered.pdf


def test_the_same_figures_give_the_same_bytes_in_another_program_on_another_day(rendered: render.Rendered) -> None:
    program = (
        "import sys; from eldercare.reporting import render\n"
        "if __name__ == '__main__':\n"
        f"    sys.stdout.write(render.render({KIND!r}, render.sample({KIND!r}), 'zh').sha256); render.close()\n"
    )
    environ = os.environ | {"PYTHONHASHSEED": "77", "TZ": "America/Lima", "LC_ALL": "C", "PYTHONPATH": str(render.ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environ, cwd="/", timeout=120
    )
    assert done.stdout == rendered.sha256


def test_the_drawing_order_does_not_show(rendered: render.Rendered) -> None:
    render.render("township-monthly", render.sample("township-monthly"), "en")
    assert render.render(KIND, render.sample(KIND), "zh").sha256 == rendered.sha256


def test_other_figures_language_or_edition_give_other_bytes(rendered: render.Rendered) -> None:
    others = {
        render.render(KIND, render.sample(KIND), "en").sha256,
        render.render(KIND, render.sample(KIND), "zh", edition=2).sha256,
        render.render(KIND, render.sample(KIND) | {"issued_on": "2026-11-02"}, "zh").sha256,
    }
    assert len(others | {rendered.sha256}) == 4


def test_it_is_tagged_pdf_a_with_the_figures_attached(rendered: render.Rendered) -> None:
    reader = pypdf.PdfReader(io.BytesIO(rendered.pdf))
    catalogue: Any = reader.trailer["/Root"]
    xmp = catalogue["/Metadata"].get_data().decode()
    assert 'pdfaid:part="3"' in xmp
    assert 'pdfaid:conformance="A"' in xmp or "<pdfaid:conformance>A" in xmp
    assert catalogue["/MarkInfo"]["/Marked"] is True or catalogue["/MarkInfo"]["/Marked"] == True  # noqa: E712
    assert catalogue["/Lang"] == "zh-CN"
    assert render.figures_of(rendered.pdf) == render.sample(KIND)
    assert rendered.pages == len(reader.pages)


def test_every_date_in_the_file_is_the_cutoff(rendered: render.Rendered) -> None:
    information = pypdf.PdfReader(io.BytesIO(rendered.pdf)).metadata
    assert information is not None
    assert information["/CreationDate"].startswith("D:20261101000000")
    assert information["/ModDate"] == information["/CreationDate"]


def test_qpdf_finds_nothing_wrong(rendered: render.Rendered, tmp_path: Path) -> None:
    if not shutil.which("qpdf"):
        pytest.skip("qpdf is not installed")
    (tmp_path / "report.pdf").write_bytes(rendered.pdf)
    done = subprocess.run(["qpdf", "--check", tmp_path / "report.pdf"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_font_is_embedded_as_a_subset(rendered: render.Rendered) -> None:
    reader = pypdf.PdfReader(io.BytesIO(rendered.pdf))
    fonts: dict[str, Any] = {}
    for page in reader.pages:
        resources: Any = page["/Resources"]
        fonts |= {name: font.get_object() for name, font in resources["/Font"].items()}
    assert fonts
    for font in fonts.values():
        inner = font["/DescendantFonts"][0].get_object()
        assert any(key.startswith("/FontFile") for key in inner["/FontDescriptor"].get_object())
        assert font["/BaseFont"][7] == "+"
        assert re.search("Everyday-(Song|Hei)|Noto", font["/BaseFont"])
        assert "/ToUnicode" in font


@pytest.mark.parametrize("rare", ["㛃", "𠮷", "䶮", "堃", "喆", "𪚥"])
def test_a_rare_ideograph_is_drawn_and_copied_out_whole_or_refused(rare: str) -> None:
    data = hostile(f"示例{rare}养老院")
    if render.without_glyph(rare):
        with pytest.raises(render.RenderError, match=f"U\\+{ord(rare):04X}"):
            render.render(KIND, data, "zh")
    else:
        assert f"示例{rare}养老院" in text_of(render.render(KIND, data, "zh").pdf)


def test_a_character_no_font_can_draw_fails_with_its_name() -> None:
    with pytest.raises(render.RenderError, match=r"U\+3FFFD"):
        render.render(KIND, hostile("示例\U0003fffd院"), "zh")


@pytest.mark.parametrize("text", [
    "<script>alert(1)</script>", '"><img src="file:///etc/passwd">', "<style>body{display:none}</style>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}", "<link rel=attachment href='file:///etc/hostname'>",
])  # fmt: skip
def test_hostile_text_stays_text(text: str) -> None:
    done = render.render(KIND, hostile(text), "zh")
    assert done.warnings == ()
    assert text.replace(" ", "")[:24] in text_of(done.pdf).replace(" ", "").replace("\n", "")
    assert list(pypdf.PdfReader(io.BytesIO(done.pdf)).attachments) == [render.FIGURES, "figures.csv", "figures.xlsx"]


@pytest.mark.parametrize("address", [
    "file:///etc/passwd", "http://127.0.0.1:9/x", "https://example.org/", "data:text/html,x", "ftp://127.0.0.1/",
    "file://{reports}/../config.py", "file://{reports}/_paper/words.yaml", "FILE:///etc/passwd", "file://localhost/etc/passwd",
    "file://{reports}/_paper/..%2f..%2fconfig.py", "data:image/png;base64,AAAA",
])  # fmt: skip
def test_the_fetcher_opens_nothing_but_our_sheets(address: str) -> None:
    press = render.Press()
    with pytest.raises(ValueError, match=r"outside its folder|disallowed|No such"):
        press.fetcher.fetch(address.format(reports=render.REPORTS))


def test_the_fetcher_opens_our_sheets() -> None:
    answer = render.Press().fetcher.fetch(f"file://{render.REPORTS}/_paper/base.css")
    assert b"@page" in answer.read()


def test_a_chart_cannot_reach_outside() -> None:
    press = render.Press()
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd" width="9" height="9"/></svg>'
    page = press.weasyprint.HTML(string=svg.replace("<svg", "<body><svg"), url_fetcher=press.fetcher)
    with render.press._complaints() as heard:
        page.write_pdf()
    assert any("opens nothing outside" in line for line in heard)


def test_a_child_that_takes_too_long_is_stopped() -> None:
    slow = render.Settings(timeout_s=0.05)
    with pytest.raises(render.RenderError, match=r"longer than 0\.05 s"):
        render.render(KIND, render.sample(KIND), "zh", settings=slow)
    assert not render._idle.get(slow)


def test_a_child_that_needs_too_much_memory_fails_with_a_clear_line() -> None:
    data = render.sample("monthly-oversight")
    data["residents"]["townships"] *= 3000
    tight = render.Settings(memory_mb=16, timeout_s=120)
    with pytest.raises(render.RenderError, match="16 MB"):
        render.render("monthly-oversight", data, "zh", settings=tight)


def test_a_child_that_dies_fails_its_job_and_the_next_goes_on(rendered: render.Rendered) -> None:
    waiting = render._idle[render.DEFAULTS]
    waiting[-1].process.kill()
    waiting[-1].process.join()
    assert render.render(KIND, render.sample(KIND), "zh").sha256 == rendered.sha256


def test_wrong_figures_fail_the_job_and_keep_the_next(rendered: render.Rendered) -> None:
    data = render.sample(KIND)
    del data["licences"]
    with pytest.raises(render.RenderError, match="licences"):
        render.render(KIND, data, "zh")
    assert render.render(KIND, render.sample(KIND), "zh").sha256 == rendered.sha256


def test_the_child_forgets_secrets_and_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "PII_KEY", "DATABASE_URL", "ELDERCARE_DEMO_PASSWORD"):
        monkeypatch.setenv(name, "not for the press")
    environ = dict(os.environ)
    render.forget_secrets(environ)
    assert set(environ) <= set(render.press.KEEP_ENVIRON)
    assert "PATH" in environ


def test_a_child_that_is_ended_is_gone() -> None:
    child = render._Child(render.DEFAULTS)
    child.draw(KIND, render.sample(KIND), "zh", 1, {}, {})
    child.end()
    assert not child.process.is_alive()


def test_an_unknown_kind_is_refused() -> None:
    for kind in ("nothing", "../config", "-paper", ""):
        with pytest.raises(render.RenderError, match="no report"):
            render.render(kind, {}, "zh")


def test_figures_are_read_only_from_our_own_papers() -> None:
    with pytest.raises(ValueError, match="not a PDF"):
        render.figures_of(b"%PDF-1.7 nothing")
    blank = io.BytesIO()
    writer = pypdf.PdfWriter()
    writer.add_blank_page(10, 10)
    writer.write(blank)
    with pytest.raises(ValueError, match="no figures"):
        render.figures_of(blank.getvalue())


def test_canonical_figures_do_not_depend_on_order() -> None:
    assert render.canonical({"b": 1, "a": {"d": 2, "c": "甲"}}) == render.canonical(json.loads('{"a": {"c": "甲", "d": 2}, "b": 1}'))
    with pytest.raises(ValueError, match="JSON"):
        render.canonical({"a": float("nan")})


def test_the_attached_tables_say_what_the_pages_say(rendered: render.Rendered) -> None:
    attached = pypdf.PdfReader(io.BytesIO(rendered.pdf)).attachments
    lines = attached["figures.csv"][0].decode("utf-8-sig").splitlines()
    assert len(lines) > 100
    shown = re.sub(r"\s", "", text_of(rendered.pdf))
    cells = list(csv.reader(lines[1:]))
    for part, heading, row, _, value in cells:
        assert re.sub(r"\s", "", part) in shown
        assert not value.startswith(("=", "+", "@")) or value[1:].replace(".", "").isdigit()
        assert not heading or re.sub(r"\s", "", heading) in shown, row
    book = CalamineWorkbook.from_filelike(io.BytesIO(attached["figures.xlsx"][0]))
    numbers = {cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row}
    home = render.sample(KIND)["capacity"]
    assert {float(home["beds_set"]), float(home["closing"])} <= numbers
    assert all(f"{int(float(value)):,}" in shown for *_, value in cells if value.isdigit())
