"""责令限期整改通知书: what it says is fixed, its numbers have no gap, two certified officers sign it (domain.md §5.3, §5.4)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from eldercare.accounts.models import User
from eldercare.accounts.officers.services import recuse
from eldercare.checklists.services import publish
from eldercare.core import attachments, calendar
from eldercare.core.access import P
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope, scope_of
from eldercare.hazards import services as hazards
from eldercare.hazards.models import Hazard
from eldercare.hazards.orders import queries, services
from tests import make
from tests.checklists.made import table_without
from tests.hazards.made import deadlines, issued, ordered, place, reported, terms
from tests.scans import picture

DAY = timedelta(days=1)


def test_an_order_says_each_problem_with_rule_demand_and_deadline(district: Scope) -> None:
    here, today = place(), calendar.today()
    make.make_hazard_table()
    version = make.make_checklist()
    code = db.session.scalar(text("SELECT min(code) FROM checklist_items WHERE version_id = :v").bindparams(v=version.id))
    by_item = reported(here, checklist_item=(version.id, code), place_note="三楼东侧")
    major = reported(here, severity="major", hazard_code="MH-4-1", demand="立即停用")
    bare = ordered(here, demand="补齐记录")
    order = issued(here, by_item, major, bare, due={by_item.id: today + 5 * DAY}, clauses={bare.id: "《养老机构管理办法》第二十条"},
                   source=("检查2026-12", "/inspections/12"))
    paper = queries.paper(district.enter(), order.id)
    assert order.number == f"即民养整改〔{today.year}〕1号"
    assert [each["name"] for each in paper["officers"]] == [here.inspector.name, here.second.name]
    assert [(each["place"], each["demand"], each["due_on"]) for each in paper["hazards"]] == [
        ("三楼东侧", "立即清理并保持畅通", (today + 5 * DAY).isoformat()),
        ("", "立即停用", (today + 3 * DAY).isoformat()),
        ("", "补齐记录", (today + 7 * DAY).isoformat()),
    ]
    assert [[rule["clause"] or rule["zh"] for rule in each["basis"]] for each in paper["hazards"]] == [
        ["第五条"], ["第四条(一)"], ["《养老机构管理办法》第二十条"],
    ]
    assert (paper["consequence"], paper["remedies"]) == (terms().consequence, terms().remedies)
    assert {by_item.state, major.state, bare.state} == {"issued"}


def test_what_was_found_by_a_row_that_left_the_table_is_ordered_by_that_row(district: Scope) -> None:
    here = place()
    make.make_hazard_table()
    major = reported(here, severity="major", hazard_code="MH-4-1", demand="立即停用")
    scope = Scope.system("test").enter()
    publish(scope, table_without(scope, "MH-4-1").id, "revised", calendar.today())
    order = issued(here, major)
    assert [rule["clause"] for rule in queries.order(district.enter(), order.id).items[0].basis] == ["第四条(一)"]


def test_where_no_item_names_a_rule_the_order_names_the_law_it_rests_on(district: Scope) -> None:
    order = issued(place())
    assert queries.order(district.enter(), order.id).items[0].basis == [{"zh": terms().basis, "en": terms().basis, "clause": ""}]


def test_an_order_needs_two_different_officers_certified_that_day_one_of_them_issuing(district: Scope) -> None:
    here = place()
    first, second = (each.id for each in here.officers)
    from eldercare.accounts.officers.queries import officer_of

    lapsed = officer_of(district, here.lapsed.id)
    hazard = reported(here)
    for pair, code in (((first, first), "two_officers"), ((first, lapsed.id), "not_certified"), ((first, 10**9), "not_certified")):
        with pytest.raises(Refused, match=code):
            issued(here, hazard, officers=pair)
    other = make.make_officer()
    with pytest.raises(Refused, match="not_signing"):  # in the name of two others
        issued(here, hazard, officers=(second, other.id))
    recuse(Scope.system("test").enter(), second, here.home.id, "kin", (calendar.today(), None))
    with pytest.raises(Refused, match="officer_avoids"):
        issued(here, hazard)
    assert issued(here, hazard, officers=(first, other.id)).officer_b_id == other.id
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        db.session.execute(text("INSERT INTO rectification_orders SELECT (jsonb_populate_record(o, '{\"id\": 99999, \"serial\": 77,"
                                " \"number\": \"x\"}'::jsonb || jsonb_build_object('officer_b_id', o.officer_a_id))).* FROM rectification_orders o"))
    assert refusal_of(caught.value).code == "order.two_officers"


@pytest.mark.parametrize(("who", "permission", "code"), [
    ("stationed", P.HAZARD_REPORT, "may_not_order"), ("manager", P.HAZARD_REPLY, "may_not_order"), ("district", P.HAZARD_ORDER, "not_signing"),
])
def test_who_is_no_officer_issues_none(district: Scope, who: str, permission: P, code: str) -> None:
    here = place()
    hazard = reported(here)
    with pytest.raises(Refused, match=code):
        services.issue(here.scope(who, permission), here.home.id, [hazard.id], officers=tuple(each.id for each in here.officers),
                       deadlines=deadlines(), terms=terms())


def test_an_order_is_for_one_place_and_for_what_is_not_ordered_or_answered_yet(district: Scope) -> None:
    here, there = place(), place()
    with pytest.raises(Refused, match="hazard_elsewhere"):
        issued(here, reported(here), reported(there))
    hazard = reported(here)
    order = issued(here, hazard)
    with pytest.raises(Refused, match="hazard_ordered"):
        issued(here, hazard)
    done = ordered(here)
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), done.id, "已清理", deadlines())
    with pytest.raises(Refused, match="hazard_over"):
        issued(here, done)
    with pytest.raises(Refused, match="demand_missing"):
        issued(here, reported(here, demand=""))
    with pytest.raises(Refused, match="nothing"):
        services.issue(here.scope("inspector", P.HAZARD_ORDER), here.home.id, [], officers=tuple(each.id for each in here.officers),
                       deadlines=deadlines(), terms=terms())
    assert [each[1] for each in queries.of_hazard(district.enter(), hazard.id)] == [order.number]


def test_no_order_demands_by_a_day_that_has_passed(district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    here = place()
    late, failed = ordered(here), ordered(here)
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), failed.id, "已清理", deadlines())
    hazards.recheck(here.scope("inspector", P.HAZARD_RECHECK), failed.id, passed=False, findings="仍有杂物")
    due = late.due_on
    monkeypatch.setattr(calendar, "today", lambda: due)  # its last day can still be demanded
    assert {each.id for each in queries.to_order(district.enter(), here.home.id)} == {late.id, failed.id}
    monkeypatch.setattr(calendar, "today", lambda: due + DAY)
    for each in (late, failed):
        with pytest.raises(Refused, match="hazard_late"):
            issued(here, each)
    assert (queries.to_order(district.enter(), here.home.id), queries.places(district.enter())) == ([], [])
    fresh = reported(here)
    assert [each.due_on for each in queries.order(district.enter(), issued(here, fresh).id).items] == [due + 8 * DAY]


def test_numbers_of_a_year_have_no_gap_though_an_attempt_failed(district: Scope) -> None:
    here = place()
    first = issued(here)
    with pytest.raises(Refused, match="demand_missing"), db.session.begin_nested():
        issued(here, reported(here), reported(here, demand=""))
    second = issued(here)
    assert (first.serial, second.serial) == (1, 2)


def test_an_issued_order_never_changes(district: Scope) -> None:
    here = place()
    order = issued(here, reported(here), reported(here))
    services.enter_receipt(here.scope("inspector", P.HAZARD_ORDER), order.id, way="in_person", received_by="王某,院长",
                           received_at=calendar.now())
    Scope.system("test").enter()
    for statement in (
        "UPDATE rectification_orders SET consequence = 'x'",
        "UPDATE rectification_orders SET state = 'withdrawn', withdrawn_at = now(), withdrawn_reason = 'x', serial = 9",
        "DELETE FROM rectification_orders",
        "UPDATE rectification_order_items SET due_on = due_on + 30",
        "DELETE FROM rectification_order_items",
        ("INSERT INTO rectification_order_items SELECT (jsonb_populate_record(i, jsonb_build_object('id', 99999, 'position', 3))).*"
         " FROM rectification_order_items i WHERE position = 1"),
        "UPDATE rectification_receipts SET received_by = 'x'",
        "DELETE FROM rectification_receipts",
    ):
        with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
            db.session.execute(text(statement))
        assert refusal_of(caught.value).code == "order.fixed", statement


def test_what_becomes_of_the_hazard_changes_nothing_on_the_paper(district: Scope) -> None:
    here, today = place(), calendar.today()
    hazard = reported(here)
    order = issued(here, hazard)
    before = queries.paper(district.enter(), order.id)
    hazards.extend(here.scope("inspector", P.HAZARD_ORDER), hazard.id, today + 10 * DAY, "等料", deadlines())
    assert queries.paper(district.enter(), order.id) == before


def test_each_way_of_service_needs_what_proves_it(district: Scope) -> None:
    here = place()
    order = issued(here)
    scope = here.scope("inspector", P.HAZARD_ORDER)
    said: dict[str, Any] = {"received_by": "王某,院长", "received_at": calendar.now()}
    for way, code in (("left", "witness_missing"), ("electronic", "consent_missing"), ("post", "post_no_missing")):
        with pytest.raises(Refused, match=code):
            services.enter_receipt(scope, order.id, way=way, **said)
    with pytest.raises(Refused, match="received_early"):
        services.enter_receipt(scope, order.id, way="in_person", received_by="王某", received_at=calendar.now() - DAY)
    assert order.service is None if "receipts" in order.__dict__ else True
    services.enter_receipt(scope, order.id, way="left", witness="社区居委会 李某,全程录像", photos=[picture()], **said)
    read = queries.order(district.enter(), order.id)
    assert (read.service.way, read.service.witness) == ("left", "社区居委会 李某,全程录像")
    assert [each.kind for each in attachments.of(district, read)] == ["receipt"]
    waiting = db.session.scalars(select(Alert.id).where(Alert.kind == "order.to_serve", Alert.settled_at.is_(None))).all()
    assert waiting == []


def test_the_place_confirms_on_the_platform_and_that_is_no_service(district: Scope) -> None:
    here = place()
    hazard = reported(here)
    order = issued(here, hazard)
    due = hazard.due_on
    services.confirm(here.scope("manager", P.HAZARD_REPLY), order.id)
    read = queries.order(district.enter(), order.id)
    assert (read.service, [each.way for each in read.receipts], hazard.state, hazard.due_on) == (None, ["platform"], "received", due)
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        services.confirm(here.scope("manager", P.HAZARD_REPLY), order.id)
    assert refusal_of(caught.value).code == "order.confirmed_already"


def test_a_withdrawn_order_stays_visible_and_its_hazards_wait_for_an_officer_again(district: Scope) -> None:
    here, today = place(), calendar.today()
    open_one, answered = reported(here), reported(here)
    order = issued(here, open_one, answered)
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), answered.id, "已清理", deadlines())
    for who, permission in (("manager", P.HAZARD_REPLY), ("township", P.HAZARD_ORDER), ("lapsed", P.HAZARD_ORDER)):
        with pytest.raises(Refused, match="may_not_withdraw"):
            services.withdraw(here.scope(who, permission), order.id, "不服")
    services.withdraw(here.scope("inspector", P.HAZARD_ORDER), order.id, "送达对象有误")
    read = queries.order(district.enter(), order.id)
    assert (read.state, read.withdrawn_reason, read.withdrawn_by) == ("withdrawn", "送达对象有误", here.inspector.name)
    assert (open_one.state, open_one.due_on, answered.state) == ("reported", None, "replied")
    for act in (lambda: services.withdraw(here.scope("inspector", P.HAZARD_ORDER), order.id, "再撤"),
                lambda: services.confirm(here.scope("manager", P.HAZARD_REPLY), order.id)):
        with pytest.raises(Refused, match="is_withdrawn"):
            act()
    again = issued(here, open_one)
    assert (again.serial, open_one.state, open_one.due_on) == (order.serial + 1, "issued", today + 7 * DAY)
    told = db.session.scalars(select(Alert).where(Alert.kind == "hazard.issued", Alert.entity_id == open_one.id, Alert.settled_at.is_(None)))
    assert len(told.all()) == 1


def test_another_places_order_is_not_there(district: Scope) -> None:
    from werkzeug.exceptions import NotFound

    here, there = place(), place()
    order = issued(here)
    with pytest.raises(NotFound):
        queries.order(there.scope("manager", P.HAZARD_READ), order.id)
    assert queries.order(here.scope("manager", P.HAZARD_READ), order.id).number == order.number


# ---- two connections at once --------------------------------------------------------------------------


def _in_parallel(app: Flask, *acts: Any) -> list[str]:
    """Each in a thread and transaction of its own; "done", or the code of the refusal."""
    out: list[str] = []
    ready = threading.Barrier(len(acts))

    def run(act: Any) -> None:
        with app.app_context():
            ready.wait()
            try:
                act()
                db.session.commit()
                out.append("done")
            except Refused as refusal:
                db.session.rollback()
                out.append(refusal.code)
            except DBAPIError as error:
                db.session.rollback()
                refused = refusal_of(error)
                out.append(refused.code if refused else repr(error))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(out)


def _enter(user_id: int, permission: P) -> Scope:
    Scope.system("test").enter()
    found = scope_of(db.session.get_one(User, user_id), permission)
    assert found is not None
    return found.enter()


def test_at_once_a_finding_is_ordered_once_and_two_orders_have_two_numbers(fresh_app: Flask) -> None:
    here = place()
    same, one, two = (reported(here).id for _ in range(3))
    pair, home = tuple(each.id for each in here.officers), here.home.id
    first, second = here.inspector.id, here.second.id
    db.session.commit()

    def issue(who: int, hazard_id: int) -> None:
        scope = _enter(who, P.HAZARD_ORDER)
        services.issue(scope, home, [hazard_id], officers=pair, deadlines=deadlines(), terms=terms())

    assert _in_parallel(fresh_app, lambda: issue(first, same), lambda: issue(second, same)) == ["done", "order.hazard_ordered"]
    assert _in_parallel(fresh_app, lambda: issue(first, one), lambda: issue(second, two)) == ["done", "done"]
    Scope.system("test").enter()
    assert db.session.execute(text("SELECT array_agg(serial ORDER BY serial) FROM rectification_orders")).scalar() == [1, 2, 3]


def test_at_once_a_report_is_confirmed_once_brought_once_and_a_reply_rechecked_once(fresh_app: Flask) -> None:
    here = place()
    hazard_id, home = reported(here).id, here.home.id
    first, second, manager = here.inspector.id, here.second.id, here.manager.id
    db.session.commit()

    def confirm(who: int) -> None:
        hazards.confirm(_enter(who, P.HAZARD_ORDER), hazard_id, deadlines=deadlines())

    assert _in_parallel(fresh_app, lambda: confirm(first), lambda: confirm(second)) == ["done", "move.not_allowed"]

    def bring() -> None:
        hazards.order(_enter(first, P.HAZARD_ORDER), home, source=("inspection_finding", 5, "", ""), severity="general",
                      description="示例", deadlines=deadlines())

    assert _in_parallel(fresh_app, bring, bring) == ["done", "hazard.ordered_already"]
    hazards.reply(_enter(manager, P.HAZARD_REPLY), hazard_id, "已清理", deadlines())
    db.session.commit()

    def recheck(who: int, passed: bool) -> None:
        hazards.recheck(_enter(who, P.HAZARD_RECHECK), hazard_id, passed=passed, findings="现场")

    assert _in_parallel(fresh_app, lambda: recheck(first, True), lambda: recheck(second, False)) == ["done", "move.not_allowed"]
    Scope.system("test").enter()
    assert db.session.get_one(Hazard, hazard_id).state in {"recheck_passed", "recheck_failed"}


def test_the_recheck_of_an_order_withdrawn_since_can_still_be_drawn(district: Scope) -> None:
    from reports._paper.words import Words
    from reports.recheck_record import report

    here = place()
    hazard = reported(here)
    order = issued(here, hazard)
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "已清理", deadlines())
    hazards.recheck(here.scope("inspector", P.HAZARD_RECHECK), hazard.id, passed=False, findings="仍有杂物")
    services.withdraw(here.scope("inspector", P.HAZARD_ORDER), order.id, "送达对象有误")
    data = report.collect(district.enter(), hazard.id)
    assert (data["hazard"]["issued_on"], data["hazard"]["due_on"]) == (None, None)
    assert "—" in [value for _label, value in report.context(data, Words("recheck_record", "zh"), "", {})["facts"]]
