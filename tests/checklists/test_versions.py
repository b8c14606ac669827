"""Versions: loaded once, drafted, published for good, one in force a day."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from eldercare.checklists import queries, services
from eldercare.checklists.models import DATA, HAZARDS, ChecklistItem, ChecklistVersion
from eldercare.checklists.queries import contents
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from tests.checklists import made

HOME = "institution_safety_responsibility"


@pytest.fixture
def scope(district: Scope) -> Scope:
    services.load_catalogue(district)
    return district


def version_of(scope: Scope, code: str) -> ChecklistVersion:
    return queries.in_force(scope, code)


def list_id(scope: Scope, code: str = HOME) -> int:
    return version_of(scope, code).checklist_id


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as why, db.session.begin_nested():
        call(*args, **kwargs)
    return why.value.code


def database_refuses(statement: str) -> str | None:
    with pytest.raises(DBAPIError) as why, db.session.begin_nested():
        db.session.execute(text(statement))
    found = refusal_of(why.value)
    return found.code if found else None


# ---- the catalogue's file --------------------------------------------------------------------------


def test_the_catalogue_holds_156_items_in_5_lists_and_22_hazards(scope: Scope) -> None:
    counts = {each.checklist.code: each.rows for each in queries.standings(scope)}
    assert counts == {HOME: 80, "township_center": 26, "village_station": 15, "senior_canteen": 20, "daily_fire_patrol": 15, HAZARDS: 22}
    assert all(each.current and each.current.number == 1 for each in queries.standings(scope))


def test_every_item_keeps_its_basis_with_how_certain_it_is(scope: Scope) -> None:
    items = queries.items(scope, version_of(scope, HOME).id)
    assert all(item.basis and all(each["seen"] in ("primary", "secondary", "knowledge") for each in item.basis) for item in items)
    first = items[0].basis[0]
    assert (first["basis"], first["clause"], first["seen"], first["en"]) == ("AQF", "第五条", "primary", "Work Safety Law")
    hazards = {row.code: row.confidence for row in queries.hazards_in_force(scope)}
    assert (hazards["MH-4-1"], hazards["MH-7-7"]) == ("seen", "recalled_low")
    assert {item.hazard_code for item in items if item.hazard_code} <= set(hazards)


def test_the_same_file_again_changes_nothing(scope: Scope) -> None:
    before = db.session.query(AuditEntry).count()
    assert services.load_catalogue(scope) == {"lists": 6, "created": 0, "drafted": 0, "unchanged": 6, "waiting": 0}
    assert db.session.query(AuditEntry).count() == before


def changed(tmp_path: Path, *swaps: tuple[str, str]) -> Path:
    told = DATA.read_text("utf-8")
    for before, after in swaps:
        assert before in told
        told = told.replace(before, after, 1)
    target = tmp_path / "newer.yaml"
    target.write_text(told, "utf-8")
    return target


WORDS = "全员安全责任制覆盖每个岗位"


def test_a_changed_file_makes_a_draft_and_touches_nothing_published(scope: Scope, tmp_path: Path) -> None:
    published = version_of(scope, HOME)
    digest = published.content_sha256
    newer = changed(tmp_path, (WORDS, "全员安全生产责任制覆盖每个岗位"))
    assert services.load_catalogue(scope, newer)["drafted"] == 1
    draft = queries.draft_of(scope, published.checklist_id)
    assert draft is not None
    assert (draft.number, draft.state, draft.origin) == (2, "draft", "catalogue")
    db.session.expire_all()
    again = version_of(scope, HOME)
    assert again.number == 1
    assert contents.sha256(queries.content(scope, again)) == digest == again.content_sha256
    assert services.load_catalogue(scope, newer)["unchanged"] == 6
    # a still newer file replaces the draft nobody has touched
    newest = changed(tmp_path, (WORDS, "安全责任制覆盖每个岗位"))
    assert services.load_catalogue(scope, newest)["drafted"] == 1


def test_a_draft_somebody_works_on_waits_for_them(scope: Scope, tmp_path: Path) -> None:
    draft = services.start_draft(scope, list_id(scope))
    item = queries.items(scope, draft.id)[0]
    services.change_item(scope, item.id, {name: getattr(item, name) for name in contents.ITEM} | {"en": "Changed by hand"})
    newer = changed(tmp_path, (WORDS, "安全责任制覆盖每个岗位"))
    assert services.load_catalogue(scope, newer)["waiting"] == 1
    assert queries.items(scope, draft.id)[0].en == "Changed by hand"
    services.discard(scope, draft.id, "let the catalogue in")
    db.session.flush()
    assert services.load_catalogue(scope, newer)["drafted"] == 1


# ---- publishing ------------------------------------------------------------------------------------


def drafted(scope: Scope, code: str = HOME) -> ChecklistVersion:
    draft = services.start_draft(scope, list_id(scope, code))
    services.change_version(scope, draft.id, {"note_en": "changed"})
    return draft


def test_one_draft_a_list(scope: Scope) -> None:
    drafted(scope)
    assert refused(services.start_draft, scope, list_id(scope)) == "checklist.draft_exists"


def test_a_version_is_in_force_until_the_day_the_next_one_begins(scope: Scope) -> None:
    today = calendar.today()
    old, draft = version_of(scope, HOME), drafted(scope)
    services.publish(scope, draft.id, "yearly revision", today + timedelta(10))
    assert (old.state, old.effective_to) == ("published", today + timedelta(10))
    assert queries.in_force(scope, HOME, today + timedelta(9)).id == old.id
    assert queries.in_force(scope, HOME, today + timedelta(10)).id == draft.id
    assert [each.coming for each in queries.standings(scope) if each.checklist.code == HOME] == [draft]


def test_a_version_published_for_today_retires_the_one_before(scope: Scope) -> None:
    old, draft = version_of(scope, HOME), drafted(scope)
    services.publish(scope, draft.id, "at once", calendar.today())
    assert (old.state, draft.state, version_of(scope, HOME).id) == ("retired", "published", draft.id)


def test_what_has_run_out_is_retired_by_the_clock(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    old, draft = version_of(scope, HOME), drafted(scope)
    services.publish(scope, draft.id, "next week", calendar.today() + timedelta(7))
    assert services.retire_past(scope) == 0
    monkeypatch.setenv("ELDERCARE_TODAY", (calendar.today() + timedelta(7)).isoformat())
    assert services.retire_past(scope) == 1
    assert old.state == "retired"


def test_a_past_day_and_an_unchanged_or_empty_draft_are_refused(scope: Scope) -> None:
    same = services.start_draft(scope, list_id(scope))
    assert refused(services.publish, scope, same.id, "x", calendar.today()) == "checklist.same_as_before"
    area = services.add_area(scope, same.id, {"code": "NEW", "zh": "新", "en": "New"})
    assert refused(services.publish, scope, same.id, "x", calendar.today()) == "checklist.area_empty"
    services.remove(scope, area)
    services.change_version(scope, same.id, {"note_en": "changed"})
    assert refused(services.publish, scope, same.id, "x", calendar.today() - timedelta(1)) == "checklist.day_too_early"
    new = services.new_checklist(scope, "fresh", contents.empty("新清单", "New list", ["canteen"]))
    assert refused(services.publish, scope, new.id, "x", calendar.today()) == "checklist.empty"


def test_the_database_keeps_two_versions_from_one_day(scope: Scope) -> None:
    old, draft = version_of(scope, HOME), drafted(scope)
    db.session.flush()
    assert database_refuses(
        "UPDATE checklist_versions SET state = 'published', content_sha256 = 'x', reason = 'x', published_at = now(),"
        f" effective_from = '{old.effective_from}' WHERE id = {draft.id}"
    ) == "checklist.in_force_twice"


@pytest.mark.parametrize("statement", [
    "UPDATE checklist_versions SET en = 'x' WHERE id = {v}", "UPDATE checklist_versions SET state = 'draft' WHERE id = {v}",
    "UPDATE checklist_versions SET effective_from = effective_from - 1 WHERE id = {v}",
    """UPDATE checklist_versions SET rule = '{{"weights": 1}}' WHERE id = {v}""", "DELETE FROM checklist_versions WHERE id = {v}",
    "UPDATE checklist_items SET severity = 'general' WHERE version_id = {v}", "DELETE FROM checklist_items WHERE version_id = {v}",
    "UPDATE checklist_areas SET en = 'x' WHERE version_id = {v}", "DELETE FROM checklist_areas WHERE version_id = {v}",
    "INSERT INTO checklist_areas (version_id, position, code, zh, en) VALUES ({v}, 99, 'XX', 'x', 'x')",
    "UPDATE major_hazards SET confidence = 'seen' WHERE version_id = {h}",
    "UPDATE checklist_areas SET version_id = {d} WHERE version_id = {v}",
])
def test_nothing_of_a_published_version_can_be_changed(scope: Scope, statement: str) -> None:
    draft = services.start_draft(scope, list_id(scope))
    db.session.flush()
    ids = {"v": version_of(scope, HOME).id, "h": version_of(scope, HAZARDS).id, "d": draft.id}
    assert database_refuses(statement.format(**ids)) == "checklist.published_fixed"


def test_services_refuse_before_the_database_does(scope: Scope) -> None:
    published = version_of(scope, HOME)
    item = queries.items(scope, published.id)[0]
    area = queries.areas(scope, published.id)[0]
    values = {name: getattr(item, name) for name in contents.ITEM}
    for call, *args in (
        (services.change_item, item.id, values), (services.remove, item), (services.move, item, "down"), (services.add_item, area.id, values),
        (services.remove, area), (services.change_version, published.id, {"en": "x"}), (services.discard, published.id, "x"),
        (services.publish, published.id, "x", calendar.today()),
    ):
        assert refused(call, scope, *args) == "checklist.published_fixed", call


def test_ending_a_list_leaves_nothing_in_force(scope: Scope) -> None:
    today = calendar.today()
    services.end(scope, version_of(scope, HOME).id, "given up", today + timedelta(3))
    assert queries.in_force(scope, HOME, today + timedelta(2))
    assert refused(queries.in_force, scope, HOME, today + timedelta(3)) == "checklist.not_in_force"


# ---- the editor's acts -----------------------------------------------------------------------------


def values_of(item: ChecklistItem, **changes: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in contents.ITEM} | changes


def test_items_and_areas_are_added_changed_moved_and_removed(scope: Scope) -> None:
    draft = services.start_draft(scope, list_id(scope))
    first, second = queries.areas(scope, draft.id)[:2]
    item, neighbour = queries.items(scope, draft.id)[:2]
    services.move(scope, item, "down")
    services.move(scope, second, "up")
    services.change_item(scope, neighbour.id, values_of(neighbour, severity="general", veto=False, major_when_zh=None, major_when_en=None))
    made = services.add_item(scope, first.id, values_of(item, code="INS-ORG-99", applies_if="( has_elevator  and uses_gas )"))
    services.remove(scope, queries.items(scope, draft.id)[-1])
    db.session.flush()
    assert made.applies_if == "has_elevator and uses_gas"
    assert [each.code for each in queries.areas(scope, draft.id)[:2]] == [second.code, first.code]
    found = queries.changes(queries.content(scope, version_of(scope, HOME)), queries.content(scope, queries.version(scope, draft.id)))
    assert found.added == ["INS-ORG-99"]
    assert len(found.removed) == 1
    assert len(found.moved) == 2
    assert found.changed[neighbour.code]["severity"] == ("serious", "general")
    services.remove(scope, first)
    db.session.flush()
    assert first.code not in {each.code for each in queries.areas(scope, draft.id)}


def test_an_item_goes_to_another_area(scope: Scope) -> None:
    draft = services.start_draft(scope, list_id(scope))
    target, item = queries.areas(scope, draft.id)[3], queries.items(scope, draft.id)[0]
    services.change_item(scope, item.id, values_of(item), target.id)
    db.session.flush()
    found = queries.changes(queries.content(scope, version_of(scope, HOME)), queries.content(scope, queries.version(scope, draft.id)))
    assert found.changed[item.code]["area"] == ("ORG", target.code)


@pytest.mark.parametrize(("changes", "code"), [
    ({"code": "INS-ORG-02"}, "checklist.item_code_taken"), ({"code": "FIR"}, "checklist.item_code_taken"),
    ({"severity": "general", "veto": True}, "checklist.veto_of_general"), ({"hazard_code": "MH-99"}, "checklist.hazard_unknown"),
    ({"major_when_zh": "x", "major_when_en": None}, "checklist.major_when_wrong"),
    ({"severity": "major", "major_when_zh": "x", "major_when_en": "x"}, "checklist.major_when_wrong"),
    ({"facility_types": []}, "checklist.types_missing"), ({"applies_if": "has_dragon"}, "checklist.attribute_unknown"),
])
def test_what_cannot_be_is_refused(scope: Scope, changes: dict[str, Any], code: str) -> None:
    draft = services.start_draft(scope, list_id(scope))
    item = queries.items(scope, draft.id)[0]
    assert refused(services.change_item, scope, item.id, values_of(item, **changes)) == code


def test_the_rule_of_scoring_belongs_to_the_version(scope: Scope) -> None:
    draft = services.start_draft(scope, list_id(scope))
    rule = draft.rule | {"weights": {"general": 1, "serious": 2, "major": 10}}
    services.change_rule(scope, draft.id, rule)
    assert queries.version(scope, draft.id).rule["weights"]["major"] == 10
    assert version_of(scope, HOME).rule["weights"]["major"] == 6
    assert refused(services.change_rule, scope, draft.id, rule | {"grades": {"excellent": 80, "good": 90, "pass": 60}}) == "checklist.grades_order"
    for wrong in ({"weights": rule["weights"] | {"general": 0}}, {"serious_count": 0}, {"least_checked": 90}):
        assert refused(services.change_rule, scope, draft.id, rule | wrong) == "checklist.rule_wrong"


def test_the_hazard_table_has_versions_too(scope: Scope) -> None:
    draft = services.start_draft(scope, list_id(scope, HAZARDS))
    row = queries.hazards(scope, draft.id)[-1]
    services.change_hazard(scope, row.id, {"confidence": "seen"})
    services.add_hazard(scope, draft.id, {"code": "MH-8-1", "clause": "第八条", "zh": "示例", "en": "Sample", "confidence": "recalled_low"})
    services.publish(scope, draft.id, "official text compared", calendar.today())
    assert len(queries.hazards_in_force(scope)) == 23


def test_a_row_leaves_the_hazard_table_once_no_item_names_it(scope: Scope) -> None:
    tomorrow = calendar.today() + timedelta(1)
    without = made.table_without(scope, "MH-7-5")
    with pytest.raises(Refused) as why:
        services.publish(scope, without.id, "row dropped", tomorrow)
    assert why.value.code == "checklist.row_in_use"
    assert "FP-03" in why.value.details["items"]
    assert refused(services.end, scope, version_of(scope, HAZARDS).id, "given up", tomorrow) == "checklist.row_in_use"
    made.let_go(scope, "MH-7-5", tomorrow)
    assert refused(services.publish, scope, without.id, "row dropped", calendar.today()) == "checklist.row_in_use"
    services.publish(scope, without.id, "row dropped", tomorrow)
    assert "MH-7-5" not in {row.code for row in queries.hazards_in_force(scope, tomorrow)}


def test_a_list_names_no_row_that_is_about_to_leave(scope: Scope) -> None:
    today = calendar.today()
    made.let_go(scope, "MH-7-5")
    services.publish(scope, made.table_without(scope, "MH-7-5").id, "row dropped", today + timedelta(10))
    draft = services.start_draft(scope, list_id(scope, "daily_fire_patrol"))
    item = next(each for each in queries.items(scope, draft.id) if each.code == "FP-03")
    services.change_item(scope, item.id, values_of(item, hazard_code="MH-7-5"))  # today the row is there
    assert refused(services.publish, scope, draft.id, "named again", today) == "checklist.hazard_unknown"


def test_every_act_is_in_the_log_with_who_did_it(scope: Scope) -> None:
    draft = services.start_draft(scope, list_id(scope))
    item = queries.items(scope, draft.id)[0]
    services.change_item(scope, item.id, values_of(item, en="Other words"))
    services.publish(scope, draft.id, "better words", calendar.today())
    told = queries.history(scope, [draft.id])
    assert [each.action for each in told] == ["checklist_version.published", "checklist_item.changed", "checklist_version.drafted"]
    assert told[1].changes["en"][1] == "Other words"


# ---- two people at once ----------------------------------------------------------------------------


def test_whoever_edits_while_another_publishes_waits_and_is_refused(fresh_app: Flask) -> None:
    """Two real connections: the edit that comes second finds the version published; the hash is of what is there."""
    def enter() -> Scope:
        return Scope.system(P.CHECKLIST_EDIT, "test").enter()

    services.load_catalogue(enter())
    db.session.commit()
    draft = drafted(enter())
    item_id, draft_id = queries.items(enter(), draft.id)[0].id, draft.id
    db.session.commit()

    scope, said, reached = enter(), [], threading.Event()
    services.publish(scope, draft_id, "first", calendar.today())
    db.session.flush()

    def edit() -> None:
        with fresh_app.app_context():
            Scope.system(P.CHECKLIST_EDIT, "test").enter()
            reached.set()
            try:
                db.session.execute(text("UPDATE checklist_items SET en = 'too late' WHERE id = :id"), {"id": item_id})
            except DBAPIError as error:
                found = refusal_of(error)
                said.append(found.code if found else str(error))
            db.session.rollback()

    other = threading.Thread(target=edit)
    other.start()
    reached.wait(10)
    other.join(0.5)
    assert other.is_alive(), "the edit must wait for whoever publishes"
    db.session.commit()
    other.join(20)
    assert said == ["checklist.published_fixed"]
    scope = enter()
    published = queries.version(scope, draft_id)
    assert contents.sha256(queries.content(scope, published)) == published.content_sha256


def test_whoever_publishes_while_another_edits_publishes_the_edit(fresh_app: Flask) -> None:
    def enter() -> Scope:
        return Scope.system(P.CHECKLIST_EDIT, "test").enter()

    services.load_catalogue(enter())
    db.session.commit()
    draft = drafted(enter())
    item, draft_id = queries.items(enter(), draft.id)[0], draft.id
    db.session.commit()
    services.change_item(enter(), item.id, values_of(item, en="In time"))
    db.session.flush()

    def publish() -> None:
        with fresh_app.app_context():
            services.publish(Scope.system(P.CHECKLIST_EDIT, "test").enter(), draft_id, "second", calendar.today())
            db.session.commit()

    other = threading.Thread(target=publish)
    other.start()
    other.join(0.5)
    assert other.is_alive(), "publishing must wait for the edit"
    db.session.commit()
    other.join(20)
    db.session.expire_all()
    scope = enter()
    published = queries.version(scope, draft_id)
    assert published.state == "published"
    assert queries.items(scope, draft_id)[0].en == "In time"
    assert contents.sha256(queries.content(scope, published)) == published.content_sha256
