"""The score of a filled list (domain.md §6; data/checklists.yaml, `scoring`). Exact fractions: order cannot matter.

weights general 1, serious 3, major 6; in order 1, partly 0.5, not in order 0; what does not apply or was not checked leaves the
base; score = 100 × Σ(w × f) / Σw, one decimal, half up. Fewer than 90 % of what applies checked: incomplete, no score. Caps:
a veto item not in order or a fault escalated 59.9 and fail; five serious faults 79.9; a rectification overdue 89.9.
Every number comes from the version's own rule. Scores of different lists or versions are not to be ranked together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

FACTOR = {"conform": Fraction(1), "partial": Fraction(1, 2), "nonconform": Fraction(0)}
WORST_FIRST = ("veto", "escalated", "serious", "overdue")


class Mark(NamedTuple):
    """One answered item as scoring sees it."""

    code: str
    area: str
    severity: str
    veto: bool
    result: str
    escalated: bool = False


@dataclass(frozen=True)
class Outcome:
    """What the answers add up to.

    status: complete, incomplete (too little was checked), nothing (no item applies). raw: the score before `caps`
    (the caps in force, the gravest first). areas: code → score of the area alone, None where nothing in it counts.
    lost and base in weights.
    """

    status: str
    score: Decimal | None = None
    raw: Decimal | None = None
    grade: str | None = None
    caps: tuple[str, ...] = ()
    base: Decimal = Decimal(0)
    lost: Decimal = Decimal(0)
    checked: int = 0
    applicable: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    areas: Mapping[str, Decimal | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As kept with a sealed check and sent at the wire."""
        plain = {name: None if value is None else float(value) for name, value in self.areas.items()}
        return {
            "status": self.status, "score": _float(self.score), "raw": _float(self.raw), "grade": self.grade,
            "caps": list(self.caps), "base": float(self.base), "lost": float(self.lost), "checked": self.checked,
            "applicable": self.applicable, "counts": dict(self.counts), "areas": plain,
        }


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _exact(number: Any) -> Fraction:
    return Fraction(str(number))


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def percent(earned: Fraction, base: Fraction) -> Decimal | None:
    """100 × earned / base with one decimal, half up; None for no base."""
    return None if not base else Decimal(floor(1000 * earned / base + Fraction(1, 2))) / 10


def score(rule: Mapping[str, Any], marks: Iterable[Mark], overdue: int = 0) -> Outcome:
    """The outcome of a list under its version's rule. `overdue`: rectifications of the place that are late."""
    marks = list(marks)
    counts = Counter(mark.result for mark in marks)
    sums, areas = _sums(rule, marks), {mark.area: [Fraction(0), Fraction(0)] for mark in marks}
    for area, earned, weight in sums:
        areas[area][0] += earned
        areas[area][1] += weight
    earned, base = (sum((pair[at] for pair in areas.values()), Fraction(0)) for at in (0, 1))
    applicable = len(marks) - counts["not_applicable"]
    checked = applicable - counts["not_checked"]
    told: dict[str, Any] = {
        "base": _decimal(base), "lost": _decimal(base - earned), "checked": checked, "applicable": applicable,
        "counts": dict(counts),
    }  # fmt: skip
    if not applicable:
        return Outcome("nothing", **told)
    raw = percent(earned, base)
    if raw is None or checked < _exact(rule["least_checked"]) * applicable:
        return Outcome("incomplete", **told)
    caps = _caps(rule, marks, overdue)
    final = min([raw, *(Decimal(str(rule["caps"][cap])) for cap in caps)])
    told["areas"] = {area: percent(*pair) for area, pair in areas.items()}
    return Outcome("complete", final, raw, _grade(rule, final, caps), caps, **told)


def _sums(rule: Mapping[str, Any], marks: list[Mark]) -> list[tuple[str, Fraction, Fraction]]:
    """(area, earned, weight) of every item that counts."""
    weights = {severity: _exact(weight) for severity, weight in rule["weights"].items()}
    return [
        (mark.area, weights[mark.severity] * FACTOR[mark.result], weights[mark.severity])
        for mark in marks
        if mark.result in FACTOR
    ]


def _caps(rule: Mapping[str, Any], marks: list[Mark], overdue: int) -> tuple[str, ...]:
    failed = [mark for mark in marks if mark.result == "nonconform"]
    serious = sum(mark.severity == "serious" for mark in failed)
    there = {
        "veto": any(mark.veto for mark in failed), "escalated": any(mark.escalated for mark in failed),
        "serious": serious >= rule["serious_count"], "overdue": overdue > 0,
    }  # fmt: skip
    return tuple(cap for cap in WORST_FIRST if there[cap])


def _grade(rule: Mapping[str, Any], final: Decimal, caps: tuple[str, ...]) -> str:
    if "veto" in caps or "escalated" in caps:
        return "fail"
    for grade in ("excellent", "good", "pass"):
        if final >= Decimal(str(rule["grades"][grade])):
            return grade
    return "fail"
