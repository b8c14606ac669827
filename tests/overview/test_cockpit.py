"""The cockpit: the report's own figures, live; each opens as many rows as it says; each part under its own permission."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from eldercare.core import calendar, files
from eldercare.core.access import GRANTS, P, Role
from eldercare.core.calendar import Month, RunningMonth
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township
from eldercare.hazards import services
from eldercare.overview.cockpit import queries
from eldercare.overview.cockpit.listing import NO_TEXTS
from eldercare.overview.cockpit.queries import DISTRICT, Place
from tests import make
from tests.hazards import made as hazards
from tests.incidents import made as incidents
from tests.page import Page, fetch

TODAY = calendar.today()
LAST = Month.of(TODAY).plus(-1)


@pytest.fixture(autouse=True)
def _nothing_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "COCKPIT_KEEP_SECONDS", 0)
    queries.forget()


@pytest.fixture
def a_place(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a home of a township of its own: people, a stay, licences, two hazards that are late and one that is not."""

    def made() -> Any:
        home, seen = furnished()
        here = hazards.place(home)
        hazards.ordered(here)
        with monkeypatch.context() as then:
            then.setattr(calendar, "today", lambda: TODAY - timedelta(days=40))
            for _ in range(2):
                hazards.ordered(here)
        Scope.system("test").enter()
        return seen

    return made


def furnished() -> tuple[Any, Any]:
    """A home with people and licences; what of it is asked for later, as plain values."""
    town = make.make_township()
    home = make.make_facility(town, opened_on=TODAY - timedelta(days=900))
    for days in (-40, -3, 5, 20):
        make.make_licence(home, valid_from=TODAY - timedelta(days=900), valid_to=TODAY + timedelta(days=days))
    village = make.make_village(town)
    for n in range(3):
        make.make_resident(town, village_id=village.id, registered_on=TODAY - timedelta(days=200 + n))
    bed = make.make_bed(home)
    resident = make.make_resident(town, facility_id=home.id, registered_on=TODAY - timedelta(days=100),
                                  living_arrangement="institution")  # fmt: skip
    make.make_stay(home, TODAY - timedelta(days=80), bed=bed, resident=resident)
    named = SimpleNamespace(code=town.code, name=town.name, id=town.id)
    return home, SimpleNamespace(id=home.id, code=home.code, name=home.name, township=named)


def parts(client: Any, query: str = "") -> Page:
    return fetch(client, f"/overview/cockpit/parts{query}")


def section(page: Page, key: str) -> Any:
    return next((each for each in page.all("section") if each.get("id") == f"part-{key}"), None)


def rows_behind(client: Any, address: str) -> int:
    """How many rows the list at an address says it has."""
    page = fetch(client, address)
    return sum(len(body.findall("tr")) for body in page.all("tbody")[:1])


def figures(page: Page) -> dict[str, tuple[str, str]]:
    """{indicator: (value, address of its rows)} as the table shows them."""
    found = {}
    for row in section(page, "key_figures").iter("tr"):
        head = row.find("th")
        if head is not None and head.get("scope") == "row":
            link = head.find("a")
            found[page.words(head)] = (page.words(row.findall("td")[0]), link.get("href") if link is not None else "")
    return found


def leader() -> Any:
    return make.make_user(Role.LEADER)


# ---- the same figures ----


@pytest.mark.parametrize("month", [LAST, LAST.plus(-3)])
def test_a_closed_months_figures_are_those_of_its_report(a_place: Any, district: Scope, month: Month) -> None:
    home = a_place()
    for of, level in ((DISTRICT, "district"), (Place("township", home.township.code, "", "", home.township.id), "township"),
                      (Place("facility", home.code, "", "", home.township.id, home.id), "facility")):  # fmt: skip
        reach = of.of(Scope.system(P.REPORT_BUILD)) or district
        report = queries.report(level)
        sealed = report.collect(reach.enter(), month)
        Scope.system("test").enter()
        person = leader()
        shown = queries.live(district, of, month, queries.reaches(person, of), timedelta()).data
        assert shown["indicators"]
        for key in ("indicators", "trend", "parts", "family_beds", *sealed["parts"]):
            assert shown.get(key) == sealed.get(key), (level, key)


def test_every_part_of_the_reports_says_what_it_needs() -> None:
    for level in queries.REPORTS:
        assert set(queries.report(level).PARTS) <= set(queries.NEEDS), level


def test_the_running_month_reaches_to_today_and_is_compared_with_as_many_days() -> None:
    running = queries.period(str(Month.of(TODAY)), TODAY)
    assert isinstance(running, RunningMonth)
    assert (running.first, running.last) == (TODAY.replace(day=1), TODAY)
    before = running.plus(-1)
    assert (before.first, before.last) == (LAST.first, LAST.first + timedelta(days=TODAY.day - 1))
    assert running.months[0].plus(-1).last == LAST.last, "standings are those of the end of the month"
    assert (running.plus(1).first, running.plus(1).last) == (LAST.plus(2).first, LAST.plus(2).last), "what is to come is whole"
    assert queries.period("2031-01", TODAY).last == TODAY
    assert queries.period(str(LAST), TODAY).last == LAST.last


