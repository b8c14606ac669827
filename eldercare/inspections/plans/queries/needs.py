"""How many visits a place needs in a year, has had, and has ahead. Rules: domain.md §5.1, §5.5.

The floor of Order 66 art. 38, one visit a year at every institution, holds whatever the settings say. The cap binds
daily and double-random checks alone. A visit that met nobody is none; a recheck follows its parent and fills no need.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Date, and_, cast, func, or_

from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township
from eldercare.facilities.queries import GONE
from eldercare.hazards.credit import queries as credit
from eldercare.hazards.credit.models import DEFAULT
from eldercare.inspections.models import CAPPED, UNTOLD, Visit
from eldercare.inspections.plans.models import IN_FORCE, Plan, PlanItem, Terms
from eldercare.inspections.plans.rules.models import MONTHS, PlanRule

FLOOR = 1  # visits a year at an institution: Order 66, art. 38
USUAL_CLASS = DEFAULT  # of whom nothing is known (§5.5)
NOT_YET = "preparing"  # no place of care yet


@dataclass
class Cover:
    """A place's year: `least` and `most` visits asked of it, `done`, `planned` ahead, `capped` (those the cap counts).

    why: floor, class or type. `expected`: visits rules in force will still ask for. `state` is the place's.
    """

    facility_id: int
    township_id: int
    code: str
    name: str
    facility_type: str
    state: str
    township: Any
    credit_class: str | None
    is_filed: bool
    opened_on: date | None
    least: int = 0
    most: int | None = None
    why: str = ""
    done: int = 0
    planned: int = 0
    capped: int = 0
    missed: int = 0
    expected: int = 0
    last_on: date | None = None
    years: dict[int, int] = field(default_factory=dict)  # visits of the years before

    @property
    def id(self) -> int:
        """The place's."""
        return self.facility_id

    @property
    def short(self) -> int:
        """Visits it needs that nobody has made or planned."""
        return max(self.least - self.done - self.planned - self.expected, 0)

    @property
    def room(self) -> int | None:
        """Daily and double-random checks the cap still allows; None without a cap."""
        return None if self.most is None else max(self.most - self.capped, 0)

    @property
    def standing(self) -> str:
        """Over (the cap), short, met, ahead (all planned), none (nothing is asked)."""
        if self.most is not None and self.capped > self.most:
            return "over"
        if not self.least:
            return "none"
        if self.short:
            return "short"
        return "met" if self.done >= self.least else "ahead"


def class_bounds(scope: Scope, day: date) -> dict[str, tuple[int, int]]:
    """What each credit class asks for a year on a day, {class: (fewest, most)}; the classes are those of `hazards.credit`."""
    return {letter: (each.visits_min, each.visits_max) for letter, each in credit.classes(scope, day).items()}


