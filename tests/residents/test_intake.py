"""Taking a list in: all of it or nothing, twice the same changes nothing, nobody else's people."""

import hashlib
import threading

import pytest
from sqlalchemy import func, select, text

from eldercare.core import audit, secrets
from eldercare.core.access import P, Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope, scope_of
from eldercare.residents.intake import services
from eldercare.residents.intake.services import Rules, look, take
from eldercare.residents.models import Contact, Resident, ResidentChange
from tests import make
from tests.residents.lists import HEADINGS, book, number, person

RULES = Rules()
COLUMNS = [*HEADINGS, "家庭类型", "紧急联系人", "紧急联系人电话", "银行账号", "能力等级", "评估日期", "备注"]


@pytest.fixture
def town(district):
    return make.make_township(name="示例甲镇", short_name="示例甲")


def scope_():
    return Scope.system(P.INTAKE_RUN, "test").enter()


def full(town, **values):
    more = ["低保", "示例家属", "13900005678", "6222000011112222", "轻度失能", "2026-03-01", "说明"]
    return [*person(town.name, **values), *more]


def run_(scope):
    run = Run(kind="residents_intake_commit", permission=P.INTAKE_RUN, person_id=scope.person_id)
    db.session.add(run)
    db.session.flush()
    return run


def took(data, scope=None, **more):
    scope = scope or scope_()
    return take(scope, data, RULES, run_(scope), **more)


def people():
    return db.session.scalar(select(func.count()).select_from(Resident))


