"""Entering, correcting and closing a facility."""

from datetime import date
from math import hypot
from typing import Any

import pytest

from eldercare.core import calendar, coordinates
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.identifiers import usc_check_character
from eldercare.core.scope import Scope
from eldercare.facilities import queries, services
from eldercare.facilities.models import Facility
from tests.make import make_facility, make_township, make_user, make_village

BODY = "52370299MADEM0001"
GOOD = BODY + usc_check_character(BODY)
BAD = BODY + ("0" if GOOD[-1] != "0" else "1")


def values(**more: Any) -> dict[str, Any]:
    return {"code": "JG90001", "name": "示例养老院9号(演示)", **more}


def refusal(call: Any) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.code


def test_a_wrong_check_character_blocks_and_says_why(district: Scope) -> None:
    township = make_township()
    enter = lambda **more: services.register(district, "institution", township.id, values(**more))  # noqa: E731
    assert refusal(lambda: enter(usc_code=BAD)) == "facility.usc_wrong"
    assert refusal(lambda: enter(usc_code=GOOD[:17])) == "facility.usc_length"
    assert refusal(lambda: enter(usc_code="I" + GOOD[1:])) == "facility.usc_signs"
    assert enter(usc_code=GOOD).usc_code == GOOD


def test_a_district_officer_accepts_a_wrong_code_with_a_reason_that_stays_on_record(district: Scope) -> None:
    facility = services.register(district, "institution", make_township().id, values(usc_code=BAD), override="证书如此")
    assert facility.usc_override_reason == "证书如此"
    services.change(district, facility.id, values(usc_code=BAD, head="示例"))  # a later correction keeps it
    assert facility.usc_override_reason == "证书如此"
    services.change(district, facility.id, values(usc_code=GOOD))
    assert facility.usc_override_reason is None


def test_the_credit_code_and_the_registration_authority_agree(district: Scope) -> None:
    enter = lambda authority: services.register(  # noqa: E731
        district, "institution", make_township().id, values(usc_code=GOOD, registration_authority=authority)
    )
    assert refusal(lambda: enter("market")) == "facility.usc_authority"
    assert enter("civil_affairs").registration_authority == "civil_affairs"


def test_only_the_fields_of_the_type_are_written(district: Scope) -> None:
    station = services.register(district, "village_station", make_township().id, values(area_m2=80, beds_set=99, stationed=True))
    assert (station.area_m2, station.beds_set, station.stationed) == (80, None, False)


def test_usable_beds_above_those_set_up_are_refused_in_words_and_nothing_is_kept(sign_in: Any, district: Scope) -> None:
    township = make_township()
    client = sign_in(make_user(Role.DISTRICT_OFFICER), language="en")
    path = f"/facilities/new/institution/{township.id}"
    page = client.post(path, data=values(beds_set="10", beds_usable="12", csrf_token=_token(client, path)))
    assert page.status_code == 422
    assert "Usable beds cannot be more than the beds set up" in page.get_data(as_text=True)
    Scope.system("test").enter()
    assert queries.by_code(Scope.system("test"), "JG90001") is None


def test_a_village_of_another_township_is_refused(district: Scope) -> None:
    village = make_village(make_township())
    with pytest.raises(Refused) as caught:
        services.register(district, "canteen", make_township().id, values(village_id=village.id))
    assert (caught.value.code, caught.value.field) == ("facility.village_elsewhere", "village_id")


def test_a_township_officer_registers_in_the_own_township_alone(district: Scope) -> None:
    mine, other = make_township(), make_township()
    officer = Scope("facility:edit", person_id=1, townships=frozenset({mine.id})).enter()
    assert refusal(lambda: services.register(officer, "canteen", other.id, values())) == "facility.township_out_of_reach"
    assert services.register(officer, "canteen", mine.id, values()).township_id == mine.id


def test_a_free_code_is_offered_within_the_township(district: Scope) -> None:
    township = make_township(code="370299777")
    assert queries.next_code(district, "canteen", township) == "ST77701"
    make_facility(township, facility_type="canteen", code="ST77707")
    assert queries.next_code(district, "canteen", township) == "ST77708"


def test_two_people_correcting_one_record_do_not_overwrite_each_other(district: Scope) -> None:
    facility = make_facility()
    seen = facility.updated_at.isoformat()
    services.change(district, facility.id, {"head": "示例甲"}, seen=seen)
    db.session.flush()
    assert refusal(lambda: services.change(district, facility.id, {"head": "示例乙"}, seen="2026-01-01T00:00:00+00:00")) == "row.changed"
    assert facility.head == "示例甲"


def test_a_home_with_residents_does_not_close(district: Scope) -> None:
    home = make_facility()
    assert refusal(lambda: services.move(district, home.id, "closed", "x", calendar.today(), residents=3)) == "facility.residents_present"
    services.move(district, home.id, "suspended", "示例", date(2026, 11, 1))
    assert (home.opened_on, home.closed_on) == (None, None)
    services.move(district, home.id, "closed", "示例", date(2026, 11, 20))
    assert (home.state, home.closed_on) == ("closed", date(2026, 11, 20))
    assert refusal(lambda: services.move(district, home.id, "operating", "x", calendar.today())) == "move.not_allowed"


def test_every_change_stands_in_the_history_in_words(sign_in: Any, district: Scope) -> None:
    home = make_facility()
    services.change(district, home.id, {"head": "示例负责人"})
    services.move(district, home.id, "suspended", "示例维修", calendar.today())
    client = sign_in(make_user(Role.LEADER), language="en")
    text = client.get(f"/facilities/{home.id}").get_data(as_text=True)
    assert "Suspended: 示例维修" in text
    assert "示例负责人" in text


