"""What a route is made of: the district's terms, the day's stops, who goes about together. Plain data, no tables.

Distances are straight lines (WGS-84, metres) times the detour; minutes are those metres at the district's speed, rounded up.
All times are minutes of the day in Asia/Shanghai. Settings [P]: domain.md fixes none of them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from math import asin, ceil, cos, radians, sin, sqrt
from typing import Any, Self

from flask_babel import lazy_gettext as _l

from eldercare.core.errors import catalogue

EARTH = 6_371_000  # metres
WHY_WORDS: dict[str, Any] = {
    "no_position": _l("The place has no position on the map."),
    "hours": _l("It cannot be reached within its hours, not even alone."),
    "full": _l("The day has no room for it beside the others."),
}


@dataclass(frozen=True)
class Terms:
    """The settings a day is ordered by; minutes of the day and metres."""

    bureau: tuple[float, float]  # longitude, latitude
    detour: float
    speed: int  # km/h
    hours: tuple[int, int]
    lunch: tuple[int, int]
    lunch_minutes: int
    open: Mapping[str, tuple[int, int]]  # by kind of place
    visit: Mapping[str, int]  # minutes by kind of visit
    item_seconds: int
    seconds: int
    seconds_run: int
    at_once: int
    slots: frozenset[tuple[int, int]] = frozenset()  # of plans: while nobody has been told of one, it may move

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        opened = (each.partition(":") for each in config["ROUTE_OPEN"])
        visit = (each.partition(":") for each in config["ROUTE_VISIT_MINUTES"])
        return cls(
            bureau=(config["ROUTE_BUREAU"][0], config["ROUTE_BUREAU"][1]), detour=config["ROUTE_DETOUR_PERCENT"] / 100,
            speed=config["ROUTE_SPEED_KMH"], hours=span_of(config["ROUTE_HOURS"]), lunch=span_of(config["ROUTE_LUNCH"]),
            lunch_minutes=config["ROUTE_LUNCH_MINUTES"], open={kind: span_of(text) for kind, _sign, text in opened},
            visit={kind: int(text) for kind, _sign, text in visit}, item_seconds=config["ROUTE_ITEM_SECONDS"],
            seconds=config["ROUTE_SECONDS"], seconds_run=config["ROUTE_SECONDS_RUN"], at_once=config["ROUTE_VISITS_AT_ONCE"],
            slots=frozenset(span_of(text) for text in config["PLAN_SLOTS"]),
        )  # fmt: skip

    def metres(self, a: tuple[float, float], b: tuple[float, float]) -> int:
        """By road, from (lon, lat) to (lon, lat)."""
        (lon, lat), (lon2, lat2) = (tuple(map(radians, each)) for each in (a, b))
        half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
        return round(2 * EARTH * asin(sqrt(half)) * self.detour)

    def minutes(self, metres: int) -> int:
        """How long so many metres take."""
        return ceil(metres * 60 / (self.speed * 1000))


@dataclass(frozen=True)
class Stop:
    """A visit of the day: who makes it, how long it takes, between which minutes it may begin.

    Hours that hold the whole visit must hold it; in shorter ones it must begin.
    """

    visit_id: int
    officers: frozenset[int]
    minutes: int
    position: tuple[float, float] | None
    first: int
    last: int
    given: int = 0  # when its hours begin as they were given: the order that is compared with


def span_of(text: str) -> tuple[int, int]:
    """08:30-17:30 as minutes of the day; ValueError."""
    begins, _sign, ends = text.strip().partition("-")
    found = (minute_of(time.fromisoformat(begins.strip())), minute_of(time.fromisoformat(ends.strip())))
    if found[0] >= found[1]:
        raise ValueError(text)
    return found


def minute_of(clock: time) -> int:
    """The minute of the day."""
    return clock.hour * 60 + clock.minute


def clock_of(minute: int) -> str:
    """09:05."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def together(stops: Sequence[Stop]) -> list[list[Stop]]:
    """The stops cut where no officer connects them: each part is ordered by itself."""
    parts: list[tuple[set[int], list[Stop]]] = []
    for stop in stops:
        mine = [part for part in parts if part[0] & stop.officers]
        parts = [part for part in parts if not part[0] & stop.officers]
        parts.append(
            ({*stop.officers, *(each for part in mine for each in part[0])}, [*(s for part in mine for s in part[1]), stop])
        )
    return [sorted(found, key=lambda stop: stop.visit_id) for _who, found in parts]


def crews(stops: Iterable[Stop]) -> list[tuple[frozenset[int], list[int]]]:
    """Who goes about together all day, with the numbers of their stops: officers with the very same stops share a car."""
    rows, by_officer = list(stops), dict[int, list[int]]()
    for n, stop in enumerate(rows):
        for officer in stop.officers:
            by_officer.setdefault(officer, []).append(n)
    by_stops: dict[tuple[int, ...], set[int]] = {}
    for officer, mine in by_officer.items():
        by_stops.setdefault(tuple(mine), set()).add(officer)
    return [(frozenset(who), list(mine)) for mine, who in sorted(by_stops.items(), key=lambda each: min(each[1]))]


def mark(stops: Iterable[Stop]) -> str:
    """What an order was made from: it changes when a stop comes, goes, moves, or is made by others."""
    told = [
        [s.visit_id, sorted(s.officers), s.minutes, s.position, s.first, s.last] for s in sorted(stops, key=lambda s: s.visit_id)
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


catalogue(
    {
        "route.nothing": (409, _l("No visit with a place on the map is planned for this day.")),
        "route.not_officer": (409, _l("Only somebody in the library of officers has a day of visits.")),
        "route.not_ordered": (409, _l("Order the day first.")),
        "route.old": (409, _l("The visits have changed since the day was ordered. Order it again.")),
        "route.no_answer": (
            409,
            _l("No order was found in the time given. Try again; if it happens again, tell the administrator."),
        ),
    },
    {},
)
