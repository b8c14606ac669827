"""The score is exactly the rule of domain.md §6: worked examples, every cap, and what must hold for any answers."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.checklists.checks.queries.scoring import Mark, percent, score
from eldercare.checklists.models import RULE


def marks(*told: tuple[str, str, int]) -> list[Mark]:
    """(severity, result, how many), without vetoes."""
    return [Mark(f"X-{at}-{n}", "X", severity, False, result) for at, (severity, result, count) in enumerate(told) for n in range(count)]


def test_the_worked_example_base_150_lost_12_is_excellent() -> None:
    # 150 = 24 + 114 + 12: 24 general, 38 serious, 2 major; four serious faults lose 12
    found = score(RULE, marks(("general", "conform", 24), ("serious", "conform", 34), ("serious", "nonconform", 4), ("major", "conform", 2)))
    assert (found.base, found.lost) == (150, 12)
    assert (found.raw, found.score, found.grade, found.caps) == (Decimal("92.0"), Decimal("92.0"), "excellent", ())


def test_the_same_with_a_failed_veto_item_of_weight_6_fails() -> None:
    rest = marks(("general", "conform", 24), ("serious", "conform", 34), ("serious", "nonconform", 4), ("major", "conform", 1))
    found = score(RULE, [*rest, Mark("V", "X", "major", True, "nonconform")])
    assert (found.base, found.lost, found.raw) == (150, 18, Decimal("88.0"))
    assert (found.score, found.grade, found.caps) == (Decimal("59.9"), "fail", ("veto",))


def test_a_fault_escalated_to_major_fails_too() -> None:
    found = score(RULE, [*marks(("serious", "conform", 99)), Mark("E", "X", "serious", False, "nonconform", True)])
    assert (found.raw, found.score, found.grade) == (Decimal("99.0"), Decimal("59.9"), "fail")


@pytest.mark.parametrize(("faults", "capped", "grade"), [(4, "96.0", "excellent"), (5, "79.9", "pass")])
def test_five_serious_faults_cap_at_79_9(faults: int, capped: str, grade: str) -> None:
    found = score(RULE, marks(("serious", "conform", 100 - faults), ("serious", "nonconform", faults)))
    assert (found.score, found.grade) == (Decimal(capped), grade)


def test_an_overdue_rectification_caps_at_89_9_and_only_then() -> None:
    perfect = marks(("general", "conform", 10))
    assert score(RULE, perfect, 0).score == Decimal("100.0")
    late = score(RULE, perfect, 1)
    assert (late.score, late.grade, late.caps) == (Decimal("89.9"), "good", ("overdue",))


def test_less_than_nine_tenths_checked_is_incomplete_and_shows_no_score() -> None:
    nine = score(RULE, marks(("general", "conform", 9), ("general", "not_checked", 1)))
    assert (nine.status, nine.score) == ("complete", Decimal("100.0"))
    eight = score(RULE, marks(("general", "conform", 8), ("general", "not_checked", 1)))
    assert (eight.status, eight.score, eight.grade, dict(eight.areas)) == ("incomplete", None, None, {})


def test_what_does_not_apply_counts_neither_for_the_base_nor_for_completeness() -> None:
    found = score(RULE, marks(("major", "not_applicable", 50), ("general", "conform", 1), ("general", "nonconform", 1)))
    assert (found.base, found.applicable, found.checked, found.score) == (2, 2, 2, Decimal("50.0"))


def test_where_nothing_applies_there_is_no_score() -> None:
    assert score(RULE, marks(("general", "not_applicable", 3))).status == "nothing"
    assert score(RULE, []).status == "nothing"


def test_halves_are_rounded_up() -> None:
    assert percent(Fraction(9995, 10000), Fraction(1)) == Decimal("100.0")  # 99.95
    assert percent(Fraction(9994, 10000), Fraction(1)) == Decimal("99.9")
    # 13 of 16 points: 81.25 is 81.3, where rounding to even would say 81.2
    assert score(RULE, marks(("general", "conform", 13), ("general", "nonconform", 3))).score == Decimal("81.3")


def test_partly_in_order_counts_half() -> None:
    assert score(RULE, marks(("serious", "partial", 2), ("serious", "conform", 2))).score == Decimal("75.0")


def test_an_area_scores_alone_without_caps_and_an_empty_one_has_none() -> None:
    found = score(RULE, [
        Mark("A", "FIR", "major", True, "nonconform"), Mark("B", "FIR", "major", False, "conform"),
        Mark("C", "ORG", "general", False, "conform"), Mark("D", "SPE", "major", False, "not_applicable"),
    ])
    assert found.areas == {"FIR": Decimal("50.0"), "ORG": Decimal("100.0"), "SPE": None}


RESULTS = ("conform", "partial", "nonconform", "not_applicable", "not_checked")


@st.composite
def answered(draw: Any) -> list[Mark]:
    """A list with any answers that are allowed."""
    out = []
    for n in range(draw(st.integers(1, 40))):
        severity = draw(st.sampled_from(("general", "serious", "major")))
        result = draw(st.sampled_from([r for r in RESULTS if r != "partial" or severity != "major"]))
        veto = draw(st.booleans()) if severity != "general" else False
        escalated = result == "nonconform" and severity == "serious" and draw(st.booleans())
        out.append(Mark(f"I-{n}", draw(st.sampled_from(("A", "B"))), severity, veto, result, escalated))
    return out


@given(answered(), st.integers(0, 3), st.randoms())
def test_the_order_of_answers_changes_nothing(given_marks: list[Mark], overdue: int, rng: Any) -> None:
    shuffled = list(given_marks)
    rng.shuffle(shuffled)
    assert score(RULE, given_marks, overdue).as_json() == score(RULE, shuffled, overdue).as_json()


@given(answered(), st.integers(0, 3))
def test_no_score_is_above_a_cap_in_force(given_marks: list[Mark], overdue: int) -> None:
    found = score(RULE, given_marks, overdue)
    if found.status != "complete":
        assert found.score is found.grade is None
        return
    failed = [m for m in given_marks if m.result == "nonconform"]
    assert 0 <= found.score <= found.raw <= 100
    if any(m.veto or m.escalated for m in failed):
        assert found.score <= Decimal("59.9")
        assert found.grade == "fail"
    if sum(m.severity == "serious" for m in failed) >= 5:
        assert found.score <= Decimal("79.9")
    if overdue:
        assert found.score <= Decimal("89.9")
    if not failed and not overdue:
        assert found.score == found.raw


@given(answered(), st.data())
def test_putting_something_right_never_lowers_the_score(given_marks: list[Mark], data: Any) -> None:
    before = score(RULE, given_marks)
    bad = [at for at, m in enumerate(given_marks) if m.result in ("partial", "nonconform")]
    if before.status != "complete" or not bad:
        return
    at = data.draw(st.sampled_from(bad))
    better = [m._replace(result="conform", escalated=False) if n == at else m for n, m in enumerate(given_marks)]
    assert score(RULE, better).score >= before.score
