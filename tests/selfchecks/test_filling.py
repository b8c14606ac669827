"""A round walked on a telephone: each tap kept, photos, completed for good; and by nobody of another home."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from flask.testing import FlaskClient

from eldercare.checklists.checks import queries as checks
from eldercare.checklists.checks.models import CheckAnswer
from eldercare.checklists.checks.services import Answer
from eldercare.checklists.services import publish
from eldercare.core import attachments, calendar
from eldercare.core.access import P, Role
from eldercare.core.attachments import Attachment
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.hazards.models import Deadlines, Hazard
from eldercare.hazards.services import order, report
from eldercare.selfchecks import queries, services
from eldercare.selfchecks.filling import services as filling
from eldercare.selfchecks.models import SelfCheckRound
from tests import make
from tests.checklists import made as lists_made
from tests.page import fetch
from tests.selfchecks import made
from tests.selfchecks.made import DAY, House, day_made, limits, picture, refused, rules, walk


@pytest.fixture
def patrol(house: House) -> SelfCheckRound:
    """The patrol by day; it is nine o'clock."""
    day_made(house)
    house.at(9)
    return house.rounds(duty="patrol_day")[0]


def begun(house: House, round_: SelfCheckRound, **start: Any) -> tuple[Scope, SelfCheckRound]:
    scope = house.scope("manager", P.SELFCHECK_FILL)
    return scope, filling.begin(scope, round_.id, rules(), filling.Start(**start))


def answers(scope: Scope, row: SelfCheckRound) -> dict[str, CheckAnswer]:
    assert row.check_id is not None
    return {each.item.code: each for _area, each in checks.answers(scope, row.check_id)}


def test_a_round_asks_its_items_and_no_others(house: House, patrol: SelfCheckRound) -> None:
    scope, row = begun(house, patrol)
    asked = answers(scope, row)
    assert "FP-06" in asked
    assert "FP-12" not in asked  # of the night alone
    assert asked["FP-10"].by_rule  # no gas here: answered by the register
    assert asked["FP-14"].result == "not_checked"  # whether there are works today is found out on the spot
    house.at(20, 5)
    _scope, night = begun(house, house.rounds(duty="patrol_night")[1 - 1])
    assert "FP-12" in answers(scope, night)
    assert "FP-06" not in answers(scope, night)


def test_a_round_is_begun_in_its_time_once_and_gone_on_with(house: House, patrol: SelfCheckRound) -> None:
    house.at(7, 59)
    with refused("selfcheck.not_yet"):
        begun(house, patrol)
    house.at(9)
    _scope, one = begun(house, patrol)
    first = one.begun_at
    house.at(10)
    _scope, again = begun(house, patrol)
    assert (again.check_id, again.begun_at) == (one.check_id, first)


def test_who_walks_is_somebody_on_duty_now(house: House, patrol: SelfCheckRound) -> None:
    there, off = make.make_staff(house.home), make.make_staff(house.home)
    make.make_shift(there, DAY)
    make.make_shift(off, DAY, "night")
    db.session.flush()
    with refused("selfcheck.not_on_duty"):
        begun(house, patrol, member_id=off.id)
    _scope, row = begun(house, patrol, member_id=there.id)
    assert queries.walkers(Scope.system("test").enter(), [row]) == {there.id: there.name}


def test_every_item_is_answered_before_a_round_is_completed(house: House, patrol: SelfCheckRound) -> None:
    scope, row = begun(house, patrol)
    with refused("selfcheck.unanswered"):
        filling.complete(scope, row.id, rules(), limits())
    done = walk(house, patrol, but={"FP-06": Answer("nonconform", "压力不足"), "FP-01": Answer("partial", "已当场整改"), "FP-14": Answer("not_applicable", "今日无施工")})
    assert (done.state, done.faults, done.answered) == ("done", 2, 12)
    check = checks.check(Scope.system("test").enter(), done.check_id or 0)
    assert (check.state, check.origin, check.status) == ("sealed", "self_check", "complete")
    assert check.content_sha256 == checks.sha256(check, checks.answers(scope, check.id))


