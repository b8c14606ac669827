"""The tablet page as it is cached: nobody's data in it, every word in both languages, and a worker that knows its files."""

import json
import re

import pytest
from flask import Flask

from eldercare.core.access import Role
from eldercare.core.scope import Scope
from tests import make
from tests.page import fetch


@pytest.mark.parametrize(("language", "title"), [("zh", "检查任务"), ("en", "Visits")])
def test_the_page_speaks_the_persons_language_and_carries_both(sign_in, language: str, title: str, district: Scope) -> None:
    person = make.make_user(Role.INSPECTOR, name="示例甲检查员")
    page = fetch(sign_in(person, language=language), "/inspections/field/")
    assert page.words(page.all("h1")[0]) == title
    words = json.loads(next("".join(each.itertext()) for each in page.all("script") if each.get("id") == "field-words"))
    assert words["zh"].keys() == words["en"].keys()
    assert (words["zh"]["undo"], words["en"]["undo"]) == ("撤销", "Undo")
    assert "示例甲检查员" not in page.text  # it lies in the cache of a tablet that several share


def test_the_worker_keeps_what_the_page_needs_and_says_which_version(sign_in, app: Flask, district: Scope) -> None:
    shell = sign_in(make.make_user(Role.INSPECTOR)).get("/inspections/field/").get_data(as_text=True)
    client = app.test_client()
    answer = client.get("/inspections/field/worker.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    told = json.loads(re.match(r"self\.FIELD=(\{.*?\});\n", answer.get_data(as_text=True))[1])
    needed = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', shell))
    assert needed <= set(told["files"])
    assert f'data-version="{told["version"]}"' in shell
    assert all(client.get(path).status_code == 200 for path in told["files"])
    manifest = json.loads(client.get("/inspections/field/manifest.webmanifest").get_data(as_text=True))
    assert manifest["scope"] == told["home"] == "/inspections/field/"
    assert all(client.get(icon["src"]).status_code == 200 for icon in manifest["icons"])
