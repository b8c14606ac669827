"""What a place owes itself and when: from the lists in force, by frequency, by day and night."""

import itertools
from collections import Counter
from datetime import date, timedelta

import pytest

from eldercare.checklists import queries as lists
from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.selfchecks import queries, services
from eldercare.selfchecks.models import SelfCheckRound
from eldercare.selfchecks.queries.duties import duties_in
from tests import make
from tests.selfchecks.made import DAY, House, day_made, rules


def names(scope: Scope, kind: str) -> Counter[str]:
    return Counter(f"{each.name} {each.times}" for each in queries.duties(scope, [kind], DAY).get(kind, []))


def test_a_home_owes_patrols_by_day_and_night_and_checks_from_daily_to_yearly(house: House, district: Scope) -> None:
    assert names(district, "institution") == {
        "patrol_day 1": 1, "patrol_night 1": 1, "daily 1": 1, "weekly 1": 1, "monthly 1": 1, "quarterly 1": 1, "yearly 1": 1, "yearly 2": 1,
    }
    assert "patrol_night 1" not in names(district, "village_station")
    assert names(district, "canteen")["daily 2"] == 1  # twice a day, as the list says
    assert not queries.duties(district, ["home_care_org"], DAY)  # no list is for them


def test_every_item_of_a_list_belongs_to_a_duty(house: House, district: Scope) -> None:
    for standing in lists.standings(district, DAY):
        if standing.current is not None and standing.checklist.kind == "items":
            items = lists.items(district, standing.current.id)
            asked = {
                each.code
                for duty in duties_in(standing.current, items)
                for window in queries.windows(duty.name, duty.times, DAY, rules())
                for each in queries.asked(duty.name, window.times, window.slot, items)
            }
            assert asked == {each.code for each in items}, standing.checklist.code


def test_the_night_has_a_round_every_two_hours_from_eight_to_eight_over_midnight(house: House) -> None:
    night = queries.windows("patrol_night", 1, DAY, rules())
    hours = [(calendar.local(each.from_at), calendar.local(each.until_at)) for each in night]
    assert [f"{begins:%d %H}–{ends:%d %H}" for begins, ends in hours] == [
        "24 20–24 22", "24 22–25 00", "25 00–25 02", "25 02–25 04", "25 04–25 06", "25 06–25 08",
    ]
    assert {each.day for each in night} == {DAY}  # they stand on the evening the night begins
    assert {each.period for each in night} == {"2026-11-24"}


@pytest.mark.parametrize(("interval", "night", "rounds"), [(60, (20, 8), 12), (90, (22, 6), 6), (120, (19, 7), 6), (480, (20, 8), 2)])
def test_windows_and_interval_of_the_night_are_settings(house: House, interval: int, night: tuple[int, int], rounds: int) -> None:
    found = queries.windows("patrol_night", 1, DAY, rules(interval=interval, night=night))
    assert len(found) == rounds
    assert all(one.until_at == other.from_at for one, other in itertools.pairwise(found))
    assert calendar.local(found[-1].until_at).hour == night[1]


def test_an_item_is_asked_in_the_night_as_often_as_it_says(house: House, district: Scope) -> None:
    patrol = lists.in_force(district, "daily_fire_patrol", DAY)
    items = lists.items(district, patrol.id)
    times = Counter(each.code for slot in range(1, 7) for each in queries.asked("patrol_night", 6, slot, items))
    assert times["FP-03"] == 6  # exits: each round
    assert times["FP-12"] == 6
    assert times["FP-10"] == 1  # gas valves: once, in the first round
    assert "FP-06" not in times  # extinguishers: by day alone
    first = [each.code for each in queries.asked("patrol_night", 6, 1, items)]
    assert "FP-10" in first
    assert [each.code for each in queries.asked("patrol_day", 1, 1, items)].count("FP-06") == 1


@pytest.mark.parametrize(("name", "times", "period", "spans"), [
    ("weekly", 1, "2026-W48", [("2026-11-23", "2026-11-29")]), ("monthly", 1, "2026-11", [("2026-11-01", "2026-11-30")]),
    ("quarterly", 1, "2026-Q4", [("2026-10-01", "2026-12-31")]), ("yearly", 1, "2026", [("2026-01-01", "2026-12-31")]),
    ("yearly", 2, "2026", [("2026-01-01", "2026-06-30"), ("2026-07-01", "2026-12-31")]),
    ("quarterly", 3, "2026-Q4", [("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30"), ("2026-12-01", "2026-12-31")]),
    ("daily", 2, "2026-11-24", [("2026-11-24", "2026-11-24")] * 2),
])
def test_a_period_is_cut_into_as_many_parts_as_the_item_says(house: House, name: str, times: int, period: str, spans: list[tuple[str, str]]) -> None:
    found = queries.windows(name, times, DAY, rules())
    assert {each.period for each in found} == {period}
    last = timedelta(seconds=1)
    assert [(str(calendar.local(each.from_at).date()), str(calendar.local(each.until_at - last).date())) for each in found] == spans
    assert [str(each.day) for each in found] == [until for _from, until in spans]


def test_a_week_of_the_turn_of_the_year_has_one_name(house: House) -> None:
    assert queries.windows("weekly", 1, date(2026, 12, 31), rules())[0].period == "2026-W53"
    assert queries.windows("weekly", 1, date(2027, 1, 1), rules())[0].period == "2026-W53"


def test_a_centre_owes_nights_only_if_somebody_sleeps_there(house: House, district: Scope) -> None:
    day_made(house)

    def nights(**values: int) -> int:
        place = make.make_facility(facility_type="township_center", **values)
        services.make(district, DAY, rules())
        return len(db.session.scalars(district.select(SelfCheckRound).filter_by(facility_id=place.id, duty="patrol_night")).all())

    assert nights() == 0
    assert nights(beds_set=6) == 6


@pytest.mark.parametrize("state", ["preparing", "suspended", "closed", "deregistered"])
def test_a_place_that_does_not_operate_owes_nothing(house: House, district: Scope, state: str) -> None:
    place = make.make_facility(state=state)
    day_made(house)
    assert not db.session.scalars(district.select(SelfCheckRound).filter_by(facility_id=place.id)).all()
    assert house.rounds()
