"""Working days and month arithmetic; the only code that asks what time it is.

Days are `datetime.date` in Asia/Shanghai; moments are timezone-aware `datetime` in UTC.
`ELDERCARE_TODAY` (demo and tests) pins the day; the time of day still runs.
"""

import calendar as _calendar
import os
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The moment it is, in UTC; on the pinned day when one is set."""
    moment = datetime.now(UTC)
    pinned = os.environ.get("ELDERCARE_TODAY")
    if not pinned:
        return moment
    local = moment.astimezone(SHANGHAI)
    return datetime.combine(date.fromisoformat(pinned), local.timetz()).astimezone(UTC)


A_SECOND = timedelta(seconds=1)


def real_now() -> datetime:
    """The moment by the machine's clock, pinned day or not: for heartbeats, idle time and lock-outs."""
    return datetime.now(UTC)


def today() -> date:
    """The day it is in Asia/Shanghai."""
    pinned = os.environ.get("ELDERCARE_TODAY")
    return date.fromisoformat(pinned) if pinned else _day_at(int(time.time()))


@lru_cache(maxsize=4)
def _day_at(second: int) -> date:
    # a list asks for every row: the time zone is looked up once a second
    return datetime.fromtimestamp(second, SHANGHAI).date()


def local(moment: datetime) -> datetime:
    """A stored UTC moment as people in the district read it."""
    return moment.astimezone(SHANGHAI)


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """A local clock time as a UTC moment."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February in common years."""
    last = _calendar.monthrange(day.year + years, day.month)[1]
    return day.replace(year=day.year + years, day=min(day.day, last))


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month, written `2026-10`."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `2026-10`; ValueError for anything else."""
        year, _, month = text.partition("-")
        if len(year) != 4 or len(month) != 2 or not (year + month).isdigit() or not 1 <= int(month) <= 12:
            raise ValueError(text)
        return cls(int(year), int(month))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month a day lies in."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return date(self.year, self.month, _calendar.monthrange(self.year, self.month)[1])

    @property
    def days(self) -> int:
        """How many days it has."""
        return self.last.day

    @property
    def cutoff(self) -> datetime:
        """24:00 of the last day, as a UTC moment: what a month's figures stand at."""
        return at(self.last + timedelta(days=1))

    def plus(self, months: int) -> "Month":
        """The month `months` later (negative: earlier)."""
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    @property
    def months(self) -> "list[Month]":
        """Itself: every period says of which months it is made."""
        return [self]

    @property
    def year_ago(self) -> "Month":
        """The same month of the year before."""
        return self.plus(-12)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, order=True)
class MonthToDate(Month):
    """A month as it stands on a day of it: its last day is that day. The months around it are whole ones."""

    until: date = date.max

    @property
    def last(self) -> date:
        """The day it reaches to."""
        return min(Month(self.year, self.month).last, self.until)

    @property
    def days(self) -> int:
        """How many days of it there are so far."""
        return self.last.day


@dataclass(frozen=True, order=True)
class RunningMonth(MonthToDate):
    """The month that is not over: what is counted over it is compared with as many days of the months before.

    Standings of months (`months`) are taken at the end of each, those of this one on its day.
    """

    def plus(self, months: int) -> "Month":
        """As many days of an earlier month (all of it, where that is shorter); one still to come is whole."""
        other = Month(self.year, self.month).plus(months)
        if months > 0:
            return other
        return RunningMonth(other.year, other.month, other.first + timedelta(days=min(self.days, other.days) - 1))

    @property
    def months(self) -> "list[Month]":
        """Itself up to its day, with whole months before it."""
        return [MonthToDate(self.year, self.month, self.until)]


class _Months:
    """What periods longer than a month share: all follows from the months they are made of."""

    months: list[Month]

    @property
    def first(self) -> date:
        """The first day."""
        return self.months[0].first

    @property
    def last(self) -> date:
        """The last day."""
        return self.months[-1].last

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def cutoff(self) -> datetime:
        """24:00 of the last day, as a UTC moment."""
        return self.months[-1].cutoff


