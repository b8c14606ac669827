"""The reader of the log: all of it, nothing else, nothing personal, and proof that it is whole."""

import json
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from eldercare.core import audit
from eldercare.core.access import Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from tests import make
from tests.accounts.browser import flashed, send
from tests.page import fetch

SignIn = Callable[..., FlaskClient]


def auditor() -> object:
    return make.make_user(Role.AUDITOR, language="en")


def entry_of(action: str) -> AuditEntry:
    scope = Scope.system("test").enter()
    return db.session.scalars(scope.select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc())).first()


def test_the_auditor_reads_every_entry_whoever_made_it(district: Scope, sign_in: SignIn, queries: list[str]) -> None:
    person = make.make_resident()
    home = make.make_facility()
    officer = make.make_user(Role.TOWNSHIP_OFFICER, make.make_township())
    client = sign_in(auditor())
    page = fetch(client, "/audit/", queries=queries)
    for entity, row in (("resident", person), ("facility", home), ("user", officer)):
        Scope.system("test").enter()
        found = db.session.scalars(
            district.select(AuditEntry).where(AuditEntry.entity == entity, AuditEntry.entity_id == row.id)
        ).first()
        assert f'href="/audit/{found.id}"' in page.text
        fetch(client, f"/audit/{found.id}", queries=queries)


def test_an_entry_is_told_in_words(district: Scope, sign_in: SignIn) -> None:
    user = make.make_user(Role.LEADER, name="示例甲")
    user.name = "示例乙"
    audit.record(district, "user.changed", user)
    client = sign_in(auditor())
    shown = fetch(client, f"/audit/{entry_of('user.changed').id}").text
    for words in ("Account changed", "示例甲", "示例乙", f"account {user.id}"):
        assert words in shown


def test_no_personal_number_stands_in_the_log(district: Scope, sign_in: SignIn) -> None:
    number, phone = make.make_id_number(), "13800000000"
    make.make_resident(id_number=number, phone=phone, name="示例王大明")
    client = sign_in(auditor())
    shown = fetch(client, "/audit/").text + fetch(client, f"/audit/{entry_of('resident.registered').id}").text
    for secret in (number, phone, "示例王大明"):
        assert secret not in shown


def test_the_filters_find_by_person_act_day_record_and_address(district: Scope, sign_in: SignIn) -> None:
    user = make.make_user(Role.LEADER)
    own = Scope(permission="signed-in", person_id=user.id, person_name=user.username, ip="10.8.7.6")
    entry = audit.record(own, "user.signed_in", user)
    client = sign_in(auditor())
    for query in (
        f"person={user.username}", "action=user.signed_in", "day_from=2026-11-24&day_to=2026-11-24", "ip=10.8.",
        f"entity=user&record={user.id}",
    ):
        assert f'href="/audit/{entry.id}"' in fetch(client, f"/audit/?{query}").text, query
    for query in ("person=nobody.else", "action=user.locked", "day_to=2026-11-23", "ip=10.9.", "entity=grant", "record=999999"):
        assert f'href="/audit/{entry.id}"' not in fetch(client, f"/audit/?{query}").text, query


@pytest.mark.parametrize("role", [Role.LEADER, Role.INSPECTOR, Role.ADMINISTRATOR])
def test_nobody_else_reads_it(district: Scope, sign_in: SignIn, role: Role) -> None:
    client = sign_in(make.make_user(role))
    for path in ("/audit/", "/audit/1"):
        assert client.get(path).status_code == 403


def test_the_auditor_reads_nothing_else(district: Scope, sign_in: SignIn) -> None:
    home = make.make_facility()
    client = sign_in(auditor())
    for path in ("/facilities/", f"/facilities/{home.id}", "/residents/", "/reporting/", "/accounts/"):
        assert client.get(path).status_code == 403, path


def test_the_auditors_database_role_reads_the_log_and_no_register(district: Scope) -> None:
    make.make_resident()
    Scope(permission="audit:read", person_id=1, everywhere=True).enter()
    assert db.session.execute(text("SELECT count(*) FROM audit_entries")).scalar_one() > 0
    for table in ("residents", "facilities", "users", "stays"):
        with pytest.raises(Exception, match="permission denied"), db.session.begin_nested():
            db.session.execute(text(f"SELECT 1 FROM {table}"))
    with pytest.raises(Exception, match="permission denied"), db.session.begin_nested():
        db.session.execute(text("DELETE FROM audit_entries"))


def test_verifying_says_how_many_and_the_head_and_is_itself_an_entry(district: Scope, sign_in: SignIn) -> None:
    make.make_facility()
    client = sign_in(auditor())
    Scope.system("test").enter()
    before = audit.verify()
    shown = send(client, "/audit/verify", page="/audit/").text
    assert "The chain is unbroken" in shown
    assert before["head"] in shown
    assert entry_of("log.verified").details == {"valid": True, "entries": before["entries"], "head": before["head"]}


def test_a_touched_entry_is_found(fresh_app: Flask) -> None:
    from sqlalchemy import create_engine

    Scope.system("test").enter()
    for _ in range(3):
        make.make_user(Role.LEADER)
    db.session.commit()
    assert fresh_app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0
    with create_engine(fresh_app.config["OWNER_URL"]).begin() as owner:  # the owner of the schema forges an entry
        owner.execute(text("SET LOCAL ROLE eldercare_owner"))
        owner.execute(text("ALTER TABLE audit_entries NO FORCE ROW LEVEL SECURITY"))
        owner.execute(text("UPDATE audit_entries SET person_name = 'forged' WHERE id = 3"))
    result = fresh_app.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.exit_code == 2
    told = json.loads(result.output.splitlines()[-1])
    assert (told["valid"], told["broken_at"]) == (False, 3)


def test_the_export_holds_what_the_filters_leave_and_is_logged(district: Scope, sign_in: SignIn) -> None:
    make.make_facility()
    user = make.make_user(Role.LEADER, name="=1+1")
    user.name = "-2"
    audit.record(district, "user.changed", user)
    me = auditor()
    client = sign_in(me)
    answer = send(client, "/audit/export", page="/audit/", action="user.changed")
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    told = [row for row in rows if "Account changed" in row]
    assert len(told) == 1
    entry = entry_of("log.exported")
    assert (entry.person_id, entry.details["rows"]) == (me.id, 1)


def test_too_many_entries_for_a_workbook_are_refused_with_the_way_out(
    district: Scope, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eldercare.audit import listing

    monkeypatch.setattr(listing, "MOST_EXPORTED", 1)
    client = sign_in(auditor())
    assert "Narrow the days" in flashed(client, send(client, "/audit/export", page="/audit/"))


def test_every_act_and_kind_of_record_has_words(app: Flask) -> None:
    """What the code writes into the log, the reader can say in both languages."""
    import re
    from pathlib import Path

    from eldercare.core import words
    from eldercare.core.db import Audited

    code = "\n".join(path.read_text() for path in Path("eldercare").rglob("*.py"))
    acts = set(re.findall(r'(?:record|note)\(\s*[\w.()]+,\s*"([a-z_]+\.[a-z_]+)"', code))
    for mapper in db.Model.registry.mappers:
        acts |= set(getattr(mapper.class_, "MOVES", {}).values())
    assert not sorted(act for act in acts if act not in words.ACTIONS)
    nouns = {mapper.class_.AUDIT_NOUN for mapper in db.Model.registry.mappers if issubclass(mapper.class_, Audited)}
    assert not sorted(noun for noun in nouns if noun not in words.ENTITIES)
