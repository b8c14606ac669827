"""Failed sign-ins close the door. Named to run last: the address it closes is every test's own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served


@pytest.mark.browser
def test_wrong_passwords_close_the_door_and_say_for_how_long(visit: Callable[..., Page], served: Served) -> None:
    page = visit(None)
    for _ in range(5):
        page.goto(f"{served.url}/sign-in")
        page.fill("[name=username]", "inspector8")
        page.fill("[name=password]", "wrong-Password-1")
        page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("15")
    page.fill("[name=username]", "inspector8")
    page.fill("[name=password]", served.password)
    page.click("main button[type=submit]")
    assert "/sign-in" in page.url
