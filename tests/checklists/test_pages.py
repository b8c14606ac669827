"""The pages: who reads, who edits, what they show; XLSForm out and in; the API."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from eldercare.accounts.services import make_token
from eldercare.checklists import imports, queries, services
from eldercare.checklists.checks import services as checks
from eldercare.checklists.models import HAZARDS, ChecklistVersion
from eldercare.checklists.queries import contents
from eldercare.core import calendar, sheets
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.page import fetch

HOME = "institution_safety_responsibility"


@pytest.fixture
def scope(app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch) -> Scope:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    services.load_catalogue(district)
    return district


@pytest.fixture
def officer(scope: Scope, sign_in: Any) -> Any:
    return sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")


def home_list(scope: Scope) -> ChecklistVersion:
    return queries.in_force(scope.enter(), HOME)


def test_everybody_who_may_reads_the_lists_and_only_the_officer_edits(scope: Scope, sign_in: Any) -> None:
    version = home_list(scope)
    draft = services.start_draft(scope, version.checklist_id)
    manager = sign_in(make.make_user(Role.FACILITY_MANAGER, make.make_facility()), language="en")
    page = fetch(manager, "/checklists/")
    assert "Institution safety-responsibility checklist" in page.text
    assert "Draft: version 2" not in page.text
    assert manager.get(f"/checklists/versions/{version.id}").status_code == 200
    assert manager.get(f"/checklists/versions/{draft.id}").status_code == 404
    assert manager.get(f"/checklists/versions/{draft.id}/edit").status_code == 403
    assert manager.post(f"/checklists/{version.checklist_id}/draft").status_code == 403


def test_a_version_shows_basis_with_certainty_in_words(scope: Scope, officer: Any, queries_seen: list[str]) -> None:
    version = home_list(scope)
    page = fetch(officer, f"/checklists/versions/{version.id}", queries=queries_seen)
    for words in ("Work Safety Law", "clause read", "read in a quotation", "from memory, check the clause", "If there is a lift", "Veto"):
        assert words in page.text, words
    assert page.text.count("INS-") >= 80
    narrowed = officer.get(f"/checklists/versions/{version.id}?severity=general&kind=canteen").text
    assert "INS-ORG-03" not in narrowed


@pytest.fixture
def queries_seen(queries: list[str]) -> list[str]:
    return queries


def test_from_draft_to_published_through_the_pages(scope: Scope, officer: Any) -> None:
    version = home_list(scope)
    gone = officer.post(f"/checklists/{version.checklist_id}/draft")
    at = gone.headers["Location"]
    draft_id = int(at.rsplit("/", 1)[1])
    item = queries.items(scope.enter(), draft_id)[0]
    form = fetch(officer, f"/checklists/items/{item.id}/edit")
    assert "has_elevator" in form.text
    told = {
        "zh": item.zh, "en": "Named in writing, with dates", "code": item.code, "area_id": item.area_id, "severity": "major", "veto": "y",
        "method": item.method, "frequency": item.frequency, "times_per_period": 1, "facility_types": item.facility_types,
        "applies_if": "has_elevator and (uses_gas", "rule_0": "AQF", "clause_0": "第五条", "seen_0": "primary",
    }
    wrong = officer.post(f"/checklists/items/{item.id}/edit", data=told)
    assert wrong.status_code == 422
    assert "cannot be read" in wrong.text
    assert officer.post(f"/checklists/items/{item.id}/edit", data=told | {"applies_if": "has_elevator"}).status_code == 303
    changes = fetch(officer, f"/checklists/versions/{draft_id}/changes").text
    for words in ("Named in writing, with dates", "Serious", "Major", "there is a lift"):
        assert words in changes, words
    early = officer.post(f"/checklists/versions/{draft_id}/publish", data={"reason": "x", "day": "2020-01-01"})
    assert (early.status_code, "The earliest day to choose" in early.text) == (422, True)
    day = calendar.today().isoformat()
    assert officer.post(f"/checklists/versions/{draft_id}/publish", data={"reason": "clearer", "day": day}).status_code == 303
    page = fetch(officer, f"/checklists/{version.checklist_id}").text
    assert "clearer" in page
    assert "Item changed: INS-ORG-01" in page
    assert officer.post(f"/checklists/items/{item.id}/remove").status_code == 409


def test_areas_items_and_rows_are_added_moved_and_removed_on_the_page(scope: Scope, officer: Any) -> None:
    draft = services.start_draft(scope, home_list(scope).checklist_id)
    table = services.start_draft(scope, queries.in_force(scope, HAZARDS).checklist_id)
    db.session.commit()
    ids = draft.id, table.id
    assert officer.post(f"/checklists/versions/{ids[0]}/areas/new", data={"code": "NEW", "zh": "新", "en": "New area"}).status_code == 303
    assert "No item yet" in fetch(officer, f"/checklists/versions/{ids[0]}").text
    assert officer.post(f"/checklists/versions/{ids[1]}/hazards/new", data={
        "code": "MH-9", "clause": "第九条", "zh": "示例", "en": "Sample", "confidence": "seen"}).status_code == 303
    assert "MH-9" in fetch(officer, f"/checklists/versions/{ids[1]}").text
    area = queries.areas(scope.enter(), ids[0])[-1]
    new = {"zh": "新项", "en": "New item", "code": "INS-NEW-01", "area_id": area.id, "severity": "general", "method": "onsite",
           "frequency": "monthly", "times_per_period": 1, "facility_types": ["institution"], "new_zh": "新规定", "new_en": "New rule",
           "new_code": "NEWR", "new_clause": "1", "new_seen": "knowledge"}
    assert officer.post(f"/checklists/areas/{area.id}/items/new", data=new | {"new_en": ""}).status_code == 422
    assert officer.post(f"/checklists/areas/{area.id}/items/new", data=new).status_code == 303
    item = queries.items(scope.enter(), ids[0])[-1]
    assert item.basis == [{"basis": "NEWR", "zh": "新规定", "en": "New rule", "clause": "1", "seen": "knowledge"}]
    assert officer.post(f"/checklists/areas/{area.id}/move/up").status_code == 303
    assert officer.post(f"/checklists/items/{item.id}/remove").status_code == 303
    assert officer.post(f"/checklists/areas/{area.id}/remove").status_code == 303
    assert officer.post(f"/checklists/versions/{ids[0]}/discard", data={"reason": "tried out"}).status_code == 303
    assert queries.draft_of(scope.enter(), home_list(scope).checklist_id) is None


def test_a_new_list_is_begun_and_gone_again_when_discarded(scope: Scope, officer: Any) -> None:
    at = officer.post("/checklists/new", data={"code": "bath_house", "zh": "浴室", "en": "Bath house", "facility_types": ["institution"]}).headers["Location"]
    assert "There is no area yet" in fetch(officer, at).text
    assert officer.post(f"{at}/discard", data={"reason": "not needed"}).headers["Location"].endswith("/checklists/")
    assert "Bath house" not in fetch(officer, "/checklists/").text


def test_the_rule_is_edited_in_its_draft(scope: Scope, officer: Any) -> None:
    draft = services.start_draft(scope, home_list(scope).checklist_id)
    db.session.commit()
    draft_id = draft.id
    told = {"general": 1, "serious": 2, "major": 8, "partial_for": ["general"], "excellent": 95, "good": 85, "passed": 60, "veto": 59.9,
            "escalated": 59.9, "serious_cap": 70, "overdue": 89.9, "serious_count": 4, "least_checked": 95}
    assert officer.post(f"/checklists/versions/{draft_id}/rule", data=told | {"good": 99}).status_code == 422
    assert officer.post(f"/checklists/versions/{draft_id}/rule", data=told).status_code == 303
    db.session.expire_all()
    rule = queries.version(scope.enter(), draft_id).rule
    assert (rule["weights"]["major"], rule["caps"]["serious"], rule["least_checked"], rule["partial_for"]) == (8, 70.0, 0.95, ["general"])


def test_the_paper_form_has_every_item_and_boxes(scope: Scope, officer: Any) -> None:
    text = fetch(officer, f"/checklists/versions/{home_list(scope).id}/paper").text
    assert text.count("☐ not in order") == 80
    assert "Signature of the place" in text


def test_the_export_is_a_workbook_made_by_a_run(scope: Scope, officer: Any) -> None:
    from eldercare.checklists import jobs
    from eldercare.core import files, runs

    version = home_list(scope)
    assert officer.post(f"/checklists/versions/{version.id}/export", data={"severity": "general"}).status_code == 303
    for code in (HOME, HAZARDS):
        own = queries.in_force(scope.enter(), code)
        run = runs.Run(kind=jobs.EXPORT, params={"version": own.id, "query": {}})
        made = jobs.checklist_export(scope, run)
        assert made["rows"] == {HOME: 80, HAZARDS: 22}[code]
        assert files.get(made["file"])[:2] == b"PK"


# ---- XLSForm ---------------------------------------------------------------------------------------


def workbook(pages: dict[str, Any]) -> bytes:
    out = BytesIO()
    sheets.write_plain(out, pages)
    return out.getvalue()


def pages_of(app: Flask, scope: Scope, code: str = HOME) -> tuple[dict[str, Any], contents.Content]:
    content = queries.content(scope, queries.version(scope, queries.in_force(scope, code).id))
    with app.test_request_context():
        return imports.as_sheets(code, 1, content), content


def read(app: Flask, scope: Scope, data: bytes, code: str = HOME) -> imports.Read:
    with app.test_request_context(), force_locale("en"):
        codes = {row.code for row in queries.hazards_in_force(scope)}
        return imports.read(data, code, contents.empty("", "", ["institution"]), codes)


@pytest.mark.parametrize("code", [HOME, "township_center", "village_station", "senior_canteen", "daily_fire_patrol"])
def test_there_and_back_loses_nothing(app: Flask, scope: Scope, code: str) -> None:
    pages, content = pages_of(app, scope, code)
    found = read(app, scope, workbook(pages), code)
    assert found.faults == []
    assert contents.sha256(found.content) == contents.sha256(content)


@pytest.mark.parametrize("code", [HOME, "senior_canteen", "daily_fire_patrol"])
def test_pyxform_takes_our_form(app: Flask, scope: Scope, code: str) -> None:
    from pyxform.xls2xform import convert

    pages, content = pages_of(app, scope, code)
    made = convert(BytesIO(workbook(pages)), validate=False, file_type=".xlsx")
    assert made.warnings == []
    items = [item for area in content["areas"] for item in area["items"]]
    assert all(f"/{item['code']}" in made.xform for item in items)
    assert 'lang="English (en)"' in made.xform
    assert 'default="true()"' in made.xform or "default=" in made.xform
    conditional = next((item for item in items if item["applies_if"] == "uses_gas"), None)
    assert conditional is None or "/uses_gas  = 'yes'" in made.xform or "uses_gas" in made.xform


def column(pages: dict[str, Any], name: str) -> int:
    return pages["survey"][0].index(name)


def row_of(pages: dict[str, Any], name: str) -> int:
    return next(at for at, row in enumerate(pages["survey"]) if row[1] == name)


@pytest.mark.parametrize(("change", "cell", "words"), [
    (("INS-ORG-01", "x_severity", "grave"), "J", "grave"), (("INS-ORG-01", "label::English (en)", ""), "D", "text is missing"),
    (("INS-ORG-01", "name", "INS-ORG-02"), None, "already"), (("INS-ORG-01", "name", "ins 1"), "B", "no code"),
    (("INS-ORG-01", "x_veto", "maybe"), "K", "yes or no"), (("INS-ORG-01", "x_times", "99"), "N", "1 to 24"),
    (("INS-ORG-01", "x_applies_if", "has_dragon"), "R", "has_dragon"), (("INS-ORG-01", "x_basis", "AQF, 5"), None, "code | clause"),
    (("INS-ORG-01", "x_hazard", "MH-99"), "S", "MH-99"), (("INS-ORG-01", "type", "integer"), "A", "integer"),
    (("INS-ORG-01", "x_places", "institution moon"), "Q", "moon"),
])
def test_what_is_wrong_is_named_by_its_cell(app: Flask, scope: Scope, change: tuple[str, str, str], cell: str | None, words: str) -> None:
    pages, _content = pages_of(app, scope)
    name, head, value = change
    at = row_of(pages, name)
    pages["survey"][at][column(pages, head)] = value
    found = read(app, scope, workbook(pages))
    assert found.faults
    with app.test_request_context(), force_locale("en"):
        told = [(fault.where, imports.words_of(fault)) for fault in found.faults]
    assert any(words in text and (cell is None or where == f"survey!{cell}{at + 1}") for where, text in told), told


@pytest.mark.parametrize(("wrong", "words"), [
    ({"grades": {"excellent": 60, "good": 80, "pass": 90}}, "must fall"), ({"weights": {"general": 0, "serious": 3, "major": 6}}, "at least 1"),
])
def test_a_rule_of_scoring_is_judged_in_a_form_as_on_the_page(app: Flask, scope: Scope, wrong: dict[str, Any], words: str) -> None:
    pages, content = pages_of(app, scope)
    at = pages["settings"][0].index("x_rule")
    pages["settings"][1][at] = json.dumps(content["rule"] | wrong)
    found = read(app, scope, workbook(pages))
    with app.test_request_context(), force_locale("en"):
        assert [words in imports.words_of(fault) for fault in found.faults] == [True]
    assert found.faults[0].where.startswith("settings!")


def test_groups_that_do_not_close_and_items_outside_are_named(app: Flask, scope: Scope) -> None:
    pages, _content = pages_of(app, scope)
    last = len(pages["survey"]) - 1
    assert pages["survey"][last][0] == "end_group"
    del pages["survey"][last]
    codes = {fault.code for fault in read(app, scope, workbook(pages)).faults}
    assert codes == {"group.unclosed"}
    pages["survey"].pop(row_of(pages, "ORG"))
    assert {"group.missing", "group.unopened"} <= {fault.code for fault in read(app, scope, workbook(pages)).faults}


def test_a_form_of_another_tool_is_read_with_the_usual_values(app: Flask, scope: Scope) -> None:
    pages = {
        "survey": [["type", "name", "label::Chinese (zh)", "label::English (en)", "relevant"], ["begin group", "FIR", "消防", "Fire", None],
                   ["select_one result", "FIR-1", "灭火器", "Extinguisher", "${has_elevator} = 'yes' and not(${uses_gas} = 'yes')"],
                   ["end group", None, None, None, None]],
        "choices": [["list_name", "name", "label"], ["result", "conform", "x"]], "settings": [["form_title"], ["X"]],
    }
    found = read(app, scope, workbook(pages))
    assert found.faults == []
    item = found.content["areas"][0]["items"][0]
    assert (item["severity"], item["frequency"], item["applies_if"]) == ("general", "monthly", "has_elevator and not uses_gas")


def test_an_import_becomes_a_draft_and_a_wrong_one_writes_nothing(app: Flask, scope: Scope, officer: Any) -> None:
    version = home_list(scope)
    pages, _content = pages_of(app, scope)
    checklist_id = version.checklist_id
    db.session.commit()
    pages["survey"][row_of(pages, "INS-ORG-01")][column(pages, "label::English (en)")] = "From the form"
    at = f"/checklists/{checklist_id}/import"
    made = officer.post(at, data={"file": (BytesIO(workbook(pages)), "form.xlsx")})
    assert made.status_code == 303
    draft = queries.draft_of(scope.enter(), checklist_id)
    assert draft is not None
    assert (draft.origin, queries.items(scope, draft.id)[0].en) == ("xlsform", "From the form")
    again = officer.post(at, data={"file": (BytesIO(workbook(pages)), "form.xlsx")})
    assert (again.status_code, "has a draft already" in again.text) == (422, True)
    services.discard(scope.enter(), draft.id, "x")
    db.session.commit()
    pages["survey"][row_of(pages, "INS-ORG-01")][column(pages, "x_severity")] = "grave"
    wrong = officer.post(at, data={"file": (BytesIO(workbook(pages)), "form.xlsx")})
    assert "survey!J" in wrong.text
    assert queries.draft_of(scope.enter(), checklist_id) is None
    no_book = officer.post(at, data={"file": (BytesIO(b"nothing like it"), "form.xlsx")})
    assert no_book.status_code == 422


def test_the_form_is_handed_out(scope: Scope, officer: Any) -> None:
    answer = officer.get(f"/checklists/versions/{home_list(scope).id}/xlsform")
    assert (answer.status_code, answer.data[:2]) == (200, b"PK")
    table = queries.in_force(scope.enter(), HAZARDS)
    assert officer.get(f"/checklists/versions/{table.id}/xlsform").status_code == 409


# ---- a filled list, and the API --------------------------------------------------------------------


def test_a_filled_list_is_shown_with_its_version_and_hidden_from_strangers(scope: Scope, sign_in: Any) -> None:
    home, other = make.make_facility(), make.make_facility()
    check = checks.start_check(scope, home.id, home_list(scope).id, "self_check", label="晨检")
    checks.answer(scope, check.id, {"INS-ORG-01": checks.Answer("nonconform", "没有书面明确")})
    checks.seal(scope, check.id)
    manager = sign_in(make.make_user(Role.FACILITY_MANAGER, home), language="en")
    page = fetch(manager, f"/checklists/checks/{check.id}").text
    for words in ("Version 1", "Incomplete", "没有书面明确", "Does not apply, because there is no lift"):
        assert words in page, words
    stranger = sign_in(make.make_user(Role.FACILITY_MANAGER, other), language="en")
    assert stranger.get(f"/checklists/checks/{check.id}").status_code == 404


@pytest.mark.parametrize("origin", ["self_check", "inspection"])
def test_a_filled_list_is_read_by_whoever_reads_what_it_was_filled_in_for(app: Flask, scope: Scope, sign_in: Any, origin: str) -> None:
    """A third party on post reads the lists, not what officers or the home filled in (domain.md §5.2)."""
    home = make.make_facility()
    check = checks.start_check(scope, home.id, home_list(scope).id, origin, label="示例")
    people = {role: make.make_user(role, home) for role in (Role.FACILITY_MANAGER, Role.STATIONED_SUPERVISOR)}
    people[Role.INSPECTOR] = make.make_user(Role.INSPECTOR)
    tokens = {role: make_token(scope, person.id, "test", 90)[0] for role, person in people.items()}
    clients, path = {role: sign_in(person) for role, person in people.items()}, f"/checklists/checks/{check.id}"
    db.session.commit()
    for role, client in clients.items():
        code = 404 if role is Role.STATIONED_SUPERVISOR else 200
        assert client.get(path).status_code == code, role
        told = app.test_client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {tokens[role]}"})
        assert told.status_code == code, role
    assert clients[Role.STATIONED_SUPERVISOR].get("/checklists/").status_code == 200


def test_the_api_tells_lists_versions_and_what_applies_where(app: Flask, scope: Scope) -> None:
    home = make.make_facility(has_elevator=False)
    user = make.make_user(Role.FACILITY_MANAGER, home)
    token, _row = make_token(scope, user.id, "test", 90)
    version_id = home_list(scope).id
    db.session.commit()

    def ask(path: str) -> Any:
        return app.test_client().get(f"/api/v1/checklists{path}", headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"})

    lists = ask("").get_json()["items"]
    assert [each["rows"] for each in lists] == [80, 26, 15, 20, 15, 22]
    whole = ask(f"/versions/{version_id}").get_json()
    assert contents.sha256(whole["content"]) == whole["content_sha256"]
    here = ask(f"/facilities/{home.id}").get_json()
    assert {each["number"] for each in here["lists"]} == {1}
    lifts = next(each for each in here["lists"][0]["items"] if each["code"] == "INS-SPE-02")
    assert lifts["applies"] is False
    assert lifts["why"]
    assert ask(f"/facilities/{make.make_facility().id}").status_code == 404
