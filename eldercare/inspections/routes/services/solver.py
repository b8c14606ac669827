"""The child process that orders a day's visits: run by its path, it knows nothing of the platform.

    python -I solver.py < a list of problems as JSON > their answers as JSON

A problem: minutes of the day, metres, places by number (0 is the bureau).
    {"seconds": 2, "day": [510, 1050], "lunch": [690, 780, 60],       # a break of 60 min between 11:30 and 13:00; 0: none
     "metres": [[…]], "minutes": [[…]],                               # from place to place
     "visits": [{"crews": [0, 1], "minutes": 90, "first": 510, "last": 960}]}   # visit n is at place n + 1
A crew is who goes about together all day. A visit two crews make is one moment for both: all crews are solved together.
The answer: {"proven": true, "visits": [540, null, …], "crews": [{"order": [2, 0], "leaves": 520, "back": 900, "lunch": 700}]}

What is sought, in this order: as many visits as possible; as few metres of all crews; as little time away; an early start.
"""

import json
import sys
from typing import Any

from ortools.sat.python import cp_model


class Day:
    """The model of one day."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem, self.model = problem, cp_model.CpModel()
        self.first, self.last = problem["day"]
        visits = problem["visits"]
        self.made = [self.model.new_bool_var(f"made{n}") for n in range(len(visits))]
        self.start = [self.model.new_int_var(each["first"], each["last"], f"start{n}") for n, each in enumerate(visits)]
        crews = sorted({crew for each in visits for crew in each["crews"]})
        self.crews = [_Crew(self, crew, [n for n, each in enumerate(visits) if crew in each["crews"]]) for crew in crews]
        self.metres = sum(term for crew in self.crews for term in crew.metres)

    def solve(self) -> dict[str, Any]:
        """The answer, the best that was found in the time given."""
        far = 1 + sum(max(row) for row in self.problem["metres"]) * 2 * len(self.crews)
        seconds = self.problem["seconds"]
        self.model.minimize(far * sum(1 - made for made in self.made) + self.metres)
        solver, proven = self._run(seconds * 0.6)
        if solver is None:
            return {"proven": False, "visits": [None] * len(self.made), "crews": []}
        for var, value in self._values(solver):
            self.model.add_hint(var, value)
        for made in self.made:
            self.model.add(made == solver.value(made))
        self.model.add(self.metres <= solver.value(self.metres))
        self.model.minimize(sum(2000 * (crew.back - crew.leaves) + crew.leaves for crew in self.crews))
        better, _ = self._run(max(seconds - solver.wall_time, 0.1))
        return self._answer(better or solver, proven=proven)

    def _run(self, seconds: float) -> tuple[Any, bool]:
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = 1  # the same problem, the same answer
        solver.parameters.random_seed = 1
        status = solver.solve(self.model)
        return (solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None), status == cp_model.OPTIMAL

    def _values(self, solver: Any) -> list[tuple[Any, int]]:
        own = [*self.start, *self.made, *(var for crew in self.crews for var in crew.vars)]
        return [(var, solver.value(var)) for var in own]

    def _answer(self, solver: Any, *, proven: bool) -> dict[str, Any]:
        starts = [solver.value(start) if solver.value(made) else None for start, made in zip(self.start, self.made, strict=True)]
        crews = []
        for crew in self.crews:
            order = sorted((n for n in crew.visits if starts[n] is not None), key=lambda n: starts[n])
            lunch = solver.value(crew.lunch) if crew.lunch is not None and order else None
            crews.append({"order": order, "leaves": solver.value(crew.leaves), "back": solver.value(crew.back), "lunch": lunch})
        return {"proven": proven, "visits": starts, "crews": crews}


class _Crew:
    """One crew's round: from the bureau through its visits and back, with a break."""

    def __init__(self, day: Day, crew: int, visits: list[int]) -> None:
        self.day, self.visits = day, visits
        model = day.model
        self.leaves = model.new_int_var(day.first, day.last, f"leaves{crew}")
        self.back = model.new_int_var(day.first, day.last, f"back{crew}")
        self.arcs: dict[tuple[int, int], Any] = {}  # places by number
        self.lunch: Any = None
        self.vars = [self.leaves, self.back]
        places = [0, *(n + 1 for n in visits)]
        for a in places:
            for b in places:
                if a != b:
                    self.arcs[a, b] = model.new_bool_var(f"crew{crew} {a}-{b}")
        rests = [(0, 0, model.new_bool_var(f"crew{crew} stays"))]
        rests += [(n + 1, n + 1, day.made[n].negated()) for n in visits]
        model.add_circuit([(a, b, var) for (a, b), var in self.arcs.items()] + rests)
        self.metres = [day.problem["metres"][a][b] * var for (a, b), var in self.arcs.items()]
        self.vars += self.arcs.values()
        eats = self._lunch(crew)
        for (a, b), var in self.arcs.items():
            self._one_after_the_other(a, b, var, eats)
        model.add(self.back >= self.leaves)

    def _lunch(self, crew: int) -> dict[Any, Any]:
        """Where in the round the break lies: after a place, before leaving, after coming back."""
        first, last, minutes = self.day.problem["lunch"]
        model = self.day.model
        if not minutes:
            return {}
        self.lunch = model.new_int_var(first, max(last - minutes, first), f"lunch{crew}")
        eats: dict[Any, Any] = {n + 1: model.new_bool_var(f"crew{crew} eats after {n}") for n in self.visits}
        eats |= {end: model.new_bool_var(f"crew{crew} eats {end}") for end in ("before", "after")}
        model.add_exactly_one(eats.values())
        for n in self.visits:
            model.add_implication(eats[n + 1], self.day.made[n])
            model.add(self.lunch >= self._ends(n + 1)).only_enforce_if(eats[n + 1])
        model.add(self.leaves >= self.lunch + minutes).only_enforce_if(eats["before"])
        model.add(self.lunch >= self.back).only_enforce_if(eats["after"])
        self.vars += [self.lunch, *eats.values()]
        return eats

    def _ends(self, place: int) -> Any:
        return self.leaves if place == 0 else self.day.start[place - 1] + self.day.problem["visits"][place - 1]["minutes"]

    def _one_after_the_other(self, a: int, b: int, var: Any, eats: dict[Any, Any]) -> None:
        model, minutes = self.day.model, self.day.problem["lunch"][2]
        begins = self.back if b == 0 else self.day.start[b - 1]
        pause = minutes * eats[a] if a in eats else 0
        model.add(begins >= self._ends(a) + self.day.problem["minutes"][a][b] + pause).only_enforce_if(var)
        if a in eats:
            model.add(begins >= self.lunch + minutes).only_enforce_if([var, eats[a]])


def main() -> None:
    """Problems in, answers out."""
    json.dump([Day(each).solve() for each in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
