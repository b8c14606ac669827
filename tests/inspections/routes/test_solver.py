"""The order found is the best there is: small days are compared with every order there could be."""

import itertools
import json
import random
import subprocess
import sys
from typing import Any

import pytest

SOLVER = "eldercare/inspections/routes/services/solver.py"
Problem = dict[str, Any]


def solve(problem: Problem) -> Problem:
    done = subprocess.run(
        [sys.executable, "-I", SOLVER], input=json.dumps([problem]), capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)[0]


def made(count: int, crews: list[list[int]], rng: random.Random, *, tight: bool, lunch: int = 60) -> Problem:
    """A day with places strewn over 40 km, every tenth of a kilometre a minute at 36 km/h."""
    spots = [(0.0, 0.0), *((rng.uniform(-20, 20), rng.uniform(-20, 20)) for _ in range(count))]
    metres = [[round(1000 * (abs(ax - bx) + abs(ay - by))) for bx, by in spots] for ax, ay in spots]
    visits = []
    for n in range(count):
        first = rng.choice([510, 600, 780]) if tight else 510
        length = rng.choice([45, 60, 90])
        visits.append(
            {
                "crews": crews[n],
                "minutes": length,
                "first": first,
                "last": min(first + 150, 1050 - length) if tight else 1050 - length,
            }
        )
    minutes = [[-(-each // 600) for each in row] for row in metres]
    return {"seconds": 10, "day": [510, 1050], "lunch": [690, 780, lunch], "metres": metres, "minutes": minutes, "visits": visits}


def differences(problem: Problem, rounds: dict[int, tuple[int, ...]], eats: dict[int, int]) -> list[tuple[Any, Any, int]]:
    """What a day's moments must keep to, as b >= a + w; `eats`: after which stop a crew has its break (0 before, last + 1 after)."""
    first, last = problem["day"]
    lunch_first, lunch_last, pause = problem["lunch"]
    edges: list[tuple[Any, Any, int]] = []
    for crew, order in rounds.items():
        limits = {("leaves", crew): (first, last), ("back", crew): (first, last)}
        limits |= {n + 1: (problem["visits"][n]["first"], problem["visits"][n]["last"]) for n in order}
        lunch, stops = ("lunch", crew), [0, *(n + 1 for n in order), 0]
        if pause:
            limits[lunch] = (lunch_first, lunch_last - pause)
            edges += [(lunch, ("leaves", crew), pause)] if eats[crew] == 0 else []
            edges += [(("back", crew), lunch, 0)] if eats[crew] == len(order) + 1 else []
        for at, (a, b) in enumerate(itertools.pairwise(stops)):
            here, there = a or ("leaves", crew), b or ("back", crew)
            length = problem["visits"][a - 1]["minutes"] if a else 0
            eating = bool(pause and a and eats[crew] == at)
            edges.append((here, there, length + problem["minutes"][a][b] + pause * eating))
            edges += [(here, lunch, length), (lunch, there, pause)] if eating else []
        for name, (low, high) in limits.items():
            edges += [("zero", name, low), (name, "zero", -high)]
    return edges


def is_possible(edges: list[tuple[Any, Any, int]]) -> bool:
    """Whether moments exist that keep to all differences (Bellman-Ford)."""
    at = {name: -(10**6) for a, b, _w in edges for name in (a, b)} | {"zero": 0}
    for _ in range(len(at) + 1):
        before = dict(at)
        for a, b, w in edges:
            at[b] = max(at[b], at[a] + w)
        if at["zero"] > 0:
            return False
        if at == before:
            return True
    return False


def best(problem: Problem) -> tuple[int, int]:
    """(visits left out, metres) of the best day, by trying all."""
    count = len(problem["visits"])
    for left_out in range(count + 1):
        found = []
        for served in itertools.combinations(range(count), count - left_out):
            crews = sorted({crew for n in served for crew in problem["visits"][n]["crews"]})
            orders = [
                list(itertools.permutations([n for n in served if crew in problem["visits"][n]["crews"]])) for crew in crews
            ]
            for chosen in itertools.product(*orders):
                rounds = dict(zip(crews, chosen, strict=True))
                metres = sum(
                    problem["metres"][a][b] for order in chosen for a, b in itertools.pairwise([0, *(n + 1 for n in order), 0])
                )
                if found and metres >= min(found):
                    continue
                for gaps in itertools.product(*(range(len(order) + 2) for order in chosen)):
                    if is_possible(differences(problem, rounds, dict(zip(crews, gaps, strict=True)))):
                        found.append(metres)
                        break
        if found:
            return left_out, min(found)
    raise AssertionError


def judged(problem: Problem, answer: Problem) -> tuple[int, int]:
    """(visits left out, metres) of an answer, after checking that nothing in it breaks a rule."""
    first, last = problem["day"]
    starts, visits, minutes = answer["visits"], problem["visits"], problem["minutes"]
    for n, start in enumerate(starts):
        assert start is None or visits[n]["first"] <= start <= visits[n]["last"]
    metres = 0
    for number, crew in enumerate(answer["crews"]):
        order, at, place = crew["order"], crew["leaves"], 0
        assert sorted(order) == [n for n, each in enumerate(visits) if number in each["crews"] and starts[n] is not None]
        busy = []
        assert crew["leaves"] >= first
        for n in order:
            assert starts[n] >= at + minutes[place][n + 1]
            metres += problem["metres"][place][n + 1]
            at, place = starts[n] + visits[n]["minutes"], n + 1
            busy.append((starts[n], at))
        assert at + minutes[place][0] <= crew["back"] <= last
        metres += problem["metres"][place][0]
        if problem["lunch"][2] and order:
            begins, ends = crew["lunch"], crew["lunch"] + problem["lunch"][2]
            assert problem["lunch"][0] <= begins
            assert ends <= problem["lunch"][1]
            assert all(ends <= a or begins >= b for a, b in busy)
    return sum(start is None for start in starts), metres


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("tight", [False, True])
def test_one_crew_has_the_shortest_round_that_fits_its_hours_and_its_break(seed: int, tight: bool) -> None:
    problem = made(5, [[0]] * 5, random.Random(seed), tight=tight)
    answer = solve(problem)
    assert answer["proven"]
    assert judged(problem, answer) == best(problem)


@pytest.mark.parametrize("seed", range(4))
def test_officers_with_several_partners_are_never_in_two_places_and_the_day_is_still_the_best(seed: int) -> None:
    crews = [[0, 1], [0, 1], [1, 2], [0, 2]]  # three officers, every pair of them once or twice
    problem = made(4, crews, random.Random(seed), tight=seed % 2 == 1)
    answer = solve(problem)
    assert answer["proven"]
    assert judged(problem, answer) == best(problem)
    for a, b in itertools.combinations(range(4), 2):
        if set(crews[a]) & set(crews[b]) and None not in (answer["visits"][a], answer["visits"][b]):
            begins = sorted([(answer["visits"][n], answer["visits"][n] + problem["visits"][n]["minutes"]) for n in (a, b)])
            assert begins[0][1] <= begins[1][0]


def test_without_a_break_none_is_kept_free_and_what_cannot_fit_is_left_out() -> None:
    problem = made(2, [[0], [0]], random.Random(1), tight=False, lunch=0)
    problem["visits"] = [
        {"crews": [0], "minutes": 120, "first": 600, "last": 600},
        {"crews": [0], "minutes": 120, "first": 600, "last": 610},
    ]
    answer = solve(problem)
    assert sum(start is None for start in answer["visits"]) == 1
    assert answer["crews"][0]["lunch"] is None


def test_a_day_of_four_teams_is_ordered_within_the_time_given() -> None:
    crews = [[team] for team in range(4) for _ in range(4)]
    problem = made(16, crews, random.Random(7), tight=False) | {"seconds": 2}
    answer = solve(problem)
    assert answer["proven"]
    alone = []
    for team in range(4):
        places = [0, *(n + 1 for n in range(16) if crews[n] == [team])]
        cut = {name: [[problem[name][a][b] for b in places] for a in places] for name in ("metres", "minutes")}
        alone.append(
            judged(
                own := problem
                | cut
                | {"visits": [each | {"crews": [0]} for each in problem["visits"] if each["crews"] == [team]]},
                solve(own),
            )
        )
    assert judged(problem, answer) == tuple(map(sum, zip(*alone, strict=True)))
