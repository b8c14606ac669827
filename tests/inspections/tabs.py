"""Visits made by hand in a real Chromium, over the bad line, with the tab killed between any two steps.

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

Launch = Callable[[], BrowserContext]  # the browser of the tablet, with what it holds
READ = """async ([name, uid]) => {
  const db = await new Promise((done, failed) => { const r = indexedDB.open('eldercare-field'); r.onsuccess = () => done(r.result); r.onerror = failed });
  const rows = await new Promise(done => { const r = db.transaction(name).objectStore(name).getAll(); r.onsuccess = () => done(r.result) });
  db.close();
  const base64 = async data => { const bytes = new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data); let text = '';
    for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000)); return btoa(text) };
  const out = [];
  for (const row of rows) if (row.uid === uid) out.push({ ...row, thumb: null, data: row.data ? await base64(row.data) : null });
  return { rows: out } }"""
STEP_MS = 8_000


def _browsers() -> list[int]:
    """The browsers this process started."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError, StopIteration):
            parents[int(status.parent.name)] = int(next(x for x in status.read_text().splitlines() if x.startswith("PPid"))[5:])
    found = []
    for pid in parents:
        above = pid
        while above in parents and above != os.getpid():
            above = parents[above]
        with suppress(OSError):
            said = Path(f"/proc/{pid}/cmdline").read_bytes()
            if above == os.getpid() and b"chromium" in said and b"--type=" not in said:
                found.append(pid)
    return found


def tablet(tools: Any, profile: Path) -> Launch:
    """How the tablet's browser is started, each time with the same profile."""
    chromium = shutil.which("chromium") or "/usr/bin/chromium"

    def launch() -> BrowserContext:
        (profile / "SingletonLock").unlink(missing_ok=True)  # of a browser that was killed
        context: BrowserContext = tools.chromium.launch_persistent_context(
            profile, executable_path=chromium, locale="zh-CN", viewport={"width": 1024, "height": 768},
            geolocation={"latitude": 36.39, "longitude": 120.45, "accuracy": 12}, permissions=["geolocation"],
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )  # fmt: skip
        return context

    return launch


class Watch:
    """Whoever drives a tab waits for it without end in places: a tablet that does nothing for a while loses its battery."""

    def __init__(self, tab: "Tab", seconds: float = 45) -> None:
        self.tab, self.seconds, self.over = tab, seconds, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _look(self) -> None:
        while not self.over.wait(5):
            if time.monotonic() - self.tab.beat > self.seconds:
                self.tab.beat = time.monotonic()
                self.tab.counts["battery_flat"] += 1
                for pid in _browsers():
                    with suppress(OSError):
                        os.kill(pid, signal.SIGKILL)


class Tab:
    """The lead's tablet: one browser profile, a tab that dies now and then."""

    def __init__(self, launch: Launch, line: Line, username: str, password: str, seed: int = 1, kill: float = 0.2) -> None:
        self.launch, self.line, self.username, self.password = launch, line, username, password
        self.context = launch()
        self.chance, self.kill, self.counts = random.Random(seed), kill, Counter[str]()
        self.beat = time.monotonic()  # when it last did anything (see Watch)
        self.page: Page = self._open()

    def _open(self) -> Page:
        try:
            page = self.context.new_page()
        except Error:  # the whole browser is gone; what the tablet holds is not
            self.context = self.launch()
            page = self.context.new_page()
        page.set_default_timeout(STEP_MS)
        return page

    def sign_in(self) -> None:
        """Through the page, as a person does."""
        for _ in range(20):
            try:
                self.page.goto(f"{self.line.url}/sign-in", timeout=30_000)
                if "/sign-in" in self.page.url:
                    self.page.fill("[name=username]", self.username)
                    self.page.fill("[name=password]", self.password)
                    self.page.click("main button[type=submit]")
                    self.page.wait_for_url(lambda url: "/sign-in" not in url, timeout=30_000)
                return
            except Error:
                time.sleep(1)
        raise TimeoutError("nobody can sign in")

    def die(self) -> None:
        """The tab is gone in the middle of whatever it does; another one opens on the field page."""
        self.counts["tab_killed"] += 1
        with suppress(Error):  # gone already
            self.page.close(run_before_unload=False)
        self.page = self._open()

    def home(self) -> None:
        """The field page; from its own cache where the line is away."""
        fault: BaseException | None = None
        for _ in range(20):
            self.beat = time.monotonic()
            try:
                self.page.goto(f"{self.line.url}/inspections/field/", timeout=20_000)
                if "/sign-in" in self.page.url:
                    self.sign_in()
                    continue
                expect(self.page.locator("h1")).to_have_text("检查任务", timeout=10_000)
                return
            except (Error, AssertionError) as error:
                fault = error
                time.sleep(0.5)
                if "crash" in str(error) or "closed" in str(error):  # a tab that died by itself, as they do
                    self.page = self._open()
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
            except (Error, AssertionError):
                self.counts["again"] += 1
                self.die()
        raise TimeoutError(f"{uid}: a step does not come to its end")

    def make(self, uid: str, number: int) -> Held:
        """One visit from taking it along to its seal; what it held then."""
        self.until(uid, lambda: bool(self.rows("packages", uid)), lambda: self._take(uid), 80)
        package = self.rows("packages", uid)[0]["body"]
        wanted = {f"certificate:{each['id']}" for each in package["officers"]} | {"notice"}
        self.until(uid, lambda: "arrival" in self.keys(uid), lambda: self._press(uid, "arrive", "我已到达"))
        self.until(uid, lambda: wanted <= self.keys(uid), lambda: self._shown(uid))
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

    def _take(self, uid: str) -> None:
        self.home()
        card = self.page.locator(f".visit[data-uid='{uid}']")
        card.get_by_role("button", name="下载").click()
        expect(card).to_contain_text("可离线使用", timeout=20_000)

    def _press(self, uid: str, screen: str, words: str) -> None:
        self.go(uid, screen)
        self.page.get_by_role("button", name=words).first.click()
        self.page.wait_for_timeout(300)

    def _shown(self, uid: str) -> None:
        self.go(uid, "shown")
        left = self.page.get_by_role("button", name=re.compile("^已出示"))
        if left.count():
            left.first.click()
        else:
            self.page.get_by_role("button", name="当面送达").click()
        self.page.wait_for_timeout(300)

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
        self.page.wait_for_timeout(200)

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
        for n in range(12):
            self.page.mouse.move(place["x"] + 40 + n * 20, place["y"] + 40 + n % 3 * 25)
        self.page.mouse.up()
        box.get_by_role("button", name="确认").click()
        self.page.wait_for_timeout(300)

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
                self.page.wait_for_timeout(700)
            except Error:
                self.die()
        raise TimeoutError(f"{held.uid}: not confirmed")


def picture(number: int) -> dict[str, Any]:
    """A photo as a camera gives it: larger than what is kept."""
    image = Image.linear_gradient("L").resize((1200, 900)).convert("RGB")
    image.paste(((37 * number) % 256, (91 * number) % 256, 120), (0, 0, 500, 500))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def drive(launch: Launch, line: Line, username: str, password: str, uids: list[str], kill: float = 0.2) -> tuple[list[Held], Counter[str]]:
    """Make these visits one after another; what was held of each, and how often what went wrong."""
    tab = Tab(launch, line, username, password, kill=kill)
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
