"""Workbooks in and out: told apart by content, refused before they do harm, written so that nothing runs."""

import contextlib
import io
import json
import subprocess
import sys
import time
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import python_calamine
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from eldercare.core import sheets
from eldercare.core.errors import Refused


def rows_of(data: bytes) -> list[list[object]]:
    with sheets.read(data) as book:
        for sheet in book:
            return list(sheet)
    return []


def xlsx(*parts: list[list[object]], hidden: int | None = None) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for number, rows in enumerate(parts):
            sheet = book.add_worksheet(f"S{number}")
            if number == hidden:
                sheet.hide()
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(at, column, value, book.add_format({"num_format": "yyyy-mm-dd"}))
                    elif value is not None:
                        sheet.write(at, column, value)
    return out.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        rows_of(data)
    return refused.value.code


LIST = [["姓名", "身份证号"], ["示例", "370299194505170021"]]
TEXT = "姓名,身份证号\r\n示例,370299194505170021\r\n"


def test_a_workbook_gives_its_rows_as_they_stand():
    day = date(1945, 5, 17)
    assert rows_of(xlsx([["a", 1.5, day, True], [None, "b"]])) == [["a", 1.5, "1945-05-17", True], ["", "b", "", ""]]


def test_cells_keep_their_address_when_rows_and_columns_before_them_are_empty():
    with sheets.read(xlsx([[None, None, None], [None, None, "x"]])) as book:
        sheet = next(iter(book))
        found = list(sheet)
        at = next(n for n, row in enumerate(found, 1) if "x" in row)
        assert sheet.cell(at, found[at - 1].index("x")) == "C2"


def test_hidden_sheets_are_not_read_and_the_others_are_named():
    with sheets.read(xlsx(LIST, [["secret"]], LIST, hidden=1)) as book:
        assert [(sheet.name, sheet.others, len(list(sheet))) for sheet in book] == [("S0", ["S2"], 2), ("S2", ["S0"], 2)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_is_read_in_any_usual_encoding_and_delimiter(encoding, delimiter):
    assert rows_of(TEXT.replace(",", delimiter).encode(encoding)) == LIST


def test_rare_ideographs_come_through_gb18030():
    assert rows_of("姓名,镇街\n康𣇄,x\n".encode("gb18030"))[1][0] == "康𣇄"


def test_what_is_no_workbook_is_refused_by_what_is_in_it():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert refusal(b"") == "sheet.empty"
    assert refusal(b"   \n") == "sheet.empty"
    assert refusal(packed.getvalue()) == "sheet.not_a_workbook"
    assert refusal(b"%PDF-1.7\x00\x01\x02\xff\xfe") == "sheet.not_a_workbook"
    assert refusal(b"<html><table><tr><td>1</td></tr></table>") == "sheet.web_page"
    assert refusal(xlsx(LIST)[:-200]) == "sheet.damaged"
    assert refusal(xlsx(LIST)[:600]) == "sheet.damaged"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000) == "sheet.damaged"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 999) == "sheet.encrypted"


def bomb(unpacked: int) -> bytes:
    """A workbook with a sheet of blanks that unpacks to so many bytes."""
    out = io.BytesIO(xlsx(LIST))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/worksheets/sheet9.xml", "w") as part:
        for _ in range(unpacked >> 20):
            part.write(b" " * (1 << 20))
    return out.getvalue()


def liar(unpacked: int) -> bytes:
    """The same in the place of the first sheet, with a directory that says it is small."""
    out, source = io.BytesIO(), zipfile.ZipFile(io.BytesIO(xlsx(LIST)))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, source.read(name))
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            for row in range(unpacked >> 20):
                cell = f'<c t="inlineStr"><is><t>{"x" * 100}</t></is></c>' * 7000
                part.write(f'<row r="{row + 1}">{cell}</row>'.encode())
    data = out.getvalue()
    true_size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return data.replace(true_size.to_bytes(4, "little"), (5000).to_bytes(4, "little"))


