"""Major hazards (domain.md §5.4, §7): judged by an officer with reason and evidence, listed, counted by article and row."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from eldercare.checklists.services import load_catalogue
from eldercare.core import attachments, calendar
from eldercare.core.access import P
from eldercare.core.alerts import KINDS, Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.hazards import queries as ledger
from eldercare.hazards import services as hazards
from eldercare.hazards.credit import listing as credit_words
from eldercare.hazards.credit import services as credit
from eldercare.hazards.credit.models import CreditEntry
from eldercare.hazards.major import listing, queries, services
from eldercare.hazards.major.models import MajorCase, MajorPaper, Times
from eldercare.hazards.models import Hazard
from eldercare.hazards.orders import services as orders
from tests.beds.stays.acts import at_once
from tests.hazards.made import Place, confirmed, deadlines, issued, ordered, place, reported
from tests.page import fetch
from tests.scans import picture

DAY = timedelta(1)
TIMES = Times(24, 3, 1)
JUDGED = {"hazard_code": "MH-4-2", "reason": "自动喷淋停用", "evidence": "现场照片"}


@pytest.fixture
def here(district: Scope) -> Place:
    """A home, with the table of major hazards in force."""
    load_catalogue(district)
    return place()


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setenv("ELDERCARE_TODAY", (calendar.today() + days * DAY).isoformat())


def judge(here: Place, hazard: Hazard, **more: Any) -> MajorCase:
    return services.judge(here.scope("inspector", P.HAZARD_ORDER), hazard.id, JUDGED | more, listing.times())


def put_right(here: Place, hazard: Hazard) -> None:
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "已改", deadlines())
    hazards.recheck(here.scope("inspector", P.HAZARD_RECHECK), hazard.id, passed=True, findings="合格")


def figures(first: date, last: date) -> dict[str, queries.Row]:
    found = queries.by_article(Scope.system("test").enter(), first, last)
    return {row.code: row for each in found for row in each.rows}


def open_alerts() -> set[tuple[str, str]]:
    Scope.system("test").enter()
    return {(each.kind, each.level) for each in db.session.scalars(select(Alert).where(Alert.kind.like("major.%"), Alert.settled_at.is_(None)))}


def test_a_judgement_makes_the_hazard_major_and_starts_both_deadlines(here: Place) -> None:
    hazard = ordered(here, severity="serious")
    case = judge(here, hazard)
    assert (hazard.severity, hazard.hazard_code, case.article, case.judged_by) == ("major", "MH-4-2", "4", here.inspector.name)
    assert case.measures_due_at - case.judged_at == timedelta(hours=24)
    assert calendar.local(case.plan_due_at).date() == calendar.today() + 3 * DAY
    assert open_alerts() == {("major.measures", "facility"), ("major.plan", "facility"), ("major.judged", "district")}


def test_only_a_row_of_the_table_in_force_is_judged_once_and_only_of_what_is_ordered(here: Place) -> None:
    hazard = ordered(here)
    with pytest.raises(Refused, match="row_unknown"):
        judge(here, hazard, hazard_code="MH-9-9")
    judge(here, hazard)
    with pytest.raises(Refused, match="judged_already"):
        judge(here, hazard)
    with pytest.raises(Refused, match="not_ordered"):
        judge(here, reported(here))


def test_it_is_listed_and_taken_off_once_it_is_right(here: Place) -> None:
    hazard = ordered(here)
    case = judge(here, hazard)
    services.put_on_list(here.scope("district", P.HAZARD_SUPERVISE), case.id, "city", "可能群死群伤")
    assert (case.state, case.list_level, case.listed_by) == ("listed", "city", here.district.name)
    with pytest.raises(Refused, match="not_right"):
        services.take_off(here.scope("district", P.HAZARD_SUPERVISE), case.id, "想摘")
    put_right(here, hazard)
    services.take_off(here.scope("district", P.HAZARD_SUPERVISE), case.id, "复查合格")
    assert (case.state, case.delist_reason, open_alerts()) == ("delisted", "复查合格", set())


def test_a_paper_is_handed_in_decided_by_somebody_else_and_again_when_sent_back(here: Place) -> None:
    case = judge(here, ordered(here))
    manager, district = (lambda: here.scope("manager", P.HAZARD_REPLY)), (lambda: here.scope("district", P.HAZARD_SUPERVISE))
    first = services.hand_in(manager(), case.id, "measures", {"body": "已停用"})
    with pytest.raises(Refused, match="paper_waits"):
        services.hand_in(manager(), case.id, "measures", {"body": "再报"})
    with pytest.raises(Refused, match="paper_own"):
        services.decide(manager(), first.id, TIMES, accept=True, note="好")
    services.decide(district(), first.id, TIMES, accept=False, note="没有照片")
    assert ("major.measures", "facility") in open_alerts()
    second = services.hand_in(manager(), case.id, "measures", {"body": "附照片"})
    services.decide(district(), second.id, TIMES, accept=True, note="可以")
    assert [(each.seq, each.result) for each in reversed(queries.papers(district(), case.id))] == [(1, "returned"), (2, "accepted")]
    assert ("major.measures", "facility") not in open_alerts()


def test_a_paper_that_comes_too_late_says_so(here: Place, monkeypatch) -> None:
    case = judge(here, ordered(here))
    later(monkeypatch, 2)
    assert services.hand_in(here.scope("manager", P.HAZARD_REPLY), case.id, "measures", {"body": "已停用"}).is_late
    plan = {"body": "分步整改", "finish_on": calendar.today() + 5 * DAY, "responsible": "示例"}
    assert not services.hand_in(here.scope("manager", P.HAZARD_REPLY), case.id, "plan", plan).is_late


def test_every_row_of_the_table_is_counted_with_zeros_and_the_figures_open_their_list(here: Place, monkeypatch) -> None:
    monkeypatch.setenv("ELDERCARE_TODAY", "2026-11-24")
    one, two = ordered(here), ordered(here)
    case = judge(here, one)
    judge(here, two, hazard_code="MH-7-5")
    services.put_on_list(here.scope("district", P.HAZARD_SUPERVISE), case.id, "district", "群死群伤风险")
    november = (date(2026, 11, 1), date(2026, 11, 30))
    found = figures(*november)
    assert len(found) == 22
    assert [getattr(found["MH-4-2"], name) for name in queries.COUNTS] == [1, 1, 0, 1]
    assert [getattr(found["MH-4-1"], name) for name in queries.COUNTS] == [0, 0, 0, 0]
    monkeypatch.setenv("ELDERCARE_TODAY", "2026-12-04")
    put_right(here, one)
    december = figures(date(2026, 12, 1), date(2026, 12, 31))
    assert [getattr(december["MH-4-2"], name) for name in queries.COUNTS] == [0, 0, 1, 1]
    assert [getattr(december["MH-7-5"], name) for name in (*queries.COUNTS, "days_most")] == [0, 1, 0, 0, 37]
    assert [getattr(figures(*november)["MH-4-2"], name) for name in queries.COUNTS] == [1, 1, 0, 1]  # the month stays as it was
    scope = Scope.system("test").enter()
    for code, row in december.items():
        for what in queries.COUNTS:
            behind = queries.cases(scope).where(queries.counted(what, date(2026, 12, 1), date(2026, 12, 31)), MajorCase.hazard_code == code)
            assert len(db.session.scalars(behind).all()) == getattr(row, what), (code, what)


def test_a_withdrawn_judgement_counts_nowhere_and_its_points_lapse(here: Place) -> None:
    hazard = ordered(here)
    case = judge(here, hazard)
    terms, today = credit_words.terms(), calendar.today()
    credit.bring_up_to_date(Scope.system("test").enter(), today, terms)
    assert db.session.scalars(select(CreditEntry).filter_by(kind="major_hazard")).one().points == 20
    assert (hazards_at_large(here), hazard.severity) == ((1, 1, 1), "major")
    services.withdraw(here.scope("district", P.HAZARD_SUPERVISE), case.id, "经核实不符合")
    assert (hazards_at_large(here), hazard.severity, hazard.hazard_code, hazard.state) == ((0, 0, 0), "general", None, "issued")
    credit.bring_up_to_date(Scope.system("test").enter(), today, terms)
    assert db.session.scalars(select(CreditEntry).filter_by(kind="major_hazard")).one().is_lapsed
    assert queries.total(figures(today, today).values()).open == 0
    again = judge(here, hazard)
    assert (again.state, hazard.severity) == ("judged", "major")  # and it can be judged anew


def hazards_at_large(here: Place) -> tuple[int, int, int]:
    """Major ones: in the counts of a period, in the ages, in the list as the filter shows it."""
    scope, today = Scope.system("test").enter(), calendar.today()
    listed = ledger.hazards(scope).where(Hazard.severity == "major", Hazard.facility_id == here.home.id)
    aged = sum(each.major for each in ledger.ageing(scope, today))
    return ledger.counts(scope, today, today).major_open, aged, len(db.session.scalars(listed).all())


def test_what_was_found_as_major_is_serious_once_the_judgement_does_not_hold(here: Place) -> None:
    hazard = ordered(here, severity="major", hazard_code="MH-4-2")
    case = judge(here, hazard)
    services.withdraw(here.scope("district", P.HAZARD_SUPERVISE), case.id, "经核实不符合")
    assert (hazard.severity, hazard.hazard_code) == ("serious", None)
    assert queries.to_judge(Scope.system("test").enter()) == []
    names = [(each.action, each.details.get("reason")) for each in ledger.history(Scope.system("test").enter(), hazard.id)]
    assert ("hazard.major_no_more", "经核实不符合") in names


def test_what_was_judged_is_neither_dismissed_nor_called_otherwise_before_the_judgement_is_withdrawn(here: Place, sign_in: Any) -> None:
    hazard = reported(here, severity="serious")
    order = issued(here, hazard)
    case = judge(here, hazard)
    services.put_on_list(here.scope("district", P.HAZARD_SUPERVISE), case.id, "district", "群死群伤风险")
    orders.withdraw(here.scope("inspector", P.HAZARD_ORDER), order.id, "送达对象有误")
    assert (hazard.state, case.state) == ("reported", "listed")
    for act in (
        lambda: hazards.dismiss(here.scope("inspector", P.HAZARD_ORDER), hazard.id, "不属隐患"),
        lambda: confirmed(here, hazard, severity="general"),
        lambda: confirmed(here, hazard, severity="major", hazard_code="MH-7-5"),
    ):
        with pytest.raises(Refused, match="judged"):
            act()
    page, part = (f"/hazards/{hazard.id}", f"/hazards/major/of-hazard/{hazard.id}")
    case_id, hazard_id = case.id, hazard.id
    browser = sign_in(here.inspector)
    assert part in browser.get(page).get_data(as_text=True)
    assert f"/hazards/major/{case_id}" in browser.get(part).get_data(as_text=True)
    services.withdraw(here.scope("district", P.HAZARD_SUPERVISE), case_id, "经核实不符合")
    dismissed = hazards.dismiss(here.scope("inspector", P.HAZARD_ORDER), hazard_id, "不属隐患")
    assert (dismissed.state, queries.total(figures(calendar.today(), calendar.today()).values()).open) == ("dismissed", 0)


def test_what_was_judged_is_confirmed_again_as_it_stands(here: Place) -> None:
    hazard = reported(here, severity="serious")
    order = issued(here, hazard)
    judge(here, hazard)
    orders.withdraw(here.scope("inspector", P.HAZARD_ORDER), order.id, "送达对象有误")
    confirmed(here, hazard, severity="major", hazard_code="MH-4-2")
    assert (hazard.state, hazard.severity) == ("issued", "major")


def test_what_a_home_handed_in_stays_while_the_case_is_open(
    app: Flask, here: Place, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    case = judge(here, ordered(here))
    services.hand_in(here.scope("manager", P.HAZARD_REPLY), case.id, "measures", {"body": "已停用"}, [picture()])
    number, (scan,) = case.id, [each.id for each in attachments.of(Scope.system("test").enter(), case)]
    home = sign_in(here.manager, language="en")
    page = home.get(f"/hazards/major/{number}").get_data(as_text=True)
    assert f"/hazards/major/{number}/papers/new" in page
    assert f"/papers/{scan}/remove" not in page
    refused = home.post(f"/hazards/major/{number}/papers/{scan}/remove", data={"reason": "误传"})
    assert (refused.status_code, "it stays" in refused.get_data(as_text=True)) == (409, True)
    Scope.system("test").enter()
    change = text("UPDATE attachments SET removed_at = now(), removed_reason = 'x' WHERE id = :i")
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        db.session.execute(change.bindparams(i=scan).execution_options(audited="test"))
    assert refusal_of(caught.value).code == "attachment.kept"


def test_a_paper_sent_back_is_due_again_and_climbs_as_the_settings_say(here: Place) -> None:
    case = judge(here, ordered(here))
    first = services.hand_in(here.scope("manager", P.HAZARD_REPLY), case.id, "measures", {"body": "已停用"})
    services.decide(here.scope("district", P.HAZARD_SUPERVISE), first.id, replace(TIMES, return_days=4), accept=False, note="缺照片")
    Scope.system("test").enter()
    due = select(Alert.due_at).where(Alert.kind == "major.measures", Alert.occasion == "1")
    assert db.session.scalars(due).one() == calendar.at(calendar.today() + 4 * DAY, 23, 59)
    assert [(step.after, step.level) for step in KINDS["major.plan"].steps] == [(timedelta(0), "township"), (DAY, "district")]


def test_a_paper_sent_back_is_late_by_its_new_time_and_never_by_less_than_its_first(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    at = calendar.at(calendar.today(), 9)
    manager, district = (lambda: here.scope("manager", P.HAZARD_REPLY)), (lambda: here.scope("district", P.HAZARD_SUPERVISE))
    plan = {"body": "分步整改", "finish_on": calendar.today() + 5 * DAY, "responsible": "示例"}

    def after(hours: int) -> None:
        monkeypatch.setattr(calendar, "now", lambda: at + timedelta(hours=hours))
        monkeypatch.setattr(calendar, "today", lambda: calendar.local(at + timedelta(hours=hours)).date())

    after(0)
    case = judge(here, ordered(here))
    after(20)
    first, early = services.hand_in(manager(), case.id, "measures", {"body": "已停用"}), services.hand_in(manager(), case.id, "plan", plan)
    planned = case.plan_due_at
    services.decide(district(), early.id, TIMES, accept=False, note="缺责任人电话")
    assert case.plan_due_at == planned  # three days stay three days
    after(30)
    services.decide(district(), first.id, TIMES, accept=False, note="缺照片")
    assert case.measures_due_at == calendar.at(calendar.today() + DAY, 23, 59)
    after(31)
    again = services.hand_in(manager(), case.id, "measures", {"body": "附照片"})
    assert (first.is_late, again.is_late) == (False, False)
    services.decide(district(), again.id, TIMES, accept=False, note="照片不清")
    after(31 + 48)
    assert services.hand_in(manager(), case.id, "measures", {"body": "再附"}).is_late
    changed = [each.changes for each in queries.history(district(), case.id) if each.action == "major_case.due_again"]
    assert [sorted(each) for each in changed] == [["measures_due_at"]]  # where it is another time


def test_two_officers_that_judge_at_once_make_one_case(fresh_app: Flask) -> None:
    load_catalogue(Scope.system("test").enter())
    hazard = ordered(place()).id
    db.session.commit()
    times = listing.times()

    def act(scope: Scope) -> Any:
        return services.judge(scope, hazard, JUDGED, times)

    told = at_once(fresh_app, act, act)
    assert told.count("done") == 1
    assert set(told) <= {"done", "major.judged_already", "row.busy"}
    Scope.system("test").enter()
    assert db.session.scalar(select(func.count()).select_from(MajorCase)) == 1
    assert db.session.scalar(select(func.count()).select_from(MajorPaper)) == 0


def test_each_number_of_the_board_leads_to_the_cases_behind_it(here: Place, sign_in) -> None:
    case = judge(here, ordered(here))
    number = db.session.get_one(Hazard, case.hazard_id).number
    browser = sign_in(here.district, language="en")
    month = calendar.Month.of(calendar.today())
    board = fetch(browser, "/hazards/major/").text
    link = f"/hazards/major/cases/?month={month}&amp;figure=new&amp;row=MH-4-2"
    assert link in board
    assert number in fetch(browser, link.replace("&amp;", "&")).text
    assert number not in fetch(browser, f"/hazards/major/cases/?month={month}&figure=cleared").text


def test_a_home_takes_away_no_evidence_of_an_officer(app: Flask, here: Place, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    case = services.judge(here.scope("inspector", P.HAZARD_ORDER), ordered(here).id, JUDGED, listing.times(), [picture()])
    number, (proof,) = case.id, [each.id for each in attachments.of(Scope.system("test").enter(), case)]
    home = sign_in(here.manager)
    assert f"/hazards/major/{number}/proof/{proof}" in home.get(f"/hazards/major/{number}").get_data(as_text=True)
    assert home.post(f"/hazards/major/{number}/papers/{proof}/remove", data={"reason": "误传"}).status_code == 404
    assert home.post(f"/hazards/major/{number}/proof/{proof}/remove", data={"reason": "误传"}).status_code == 403
    assert sign_in(here.district).post(f"/hazards/major/{number}/proof/{proof}/remove", data={"reason": "误传"}).status_code == 303


@pytest.mark.parametrize("who", ["township", "lapsed"])
def test_nobody_judges_without_a_valid_certificate(here: Place, who: str) -> None:
    hazard = ordered(here)
    with pytest.raises(Refused, match="not_certified"):
        services.judge(here.scope(who, P.HAZARD_ORDER), hazard.id, JUDGED, listing.times())
