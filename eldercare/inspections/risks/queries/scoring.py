"""From traces to numbers, as of a day: plain functions over plain rows, so that a test can hold them against paper.

A trace is one thing that was known of a place from `known` on, and no longer held (or was known to be over) from `gone` on.
`happened` is the day it counts from where a factor looks back. What was not known on a day is not seen on that day: the
back-test reads the very same traces as today's ranking, and cannot look ahead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from eldercare.inspections.risks.models import CLASSES, FACTORS, Point, points


@dataclass(frozen=True)
class Trace:
    """One row behind a factor, with its words and the way to it."""

    factor: str
    facility_id: int
    known: date
    happened: date
    gone: date | None = None
    label: str = ""
    path: str = ""
    level: str = ""  # the class, for the factor `credit`

    def counts(self, day: date) -> bool:
        """Whether it counts on a day, by what was known that day."""
        within = FACTORS[self.factor].within
        if self.known > day or (self.gone is not None and self.gone <= day):
            return False
        return within is None or self.happened > day - timedelta(days=within)


@dataclass(frozen=True)
class Known:
    """What is known of places: every trace, which factors have a source at all, and since when a place has been open."""

    traces: Mapping[int, list[Trace]]
    sources: frozenset[str]


@dataclass
class Score:
    """A place's score on a day, the lines that add up to it, and the rows behind each."""

    facility_id: int
    lines: list[Point]
    rows: dict[str, list[Trace]] = field(default_factory=dict)
    last_visit: date | None = None

    @property
    def total(self) -> int:
        """The sum of the lines."""
        return sum(line.points for line in self.lines)

    @property
    def told(self) -> list[Point]:
        """The lines that brought points, the weightiest first."""
        return sorted((line for line in self.lines if line.points), key=lambda line: -line.points)


def score(facility_id: int, traces: Iterable[Trace], sources: frozenset[str], day: date, weights: Mapping[str, object]) -> Score:
    """One place's score on a day."""
    rows: dict[str, list[Trace]] = {code: [] for code in FACTORS}
    for trace in traces:
        if trace.counts(day):
            rows[trace.factor].append(trace)
    numbers: dict[str, int | None] = {code: len(found) if code in sources else None for code, found in rows.items()}
    if rows["credit"]:
        rows["credit"] = [max(rows["credit"], key=lambda trace: trace.known)]
        numbers["credit"] = CLASSES.index(rows["credit"][0].level)
    elif numbers["credit"] is not None:
        numbers["credit"] = None  # no class has been given yet
    last = max((trace.happened for trace in rows["unseen"]), default=None)
    if "unseen" in sources:
        most, each = weights["unseen"][1], weights["unseen"][0]  # type: ignore[index]
        never = -(-most // each) if each else 0  # a place nobody has looked at counts as long unseen as counts at all
        numbers["unseen"] = never if last is None else (day - last).days // 30
    rows["unseen"] = [trace for trace in rows["unseen"] if trace.happened == last][:1]
    return Score(facility_id, points(numbers, weights), rows, last)


def ranked(found: Iterable[Score]) -> list[Score]:
    """The riskiest first; of equals the one not seen for longest, then by number."""
    return sorted(found, key=lambda each: (-each.total, each.last_visit or date.min, each.facility_id))
