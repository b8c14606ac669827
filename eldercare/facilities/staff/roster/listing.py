"""The roster put into words: a week, its gaps, who is on duty now."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import current_app
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from eldercare.core import calendar, jinja
from eldercare.core.listing import Badge
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.facilities.staff.models import POST_WORDS
from eldercare.facilities.staff.roster import queries
from eldercare.facilities.staff.roster.models import SHIFT_WORDS, SHIFTS, Rules

__all__ = ["POST_WORDS", "SHIFTS", "SHIFT_WORDS"]


def rules() -> Rules:
    """The district's numbers from the settings."""
    config = current_app.config
    return Rules(
        tuple(config["SHIFT_STARTS"]), config["NIGHT_STAFF_LEAST"], config["FIRE_CONTROL_LEAST"], config["ROSTER_EDIT_DAYS"],
        config["ROSTER_TOLD_HOURS"],
    )


def short(shift: str) -> str:
    """One sign for a shift, for the cells."""
    return {"day": _("D"), "evening": _("E"), "night": _("N")}[shift]


def hours_words(shift: str) -> str:
    """“07:00–15:00”."""
    starts, ends = rules().hours(calendar.today(), shift)
    return f"{calendar.local(starts):%H:%M}–{calendar.local(ends):%H:%M}"


def weekday(day: date) -> str:
    """The day of the week, short."""
    return str(format_date(day, "EEE"))


def day_short(day: date) -> str:
    """Day and month."""
    return str(format_date(day, "M/d" if jinja.lang() == "zh" else "d MMM"))


def first_day() -> date:
    """The first day that may still be changed."""
    return calendar.today() - timedelta(rules().edit_days)


def cell_words(person: Any, day: date, held: list[tuple[str, str]]) -> str:
    """A cell for those who do not see it."""
    shifts = _(", ").join(str(SHIFT_WORDS[shift]) for shift, _duty in held) or _("no shift")
    return _("%(name)s, %(day)s: %(shifts)s", name=person.name, day=jinja.day(day), shifts=shifts)


@dataclass(frozen=True)
class Cover:
    """A shift of a day: how many people, and what is missing in words ("" when nothing is)."""

    people: int
    lacks: str


@dataclass(frozen=True)
class Board:
    """A week of a place."""

    facility: Facility
    monday: date
    rows: list[queries.Row]
    cover: dict[str, dict[date, Cover]]
    gaps: list[queries.Gap]

    @property
    def days(self) -> list[date]:
        """Monday to Sunday."""
        return [self.monday + timedelta(n) for n in range(7)]

    @property
    def before(self) -> date:
        """The Monday before."""
        return self.monday - timedelta(7)

    @property
    def after(self) -> date:
        """The Monday after."""
        return self.monday + timedelta(7)


def board(scope: Scope, facility: Facility, monday: date) -> Board:
    """The week as the page draws it."""
    rows = queries.week(scope, facility.id, monday)
    gaps = queries.gaps(scope, [facility], monday, monday + timedelta(6), rules())
    lacks: dict[tuple[str, date], list[str]] = {}
    for gap in gaps:
        lacks.setdefault((gap.shift, gap.day), []).append(gap_short(gap))
    cover = {
        shift: {
            day: Cover(
                sum(each == shift for row in rows for each, _duty in row.days[day]),
                _(", ").join(lacks.get((shift, day), [])),
            )
            for day in (monday + timedelta(n) for n in range(7))
        }
        for shift in SHIFTS
    }
    return Board(facility, monday, rows, cover, gaps)


def gap_short(gap: queries.Gap) -> str:
    """What a shift lacks, for a cell."""
    if gap.what == "night_empty":
        return _("nobody") if gap.there == 0 else _("%(there)d of %(needed)d people", there=gap.there, needed=gap.needed)
    return _("control room %(there)d of %(needed)d", there=gap.there, needed=gap.needed)


def gap_sentence(gap: queries.Gap) -> str:
    """The same as a sentence with its day."""
    where = {"day": jinja.day(gap.day), "shift": SHIFT_WORDS[gap.shift], "there": gap.there, "needed": gap.needed}
    if gap.what == "night_empty":
        return _("%(day)s, %(shift)s: %(there)s of %(needed)s people who must be there.", **where)
    return _("%(day)s, %(shift)s: the fire control room has %(there)s of %(needed)s people.", **where)


def gaps_ahead(scope: Scope, facilities: list[Facility]) -> dict[int, list[queries.Gap]]:
    """The gaps of today and the six days after, by facility id."""
    today = calendar.today()
    found: dict[int, list[queries.Gap]] = {each.id: [] for each in facilities}
    for gap in queries.gaps(scope, facilities, today, today + timedelta(6), rules()):
        found[gap.facility_id].append(gap)
    return found


def gaps_badge(gaps: list[queries.Gap]) -> Badge:
    """How many shifts lack somebody."""
    if not gaps:
        return Badge(_("all covered"), "good")
    return Badge(ngettext("%(num)d gap", "%(num)d gaps", len(gaps)), "bad")


def now(scope: Scope, facility_id: int) -> list[queries.OnDuty]:
    """Who is on duty now."""
    return queries.on_duty(scope, facility_id, calendar.now())


def as_json(shown: Board, duty: list[queries.OnDuty]) -> dict[str, Any]:
    """A week at the wire."""
    return {
        "on_duty": [
            {
                "member_id": each.member_id, "name": each.name, "duty": each.duty, "shift": each.shift,
                "starts_at": each.starts_at.isoformat(), "ends_at": each.ends_at.isoformat(),
            }
            for each in duty
        ],
        "shifts": [
            {"member_id": row.member.id, "name": row.member.name, "day": day.isoformat(), "shift": shift, "duty": post}
            for row in shown.rows for day, held in row.days.items() for shift, post in held
        ],
        "gaps": [
            {"day": gap.day.isoformat(), "shift": gap.shift, "what": gap.what, "there": gap.there, "needed": gap.needed}
            for gap in shown.gaps
        ],
    }  # fmt: skip
