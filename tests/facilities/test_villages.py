"""Villages: added and named by whoever answers for the township, found by the lists that come in."""

from typing import Any

import pytest

from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.accounts.browser import send
from tests.page import fetch


@pytest.fixture
def town(district: Scope) -> Any:
    return make.make_township(code="370299123")


def test_a_township_officer_adds_a_village_and_finds_it(town: Any, sign_in: Any) -> None:
    browser = sign_in(make.make_user(Role.TOWNSHIP_OFFICER, town))
    answer = send(browser, "/facilities/villages/new", township_id=town.id, name="示例新村", code="370299123201")
    assert answer.status_code == 303
    page = fetch(browser, answer.location)
    assert "示例新村" in page.text
    assert "370299123201" in page.text


@pytest.mark.parametrize(("code", "words"), [
    ("12", "A village&#39;s code has twelve digits."), ("370299999201", "The first nine digits of this code"),
])
def test_a_wrong_code_is_said_at_the_field_and_nothing_is_lost(town: Any, sign_in: Any, code: str, words: str) -> None:
    browser = sign_in(make.make_user(Role.TOWNSHIP_OFFICER, town, language="en"))
    answer = send(browser, "/facilities/villages/new", township_id=town.id, name="示例新村", code=code)
    assert answer.status_code == 422
    assert words in answer.text
    assert "示例新村" in answer.text


def test_the_same_name_twice_in_a_township_is_refused_in_words(town: Any, sign_in: Any) -> None:
    make.make_village(town, name="示例旧村")
    browser = sign_in(make.make_user(Role.DISTRICT_OFFICER, language="en"))
    answer = send(browser, "/facilities/villages/new", township_id=town.id, name="示例旧村", code="")
    assert answer.status_code == 422
    assert "has a village of this name" in answer.text


def test_another_townships_village_is_not_there(town: Any, sign_in: Any) -> None:
    other = make.make_village(make.make_township())
    browser = sign_in(make.make_user(Role.TOWNSHIP_OFFICER, town))
    assert browser.get(f"/facilities/villages/{other.id}/edit").status_code == 404
    assert other.name not in fetch(browser, "/facilities/villages/").text


def test_another_name_is_in_the_log_with_the_old_one(town: Any, sign_in: Any) -> None:
    from sqlalchemy import select

    from eldercare.core.audit import AuditEntry

    village = make.make_village(town, name="示例旧村")
    browser = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    send(browser, f"/facilities/villages/{village.id}/edit", name="示例新村", code="")
    Scope.system("test").enter()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "village.changed")).one()
    assert entry.details["changed"]["name"] == ["示例旧村", "示例新村"]
