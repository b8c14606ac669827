"""Who goes when: days spread evenly over a period, pairs chosen so that everybody has the same number of visits.

No chance in it: the same officers, places and days give the same plan. Nobody is at two places at the same time,
nobody goes where they avoid to go or where it is shut, one of a pair knows what the kind of place asks for (where anybody does).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any

from eldercare.accounts.officers.models import Officer
from eldercare.core.scope import Scope
from eldercare.inspections.plans import queries
from eldercare.inspections.plans.models import Terms

GOLDEN = 0.6180339887498949  # steps of this size lie evenly in a circle, however many there are
Slot = tuple[Any, Any]


def spread(wanted: Iterable[tuple[int, int]], days: Sequence[date]) -> list[tuple[int, int, date]]:
    """Days for (place, number of visits): [(place, how-manieth, day)] by day, as many on each day as on any other.

    The visits to one place lie about evenly apart.
    """
    points = []
    for rank, (place, count) in enumerate(wanted):
        offset = (0.5 + rank * GOLDEN) % 1
        points += [((n + offset) / count, place, n + 1) for n in range(count)]
    points.sort()
    whole, half = len(days), 2 * len(points)
    return [(place, number, days[(2 * at + 1) * whole // half]) for at, (_share, place, number) in enumerate(points)]


@dataclass
class Desk:
    """What choosing a team needs to know of a period; each team chosen is counted at once."""

    officers: Sequence[Officer]
    slots: Sequence[Slot]
    specialities: dict[str, str]
    avoids: dict[tuple[int, int], list[tuple[date, date | None]]] = field(default_factory=dict)
    load: Counter[int] = field(default_factory=Counter)
    leads: Counter[int] = field(default_factory=Counter)
    taken: dict[tuple[int, date], list[Slot]] = field(default_factory=lambda: defaultdict(list))
    last: dict[int, set[int]] = field(default_factory=dict)
    hours: dict[int, str] = field(default_factory=dict)  # by place, as it states them

    @classmethod
    def of(cls, scope: Scope, first: date, last: date, terms: Terms, *, without_plan: int | None = None) -> "Desk":
        """As things stand; load counts the whole years the period lies in."""
        year = (date(first.year, 1, 1), date(last.year, 12, 31))
        desk = cls(
            queries.inspectors(scope), terms.slots, terms.specialities, queries.avoidances(scope, first, last),
            last=queries.last_teams(scope, first), hours=queries.stated_hours(scope),
        )  # fmt: skip
        for row in queries.engagements(scope, *year, without_plan=without_plan or 0):
            desk.load[row.officer_id] += 1
            desk.leads[row.officer_id] += row.seat == 0
            desk.taken[row.officer_id, row.planned_on].append((row.window_from, row.window_to))
        return desk

    def choose(self, place: int, kind: str, day: date) -> tuple[list[int], Slot] | None:
        """A pair (the lead first) and a time of the day for a place of a kind; None when nobody can go that day."""
        can = [each for each in self.officers if each.may_go(day) and not self._avoids(place, each.id, day)]
        skill = self.specialities.get(kind)
        know = {each.id for each in can if skill in each.specialities} if skill else set()
        ranked = []
        for one, other in combinations(can, 2):
            if know and not know & {one.id, other.id}:
                continue
            again = len(self.last.get(place, set()) & {one.id, other.id})
            ranked.append((self.load[one.id] + self.load[other.id], again, one.id, other.id))
        within = [slot for slot in self.slots if queries.is_open_at(self.hours.get(place), slot)] or self.slots
        for _load, _again, *pair in sorted(ranked):
            slot = self._free(pair, day, within)
            if slot is not None:
                team = sorted(pair, key=lambda officer: (self.leads[officer], officer not in know, officer))
                self._count(place, team, day, slot)
                return team, slot
        return None

    def nearest(self, place: int, kind: str, first: date, days: Sequence[date]) -> tuple[list[int], Slot, date] | None:
        """The same for a day of `days`, or for the nearest one on which two can go: (pair, time, day)."""
        at = days.index(first)
        for n in sorted(range(len(days)), key=lambda n: (abs(n - at), n)):
            chosen = self.choose(place, kind, days[n])
            if chosen is not None:
                return *chosen, days[n]
        return None

    def _avoids(self, place: int, officer: int, day: date) -> bool:
        return any(start <= day and (end is None or end >= day) for start, end in self.avoids.get((place, officer), ()))

    def _free(self, pair: Sequence[int], day: date, slots: Sequence[Slot]) -> Slot | None:
        taken = [when for officer in pair for when in self.taken[officer, day]]
        return next((slot for slot in slots if not any(queries.overlaps(slot, when) for when in taken)), None)

    def _count(self, place: int, team: Sequence[int], day: date, slot: Slot) -> None:
        for seat, officer in enumerate(team):
            self.load[officer] += 1
            self.leads[officer] += seat == 0
            self.taken[officer, day].append(slot)
        self.last[place] = set(team)
