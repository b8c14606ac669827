"""The pages of draws: who may do what, one step after the other, in both languages; the commands of the contract."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections.draws import queries, services
from eldercare.inspections.draws.models import Draw
from tests import make
from tests.inspections.drawn import RULES, drawn, file_of, frozen, library, people, said
from tests.page import fetch

BASE = "/inspections/draws"


@pytest.fixture
def quiet(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return app


def plan(code: str, **values: Any) -> dict[str, Any]:
    today = calendar.today()
    weights = {"weight_a": "0.5", "weight_b": "1", "weight_c": "2", "weight_d": "4", "weight_none": "1"}
    return weights | {
        "title": "示例抽查", "checklists": [code], "facility_types": ["institution"], "percent": "50", "starts_on": today.isoformat(),
        "ends_on": today.replace(month=12, day=31).isoformat(), "team_size": "2", "witness_kind": "person", "witness_named": "示例纪检组", **values,
    }


def test_a_draw_goes_its_way_through_the_pages(quiet: Flask, district: Scope, sign_in: Any, queries: list[str]) -> None:
    _homes, code = library()
    officer, leader = make.make_user(Role.DISTRICT_OFFICER), make.make_user(Role.LEADER)
    mine = sign_in(officer, language="en")
    assert mine.post(f"{BASE}/new", data=plan(code)).status_code == 303
    Scope.system("test").enter()
    row_id = db.session.query(Draw.id).scalar()
    page = f"{BASE}/{row_id}"
    assert "Somebody else must approve this plan" in fetch(mine, page, queries=queries).text
    assert mine.post(f"{page}/approve").status_code == 403  # by its author
    fetch(mine, f"{page}/edit", queries=queries)
    chief = sign_in(leader, language="zh")
    assert "批准方案" in fetch(chief, page).text
    assert chief.post(f"{page}/approve").status_code == 303
    assert "6 places fit the plan now" in fetch(mine, f"{page}/freeze", queries=queries).text
    assert chief.post(f"{page}/freeze").status_code == 403  # approving is not drawing
    assert mine.post(f"{page}/freeze").status_code == 303
    fetch(mine, f"{page}/witness", queries=queries)
    assert mine.post(f"{page}/witness", data={"value": "", "name": "示例", "office": "示例"}).status_code == 422
    for weak in ("7", "1111", "见证值"):
        told = mine.post(f"{page}/witness", data={"value": weak, "name": "示例", "office": "示例"})
        assert (told.status_code, "4 digits or more" in told.text, 'id="value-error-1"' in told.text) == (422, True, True)
    assert "Waiting for the witness" in fetch(mine, page).text
    assert mine.post(f"{page}/witness", data={"value": "314159", "name": "示例", "office": "示例纪检组"}).status_code == 303
    given = fetch(mine, page).text
    assert "Draw now" in given
    assert "Value given, to be drawn" in given
    assert "Waiting for the witness" not in given
    assert mine.post(f"{page}/draw").status_code == 303
    told = fetch(mine, page, queries=queries)
    assert "3" in told.text
    assert mine.post(f"{page}/draw").status_code == 409  # a second tap
    got = mine.get(f"{page}/file")
    assert json.loads(got.data)["result"]["k"] == 3
    fetch(mine, f"{page}/void", queries=queries)
    assert mine.post(f"{page}/void", data={"reason": "示例"}).status_code == 303
    assert mine.post(f"{page}/void/confirm").status_code == 403
    assert "Declare the draw void" not in fetch(mine, page).text
    assert "维持有效" in fetch(chief, page).text
    assert chief.post(f"{page}/void/confirm").status_code == 303
    fetch(mine, f"{BASE}/", queries=queries)


@pytest.mark.parametrize(("wrong", "field"), [
    ({"percent": "", "count": ""}, "percent"), ({"percent": "20", "count": "3"}, "percent"), ({"checklists": []}, "checklists"),
    ({"ends_on": "2026-01-01"}, "ends_on"), ({"weight_a": "0.55"}, "weight_a"), ({"weight_d": "40"}, "weight_d"), ({"team_size": "1"}, "team_size"),
    ({"witness_kind": "public"}, "witness_on"), ({"title": " "}, "title"),
])
def test_what_is_wrong_with_a_plan_is_said_at_its_field(quiet: Flask, district: Scope, sign_in: Any, wrong: dict[str, Any], field: str) -> None:
    _homes, code = library()
    mine = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    answer = mine.post(f"{BASE}/new", data=plan(code, **wrong))
    assert answer.status_code == 422
    assert f'{field}-error-1"' in answer.text


def test_a_township_sees_its_own_visits_and_neither_file_nor_plan_of_others(quiet: Flask, district: Scope, sign_in: Any) -> None:
    author, head = people()
    homes, code = library()
    row = drawn(author, head, code)
    waiting = services.plan(author, author.person_id or 0, **_said(code))
    made = {visit.facility_id for visit in queries.of_day(district, row.id)}
    inside = next(home for home in homes if home.id in made)
    officer = make.make_user(Role.TOWNSHIP_OFFICER, inside.township)
    row_id, waiting_id, name = row.id, waiting.id, inside.name
    others = [home.name for home in homes if home.id in made and home.township_id != inside.township_id]
    client = sign_in(officer, language="zh")
    text = fetch(client, f"{BASE}/{row_id}").text
    assert name in text
    assert not [each for each in others if each in text]
    assert client.get(f"{BASE}/{row_id}/file").status_code == 404
    assert client.get(f"{BASE}/{waiting_id}").status_code == 404
    assert client.post(f"{BASE}/{row_id}/draw").status_code == 403


def _said(code: str) -> dict[str, Any]:
    return said(code)


def test_who_is_left_out_stands_on_the_page_before_and_after_the_freeze(quiet: Flask, district: Scope, sign_in: Any) -> None:
    author, head = people()
    homes, code = library()
    ahead = calendar.today() + timedelta(20)
    for day in (ahead, ahead + timedelta(1)):
        make.make_visit(homes[0], kind="daily", planned_on=day)  # class A: two a year at most
    row = services.plan(author, author.person_id or 0, **said(code))
    services.approve(head, row.id)
    page, name = f"{BASE}/{row.id}", homes[0].name
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    before = fetch(client, f"{page}/freeze").text
    assert "5 places fit the plan now" in before
    assert name in before.partition("Left out at the freeze")[2]
    assert client.post(f"{page}/freeze").status_code == 303
    assert name in fetch(client, page).text.partition("Left out at the freeze")[2]


def test_a_closed_place_is_replaced_from_the_page(quiet: Flask, district: Scope, sign_in: Any) -> None:
    from eldercare.core import states
    from eldercare.facilities.models import Facility

    author, head = people()
    _homes, code = library()
    row = drawn(author, head, code, count=2)
    _raw, body = file_of(district, row)
    out = body["result"]["order"][0]
    row_id = row.id
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    assert "Replace by the next in order" not in fetch(client, f"{BASE}/{row_id}").text
    assert client.post(f"{BASE}/{row_id}/replace/{out}").status_code == 409
    scope = Scope.system("test").enter()
    states.move(scope, scope.get(Facility, out), "suspended")
    db.session.commit()
    assert "Replace by the next in order" in fetch(client, f"{BASE}/{row_id}").text
    assert client.post(f"{BASE}/{row_id}/replace/{out}").status_code == 303
    assert "Replaced" in fetch(client, f"{BASE}/{row_id}").text


def test_the_page_of_a_drawn_visit_leads_to_its_draw_instead_of_calling_it_off(quiet: Flask, district: Scope, sign_in: Any) -> None:
    author, head = people()
    homes, code = library()
    row = drawn(author, head, code)
    visit, other = queries.of_day(district, row.id)[0], make.make_visit(homes[0])
    draw, here, there = f"{BASE}/{row.id}", f"/inspections/{visit.id}", f"/inspections/{other.id}"
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    text = fetch(client, here).text
    assert (f'href="{draw}"' in text, f"{here}/cancel" in text) == (True, False)
    assert f"{there}/cancel" in fetch(client, there).text
    told = client.post(f"{here}/cancel", data={"reason": "not wanted"})
    assert (told.status_code, "what was drawn stands" in told.text) == (422, True)


# ---- the commands --------------------------------------------------------------------------------


def run(app: Flask, *words: str) -> tuple[int, Any, str]:
    done = app.test_cli_runner().invoke(args=["inspections", *words])
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return done.exit_code, json.loads(lines[-1]) if lines and lines[-1].startswith("{") else None, done.stderr


def test_the_commands_draw_and_verify(fresh_app: Flask, tmp_path: Path) -> None:
    scope = Scope.system("test").enter()
    author, head = people()
    _homes, code = library()
    row = frozen(author, head, code)
    row_id, batch, out = row.id, row.batch, tmp_path / "draw.json"
    db.session.commit()
    code_, _told, said = run(fresh_app, "draw", "--plan", str(row_id))
    assert code_ == 2  # the witness has not spoken
    assert "--witness" in said
    code_, told, _ = run(fresh_app, "draw", "--plan", batch, "--witness", "161803", "--witness-office", "示例纪检组", "--out", str(out))
    assert code_ == 0
    assert told | {"valid": True, "batch": batch, "drawn": 3, "of": 6, "kept": True} == told
    code_, told, _ = run(fresh_app, "verify-draw", str(out))
    assert (code_, told["valid"], told["sha256"]) == (0, True, json.loads(out.read_text())["sha256"])
    out.write_text(out.read_text().replace("161803", "161804"))
    code_, told, said = run(fresh_app, "verify-draw", str(out))
    assert (code_, told["valid"]) == (2, False)
    assert told["reason"]
    assert run(fresh_app, "draw", "--plan", batch)[0] == 2  # no second draw
    assert run(fresh_app, "draw", "--plan", "2019-001")[0] == 2
    assert scope.everywhere


def test_an_approved_plan_is_frozen_and_drawn_by_one_command(fresh_app: Flask) -> None:
    Scope.system("test").enter()
    author, head = people()
    _homes, code = library()
    row = services.plan(author, author.person_id or 0, **_said(code))
    services.approve(head, row.id)
    batch = row.batch
    db.session.commit()
    code_, told, said = run(fresh_app, "draw", "--plan", batch, "--witness", "424713")
    assert (code_, told["valid"]) == (0, True)
    assert "commitment" in said


def test_the_clock_announces(district: Scope) -> None:
    from eldercare.core import runs

    author, head = people()
    _homes, code = library()
    drawn(author, head, code)
    run_ = runs.Run(kind="draws_announce", period=(calendar.today() + timedelta(90)).isoformat())
    assert "draws_announce" in runs.SCHEDULES
    assert runs.HANDLERS["draws_announce"](district, run_) == {"announced": 3, "published": 1}
    assert RULES.notice_days == 3
