"""Every report draws its sample in both languages to the kept text; page 1 stands alone; totals add up.

After a wanted change: raise TEMPLATE_VERSION, run with KEEP_TEXT=1, read the difference in git.
"""

import copy
import io
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pypdf
import pytest
from markupsafe import escape

from eldercare.core import calendar, charts
from eldercare.reporting import render
from reports._paper import compared, pictures, story, tables
from reports._paper.words import Words, _load

KINDS = [kind for kind in render.kinds() if render.report(kind).CADENCE == "monthly"]
BOTH = [(kind, lang) for kind in KINDS for lang in ("zh", "en")]
PERIODIC = [kind for kind in render.kinds() if render.report(kind).CADENCE in ("monthly", "quarterly", "annual", "request", "adhoc")]
SAME = ("quarterly-oversight", "annual-oversight", "ad-hoc")  # the month's parts and words: their English stands there
EVERY = [(kind, lang) for kind in PERIODIC for lang in ("zh", "en") if lang == "zh" or kind not in SAME]


@pytest.fixture(scope="module")
def drawn() -> Iterator[Any]:
    """Each report drawn once in the child: drawn(kind, lang) → Rendered."""
    made: dict[tuple[str, str], render.Rendered] = {}

    def draw(kind: str, lang: str) -> render.Rendered:
        if (kind, lang) not in made:
            made[kind, lang] = render.render(kind, render.sample(kind), lang)
        return made[kind, lang]

    yield draw
    render.close()


