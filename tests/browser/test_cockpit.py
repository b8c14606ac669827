"""The cockpit at three sizes, on paper and on a wall: nothing sticks out, nothing scrolls there, it says when it stands still."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served
from tests.browser.test_look import axe, ill


def cockpit(page: Page, served: Served, query: str = "") -> None:
    """The page with its parts drawn."""
    page.goto(f"{served.url}/overview/cockpit/{query}")
    expect(page.locator("#part-summary")).to_be_visible(timeout=60_000)
    page.wait_for_load_state("networkidle")


@pytest.mark.browser
@pytest.mark.parametrize(("who", "size"), [("leader", "office"), ("leader", "tablet"), ("leader", "upright"), ("township01", "tablet")])
def test_the_cockpit_fits_and_can_be_read(visit: Callable[..., Page], served: Served, who: str, size: str) -> None:
    page = visit(who, size)
    cockpit(page, served)
    assert ill(page) == []
    drawn = page.locator("#parts [data-chart-canvas].is-drawn")
    assert drawn.count() == page.locator("#parts [data-chart-canvas]").count() > 0


@pytest.mark.browser
def test_a_figure_leads_to_its_rows_and_a_township_is_chosen_in_the_address(visit: Callable[..., Page], served: Served) -> None:
    page = visit("leader")
    cockpit(page, served)
    page.select_option("#ask-place", index=1)
    page.wait_for_url("**place=*")
    expect(page.locator("#part-summary")).to_be_visible(timeout=60_000)
    code = page.locator("#ask-place").input_value()
    page.locator("#part-key_figures a.row-to").first.click()
    page.wait_for_load_state()
    assert f"township={code}" in page.url


@pytest.mark.browser
def test_the_cockpit_on_paper_has_no_menus_and_nothing_to_press(visit: Callable[..., Page], served: Served) -> None:
    page = visit("leader")
    cockpit(page, served)
    page.emulate_media(media="print")
    for gone in (".side", ".top", ".cockpit-contents", ".to-rows", ".cockpit-ask", ".page-acts"):
        assert not page.locator(gone).locator("visible=true").count(), gone
    tables = page.locator(".part-table").evaluate_all("all => all.filter(one => one.scrollHeight > one.clientHeight + 2).length")
    assert tables == 0, "a table on paper is not cut off"


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768)])
def test_the_wall_shows_everything_and_nothing_scrolls(visit: Callable[..., Page], served: Served, width: int, height: int) -> None:
    page = visit("leader")
    page.set_viewport_size({"width": width, "height": height})
    for language in ("zh", "en"):
        page.goto(f"{served.url}/language/{language}")
        page.goto(f"{served.url}/overview/cockpit/screen")
        expect(page.locator("[data-areas] svg")).to_be_visible()
        room = page.evaluate("[document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]")
        assert max(room) <= 0, language
        cut = page.evaluate("""[...document.querySelectorAll('.screen-lists, .screen-figure, .screen-day, .screen-map, .screen-head')]
            .filter(one => one.scrollHeight > one.clientHeight + 1 || one.getBoundingClientRect().bottom > innerHeight + 1)
            .map(one => one.className)""")
        assert not cut, (language, cut)
        assert axe(page) == []


@pytest.mark.browser
def test_the_wall_says_since_when_it_stands_still_and_goes_on_by_itself(visit: Callable[..., Page], served: Served) -> None:
    page = visit("leader")
    page.clock.install()
    page.goto(f"{served.url}/overview/cockpit/screen")
    still = page.locator("[data-still]")
    expect(still).to_be_hidden()
    page.context.set_offline(True)
    page.clock.run_for(31_000)
    expect(still).to_be_visible()
    assert ":" in still.inner_text()
    page.context.set_offline(False)
    page.clock.run_for(31_000)
    expect(still).to_be_hidden(timeout=30_000)


@pytest.mark.browser
def test_a_wall_is_connected_by_its_code_and_ends_when_it_is_disconnected(visit: Callable[..., Page], served: Served) -> None:
    page = visit("leader")
    page.goto(f"{served.url}/overview/screens/new")
    page.fill("#name", "示例大屏")
    page.select_option("#place", "district")
    page.click("main form button[type=submit]")
    code = page.locator(".told-once code").inner_text()
    wall = page.context.browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()  # type: ignore[union-attr]
    wall.clock.install()
    wall.goto(f"{served.url}/overview/screens/wall/")
    wall.fill("#code", code)
    wall.click("main form button[type=submit]")
    expect(wall.locator(".screen-figure").first).to_be_visible(timeout=60_000)
    page.goto(f"{served.url}/overview/screens/")
    page.click("main table form button")
    page.wait_for_load_state()
    wall.clock.run_for(31_000)
    expect(wall.locator("[data-still]")).to_be_visible()
    wall.context.close()
