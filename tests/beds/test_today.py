"""A manager's first page: today's beds as the board counts them, and who is away, the overdue first."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from eldercare.beds.models import StayAbsence
from eldercare.core import audit, calendar
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.page import fetch


@pytest.fixture
def home(district: Scope) -> Any:
    """Three residents: in the house, on leave and overdue, on leave until next week; one bed free."""
    place, day = make.make_facility(), calendar.today()
    make.make_bed(place)
    for days in (None, -2, 7):
        state = "in_residence" if days is None else "on_leave"
        stay = make.make_stay(place, day - timedelta(days=60), state=state, bed=make.make_bed(place))
        if days is not None:
            absence = db.session.scalars(select(StayAbsence).where(StayAbsence.stay_id == stay.id)).one()
            absence.left_on, absence.expected_back_on = day - timedelta(days=5), day + timedelta(days=days)
            audit.record(district, "stay_absence.changed", absence)
    return place


def test_the_overdue_stand_first_and_every_number_opens_the_board(home: Any, sign_in: Any) -> None:
    browser = sign_in(make.make_user(Role.FACILITY_MANAGER, home, language="en"))
    part = fetch(browser, f"/beds/{home.id}/today")
    away = [part.words(line) for line in part.all("li") if line.find("a") is not None and line.find("a").find("small") is not None]
    assert len(away) == 2
    assert "2 days overdue" in away[0]
    assert "overdue" not in away[1]
    for link in part.all("a"):
        assert link.get("href").startswith(f"/beds/{home.id}/")


def test_the_first_page_of_a_home_asks_for_it_and_that_of_a_canteen_does_not(home: Any, sign_in: Any) -> None:
    manager = sign_in(make.make_user(Role.FACILITY_MANAGER, home))
    assert f"/beds/{home.id}/today" in fetch(manager, "/").text
    Scope.system("test").enter()
    canteen = make.make_facility(facility_type="canteen")
    assert "/today" not in fetch(sign_in(make.make_user(Role.FACILITY_MANAGER, canteen)), "/").text


def test_a_home_without_beds_is_told_what_to_do(district: Scope, sign_in: Any) -> None:
    empty = make.make_facility()
    browser = sign_in(make.make_user(Role.FACILITY_MANAGER, empty, language="en"))
    assert "Set up rooms and beds" in fetch(browser, f"/beds/{empty.id}/today").text
