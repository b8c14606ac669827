"""Boards, lists, JSON, the workbook: the same numbers everywhere, each in its reach."""

from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from eldercare.accounts.services.people import make_token
from eldercare.core import calendar, files, runs
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.selfchecks import services
from tests import make
from tests.page import fetch
from tests.selfchecks.made import DAY, House, day_made, rules, walk


@pytest.fixture
def month(house: House) -> House:
    """A night with its first round walked, the rest missed; it is the next morning."""
    day_made(house)
    walk(house, house.rounds(duty="patrol_night")[0], begin=calendar.at(DAY, 20, 30))
    services.watch(Scope.system("test").enter(), house.at(9, 0, DAY.replace(day=25)), rules())
    return house


@pytest.mark.parametrize("language", ["zh", "en"])
def test_officers_see_places_by_days_and_what_was_missed_last_night(month: House, sign_in: Any, language: str) -> None:
    name, home = month.home.name, month.home.id
    elsewhere = make.make_user(Role.TOWNSHIP_OFFICER, make.make_township())
    browser = sign_in(month.township, language=language)
    page = fetch(browser, "/selfchecks/").text
    assert page.count(name) >= 2  # in the list of last night and in the matrix
    assert f"/selfchecks/homes/{home}/board?month=2026-11&amp;day=2026-11-24" in page
    assert name not in fetch(sign_in(elsewhere, language=language), "/selfchecks/").text
    for kind in ("township_center", "village_station", "canteen", "nonsense"):
        fetch(browser, f"/selfchecks/?kind={kind}&month=2025-02")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_day_of_the_calendar_opens_its_rounds(month: House, sign_in: Any, language: str) -> None:
    home = month.home.id
    browser = sign_in(month.manager, language=language)
    page = fetch(browser, f"/selfchecks/homes/{home}/board?month=2026-11&day=2026-11-24").text
    assert page.count("/selfchecks/rounds/") >= 8
    assert "12.5%" in page  # one of eight in time
    for odd in ("month=2099-01", "month=x&day=y", "day=2026-10-01", "month=2026-10"):
        fetch(browser, f"/selfchecks/homes/{home}/board?{odd}")


def test_the_list_narrows_and_goes_out_as_a_workbook(month: House, sign_in: Any) -> None:
    home = month.home.id
    browser = sign_in(month.district, language="en")
    assert "7 records" in fetch(browser, f"/selfchecks/rounds/?state=missed&home={home}").text
    assert "5 records" in fetch(browser, f"/selfchecks/rounds/?state=missed&duty=patrol_night&home={home}").text
    scope = month.scope("district", P.SELFCHECK_READ)
    run = runs.Run(kind="selfchecks_export", period="", params={"query": {"state": ["missed"]}})
    told = runs.HANDLERS["selfchecks_export"](scope, run)
    rows = CalamineWorkbook.from_filelike(BytesIO(files.get(told["file"]))).get_sheet_by_index(0).to_python()
    assert told["rows"] == 7
    assert sum(month.home.name in row for row in rows) == 7


def test_json_tells_rounds_and_rates_in_reach(month: House, app: Any) -> None:
    home, district = month.home.id, month.district
    make.make_facility()
    number = month.rounds(duty="patrol_night")[0].id
    Scope.system("test").enter()
    token, _row = make_token(Scope.system("test"), district.id, "test", 1)
    db.session.commit()
    client, head = app.test_client(), {"Authorization": f"Bearer {token}"}
    listed = client.get("/api/v1/selfchecks/?duty=patrol_night", headers=head).get_json()
    assert listed["total"] == 6
    assert client.get(f"/api/v1/selfchecks/{number}", headers=head).get_json()["state"] == "done"
    told = client.get("/api/v1/selfchecks/compliance?month=2026-11", headers=head).get_json()["places"]
    assert [(each["facility_id"], each["due"], each["done"], each["missed"]) for each in told] == [(home, 8, 1, 7)]
    assert told[0]["rate"] == pytest.approx(1 / 8)
