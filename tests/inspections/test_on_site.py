"""The tablet's page at a place, in Chromium: torn files, taps, teams that change, tablets that break, clocks that are wrong."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect, sync_playwright

from eldercare.accounts.models import User
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections import queries as inspections
from eldercare.inspections.models import Visit, VisitRecord
from eldercare.inspections.services import put
from tests import make
from tests.inspections.line import Line
from tests.inspections.stage import make_visits
from tests.inspections.tabs import Machine, Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@contextmanager
def tablet(server: Any, tmp_path: Path, name: str, *, of: type[Line] = Line) -> Iterator[Tab]:
    """Somebody's tablet, signed in, on a line that is whole but for what a test does to it."""
    db.session.remove()
    with of(("127.0.0.1", server.port), faults={}) as line, sync_playwright() as tools:
        tab = Tab(Machine(tools, tmp_path / "profile"), line, name, make.PASSWORD, kill=0)
        tab.sign_in()
        yield tab
        tab.context.close()


class Hole(Line):
    """A line that is whole, but for what names `lost`."""

    lost = b""

    def _one(self, peer: socket.socket, head: bytes, body: bytes) -> None:
        if not self.lost or self.lost not in head.split(b"\r\n", 1)[0]:
            super()._one(peer, head, body)


@pytest.mark.parametrize("lost", [b"/worker.js", b"field-512"], ids=["worker", "file"])
def test_a_page_whose_worker_the_line_swallowed_asks_for_it_until_it_lies_on_the_tablet(server: Any, tmp_path: Path, lost: bytes) -> None:
    ((name, _given),) = make_visits(1, 1)
    with tablet(server, tmp_path, name, of=Hole) as tab:
        tab.line.lost = lost
        tab.home()
        missing = tab.page.get_by_text("页面尚未存入平板")
        expect(missing).to_be_visible()
        tab.page.wait_for_timeout(1_000)
        assert not tab.kept()
        tab.line.lost = b""
        expect(missing).to_have_count(0, timeout=30_000)
        assert tab.kept()


# whether the worker that opens the page next answers
ANSWERS = """async () => {
    const all = await navigator.serviceWorker.getRegistration(), next = all.waiting ?? all.active;
    return !all.installing && new Promise((done) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(true);
        setTimeout(done, 1000, false);
        next.postMessage("here?", [port2]);
    });
}"""


class Torn(Line):
    """A line on which an answer ends in its head, for what names `torn`."""

    torn = b""

    def _ask(self, head: bytes, body: bytes, *, whole: bool = True) -> bytes:
        answer = super()._ask(head, body, whole=whole)
        if not self.torn or self.torn not in head.split(b"\r\n", 1)[0]:
            return answer
        return b"\r\n".join([answer.split(b"\r\n", 1)[0], b"Content-Type: text/javascript", b"Content-Le"])


