"""The officers' library: certificates, avoidance, what a place asks and the district decides."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from eldercare.accounts.officers import queries as library
from eldercare.accounts.officers import services
from eldercare.core import alerts, calendar
from eldercare.core.access import P, Role
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope, scope_of
from tests import make
from tests.page import fetch

BASE = "/accounts/officers"


@pytest.fixture
def quiet(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return app


def test_only_an_inspector_who_is_not_in_it_enters_the_library(quiet: Flask, district: Scope, sign_in: Any) -> None:
    new, clerk, known = make.make_user(Role.INSPECTOR), make.make_user(Role.DISTRICT_OFFICER), make.make_officer()
    client, today = sign_in(clerk, language="en"), calendar.today()
    said = {"certificate_no": "示例执法900", "specialities": ["fire", "food"], "valid_from": today.isoformat(), "valid_to": (today + timedelta(500)).isoformat()}
    for wrong in (clerk.id, known.user_id):
        assert client.post(f"{BASE}/new", data=said | {"user_id": wrong}).status_code == 422
    assert client.post(f"{BASE}/new", data=said | {"user_id": new.id, "valid_to": "2020-01-01"}).status_code == 422
    assert client.post(f"{BASE}/new", data=said | {"user_id": new.id, "certificate_no": known.certificate_no}).status_code == 422
    assert client.post(f"{BASE}/new", data=said | {"user_id": new.id}).status_code == 303
    officer = library.officer_of(Scope.system("test").enter(), new.id)
    assert officer is not None
    assert officer.specialities == ["fire", "food"]


def test_the_list_says_how_each_certificate_stands(quiet: Flask, district: Scope, sign_in: Any, queries: list[str]) -> None:
    today = calendar.today()
    for days in (300, 60, 7, -1):
        make.make_officer(valid_to=today + timedelta(days))
    make.make_officer(left_on=today)
    client = sign_in(make.make_user(Role.INSPECTOR), language="en")
    page = fetch(client, f"{BASE}/", queries=queries)
    for tone, word in (("good", "Valid"), ("watch", "60 days left"), ("bad", "7 days left"), ("bad", "Expired"), ("quiet", "No longer in the library")):
        assert any(f"state-{tone}" in (e.get("class") or "") and word in page.words(e) for e in page.all("span")), word
    assert "2 records" in fetch(client, f"{BASE}/?validity=ending").text
    assert client.get(f"{BASE}/new").status_code == 403


def test_who_leaves_the_library_is_planned_no_more_and_may_come_back(quiet: Flask, district: Scope, sign_in: Any) -> None:
    officer, today = make.make_officer(), calendar.today()
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    assert client.post(f"{BASE}/{officer.id}/leave", data={"day": today.isoformat()}).status_code == 303
    assert officer.id not in {each.id for each in library.certified(Scope.system("test").enter(), today)}
    assert client.post(f"{BASE}/{officer.id}/stay").status_code == 303
    assert officer.id in {each.id for each in library.certified(Scope.system("test").enter(), today)}


def test_former_work_is_avoided_for_three_years(quiet: Flask, district: Scope, sign_in: Any, queries: list[str]) -> None:
    home, officer, today = make.make_facility(), make.make_officer(), calendar.today()
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    said = {"officer_id": officer.id, "facility_id": home.id, "ground": "worked_there", "starts_on": today.isoformat(), "note": "示例"}
    fetch(client, f"{BASE}/recusals/new?officer_id={officer.id}", queries=queries)
    assert client.post(f"{BASE}/recusals/new", data=said).status_code == 303
    scope = Scope.system("test").enter()
    (row,) = library.of_officer(scope, officer.id)
    assert row.ends_on == calendar.add_years(today, 3)
    assert client.post(f"{BASE}/recusals/new", data=said).status_code == 422  # twice
    assert "示例" in fetch(client, f"{BASE}/{officer.id}", queries=queries).text
    early = client.post(f"{BASE}/recusals/{row.id}/end", data={"day": (today - timedelta(1)).isoformat(), "reason": "示例"})
    assert early.status_code == 422
    assert client.post(f"{BASE}/recusals/{row.id}/end", data={"day": today.isoformat(), "reason": "示例"}).status_code == 303
    scope = Scope.system("test").enter()
    assert library.avoided(scope, home.id, today + timedelta(1)) == {}
    fetch(client, f"{BASE}/recusals/", queries=queries)


def test_why_an_officer_avoids_a_place_is_the_districts_to_read(quiet: Flask, district: Scope, sign_in: Any) -> None:
    home, officer = make.make_facility(), make.make_officer()
    services.recuse(district, officer.id, home.id, "kin", (calendar.today(), None), "示例姐姐")
    client = sign_in(make.make_user(Role.INSPECTOR))
    assert "示例姐姐" not in fetch(client, f"{BASE}/{officer.id}").text


def test_a_place_asks_and_the_district_decides(quiet: Flask, district: Scope, sign_in: Any, queries: list[str]) -> None:
    home, officer = make.make_facility(), make.make_officer()
    manager, clerk = make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.DISTRICT_OFFICER)
    client = sign_in(manager, language="en")
    fetch(client, f"{BASE}/asked/new", queries=queries)
    said = {"facility_id": home.id, "officer_id": officer.id, "reason": "示例:有纠纷"}
    assert client.post(f"{BASE}/asked/new", data=said).status_code == 303
    assert client.post(f"{BASE}/asked/new", data=said).status_code == 422  # not decided yet
    scope = Scope.system("test").enter()
    (row,) = library.requests(scope)
    asked = row.id
    assert [(a.kind, a.level) for a in db.session.scalars(scope.select(Alert).where(Alert.kind == "recusal.asked"))] == [("recusal.asked", "district")]
    above = sign_in(clerk, language="en")
    assert "示例:有纠纷" in fetch(above, f"{BASE}/requests/{asked}", queries=queries).text
    assert client.get(f"{BASE}/requests/{asked}").status_code == 403
    assert above.post(f"{BASE}/requests/{asked}", data={"verdict": "granted", "answer": "示例:同意"}).status_code == 303
    assert above.post(f"{BASE}/requests/{asked}", data={"verdict": "refused", "answer": "示例"}).status_code == 422
    assert "示例:同意" in fetch(client, f"{BASE}/asked/{asked}", queries=queries).text
    scope = Scope.system("test").enter()
    assert library.avoided(scope, home.id, calendar.today()) == {officer.id: "asked_by_place"}
    with pytest.raises(Refused) as wrong:
        services.ask(scope, home.id, officer.id, "again")
    assert wrong.value.code == "recusal.entered_already"
    told = {each.kind: each.settled_at is not None for each in db.session.scalars(scope.select(Alert).where(Alert.entity == "recusal_request"))}
    assert told == {"recusal.asked": True, "recusal.decided": False}
    fetch(client, f"{BASE}/asked/", queries=queries)


def test_a_certificate_that_runs_out_is_told_to_the_district_at_60_30_and_7_days(district: Scope, sign_in: Any) -> None:
    today, clerk = calendar.today(), make.make_user(Role.DISTRICT_OFFICER)
    officer = make.make_officer(valid_to=today + timedelta(70))
    make.make_officer(valid_to=today + timedelta(400))
    told = [services.remind(district, today + timedelta(n), (60, 30, 7)) for n in range(72)]
    assert [n for n, count in enumerate(told) if count] == [10, 40, 63, 71]
    scope = scope_of(clerk, P.ALERT_READ)
    assert scope
    standing = db.session.scalars(scope.enter().select(Alert).where(alerts.to_do(clerk))).all()
    assert [(each.entity_id, each.township_id, each.level) for each in standing] == [(officer.id, None, "district")]
    assert officer.name not in alerts.words(standing[0])  # it goes out by mail: numbers, not names
    services.change_officer(Scope.system("test").enter(), officer.id, valid_to=today + timedelta(800))
    services.remind(Scope.system("test"), today, (60, 30, 7))
    assert db.session.scalars(scope.enter().select(Alert).where(alerts.to_do(clerk))).all() == []
    client = sign_in(clerk, language="en")
    assert fetch(client, "/inbox/")


def test_an_alert_of_no_place_is_the_districts_alone(district: Scope) -> None:
    town = make.make_township()
    home = make.make_facility(town)
    make.make_officer(valid_to=calendar.today() + timedelta(5))
    services.remind(district, calendar.today(), (60, 30, 7))
    for role, place in ((Role.TOWNSHIP_OFFICER, town), (Role.FACILITY_MANAGER, home)):
        person = make.make_user(role, place)
        scope = scope_of(person, P.ALERT_READ)
        assert scope
        scope.enter()
        assert db.session.scalars(scope.select(Alert)).all() == []
        Scope.system("test").enter()


def test_the_inbox_shows_what_belongs_to_no_place(district: Scope, sign_in: Any) -> None:
    make.make_officer(valid_to=calendar.today() + timedelta(5))
    services.remind(district, calendar.today(), (60, 30, 7))
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    assert "Whole district" in fetch(client, "/inbox/").text
