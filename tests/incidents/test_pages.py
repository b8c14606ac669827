"""What people meet: the first report, the board, the record, the wire, the workbook."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eldercare.core.access import P
from eldercare.core.attachments import Attachment
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.incidents.handling import services as handling
from eldercare.incidents.models import Incident
from tests import scans
from tests.hazards.test_hazards import ordered
from tests.incidents.made import DEADLY, FALL, GRAVE, house, reported, rules
from tests.page import fetch


@pytest.fixture
def quiet(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """No CSRF in the way."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return app


def sent(here: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "service_risk.fall", "place_kind": "toilet", "care": "admitted", "signs": "fracture", "ago": "10",
            "facility_id": str(here.home.id), "resident_id": str(here.resident.id)} | more


def all_of() -> list[Incident]:
    scope = Scope.system("test").enter()
    return list(db.session.scalars(scope.select(Incident)))


def test_a_manager_reports_and_reads_what_to_do_next(quiet: Flask, district: Scope, sign_in: Any) -> None:
    here = house()
    client = sign_in(here.manager)
    form = fetch(client, "/incidents/new")
    key = re.search(r'name="key"[^>]*value="([^"]+)"', form.text) or re.search(r'value="([^"]+)"[^>]*name="key"', form.text)
    assert key
    body = sent(here, key=key[1])
    first, second = client.post("/incidents/new", data=body), client.post("/incidents/new", data=body)
    assert (first.status_code, second.location) == (303, first.location)  # pressed twice: one incident
    (made,) = all_of()
    assert (made.grade, made.state) == ("E2", "reported")
    assert (made.known_at - made.occurred_at).total_seconds() == pytest.approx(600, abs=5)
    record = fetch(client, first.location)
    for words in ("区级签收报告", "告知家属", "记录先期处置", "办结前还缺"):
        assert words in record.text
    assert here.resident.name not in record.text  # masked


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": ""}, "发生了什么"), ({"care": ""}, "人员现状"), ({"place_kind": "moon"}, "在哪里"),
        ({"ago": "other"}, "发生时间"), ({"ago": "other", "occurred_at": "2030-01-01T10:00"}, "晚于现在"),
        ({"ago": "other", "occurred_at": "yesterday"}, "发生时间"), ({"grade": "E4"}, "为何不按规则"), ({"dead": "-1"}, "死亡"),
        ({"resident_id": "999999"}, "老人"), ({"facility_id": "999999"}, "哪家机构"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_is_stored(
    quiet: Flask, district: Scope, sign_in: Any, change: dict[str, str], words: str
) -> None:
    here = house()
    answer = sign_in(here.manager).post("/incidents/new", data=sent(here, **change))
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert all_of() == []


def test_the_grade_appears_while_reporting(quiet: Flask, district: Scope, sign_in: Any) -> None:
    here = house()
    answer = sign_in(here.manager).post("/incidents/grade", data={"kind": "service_risk.fall", "care": "treated"})
    assert "E3" in answer.get_data(as_text=True)


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_kept(quiet: Flask, district: Scope, sign_in: Any) -> None:
    from io import BytesIO

    here = house()
    made = reported(here)
    client = sign_in(here.manager)
    answer = client.post(
        f"/incidents/{made.id}/photos/new", content_type="multipart/form-data",
        data={"kind": "scene", "files": (BytesIO(b"<html><script>alert(1)</script>"), "fall.jpg")},
    )
    assert answer.status_code == 422
    assert "照片" in fetch(client, f"/incidents/{made.id}").text


def test_the_photos_of_what_is_over_stay_as_they_are(quiet: Flask, district: Scope, sign_in: Any) -> None:
    from io import BytesIO

    here = house()
    made = reported(here).id
    client, photo = sign_in(here.manager), {"kind": "scene", "files": (BytesIO(scans.picture()), "a.jpg")}
    assert client.post(f"/incidents/{made}/photos/new", content_type="multipart/form-data", data=photo).status_code == 303
    Scope.system("test").enter()
    kept = db.session.scalars(select(Attachment.id)).one()
    handling.reject(here.scope("district", P.INCIDENT_CLOSE), made, "未发生", rules())
    db.session.commit()
    assert client.get(f"/incidents/{made}/photos/new").status_code == 409
    assert client.post(f"/incidents/{made}/photos/{kept}/remove", data={"reason": "不要了"}).status_code == 409
    assert client.get(f"/incidents/{made}/photos/{kept}").status_code == 200


def test_the_district_closes_only_what_is_whole(quiet: Flask, district: Scope, sign_in: Any) -> None:
    here = house()
    made = reported(here, DEADLY).id
    client = sign_in(here.district)
    answer = client.post(f"/incidents/{made}/handling/close")
    assert answer.status_code == 409
    assert "先期处置" in answer.get_data(as_text=True)
    assert client.post(f"/incidents/{made}/clocks/acknowledge", data={}).status_code == 303
    assert "待签收" not in fetch(client, f"/incidents/{made}").text.split("报告与告知")[1].split("处置与整改")[0]


def test_the_board_shows_what_waits_for_whom(quiet: Flask, district: Scope, sign_in: Any) -> None:
    here = house()
    made = reported(here, GRAVE)
    assert made.number in fetch(sign_in(here.township), "/incidents/board").text
    assert "待签收的报告" not in fetch(sign_in(here.manager), "/incidents/board").text
    assert made.number in fetch(sign_in(here.manager), "/incidents/running").text


def test_the_list_is_narrowed_by_everything_asked_for(quiet: Flask, district: Scope, sign_in: Any) -> None:
    here = house()
    grave, slight = reported(here, GRAVE), reported(here, FALL | {"care": "none"}, residents=[])
    client = sign_in(here.district)
    for query, there in (
        ("grade=E2", {grave.number}), ("running=1", {grave.number}), (f"q={slight.number}", {slight.number}),
        (f"home={here.home.id}", {grave.number, slight.number}), ("kind=service_risk.fall", {grave.number, slight.number}),
        ("stage=closed", set()), ("late=1", set()), ("day_from=2026-11-25", set()), ("family=accident", set()),
    ):
        text = fetch(client, f"/incidents/?{query}").text
        assert {each for each in (grave.number, slight.number) if f">{each}<" in text} == there, query


def test_at_the_wire_nobody_is_named(quiet: Flask, district: Scope) -> None:
    from eldercare.accounts import services as accounts

    here = house()
    made = reported(here, GRAVE)
    Scope.system("test").enter()
    token = accounts.make_token(Scope.system("test"), here.manager.id, "test", 30)
    db.session.commit()
    secret = token[0]
    client = quiet.test_client()
    head = {"Authorization": f"Bearer {secret}"}
    listed = client.get("/api/v1/incidents/?grade=E2", headers=head)
    assert [each["number"] for each in listed.json["items"]] == [made.number]
    one = client.get(f"/api/v1/incidents/{made.id}", headers=head)
    assert {each["kind"] for each in one.json["clocks"]} >= {"county", "family"}
    assert here.resident.name not in one.get_data(as_text=True)
    assert client.get("/api/v1/incidents/?grade=E9", headers=head).status_code == 422
    assert client.get("/api/v1/hazards/", headers=head).json["total"] == 0


def test_the_list_goes_out_as_a_workbook(quiet: Flask, district: Scope) -> None:
    from eldercare.core import files
    from eldercare.core.runs import HANDLERS, Run

    here = house()
    reported(here, GRAVE)
    with quiet.test_request_context():
        scope = here.scope("manager", P.INCIDENT_READ)
        result = HANDLERS["incidents_export"](scope, Run(kind="incidents_export", params={"query": {}}))
        assert result["rows"] == 1
        assert files.get(result["file"]).startswith(b"PK")


def test_times_and_figures_change_through_their_forms(quiet: Flask, district: Scope, sign_in: Any) -> None:
    from datetime import timedelta

    from eldercare.core import calendar

    here = house()
    made = reported(here, GRAVE)
    number, early = made.id, calendar.local(made.known_at).replace(second=0, microsecond=0)
    client = sign_in(here.manager)
    moved = f"{early - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    body = dict.fromkeys(("occurred_at", "discovered_at", "known_at"), moved) | {"reason": "按监控更正"}
    assert client.post(f"/incidents/{number}/times", data=body).status_code == 303
    figures = {"dead": "0", "injured": "2", "serious": "1", "ill": "0", "missing": "no", "loss": "1200.50", "reason": "又有一人受伤"}
    assert client.post(f"/incidents/{number}/figures", data=figures).status_code == 303
    assert client.post(f"/incidents/{number}/figures", data=figures | {"reason": ""}).status_code == 422
    text = fetch(client, f"/incidents/{number}").text
    for words in ("时间已更改", "按监控更正", "数字已更改", "又有一人受伤", "¥1,200.50"):
        assert words in text


def test_who_was_told_is_entered_in_one_form(quiet: Flask, district: Scope, sign_in: Any) -> None:
    here = house()
    number = reported(here, GRAVE).id
    client = sign_in(here.manager)
    form = fetch(client, f"/incidents/{number}/clocks/receipt?body=family")
    now = re.search(r'name="received_at"[^>]*value="([^"]+)"', form.text)
    assert now
    body = {"body": "family", "received_at": now[1], "way": "phone", "told_by": "张某", "told_whom": "长子"}
    assert client.post(f"/incidents/{number}/clocks/receipt", data=body | {"told_whom": ""}).status_code == 422
    # to the minute: not before it happened
    answer = client.post(f"/incidents/{number}/clocks/receipt", data=body)
    assert answer.status_code == 303
    assert "接听人长子" in fetch(client, f"/incidents/{number}").text


def test_a_persons_record_tells_what_happened_to_them_and_that_of_another_home_nothing(sign_in: Any, district: Scope) -> None:
    here, there = house(), house()
    incident, person, other = reported(here).id, here.resident.id, there.resident.id
    part = f"/incidents/of-resident/{person}"
    client, stranger = sign_in(here.manager), sign_in(there.manager, language="en")
    assert part in fetch(client, f"/residents/{person}").text
    assert f"/incidents/{incident}" in fetch(client, part).text
    assert stranger.get(part).status_code == 404
    assert "No incident is on record." in fetch(stranger, f"/incidents/of-resident/{other}").text


def test_a_places_record_tells_its_open_incidents_and_hazards(sign_in: Any, district: Scope) -> None:
    here, there = house(), house()
    incident, hazard, home = reported(here, GRAVE).id, ordered(here).id, here.home.id
    client, stranger = sign_in(here.manager, language="en"), sign_in(there.manager)
    record = fetch(client, f"/facilities/{home}").text
    for feature, link in (("incidents", f"/incidents/{incident}"), ("hazards", f"/hazards/{hazard}")):
        part = f"/{feature}/of-facility/{home}"
        assert part in record
        assert link in fetch(client, part).text
        assert stranger.get(part).status_code == 404
