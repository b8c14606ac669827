"""The numbers of domain.md §3.3: who is in residence, occupancy, what moved, bed-days, ability."""

from datetime import date
from typing import Any

import pytest

from eldercare.beds import queries as beds
from eldercare.beds.models import Stay
from eldercare.core import audit
from eldercare.core.access import P
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Township
from tests import make
from tests.make import make_facility, make_resident, make_township

OCTOBER = Month(2026, 10)


def make_stay(home: Any, begins: date, ends: date | None = None, state: str | None = None, **person: Any) -> Stay:
    return make.make_stay(home, begins, ends, state, resident=make_resident(home.township, **person))


@pytest.fixture
def home(district: Scope) -> Any:
    township = make_township()
    place = make_facility(township, beds_filed=10, beds_set=10, beds_usable=8, beds_nursing=5)
    place.township = township
    return place


def of(home: Any, rows: list[Any]) -> Any:
    return next(row for row in rows if row.facility_id == home.id)


def test_the_night_of_moving_in_counts_and_the_day_of_leaving_does_not(district: Scope, home: Any) -> None:
    make_stay(home, date(2026, 10, 5), date(2026, 10, 9))
    count = [beds.residents_in_homes(district, date(2026, 10, day)).get(home.id, 0) for day in (4, 5, 8, 9)]
    assert count == [0, 1, 1, 0]


def test_leave_hospital_and_trial_count_and_a_contract_alone_does_not(district: Scope, home: Any) -> None:
    for state in ("trial", "in_residence", "on_leave", "hospitalised", "contracted", "assessed"):
        make_stay(home, date(2026, 10, 1), state=state)
    assert beds.residents_in_homes(district, date(2026, 10, 31))[home.id] == 4


def test_the_published_rate_divides_by_the_beds_set_up(district: Scope, home: Any) -> None:
    for _ in range(4):
        make_stay(home, date(2026, 9, 1))
    row = of(home, beds.occupancy(district, date(2026, 10, 31)))
    assert (row.in_home, row.rate_set, row.rate_usable) == (4, 0.4, 0.5)


def test_a_home_without_beds_has_no_rate_and_one_too_full_is_not_capped(district: Scope) -> None:
    empty = make_facility(beds_filed=0, beds_set=0, beds_usable=0, beds_nursing=0)
    full = make_facility(beds_filed=2, beds_set=2, beds_usable=2, beds_nursing=0)
    full.township = db.session.get_one(type(make_township()), full.township_id)
    for _ in range(2):
        make_stay(full, date(2026, 9, 1))
    full.beds_usable = full.beds_set = 1  # a wing was given up with people in it
    audit.record(district, "facility.changed", full)
    rows = beds.occupancy(district, date(2026, 10, 31))
    assert of(empty, rows).rate_set is None
    assert of(full, rows).rate_set == 2.0


def test_a_home_counts_from_the_day_it_opens_to_the_day_it_closes(district: Scope) -> None:
    home = make_facility(opened_on=date(2026, 9, 10), state="closed", closed_on=date(2026, 10, 20))
    there = [any(row.facility_id == home.id for row in beds.occupancy(district, day))
             for day in (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31))]
    assert there == [False, True, False]


def test_only_institutions_enter_the_occupancy_rate(district: Scope) -> None:
    centre = make_facility(facility_type="township_center", beds_set=12)
    assert all(row.facility_id != centre.id for row in beds.occupancy(district, date(2026, 10, 31)))


def test_opening_and_what_moved_give_closing(district: Scope, home: Any) -> None:
    make_stay(home, date(2026, 8, 1))
    make_stay(home, date(2026, 8, 1), date(2026, 10, 1))  # left on the first: was there at the opening
    make_stay(home, date(2026, 8, 1), date(2026, 10, 31), state="deceased")
    make_stay(home, date(2026, 10, 7), date(2026, 10, 7))  # came and went
    make_stay(home, date(2026, 10, 31))
    make_stay(home, date(2026, 11, 1))
    make_stay(home, date(2026, 8, 1), date(2026, 9, 30))
    rows, total = beds.movements(district, OCTOBER)
    row = of(home, rows)
    assert (row.opening, row.admissions, row.discharges, row.deaths, row.closing) == (3, 2, 2, 1, 2)
    assert row.opening + row.admissions - row.discharges - row.deaths == row.closing
    assert total.closing == sum(each.closing for each in rows)
    following = of(home, beds.movements(district, OCTOBER.plus(1))[0])
    assert following.opening == row.closing


