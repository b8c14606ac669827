"""A fall reported from a telephone with few taps, acknowledged in the office."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, Served
from tests.browser.test_look import axe

SIZES["phone"] = (390, 844)


@pytest.mark.browser
def test_a_fall_is_reported_from_a_telephone_in_under_a_minute(visit: Callable[..., Page], served: Served) -> None:
    page = visit("manager001", "phone")
    page.goto(f"{served.url}/")
    page.get_by_role("link", name="上报事件").first.click()
    started = time.monotonic()
    taps = ["跌倒", "卫生间", "送医住院", "骨折或疑似骨折"]
    for words in taps:
        page.locator(".quick-tile", has_text=re.compile(f"^{words}$")).first.click()
    page.select_option("#resident_id", index=1)
    expect(page.locator("#proposal")).to_contain_text("E2")
    assert not axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("button", name="立即上报").click()
    expect(page.locator("h1")).to_contain_text("跌倒")
    assert time.monotonic() - started < 60
    assert len(taps) + 3 <= 8  # with the choice of a person and the button
    expect(page.locator("#clocks")).to_contain_text("区级签收报告")
    expect(page.locator("#clocks")).to_contain_text("还剩")
    expect(page.get_by_role("link", name="记录先期处置")).to_be_visible()
    assert not axe(page)
    number = re.search(r"SJ\d{4}-\d{5}", page.locator("h1").inner_text())
    assert number
    officer = visit("district")
    officer.goto(f"{served.url}/incidents/board")
    officer.locator("a", has_text=number[0]).first.click()
    officer.get_by_role("button", name="签收").click()
    expect(officer.locator("#clocks")).to_contain_text("按时完成")
    for path in ("/incidents/", "/incidents/board", "/hazards/"):
        officer.goto(served.url + path)
        officer.wait_for_load_state("networkidle")
        assert not axe(officer), path
