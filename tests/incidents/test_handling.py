"""From the first response to the closing (domain.md §4.4): nothing is skipped, and what is missing is named."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from eldercare.core import calendar
from eldercare.core.access import P, Role
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope, scope_of
from eldercare.hazards import services as hazards
from eldercare.incidents.clocks import queries as clock_reads
from eldercare.incidents.clocks import services as clocks
from eldercare.incidents.handling import queries, services
from eldercare.incidents.models import Incident
from tests import make
from tests.incidents.made import FALL, GRAVE, House, deadlines, house, reported, rules

TOMORROW = timedelta(days=1)


def say(codes: list[str]) -> str:
    return ",".join(codes)


def gaps(made: Incident) -> list[str]:
    return queries.gaps_of(Scope.system("test").enter(), made)


def tell(here: House, made: Incident, body: str = "family") -> None:
    scope = here.scope("manager", P.INCIDENT_REPORT)
    clocks.enter(scope, made.id, body, rules(), received_at=calendar.now(), way="phone", told_by="张某", told_whom="子女",
                 receipt_no=None, note=None)


def act(here: House, made: Incident, **more: Any) -> Any:
    scope = here.scope(more.pop("who", "manager"), P.INCIDENT_EDIT)
    said = {"action": "卫生间加装扶手", "owner": "王某", "due_on": calendar.today() + TOMORROW, "deadlines": deadlines()}
    return services.add_action(scope, made.id, **said | more)


def put_right(here: House, values: dict[str, Any] = FALL) -> Incident:
    """Everything but the review."""
    made = reported(here, values)
    services.respond(here.scope("manager", P.INCIDENT_EDIT), made.id, "止血、送医", calendar.now())
    tell(here, made)
    clocks.acknowledge(here.scope("district", P.INCIDENT_RECEIVE), made.id, rules())
    services.investigate(here.scope("manager", P.INCIDENT_EDIT), made.id, "environment", "地面湿滑,无扶手")
    action = act(here, made)
    services.finish_action(here.scope("manager", P.INCIDENT_EDIT), made.id, action.id, "扶手已装,照片附后")
    return made


def test_each_missing_thing_is_named(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE)
    assert gaps(made) == ["response", "family", "cause", "investigation", "action", "receipt", "review"]
    services.respond(here.scope("manager", P.INCIDENT_EDIT), made.id, "送医", calendar.now())
    tell(here, made)
    clocks.acknowledge(here.scope("district", P.INCIDENT_RECEIVE), made.id, rules())
    services.investigate(here.scope("manager", P.INCIDENT_EDIT), made.id, "human", "交接班不清")
    assert gaps(made) == ["action", "review"]
    action = act(here, made)
    assert gaps(made) == ["evidence", "review"]
    with pytest.raises(Refused) as caught:
        services.submit(here.scope("manager", P.INCIDENT_EDIT), made.id, say)
    assert (caught.value.code, caught.value.details["missing"]) == ("incident.not_ready", "evidence")
    services.finish_action(here.scope("manager", P.INCIDENT_EDIT), made.id, action.id, "培训记录")
    services.submit(here.scope("manager", P.INCIDENT_EDIT), made.id, say)
    assert made.state == "review"


def test_an_e3_is_closed_by_its_review_and_never_by_the_reporter(district: Scope) -> None:
    here = house()
    made = put_right(here)
    services.submit(here.scope("manager", P.INCIDENT_EDIT), made.id, say)
    with pytest.raises(Refused, match="own_review"):
        services.review(here.scope("manager", P.INCIDENT_REVIEW), made.id, "可以", rules())
    services.review(here.scope("deputy", P.INCIDENT_REVIEW), made.id, "已到现场查看", rules())
    assert (made.state, made.closed_by) == ("closed", here.deputy.name)
    assert db.session.scalars(select(Alert).where(Alert.entity == "incident", Alert.settled_at.is_(None))).all() == []


def test_e1_and_e2_are_closed_by_the_district_alone(district: Scope) -> None:
    here = house()
    made = put_right(here, GRAVE)
    services.submit(here.scope("manager", P.INCIDENT_EDIT), made.id, say)
    with pytest.raises(Refused, match="not_reviewed"):
        services.close(here.scope("district", P.INCIDENT_CLOSE), made.id, rules(), say)
    services.review(here.scope("township", P.INCIDENT_REVIEW), made.id, "属实", rules())
    assert made.state == "review"
    with pytest.raises(Refused, match="district_closes"):
        services.close(here.scope("township", P.INCIDENT_REVIEW), made.id, rules(), say)
    services.close(here.scope("district", P.INCIDENT_CLOSE), made.id, rules(), say)
    assert made.state == "closed"
    final = {each.kind: each for each in clock_reads.clocks_of(district.enter(), made.id)}["final"]
    assert final.due_at == calendar.at(calendar.WorkDays().after(calendar.today(), 5), 23, 59)


def test_what_is_sent_back_is_reviewed_again(district: Scope) -> None:
    here = house()
    made = put_right(here, GRAVE)
    services.submit(here.scope("manager", P.INCIDENT_EDIT), made.id, say)
    services.review(here.scope("township", P.INCIDENT_REVIEW), made.id, "属实", rules())
    services.send_back(here.scope("district", P.INCIDENT_REVIEW), made.id, "照片不清")
    assert (made.state, made.reviewed_at) == ("rectifying", None)
    services.submit(here.scope("manager", P.INCIDENT_EDIT), made.id, say)
    assert "review" in gaps(made)


def test_no_step_is_skipped(district: Scope) -> None:
    here = house()
    made = reported(here)
    for step in (
        lambda: services.investigate(here.scope("manager", P.INCIDENT_EDIT), made.id, "human", "x"),
        lambda: services.review(here.scope("deputy", P.INCIDENT_REVIEW), made.id, "x", rules()),
        lambda: services.reopen(here.scope("district", P.INCIDENT_CLOSE), made.id, "x", rules()),
    ):
        with pytest.raises(Refused, match="not_allowed"):
            step()
    assert made.state == "reported"


def test_a_supervised_action_is_a_hazard_and_settled_by_its_closing(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE)
    action = act(here, made, supervise="serious")
    (measure,) = queries.measures(district.enter(), made.id)
    hazard = measure.hazard
    assert hazard is not None
    assert (hazard.source_kind, hazard.source_id, hazard.source_label) == ("incident_action", action.id, made.number)
    assert hazard.state == "reported"  # a home cannot order itself: an officer confirms
    inspector = make.make_user(Role.INSPECTOR)
    make.make_officer(inspector)
    hazards.confirm(scope_of(inspector, P.HAZARD_ORDER).enter(), hazard.id, deadlines=deadlines())
    with pytest.raises(Refused, match="action_wrong"):
        services.finish_action(here.scope("manager", P.INCIDENT_EDIT), made.id, action.id, "做完了")
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "已整改", deadlines())
    hazards.recheck(here.scope("township", P.HAZARD_RECHECK), hazard.id, passed=True, findings="现场已查")
    assert not queries.measures(district.enter(), made.id)[0].is_settled
    hazards.close(here.scope("township", P.HAZARD_CLOSE), hazard.id)
    assert queries.measures(district.enter(), made.id)[0].is_settled


def test_a_major_supervised_action_names_its_row_of_the_hazard_table(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE)
    make.make_hazard_table()
    with pytest.raises(Refused, match="code_missing"), db.session.begin_nested():
        act(here, made, supervise="major")
    act(here, made, supervise="major", hazard_code="MH-8")
    assert [each.hazard.hazard_code for each in queries.measures(district.enter(), made.id)] == ["MH-8"]


def test_an_action_has_a_date_ahead_and_is_done_once(district: Scope) -> None:
    here = house()
    made = reported(here)
    with pytest.raises(Refused, match="action_due_early"):
        act(here, made, due_on=calendar.today() - TOMORROW)
    action = act(here, made)
    services.finish_action(here.scope("manager", P.INCIDENT_EDIT), made.id, action.id, "已做")
    with pytest.raises(Refused, match="action_done"):
        services.finish_action(here.scope("manager", P.INCIDENT_EDIT), made.id, action.id, "又做")
    late = act(here, made)
    assert services.watch_actions(district.enter(), calendar.today() + timedelta(days=2)) == 1
    assert services.watch_actions(district.enter(), calendar.today() + timedelta(days=2)) == 0
    assert late.done_at is None


def test_merging_keeps_both_and_stops_what_ran(district: Scope) -> None:
    here = house()
    one, other = reported(here, GRAVE), reported(here, GRAVE)
    scope = here.scope("district", P.INCIDENT_CLOSE)
    with pytest.raises(Refused, match="merge_self"):
        services.merge(scope, one.id, one.number, "重复", rules())
    with pytest.raises(Refused, match="merge_unknown"):
        services.merge(scope, one.id, "SJ2020-00001", "重复", rules())
    services.merge(scope, one.id, f" {other.number.lower()} ", "重复上报", rules())
    assert (one.state, one.merged_into_id, other.state) == ("merged", other.id, "reported")
    assert not [each for each in clock_reads.clocks_of(district.enter(), one.id) if each.is_running]
    with pytest.raises(Refused, match=r"incident\.over"):
        services.respond(here.scope("manager", P.INCIDENT_EDIT), one.id, "x", calendar.now())


def test_what_was_no_incident_can_come_back(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE)
    services.reject(here.scope("district", P.INCIDENT_CLOSE), made.id, "演练", rules())
    assert made.state == "rejected"
    services.reopen(here.scope("district", P.INCIDENT_CLOSE), made.id, "并非演练", rules())
    assert made.state == "reopened"
    assert "county" in {each.kind for each in clock_reads.clocks_of(district.enter(), made.id) if each.is_running}


def test_late_omitted_false_and_concealed_are_different_findings(district: Scope) -> None:
    here = house()
    made = reported(here)
    scope = here.scope("township", P.INCIDENT_RECEIVE)
    late = services.find_fault(scope, made.id, "late", "晚报两小时", "王某")
    services.find_fault(scope, made.id, "concealed", "监控显示知情", None)
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        services.find_fault(scope, made.id, "late", "再认定一次", None)
    assert refusal_of(caught.value).code == "incident.fault_taken"
    services.withdraw_fault(scope, made.id, late.id, "计时有误")
    assert [(each.fault, each.withdrawn_at is not None) for each in queries.findings(scope, made.id)] == [
        ("late", True), ("concealed", False)
    ]
    with pytest.raises(Refused, match="fault_withdrawn"):
        services.withdraw_fault(scope, made.id, late.id, "再撤")


def test_what_happened_reads_in_words(app: Flask, district: Scope) -> None:
    from eldercare.incidents import listing
    from eldercare.incidents import queries as incidents

    here = house()
    made = put_right(here, GRAVE)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        told = listing.in_words(incidents.history(here.scope("manager", P.INCIDENT_READ), made.id))
    assert len(told) == 8
    assert all(each["words"] and not each["words"].startswith("incident.") for each in told)


def test_each_step_opens_where_the_record_offers_it_and_leads_back_where_it_is_over(district: Scope, sign_in: Any) -> None:
    here, opened = house(), set()
    first, right, over = reported(here), put_right(here), put_right(here)
    for each in (right, over):
        services.submit(here.scope("manager", P.INCIDENT_EDIT), each.id, say)
    services.review(here.scope("township", P.INCIDENT_REVIEW), over.id, "属实", rules())
    numbers, right_id, over_id = [first.id, right.id, over.id], right.id, over.id
    for who in ("manager", "township", "district"):
        client = sign_in(getattr(here, who))
        for number in numbers:
            record = client.get(f"/incidents/{number}").get_data(as_text=True)
            for path in set(re.findall(rf'href="(/incidents/{number}/handling/[a-z-]+)"', record)):
                assert client.get(path).status_code == 200, path
                opened.add(path.rpartition("/")[2])
    assert opened >= {"respond", "review", "send-back", "reopen", "merge", "reject"}
    assert sign_in(here.manager).get(f"/incidents/{right_id}/handling/investigate").status_code == 303
    scope = here.scope("manager", P.INCIDENT_EDIT)
    with pytest.raises(Refused, match="not_allowed"), db.session.begin_nested():  # out of the review it is sent back
        services.investigate(scope, right_id, "people", "示例")
    for who, steps in (("manager", ("respond", "investigate")), ("township", ("review", "send-back")), ("district", ("merge", "reject"))):
        client = sign_in(getattr(here, who))
        for step in steps:
            back = client.get(f"/incidents/{over_id}/handling/{step}", follow_redirects=True)
            assert (back.request.path, "现在不能做这一步" in back.text) == (f"/incidents/{over_id}", True), step