def test_a_list_becomes_records_that_can_be_found(town):
    village = make.make_village(town, name="示例村")
    wanted = number()
    outcome = took(book([full(town, name="康𣇄", id_number=wanted), full(town)], COLUMNS))
    assert outcome.numbers() == {"read": 2, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    row = db.session.scalars(select(Resident).where(Resident.id_number_index == secrets.keys().blind(wanted, "id_number"))).one()
    assert (row.name, row.township_id, row.village_id, row.state, row.version) == ("康𣇄", town.id, village.id, "active", 1)
    assert row.id_number.reveal() == wanted
    assert row.id_last4 == wanted[-4:]
    assert row.phone.reveal() == "13800001234"
    assert row.phone_index == secrets.keys().blind("13800001234", "phone")
    assert row.bank_account.reveal() == "6222000011112222"
    assert (row.household_type, row.ability_level, str(row.next_due_on)) == ("subsistence_allowance", 1, "2027-03-01")
    assert row.living_arrangement == "other"
    found = db.session.scalar(select(Resident.id).where(Resident.search.op("@@")(text("'''c:康'' & ''i:k'':*'::tsquery"))))
    assert found == row.id
    contact = db.session.scalars(select(Contact).where(Contact.resident_id == row.id)).one()
    assert (contact.kind, contact.name, contact.phone.reveal(), contact.township_id) == ("emergency", "示例家属", "13900005678", town.id)


def test_nothing_personal_is_stored_in_clear_but_what_lists_show(town):
    wanted = number()
    took(book([full(town, id_number=wanted)], COLUMNS))
    raw = db.session.execute(text("SELECT row_to_json(r)::text FROM residents r UNION ALL SELECT row_to_json(c)::text FROM contacts c"))
    stored = " ".join(row[0] for row in raw)
    for secret in (wanted, "13800001234", "13900005678", "6222000011112222"):
        assert secret not in stored


def test_the_same_list_again_changes_nothing(town):
    data = book([full(town) for _ in range(5)], COLUMNS)
    took(data)
    before = db.session.execute(select(Resident.id, Resident.version, Resident.updated_at)).all()
    again = took(data)
    assert again.numbers() == {"read": 5, "created": 0, "updated": 0, "unchanged": 5, "rejected": 0}
    assert db.session.execute(select(Resident.id, Resident.version, Resident.updated_at)).all() == before
    assert db.session.scalar(select(func.count()).select_from(ResidentChange)) == 0


def test_a_change_is_seen_masked_before_and_kept_after(town):
    wanted = number()
    took(book([full(town, id_number=wanted)], COLUMNS))
    row = full(town, id_number=wanted, phone="13700009999", address="别处3号")
    row[9] = "另一家属"
    seen = look(scope_(), book([row], COLUMNS), RULES)
    assert seen.numbers()["updated"] == 1
    assert seen.changes[0][3] == {
        "phone": ["138****1234", "137****9999"], "address": ["示例甲镇示例村*号", "别处*号"], "contact_name": ["示**属", "另**属"]
    }
    assert people() == 1
    outcome = took(book([row], COLUMNS), expected=seen.digest)
    assert outcome.numbers()["updated"] == 1
    person_ = db.session.scalars(select(Resident)).one()
    db.session.refresh(person_)
    assert person_.phone.reveal() == "13700009999"
    assert person_.phone_index == secrets.keys().blind("13700009999", "phone")
    assert person_.version == 2
    change = db.session.scalars(select(ResidentChange)).one()
    assert change.changes == seen.changes[0][3]
    assert (change.resident_id, change.township_id, change.row_number) == (person_.id, town.id, 4)
    assert db.session.scalars(select(Contact)).one().name == "另一家属"


def test_an_empty_cell_erases_nothing(town):
    wanted = number()
    took(book([full(town, id_number=wanted)], COLUMNS))
    bare = person(town.name, id_number=wanted, phone="", address="", village="")
    assert took(book([[*bare, *[""] * 7]], COLUMNS)).numbers()["unchanged"] == 1


def test_refused_rows_keep_nobody_else_out(town):
    outcome = took(book([full(town), full(town, name=""), full(town, township="不存在镇")], COLUMNS))
    assert outcome.numbers() == {"read": 3, "created": 1, "updated": 0, "unchanged": 0, "rejected": 2}
    assert [cell[:2] for cell in outcome.cells] == [["B5", "name.missing"], ["F6", "township.unknown"]]
    assert len(list(outcome.refused)) == 2


def test_a_preview_that_no_longer_holds_is_not_taken_in(town):
    data = book([full(town), full(town)], COLUMNS)
    seen = look(scope_(), data, RULES)
    took(book([full(town)], COLUMNS))
    assert took(data, expected=seen.digest).numbers()["created"] == 2
    with pytest.raises(Refused) as refused, db.session.begin_nested():
        took(data, expected=seen.digest)
    assert refused.value.code == "intake.changed"
    assert people() == 3


def test_one_entry_in_the_log_names_the_file(town):
    data = book([full(town)], COLUMNS)
    took(data)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "intake.committed")).one()
    assert entry.details["file_sha256"] == hashlib.sha256(data).hexdigest()
    assert entry.details["created"] == 1
    assert audit.verify()["valid"]


def test_what_the_register_knows_better_stays(town):
    wanted = number()
    took(book([full(town, id_number=wanted)], COLUMNS))
    person_ = db.session.scalars(select(Resident)).one()
    older = full(town, id_number=wanted)
    older[12], older[13] = "完全失能", "2025-01-01"
    outcome = took(book([older], COLUMNS))
    assert outcome.numbers()["unchanged"] == 1
    assert outcome.notices == {"ability.assessed": 1}
    db.session.refresh(person_)
    assert person_.ability_level == 1


def test_who_lives_in_a_home_stays_there(town):
    home = make.make_facility(town)
    other = make.make_township(name="示例乙镇")
    wanted = make.make_id_number()
    make.make_resident(town, facility_id=home.id, id_number=wanted, village_name="示例村", address="示例村1号")
    outcome = took(book([person(other.name, id_number=wanted, name="新名", sex="")]))
    assert outcome.numbers()["updated"] == 1
    assert outcome.notices == {"resident.in_home": 1}
    assert set(outcome.changes[0][3]) == {"name", "phone"}


