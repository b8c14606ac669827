"""The first report and what is changed afterwards."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.incidents import queries, services
from eldercare.incidents.clocks import services as clocks
from eldercare.incidents.clocks.queries import clocks_of
from eldercare.incidents.models import Incident, IncidentPerson, IncidentReport
from tests import make
from tests.incidents.made import DEADLY, FALL, FIRE, GRAVE, Clock, house, move_in, reported, rules


def told(kind: str) -> list[tuple[str, str]]:
    Scope.system("test").enter()
    return sorted(db.session.execute(select(Alert.level, Alert.occasion).where(Alert.kind == kind, Alert.settled_at.is_(None))).all())


def test_a_report_is_sent_at_once_with_its_grade_and_why(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE)
    assert (made.state, made.grade, made.grade_proposed) == ("reported", "E2", "E2")
    assert {"fracture", "admitted"} <= set(made.grade_why)
    assert made.injured == 1
    assert made.accident_level is None  # a fall is no accident from operations
    assert made.number == f"SJ{calendar.today().year}-{made.id:05d}"
    sent = queries.reports(here.scope("manager", P.INCIDENT_READ), made.id)
    assert [(each.seq, each.kind) for each in sent] == [(1, "first")]
    assert sent[0].content["unit"] == here.home.name
    assert told("incident.receive") == [("township", "1")]
    assert told("incident.receive_grave") == [("district", "1")]


def test_the_same_form_sent_twice_is_one_incident(district: Scope) -> None:
    here, key = house(), uuid4()
    assert reported(here, key=key).id == reported(here, key=key).id
    assert reported(here, key=uuid4()).id != reported(here, key=uuid4()).id


def test_another_grade_needs_a_reason_and_both_are_kept(district: Scope) -> None:
    here = house()
    with pytest.raises(Refused, match="grade_reason"):
        reported(here, FALL | {"grade": "E2"})
    made = reported(here, FALL | {"grade": "E2", "grade_reason": "高龄且头部着地"})
    assert (made.grade, made.grade_proposed, made.grade_reason) == ("E2", "E3", "高龄且头部着地")


def test_who_is_named_lived_there_that_day(district: Scope) -> None:
    here, elsewhere = house(), make.make_resident()
    with pytest.raises(Refused, match="not_there"):
        reported(here, residents=[elsewhere.id])
    district.enter()
    newcomer = make.make_resident()
    move_in(here.home, newcomer, days=1)
    before = {"occurred_at": calendar.now() - timedelta(days=3)}
    with pytest.raises(Refused, match="not_there"):
        reported(here, residents=[newcomer.id], times=before)
    assert reported(here, residents=[newcomer.id])


def test_times_lie_in_the_past_and_follow_one_another(district: Scope) -> None:
    here, now = house(), calendar.now()
    with pytest.raises(Refused, match="time_ahead"):
        reported(here, times={"occurred_at": now + timedelta(hours=1)})
    with pytest.raises(Refused, match="times_wrong"):
        reported(here, times={"occurred_at": now - timedelta(hours=1), "discovered_at": now - timedelta(hours=2)})


def test_a_death_needs_no_number_to_count(district: Scope) -> None:
    made = reported(house(), {"family": "death", "type": "suicide", "place_kind": "room"})
    assert (made.dead, made.grade) == (1, "E1")


def test_an_accident_from_operations_has_a_level_a_natural_death_none(district: Scope) -> None:
    here = house()
    assert reported(here, FIRE | {"dead": 3, "injured": 4}).accident_level == "larger"
    assert reported(here, {"family": "death", "type": "natural_death", "place_kind": "room"}).accident_level is None


def test_the_figures_may_change_for_a_while_and_take_grade_and_level_with_them(district: Scope, monkeypatch) -> None:
    clock, here = Clock(monkeypatch), house()
    made = reported(here, FIRE | {"injured": 2})
    scope = here.scope("manager", P.INCIDENT_REVIEW)
    figures = {"dead": 3, "injured": 2, "serious": 1, "ill": 0, "missing": "no", "loss_fen": 0, "is_operational": True}
    clock.forward(days=6)
    services.change_figures(scope, made.id, rules(), "两人送医后死亡", **figures)
    assert (made.accident_level, made.dead, made.grade) == ("larger", 3, "E1")
    kept = queries.changes(scope, made.id)[0]
    assert (kept.kind, kept.before["dead"], kept.after["dead"], kept.reason) == ("figures", 0, 3, "两人送医后死亡")
    clock.forward(days=2)  # a fire: seven days
    with pytest.raises(Refused, match="figures_late"):
        services.change_figures(scope, made.id, rules(), "再有死亡", **figures | {"dead": 4})


def test_a_grade_is_never_changed_without_a_person_a_reason_and_the_old_one_kept(district: Scope) -> None:
    here = house()
    made = reported(here)
    scope = here.scope("township", P.INCIDENT_REVIEW)
    services.change_grade(scope, made.id, rules(), "E1", "伤情加重")
    kept = queries.changes(scope, made.id)[0]
    assert (kept.before["grade"], kept.after["grade"], kept.by) == ("E3", "E1", here.township.name)
    assert told("incident.special") == [("district", "")]
    assert told("incident.receive_grave") == [("district", "grade E1")]
    # what the rule says later does not touch what a person chose
    services.change_kind(here.scope("manager", P.INCIDENT_REVIEW), made.id, rules(), "service_risk", "bed_fall", "实为坠床")
    assert made.grade == "E1"


def test_a_grade_raised_after_the_district_has_read_is_news_and_leaves_nothing_to_do(district: Scope) -> None:
    here = house()
    made = reported(here)
    clocks.acknowledge(here.scope("district", P.INCIDENT_RECEIVE), made.id, rules())
    services.change_grade(here.scope("township", P.INCIDENT_REVIEW), made.id, rules(), "E2", "确诊骨折")
    assert (told("incident.receive_grave"), told("incident.raised")) == ([], [("district", "grade E2")])


def test_a_grave_grade_is_lowered_by_the_district_alone(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE)
    for who in ("manager", "township"):
        with pytest.raises(Refused, match="district_lowers"), db.session.begin_nested():
            services.change_grade(here.scope(who, P.INCIDENT_REVIEW), made.id, rules(), "E4", "其实不重")
    death = reported(here, DEADLY)
    with pytest.raises(Refused, match="district_lowers"), db.session.begin_nested():
        services.change_kind(here.scope("manager", P.INCIDENT_REVIEW), death.id, rules(), "death", "natural_death", "改判")
    assert made.grade == "E2"
    services.change_grade(here.scope("district", P.INCIDENT_CLOSE), made.id, rules(), "E3", "复核后降级")
    assert made.grade == "E3"


def test_who_grades_a_grave_incident_lightly_does_not_hide_it(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE | {"grade": "E4", "grade_reason": "无大碍"})
    assert made.grade == "E4"
    assert told("incident.receive_grave") == [("district", "1")]
    assert made.is_grave  # and so it is closed by the district alone
    due = {each.kind: each.due_at for each in clocks_of(district, made.id)}
    assert due["county"] == made.known_at + timedelta(hours=1)
    assert "family" in due


def test_a_death_called_slight_is_followed_up_every_day_all_the_same(district: Scope) -> None:
    here = house()
    made = reported(here, DEADLY | {"grade": "E4", "grade_reason": "家属无异议"})
    kinds = {each.kind for each in clocks_of(district, made.id) if each.is_running}
    assert "follow_up" in kinds
    services.change_grade(here.scope("district", P.INCIDENT_CLOSE), made.id, rules(), "E2", "查明为意外,已稳定")
    kinds = {each.kind for each in clocks_of(district, made.id) if each.is_running}
    assert "follow_up" not in kinds


def test_what_the_rule_calls_grave_stays_on_the_districts_board_whatever_the_home_calls_it(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE | {"grade": "E4", "grade_reason": "看着不重"})
    above = here.scope("district", P.INCIDENT_READ)
    assert [each.id for each in queries.open_grave(above)] == [made.id]
    assert queries.counts(above)["grave"] == 1


def test_what_stood_in_the_ledger_is_told_above_once_it_is_more(district: Scope) -> None:
    here = house()
    made = reported(here, FALL | {"care": "none"})
    assert (made.grade, told("incident.receive")) == ("E4", [])
    services.change_grade(here.scope("manager", P.INCIDENT_REVIEW), made.id, rules(), "E3", "夜间出现肿胀")
    assert told("incident.receive") == [("township", "grade E3")]


def test_moved_times_stay_visible_old_and_new(district: Scope) -> None:
    here = house()
    made = reported(here)
    scope, old = here.scope("manager", P.INCIDENT_REVIEW), made.known_at
    new = {name: old - timedelta(minutes=30) for name in ("occurred_at", "discovered_at", "known_at")}
    services.change_times(scope, made.id, rules(), "按监控时间更正", **new)
    kept = queries.changes(scope, made.id)[0]
    assert kept.before["known_at"] == old.isoformat()
    assert kept.after["known_at"] == new["known_at"].isoformat()
    assert made.times_moved_at is not None
    with pytest.raises(Refused, match="nothing_changed"):
        services.change_times(scope, made.id, rules(), "没有变化", **new)
    with pytest.raises(Refused, match="times_wrong"):
        services.change_times(scope, made.id, rules(), "晚于上报", **new | {"known_at": made.reported_at + timedelta(microseconds=1)})


def test_reports_are_numbered_chained_and_sealed(app: Flask, district: Scope) -> None:
    here = house()
    made = reported(here)
    scope = here.scope("manager", P.INCIDENT_REPORT)
    second = services.send_report(scope, made.id, "follow_up", "伤情稳定", rules())
    assert (second.seq, second.content["other"]) == (2, "伤情稳定")
    assert second.sha256 != queries.reports(scope, made.id)[0].sha256
    with pytest.raises(Refused, match="not_allowed"):
        services.send_report(scope, made.id, "final", "", rules())  # not closed
    db.session.commit()
    for statement in ("UPDATE incident_reports SET sent_by = 'x'", "DELETE FROM incident_reports", "DELETE FROM incident_receipts",
                      "UPDATE incident_changes SET reason = 'x'"):
        here.scope("manager", P.INCIDENT_REPORT)
        with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
            db.session.execute(text(statement))
        assert refusal_of(caught.value).code == "row.out_of_reach"


def test_three_of_a_kind_in_a_month_propose_a_special_inspection_once(district: Scope) -> None:
    here = house()
    for days in (40, 20, 10):
        moment = calendar.now() - timedelta(days=days)
        reported(here, residents=[], times={"occurred_at": moment, "discovered_at": moment, "known_at": moment})
    assert told("incident.trend") == []
    reported(here)
    assert len(told("incident.trend")) == 1
    reported(here)
    assert len(told("incident.trend")) == 1


def test_an_e1_proposes_a_special_inspection(district: Scope) -> None:
    reported(house(), DEADLY)
    assert told("incident.special") == [("district", "")]


def test_an_officer_who_files_a_report_thereby_knows(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE, who="district", is_received=True)
    assert told("incident.receive") == []

    county = next(each for each in clocks_of(district.enter(), made.id) if each.kind == "county")
    assert county.met_at is not None


def test_a_person_is_named_once(district: Scope) -> None:
    here = house()
    made = reported(here)
    scope = here.scope("manager", P.INCIDENT_EDIT)
    services.add_person(scope, made.id, rules(), role="staff", resident_id=None, name="王某", outcome="witness")
    with pytest.raises(Refused, match="person_unknown"):
        services.add_person(scope, made.id, rules(), role="staff", resident_id=None, name=None, outcome="witness")
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        services.add_person(scope, made.id, rules(), role="resident", resident_id=here.resident.id, name=None, outcome="hurt")
    assert refusal_of(caught.value).code == "incident.person_taken"
    assert len(db.session.scalars(scope.select(IncidentPerson)).all()) == 2


def test_the_database_refuses_what_cannot_be(district: Scope) -> None:
    here = house()
    made = reported(here)
    district.enter()
    for change, code in (
        ("known_at = occurred_at - interval '1 minute'", "incident.times_wrong"),
        ("family = 'death'", "incident.word_unknown"),
        ("serious = injured + 1", "incident.figures_wrong"),
        ("grade = 'E1'", "incident.grade_reason"),
        ("reviewed_by_id = reporter_id", "incident.own_review"),
        ("closed_at = now()", "incident.closed_half"),
    ):
        with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
            db.session.execute(text(f"UPDATE incidents SET {change} WHERE id = {made.id}"))
        assert refusal_of(caught.value).code == code, change


def test_what_another_home_reports_is_not_there(district: Scope) -> None:
    here, there = house(), house()
    made = reported(here)
    scope = there.scope("manager", P.INCIDENT_READ)
    assert scope.find(Incident, made.id) is None
    assert db.session.scalars(scope.select(IncidentReport)).all() == []


def test_figures_of_a_month_count_what_happened_in_it(district: Scope) -> None:
    from eldercare.core.calendar import Month

    here = house()
    reported(here, GRAVE)
    reported(here, DEADLY, residents=[])
    day = calendar.at(date(2026, 10, 30), 12)
    reported(here, residents=[], times={"occurred_at": day, "discovered_at": day, "known_at": day})
    found = queries.month(here.scope("manager", P.REPORT_READ), Month(2026, 11), 200)
    assert (found.total, found.by_grade["E1"], found.by_grade["E2"], found.deaths, found.open) == (2, 1, 1, 1, 3)
    assert found.rate == 10
    assert queries.month(here.scope("manager", P.REPORT_READ), Month(2026, 9), 0).rate is None


def test_a_death_that_is_not_natural_opens_a_draft_once(district: Scope) -> None:
    here, today = house(), calendar.today()
    for cause in ("accident", "natural", "illness"):
        make.make_stay(here.home, today - timedelta(days=20), today, "deceased", death_cause=cause)
    make.make_stay(here.home, today - timedelta(days=60), today - timedelta(days=30), "deceased", death_cause="unknown")
    assert services.watch_deaths(district.enter(), rules(), today) == 1
    assert services.watch_deaths(district.enter(), rules(), today) == 0
    draft = db.session.scalars(district.select(Incident).where(Incident.state == "draft")).one()
    assert (draft.type, draft.grade, draft.reported_at) == ("accidental_death", "E1", None)
    assert told("incident.draft") == [("facility", "")]

    assert "county" in {each.kind for each in clocks_of(district, draft.id) if each.is_running}
    sent = services.send_draft(
        here.scope("manager", P.INCIDENT_REPORT), draft.id, DEADLY | {"summary": "台阶跌落"}, rules()
    )
    assert (sent.state, [each.kind for each in queries.reports(district.enter(), draft.id)]) == ("reported", ["first"])
    assert told("incident.draft") == []
