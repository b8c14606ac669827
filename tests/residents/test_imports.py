"""Lists of older people: recognised by meaning, and checked row by row."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eldercare.core import sheets
from eldercare.core.errors import Refused
from eldercare.core.placenames import PlaceNames, TownshipNames
from eldercare.residents.intake.imports import Checker, recogniser
from eldercare.residents.intake.models import FAULTS, NOTICES, place_tails, words
from eldercare.residents.intake.queries import open_list
from tests.residents.lists import HEADINGS, book, number, person

TODAY = date(2026, 11, 24)
UNITS = yaml.safe_load(Path("eldercare/facilities/data/townships.yaml").read_text("utf-8"))
UNITS = UNITS if isinstance(UNITS, list) else UNITS["townships"]
TOWNS = [
    TownshipNames(n, unit["code"], unit["name"], (unit["short_name"], unit["name_en"], *unit.get("former_names", ())))
    for n, unit in enumerate(UNITS, 1)
]
NAMES = {town.name: town.id for town in TOWNS}


def places(reach=None, villages=()):
    return PlaceNames(TOWNS, villages, place_tails(), reach)


def checked(data, reach=None, villages=(), most=200_000):
    with sheets.read(data) as opened:
        found = open_list(opened, "list.xlsx")
        rows = list(found.checked(places(reach, villages), TODAY, most))
        return found, rows


def one(headings, row, **more):
    """The one row of a list with these headings."""
    _found, rows = checked(book([row], headings), **more)
    assert len(rows) == 1
    return rows[0]


def fields(headings, *samples):
    found = recogniser().recognise([headings, *samples])
    return {} if found is None else found.index_of()


# ---- headings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("公民身份号码", "id_number"), ("身份证号码（必填）", "id_number"), ("*证件号码", "id_number"), ("身 份 证 号", "id_number"),
        ("本人电话", "phone"), ("手机号码:", "phone"), ("联系方式", "phone"), ("所属镇街", "township"), ("乡镇(街道)", "township"),
        ("镇（街道）", "township"), ("村（社区）", "village"), ("所在村居", "village"), ("村/社区", "village"), ("家庭住址（详细到门牌号）", "address"),
        ("现居住地址", "address"), ("户籍地址", "hukou_address"), ("户口性质", "hukou_type"), ("困难类型", "household_type"),
        ("居住情况", "living_arrangement"), ("失能等级", "ability_level"), ("生活自理能力", "ability_level"), ("评估日期", "assessed_on"),
        ("是否失智", "dementia"), ("残疾人证号", "disability_cert"), ("紧急联系人姓名", "contact_name"), ("家属联系电话", "contact_phone"),
        ("紧急联系人手机号码", "contact_phone"), ("与老人关系", "contact_relation"), ("监护人姓名", "guardian_name"), ("监护人联系电话", "guardian_phone"),
        ("开户银行", "bank_name"), ("银行卡号", "bank_account"), ("社会保障卡号", "social_card_no"), ("出生年月日", "birth_date"),
        ("建档日期", "registered_on"), ("1、民族", "ethnicity"), ("患慢性病情况", "chronic_diseases"),
    ],
)
def test_a_heading_is_known_by_its_meaning(heading, field):
    found = fields(["姓名", heading, "证件号"] if field != "id_number" else ["姓名", heading])
    assert found.get(field) == 1


@pytest.mark.parametrize("heading", ["监护人身份证号", "低保证号", "老年证号", "户主姓名", "经办人电话", "审核意见", "村书记电话", "镇街审核人", "年龄", "序号"])
def test_a_heading_of_something_else_is_not_taken(heading):
    found = fields(["姓名", "身份证号", "镇街", "联系电话", "村居", heading])
    assert set(found) - {"unneeded"} == {"name", "id_number", "township", "phone", "village"}
    assert found["name"] == 0
    assert found["id_number"] == 1


def test_order_and_title_do_not_matter():
    row = ["环秀街道", "示例村", number(), "13800001234", "示例老人"]
    found, rows = checked(book([row], ["街道", "社区", "身份证", "电话", "老人姓名"]))
    assert found.headings.row == 2
    assert rows[0].record["name"] == "示例老人"
    assert rows[0].record["township_id"] == NAMES["环秀街道"]


def test_headings_over_two_rows():
    upper = ["序号", "老年人基本信息", "", "", "紧急联系人", "", "", "住址"]
    lower = ["", "姓名", "身份证号", "镇街", "姓名", "关系", "电话", ""]
    found = recogniser().recognise([["某某登记表"], upper, lower, [1.0, "示例", number(), "环秀街道", "某", "子", "13800001234", "某村"]])
    assert (found.row, found.depth) == (1, 2)
    wanted = {"name": 1, "id_number": 2, "township": 3, "contact_name": 4, "contact_relation": 5, "contact_phone": 6, "address": 7}
    assert {key: value for key, value in found.index_of().items() if key != "unneeded"} == wanted


def test_a_plain_telephone_beside_the_contact_is_the_contacts():
    assert fields(["姓名", "身份证号", "联系电话", "紧急联系人", "电话"]) == {
        "name": 0, "id_number": 1, "phone": 2, "contact_name": 3, "contact_phone": 4
    }
    assert fields(["姓名", "身份证号", "联系人", "联系电话"])["contact_phone"] == 3


def test_what_stands_in_a_column_decides_where_the_heading_does_not():
    kinds = [["示例", number(), word] for word in ("普通", "低保", "特困")]
    types = [["示例", number(), word] for word in ("农业", "城镇", "农业")]
    assert "household_type" in fields(["姓名", "身份证号", "户籍类别"], *kinds)
    assert "hukou_type" in fields(["姓名", "身份证号", "户籍类别"], *types)
    assert fields(["姓名", "编码信息", "镇街"], *[["示例", number(), "环秀街道"] for _ in range(3)])["id_number"] == 1


def test_no_usable_heading_is_refused():
    for rows in ([["甲", "乙"], ["1", "2"]], [["姓名", "电话"], ["示例", "13800001234"]]):
        with pytest.raises(Refused) as refused:
            checked(book(rows[1:], rows[0], title="", total=False))
        assert refused.value.code == "intake.no_heading"


def test_text_that_calls_itself_a_workbook_is_no_workbook():
    with pytest.raises(Refused) as refused:
        checked(b"this is not a workbook")
    assert refused.value.code == "sheet.not_a_workbook"


# ---- rows ---------------------------------------------------------------------------------------


def test_titles_totals_notes_and_blank_lines_are_not_people():
    rows = [
        person(), [], ["", "", "", "", "", "", "", ""], [2.0], ["小计", "1人"], HEADINGS, person(serial=2.0), ["注:此表由示例单位填写"],
        ["填表人:", "示例", "", "审核人:", "示例"], ["合计", "", "", "2"], ["", "共2人"],
    ]
    found, kept = checked(book(rows))
    assert found.read == len(kept) == 2
    assert all(row.record for row in kept)
    assert [row.number for row in kept] == [4, 10]


def test_a_row_is_repaired_silently():
    plain = number("19450517", "男")
    spoilt = " " + "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c.lower() for c in plain[:9]) + "\u3000" + plain[9:].lower() + "\xa0"
    row = one(HEADINGS, person(sex="男", id_number=spoilt, name=" 王 秀　英 ", township="环 秀 街道", phone=13800001234.0))
    assert not row.faults
    assert not row.notices
    assert row.record["id_number"] == plain
    assert row.record["name"] == "王秀英"
    assert row.record["phone"] == "13800001234"
    assert row.record["sex"] == "male"
    assert row.record["birth_date"] == date(1945, 5, 17)


def wrong_digit():
    good = number()
    return good[:17] + ("0" if good[17] != "0" else "1")


@pytest.mark.parametrize(
    ("values", "code", "column"),
    [
        ({"name": ""}, "name.missing", 1), ({"name": "无"}, "name.missing", 1), ({"id_number": ""}, "id_number.missing", 3),
        ({"id_number": wrong_digit()}, "id_number.check_digit", 3), ({"id_number": number()[:17]}, "id_number.length", 3),
        ({"id_number": "370299450517002"}, "id_number.length", 3), ({"id_number": 370299194505170021.0}, "id_number.as_number", 3),
        ({"id_number": "37029919451317002X"}, "id_number.birth_date", 3), ({"id_number": "3702991945O517002X"}, "id_number.signs", 3),
        ({"township": "灵山卫街道"}, "township.unknown", 5), ({"township": ""}, "township.missing", 5),
        ({"sex": "男", "id_number": number(sex="女")}, "sex.contradicts", 2),
    ],
)
def test_a_row_is_refused_with_its_cell(values, code, column):
    row = one(HEADINGS, person(**values), villages=()) if values.get("township") != "" else one(
        HEADINGS, person(**values, address="某处", village="某村")
    )
    assert row.record is None
    assert [(fault.code, fault.column) for fault in row.faults] == [(code, column)]


def test_every_fault_of_a_row_is_told_at_once():
    row = one(HEADINGS, person(name="", township="不存在镇", id_number=wrong_digit()))
    assert {fault.code for fault in row.faults} == {"name.missing", "township.unknown", "id_number.check_digit"}


def test_the_later_of_two_rows_with_one_number_is_refused():
    same = number()
    found, rows = checked(book([person(id_number=same, name=""), person(id_number=same), person(id_number=same.lower())]))
    assert [row.record is not None for row in rows] == [False, True, False]
    assert rows[2].faults[0].code == "id_number.twice"
    assert rows[2].faults[0].details == {"row": 5}
    assert found.reason(rows[2]).startswith("D6 ")


def test_kept_as_they_are():
    row = one(HEADINGS, person(name="康𣇄", address='=HYPERLINK("http://x.invalid")', village="示例村"))
    assert row.record["name"] == "康𣇄"
    assert row.record["address"].startswith("=HYPERLINK")
    assert row.record["village_name"] == "示例村"


@pytest.mark.parametrize(
    ("written", "born", "source", "notice"),
    [
        ("", date(1945, 5, 17), "id_number", None), ("1945-05-17", date(1945, 5, 17), "id_number", None),
        ("1945年5月17日", date(1945, 5, 17), "id_number", None), ("1945.05", date(1945, 5, 17), "id_number", None),
        (16574.0, date(1945, 5, 17), "id_number", None), ("45-5-17", date(1945, 5, 17), "id_number", "birth_date.unread"),
        ("2045-05-17", date(1945, 5, 17), "id_number", "birth_date.unread"),
        ("1944-12-01", date(1944, 12, 1), "entered", "birth_date.differs"),
    ],
)
def test_the_date_of_birth(written, born, source, notice):
    row = one([*HEADINGS, "出生日期"], [*person(), written])
    assert (row.record["birth_date"], row.record["birth_date_source"]) == (born, source)
    assert [found.code for found in row.notices] == ([notice] if notice else [])


def test_words_of_closed_columns():
    headings = [*HEADINGS, "家庭类型", "居住状况", "能力等级", "是否失智", "慢性病", "户口性质"]
    row = one(headings, [*person(), "低保、重度残疾", "与配偶同住", "中度失能", "否", "高血压、糖尿病，耳鸣", "非农业"])
    assert {key: row.record[key] for key in ("household_type", "living_arrangement", "ability_level", "dementia", "hukou_type")} == {
        "household_type": "subsistence_allowance", "living_arrangement": "empty_nest", "ability_level": 2, "dementia": False,
        "hukou_type": "urban",
    }
    assert row.record["chronic_diseases"] == ["I10", "E11", "耳鸣"]


def test_old_ability_words_are_not_turned_into_levels():
    row = one([*HEADINGS, "失能等级"], [*person(), "半失能"])
    assert "ability_level" not in row.record
    assert row.record["care_level"] == "半失能"
    assert [notice.code for notice in row.notices] == ["ability.old_word"]


def test_cells_that_cannot_be_read_are_left_out_and_told():
    headings = [*HEADINGS, "家庭类型", "评估日期", "评估分数"]
    row = one(headings, [*person(phone="见备注"), "甲类", "前年", "120"])
    assert {"phone", "household_type", "assessed_on", "ability_score"}.isdisjoint(row.record)
    assert {notice.code for notice in row.notices} == {"phone.unread", "word.unknown", "date.unread", "score.out_of_range"}


def test_an_officer_imports_into_the_own_township_alone():
    mine = NAMES["环秀街道"]
    assert one(HEADINGS, person("灵山街道"), reach={mine}).faults[0].code == "township.not_yours"
    assert one(HEADINGS, person("环秀街道"), reach={mine}).record
    default = one(["姓名", "身份证号"], ["示例", number()], reach={mine})
    assert default.record["township_id"] == mine
    assert default.notices[0].code == "township.default"


def test_the_township_may_stand_before_the_village():
    row = one(["姓名", "身份证号", "村居"], ["示例", number(), "环秀街道示例社区"], villages=[(7, NAMES["环秀街道"], "示例社区")])
    assert (row.record["township_id"], row.record["village_id"]) == (NAMES["环秀街道"], 7)


def test_other_documents_need_sex_and_birth():
    headings = [*HEADINGS, "证件类型", "出生日期"]
    row = one(headings, [*person(id_number="H1234567800", sex="男"), "港澳居民来往内地通行证", "1945-05-17"])
    assert row.record["id_type"] == "hk_macao_permit"
    assert row.record["birth_date_source"] == "entered"
    bad = one(headings, [*person(id_number="H1234567800", sex=""), "港澳居民来往内地通行证", ""])
    assert {fault.code for fault in bad.faults} == {"sex.missing", "birth_date.missing"}


def test_deaths_are_not_taken_from_a_list():
    row = one([*HEADINGS, "状态"], [*person(), "死亡"])
    assert row.faults[0].code == "state.not_here"
    assert one([*HEADINGS, "状态"], [*person(), "正常"]).record


def test_too_many_rows_are_refused():
    with pytest.raises(Refused) as refused:
        checked(book([person() for _ in range(6)]), most=5)
    assert refused.value.code == "intake.too_many_rows"


def test_old_binary_workbooks_are_read():
    _found, rows = checked(Path("tests/residents/data/list.xls").read_bytes())
    assert len(rows) == 20
    assert all(row.record and not row.notices for row in rows)


@settings(max_examples=25)
@given(st.lists(st.lists(st.one_of(st.text(max_size=12), st.floats(-1e18, 1e18)), min_size=8, max_size=8), max_size=5))
def test_no_cell_breaks_a_check(rows):
    checker = Checker(recogniser().recognise([HEADINGS]), places(), TODAY)
    for at, row in enumerate(rows):
        if checker.is_data(row):
            result = checker.check(at, row)
            assert (result.record is None) == bool(result.faults)


def test_every_word_of_the_catalogue_is_said_once():
    assert not set(FAULTS) & set(NOTICES)
    for name, table in words()["values"].items():
        listed = [word for spoken in table.values() for word in spoken]
        assert len(listed) == len(set(listed)), name


SAMPLES = Path(os.environ.get("ELDERCARE_SAMPLES", "../shared/samples"))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample workbooks are not beside the repository")
@pytest.mark.parametrize("name", ["clean", "dirty", "update"])
def test_the_sample_workbooks_give_their_counts(name):
    wanted = json.loads((SAMPLES / "expected.json").read_text())["update_after_clean" if name == "update" else name]
    found, rows = checked((SAMPLES / f"{name}.xlsx").read_bytes())
    assert found.read == wanted["read"]
    assert sum(row.record is None for row in rows) == wanted["rejected"]


def test_relations_and_ethnic_groups_become_codes_and_other_words_stay():
    headings = [*HEADINGS, "民族", "紧急联系人", "与老人关系", "紧急联系人电话"]
    row = one(headings, [*person(), "满族", "示例联系人", "长 子", "10000001234"])
    assert (row.record["ethnicity"], row.record["contact_relation"]) == ("MA", "son")
    row = one(headings, [*person(), "某某人", "示例联系人", "房东", "10000001234"])
    assert (row.record["ethnicity"], row.record["contact_relation"]) == ("某某人", "房东")
