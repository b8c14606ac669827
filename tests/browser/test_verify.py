"""Somebody without an account, on a telephone, finds out whether a document is true: by its code, by the file, by wrong ones."""

import io
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.test_look import axe

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(chromium: Browser, served: Served) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{served.url}/verify/")
    yield page
    context.close()


def fits(page: Page) -> None:
    """Nothing sticks out at the side, and axe-core has nothing against it."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url}: {wide} px too wide"
    assert axe(page) == []


def send(page: Page, served: Served, name: str, data: bytes) -> None:
    page.goto(f"{served.url}/verify/")
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "application/pdf", "buffer": data})
    page.click("#by-file button[type=submit]")


def test_a_document_is_checked_by_its_code_and_by_itself(phone: Page, served: Served, tmp_path: Path) -> None:
    place = served.flask("reports", "build", "facility-monthly", "2026-10", "--place", "JG001", "--out", str(tmp_path))
    file = Path(place["file"]).read_bytes()
    told = served.flask("reports", "verify", place["file"])
    assert (told["valid"], told["figures_match"], told["signed_by"]) == (True, True, "青岛市即墨区民政局")
    code = told["code"]
    fits(phone)
    phone.fill("input[name=code]", f"  {code[:4].lower()}-{code[4:8]} {code[8:12].lower()}  {code[12:]}")
    phone.press("input[name=code]", "Enter")
    expect(phone).to_have_url(f"{served.url}/verify/{code}")
    expect(phone.locator("main")).to_contain_text(place["sha256"])
    expect(phone.locator("main")).to_contain_text("2026年10月")
    fits(phone)
    phone.click("text=核验文件")
    send(phone, served, "报告.pdf", file)
    expect(phone.locator("h1")).to_have_text("文件属实")
    expect(phone.locator("main")).to_contain_text("青岛市即墨区民政局")
    fits(phone)
    changed = bytearray(file)
    changed[len(file) // 2] ^= 1
    send(phone, served, "报告.pdf", bytes(changed))
    expect(phone.locator("h1")).to_have_text("文件被改动过")
    fits(phone)
    phone.click("text=English")
    expect(phone.locator("html")).to_have_attribute("lang", "en")


def test_whatever_else_is_sent_is_answered_in_words(phone: Page, served: Served, tmp_path: Path) -> None:
    writer, locked = pypdf.PdfWriter(), pypdf.PdfWriter()
    for each in (writer, locked):
        each.add_blank_page(200, 200)
    locked.encrypt("secret")
    plain, closed = io.BytesIO(), io.BytesIO()
    writer.write(plain)
    locked.write(closed)
    for name, data, words in (
        ("x.pdf", plain.getvalue(), "文件没有签章"), ("x.pdf", closed.getvalue(), "这个PDF设了密码"), ("x.jpg", b"\xff\xd8\xff" + b"x" * 99, "这不是PDF文件"),
        ("x.pdf", b"", "文件是空的"), ("x.pdf", b"%PDF-1.7 broken", "这个PDF无法读取"),
    ):  # fmt: skip
        send(phone, served, name, data)
        expect(phone.locator("h1")).to_have_text(words)
    large = tmp_path / "large.pdf"
    large.write_bytes(b"%PDF-" + b"0" * 30_400_000)
    phone.goto(f"{served.url}/verify/")
    phone.set_input_files("input[type=file]", large)
    expect(phone.locator("#by-file")).to_contain_text("文件超过 30 MB")  # told before it is sent
    phone.goto(f"{served.url}/verify/")
    phone.click("#by-code button[type=submit]")
    expect(phone.locator(".field-error")).to_be_visible()
    phone.goto(f"{served.url}/verify/0000000000000000")
    expect(phone.locator("h1")).to_have_text("没有这个核验码")
    fits(phone)
