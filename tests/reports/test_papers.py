"""Papers about one row draw their samples in both languages to the kept text; a signature and a photo are on the page.

After a wanted change: raise TEMPLATE_VERSION, run with KEEP_TEXT=1, read the difference in git.
"""

import copy
import hashlib
import io
import os
import re
from collections.abc import Iterator

import pypdf
import pytest
from PIL import Image

from eldercare.reporting import render
from reports._paper import paper
from reports._paper.words import Words, _load
from tests.reports.test_reports import text_of

KINDS = [kind for kind in render.kinds() if render.report(kind).CADENCE in ("paper", "event")]
BOTH = [(kind, lang) for kind in KINDS for lang in ("zh", "en")]


@pytest.fixture(scope="module", autouse=True)
def _press() -> Iterator[None]:
    yield
    render.close()


def photo() -> tuple[str, bytes]:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (10, 120, 200)).save(out, "JPEG")
    return hashlib.sha256(out.getvalue()).hexdigest(), out.getvalue()


def test_there_are_four_papers_and_a_brief() -> None:
    assert KINDS == ["incident-brief", "inspection-notice", "inspection-record", "recheck-record", "rectification-order"]
    for kind in KINDS:
        module = render.report(kind)
        assert kind == module.KIND
        assert module.ENTITY in {"incident", "visit", "hazard", "rectification_order"}
        assert set(module.TITLE) == {"zh", "en"}


@pytest.mark.parametrize(("kind", "lang"), BOTH)
def test_a_sample_is_drawn_to_the_kept_text(kind: str, lang: str) -> None:
    rendered = render.render(kind, render.sample(kind), lang)
    assert rendered.warnings == ()
    kept = render.REPORTS / kind.replace("-", "_") / f"expected.{lang}.txt"
    text = text_of(rendered.pdf)
    if os.environ.get("KEEP_TEXT"):
        kept.write_text(text, "utf-8")
    assert text == kept.read_text("utf-8")
    for page in text.split("=" * 20)[:-1]:
        assert render.fingerprint(render.sample(kind)) in page


def test_both_languages_have_every_word() -> None:
    for kind in KINDS:
        for key, said in _load(kind.replace("-", "_")).items():
            assert {"zh", "en"} <= set(said), key
            assert not re.search(r"[\u3400-\u9fff]", str(said["en"])), key


def test_a_photo_stands_on_the_page_and_the_bytes_are_the_same_again() -> None:
    data = copy.deepcopy(render.sample("inspection-record"))
    sha256, jpeg = photo()
    data["findings"][0]["photos"] = [{"sha256": sha256, "taken_at": "2026-11-20T09:40:00+08:00"}]
    data["photos"] = [sha256]
    first = render.render("inspection-record", data, "zh", photos={sha256: jpeg})
    pictures = [image for page in pypdf.PdfReader(io.BytesIO(first.pdf)).pages for image in page.images]
    assert {image.image.size for image in pictures if image.image} == {(640, 480)}
    assert "2026年11月20日09:40" in re.sub(r"\s", "", text_of(first.pdf))
    render.close()  # another process, as years later
    assert render.render("inspection-record", data, "zh", photos={sha256: jpeg}).sha256 == first.sha256


def test_a_paper_shows_no_photo_of_the_job_before_it() -> None:
    data = copy.deepcopy(render.sample("inspection-record"))
    sha256, jpeg = photo()
    data["findings"][0]["photos"] = [{"sha256": sha256, "taken_at": None}]
    render.render("inspection-record", data, "zh", photos={sha256: jpeg})
    without = render.render("inspection-record", data, "zh")
    assert not [image for page in pypdf.PdfReader(io.BytesIO(without.pdf)).pages for image in page.images]
    assert without.warnings


def test_a_refused_signature_says_why_and_a_draft_says_it_is_one() -> None:
    data = copy.deepcopy(render.sample("inspection-record"))
    assert "拒绝签字：对问题认定有异议" in re.sub(r"\s", "", text_of(render.render("inspection-record", data, "zh").pdf))
    data |= {"draft": True, "record": data["record"] | {"sha256": None, "ended_at": None, "received_at": None}}
    for page in text_of(render.render("inspection-record", data, "zh").pdf).split("=" * 20)[:-1]:
        assert "草稿" in page


def test_strokes_become_lines_and_nothing_drawn_no_picture() -> None:
    assert paper.stroke_picture(None) is None
    assert paper.stroke_picture({"w": 10, "h": 10, "lines": []}) is None
    assert paper.stroke_picture({"w": 300, "h": 100, "lines": [[[1, 2], [3, 4]], [[5, 6]]]})


def test_a_withdrawn_order_says_so() -> None:
    data = copy.deepcopy(render.sample("rectification-order"))
    data["order"]["withdrawn"] = {"at": "2026-11-22T10:00:00+08:00", "by": "示例", "reason": "示例理由"}
    words = Words("rectification_order", "zh")
    assert words("withdrawn", day="2026年11月22日", reason="示例理由") in render.html("rectification-order", data, "zh")


def test_a_moment_is_told_in_the_time_of_the_district_whoever_wrote_it() -> None:
    words = Words("inspection_record", "zh")
    assert words.moment("2026-11-25T14:05:00+08:00") == words.moment("2026-11-25T06:05:00.123Z") == "2026\u5e7411\u670825\u65e5 14:05"
    assert words.moment("2026-11-25T16:30:00Z").endswith("26\u65e5 00:30")


def test_a_record_says_who_was_met_and_not_well() -> None:
    data = render.sample("inspection-record")
    data["residents"] = [{"name": "\u5f20*", "seen": True, "result": "concern", "note": ""}, {"name": "\u674e*", "seen": True, "note": ""}]
    said = render.report("inspection-record").context(data, Words("inspection_record", "zh"), "", {})["residents"]
    assert "\u53d1\u73b0\u95ee\u9898" in said[0]
    assert "\u53d1\u73b0\u95ee\u9898" not in said[1]
