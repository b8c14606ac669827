"""The chances are those the weights say, exactly; keys are compared in whole numbers; the seed cannot be known before."""

from itertools import permutations
from math import prod
from typing import Any

import pytest

from eldercare.inspections.draws.services import sampling
from tests.inspections.drawn import outsider

SEEDS = [sampling.sha256(f"a seed {n}") for n in range(6000)]
# chi-square, p = 10^-6; the seeds are fixed, so nothing here fails by chance
LIMIT = {11: 52.3, 4: 33.4, 3: 30.7, 23: 74.5}


def places(*weights: str) -> list[dict[str, Any]]:
    return [{"id": n, "weight": weight} for n, weight in enumerate(weights, 1)]


def chance_of(order: tuple[int, ...], weight: dict[int, float]) -> float:
    """Drawing one after the other, each by its share of what is left (Efraimidis and Spirakis 2006): what u^(1/w) amounts to."""
    left, chances = sum(weight.values()), []
    for each in order:
        chances.append(weight[each] / left)
        left -= weight[each]
    return prod(chances)


def chi_square(seen: dict[Any, int], wanted: dict[Any, float]) -> float:
    total = sum(seen.values())
    return sum((seen.get(each, 0) - p * total) ** 2 / (p * total) for each, p in wanted.items())


def test_the_first_two_of_four_come_as_their_weights_say() -> None:
    objects = places("0.5", "1", "2", "4")
    weight = {each["id"]: float(each["weight"]) for each in objects}
    wanted = {pair: chance_of(pair, weight) for pair in permutations(weight, 2)}
    assert sum(wanted.values()) == pytest.approx(1)
    seen: dict[Any, int] = {}
    for seed in SEEDS:
        pair = tuple(sampling.in_order(seed, objects)[:2])
        seen[pair] = seen.get(pair, 0) + 1
    assert chi_square(seen, wanted) < LIMIT[11]
    included = {each: sum(n for pair, n in seen.items() if each in pair) / len(SEEDS) for each in weight}
    exact = {each: sum(p for pair, p in wanted.items() if each in pair) for each in weight}
    for each in weight:
        assert included[each] == pytest.approx(exact[each], abs=0.025)
    assert included[4] > included[3] > included[2] > included[1]


def test_equal_weights_give_every_order_the_same_chance() -> None:
    objects, seen = places("1", "1", "1", "1"), {}
    for seed in SEEDS:
        order = tuple(sampling.in_order(seed, objects))
        seen[order] = seen.get(order, 0) + 1
    assert chi_square(seen, dict.fromkeys(permutations((1, 2, 3, 4)), 1 / 24)) < LIMIT[23]


def test_every_officer_comes_first_equally_often_whatever_places_are_drawn() -> None:
    library = {"people": [{"id": n} for n in range(1, 6)], "last": [], "avoid": []}
    seen: dict[int, int] = {}
    for seed in SEEDS:
        first = sampling.desk({}, library, seed).row[0]
        seen[first] = seen.get(first, 0) + 1
    assert chi_square(seen, dict.fromkeys(range(1, 6), 0.2)) < LIMIT[4]


def test_only_the_ratio_of_weights_counts() -> None:
    for seed in SEEDS[:200]:
        assert sampling.in_order(seed, places("0.5", "1", "2")) == sampling.in_order(seed, places("1", "2", "4"))


@pytest.mark.parametrize(("u", "weights", "order"), [
    ({1: 2**256 - 2, 2: 2**256 - 1}, ("1", "1"), [2, 1]),  # both are 1.0 to a float
    ({1: 2**256 - 1, 2: 2**256 - 2}, ("1", "1"), [1, 2]),
    ({1: 2**256 - 4, 2: 2**256 - 3}, ("10", "0.1"), [1, 2]),  # the weight decides, far below what a float can tell
    ({1: 7, 2: 7}, ("1", "1"), [1, 2]),  # equal keys: the smaller id
    ({1: 2**256, 2: 2**256}, ("0.1", "10"), [1, 2]),  # u = 1 stays 1 at any weight
    ({1: 2**128, 2: 2**192}, ("1", "2"), [2, 1]),  # 2^-128 against 2^-32
    ({1: 2**192, 2: 2**128}, ("1", "2"), [1, 2]),  # 2^-64 and 2^-64, exactly equal
    ({1: 2**128, 2: 2**192}, ("2", "1"), [1, 2]),  # the same the other way round
])  # fmt: skip
def test_keys_are_compared_exactly(monkeypatch: pytest.MonkeyPatch, u: dict[int, int], weights: tuple[str, ...], order: list[int]) -> None:
    script = outsider()
    for module in (sampling, script):
        monkeypatch.setattr(module, "chance", lambda _seed, _kind, number: u[number])
    assert sampling.in_order("", places(*weights)) == order
    assert script.order_of("", places(*weights)) == order


def test_u_lies_above_0_and_at_most_at_1(monkeypatch: pytest.MonkeyPatch) -> None:
    for digest, u in ((b"\0" * 32, 1), (b"\xff" * 32, sampling.ONE)):
        monkeypatch.setattr(sampling.hmac, "digest", lambda *_given, digest=digest: digest)
        assert sampling.chance("00", "obj", 1) == u


def test_a_worked_example_by_hand() -> None:
    """What the page tells outsiders to compute, with their own tools: printf | sha256sum."""
    import hashlib
    import hmac

    seed = sampling.seed_of("ab" * 32, "12345", "2026-001")
    assert seed == hashlib.sha256(b"ab" * 32 + b"12345" + b"2026-001").hexdigest()
    assert sampling.chance(seed, "obj", 7) - 1 == int(hmac.new(bytes.fromhex(seed), b"obj7", "sha256").hexdigest(), 16)


def test_both_programs_order_alike_for_many_seeds_and_weights() -> None:
    script, objects = outsider(), places("0.5", "1", "2", "4", "1", "0.1", "10", "3.7", "0.9", "1")
    for seed in SEEDS[:300]:
        assert sampling.in_order(seed, objects) == script.order_of(seed, objects)
