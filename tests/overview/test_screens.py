"""A wall screen: connected once by a code, it opens one page and nothing else, and ends when somebody says so."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from eldercare.core import calendar
from eldercare.core.access import P, Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope, scope_of
from eldercare.overview.cockpit import queries as cockpit
from eldercare.overview.screens import services
from eldercare.overview.screens.models import WallScreen
from tests import make
from tests.house.test_routes import address, rules
from tests.page import fetch

WALL = "/overview/screens/wall/"


@pytest.fixture(autouse=True)
def _nothing_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "COCKPIT_KEEP_SECONDS", 0)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    cockpit.forget()


def set_up(person: Any, township: Any = None) -> tuple[str, int]:
    """A screen a person has set up: its code and its id."""
    scope = scope_of(person, P.SCREEN_EDIT)
    assert scope is not None
    code, row = services.make(scope.enter(), "示例大屏", township.id if township else None, "hazards", 30)
    db.session.flush()
    made = code, row.id
    db.session.commit()
    Scope.system("test").enter()
    return made


def connected(app: Flask, code: str) -> Any:
    """A browser that has typed the code in."""
    browser = app.test_client()
    answer = browser.post(f"{WALL}connect", data={"code": code.lower().replace("-", " ")})
    assert answer.status_code == 303, answer.get_data(as_text=True)[-2000:]
    return browser


def test_a_screen_is_connected_once_and_shows_figures_and_places_but_no_person(app: Flask, district: Scope) -> None:
    town = make.make_township(lon=120.5, lat=36.4)
    home = make.make_facility(town)
    name, short = make.make_resident(town, facility_id=home.id).name, town.short_name
    code, screen_id = set_up(make.make_user(Role.LEADER))
    wall = connected(app, code)
    page = fetch(wall, WALL)
    assert page.all("main")[0].get("data-url")
    areas = next(each for each in page.all("script") if each.get("data-areas-data") is not None)
    assert short in [each["name"] for each in json.loads(areas.text)["areas"]]
    assert name not in page.text
    assert not re.search(r"\d{15}", page.text)
    other = app.test_client()
    assert other.post(f"{WALL}connect", data={"code": code}).status_code == 422
    assert other.get(WALL).headers["Location"].endswith("/connect")
    Scope.system("test").enter()
    told = db.session.query(AuditEntry.action).filter(AuditEntry.entity == "screen", AuditEntry.entity_id == str(screen_id))
    assert {row[0] for row in told} == {"screen.made", "screen.connected"}


def test_its_token_opens_nothing_else(app: Flask, district: Scope) -> None:
    from tests.house.people import make_world
    from tests.house.test_routes import ids_of

    world = make_world()
    ids = ids_of(world.here)
    db.session.commit()
    code, _ = set_up(world.people[Role.LEADER])
    wall = connected(app, code)
    token = wall.get_cookie("eldercare_screen", path="/overview/screens/wall").value
    wall.set_cookie("eldercare_screen", token, path="/")  # even sent where it does not belong
    stranger = app.test_client()
    for rule, method in rules(app):
        if method != "GET" or rule.endpoint.startswith("screens.wall") or rule.rule in ("/readyz", "/metrics"):
            continue
        path = address(app, rule, ids)
        mine, theirs = wall.get(path), stranger.get(path)
        assert (mine.status_code, mine.headers.get("Location")) == (theirs.status_code, theirs.headers.get("Location")), path


def test_a_disconnected_screen_ends_at_once(app: Flask, district: Scope, sign_in: Any) -> None:
    leader = make.make_user(Role.LEADER)
    code, screen_id = set_up(leader)
    wall = connected(app, code)
    assert wall.get(WALL, headers={"X-Poll": "1"}).status_code == 200
    assert sign_in(leader).post(f"/overview/screens/{screen_id}/revoke").status_code == 303
    assert wall.get(WALL, headers={"X-Poll": "1"}).status_code == 410
    assert wall.get(WALL).headers["Location"].endswith("/connect")


def test_a_screen_shows_what_its_maker_may_see_today(app: Flask, district: Scope) -> None:
    leader = make.make_user(Role.LEADER)
    code, _ = set_up(leader)
    wall = connected(app, code)
    assert wall.get(WALL, headers={"X-Poll": "1"}).status_code == 200
    Scope.system("test").enter()
    from eldercare.core import audit

    leader.is_enabled = False
    audit.record(Scope.system("test"), "user.disabled", leader)
    db.session.commit()
    assert wall.get(WALL, headers={"X-Poll": "1"}).status_code == 410


def test_a_code_is_good_for_its_time_alone_and_so_is_a_screen(app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    person = make.make_user(Role.LEADER)
    code, _ = set_up(person)
    late = calendar.real_now() + timedelta(minutes=31)
    with monkeypatch.context() as then:
        then.setattr(calendar, "real_now", lambda: late)
        assert app.test_client().post(f"{WALL}connect", data={"code": code}).status_code == 422
    wall = connected(app, code)
    over = calendar.real_now() + timedelta(days=181)
    monkeypatch.setattr(calendar, "real_now", lambda: over)
    assert wall.get(WALL, headers={"X-Poll": "1"}).status_code == 410


def test_a_township_sets_up_screens_of_its_own_and_touches_no_others(app: Flask, district: Scope, sign_in: Any) -> None:
    here, there = make.make_township(), make.make_township()
    name, ids = here.name, (here.id, there.id)
    _, others = set_up(make.make_user(Role.LEADER))
    officer = make.make_user(Role.TOWNSHIP_OFFICER, here)
    client = sign_in(officer, language="en")
    said = {"name": "示例", "shows": "hazards"}
    assert client.post("/overview/screens/new", data=said | {"place": "district"}).status_code == 422
    assert client.post("/overview/screens/new", data=said | {"place": str(ids[1])}).status_code == 422
    made = client.post("/overview/screens/new", data=said | {"place": str(ids[0])})
    assert made.status_code == 200
    code = re.search(r"<code>([0-9A-Z-]{14})</code>", made.get_data(as_text=True))
    assert code
    assert client.post(f"/overview/screens/{others}/revoke").status_code == 404
    assert len(fetch(client, "/overview/screens/").all("tbody")[0].findall("tr")) == 1
    wall = connected(app, code[1])
    assert name in wall.get(WALL).get_data(as_text=True)


def test_only_hashes_are_kept(app: Flask, district: Scope) -> None:
    code, screen_id = set_up(make.make_user(Role.LEADER))
    wall = connected(app, code)
    token = wall.get_cookie("eldercare_screen", path="/overview/screens/wall")
    Scope.system("test").enter()
    row = db.session.get_one(WallScreen, screen_id)
    assert row.code_hash is None
    assert token.value not in (row.token_hash, row.name)
    assert token.http_only
    assert token.same_site == "Strict"


def test_a_wall_does_not_keep_a_session_awake(district: Scope, sign_in: Any) -> None:
    client = sign_in(make.make_user(Role.LEADER), seen=make.now_stamp() - 600, since=make.now_stamp() - 600)
    with client.session_transaction() as before:
        seen = before["seen"]
    assert client.get("/overview/cockpit/screen", headers={"X-Poll": "1"}).status_code == 200
    with client.session_transaction() as after:
        assert after["seen"] == seen


def test_every_figure_of_the_wall_is_the_cockpits(district: Scope, sign_in: Any) -> None:
    make.make_facility()
    make.make_resident()
    client = sign_in(make.make_user(Role.LEADER), language="en")
    wall = fetch(client, "/overview/cockpit/screen")
    shown = [(wall.words(each.find("span")), wall.words(each.find("b"))) for each in wall.all("div") if each.get("class") == "screen-figure"]
    assert len(shown) >= 3
    values = fetch(client, "/overview/cockpit/parts").text
    assert all(value in values for _, value in shown)
