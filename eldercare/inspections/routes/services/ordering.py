"""Order a day: all visits that officers connect are solved together, in a child process with a limit of time.

A day of few visits is ordered at once and kept as a Run that is done; a longer one is a job. The hours an order gives are
written into the visits by a press, with the reason; what the hours were before stays with the order.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import Any

from eldercare.core import calendar, runs
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.inspections import services as inspections
from eldercare.inspections.models import Visit
from eldercare.inspections.routes import queries
from eldercare.inspections.routes.models import Stop, Terms, clock_of, crews, mark, minute_of, together

SOLVER = Path(__file__).with_name("solver.py")
START = 10  # seconds a busy machine may need to start the solver
_at_once = threading.BoundedSemaphore(2)  # solvers at a time in one process: each takes a core


def ask(scope: Scope, day: date, officer_id: int | None, terms: Terms) -> Run:
    """Order a day (an officer's part of it): at once, or as a job where there are many visits.

    Refused: route.nothing, route.no_answer.
    """
    day_visits = queries.visits(scope, day)
    parts = _parts(queries.stops(scope, day_visits, queries.orders(scope, day), terms), officer_id)
    if not parts:
        raise Refused("route.nothing")
    if sum(map(len, parts)) > terms.at_once:
        return runs.enqueue(scope, queries.KIND, period=day.isoformat(), officer_id=officer_id)
    run = Run(
        kind=queries.KIND, period=day.isoformat(), person_id=scope.person_id, permission=str(scope.permission), state="done",
        params={"officer_id": officer_id}, result=_solved(parts, terms, terms.seconds, day), started_at=calendar.now(),
        finished_at=calendar.now(),
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    return run


def order(scope: Scope, day: date, officer_id: int | None, terms: Terms) -> dict[str, Any]:
    """The order of a day, for the job."""
    found = queries.stops(scope, queries.visits(scope, day), queries.orders(scope, day), terms)
    parts = _parts(found, officer_id)
    if not parts:
        raise Refused("route.nothing")
    return _solved(parts, terms, terms.seconds_run, day)


def take(scope: Scope, day: date, officer_id: int | None, terms: Terms, reason: str) -> int:
    """Write the hours of the latest order into the visits; how many were changed. Refused: route.not_ordered, route.old."""
    day_visits, made = queries.visits(scope, day), queries.orders(scope, day)
    parts = [part for part in queries.ordered(made) if officer_id in (None, *part["officers"])]
    if not parts:
        raise Refused("route.not_ordered")
    there = {stop.visit_id: stop for stop in queries.stops(scope, day_visits, made, terms)}
    by_id, before, changed = {visit.id: visit for visit in day_visits}, queries.given_hours(made), 0
    for part in parts:
        if part["mark"] != mark(there[each] for each in part["visits"] if each in there):
            raise Refused("route.old")
        taken: dict[str, Any] = {}
        for row in (stop for crew in part["crews"] for stop in crew["stops"]):
            visit = by_id[row["visit"]]
            own = _given(visit, before.get(visit.id))
            hours = [row["begins"], row["ends"]]
            taken[str(visit.id)] = [*own, *hours]
            if [queries.clock(visit.window_from), queries.clock(visit.window_to)] != hours:
                begins, ends = (time.fromisoformat(each) for each in hours)
                inspections.put(scope, visit.id, planned_on=day, window=(begins, ends), reason=reason)
                changed += 1
        run = scope.lock(Run, part["run_id"])
        run.result = run.result | {"taken": (run.result.get("taken") or {}) | taken}
    return changed


def _given(visit: Visit, before: list[str | None] | None) -> list[str | None]:
    """The hours a visit had by itself."""
    now = [queries.clock(visit.window_from), queries.clock(visit.window_to)]
    return before[:2] if before and before[2:] == now else now


def _parts(stops: Sequence[Stop], officer_id: int | None) -> list[list[Stop]]:
    parts = together(stops)
    return [part for part in parts if officer_id is None or any(officer_id in stop.officers for stop in part)]


def _solved(parts: Sequence[Sequence[Stop]], terms: Terms, seconds: int, day: date) -> dict[str, Any]:
    """Every part of the day, in one child process: what cannot be made at all is told apart before."""
    share, begins = max(seconds / len(parts), 0.3), _begins(terms, day)
    why = [{stop.visit_id: _hopeless(stop, terms, begins) for stop in part} for part in parts]
    todo = [[stop for stop in part if said[stop.visit_id] is None] for part, said in zip(parts, why, strict=True)]
    problems = [_problem(part, crews(part), terms, share, begins) for part in todo]
    answers = _ask_solver([each for each in problems if each["visits"]], seconds)
    rest = iter(answers)
    solved = [next(rest) if each["visits"] else None for each in problems]
    return {"parts": [_part(*each) for each in zip(parts, todo, why, problems, solved, strict=True)]}


def _begins(terms: Terms, day: date) -> int:
    """When the day can begin: at its hour, or now where it has begun already."""
    now = minute_of(calendar.local(calendar.now()).time()) if day == calendar.today() else 0
    return max(terms.hours[0], now)


def _part(
    stops: Sequence[Stop], todo: Sequence[Stop], why: dict[int, str | None], problem: dict[str, Any], answer: Any
) -> dict[str, Any]:
    """One part of a day that officers connect: its crews with their rounds, what is left out and why."""
    rounds: list[dict[str, Any]] = []
    if answer:
        why |= {stop.visit_id: "full" for stop, at in zip(todo, answer["visits"], strict=True) if at is None}
        rounds = [_round(problem, answer, n, todo, sorted(who)) for n, (who, _mine) in enumerate(crews(todo))]
    left_out = [{"visit": each.visit_id, "why": why[each.visit_id], "minutes": each.minutes} for each in stops]
    return {
        "visits": [stop.visit_id for stop in stops], "mark": mark(stops), "proven": answer is None or answer["proven"],
        "officers": sorted({officer for stop in stops for officer in stop.officers}),
        "crews": [each for each in rounds if each["stops"]], "left_out": [each for each in left_out if each["why"]],
    }  # fmt: skip


def _hopeless(stop: Stop, terms: Terms, begins: int) -> str | None:
    """Why a stop cannot be made, whatever the others do; None when it can."""
    if stop.position is None:
        return "no_position"
    away = terms.minutes(terms.metres(terms.bureau, stop.position))
    fits = max(stop.first, begins + away) <= min(stop.last, terms.hours[1] - stop.minutes - away)
    return None if fits else "hours"


def _problem(todo: Sequence[Stop], teams: Sequence[Any], terms: Terms, seconds: float, begins: int) -> dict[str, Any]:
    spots = [terms.bureau, *(stop.position for stop in todo if stop.position)]
    metres = [[terms.metres(a, b) for b in spots] for a in spots]
    of_stop = [[crew for crew, (_who, mine) in enumerate(teams) if n in mine] for n in range(len(todo))]
    return {
        "seconds": seconds, "day": [begins, terms.hours[1]], "lunch": _lunch(terms, begins), "metres": metres,
        "minutes": [[terms.minutes(each) for each in row] for row in metres],
        "visits": [
            {"crews": who, "minutes": stop.minutes, "first": stop.first, "last": stop.last}
            for stop, who in zip(todo, of_stop, strict=True)
        ],
    }  # fmt: skip


def _lunch(terms: Terms, begins: int) -> list[int]:
    """The break; none where the day begins after it."""
    first, last = terms.lunch
    return [first, last, terms.lunch_minutes if begins <= last - terms.lunch_minutes else 0]


def _ask_solver(problems: Sequence[dict[str, Any]], seconds: int) -> list[dict[str, Any]]:
    if not problems:
        return []
    command, told = [sys.executable, "-I", str(SOLVER)], json.dumps(problems)
    with _at_once:
        try:
            done = subprocess.run(
                command, input=told, capture_output=True, text=True, check=True, env={}, timeout=seconds + START
            )
        except subprocess.SubprocessError:  # it took too long, or died
            raise Refused("route.no_answer") from None
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    if not all(each["crews"] for each in answers):
        raise Refused("route.no_answer")
    return answers


def _round(problem: dict[str, Any], answer: dict[str, Any], number: int, todo: Sequence[Stop], who: list[int]) -> dict[str, Any]:
    """A crew's round, stop by stop; and the metres of the order given by the visits' hours, for comparison."""
    crew, metres, minutes = answer["crews"][number], problem["metres"], problem["minutes"]
    lunch, pause = crew["lunch"], problem["lunch"][2]
    stops, at, place = [], crew["leaves"], 0
    for n in crew["order"]:
        begins, spot = answer["visits"][n], n + 1
        eats = lunch is not None and place > 0 and at <= lunch < begins
        stops.append({
            "visit": todo[n].visit_id, "begins": clock_of(begins), "ends": clock_of(begins + todo[n].minutes),
            "metres": metres[place][spot], "travel": minutes[place][spot],
            "wait": begins - at - minutes[place][spot] - (pause if eats else 0), "break": clock_of(lunch) if eats else None,
        })  # fmt: skip
        at, place = begins + todo[n].minutes, spot
    given = sorted(crew["order"], key=lambda n: (todo[n].given, todo[n].visit_id))
    return {
        "officers": who, "leaves": clock_of(crew["leaves"]), "back": clock_of(crew["back"]), "stops": stops,
        "home_metres": metres[place][0], "home_travel": minutes[place][0], "minutes": crew["back"] - crew["leaves"],
        "lunch": None if lunch is None else clock_of(lunch), "metres": _length(metres, crew["order"]),
        "given_metres": _length(metres, given),
    }  # fmt: skip


def _length(metres: Sequence[Sequence[int]], order: Sequence[int]) -> int:
    return sum(metres[a][b] for a, b in pairwise([0, *(n + 1 for n in order), 0]))
