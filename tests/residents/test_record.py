"""A record: masked until a value is asked for with a reason; registered once; changed by one person at a time."""

import threading
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from eldercare.core.access import P, Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.residents import queries, services
from eldercare.residents.models import Contact, HouseholdSpell, Resident
from tests import make
from tests.accounts.browser import send
from tests.page import fetch


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


@pytest.fixture
def here(district: Scope) -> Any:
    return make.make_township()


@pytest.fixture
def officer(here: Any, sign_in: Any) -> Any:
    return sign_in(make.make_user(Role.TOWNSHIP_OFFICER, here))


def again(scope: Scope, resident_id: int) -> Resident:
    """The record as it stands now."""
    scope.enter()
    return db.session.scalars(scope.select(Resident).where(Resident.id == resident_id).execution_options(populate_existing=True)).one()


# ---- seeing -------------------------------------------------------------------------------------


def test_a_record_shows_nothing_personal_in_full(here: Any, officer: Any, district: Scope, queries: list[str]) -> None:
    person = make.make_resident(
        here, name="示例王建国", phone="10000001234", address="示例路88号", bank_account="6200000000001234567",
        hukou_address="示例街77号", notes="示例备注", chronic_diseases=["I10"], disability_cert="示例残证",
    )
    make._keep(Contact(resident_id=person.id, township_id=here.id, name="示例联系人", relation="女儿", phone="10000005678"), "contact.added")
    number = person.id_number.reveal()
    db.session.commit()
    page = fetch(officer, f"/residents/{person.id}", queries=queries)
    for secret in ("示例王建国", "10000001234", "示例路88号", "6200000000001234567", "示例街77号", "示例备注", "示例残证", "示例联系人", "10000005678", number):
        assert secret not in page.text, secret
    assert number[:6] + "********" + number[-4:] in page.text
    history = officer.get(f"/residents/{person.id}/dossier/history").text
    assert "示例王建国" not in history
    assert number not in history


def test_one_value_is_shown_for_a_reason_and_logged(here: Any, officer: Any, district: Scope) -> None:
    person = make.make_resident(here, phone="10000001234")
    number, person_id = person.id_number.reveal(), person.id
    db.session.commit()
    path = f"/residents/{person_id}/unmask/id_number"
    without = send(officer, path, page=f"/residents/{person_id}", reason="")
    assert number not in without.text
    shown = send(officer, path, page=f"/residents/{person_id}", reason="核对身份")
    assert number in shown.text
    assert 'data-hide-after="30"' in shown.text
    assert "10000001234" not in shown.text
    district.enter()
    (entry,) = entries("resident.unmasked")
    assert (entry.entity_id, entry.details) == (person_id, {"field": "id_number", "reason": "核对身份"})
    assert entry.permission == P.RESIDENT_UNMASK
    assert "核对身份" in officer.get(f"/residents/{person_id}/dossier/history").text
    assert officer.get(path).status_code == 405


def test_the_leader_reads_masked_records_and_can_unmask_nothing(here: Any, sign_in: Any) -> None:
    person_id = make.make_resident(here).id
    leader = sign_in(make.make_user(Role.LEADER))
    page = leader.get(f"/residents/{person_id}").text
    assert "/unmask/" not in page
    assert send(leader, f"/residents/{person_id}/unmask/name", page="/residents/", reason="想看").status_code == 403


# ---- registering --------------------------------------------------------------------------------


def form(here: Any, **values: Any) -> dict[str, Any]:
    number = make.make_id_number(date(1950, 3, 1), "male")
    return {
        "name": "示例新老人", "id_type": "id_card", "id_number": number, "sex": "male", "birth_date": "1950-03-01",
        "township_id": here.id, "household_type": "ordinary", "living_arrangement": "with_children", **values,
    }


def test_a_person_is_registered_and_found_at_once(here: Any, officer: Any, district: Scope) -> None:
    values = form(here, phone="100-0000-1234", chronic_diseases=["I10"])
    response = send(officer, "/residents/new", **values)
    assert response.status_code == 303, response.text
    row = again(district, int(response.location.rsplit("/", 1)[1]))
    assert (row.name, row.id_number.reveal(), row.phone.reveal(), row.state) == ("示例新老人", values["id_number"], "10000001234", "active")
    assert {r.id for r in db.session.execute(queries.listed(district).where(queries.matching("slxlr")))} >= {row.id}
    (entry,) = entries("resident.registered")[-1:]
    assert values["id_number"] not in str(entry.changes)
    assert "示例新老人" not in str(entry.changes)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sex": "female"}, "sex"), ({"birth_date": "1951-03-01"}, "birth_date"), ({"id_number": "370299195003010011"}, "id_number"),
        ({"id_number": ""}, "id_number"), ({"name": ""}, "name"), ({"village_id": "99999"}, "village_id"), ({"township_id": "99999"}, "township_id"),
    ],
)
def test_what_contradicts_or_is_missing_is_refused_at_its_field(here: Any, officer: Any, wrong: Any, field: str, district: Scope) -> None:
    response = send(officer, "/residents/new", **form(here, **wrong))
    assert response.status_code == 422
    assert f'id="{field}-error-1"' in response.text or f'id="{field}"' in response.text.split("data-errors")[0] or f"#{field}" in response.text
    district.enter()
    assert db.session.scalar(select(Resident.id).where(Resident.name == "示例新老人")) is None


