"""A visit on a tablet, with the network cut: nothing lost, nothing twice, fast enough, nobody else's."""

import io
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.browser.conftest import SIZES, Served
from tests.browser.test_look import axe

pytestmark = pytest.mark.browser
HEAVY = ("visits", "packages", "entries", "photos", "bytes", "intake", "records")
CONFIRMED = 30_000  # ms until everything has gone over the line


LEADS = {"inspector1": "inspector2", "inspector3": "inspector4", "inspector5": "inspector6", "inspector6": "inspector5",
         "inspector7": "inspector8", "inspector8": "inspector7"}
PLANNING = """
import json, sys
from sqlalchemy import select
from eldercare import create_app
from eldercare.accounts.models import User
from eldercare.accounts.officers import queries as officers
from eldercare.accounts.officers.models import Officer
from eldercare.checklists import queries as catalogue
from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.inspections.services import plan_visit

with create_app().app_context():
    scope = Scope.system("test").enter()
    homes = list(db.session.scalars(scope.select(Facility).where(Facility.facility_type == "institution").order_by(Facility.code).limit(20)))
    ids = dict(db.session.execute(select(User.username, Officer.id).join(Officer, Officer.user_id == User.id)).all())
    versions = [each.id for each in catalogue.suitable(scope, "institution", calendar.today())][:2]
    told = {}
    for lead, mate in json.loads(sys.argv[1]).items():
        shunned = [officers.avoided(scope, each.id, calendar.today()) for each in homes]
        n = next(n for n, each in enumerate(shunned) if ids[lead] not in each and ids[mate] not in each)
        home = homes.pop(n)
        visit = plan_visit(scope, home.id, kind="daily", planned_on=calendar.today(), team=[ids[lead], ids[mate]],
                           versions=versions, basis="示例依据", purpose="示例内容")
        told[lead] = str(visit.uid)
    db.session.commit()
    print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def planned(served: Served) -> dict[str, str]:
    """A visit of today for each lead, at a home of its own: {username: its mark}."""
    done = subprocess.run([".venv/bin/python", "-c", PLANNING, json.dumps(LEADS)], env=served.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    marks: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return marks


def jpeg(number: int) -> dict[str, Any]:
    """A photo as a camera gives it: larger than what is kept."""
    picture = Image.linear_gradient("L").resize((2400, 1800)).convert("RGB")
    picture.paste(((37 * number) % 256, (91 * number) % 256, 120), (0, 0, 900, 900))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


class Tablet:
    """A tablet in somebody's hands: a browser of its own, a position, downloads allowed."""

    def __init__(self, chromium: Browser, served: Served, planned: dict[str, str], size: str = "tablet") -> None:
        width, height = SIZES[size]
        self.served, self.planned, self.person = served, planned, ""
        self.context: BrowserContext = chromium.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", accept_downloads=True,
            geolocation={"latitude": 36.39, "longitude": 120.45, "accuracy": 12}, permissions=["geolocation"],
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def sign_in(self, username: str) -> None:
        self.person = username
        self.page.goto(f"{self.served.url}/sign-in")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", self.served.password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def home(self) -> None:
        self.page.goto(f"{self.served.url}/inspections/field/")
        expect(self.page.locator("h1")).to_have_text("检查任务")

    def take(self) -> str:
        """The visit this person leads, taken along; its mark."""
        self.home()
        uid = self.planned[self.person]
        self.page.locator(f".visit[data-uid='{uid}']").get_by_role("button", name="下载").click()
        expect(self.page.locator(f".visit[data-uid='{uid}']")).to_contain_text("可离线使用", timeout=20_000)
        return uid

    def go(self, uid: str, screen: str = "") -> None:
        self.page.evaluate("to => { location.hash = to }", f"#/visit/{uid}" + (f"/{screen}" if screen else ""))
        expect(self.page.locator(".content > *").first).to_be_visible()

    def tap(self, target: Locator) -> None:
        """A tap, and the word that it is kept."""
        target.click()
        expect(target).to_have_attribute("aria-pressed", "true")

    def held(self, store: str) -> list[dict[str, Any]]:
        """What lies in the tablet's database."""
        rows: list[dict[str, Any]] = self.page.evaluate(
            """async name => { const db = await new Promise((done, failed) => { const r = indexedDB.open('eldercare-field');
            r.onsuccess = () => done(r.result); r.onerror = failed });
            const rows = await new Promise(done => { const r = db.transaction(name).objectStore(name).getAll(); r.onsuccess = () => done(r.result) });
            db.close(); return rows.map(row => ({ ...row, data: row.data?.byteLength ?? null })) }""", store)
        return rows

    def sign(self, box: Locator) -> None:
        pad = box.locator("canvas.pad")
        pad.scroll_into_view_if_needed()
        place = pad.bounding_box()
        assert place
        self.page.mouse.move(place["x"] + 40, place["y"] + 40)
        self.page.mouse.down()
        for n in range(12):
            self.page.mouse.move(place["x"] + 40 + n * 20, place["y"] + 40 + n % 3 * 25)
        self.page.mouse.up()
        box.get_by_role("button", name="确认").click()
        expect(pad).to_have_count(0)

    def asked(self, path: str) -> Any:
        """What the server says, over the same line."""
        return self.page.evaluate("async path => (await fetch(path)).json()", path)


