"""The API's common ground: a description that matches the doors, one shape of refusal, a brake; health and figures."""

from collections.abc import Callable

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from eldercare.accounts import services
from eldercare.core import api
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room
from tests import make
from tests.page import fetch

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def ask(app: Flask, district: Scope) -> Callable[..., tuple[int, dict]]:
    """`ask(path)` with the token of a district officer."""
    token, _row = services.make_token(district, make.make_user(Role.DISTRICT_OFFICER).id, "test", 90)
    db.session.commit()

    def send(path: str, method: str = "GET", token: str | None = token, **more: object) -> tuple[int, dict]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = app.test_client().open(path, method=method, headers=headers, **more)
        return answer.status_code, answer.get_json()

    return send


def test_every_door_of_the_api_is_described(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    doors = {
        (api._path(rule), method.lower())
        for rule in app.url_map.iter_rules()
        if isinstance(app.blueprints.get(rule.endpoint.rpartition(".")[0]), Room)
        and app.blueprints[rule.endpoint.rpartition(".")[0]].is_api
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == doors
    assert all(path.startswith("/api/v1/") for path, _method in doors)
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids))


def test_the_description_is_valid_and_can_be_loaded(app: Flask) -> None:
    schema = schemathesis.openapi.from_dict(app.test_client().get("/api/v1/openapi.json").get_json())
    schema.validate()
    assert len(list(schema.get_all_operations())) >= 1


def test_made_up_input_never_makes_a_fault(ask: Callable[..., tuple[int, dict]], app: Flask) -> None:
    from hypothesis import Phase, given, settings

    schema = schemathesis.openapi.from_dict(app.test_client().get("/api/v1/openapi.json").get_json())
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(max_examples=15, phases=[Phase.generate])
        @given(case=operation.as_strategy())
        def attempt(case: object) -> None:
            path = case.formatted_path
            status, body = ask(path, case.method, query_string=dict(case.query or {}))
            assert status < 500, f"{case.method} {path}"
            if status >= 400:
                assert set(body) == {"code", "message", "details"}, f"{case.method} {path}"

        attempt()


def test_refusals_have_one_shape(ask: Callable[..., tuple[int, dict]], app: Flask) -> None:
    for path, method, token, status, code in (
        ("/api/v1/residents", "GET", None, 401, "sign_in.needed"),
        ("/api/v1/residents", "GET", "ec_wrong", 401, "sign_in.needed"),
        ("/api/v1/nothing", "GET", None, 404, "row.not_found"),
    ):
        found, body = ask(path, method, token)
        assert (found, body["code"], set(body)) == (status, code, {"code", "message", "details"})
    assert ask("/api/v1/residents/999999999")[0] == 404
    assert ask("/api/v1/openapi.json", "POST")[0] == 405


def test_a_number_no_row_can_have_leads_nowhere(ask: Callable[..., tuple[int, dict]]) -> None:
    assert ask(f"/api/v1/residents/{2**63}")[0] == 404


def test_pages_hold_what_is_asked_for(ask: Callable[..., tuple[int, dict]], app: Flask) -> None:
    for asked, rows in (("7", 7), ("0", 1), ("9999", 200), ("x", 50), ("", 50)):
        with app.test_request_context(f"/?per_page={asked}"):
            assert api.per_page() == rows


def test_a_program_is_told_what_cannot_be_asked_for(ask: Callable[..., tuple[int, dict]]) -> None:
    for query in ("page=0", "page=x", "per_page=201", "sort=secret", "state=nonsense"):
        status, body = ask(f"/api/v1/facilities?{query}")
        assert (status, body["code"]) == (422, "query.wrong"), query
        assert query.split("=")[1] in body["message"]
    assert ask("/api/v1/facilities?page=2&per_page=200&sort=-name")[0] == 200


def test_too_many_requests_are_slowed_down(ask: Callable[..., tuple[int, dict]], app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setattr(api, "PER_MINUTE", 5)
    api.limiter.reset()
    statuses = [ask("/api/v1/openapi.json", token="ec_hammer")[0] for _ in range(8)]
    assert statuses[:5] == [200] * 5
    assert 429 in statuses
    assert ask("/api/v1/openapi.json", token="ec_other")[0] == 200, "another program is not slowed down"
    assert 429 in {ask("/api/v1/openapi.json", token=f"ec_{n}")[0] for n in range(25)}, "nor does making tokens up help"
    status, body = ask("/api/v1/openapi.json", token="ec_hammer")
    assert (status, body["code"]) == (429, "request.too_many")
    api.limiter.reset()


# ---- health -------------------------------------------------------------------------------------


def test_the_process_answers(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_readiness_names_what_is_missing(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "flask worker" in answer.get_json()["queue"]
    assert "flask clock" in answer.get_json()["clock"]


def test_both_answer_when_the_database_is_down(whole_app: Flask) -> None:
    from sqlalchemy import create_engine

    with whole_app.app_context():
        engine = db.engine
        db._app_engines[whole_app][None] = create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/nothing")
        try:
            client = whole_app.test_client()
            assert client.get("/healthz").status_code == 200
            answer = client.get("/readyz")
            assert answer.status_code == 503
            assert "does not answer" in answer.get_json()["database"]
            with client.session_transaction() as kept:
                kept.update({"_user_id": "1.0", "seen": make.now_stamp(), "language": "en"})
            page = fetch(client, "/sign-in", status=503)
            assert "503" in page.text
            assert client.get("/api/v1/facilities", headers={"Authorization": "Bearer x"}).get_json()["code"] == "database.away"
        finally:
            db.session.remove()
            db._app_engines[whole_app][None] = engine


def test_ready_with_a_clock_and_a_worker(client: FlaskClient, district: Scope) -> None:
    db.session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    db.session.execute(text("INSERT INTO clock_marks (name, at, note) VALUES ('clock', clock_timestamp(), '')"))
    db.session.commit()
    assert client.get("/readyz").status_code == 200
    Scope.system("test").enter()
    db.session.execute(text("UPDATE clock_marks SET at = at - interval '4 minutes' WHERE name = 'clock'"))
    db.session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "240 s ago" in answer.get_json()["clock"]


def test_figures_for_prometheus_to_this_machine_or_a_token_only(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    near, far = app.test_client(), app.test_client()
    far.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    near.get("/sign-in")
    shown = near.get("/metrics")
    assert shown.status_code == 200
    assert 'eldercare_request_seconds_count{endpoint="accounts.sign_in",method="GET",status="200"}' in shown.text
    for name in ("eldercare_audit_entries", "eldercare_sign_in_failures", "eldercare_ready_queue"):
        assert f"\n{name} " in shown.text
    assert far.get("/metrics").status_code == 403
    assert near.get("/metrics", headers={"X-Forwarded-For": "8.8.8.8"}).status_code == 403, "passed on by an unnamed proxy"
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "figures-only")
    assert far.get("/metrics", headers={"Authorization": "Bearer figures-only"}).status_code == 200
    assert far.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