def test_a_wrong_card_may_be_overruled_by_hand(here: Any, officer: Any, district: Scope) -> None:
    response = send(officer, "/residents/new", **form(here, birth_date="1951-03-01", birth_date_by_hand="1"))
    assert response.status_code == 303, response.text
    assert again(district, int(response.location.rsplit("/", 1)[1])).birth_date_source == "entered"


def test_a_number_is_registered_once_and_the_record_is_offered(here: Any, officer: Any, district: Scope) -> None:
    person = make.make_resident(here, birth_date=date(1950, 3, 1), sex="male")
    number, person_id = person.id_number.reveal(), person.id
    db.session.commit()
    response = send(officer, "/residents/new", **form(here, id_number=number, confirmed="1"))
    assert response.status_code == 422
    assert f"/residents/{person_id}" in response.text


def test_a_number_registered_elsewhere_says_so_and_no_more(here: Any, officer: Any, district: Scope) -> None:
    other = make.make_resident(make.make_township(), birth_date=date(1950, 3, 1), sex="male")
    number, other_id = other.id_number.reveal(), other.id
    db.session.commit()
    response = send(officer, "/residents/new", **form(here, id_number=number))
    assert response.status_code == 422
    assert "data-errors" in response.text
    assert f"/residents/{other_id}" not in response.text
    district.enter()
    scope = Scope(permission=P.RESIDENT_EDIT, person_id=1, townships=frozenset({here.id})).enter()
    values = {"name": "示例", "sex": "male", "birth_date": date(1950, 3, 1), "township_id": here.id, "id_number": number}
    with pytest.raises(Refused) as refused:
        services.register(scope, values)
    assert refused.value.code == "resident.registered_elsewhere"


def test_who_may_be_the_same_is_shown_and_must_be_confirmed(here: Any, officer: Any, district: Scope) -> None:
    make.make_resident(here, name="示例新老人", birth_date=date(1950, 8, 1), sex="male")
    make.make_resident(here, phone="10000004321")
    for values in (form(here), form(here, name="示例另一人", phone="10000004321")):
        check = send(officer, "/residents/check", page="/residents/new", **values)
        assert "message-watch" in check.text
        assert "1950-03-01" in check.text
        first = send(officer, "/residents/new", **values)
        assert first.status_code == 422
        assert 'name="confirmed"' in first.text
        second = send(officer, "/residents/new", **values, confirmed="1")
        assert second.status_code == 303, second.text


def test_two_people_cannot_register_one_number_at_once(fresh_app: Flask) -> None:
    Scope.system("test").enter()
    township_id = make.make_township().id
    number = make.make_id_number(date(1950, 3, 1), "male")
    db.session.commit()
    outcome: list[str] = []
    start = threading.Barrier(2)

    def register() -> None:
        with fresh_app.app_context():
            scope = Scope.system(P.RESIDENT_EDIT).enter()
            start.wait()
            try:
                services.register(
                    scope, {"name": "示例", "sex": "male", "birth_date": date(1950, 3, 1), "township_id": township_id, "id_number": number}
                )
                db.session.commit()
                outcome.append("done")
            except Refused as refused:
                db.session.rollback()
                outcome.append(refused.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=register) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcome) == 2
    assert outcome.count("done") == 1
    assert {"resident.id_number_taken", "resident.maybe_known"} & set(outcome)


# ---- correcting ---------------------------------------------------------------------------------


def correction(person: Resident, **values: Any) -> dict[str, Any]:
    return {
        "version": person.version, "sex": person.sex, "birth_date": person.birth_date.isoformat(),
        "household_type": person.household_type, "living_arrangement": person.living_arrangement, **values,
    }


