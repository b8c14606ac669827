"""Ability by GB/T 42195-2022: the 26 indicators, the level and its adjustments, when the next is due."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.residents.assessments.models import GROUPS, INDICATORS, MOST, final_level, raw_level, score_of
from eldercare.residents.assessments.services import next_due
from eldercare.residents.models import Assessment, Resident
from tests import make
from tests.accounts.browser import send

SIGNED = {"assessed_on": "2026-11-20", "assessor": "示例甲", "second_assessor": "示例乙"}


def whole(**points: int) -> dict[str, str]:
    """Every indicator at its best, but for those named."""
    return {f"item_{code}": str(points.get(code, each.most)) for code, each in INDICATORS.items()}


def person(scope: Scope, resident_id: int) -> Resident:
    scope.enter()
    return db.session.scalars(scope.select(Resident).where(Resident.id == resident_id).execution_options(populate_existing=True)).one()


def test_the_scale_is_the_standards_own() -> None:
    assert MOST == 90
    assert len(INDICATORS) == 26
    assert [(group.most, len(group.indicators)) for group in GROUPS] == [(32, 8), (15, 4), (28, 9), (15, 5)]
    assert INDICATORS["stairs"].most == 3


@pytest.mark.parametrize(
    ("score", "level"), [(90, 0), (89, 1), (66, 1), (65, 2), (46, 2), (45, 3), (30, 3), (29, 4), (0, 4)]
)
def test_the_score_gives_the_level(score: int, level: int) -> None:
    assert raw_level(score) == level


@pytest.mark.parametrize(
    ("raw", "given", "add_up", "final"),
    [
        (0, [], True, 0), (0, ["coma"], True, 4), (1, ["mental_disorder"], True, 2), (1, ["risk_events"], True, 2),
        (1, ["mental_disorder", "risk_events"], True, 3), (1, ["mental_disorder", "risk_events"], False, 2),
        (4, ["mental_disorder"], True, 4), (3, ["mental_disorder", "risk_events"], True, 4),
    ],
)
def test_adjustments_worsen_the_level_up_to_four(raw: int, given: list[str], add_up: bool, final: int) -> None:
    assert final_level(raw, given, add_up=add_up) == final


def test_points_out_of_range_are_no_score() -> None:
    best = {code: each.most for code, each in INDICATORS.items()}
    assert score_of(best) == 90
    with pytest.raises(ValueError, match="stairs"):
        score_of({**best, "stairs": 4})
    with pytest.raises(KeyError):
        score_of({code: points for code, points in best.items() if code != "eating"})


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [(date(2026, 11, 20), 12, date(2027, 11, 20)), (date(2024, 2, 29), 12, date(2025, 2, 28)), (date(2026, 8, 31), 6, date(2027, 2, 28))],
)
def test_the_next_is_due_a_year_later(day: date, months: int, due: date) -> None:
    assert next_due(day, months) == due


@pytest.fixture
def resident_id(district: Scope) -> int:
    return make.make_resident().id


@pytest.fixture
def officer(resident_id: int, sign_in: Any) -> Any:
    return sign_in(make.make_user(Role.DISTRICT_OFFICER))


def test_an_assessment_sets_the_level_and_a_void_one_gives_the_one_before(resident_id: int, officer: Any, district: Scope) -> None:
    path = f"/residents/{resident_id}/assessments"
    first = send(officer, f"{path}/new", **{**SIGNED, "assessed_on": "2025-11-20"}, **whole(bathing=3))
    assert first.status_code == 303, first.text
    row = person(district, resident_id)
    assert (row.ability_level, row.ability_score, row.next_due_on) == (1, 89, date(2026, 11, 20))
    second = send(officer, f"{path}/new", **SIGNED, adjustments="mental_disorder", **whole(eating=0, walking=0, memory=0, bowels=0, toilet=0, social=0))
    assert second.status_code == 303
    row = person(district, resident_id)
    assert (row.ability_level, row.ability_score, row.assessed_on) == (2, 66, date(2026, 11, 20))
    kept = db.session.scalars(select(Assessment).where(Assessment.resident_id == resident_id).order_by(Assessment.id.desc())).first()
    assert (kept.kind, kept.raw_level, kept.final_level, kept.adjustments, len(kept.items)) == ("regular", 1, 2, ["mental_disorder"], 26)
    shown = officer.get(f"{path}/{kept.id}").text
    assert "66" in shown
    assert send(officer, f"{path}/{kept.id}/void", reason="评估对象有误").status_code == 303
    row = person(district, resident_id)
    assert (row.ability_level, row.ability_score) == (1, 89)
    assert send(officer, f"{path}/{kept.id}/void", reason="再次").status_code == 422


def test_a_level_that_came_with_a_list_outlives_a_void_assessment(officer: Any, district: Scope) -> None:
    said = {"ability_level": 3, "ability_score": 40, "assessed_on": date(2026, 3, 1), "next_due_on": date(2027, 3, 1)}
    resident_id = make.make_resident(**said).id
    path = f"/residents/{resident_id}/assessments"

    def stands() -> dict[str, Any]:
        row = person(district, resident_id)
        return {name: getattr(row, name) for name in said}

    assert send(officer, f"{path}/new", **{**SIGNED, "assessed_on": "2025-11-20"}, **whole(bathing=3)).status_code == 303
    assert stands() == said  # an older assessment takes the place of nothing
    for _ in range(2):
        assert send(officer, f"{path}/new", **SIGNED, **whole()).status_code == 303
        assert stands()["ability_level"] == 0
    for level in (0, 3, 3):
        newest = db.session.scalars(
            select(Assessment.id).where(Assessment.resident_id == resident_id, Assessment.is_void.is_(False)).order_by(Assessment.id.desc())
        ).first()
        assert send(officer, f"{path}/{newest}/void", reason="评估对象有误").status_code == 303
        assert stands()["ability_level"] == level
    assert stands() == said


def test_an_unfinished_assessment_is_refused_and_keeps_its_answers(resident_id: int, officer: Any, district: Scope) -> None:
    answers = whole(eating=2)
    del answers["item_stairs"]
    response = send(officer, f"/residents/{resident_id}/assessments/new", **SIGNED, **answers)
    assert response.status_code == 422
    assert 'name="item_eating" value="2" id="item_eating-2" checked' in response.text
    assert person(district, resident_id).ability_level is None


@pytest.mark.parametrize("wrong", [{"assessed_on": "2026-12-01"}, {"assessed_on": "1940-01-01"}, {"second_assessor": "示例甲"}, {"assessor": ""}])
def test_an_assessment_is_signed_by_two_and_has_a_day(resident_id: int, officer: Any, wrong: dict[str, str]) -> None:
    assert send(officer, f"/residents/{resident_id}/assessments/new", **{**SIGNED, **wrong}, **whole()).status_code == 422


def test_the_total_is_counted_while_entering(resident_id: int, officer: Any) -> None:
    page = f"/residents/{resident_id}/assessments/new"
    half = send(officer, f"/residents/{resident_id}/assessments/total", page=page, item_eating="3", item_stairs="2")
    assert "<b>5</b>" in half.text
    full = send(officer, f"/residents/{resident_id}/assessments/total", page=page, adjustments="coma", **whole())
    assert "<b>90</b>" in full.text
    assert "4" in full.text.split("total-level")[1][:40]


def test_a_result_alone_is_enough_where_the_sheet_is_elsewhere(resident_id: int, officer: Any, district: Scope) -> None:
    path = f"/residents/{resident_id}/assessments/result"
    assert send(officer, path, **SIGNED, score="91").status_code == 422
    assert send(officer, path, **SIGNED, score="45").status_code == 303
    row = person(district, resident_id)
    assert (row.ability_level, row.ability_score) == (3, 45)


def test_an_older_assessment_entered_late_does_not_take_over(resident_id: int, officer: Any, district: Scope) -> None:
    path = f"/residents/{resident_id}/assessments/result"
    send(officer, path, **SIGNED, score="70")
    send(officer, path, **{**SIGNED, "assessed_on": "2024-01-01"}, score="20")
    assert person(district, resident_id).ability_level == 1