@pytest.fixture
def tablet(served: Served, chromium: Browser, planned: dict[str, str]) -> Iterator[Callable[..., Tablet]]:
    """`tablet("inspector1")` → a tablet signed in; an uncaught fault of the page fails the test."""
    made: list[Tablet] = []

    def give(username: str | None = None, size: str = "tablet") -> Tablet:
        one = Tablet(chromium, served, planned, size)
        made.append(one)
        if username:
            one.sign_in(username)
        return one

    yield give
    for each in made:
        each.context.close()
    assert not [line for each in made for line in each.faults]


def arrive(tablet: Tablet, uid: str) -> None:
    """Arrival, two certificates, the notice."""
    page = tablet.page
    tablet.go(uid, "arrive")
    page.get_by_role("button", name="我已到达").click()
    expect(page.get_by_text("36.39, 120.45")).to_be_visible()
    tablet.go(uid, "shown")
    for left in (1, 0):
        page.get_by_role("button", name=re.compile("^已出示")).first.click()
        expect(page.get_by_role("button", name=re.compile("^已出示"))).to_have_count(left)
    tablet.tap(page.get_by_role("button", name="当面送达"))
    page.locator(".chip").first.click()


def fill(tablet: Tablet, uid: str, photos: int) -> int:
    """Every item of the first list, one tap each; photos where they are asked for, as many as there are to be; what wants one
    after that does not apply here; two are not in order. How many items."""
    page, items, taken = tablet.page, 0, 0
    tablet.go(uid)
    version = (page.locator("a.step", has_text="主体责任清单").get_attribute("href") or "").rsplit("/", 1)[1]
    body = next(each["body"] for each in tablet.held("packages") if each["uid"] == uid)
    listed = next(each for each in body["lists"] if str(each["version_id"]) == version)
    for area in listed["areas"]:
        tablet.go(uid, f"list/{version}/{area['code']}")
        for item in (each for each in listed["items"] if each["area"] == area["code"]):
            items += 1
            card = page.locator(f"#item-{item['code']}")
            if item["photo"] and taken < photos:
                taken += 1
                card.locator("input[type=file]").set_input_files([jpeg(taken)])
                expect(card.locator(".shot")).to_have_count(1, timeout=20_000)
            elif item["photo"]:
                tablet.tap(card.get_by_role("button", name="不适用", exact=True))
                card.locator(".chip").first.click()
                expect(card.locator("textarea")).not_to_be_empty()
                continue
            if not (taken in (2, 3) and item["photo"]):
                tablet.tap(card.get_by_role("button", name="符合", exact=True))
                continue
            tablet.tap(card.get_by_role("button", name="不符合", exact=True))
            card.get_by_label("具体情况").fill(f"示例:第{taken}处与要求不符")
            expect(card.locator(".field-mark").first).to_contain_text("已保存")
            card.get_by_role("button", name=re.compile("列为隐患")).click()
            expect(card.locator(".hazard")).to_be_visible()
    assert taken == photos
    return items