def test_a_correction_keeps_what_was_left_empty_and_takes_away_what_was_ticked(here: Any, officer: Any, district: Scope) -> None:
    person = make.make_resident(here, phone="10000001234", address="示例路88号", notes="示例备注")
    person_id, name, number = person.id, person.name, person.id_number.reveal()
    db.session.commit()
    path = f"/residents/{person_id}/edit"
    text = officer.get(path).text
    assert name not in text
    assert "示例路88号" not in text
    response = send(officer, path, **correction(person, phone="10000009999", remove="notes", living_arrangement="living_alone"))
    assert response.status_code == 303, response.text
    row = again(district, person_id)
    assert (row.name, row.id_number.reveal(), row.phone.reveal()) == (name, number, "10000009999")
    assert (row.address, row.notes, row.living_arrangement) == ("示例路88号", None, "living_alone")
    assert person_id in {r.id for r in db.session.execute(queries.listed(district).where(queries.matching("10000009999")))}
    history = officer.get(f"/residents/{person_id}/dossier/history").text
    assert "100****1234" in history
    assert "100****9999" in history


def test_the_second_of_two_editors_learns_what_the_first_changed(here: Any, officer: Any, sign_in: Any, district: Scope) -> None:
    person = make.make_resident(here)
    person_id, opened = person.id, correction(person, phone="10000001111")
    other = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    assert send(other, f"/residents/{person_id}/edit", **correction(person, ethnicity="MA")).status_code == 303
    response = send(officer, f"/residents/{person_id}/edit", **opened)
    assert response.status_code == 422
    assert "民族" in response.text or "Ethnic group" in response.text
    assert again(district, person_id).phone is None


def test_a_correction_may_not_contradict_the_number(here: Any, officer: Any, district: Scope) -> None:
    person = make.make_resident(here)
    response = send(officer, f"/residents/{person.id}/edit", **correction(person, sex="male"))
    assert response.status_code == 422
    number = make.make_id_number(person.birth_date, person.sex)
    assert send(officer, f"/residents/{person.id}/edit", **correction(person, id_number=number)).status_code == 303
    assert again(district, person.id).id_last4 == number[-4:]


# ---- states -------------------------------------------------------------------------------------


def test_a_life_on_the_register(here: Any, officer: Any, district: Scope) -> None:
    person_id = make.make_resident(here).id
    assert send(officer, f"/residents/{person_id}/move-out", moved_out_on="2027-01-01", moved_to="示例市").status_code == 422
    for act, values, state in (
        ("move-out", {"moved_out_on": "2026-11-01", "moved_to": "示例市"}, "moved_out"),
        ("return", {"note": "迁回"}, "active"),
        ("death", {"died_on": "2026-11-20", "death_source": "family"}, "deceased"),
        ("correct-death", {"note": "登记错误"}, "active"),
    ):
        response = send(officer, f"/residents/{person_id}/{act}", **values)
        assert response.status_code == 303, (act, response.text)
        row = again(district, person_id)
        assert row.state == state
    assert (row.died_on, row.moved_out_on, row.moved_to) == (None, None, None)
    assert send(officer, f"/residents/{person_id}/return", note="x").status_code == 422
    assert send(officer, f"/residents/{person_id}/death", died_on="1900-01-01", death_source="family").status_code == 422


def test_nobody_leaves_before_being_registered(here: Any, officer: Any, district: Scope) -> None:
    person_id = make.make_resident(here, registered_on=date(2026, 11, 10)).id
    for act, values in (
        ("move-out", {"moved_out_on": "2026-11-09", "moved_to": "示例市"}), ("death", {"died_on": "2026-11-09", "death_source": "family"}),
    ):
        refused = send(officer, f"/residents/{person_id}/{act}", **values)
        assert refused.status_code == 422
        assert "早于登记日期" in refused.text
    assert again(district, person_id).state == "active"
    row = again(district, person_id)
    shown = {name: getattr(row, name) or "" for name in ("sex", "birth_date", "household_type", "living_arrangement")}
    fixed = send(officer, f"/residents/{person_id}/edit", **shown, version=str(row.version), registered_on="2026-11-01")
    assert fixed.status_code == 303, fixed.text
    assert send(officer, f"/residents/{person_id}/death", died_on="2026-11-09", death_source="family").status_code == 303
    row = again(district, person_id)
    assert (row.registered_on, row.died_on) == (date(2026, 11, 1), date(2026, 11, 9))
    late = send(officer, f"/residents/{person_id}/edit", **shown, version=str(row.version), registered_on="2026-11-10")
    assert late.status_code == 422
    district.enter()
    for column in ("moved_out_on", "died_on"):  # and the database says the same, whoever writes
        with pytest.raises(IntegrityError, match="_after_registration_check"), db.session.begin_nested():
            db.session.execute(text(f"UPDATE residents SET {column} = DATE '2026-10-31' WHERE id = :id"), {"id": person_id})


def test_who_lives_in_a_home_leaves_it_first(district: Scope, sign_in: Any) -> None:
    home = make.make_facility()
    township = next(t for t in queries.townships() if t.id == home.township_id)
    person_id = make.make_resident(township, facility_id=home.id, living_arrangement="institution").id
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    for act, values in (("move-out", {"moved_out_on": "2026-11-01", "moved_to": "示例市"}), ("death", {"died_on": "2026-11-20", "death_source": "home"})):
        assert send(client, f"/residents/{person_id}/{act}", **values).status_code == 422
    assert again(district, person_id).state == "active"


