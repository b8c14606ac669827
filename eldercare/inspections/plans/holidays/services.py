"""Writes of the table of days off: a year at once, as the yearly notice gives it."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, extract

from eldercare.core import audit
from eldercare.core.db import db
from eldercare.core.errors import Refused, catalogue
from eldercare.core.scope import Scope
from eldercare.core.workdays import DayOff

Line = tuple[date, date, bool, str]  # first day, last day, is off, what for
OFF = ("off", "\u653e\u5047", "\u4f11", "\u5047")  # as notices and workbooks write it, in both languages
WORKED = ("worked", "\u4e0a\u73ed", "\u8c03\u4f11\u4e0a\u73ed", "\u73ed")
MOST_DAYS = 30  # no holiday is longer: a mistyped year would be
TO = "\u81f3"  # from … to …
_BREAK = re.compile(r"[\s,;\u3001\uff0c\uff1b\u2013\u2014~\uff5e-]+")
_DAY = re.compile(r"(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?")


def load(scope: Scope, year: int, lines: Iterable[Line]) -> int:
    """A year's days replace those there were; how many there are. Refused: days_off.outside, .needless, .empty."""
    rows: dict[date, DayOff] = {}
    for first, last, is_off, name in lines:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if day.year != year:
                raise Refused("days_off.outside", field="lines", day=day, year=str(year))
            if not is_off and day.weekday() < 5:
                raise Refused("days_off.needless", field="lines", day=day)
            rows[day] = DayOff(day=day, is_off=is_off, name=name)
    if not rows:
        raise Refused("days_off.empty", field="lines")
    db.session.execute(delete(DayOff).where(extract("year", DayOff.day) == year))
    db.session.expire_all()
    db.session.add_all(rows.values())
    db.session().info.pop("workdays", None)
    off = sum(each.is_off for each in rows.values())
    audit.record(scope, "days_off.loaded", entity="days_off", year=year, off=off, worked=len(rows) - off)
    return len(rows)


def of_text(text: str) -> list[Line]:
    """The lines somebody pasted; days_off.unreadable for the first that says nothing."""
    return [_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _line(number: int, line: str) -> Line:
    days = [_day(number, line, *found) for found in _DAY.findall(line)]
    rest = [part for part in _BREAK.split(_DAY.sub(" ", line)) if part and part != TO]
    state = next((part for part in rest if part.lower() in (*OFF, *WORKED)), None)
    if not 1 <= len(days) <= 2 or state is None or days[-1] < days[0] or (days[-1] - days[0]).days > MOST_DAYS:
        raise Refused("days_off.unreadable", field="lines", number=number, line=line.strip()[:40])
    rest.remove(state)
    return days[0], days[-1], state.lower() in OFF, " ".join(rest)[:60]


def _day(number: int, line: str, year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Refused("days_off.unreadable", field="lines", number=number, line=line.strip()[:40]) from None


catalogue(
    {
        "days_off.unreadable": (
            422,
            _l("Line %(number)d cannot be read: “%(line)s”. Write a day or two, then “off” or “worked”, then what for."),
        ),
        "days_off.outside": (422, _l("%(day)s does not lie in %(year)s. Enter each year by itself.")),
        "days_off.needless": (422, _l("%(day)s is a weekday and worked anyway. Only weekend days are made up on.")),
        "days_off.empty": (422, _l("No day was given. Paste the days of the notice, or choose a workbook.")),
    },
)