def test_a_move_within_the_district_takes_the_village_along(town):
    make.make_village(town, name="示例村")
    other = make.make_township(name="示例乙镇")
    wanted = number()
    took(book([person(town.name, id_number=wanted)]))
    outcome = took(book([person(other.name, id_number=wanted)]))
    assert outcome.numbers()["updated"] == 1
    moved = db.session.scalars(select(Resident)).one()
    db.session.refresh(moved)
    assert (moved.township_id, moved.village_id, moved.village_name) == (other.id, None, "示例村")


def test_nobody_is_registered_after_leaving(town):
    wanted, columns = number(), [*HEADINGS, "建档日期"]
    took(book([[*person(town.name, id_number=wanted), "2026-01-05"]], columns))
    db.session.execute(text("UPDATE residents SET state = 'deceased', died_on = DATE '2026-06-01'"))
    late = book([[*person(town.name, id_number=wanted), "2026-06-02"]], columns)
    for outcome in (look(scope_(), late, RULES), took(late)):
        assert outcome.numbers() == {"read": 1, "created": 0, "updated": 0, "unchanged": 0, "rejected": 1}
        assert outcome.cells == [["I4", "registered_on.after_leaving", {}, "建档日期"]]
    assert took(book([[*person(town.name, id_number=wanted), "2026-06-01"]], columns)).numbers()["updated"] == 1


def test_signs_that_mean_something_to_the_database_arrive_as_written(town):
    odd = 'a\\b\\N\\t{"c"}'
    took(book([person(town.name, address=odd), person(town.name, address="12号")]))
    assert set(db.session.scalars(select(Resident.address))) == {odd, "12号"}


def test_a_township_officer_reaches_the_own_township_alone(town):
    other = make.make_township(name="示例乙镇")
    elsewhere, mine = number(), number()
    took(book([person(other.name, id_number=elsewhere)]))
    officer = make.make_user(Role.TOWNSHIP_OFFICER, town)
    scope = scope_of(officer, P.INTAKE_RUN).enter()
    outcome = took(book([person(town.name, id_number=elsewhere), person(town.name, id_number=mine), person(other.name)]), scope)
    assert outcome.numbers() == {"read": 3, "created": 1, "updated": 0, "unchanged": 0, "rejected": 2}
    assert outcome.faults == {"resident.elsewhere": 1, "township.not_yours": 1}
    assert people() == 1  # what the officer sees
    again = took(book([person(town.name, id_number=mine, phone="13711112222")]), scope)
    assert again.numbers()["updated"] == 1


def test_nobody_in_the_list_is_refused(town):
    with pytest.raises(Refused) as refused:
        look(scope_(), book([]), RULES)
    assert refused.value.code == "intake.no_rows"


def test_two_lists_at_once_take_turns(fresh_app):
    scope_()
    town = make.make_township(name="示例甲镇")
    db.session.commit()
    data = book([person(town.name) for _ in range(300)])
    results, wait = [], threading.Barrier(2)

    def one():
        with fresh_app.app_context():
            wait.wait()
            outcome = took(data)
            results.append(outcome.numbers())
            db.session.commit()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((r["created"], r["unchanged"]) for r in results) == [(0, 300), (300, 0)]


def test_a_number_registered_meanwhile_stops_the_whole_list(fresh_app, monkeypatch):
    scope_()
    town = make.make_township(name="示例甲镇")
    db.session.commit()
    taken = number()
    data = book([person(town.name), person(town.name, id_number=taken)])
    whole = services.queries.taken_numbers

    def late(scope):
        found = whole(scope)
        with fresh_app.app_context():
            scope_()
            make.make_resident(db.session.merge(town), id_number=taken, sex="female")
            db.session.commit()
        return found

    monkeypatch.setattr(services.queries, "taken_numbers", late)
    with pytest.raises(Refused) as refused:
        took(data)
    assert refused.value.code == "intake.changed"
    db.session.rollback()
    scope_()
    assert people() == 1
