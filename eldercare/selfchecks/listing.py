"""Rounds put into words: lists, what is due, the month of a place, the district's matrix."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import current_app
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.checklists.checks.listing import AreaAnswers, by_area, result_badge, said, why
from eldercare.core import calendar, jinja
from eldercare.core.audit import AuditEntry
from eldercare.core.calendar import Month
from eldercare.core.listing import Badge, Choice, Column, DateRange, Flag, Listing, Search
from eldercare.core.scope import Scope
from eldercare.core.words import told
from eldercare.facilities import queries as facilities
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import TYPE_WORDS, Facility, Township
from eldercare.hazards import queries as hazards
from eldercare.hazards.models import Hazard
from eldercare.selfchecks import queries
from eldercare.selfchecks.models import DUTY_WORDS, LIST_CHANGED, OF_A_DAY, STATE_WORDS, Rules, SelfCheckRound

__all__ = ["TYPE_WORDS", "by_area", "result_badge", "said", "told", "township_words", "why"]
STATE_TONES: dict[str, Any] = {"due": "active", "done": "good", "late": "watch", "missed": "bad", "waived": "quiet"}
CELL_WORDS: dict[str, Any] = {"missed": _l("missed"), "late": _l("late"), "due": _l("due"), "done": _l("done")}


def rules() -> Rules:
    """The numbers of this installation."""
    return Rules.of(current_app.config)


def title(of: SelfCheckRound) -> str:
    """“Night round 3 of 6”, “Monthly check”."""
    if of.times == 1:
        return str(DUTY_WORDS[of.duty])
    return _("%(what)s %(slot)s of %(times)s", what=DUTY_WORDS[of.duty], slot=of.slot, times=of.times)


def window(of: SelfCheckRound) -> str:
    """“20:00–22:00”; of longer periods the last day."""
    if of.duty in OF_A_DAY:
        begins, ends = calendar.local(of.from_at), calendar.local(of.until_at)
        return f"{begins:%H:%M}–{ends:%H:%M}" if ends.time() != begins.time() else _("the whole day")
    return _("until %(day)s", day=jinja.day(of.day))


def is_over_now(of: SelfCheckRound) -> bool:
    """Still open, its window past: the clock has not come round yet."""
    return of.state == "due" and calendar.now() >= of.until_at


def state_badge(of: SelfCheckRound) -> Badge:
    """How a round ended, or how it stands."""
    if of.state == "due":
        if of.begun_at:
            return Badge(_l("Being filled in"), "active")
        return Badge(_l("Still due"), "active") if of.from_at <= calendar.now() else Badge(_l("Not yet time"), "quiet")
    return Badge(STATE_WORDS[of.state], STATE_TONES[of.state])


def can_still(of: SelfCheckRound) -> bool:
    """Whether it can still be walked or gone on with."""
    return rules().still(of, calendar.now())


def left_words(of: SelfCheckRound) -> str | None:
    """What became of a round that was begun and not completed in time."""
    if of.state != "missed" or of.begun_at is None:
        return None
    if can_still(of):
        last = jinja.moment(rules().late_until(of.duty, of.until_at))
        return _("Begun, not completed in time. It can be completed as late until %(at)s.", at=last)
    return _("Begun and never completed. It counts as missed; what had been filled in is kept below.")


def not_owed(history: list[AuditEntry]) -> str:
    """Why a round that was waived is not owed, by what the log says of it."""
    if any(each.details.get("why") == LIST_CHANGED for each in history):
        return _("The list was changed or ended before anybody began it. What is asked instead has rounds of its own.")
    return _("The place did not operate when this was due.")


def left_badge(of: SelfCheckRound) -> Badge:
    """How much time is left of a round that is due; that it can still be made up for, of one that was missed."""
    if of.state == "missed":
        return Badge(_l("Missed, can still be done"), "bad")
    left = of.until_at - calendar.now()
    return Badge(jinja.until(of.until_at), "bad" if left < timedelta() else "watch" if left < timedelta(hours=1) else "active")


def list_name(of: SelfCheckRound) -> str:
    """The list a round is filled from; its code where nothing else is loaded."""
    return str(LIST_WORDS.get(of.checklist.code, of.checklist.code))


LIST_WORDS: dict[str, Any] = {
    "institution_safety_responsibility": _l("Safety responsibility"), "daily_fire_patrol": _l("Fire patrol"),
    "township_center": _l("Centre safety"), "village_station": _l("Station safety"), "senior_canteen": _l("Canteen safety"),
}  # fmt: skip


def key_facts(of: SelfCheckRound, walker: str | None) -> list[tuple[Any, Any]]:
    """The line under a round's title."""
    facts: list[tuple[Any, Any]] = [(_("Facility"), of.facility.name), (_("Day"), jinja.day(of.day)), (_("Window"), window(of))]
    if of.begun_at:
        facts.append((_("Begun"), jinja.moment(of.begun_at)))
    if of.done_at:
        facts.append((_("Completed"), jinja.moment(of.done_at)))
    if walker:
        facts.append((_("Walked by"), walker))
    return facts