def test_the_district_moves_a_record_and_the_other_township_has_it(here: Any, officer: Any, sign_in: Any, district: Scope) -> None:
    there = make.make_township()
    person_id, there_id = make.make_resident(here, village_name="示例村").id, there.id
    contact = make._keep(Contact(resident_id=person_id, township_id=here.id, name="示例联系人"), "contact.added")
    contact_id = contact.id
    receiver, mover = sign_in(make.make_user(Role.TOWNSHIP_OFFICER, there)), sign_in(make.make_user(Role.DISTRICT_OFFICER))
    assert receiver.get(f"/residents/{person_id}").status_code == 404
    assert send(mover, f"/residents/{person_id}/relocate", township_id=there_id).status_code == 303
    assert receiver.get(f"/residents/{person_id}").status_code == 200
    assert officer.get(f"/residents/{person_id}").status_code == 404
    district.enter()
    assert db.session.scalar(select(Contact.township_id).where(Contact.id == contact_id)) == there_id


def test_a_duplicate_is_closed_and_can_be_opened_again(here: Any, sign_in: Any, district: Scope) -> None:
    twin, right = make.make_resident(here), make.make_resident(here)
    twin_id, right_id, number = twin.id, right.id, right.id_number.reveal()
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    assert send(client, f"/residents/{twin_id}/mark-duplicate", keeps="370299195003010011").status_code == 422
    assert send(client, f"/residents/{twin_id}/mark-duplicate", keeps=number).status_code == 303
    row = again(district, twin_id)
    assert (row.state, row.duplicate_of_id) == ("duplicate", right_id)
    assert send(client, f"/residents/{twin_id}/correct-duplicate", note="不是同一人").status_code == 303
    assert again(district, twin_id).state == "active"


# ---- what hangs on a person ---------------------------------------------------------------------


def test_contacts_are_added_changed_seen_and_removed(here: Any, officer: Any, district: Scope) -> None:
    person_id = make.make_resident(here).id
    base = f"/residents/{person_id}/dossier/contacts"
    values = {"kind": "emergency", "name": "示例女儿", "relation": "daughter", "phone": "10000005678", "may_contact": "1"}
    assert send(officer, f"{base}/new", **values).status_code == 303
    district.enter()
    contact = db.session.scalars(select(Contact).where(Contact.resident_id == person_id)).one()
    contact_id = contact.id
    changed = send(officer, f"{base}/{contact_id}/edit", kind="guardian", relation="child", may_contact="1", legal_basis="law")
    assert changed.status_code == 303, changed.text
    shown = send(officer, f"{base}/{contact_id}/unmask/phone", page=f"/residents/{person_id}", reason="联系家属")
    assert "10000005678" in shown.text
    assert send(officer, f"{base}/{contact_id}/remove", page=f"/residents/{person_id}").status_code == 303
    district.enter()
    assert db.session.scalar(select(Contact.id).where(Contact.id == contact_id)) is None
    history = officer.get(f"/residents/{person_id}/dossier/history").text
    assert "示例女儿" not in history
    assert "示**儿" in history


def test_an_entitlement_in_force_sets_the_household_type(here: Any, officer: Any, district: Scope) -> None:
    person_id = make.make_resident(here).id
    base = f"/residents/{person_id}/dossier/entitlements"
    assert send(officer, f"{base}/new", household_type="subsistence_allowance", valid_from="2026-01-01").status_code == 303
    assert again(district, person_id).household_type == "subsistence_allowance"
    spell_id = db.session.scalar(select(HouseholdSpell.id).where(HouseholdSpell.resident_id == person_id))
    assert send(officer, f"{base}/{spell_id}/end", valid_to="2025-01-01").status_code == 422
    assert send(officer, f"{base}/{spell_id}/end", valid_to="2026-10-31").status_code == 303
    assert again(district, person_id).household_type == "ordinary"


def test_a_consent_is_given_and_withdrawn(here: Any, officer: Any) -> None:
    person_id = make.make_resident(here).id
    values = {"purpose": "家庭端查询", "version": "2026-1", "signed_by": "示例签署", "signed_on": "2026-11-01"}
    assert send(officer, f"/residents/{person_id}/dossier/consents/new", **values).status_code == 303
    page = officer.get(f"/residents/{person_id}").text
    assert "家庭端查询" in page
    assert "示例签署" not in page
    path = page.split("/withdraw")[0].rsplit('"', 1)[1] + "/withdraw"
    assert send(officer, path, withdrawn_on="2026-11-20").status_code == 303
    assert "/withdraw" not in officer.get(f"/residents/{person_id}").text
