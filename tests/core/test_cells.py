"""What people type into cells, and what it means."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.core.cells import WordTable, clean_name, clean_number, clean_phone, clean_text, read_date, squeeze
from eldercare.core.placenames import PlaceNames, Tails, TownshipNames

ANYTHING = st.one_of(st.text(), st.floats(allow_nan=True), st.booleans(), st.none(), st.integers())


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("1950年3月1日", date(1950, 3, 1)), ("1950/03/01", date(1950, 3, 1)), ("1950-3-1", date(1950, 3, 1)),
        ("1950.3.1", date(1950, 3, 1)), ("19500301", date(1950, 3, 1)), ("1950-03-01 00:00:00", date(1950, 3, 1)),
        ("１９５０年３月１日", date(1950, 3, 1)), (" 1950 年 3 月 1 日 ", date(1950, 3, 1)), (18323.0, date(1950, 3, 1)),
        (19500301.0, date(1950, 3, 1)), ("1950年3月", (1950, 3)), ("195003", (1950, 3)), (1950.3, (1950, 3)),
        ("50-3-1", None), ("50.3.1", None), ("1950-13-01", None), ("1950-02-30", None), ("不详", None), ("", None), (None, None),
    ],
)
def test_days_in_every_usual_form(cell, day):
    assert read_date(cell) == day


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("13800001234", "13800001234"), (13800001234.0, "13800001234"), ("138-0000-1234", "13800001234"),
        ("+86 138 0000 1234", "13800001234"), ("１３８００００１２３４", "13800001234"), ("0532-88551234", "053288551234"),
        ("88551234", "88551234"), ("13800001234/13900001234", "13800001234"), ("13800001234、0532-88551234", "13800001234"),
        ("\t13800001234", "13800001234"), ('="13800001234"', "13800001234"), ("4008001234", "4008001234"),
        ("1380000123", None), ("无", None), ("", None), ("10000000000", None), ("见备注", None),
    ],
)
def test_telephone_numbers(cell, number):
    assert clean_phone(cell) == number


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("王 秀　英", "王秀英"), ("康𣇄", "康𣇄"), ("买买提•吐尔逊", "买买提·吐尔逊"), ("\u200b王秀英\xa0", "王秀英"), ("无", None),
        ("/", None), ("", None), (None, None), ("Anna  Maria", "Anna Maria"), ("王\n秀英", "王秀英"),
    ],
)
def test_names(cell, name):
    assert clean_name(cell) == name


def test_text_keeps_what_looks_like_a_formula():
    assert clean_text("=1+1") == "=1+1"
    assert clean_text("  一\n二\t三 ") == "一 二 三"
    assert clean_text("'00123") == "00123"
    assert clean_text(12.0) == "12"
    assert clean_text("a\ud800b\x00c") == "abc"
    assert clean_number(" 6222 0000-1111 ") == "622200001111"


@given(ANYTHING)
def test_nothing_breaks_them(cell):
    for clean in (clean_text, clean_name, clean_phone, clean_number, read_date):
        clean(cell)
    text = clean_text(cell)
    assert text is None or (text == text.strip() and text.encode() and "\x00" not in text)


@given(st.text())
def test_a_phone_is_digits_or_nothing(text):
    number = clean_phone(text)
    assert number is None or (number.isascii() and number.isdigit() and 7 <= len(number) <= 18)


def test_words_of_a_closed_column():
    table = WordTable({"男": "male", "女": "female", "1": "male"}, lambda word, _known: f"?{word}")
    assert [table[cell] for cell in ("男", " 女 ", 1.0, "　", "无", "x")] == ["male", "female", "male", None, None, "?x"]
    assert squeeze("（低 保）") == "(低保)"


TAILS = Tails(
    district=("山东省", "青岛市", "即墨区", "即墨市", "青岛", "即墨"),
    offices=("街道办事处", "街道办", "办事处", "人民政府", "镇政府", "街道", "镇"),
    villages=("社区居委会", "村委会", "居委会", "社区", "村"),
)
TOWNS = [
    TownshipNames(1, "370215001", "环秀街道", ("环秀", "Huanxiu Subdistrict")),
    TownshipNames(2, "370215009", "灵山街道", ("灵山", "灵山镇")),
    TownshipNames(3, "370215100", "田横镇", ("田横",)),
    TownshipNames(4, "370215402", "田横岛省级旅游度假区", ("田横岛度假区",)),
    TownshipNames(5, "370215003", "通济街道", ("通济",)),
    TownshipNames(6, "370215400", "通济新经济区", ("通济新经济区",)),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("环秀街道", 1), ("环秀", 1), (" 环 秀街道", 1), ("环秀街道办事处", 1), ("环秀街道办", 1), ("青岛市即墨区环秀街道", 1), ("370215001", 1),
        ("370215001203", 1), ("灵山镇", 2), ("灵山街道", 2), ("田横镇", 3), ("田横", 3), ("田横镇人民政府", 3), ("田横岛省级旅游度假区", 4),
        ("田横岛度假区", 4), ("通济", 5), ("通济新经济区", 6), ("huanxiu subdistrict", 1), ("灵山卫街道", None), ("不存在镇", None), ("", None),
        ("37", None), ("即墨区", None),
    ],
)
def test_townships_by_every_name(text, found):
    assert PlaceNames(TOWNS, [], TAILS).township(text)[0] == found


def test_a_village_written_after_its_township():
    places = PlaceNames(TOWNS, [(7, 1, "示例社区"), (8, 2, "示例村")], TAILS)
    assert places.township("环秀街道示例社区") == (1, "示例社区")
    assert places.village(1, "环秀街道示例社区") == (7, "示例社区")
    assert places.village(1, "示例社区居委会") == (7, "示例社区居委会")
    assert places.village(2, "示例村委会")[0] == 8
    assert places.village(1, "别的村") == (None, "别的村")
