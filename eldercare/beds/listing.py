"""The bed board and a home's occupancy put into words."""

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.beds import queries
from eldercare.core import calendar, charts, jinja
from eldercare.core.calendar import Month
from eldercare.core.listing import Badge
from eldercare.core.scope import Scope
from eldercare.facilities.models import BED_CONDITION_WORDS, BED_KIND_WORDS, Facility

KIND_WORDS = BED_KIND_WORDS
SEX_WORDS = {"male": _l("men"), "female": _l("women")}
STATES = {
    "applied": _l("Applied"), "assessed": _l("Assessed"), "rejected": _l("Not accepted"), "contracted": _l("Contract signed"),
    "trial": _l("Trial stay"), "in_residence": _l("Lives there"), "on_leave": _l("On leave"),
    "hospitalised": _l("In hospital"), "discharged": _l("Left"), "deceased": _l("Deceased"),
}
AWAY = {"on_leave": _l("on leave"), "hospitalised": _l("in hospital"), "trial": _l("trial stay")}


def occupancy_chart(scope: Scope, facility: Facility) -> dict[str, Any] | None:
    """Occupancy of an institution over 13 months: what `_parts/chart.html` draws; None for other places."""
    if facility.facility_type != "institution":
        return None
    points = queries.occupancy_trend(scope, Month.of(calendar.today()).plus(-1), facility_id=facility.id)
    labels = [jinja.month_label(point.month) for point in points]
    year = jinja.january(point.month for point in points)
    spec = charts.trend(labels, {"": [point.rate for point in points]}, text=jinja.ratio, zero=True, year=year)
    table = {
        "columns": [_("Month"), _("In residence"), _("Beds set up"), _("Occupancy")],
        "rows": [
            [str(p.month), jinja.number(p.in_home), jinja.number(p.beds_set), jinja.ratio(p.rate)] for p in reversed(points)
        ],
    }
    note = _("Residents at the end of the month over beds set up")
    return {"spec": spec, "title": _story(points), "table": table, "note": note}


def _story(points: list[queries.TrendPoint]) -> str:
    first, last = points[0], points[-1]
    if last.rate is None:
        return _("There is no occupancy rate yet")
    if first.rate is None:
        return _("Occupancy %(rate)s at the end of last month", rate=jinja.ratio(last.rate))
    change = round((last.rate - first.rate) * 100, 1)
    size = f"{abs(change):.1f}"
    if change > 0:
        return _("Occupancy %(rate)s, up %(points)s points over a year", rate=jinja.ratio(last.rate), points=size)
    if change < 0:
        return _("Occupancy %(rate)s, down %(points)s points over a year", rate=jinja.ratio(last.rate), points=size)
    return _("Occupancy %(rate)s, as a year ago", rate=jinja.ratio(last.rate))


# ---- the board ------------------------------------------------------------------------------------


@dataclass
class BoardRoom:
    """A room with its beds."""

    name: str
    sex_policy: str
    beds: list[queries.BoardBed] = field(default_factory=list)


def by_floor(beds: list[queries.BoardBed]) -> list[tuple[str, int, list[BoardRoom]]]:
    """Beds as the house stands: [(building, floor, rooms)]."""
    floors = []
    for (building, floor), on_floor in groupby(beds, key=lambda bed: (bed.building, bed.floor)):
        rooms = [
            BoardRoom(name, policy, list(own))
            for (name, policy), own in groupby(on_floor, key=lambda bed: (bed.room, bed.sex_policy))
        ]
        floors.append((building, floor, rooms))
    return floors


def bed_badge(bed: queries.BoardBed) -> Badge:
    """A bed's state on the day as a word with its tone."""
    if bed.resident_id is not None:
        away = AWAY.get(bed.stay_state or "")
        return Badge(away or _l("taken"), "watch" if away else "active")
    if bed.condition != "available":
        return Badge(BED_CONDITION_WORDS[bed.condition], "quiet")
    return Badge(_l("free"), "good")


@dataclass(frozen=True)
class Counts:
    """The numbers at the top of a board."""

    beds: int
    taken: int
    free: int
    out_of_use: int
    away: int


def counts(beds: list[queries.BoardBed]) -> Counts:
    """Beds that stand there (not planned, not retired), and how they are used on the day."""
    taken = sum(bed.resident_id is not None for bed in beds)
    out = sum(bed.resident_id is None and bed.condition != "available" for bed in beds)
    away = sum(bed.stay_state in {"on_leave", "hospitalised"} for bed in beds)
    return Counts(len(beds), taken, len(beds) - taken - out, out, away)


def day_asked(text: str | None) -> tuple[date, bool]:
    """(the day to show, whether what was asked could not be read); today by default, never after it."""
    today = calendar.today()
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        return today, True
    return (day, False) if date(2000, 1, 1) <= day <= today else (today, True)