def test_a_visit_without_network_arrives_whole_and_once(tablet: Callable[..., Tablet], served: Served) -> None:
    mine = tablet("inspector1")
    page, uid = mine.page, mine.take()
    mine.context.set_offline(True)
    arrive(mine, uid)
    items = fill(mine, uid, photos=20)
    assert items == 80
    for _ in range(2):  # a crash, a flat battery: the page comes back out of its own cache with everything
        page.reload()
        expect(page.locator("article.item").first).to_be_visible()
    assert len([each for each in mine.held("entries") if each["key"].startswith("answer:")]) == 80
    kept = mine.held("photos")
    assert len(kept) == 20
    assert all(each["bytes"] <= 500_000 and max(each["w"], each["h"]) <= 2000 and each["lat"] == 36.39 for each in kept)
    mine.go(uid, "sign")
    expect(page.locator("canvas.pad")).to_have_count(2)
    for title in page.locator("section.box", has=page.locator("canvas.pad")).locator("h2").all_inner_texts():
        mine.sign(page.locator("section.box").filter(has_text=title))
    page.get_by_role("button", name="签名", exact=True).click()
    home = page.locator("section.box", has=page.locator("canvas.pad"))
    home.get_by_label("姓名").fill("示例院长")
    mine.sign(home)
    page.get_by_role("button", name="完成并封存").click()
    expect(page.get_by_text("已完成并封存")).to_be_visible()
    sealed = mine.held("records")[0]["sha256"]
    expect(page.locator(".meter-device b")).to_have_text(str(len(mine.held("entries")) + 21))  # 20 photos and the record
    mine.context.set_offline(False)
    expect(page.get_by_text("服务器已保存记录")).to_be_visible(timeout=CONFIRMED)
    expect(page.locator(".hash")).to_have_text(sealed)
    expect(page.get_by_text("已从平板清除")).to_be_visible(timeout=10_000)
    assert not {store for store in HEAVY if any(row["uid"] == uid for row in mine.held(store))}
    state = mine.asked(f"/inspections/field/visits/{uid}/state")
    assert state["state"] == "sent"
    assert state["record"]["sha256"] == sealed
    assert sorted(state["photos"]) == sorted(each["sha256"] for each in kept)
    page.goto(f"{served.url}/hazards/")
    for number in (2, 3):
        expect(page.locator("main")).to_contain_text(f"示例:第{number}处与要求不符")


def test_a_tap_is_kept_within_a_tenth_of_a_second_on_a_slow_tablet(tablet: Callable[..., Tablet]) -> None:
    mine = tablet("inspector3")
    page, uid = mine.page, mine.take()
    mine.go(uid)
    href = page.locator("a.step", has_text="主体责任清单").get_attribute("href") or ""
    mine.go(uid, f"list/{href.rsplit('/', 1)[1]}/FIR")
    expect(page.locator("article.item")).to_have_count(11)
    mine.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    for card in page.locator("article.item").all():
        for word in ("不符合", "符合"):
            mine.tap(card.get_by_role("button", name=word, exact=True))
    taken = sorted(page.evaluate("eldercareField.timings.map(each => each.ms)"))
    assert len(taken) == 22
    assert taken[int(len(taken) * 0.9)] <= 100, taken
    page.get_by_role("button", name="撤销").click()  # instead of "are you sure?": the last answer is as it was
    expect(page.locator("article.item").last.get_by_role("button", name="不符合", exact=True)).to_have_attribute("aria-pressed", "true")


def test_an_expired_sign_in_keeps_everything_for_its_own_person(tablet: Callable[..., Tablet]) -> None:
    mine = tablet("inspector5")
    page, uid = mine.page, mine.take()
    mine.context.set_offline(True)
    arrive(mine, uid)
    count = len(mine.held("entries"))
    mine.context.clear_cookies()
    mine.context.set_offline(False)
    expect(page.locator("#pill")).to_contain_text("登录后发送", timeout=15_000)
    mine.sign_in("inspector7")  # a colleague on the same tablet neither sees nor sends it
    mine.home()
    expect(page.get_by_text("有其他人尚未发送的内容")).to_be_visible()
    page.goto(f"{page.url.split('#')[0]}#/visit/{uid}")
    expect(page.locator("h1")).to_have_text("不在本平板上")
    page.goto(f"{page.url.split('#')[0]}#/tablet")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(lambda url: "/sign-in" in url)
    assert [each["ok"] for each in mine.held("entries")] == [False] * count
    mine.sign_in("inspector5")
    mine.home()
    expect(page.locator("#pill")).to_contain_text(f"{count} 项均已确认", timeout=CONFIRMED)
    assert all(each["ok"] for each in mine.held("entries"))
    assert len(mine.asked(f"/inspections/field/visits/{uid}/state")["draft"]["hashes"]) == count
    page.goto(f"{page.url.split('#')[0]}#/tablet")
    page.get_by_role("button", name="退出登录").click()  # all of it is on the server: taken off without a question
    page.wait_for_url(lambda url: "/sign-in" in url)
    assert not mine.held("entries")
    mine.sign_in("inspector5")
    mine.take()
    mine.go(uid)
    page.get_by_role("button", name="接着填写").click()  # and back, on the very tablet it was written on
    expect(page.get_by_role("button", name="接着填写")).to_have_count(0)
    assert len(mine.held("entries")) == count


