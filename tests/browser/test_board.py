"""The bed board under people's hands: two taps, a drag, the keyboard, a colleague's change; read by axe, on three screens."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Served
from tests.browser.test_look import axe, ill

pytestmark = pytest.mark.browser


def board(page: Page, served: Served, query: str = "") -> None:
    page.goto(f"{served.url}/beds/1/{query}")
    page.wait_for_load_state("networkidle")


def tile(page: Page, state: str, **more: str) -> Locator:
    return page.locator("".join([f".tile[data-state={state}]", *(f"[data-{key}={value}]" for key, value in more.items())]))


def target_of(page: Page, bed: str) -> str:
    """A free bed in a room for whoever sleeps in this one."""
    found: str = page.evaluate(
        """bed => { const sex = document.getElementById(bed).dataset.sex;
        return [...document.querySelectorAll('.tile[data-state=free]')].find(
          each => !each.closest('[hidden]') && ['any', sex].includes(each.closest('.board-room').dataset.for)).id }""", bed)
    return found


def test_two_taps_bring_somebody_back_and_a_colleague_sees_it(visit: Callable[..., Page], served: Served) -> None:
    page, colleague = visit("manager001", "tablet"), visit("district")
    board(page, served)
    board(colleague, served)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if "/changes" not in request.url and "/inbox" not in request.url else None)
    bed = tile(page, "taken").first.get_attribute("id")
    away = page.locator(f"#{bed}")
    away.click()
    page.locator("#sheet [data-act=leave] summary").click()
    page.locator("#sheet [name=leave-companion]").fill("示例家属")
    page.locator("#sheet [data-act=leave] button[type=submit]").click()
    expect(away).to_have_attribute("data-state", "on_leave")
    page.locator("[data-sheet-close]").click()
    before = page.locator("#board-tally").inner_text()
    asked.clear()
    away.click()
    expect(page.locator("#sheet")).to_be_visible()
    page.locator("#sheet [data-act=come-back] button[type=submit]").click()
    expect(page.locator(f"#{bed}")).to_have_attribute("data-state", "taken")
    expect(page.locator("#sheet [role=status]").first).to_be_visible()
    assert asked == ["GET", "POST"]  # the sheet, the act: nothing else
    assert page.locator("#board-tally").inner_text() != before
    expect(colleague.locator(f"#{bed}")).to_have_attribute("data-state", "taken", timeout=15_000)
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator(f"#{bed}")).to_be_focused()


def test_a_tile_dragged_onto_a_free_bed_asks_for_the_reason_and_transfers(visit: Callable[..., Page], served: Served) -> None:
    page = visit("manager001")
    board(page, served, "?floor=1号楼.1")
    source = page.locator(".tile[data-state=taken]:visible").first
    bed = source.get_attribute("id")
    assert bed
    target = target_of(page, bed)
    page.locator(f"#{target}").scroll_into_view_if_needed()
    source.hover()
    page.mouse.down()
    box = page.locator(f"#{target}").bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 5, steps=8)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    reason = page.locator("#sheet [name=transfer-reason]")
    expect(reason).to_be_visible()
    assert page.locator("#sheet [name=transfer-bed_id]").input_value() == target.removeprefix("bed-")
    expect(page.locator(f"#{bed}")).to_have_attribute("data-state", "taken")  # nothing is saved yet
    page.locator("#sheet [data-act=transfer] button[type=submit]").click()
    expect(page.locator("#sheet .errors")).to_be_visible()  # without a reason it is not
    page.locator("#sheet [name=transfer-reason]").fill("照护需求变化")
    page.locator("#sheet [data-act=transfer] button[type=submit]").click()
    expect(page.locator(f"#{target}")).to_have_attribute("data-state", "taken")
    expect(page.locator(f"#{bed}")).to_have_attribute("data-state", "free")


def test_the_keyboard_transfers_and_every_step_is_said(visit: Callable[..., Page], served: Served) -> None:
    page = visit("manager001")
    board(page, served)
    first = tile(page, "taken").first
    bed = first.get_attribute("id")
    first.focus()
    page.keyboard.press("m")
    expect(page.locator("#board-say")).not_to_be_empty()
    chosen = page.locator(".tile.is-target:focus")
    expect(chosen).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    target = page.locator(".tile:focus").get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.locator("#sheet [name=transfer-reason]")).to_be_visible()
    assert page.locator("#sheet [name=transfer-bed_id]").input_value() == (target or "").removeprefix("bed-")
    page.locator("#sheet [name=transfer-reason]").fill("家属要求")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{target}")).to_have_attribute("data-state", "taken")
    expect(page.locator(f"#{bed}")).to_have_attribute("data-state", "free")
    # and may be given up
    tile(page, "taken").first.focus()
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    expect(page.locator(".is-picking")).to_have_count(0)


def test_counts_filter_at_once_and_the_address_says_so(visit: Callable[..., Page], served: Served) -> None:
    page = visit("manager001")
    board(page, served)
    free = page.locator(".tally a[data-value=free]")
    number = int(free.locator("b").inner_text())
    free.click()
    expect(page.locator(".tile:visible")).to_have_count(number)
    assert re.search(r"\?state=free$", page.url)
    page.reload()
    expect(page.locator(".tile:visible")).to_have_count(number)
    free.click()
    expect(page.locator(".tile:visible")).to_have_count(page.locator(".tile").count())


def test_a_sheet_somebody_types_in_is_left_alone(visit: Callable[..., Page], served: Served) -> None:
    page, colleague = visit("manager001"), visit("district")
    board(page, served)
    board(colleague, served)
    mine = tile(page, "taken").first
    mine.click()
    page.locator("#sheet [data-act=leave] summary").click()
    page.locator("#sheet [name=leave-companion]").fill("示例家属")
    free = tile(colleague, "free").last
    bed = free.get_attribute("id")
    free.click()
    colleague.locator("#sheet [data-act=maintenance] summary").click()
    colleague.locator("#sheet [name=maintenance-reason]").fill("示例维修")
    colleague.locator("#sheet [data-act=maintenance] button[type=submit]").click()
    expect(colleague.locator(f"#{bed}")).to_have_attribute("data-state", "maintenance")
    expect(page.locator(f"#{bed}")).to_have_attribute("data-state", "maintenance", timeout=15_000)
    assert page.locator("#sheet [name=leave-companion]").input_value() == "示例家属"


@pytest.mark.parametrize("size", ["office", "tablet", "upright"])
def test_the_board_and_its_sheet_fit_and_can_be_read(visit: Callable[..., Page], served: Served, size: str) -> None:
    page = visit("manager001", size)
    found = []
    for path, state in (("/beds/1/", "taken"), ("/beds/1/?state=free", "free"), ("/beds/places/1/", ""), ("/beds/places/1/pattern", "")):
        page.goto(served.url + path)
        page.wait_for_load_state("networkidle")
        if state:
            tile(page, state).locator("visible=true").first.click()
            expect(page.locator("#sheet")).to_be_visible()
        found += [f"{path}: {line}" for line in ill(page)]
    district = visit("district", size)
    district.goto(f"{served.url}/beds/")
    found += [f"/beds/: {line}" for line in axe(district)]
    assert not found, "\n".join(found)
