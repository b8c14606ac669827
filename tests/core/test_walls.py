"""The two walls, the log that is owed, and the chain that shows a touched entry."""

import threading

import pytest
from flask import Flask
from sqlalchemy import bindparam, select, text, update
from sqlalchemy.exc import DBAPIError

from eldercare.core import audit
from eldercare.core.access import P, Role
from eldercare.core.db import AuditOwed, WallNotSet, db
from eldercare.core.dbroles import connect
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility
from eldercare.residents.models import Resident
from tests import make


def test_nothing_is_seen_before_a_scope_is_entered(district: Scope) -> None:
    make.make_resident()
    db.session.commit()
    with pytest.raises(WallNotSet):
        db.session.scalars(select(Resident)).all()
    assert db.session.execute(text("SELECT count(*) FROM residents")).scalar() == 0


def test_a_township_sees_its_own_by_both_walls(district: Scope) -> None:
    here, there = make.make_township(), make.make_township()
    mine, other = make.make_resident(here), make.make_resident(there)
    officer = make.make_user(Role.TOWNSHIP_OFFICER, here)
    db.session.commit()
    scope = scope_of(officer, P.RESIDENT_READ)
    assert scope is not None
    scope.enter()
    assert [r.id for r in db.session.scalars(scope.select(Resident))] == [mine.id]
    assert list(db.session.execute(text("SELECT id FROM residents")).scalars()) == [mine.id]
    assert scope.find(Resident, other.id) is None


