"""Sessions: they begin empty, end by themselves, and end at once when something about the person changes."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eldercare.accounts import services
from eldercare.core.access import Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.accounts.browser import enter, send, token_of
from tests.page import fetch

SignIn = Callable[..., FlaskClient]


def is_open(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_half_an_hour_without_activity_ends_it(district: Scope, sign_in: SignIn) -> None:
    user = make.make_user(Role.LEADER, language="en")
    assert is_open(sign_in(user, seen=make.now_stamp() - 29 * 60))
    idle = sign_in(user, seen=make.now_stamp() - 31 * 60)
    assert not is_open(idle)
    assert "30 minutes" in idle.get("/language/en?next=/sign-in", follow_redirects=True).text


def test_administrators_have_a_quarter_of_an_hour(district: Scope, sign_in: SignIn) -> None:
    user = make.make_user(Role.ADMINISTRATOR)
    assert is_open(sign_in(user, seen=make.now_stamp() - 14 * 60))
    assert not is_open(sign_in(user, seen=make.now_stamp() - 16 * 60))


def test_twelve_hours_are_the_end_however_busy(district: Scope, sign_in: SignIn) -> None:
    user, hour = make.make_user(Role.LEADER), 3600
    assert is_open(sign_in(user, since=make.now_stamp() - 11 * hour))
    assert not is_open(sign_in(user, since=make.now_stamp() - 13 * hour))


def test_activity_keeps_it_open_and_a_page_that_polls_does_not(district: Scope, sign_in: SignIn) -> None:
    user, before = make.make_user(Role.LEADER), make.now_stamp() - 20 * 60
    polling, busy = sign_in(user, seen=before), sign_in(user, seen=before)
    polling.get("/account", headers={"HX-Request": "true", "HX-Trigger": "run-7"})
    busy.get("/account")
    with polling.session_transaction() as kept:
        assert kept["seen"] == before
    with busy.session_transaction() as kept:
        assert kept["seen"] > before
    assert "Set-Cookie" not in busy.get("/account").headers, "within a minute the cookie is left alone"


def test_pages_opened_side_by_side_after_signing_in_share_one_token(district: Scope, client: FlaskClient) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    with client.session_transaction() as before:
        planted = before["csrf_token"] = "x" * 40
    enter(client, user.username, make.PASSWORD)
    with client.session_transaction() as kept:
        assert kept["csrf_token"] != planted, "what stood before signing in is not kept"
    assert "Set-Cookie" not in client.get("/account").headers, "the cookie of the sign-in holds all that is needed"


def test_nothing_planted_before_signing_in_survives_it(district: Scope, client: FlaskClient) -> None:
    user = make.make_user(Role.LEADER)
    db.session.commit()
    with client.session_transaction() as planted:
        planted.update({"language": "en", "planted": "by a stranger", "place": "x"})
    enter(client, user.username, make.PASSWORD)
    with client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept["place"] == ""
        assert kept["language"] == "en", "the language chosen at the door is kept"


def test_signing_out_empties_the_browser_and_is_logged(district: Scope, sign_in: SignIn) -> None:
    user = make.make_user(Role.LEADER)
    client = sign_in(user)
    assert send(client, "/sign-out", page="/account").location == "/sign-in"
    assert not is_open(client)
    scope = Scope.system("test").enter()
    assert db.session.scalars(scope.select(AuditEntry).where(AuditEntry.action == "user.signed_out")).one().person_id == user.id


def test_signing_out_asks_for_a_token_of_the_page(district: Scope, sign_in: SignIn) -> None:
    client = sign_in(make.make_user(Role.LEADER))
    assert client.post("/sign-out").status_code == 400
    assert is_open(client)


@pytest.mark.parametrize("act", ["disable", "grant", "end grant", "reset"])
def test_what_an_administrator_changes_ends_open_sessions(app: Flask, district: Scope, sign_in: SignIn, act: str) -> None:
    make.make_user(Role.ADMINISTRATOR)
    user = make.make_user(Role.LEADER)
    client = sign_in(user)
    assert is_open(client)
    scope = Scope.system("test").enter()
    if act == "disable":
        services.disable(scope, user.id)
    elif act == "grant":
        services.make_grant(scope, user.id, Role.INSPECTOR, None, user.grants[0].starts_on)
    elif act == "end grant":
        services.end_grant(scope, user.id, user.grants[0].id)
    else:
        services.reset_password(scope, user.id, app.config["CONFIG"])
    db.session.commit()
    assert not is_open(client)


def test_one_can_sign_out_everywhere_else(district: Scope, sign_in: SignIn) -> None:
    user = make.make_user(Role.LEADER)
    here, elsewhere = sign_in(user), sign_in(user)
    token = token_of(fetch(here, "/account").text)
    assert here.post("/account/end-sessions", data={"csrf_token": token}).status_code == 303
    assert is_open(here)
    assert not is_open(elsewhere)


def test_the_language_is_kept_in_the_browser_and_on_the_person(district: Scope, sign_in: SignIn, client: FlaskClient) -> None:
    user = make.make_user(Role.LEADER)
    browser = sign_in(user)
    assert browser.get("/language/en?next=/account?a=1").location == "/account?a=1"
    assert "My account" in fetch(browser, "/account").text
    assert "My account" in fetch(sign_in(user), "/account").text, "another browser of the same person"
    assert client.get("/language/en?next=https://evil.example/").location == "/"
    assert client.get("/language/fr").status_code == 404


def test_a_cookie_does_not_open_the_api(district: Scope, sign_in: SignIn) -> None:
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    assert client.get("/api/v1/residents").status_code == 401, "the API checks no CSRF token, so it takes no cookie"


def test_what_was_typed_outlives_the_sign_in_and_is_sent_again_by_a_press(district: Scope, sign_in: SignIn) -> None:
    home = make.make_facility(make.make_township())
    user, path, own = make.make_user(Role.DISTRICT_OFFICER, language="en"), f"/hazards/new/{home.id}", {"Origin": "http://localhost"}
    typed = {"description": "\u793a\u4f8b:\u901a\u9053\u5806\u7269", "severity": "general"}
    here = sign_in(user, language="en")
    stale = token_of(here.get(path).text)
    with here.session_transaction() as cookie:
        cookie["seen"] = make.now_stamp() - 31 * 60
    kept = here.post(path, data={"csrf_token": stale, **typed}, headers=own)
    assert kept.status_code == 400
    assert typed["description"] in kept.text
    assert "Sign in in a new window" in kept.text
    with here.session_transaction() as cookie:  # signed in again in another window
        cookie.update({"_user_id": user.get_id(), "_fresh": True, "seen": make.now_stamp()})
    kept = here.post(path, data={"csrf_token": "of the session before", **typed}, headers=own)
    assert kept.status_code == 400
    assert "Send it again" in kept.text
    sent = here.post(path, data={"csrf_token": token_of(kept.text), **typed}, headers=own)
    assert sent.status_code == 303
    assert typed["description"] in here.get(sent.location).text


def test_what_another_site_sent_is_never_kept_nor_what_is_typed_where_passwords_are(district: Scope, sign_in: SignIn) -> None:
    here = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    for path, origin in (("/hazards/new", "https://elsewhere.example"), ("/hazards/new", "null"), ("/account/password", "http://localhost")):
        answer = here.post(path, data={"csrf_token": "wrong", "note": "kept-by-mistake"}, headers={"Origin": origin})
        assert answer.status_code in (400, 404)
        assert "kept-by-mistake" not in answer.text
