"""Free beds of the district: usable − occupied − reserved, by kind, for whom, price and township."""

from datetime import date
from typing import Any

import pytest

from eldercare.beds import queries
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.page import Page, fetch

TODAY = date(2026, 11, 24)


@pytest.fixture
def homes(district: Scope) -> Any:
    """Two homes of two townships: six beds in use with one taken and one reserved, and two beds."""
    one, other = make.make_facility(beds_usable=6, beds_set=7, beds_nursing=2), make.make_facility(beds_usable=9)
    beds = [make.make_bed(one, price_fen=fen, bed_kind=kind) for fen, kind in
            ((100_000, "nursing"), (100_000, "nursing"), (180_000, "general"), (180_000, "general"), (None, "general"), (180_000, "general"))]
    make.make_bed(one, condition="maintenance")
    make.make_bed(one, condition="planned")
    make.make_stay(one, date(2026, 11, 1), bed=beds[0])
    make.make_stay(one, state="contracted", reserved_bed_id=beds[2].id)
    make.make_bed(other, bed_kind="dementia")
    return one, other


def rows(page: Page) -> list[list[str]]:
    table = next(each for each in page.all("table") if "list-table" in (each.get("class") or ""))
    return [[page.words(cell) for cell in row] for row in table.iter("tr")][1:]


def test_a_homes_number_is_usable_minus_occupied_minus_reserved(district: Scope, homes: Any) -> None:
    one, other = (next(each for each in queries.homes(district, TODAY) if each.facility_id == home.id) for home in homes)
    assert (one.usable, one.occupied, one.reserved, one.free, one.agrees) == (6, 1, 1, 4, True)
    assert (other.usable, other.free, other.rows, other.agrees) == (9, 9, 1, False)


def test_every_free_bed_is_in_one_row_and_each_row_opens_its_beds(sign_in: Any, homes: Any) -> None:
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    page = fetch(client, f"/beds/?q={homes[0].name}")
    assert sorted((row[1], row[3], row[4], row[5]) for row in rows(page)) == [
        ("General bed", "¥1,800.00", "2", "3"), ("General bed", "—", "1", "1"), ("Nursing bed", "¥1,000.00", "1", "2"),
    ]
    links = [each.get("href") for each in page.all("a") if "row-link" in (each.get("class") or "")]
    board = fetch(client, next(link for link in links if "price=180000" in link))
    shown = [each for each in board.all("span") if each.find("button") is not None and each.get("hidden") is None]
    assert len(shown) == 2


def test_filters_narrow_by_kind_sex_price_and_township(sign_in: Any, homes: Any) -> None:
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    name = homes[0].name
    assert len(rows(fetch(client, f"/beds/?q={name}&kind=general"))) == 2
    assert len(rows(fetch(client, f"/beds/?q={name}&price=1500-2000"))) == 1
    assert len(rows(fetch(client, f"/beds/?q={name}&price=none"))) == 1
    assert len(rows(fetch(client, f"/beds/?q={name}&sex=female"))) == 3
    assert "No record matches" in fetch(client, f"/beds/?q={name}&kind=dementia").text


def test_a_manager_of_one_home_goes_to_its_board_and_a_township_sees_its_own(sign_in: Any, homes: Any) -> None:
    one, other = homes
    answer = sign_in(make.make_user(Role.FACILITY_MANAGER, one)).get("/beds/")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/beds/{one.id}/")
    from eldercare.facilities.models import Township

    Scope.system("test").enter()
    officer = make.make_user(Role.TOWNSHIP_OFFICER, db.session.get_one(Township, other.township_id))
    page = fetch(sign_in(officer, language="en"), "/beds/")
    assert other.name in page.text
    assert one.name not in page.text


def test_family_care_beds_are_told_apart_and_never_added(sign_in: Any, homes: Any, queries: list[str]) -> None:
    page = fetch(sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en"), "/beds/", queries=queries)
    assert "family care beds are counted apart" in page.text
