"""Visits made by hand in a real Chromium, over the bad line, with the tab or the whole browser killed between any two steps.

What the tablet held the moment it was sealed is read out of its own database, byte by byte; `swarm.compare` then holds it
against the server.
"""

import base64
import io
import json
import os
import random
import re
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Error, Page, expect

from tests.inspections.line import Line
from tests.inspections.swarm import Held
from tests.inspections.tablet import sha

READ = """async ([name, uid]) => {
  const db = await new Promise(done => { const r = indexedDB.open('eldercare-field'); r.onsuccess = () => done(r.result);
    r.onupgradeneeded = () => r.transaction.abort(); r.onerror = () => done(null) }); // who reads must not make it in the page's stead
  if (!db) return { rows: [] };
  const rows = await new Promise(done => { const r = db.transaction(name).objectStore(name).getAll(); r.onsuccess = () => done(r.result) });
  db.close();
  const base64 = async data => { const bytes = new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data); let text = '';
    for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000)); return btoa(text) };
  const out = [];
  for (const row of rows) if (row.uid === uid) out.push({ ...row, thumb: null, data: row.data ? await base64(row.data) : null });
  return { rows: out } }"""
KEPT = "async () => ({ is: Boolean(await caches.match('/inspections/field/')) })"
PAGE = (b"GET /inspections/field/ ", b"/worker.js", b"/static/")
STEP_MS = 8_000


class Machine:
    """The tablet itself: its browser is started again and again with the same profile, and can lose its battery."""

    def __init__(self, tools: Any, profile: Path) -> None:
        self.tools, self.profile = tools, profile

    def launch(self) -> BrowserContext:
        """The browser, with what it holds."""
        (self.profile / "SingletonLock").unlink(missing_ok=True)  # of a browser that was killed
        context: BrowserContext = self.tools.chromium.launch_persistent_context(
            self.profile, executable_path=shutil.which("chromium") or "/usr/bin/chromium", locale="zh-CN",
            viewport={"width": 1024, "height": 768}, geolocation={"latitude": 36.39, "longitude": 120.45, "accuracy": 12}, permissions=["geolocation"],
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )  # fmt: skip
        return context

    def flat(self) -> None:
        """The whole browser is gone, at once."""
        self._shoot(f"--user-data-dir={self.profile}\0".encode())

    def forsake(self) -> None:
        """What drives browsers is gone as well: whoever waits for it fails."""
        self._shoot(b"run-driver\0", below=f"PPid:\t{os.getpid()}\n")

    @staticmethod
    def _shoot(words: bytes, below: str = "") -> None:
        for each in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                said = (each / "cmdline").read_bytes()
                if words in said and b"--type=" not in said and below in (each / "status").read_text():
                    os.kill(int(each.name), signal.SIGKILL)


class Watch:
    """Nothing may stand for ever: a browser that does nothing for a while is shot, then what drives it, and the run fails.

    How often that was needed is counted as `stood`: whoever reads the sum sees it.
    """

    def __init__(self, tab: "Tab", seconds: float = 45) -> None:
        self.tab, self.seconds, self.over = tab, seconds, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _look(self) -> None:
        shot_at = 0.0
        while not self.over.wait(5):
            beat = self.tab.beat
            if time.monotonic() - max(beat, shot_at) > self.seconds:
                if shot_at > beat:  # the browser is gone already, and nothing came of it
                    self.tab.machine.forsake()
                shot_at = time.monotonic()
                self.tab.counts["stood"] += 1
                self.tab.machine.flat()


