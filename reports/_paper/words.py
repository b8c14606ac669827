"""How a report speaks: its words in one language, and numbers, ratios, changes and days in its manner.

Words come from `words.yaml` files kept with the templates, not from gettext: a sealed report must
not change when the screen's catalogue does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import yaml

REPORTS = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh", "en")
DISTRICT = timezone(timedelta(hours=8))  # all of China, without summer time
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
NONE = "—"
Figure = Mapping[str, int]  # {"n": …} a count, {"n": …, "of": …} a ratio


@cache
def _load(folder: str) -> dict[str, dict[str, Any]]:
    shared = yaml.safe_load((REPORTS / "_paper" / "words.yaml").read_text("utf-8"))
    for path in sorted((REPORTS / "_parts").glob("*.yaml")):
        shared |= yaml.safe_load(path.read_text("utf-8"))
    own: dict[str, Any] = yaml.safe_load((REPORTS / folder / "words.yaml").read_text("utf-8"))
    return {**_of_period(shared, own.pop("period_words", {})), **own}


def _of_period(shared: dict[str, dict[str, Any]], said: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Any]]:
    """The shared words, which speak of months, in a report of a quarter or a year: {lang: {a month's word: its own}}."""

    def spoken(text: Any, lang: str) -> Any:
        if isinstance(text, list):
            return [spoken(each, lang) for each in text]
        for old, new in said.get(lang, {}).items():
            text = text.replace(old, new) if isinstance(text, str) else text
        return text

    return {key: {lang: spoken(text, lang) for lang, text in both.items()} for key, both in shared.items()} if said else shared


class Words:
    """`words("key", n=3)` in one language; everything that is formatted is formatted here."""

    def __init__(self, folder: str, lang: str) -> None:
        if lang not in LANGUAGES:
            raise ValueError(f"no report in the language {lang!r}")
        self.lang, self._words = lang, _load(folder)
        self.numbers: dict[str, int] = {}  # the number of each part of the report that is being drawn

    def __call__(self, key: str, **values: Any) -> str:
        text = self._words[key][self.lang]
        if isinstance(text, list):
            text = text[0 if values.get("count", values.get("n")) in (1, "1") else 1]
        return str(text).format(**values) if values else str(text)

    @property
    def zh(self) -> bool:
        """Chinese is written."""
        return self.lang == "zh"

    @property
    def colon(self) -> str:
        """The colon of the language."""
        return self("colon")

    # ---- numbers
    def n(self, value: int | None) -> str:
        """1,573; a missing value is a dash, never 0."""
        return NONE if value is None else f"{value:,}".replace("-", "−")

    def rate(self, n: int | None, of: int | None, digits: int = 1) -> str:
        """60.8%; above 100 as it is; no value without a denominator."""
        return NONE if n is None or not of else f"{100 * n / of:.{digits}f}%"

    def figure(self, figure: Figure | None) -> str:
        """A count or a ratio as it stands in a table."""
        if figure is None:
            return NONE
        return self.rate(figure["n"], figure["of"]) if "of" in figure else self.n(figure["n"])

    def change(self, now: Figure | None, before: Figure | None) -> str:
        """+19, −3, 0; ratios in percentage points: +0.2 pp. A dash where either is missing."""
        moved = difference(now, before)
        if moved is None or now is None:
            return NONE
        if "of" in now:
            return self("pp", n=_signed(moved, 1))
        return _signed(moved, 0)

    def moved(self, now: Figure | None, before: Figure | None) -> str:
        """The same in words: 增加19, 上升0.2个百分点, 持平; empty where nothing can be compared."""
        moved = difference(now, before)
        if moved is None or now is None:
            return ""
        ratio = "of" in now
        moved = round(moved, 1) if ratio else moved
        if not moved:
            return self("flat")
        size = f"{abs(moved):.1f}" if ratio else f"{abs(round(moved)):,}"
        return self(("up" if moved > 0 else "down") + ("_points" if ratio else "_count"), n=size)

    # ---- time
    def month(self, period: str) -> str:
        """2026-10 → 2026年10月, October 2026; 2026Q3 → 2026年第3季度; 2026 → 2026年; 2026-03--2026-08 → 2026年3月至2026年8月."""
        if "--" in period:
            begin, _, end = period.partition("--")
            return self("span", a=self.month(begin), b=self.month(end))
        if "Q" in period:
            return self("quarter", y=period[:4], q=period[-1])
        if "-" not in period:
            return self("year", y=period)
        year, month = map(int, period.split("-"))
        return self("month", y=year, m=month, month=MONTHS[month - 1])

    def issue(self, number: Mapping[str, int] | None, period: str) -> str:
        """2026年第10期, No. 10 of 2026; the place stays free until somebody gave a number (domain notes §8)."""
        return self("issue", year=number["year"], n=number["number"]) if number else self("issue_free", year=period[:4])

    def day(self, iso: str) -> str:
        """2026-11-01 → 2026年11月1日, 1 Nov 2026."""
        day = date.fromisoformat(iso[:10])
        month = day.month if self.zh else MONTHS[day.month - 1][:3]
        return self("day", y=day.year, m=month, d=day.day, month=month)

    def moment(self, iso: str) -> str:
        """2026-11-25T14:05:00+08:00, or 2026-11-25T06:05:00.000Z as tablets write it → 2026年11月25日 14:05 in the district."""
        moment = datetime.fromisoformat(iso)
        at = moment.astimezone(DISTRICT) if moment.tzinfo else moment
        return f"{self.day(at.date().isoformat())} {at:%H:%M}"

    def short_month(self, period: str, *, with_year: bool) -> str:
        """For a chart: 10月, with the year below it where that begins; Oct."""
        year, month = map(int, period.split("-"))
        short = self("short_month", m=month, month=MONTHS[month - 1][:3])
        return short + "\n" + self("short_year", y=year) if with_year else short

    def short_span(self, period: str) -> str:
        """2026-08--2026-10, for a chart: 8—10月, Aug–Oct; over two years 2025.11—2026.01."""
        begin, end = period.split("--")
        if begin[:4] != end[:4]:
            return self("cmp_span_years", a=begin.replace("-", "."), b=end.replace("-", "."))
        first, last = int(begin[5:]), int(end[5:])
        return self("cmp_span", a=first if self.zh else MONTHS[first - 1][:3], b=last if self.zh else MONTHS[last - 1][:3])

    # ---- names
    def place(self, place: Mapping[str, Any]) -> str:
        """A place's name in this language, its own name where it has no other."""
        return str(place.get(self.lang) or place["zh"])

    def short_place(self, place: Mapping[str, Any]) -> str:
        """The same for a column: English names without what they all end in."""
        return self.place(place).removesuffix(" Subdistrict")

    def on_map(self, name: str) -> str:
        """A township's name as short as a map wants it: 环秀."""
        for ending in self("map_endings").split("|"):
            name = name.removesuffix(ending)
        return name

    def number(self, position: int) -> str:
        """一、 二、 … 1. 2. …"""
        return self("first_level", n=self.numeral(position))

    def second(self, position: int) -> str:
        """（一） （二） … (1) (2) …"""
        return self("second_level", n=self.numeral(position))

    def numeral(self, position: int) -> str:
        """The number of a part as headings write it: 五, 5."""
        return self("numerals").split()[position - 1]

    def band(self, band: str) -> str:
        """80-89 → 80—89岁; 100+ → 100岁及以上."""
        if band.endswith("+"):
            return self("band_open", a=band[:-1])
        if band.startswith("under-"):
            return self("band_under", a=band[6:])
        low, high = band.split("-")
        return self("band", a=low, b=high)

    def ability(self, level: str) -> str:
        """The name of an ability level."""
        return self("total_loss" if level == "total" else level)

    def living(self, arrangement: str) -> str:
        """The name of a living arrangement."""
        return self("living_institution" if arrangement == "institution" else arrangement)

    def licence(self, kind: str) -> str:
        """The name of a licence type."""
        return self("licence_other" if kind == "other" else kind)


def value(figure: Figure) -> float | None:
    """A count as it is, a ratio in percent; None without a denominator."""
    if "of" not in figure:
        return float(figure["n"])
    return 100 * figure["n"] / figure["of"] if figure["of"] else None


def difference(now: Figure | None, before: Figure | None) -> float | None:
    """The change from before to now (ratios: percentage points); None where it cannot be said."""
    if now is None or before is None:
        return None
    here, there = value(now), value(before)
    return None if here is None or there is None else here - there


def _signed(number: float, digits: int) -> str:
    rounded = round(number, digits)
    if not rounded:
        return f"{0:.{digits}f}"
    return f"{rounded:+,.{digits}f}".replace("-", "−")
