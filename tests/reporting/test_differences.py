"""Two editions beside each other; what came late stands in the next issue as a correction, and the published one stays."""

import copy
import io
import json
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask import Flask

from eldercare.accounts.models import User
from eldercare.core import audit, calendar, files
from eldercare.core.access import P, Role
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting import render, worker
from eldercare.reporting.approval import services as life
from eldercare.reporting.differences import queries
from eldercare.reporting.models import Report
from tests import make
from tests.reporting.test_life import KIND, as_, draft, drawn_already


def two(change: Any) -> tuple[Report, Report]:
    """Two editions; `change(data)` is what the second says differently."""
    (old,) = draft(said={"parts": [*dict.fromkeys([*render.sample(KIND)["parts"], "assessment"])]})
    data = copy.deepcopy(old.dataset)
    change(data)
    run = Run(kind=KIND, period="2026-10", state="done", finished_at=calendar.now())
    db.session.add(run)
    db.session.flush()
    new = Report(
        run_id=run.id, kind=KIND, period="2026-10", language="zh", edition=2, template_version=old.template_version, life="reviewed",
        cutoff_at=calendar.now(), state="draft", dataset=data, dataset_sha256="1" * 64, imprint=dict(render.BLANK),
        drawn_sha256="1" * 64, drawn_bytes=1, pdf_sha256="1" * 64, pages=1, bytes=1, reason="示例迟报",
    )  # fmt: skip
    db.session.add(new)
    db.session.flush()
    return old, new


def indicator(data: Any, key: str) -> Any:
    return next(each for each in data["indicators"] if each["key"] == key)


def test_a_figure_that_differs_is_told_with_old_new_and_difference(district: Scope) -> None:
    def change(data: Any) -> None:
        indicator(data, "elders")["value"]["n"] += 3

    old, new = two(change)
    was, is_now = (indicator(each.dataset, "elders")["value"]["n"] for each in (old, new))
    found = queries.differences(old, new, "zh")
    changes = [each for section in found for each in section.changes]
    (told,) = [each for each in changes if each.old == f"{was:,}"]
    assert (told.what, told.new, told.by) == ("changed", f"{is_now:,}", "+3")
    assert "在册" in told.row
    assert queries.differences(old, old, "zh") == []


def test_rows_that_came_and_went_are_told(district: Scope) -> None:
    def change(data: Any) -> None:
        gone = data["licences"]["rows"].pop(0)
        data["licences"]["rows"].append({**gone, "facility": "示例新机构"})

    old, new = two(change)
    found = [each for section in queries.differences(old, new, "zh") for each in section.changes]
    assert any(each.what == "added" and "示例新机构" in each.row for each in found)
    assert any(each.what == "removed" and old.dataset["licences"]["rows"][0]["facility"] in each.row for each in found)


def test_words_that_differ_stand_before_and_now(district: Scope) -> None:
    old, new = two(lambda _data: None)
    old.imprint = old.imprint | {"texts": {"assessment": ["总体平稳。"], "requirements": [], "next_month": []}}
    new.imprint = new.imprint | {"texts": {"assessment": ["总体向好。", "另加一段。"], "requirements": [], "next_month": []}}
    said = [(each.what, each.old, each.new) for section in queries.differences(old, new, "zh") for each in section.sentences]
    assert said == [("changed", "总体平稳。", "总体向好。"), ("added", "", "另加一段。")]


def test_after_the_templates_changed_the_sealed_figures_themselves_are_compared(district: Scope) -> None:
    def change(data: Any) -> None:
        indicator(data, "elders")["value"]["n"] += 1
        del data["capacity"]["townships"]  # as if it had been sealed before that was collected

    old, new = two(change)
    found = {each.part: each for each in queries.differences(old, new, "zh")}
    assert [each.row for each in found["indicators"].changes] == ["elders · value · n"]
    assert {each.what for each in found["capacity"].changes} == {"removed"}


def test_the_page_and_its_workbook_tell_the_same(fresh_app: Flask) -> None:
    Scope.system("test").enter()

    def change(data: Any) -> None:
        indicator(data, "elders")["value"]["n"] += 3

    old, new = two(change)
    user = make.make_user(Role.DISTRICT_OFFICER)
    ids, value = (old.id, new.id), f"{indicator(new.dataset, 'elders')['value']['n']:,}"
    db.session.commit()
    fresh_app.config["WTF_CSRF_ENABLED"] = False
    browser = fresh_app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update({"_user_id": db.session.merge(user).get_id(), "_fresh": True, "seen": make.now_stamp()})
    db.session.commit()
    page = browser.get(f"/reporting/{ids[1]}/differences/{ids[0]}").text  # either way round: the older is the old one
    assert value in page
    assert "示例迟报" in page
    sent = browser.post(f"/reporting/{ids[0]}/differences/{ids[1]}/export")
    assert sent.status_code == 303
    worker.drain(fresh_app)
    run = db.session.get_one(Run, int(sent.headers["Location"].rsplit("/", 1)[1])) if Scope.system("test").enter() else None
    assert run is not None
    assert run.state == "done", run.error_details
    cells = [str(cell) for row in openpyxl.load_workbook(io.BytesIO(files.get(run.result["file"]))).active.values for cell in row]
    assert value in cells
    assert "+3" in cells


