"""Workbooks in and out, streaming.

In: `read(data)` hands out rows of `.xlsx`, `.xls`, `.xlsb`, `.ods` and `.csv` (UTF-8, UTF-16, GBK,
GB 18030), told apart by what is in the file. The parser works in a process with little memory
(`sheetreader.py`), so a file made to fill memory ends there.

Out: `write_xlsx()` (XlsxWriter, constant memory). Every text is written as a string cell, never as a
formula or a link, so nothing a stranger typed is ever run by Excel or WPS. Such a cell can still be
saved on as CSV, where `=…` would come alive: text that opens with a formula sign is therefore
given the quote-prefix style, Excel's own mark for "this is text" (the apostrophe shown in the entry
line, no part of the value); `csv_safe()` is for the day a CSV goes out, and puts the apostrophe in.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Self

import xlsxwriter
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import calendar
from eldercare.core.errors import Refused, catalogue

MOST_BYTES = 60 << 20
_READER = Path(__file__).with_name("sheetreader.py")
_FORMULA_OPENERS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Book:
    """An open workbook: `for sheet in book:` gives its visible sheets, each with its rows once.

    Use as a context manager: leaving it ends the reading process.
    """

    def __init__(self, data: bytes) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(_READER)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/",
        )
        try:
            assert self._process.stdin  # noqa: S101 — it was asked for
            with self._process.stdin as pipe:
                pipe.write(data)
        except BrokenPipeError:
            pass  # the reader has said why, or died of its limits: `_lines` finds out
        self._next: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        if self._process.stdout:
            self._process.stdout.close()
        self._process.wait()

    def _line(self) -> Any:
        """The next line; Refused when the reader refused or died."""
        if self._next is not None:
            line, self._next = self._next, None
            return line
        assert self._process.stdout  # noqa: S101 — it was asked for
        raw = self._process.stdout.readline()
        if not raw.endswith(b"\n"):
            self._process.wait()
            raise Refused("sheet.too_large")  # killed by its limits, or broke off within a line
        line = json.loads(raw)
        if isinstance(line, dict) and "refused" in line:
            raise Refused(line["refused"])
        return line

    def __iter__(self) -> Iterator["Sheet"]:
        while True:
            line = self._line()
            if isinstance(line, list):
                continue  # rows of a sheet nobody wanted to the end
            if "end" in line:
                return
            yield Sheet(line["sheet"], line["left"], line["height"], line["others"], self)

    def rows(self) -> Iterator[list[Any]]:
        """What is left of the present sheet's rows."""
        while True:
            line = self._line()
            if isinstance(line, dict):
                self._next = line
                return
            yield from line


@dataclass
class Sheet:
    """One sheet: its name, the columns empty at its left, about how many rows, the other visible sheets, its rows once.

    Rows are lists of text, numbers or booleans; the first is row 1 of the sheet; dates are ISO text.
    """

    name: str
    left: int
    height: int
    others: list[str]
    _book: Book

    def __iter__(self) -> Iterator[list[Any]]:
        return self._book.rows()

    def cell(self, row: int, column: int) -> str:
        """The address people know, from a row counted from 1 and a column counted from 0 in the row lists."""
        return f"{column_letters(column + self.left)}{row}"


def read(data: bytes) -> Book:
    """Open a workbook; Refused (`sheet.…`) here or while reading when it cannot be."""
    if not data:
        raise Refused("sheet.empty")
    if len(data) > MOST_BYTES:
        raise Refused("sheet.too_large")
    return Book(data)


