"""The bed board: who sleeps where since when, as of a day."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from eldercare.accounts import services as accounts
from eldercare.beds import queries
from eldercare.beds.models import Stay, StayAbsence, StayBed
from eldercare.beds.stays import services
from eldercare.core import audit
from eldercare.core.access import GRANTS, P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.secrets import mask_name
from eldercare.facilities.models import Township
from eldercare.residents.models import Resident
from tests.beds.stays import acts
from tests.beds.test_numbers import make_stay
from tests.make import make_allergy, make_bed, make_facility, make_health, make_risks, make_user, make_visit
from tests.page import Page, fetch


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
    bed = db.session.scalars(select(StayBed.bed_id).where(StayBed.stay_id == stay.id)).one()
    page = fetch(sign_in(manager), f"/beds/{home.id}/")
    assert "示***甲" in page.text
    assert "示例老人甲" not in page.text
    assert link in fetch(sign_in(manager), f"/beds/{home.id}/sheet/{bed}").text
    page = fetch(sign_in(inspector), f"/beds/{home.id}/")
    assert "示***甲" in page.text
    assert link not in page.text


def numbers(page: Page) -> dict[str, str]:
    """The counts at the top: words → number."""
    links = [each for each in page.all("a") if each.get("data-filter")]
    return {page.words(each).removeprefix(page.words(each.find("b"))).strip(): page.words(each.find("b")) for each in links}


def test_counts_stand_at_the_top_and_a_person_on_leave_keeps_the_bed(sign_in: Any, district: Scope, home: Any) -> None:
    stay = make_stay(home, date(2026, 10, 1), state="on_leave")
    put_to_bed(district, stay, make_bed(home), date(2026, 10, 1))
    make_bed(home)
    for condition in ("maintenance", "retired", "planned"):
        make_bed(home, condition=condition)
    page = fetch(sign_in(make_user(Role.FACILITY_MANAGER, home), language="en"), f"/beds/{home.id}/")
    assert numbers(page) == {"beds set up": "3", "on leave": "1", "free": "1", "taken": "0", "out of use": "1", "planned": "1"}
    assert "Taken 1 of 3 beds set up (33.3%). Free 1 = 2 in use − 1 taken − 0 reserved." in page.text


def test_a_bed_kept_for_a_signed_contract_is_neither_free_nor_taken(sign_in: Any, district: Scope, home: Any) -> None:
    bed = make_bed(home)
    acts.make.make_stay(home, state="contracted", reserved_bed_id=bed.id)
    page = fetch(sign_in(make_user(Role.FACILITY_MANAGER, home), language="en"), f"/beds/{home.id}/")
    assert numbers(page)["reserved"] == "1"
    assert numbers(page)["free"] == "0"


def test_filters_hide_what_does_not_fit_and_nonsense_hides_nothing(sign_in: Any, district: Scope, home: Any) -> None:
    put_to_bed(district, make_stay(home, date(2026, 10, 1)), make_bed(home), date(2026, 10, 1))
    make_bed(home, bed_kind="dementia")
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")

    def shown(query: str) -> list[str]:
        page = fetch(client, f"/beds/{home.id}/{query}")
        spans = [each for each in page.all("span") if each.find("button") is not None]
        return [each.find("button").get("data-state") for each in spans if each.get("hidden") is None]

    assert sorted(shown("")) == ["free", "taken"]
    assert shown("?state=free&kind=dementia") == ["free"]
    assert shown("?state=slept_in") == ["taken"]
    assert shown("?state=free&kind=nursing") == []
    assert sorted(shown("?state=nonsense&floor=99&price=x")) == ["free", "taken"]


def test_a_board_of_the_past_has_no_acts_and_tells_who_was_away(sign_in: Any, district: Scope, home: Any) -> None:
    bed = make_bed(home)
    stay = acts.make.make_stay(home, date(2026, 10, 1), bed=bed)
    acts.make._keep(
        StayAbsence(township_id=home.township_id, facility_id=home.id, stay_id=stay.id, kind="hospital", left_on=date(2026, 10, 5),
                    back_on=date(2026, 10, 9), hospital="示例医院", accompanied_by="示例家属"), "stay_absence.begun")
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    assert 'data-state="hospitalised"' in fetch(client, f"/beds/{home.id}/?day=2026-10-06").text
    assert 'data-state="taken"' in fetch(client, f"/beds/{home.id}/?day=2026-10-09").text
    assert "back-" not in fetch(client, f"/beds/{home.id}/sheet/{bed.id}?day=2026-10-06").text
    assert fetch(client, f"/beds/{home.id}/?day=2026-10-06").text.count("data-acts") == 0


def test_the_sheet_of_a_past_day_opens_when_the_person_has_moved_away(sign_in: Any, district: Scope, home: Any) -> None:
    bed = make_bed(home)
    stay = acts.moved_in(acts.manager_of(home), home, bed)
    moved_in, name = stay.starts_on, mask_name(stay.name)
    services.discharge(acts.manager_of(home), stay.id, on=acts.TODAY, reason="回家", destination="own_home")
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    assert name in fetch(client, f"/beds/{home.id}/sheet/{bed.id}?day={moved_in}").text


def test_watch_lists_follow_from_stays_and_from_health_where_it_may_be_read(district: Scope, home: Any) -> None:
    fresh = acts.make.make_stay(home, date(2026, 11, 20), bed=make_bed(home))
    old = acts.make.make_stay(home, date(2026, 10, 1), bed=make_bed(home))
    acts.make._keep(
        StayAbsence(township_id=home.township_id, facility_id=home.id, stay_id=old.id, kind="hospital", left_on=date(2026, 11, 10),
                    back_on=date(2026, 11, 18), hospital="示例医院", accompanied_by="示例家属"), "stay_absence.begun")
    both = [fresh.resident_id, old.resident_id]
    assert queries.watch_lists(district, both, date(2026, 11, 24)) == {both[0]: ["new"], both[1]: ["back"]}
    assert queries.watch_lists(district, both, date(2026, 11, 27)) == {}
    make_risks(db.session.get_one(Resident, both[1]), assessed_on=date(2026, 11, 20), levels={"choking": "some"}, signs=["fell"])
    assert queries.watch_lists(district, both, date(2026, 11, 24)) == {both[0]: ["new"], both[1]: ["back"]}
    assert queries.watch_lists(district, both, date(2026, 11, 24), own=district) == {
        both[0]: ["new"], both[1]: ["swallowing", "falls", "back"]}
    assert queries.watch_lists(district, both, date(2026, 11, 27), own=district, level="high") == {both[1]: ["falls"]}
    elsewhere = Scope(permission="health:read", facilities=frozenset({make_facility().id}))
    assert queries.watch_lists(district, both, date(2026, 11, 24), own=elsewhere) == {both[0]: ["new"], both[1]: ["back"]}


def test_health_is_marked_for_those_who_may_read_it_and_for_nobody_else(sign_in: Any, district: Scope, home: Any) -> None:
    bed = make_bed(home)
    stay = acts.make.make_stay(home, date(2026, 10, 1), bed=bed)
    person = db.session.get_one(Resident, stay.resident_id)
    make_risks(person, signs=["fell"])
    make_allergy(person, substance="示例药")
    assert all(P.STAY_READ in held for held in GRANTS.values() if P.HEALTH_READ in held)  # the wall of the one holds the other
    url = f"/beds/{home.id}/"
    for role, place, may in (
        (Role.FACILITY_MANAGER, home, True), (Role.DISTRICT_OFFICER, None, True), (Role.INSPECTOR, None, False),
        (Role.LEADER, None, False), (Role.TOWNSHIP_OFFICER, home.township, False),
    ):
        client = sign_in(make_user(role, place), language="en")
        page = fetch(client, url)
        assert ('data-watch="falls "' in page.text) is may, role
        assert (numbers(page).get("Fall history") == "1") is may, role
        filtered = fetch(client, f"{url}?watch=falls").text
        assert (f'<span><button type="button" class="tile tile-taken" id="bed-{bed.id}"' in filtered) is may, role
        assert ('data-watch="falls "' in client.get(f"{url}changes?since=0").text) is may, role
        sheet = fetch(client, f"{url}sheet/{bed.id}")
        assert ("Fall history" in sheet.text) is may, role
        assert ("示例药" in sheet.text) is may, role


def test_the_wire_marks_health_by_the_same_rule(app: Any, district: Scope, home: Any) -> None:
    stay = acts.make.make_stay(home, date(2026, 10, 1), bed=make_bed(home))
    make_risks(db.session.get_one(Resident, stay.resident_id), signs=["fell"])
    readers = [make_user(Role.FACILITY_MANAGER, home), make_user(Role.INSPECTOR)]
    tokens = [accounts.make_token(district, user.id, "test", 90)[0] for user in readers]
    db.session.commit()
    path = f"/api/v1/beds/{home.id}/board"
    told = [app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}).json["beds"] for token in tokens]
    assert [beds[0]["watch"] for beds in told] == [["falls"], []]


def test_nobody_having_asked_about_allergies_is_said_on_the_sheet(sign_in: Any, district: Scope, home: Any) -> None:
    bed = make_bed(home)
    acts.make.make_stay(home, date(2026, 10, 1), bed=bed)
    page = fetch(sign_in(make_user(Role.FACILITY_MANAGER, home), language="en"), f"/beds/{home.id}/sheet/{bed.id}")
    assert "Nobody has asked about allergies yet." in page.text


def test_a_change_of_health_reaches_the_board(sign_in: Any, district: Scope, home: Any) -> None:
    bed = make_bed(home)
    stay = acts.make.make_stay(home, date(2026, 10, 1), bed=bed)
    person = db.session.get_one(Resident, stay.resident_id)
    assert person.facility_id == home.id
    for change in (
        lambda: make_risks(person, signs=["fell"]), lambda: make_health(person, mobility="bedridden"),
        lambda: make_allergy(person),
    ):
        head = queries.home(district, home.id)[1]
        assert queries.changed_since(district, home.id, head)[1] is None
        change()
        db.session.flush()
        assert queries.changed_since(district, home.id, head)[1] is not None


def test_what_a_home_is_not_told_of_does_not_move_its_board(sign_in: Any, district: Scope, home: Any) -> None:
    make_bed(home)
    manager = make_user(Role.FACILITY_MANAGER, home)

    def known() -> int:
        found = re.search(r'data-version="(\d+)"', fetch(sign_in(manager), f"/beds/{home.id}/").text)
        assert found
        return int(found[1])

    before = known()
    district.enter()
    make_visit(home, kind="case", shown=False)
    assert known() == before
    district.enter()
    make_bed(home)
    assert known() > before


# ---- the sheet and its acts -----------------------------------------------------------------------


@pytest.fixture
def quiet(app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return app


def seen(page: Page, act: str) -> str:
    """The stay and version a sheet's form showed."""
    return next(each.get("value") for each in page.all("input") if each.get("name") == f"{act}-seen")