def test_a_worker_torn_off_on_the_way_does_not_take_the_place_of_a_good_one(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    with tablet(server, tmp_path, name, of=Torn) as tab:
        tab.take(given.uid)
        tab.line.torn = b"/worker.js"
        torn = "async () => { const r = await navigator.serviceWorker.getRegistration(); await r.update(); return Boolean(r.installing ?? r.waiting) }"
        assert tab.page.evaluate(torn)  # the browser took it
        tab.line.torn = b""
        tab.wait(lambda: tab.page.evaluate(ANSWERS), 30)  # another was fetched in its place
        tab.die()
        tab.line.cut = True
        tab.page.goto(f"{tab.line.url}/inspections/field/")
        expect(tab.page.locator(f".visit[data-uid='{given.uid}']")).to_contain_text("可离线使用")


def test_a_tap_counts_though_the_server_answers_while_the_finger_is_down(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    with tablet(server, tmp_path, name) as tab:
        tab.take(given.uid)
        (one,) = tab.rows("packages", given.uid)[0]["body"]["lists"]
        first, second = one["items"][:2]
        assert first["area"] == second["area"]
        tab.go(given.uid, f"list/{one['version_id']}/{first['area']}")
        buttons = [tab.page.locator(f"#item-{each['code']}").get_by_role("button", name="符合", exact=True) for each in (first, second)]
        with tab.page.expect_response("**/token"):  # what was tapped is sent a moment later
            buttons[0].click()
            expect(buttons[0]).to_have_attribute("aria-pressed", "true")
            buttons[1].hover()
            tab.page.mouse.down()
        tab.page.wait_for_timeout(500)
        tab.page.mouse.up()
        expect(buttons[1]).to_have_attribute("aria-pressed", "true")
        assert f"answer:{one['version_id']}:{second['code']}" in tab.keys(given.uid)


def test_whoever_takes_a_visit_along_when_signed_out_is_told_so_where_they_tapped(server: Any, tmp_path: Path) -> None:
    ((name, given),) = make_visits(1, 12)  # a list longer than the screen
    with tablet(server, tmp_path, name) as tab:
        tab.home()
        buttons = tab.page.locator(".visit").get_by_role("button", name="下载")
        expect(buttons).to_have_count(len(given))
        tab.context.clear_cookies()
        buttons.last.click()
        expect(tab.page.locator("#told")).to_contain_text("登录已失效")


class Gate(Line):
    """A line on which what names `held` waits, seen, until it is let go."""

    held = b""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: list[bytes] = []
        self.seen, self.free = threading.Event(), threading.Event()

    def _one(self, peer: socket.socket, head: bytes, body: bytes) -> None:
        first = head.split(b"\r\n", 1)[0]
        self.asked.append(first)
        if self.held and self.held in first:
            self.seen.set()
            self.free.wait(60)
        super()._one(peer, head, body)


def test_a_record_opened_again_while_its_photos_go_is_not_sent_and_takes_nothing_with_it(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    with tablet(server, tmp_path, name, of=Gate) as tab:
        tab.take(given.uid)
        tab.line.cut, tab.line.held = True, b"/photos/"  # nothing gets through until it is sealed
        tab.make(given.uid, 1)
        tab.wait(lambda: tab.page.get_by_role("button", name="重新打开").count() > 0, 10)
        tab.page.get_by_role("button", name="立即发送").click()
        assert tab.line.seen.wait(30)
        tab.page.get_by_role("button", name="重新打开").click()
        tab.wait(lambda: not tab.rows("records", given.uid), 10)
        tab.go(given.uid, "people")
        tab.page.get_by_label("需要写入记录的其他情况").fill("示例:封存后补记")
        tab.wait(lambda: "notes" in tab.keys(given.uid), 10)
        tab.line.free.set()
        expect(tab.page.locator("#pill")).to_contain_text("均已确认", timeout=30_000)
        assert not tab.rows("records", given.uid)
        assert not tab.rows("done", given.uid)
        assert not [each for each in tab.line.asked if b"/record" in each]
        assert "notes" in tab.keys(given.uid)


def test_a_refused_record_may_be_opened_again_but_not_while_it_is_sent_once_more(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    with tablet(server, tmp_path, name, of=Gate) as tab:
        tab.take(given.uid)
        refusal = {"code": "visit.record_wrong", "message": "", "details": {}}
        tab.page.route("**/record", lambda route: route.fulfill(status=422, json=refusal))
        tab.make(given.uid, 1)
        again = tab.page.get_by_role("button", name="重新打开")
        tab.wait(lambda: any(each.get("trouble") for each in tab.rows("visits", given.uid)), 60)
        expect(again).to_be_visible()
        tab.page.unroute("**/record")
        tab.line.held = b"/record"
        tab.page.get_by_role("button", name="立即发送").click()
        assert tab.line.seen.wait(30)
        expect(again).to_have_count(0)
        tab.line.free.set()
        tab.wait(lambda: bool(tab.rows("done", given.uid)), 30)
        assert tab.rows("done", given.uid)


def test_what_others_hold_for_a_moment_is_sent_again_by_itself(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    db.session.remove()
    busy = {"**/token": (503, ""), "**/draft": (409, "row.busy"), "**/photos/*": (409, "photo.busy"), "**/record": (409, "row.busy")}
    said, troubles = [], []
    with tablet(server, tmp_path, name) as tab:
        tab.take(given.uid)

        def once(path: str, status: int, code: str) -> None:
            def answer(route: Any) -> None:
                said.append(path)
                route.fulfill(status=status, json={"code": code})

            tab.page.route(path, answer, times=1)

        def is_done() -> bool:
            troubles.extend(each["trouble"] for each in tab.rows("visits", given.uid) if each.get("trouble"))
            return bool(tab.rows("done", given.uid))

        for path, (status, code) in busy.items():
            once(path, status, code)
        tab.make(given.uid, 1)
        tab.wait(is_done, 60)
        assert is_done()
        assert (sorted(said), troubles) == (sorted(busy), [])


def _note(tab: Any, uid: str, words: str) -> None:
    """Words in the notes of a visit, as a keyboard gives them, whatever they are."""
    tab.go(uid, "people")
    box = tab.page.get_by_label("需要写入记录的其他情况")
    box.evaluate("(box, words) => { box.value = JSON.parse(words); box.dispatchEvent(new Event('input', { bubbles: true })) }", json.dumps(words))
    tab.wait(lambda: "notes" in tab.keys(uid), 10)


def test_what_the_server_cannot_answer_holds_up_nothing_behind_it(server: Any, tmp_path: Path) -> None:
    ((name, given),) = make_visits(1, 3)
    db.session.remove()
    first, second, third = sorted(each.uid for each in given)  # in the order they are sent
    with tablet(server, tmp_path, name) as tab:
        for uid in (first, second, third):
            tab.take(uid)
        tab.page.route(f"**/visits/{first}/draft", lambda route: route.fulfill(status=500, body="{}"))
        tab.page.route(f"**/visits/{second}/draft", lambda route: route.fulfill(json={"seq": 1, "hashes": {"notes": "0" * 64}}))
        _note(tab, first, "示例")
        _note(tab, second, "示例")
        _note(tab, third, "示例\ud83d")  # half a character
        tab.wait(lambda: all(each["ok"] for each in tab.rows("entries", third)), 20)
        assert [each["ok"] for each in tab.rows("entries", third)] == [True]
        assert not any(each["ok"] for uid in (first, second) for each in tab.rows("entries", uid))
        tab.go(second, "")
        expect(tab.page.locator(".say-bad")).to_contain_text("其他说明")  # which one it is


def _visit(scope: Scope, uid: str) -> Visit:
    """A visit with its team."""
    return inspections.visit(scope, db.session.scalars(scope.columns(Visit, Visit.id).where(Visit.uid == UUID(uid))).one())


def test_another_second_officer_reaches_a_tablet_that_took_the_visit_along_before(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    with tablet(server, tmp_path, name) as tab:
        tab.take(given.uid)
        _note(tab, given.uid, "示例")
        scope = Scope.system("test").enter()
        visit = _visit(scope, given.uid)
        person = make.make_user(Role.INSPECTOR)
        team, called = [visit.lead.id, make.make_officer(person).id], person.name
        put(scope, visit.id, planned_on=visit.planned_on, window=(None, None), reason="示例", team=team)
        db.session.commit()
        tab.home()
        tab.wait(lambda: [each["id"] for each in tab.rows("packages", given.uid)[0]["body"]["officers"]] == team, 15)
        tab.go(given.uid, "shown")
        expect(tab.page.get_by_text(called).first).to_be_visible()
        for seats in (team[::-1], team):  # led by the other for a while
            Scope.system("test").enter()
            put(scope, visit.id, planned_on=visit.planned_on, window=(None, None), reason="示例", team=seats)
            db.session.commit()
            tab.home()
            tab.wait(lambda seats=seats: tab.rows("packages", given.uid)[0]["body"]["i_lead"] == (seats == team), 15)  # type: ignore[misc]
            tab.go(given.uid, "")
            expect(tab.page.get_by_text("您可在此查看")).to_have_count(int(seats != team))
        assert "notes" in tab.keys(given.uid)


def test_a_spare_tablet_of_the_morning_goes_on_where_the_first_one_broke_whatever_was_tapped_there(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    db.session.remove()
    with Line(("127.0.0.1", server.port), faults={}) as line, sync_playwright() as tools:
        spare = Tab(Machine(tools, tmp_path / "spare"), line, name, make.PASSWORD, kill=0)
        spare.sign_in()
        spare.take(given.uid)
        spare._press(given.uid, "arrive", "我已到达")
        expect(spare.page.get_by_text("到达时间")).to_be_visible()
        arrived = next(each["value"]["at"] for each in spare.rows("entries", given.uid))
        first = Tab(Machine(tools, tmp_path / "first"), line, name, make.PASSWORD, kill=0)
        first.sign_in()
        first.take(given.uid)
        _note(first, given.uid, "示例")
        first._press(given.uid, "arrive", "我已到达")
        first.wait(lambda: len(first.rows("entries", given.uid)) == 2 and all(each["ok"] for each in first.rows("entries", given.uid)), 15)
        first.context.close()
        spare.page.get_by_role("button", name="撤销").click()
        spare.wait(lambda: not spare.keys(given.uid), 10)
        spare.home()
        spare.go(given.uid, "")
        spare.page.get_by_role("button", name="接着填写").click()
        spare.wait(lambda: spare.keys(given.uid) == {"notes", "arrival"}, 10)
        assert spare.keys(given.uid) == {"notes", "arrival"}
        assert next(each["value"]["at"] for each in spare.rows("entries", given.uid) if each["key"] == "arrival") != arrived
        with spare.page.expect_response("**/state?**"):  # whether another began it has been asked once more
            spare.home()
        spare.go(given.uid, "")
        expect(spare.page.get_by_role("button", name="接着填写")).to_have_count(0)
        spare.context.close()


def test_the_lead_sees_a_visit_on_a_tablet_on_which_the_second_officer_signed_in_first(server: Any, tmp_path: Path) -> None:
    ((name, (given, begun)),) = make_visits(1, 2)
    scope = Scope.system("test").enter()
    mates = [_visit(scope, each.uid).officers[1].officer.user_id for each in (given, begun)]
    (mate,) = {db.session.get_one(User, each).username for each in mates}
    with tablet(server, tmp_path, mate) as tab:
        tab.take(given.uid)
        tab.context.clear_cookies()
        tab.username = name
        tab.sign_in()
        tab.home()
        tab.wait(lambda: not tab.rows("packages", given.uid), 15)
        tab.take(given.uid)
        assert tab.rows("packages", given.uid)[0]["body"]["i_lead"]
        tab.take(begun.uid)
        _note(tab, begun.uid, "示例")
        tab.context.clear_cookies()
        tab.username = mate
        tab.sign_in()
        tab.home()
        expect(tab.page.get_by_text("已由他人在本平板上开始")).to_have_count(1)
        assert "notes" in tab.keys(begun.uid)


def test_a_confirmed_visit_leaves_the_tablet_though_nobody_looks_at_it_then(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    with tablet(server, tmp_path, name) as tab:
        tab.make(given.uid, 1)
        tab.page.evaluate("location.hash = '#/'")  # and nobody opens it again
        tab.wait(lambda: bool(tab.rows("done", given.uid)), 60)
        tab.wait(lambda: not tab.rows("records", given.uid), 20)
        assert not [store for store in ("packages", "entries", "photos", "bytes", "records") if tab.rows(store, given.uid)]


def test_of_three_officers_one_may_be_missing_and_the_record_says_so(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    scope = Scope.system("test").enter()
    visit, person = _visit(scope, given.uid), make.make_user(Role.INSPECTOR)
    third, called = make.make_officer(person).id, person.name
    team = [each.officer_id for each in visit.officers]
    put(scope, visit.id, planned_on=visit.planned_on, window=(None, None), reason="示例", team=[*team, third])
    db.session.commit()
    with tablet(server, tmp_path, name) as tab:
        tab.take(given.uid)
        tab.go(given.uid, "shown")
        tab.page.get_by_role("button", name=f"未到场 {called}").click()
        expect(tab.page.get_by_role("button", name="未到场")).to_have_count(0)  # two must be there
        expect(tab.page.get_by_role("button", name="已出示")).to_have_count(2)
        tab.go(given.uid, "sign")
        expect(tab.page.locator("canvas.pad")).to_have_count(2)
        tab.page.get_by_label("未到场原因").fill("示例:病假")
        tab.until(given.uid, lambda: "arrival" in tab.keys(given.uid), lambda: tab._press(given.uid, "arrive", "我已到达"))
        for n in (1, 2):
            tab.until(given.uid, lambda n=n: len([each for each in tab.keys(given.uid) if each.startswith("certificate:")]) == n, lambda: tab._shown(given.uid))  # type: ignore[misc]
        tab.until(given.uid, lambda: "notice" in tab.keys(given.uid), lambda: tab._shown(given.uid))
        package = tab.rows("packages", given.uid)[0]["body"]
        for each in package["officers"][:2]:
            tab.until(given.uid, lambda key=f"signature:officer:{each['id']}": key in tab.keys(given.uid), lambda name=each["name"]: tab._sign(given.uid, name))  # type: ignore[misc]
        tab.until(given.uid, lambda: tab._home_signed(given.uid), lambda: tab._home(given.uid))
        tab._press(given.uid, "sign", "完成并封存")
        tab.wait(lambda: bool(tab.rows("done", given.uid)), 30)
        assert tab.rows("done", given.uid)
    Scope.system("test").enter()
    (body,) = db.session.scalars(scope.columns(VisitRecord, VisitRecord.body)).all()
    said = json.loads(body)
    assert [each["officer_id"] for each in said["shown"]["certificates"]] == team
    officers = [(each["officer_id"], each["state"], each["reason"]) for each in said["signatures"] if each["role"] == "officer"]
    assert officers == [(team[0], "signed", None), (team[1], "signed", None), (third, "absent", "示例:病假")]


def test_an_arrival_by_a_wrong_clock_is_set_right_with_a_reason_and_a_certificate_taken_back(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    with tablet(server, tmp_path, name) as tab:
        tab.take(given.uid)
        tab.line.cut = True
        tab.page.clock.install(time=0)  # the battery was flat
        tab.home()
        tab._press(given.uid, "arrive", "我已到达")
        expect(tab.page.get_by_text("本平板的时钟早于已记录的内容")).to_be_visible()
        tab.go(given.uid, "missing")
        expect(tab.page.get_by_text("到达时间明显有误")).to_be_visible()
        tab.go(given.uid, "arrive")
        tab.page.get_by_role("button", name="有误").click()
        tab.page.get_by_label("实际日期和时间").fill("2026-11-24T09:30")
        tab.page.get_by_role("button", name="更正时间").click()
        expect(tab.page.get_by_text("请说明错误原因")).to_be_visible()
        tab.page.get_by_label("错误原因").fill("示例:时钟归零")
        tab.page.get_by_role("button", name="更正时间").click()
        tab.wait(lambda: any(each["value"]["at"].startswith("2026") for each in tab.rows("entries", given.uid)), 10)
        tab._shown(given.uid)
        tab.wait(lambda: len(tab.keys(given.uid)) == 2, 10)
        tab.page.get_by_role("button", name="有误").click()
        tab.page.get_by_label("错误原因").fill("示例:未出示")
        tab.page.get_by_role("button", name="撤回").click()
        tab.wait(lambda: tab.keys(given.uid) == {"arrival"}, 10)
        entries = {each["key"].split(":")[0]: each["value"] for each in tab.rows("entries", given.uid)}
        assert entries["arrival"]["at"] == "2026-11-24T01:30:00.000Z"
        assert [each["at"][:4] in ("1969", "1970") for each in entries["arrival"]["was"]] == [True]
        assert entries["certificate"]["gone"]
        assert [each["reason"] for each in entries["certificate"]["was"]] == ["示例:未出示"]


def test_a_photo_the_tablet_cannot_work_up_stays_until_a_person_discards_it(server: Any, tmp_path: Path) -> None:
    ((name, (given,)),) = make_visits(1, 1)
    with tablet(server, tmp_path, name) as tab:
        tab.take(given.uid)
        (one,) = tab.rows("packages", given.uid)[0]["body"]["lists"]
        item = one["items"][0]
        tab.go(given.uid, f"list/{one['version_id']}/{item['area']}")
        torn = {"name": "torn.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff torn"}
        tab.page.locator(f"#item-{item['code']}").locator("input[type=file]").first.set_input_files([torn])
        expect(tab.page.locator("#told")).to_contain_text("原图已保留")
        assert len(tab.rows("intake", given.uid)) == 1
        _note(tab, given.uid, "示例")
        tab.go(given.uid, "missing")
        expect(tab.page.get_by_text("未处理完成的照片")).to_be_visible()
        tab.page.get_by_role("button", name="重试").click()
        expect(tab.page.get_by_text("未处理完成的照片")).to_be_visible()
        tab.page.evaluate("location.hash = '#/tablet'")
        tab.page.get_by_role("button", name="导出加密文件").click()
        expect(tab.page.locator("#told")).to_contain_text("有1张未处理完成的照片未包含在文件中")
        tab.go(given.uid, "")
        for word in ("丢弃", "撤销", "丢弃"):
            tab.page.get_by_role("button", name=word).click()
            tab.wait(lambda word=word: bool(tab.rows("intake", given.uid)) == (word == "撤销"), 10)  # type: ignore[misc]
            assert bool(tab.rows("intake", given.uid)) == (word == "撤销")