def test_what_is_not_in_order_becomes_a_hazard_of_the_place_once(house: House, patrol: SelfCheckRound) -> None:
    said = {"FP-06": Answer("nonconform", "压力不足"), "FP-03": Answer("nonconform", "上锁"), "FP-01": Answer("partial", "已当场整改")}
    done = walk(house, patrol, but=said, photos={"FP-06": picture(1)})
    scope = Scope.system("test").enter()

    def hazards() -> dict[str | None, Hazard]:
        return {each.item_code: each for each in db.session.scalars(scope.select(Hazard).where(Hazard.facility_id == house.home.id))}

    assert set(hazards()) == {"FP-06", "FP-03"}  # partly in order is none
    serious, major = hazards()["FP-06"], hazards()["FP-03"]
    assert (serious.state, serious.finder, serious.source_kind, serious.severity) == ("reported", "home", "self_check", "serious")
    assert (major.severity, major.hazard_code) == ("major", "MH-7-5")
    assert serious.source_path == f"/selfchecks/rounds/{done.id}"
    assert "压力不足" in serious.description
    assert len(attachments.of(scope, serious)) == 1
    walk(house, house.rounds(duty="patrol_night")[0], begin=calendar.at(DAY, 20, 10), but={"FP-03": Answer("nonconform", "仍上锁")})
    assert len(hazards()) == 2  # it is known already


def test_which_faults_become_hazards_is_a_setting(house: House, patrol: SelfCheckRound, app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "SELFCHECK_REPORT_SEVERITIES", ("major",))
    walk(house, patrol, but={"FP-06": Answer("nonconform", "压力不足")})
    scope = Scope.system("test").enter()
    assert db.session.scalars(scope.select(Hazard).where(Hazard.facility_id == house.home.id)).all() == []


def test_what_is_not_in_order_needs_its_reason(house: House, patrol: SelfCheckRound) -> None:
    scope, row = begun(house, patrol)
    for said in (Answer("nonconform"), Answer("not_applicable", " "), Answer("partial", None)):
        with refused("check.reason_missing"):
            filling.answer(scope, row.id, "FP-01", said)
    with refused("check.partial_not_allowed"):
        filling.answer(scope, row.id, "FP-03", Answer("partial", "x"))  # a major item is in order or not


def test_an_answer_may_be_given_anew_and_keeps_its_photos(house: House, patrol: SelfCheckRound) -> None:
    scope, row = begun(house, patrol)
    photo = filling.add_photo(scope, row.id, "FP-03", picture(1))
    filling.answer(scope, row.id, "FP-03", Answer("nonconform", "上锁"))
    filling.answer(scope, row.id, "FP-03", Answer("conform"))
    kept = db.session.get_one(Attachment, photo.attachment_id)
    assert answers(scope, row)["FP-03"].photos == [kept.sha256]
    assert (kept.entity, kept.entity_id, kept.media_type) == ("selfcheck_round", row.id, "image/jpeg")


def test_a_photo_taken_away_is_gone_from_the_answer_but_not_from_the_log(house: House, patrol: SelfCheckRound) -> None:
    scope, row = begun(house, patrol)
    one, two = filling.add_photo(scope, row.id, "FP-03", picture(1)), filling.add_photo(scope, row.id, "FP-04", picture(1))
    assert one.attachment_id == two.attachment_id  # the same picture is kept once
    assert filling.remove_photo(scope, row.id, one.id, "taken again") == "FP-03"
    assert db.session.get_one(Attachment, two.attachment_id).removed_at is None
    filling.remove_photo(scope, row.id, two.id, "taken again")
    assert db.session.get_one(Attachment, two.attachment_id).removed_at is not None
    assert answers(scope, row)["FP-03"].photos == []


def test_a_paper_is_no_photo_and_a_photo_stands_at_an_item_once(house: House, patrol: SelfCheckRound) -> None:
    from tests.scans import pdf

    scope, row = begun(house, patrol)
    with refused("selfcheck.no_photo"):
        filling.add_photo(scope, row.id, "FP-03", pdf())
    filling.add_photo(scope, row.id, "FP-03", picture(1))
    with refused("selfcheck.photo_twice"):
        filling.add_photo(scope, row.id, "FP-03", picture(1))
    with refused("check.item_unknown"):
        filling.add_photo(scope, row.id, "NO-SUCH", picture(2))