def test_back_in_one_round_trip_with_the_tile_and_the_counts(quiet: Any, sign_in: Any, district: Scope, home: Any, queries: list[str]) -> None:
    bed = make_bed(home)
    stay = acts.make.make_stay(home, date(2026, 11, 1), state="on_leave", bed=bed)
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    sheet = fetch(client, f"/beds/{home.id}/sheet/{bed.id}", queries=queries)
    data = {"come-back-seen": seen(sheet, "come-back"), "come-back-on": "2026-11-24"}
    url = f"/beds/{home.id}/sheet/{bed.id}/come-back"
    saved = client.post(url, data=data, headers={"HX-Request": "true"})
    assert saved.status_code == 200
    assert f'<button hx-swap-oob="true" type="button" class="tile tile-taken" id="bed-{bed.id}"' in saved.text
    assert 'id="board-tally" hx-swap-oob="true"' in saved.text
    Scope.system("test").enter()
    assert db.session.get_one(Stay, stay.id, populate_existing=True).state == "in_residence"
    # sent twice, or from an old tab: told in the sheet, in words
    again = client.post(url, data=data, headers={"HX-Request": "true"})
    assert again.status_code == 422
    assert "hx-swap-oob" not in again.text
    assert 'class="errors"' in again.text


def test_a_transfer_changes_two_tiles_and_a_refusal_stands_in_the_sheet(quiet: Any, sign_in: Any, district: Scope, home: Any) -> None:
    first, second, third = make_bed(home), make_bed(home), make_bed(home)
    acts.make.make_stay(home, date(2026, 11, 1), bed=first)
    acts.make.make_stay(home, date(2026, 11, 1), bed=third)
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    url = f"/beds/{home.id}/sheet/{first.id}"
    page = fetch(client, f"{url}?to={second.id}")
    assert f'<option selected value="{second.id}">' in page.text
    data = {"transfer-seen": seen(page, "transfer"), "transfer-bed_id": second.id, "transfer-on": "2026-11-24"}
    refused = client.post(f"{url}/transfer", data=data)
    assert refused.status_code == 422  # a transfer needs its reason
    taken = client.post(f"{url}/transfer", data={**data, "transfer-bed_id": third.id, "transfer-reason": "示例"})
    assert taken.status_code == 422
    assert "Someone sleeps in this bed" in taken.text  # the sheet was open while somebody moved in there
    odd = client.post(f"{url}/transfer", data={**data, "transfer-seen": data["transfer-seen"].partition(".")[0] + ".²"})
    assert odd.status_code == 422
    saved = client.post(f"{url}/transfer", data={**data, "transfer-reason": "示例"})
    assert saved.status_code == 200
    assert saved.text.count('<button hx-swap-oob="true"') == 2
    assert {int(each) for each in re.findall(r'hx-swap-oob="true"[^>]* id="bed-(\d+)"', saved.text)} == {first.id, second.id}


