"""The three journeys in a real browser: the officer's month, the township's own, the manager's own."""

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from eldercare.core.identifiers import make_check_digit
from tests.browser.conftest import RESIDENTS, Served

pytestmark = pytest.mark.browser


def workbook(path: Path) -> Path:
    """A list as a bureau sends it: a title, a sender, headings in row 3, twelve people, one of them wrong, a total."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "示例街道老年人登记表")
    sheet.write(1, 0, "填报单位:示例街道办事处")
    for column, heading in enumerate(["序号", "老人姓名", "公民身份号码", "所属镇街", "手机号"]):
        sheet.write(2, column, heading)
    for n in range(12):
        body = f"37029919450{n % 9 + 1}1{n % 9}{n:03d}"[:17].ljust(17, "1")
        number = body + make_check_digit(body)
        if n == 11:
            number = body + ("0" if number[-1] != "0" else "1")
        for column, value in enumerate([n + 1, f"示例来者{n:02d}", number, "环秀街道", f"1000000{n:04d}"]):
            sheet.write(3 + n, column, value)
    sheet.write(15, 0, "合计")
    sheet.write(15, 1, "12人")
    book.close()
    return path


def test_the_officer_takes_a_workbook_in_and_takes_the_report_home(
    visit: Callable[..., Page], served: Served, tmp_path: Path
) -> None:
    page = visit("district")
    expect(page.locator("h1")).to_have_text("今日全区")
    page.goto(f"{served.url}/residents/intake/new")
    page.set_input_files("input[type=file]", workbook(tmp_path / "list.xlsx"))
    page.click("main form button[type=submit]")
    confirm = page.locator("form[action$='/confirm'] button")
    expect(confirm).to_be_visible(timeout=60_000)
    expect(page.locator("main")).to_contain_text("C15")  # the refused cell, by its address
    with page.expect_download() as taken:
        page.click("a[href$='/refused']")
    assert taken.value.path().stat().st_size > 3000
    confirm.click()
    expect(page.locator("main .run-done")).to_be_visible(timeout=60_000)
    page.goto(f"{served.url}/residents/?q=示例来者")
    expect(page.locator("main table tbody tr")).to_have_count(11)
    # the same file again changes nothing
    page.goto(f"{served.url}/residents/intake/new")
    page.set_input_files("input[type=file]", tmp_path / "list.xlsx")
    page.click("main form button[type=submit]")
    expect(page.locator("main")).to_contain_text("11", timeout=60_000)
    expect(page.locator("form[action$='/confirm']")).to_have_count(0)
    # the report the clock made
    page.goto(f"{served.url}/reporting/?kind=monthly-oversight&language=zh")
    row = page.locator("main table tbody a").first
    expect(row).to_be_visible(timeout=120_000)
    row.click()
    with page.expect_download() as taken:
        page.click("text=下载 PDF")
    pdf = tmp_path / "report.pdf"
    taken.value.save_as(pdf)
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert subprocess.run(["qpdf", "--check", str(pdf)], capture_output=True, check=False).returncode == 0
    verified = served.flask("reports", "verify", str(pdf))
    assert verified["valid"]
    assert verified["figures_match"]


def total(page: Page) -> int:
    """The count a list page tells."""
    found = re.search(r"共\s*([\d,]+)", page.locator("main").inner_text())
    assert found
    return int(found[1].replace(",", ""))


def test_a_township_sees_its_own_by_page_by_address_by_api_and_by_sql(visit: Callable[..., Page], served: Served) -> None:
    officer, district = visit("township01"), visit("district")
    officer.goto(f"{served.url}/residents/")
    own = total(officer)
    district.goto(f"{served.url}/residents/?township=370215001")
    assert own == total(district)
    district.goto(f"{served.url}/residents/?township=370215002")
    others = district.locator("main table tbody a").first.get_attribute("href")
    assert others
    assert 0 < own < RESIDENTS
    # by an address typed in
    response = officer.goto(served.url + others)
    assert response
    assert response.status == 404
    assert district.goto(served.url + others).status == 200  # type: ignore[union-attr]
    officer.goto(f"{served.url}/residents/?township=370215002")
    assert officer.locator("main table tbody a").count() == 0 or total(officer) == own
    # by the API
    token = served.flask("users", "token", "township01")["token"]
    rows = api(served, "/api/v1/residents", token)
    assert rows["total"] == own
    assert refused(served, f"/api/v1{others}", token) == 404
    assert refused(served, "/api/v1/residents", "wrong") == 401
    # by SQL as the runtime role
    script = (
        "from sqlalchemy import text\nfrom eldercare import create_app\nfrom eldercare.core.db import db\n"
        "app = create_app()\nwith app.app_context():\n"
        "    print(db.session.execute(text('SELECT count(*) FROM residents')).scalar(),"
        " db.session.execute(text('SELECT current_user')).scalar())\n"
    )
    seen = subprocess.run([".venv/bin/python", "-c", script], env=served.environ, capture_output=True, text=True, check=True)
    assert seen.stdout.split() == ["0", "eldercare_app"]


def api(served: Served, path: str, token: str) -> Any:
    """The API's answer."""
    request = urllib.request.Request(served.url + path, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def refused(served: Served, path: str, token: str) -> int:
    """The status of the API's refusal, which has one shape."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        api(served, path, token)
    assert set(json.load(caught.value)) == {"code", "message", "details"}
    return caught.value.code


def test_a_manager_sees_the_own_facility(visit: Callable[..., Page], served: Served) -> None:
    page = visit("manager001", "tablet")
    expect(page.locator("h1")).to_have_text("今日本机构")
    page.goto(f"{served.url}/facilities/")
    assert total(page) == 1
    href = page.locator("main table tbody a").first.get_attribute("href")
    assert href
    number = int(href.rsplit("/", 1)[1])
    assert page.goto(f"{served.url}/facilities/{number + 1}").status == 404  # type: ignore[union-attr]
    assert page.goto(f"{served.url}{href}").status == 200  # type: ignore[union-attr]
    page.goto(f"{served.url}/residents/")
    assert 0 < total(page) < RESIDENTS


def test_a_number_is_shown_once_with_a_reason_and_hidden_again(visit: Callable[..., Page], served: Served) -> None:
    page = visit("district")
    page.goto(f"{served.url}/residents/")
    page.locator("main table tbody a").first.click()
    assert not re.search(r"370299\d{11}[\dX]", page.content())
    number = page.locator("[data-masked]").filter(has_text="完整的身份证号")
    number.locator("summary").click()
    number.locator("[name=reason]").fill("核对身份证")
    number.locator("button[type=submit]").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"370299\d{11}[\dX]"))
    assert not re.search(r"\d{17}", page.url)
