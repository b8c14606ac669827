"""The door: who gets in, what a refusal tells, when it closes, and that two at once get no more tries."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from eldercare.accounts import services
from eldercare.accounts.models import SignInFailure, User
from eldercare.core.access import Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.accounts.browser import enter
from tests.page import fetch


def entries(action: str) -> list[AuditEntry]:
    scope = Scope.system("test").enter()
    return list(db.session.scalars(scope.select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


def later(minutes: int) -> None:
    """Let time pass for the doors, by moving what they remember into the past."""
    Scope.system("test").enter()
    db.session.execute(update(SignInFailure).values(at=SignInFailure.at - text(f"interval '{minutes} minutes'")))
    table = User.metadata.tables["users"]
    db.session.execute(update(table).values(locked_until=table.c.locked_until - text(f"interval '{minutes} minutes'")))
    db.session.commit()


def test_the_sign_in_page_is_sound_in_both_languages(client: FlaskClient) -> None:
    assert fetch(client, "/sign-in").all("form")
    client.get("/language/en")
    assert "User name" in fetch(client, "/sign-in").text


def test_the_right_password_opens_and_the_log_says_so(district: Scope, client: FlaskClient) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    answer = enter(client, user.username, make.PASSWORD)
    assert answer.status_code == 303
    assert answer.location == "/"
    assert client.get("/account").status_code == 200
    (entry,) = entries("user.signed_in")
    assert (entry.person_id, entry.entity, entry.entity_id, entry.ip) == (user.id, "user", user.id, "127.0.0.1")
    assert db.session.get(User, user.id).last_sign_in_at is not None


def test_capital_letters_and_blanks_in_the_user_name_do_not_matter(district: Scope, client: FlaskClient) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    assert enter(client, f" {user.username.upper()} ", make.PASSWORD).status_code == 303


@pytest.mark.parametrize("known", [True, False])
def test_a_refusal_does_not_tell_what_was_wrong(district: Scope, client: FlaskClient, known: bool) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    client.get("/language/en")
    answer = enter(client, user.username if known else "nobody.here", "Wrong-Horse-78")
    assert answer.status_code == 422
    assert "The user name or the password is wrong." in answer.text
    assert "Wrong-Horse-78" not in answer.text


def test_what_was_typed_never_reaches_the_log(district: Scope, client: FlaskClient) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    enter(client, user.username, "My-Secret-99")
    enter(client, "My-Secret-99", "x")
    Scope.system("test").enter()
    kept = db.session.execute(text("SELECT string_agg(e::text, ' ') FROM audit_entries e")).scalar_one()
    rows = db.session.execute(text("SELECT string_agg(f::text, ' ') FROM sign_in_failures f")).scalar_one()
    assert "My-Secret-99" not in kept + rows
    assert "my-secret-99" not in kept + rows
    assert [e.entity_id for e in entries("user.sign_in_refused")] == [user.id]
    assert entries("user.sign_in_refused")[0].person_id is None


def test_five_failures_close_the_account_for_fifteen_minutes(app: Flask, district: Scope) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    for n in range(5):
        browser = app.test_client()
        browser.environ_base["REMOTE_ADDR"] = f"10.0.0.{n}"  # from five addresses: it is the account that closes
        browser.get("/language/en")
        answer = enter(browser, user.username, "Wrong-Horse-78")
    assert "closed for 15 minutes" in answer.text
    other = app.test_client()
    other.environ_base["REMOTE_ADDR"] = "10.0.0.99"
    assert enter(other, user.username, make.PASSWORD).status_code == 422, "the right password must wait too"
    assert len(entries("user.locked")) == 1
    later(16)
    assert enter(other, user.username, make.PASSWORD).status_code == 303


def test_five_failures_close_the_door_for_an_address(app: Flask, district: Scope) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    browser = app.test_client()
    browser.get("/language/en")
    for n in range(5):
        answer = enter(browser, f"nobody{n}", "Wrong-Horse-78")
    assert "closed for 15 minutes" in answer.text
    assert enter(browser, user.username, make.PASSWORD).status_code == 422
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "10.9.9.9"
    assert enter(elsewhere, user.username, make.PASSWORD).status_code == 303


def test_an_unknown_name_closes_like_a_known_one(app: Flask, district: Scope) -> None:
    for n in range(6):
        browser = app.test_client()
        browser.environ_base["REMOTE_ADDR"] = f"10.0.1.{n}"
        browser.get("/language/en")
        answer = enter(browser, "nobody.here", "Wrong-Horse-78")
    assert "closed for 15 minutes" in answer.text, "otherwise the lock would tell which names exist"


def test_own_slips_are_forgotten_once_signed_in_and_a_strangers_are_not(app: Flask, district: Scope) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    browser = app.test_client()
    for password in ("a", "b"):
        enter(browser, user.username, password)
    enter(browser, "guess", "c")
    enter(browser, user.username, make.PASSWORD)
    Scope.system("test").enter()
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 1


def test_a_disabled_account_stays_shut(district: Scope, client: FlaskClient) -> None:
    user = make.make_user(Role.LEADER, is_enabled=False)
    db.session.commit()
    client.get("/language/en")
    answer = enter(client, user.username, make.PASSWORD)
    assert answer.status_code == 422
    assert "disabled" in answer.text


def test_an_unknown_name_costs_the_same_work(district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    user, asked = make.make_user(Role.LEADER), []
    verify = services.passwords.verify
    monkeypatch.setattr(services.passwords, "verify", lambda stored, typed: asked.append(stored) or verify(stored, typed))
    rules = replace(make_rules(), lockout_failures=50)
    for name in (user.username, "nobody.here"):
        services.sign_in(Scope.nobody("10.1.1.1").enter(), name, "Wrong-Horse-78", rules)
    assert len(asked) == 2
    assert all(stored.startswith("$argon2id$") for stored in asked)


def make_rules() -> Any:
    from flask import current_app

    return current_app.config["CONFIG"]


def test_an_old_hash_is_renewed_at_sign_in(district: Scope, client: FlaskClient) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(make.PASSWORD)
    user = make.make_user(Role.LEADER, password_hash=weak)
    db.session.commit()
    enter(client, user.username, make.PASSWORD)
    Scope.system("test").enter()
    stored = db.session.scalar(select(User.password_hash).where(User.id == user.id))
    assert stored != weak
    assert "m=65536" in stored


def test_after_signing_in_one_goes_where_one_was_going_on_this_site_only(app: Flask, district: Scope) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    wanted = {
        "/accounts/?q=a": "/accounts/?q=a", "//evil.example/x": "/", "https://evil.example/": "/", "/\\evil.example": "/",
        "javascript:alert(1)": "/", "\\\\evil.example": "/", "": "/",
    }
    for target, reached in wanted.items():
        browser = app.test_client()
        answer = enter(browser, user.username, make.PASSWORD, "/sign-in?next=" + target.replace("?", "%3F").replace("\\", "%5C"))
        assert answer.location == reached, target


@pytest.mark.parametrize("same", ["name", "address"])
def test_two_connections_at_once_get_no_extra_tries(fresh_app: Flask, same: str) -> None:
    """Twelve at the same moment against a limit of five: exactly five passwords are looked at."""
    Scope.system("test").enter()
    user = make.make_user(Role.LEADER)
    db.session.commit()
    looked_at, together, results = [], threading.Barrier(12), []
    verify = services.passwords.verify

    def attempt(n: int) -> None:
        with fresh_app.app_context():
            together.wait()
            name, address = (user.username, f"10.2.{n}.1") if same == "name" else (f"nobody{n}", "10.2.0.1")
            found = services.sign_in(Scope.nobody(address).enter(), name, f"Wrong-Horse-{n}", make_rules())
            db.session.commit()
            results.append(found.refusal.code)
            db.session.remove()

    services.passwords.verify = lambda stored, typed: looked_at.append(typed) or verify(stored, typed)
    try:
        threads = [threading.Thread(target=attempt, args=(n,)) for n in range(12)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    finally:
        services.passwords.verify = verify
    assert len(looked_at) == 5
    assert sorted(results) == ["sign_in.closed"] * 8 + ["sign_in.wrong"] * 4
    Scope.system("test").enter()
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 5