def bounds_of(cover: Cover, classes: dict[str, tuple[int, int]], terms: Terms, year: int) -> tuple[int, int | None, str]:
    """Fewest and most visits of a place in a year, and why."""
    if cover.state in GONE or cover.state == NOT_YET or (cover.opened_on and cover.opened_on.year > year):
        return 0, None, ""
    if cover.facility_type == "institution":
        least, most = classes[cover.credit_class or USUAL_CLASS]
        if cover.state == "suspended":  # nobody is cared for there: the law's one visit, and no more
            least = FLOOR
        elif cover.opened_on and cover.opened_on.year == year:  # opened within the year: its share, and once at least
            least = -(-least * (13 - cover.opened_on.month) // 12)
        least = max(least, FLOOR)
        return least, max(least, most), "floor" if least == FLOOR else "class"
    if cover.facility_type not in terms.types or cover.state == "suspended":
        return 0, None, ""
    least, years, most = terms.types[cover.facility_type]
    before = sum(cover.years.get(year - n, 0) for n in range(1, years))
    return max(0, least - before), max(most, least), "type"


def coverage(
    scope: Scope, year: int, terms: Terms, day: date, *, without_plan: int | None = None, only: int | None = None
) -> list[Cover]:
    """Every place in reach (or one, `only`) that is or was open in a year, by code. `without_plan`: as if that plan were not.

    `day` is the day it is looked at: what is planned counts as ahead until its period is over.
    """
    covers = _bounded(scope, year, terms, day, without_plan, only)
    rules = list(db.session.scalars(scope.select(PlanRule).where(PlanRule.state == "in_force").order_by(PlanRule.id)))
    asked = _asked(scope, rules, year)
    for each in covers:
        each.expected = sum(_still(rule, year, day, asked.get((rule.id, each.facility_id), set())) for rule in rules
                            if concerns(rule, each.facility_type, each.state, each.credit_class))  # fmt: skip
    return covers


def _bounded(
    scope: Scope, year: int, terms: Terms, day: date, without_plan: int | None = None, only: int | None = None
) -> list[Cover]:
    """Places with their bounds and what was made and planned, whatever rules will still ask for."""
    covers = _places(scope, year, only)
    span = max((years for _least, years, _most in terms.types.values()), default=1)
    _count_visits(scope, covers, year, span, day)
    _count_items(scope, covers, year, day, without_plan)
    classes = class_bounds(scope, max(day, date(year, 1, 1)))
    for each in covers.values():
        each.least, each.most, each.why = bounds_of(each, classes, terms, year)
    return list(covers.values())


def _places(scope: Scope, year: int, only: int | None) -> dict[int, Cover]:
    query = (
        scope.columns(
            Facility, Facility.id, Facility.township_id, Facility.code, Facility.name, Facility.facility_type, Facility.state,
            Township, Facility.credit_class, Facility.filing_no.is_not(None), Facility.opened_on,
        )
        .join(Township, Township.id == Facility.township_id)
        .where(or_(Facility.state.not_in(GONE), Facility.closed_on >= date(year, 1, 1)))
        .order_by(Facility.code, Facility.id)
    )  # fmt: skip
    if only is not None:
        query = query.where(Facility.id == only)
    return {row[0]: Cover(*row) for row in db.session.execute(query)}


def _count_visits(
    scope: Scope, covers: dict[int, Cover], year: int, span: int, day: date, *, until: date | None = None
) -> None:
    of_year = func.extract("year", Visit.planned_on)
    ahead = and_(Visit.state == "planned", Visit.planned_on >= day.replace(day=1))
    done = and_(Visit.state == "sent", Visit.result != "absent")
    query = (
        scope.columns(
            Visit, Visit.facility_id, of_year,
            func.count().filter(done), func.count().filter(ahead),
            func.count().filter(and_(Visit.kind.in_(CAPPED), or_(Visit.state == "sent", ahead))),
            func.max(Visit.planned_on).filter(Visit.state == "sent"),
        )
        .where(Visit.kind != "recheck", Visit.planned_on.between(date(year - span, 1, 1), until or date(year, 12, 31)))
        .group_by(Visit.facility_id, of_year)
    )  # fmt: skip
    for facility_id, number, was_done, is_ahead, capped, last in db.session.execute(query):
        cover = covers.get(facility_id)
        if cover is None:
            continue
        if int(number) == year:
            cover.done, cover.planned, cover.capped = was_done, is_ahead, capped
        else:
            cover.years[int(number)] = was_done
        cover.last_on = max(filter(None, (cover.last_on, last)), default=None)


def _count_items(scope: Scope, covers: dict[int, Cover], year: int, day: date, without_plan: int | None) -> None:
    """Items that are no visit yet: of plans not withdrawn (a draft is meant seriously) and of rules."""
    missed = PlanItem.period_to < day
    query = (
        scope.columns(
            PlanItem, PlanItem.facility_id, func.count().filter(~missed), func.count().filter(missed),
            func.count().filter(and_(~missed, PlanItem.kind.in_(CAPPED))),
        )
        .outerjoin(Plan, Plan.id == PlanItem.plan_id)
        .where(
            PlanItem.state == "planned", PlanItem.planned_on.between(date(year, 1, 1), date(year, 12, 31)),
            or_(Plan.id.is_(None), Plan.state != "withdrawn"),
        )
        .group_by(PlanItem.facility_id)
    )  # fmt: skip
    if without_plan is not None:
        query = query.where(or_(Plan.id.is_(None), Plan.id != without_plan))
    for facility_id, ahead, missed_ones, capped in db.session.execute(query):
        if facility_id in covers:
            covers[facility_id].planned += ahead
            covers[facility_id].missed = missed_ones
            covers[facility_id].capped += capped


def concerns(rule: PlanRule, facility_type: str, state: str, credit_class: str | None) -> bool:
    """Whether a rule asks for visits at such a place: open, of its kinds, of its classes."""
    wanted = not rule.classes or (credit_class or USUAL_CLASS) in rule.classes
    return state == "operating" and facility_type in rule.facility_types and wanted


def _asked(scope: Scope, rules: Iterable[PlanRule], year: int) -> dict[tuple[int, int], set[str]]:
    """The periods of a year for which a rule has made its item already, by rule and place."""
    query = scope.columns(PlanItem, PlanItem.rule_id, PlanItem.facility_id, PlanItem.period).where(
        PlanItem.rule_id.in_([rule.id for rule in rules]), PlanItem.period.startswith(str(year))
    )
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    for rule_id, facility_id, period in db.session.execute(query):
        found[rule_id, facility_id].add(period)
    return found


def _still(rule: PlanRule, year: int, day: date, asked: set[str]) -> int:
    """For how many periods of a year, present or to come, a rule will ask and has not yet."""
    periods = (rule.period_of(date(year, month, 1)) for month in range(1, 13, MONTHS[rule.every]))
    spans = ((name, *rule.within(first, last)) for name, first, last in periods)
    return sum(name not in asked and max(first, day) <= last for name, first, last in spans)


def planned_and_done(scope: Scope, first: date, last: date) -> dict[str, tuple[int, int]]:
    """By kind of visit: how many were planned for a period (cancelled ones are not) and how many of those were made."""
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    within = Visit.planned_on.between(first, last)
    query = scope.columns(Visit, Visit.kind, func.count(), func.count().filter(Visit.state == "sent"))
    for kind, count, done in db.session.execute(query.where(within, Visit.state != "cancelled").group_by(Visit.kind)):
        kinds[kind][0] += count
        kinds[kind][1] += done
    waiting = (
        scope.columns(PlanItem, PlanItem.kind, func.count())
        .outerjoin(Plan, Plan.id == PlanItem.plan_id)
        .where(PlanItem.state == "planned", PlanItem.planned_on.between(first, last))
        .where(or_(PlanItem.rule_id.is_not(None), Plan.state.in_(("approved", "running", "closed"))))
        .group_by(PlanItem.kind)
    )
    for kind, count in db.session.execute(waiting):
        kinds[kind][0] += count
    return {kind: (planned, done) for kind, (planned, done) in kinds.items()}


def at_their_cap(scope: Scope, year: int, terms: Terms, day: date) -> set[int]:
    """Ids of places at which no further daily or double-random check of a year is allowed; a draw leaves them out."""
    return {each.facility_id for each in _bounded(scope, year, terms, day) if each.room == 0}


def ahead(scope: Scope, first: date, last: date, by: str = "week") -> dict[tuple[date, str], int]:
    """How many visits are to be made between two days, by (the Monday of the week, kind); places are not named.

    by: "week", or "month" (its first day). Case checks are never told beforehand (§5.2), not even as a number.
    """

    def begin(day: Any) -> Any:
        return cast(func.date_trunc(by, day), Date)

    found: dict[tuple[date, str], int] = defaultdict(int)
    monday = begin(Visit.planned_on)
    made = scope.columns(Visit, monday, Visit.kind, func.count()).where(
        Visit.planned_on.between(first, last), Visit.state != "cancelled", Visit.kind.not_in(UNTOLD)
    )
    monday_of_item = begin(PlanItem.planned_on)
    waiting = (
        scope.columns(PlanItem, monday_of_item, PlanItem.kind, func.count())
        .outerjoin(Plan, Plan.id == PlanItem.plan_id)
        .where(PlanItem.state == "planned", PlanItem.planned_on.between(first, last))
        .where(or_(PlanItem.rule_id.is_not(None), Plan.state.in_((*IN_FORCE, "closed"))))
    )
    for query in (made.group_by(monday, Visit.kind), waiting.group_by(monday_of_item, PlanItem.kind)):
        for begins, kind, count in db.session.execute(query):
            found[begins, kind] += count
    return dict(found)
