"""What people type into cells, made clean: text, names, telephone numbers, days.

Cells arrive as text, numbers or booleans (`sheets.read`). Nothing here guesses: what cannot be read
is None, and the caller says so.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from eldercare.core.identifiers import normalise_id

# ways of writing "nothing"
TO_BLANK = frozenset(
    {
        "", "/", "\\", "//", "-", "--", "---", "_", "—", "——", "–", "○", "〇", ".", "…", "无", "空", "暂无", "不详", "未知",
        "未填", "没有", "略", "n/a", "#n/a", "na", "null", "none", "nan",
    }
)
_CONTROL = re.compile(  # control, zero-width and direction signs, halves of pairs
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff\ufffe\uffff]"
)
_BLANKS = re.compile(r"[\s\u3000]+")
_DOTS = str.maketrans({"\u2022": "·", "\u2027": "·", "\u30fb": "·", "\uff65": "·", "\u22c5": "·", "\u25cf": "·", "\u2e31": "·"})
_PROTECTED = re.compile(r'^="([\dXx +-]*)"$')  # ="0532…": how some programs keep numbers as text in a CSV
_DAY = re.compile(r"^(\d{4})\s*[-/.年\uff0e\u2013]\s*(\d{1,2})\s*[-/.月\uff0e\u2013]\s*(\d{1,2})\s*[日号]?(?:[\sT].*)?$")
_MONTH = re.compile(r"^(\d{4})\s*[-/.年\uff0e]\s*(\d{1,2})\s*月?$")
_DIGITS = re.compile(r"\d+")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:0\d{2,3})?[2-9]\d{6,7}(?:\d{1,6})?|[48]00\d{7}")
_EPOCH = date(1899, 12, 30)  # day 0 of Excel's calendar, its error of 1900 counted in


class Flaw(NamedTuple):
    """A cell that could not be understood: the code of what to tell, and what to keep of it."""

    code: str
    kept: Any = None


class WordTable(dict[Any, Any]):
    """Cell → value for a column of closed words; each wording is looked up once.

    `table`: word → value; a word that is not in it gives `unknown`, or `unknown(word, table)`;
    `convert` is put on what was found.
    """

    def __init__(self, table: dict[str, str], unknown: Any, convert: Callable[[str], Any] | None = None) -> None:
        super().__init__()
        self.table, self.unknown, self.convert = table, unknown, convert

    def __missing__(self, cell: Any) -> Any:
        text = cell if isinstance(cell, str) else clean_text(cell) or ""
        text = squeeze(text).lower()
        value: Any = self.table.get(text)
        if value is None and text not in TO_BLANK:
            value = self.unknown(text, self.table) if callable(self.unknown) else self.unknown
        elif value is not None and self.convert:
            value = self.convert(value)
        if len(self) < 5000:
            self[cell] = value
        return value


def squeeze(text: str) -> str:
    """Half-width, without any blank: for comparing words."""
    if text.isalnum():
        return unicodedata.normalize("NFKC", text)
    return _BLANKS.sub("", _CONTROL.sub("", unicodedata.normalize("NFKC", text)))


def clean_text(value: Any, most: int = 500) -> str | None:
    """A cell as one line of text, kept as it was written otherwise; None for nothing; cut at `most`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = value if isinstance(value, str) else "" if value is None else str(value)
    if not text.isprintable():  # ends of lines, U+3000, control and zero-width signs
        text = _BLANKS.sub(" ", _CONTROL.sub("", text))
    text = text.strip()
    if text.startswith('="'):
        text = _PROTECTED.sub(r"\1", text)
    text = text.removeprefix("'")
    return None if text.lower() in TO_BLANK else text[:most]


def clean_name(value: Any) -> str | None:
    """A person's name: no blanks between characters, one kind of dot; rare ideographs stay as they are."""
    if isinstance(value, str) and value.isalpha() and not value.isascii() and value not in TO_BLANK:
        return value
    text = clean_text(value, 60)
    if text is None:
        return None
    text = _BLANKS.sub(" ", text.translate(_DOTS))
    return text if text.replace(" ", "").isascii() else text.replace(" ", "") or None


def clean_phone(value: Any) -> str | None:
    """A telephone number as digits (the first, where a cell holds several), or None.

    Mobile: 11 digits from 13 to 19. Landline: 7 or 8 digits, with or without area code and
    extension. Numbers arrive as floats, with dashes, with +86.
    """
    if isinstance(value, str) and len(value) == 11 and value.isascii() and value.isdigit() and value[0] == "1":
        return value if value[1] not in "012" else None
    text = clean_text(value)
    if text is None:
        return None
    for part in re.split(r"[/、,，;；|]|\s{2,}|或", unicodedata.normalize("NFKC", text)):
        digits = "".join(_DIGITS.findall(part))
        for prefix in ("0086", "86", "0"):
            if digits.startswith(prefix) and _MOBILE.fullmatch(digits[len(prefix) :]):
                digits = digits[len(prefix) :]
        if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
            return digits
    return None


def clean_number(value: Any) -> str | None:
    """A card, account or certificate number: half-width, no blanks, upper case."""
    text = clean_text(value)
    return (normalise_id(text).replace("-", "") or None) if text else None


@lru_cache(maxsize=8192)
def read_day(text: str) -> date | tuple[int, int] | None:
    """A day, or (year, month) where the day is not given, or None when it cannot be read.

    Read: 1950年3月1日, 1950/03/01, 1950-3-1, 1950.3.1, 19500301, with or without a time; 1950年3月,
    1950.03, 195003. A year of two digits is not: nobody can say which century.
    """
    clean = unicodedata.normalize("NFKC", text).strip().strip("'")
    if clean.isascii() and clean.isdigit() and len(clean) in {6, 8}:
        clean = "-".join(part for part in (clean[:4], clean[4:6], clean[6:]) if part)
    whole = _DAY.match(clean)
    try:
        if whole:
            return date(int(whole[1]), int(whole[2]), int(whole[3]))
    except ValueError:
        return None
    month = _MONTH.match(clean)
    if month and 1 <= int(month[2]) <= 12 and 1850 <= int(month[1]) <= 2200:
        return int(month[1]), int(month[2])
    return None


def read_date(value: Any) -> date | tuple[int, int] | None:
    """`read_day` for any cell: Excel's day numbers (1 to 80000) and 19500301 as a number are read too."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        if 1 <= value < 80000 and not 1850 <= value < 2200:
            return _EPOCH + timedelta(days=int(value))
        return read_day(str(int(value)) if float(value).is_integer() else str(value))
    return read_day(value) if isinstance(value, str) else None