def test_an_applicant_with_a_contract_moves_in_from_the_board(quiet: Any, sign_in: Any, district: Scope, home: Any) -> None:
    bed = make_bed(home)
    scope = acts.manager_of(home)
    stay = acts.contracted(scope, home)
    number = stay.id
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    page = fetch(client, f"/beds/{home.id}/sheet/{bed.id}")
    data = {"move-in-seen": seen(page, "move-in"), "move-in-stay_id": number, "move-in-on": "2026-11-24"}
    saved = client.post(f"/beds/{home.id}/sheet/{bed.id}/move-in", data=data)
    assert saved.status_code == 200, saved.text
    assert "tile-taken" in saved.text
    Scope.system("test").enter()
    assert db.session.get_one(Stay, number, populate_existing=True).state == "in_residence"
    again = client.post(f"/beds/{home.id}/sheet/{bed.id}/move-in", data=data)  # a second tap, or a colleague's old sheet
    assert again.status_code == 422
    assert "Someone sleeps in this bed" in again.text


def test_leave_hospital_and_a_bed_out_of_use(quiet: Any, sign_in: Any, district: Scope, home: Any) -> None:
    bed, other = make_bed(home), make_bed(home)
    acts.make.make_stay(home, date(2026, 11, 1), bed=bed)
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    url = f"/beds/{home.id}/sheet"
    page = fetch(client, f"{url}/{bed.id}")
    early = client.post(f"{url}/{bed.id}/leave", data={
        "leave-seen": seen(page, "leave"), "leave-on": "2026-11-24", "leave-expected_back_on": "2026-11-20", "leave-companion": "示例"})
    assert early.status_code == 422
    assert "expected return lies before" in early.text
    went = client.post(f"{url}/{bed.id}/hospital", data={
        "hospital-seen": seen(page, "hospital"), "hospital-on": "2026-11-24", "hospital-hospital": "示例医院", "hospital-accompanied_by": "示例"})
    assert went.status_code == 200, went.text
    assert "tile-hospitalised" in went.text
    out = client.post(f"{url}/{other.id}/maintenance", data={"maintenance-seen": "0.0", "maintenance-reason": "repair"})
    assert out.status_code == 200
    assert "tile-maintenance" in out.text


