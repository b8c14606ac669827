"""The ranking proposes with its reasons; people decide; nothing of it reaches a home."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from eldercare.core import calendar
from eldercare.core.access import P, Role
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope, scope_of
from eldercare.hazards import services as hazards
from eldercare.inspections.risks import queries as risks
from eldercare.inspections.risks import services
from eldercare.inspections.risks.models import FACTORS, PROPOSED
from eldercare.reporting import worker
from tests import make
from tests.incidents.made import deadlines
from tests.page import fetch

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _without_csrf(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


def next_month() -> Month:
    return Month.of(calendar.today()).plus(1)


def homes(district: Scope, count: int = 3) -> list[Any]:
    """Homes with one more hazard each than the next; the first is the riskiest."""
    make.make_hazard_table()
    found = []
    for n in range(count):
        home = make.make_facility()
        for k in range(count - n - 1):
            hazards.order(district, home.id, source=("test", 100 * n + k, "示例", "/"), severity="major", hazard_code="MH-8",
                          description="示例隐患", deadlines=deadlines())
        found.append(home)
    return found


def test_the_list_says_why_and_every_reason_opens_its_rows(
    district: Scope, sign_in: Any, queries: list[str]
) -> None:
    first, second, _third = homes(district)
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    page = fetch(client, "/inspections/risks/", queries=queries)
    rows = [" ".join(" ".join(row.itertext()).split()) for row in page.all("tbody")[0].findall("tr")]
    assert first.name in rows[0]
    assert "2 major hazards open (30)" in rows[0]
    assert "1 major hazard open (15)" in next(row for row in rows if second.name in row)
    shown = fetch(client, f"/inspections/risks/{first.id}", queries=queries)
    assert len([a for a in shown.all("a") if (a.get("href") or "").startswith("/hazards/") and "示例隐患" in " ".join(a.itertext())]) == 2
    points = [int(shown.words(row.findall("td")[-1])) for row in shown.all("tbody")[0].findall("tr")]
    assert sum(points) == int(shown.words(shown.all("tfoot")[0].find("tr").findall("td")[-1]))
    assert "keeps no records of this yet" in client.get(f"/inspections/risks/{first.id}").text


def test_a_month_is_proposed_from_the_top_and_what_is_planned_or_proposed_is_left_out(district: Scope) -> None:
    first, second, third = homes(district)
    make.make_visit(second, planned_on=next_month().first + 3 * DAY)
    [made] = services.propose(district, next_month(), "institution", 1)
    assert (made.facility_id, made.rank, made.score) == (first.id, 1, sum(line["points"] for line in made.lines))
    again = services.propose(district, next_month(), "institution", 9)
    assert second.id not in {row.facility_id for row in again}
    assert third.id in {row.facility_id for row in again}
    with pytest.raises(Refused, match="none_left"):
        services.propose(district, next_month(), "institution", 1)
    with pytest.raises(Refused, match="month_wrong"):
        services.propose(district, next_month().plus(-2), "institution", 1)


def test_a_proposal_becomes_a_visit_of_its_month_or_is_set_aside_with_a_reason(district: Scope, sign_in: Any) -> None:
    homes(district)
    one, other = services.propose(district, next_month(), "institution", 2)
    team = [make.make_officer(), make.make_officer()]
    make.make_checklist()
    one_id, other_id = one.id, other.id
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    page = fetch(client, f"/inspections/risks/proposals/{one_id}/take")
    lists = [each.get("value") for each in page.all("input") if each.get("name") == "versions"]
    sent = {"kind": "daily", "slot": "09:00-10:30", "notice": "ahead", "lead": team[0].id, "second": team[1].id, "versions": lists[:1], "purpose": "示例"}
    refused = client.post(f"/inspections/risks/proposals/{one_id}/take", data=sent | {"planned_on": calendar.today().isoformat()})
    assert refused.status_code == 422
    assert "the month it is proposed for" in refused.text
    day = next_month().first + 8 * DAY
    assert client.post(f"/inspections/risks/proposals/{one_id}/take", data=sent | {"planned_on": day.isoformat()}).status_code == 303
    district.enter()
    taken = risks.proposal(district, one_id)
    assert (taken.state, taken.visit_id is not None) == ("taken", True)
    assert risks.planned_in(district, next_month()) == {taken.facility_id}
    with pytest.raises(Refused, match="reason_missing"):
        services.set_aside(district, other_id, "  ")
    assert services.set_aside(district, other_id, "示例理由").state == "set_aside"
    assert services.take_up_again(district, other_id).state == "proposed"
    with pytest.raises(Refused, match="not_allowed"):
        services.set_aside(district, one_id, "示例理由")


def test_weights_follow_one_another_and_what_was_counted_before_stays(district: Scope) -> None:
    today = calendar.today()
    assert risks.current(district, today).factors == {code: list(pair) for code, pair in PROPOSED.items()}
    assert not risks.current(district, today).is_confirmed
    home = homes(district, 2)[0]
    before = risks.scores(district, today, [home])[0].total
    services.set_weights(district, today + 5 * DAY, PROPOSED | {"major": (50, 50)}, "示例理由")
    assert risks.scores(district, today, [home])[0].total == before
    assert risks.scores(district, today + 5 * DAY, [home])[0].total > before
    for day, factors, code in (
        (today - DAY, PROPOSED, "past"), (today, PROPOSED | {"major": (9, 5)}, "most_below_each"),
        (today, {key: PROPOSED[key] for key in list(FACTORS)[1:]}, "not_whole"),
    ):
        with pytest.raises(Refused, match=code):
            services.set_weights(district, day, factors, "示例理由")


def test_a_home_learns_nothing_of_a_proposal_before_its_visit_is_shown(district: Scope, sign_in: Any) -> None:
    home = homes(district, 2)[0]
    manager = make.make_user(Role.FACILITY_MANAGER, home)
    services.propose(district, next_month(), "institution", 1)
    client = sign_in(manager)
    for path in ("", f"{home.id}", "proposals/", "weights/", "back-test/"):
        assert client.get(f"/inspections/risks/{path}").status_code == 403
    for permission in (P.INSPECTION_ANSWER, P.FACILITY_READ):
        scope = scope_of(manager, permission)
        assert scope is not None
        scope.enter()
        assert db.session.execute(text("SELECT count(*) FROM risk_proposals")).scalar() == 0
        db.session.rollback()


def test_the_back_test_is_a_job_whose_result_is_kept_and_says_what_it_cannot_say(fresh_app: Flask) -> None:
    fresh_app.config["WTF_CSRF_ENABLED"] = False
    homes(Scope.system("test").enter())
    person = make.make_user(Role.DISTRICT_OFFICER)
    db.session.commit()
    officer = fresh_app.test_client()
    with officer.session_transaction() as cookie:
        cookie.update({"_user_id": person.get_id(), "_fresh": True, "seen": make.now_stamp(), "language": "en"})
    assert "No back-test has been made yet" in fetch(officer, "/inspections/risks/back-test/").text
    asked = {"type": "", "count": 2, "months": 12, "days": 60, "met": "both"}
    answer = officer.post("/inspections/risks/back-test/", data=asked)
    assert answer.status_code == 303
    assert "Waiting for its turn" in fetch(officer, answer.location).text
    worker.drain(fresh_app)
    db.session.remove()  # or the page may show the job as this test read it before
    shown = fetch(officer, answer.location).text
    assert "Too little is on record to judge" in shown
    assert "synthetic" in shown


def test_a_leader_reads_the_back_test_and_asks_for_none(district: Scope, sign_in: Any) -> None:
    client = sign_in(make.make_user(Role.LEADER), language="en")
    page = fetch(client, "/inspections/risks/back-test/")
    assert "ask for one" in page.text
    assert "Make the back-test" not in page.text
    assert client.post("/inspections/risks/back-test/", data={"count": 2, "months": 12, "days": 60}).status_code == 403


def test_another_job_is_no_back_test(district: Scope, sign_in: Any) -> None:
    other = Run(kind="hazards_export")
    db.session.add(other)
    db.session.flush()
    run_id = other.id
    assert sign_in(make.make_user(Role.DISTRICT_OFFICER)).get(f"/inspections/risks/back-test/{run_id}").status_code == 404
