"""The grade by rule (domain.md §4.2), the accident level by Order 493 article 3."""

import pytest

from eldercare.incidents.grading.models import GRADES, PAIRS, SIGNS, TYPES, WHY_WORDS, Facts, Rules, accident_level, propose

RULES = Rules(3, 3, 15, 60, 24, 24, 5, 20, 3, 30, frozenset({"accident", "unknown"}), 7)
YUAN = 100


def grade(kind: str, family: str = "service_risk", **facts) -> str:
    return propose(Facts(family, kind, **facts), RULES)[0]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"kind": "accidental_death", "family": "death", "dead": 1}, "E1"),
        ({"kind": "natural_death", "family": "death", "dead": 1}, "E4"),
        ({"kind": "traffic", "family": "accident", "injured": 3}, "E1"),
        ({"kind": "traffic", "family": "accident", "injured": 2}, "E3"),
        ({"kind": "fire", "family": "accident"}, "E2"),
        ({"kind": "fire", "family": "accident", "injured": 1}, "E1"),
        ({"kind": "fire", "family": "accident", "signs": frozenset({"evacuated"})}, "E1"),
        ({"kind": "elder_abuse", "family": "social_security", "care": "treated"}, "E1"),
        ({"kind": "elder_abuse", "family": "social_security"}, "E3"),
        ({"kind": "food_poisoning", "family": "public_health", "ill": 3}, "E1"),
        ({"kind": "food_poisoning", "family": "public_health", "ill": 2}, "E3"),
        ({"kind": "elopement", "missing": "long"}, "E1"),
        ({"kind": "elopement", "missing": "searching", "signs": frozenset({"weather"})}, "E1"),
        ({"kind": "elopement", "missing": "searching"}, "E2"),
        ({"kind": "elopement", "missing": "found"}, "E2"),
        ({"kind": "fall", "care": "admitted"}, "E2"),
        ({"kind": "fall", "care": "treated", "signs": frozenset({"fracture"})}, "E2"),
        ({"kind": "choking", "signs": frozenset({"rescued"})}, "E2"),
        ({"kind": "scald", "care": "treated"}, "E2"),
        ({"kind": "pressure_injury", "signs": frozenset({"pressure_3"})}, "E2"),
        ({"kind": "lift_entrapment", "family": "accident", "signs": frozenset({"trapped"})}, "E2"),
        ({"kind": "lift_entrapment", "family": "accident"}, "E4"),
        ({"kind": "fall", "care": "treated"}, "E3"),
        ({"kind": "fall", "care": "hospital"}, "E3"),
        ({"kind": "wrong_intake"}, "E3"),
        ({"kind": "fall"}, "E4"),
    ],
)
def test_the_grade_follows_the_table(facts: dict, expected: str) -> None:
    assert grade(**facts) == expected


def test_every_grade_says_why_in_words() -> None:
    for pair in PAIRS:
        family, kind = pair.split(".")
        for facts in (Facts(family, kind), Facts(family, kind, dead=1, care="admitted", missing="long", signs=frozenset(SIGNS))):
            found, why = propose(facts, RULES)
            assert found in GRADES
            assert why
            assert set(why) <= set(WHY_WORDS)


def test_what_counts_as_several_is_a_setting() -> None:
    other = Rules(2, 9, 15, 60, 24, 24, 5, 20, 3, 30, frozenset(), 7)
    assert propose(Facts("accident", "traffic", injured=2), other)[0] == "E1"


@pytest.mark.parametrize(
    ("dead", "serious", "yuan", "level"),
    [
        (0, 0, 0, None), (1, 0, 0, "ordinary"), (2, 9, 9_999_999, "ordinary"), (3, 0, 0, "larger"), (9, 0, 0, "larger"),
        (10, 0, 0, "major"), (29, 0, 0, "major"), (30, 0, 0, "extra_major"), (0, 10, 0, "larger"), (0, 49, 0, "larger"),
        (0, 50, 0, "major"), (0, 100, 0, "extra_major"), (0, 0, 10_000_000, "larger"), (0, 0, 49_999_999, "larger"),
        (0, 0, 50_000_000, "major"), (0, 0, 100_000_000, "extra_major"), (1, 50, 10, "major"),
    ],
)
def test_the_highest_of_the_three_columns_decides_lower_bound_included(dead: int, serious: int, yuan: int, level: str | None) -> None:
    assert accident_level(dead, serious, yuan * YUAN) == level


def test_the_nine_risks_the_four_families_and_death_are_there() -> None:
    assert set(TYPES) == {"service_risk", "accident", "public_health", "natural_disaster", "social_security", "death"}
    assert len(TYPES["service_risk"]) == 10  # nine, and another
