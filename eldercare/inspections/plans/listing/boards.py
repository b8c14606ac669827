"""The calendar of a month, the year at a glance, the coverage of places, the load of officers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import calendar, charts, jinja, workdays
from eldercare.core.calendar import Month
from eldercare.core.listing import Badge, Choice, Column, Flag, Listing, Search
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import STATE_WORDS, TYPE_WORDS, Facility, Township
from eldercare.inspections.models import Visit
from eldercare.inspections.plans import queries
from eldercare.inspections.plans.listing.items import STAGE_TONES, STAGE_WORDS, hours, visit_url
from eldercare.inspections.plans.models import PlanItem

SHORT_KINDS: dict[str, Any] = {
    "daily": _l("daily"), "double_random": _l("double-random"), "special": _l("special"), "joint": _l("joint"),
    "case": _l("case"), "recheck": _l("recheck"),
}  # fmt: skip


# ---- a month ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A visit or a planned one on the calendar. `url`: where it opens; `move_url`: where it is moved ("" when it cannot be).

    `unfit`: those of its officers who may not go after all.
    """

    day: date
    hours: str
    name: str
    township: str
    kind: str
    stage: str
    officers: tuple[Any, ...]
    url: str
    move_url: str
    unfit: tuple[Any, ...] = ()

    @property
    def tone(self) -> str:
        """How it stands, as a colour's name."""
        return str(STAGE_TONES[self.stage])

    @property
    def words(self) -> str:
        """How it stands."""
        return str(STAGE_WORDS[self.stage])

    @property
    def names(self) -> str:
        """Who goes."""
        return _(", ").join(each.name for each in self.officers)

    @property
    def unfit_words(self) -> str:
        """Who of them may not; empty when all may."""
        return _("may not go: %(names)s", names=_(", ").join(each.name for each in self.unfit)) if self.unfit else ""


@dataclass(frozen=True)
class Day:
    """A day of the grid: `off` names what it is off for ("" when it is worked)."""

    day: date
    within: bool
    is_worked: bool
    entries: list[Entry]

    @property
    def words(self) -> str:
        """The day for those who do not see where it stands."""
        return str(format_date(self.day, "EEEE")) + _(", ") + jinja.day(self.day)


