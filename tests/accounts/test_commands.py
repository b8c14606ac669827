"""`flask users …`: one JSON object on the last line, 2 and one clear line when refused."""

import json
from typing import Any

from flask import Flask

from eldercare.accounts import queries, services
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make


def run(app: Flask, *words: str) -> tuple[int, Any]:
    result = app.test_cli_runner().invoke(args=["users", *words])
    lines = result.output.strip().splitlines()
    return result.exit_code, json.loads(lines[-1]) if result.exit_code == 0 else lines[-1]


def test_a_person_is_made_with_a_role_at_places(app: Flask, district: Scope) -> None:
    here, there = make.make_township(), make.make_township()
    db.session.commit()
    status, made = run(app, "create", "Zhang.San", "--role", "township-officer", "--place", here.code, "--place", there.code)
    assert status == 0
    Scope.system("test").enter()
    person = queries.person_named("zhang.san")
    assert {grant.place_township_id for grant in person.held()} == {here.id, there.id}
    assert person.must_change_password
    assert services.verify(person.password_hash, made["password"])


def test_refusals_are_one_line_and_leave_nothing(app: Flask, district: Scope) -> None:
    db.session.commit()
    for words in (
        ("create", "li.si", "--role", "king"),
        ("create", "li.si", "--role", "township_officer"),
        ("create", "li.si", "--role", "township_officer", "--place", "370200999"),
        ("create", "li.si", "--role", "leader", "--place", "370200999"),
        ("create", "1", "--role", "leader"),
        ("token", "nobody.here"),
        ("reset", "nobody.here"),
    ):
        status, line = run(app, *words)
        assert status == 2, words
        assert line
        Scope.system("test").enter()
        assert queries.person_named("li.si") is None


def test_a_forgotten_password_is_reset(app: Flask, district: Scope) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    status, told = run(app, "reset", user.username)
    assert status == 0
    Scope.system("test").enter()
    db.session.expire_all()
    assert services.verify(queries.person_named(user.username).password_hash, told["password"])