def test_closing_is_what_occupancy_says_at_the_end_of_the_month(district: Scope, home: Any) -> None:
    make_stay(home, date(2026, 10, 7))
    make_stay(home, date(2026, 10, 7), date(2026, 10, 31))
    closing = of(home, beds.movements(district, OCTOBER)[0]).closing
    assert closing == of(home, beds.occupancy(district, OCTOBER.last)).in_home == 1
    assert beds.occupancy_trend(district, OCTOBER, facility_id=home.id)[-1].in_home == 1


def test_the_trend_has_a_point_a_month_and_none_before_the_home_opened(district: Scope, home: Any) -> None:
    home.opened_on = date(2026, 3, 1)
    audit.record(district, "facility.changed", home)
    make_stay(home, date(2026, 4, 2))
    points = beds.occupancy_trend(district, OCTOBER, 13, facility_id=home.id)
    assert [str(point.month) for point in points][::12] == ["2025-10", "2026-10"]
    assert [point.rate for point in points if str(point.month) in {"2026-02", "2026-03", "2026-04"}] == [None, 0.0, 0.1]


def test_bed_days_are_nights_slept_over_nights_offered(district: Scope, home: Any) -> None:
    make_stay(home, date(2026, 9, 20), date(2026, 10, 3))  # the nights of the 1st and 2nd
    make_stay(home, date(2026, 10, 30))  # the 30th and 31st
    days = beds.bed_days(district, OCTOBER, facility_id=home.id)
    assert (days.occupied, days.available) == (4, 8 * 31)
    assert days.rate == pytest.approx(4 / 248)


def test_a_home_that_closed_counts_its_nights_and_its_days_open(district: Scope) -> None:
    one = {"beds_set": 8, "beds_usable": 8, "beds_nursing": 0, "state": "closed"}
    home = make_facility(opened_on=date(2026, 1, 1), closed_on=date(2026, 10, 16), **one)  # open for fifteen days
    home.township = db.session.get_one(Township, home.township_id)
    make_stay(home, date(2026, 9, 20), date(2026, 10, 10))
    make_stay(home, date(2026, 10, 12), date(2026, 10, 18))  # entered as leaving after the home was closed
    days = beds.bed_days(district, OCTOBER, facility_id=home.id)
    assert (days.occupied, days.available) == (9 + 4, 8 * 15)
    later = beds.bed_days(district, OCTOBER.plus(1), facility_id=home.id)
    assert (later.occupied, later.available, later.rate) == (0, None, None)
    made = make_facility(opened_on=date(2026, 10, 20), closed_on=date(2026, 10, 25), **one)
    assert beds.bed_days(district, OCTOBER, facility_id=made.id).available == 8 * 5


def test_disabled_share_counts_from_the_level_asked_over_all_in_residence(district: Scope, home: Any) -> None:
    for level in (0, 2, 4, None):
        make_stay(home, date(2026, 9, 1), ability_level=level)
    share = beds.disabled_share(district, OCTOBER.last, 2, facility_id=home.id)
    assert (share.disabled, share.assessed, share.in_home, share.share) == (2, 3, 4, 0.5)
    assert share.by_level == {0: 1, 1: 0, 2: 1, 3: 0, 4: 1}


def test_each_number_of_a_district_is_one_statement(district: Scope, home: Any, queries: list[str]) -> None:
    make_stay(home, date(2026, 9, 1))
    asked = [
        lambda: beds.occupancy(district, OCTOBER.last),
        lambda: beds.movements(district, OCTOBER),
        lambda: beds.occupancy_trend(district, OCTOBER),
        lambda: beds.bed_days(district, OCTOBER),
        lambda: beds.disabled_share(district, OCTOBER.last, 2),
    ]
    db.session.flush()
    for ask in asked:
        queries.clear()
        ask()
        assert len(queries) == 1


def test_a_manager_sees_the_numbers_of_the_own_home_alone(district: Scope, home: Any) -> None:
    other = make_facility()
    make_stay(home, date(2026, 9, 1))
    db.session.flush()
    manager = Scope(P.STAY_READ, person_id=1, facilities=frozenset({home.id})).enter()
    assert [row.facility_id for row in beds.occupancy(manager, OCTOBER.last)] == [home.id]
    assert [row.facility_id for row in beds.movements(manager, OCTOBER)[0]] == [home.id]
    assert beds.occupancy_trend(manager, OCTOBER)[-1].beds_set == 10
    assert other.id not in beds.residents_in_homes(manager, OCTOBER.last)