@dataclass
class Calendar:
    """A month with what was asked for."""

    month: Month
    weeks: list[list[Day]]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The month."""
        return jinja.month(self.month)

    @property
    def weekdays(self) -> list[str]:
        """Monday to Sunday, short."""
        return [str(format_date(day.day, "EEE")) for day in self.weeks[0]]

    @property
    def total(self) -> int:
        """All the visits of the month."""
        return sum(self.counts.values())


def of_item(item: PlanItem, day: date, *, may_move: bool) -> Entry:
    """A planned visit that is no visit yet."""
    stage = queries.stage_of(item, day)
    move = url_for("plans.move_item", item_id=item.id) if may_move else ""
    return Entry(
        item.planned_on, hours(item) or "", item.facility.name, township_words(item.facility.township), item.kind, stage,
        tuple(item.team), url_for("plans.show_item", item_id=item.id), move,
    )  # fmt: skip


def of_visit(visit: Visit, day: date, items: dict[int, int], *, may_move: bool, unfit: Sequence[Any] = ()) -> Entry:
    """A visit, whether it answers for a planned one or not; where its team may not go, it opens where that is put right."""
    late = "late" if visit.planned_on < day else "today" if visit.planned_on == day else "made"
    stage = "done" if visit.state == "sent" else late
    item = items.get(visit.id)
    move = ""
    if may_move and visit.state == "planned":
        move = url_for("plans.move_item", item_id=item) if item else url_for("inspections.reschedule", visit_id=visit.id)
    url = url_for("plans.show_item", item_id=item) if item else visit_url(visit.id)
    return Entry(
        visit.planned_on, hours(visit) or "", visit.facility.name, township_words(visit.facility.township), visit.kind, stage,
        tuple(each.officer for each in visit.officers), visit_url(visit.id) if unfit else url, move, tuple(unfit),
    )  # fmt: skip


def month_of(month: Month, entries: Iterable[Entry]) -> Calendar:
    """The grid of a month, Monday first."""
    known = workdays.known()
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda each: (each.hours or "~", each.name)):
        by_day[entry.day].append(entry)
    first = month.first - timedelta(days=month.first.weekday())
    weeks = []
    while first <= month.last:
        days = [first + timedelta(days=n) for n in range(7)]
        weeks.append([Day(day, Month.of(day) == month, known.is_worked(day), by_day.get(day, [])) for day in days])
        first += timedelta(days=7)
    counts = Counter(entry.stage for day, found in by_day.items() if Month.of(day) == month for entry in found)
    return Calendar(month, weeks, {stage: counts[stage] for stage in STAGE_WORDS if counts[stage]})


# ---- a year -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class YearRow:
    """A line of the year: twelve (planned, done) and their sum."""

    words: Any
    key: str
    months: list[tuple[int, int]]

    @property
    def total(self) -> tuple[int, int]:
        """Planned and done in the year."""
        return sum(each[0] for each in self.months), sum(each[1] for each in self.months)


def year_rows(rows: Sequence[Any], keys: Sequence[tuple[str, Any]], at: int) -> list[YearRow]:
    """Counted rows (kind, officer id, month, planned, done) by the key that stands at a place; lines without any are left out."""
    sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        found = sums[str(row[at]), int(row[2])]
        found[0] += row[3]
        found[1] += row[4]
    lines = [
        YearRow(words, key, [(sums[key, month][0], sums[key, month][1]) for month in range(1, 13)]) for key, words in keys
    ]
    return [line for line in lines if line.total[0]]


def month_heads(year: int) -> list[tuple[Month, str]]:
    """The months of a year with their short names."""
    return [(Month(year, n), str(format_date(date(year, n, 1), "LLL"))) for n in range(1, 13)]


# ---- coverage ---------------------------------------------------------------------------------------------

STANDING_WORDS: dict[str, Any] = {
    "short": _l("Short of visits"), "ahead": _l("All planned"), "met": _l("Has its visits"), "over": _l("Above its cap"),
    "none": _l("None asked for"),
}  # fmt: skip
STANDING_TONES: dict[str, Any] = {"short": "bad", "ahead": "active", "met": "good", "over": "watch", "none": "quiet"}


def standing_badge(cover: queries.Cover) -> Badge:
    """How a place stands; how many visits it is short of."""
    if cover.standing == "short":
        return Badge(ngettext("%(num)d visit short", "%(num)d visits short", cover.short), "bad")
    return Badge(STANDING_WORDS[cover.standing], STANDING_TONES[cover.standing])


def bounds_words(cover: queries.Cover) -> str | None:
    """Fewest and most visits of the year; most is the cap of daily and double-random checks."""
    if not cover.least and cover.most is None:
        return None
    return f"{cover.least}–{cover.most}" if cover.most is not None else str(cover.least)


def _remarks(cover: queries.Cover) -> str | None:
    unfiled = cover.facility_type == "institution" and not cover.is_filed
    told = [
        str(STATE_WORDS[cover.state]) if cover.state != "operating" else "",
        _("not filed: the county where it stands inspects it") if unfiled else "",
        _("class %(letter)s", letter=cover.credit_class) if cover.credit_class else "",
    ]
    return " · ".join(each for each in told if each) or None


def coverage(found: Sequence[queries.Cover], year: int) -> Listing:
    """The list of places with their year; figures stand by the rows they come from."""
    by_id = {each.facility_id: each for each in found}

    def of(standing: str) -> Any:
        return Facility.id.in_([each.facility_id for each in found if each.standing == standing])

    def figure(name: str) -> Any:
        return lambda row: getattr(by_id[row.id], name)

    return Listing(
        name="coverage", title=_l("Coverage"), ident=Facility.id,
        columns=(
            Column("facility", _l("Facility"), lambda row: by_id[row.id].name, sort=Facility.name,
                   detail=lambda row: _remarks(by_id[row.id])),
            Column("township", _l("Township"), lambda row: township_words(by_id[row.id].township), spare=True),
            Column("type", _l("Kind of place"), lambda row: TYPE_WORDS[by_id[row.id].facility_type], spare=True),
            Column("bounds", _l("Fewest–most"), lambda row: bounds_words(by_id[row.id])),
            Column("done", _l("Done"), figure("done"), kind="number"),
            Column("planned", _l("Ahead"), lambda row: by_id[row.id].planned + by_id[row.id].expected, kind="number"),
            Column("missed", _l("Missed"), figure("missed"), kind="number"),
            Column("standing", _l("How it stands"), lambda row: standing_badge(by_id[row.id]), kind="badge"),
            Column("last", _l("Last visit"), figure("last_on"), kind="day", spare=True),
        ),
        filters=(
            Search("q", _l("Facility"), where=queries.place_matching),
            Choice("standing", _l("How it stands"), choices=tuple(STANDING_WORDS.items()), where=of),
            Choice("type", _l("Kind of place"), choices=tuple(TYPE_WORDS.items()),
                   where=lambda kind: Facility.facility_type == kind),
            Choice("class", _l("Credit class"), choices=[(each, each) for each in "ABCD"],
                   where=lambda each: Facility.credit_class == each),
            Choice("township", _l("Township"), where=lambda code: Township.code == code),
            Flag("stationed", _l("Stationed supervision"), where=lambda _on: Facility.stationed, quiet=True),
        ),
        order=(Facility.code,),
        link=lambda row: url_for("plans.items", home=row.id, stage="", planned_from=f"{year}-01-01", planned_to=f"{year}-12-31"),
    )  # fmt: skip


def covered(found: Sequence[queries.Cover], year: int, args: Any, townships: Iterable[Township]) -> Any:
    """The list of a year as it is asked; the year stays with it."""
    offered = {"township": [(each.code, township_words(each)) for each in townships]}
    return coverage(found, year).bind(args, path="/inspections/plans/coverage/", choices=offered, kept={"year": str(year)})


def tally(found: Sequence[queries.Cover]) -> list[dict[str, Any]]:
    """How many places stand where, each a link to them."""
    counts = Counter(each.standing for each in found)
    return [
        {"words": words, "count": counts[key], "key": key, "tone": STANDING_TONES[key]}
        for key, words in STANDING_WORDS.items() if counts[key]
    ]  # fmt: skip


# ---- load -------------------------------------------------------------------------------------------------


def load_chart(officers: Sequence[Any], counted: dict[tuple[int, int], int], year: int) -> dict[str, Any] | None:
    """Visits by officer, made and planned, the title saying how even they are; the months in the table."""
    sums = {each.id: sum(counted.get((each.id, month), 0) for month in range(1, 13)) for each in officers}
    if not any(sums.values()):
        return None
    rows = [(each.name, sums[each.id], str(sums[each.id])) for each in officers]
    most, least = max(sums.values()), min(sums.values())
    average = sum(sums.values()) / len(sums)
    heads = [_("Officer"), *(words for _month, words in month_heads(year)), _("Sum")]
    table = [[each.name, *(counted.get((each.id, month), 0) for month in range(1, 13)), sums[each.id]] for each in officers]
    title = _("Visits of %(year)s: %(least)d to %(most)d an officer", year=str(year), least=least, most=most)
    if most - least <= 1:
        title = _("Visits of %(year)s: everybody has %(most)d, or one fewer", year=str(year), most=most)
    mark = (average, _("average %(number)s", number=jinja.number(average, 1)))
    spec = charts.bars(rows, mark=mark, most=most * 1.15, width="container", row_height=26)
    return {"spec": spec, "title": title, "table": {"columns": heads, "rows": table}, "spread": most - least}


def load_rows(officers: Sequence[Any], counted: dict[tuple[int, int], int], day: date) -> list[dict[str, Any]]:
    """A line for each officer: the months, the sum, whether the certificate counts."""
    rows = []
    for each in officers:
        months = [counted.get((each.id, month), 0) for month in range(1, 13)]
        left = (each.valid_to - day).days
        word = _("certificate until %(day)s", day=jinja.day(each.valid_to))
        tone = "bad" if not each.is_certified(day) else "watch" if left < 60 else "quiet"
        rows.append({"officer": each, "months": months, "total": sum(months), "badge": Badge(word, tone)})  # type: ignore[arg-type]
    return rows


def years(today: date) -> list[int]:
    """The years one may look at: two back, one ahead."""
    return list(range(today.year - 2, today.year + 2))


def year_asked(text: str | None) -> int:
    """The year of an address; this one for anything else."""
    today = calendar.today()
    return int(text) if text and text.isdigit() and int(text) in years(today) else today.year


def month_asked(text: str | None) -> Month:
    """The month of an address; this one for anything else."""
    try:
        month = Month.parse(text or "")
    except ValueError:
        return Month.of(calendar.today())
    return month if 2000 <= month.year < 2200 else Month.of(calendar.today())


def day_asked(text: str | None) -> date | None:
    """The day of an address, to which a visit was dragged; None for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