def test_photos_are_demanded_where_the_settings_say_so(house: House, patrol: SelfCheckRound) -> None:
    scope, row = begun(house, patrol)
    for code, each in answers(scope, row).items():
        if not each.by_rule:
            filling.answer(scope, row.id, code, Answer("conform"))
    with refused("check.photo_missing"):
        filling.complete(scope, row.id, rules(demand_photos=True), limits())
    assert filling.complete(scope, row.id, rules(), limits()).state == "done"


# ---- the pages -------------------------------------------------------------------------------------


def _token(browser: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(path).get_data(as_text=True))
    assert found
    return found[1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_telephone_page_walks_to_the_end(house: House, patrol: SelfCheckRound, sign_in: Any, language: str) -> None:
    somebody = make.make_staff(house.home)
    make.make_shift(somebody, DAY)
    browser, path = sign_in(house.manager, language=language), f"/selfchecks/filling/{patrol.id}"
    assert browser.get("/selfchecks/").headers["Location"].endswith(f"/selfchecks/homes/{house.home.id}")
    assert path in fetch(browser, f"/selfchecks/homes/{house.home.id}").text
    fetch(browser, path)
    token = _token(browser, path)
    began = browser.post(f"{path}/begin", data={"csrf_token": token, "member": str(somebody.id), "lon": "120.45", "lat": "36.39", "accuracy": "12"})
    assert began.status_code == 303
    seen = []
    for _each in range(20):
        page = fetch(browser, path).text
        code = re.search(r'name="code" value="([^"]+)"', page)
        if code is None:
            break
        seen.append(code[1])
        if code[1] == "FP-03":
            sent = browser.post(f"{path}/photo", data={"csrf_token": token, "code": code[1], "photo": (io.BytesIO(picture(3)), "x.jpg")}, headers={"HX-Request": "true"})
            assert sent.status_code == 200
            assert "/small" in sent.get_data(as_text=True)
        said = {"result": "nonconform", "phrase": "堵塞"} if code[1] == "FP-09" else {"result": "conform"}
        answered = browser.post(f"{path}/answer", data={"csrf_token": token, "code": code[1], **said}, headers={"HX-Request": "true"})
        assert answered.status_code == 200
        assert f'value="{code[1]}"' not in answered.get_data(as_text=True)  # on to the next
    assert len(seen) == len(set(seen)) == 13
    page = fetch(browser, path).text
    assert f"{path}/complete" in page
    assert browser.post(f"{path}/complete", data={"csrf_token": token}).headers["Location"].endswith(f"/selfchecks/homes/{house.home.id}")
    done = house.rounds(duty="patrol_day")[0]
    number = done.id
    assert (done.state, done.faults, done.member_id, done.accuracy_m) == ("done", 1, somebody.id, 12)
    shown = fetch(sign_in(house.district, language=language), f"/selfchecks/rounds/{number}").text
    assert "堵塞" in shown


def test_a_reason_that_is_missing_is_asked_for_where_the_tap_was(house: House, patrol: SelfCheckRound, sign_in: Any) -> None:
    begun(house, patrol)
    browser, path = sign_in(house.manager, language="en"), f"/selfchecks/filling/{patrol.id}"
    answer = browser.post(f"{path}/answer", data={"csrf_token": _token(browser, path), "code": "FP-01", "result": "nonconform"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "needs a reason" in page
    assert 'value="FP-01"' in page
    assert re.search(r"walk-nonconform[^>]* open", page)
    assert "nonconform-wrong-1" in page


@pytest.mark.parametrize(("method", "path"), [
    ("GET", ""), ("POST", "/begin"), ("POST", "/answer"), ("POST", "/photo"), ("POST", "/complete"), ("POST", "/photos/1/remove"),
])
def test_a_manager_does_not_find_the_round_of_another_home(house: House, patrol: SelfCheckRound, sign_in: Any, app: Any, monkeypatch: Any, method: str, path: str) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    stranger, number, home = make.make_user(Role.FACILITY_MANAGER, make.make_facility()), patrol.id, house.home.id
    browser = sign_in(stranger)
    answer = browser.open(f"/selfchecks/filling/{number}{path}", method=method, data={"code": "FP-01", "result": "conform"})
    assert answer.status_code == 404
    assert browser.get(f"/selfchecks/rounds/{number}").status_code == 404
    assert browser.get(f"/selfchecks/homes/{home}").status_code == 404
    Scope.system("test").enter()
    assert db.session.scalar(Scope.system("test").columns(SelfCheckRound, SelfCheckRound.check_id).where(SelfCheckRound.id == number)) is None


def test_officers_read_and_do_not_fill_in(house: House, patrol: SelfCheckRound, sign_in: Any) -> None:
    browser, number = sign_in(house.district), patrol.id
    assert browser.get(f"/selfchecks/filling/{number}").status_code == 403
    assert browser.get(f"/selfchecks/rounds/{number}").status_code == 200


def test_two_who_fill_in_the_same_round_do_not_lose_a_tap(house: House, patrol: SelfCheckRound) -> None:
    scope, row = begun(house, patrol)
    filling.answer(scope, row.id, "FP-01", Answer("conform"))
    other = make.make_user(Role.FACILITY_MANAGER, house.home)
    from eldercare.core.scope import scope_of

    second = scope_of(other, P.SELFCHECK_FILL)
    assert second is not None
    filling.answer(second.enter(), row.id, "FP-02", Answer("conform"))
    assert {code for code, each in answers(second, row).items() if each.result == "conform"} == {"FP-01", "FP-02"}


def test_a_round_begun_before_a_new_version_keeps_the_version_it_was_begun_with(house: House, patrol: SelfCheckRound, district: Scope) -> None:
    from eldercare.checklists import queries as catalogue
    from eldercare.checklists import services as lists

    scope, row = begun(house, patrol)
    old = checks.check(scope, row.check_id or 0).version_id
    Scope.system("test").enter()
    draft = lists.start_draft(district, row.checklist_id)
    item = catalogue.items(district, draft.id)[0]
    lists.change_item(district, item.id, {name: getattr(item, name) for name in catalogue.contents.ITEM} | {"en": "Newer words"})
    lists.publish(district, draft.id, "newer", calendar.today() + timedelta(1))
    assert checks.check(scope, row.check_id or 0).version_id == old
    assert catalogue.in_force(district, "daily_fire_patrol", DAY + timedelta(1)).id == draft.id


def test_what_was_begun_and_missed_is_closed_with_what_was_filled_in(house: House, patrol: SelfCheckRound) -> None:
    scope, row = begun(house, patrol)
    filling.answer(scope, row.id, "FP-01", Answer("conform"))
    filling.answer(scope, row.id, "FP-06", Answer("nonconform", "压力不足"))
    clock = Scope.system("test").enter()
    services.watch(clock, house.at(20, 30), rules())
    assert filling.close_left(clock, house.at(20, 30), rules()) == 0  # until eight in the morning it can be completed as late
    assert filling.close_left(clock, house.at(8, 1, DAY + timedelta(1)), rules()) == 1
    assert filling.close_left(clock, house.at(9, 1, DAY + timedelta(1)), rules()) == 0
    row = queries.round_(clock, row.id)
    check = checks.check(clock, row.check_id or 0)
    assert (row.state, row.answered, row.faults, row.done_at) == ("missed", 2, 1, None)
    assert (check.state, check.status, check.score) == ("sealed", "incomplete", None)
    found = db.session.scalars(clock.select(Hazard).where(Hazard.facility_id == house.home.id)).all()
    assert [each.item_code for each in found] == ["FP-06"]  # somebody saw it
    with refused("selfcheck.closed"):
        filling.answer(house.scope("manager", P.SELFCHECK_FILL), row.id, "FP-02", Answer("conform"))


def test_what_is_open_and_what_waits_is_found_among_years_of_rounds(
    house: House, patrol: SelfCheckRound, plans: list[str]
) -> None:
    begun(house, patrol)
    clock = Scope.system("test").enter()
    plans.clear()
    filling.close_left(clock, house.at(8, 1, DAY + timedelta(1)), rules())
    assert any("checks_open_idx" in each for each in plans)
    plans.clear()
    queries.due_now(clock, house.home.id, house.at(9), rules())
    assert "selfcheck_rounds_waits_idx" in plans[0]


def test_what_was_begun_and_never_answered_is_dropped(house: House, patrol: SelfCheckRound) -> None:
    _scope, row = begun(house, patrol)
    clock = Scope.system("test").enter()
    services.watch(clock, house.at(20, 30), rules())
    assert filling.close_left(clock, house.at(8, 1, DAY + timedelta(1)), rules()) == 1
    row = queries.round_(clock, row.id)
    assert (row.state, row.answered, checks.check(clock, row.check_id or 0).state) == ("missed", 0, "dropped")


def test_a_round_that_is_closed_says_so_and_offers_nothing_more(house: House, patrol: SelfCheckRound, sign_in: Any) -> None:
    scope, row = begun(house, patrol)
    filling.answer(scope, row.id, "FP-01", Answer("conform"))
    clock = Scope.system("test").enter()
    services.watch(clock, house.at(20, 30), rules())
    browser = sign_in(house.manager)
    said = browser.get(f"/selfchecks/rounds/{row.id}").text
    assert f"/selfchecks/filling/{row.id}" in said
    assert "可补做至" in said
    filling.close_left(Scope.system("test").enter(), house.at(8, 1, DAY + timedelta(1)), rules())
    said = browser.get(f"/selfchecks/rounds/{row.id}").text
    assert f"/selfchecks/filling/{row.id}" not in said
    assert "计为漏做" in said
    assert browser.get(f"/selfchecks/filling/{row.id}").headers["Location"].endswith(f"/selfchecks/rounds/{row.id}")


def closed_next_day(house: House) -> int:
    clock = Scope.system("test").enter()
    services.watch(clock, house.at(20, 30), rules())
    return filling.close_left(Scope.system("test").enter(), house.at(8, 1, DAY + timedelta(1)), rules())


def test_a_major_fault_is_told_though_its_row_has_left_the_table_meanwhile(house: House, patrol: SelfCheckRound) -> None:
    begun(house, patrol)
    scope = Scope.system("test").enter()
    lists_made.let_go(scope, "MH-7-5")
    publish(scope, lists_made.table_without(scope, "MH-7-5").id, "row dropped", DAY)
    done = walk(house, patrol, but={"FP-03": Answer("nonconform", "上锁")})
    found = db.session.scalars(scope.enter().select(Hazard).where(Hazard.facility_id == house.home.id)).one()
    assert (done.state, found.severity, found.hazard_code) == ("done", "major", "MH-7-5")


def test_one_round_that_cannot_be_closed_keeps_back_no_other(house: House) -> None:
    other = made.house(house.monkey)
    day_made(house)
    house.at(9)
    rounds = []
    for each in (house, other):
        scope, row = begun(each, each.rounds(duty="patrol_day")[0])
        filling.answer(scope, row.id, "FP-06", Answer("nonconform", "压力不足"))
        rounds.append(row)
    answer = answers(Scope.system("test").enter(), rounds[0])["FP-06"]
    report(Scope.system("test").enter(), house.home.id, severity="general", description="另报", source=("self_check", answer.id, "", ""))
    assert closed_next_day(house) == 1
    clock = Scope.system("test").enter()
    assert [checks.check(clock, queries.round_(clock, row.id).check_id or 0).state for row in rounds] == ["open", "sealed"]


def test_an_overdue_rectification_caps_the_score_however_many_reports_wait(house: House, patrol: SelfCheckRound) -> None:
    house.at(9, day=DAY - timedelta(20))
    scope = Scope.system("test").enter()
    for number in range(51):
        report(scope, house.home.id, severity="general", description="待核实", source=("report", 9000 + number, "", ""))
    order(scope, house.home.id, source=None, severity="general", description="杂物", deadlines=Deadlines.of(current_app.config))
    house.at(9)
    done = walk(house, patrol)
    assert checks.check(Scope.system("test").enter(), done.check_id or 0).overdue == 1
