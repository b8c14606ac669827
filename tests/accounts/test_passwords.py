"""Passwords: what they need, when they must be changed, and that a change ends the other sessions."""

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eldercare.accounts import services
from eldercare.accounts.models import PastPassword, User
from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.accounts.browser import enter, send
from tests.page import fetch

SignIn = Callable[..., FlaskClient]


def change(client: FlaskClient, current: str, new: str, again: str | None = None) -> str:
    """Change the password through the page; the page that comes back, or "" when it is done."""
    answer = send(client, "/password", current=current, new=new, again=new if again is None else again)
    return "" if answer.status_code == 303 else answer.text


def test_the_first_sign_in_leads_to_a_new_password_and_nowhere_else(district: Scope, client: FlaskClient) -> None:
    user, password = services.add_user(district, "new.person", "示例人员")
    make.make_grant(user, Role.LEADER)
    db.session.commit()
    enter(client, "new.person", password)
    for path in ("/", "/account", "/facilities/"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.location == "/password"
    assert fetch(client, "/password").all("form")
    assert change(client, password, "Quiet-Harbour-5") == ""
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("Ab-1", "Use at least 8 characters."),
        ("abcdefgh1", "Use at least 3 of these kinds"),
        ("Password-2026", "first passwords anyone would try"),
        (make.PASSWORD, "one of your last 5 passwords"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(district: Scope, sign_in: SignIn, new: str, said: str) -> None:
    client = sign_in(make.make_user(Role.LEADER, language="en"))
    assert said in change(client, make.PASSWORD, new)


def test_the_user_name_cannot_be_in_it(district: Scope, sign_in: SignIn) -> None:
    client = sign_in(make.make_user(Role.LEADER, username="wang.min", language="en"))
    assert "must not contain the user name" in change(client, make.PASSWORD, "Wang.Min-2026")


def test_administrators_need_twelve_characters(district: Scope, sign_in: SignIn) -> None:
    client = sign_in(make.make_user(Role.ADMINISTRATOR, language="en"))
    assert "Use at least 12 characters." in change(client, make.PASSWORD, "Quiet-Har-5")
    assert change(client, make.PASSWORD, "Quiet-Harbour-5") == ""


def test_the_present_password_is_asked_for_and_the_new_one_twice(district: Scope, sign_in: SignIn) -> None:
    client = sign_in(make.make_user(Role.LEADER, language="en"))
    assert "This is not your present password." in change(client, "Wrong-Horse-1", "Quiet-Harbour-5")
    assert "The two new passwords differ" in change(client, make.PASSWORD, "Quiet-Harbour-5", "Quiet-Harbour-6")


def test_the_last_five_are_barred_and_the_sixth_is_not(app: Flask, district: Scope, sign_in: SignIn) -> None:
    client = sign_in(make.make_user(Role.LEADER, language="en"))
    words = [make.PASSWORD, *(f"Quiet-Harbour-{n}" for n in range(5))]
    for before, after in itertools.pairwise(words):
        assert change(client, before, after) == ""
    assert "one of your last 5" in change(client, words[-1], words[1])
    assert change(client, words[-1], words[0]) == "", "the sixth before may come back"
    Scope.system("test").enter()
    assert db.session.query(PastPassword).count() == 5


def test_changing_it_ends_the_other_sessions_and_not_this_one(district: Scope, sign_in: SignIn) -> None:
    user = make.make_user(Role.LEADER)
    here, elsewhere = sign_in(user), sign_in(user)
    assert elsewhere.get("/account").status_code == 200
    assert change(here, make.PASSWORD, "Quiet-Harbour-5") == ""
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


def test_after_ninety_days_it_must_be_changed(district: Scope, client: FlaskClient) -> None:
    fresh, old = calendar.now() - timedelta(days=89), calendar.now() - timedelta(days=91)
    users = [make.make_user(Role.LEADER, password_changed_at=moment) for moment in (fresh, old)]
    db.session.commit()
    for user in users:
        enter(client, user.username, make.PASSWORD)
        where = client.get("/account")
        assert (where.status_code == 303) == (user is users[1])
        send(client, "/sign-out", page="/password")


def test_hashes_are_argon2id_and_appear_nowhere(district: Scope, sign_in: SignIn) -> None:
    user = make.make_user(Role.ADMINISTRATOR)
    other = make.make_user(Role.LEADER)
    client = sign_in(user)
    for path in ("/account", f"/accounts/{other.id}", "/accounts/"):
        assert "argon2" not in fetch(client, path).text
    assert db.session.get(User, user.id).password_hash.startswith("$argon2id$")