def column_letters(index: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# ---- out ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column going out: heading, width in characters, note on the heading, closed list of values.

    `as_text` keeps what is typed there as text (numbers of eighteen digits would lose their tail).
    """

    title: str
    width: float = 14
    note: str = ""
    choices: Sequence[str] = ()
    required: bool = False
    as_text: bool = True


@dataclass(frozen=True)
class Dress:
    """How a workbook looks: a title over the headings, the lines under it, who made it and when."""

    title: str = ""
    lines: Sequence[str] = ()
    person: str = ""
    sheet: str = ""
    hints: Sequence[str] = field(default_factory=tuple)  # a second sheet with how to fill it in


def write_xlsx(
    target: str | Path | BinaryIO, columns: Sequence[Column], rows: Iterable[Sequence[Any]], dress: Dress | None = None
) -> int:
    """Stream rows into a workbook; returns how many were written.

    A row longer than `columns` is cut. Dates become date cells, Decimals numbers, True and False words.
    """
    dress = dress or Dress()
    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"author": dress.person, "title": dress.title, "comments": ""})
    sheet = book.add_worksheet(dress.sheet[:31] or None)
    first = _head(book, sheet, columns, dress)
    writer = _Writer(book, sheet, len(columns))
    number = 0
    for number, row in enumerate(rows, 1):
        writer.write(first + number - 1, row)
    if not number or any(column.choices for column in columns):
        _choices(book, sheet, columns, first, max(first + number - 1, first + 1999))
    if dress.hints:
        _hints(book, dress.hints)
    book.close()
    return number


def write_plain(target: str | Path | BinaryIO, pages: Mapping[str, Sequence[Sequence[str | None]]], *, width: float = 20) -> None:
    """Sheets as another program reads them: the first row of each is its headings, every cell text, nothing else."""
    book = xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    head = book.add_format({"bold": True})
    for name, rows in pages.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(row) for row in rows) - 1, width)
        writer = _Writer(book, sheet, max(len(row) for row in rows))
        for index, title in enumerate(rows[0]):
            sheet.write_string(0, index, title or "", head)
        for number, row in enumerate(rows[1:], 1):
            writer.write(number, row)
    book.close()


def _head(book: Any, sheet: Any, columns: Sequence[Column], dress: Dress) -> int:
    """Title, lines, headings; returns the first row for data, counted from 0."""
    plain = {"font_name": "SimSun", "font_size": 11}
    big = book.add_format(plain | {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    small = book.add_format(plain | {"font_size": 10, "font_color": "#595959"})
    head = plain | {"bold": True, "bg_color": "#E8EDF3", "border": 1, "border_color": "#B8C2CC",
                    "text_wrap": True, "align": "center", "valign": "vcenter"}
    usual, must = book.add_format(head), book.add_format(head | {"font_color": "#B3261E"})
    text = book.add_format(plain | {"num_format": "@"})
    row = 0
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width, text if column.as_text else None)
    if dress.title:
        if len(columns) > 1:
            sheet.merge_range(row, 0, row, len(columns) - 1, dress.title, big)
        else:
            sheet.write_string(row, 0, dress.title, big)
        sheet.set_row(row, 30)
        row += 1
    lines = list(dress.lines)
    if dress.person:
        moment = calendar.local(calendar.now()).strftime("%Y-%m-%d %H:%M")
        lines.append(_("Made by %(person)s at %(moment)s. For official use only.", person=dress.person, moment=moment))
        sheet.set_footer(f"&L{dress.person.replace('&', '&&')} {moment}&R&P / &N")
    for line in lines:
        sheet.write_string(row, 0, line, small)
        row += 1
    for index, column in enumerate(columns):
        sheet.write_string(row, index, column.title, must if column.required else usual)
        if column.note:
            sheet.write_comment(row, index, column.note, {"x_scale": 1.6, "y_scale": 1.4, "font_size": 10})
    sheet.set_row(row, 30)
    sheet.freeze_panes(row + 1, min(2, len(columns) - 1))
    sheet.repeat_rows(row)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return row + 1


class _Writer:
    """Writes rows cell by cell, each as what it is."""

    def __init__(self, book: Any, sheet: Any, width: int) -> None:
        plain = {"font_name": "SimSun", "font_size": 11}
        self.sheet, self.width = sheet, width
        self.text = book.add_format(plain | {"num_format": "@"})
        self.quoted = book.add_format(plain | {"num_format": "@", "quote_prefix": True})
        self.number = book.add_format(plain)
        self.day = book.add_format(plain | {"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format(plain | {"num_format": "yyyy-mm-dd hh:mm"})

    def write(self, number: int, row: Sequence[Any]) -> None:
        """One row."""
        for index, value in enumerate(row[: self.width]):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                self.sheet.write_string(number, index, value, self.quoted if value.startswith(_FORMULA_OPENERS) else self.text)
            elif isinstance(value, bool):
                self.sheet.write_string(number, index, _("Yes") if value else _("No"), self.text)
            elif isinstance(value, int | float | Decimal):
                self._count(number, index, value)
            elif isinstance(value, datetime):
                self.sheet.write_datetime(number, index, calendar.local(value).replace(tzinfo=None), self.moment)
            elif isinstance(value, date):
                self.sheet.write_datetime(number, index, value, self.day)
            else:
                self.sheet.write_string(number, index, str(value), self.text)

    def _count(self, number: int, index: int, value: float | Decimal) -> None:
        if -(10**15) < value < 10**15:
            self.sheet.write_number(number, index, float(value), self.number)
        else:
            self.sheet.write_string(number, index, str(value), self.text)  # Excel keeps fifteen digits


def _choices(book: Any, sheet: Any, columns: Sequence[Column], first: int, last: int) -> None:
    """Drop-downs; long lists live on a hidden sheet, since Excel allows 255 characters in place."""
    lists = None
    for index, column in enumerate(columns):
        if not column.choices:
            continue
        source: Any = list(column.choices)
        if len(",".join(column.choices)) > 250:
            lists = lists or book.add_worksheet("_")
            lists.hide()
            for row, choice in enumerate(column.choices):
                lists.write_string(row, index, choice) if lists.index else None
            letters = column_letters(index)
            source = f"=_!${letters}$1:${letters}${len(column.choices)}"
        sheet.data_validation(
            first, index, last, index,
            {"validate": "list", "source": source, "error_type": "warning",
             "error_title": column.title[:32], "error_message": _("Please choose from the list.")[:255]},
        )


def _hints(book: Any, hints: Sequence[str]) -> None:
    sheet = book.add_worksheet(_("How to fill in"))
    wrap = book.add_format({"font_name": "SimSun", "font_size": 11, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 100)
    for row, hint in enumerate(hints):
        sheet.write_string(row, 0, hint, wrap)


def csv_safe(text: str) -> str:
    """Text as a CSV may carry it: an apostrophe before whatever a spreadsheet would run."""
    return f"'{text}" if text.startswith(_FORMULA_OPENERS) else text


catalogue(
    {
        "sheet.empty": (422, _l("The file is empty. Choose the workbook that holds the list.")),
        "sheet.not_a_workbook": (
            422, _l("This is not a workbook. Open the list in Excel or WPS, save it as .xlsx and send that."),
        ),
        "sheet.web_page": (
            422, _l("This is a web page with another ending. Open it in Excel or WPS, save it as .xlsx and send that."),
        ),
        "sheet.damaged": (422, _l("The workbook is damaged or was cut off on its way. Save it again and send the new copy.")),
        "sheet.encrypted": (422, _l("The workbook asks for a password. Take the password off, save it and send it again.")),
        "sheet.too_large": (
            422,
            _l("The workbook is too large to be read safely. Delete empty rows and columns after the data, or split it."),
        ),
    }
)
