"""Caregivers to residents: groups by ability, each caregiver once, the standard's bands."""

from datetime import date, timedelta
from typing import Any

import pytest

from eldercare.beds.ratios import queries
from eldercare.beds.ratios.queries import Bands
from eldercare.core.access import Role
from eldercare.core.scope import Scope
from tests.beds.test_numbers import make_stay
from tests.make import make_facility, make_shift, make_staff, make_township, make_user
from tests.page import fetch

TODAY = date(2026, 11, 24)
BANDS = Bands()


@pytest.fixture
def home(district: Scope) -> Any:
    township = make_township()
    place = make_facility(township)
    place.township = township
    for level, people in ((0, 4), (1, 3), (2, 3), (3, 2), (4, 3), (None, 1)):
        for _ in range(people):
            make_stay(place, date(2026, 9, 1), ability_level=level)
    return place


def line(scope: Scope, home: Any) -> queries.Ratio:
    (found,) = queries.ratios(scope, TODAY, BANDS, home.id)
    return found


def test_residents_fall_into_three_groups_and_the_need_is_their_sum(district: Scope, home: Any) -> None:
    row = line(district, home)
    assert row.residents == (4, 7, 5)  # the one nobody assessed counts as partly disabled
    assert (row.in_home, row.unassessed) == (16, 1)
    assert row.least == pytest.approx(4 / 20 + 7 / 12 + 5 / 5)
    assert row.full == pytest.approx(4 / 15 + 7 / 8 + 5 / 3)
    assert row.needed == (2, 3)


def test_a_caregiver_counts_once_however_many_posts_and_shifts(district: Scope, home: Any) -> None:
    both = make_staff(home, posts=["nurse", "caregiver"])
    make_staff(home, posts=["cook"], papers=())
    make_staff(home, state="on_leave", away_from=TODAY)
    for days in (0, 1, 2):
        make_shift(both, TODAY - timedelta(days), "day", duty="caregiver")
    row = line(district, home)
    assert (len(row.employed), len(row.rostered), row.each) == (1, 1, 16)
    assert row.verdict == "short"


def test_a_shift_counts_for_a_week_and_only_as_caregiver(district: Scope, home: Any) -> None:
    old, other, now = make_staff(home), make_staff(home, posts=["caregiver", "cleaner"]), make_staff(home)
    make_shift(old, TODAY - timedelta(7))
    make_shift(other, TODAY, duty="cleaner")
    make_shift(now, TODAY - timedelta(6))
    row = line(district, home)
    assert (len(row.employed), len(row.rostered)) == (3, 1)
    assert row.verdict == "thin"
    make_shift(old, TODAY, "night")
    assert line(district, home).verdict == "within"


def test_whoever_works_in_two_homes_counts_once_in_the_sum(district: Scope, home: Any) -> None:
    second = make_facility(home.township)
    person = make_staff(home)
    make_staff(second, id_number=person.id_number.reveal())
    make_staff(second)
    rows = queries.ratios(district, TODAY, BANDS)
    total = queries.total(rows)
    assert [len(row.employed) for row in rows] == [1, 2]
    assert (len(total.employed), total.homes, total.in_home) == (2, 2, 16)


def test_a_home_without_residents_or_caregivers_has_no_ratio_and_no_nought(district: Scope, sign_in: Any) -> None:
    empty = make_facility()
    row = line(district, empty)
    assert (row.each, row.verdict, row.needed) == (None, "none", (0, 0))
    client = sign_in(make_user(Role.DISTRICT_OFFICER), language="en")
    text = fetch(client, "/beds/ratios/").text
    assert "nobody lives there" in text
    assert "1 : 0" not in text


def test_each_role_sees_its_own_homes(district: Scope, sign_in: Any, home: Any, queries: list[str]) -> None:
    other = make_facility(name="示例养老院他处(演示)")
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    page = fetch(client, "/beds/ratios/", queries=queries)
    assert home.name in page.text
    assert other.name not in page.text
