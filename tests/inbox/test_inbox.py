"""The inbox: what is mine, in order of time; opening goes to the thing itself and counts as seen."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from eldercare.core import alerts, calendar
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inbox import services
from tests import make
from tests.accounts.browser import send
from tests.page import fetch

SignIn = Callable[..., FlaskClient]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    page = {"endpoint": "facilities.show", "ident": "facility_id"}
    alerts.kind(alerts.Kind("test.todo", "Lift stands since %(day)s", P.STAFF_READ, **page, steps=(alerts.Step(HOUR, "district"),)))
    alerts.kind(alerts.Kind("test.know", "A new ramp", P.STAFF_READ, **page, is_todo=False))
    yield
    for name in ("test.todo", "test.know"):
        alerts.KINDS.pop(name)


def manager(home: Any) -> Any:
    return make.make_user(Role.FACILITY_MANAGER, home, language="en")


def test_a_to_do_shows_its_words_its_place_and_how_late_it_is(district: Scope, sign_in: SignIn) -> None:
    home = make.make_facility()
    alerts.tell(district, "test.todo", home, due_at=calendar.now() - 3 * HOUR, day=calendar.today())
    browser = sign_in(manager(home))
    page = fetch(browser, "/inbox/")
    assert "Lift stands since 24 Nov 2026" in page.text
    assert home.name in page.text
    assert "3 hours late" in page.text
    assert browser.get("/inbox/count").json == {"todo": 1, "know": 0, "late": 1}


def test_opening_news_leads_to_the_thing_and_it_waits_no_more(district: Scope, sign_in: SignIn) -> None:
    home = make.make_facility()
    told = alerts.tell(district, "test.know", home)
    browser = sign_in(manager(home))
    answer = browser.get(f"/inbox/{told}")
    assert answer.location == f"/facilities/{home.id}"
    assert browser.get("/inbox/count").json["know"] == 0
    assert "A new ramp" not in fetch(browser, "/inbox/know").text
    assert "A new ramp" in fetch(browser, "/inbox/done").text


def test_a_to_do_waits_until_it_is_done_however_often_it_is_opened(district: Scope, sign_in: SignIn) -> None:
    home = make.make_facility()
    told = alerts.tell(district, "test.todo", home, day=calendar.today())
    browser = sign_in(manager(home))
    browser.get(f"/inbox/{told}")
    assert browser.get("/inbox/count").json["todo"] == 1
    Scope.system("test").enter()
    alerts.settle(district, home)
    db.session.commit()
    assert browser.get("/inbox/count").json["todo"] == 0


def test_all_news_is_seen_with_one_button(district: Scope, sign_in: SignIn) -> None:
    home = make.make_facility()
    for number in range(3):
        alerts.tell(district, "test.know", home, occasion=str(number))
    browser = sign_in(manager(home))
    send(browser, "/inbox/seen", page="/inbox/know")
    assert browser.get("/inbox/count").json["know"] == 0


def test_another_homes_alert_is_not_there(district: Scope, sign_in: SignIn) -> None:
    home, other = make.make_facility(), make.make_facility()
    told = alerts.tell(district, "test.todo", other, day=calendar.today())
    assert sign_in(manager(home)).get(f"/inbox/{told}").status_code == 404


def test_what_came_up_says_so_to_the_district(district: Scope, sign_in: SignIn) -> None:
    home = make.make_facility()
    alerts.tell(district, "test.todo", home, due_at=calendar.now() - 2 * HOUR, day=calendar.today())
    alerts.climb(district, calendar.now())
    browser = sign_in(make.make_user(Role.DISTRICT_OFFICER, language="en"))
    assert "Nobody below has settled it in time" in fetch(browser, "/inbox/").text


@pytest.mark.parametrize("typed", ["somebody", "a@b", "two@x.cn, more@x.cn", "<a@x.cn>"])
def test_a_wrong_address_is_said_at_the_field(sign_in: SignIn, district: Scope, typed: str) -> None:
    browser = sign_in(manager(make.make_facility()))
    answer = send(browser, "/inbox/address", address=typed, is_on="y")
    assert answer.status_code == 422
    assert "It looks like name@example.cn" in answer.text
    assert typed.replace("<", "&lt;").replace(">", "&gt;") in answer.text, "what was typed is still there"


def test_a_poll_does_not_keep_a_session_awake(district: Scope, sign_in: SignIn) -> None:
    browser = sign_in(manager(make.make_facility()), seen=make.now_stamp() - 600)
    browser.get("/inbox/count", headers={"X-Poll": "1"})
    with browser.session_transaction() as cookie:
        assert cookie["seen"] < make.now_stamp() - 500
    browser.get("/inbox/")
    with browser.session_transaction() as cookie:
        assert cookie["seen"] > make.now_stamp() - 60


def test_the_administrator_sees_what_became_of_mails_and_no_address(district: Scope, sign_in: SignIn) -> None:
    import dataclasses

    person = make.make_user(Role.DISTRICT_OFFICER)
    services.set_address(dataclasses.replace(district, person_id=person.id), "someone@example.cn", is_on=True)
    page = fetch(sign_in(make.make_user(Role.ADMINISTRATOR, language="en")), "/inbox/mails")
    assert "trial mail" in page.text
    assert "someone@" not in page.text
