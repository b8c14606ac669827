"""What a kind of place owes itself, from the lists in force; when; and which items a round asks. checklists.yaml, `field_notes`.

Items of a list that come round together are one duty: by frequency, by day and night where an item says so, and by how
many times in the period (a yearly item due twice is due in each half-year). In the night an item is asked in as many of the
rounds as it says, evenly spread, the first among them: with six rounds an item due six times in each, one due once at eight.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from eldercare.checklists import queries as lists
from eldercare.checklists.models import ChecklistItem, ChecklistVersion
from eldercare.checklists.queries import conditions
from eldercare.core import calendar
from eldercare.core.calendar import Month
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.selfchecks.models import DUTIES, Rules, SelfCheckRound

NIGHT, BY_DAY = "patrol_night", "patrol_day"


@dataclass(frozen=True)
class Duty:
    """A part of a list in force that comes round together. `times`: in a period; of night rounds the settings say."""

    version: ChecklistVersion
    name: str
    times: int
    items: tuple[ChecklistItem, ...]


@dataclass(frozen=True)
class Window:
    """One time a duty is due."""

    period: str
    slot: int
    times: int
    day: date
    from_at: datetime
    until_at: datetime


def names_of(item: ChecklistItem) -> list[tuple[str, int]]:
    """The duties an item belongs to, with how many times in a period."""
    if item.frequency != "daily":
        return [(item.frequency, item.times_per_period)]
    if item.patrol_window is None:
        # papers are looked through once a day; what they tell of (a round, a meal) has its own time
        return [("daily", 1 if item.method == "document" else item.times_per_period)]
    by_window = {"day": [(BY_DAY, 1)], "night": [(NIGHT, 1)], "both": [(BY_DAY, 1), (NIGHT, 1)]}
    return by_window[item.patrol_window]


def duties_in(version: ChecklistVersion, items: Iterable[ChecklistItem]) -> list[Duty]:
    """The duties of a version, in the order of the day, then of the year."""
    found: dict[tuple[str, int], list[ChecklistItem]] = {}
    for item in items:
        for key in names_of(item):
            found.setdefault(key, []).append(item)
    order = sorted(found, key=lambda key: (DUTIES.index(key[0]), key[1]))
    return [Duty(version, name, times, tuple(found[name, times])) for name, times in order]


def duties(scope: Scope, facility_types: Iterable[str], day: date) -> dict[str, list[Duty]]:
    """By kind of place, the duties of the lists in force for it on a day."""
    versions: dict[int, list[Duty]] = {}
    out: dict[str, list[Duty]] = {}
    standing = [each.current for each in lists.standings(scope, day, drafts=False) if each.checklist.kind == "items"]
    for kind in facility_types:
        for version in standing:
            if version is not None and kind in version.facility_types:
                if version.id not in versions:
                    versions[version.id] = duties_in(version, lists.items(scope, version.id))
                out.setdefault(kind, []).extend(versions[version.id])
    return out


def owes(facility: Facility, duty: Duty, facts: dict[str, Any]) -> bool:
    """Whether a place owes a duty: it sleeps people, if it is of the night, and at least one item may apply to it."""
    if duty.name == NIGHT and facility.facility_type != "institution" and not facility.beds_set:
        return False
    return any(conditions.judge(each.applies_if, each.facility_types, facts).applies is not False for each in duty.items)


def asked(duty: str, times: int, slot: int, items: Iterable[ChecklistItem]) -> list[ChecklistItem]:
    """The items of a version that one round asks: `slot` of `times` of a duty."""
    found = []
    for item in items:
        own = dict(names_of(item))
        if duty == NIGHT:
            if NIGHT not in own:
                continue
            count, at = min(item.times_per_period, times), slot - 1
            is_asked = at == 0 or at * count // times != (at - 1) * count // times
        else:
            is_asked = own.get(duty) == (1 if duty == BY_DAY else times)
        if is_asked:
            found.append(item)
    return found


def asks(
    owed: Iterable[Duty], checklist_id: int, name: str, times: int, slot: int
) -> tuple[ChecklistVersion, list[ChecklistItem]] | None:
    """What a round is walked by, of the duties a place owes: the version and its items; None where no duty asks it any more."""
    for duty in owed:
        found = asked(name, times, slot, duty.items) if (duty.version.checklist_id, duty.name) == (checklist_id, name) else []
        if found:
            return duty.version, found
    return None


def asked_on(now: datetime, until_at: datetime) -> date:
    """The day whose lists say what a round asks: today; of one that is over, the last day of its window, made up for or not."""
    return calendar.local(min(now, until_at - timedelta(microseconds=1))).date()


def walked_by(scope: Scope, row: SelfCheckRound, facility_type: str) -> tuple[ChecklistVersion, list[ChecklistItem]]:
    """The version a round is walked by and the items it asks. Refused: selfcheck.duty_gone."""
    standing = lists.standings(scope, asked_on(calendar.now(), row.until_at), drafts=False)
    version = next((each.current for each in standing if each.checklist.id == row.checklist_id), None)
    if version is None or facility_type not in version.facility_types:
        raise Refused("selfcheck.duty_gone")
    found = asks(duties_in(version, lists.items(scope, version.id)), row.checklist_id, row.duty, row.times, row.slot)
    if found is None:
        raise Refused("selfcheck.duty_gone")
    return found


# ---- windows ---------------------------------------------------------------------------------------


def windows(name: str, times: int, day: date, rules: Rules) -> list[Window]:
    """The windows of a duty in the period a day lies in, in time."""
    if name == NIGHT:
        return list(_nights(day, rules))
    if name == BY_DAY:
        begins, ends = rules.day
        return [Window(day.isoformat(), 1, 1, day, calendar.at(day, begins), calendar.at(day, ends))]
    period, edges = _edges(name, times, day)
    found = []
    for at in range(times):
        last = day if name == "daily" else calendar.local(edges[at + 1] - timedelta(seconds=1)).date()
        found.append(Window(period, at + 1, times, last, edges[at], edges[at + 1]))
    return found


def _nights(day: date, rules: Rules) -> Iterator[Window]:
    begins, ends = calendar.at(day, rules.night[0]), calendar.at(day + timedelta(days=1), rules.night[1])
    step = timedelta(minutes=rules.interval)
    times = -(-(ends - begins) // step)
    for at in range(times):
        yield Window(day.isoformat(), at + 1, times, day, begins + at * step, min(begins + (at + 1) * step, ends))


def _edges(name: str, times: int, day: date) -> tuple[str, list[datetime]]:
    """(the period's key, the moments between its parts): whole months where they divide evenly, else equal lengths."""
    month = Month.of(day)
    if name == "daily":
        period, first, last = day.isoformat(), day, day + timedelta(days=1)
    elif name == "weekly":
        year, week, weekday = day.isocalendar()
        first = day - timedelta(days=weekday - 1)
        period, last = f"{year}-W{week:02d}", first + timedelta(days=7)
    else:
        length = {"monthly": 1, "quarterly": 3, "yearly": 12}[name]
        start = Month(month.year, (month.month - 1) // length * length + 1)
        period = {"monthly": str(start), "quarterly": f"{start.year}-Q{(start.month + 2) // 3}", "yearly": str(start.year)}[name]
        if length % times == 0:
            return period, [calendar.at(start.plus(at * length // times).first) for at in range(times + 1)]
        first, last = start.first, start.plus(length).first
    begins, ends = calendar.at(first), calendar.at(last)
    return period, [begins + (ends - begins) * at / times for at in range(times + 1)]
