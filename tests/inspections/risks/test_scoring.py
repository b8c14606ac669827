"""A score is the sum of its lines; on a day it knows what was known on that day and nothing else."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.hazards import services as hazards
from eldercare.incidents.handling import services as handling
from eldercare.incidents.models import IncidentChange
from eldercare.inspections.risks import queries
from eldercare.inspections.risks.models import FACTORS, PROPOSED
from eldercare.inspections.risks.queries import known, scoring
from eldercare.inspections.risks.queries.scoring import Trace
from tests import make
from tests.incidents.made import FALL, deadlines, house, reported, rules

DAY = timedelta(days=1)
TODAY = date(2026, 11, 24)
EVERY = frozenset(FACTORS)


def traces(rng: random.Random, count: int = 60) -> list[Trace]:
    found = []
    for n in range(count):
        factor = rng.choice([code for code in FACTORS if code != "credit"])
        happened = TODAY - DAY * rng.randrange(-60, 500)
        known_on = happened + DAY * rng.randrange(20)
        gone = known_on + DAY * rng.randrange(1, 90) if rng.random() < 0.5 else None
        found.append(Trace(factor, 1, known_on, happened, gone, str(n)))
    found.append(Trace("credit", 1, TODAY - 300 * DAY, TODAY - 300 * DAY, TODAY - 100 * DAY, "B", level="B"))
    found.append(Trace("credit", 1, TODAY - 100 * DAY, TODAY - 100 * DAY, None, "D", level="D"))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_the_lines_add_up_and_none_passes_its_most(seed: int) -> None:
    score = scoring.score(1, traces(random.Random(seed)), EVERY, TODAY, PROPOSED)
    assert [line.factor for line in score.lines] == list(FACTORS)
    assert sum(line.points for line in score.lines) == score.total
    for line in score.lines:
        assert line.points == min((line.number or 0) * line.each, line.most)
        assert (line.each, line.most) == PROPOSED[line.factor]
        if line.factor not in ("credit", "unseen"):
            assert line.number == len(score.rows[line.factor])


@pytest.mark.parametrize("seed", range(8))
def test_what_becomes_known_later_changes_nothing_of_a_day(seed: int) -> None:
    every, day = traces(random.Random(seed), 200), TODAY - 90 * DAY
    by_then = [  # what a clerk of that day could have written down: later ends were not known yet
        Trace(each.factor, 1, each.known, each.happened, each.gone if each.gone and each.gone <= day else None, each.label, level=each.level)
        for each in every if each.known <= day
    ]
    assert len(by_then) < len(every)
    assert scoring.score(1, every, EVERY, day, PROPOSED).lines == scoring.score(1, by_then, EVERY, day, PROPOSED).lines


def test_a_factor_without_a_source_says_so_and_counts_nothing() -> None:
    score = scoring.score(1, [], frozenset({"overdue"}), TODAY, PROPOSED)
    lines = {line.factor: line for line in score.lines}
    assert lines["overdue"].number == 0
    assert lines["complaints"].number is None
    assert score.total == 0


def test_a_place_nobody_has_seen_counts_as_long_unseen_as_counts_at_all() -> None:
    sources = frozenset({"unseen"})
    never = scoring.score(1, [], sources, TODAY, PROPOSED)
    long = scoring.score(2, [Trace("unseen", 2, TODAY - 800 * DAY, TODAY - 800 * DAY)], sources, TODAY, PROPOSED)
    fresh = scoring.score(3, [Trace("unseen", 3, TODAY - 29 * DAY, TODAY - 29 * DAY)], sources, TODAY, PROPOSED)
    assert (never.total, long.total, fresh.total) == (24, 24, 0)
    assert [each.facility_id for each in scoring.ranked([fresh, long, never])] == [1, 2, 3]


# ---- from what the platform keeps ---------------------------------------------------------------------


def numbers(scope: Scope, home: object, day: date) -> dict[str, int | None]:
    scope.enter()
    [score] = queries.scores(scope, day, [home])  # type: ignore[list-item]
    return {line.factor: line.number for line in score.lines}


def test_a_hazard_is_overdue_from_the_day_after_its_deadline_until_a_recheck_passes(district: Scope) -> None:
    here = house()
    make.make_hazard_table()
    hazard = hazards.order(
        district, here.home.id, source=("test", 1, "示例", "/"), severity="major", hazard_code="MH-8", description="示例", deadlines=deadlines()
    )
    today = calendar.today()
    seen = [(numbers(district, here.home, day)["major"], numbers(district, here.home, day)["overdue"])
            for day in (today - DAY, today, hazard.due_on, hazard.due_on + DAY)]
    assert seen == [(0, 0), (1, 0), (1, 0), (1, 1)]
    hazards.receive(district, hazard.id)
    hazards.begin(district, hazard.id)
    hazards.reply(here.scope("manager", "hazard:reply"), hazard.id, "示例", deadlines())
    assert numbers(district, here.home, today)["major"] == 1  # a reply alone puts nothing right
    hazards.recheck(here.scope("township", "hazard:recheck"), hazard.id, passed=True, findings="示例")
    assert numbers(district, here.home, today)["major"] == 0
    db.session.execute(text("UPDATE hazard_replies SET rechecked_at = rechecked_at + interval '9 days'").execution_options(audited="test"))
    assert numbers(district, here.home, today + 5 * DAY) == numbers(district, here.home, today + 4 * DAY) | {"overdue": 1, "major": 1}
    assert numbers(district, here.home, today + 9 * DAY)["overdue"] == 0


def test_an_incident_counts_from_its_report_with_the_grade_it_had_that_day(district: Scope) -> None:
    here, today = house(), calendar.today()
    made = reported(here, FALL)
    district.enter()
    grade = made.grade
    db.session.execute(text(
        "UPDATE incidents SET occurred_at = occurred_at - interval '40 days', discovered_at = discovered_at - interval '40 days',"
        " known_at = known_at - interval '40 days', reported_at = reported_at - interval '30 days', grade = 'E2', grade_reason = 'x'"
    ).execution_options(audited="test"))
    db.session.add(IncidentChange(**made.key, kind="grade", before={"grade": grade}, after={"grade": "E2"}, reason="示例",
                                  at=calendar.now() - 10 * DAY, by="示例"))
    db.session.flush()
    old = f"incidents_{grade.lower()}"
    seen = [(found[old], found["incidents_e2"]) for found in (numbers(district, here.home, today - n * DAY) for n in (35, 30, 11, 10, 0))]
    assert seen == [(0, 0), (1, 0), (1, 0), (0, 1), (0, 1)]
    assert numbers(district, here.home, today + 330 * DAY)["incidents_e2"] == 0  # a year after it happened


def test_what_was_found_to_be_no_incident_counted_until_then(district: Scope) -> None:
    here, today = house(), calendar.today()
    made = reported(here, FALL)
    handling.reject(here.scope("district", P.INCIDENT_CLOSE), made.id, "示例理由", rules())
    district.enter()
    code = f"incidents_{made.grade.lower()}"
    assert numbers(district, here.home, today)[code] == 0
    db.session.execute(text("UPDATE incidents SET reported_at = reported_at - interval '3 days', known_at = known_at - interval '3 days',"
                            " discovered_at = known_at - interval '3 days', occurred_at = known_at - interval '3 days'").execution_options(audited="test"))
    assert [numbers(district, here.home, today - n * DAY)[code] for n in (4, 3, 1, 0)] == [0, 1, 1, 0]


def test_a_visit_counts_from_its_record_and_one_that_met_nobody_does_not(district: Scope) -> None:
    home, today = make.make_facility(), calendar.today()
    for days, result in ((95, "none"), (20, "absent")):
        visit = make.make_visit(home, planned_on=today - days * DAY, team=[make.make_officer(), make.make_officer()])
        db.session.execute(text(
            "UPDATE visits SET state = 'sent', result = :result, number = :number, sent_at = :at WHERE id = :id"
        ).execution_options(audited="test"), {"result": result, "number": f"示例{days}", "at": calendar.at(today - days * DAY, 16), "id": visit.id})
    assert numbers(district, home, today)["unseen"] == 3
    assert numbers(district, home, today - 96 * DAY)["unseen"] == 12
    [score] = queries.scores(district, today, [home])
    assert score.last_visit == today - 95 * DAY


def test_the_same_item_found_wrong_again_is_a_repeat(district: Scope) -> None:
    here, today = house(), calendar.today()
    version = make.make_checklist()
    code = db.session.execute(text("SELECT code FROM checklist_items WHERE version_id = :v LIMIT 1"), {"v": version.id}).scalar_one()
    for n, days in enumerate((200, 3)):
        hazards.order(district, here.home.id, source=("test", n, "示例", "/"), severity="general", description="示例", deadlines=deadlines(),
                      checklist_item=(version.id, code), found_on=today - days * DAY)
    assert [numbers(district, here.home, today - n * DAY)["repeat"] for n in (4, 3, 0)] == [0, 1, 1]


def test_every_factor_that_has_a_source_is_read_and_complaints_wait(district: Scope) -> None:
    assert {"major", "overdue", "repeat", "incidents_e1", "incidents_e4", "credit", "unseen"} <= known.SOURCES
    assert "complaints" not in known.SOURCES


def test_incidents_alone_can_be_what_a_choice_is_judged_by(district: Scope) -> None:
    here, today = house(), calendar.today()
    hazards.order(district, here.home.id, source=("test", 1, "示例", "/"), severity="serious", description="示例", deadlines=deadlines())
    made = reported(here, FALL)
    district.enter()
    db.session.execute(text("UPDATE incidents SET grade = 'E2', grade_reason = 'x'").execution_options(audited="test"))
    happened = calendar.local(made.occurred_at).date()
    assert known.outcomes(district, today - 9 * DAY, today)[here.home.id] == [today, happened]
    assert known.outcomes(district, today - 9 * DAY, today, by_hazards=False)[here.home.id] == [happened]
