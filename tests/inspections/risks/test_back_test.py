"""The back-test finds a difference where there is one, and says so where chance would do as well."""

import itertools
import random
from datetime import date, timedelta
from math import comb

import pytest

from eldercare.core.calendar import Month
from eldercare.inspections.risks.models import PROPOSED
from eldercare.inspections.risks.queries import testing
from eldercare.inspections.risks.queries.scoring import Known, Trace

DAY = timedelta(days=1)
PLACES = list(range(1, 61))
MONTHS = [Month(2025, 9).plus(n) for n in range(12)]


def world(rng: random.Random, *, told: bool) -> tuple[Known, dict[int, list[date]]]:
    """Sixty places; a third of them goes wrong a lot. `told`: whether what is known of them says so beforehand."""
    bad = set(rng.sample(PLACES, 20))
    marked = bad if told else set(rng.sample(PLACES, 20))
    traces = {each: [Trace("unseen", each, date(2025, 1, 1) + DAY * rng.randrange(200), date(2025, 1, 1))] for each in PLACES}
    for each in marked:
        for month in MONTHS:
            day = month.first - DAY * rng.randrange(1, 25)
            traces[each].append(Trace("incidents_e2", each, day, day))
    grave = {each: [month.first + DAY * rng.randrange(60) for month in MONTHS if rng.random() < (0.7 if each in bad else 0.05)] for each in PLACES}
    return Known(traces, frozenset({"unseen", "incidents_e2"})), grave


def tried(known: Known, grave: dict[int, list[date]], count: int = 12) -> dict:
    return testing.verdict([testing.try_month(month, PLACES, known, grave, PROPOSED, count, 60) for month in MONTHS], count)


@pytest.mark.parametrize("seed", range(5))
def test_where_what_is_known_tells_risk_beats_turns(seed: int) -> None:
    found = tried(*world(random.Random(seed), told=True))
    assert found["verdict"] == "better"
    assert found["by_risk"] > found["by_turn"]
    assert 0 < found["low"] <= found["difference"] <= found["high"]
    assert found["p_risk"] < 0.001


def test_where_it_tells_nothing_no_difference_is_claimed_more_often_than_by_chance() -> None:
    said = [tried(*world(random.Random(100 + seed), told=False))["verdict"] for seed in range(20)]
    assert said.count("within_chance") >= 16  # the same places go wrong all year: twelve months are not twelve proofs
    assert "too_little" not in said


def test_too_little_is_called_too_little() -> None:
    known, grave = world(random.Random(1), told=True)
    few = [testing.try_month(month, PLACES, known, grave, PROPOSED, 12, 60) for month in MONTHS[:4]]
    assert testing.verdict(few, 12)["verdict"] == "too_little"
    assert tried(known, {1: grave[1][:1]})["verdict"] == "too_little"
    assert testing.verdict([], 5)["verdict"] == "too_little"
    assert tried(known, grave, count=len(PLACES))["verdict"] == "too_little"  # whoever visits everybody meets everything


def test_a_month_counts_what_came_to_light_within_the_days_and_not_before_or_after() -> None:
    month, places = Month(2026, 3), [1, 2, 3]
    known = Known({1: [Trace("major", 1, date(2026, 2, 20), date(2026, 2, 20))], 2: [], 3: []}, frozenset({"major", "unseen"}))
    for day, met in ((date(2026, 2, 28), 0), (date(2026, 3, 1), 1), (date(2026, 4, 29), 1), (date(2026, 4, 30), 0)):
        found = testing.try_month(month, places, known, {1: [day]}, PROPOSED, 1, 60)
        assert (len(found.met & found.risk), len(found.met), found.by_chance) == (met, met, met / 3)
    late = Known({1: [Trace("major", 1, date(2026, 3, 1), date(2026, 3, 1))], 2: [], 3: []}, frozenset({"major", "unseen"}))
    chosen = testing.try_month(month, places, late, {2: [date(2026, 3, 5)], 1: [date(2026, 3, 5)]}, PROPOSED, 1, 60)
    assert chosen.risk == chosen.turn  # what came up on the first itself was not known the evening before


def test_the_chance_of_blind_picks_is_exact() -> None:
    one = testing.MonthTest("2026-01", 10, frozenset(range(4)), frozenset(range(3)), frozenset())
    exact = sum(comb(4, k) * comb(6, 3 - k) for k in (2, 3)) / comb(10, 3)
    assert testing._tail([one], 2) == pytest.approx(exact)
    both = [one, testing.MonthTest("2026-02", 5, frozenset({1}), frozenset(range(3)), frozenset())]
    by_hand = 0.0
    for a, b in itertools.product(range(4), range(2)):
        share = comb(4, a) * comb(6, 3 - a) / comb(10, 3) * comb(1, b) * comb(4, 3 - b) / comb(5, 3)
        by_hand += share if a + b >= 2 else 0
    assert testing._tail(both, 2) == pytest.approx(by_hand)


def test_only_months_whose_following_days_are_over_are_tried() -> None:
    months = testing.months_before(date(2026, 11, 24), 3, 60)
    assert [str(each) for each in months] == ["2026-07", "2026-08", "2026-09"]
    assert str(testing.months_before(date(2026, 11, 30), 1, 60)[0]) == "2026-10"
