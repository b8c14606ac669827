"""The pages of plans as people use them: whole, within a dozen queries, each act done from its form."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections.models import Visit
from eldercare.inspections.plans import queries, services
from eldercare.inspections.plans.models import Plan, PlanItem, Terms
from tests import make
from tests.page import fetch

TODAY = date(2026, 11, 24)
BASE = "/inspections/plans"


@pytest.fixture(autouse=True)
def no_csrf(app: Flask) -> Iterator[None]:
    kept = app.config.get("WTF_CSRF_ENABLED", True)
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = kept


@pytest.fixture
def officers(district: Scope) -> list[Any]:
    return [make.make_officer(specialities=["fire", "food"], valid_to=TODAY + timedelta(900)) for _ in range(4)]


@pytest.fixture
def homes(district: Scope) -> list[Any]:
    make.make_checklist()
    township = make.make_township()
    return [make.make_facility(township, credit_class="D") for _ in range(4)]


def test_a_year_from_the_draft_to_a_visit_that_is_moved(
    app: Flask, district: Scope, sign_in: Any, homes: list[Any], officers: list[Any]
) -> None:
    author, leader = make.make_user(Role.DISTRICT_OFFICER), make.make_user(Role.LEADER)
    clerk = sign_in(author, language="en")
    drafted = clerk.post(f"{BASE}/new", data={"year": "2026", "month": "12", "purpose": "Winter"})
    assert drafted.status_code == 303
    where = drafted.headers["Location"]
    assert "You drafted or changed this plan" in clerk.get(where).text
    assert clerk.post(f"{where}/approve", data={}).status_code == 422  # not by the author
    assert sign_in(leader).post(f"{where}/approve", data={"note": "ok"}).status_code == 303
    Scope.system("test").enter()
    plan = db.session.scalars(district.select(Plan)).one()
    assert plan.state == "approved"
    services.morning(district, TODAY, Terms.of(app.config))
    item = db.session.scalars(district.select(PlanItem).order_by(PlanItem.planned_on)).first()
    assert item is not None
    item_id, was = item.id, item.planned_on
    db.session.commit()
    page = clerk.get(f"{BASE}/?month=2026-12").text
    assert f"{BASE}/items/{item_id}/move" in page
    moved = f"{BASE}/items/{item_id}/move?day=2026-12-30"
    assert 'value="2026-12-30"' in clerk.get(moved).text
    team = {"slot": "15:00-16:30", "team": str(officers[2].id), "second": str(officers[3].id)}
    day = {"planned_on": "2026-12-30", **team}
    assert clerk.post(moved, data=day).status_code == 422  # the reason is asked for
    assert clerk.post(moved, data=day | {"reason": "Power cut"}).status_code == 303
    Scope.system("test").enter()
    item = queries.item(district, item_id)
    assert (item.day, item.visit.planned_on, item.first_planned_on, item.reason) == (date(2026, 12, 30), date(2026, 12, 30), was, "Power cut")
    assert [each.id for each in item.team] == [officers[2].id, officers[3].id]
    home = item.facility.name
    for status in (303, 422):  # the old form, sent twice: it says so and still stands there with its home
        db.session.expunge_all()  # each request reads for itself, as on the server
        dropped = clerk.post(f"{BASE}/items/{item_id}/drop", data={"reason": "Closed for repairs"})
        assert dropped.status_code == status
    assert home in dropped.text


def test_the_district_plans_a_visit_and_is_told_until_when_the_home_must_know(
    app: Flask, district: Scope, sign_in: Any, homes: list[Any], officers: list[Any]
) -> None:
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    page = client.get(f"{BASE}/visits/new?facility={homes[0].id}").text
    assert "27 Nov 2026" in page  # told today, three working days from now
    assert 'value="special"' in page
    assert 'value="double_random"' not in page  # those are drawn
    version = make.make_checklist()
    data = {
        "kind": "special", "planned_on": "2026-11-25", "slot": "09:00-10:30", "team": str(officers[0].id),
        "second": str(officers[1].id), "notice": "ahead", "versions": [str(version.id)], "purpose": "Fire doors",
    }  # fmt: skip
    db.session.commit()
    late = client.post(f"{BASE}/visits/new?facility={homes[0].id}", data=data)
    assert late.status_code == 422
    assert "20 Nov 2026" in late.text
    assert client.post(f"{BASE}/visits/new?facility={homes[0].id}", data=data | {"notice": "on_site"}).status_code == 303
    busy = client.post(f"{BASE}/visits/new?facility={homes[1].id}", data=data | {"notice": "on_site"})
    assert busy.status_code == 422
    assert homes[0].name in busy.text
    Scope.system("test").enter()
    visit = db.session.scalars(district.select(Visit)).one()
    assert (visit.kind, visit.notice, visit.purpose) == ("special", "on_site", "Fire doors")


def test_the_list_leaves_as_a_workbook_and_at_the_wire(
    app: Flask, district: Scope, sign_in: Any, homes: list[Any], officers: list[Any]
) -> None:
    from eldercare.accounts.services import make_token
    from eldercare.core.runs import HANDLERS, Run

    plan = services.draft(district, 2026, None, Terms.of(app.config))
    services.approve(district, plan.id)
    count = len(db.session.scalars(district.select(PlanItem)).all())
    assert count == 16
    with app.test_request_context():
        made = HANDLERS["plans_export"](district, Run(kind="plans_export", params={"query": {"kind": ["daily"]}}))
        covered = HANDLERS["plans_coverage_export"](district, Run(kind="p", params={"query": {"q": [""]}, "year": 2026}))
    assert made["rows"] == count
    assert covered["rows"] == len(homes)
    asked = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en").get("/inspections/plans/coverage/?year=2025&q=a").text
    assert 'type="hidden" name="year" value="2025"' in asked  # so that a filter stays in its year
    person = make.make_user(Role.DISTRICT_OFFICER)
    token, _row = make_token(district, person.id, "test", 30)
    db.session.commit()
    asks = {"Authorization": f"Bearer {token}"}
    listed = app.test_client().get("/api/v1/inspections/plans/?per_page=5", headers=asks).json
    assert (listed["total"], len(listed["items"])) == (count, 5)
    one = app.test_client().get(f"/api/v1/inspections/plans/{listed['items'][0]['id']}", headers=asks).json
    assert (one["stage"], len(one["team"])) == ("planned", 2)
    covers = app.test_client().get("/api/v1/inspections/plans/coverage?year=2026", headers=asks).json
    assert {(each["least"], each["most"], each["planned"], each["short"]) for each in covers["items"]} == {(4, 6, 4, 0)}


@pytest.mark.parametrize("role", [Role.DISTRICT_OFFICER, Role.LEADER, Role.INSPECTOR])
def test_every_page_is_sound_however_much_is_planned(
    app: Flask, district: Scope, sign_in: Any, queries: list[str], homes: list[Any], officers: list[Any], role: Role
) -> None:
    plan = services.draft(district, 2026, None, Terms.of(app.config))
    services.approve(district, plan.id)
    services.morning(district, TODAY, Terms.of(app.config))
    make.make_visit(homes[0], planned_on=date(2026, 12, 9), team=officers[:2])
    draft = services.draft(district, 2027, None, Terms.of(app.config))
    item = db.session.scalars(district.select(PlanItem).where(PlanItem.plan_id == plan.id)).first()
    assert item is not None
    paths = ["/", "/?month=2026-12", "/year", "/items/", f"/items/{item.id}", "/all/", f"/{plan.id}", f"/{draft.id}",
             f"/?plan={draft.id}&month=2027-03", "/coverage/", "/coverage/?standing=ahead", "/load", "/rules/", "/holidays/"]  # fmt: skip
    if role is Role.DISTRICT_OFFICER:
        paths += [f"/items/{item.id}/move", f"/items/{item.id}/drop", "/visits/new", f"/visits/new?facility={homes[0].id}", "/new",
                  f"/{draft.id}/add", "/rules/new", "/holidays/enter"]  # fmt: skip
    trouble = []
    for language in ("zh", "en"):
        client = sign_in(make.make_user(role), language=language)
        for path in paths:
            try:
                fetch(client, BASE + path, queries=queries)
            except AssertionError as wrong:
                trouble.append(f"{language} {path}: {str(wrong)[:3000]}")
    assert not trouble, "\n".join(trouble)
