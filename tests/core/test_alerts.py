"""Alerts reach whoever answers for the place, once, and climb when nobody acts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from eldercare.core import alerts, calendar
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope, scope_of
from tests import make

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def rusty_lift() -> Iterator[None]:
    steps = (alerts.Step(HOUR, "township"), alerts.Step(3 * HOUR, "district"))
    alerts.kind(alerts.Kind("test.lift", "The lift of %(home)s stands", P.STAFF_READ, "facilities.show", "facility_id", steps=steps))
    alerts.kind(alerts.Kind("test.news", "News of %(home)s", P.STAFF_READ, "facilities.show", "facility_id", is_todo=False))
    yield
    alerts.KINDS.pop("test.lift")
    alerts.KINDS.pop("test.news")


def waits_for(role: Role, place: object = None) -> dict[str, int]:
    person = make.make_user(role, place)
    db.session.commit()
    scope = scope_of(person, P.ALERT_READ)
    assert scope is not None
    found = alerts.counts(scope.enter(), person)
    Scope.system("test").enter()
    return found


def test_an_alert_is_for_those_who_answer_for_its_place_at_its_level(district: Scope) -> None:
    home, other = make.make_facility(), make.make_facility()
    assert alerts.tell(district, "test.lift", home, home=home.name)
    assert waits_for(Role.FACILITY_MANAGER, home)["todo"] == 1
    assert waits_for(Role.FACILITY_MANAGER, other)["todo"] == 0
    assert waits_for(Role.DISTRICT_OFFICER)["todo"] == 0


def test_the_same_thing_is_told_once_and_again_only_on_another_occasion(district: Scope) -> None:
    home = make.make_facility()
    assert alerts.tell(district, "test.lift", home, occasion="2026-11", home=home.name)
    assert alerts.tell(district, "test.lift", home, occasion="2026-11", home=home.name) is None
    assert alerts.tell(district, "test.lift", home, occasion="2026-12", home=home.name)
    assert alerts.settle(district, home, "test.lift", occasion="2026-11") == 1
    assert waits_for(Role.FACILITY_MANAGER, home)["todo"] == 1


def test_what_nobody_does_climbs_a_step_at_a_time_and_only_once(district: Scope) -> None:
    home = make.make_facility()
    now = calendar.now()
    alerts.tell(district, "test.lift", home, due_at=now - 2 * HOUR, home=home.name)
    assert len(alerts.climb(district, now)) == 1
    assert alerts.climb(district, now) == []
    db.session.flush()
    town = db.session.get(type(home).township.property.mapper.class_, home.township_id)
    assert waits_for(Role.TOWNSHIP_OFFICER, town) == {"todo": 1, "know": 0, "late": 1}
    assert waits_for(Role.DISTRICT_OFFICER)["todo"] == 0
    assert len(alerts.climb(district, now + 2 * HOUR)) == 1
    assert waits_for(Role.DISTRICT_OFFICER)["todo"] == 1


def test_a_step_that_was_taken_is_not_taken_again_every_minute(district: Scope, queries: list[str]) -> None:
    home, now = make.make_facility(), calendar.now()
    alerts.tell(district, "test.lift", home, due_at=now - 9 * HOUR, home=home.name)
    assert len(alerts.climb(district, now)) == 2
    queries.clear()
    assert alerts.climb(district, now) == []
    assert not [each for each in queries if "INSERT" in each]


def test_what_began_with_the_district_does_not_come_down_to_the_township(district: Scope) -> None:
    home = make.make_facility()
    alerts.tell(district, "test.lift", home, level="district", due_at=calendar.now() - 9 * HOUR, home=home.name)
    assert alerts.climb(district, calendar.now()) == []


def test_what_stands_again_climbs_again(district: Scope) -> None:
    home, now = make.make_facility(), calendar.now()
    about = {"due_at": now - 2 * HOUR, "home": home.name}
    assert alerts.tell(district, "test.lift", home, **about)
    alerts.climb(district, now)
    assert alerts.settle(district, home) == 2
    assert alerts.tell(district, "test.lift", home, **about) is None
    assert alerts.tell(district, "test.lift", home, again=True, **about)
    assert alerts.tell(district, "test.lift", home, again=True, **about) is None
    assert len(alerts.climb(district, now)) == 1
    assert alerts.climb(district, now) == []


def test_a_deadline_that_moves_takes_its_alert_along(district: Scope) -> None:
    home, now = make.make_facility(), calendar.now()
    alerts.tell(district, "test.lift", home, due_at=now - 2 * HOUR, home=home.name)
    assert waits_for(Role.FACILITY_MANAGER, home)["late"] == 1
    alerts.move_due(district, home, "test.lift", now + HOUR)
    assert waits_for(Role.FACILITY_MANAGER, home) == {"todo": 1, "know": 0, "late": 0}
    assert alerts.climb(district, now) == []


def test_what_is_done_climbs_no_more(district: Scope) -> None:
    home = make.make_facility()
    alerts.tell(district, "test.lift", home, due_at=calendar.now() - 9 * HOUR, home=home.name)
    alerts.settle(district, home)
    assert alerts.climb(district, calendar.now()) == []


def test_what_one_should_know_waits_for_each_person_until_seen(district: Scope) -> None:
    home = make.make_facility()
    told = alerts.tell(district, "test.news", home, home=home.name)
    one, other = make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.FACILITY_MANAGER, home)
    db.session.add(alerts.AlertSeen(alert_id=told, person_id=one.id))
    db.session.flush()
    counted = [alerts.counts(district, person)["know"] for person in (one, other)]
    assert counted == [0, 1]


def test_what_waits_is_found_among_years_of_what_was_settled_and_seen(district: Scope, plans: list[str]) -> None:
    home = make.make_facility()
    alerts.tell(district, "test.lift", home, level="district", home=home.name)
    person = make.make_user(Role.DISTRICT_OFFICER)
    db.session.flush()
    plans.clear()
    assert alerts.counts(district, person) == {"todo": 1, "know": 0, "late": 0}
    assert [row[1] for row in alerts.grouped(district, person)] == [1]
    counts, grouped = plans
    assert "alerts_open_idx" in grouped
    assert "alerts_open_idx" in counts
    assert "alerts_news_idx" in counts


def test_nobody_tells_of_a_place_out_of_reach(district: Scope) -> None:
    home, other = make.make_facility(), make.make_facility()
    reach = Scope(permission="test", facilities=frozenset({home.id}))
    with pytest.raises(LookupError):
        alerts.tell(reach, "test.lift", other, home=other.name)
