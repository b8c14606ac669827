"""Every page kind at three sizes: nothing sticks out, nothing is unreadable, everything is in the reader's language."""

import itertools
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, Served

AXE = Path("node_modules/axe-core/axe.min.js")
PAGES = {
    "district": ["/", "/residents/", "/residents/new", "/facilities/", "/facilities/map", "/facilities/licences",
                 "/facilities/townships", "/reporting/", "/reporting/new", "/reporting/runs/", "/residents/intake/"],
    "manager001": ["/", "/incidents/", "/incidents/board", "/incidents/new", "/hazards/", "/residents/", "/facilities/"],
    "township01": ["/", "/residents/"],
    "admin": ["/", "/accounts/new", "/accounts/settings", "/account"],
    "auditor": ["/"],
}


@pytest.mark.browser
@pytest.mark.parametrize("who", PAGES)
def test_pages_fit_and_can_be_read_at_every_size(visit: Callable[..., Page], served: Served, who: str) -> None:
    page = visit(who)
    found = []
    for path in [*PAGES[who], *records(page, who)]:
        page.goto(served.url + path)
        page.wait_for_load_state("networkidle")
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(100)  # charts and the map draw anew
            found += [f"{path} {size}: {line}" for line in ill(page)]
    assert not found, "\n".join(found)


def records(page: Page, who: str) -> list[str]:
    """The first record behind each list, as a person would open it."""
    out = []
    for path in ("/residents/", "/facilities/"):
        if path in PAGES[who]:
            page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + path)
            link = page.locator("main table tbody a").first
            out.append(link.get_attribute("href") or path)
    return out


def ill(page: Page) -> list[str]:
    """What is wrong with a page as it is shown: sticks out, cannot be read."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*([f"{wide} px too wide"] if wide > 0 else []), *axe(page)]


def axe(page: Page) -> list[str]:
    """What axe-core has against the page (WCAG 2.2 A and AA)."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(  # what passed is neither described nor sent
        """axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        .then(({ violations }) => violations)"""
    )
    return [f"{v['id']}: {v['help']} ({v['nodes'][0]['target']}, {len(v['nodes'])}×)" for v in found]


@pytest.mark.browser
def test_the_switch_turns_every_word(visit: Callable[..., Page], served: Served) -> None:
    page = visit("district")
    page.click("header >> text=English")
    page.wait_for_load_state("networkidle")
    assert page.locator("html").get_attribute("lang") == "en"
    for path in ("/", "/reporting/", "/facilities/townships"):
        page.goto(served.url + path)
        assert page.locator("html").get_attribute("lang") == "en"
        shown = page.locator("nav").first.inner_text()
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in shown), shown


@pytest.mark.browser
def test_a_job_that_ends_does_not_call_back_someone_who_is_leaving(visit: Callable[..., Page], served: Served) -> None:
    page = visit("district")
    page.goto(f"{served.url}/reporting/")
    page.route("**/reporting/new", lambda route: (time.sleep(1), route.continue_()))
    page.evaluate("""setTimeout(() => {
        const ended = document.createElement("div");
        ended.setAttribute("data-reload", "");
        document.body.append(ended);
        ended.dispatchEvent(new CustomEvent("htmx:load", {bubbles: true}));
    }, 300)""")
    page.click("a[href='/reporting/new']", no_wait_after=True)
    page.wait_for_url("**/reporting/new", timeout=5_000)


@pytest.mark.browser
def test_a_narrow_chart_keeps_its_months_apart(visit: Callable[..., Page], served: Served) -> None:
    page = visit("leader", "tablet")
    page.goto(f"{served.url}/language/zh?next=/")  # others may have made this person read English
    expect(page.locator(".chart-canvas").first).to_have_class(re.compile("is-drawn"), timeout=30_000)  # occupancy comes first
    boxes = page.evaluate(r"""[...document.querySelector(".chart-canvas").querySelectorAll("text")]
        .filter((each) => /月$|^20\d\d$/.test(each.textContent))
        .map((each) => each.getBoundingClientRect()).map((box) => [box.left, box.right]).sort((a, b) => a[0] - b[0])""")
    assert len(boxes) > 3
    assert all(after[0] - before[1] >= 6 for before, after in itertools.pairwise(boxes)), boxes


@pytest.mark.browser
def test_the_keyboard_reaches_the_content_and_the_focus_is_seen(visit: Callable[..., Page], served: Served) -> None:
    page = visit("district")
    page.goto(f"{served.url}/facilities/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('skip-link')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).boxShadow")
    assert outline not in ("nonenone", "none")