def test_signing_out_asks_about_what_was_not_sent(tablet: Callable[..., Tablet], served: Served) -> None:
    mine = tablet("inspector6")
    page, uid = mine.page, mine.take()
    page.route("**/inspections/field/visits/*/draft", lambda route: route.abort())  # a line that never lets anything through
    mine.go(uid, "arrive")
    page.get_by_role("button", name="我已到达").click()
    expect(page.get_by_text("到达时间")).to_be_visible()
    page.goto(f"{served.url}/hazards/")  # from any page of the platform
    menu = page.locator("details[data-menu]", has=page.locator("form[data-leaving]"))
    menu.locator("summary").click()
    menu.get_by_role("button", name="退出登录").click()
    asked = page.locator("dialog.leaving")
    expect(asked).to_contain_text("只存在本平板上")
    assert not axe(page)
    with page.expect_download() as coming:
        asked.get_by_role("button", name="导出加密文件").click()
    file = json.loads(coming.value.path().read_text())
    assert coming.value.suggested_filename == f"visit-{uid}.rescue"
    assert set(file) == {"format", "key", "iv", "data"}
    asked.get_by_role("button", name="暂不退出").click()
    assert len(mine.held("entries")) == 1
    menu.locator("summary").click()
    menu.get_by_role("button", name="退出登录").click()
    asked.get_by_role("button", name="退出并删除").click()
    page.wait_for_url(lambda url: "/sign-in" in url)
    assert not {store for store in HEAVY if mine.held(store)}


def test_who_signs_out_takes_nothing_of_a_colleague_who_did_not(tablet: Callable[..., Tablet]) -> None:
    mine = tablet("inspector8")
    page, uid = mine.page, mine.take()
    page.route("**/inspections/field/visits/*/draft", lambda route: route.abort())
    mine.go(uid, "arrive")
    page.get_by_role("button", name="我已到达").click()
    expect(page.get_by_text("到达时间")).to_be_visible()
    mine.context.clear_cookies()  # the session ended by itself; a colleague uses the same browser, and never the tablet page
    mine.sign_in("inspector7")
    menu = page.locator("details[data-menu]", has=page.locator("form[data-leaving]"))
    menu.locator("summary").click()
    menu.get_by_role("button", name="退出登录").click()
    page.wait_for_url(lambda url: "/sign-in" in url)
    assert [each["key"] for each in mine.held("entries")] == ["arrival"]


def test_two_windows_show_the_same_and_one_sends(tablet: Callable[..., Tablet]) -> None:
    mine = tablet("inspector7")
    page, uid = mine.page, mine.take()
    other = mine.context.new_page()
    sent: list[str] = []
    mine.context.on("request", lambda request: sent.append(request.post_data or "") if request.method == "PUT" else None)
    for each in (page, other):
        each.goto(f"{mine.served.url}/inspections/field/#/visit/{uid}/residents")
        expect(each.locator("section.box").first).to_be_visible()
    mine.tap(page.get_by_role("button", name="已见，情况良好").first)
    expect(other.get_by_role("button", name="已见，情况良好").first).to_have_attribute("aria-pressed", "true")
    other.get_by_role("button", name="已见，有问题").nth(1).click()
    expect(page.get_by_role("button", name="已见，有问题").nth(1)).to_have_attribute("aria-pressed", "true")
    for each in (page, other):
        expect(each.locator("#pill")).to_contain_text("2 项均已确认", timeout=CONFIRMED)
    keys = [key for body in sent for key in json.loads(body)["entries"]]
    assert len(keys) == len(set(keys)) == 2


@pytest.mark.parametrize(("size", "language"), [("office", "English"), ("tablet", "中文"), ("upright", "English")])
def test_the_tablet_page_fits_and_can_be_read(tablet: Callable[..., Tablet], size: str, language: str) -> None:
    mine = tablet("inspector8", size)
    page, uid = mine.page, mine.take()
    version = mine.held("packages")[0]["body"]["lists"][0]["version_id"]
    page.evaluate("location.hash = '#/tablet'")
    page.get_by_role("button", name=language).click()
    found = [f"tablet: {line}" for line in axe(page)]
    for screen in ("", "card", "arrive", "shown", f"list/{version}", f"list/{version}/FIR", "residents", "people", "hazards", "missing", "sign", "meter"):
        mine.go(uid, screen)
        page.wait_for_timeout(60)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{screen}: {wide} px too wide"] if wide > 0 else []
        small = page.evaluate(
            """[...document.querySelectorAll('main button, main a, main summary, .foot-acts > *, .bar a')].filter(each => each.offsetParent
            && each.getBoundingClientRect().height < 47.5).map(each => each.textContent.trim().slice(0, 20))""")
        found += [f"{screen}: too small to hit: {small}"] if small else []
        found += [f"{screen}: {line}" for line in axe(page)]
    assert not found, "\n".join(found)
