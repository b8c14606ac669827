"""Who works at a place: taken on once, seen masked, on leave, left; in another home as well."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from eldercare.core import calendar, secrets
from eldercare.core.access import Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.facilities.staff import queries, services
from eldercare.facilities.staff.models import StaffMember
from eldercare.facilities.staff.roster.models import Shift
from tests import make
from tests.accounts.browser import send
from tests.page import fetch

TODAY = date(2026, 11, 24)


def values(**more: Any) -> dict[str, Any]:
    return {
        "name": "示例护理员甲", "id_number": make.make_id_number(date(1985, 3, 8)), "phone": "10000001234", "posts": ["caregiver"],
        "employment": "full_time", "skill_level": None, "insured_here": True, "started_on": date(2025, 1, 1), **more,
    }


def refused(call: Any) -> str:
    """The code somebody is refused with, by a service or by the database itself."""
    def tried() -> None:
        with db.session.begin_nested():
            call()

    with pytest.raises((Refused, IntegrityError)) as caught:
        tried()
    error = caught.value
    found = error if isinstance(error, Refused) else refusal_of(error)  # type: ignore[arg-type]
    assert found is not None, error
    return found.code


def test_sex_and_birth_follow_from_the_number(district: Scope) -> None:
    home = make.make_facility()
    person = services.register(district, home.id, values(id_number=make.make_id_number(date(1990, 7, 1), "male")))
    assert (person.sex, person.birth_date) == ("male", date(1990, 7, 1))


def test_the_same_person_is_employed_once_at_a_place_but_may_work_in_two(district: Scope) -> None:
    home, other = make.make_facility(), make.make_facility()
    first = services.register(district, home.id, values())
    number = first.id_number.reveal()
    assert refused(lambda: services.register(district, home.id, values(id_number=number))) == "staff.employed_here"
    second = services.register(district, other.id, values(id_number=number))
    assert [row.id for row, _place in queries.elsewhere(district, first)] == [second.id]


def test_whoever_left_is_taken_on_anew_the_day_after(district: Scope) -> None:
    home = make.make_facility()
    first = services.register(district, home.id, values())
    number = first.id_number.reveal()
    services.leave(district, first.id, ended_on=date(2026, 6, 30), end_reason="示例")
    assert refused(lambda: services.register(district, home.id, values(id_number=number, started_on=date(2026, 6, 30)))) == "staff.employed_here"
    services.register(district, home.id, values(id_number=number, started_on=date(2026, 7, 1)))
    assert refused(lambda: services.take_back(district, first.id, reason="示例")) == "staff.employed_here"


def test_two_offices_taking_on_the_same_person_at_once_make_one_employment(fresh_app: Flask) -> None:
    scope = Scope.system("test").enter()
    home = make.make_facility()
    number = make.make_id_number(date(1985, 3, 8))
    home_id = home.id
    db.session.commit()
    outcome: list[str] = []
    gate = threading.Barrier(2)

    def take_on() -> None:
        with fresh_app.app_context():
            scope.enter()
            gate.wait()
            try:
                # straight to the table, past the lock on the home: the constraint alone decides
                index = secrets.keys().blind(number, "id_number")
                make._keep(
                    StaffMember(
                        township_id=home.township_id, facility_id=home_id, name="示例", sex="female", birth_date=date(1985, 3, 8),
                        id_number=number, id_number_index=index, person_key=services.person_key(index), posts=["nurse"],
                        started_on=date(2025, 1, 1), state="employed",
                    ),
                    "staff_member.registered",
                )
                db.session.commit()
                outcome.append("employed")
            except Exception as error:  # noqa: BLE001
                db.session.rollback()
                found = refusal_of(error)  # type: ignore[arg-type]
                outcome.append(found.code if found else repr(error))
            finally:
                db.session.remove()

    both = [threading.Thread(target=take_on) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(outcome) in (["employed", "staff.employed_here"], ["employed", "row.busy"])
    scope.enter()
    assert db.session.scalar(text("SELECT count(*) FROM staff_members")) == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"posts": []}, "staff.posts_missing"),
        ({"posts": ["king"]}, "staff.posts_missing"),
        ({"posts": ["nurse"], "skill_level": 3}, "staff.skill_without_post"),
        ({"skill_level": 6}, "staff.skill_range"),
        ({"started_on": TODAY + timedelta(1)}, "staff.day_ahead"),
        ({"id_number": make.make_id_number(date(2011, 1, 1)), "started_on": TODAY}, "staff.too_young"),
    ],
)
def test_what_cannot_be_is_refused_with_a_word(district: Scope, more: dict[str, Any], code: str) -> None:
    home = make.make_facility()
    assert refused(lambda: services.register(district, home.id, values(**more))) == code


def test_a_closed_place_takes_nobody_on(district: Scope) -> None:
    home = make.make_facility(state="closed")
    assert refused(lambda: services.register(district, home.id, values())) == "staff.place_closed"


def test_somebody_on_leave_or_gone_is_off_the_roster_from_that_day(district: Scope) -> None:
    home = make.make_facility()
    person, other = make.make_staff(home), make.make_staff(home)
    for row in (person, other):
        for days in (-2, 0, 3):
            make.make_shift(row, TODAY + timedelta(days))
    services.go_on_leave(district, person.id, away_from=TODAY, back_on=None)
    services.leave(district, other.id, ended_on=TODAY - timedelta(2), end_reason=None)

    def left(row: StaffMember) -> list[date]:
        return list(db.session.scalars(select(Shift.day).where(Shift.member_id == row.id)))

    assert left(person) == [TODAY - timedelta(2)]
    assert left(other) == [TODAY - timedelta(2)]
    assert person.state == "on_leave"
    services.come_back(district, person.id)
    assert (person.state, person.away_from) == ("employed", None)
    assert refused(lambda: services.come_back(district, person.id)) == "move.not_allowed"


def test_nobody_leaves_before_they_began_or_tomorrow(district: Scope) -> None:
    person = make.make_staff(make.make_facility(), started_on=date(2026, 5, 1))
    assert refused(lambda: services.leave(district, person.id, ended_on=date(2026, 4, 30), end_reason=None)) == "staff.dates_reversed"
    assert refused(lambda: services.leave(district, person.id, ended_on=TODAY + timedelta(1), end_reason=None)) == "staff.day_ahead"


def test_a_record_shows_the_name_and_hides_the_numbers(sign_in: Any, district: Scope, queries: list[str]) -> None:
    home = make.make_facility()
    person = make.make_staff(home, name="示例护理员乙", phone="10000005678")
    number, member_id = person.id_number.reveal(), person.id
    client = sign_in(make.make_user(Role.INSPECTOR), language="en")
    page = fetch(client, f"/facilities/staff/{member_id}", queries=queries)
    assert "示例护理员乙" in page.text
    assert number not in page.text
    assert "10000005678" not in page.text
    assert number[:6] + "********" + number[-4:] in page.text
    assert "/unmask/" not in page.text  # an inspector may not
    assert number not in fetch(client, "/facilities/staff/").text


def test_a_number_is_seen_with_a_reason_that_is_logged(sign_in: Any, district: Scope) -> None:
    home = make.make_facility()
    person = make.make_staff(home, phone="10000005678")
    member_id = person.id
    client = sign_in(make.make_user(Role.FACILITY_MANAGER, home))
    path = f"/facilities/staff/{member_id}/unmask/phone"
    assert "10000005678" not in send(client, path, page=f"/facilities/staff/{member_id}", reason="").text
    assert "10000005678" in send(client, path, page=f"/facilities/staff/{member_id}", reason="核对排班").text
    assert send(client, path.replace("phone", "name"), page=f"/facilities/staff/{member_id}", reason="核对").status_code == 404
    district.enter()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "staff_member.unmasked")).one()
    assert entry.details == {"field": "phone", "reason": "核对排班"}


def test_a_manager_takes_someone_on_corrects_and_records_a_leave_through_the_pages(sign_in: Any, district: Scope) -> None:
    home = make.make_facility()
    home_id = home.id
    client = sign_in(make.make_user(Role.FACILITY_MANAGER, home), language="en")
    assert client.get("/facilities/staff/new").location == f"/facilities/staff/new/{home_id}"
    sent = {
        "name": "示例厨师", "id_number": make.make_id_number(date(1980, 1, 5), "male"), "post": "cook", "also": "cleaner",
        "employment": "full_time", "started_on": "2026-01-04",
    }
    wrong = send(client, f"/facilities/staff/new/{home_id}", **{**sent, "id_number": sent["id_number"][:-1] + "0" if sent["id_number"][-1] != "0" else sent["id_number"][:-1] + "1"})
    assert wrong.status_code == 422
    assert "mistyped" in wrong.text
    made = send(client, f"/facilities/staff/new/{home_id}", **sent)
    assert made.status_code == 303, made.text
    twice = send(client, f"/facilities/staff/new/{home_id}", **sent)
    assert twice.status_code == 422
    assert "works here already" in twice.text
    path = made.location
    changed = send(client, f"{path}/edit", name="示例厨师长", post="cook", employment="part_time", started_on="2026-01-04")
    assert changed.status_code == 303, changed.text
    page = fetch(client, path)
    assert "示例厨师长" in page.text
    assert "Part time" in page.text
    assert send(client, f"{path}/go-on-leave", away_from="2026-11-20", back_on="2026-12-20").status_code == 303
    assert "Off on leave" in fetch(client, path).text
    assert [client.get(f"{path}/{act}").status_code for act in ("come-back", "leave", "go-on-leave", "take-back")] == [200, 200, 303, 303]
    assert send(client, f"{path}/come-back").status_code == 303
    assert send(client, f"{path}/leave", ended_on="2026-11-23").status_code == 303
    assert "示例厨师长" not in fetch(client, "/facilities/staff/").text
    assert "示例厨师长" in fetch(client, "/facilities/staff/?state=left").text


def test_a_canteen_keeper_looks_after_the_canteens_own_people(sign_in: Any, district: Scope) -> None:
    township = make.make_township()
    canteen, home = make.make_facility(township, facility_type="canteen"), make.make_facility(township)
    mine = make.make_staff(canteen, posts=["cook"], papers=())
    foreign = make.make_staff(home)
    mine_id, foreign_id, home_id = mine.id, foreign.id, home.id
    client = sign_in(make.make_user(Role.CANTEEN_KEEPER, canteen))
    assert fetch(client, f"/facilities/staff/{mine_id}/edit")
    assert client.get(f"/facilities/staff/{foreign_id}").status_code == 404
    assert client.get(f"/facilities/staff/new/{home_id}").status_code == 404


def test_an_old_form_does_not_overwrite_what_a_colleague_saved(district: Scope) -> None:
    person = make.make_staff(make.make_facility())
    seen = person.updated_at.isoformat()
    person.updated_at = calendar.now() + timedelta(seconds=1)
    services.change(district, person.id, {"name": "示例改名"})
    assert refused(lambda: services.change(district, person.id, {"name": "示例旧名"}, seen=seen)) == "row.changed"


def test_the_wire_carries_no_number_and_the_filters_work(sign_in: Any, district: Scope, app: Flask) -> None:
    from eldercare.facilities.staff import listing

    home = make.make_facility()
    person = make.make_staff(home, phone="10000005678")
    with app.test_request_context():
        bound = listing.API.bind({"facility": str(home.id), "post": "caregiver"}, choices={"facility": [(str(home.id), "x")]})
        bound.load(db.session, queries.at_wire(district))
        (row,) = bound.as_json_page()["items"]
    assert row["id"] == person.id
    assert row["posts"] == ["caregiver"]
    assert not {"id_number", "phone", "birth_date"} & set(row)


def test_caregivers_are_counted_where_staff_is_on_record_and_as_entered_elsewhere(sign_in: Any, district: Scope) -> None:
    home, bare = make.make_facility(caregivers=38), make.make_facility(caregivers=12)
    make.make_staff(home)
    make.make_staff(home, state="on_leave", posts=["nurse", "caregiver"])
    make.make_staff(home, posts=["cook"])
    make.make_staff(home, state="left", ended_on=calendar.today() - timedelta(1))
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    assert "2, counted from the staff on record" in fetch(client, f"/facilities/{home.id}").text
    assert "12, as entered; no staff is on record" in fetch(client, f"/facilities/{bare.id}").text
