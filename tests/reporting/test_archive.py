"""The archive: whatever is known of a report finds it, newest month first, within one's reach, in the address."""

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import python_calamine
from flask.testing import FlaskClient

from eldercare.core import calendar, files
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope, scope_of
from eldercare.reporting import queries as reporting
from eldercare.reporting.approval import queries as approval
from eldercare.reporting.archive import jobs, queries
from eldercare.reporting.models import Report
from tests import make
from tests.page import Page, fetch
from tests.reporting.stored import store

AT = "/reporting/"


@pytest.fixture
def kept(district: Scope) -> dict[str, Report]:
    """Two months of a district, a township and a home; a quarter; a paper."""
    township = make.make_township(name="示例东镇", name_en="Example East")
    home = make.make_facility(township, name="示例百岁养老院")
    other = make.make_facility(make.make_township(name="示例西镇", name_en="Example West"), name="示例松柏养老院")
    made = calendar.now()
    rows = {
        "august": store(period="2026-08"),
        "october": store(state="published", number=10, number_year=2026),
        "english": store(language="en", edition=2),
        "township": store("township-monthly", place=township),
        "home": store("facility-monthly", place=home),
        "other": store("facility-monthly", place=other),
        "paper": store("rectification-order", "2026-11", place=home, subject="order:7", cutoff_at=made, title="示例责改〔2026〕12号"),
        "own": store("facility-monthly", "2026-09", place=home, title="示例专题报告"),
    }
    rows["at"], rows["there"] = home.township, home  # type: ignore[assignment]
    db.session.commit()
    return rows


def found(client: FlaskClient, **asked: Any) -> list[int]:
    """The ids of the reports a list shows, in its order."""
    query = "&".join(f"{name}={quote(str(each))}" for name, value in asked.items() for each in ([value] if isinstance(value, str) else value))
    return ids(fetch(client, f"{AT}?{query}"))


def ids(page: Page) -> list[int]:
    links = [a.get("href") for a in page.all("a") if a.get("class") == "row-link"]
    return [int(link.removeprefix(AT)) for link in links]


@pytest.fixture
def officer(kept: dict[str, Report], sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(make.make_user(Role.DISTRICT_OFFICER))


def test_every_mark_of_a_report_finds_it(officer: FlaskClient, kept: dict[str, Any]) -> None:
    def named(**asked: Any) -> set[str]:
        shown = found(officer, **asked)
        return {name for name, row in kept.items() if isinstance(row, Report) and row.id in shown}

    assert named(q="监管月报") == {"august", "october", "english"}  # the kind's name, in either language
    assert named(q="oversight") == {"august", "october", "english"}
    assert named(q="百岁") == {"home", "paper", "own"}
    assert named(q="百岁 月报") == {"home", "own"}  # every word
    assert named(q="专题") == {"own"}
    assert named(q=kept["township"].code.lower()) == {"township"}
    assert named(q="100%") == set()  # no pattern
    assert named(kind=["township-monthly", "rectification-order"]) == {"township", "paper"}
    assert named(months_from="2026-09", months_to="2026-10") == {"october", "english", "township", "home", "other", "own"}
    assert named(months_to="2026-08") == {"august"}
    assert named(place=kept["at"].code) == {"township", "home", "paper", "own"}
    assert named(place="district") == {"august", "october", "english"}
    assert named(language="en") == {"english"}
    assert named(number="10") == named(number="2026-10") == {"october"}
    assert named(number="〔2026〕12") == {"paper"}


def test_the_newest_month_stands_first_and_each_month_has_its_head(officer: FlaskClient, kept: dict[str, Any]) -> None:
    page = fetch(officer, AT)
    heads = [page.words(row) for row in page.all("tr") if row.get("class") == "group"]
    assert heads == ["2026年11月", "2026年10月", "2026年9月", "2026年8月"]
    order = [kept[name].id for name in ("paper", "english", "october", "township")]
    shown = ids(page)
    assert [each for each in shown if each in order] == order  # in a month: the district before townships before homes
    assert shown.index(kept["township"].id) < shown.index(kept["home"].id)
    sorted_page = fetch(officer, f"{AT}?sort=place")
    assert not [row for row in sorted_page.all("tr") if row.get("class") == "group"]


@pytest.mark.parametrize("query", ["months_from=2026-13", "months_from=2026-10&months_to=2026-08", "kind=nothing", "place=999",
                                   "number=" + "9" * 40, "q=" + "%27" * 50, "page=999", "months_from=-1"])  # fmt: skip
def test_what_makes_no_sense_is_left_out_and_said(officer: FlaskClient, query: str) -> None:
    fetch(officer, f"{AT}?{query}")


def test_a_home_finds_its_own_alone_and_few_questions_are_asked(
    kept: dict[str, Any], sign_in: Callable[..., FlaskClient], queries: list[str]
) -> None:
    client = sign_in(make.make_user(Role.FACILITY_MANAGER, kept["there"]))
    page = fetch(client, AT, queries=queries)
    assert set(ids(page)) == {kept["home"].id, kept["paper"].id, kept["own"].id}


def test_the_list_goes_into_a_workbook_as_asked_with_codes_and_hashes(kept: dict[str, Any], district: Scope) -> None:
    person = make.make_user(Role.DISTRICT_OFFICER)
    scope = scope_of(person, P.REPORT_READ)
    assert scope is not None
    run = Run(kind=jobs.LIST, params={"query": {"q": ["百岁"]}}, state="running", person_id=person.id)
    result = jobs.export(scope.enter(), run)
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(files.get(result["file"]))).get_sheet_by_index(0)
    text = str(sheet.to_python())
    assert result["rows"] == 3
    assert kept["home"].code in text
    assert "示例责改〔2026〕12号" in text
    assert kept["other"].code not in text


def test_months_are_those_there_are_reports_of(kept: dict[str, Any], district: Scope) -> None:
    assert [str(month) for month in queries.months(district.enter())] == ["2026-11", "2026-10", "2026-09", "2026-08"]


def test_the_last_report_is_the_one_that_reaches_furthest_whatever_its_period_is_called(district: Scope) -> None:
    def last(language: str = "zh") -> int | None:
        one = reporting.latest(district.enter(), language)
        return one.id if one else None

    assert last() is None
    store("rectification-ledger", "2026-11", edition=2)
    assert last() is None, "what is asked for of any period does not come round"
    quarter = store("quarterly-oversight", "2026Q3")
    assert last() == quarter.id
    december = store(period="2026-12")
    assert last() == december.id
    store("annual-oversight", "2026")
    store("quarterly-oversight", "2026Q4", edition=3)
    assert last() == december.id, "the month's before the year's"
    again, english = store(period="2026-12", edition=2), store(period="2026-12", edition=2, language="en")
    assert (last(), last("en")) == (again.id, english.id)


def test_the_stage_of_a_month_is_that_of_the_report_that_comes_round(district: Scope) -> None:
    waiting = store(state="draft", life="reviewed")
    for edition in (1, 2):
        store("rectification-ledger", edition=edition)
    found = approval.newest(district.enter(), "2026-10", "", "zh")
    assert found is not None
    assert found.id == waiting.id