def test_other_reports_are_no_editions_of_this_one(district: Scope, sign_in: Any) -> None:
    (one,) = draft()
    run = Run(kind="facility-monthly", period="2026-10", state="done", finished_at=calendar.now())
    db.session.add(run)
    db.session.flush()
    other = Report(
        run_id=run.id, kind="facility-monthly", period="2026-10", place="JG001", language="zh", template_version="1",
        cutoff_at=calendar.now(), dataset={}, dataset_sha256="0" * 64, drawn_sha256="0" * 64, drawn_bytes=1, pdf_sha256="0" * 64,
        pages=1, bytes=1, keep_until=date(2056, 10, 31),
    )  # fmt: skip
    db.session.add(other)
    db.session.flush()
    ids = one.id, other.id
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    assert client.get(f"/reporting/{ids[0]}/differences/{ids[1]}").status_code == 404
    assert client.get(f"/reporting/{ids[0]}/differences/{ids[0]}").status_code == 404


# ---- late data --------------------------------------------------------------------------------------


@pytest.fixture
def published(district: Scope) -> Report:
    """September as it was published: one older person on the register."""
    rest = [each for each in render.sample(KIND)["indicators"] if each["key"] != "elders"]
    elders = {"key": "elders", "value": {"n": 1}, "previous": None, "year_ago": None, "better": None, "target": None}
    return september({"indicators": [*rest, elders]})


def september(said: dict[str, Any]) -> Report:
    """An issue of September that was reviewed, approved and published."""
    (row,) = draft("2026-09", said=said)
    users: list[User] = [make.make_user(role) for role in (Role.DISTRICT_OFFICER, Role.LEADER)]
    drawn_already([row])
    life.review(as_(users[0], P.REPORT_REVIEW), row.id)
    life.approve(as_(users[1], P.REPORT_APPROVE), row.id)
    row.published_at, row.number, row.number_year, row.keep_until = calendar.now(), 9, 2026, date(2056, 9, 30)
    row.imprint = row.imprint | {"number": {"year": 2026, "number": 9}}
    life.states.move(Scope.system("test").enter(), row, "published")
    db.session.flush()
    return row


def test_late_data_are_a_correction_in_the_next_issue_and_the_published_one_stays(published: Report) -> None:
    town = make.make_township()
    for _ in range(2):  # one of them was entered late: both were on the register in September
        make.make_resident(town, registered_on=calendar.Month(2026, 8).first)
    scope = Scope.system("test").enter()
    module = reporting.kind_of(KIND)
    data = json.loads(render.canonical(module.collect(scope, Month(2026, 10))))
    assert data["corrections"]["number"] == {"year": 2026, "number": 9}
    page = render.html(KIND, data, "zh", imprint=render.BLANK)
    assert "2026年第9期" in page
    assert "由1更正为2（+1）" in page
    english = render.html(KIND, data, "en", imprint=render.BLANK)
    assert "corrected from 1 to 2" in english
    assert indicator(published.dataset, "elders")["value"] == {"n": 1}


def test_nothing_came_late_and_nothing_is_said(published: Report) -> None:
    make.make_resident(make.make_township(), registered_on=calendar.Month(2026, 8).first)
    data = json.loads(render.canonical(reporting.kind_of(KIND).collect(Scope.system("test").enter(), Month(2026, 10))))
    told = {each["key"]: each["value"] for each in data["corrections"]["indicators"]}
    assert told["elders"] == {"n": 1}
    page = render.html(KIND, data, "zh", imprint=render.BLANK)
    assert "在册老年人（人）由" not in page


def test_beds_set_up_since_are_no_correction_of_the_issue_before(district: Scope) -> None:
    home = make.make_facility(opened_on=date(2026, 1, 1), beds_set=50, beds_usable=48, beds_nursing=20)
    for day in (date(2026, 9, 3), date(2026, 10, 6)):
        make.make_stay(home, day)
    scope, module = Scope.system("test").enter(), reporting.kind_of(KIND)
    told = module.collect(scope, Month(2026, 9))
    september({"indicators": told["indicators"], "trend": told["trend"]})
    home.beds_set, home.beds_usable = 70, 66
    audit.record(scope, "facility.changed", home)
    db.session.flush()
    data = json.loads(render.canonical(module.collect(scope, Month(2026, 10))))
    before = {each["key"]: each["value"] for each in told["indicators"]}
    for key in ("beds_set", "nursing_share", "in_residence", "occupancy", "occupancy_usable"):
        assert indicator(data, key)["previous"] == before[key] != indicator(data, key)["value"], key
    assert [row["beds_set"] for row in data["trend"]][-2:] == [50, 70]
    page = render.html(KIND, data, "zh", imprint=render.BLANK)
    assert "更正为" not in page
