"""Who sees which facility: by page, by typed address, by API, by SQL behind the wall."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from eldercare.core import runs
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility
from tests.make import make_facility, make_licence, make_township, make_user
from tests.page import fetch


@pytest.fixture
def places(district: Scope) -> Any:
    here, there = make_township(), make_township()
    homes = [make_facility(here, name="示例本镇养老院(演示)"), make_facility(here, name="示例邻院(演示)"), make_facility(there, name="示例外镇养老院(演示)")]
    for home in homes:
        make_licence(home)
    return here, there, homes


def test_a_township_officer_sees_the_own_township_alone(sign_in: Any, places: Any) -> None:
    here, _there, (own, second, foreign) = places
    officer = make_user(Role.TOWNSHIP_OFFICER, here)
    client = sign_in(officer)
    for path in ("/facilities/", "/facilities/map", "/facilities/licences"):
        page = fetch(client, path)
        assert own.name in page.text, path
        assert second.name in page.text, path
        assert foreign.name not in page.text, path
    ids, foreign_id = {own.id, second.id}, foreign.id
    assert client.get(f"/facilities/{foreign_id}").status_code == 404
    Scope.system("test").enter()
    scope_of(officer, P.FACILITY_READ).enter()  # type: ignore[union-attr]
    assert set(db.session.execute(text("SELECT id FROM facilities")).scalars()) == ids
    assert set(db.session.execute(text("SELECT facility_id FROM licences")).scalars()) == ids


def test_a_manager_sees_the_own_facility_alone_even_in_the_same_township(sign_in: Any, places: Any) -> None:
    _here, _there, (own, second, foreign) = places
    own_id, others = own.id, [second.id, foreign.id]
    client = sign_in(make_user(Role.FACILITY_MANAGER, own))
    page = fetch(client, "/facilities/")
    assert own.name in page.text
    assert second.name not in page.text
    for other in others:
        assert client.get(f"/facilities/{other}").status_code == 404
        assert client.get(f"/beds/{other}/").status_code == 404
    assert client.get(f"/facilities/{own_id}/edit").status_code == 403  # a manager corrects licences, not the record


def test_a_township_typed_into_the_address_opens_nothing(sign_in: Any, places: Any) -> None:
    here, there, (_own, _second, foreign) = places
    page = fetch(sign_in(make_user(Role.TOWNSHIP_OFFICER, here)), f"/facilities/?township={there.code}")
    assert foreign.name not in page.text


def test_the_api_answers_with_the_reach_of_its_token(app: Flask, places: Any) -> None:
    from eldercare.accounts import services as accounts

    here, _there, (own, _second, foreign) = places
    own_id, foreign_id = own.id, foreign.id
    officer = make_user(Role.TOWNSHIP_OFFICER, here)
    secret, _token = accounts.make_token(Scope.system(P.USER_EDIT), officer.id, "test", 30)
    db.session.commit()
    ask = {"headers": {"Authorization": f"Bearer {secret}"}}
    client = app.test_client()
    rows = client.get("/api/v1/facilities", **ask).json
    assert rows["total"] == 2
    assert {row["township_code"] for row in rows["items"]} == {here.code}
    assert client.get(f"/api/v1/facilities/{own_id}", **ask).json["licences"][0]["licence_type"] == "food"
    refused = client.get(f"/api/v1/facilities/{foreign_id}", **ask)
    assert (refused.status_code, refused.json["code"]) == (404, "row.not_found")
    assert [row["code"] for row in client.get("/api/v1/townships", **ask).json["items"]] == [here.code]
    assert app.test_client().get("/api/v1/facilities").status_code == 401


def test_the_wire_carries_no_name_of_a_scan_and_no_reason(app: Flask, places: Any) -> None:
    from eldercare.facilities.api import facility_as_json

    _here, _there, (own, *_rest) = places
    own.township = db.session.get_one(type(_here), own.township_id)
    own.village = None
    keys = set(facility_as_json(own, [make_licence(own)]))
    assert not keys & {"usc_override_reason", "created_at", "updated_at", "village_id", "facility_id"}


def test_the_list_filters_by_type_state_ownership_and_stationed_supervision(sign_in: Any, district: Scope) -> None:
    township = make_township()
    one = make_facility(township, name="示例一号(演示)", stationed=True, ownership_mode="public")
    two = make_facility(township, name="示例二号(演示)", state="suspended", ownership_mode="private_profit")
    three = make_facility(township, name="示例三号(演示)", facility_type="canteen")
    client = sign_in(make_user(Role.TOWNSHIP_OFFICER, township))

    def found(query: str) -> set[str]:
        page = fetch(client, f"/facilities/?{query}")
        return {each.name for each in (one, two, three) if each.name in page.text}

    assert found("type=canteen") == {three.name}
    assert found("state=suspended") == {two.name}
    assert found("ownership=public") == {one.name}
    assert found("stationed=1") == {one.name}
    assert found("type=institution&q=二号") == {two.name}
    assert found("type=nonsense") == {one.name, two.name, three.name}


def test_pages_stay_within_twelve_statements_however_many_rows(sign_in: Any, district: Scope, queries: list[str]) -> None:
    homes = [make_facility() for _ in range(30)]
    for home in homes:
        make_licence(home)
    client = sign_in(make_user(Role.DISTRICT_OFFICER))
    for path in ("/facilities/", f"/facilities/{homes[0].id}", "/facilities/map", "/facilities/licences", "/facilities/townships",
                 f"/beds/{homes[0].id}/", f"/facilities/{homes[0].id}/edit"):
        fetch(client, path, queries=queries)


def test_an_export_holds_the_rows_of_the_list_and_no_other(app: Flask, places: Any) -> None:
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    from eldercare.core import files

    here, _there, (own, second, foreign) = places
    scope = scope_of(make_user(Role.TOWNSHIP_OFFICER, here), P.FACILITY_READ)
    db.session.commit()
    assert scope is not None
    run = runs.Run(kind="facilities_export", params={"query": {"q": ["示例"]}})
    result = runs.HANDLERS["facilities_export"](scope.enter(), run)
    rows = CalamineWorkbook.from_filelike(BytesIO(files.get(result["file"]))).get_sheet_by_index(0).to_python()
    names = {row[0] for row in rows}
    assert result["rows"] == 2
    assert {own.name, second.name} <= names
    assert foreign.name not in names


def test_the_map_lists_beside_it_what_it_shows(sign_in: Any, district: Scope) -> None:
    township = make_township()
    seen, unseen = make_facility(township), make_facility(township, lon=None, lat=None)
    page = fetch(sign_in(make_user(Role.TOWNSHIP_OFFICER, township), language="en"), "/facilities/map")
    assert f'href="/facilities/{seen.id}"' in page.text
    assert f'href="/facilities/{unseen.id}"' in page.text  # in the list, though not on the map
    assert "1 without a position on the map" in page.text
    assert Facility.__tablename__ == "facilities"