def found(of: SelfCheckRound) -> str:
    """What a round found, in a word or two."""
    if of.state == "missed" and of.answered:
        return ngettext("%(num)d item filled in, not completed", "%(num)d items filled in, not completed", of.answered)
    if of.state not in ("done", "late"):
        return jinja.DASH
    if not of.faults:
        return _("all in order")
    return ngettext("%(num)d not in order", "%(num)d not in order", of.faults)


def _of_duty(duty: str) -> Any:
    return SelfCheckRound.duty == duty


ROUNDS = Listing(
    name="rounds",
    title=_l("Rounds of self-checks"),
    ident=SelfCheckRound.id,
    link="{id}",
    columns=(
        Column("day", _l("Day"), "day", kind="day", sort=(SelfCheckRound.day, SelfCheckRound.from_at), detail=window),
        Column("facility", _l("Facility"), "facility.name", sort=Facility.name,
               detail=lambda row: township_words(row.facility.township)),
        Column("duty", _l("Round"), title, sort=(SelfCheckRound.duty, SelfCheckRound.slot), detail=list_name),
        Column("state", _l("State"), state_badge, kind="badge", sort=SelfCheckRound.state),
        Column("done_at", _l("Completed"), "done_at", kind="moment", sort=SelfCheckRound.done_at),
        Column("found", _l("Found"), found, sort=SelfCheckRound.faults),
    ),
    filters=(
        Search("q", _l("Facility"), where=queries.matching),
        Choice("state", _l("State"), choices=tuple(STATE_WORDS.items()), where=lambda each: SelfCheckRound.state == each),
        Choice("duty", _l("Duty"), choices=tuple(DUTY_WORDS.items()), where=_of_duty),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        Flag("faults", _l("Something not in order"), where=lambda _on: SelfCheckRound.faults > 0),
        DateRange("days", _l("Days"), where=queries.between, quiet=True),
        Choice("type", _l("Kind of place"), choices=tuple(TYPE_WORDS.items()),
               where=lambda each: Facility.facility_type == each, quiet=True),
        Choice("home", _l("Facility"), where=lambda home: SelfCheckRound.facility_id == int(home), quiet=True),
    ),
    order=(SelfCheckRound.day.desc(), SelfCheckRound.from_at.desc()),
    json=(
        "id", "facility_code", "list_code", "duty", "period", "slot", "times", "day", "from_at", "until_at", "state", "begun_at",
        "done_at", "answered", "faults", "check_id",
    ),
    empty_title=_l("No round here"),
    empty_why=_l("Rounds are made by the clock each night, from the lists in force, for every place that operates."),
)  # fmt: skip


