"""People leave the register masked: workbook, command line, API."""

from typing import Any

import pytest
from sqlalchemy import select

from eldercare.core import files, runs, sheets
from eldercare.core.access import P, Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.residents.jobs import export, write_workbook
from tests import make
from tests.accounts.browser import send


@pytest.fixture
def here(district: Scope) -> Any:
    return make.make_township()


def test_an_export_is_a_job_that_holds_the_persons_own_reach_masked(app: Any, here: Any, sign_in: Any, district: Scope, tmp_path: Any) -> None:
    app.config["BLOBS"] = tmp_path
    mine = make.make_resident(here, name="=示例老人甲")
    make.make_resident(here, living_arrangement="living_alone")
    make.make_resident(make.make_township())
    number, user = mine.id_number.reveal(), make.make_user(Role.TOWNSHIP_OFFICER, here)
    response = send(sign_in(user), "/residents/export", page="/residents/", living="with_children")
    assert "/reporting/runs/" in response.location
    scope = Scope(permission=P.RESIDENT_EXPORT, person_id=user.id, person_name=user.username, townships=frozenset({here.id})).enter()
    run = db.session.scalars(select(Run).order_by(Run.id.desc())).first()
    assert run.kind in runs.HANDLERS
    result = export(scope, run)
    assert result["rows"] == 1
    with sheets.read(files.get(result["file"], secret=True)) as book:
        cells = [str(cell) for sheet in book for row in sheet for cell in row if cell is not None]
    assert number[:6] + "********" + number[-4:] in cells
    assert number not in " ".join(cells)
    assert "示例老人甲" not in " ".join(cells)
    assert any(user.username in cell for cell in cells), "who made it stands on the sheet"
    district.enter()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "resident.exported").order_by(AuditEntry.id.desc())).first()
    assert (entry.details["rows"], entry.details["above_limit"], entry.person_id) == (1, False, user.id)


def test_above_the_limit_a_township_asks_the_district(app: Any, here: Any, sign_in: Any, district: Scope) -> None:
    for _ in range(3):
        make.make_resident(here)
    app.config["EXPORT_APPROVAL_ROWS"] = 2
    try:
        local, whole = sign_in(make.make_user(Role.TOWNSHIP_OFFICER, here)), sign_in(make.make_user(Role.DISTRICT_OFFICER))
        assert send(local, "/residents/export", page="/residents/").status_code == 409
        assert send(whole, "/residents/export", page="/residents/").status_code == 303
    finally:
        app.config["EXPORT_APPROVAL_ROWS"] = 5000


def test_an_export_of_nobody_is_an_empty_workbook(here: Any, district: Scope, tmp_path: Any) -> None:
    scope = Scope(permission=P.RESIDENT_EXPORT, person_id=1, person_name="x", townships=frozenset({here.id})).enter()
    assert write_workbook(scope, tmp_path / "out.xlsx") == 0


def test_the_command_writes_the_register(app: Any, here: Any, district: Scope, tmp_path: Any) -> None:
    import json

    make.make_resident(here)
    user = make.make_user(Role.TOWNSHIP_OFFICER, here)
    username = user.username
    db.session.commit()
    out = tmp_path / "out.xlsx"
    result = app.test_cli_runner().invoke(args=["residents", "export", str(out), "--user", username])
    assert result.exit_code == 0, result.output
    assert json.loads(result.output.strip().splitlines()[-1]) == {"rows": 1}
    assert app.test_cli_runner().invoke(args=["residents", "export", str(out), "--user", "nobody"]).exit_code == 2


def test_the_api_is_masked_and_stays_inside(app: Any, here: Any, district: Scope) -> None:
    from eldercare.accounts import services

    mine, other = make.make_resident(here, phone="10000001234"), make.make_resident(make.make_township())
    number, mine_id, other_id = mine.id_number.reveal(), mine.id, other.id
    user = make.make_user(Role.TOWNSHIP_OFFICER, here)
    token = services.make_token(district, user.id, "test", 30)[0]
    db.session.commit()
    client, bearer = app.test_client(), {"Authorization": f"Bearer {token}"}
    page = client.get("/api/v1/residents", headers=bearer)
    assert page.status_code == 200, page.text
    assert [row["id"] for row in page.json["items"]] == [mine_id]
    assert set(page.json) == {"items", "total", "page", "pages"}
    one = client.get(f"/api/v1/residents/{mine_id}", headers=bearer)
    assert one.json["id_number"] == number[:6] + "********" + number[-4:]
    assert not {"phone", "address", "bank_account", "birth_date", "notes", "chronic_diseases"} & set(one.json)
    assert number not in page.text + one.text
    refused = client.get("/api/v1/residents", query_string={"q": number}, headers=bearer)
    assert refused.status_code == 422
    found = client.post("/api/v1/residents/find", json={"q": number}, headers=bearer)
    assert [row["id"] for row in found.json["items"]] == [mine_id]
    for odd in ([1], {"q": None, "page": {"x": 1}}, {"township": ["a"]}):
        assert client.post("/api/v1/residents/find", json=odd, headers=bearer).status_code == 200
    missing = client.get(f"/api/v1/residents/{other_id}", headers=bearer)
    assert missing.status_code == 404
    assert set(missing.json) == {"code", "message", "details"}
    assert client.get("/api/v1/residents").status_code == 401