@dataclass(frozen=True)
class Quarter(_Months):
    """Three months, written `2026Q3`."""

    year: int
    number: int

    @property
    def months(self) -> list[Month]:  # type: ignore[override]
        """Its three months."""
        return [Month(self.year, 3 * self.number - 2 + n) for n in range(3)]

    @property
    def year_ago(self) -> "Quarter":
        """The same quarter of the year before."""
        return Quarter(self.year - 1, self.number)

    def plus(self, quarters: int) -> "Quarter":
        """The quarter so many later (negative: earlier)."""
        index = self.year * 4 + self.number - 1 + quarters
        return Quarter(index // 4, index % 4 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}Q{self.number}"


@dataclass(frozen=True)
class Year(_Months):
    """A calendar year, written `2026`."""

    year: int

    @property
    def months(self) -> list[Month]:  # type: ignore[override]
        """Its twelve months."""
        return [Month(self.year, n) for n in range(1, 13)]

    @property
    def year_ago(self) -> "Year":
        """The year before."""
        return self.plus(-1)

    def plus(self, years: int) -> "Year":
        """The year so many later (negative: earlier)."""
        return Year(self.year + years)

    def __str__(self) -> str:
        return f"{self.year:04d}"


@dataclass(frozen=True)
class Span(_Months):
    """Whole months from one to another, both included, written `2026-03--2026-08`."""

    begin: Month
    end: Month

    def __post_init__(self) -> None:
        if self.end < self.begin:
            raise ValueError(str(self))

    @property
    def months(self) -> list[Month]:  # type: ignore[override]
        """All of them."""
        return [self.begin.plus(n) for n in range(self._length)]

    @property
    def _length(self) -> int:
        return 12 * (self.end.year - self.begin.year) + self.end.month - self.begin.month + 1

    @property
    def year_ago(self) -> "Span":
        """The same months of the year before."""
        return Span(self.begin.plus(-12), self.end.plus(-12))

    def plus(self, spans: int) -> "Span":
        """As many months, so many times later (negative: earlier)."""
        moved = spans * self._length
        return Span(self.begin.plus(moved), self.end.plus(moved))

    def __str__(self) -> str:
        return f"{self.begin}--{self.end}"


Period = Month | Quarter | Year | Span


def period(text: str) -> Period:
    """Read `2026-10`, `2026Q3`, `2026` or `2026-03--2026-08`; ValueError for anything else."""
    if "--" in text:
        begin, _, end = text.partition("--")
        return Span(Month.parse(begin), Month.parse(end))
    year, mark, number = text[:4], text[4:5], text[5:]
    if len(year) != 4 or not year.isdecimal() or year == "0000":
        raise ValueError(text)
    if not mark:
        return Year(int(year))
    if mark == "Q" and number in ("1", "2", "3", "4"):
        return Quarter(int(year), int(number))
    return Month.parse(text)


@dataclass(frozen=True)
class WorkDays:
    """Which days are worked: weekends and `off` are not, `worked` (weekend days made up for, 调休) are.

    `years`: those whose days off are known. In any other year weekends alone are left out: say so wherever it matters.
    """

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def is_worked(self, day: date) -> bool:
        """Whether a day is a working day."""
        return day in self.worked or (day.weekday() < 5 and day not in self.off)

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after a day."""
        return self._step(day, count, timedelta(days=1))

    def before(self, day: date, count: int) -> date:
        """The `count`-th working day before a day."""
        return self._step(day, count, timedelta(days=-1))

    def _step(self, day: date, count: int, step: timedelta) -> date:
        left = count
        while left > 0:
            day += step
            left -= self.is_worked(day)
        return day

    def between(self, first: date, last: date) -> list[date]:
        """The working days from one day to another, both included."""
        every = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in every if self.is_worked(day)]

    def unknown(self, first: date, last: date) -> list[int]:
        """The years between two days whose days off nobody has entered."""
        return [year for year in range(first.year, last.year + 1) if year not in self.years]
