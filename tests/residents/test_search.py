"""The list: one box that understands what is meant; numbers never in an address; masked everywhere."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.residents import queries
from tests import make
from tests.page import fetch

NAME = "示例王建国"


def found(scope: Scope, asked: str) -> set[int]:
    return {row.id for row in db.session.execute(queries.listed(scope).where(queries.matching(asked)))}


@pytest.mark.parametrize("asked", ["王建", "建国", "国", "jianguo", "wangjianguo", "WJG", "jg", "建 国"])
def test_part_of_a_name_finds_the_person(district: Scope, asked: str) -> None:
    person, other = make.make_resident(name=NAME), make.make_resident(name="示例李秀英")
    ids = found(district, asked)
    assert person.id in ids
    assert other.id not in ids


def test_a_whole_number_its_last_four_and_the_telephone_find_the_person(district: Scope) -> None:
    person = make.make_resident(phone="10000001234")
    other = make.make_resident(phone="10000005678")
    number = person.id_number.reveal()
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in number)
    for asked in (number, number.lower(), f" {number[:6]} {number[6:14]} {number[14:]} ", full_width):
        assert found(district, asked) == {person.id}, asked
    assert person.id in found(district, number[-4:])
    assert other.id not in found(district, number[-4:])
    assert found(district, "100-0000-1234") == {person.id}


@pytest.mark.parametrize("asked", ["%", "_", "'", "' OR 1=1 --", ":*", "&", "!", "()", "\\", "12345", "3702991946", "😀", "a" * 90])
def test_whatever_is_typed_never_faults_and_never_finds_everybody(district: Scope, asked: str) -> None:
    make.make_resident()
    assert found(district, asked) == set()


def test_a_number_typed_into_the_address_does_not_stay_there(app: Flask, district: Scope, sign_in: Any) -> None:
    township = make.make_township()
    person = make.make_resident(township)
    make.make_resident(township)
    number = person.id_number.reveal()
    officer = make.make_user(Role.TOWNSHIP_OFFICER, township)
    client = sign_in(officer)
    response = client.get("/residents/", query_string={"q": number})
    assert response.status_code == 303
    assert number not in response.location
    assert number[6:14] not in response.location
    page = fetch(client, response.location)
    assert number not in page.text
    assert page.text.count('class="row-link"') == 1
    assert f"/residents/{person.id}" in page.text


def test_a_number_is_posted_and_stands_for_itself_in_later_pages(app: Flask, district: Scope, sign_in: Any) -> None:
    township = make.make_township()
    person = make.make_resident(township)
    client = sign_in(make.make_user(Role.TOWNSHIP_OFFICER, township))
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        response = client.post("/residents/find", data={"q": person.id_number.reveal()})
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert response.location.startswith("/residents/?q=")
    assert f"/residents/{person.id}" in client.get(response.location).text
    with client.session_transaction() as cookie:
        assert person.id_number.reveal() not in str(dict(cookie))


def test_the_list_shows_nothing_that_is_personal_in_full(district: Scope, sign_in: Any, queries_seen: list[str]) -> None:
    township = make.make_township()
    people = [make.make_resident(township, name=f"示例人{n}号", phone=f"1000000{n:04d}") for n in range(30)]
    client = sign_in(make.make_user(Role.TOWNSHIP_OFFICER, township))
    page = fetch(client, "/residents/", queries=queries_seen)
    for person in people:
        assert person.name not in page.text
        assert person.id_number.reveal() not in page.text
        assert person.phone.reveal() not in page.text
        assert person.id_number.masked() in page.text


@pytest.fixture
def queries_seen(queries: list[str]) -> list[str]:
    return queries


def test_every_filter_narrows_to_what_it_says(district: Scope, sign_in: Any) -> None:
    from datetime import date

    township = make.make_township()
    village = make.make_village(township)
    old = make.make_resident(township, birth_date=date(1930, 1, 1), village_id=village.id, living_arrangement="living_alone",
                             household_type="subsistence_allowance", ability_level=3, next_due_on=date(2026, 1, 1))
    young = make.make_resident(township, birth_date=date(1966, 11, 24), ability_level=0, next_due_on=date(2027, 1, 1))
    dead = make.make_resident(township, state="deceased", died_on=date(2026, 1, 1))
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER))

    def ids(query: str) -> set[int]:
        text = client.get(f"/residents/?township={township.code}&{query}").text
        return {person.id for person in (old, young, dead) if f'href="/residents/{person.id}"' in text}

    assert ids("") == {old.id, young.id}
    assert ids("state=deceased") == {dead.id}
    assert ids("state=") == {old.id, young.id, dead.id}
    assert ids(f"village={village.id}") == {old.id}
    assert ids("age=90-99") == {old.id}
    assert ids("age=60-69") == {young.id}
    assert ids("household=subsistence_allowance") == {old.id}
    assert ids("living=living_alone") == {old.id}
    assert ids("ability=3") == {old.id}
    assert ids("ability=due") == {old.id}
    assert ids("ability=none") == set()
    assert ids("ability=nonsense") == {old.id, young.id}
    assert ids("village=999999999999") == {old.id, young.id}


def test_search_uses_the_index_under_the_district_role(district: Scope) -> None:
    make.make_resident(name=NAME)
    db.session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off"))
    compiled = queries.listed(district).where(queries.matching("王建国")).limit(50).compile(db.engine)
    cursor = db.session.connection().connection.cursor()
    cursor.execute("EXPLAIN " + str(compiled), compiled.params)
    assert "residents_search_idx" in str(cursor.fetchall())


def test_search_works_for_local_roles_and_stays_inside(district: Scope) -> None:
    here, there = make.make_township(), make.make_township()
    mine, theirs = make.make_resident(here, name=NAME), make.make_resident(there, name=NAME)
    number = theirs.id_number.reveal()
    db.session.commit()
    scope = Scope(permission=P.RESIDENT_READ, person_id=1, townships=frozenset({here.id})).enter()
    assert found(scope, "王建国") == {mine.id}
    assert found(scope, number) == set()


def test_a_manager_sees_who_lives_in_the_home_and_nobody_else(district: Scope, sign_in: Any) -> None:
    home = make.make_facility()
    township = db.session.get_one(type(make.make_township()), home.township_id)
    inside = make.make_resident(township, facility_id=home.id, living_arrangement="institution")
    outside = make.make_resident(township)
    client = sign_in(make.make_user(Role.FACILITY_MANAGER, home))
    page = client.get("/residents/").text
    assert f'href="/residents/{inside.id}"' in page
    assert f'href="/residents/{outside.id}"' not in page
    assert client.get(f"/residents/{outside.id}").status_code == 404
    assert client.get("/residents/new").status_code == 403


def test_who_is_out_of_reach_is_not_found_by_any_door(app: Flask, district: Scope, sign_in: Any) -> None:
    here, there = make.make_township(), make.make_township()
    other_id = make.make_resident(there).id
    client = sign_in(make.make_user(Role.TOWNSHIP_OFFICER, here))
    for door in ("", "/dossier/history", "/edit", "/death", "/move-out", "/assessments/new", "/assessments/result", "/dossier/contacts/new", "/dossier/consents/new"):
        assert client.get(f"/residents/{other_id}{door}").status_code == 404, door
    assert client.get(f"/residents/{other_id}/relocate").status_code == 403


def test_pages_add_up_and_one_past_the_end_is_the_last(district: Scope, sign_in: Any) -> None:
    township = make.make_township()
    people = {make.make_resident(township).id for _ in range(53)}
    client = sign_in(make.make_user(Role.TOWNSHIP_OFFICER, township))

    def ids(page: int) -> set[int]:
        text = client.get(f"/residents/?page={page}").text
        return {person for person in people if f'href="/residents/{person}"' in text}

    assert len(ids(1)) == 50
    assert ids(1) | ids(2) == people
    assert ids(9) == ids(2)
    assert len(ids(2)) == 3
    assert "53" in client.get("/residents/?page=9").text
