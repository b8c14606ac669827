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

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def days_in(setting: str) -> frozenset[str]:
    """The days of a setting such as HOLIDAYS, for `working_day`."""
    return frozenset(setting.split(",")) - {""}


def working_day(day: date, count: int, holidays: frozenset[str] = frozenset(), makeup_days: frozenset[str] = frozenset()) -> date:
    """The `count`-th working day after a day: weekends and `holidays` are none, `makeup_days` (调休) are; days in ISO."""
    left = count
    while left > 0:
        day += timedelta(days=1)
        text = day.isoformat()
        left -= text in makeup_days or (day.weekday() < 5 and text not in holidays)
    return day