def test_who_may_only_look_sees_no_acts(sign_in: Any, district: Scope, home: Any) -> None:
    bed = make_bed(home)
    acts.make.make_stay(home, date(2026, 11, 1), bed=bed)
    page = fetch(sign_in(make_user(Role.INSPECTOR), language="en"), f"/beds/{home.id}/sheet/{bed.id}")
    assert "<form" not in page.text
    assert "Whom to call" not in page.text


# ---- what a colleague changed ---------------------------------------------------------------------


def test_nothing_new_is_a_204_by_one_small_query_and_a_change_brings_the_tiles(
    sign_in: Any, district: Scope, home: Any, queries: list[str]
) -> None:
    bed = make_bed(home)
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    head = re.search(r'data-version="(\d+)"', fetch(client, f"/beds/{home.id}/").text)
    assert head
    queries.clear()
    assert client.get(f"/beds/{home.id}/changes?since={head[1]}").status_code == 204
    assert len([q for q in queries if "audit_entries" in q]) == 1
    assert not [q for q in queries if "stay_beds" in q]
    Scope.system("test").enter()
    put_to_bed(Scope.system("test"), make_stay(home, date(2026, 10, 1)), bed, date(2026, 10, 1))
    db.session.commit()
    answer = client.get(f"/beds/{home.id}/changes?since={head[1]}")
    assert answer.status_code == 200
    assert int(answer.headers["X-Version"]) > int(head[1])
    assert "tile-taken" in answer.text
    assert 'id="board-tally"' in answer.text
    assert client.get(f"/beds/{home.id}/changes?since={answer.headers['X-Version']}").status_code == 204


def test_a_home_without_rooms_is_led_to_set_them_up(sign_in: Any, district: Scope, home: Any) -> None:
    page = fetch(sign_in(make_user(Role.FACILITY_MANAGER, home), language="en"), f"/beds/{home.id}/")
    assert f"/beds/places/{home.id}/pattern" in page.text


@pytest.mark.parametrize("day", ["nonsense", "2030-01-01", "1900-01-01", "2026-13-01"])
def test_a_day_that_cannot_be_shown_gives_today_with_a_sentence(sign_in: Any, district: Scope, home: Any, day: str) -> None:
    page = fetch(sign_in(make_user(Role.FACILITY_MANAGER, home), language="en"), f"/beds/{home.id}/?day={day}")
    assert "That day cannot be shown" in page.text
    assert 'value="2026-11-24"' in page.text


def test_a_keeper_of_a_canteen_has_no_bed_board(sign_in: Any, district: Scope) -> None:
    canteen = make_facility(facility_type="canteen")
    assert sign_in(make_user(Role.CANTEEN_KEEPER, canteen)).get(f"/beds/{canteen.id}/").status_code == 403
