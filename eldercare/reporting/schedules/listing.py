"""Schedules in words: when, for which places, who hears; the calendar's states."""

from collections.abc import Sequence
from typing import Any

from flask_babel import force_locale, gettext, ngettext
from flask_babel import lazy_gettext as _l

from eldercare.accounts.models import ROLE_WORDS
from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.core.calendar import Month
from eldercare.core.columns import Badge
from eldercare.core.jinja import lang
from eldercare.reporting.listing import LANGUAGES, period_words
from eldercare.reporting.schedules.models import ReportSchedule, Turn

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
PLACED = {"district": _l("The whole district"), "township": _l("All townships"), "facility": _l("All facilities")}
CADENCE_WORDS = {"monthly": _l("every month"), "quarterly": _l("every quarter"), "annual": _l("every year")}
STATES = {
    "planned": Badge(_l("Planned"), "quiet"),
    "due": Badge(_l("Due: begins within a minute"), "active"),
    "going": Badge(_l("Under way"), "active"),
    "failed": Badge(_l("Failed"), "bad"),
    "skipped": Badge(_l("Switched off: nothing owed"), "quiet"),
    "draft": Badge(_l("Made, not published yet"), "watch"),
    "published": Badge(_l("Published"), "good"),
    "made": Badge(_l("Made"), "good"),
}


def nth(number: int) -> str:
    """1st, 2nd, 3rd in English; the bare number in Chinese."""
    if lang() != "en":
        return str(number)
    return f"{number}{'th' if 10 <= number % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _basic(row: ReportSchedule, cadence: str) -> str:
    at = {"time": f"{row.hour:02d}:{row.minute:02d}", "nth": nth(row.day)}
    if row.way == "working_day":
        return {
            "monthly": gettext("At %(time)s on the %(nth)s working day of each month", **at),
            "quarterly": gettext("At %(time)s on the %(nth)s working day after each quarter", **at),
            "annual": gettext("At %(time)s on the %(nth)s working day of each year", **at),
        }[cadence]
    return {
        "monthly": gettext("At %(time)s on the %(nth)s of each month", **at),
        "quarterly": gettext("At %(time)s on the %(nth)s of the month after each quarter", **at),
        "annual": gettext("At %(time)s on the %(nth)s of January each year", **at),
    }[cadence]


def when(row: ReportSchedule, cadence: str) -> str:
    """The rule as people say it, in the language of the reader."""
    said = _basic(row, cadence)
    if row.way == "working_day":
        return said
    return {
        "keep": gettext("%(when)s, working day or not", when=said),
        "next": gettext("%(when)s; if that is no working day, on the next one", when=said),
        "before": gettext("%(when)s; if that is no working day, on the one before", when=said),
    }[row.if_off]


def in_both(row: ReportSchedule, cadence: str) -> dict[str, str]:
    """The rule in Chinese and in English."""
    said = {}
    for language, locale in LOCALES.items():
        with force_locale(locale):
            said[language] = when(row, cadence)
    return said


def places(row: ReportSchedule, audience: str, names: dict[str, str]) -> str:
    """For which places."""
    if not row.places:
        return str(PLACED[audience])
    if len(row.places) <= 3:
        return str(gettext(", ")).join(names.get(code, code) for code in row.places)
    return str(ngettext("%(num)d place", "%(num)d places", len(row.places)))


def told(row: ReportSchedule, names: dict[int, str]) -> str:
    """Who hears of it."""
    who = [str(ROLE_WORDS[Role(role)]) for role in row.roles] + [names.get(each, str(each)) for each in row.people]
    return str(gettext(", ")).join(who) or str(gettext("nobody"))


def languages(row: ReportSchedule) -> str:
    """In which languages."""
    return str(gettext(", ")).join(LANGUAGES[each] for each in row.languages)


def period(text: str) -> str:
    """A month, quarter or year as people write it."""
    return period_words(calendar.period(text))


def listed(periods: Sequence[str]) -> str:
    """Periods in a row, at most six of them."""
    shown = str(gettext(", ")).join(period(each) for each in periods[:6])
    return shown if len(periods) <= 6 else str(gettext("%(some)s and %(more)d more", some=shown, more=len(periods) - 6))


def month_name(month: Month) -> str:
    """A month as people write it."""
    name = f"{month.first:%B}" if lang() == "en" else month.month
    return str(gettext("%(month)s %(year)s", year=month.year, month=name))


def renamed(names: dict[int, str]) -> Any:
    """What the log's entries hold of people and duties, by name."""

    def rename(_entity: str, column: str, value: Any) -> Any:
        if column == "people" and isinstance(value, list):
            return [names.get(each, each) for each in value]
        if column == "roles" and isinstance(value, list):
            return [str(ROLE_WORDS[Role(each)]) for each in value]
        return value

    return rename


def state(turn: Turn) -> str:
    """Where one period of a schedule stands."""
    if turn.is_skipped:
        return "skipped"
    if not turn.runs and not turn.reports:
        return "planned" if turn.due_at > calendar.now() else "due"
    if turn.runs.get("failed"):
        return "failed"
    if turn.runs.get("queued") or turn.runs.get("running"):
        return "going"
    unpublished = sum(turn.reports.get(each, 0) for each in ("draft", "reviewed", "approved"))
    return "draft" if unpublished and not turn.reports.get("published") else "published" if turn.reports else "made"


def badge(turn: Turn) -> Badge:
    """The same as a badge, with numbers where it concerns several."""
    key = state(turn)
    if key == "failed" and turn.count > 1:
        return Badge(gettext("%(failed)s of %(all)s failed", failed=turn.runs["failed"], all=turn.count), "bad")
    if key == "going" and turn.count > 1:
        return Badge(gettext("%(done)s of %(all)s made", done=turn.runs.get("done", 0), all=turn.count), "active")
    return STATES[key]


def months(today: Any) -> list[Month]:
    """The calendar's months: twelve behind, this one, three ahead."""
    return [Month.of(today).plus(n) for n in range(-12, 4)]


def of_month(turns: Sequence[Turn], month: Month) -> list[Turn]:
    """The turns that fall due in a month."""
    return [turn for turn in turns if turn.month == month]


def grid(turns: Sequence[Turn], schedules: Sequence[ReportSchedule]) -> list[tuple[ReportSchedule, dict[str, Turn]]]:
    """Each schedule with its turns by the month they fall due in."""
    by_schedule: dict[int, dict[str, Turn]] = {row.id: {} for row in schedules}
    for turn in turns:
        by_schedule[turn.schedule.id][str(turn.month)] = turn
    return [(row, by_schedule[row.id]) for row in schedules if by_schedule[row.id]]
