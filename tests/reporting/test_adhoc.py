"""Ad-hoc reports: chosen parts, places within one's reach, whole months that have ended; choices live in the address."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eldercare.core import calendar
from eldercare.core.access import P, Role
from eldercare.core.calendar import Month, Quarter, Span
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope, scope_of
from eldercare.reporting import queries as reporting
from eldercare.reporting import render, worker
from eldercare.reporting import services as making
from eldercare.reporting.adhoc import queries, services
from eldercare.reporting.models import Report
from tests import make
from tests.page import fetch
from tests.reports.test_safety_parts import hazard, incident

NEW = "/reporting/adhoc/new"
CHOICE = {"parts": ["capacity", "definitions"], "place": "district", "period": "2026-10", "language": "zh", "title": ""}


@pytest.fixture(autouse=True)
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELDERCARE_TODAY", "2026-11-26")


@pytest.fixture
def quiet(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


def reach(role: Role, place: Any = None) -> Scope:
    scope = scope_of(make.make_user(role, place), P.REPORT_READ)
    assert scope is not None
    return scope


def test_a_span_is_whole_months_and_moves_by_its_own_length() -> None:
    span = calendar.period("2026-03--2026-08")
    assert isinstance(span, Span)
    assert (str(span), span.days, str(span.plus(-1)), str(span.year_ago)) == ("2026-03--2026-08", 184, "2025-09--2026-02", "2025-03--2025-08")
    assert span.cutoff == Month(2026, 8).cutoff
    for text in ("2026-08--2026-03", "2026-08--", "--", "2026-3--2026-08"):
        with pytest.raises(ValueError, match=r".*"):
            calendar.period(text)


@pytest.mark.parametrize(("code", "change"), [
    ("adhoc.no_parts", {"parts": []}), ("adhoc.no_parts", {"parts": ["unheard-of"]}),
    ("adhoc.period_backwards", {"month_from": "2026-10", "month_to": "2026-08"}),
    ("adhoc.period_long", {"month_from": "2022-01", "month_to": "2026-08"}), ("adhoc.period_needed", {"period": None}),
    ("report.too_early", {"period": "2026-11"}), ("report.too_early", {"month_from": "2026-10", "month_to": "2026-12"}),
    ("period.invalid", {"period": "soon"}), ("report.place_wrong", {"place": "999"}), ("adhoc.place_needed", {"place": None}),
    ("report.place_wrong", {"place": None, "townships": ["1", "2"]}),
    ("adhoc.one_or_several", {"townships": ["1"]}),
])  # fmt: skip
def test_what_makes_no_report_is_refused(district: Scope, code: str, change: dict[str, Any]) -> None:
    with pytest.raises(Refused) as no:
        services.ask(reach(Role.DISTRICT_OFFICER).enter(), CHOICE | change)
    assert (no.value.code, bool(no.value.field)) == (code, True)


def test_township_staff_choose_their_own_alone_and_a_manager_the_home(district: Scope) -> None:
    township, there = make.make_township(), make.make_township()
    home, other = make.make_facility(township), make.make_facility(there)
    officer, manager = reach(Role.TOWNSHIP_OFFICER, township), reach(Role.FACILITY_MANAGER, home)
    assert [code for code, _ in queries.places(officer.enter(), "zh")] == [township.code, home.code]
    assert [code for code, _ in queries.places(manager.enter(), "zh")] == [home.code]
    for scope, code in ((officer, "district"), (officer, there.code), (officer, other.code), (manager, township.code)):
        with pytest.raises(Refused, match=r"report\.place_wrong"):
            services.ask(scope.enter(), CHOICE | {"place": code})
    run = services.ask(manager.enter(), CHOICE | {"place": home.code})
    assert (run.facility_id, run.kind) == (home.id, "ad-hoc")


def test_the_same_choice_is_another_edition_another_choice_another_report(district: Scope) -> None:
    scope = reach(Role.DISTRICT_OFFICER).enter()
    first, again = (services.ask(scope, CHOICE) for _ in range(2))
    other = services.ask(scope, CHOICE | {"parts": ["residents"]})
    later = services.ask(scope, CHOICE | {"period": "2026Q3"})
    assert first.place == again.place == later.place
    assert first.place != other.place


def test_it_is_made_sealed_and_says_what_was_chosen_and_no_more(fresh_app: Flask) -> None:
    with fresh_app.app_context():
        Scope.system(P.REPORT_BUILD).enter()
        townships = [make.make_township(name=f"示例{n}镇", name_en=f"Example {n}") for n in "甲乙丙"]
        home, *_ = [make.make_facility(each) for each in townships]
        for day in (date(2026, 5, 6), date(2026, 9, 6)):  # of two spans, so that there is a chart
            hazard(home, day, day, day)
            incident(home, calendar.at(day, 9), "E4", state="closed", closed_at=calendar.at(day, 12))
        db.session.info.pop("owed")  # rows of a register are no acts
        person = make.make_user(Role.DISTRICT_OFFICER)
        db.session.commit()
        scope = scope_of(person, P.REPORT_READ)
        assert scope is not None
        codes = [each.code for each in townships[:2]]
        parts = ["capacity", "hazards", "incidents", "definitions"]
        choice = CHOICE | {"parts": parts, "place": None, "townships": codes, "month_from": "2026-08", "month_to": "2026-10", "title": "示例床位专题"}
        run_id = services.ask(scope.enter(), choice).id
        db.session.commit()
    worker.perform(fresh_app, run_id)
    with fresh_app.app_context():
        Scope.system(P.REPORT_BUILD).enter()
        run = db.session.get_one(Run, run_id)
        assert run.state == "done", run.error_details
        report = db.session.get_one(Report, run.result["report_id"])
        assert (report.state, report.title, report.period) == ("published", "示例床位专题", "2026-08--2026-10")
        assert report.dataset["parts"] == parts
        for part in ("hazards", "incidents"):
            assert [row["period"] for row in report.dataset[part]["trend"]] == ["2026-05--2026-07", "2026-08--2026-10"]
        assert [row["code"] for row in report.dataset["capacity"]["townships"]] == codes  # the third is not in it
        assert making.rebuild(Scope.system(P.REPORT_BUILD), run_id)["identical"]
        with fresh_app.test_request_context():
            told = reporting.place_of(Scope.system(P.REPORT_BUILD).enter(), report, "zh")
            assert told == reporting.job_place(Scope.system(P.REPORT_BUILD).enter(), run, "zh") == "2 个镇街", "not the district"
        shown = render.context("ad-hoc", report.dataset, "zh", 1, report.imprint)
        assert shown["title"] == "示例床位专题"
    render.close()


@pytest.mark.usefixtures("quiet")
def test_choices_live_in_the_address_and_are_kept_under_a_name(
    district: Scope, sign_in: Callable[..., FlaskClient], queries: list[str]
) -> None:
    person, other = make.make_user(Role.DISTRICT_OFFICER), make.make_user(Role.DISTRICT_OFFICER)
    make.make_facility()
    db.session.commit()
    client = sign_in(person)
    link = f"{NEW}?parts=capacity&parts=licences&place=district&period=2026-10&language=en&title=Beds"
    page = fetch(client, link, queries=queries)
    ticked = {box.get("value") for box in page.all("input") if box.get("name") == "parts" and box.get("checked") is not None}
    assert ticked == {"capacity", "licences"}
    assert 'value="Beds"' in page.text
    kept = client.post(NEW, data=CHOICE | {"act": "keep", "name": "示例月度床位"})
    assert kept.status_code == 303
    page = fetch(client, NEW)
    (back,) = [a for a in page.all("a") if page.words(a) == "示例月度床位"]
    assert "parts=capacity" in back.get("href")
    assert fetch(client, back.get("href")).text.count(" checked") >= 2
    assert client.post(NEW, data=CHOICE | {"act": "keep", "name": "示例月度床位"}).status_code == 422
    assert client.post(NEW, data=CHOICE | {"act": "keep", "name": "名" * 41}).status_code == 422
    (drop,) = [form.get("action") for form in page.all("form") if "/presets/" in (form.get("action") or "")]
    stranger = sign_in(other)
    stranger.post(drop)  # another person's stays
    assert "示例月度床位" in fetch(sign_in(person), NEW).text
    sign_in(person).post(drop)
    assert "示例月度床位" not in fetch(sign_in(person), NEW).text


def test_the_indicators_alone_are_those_of_every_part_and_nothing_else_is_sealed(district: Scope) -> None:
    make.make_facility()
    make.make_resident()
    choice = {"parts": ["key_figures"], "title": "", "places": ["district"]}
    found = queries.module().collect(district.enter(), Month(2026, 10), choice)
    every = queries.module().collect(district.enter(), Month(2026, 10))
    assert found["parts"] == ["key_figures"]
    assert found["indicators"] == every["indicators"] != []
    assert not {"capacity", "hazards", "residents"} & set(found)


def test_a_jobs_place_is_told_without_the_mark_of_its_choice(district: Scope) -> None:
    town = make.make_township()
    scope = reach(Role.DISTRICT_OFFICER).enter()
    whole, one = services.ask(scope, CHOICE), services.ask(scope, CHOICE | {"place": town.code})
    told = [reporting.job_place(district.enter(), run, "zh") for run in (whole, one)]
    assert told == ["", town.name]


def test_a_choice_that_came_to_nothing_stands_before_its_own_person_for_a_day_and_before_nobody_else(district: Scope) -> None:
    mine, other = reach(Role.DISTRICT_OFFICER), reach(Role.DISTRICT_OFFICER)
    run = services.ask(mine.enter(), CHOICE)
    run.state, run.attempts, run.finished_at = "failed", 1, calendar.now()
    db.session.flush()
    assert [each.id for each, _place in reporting.unsettled(mine.enter(), "zh")] == [run.id]
    assert reporting.unsettled(other.enter(), "zh") == []
    run.created_at = calendar.now() - timedelta(days=2)
    db.session.flush()
    assert reporting.unsettled(mine.enter(), "zh") == []


def test_forty_names_are_too_many(district: Scope) -> None:
    scope = reach(Role.DISTRICT_OFFICER).enter()
    for n in range(30):
        services.keep(scope, f"示例{n}", {"parts": ["capacity"]})
    with pytest.raises(Refused, match=r"adhoc\.too_many"):
        services.keep(scope, "示例40", {"parts": ["capacity"]})


@pytest.mark.usefixtures("quiet")
def test_the_form_says_at_the_field_what_is_wrong(district: Scope, sign_in: Callable[..., FlaskClient]) -> None:
    make.make_facility()
    person = make.make_user(Role.DISTRICT_OFFICER)
    db.session.commit()
    client = sign_in(person)
    for change in ({"parts": []}, {"month_from": "2026-10", "month_to": "2026-08"}, {"place": "nowhere"}):
        answer = client.post(NEW, data={key: value for key, value in (CHOICE | change).items() if value})
        assert answer.status_code == 422
        assert "field-error" in answer.get_data(as_text=True)
    assert Quarter(2026, 3).last < calendar.today()