def choices(townships: list[Township], homes: list[Facility]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {
        "township": [(each.code, township_words(each)) for each in townships],
        "home": [(str(each.id), each.name) for each in homes],
    }


def by_place(missed: list[SelfCheckRound]) -> list[tuple[Facility, list[SelfCheckRound]]]:
    """Missed rounds under their place."""
    found: dict[int, tuple[Facility, list[SelfCheckRound]]] = {}
    for each in missed:
        found.setdefault(each.facility_id, (each.facility, []))[1].append(each)
    return list(found.values())


def reported(scope: Scope, areas: list[AreaAnswers]) -> dict[int, Hazard]:
    """The hazards a round brought, by the id of the answer."""
    ids = [each.id for area in areas for each in area.answers if each.result == "nonconform"]
    return hazards.of_sources(scope, "self_check", ids) if ids else {}


# ---- boards ----------------------------------------------------------------------------------------


def _counted(state: str, count: int) -> str:
    return str(_("%(count)s %(what)s", count=count, what=CELL_WORDS[state]))


@dataclass(frozen=True)
class Cell:
    """A day of a place: `counts` None where nothing was due."""

    day: date
    counts: queries.Compliance | None
    is_out: bool = False  # of another month

    @property
    def state(self) -> str | None:
        """missed, late, due, done, or None."""
        return self.counts.state if self.counts else None

    @property
    def tone(self) -> str:
        """The sign and colour of it."""
        return STATE_TONES[self.state] if self.state else "quiet"

    @property
    def words(self) -> str:
        """“2 missed, 5 done” for whoever cannot see the sign."""
        if self.counts is None:
            return _("nothing due")
        of = self.counts
        pairs = (("missed", of.missed), ("late", of.late), ("due", of.open), ("done", of.done))
        return _(", ").join(_counted(name, count) for name, count in pairs if count) or _("nothing due")

    @property
    def label(self) -> str:
        """“2 missed”, “done”: what stands in the cell of a month."""
        if self.state is None:
            return ""
        return _counted(self.state, self.number) if self.number else str(CELL_WORDS[self.state])

    @property
    def number(self) -> int | None:
        """What stands beside the sign: how many are missed, or late."""
        if self.counts is None:
            return None
        return self.counts.missed or self.counts.late or None


@dataclass(frozen=True)
class Board:
    """A month of a place, week by week from Monday, and its sum."""

    month: Month
    weeks: list[list[Cell]]
    total: queries.Compliance
    earlier: Month
    later: Month | None
    points: list[tuple[str, queries.Compliance]] = field(default_factory=list)  # the months before, for the rate


def is_month(text: str) -> bool:
    """Whether it is written as a month: 2026-11."""
    try:
        Month.parse(text)
    except ValueError:
        return False
    return True


def month_asked(text: Any) -> Month:
    """The month of an address; this one when it cannot be read or lies ahead."""
    now = Month.of(calendar.today())
    if not is_month(str(text or "")):
        return now
    asked = Month.parse(str(text))
    return asked if now.plus(-120) <= asked <= now else now


def day_asked(text: Any, month: Month) -> date | None:
    """The day of an address, within the month shown; None for none."""
    try:
        day = date.fromisoformat(str(text or ""))
    except ValueError:
        return None
    return day if Month.of(day) == month else None


def _later(month: Month) -> Month | None:
    return month.plus(1) if month < Month.of(calendar.today()) else None


def _sum(found: Any) -> queries.Compliance:
    return sum(found, queries.Compliance(0))


def board(scope: Scope, facility: Facility, month: Month) -> Board:
    """The month of a place, and the six before it."""
    monday = month.first - timedelta(days=month.first.weekday())
    last = month.last + timedelta(days=6 - month.last.weekday())
    counted = queries.by_day(scope, month.first, month.last, [facility.id])
    days = [monday + timedelta(days=at) for at in range((last - monday).days + 1)]
    cells = [Cell(day, counted.get((facility.id, day)), is_out=Month.of(day) != month) for day in days]
    past = queries.monthly(scope, month.plus(-5).first, month.last, facility.id)
    points = [(jinja.month_label(Month.of(first)), counts) for first, counts in past]
    weeks = [cells[at : at + 7] for at in range(0, len(cells), 7)]
    return Board(month, weeks, _sum(counted.values()), month.plus(-1), _later(month), points)


def weekdays() -> list[str]:
    """Monday to Sunday, short."""
    return [str(format_date(date(2026, 11, 23) + timedelta(days=at), "EEE")) for at in range(7)]


@dataclass(frozen=True)
class Row:
    """A place's line of the matrix."""

    facility: Facility
    cells: list[Cell]
    total: queries.Compliance


@dataclass(frozen=True)
class Matrix:
    """Places × days of a month."""

    month: Month
    days: list[date]
    rows: list[Row]
    total: queries.Compliance
    earlier: Month
    later: Month | None


def matrix(scope: Scope, month: Month, kind: str, township: str | None) -> Matrix:
    """The places of a kind in reach (of a township) on the days of a month, those that keep it worst on top."""
    places = queries.places(scope, rules().types, kind)
    if township:
        ids = {each.id for each in facilities.townships(scope) if each.code == township}
        places = [each for each in places if each.township_id in ids]
    counted = queries.by_day(scope, month.first, month.last, [each.id for each in places])
    days = [month.first + timedelta(days=at) for at in range(month.days)]
    rows = []
    for place in places:
        cells = [Cell(day, counted.get((place.id, day))) for day in days]
        rows.append(Row(place, cells, _sum(each.counts for each in cells if each.counts)))
    rows.sort(key=lambda row: (2 if row.total.rate is None else row.total.rate, row.facility.code))
    return Matrix(month, days, rows, _sum(row.total for row in rows), month.plus(-1), _later(month))


def kinds() -> list[tuple[str, Any]]:
    """The kinds of place that check themselves, for tabs."""
    return [(each, TYPE_WORDS[each]) for each in rules().types]


def kind_asked(text: Any) -> str:
    """The kind of an address; the first one otherwise."""
    types = rules().types
    return text if text in types else types[0]


def rate(counts: queries.Compliance | None) -> str:
    """97.5%, a dash where nothing was due."""
    return jinja.ratio(counts.rate if counts else None)


def rate_facts(counts: queries.Compliance) -> list[tuple[Any, Any]]:
    """The numbers of a month."""
    return [
        (_("Rate in time"), rate(counts)), (_("Rounds due"), jinja.number(counts.due)),
        (_("Done in time"), jinja.number(counts.done)),
        (_("Late"), jinja.number(counts.late)), (_("Missed"), jinja.number(counts.missed)),
    ]  # fmt: skip
