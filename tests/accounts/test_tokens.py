"""Bearer tokens: the reach of their person, kept as a digest, ended by time, by hand, or with the account."""

import json
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from eldercare.accounts import services
from eldercare.accounts.models import ApiToken
from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.accounts.browser import send
from tests.page import fetch

SignIn = Callable[..., FlaskClient]
PATH = "/api/v1/residents"


def ask(app: Flask, token: str, path: str = PATH) -> int:
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_reads_what_its_person_may(app: Flask, district: Scope) -> None:
    officer, auditor = make.make_user(Role.DISTRICT_OFFICER), make.make_user(Role.AUDITOR)
    tokens = [services.make_token(district, user.id, "test", 90)[0] for user in (officer, auditor)]
    db.session.commit()
    assert [ask(app, token) for token in (*tokens, "ec_wrong", "")] == [200, 403, 401, 401]


def test_it_is_no_key_to_the_pages(app: Flask, district: Scope) -> None:
    token, _row = services.make_token(district, make.make_user(Role.DISTRICT_OFFICER).id, "test", 90)
    db.session.commit()
    assert ask(app, token, "/account") == 303


def test_it_ends_by_time_by_hand_and_with_the_account(app: Flask, district: Scope) -> None:
    user = make.make_user(Role.DISTRICT_OFFICER)
    tokens = [services.make_token(district, user.id, "test", 90) for _ in range(3)]
    tokens[0][1].expires_at = calendar.now() - timedelta(seconds=1)
    make.audit.record(district, "api_token.made", tokens[0][1])
    services.revoke_token(district, user.id, tokens[1][1].id)
    db.session.commit()
    assert [ask(app, token) for token, _row in tokens] == [401, 401, 200]
    scope = Scope.system("test").enter()
    make.make_user(Role.ADMINISTRATOR)
    services.disable(scope, user.id)
    db.session.commit()
    assert ask(app, tokens[2][0]) == 401


def test_only_its_digest_is_kept_and_its_use_is_noted(app: Flask, district: Scope) -> None:
    token, row = services.make_token(district, make.make_user(Role.DISTRICT_OFFICER).id, "test", 90)
    db.session.commit()
    ask(app, token)
    Scope.system("test").enter()
    kept = db.session.execute(text("SELECT t::text FROM api_tokens t")).scalar_one()
    log = db.session.execute(text("SELECT string_agg(e::text, ' ') FROM audit_entries e")).scalar_one()
    assert token not in kept + log
    db.session.refresh(row)
    assert row.last_used_at is not None


def test_a_person_makes_and_revokes_tokens_of_their_own_only(district: Scope, sign_in: SignIn, app: Flask) -> None:
    other = services.make_token(district, make.make_user(Role.LEADER).id, "other", 90)[1]
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER, language="en"))
    told = send(client, "/account/tokens", page="/account", label="monthly figures", days="30").text
    token = told.split("<code>")[1].split("</code>")[0]
    assert ask(app, token) == 200
    page = fetch(client, "/account")
    assert "monthly figures" in page.text
    assert token not in page.text
    Scope.system("test").enter()
    mine = db.session.query(ApiToken).filter_by(label="monthly figures").one()
    assert send(client, f"/account/tokens/{other.id}/revoke", page="/account").status_code == 404
    assert send(client, f"/account/tokens/{mine.id}/revoke", page="/account").status_code == 303
    assert ask(app, token) == 401


def test_the_command_prints_a_token_that_works(app: Flask, district: Scope) -> None:
    user = make.make_user(Role.DISTRICT_OFFICER)
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["users", "token", user.username])
    assert ask(app, json.loads(result.output.splitlines()[-1])["token"]) == 200
