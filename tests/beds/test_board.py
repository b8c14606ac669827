"""The bed board: who sleeps where since when, as of a day."""

from datetime import date
from typing import Any

import pytest

from eldercare.beds import queries
from eldercare.beds.models import StayBed
from eldercare.core import audit
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Township
from tests.beds.test_numbers import make_stay
from tests.make import make_bed, make_facility, make_user
from tests.page import fetch


@pytest.fixture
def home(district: Scope) -> Any:
    place = make_facility()
    place.township = db.session.get_one(Township, place.township_id)
    return place


def put_to_bed(scope: Scope, stay: Any, bed: Any, begins: date, ends: date | None = None) -> None:
    db.session.flush()
    row = StayBed(
        township_id=stay.township_id, facility_id=stay.facility_id, stay_id=stay.id, bed_id=bed.id, starts_on=begins, ends_on=ends
    )
    db.session.add(row)
    audit.record(scope, "stay.bed_given", row)


def test_the_board_shows_each_bed_as_it_was_on_the_day(district: Scope, home: Any) -> None:
    first, second = make_bed(home), make_bed(home)
    stay = make_stay(home, date(2026, 10, 1), name="示例老人甲")
    put_to_bed(district, stay, first, date(2026, 10, 1), date(2026, 10, 10))
    put_to_bed(district, stay, second, date(2026, 10, 10))

    def who(day: date) -> dict[int, date | None]:
        return {bed.bed_id: bed.since for bed in queries.board(district, home.id, day, is_today=False)}

    assert who(date(2026, 9, 30)) == {first.id: None, second.id: None}
    assert who(date(2026, 10, 9)) == {first.id: date(2026, 10, 1), second.id: None}
    assert who(date(2026, 10, 10)) == {first.id: None, second.id: date(2026, 10, 10)}


def test_names_are_masked_and_lead_to_the_record_only_for_those_who_may_read_it(sign_in: Any, district: Scope, home: Any) -> None:
    stay = make_stay(home, date(2026, 10, 1), name="示例老人甲", facility_id=home.id)
    put_to_bed(district, stay, make_bed(home), date(2026, 10, 1))
    manager, inspector = make_user(Role.FACILITY_MANAGER, home), make_user(Role.INSPECTOR)
    link = f"/residents/{stay.resident_id}"
    page = fetch(sign_in(manager), f"/beds/{home.id}/")
    assert "示***甲" in page.text
    assert "示例老人甲" not in page.text
    assert link in page.text
    page = fetch(sign_in(inspector), f"/beds/{home.id}/")
    assert "示***甲" in page.text
    assert link not in page.text


def test_counts_stand_at_the_top_and_a_person_on_leave_keeps_the_bed(sign_in: Any, district: Scope, home: Any) -> None:
    stay = make_stay(home, date(2026, 10, 1), state="on_leave")
    put_to_bed(district, stay, make_bed(home), date(2026, 10, 1))
    make_bed(home)
    make_bed(home, condition="maintenance")
    make_bed(home, condition="retired")
    page = fetch(sign_in(make_user(Role.FACILITY_MANAGER, home), language="en"), f"/beds/{home.id}/")
    numbers = {page.words(each.find("dt")): page.words(each.find("dd")) for each in page.all("div") if each.find("dt") is not None}
    assert (numbers["Beds"], numbers["Taken"], numbers["Free"], numbers["Out of use"]) == ("3", "1", "1", "1")
    assert "on leave" in page.text


@pytest.mark.parametrize("day", ["nonsense", "2030-01-01", "1900-01-01", "2026-13-01"])
def test_a_day_that_cannot_be_shown_gives_today_with_a_sentence(sign_in: Any, district: Scope, home: Any, day: str) -> None:
    page = fetch(sign_in(make_user(Role.FACILITY_MANAGER, home), language="en"), f"/beds/{home.id}/?day={day}")
    assert "That day cannot be shown" in page.text
    assert 'value="2026-11-24"' in page.text


def test_a_keeper_of_a_canteen_has_no_bed_board(sign_in: Any, district: Scope) -> None:
    canteen = make_facility(facility_type="canteen")
    assert sign_in(make_user(Role.CANTEEN_KEEPER, canteen)).get(f"/beds/{canteen.id}/").status_code == 403
