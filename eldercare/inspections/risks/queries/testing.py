"""The back-test: had the places with most points been chosen on the first of each month, would more have been met than by
taking turns, or by chance? Plain functions; domain.md §5.5.

Month by month, as of the evening before its first day: `count` places by score, `count` by the longest time since the last
visit. A place is met when, in the `days` after, something grave came to light there (see known.outcomes). Chance is not
drawn but counted: what `count` blind picks a month, among all places, meet on average, and how likely they meet as many.

The interval draws places anew, not months: a place that goes wrong does so month after month and is chosen month after
month, so that its months are one observation and not twelve.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from eldercare.core.calendar import Month
from eldercare.inspections.risks.queries.scoring import Known, ranked, score

DRAWS, SEED = 4000, 20260101  # of the bootstrap
LEAST_MONTHS, LEAST_MET, LEAST_PLACES = 6, 10, 10  # below, nothing can be said


@dataclass(frozen=True)
class MonthTest:
    """One month: the places there were, those that had something grave, the two choices."""

    month: str
    places: int
    met: frozenset[int]
    risk: frozenset[int]
    turn: frozenset[int]

    @property
    def picks(self) -> int:
        """How many are chosen."""
        return len(self.risk)

    @property
    def by_chance(self) -> float:
        """How many blind picks meet on average."""
        return self.picks * len(self.met) / self.places if self.places else 0.0

    def counts(self) -> dict[str, Any]:
        """What the page shows of it."""
        return {
            "month": self.month, "places": self.places, "grave": len(self.met), "by_risk": len(self.met & self.risk),
            "by_turn": len(self.met & self.turn), "by_chance": self.by_chance,
        }  # fmt: skip


def months_before(today: date, months: int, days: int) -> list[Month]:
    """The months, oldest first, whose following `days` are over on `today`."""
    last = Month.of(today)
    while last.first + timedelta(days=days) > today:
        last = last.plus(-1)
    return [last.plus(-back) for back in range(months - 1, -1, -1)]


def try_month(
    month: Month, open_places: Sequence[int], known: Known, grave_days: Mapping[int, Sequence[date]], weights: Mapping[str, Any],
    count: int, days: int,
) -> MonthTest:  # fmt: skip
    """One month's two choices and what they met."""
    eve, end = month.first - timedelta(days=1), month.first + timedelta(days=days)
    scores = ranked(score(each, known.traces.get(each, ()), known.sources, eve, weights) for each in open_places)
    unseen = sorted(scores, key=lambda each: (each.last_visit or date.min, each.facility_id))
    met = {each for each in open_places if any(month.first <= day < end for day in grave_days.get(each, ()))}
    risk, turn = (frozenset(each.facility_id for each in chosen[:count]) for chosen in (scores, unseen))
    return MonthTest(str(month), len(open_places), frozenset(met), risk, turn)


def verdict(tested: Sequence[MonthTest], count: int) -> dict[str, Any]:
    """Sums, shares, intervals, and what can be said: better, worse, within_chance, too_little."""
    months = [each.counts() for each in tested]
    grave, risk, turn = (sum(each[name] for each in months) for name in ("grave", "by_risk", "by_turn"))
    low, high = _interval(tested)
    enough = (
        len(tested) >= LEAST_MONTHS
        and grave >= LEAST_MET
        and max(each.places for each in tested) >= LEAST_PLACES
        and any(each.places > count for each in tested)
    )
    said = "too_little" if not enough else "better" if low > 0 else "worse" if high < 0 else "within_chance"
    return {
        "months": months, "picks": sum(each.picks for each in tested), "grave": grave, "by_risk": risk, "by_turn": turn,
        "by_chance": round(sum(each.by_chance for each in tested), 1), "difference": risk - turn, "low": low, "high": high,
        "verdict": said, "p_risk": _tail(tested, risk), "p_turn": _tail(tested, turn),
    }  # fmt: skip


def _interval(tested: Sequence[MonthTest]) -> tuple[float, float]:
    """95 %: what the difference could as well have been, had other places like these been there."""
    picks = sum(each.picks for each in tested)
    places = sorted({place for each in tested for place in each.risk | each.turn})
    if not places:
        return 0.0, 0.0
    about = [
        (
            sum(place in each.risk for each in tested), sum(place in each.risk & each.met for each in tested),
            sum(place in each.turn for each in tested), sum(place in each.turn & each.met for each in tested),
        )
        for place in places
    ]  # fmt: skip
    rng, found = random.Random(SEED), []  # noqa: S311 — a resampling, no secret
    for _ in range(DRAWS):
        risks, risk_met, turns, turn_met = map(sum, zip(*rng.choices(about, k=len(about)), strict=True))
        found.append(picks * ((risk_met / risks if risks else 0.0) - (turn_met / turns if turns else 0.0)))
    found.sort()
    return found[int(0.025 * DRAWS)], found[int(0.975 * DRAWS) - 1]


def _tail(tested: Sequence[MonthTest], met: int) -> float:
    """How likely blind picks meet as many or more: exact, the months' hypergeometric chances put together."""
    spread = [1.0]
    for each in tested:
        own = _blind(each.places, len(each.met), each.picks)
        spread = [
            sum(spread[a] * own[total - a] for a in range(len(spread)) if 0 <= total - a < len(own))
            for total in range(len(spread) + len(own) - 1)
        ]
    return min(sum(spread[met:]), 1.0)


def _blind(places: int, grave: int, picks: int) -> list[float]:
    """The chance of 0, 1, … of the grave places among blind picks."""
    spread = [1.0]
    for n in range(picks):  # one pick after the other, without putting back
        after = [0.0] * (len(spread) + 1)
        for met, chance in enumerate(spread):
            hit = max(grave - met, 0) / (places - n)
            after[met + 1] += chance * hit
            after[met] += chance * (1 - hit)
        spread = after
    return spread
