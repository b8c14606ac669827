"""The tables of a report as files that go inside the PDF: one CSV, one workbook; the same figures as on the pages."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from eldercare.core.sheets import csv_safe

CSV, XLSX = "figures.csv", "figures.xlsx"
_NUMBER = re.compile(r"[+−]?\d{1,3}(,\d{3})*(\.\d+)?%?")
_SHEET = re.compile(r"[\[\]:*?/\\']")
Table = Mapping[str, Any]


def tables(sections: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, Table]]:
    """(part, heading, table) in the order of the pages."""
    for section in sections:
        yield from _within(section["number"] + section["title"], section["blocks"])


def _within(part: str, blocks: Sequence[Mapping[str, Any]], heading: str = "") -> Iterator[tuple[str, str, Table]]:
    for block in blocks:
        if block["is"] == "h3":
            heading = block["text"]
        elif block["is"] == "table":
            yield part, heading, block["table"]
        elif block["is"] == "pair":
            yield from _within(part, block["left"], heading)
            yield from _within(part, block["right"], heading)


def number(text: str) -> float | None:
    """1,573 → 1573, 60.8% → 0.608, −3 → −3; None for words."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text.rstrip("%").replace(",", "").replace("−", "-"))
    return round(value / 100, 6) if text.endswith("%") else value


def as_csv(sections: Sequence[Mapping[str, Any]], head: Sequence[str]) -> bytes:
    """One line a cell: part, heading, row, column, value as printed. `head`: the five columns' names."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\r\n")
    sheet.writerow(head)
    for part, heading, table in tables(sections):
        names = [name.replace("\n", "") for name in table["head"]]
        for row in _rows(table):
            for name, text in zip(names[1:], row[1:], strict=True):
                if not text:
                    continue
                sheet.writerow([csv_safe(part), csv_safe(heading), csv_safe(row[0]), csv_safe(name), _plain(text)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(text: str) -> str:
    """A number stays one for whoever reads the file."""
    return text.replace(",", "").replace("−", "-") if number(text) is not None else csv_safe(text)


def _rows(table: Table) -> list[Sequence[str]]:
    return [*table["rows"], *([table["total"]] if table["total"] else [])]


def as_xlsx(sections: Sequence[Mapping[str, Any]], title: str, at: datetime) -> bytes:
    """A sheet a part, its tables one below the other, numbers as numbers; the same bytes each time."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": title, "created": at.replace(tzinfo=None)})
        formats = {
            "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1}), "part": book.add_format({"bold": True}),
            "share": book.add_format({"num_format": "0.0%"}), "count": book.add_format({"num_format": "#,##0.##"}),
        }  # fmt: skip
        at_row: dict[str, int] = {}
        for part, heading, table in tables(sections):
            sheet = book.get_worksheet_by_name(_name(part)) or book.add_worksheet(_name(part))
            at_row[part] = _write(sheet, at_row.get(part, 0), heading, table, formats)
        if not at_row:
            book.add_worksheet()
    return out.getvalue()


def _name(part: str) -> str:
    return _SHEET.sub(" ", part)[:31]


def _write(sheet: Any, row: int, heading: str, table: Table, formats: Mapping[str, Any]) -> int:
    """Write a table below `row`; the next free row."""
    if row == 0:
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 20, 13)
    if heading:
        sheet.write_string(row, 0, heading, formats["part"])
        row += 1
    for column, name in enumerate(table["head"]):
        sheet.write_string(row, column, name.replace("\n", ""), formats["head"])
    for cells in _rows(table):
        row += 1
        for column, text in enumerate(cells):
            value = number(text)
            if value is None:
                sheet.write_string(row, column, text)
            else:
                sheet.write_number(row, column, value, formats["share" if text.endswith("%") else "count"])
    return row + 2
