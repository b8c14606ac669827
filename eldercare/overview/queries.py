"""What the first pages show: the numbers of the day, what needs attention, what the charts tell."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func

from eldercare.beds import queries as beds
from eldercare.core import alerts
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Person, Scope
from eldercare.facilities import queries as facilities
from eldercare.facilities.models import Facility
from eldercare.facilities.staff import queries as staff
from eldercare.homecare import queries as homecare
from eldercare.residents import queries as residents

MONTHS = 13  # a year and the month to compare it with


@dataclass(frozen=True)
class Figure:
    """One number of the day.

    `value` (None: nothing to count), `whole` it is part of, `points` by month, oldest first;
    the last point is the value now, the one before it the end of last month.
    """

    name: str
    value: float | None
    whole: int | None = None
    points: list[float | None] = field(default_factory=list)

    @property
    def change(self) -> float | None:
        """Against the end of last month; None without one."""
        if self.value is None or len(self.points) < 2 or self.points[-2] is None:
            return None
        return self.value - self.points[-2]


def figures(scope: Scope, day: date) -> list[Figure]:
    """The numbers of the day within reach; what a place does not have is left out."""
    month = Month.of(day)
    people = residents.trend(scope, month, MONTHS)
    now = beds.total(beds.occupancy(scope, day))
    trend = beds.occupancy_trend(scope, month.plus(-1), MONTHS - 1)
    found = [
        Figure("elders", people[-1]["active"], None, [each["active"] for each in people]),
        Figure("in_home", now.in_home, now.beds_set, [*(each.in_home for each in trend), now.in_home]),
        Figure("occupancy", now.rate_set, now.beds_set, [*(each.rate for each in trend), now.rate_set]),
        Figure("nursing_share", now.beds_nursing / now.beds_set if now.beds_nursing and now.beds_set else None, now.beds_set),
    ]
    family: list[float | None] = [count for _, count in homecare.family_bed_trend(scope, month, MONTHS, until=day)]
    found.append(Figure("family_beds", family[-1], None, family))
    return [each for each in found if each.value or any(each.points)]


def told(scope: Scope, person: Person) -> list[Any]:
    """What a person's inbox holds to do, by kind (see `alerts.grouped`); kinds without a title are counted elsewhere."""
    return [each for each in alerts.grouped(scope, person) if each[0].title]


def needs(scope: Scope, day: date, required: Collection[tuple[str, str]] = ()) -> list[dict[str, Any]]:
    """What needs someone today: [{"name", "count", "tone"}], gravest first; nothing with a count of 0.

    `required`: which post needs which certificate, pairs of the settings.
    """
    papers = staff.standing_counts(scope, day, required, 0)
    licences = facilities.licences_expiring(scope, day)
    due = residents.assessments_due(scope, day)
    failed = db.session.scalar(scope.columns(Run, func.count()).where(Run.state == "failed")) or 0
    lines = [
        ("licences_expired", sum(each.days_left < 0 for each in licences), "bad"),
        ("licences_7", sum(0 <= each.days_left <= 7 for each in licences), "bad"),
        ("certificates_expired", papers["expired"], "bad"),
        ("certificates_missing", papers["missing"], "bad"),
        ("licences_30", sum(7 < each.days_left <= 30 for each in licences), "watch"),
        ("jobs_failed", failed, "bad"),
        ("assessments_overdue", due["overdue"], "watch"),
        ("assessments_soon", due["due_in_30_days"], "quiet"),
        ("licences_90", sum(30 < each.days_left <= 90 for each in licences), "quiet"),
    ]
    return [{"name": name, "count": count, "tone": tone} for name, count, tone in lines if count]


def shown(scope: Scope, day: date, *, with_map: bool) -> dict[str, Any]:
    """What the pictures of a first page are drawn from.

    {"homes": occupancy by institution, the fullest first; "trend": the last thirteen month ends;
    "people": the profile of the register; "places": facilities with a position, None without a map}.
    """
    placed = facilities.facilities(scope, gone=False).where(Facility.lon.is_not(None)) if with_map else None
    return {
        "homes": sorted(beds.occupancy(scope, day), key=lambda each: -(each.rate_set or 0)),
        "trend": beds.occupancy_trend(scope, Month.of(day).plus(-1), MONTHS),
        "people": residents.profile(scope, day),
        "places": None if placed is None else list(db.session.scalars(placed)),
    }


def own(scope: Scope) -> list[Facility]:
    """A manager's own facilities."""
    return list(db.session.scalars(facilities.facilities(scope, gone=False)))
