"""Caregivers to residents (护理员配比, domain.md §3.3; MZ/T 187-2021).

Residents are those in residence at 24:00 of the day, in three groups by their ability level. Caregivers are counted
by person: once however many posts or shifts they have, and once in a sum even when they work in two homes. A group
needs between residents / most and residents / fewest caregivers; the need of a home is the sum over its groups.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, func, or_

from eldercare.beds.models import Stay
from eldercare.beds.queries import BEGUN, occupancy
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.staff.roster import queries as roster
from eldercare.residents.models import Resident

GROUPS = ("self_care", "partly", "fully")


@dataclass(frozen=True)
class Bands:
    """The district's numbers [K]: for each group the fewest and the most residents a caregiver may have; the group of
    each ability level 0–4 and of the unassessed; over how many days a shift counts as "on the roster"."""

    bands: tuple[tuple[int, int], ...] = ((15, 20), (8, 12), (3, 5))
    groups: tuple[int, ...] = (0, 1, 1, 2, 2)
    unassessed: int = 1
    days: int = 7


@dataclass(frozen=True)
class Ratio:
    """A home, or a sum of homes, on a day.

    residents: by group; unassessed: of them, whose level nobody knows. employed: caregivers at work; rostered: those
    with a shift as caregiver in the days up to the day. least, full: caregivers needed at most and at fewest residents each.
    """

    facility_id: int | None
    name: str | None
    township: str | None
    residents: tuple[int, int, int]
    unassessed: int
    employed: frozenset[int]
    rostered: frozenset[int]
    least: float
    full: float
    homes: int = 1

    @property
    def in_home(self) -> int:
        """All residents."""
        return sum(self.residents)

    @property
    def needed(self) -> tuple[int, int]:
        """Caregivers needed, whole people: (at the most residents each, at the fewest)."""
        return math.ceil(round(self.least, 6)), math.ceil(round(self.full, 6))

    @property
    def each(self) -> float | None:
        """Residents for each caregiver employed; None without a caregiver."""
        return self.in_home / len(self.employed) if self.employed else None

    @property
    def each_rostered(self) -> float | None:
        """Residents for each caregiver on the roster; None without one."""
        return self.in_home / len(self.rostered) if self.rostered else None

    @property
    def verdict(self) -> str:
        """Short (fewer employed than the standard's most lenient number), thin (enough employed, too few of them on the
        roster), within, or none (nobody lives there)."""
        if not self.in_home:
            return "none"
        if len(self.employed) < self.needed[0]:
            return "short"
        return "thin" if len(self.rostered) < self.needed[0] else "within"


def by_level(scope: Scope, day: date) -> dict[int, dict[int | None, int]]:
    """Residents at 24:00 of the day by facility id and ability level on the register (None: not assessed)."""
    here = and_(Stay.state.in_(BEGUN), Stay.starts_on <= day, or_(Stay.ends_on.is_(None), Stay.ends_on > day))
    query = (
        scope.columns(Stay, Stay.facility_id, Resident.ability_level, func.count())
        .outerjoin(Resident, and_(Resident.id == Stay.resident_id, scope.where(Resident)))
        .where(here)
        .group_by(Stay.facility_id, Resident.ability_level)
    )
    found: dict[int, dict[int | None, int]] = {}
    for facility_id, level, count in db.session.execute(query):
        found.setdefault(facility_id, {})[level] = count
    return found


def ratios(scope: Scope, day: date, bands: Bands, facility_id: int | None = None) -> list[Ratio]:
    """One line for each institution open on the day (or the one named), by code."""
    levels = by_level(scope, day)
    staff = roster.caregivers(scope, day - timedelta(bands.days - 1), day)
    lines = []
    for home in occupancy(scope, day):
        if home.facility_id is None or facility_id not in (None, home.facility_id):
            continue
        counts = [0, 0, 0]
        mine = levels.get(home.facility_id, {})
        for level, people in mine.items():
            counts[bands.unassessed if level is None else bands.groups[level]] += people
        own = staff.get(home.facility_id, {"employed": set(), "rostered": set()})
        least, full = (sum(count / band[at] for count, band in zip(counts, bands.bands, strict=True)) for at in (1, 0))
        lines.append(
            Ratio(
                home.facility_id, home.name, home.township, (counts[0], counts[1], counts[2]), mine.get(None, 0),
                frozenset(own["employed"]), frozenset(own["rostered"]), least, full,
            )
        )
    return lines


def total(lines: Iterable[Ratio]) -> Ratio:
    """The sum of some lines: whoever works in two homes counts once; the needs of homes are added."""
    rows = list(lines)
    groups = tuple(sum(row.residents[at] for row in rows) for at in range(3))
    return Ratio(
        None, None, None, (groups[0], groups[1], groups[2]), sum(row.unassessed for row in rows),
        frozenset().union(*(row.employed for row in rows)), frozenset().union(*(row.rostered for row in rows)),
        sum(row.least for row in rows), sum(row.full for row in rows), len(rows),
    )