def test_a_record_page_shows_what_an_inspector_would_ask_about(sign_in: Any, district: Scope) -> None:
    home = make_facility(beds_filed=30, beds_set=40, structure_appraisal="D", fire_status="none")
    text = sign_in(make_user(Role.INSPECTOR), language="en").get(f"/facilities/{home.id}").get_data(as_text=True)
    assert "10 more beds are set up than were filed" in text
    assert "class D" in text
    assert "no fire acceptance or filing" in text


def test_a_person_without_the_override_sees_no_way_to_override(sign_in: Any, district: Scope) -> None:
    township = make_township()
    officer = make_user(Role.TOWNSHIP_OFFICER, township)
    client = sign_in(officer, language="en")
    token = _token(client, f"/facilities/new/canteen/{township.id}")
    page = client.post(
        f"/facilities/new/canteen/{township.id}",
        data={"code": "ST1", "name": "示例助老食堂9号(演示)", "usc_code": BAD, "override": "x", "csrf_token": token},
    )
    assert page.status_code == 422
    assert "check character of this credit code is wrong" in page.get_data(as_text=True)
    assert 'name="override"' not in page.get_data(as_text=True)


def test_a_canteen_is_registered_in_two_steps(sign_in: Any, district: Scope) -> None:
    township = make_township()
    client = sign_in(make_user(Role.TOWNSHIP_OFFICER, township))
    token = _token(client, "/facilities/new")
    start = client.post(
        "/facilities/new",
        data={"facility_type": "canteen", "township_id": township.id, "state": "operating", "csrf_token": token},
    )
    assert start.status_code == 303
    done = client.post(
        start.location, data={"code": "ST90001", "name": "示例助老食堂9号(演示)", "kitchen_mode": "self_cook", "seats": "40", "csrf_token": token}
    )
    assert done.status_code == 303
    Scope.system("test").enter()
    facility = queries.by_code(Scope.system("test"), "ST90001")
    assert facility is not None
    assert (facility.seats, facility.state, facility.township_id) == (40, "operating", township.id)


def test_a_home_care_organisation_serves_several_townships(district: Scope) -> None:
    home, one, two = make_township(), make_township(), make_township()
    org = services.register(district, "home_care_org", home.id, values(), served=[one.id, two.id])
    assert {each.id for each in queries.townships_served(district, org.id)} == {one.id, two.id}
    services.change(district, org.id, {}, served=[two.id])
    assert [each.id for each in queries.townships_served(district, org.id)] == [two.id]


def test_the_list_finds_by_parts_of_name_code_and_credit_code(district: Scope) -> None:
    home = make_facility(name="示例百福养老院(演示)", usc_code=GOOD)
    for words in ("百福", "示例 百福", home.code, GOOD[3:10].lower(), "福养"):
        found = db.session.scalars(queries.facilities(district, text=words)).all()
        assert home in found, words
    assert db.session.scalars(queries.facilities(district, text="100%")).all() == []


def _token(client: Any, path: str) -> str:
    text = client.get(path).get_data(as_text=True)
    return text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]


def test_residents_are_counted_for_the_step_that_closes_a_home(sign_in: Any, district: Scope) -> None:
    from tests.beds.test_numbers import make_stay

    home = make_facility()
    home.township = db.session.get_one(type(make_township()), home.township_id)
    make_stay(home, date(2026, 11, 1))
    client = sign_in(make_user(Role.DISTRICT_OFFICER), language="en")
    assert "1 resident lives here today" in client.get(f"/facilities/{home.id}/state/closed").get_data(as_text=True)
    token = _token(client, f"/facilities/{home.id}/state/closed")
    page = client.post(f"/facilities/{home.id}/state/closed", data={"day": "2026-11-24", "reason": "示例", "csrf_token": token})
    assert page.status_code == 422
    assert "1 residents still live here" in page.get_data(as_text=True)
    Scope.system("test").enter()
    assert db.session.get_one(Facility, home.id).state == "operating"


@pytest.mark.parametrize(("system", "metres"), [("wgs84", 0), ("cgcs2000", 0), ("gcj02", 500), ("bd09", 1200)])
def test_a_position_is_kept_as_wgs84_with_the_system_it_was_given_in(district: Scope, system: str, metres: int) -> None:
    given = {"lon": 120.447123, "lat": 36.389456, "coord_system": system}
    home = services.register(district, "institution", make_township().id, values(**given))
    off = hypot((home.lon - 120.447123) * 89_600, (home.lat - 36.389456) * 111_000)
    assert (home.coord_system, abs(off - metres) < metres / 2 + 0.1) == (system, True), off
    assert coordinates.as_given(system, home.lon, home.lat) == (120.447123, 36.389456)


def test_saving_the_form_again_moves_nothing_and_another_system_moves_the_place(sign_in: Any, district: Scope) -> None:
    home = services.register(district, "canteen", make_township().id, values(lon=120.447123, lat=36.389456, coord_system="bd09"))
    before, facility_id = (home.lon, home.lat), home.id
    client = sign_in(make_user(Role.DISTRICT_OFFICER), language="en")
    path = f"/facilities/{facility_id}/edit"
    assert 'value="120.447123"' in client.get(path).get_data(as_text=True)
    sent = values(lon="120.447123", lat="36.389456", csrf_token=_token(client, path))
    assert client.post(path, data={**sent, "coord_system": "bd09"}).status_code == 303
    Scope.system("test").enter()
    assert (home.lon, home.lat) == before
    assert client.post(path, data={**sent, "coord_system": "gcj02"}).status_code == 303
    Scope.system("test").enter()
    db.session.refresh(home)
    assert (home.coord_system, coordinates.as_given("gcj02", home.lon, home.lat)) == ("gcj02", (120.447123, 36.389456))
    assert client.post(path, data={**sent, "coord_system": "moon"}).status_code == 422
