"""Opening hours as places state them, in words of their own: "08:30-11:30 14:00-17:00"."""

import re
from datetime import time

from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility

Window = tuple[time | None, time | None]
_SPAN = re.compile(r"(\d{1,2})\D(\d{2})\D{1,5}(\d{1,2})\D(\d{2})")


def stated_hours(scope: Scope) -> dict[int, str]:
    """The opening hours of the places in reach that state any."""
    query = scope.columns(Facility, Facility.id, Facility.open_hours).where(Facility.open_hours.is_not(None))
    return {row[0]: row[1] for row in db.session.execute(query)}


def spans(text: str | None) -> list[tuple[time, time]]:
    """The spans of a day a text names; none where it names none that can be read."""
    found = []
    for numbers in _SPAN.findall(text or ""):
        hour, minute, last_hour, last_minute = map(int, numbers)
        if max(hour, last_hour) < 24 and max(minute, last_minute) < 60:
            found.append((time(hour, minute), time(last_hour, last_minute)))
    return [(first, last) for first, last in found if first < last]


def is_open_at(text: str | None, window: Window) -> bool:
    """Whether a visit meets a place that is open at least for a part of it; what nobody stated shuts nobody out."""
    stated, (begins, ends) = spans(text), window
    if not stated or begins is None:
        return True
    return any(begins < last and (ends > first if ends else begins >= first) for first, last in stated)
