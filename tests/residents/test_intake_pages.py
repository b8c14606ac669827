"""The intake in the browser: send, look, confirm, take the refused rows back."""

from io import BytesIO
from typing import Any

import pytest
import python_calamine
from sqlalchemy import func, select, text

from eldercare.core import files
from eldercare.core.access import Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.runs import HANDLERS, Run
from eldercare.core.scope import Scope
from eldercare.reporting import worker
from eldercare.residents.intake.imports import recogniser
from eldercare.residents.intake.models import FORGET
from eldercare.residents.models import Resident
from tests import make
from tests.page import fetch
from tests.residents.lists import book, number, person


@pytest.fixture
def officer(fresh_app: Any) -> Any:
    """A browser with a district officer, over a database with one township."""
    fresh_app.config["WTF_CSRF_ENABLED"] = False
    Scope.system("test").enter()
    make.make_township(name="示例甲镇", code="370215991")
    user = make.make_user(Role.DISTRICT_OFFICER)
    db.session.commit()
    browser = fresh_app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update({"_user_id": user.get_id(), "_fresh": True, "seen": make.now_stamp(), "language": "en"})
    return browser


def send(browser: Any, data: bytes, name: str = "list.xlsx") -> Any:
    return browser.post("/residents/intake/new", data={"file": (BytesIO(data), name)}, content_type="multipart/form-data")


def work(app: Any) -> None:
    """Let the worker empty the queue; the next request asks the database afresh, as it would by itself."""
    db.session.remove()
    worker.drain(app)
    db.session.remove()


def count(model: Any) -> int:
    Scope.system("test").enter()
    number_: int = db.session.scalar(select(func.count()).select_from(model))
    db.session.rollback()
    return number_


def test_a_list_from_sending_to_the_register(fresh_app: Any, officer: Any) -> None:
    assert "Nobody" not in fetch(officer, "/residents/intake/").text
    fetch(officer, "/residents/intake/new")
    answer = send(officer, book([person("示例甲镇"), person("示例甲镇", name=""), person("示例甲镇", id_number=number()[:17])]))
    assert answer.status_code == 303
    address = answer.location
    assert "Looking the list through" in fetch(officer, address).text
    work(fresh_app)
    shown = fetch(officer, address).text
    assert "Take in 1 new and 0 changed" in shown
    for word in ("B5", "D6", "The name is missing.", "Nothing has been written yet"):
        assert word in shown
    assert count(Resident) == 0

    refused = officer.get(f"{address}/refused")
    rows = python_calamine.CalamineWorkbook.from_filelike(BytesIO(refused.data)).get_sheet_by_index(0).to_python()
    assert [row[-2] for row in rows[-2:]] == [5.0, 6.0]
    assert rows[-2][-1].startswith("B5 ")
    assert send(officer, refused.data).status_code == 303  # put right, it can be sent as it is

    assert officer.post(f"{address}/confirm").status_code == 303
    work(fresh_app)
    assert "Done" in fetch(officer, address).text
    assert count(Resident) == 1
    assert "Taken in" in fetch(officer, "/residents/intake/").text
    again = officer.post(f"{address}/confirm")
    assert again.status_code == 409
    Scope.system("test").enter()
    taken = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("intake."))).all()
    assert sorted(taken) == ["intake.committed", "intake.refused_rows_taken"]


def test_a_list_that_is_none_is_refused_on_the_form_and_not_kept(fresh_app: Any, officer: Any) -> None:
    for data, name, words in (
        (b"", "a.xlsx", "empty"), (b"no workbook at all", "a.xlsx", "not a workbook"), (book([person()])[:900], "a.xlsx", "damaged"),
        (book([["1", "2"]], ["甲", "乙"]), "a.xlsx", "headings"),
    ):
        answer = send(officer, data, name)
        assert answer.status_code == 422, name
        assert words in answer.get_data(as_text=True)
    assert count(Run) == 0
    assert not list(fresh_app.config["BLOBS"].glob("*/*"))


def test_a_register_that_changed_asks_for_a_new_preview(fresh_app: Any, officer: Any) -> None:
    data = book([person("示例甲镇")])
    addresses = [send(officer, data).location for _ in range(2)]
    work(fresh_app)
    for address in addresses:
        officer.post(f"{address}/confirm")
        work(fresh_app)
    shown = fetch(officer, addresses[1]).text
    assert "The register has changed since the preview" in shown
    assert "Make a new preview" in shown
    renewed = officer.post(f"{addresses[1]}/again").location
    work(fresh_app)
    assert "would change nothing" in fetch(officer, renewed).text
    assert count(Resident) == 1


def test_a_list_that_cannot_be_previewed_is_dropped(fresh_app: Any, officer: Any) -> None:
    address = send(officer, book([], total=False)).location
    work(fresh_app)
    assert "nobody in the list" in fetch(officer, address).text
    assert not list(fresh_app.config["BLOBS"].glob("*/*"))


def test_what_is_kept_is_encrypted(fresh_app: Any, officer: Any) -> None:
    data = book([person("示例甲镇")])
    send(officer, data)
    kept = [path.read_bytes() for path in fresh_app.config["BLOBS"].glob("*/*")]
    assert len(kept) == 1
    assert b"PK" not in kept[0][:4]
    Scope.system("test").enter()
    run = db.session.scalars(select(Run)).one()
    assert files.get(run.params["file"], secret=True) == data


def test_the_official_form_can_be_filled_in_and_sent(officer: Any) -> None:
    form = officer.get("/residents/intake/form")
    headings = python_calamine.CalamineWorkbook.from_filelike(BytesIO(form.data)).get_sheet_by_index(0).to_python()[-1]
    row = [""] * len(headings)
    for heading, value in (("姓名", "示例老人"), ("公民身份号码", number()), ("所属镇街", "示例甲镇")):
        row[headings.index(heading)] = value
    found = recogniser().recognise([headings])
    assert all(match.how == "exact" and match.field for match in found.matches)
    assert send(officer, book([row], headings)).status_code == 303


def test_old_workbooks_are_forgotten(fresh_app: Any, officer: Any) -> None:
    old, new = book([person("示例甲镇")]), book([person("示例甲镇"), person("示例甲镇", name="")])
    send(officer, old)
    work(fresh_app)
    Scope.system("test").enter()
    db.session.execute(text("UPDATE runs SET created_at = created_at - interval '31 days'"))
    db.session.commit()
    send(officer, new)
    work(fresh_app)
    scope = Scope.system("test").enter()
    assert len(list(fresh_app.config["BLOBS"].glob("*/*"))) == 3  # two lists, one workbook of refused rows
    assert HANDLERS[FORGET](scope, None) == {"files": 1}
    assert len(list(fresh_app.config["BLOBS"].glob("*/*"))) == 2
