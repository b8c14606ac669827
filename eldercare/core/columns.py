"""Column: one column of a Listing, and how its value is read, sent and exported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from eldercare.core import calendar
from eldercare.core.secrets import Sealed

Words = Any  # str or a lazy string of the catalogue
Reader = Callable[[Any], Any]
Kind = Literal["text", "number", "day", "moment", "yuan", "ratio", "badge", "flag"]
Tone = Literal["good", "watch", "bad", "active", "quiet"]


class Badge(NamedTuple):
    """A state as people see it: a word, and the tone that gives it colour and sign.

    good: in order · watch: needs an eye · bad: overdue, dangerous · active: under way · quiet: over.
    """

    word: Words
    tone: Tone = "quiet"

    def __str__(self) -> str:
        return str(self.word)


@dataclass(frozen=True)
class Column:
    """One column.

    key: unique in the list, also the name in `?sort=`. value: an attribute path (`"facility.name"`;
    None anywhere on the way gives None) or a function of the row; by default the key.
    sort: an expression, or several in a tuple; None: the head is no link. detail: read likewise,
    a quiet second line in the cell. masked: the value is shown masked, here and everywhere.
    width: a hint for drawing; whole: names and days are not broken within. exported: whether it goes into a
    workbook. spare: left out of the table where there is little room (tablets); cards show it again.
    kind decides how the value is put into words: yuan in fen, ratio as a fraction of one.
    """

    key: str
    title: Words
    value: str | Reader | None = None
    sort: Any = None
    kind: Kind = "text"
    detail: str | Reader | None = None
    masked: bool = False
    width: Literal["", "narrow", "medium", "whole", "wide"] = ""
    exported: bool = True
    spare: bool = False

    @property
    def numeric(self) -> bool:
        """Whether it is set flush right, and sorted largest first."""
        return self.kind in {"number", "yuan", "ratio"}

    @property
    def sorts(self) -> tuple[Any, ...]:
        """The expressions it is sorted by."""
        return self.sort if isinstance(self.sort, tuple) else (self.sort,)

    @property
    def css(self) -> str:
        """The words that tell the style sheet what the cell holds."""
        kind = "" if self.kind == "text" else f"is-{self.kind}"
        words = (kind, "num" if self.numeric else "", "spare" if self.spare else "", self.width)
        return " ".join(word for word in words if word)

    def detail_of(self, row: Any) -> Any:
        """The quiet second line, or None."""
        return None if self.detail is None else _reader(self.detail)(row)


def reader_of(column: Column) -> Reader:
    """The function that reads a column's value from a row."""
    return _reader(column.key if column.value is None else column.value)


def _reader(value: str | Reader) -> Reader:
    if callable(value):
        return value
    if "." not in value:
        return attrgetter(value)
    steps = value.split(".")

    def walk(row: Any) -> Any:
        for step in steps:
            if row is None:
                return None
            row = getattr(row, step)
        return row

    return walk


def wire(value: Any) -> Any:
    """A value as JSON carries it: days and moments in ISO 8601, encrypted values masked."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list | tuple) and not isinstance(value, Badge):
        return [wire(each) for each in value]
    return str(value)


def plain(value: Any) -> Any:
    """A value as a workbook cell holds it: numbers and days as such, moments in local time, the rest as text."""
    if isinstance(value, bool):
        return "✓" if value else ""
    if value is None or isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        return calendar.local(value).replace(tzinfo=None)
    if isinstance(value, date):
        return value
    return value.masked() if isinstance(value, Sealed) else str(value)