@cache
def pages_of(pdf: bytes) -> tuple[str, ...]:
    """What each page says, read once however many ask."""
    return tuple(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def text_of(pdf: bytes) -> str:
    lines = [line.strip() for page in pages_of(pdf) for line in [*page.splitlines(), "=" * 20]]
    return "\n".join(line for line in lines if line) + "\n"


def variant(kind: str, **changes: Any) -> dict[str, Any]:
    data = copy.deepcopy(render.sample(kind))
    return data | changes


def test_there_are_three_monthly_reports() -> None:
    assert KINDS == ["facility-monthly", "monthly-oversight", "township-monthly"]
    for kind in KINDS:
        module = render.report(kind)
        assert kind == module.KIND
        assert module.CADENCE == "monthly"
        assert set(module.TITLE) == {"zh", "en"}
        assert render.sample(kind)["kind"] == kind
        assert callable(module.collect)


@pytest.mark.parametrize(("kind", "lang"), EVERY)
def test_a_sample_is_drawn_to_the_kept_text(drawn: Any, kind: str, lang: str) -> None:
    rendered = drawn(kind, lang)
    assert rendered.warnings == ()
    kept = render.REPORTS / kind.replace("-", "_") / f"expected.{lang}.txt"
    text = text_of(rendered.pdf)
    if os.environ.get("KEEP_TEXT"):
        kept.write_text(text, "utf-8")
    assert text == kept.read_text("utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_one_of_the_oversight_report_stands_alone(drawn: Any, lang: str) -> None:
    first, second, third, fourth = (re.sub(r"\s", "", page) for page in pages_of(drawn("monthly-oversight", lang).pdf)[:4])
    words = Words("monthly_oversight", lang)
    assert re.sub(r"\s", "", words("full_title", place=words.place(render.sample("monthly-oversight")["place"]))) in first
    assert words("h_summary").replace(" ", "") in second
    assert words("h_decisions").replace(" ", "") in second
    assert "—1—" in second
    assert words("h_contents").replace(" ", "") in third
    assert words("h_key_figures").replace(" ", "") in fourth


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["facility-monthly", "township-monthly"])
def test_page_one_of_the_smaller_reports_says_what_is_to_be_done(drawn: Any, kind: str, lang: str) -> None:
    first, second = (re.sub(r"\s", "", page) for page in pages_of(drawn(kind, lang).pdf)[:2])
    words = Words(kind.replace("-", "_"), lang)
    for key in ("h_summary", "h_decisions"):
        assert words(key).replace(" ", "") in first
    assert words("h_key_figures").replace(" ", "") in second


@pytest.mark.parametrize(("kind", "lang"), EVERY)
def test_every_page_says_report_period_edition_cutoff_and_fingerprint(drawn: Any, kind: str, lang: str) -> None:
    data, words = render.sample(kind), Words(kind.replace("-", "_"), lang)
    wanted = [words("edition", n=1), words.month(data["period"]), words("cutoff", day=words.day(data["last_day"])), render.fingerprint(data)]
    for page in pages_of(drawn(kind, lang).pdf):
        text = re.sub(r"\s", "", page)
        for part in wanted:
            assert re.sub(r"\s", "", part) in text


def test_pages_are_a4_with_the_margins_of_the_standard(drawn: Any) -> None:
    reader = pypdf.PdfReader(io.BytesIO(drawn("monthly-oversight", "zh").pdf))
    sizes = {tuple(round(float(side) * 25.4 / 72) for side in page.mediabox[2:]) for page in reader.pages}
    assert sizes == {(210, 297), (297, 210)}
    sheet = (render.REPORTS / "_paper" / "base.css").read_text("utf-8")
    assert "margin: 37mm 26mm 35mm 28mm" in sheet
    assert "15.79pt/28.99pt" in sheet  # 28 characters in 156 mm, 22 lines in 225 mm


def test_both_languages_have_every_word() -> None:
    for kind in PERIODIC:
        for key, said in _load(kind.replace("-", "_")).items():
            assert {"zh", "en"} <= set(said), key
            holes = [set(re.findall(r"{(\w+)}", str(said[lang]))) for lang in ("zh", "en")]
            if key not in ("day", "month", "short_month", "d_expired", "d_over", "d_over_filed", "d_balance"):
                assert holes[0] == holes[1], key
            assert not re.search(r"[\u3400-\u9fff]", str(said["en"])), key


def test_the_sample_adds_up() -> None:
    for kind in KINDS:
        data = render.sample(kind)
        capacity = data["capacity"]
        for key in ("beds_filed", "beds_set", "beds_usable", "beds_nursing", "opening", "admissions", "closing"):
            assert capacity[key] == sum(row[key] for row in capacity["rows"])
            if capacity["townships"]:
                assert capacity[key] == sum(row[key] for row in capacity["townships"])
        assert capacity["opening"] + capacity["admissions"] - capacity["discharges"] - capacity["deaths"] == capacity["closing"]
        people = data["residents"]
        whole = sum(row["male"] + row["female"] for row in people["ages"])
        for part in ("ability", "household", "living"):
            if people[part]:
                assert sum(row["count"] for row in people[part]) == whole


def test_words_and_tables_come_from_the_same_numbers() -> None:
    data, words = render.sample("monthly-oversight"), Words("monthly_oversight", "zh")
    said = "".join(story.summary(data, words))
    for number in (42500, 2588, data["capacity"]["closing"], data["capacity"]["admissions"], 1200):
        assert f"{number:,}" in said


def test_a_missing_previous_value_is_a_dash_and_never_zero() -> None:
    words = Words("monthly_oversight", "zh")
    assert words.change({"n": 5}, None) == "—"
    assert words.change({"n": 5, "of": 0}, {"n": 5, "of": 10}) == "—"
    assert words.figure({"n": 0, "of": 0}) == "—"
    assert words.figure(None) == "—"
    assert words.change({"n": 62, "of": 100}, {"n": 61, "of": 100}) == "+1.0百分点"
    assert words.moved({"n": 61, "of": 100}, {"n": 62, "of": 100}) == "下降1.0个百分点"
    assert words.change({"n": 3}, {"n": 5}) == "−2"


def test_a_rate_over_a_hundred_is_shown_and_asked_about() -> None:
    data, words = render.sample("monthly-oversight"), Words("monthly_oversight", "zh")
    over = [row["name"] for row in data["capacity"]["rows"] if row["closing"] > row["beds_set"]]
    assert over
    words.numbers = {"licences": 5}
    assert any(over[0] in said for _, said in story.decisions(data, words))
    assert any("105.0%" in cell for row in tables.institutions(data, words)["rows"] for cell in row)


def test_movements_that_do_not_add_up_are_said() -> None:
    data, words = variant("monthly-oversight"), Words("monthly_oversight", "zh")
    data["capacity"]["rows"][2]["opening"] += 3
    words.numbers = {"licences": 5}
    assert any("不平，相差3人" in said for _, said in story.decisions(data, words))
    assert "不平" not in story.balance(data["capacity"], words)
    data["capacity"]["opening"] += 3
    assert "不平，相差3人" in story.balance(data["capacity"], words)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_township_without_institutions_has_its_report(lang: str) -> None:
    data = variant("township-monthly")
    data["capacity"] |= {key: 0 for key, value in data["capacity"].items() if isinstance(value, int)}
    data["capacity"]["rows"] = []
    data["trend"] = [row | {"beds_set": 0, "beds_usable": 0, "occupied": 0} for row in data["trend"]]
    data["indicators"] = [row for row in data["indicators"] if row["key"] in ("elders", "advanced", "family_beds", "licences_expired")]
    data["licences"] |= {"rows": [], "expired": 0, "within_7": 0, "within_30": 0, "within_90": 0}
    data["canteens"] |= {"rows": [], "total": 0, "seats": 0}
    data["parts"] = [key for key in data["parts"] if key != "ranking"]
    page = render.html("township-monthly", data, lang)
    assert str(escape(Words("township_monthly", lang)("d_none"))) in page


@pytest.mark.parametrize("kind", ["canteen", "village_station", "township_center", "home_care_org"])
def test_a_facility_that_is_no_institution_has_what_applies(kind: str) -> None:
    data = variant("facility-monthly", trend=[], service=[{"key": "seats", "value": 60}])
    del data["capacity"], data["residents"]
    data["parts"] = ["summary", "key_figures", "service", "licences", "incidents", "definitions"]
    data["facility"] |= {"facility_type": kind, "ownership": None, "stationed": False}
    data["indicators"] = [row for row in data["indicators"] if row["key"] == "licences_expired"]
    page = render.html("facility-monthly", data, "zh")
    assert "餐位（个）" in page
    assert "入住率" not in page


def test_the_first_month_has_nothing_to_compare_with() -> None:
    data = variant("monthly-oversight")
    data["indicators"] = [row | {"previous": None, "year_ago": None} for row in data["indicators"]]
    data["trend"] = data["trend"][-1:]
    page = render.html("monthly-oversight", data, "zh")
    assert "无上期可比" in page
    assert pictures.trend(data, Words("monthly_oversight", "zh")) is None


def test_a_chart_is_the_same_in_any_order_of_drawing() -> None:
    spec = charts.bars([("甲", 3, "3"), ("乙", None, "—")], mark=(2, "目标 2"))
    other = charts.trend(["1月", "2月"], {"甲": [1, None]})
    first = charts.svg(spec)
    charts.svg(other)
    assert charts.svg(spec) == first
    assert "Noto Sans CJK SC" in first
    assert json.loads(json.dumps(spec)) == spec


def test_bars_start_at_zero_and_labels_keep_apart() -> None:
    spec = charts.bars([("甲", 90, "90%")])
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"][0] == 0
    ends = charts.trend(["1月", "2月"], {"甲": [60, 62.0], "乙": [60, 62.1]}, height=100)["layer"][4]["data"]["values"]
    low, high = sorted(end["y"] for end in ends)
    assert high - low > 0.2


def test_spans_are_named_with_room_and_their_year_where_it_begins() -> None:
    def said(last: str, count: int, lang: str) -> list[str]:
        period = calendar.period(last)
        return compared.labels([str(period.plus(n)) for n in range(1 - count, 1)], Words("ad_hoc", lang))

    assert said("2026-08--2026-10", 3, "zh") == ["2—4月\n2026年", "5—7月", "8—10月"]
    assert said("2026-08--2026-10", 3, "en") == ["Feb–Apr\n2026", "May–Jul", "Aug–Oct"]
    assert said("2026-01--2026-03", 3, "zh") == ["7—9月\n2025年", "10—12月", "1—3月\n2026年"]
    assert said("2025-11--2026-10", 2, "zh") == ["2024.11\n—2025.10", "2025.11\n—2026.10"]
    many = said("2026-08--2026-10", 13, "zh")
    assert [many[0], *many[-3:]] == ["8—10月\n2023年", "2—4月\n2026年", "", "8—10月"]


@pytest.mark.parametrize(("period", "once"), [
    ("2025-11--2026-10", True), ("2026", True), ("2026-08--2026-10", False), ("2026-10", False), ("2026Q3", False),
])  # fmt: skip
def test_twelve_months_are_compared_with_the_year_before_once(period: str, once: bool) -> None:
    words, data = Words("ad_hoc", "zh"), variant("monthly-oversight", period=period)
    shown = [tables.indicators(data, words), compared.table(data, words, data["incidents"]["times"], [("ic_total", "total", None)])]
    for each in shown:
        assert any("同比" in head for head in each["head"]) is not once
        assert {len(row) for row in each["rows"]} == {len(each["head"])}
