"""Habit 3: what the first wall selects is what the second wall shows, for each model and each person."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from eldercare.core.access import GRANTS, P, Role
from eldercare.core.db import Base, Scoped, db
from eldercare.core.scope import Scope, scope_of
from tests.house.people import make_world

REFERENCE = {"villages"}  # public names of places: everyone who signs in may read them


def scoped_models() -> list[Any]:
    """Every Scoped model of the application."""
    return sorted((m.class_ for m in Base.registry.mappers if issubclass(m.class_, Scoped)), key=lambda m: m.__name__)


def test_every_table_with_a_place_is_walled_and_forced(district: Scope) -> None:
    rows = db.session.execute(
        text(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c JOIN pg_attribute a"
            " ON a.attrelid = c.oid AND a.attname = 'township_id' AND NOT a.attisdropped"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        )
    )
    open_ones = {name for name, walled in rows if not walled} - REFERENCE
    assert not open_ones, f"call db.wall() in the migration of {open_ones}"


def test_every_walled_table_is_a_scoped_model(app: Flask) -> None:
    tables = {m.__tablename__ for m in scoped_models()}
    placed = {t.name for t in Base.metadata.tables.values() if "township_id" in t.c} - REFERENCE
    assert placed == tables


@pytest.mark.parametrize("role", [Role.DISTRICT_OFFICER, Role.TOWNSHIP_OFFICER, Role.FACILITY_MANAGER,
                                  Role.CANTEEN_KEEPER, Role.INSPECTOR, Role.STATIONED_SUPERVISOR, Role.AUDITOR])
def test_both_walls_show_the_same_rows(district: Scope, role: Role) -> None:
    world = make_world()
    db.session.commit()
    person = world.people[role]
    for permission in sorted(GRANTS[role]):
        scope = scope_of(person, P(permission))
        assert scope is not None
        scope.enter()
        for model in scoped_models():
            if permission == P.AUDIT_READ:
                continue  # the log reader sees the whole log and nothing else: tried below
            key = inspect(model).primary_key[0].name
            first = set(db.session.scalars(scope.columns(model, getattr(model, key))))
            second = set(db.session.execute(text(f"SELECT {key} FROM {model.__tablename__}")).scalars())
            assert first == second, f"{role} under {permission}: {model.__name__} by scope {first}, behind the wall {second}"


def test_local_people_see_their_own_and_nobody_elses(district: Scope) -> None:
    world = make_world()
    db.session.commit()
    for role, mine in ((Role.TOWNSHIP_OFFICER, {world.here.in_home.id, world.here.at_home.id}),
                       (Role.FACILITY_MANAGER, {world.here.in_home.id})):
        scope = scope_of(world.people[role], P.RESIDENT_READ)
        assert scope is not None
        scope.enter()
        assert set(db.session.execute(text("SELECT id FROM residents")).scalars()) == mine


def test_unset_sees_nothing(district: Scope) -> None:
    make_world()
    db.session.commit()
    for model in scoped_models():
        assert db.session.execute(text(f"SELECT count(*) FROM {model.__tablename__}")).scalar() == 0


def test_administrators_and_auditors_reach_no_person(district: Scope) -> None:
    world = make_world()
    db.session.commit()
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        for permission in GRANTS[role]:
            scope = scope_of(world.people[role], permission)
            assert scope is not None
            scope.enter()
            for table in ("residents", "contacts", "assessments", "stays", "facilities"):
                may = db.session.execute(text("SELECT has_table_privilege(current_user, :t, 'SELECT')"), {"t": table}).scalar()
                seen = db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar() if may else 0
                assert seen == 0