# a child's peak begins with what its parent held: of a test run, that is anything
ALONE = """
import json, resource, sys
from eldercare.core import sheets
from eldercare.core.errors import Refused
said = ""
try:
    with sheets.read(sys.stdin.buffer.read()) as book:
        for sheet in book:
            list(sheet)
except Refused as refused:
    said = refused.code
print(json.dumps([said, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10]))
"""


def alone(data: bytes) -> tuple[str, int]:
    """Why it is refused by a process that reads nothing else, and the most its reader held (MiB)."""
    said, peak = json.loads(subprocess.run([sys.executable, "-c", ALONE], input=data, stdout=subprocess.PIPE, check=True).stdout)
    return said, peak


def test_a_bomb_is_refused_at_once_and_without_memory():
    data = bomb(900 << 20)
    assert len(data) < 5 << 20
    began = time.monotonic()
    assert refusal(data) == "sheet.too_large"
    assert time.monotonic() - began < 5  # 0.1 s on an idle machine
    code, peak = alone(data)
    assert code == "sheet.too_large"
    assert peak < 200


def test_a_directory_that_lies_does_not_get_memory_either():
    code, peak = alone(liar(600 << 20))
    assert code in {"sheet.too_large", "sheet.damaged"}
    assert peak < 200


def test_a_sheet_that_claims_a_far_corner_does_not_fill_memory():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "x")
        sheet.write(1048575, 16383, "y")
    code, peak = alone(out.getvalue())
    assert code == "sheet.too_large"
    assert peak < 200


def test_what_is_too_large_to_send_is_not_even_opened(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_BYTES", 10)
    assert refusal(b"x" * 11) == "sheet.too_large"


@settings(max_examples=15)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data):
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        with contextlib.suppress(Refused):
            rows_of(start + data)


# ---- out ----------------------------------------------------------------------------------------


def written(tmp_path, columns, rows, dress=None):
    path = tmp_path / "out.xlsx"
    count = sheets.write_xlsx(path, columns, rows, dress)
    return path, count


@pytest.mark.usefixtures("app")
def test_nothing_written_is_a_formula_or_a_link(tmp_path):
    wicked = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", '=HYPERLINK("http://x")', "http://example.invalid", "＝1+1"]
    path, count = written(tmp_path, [sheets.Column("a")], ([text] for text in wicked))
    assert count == len(wicked)
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert "<f>" not in xml
    assert "hyperlink" not in xml
    assert 'quotePrefix="1"' in styles
    got = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in got[1:]] == wicked


def test_text_for_a_csv_is_made_harmless():
    assert sheets.csv_safe("=1+1") == "'=1+1"
    assert sheets.csv_safe("示例") == "示例"


@pytest.mark.usefixtures("app")
def test_values_keep_their_kind(tmp_path):
    moment = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    row = ["370299194505170021", 5, Decimal("1.25"), date(2026, 11, 23), moment, True, None, 370299194505170021]
    path, _count = written(tmp_path, [sheets.Column(str(n)) for n in range(8)], [row])
    got = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1]
    assert got[:4] == ["370299194505170021", 5.0, 1.25, date(2026, 11, 23)]
    assert got[4] == datetime(2026, 11, 24, 0, 30)  # noqa: DTZ001 — a cell has no zone; people read Shanghai's
    assert got[6] == ""
    assert got[7] == "370299194505170021"


@pytest.mark.usefixtures("app")
def test_a_workbook_says_who_made_it(tmp_path):
    dress = sheets.Dress(title="示例名册", person="示例经办人", lines=["一行说明"])
    path, _count = written(tmp_path, [sheets.Column("甲"), sheets.Column("乙")], [["1", "2"]], dress)
    got = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert got[0][0] == "示例名册"
    assert any("示例经办人" in str(cell) for row in got for cell in row)
    assert ["1", "2"] in got


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")])
def test_columns_have_letters(index, letters):
    assert sheets.column_letters(index) == letters