class Tab:
    """The lead's tablet: one browser profile, a tab that dies now and then, and with one in `FLAT` of them the battery."""

    FLAT = 8

    def __init__(self, machine: Machine, line: Line, username: str, password: str, seed: int = 1, kill: float = 0.2) -> None:
        self.machine, self.line, self.username, self.password = machine, line, username, password
        self.context = machine.launch()
        self.chance, self.kill, self.counts, self.deaths = random.Random(seed), kill, Counter[str](), 0
        self.beat = time.monotonic()  # when it last did anything (see Watch)
        self.page: Page = self._open()

    def _open(self) -> Page:
        try:
            page = self.context.new_page()
        except Error:  # the whole browser is gone; what the tablet holds is not
            self.context = self.machine.launch()
            page = self.context.new_page()
        page.set_default_timeout(STEP_MS)
        return page

    def sign_in(self) -> None:
        """Through the page, as a person does."""
        for _ in range(20):
            self.beat = time.monotonic()
            try:
                self.page.goto(f"{self.line.url}/sign-in", timeout=30_000)
                if "/sign-in" in self.page.url:
                    self.page.fill("[name=username]", self.username)
                    self.page.fill("[name=password]", self.password)
                    self.page.click("main button[type=submit]")
                    self.page.wait_for_url(lambda url: "/sign-in" not in url, timeout=30_000)
                return
            except Error as error:
                time.sleep(0.5)
                self._revive(error)
        raise TimeoutError("nobody can sign in")

    def die(self) -> None:
        """The tab is gone in the middle of whatever it does, or the whole browser; another one opens on the field page."""
        self.deaths += 1
        self.counts["tab_killed"] += 1
        if self.deaths % self.FLAT == 0:
            self.counts["battery_flat"] += 1
            self.machine.flat()
        with suppress(Error):  # gone already
            self.page.close(run_before_unload=False)
        self.page = self._open()

    def _revive(self, error: BaseException) -> None:
        """A tab that died by itself, as they do, is opened anew."""
        if "crash" in str(error) or "closed" in str(error):
            self.counts["tab_died"] += 1
            self.page = self._open()

    def home(self) -> None:
        """The field page; from its own cache where the line is away."""
        fault: BaseException | None = None
        for tried in range(20):
            self.beat = time.monotonic()
            if tried == 3 and self.line.cut:  # a browser that lost its battery may lose its workers, never its databases
                self.counts["page_fetched_anew"] += 1
                self.line.through = PAGE
            try:
                # `commit`: of a page that was cut off the rest never comes
                self.page.goto(f"{self.line.url}/inspections/field/", timeout=20_000, wait_until="commit")
                if "/sign-in" in self.page.url:
                    self.sign_in()
                    continue
                expect(self.page.locator("h1")).to_have_text("检查任务", timeout=5_000)
                if self.line.through:
                    self.page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=STEP_MS)
                    self.line.through = ()
                return
            except (Error, AssertionError) as error:
                fault = error
                time.sleep(min(0.2 * (tried + 1), 3))  # a server that died is back within a minute
                self._revive(error)
        raise TimeoutError("the field page does not open") from fault

    def rows(self, store: str, uid: str) -> list[dict[str, Any]]:
        """What the tablet's database holds of a visit."""
        held = self.page.wait_for_function(READ, arg=[store, uid], timeout=STEP_MS)  # `evaluate` knows no end of patience
        found: list[dict[str, Any]] = held.json_value()["rows"]
        return found

    def keys(self, uid: str) -> set[str]:
        """The entries that stand."""
        return {each["key"] for each in self.rows("entries", uid) if not each["value"].get("gone")}

    def go(self, uid: str, screen: str) -> None:
        """A screen of the visit, loaded anew where the tab is new."""
        if "/inspections/field/" not in self.page.url:
            self.home()
        self.page.wait_for_function("to => { location.hash = to; return true }", arg=f"#/visit/{uid}/{screen}", timeout=STEP_MS)
        expect(self.page.locator(".content > *").first).to_be_visible()

    # ---- the steps: each done when the tablet's own database says so

    def until(self, uid: str, is_done: Callable[[], bool], act: Callable[[], None], patience: int = 40) -> None:
        """Act until it is done; a killed tab, a failed click, an expired sign-in only mean: again."""
        why: Exception | None = None
        for _ in range(patience):
            self.beat = time.monotonic()
            try:
                if "/inspections/field/" not in self.page.url:
                    self.home()
                if is_done():
                    return
                act()
                if self.chance.random() < self.kill:
                    self.die()
                else:
                    self.wait(is_done)
            except (Error, AssertionError) as error:
                why = error
                self.counts["again"] += 1
                self.die()
        raise TimeoutError(f"{uid}: a step does not come to its end") from why

    def wait(self, is_done: Callable[[], bool], patience: float = 2) -> None:
        """Until it is done, or for as many seconds."""
        end = time.monotonic() + patience
        while time.monotonic() < end and not is_done():
            self.page.wait_for_timeout(50)

    def take(self, uid: str) -> None:
        """The visit lies on the tablet, and so does the page: only then both open where there is no line."""
        self.until(uid, lambda: bool(self.rows("packages", uid)) and self.kept(), lambda: self._take(uid), 80)

    def make(self, uid: str, number: int) -> Held:
        """One visit from taking it along to its seal; what it held then."""
        self.take(uid)
        package = self.rows("packages", uid)[0]["body"]
        wanted = {f"certificate:{each['id']}" for each in package["officers"]} | {"notice"}
        self.until(uid, lambda: "arrival" in self.keys(uid), lambda: self._press(uid, "arrive", "我已到达"))
        for n in range(len(wanted)):
            self.until(uid, lambda n=n: len(wanted & self.keys(uid)) > n, lambda: self._shown(uid))  # type: ignore[misc]
        for one in package["lists"]:
            for item in one["items"]:
                key, place = f"answer:{one['version_id']}:{item['code']}", f"list/{one['version_id']}/{item['area']}"
                photos = 1 if item is one["items"][0] else 0
                self.until(uid, lambda key=key, photos=photos: self._answered(uid, key, photos),  # type: ignore[misc]
                           lambda key=key, place=place, item=item, photos=photos: self._answer(uid, place, item["code"], key, photos, number))
        for officer in package["officers"]:
            self.until(uid, lambda key=f"signature:officer:{officer['id']}": key in self.keys(uid),  # type: ignore[misc]
                       lambda name=officer["name"]: self._sign(uid, name))
        self.until(uid, lambda: self._home_signed(uid), lambda: self._home(uid))
        self.line.cut = True  # sealed where there is no signal, so that it can be read before it is sent
        try:
            self.until(uid, lambda: bool(self.rows("records", uid)), lambda: self._press(uid, "sign", "完成并封存"))
            return self._held(uid)
        finally:
            self.line.cut = False

    def kept(self) -> bool:
        """Whether the page itself lies on the tablet."""
        return bool(self.page.wait_for_function(KEPT, timeout=STEP_MS).json_value()["is"])

    def _take(self, uid: str) -> None:
        self.home()
        card, asked = self.page.locator(f".visit[data-uid='{uid}']"), self.page.locator("#content a[href*='/sign-in']")
        card.get_by_role("button", name="下载").or_(asked).first.click(timeout=3_000)
        if "/sign-in" not in self.page.url:
            expect(card.filter(has_text="可离线使用").or_(asked).or_(self.page.locator("#told > *")).first).to_be_visible(timeout=5_000)
        if "/sign-in" in self.page.url or asked.count():  # signed out, by the server or by a flat battery
            self.counts["signed_out"] += 1
            self.sign_in()

    def _press(self, uid: str, screen: str, words: str) -> None:
        self.go(uid, screen)
        self.page.get_by_role("button", name=words).first.click()

    def _shown(self, uid: str) -> None:
        self.go(uid, "shown")
        left = self.page.get_by_role("button", name=re.compile("^已出示"))
        if left.count():
            left.first.click()
        else:
            self.page.get_by_role("button", name="当面送达").click()

    def _answered(self, uid: str, key: str, photos: int) -> bool:
        said = next((each["value"] for each in self.rows("entries", uid) if each["key"] == key), {})
        return bool(said.get("result")) and len(said.get("photos") or []) >= photos

    def _answer(self, uid: str, place: str, code: str, key: str, photos: int, number: int) -> None:
        self.go(uid, place)
        card = self.page.locator(f"#item-{code}")
        if photos and not card.locator(".shot").count():
            card.locator("input[type=file]").first.set_input_files([picture(number)])
            expect(card.locator(".shot")).to_have_count(1, timeout=20_000)
        card.get_by_role("button", name="符合", exact=True).click()

    def _sign(self, uid: str, name: str) -> None:
        self.go(uid, "sign")
        self._draw(self.page.locator("section.box", has=self.page.locator("canvas.pad")).filter(has_text=name).first)

    def _home_signed(self, uid: str) -> bool:
        said = next((each["value"] for each in self.rows("entries", uid) if each["key"] == "signature:home"), {})
        return said.get("state") == "signed" and bool(said.get("strokes"))

    def _home(self, uid: str) -> None:
        self.go(uid, "sign")
        self.page.get_by_role("button", name="签名", exact=True).first.click()
        home = self.page.locator("section.box", has=self.page.locator("canvas.pad"))
        home.get_by_label("姓名").fill("示例院长")
        self._draw(home)

    def _draw(self, box: Any) -> None:
        pad = box.locator("canvas.pad")
        pad.scroll_into_view_if_needed()
        place = pad.bounding_box()
        assert place
        self.page.mouse.move(place["x"] + 40, place["y"] + 40)
        self.page.mouse.down()
        for n in range(4):
            self.page.mouse.move(place["x"] + 80 + n * 60, place["y"] + 40 + n % 2 * 50, steps=3)
        self.page.mouse.up()
        box.get_by_role("button", name="确认").click()

    def _held(self, uid: str) -> Held:
        record, named = self.rows("records", uid)[0], {}
        photos = {each["sha256"]: base64.b64decode(each["data"]) for each in self.rows("bytes", uid)}
        entries = {each["key"]: each["value"] for each in self.rows("entries", uid)}
        for entry in entries.values():
            named |= {each["sha256"]: photos[each["sha256"]] for each in entry.get("photos") or []}
        assert sha(record["text"]) == record["sha256"], "the tablet itself altered its record"
        assert all(sha(data) == name for name, data in named.items()), "the tablet itself altered a photo"
        return Held(uid, record["text"].encode(), named, entries, number="")

    def confirmed(self, held: Held, patience: float = 240) -> None:
        """Until the tablet says that the server named the hash; signs in again where that is asked for."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            self.beat = time.monotonic()
            try:
                if "/inspections/field/" not in self.page.url:
                    self.home()
                done = self.rows("done", held.uid)
                if done:
                    assert done[0]["sha256"] == sha(held.body)
                    held.number = done[0]["number"]
                    return
                if "登录" in self.page.locator("#pill").inner_text():
                    self.counts["signed_out"] += 1
                    self.sign_in()
                elif self.chance.random() < self.kill / 2:
                    self.die()
                elif self.chance.random() < 0.5:  # who waits presses; else the page's own patience
                    self.go(held.uid, "")
                    with suppress(Error):  # sent meanwhile
                        self.page.get_by_role("button", name="立即发送").first.click(timeout=1_000)
                self.page.wait_for_timeout(400)
            except (Error, AssertionError):
                self.die()
        raise TimeoutError(f"{held.uid}: not confirmed")


def picture(number: int) -> dict[str, Any]:
    """A photo as a camera gives it: larger than what is kept."""
    image = Image.linear_gradient("L").resize((1200, 900)).convert("RGB")
    image.paste(((37 * number) % 256, (91 * number) % 256, 120), (0, 0, 500, 500))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def drive(machine: Machine, line: Line, username: str, password: str, uids: list[str], kill: float = 0.2) -> tuple[list[Held], Counter[str]]:
    """Make these visits one after another; what was held of each, and how often what went wrong."""
    tab = Tab(machine, line, username, password, kill=kill)
    made = []
    with Watch(tab):
        tab.sign_in()
        tab.home()
        for number, uid in enumerate(uids):
            held = tab.make(uid, number)
            tab.confirmed(held)
            made.append(held)
            print(f"{number + 1} of {len(uids)} by hand", flush=True)
    tab.context.close()
    return made, tab.counts


def device_of(held: Held) -> str:
    """The tablet a record names."""
    said: dict[str, Any] = json.loads(held.body)
    return str(said["device"])