def test_the_next_month_is_told_to_its_last_day_early_in_this_one(district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELDERCARE_TODAY", "2026-10-10")
    make.make_licence(make.make_facility(), valid_from=TODAY - timedelta(days=900), valid_to=date(2026, 11, 28))
    month, under = queries.period("", calendar.today()), queries.reaches(leader(), DISTRICT)
    ahead = queries.live(Scope.system(P.REPORT_READ), DISTRICT, month, under, timedelta()).data["next_month"]
    assert (ahead["period"], ahead["first"], ahead["last"], ahead["workdays"]) == ("2026-11", "2026-11-01", "2026-11-30", 21)
    assert sum(each["count"] for each in ahead["licences"]) == 1


def test_a_month_that_is_over_is_counted_again_and_says_so(
    district: Scope, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, at = sign_in(leader(), language="en"), "/overview/cockpit/"
    shown = fetch(client, f"{at}?month={LAST}").text
    assert "It is counted again today" in shown
    assert "those of its report" not in shown
    monkeypatch.setenv("ELDERCARE_TODAY", "2026-11-30")  # the last day of a month runs as the others do
    shown = fetch(client, at).text
    assert "is over" not in shown
    assert "compared with as many days" in shown


# ---- the rows behind them ----


def test_each_figure_opens_as_many_rows_as_it_says(a_place: Any, district: Scope, sign_in: Any) -> None:
    a_place()
    make.make_resident()
    house = incidents.house()
    for _ in range(2):
        incidents.reported(house)
    Scope.system("test").enter()
    client = sign_in(leader(), language="en")
    found = figures(parts(client))
    expected = {"Older people registered": 6, "Licences expired": 2, "Hazards found": 1, "Hazards overdue": 2, "Incidents": 2}
    for name, count in expected.items():
        value, address = found[name]
        assert value == str(count), name
        assert rows_behind(client, address) == count, (name, address)


def test_who_asked_for_a_bed_and_what_was_no_hazard_are_not_behind_the_figures(
    a_place: Any, district: Scope, sign_in: Any
) -> None:
    a_place()
    here = hazards.place(make.make_facility())
    for state in ("applied", "in_residence", "rejected"):
        make.make_stay(here.home, TODAY, state=state)
    dismissed = hazards.reported(here)
    services.dismiss(here.scope("inspector", P.HAZARD_ORDER), dismissed.id, "示例：现场核查未见")
    Scope.system("test").enter()
    client = sign_in(leader(), language="en")
    found = figures(parts(client))
    for name, count in (("Moved in", 1), ("Hazards found", 1)):
        value, address = found[name]
        assert (value, rows_behind(client, address)) == (str(count), count), (name, address)
    assert found["Institution beds set up"][1] == "/facilities/?type=institution", "not the list of vacant beds"


def test_what_is_wrong_now_opens_as_many_rows_as_it_says(a_place: Any, district: Scope, sign_in: Any) -> None:
    a_place()
    house = incidents.house()
    for _ in range(2):
        incidents.reported(house)
    Scope.system("test").enter()
    client = sign_in(leader(), language="en")
    page = fetch(client, "/overview/cockpit/")
    light = next(each for each in page.all("section") if "cockpit-light" in (each.get("class") or ""))
    counts = {page.words(each.find("span")): (page.words(each.find("b")), each.get("href")) for each in light.iter("a")
              if each.find("b") is not None and (each.get("href") or "").startswith(("/hazards", "/incidents"))}  # fmt: skip
    assert counts["hazards overdue"][0] == "2"
    for said, (count, address) in counts.items():
        if count != "0":
            assert rows_behind(client, address) == int(count), said


def test_every_address_a_part_names_is_a_door(a_place: Any, app: Flask, district: Scope, sign_in: Any) -> None:
    a_place()
    client = sign_in(leader(), language="zh")
    page = parts(client)
    addresses = {each.get("href") for each in page.all("a") if (each.get("href") or "").startswith("/")}
    assert len(addresses) > 5
    for address in sorted(addresses):
        assert client.get(address).status_code == 200, address


def drills(blocks: list[Any]) -> set[str]:
    """Every address a part's blocks name."""
    found: set[str] = set()
    for block in blocks:
        found |= {each for each in [block.get("drill"), *block.get("links", ())] if each}
        if block["is"] == "tiles":
            found |= {each["drill"] for each in block["list"] if each.get("drill")}
        if block["is"] == "pair":
            found |= drills(block["left"]) | drills(block["right"])
    return found


def test_no_part_names_an_address_that_is_not_there(a_place: Any, app: Flask, district: Scope) -> None:
    a_place()
    month, person = queries.period("", TODAY), leader()
    data = queries.live(district, DISTRICT, month, queries.reaches(person, DISTRICT), timedelta()).data
    words = queries.part_of_paper("words").Words("monthly_oversight", "zh")
    drawn = queries.part_of_paper("assemble").sections(data, words, "", NO_TEXTS)
    named = {address for each in drawn for address in drills(each["blocks"])}
    assert len(named) > 5
    doors = app.url_map.bind("localhost")
    assert not [each for each in sorted(named) if not doors.test(urlsplit(each).path, "GET")]


# ---- whose ----


def test_township_staff_see_their_own_alone(a_place: Any, district: Scope, sign_in: Any) -> None:
    here, there = a_place(), a_place()
    client = sign_in(make.make_user(Role.TOWNSHIP_OFFICER, db.session.get_one(Township, here.township.id)), language="zh")
    for place in ("", there.township.code, there.code):
        page = fetch(client, f"/overview/cockpit/?place={place}")
        assert here.township.name in page.words(page.all("h1")[0]), place
        text = parts(client, f"?place={place}").text
        assert here.name in text
        assert there.name not in text
        assert f"township={there.township.code}" not in text
    choices = [each.get("value") for each in page.all("option")]
    assert here.code in choices
    assert there.code not in choices


def test_the_rows_of_a_township_are_the_townships(a_place: Any, district: Scope, sign_in: Any) -> None:
    here = a_place()
    a_place()
    client = sign_in(leader(), language="en")
    value, address = figures(parts(client, f"?place={here.township.code}"))["Licences expired"]
    assert f"township={here.township.code}" in address
    assert rows_behind(client, address) == int(value) == 2


@pytest.mark.parametrize("role", [Role.LEADER, Role.DISTRICT_OFFICER, Role.INSPECTOR, Role.TOWNSHIP_OFFICER,
                                  Role.FACILITY_MANAGER, Role.CANTEEN_KEEPER])  # fmt: skip
def test_a_part_is_seen_by_whoever_holds_what_it_needs(a_place: Any, district: Scope, sign_in: Any, role: Role) -> None:
    home = a_place()
    town = db.session.get_one(Township, home.township.id)
    canteen, house = make.make_facility(town, facility_type="canteen"), db.session.get_one(Facility, home.id)
    place = {Role.TOWNSHIP_OFFICER: town, Role.FACILITY_MANAGER: house, Role.CANTEEN_KEEPER: canteen}.get(role)
    page = parts(sign_in(make.make_user(role, place), language="zh"))
    seen = {(each.get("id") or "").removeprefix("part-") for each in page.all("section") if each.get("id")}
    assert "summary" in seen
    barred = {key for key in seen if queries.NEEDS[key] not in GRANTS[role]}
    assert not barred


def test_a_figure_without_the_right_to_its_rows_has_no_link(a_place: Any, district: Scope, sign_in: Any) -> None:
    a_place()
    page = parts(sign_in(make.make_user(Role.INSPECTOR), language="en"))  # an inspector does not read the register
    assert not [each for each in page.all("a") if urlsplit(each.get("href") or "").path == "/residents/"]


def test_a_photo_is_handed_out_where_a_part_shows_it_and_nowhere_else(district: Scope, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, hidden = (files.put(b"picture " + name, secret=True) for name in (b"shown", b"hidden"))
    kept = queries.Live(calendar.now(), {"photos": [shown]})
    monkeypatch.setattr(queries, "live", lambda *_all: kept)
    client = sign_in(leader())
    answer = client.get(f"/overview/cockpit/photos/{shown}")
    assert (answer.status_code, answer.content_type, answer.data) == (200, "image/jpeg", b"picture shown")
    assert client.get(f"/overview/cockpit/photos/{hidden}").status_code == 404


# ---- cost ----


def test_what_is_collected_does_not_grow_with_the_rows(a_place: Any, district: Scope, sign_in: Any, queries: list[str]) -> None:
    a_place()
    client = sign_in(leader(), language="zh")
    parts(client)
    asked = []
    for _ in range(2):
        queries.clear()
        parts(client)
        asked.append(len([each for each in queries if each.lstrip().startswith(("SELECT", "WITH"))]))
        Scope.system("test").enter()
        for _more in range(3):
            a_place()
    assert asked[1] <= asked[0] + 2, asked


def test_what_was_collected_is_kept_for_its_time_and_for_this_reach_alone(a_place: Any, district: Scope) -> None:
    here, there = a_place(), a_place()
    places = [Place("township", each.township.code, "", "", each.township.id) for each in (here, there)]
    person, minute = leader(), timedelta(minutes=1)
    month = queries.period("", TODAY)
    first = queries.live(district, places[0], month, queries.reaches(person, places[0]), minute)
    assert queries.live(district, places[0], month, queries.reaches(person, places[0]), minute) is first
    assert queries.live(district, places[1], month, queries.reaches(person, places[1]), minute).data["place"] != first.data["place"]
    officer = make.make_user(Role.INSPECTOR)
    assert queries.live(district, places[0], month, queries.reaches(officer, places[0]), minute) is not first
    assert queries.live(district, places[0], month, queries.reaches(person, places[0]), timedelta()) is not first
