"""The numbers reports stand on: full years, who counts on which day, movements that add up."""

from datetime import date

import pytest

from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.residents import queries
from eldercare.residents.models import Assessment
from tests import make

TODAY = date(2026, 11, 24)


@pytest.fixture
def scope(district: Scope) -> Scope:
    """A township of its own, so that nothing else counts."""
    township = make.make_township()
    db.session.info["here"] = township
    return Scope(permission="resident:read", person_id=1, townships=frozenset({township.id}))


def person(**values: object) -> object:
    return make.make_resident(db.session.info["here"], **{"registered_on": date(2026, 1, 1), **values})


@pytest.mark.parametrize(
    ("birth", "day", "band"),
    [
        (date(1966, 11, 24), TODAY, "60-69"), (date(1966, 11, 25), TODAY, "under-60"),
        (date(1946, 11, 24), TODAY, "80-89"), (date(1946, 11, 25), TODAY, "70-79"),
        (date(1926, 11, 24), TODAY, "100+"), (date(1926, 11, 25), TODAY, "90-99"),
        # a birthday on 29 February counts on 1 March in common years
        (date(1944, 2, 29), date(2024, 2, 29), "80-89"), (date(1944, 2, 29), date(2024, 2, 28), "70-79"),
        (date(1936, 2, 29), date(2026, 2, 28), "80-89"), (date(1936, 2, 29), date(2026, 3, 1), "90-99"),
        (date(1936, 3, 1), date(2026, 2, 28), "80-89"),
    ],
)
def test_ages_are_full_years(scope: Scope, birth: date, day: date, band: str) -> None:
    person(birth_date=birth, registered_on=date(2020, 1, 1))
    by_age = queries.profile(scope, day)["by_age"]
    assert {name for name, count in by_age.items() if count} == {band}
    rows = db.session.execute(queries.listed(scope).where(queries.in_band(band, day))).all()
    assert len(rows) == 1


def test_a_profile_counts_everybody_once_each_way(scope: Scope) -> None:
    person(sex="male", ability_level=2, household_type="special_family", living_arrangement="living_alone")
    person(birth_date=date(1930, 5, 5), ability_level=0)
    person()
    person(state="duplicate")
    person(state="deceased", died_on=date(2026, 11, 1))
    figures = queries.profile(scope, TODAY)
    assert figures["total"] == 3
    for kind in ("by_age", "by_sex", "by_ability", "by_household", "by_living"):
        assert sum(figures[kind].values()) == 3, kind
    assert figures["by_ability"] == {"0": 1, "1": 0, "2": 1, "3": 0, "4": 0, "unassessed": 1}
    assert figures["by_age_sex"]["80-89"] == {"male": 1, "female": 1}
    (township,) = queries.profile_by_township(scope, TODAY)
    assert (township["total"], township["living_alone"], township["advanced_age"]) == (3, 1, 3)
    assert township["by_ability"] == figures["by_ability"]


def test_a_past_day_counts_who_was_there_and_the_level_of_then(scope: Scope) -> None:
    gone = person(state="deceased", died_on=date(2026, 11, 1), registered_on=date(2026, 1, 1))
    stays = person(registered_on=date(2026, 1, 1), ability_level=3)
    person(registered_on=date(2026, 11, 2))
    for day, level in ((date(2026, 3, 1), 1), (date(2026, 11, 3), 3)):
        make._keep(
            Assessment(
                resident_id=stays.id, township_id=stays.township_id, assessed_on=day, items={}, score=50, raw_level=level, final_level=level,
                next_due_on=date(2027, 11, 3), assessor="甲",
            ),
            "assessment.recorded",
        )
    october = queries.profile(scope, date(2026, 10, 31))
    assert october["total"] == 2
    assert october["by_ability"]["1"] == 1
    assert queries.profile(scope, TODAY)["by_ability"]["3"] == 1
    assert gone.id


def test_movements_add_up_month_by_month(scope: Scope) -> None:
    person(registered_on=date(2025, 5, 5))
    person(registered_on=date(2026, 9, 30))
    person(registered_on=date(2026, 8, 1), state="moved_out", moved_out_on=date(2026, 10, 1))
    person(registered_on=date(2026, 8, 1), state="deceased", died_on=date(2026, 10, 31))
    person(registered_on=date(2026, 8, 1), state="deceased", moved_out_on=date(2026, 9, 1), died_on=date(2026, 10, 2))
    months = queries.trend(scope, Month(2026, 10), 4)
    assert [row["month"] for row in months] == ["2026-07", "2026-08", "2026-09", "2026-10"]
    assert [row["active"] for row in months] == [1, 4, 4, 2]
    assert [row["registered"] for row in months] == [0, 3, 1, 0]
    assert queries.turnover(scope, Month(2026, 10)) == {"before": 4, "registered": 0, "moved_out": 1, "deceased": 1, "after": 2}
    assert queries.profile(scope, date(2026, 10, 31))["total"] == 2
    assert queries.profile(scope, date(2026, 9, 30))["total"] == 4


def test_assessments_due_are_counted(scope: Scope) -> None:
    person(ability_level=1, next_due_on=date(2026, 11, 23))
    person(ability_level=1, next_due_on=date(2026, 11, 24))
    person(ability_level=1, next_due_on=date(2027, 5, 1))
    person()
    assert queries.assessments_due(scope, TODAY) == {"overdue": 1, "due_in_30_days": 1, "never": 1}