def test_a_plan_made_for_one_reach_shows_another_no_more(district: Scope) -> None:
    here, there = make.make_township(), make.make_township()
    mine, other = make.make_resident(here), make.make_resident(there)
    db.session.commit()
    by_id = Resident.__table__.c.id == bindparam("resident_id")  # the second wall alone
    asked = select(Resident.__table__.c.id).where(by_id).execution_options(prepared=True)

    def seen() -> list[list[int]]:
        return [list(db.session.scalars(asked, {"resident_id": each.id})) for each in (mine, other)]

    districts, officer = Scope.system(P.RESIDENT_READ), Scope(permission=P.RESIDENT_READ, townships=frozenset({here.id}))
    for _ in range(6):  # from the sixth time on PostgreSQL keeps one plan for all values
        districts.enter()
        assert seen() == [[mine.id], [other.id]]
    officer.enter()
    assert seen() == [[mine.id], []]
    Scope.nobody().enter()
    assert seen() == [[], []]
    districts.enter()
    assert seen() == [[mine.id], [other.id]]
    kept = db.session.execute(text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%resid%id = $1'")).scalar()
    assert kept == 1


def test_a_restarted_database_is_not_noticed_by_people(fresh_app: Flask) -> None:
    first = db.session.execute(text("SELECT pg_backend_pid()")).scalar()
    db.session.rollback()
    with connect(fresh_app.config["SQLALCHEMY_DATABASE_URI"]) as other, other.cursor() as at:
        at.execute("SELECT pg_terminate_backend(%s, 5000)", (first,))
    Scope.system(P.RESIDENT_READ).enter()  # the pool holds that connection: it is left, and another opened
    second = db.session.execute(text("SELECT pg_backend_pid()")).scalar()
    db.session.rollback()
    assert second not in (None, first)
    assert db.session.execute(text("SELECT pg_backend_pid()")).scalar() == second, "a sound connection is used again"


def test_two_grants_never_add_up(district: Scope) -> None:
    a, b = make.make_facility(), make.make_facility()
    person = make.make_user(Role.FACILITY_MANAGER, a)
    make.make_grant(person, Role.CANTEEN_KEEPER, b)
    licences, reading = scope_of(person, P.LICENCE_EDIT), scope_of(person, P.FACILITY_READ)
    assert licences is not None
    assert reading is not None
    assert licences.facilities == {a.id}
    assert reading.facilities == {a.id, b.id}


def test_a_local_scope_cannot_write_outside_its_place(district: Scope) -> None:
    here, there = make.make_township(), make.make_township()
    other = make.make_resident(there)
    db.session.commit()
    Scope(permission=P.RESIDENT_EDIT, person_id=1, townships=frozenset({here.id})).enter()
    changed = db.session.execute(text("UPDATE residents SET notes = 'x' WHERE id = :id RETURNING id"), {"id": other.id})
    assert changed.all() == []
    with pytest.raises(DBAPIError), db.session.begin_nested():
        db.session.execute(
            text("INSERT INTO licences (township_id, facility_id, licence_type, number, issuer, is_current)"
                 " VALUES (:t, 1, 'food', 'x', '', true)"), {"t": there.id})


def test_a_change_without_an_entry_is_not_committed(district: Scope) -> None:
    facility = make.make_facility()
    db.session.commit()
    Scope.system("test").enter()
    facility = db.session.get_one(Facility, facility.id)
    facility.phone = "10000000001"
    with pytest.raises(AuditOwed):
        db.session.commit()
    db.session.rollback()
    Scope.system("test").enter()
    with pytest.raises(AuditOwed):
        db.session.execute(update(Facility).values(phone="1"))


def test_an_entry_says_what_changed_and_masks_people(district: Scope) -> None:
    resident = make.make_resident(name="示例老人甲", phone="10000001234")
    db.session.commit()
    scope = Scope.system("test").enter()
    resident = db.session.get_one(Resident, resident.id)
    resident.phone, resident.name = "10000005678", "示例老人乙"
    entry = audit.record(scope, "resident.changed", resident)
    assert entry.changes["phone"] == ["100****1234", "100****5678"]
    assert entry.changes["name"] == ["示***甲", "示***乙"]


def test_a_touched_entry_breaks_the_chain(fresh_app: Flask) -> None:
    Scope.system("test").enter()
    make.make_facility()
    make.make_facility()
    db.session.commit()
    Scope.system(P.AUDIT_READ).enter()
    whole = audit.verify()
    assert whole["valid"]
    assert whole["entries"] == 2
    with pytest.raises(DBAPIError), db.session.begin_nested():
        db.session.execute(text("UPDATE audit_entries SET action = 'x'"))
    db.session.rollback()
    # only the owner of the database could, behind everybody's back — and it shows
    from sqlalchemy import create_engine

    with create_engine(fresh_app.config["OWNER_URL"]).begin() as owner:
        owner.execute(text("ALTER TABLE audit_entries NO FORCE ROW LEVEL SECURITY"))
        owner.execute(text("UPDATE audit_entries SET action = 'facility.never' WHERE id = 1"))
        owner.execute(text("ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY"))
    Scope.system(P.AUDIT_READ).enter()
    assert audit.verify()["broken_at"] == 1


def test_entries_from_many_connections_form_one_chain(fresh_app: Flask) -> None:
    def write() -> None:
        with fresh_app.app_context():
            for _ in range(5):
                scope = Scope.system("test").enter()
                audit.record(scope, "test.done", entity="test")
                db.session.commit()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Scope.system(P.AUDIT_READ).enter()
    assert audit.verify() | {"head": ""} == {"valid": True, "entries": 30, "head": ""}


def test_a_widened_reach_ends_with_the_act_even_when_that_is_refused(district: Scope) -> None:
    from eldercare.core.errors import Refused

    towns = make.make_township(), make.make_township()
    here, there = (make.make_facility(town) for town in towns)
    for town, home in zip(towns, (here, there), strict=True):
        make.make_resident(town, facility_id=home.id)
    db.session.commit()
    own = Scope(permission="test", facilities=frozenset({here.id})).enter()
    count = text("SELECT count(*) FROM residents WHERE facility_id = ANY (ARRAY[:a, :b])"), {"a": here.id, "b": there.id}
    with own.widened():
        assert db.session.scalar(*count) == 2
    assert db.session.scalar(*count) == 1
    with pytest.raises(Refused), own.widened():
        raise Refused("move.not_allowed")
    assert db.session.scalar(*count) == 1
