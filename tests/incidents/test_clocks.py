"""Statutory clocks (domain.md §4.3): which run, what alone stops them, and that lateness stays for ever."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from eldercare.core import alerts, calendar
from eldercare.core.access import P
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.incidents import services
from eldercare.incidents.clocks import queries
from eldercare.incidents.clocks import services as clocks
from eldercare.incidents.clocks.models import IncidentClock
from eldercare.incidents.handling import services as handling
from eldercare.incidents.models import Incident
from tests.incidents.made import DEADLY, FALL, FIRE, GRAVE, Clock, House, house, reported, rules

HOUR = timedelta(hours=1)


def running(made: Incident) -> dict[str, IncidentClock]:
    scope = Scope.system("test").enter()
    return {each.kind: each for each in queries.clocks_of(scope, made.id) if each.is_running}


def told(here: House, body: str, made: Incident, **more: Any) -> Any:
    said = {"way": "phone", "told_by": "张某", "told_whom": "值班员", "receipt_no": None, "note": None}
    scope = here.scope(more.pop("who", "manager"), P.INCIDENT_REPORT)
    return clocks.enter(scope, made.id, body, rules(), received_at=more.pop("at", None) or calendar.now(), **said | more)


def open_alerts(kind: str) -> list[tuple[str, Any]]:
    Scope.system("test").enter()
    return list(db.session.execute(select(Alert.level, Alert.due_at).where(Alert.kind == kind, Alert.settled_at.is_(None))).all())


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        (FALL | {"care": "none"}, set()),
        (FALL, {"county", "family"}),
        (GRAVE, {"county", "family"}),
        (DEADLY, {"county", "family", "follow_up", "figures"}),
        (FIRE, {"county", "fire_119"}),
        (FIRE | {"dead": 1}, {"county", "emergency", "fire_119", "family", "follow_up", "figures"}),
        ({"family": "public_health", "type": "food_poisoning", "place_kind": "dining", "ill": 2}, {"county", "market", "health", "family"}),
        ({"family": "public_health", "type": "infectious_disease", "place_kind": "room", "ill": 1}, {"county", "cdc", "family"}),
        ({"family": "service_risk", "type": "elopement", "place_kind": "outside", "missing": "searching"}, {"county", "police_110", "family"}),
        ({"family": "service_risk", "type": "elopement", "place_kind": "outside", "missing": "found"}, {"county", "family"}),
    ],
)
def test_each_deadline_that_applies_runs(district: Scope, values: dict[str, Any], kinds: set[str]) -> None:
    made = reported(house(), values, residents=[])
    assert set(running(made)) - ({"family"} - kinds) == kinds


def test_they_run_from_when_the_head_learnt_of_it(district: Scope, monkeypatch) -> None:
    Clock(monkeypatch)
    known = calendar.now() - timedelta(minutes=20)
    made = reported(house(), GRAVE, times={"occurred_at": known - HOUR, "discovered_at": known, "known_at": known})
    found = running(made)
    assert found["county"].due_at == known + HOUR
    assert found["family"].due_at == known + timedelta(minutes=15)


def test_e3_is_due_at_the_end_of_the_day_and_fire_figures_in_seven_days(district: Scope, monkeypatch) -> None:
    clock = Clock(monkeypatch)
    clock.at = calendar.at(date(2026, 11, 24), 10)
    assert running(reported(house(), FALL))["county"].due_at == calendar.at(date(2026, 11, 25))
    clock.at = calendar.at(date(2026, 11, 24), 23, 40)
    assert running(reported(house(), FALL))["county"].due_at == clock.at + HOUR
    fire, death = reported(house(), FIRE | {"dead": 1}), reported(house(), DEADLY)
    assert running(fire)["figures"].due_at == clock.at + timedelta(days=7)
    assert running(death)["figures"].due_at == clock.at + timedelta(days=30)


def test_only_an_acknowledgement_stops_the_clock_of_a_report(district: Scope, monkeypatch) -> None:
    clock, here = Clock(monkeypatch), house()
    made = reported(here, GRAVE)
    clock.forward(minutes=30)
    told(here, "emergency", made)  # telling others does not
    assert "county" in running(made)
    clocks.acknowledge(here.scope("township", P.INCIDENT_RECEIVE), made.id, rules())
    assert open_alerts("incident.receive") == []
    assert "county" in running(made)  # a township is no county department (Order 493 art. 9)
    assert len(open_alerts("incident.receive_grave")) == 1
    waiting = db.session.execute(queries.waiting(here.scope("district", P.INCIDENT_READ))).all()
    assert [row[1].id for row in waiting] == [made.id]
    (receipt,) = clocks.acknowledge(here.scope("district", P.INCIDENT_RECEIVE), made.id, rules())
    met = {each.kind: each for each in queries.clocks_of(district.enter(), made.id)}["county"]
    assert (met.met_at, met.receipt_id, met.is_late) == (clock.at, receipt.id, False)
    assert open_alerts("incident.receive_grave") == []


def test_of_an_ordinary_incident_the_township_s_reading_is_enough(district: Scope) -> None:
    here = house()
    made = reported(here)
    clocks.acknowledge(here.scope("township", P.INCIDENT_RECEIVE), made.id, rules())
    assert "county" not in running(made)
    assert db.session.execute(queries.waiting(here.scope("district", P.INCIDENT_READ))).all() == []


def test_what_is_raised_after_the_township_has_read_it_runs_for_the_district_from_then_on(district: Scope, monkeypatch) -> None:
    clock, here = Clock(monkeypatch), house()
    made = reported(here)
    clocks.acknowledge(here.scope("township", P.INCIDENT_RECEIVE), made.id, rules())
    clock.forward(hours=5)
    services.change_grade(here.scope("township", P.INCIDENT_REVIEW), made.id, rules(), "E2", "确诊骨折")
    assert running(made)["county"].due_at == clock.at + HOUR
    clock.forward(minutes=30)
    times = {name: getattr(made, name) - timedelta(minutes=5) for name in ("occurred_at", "discovered_at", "known_at")}
    services.change_times(here.scope("district", P.INCIDENT_REVIEW), made.id, rules(), "按监控时间更正", **times)
    assert running(made)["county"].due_at == clock.at + HOUR / 2  # what ran from the raising is not called late
    clocks.acknowledge(here.scope("district", P.INCIDENT_RECEIVE), made.id, rules())
    assert "county" not in running(made)
    assert not any(each.is_late for each in queries.clocks_of(district.enter(), made.id) if each.kind == "county")


def test_what_a_township_officer_reports_reaches_the_district_all_the_same(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE, who="township", is_received=True)
    assert "county" in running(made)
    assert (open_alerts("incident.receive"), len(open_alerts("incident.receive_grave"))) == ([], 1)


def test_a_moved_deadline_calls_nobody_late_by_the_old_one(district: Scope, monkeypatch) -> None:
    clock, here = Clock(monkeypatch), house()
    made = reported(here, GRAVE)
    clock.forward(minutes=41)
    clocks.watch(district.enter(), rules(), clock.at)
    times = {"occurred_at": made.occurred_at, "discovered_at": made.discovered_at, "known_at": made.known_at}
    services.change_times(
        here.scope("district", P.INCIDENT_REVIEW), made.id, rules(), "按监控时间更正",
        **{name: at - 10 * timedelta(minutes=1) for name, at in times.items()},
    )
    assert open_alerts("incident.clock_county") == [("facility", made.known_at + HOUR)]


def test_nobody_acknowledges_the_own_report_or_twice(district: Scope) -> None:
    here = house()
    made = reported(here, GRAVE, who="district")
    with pytest.raises(Refused, match="own_receipt"):
        clocks.acknowledge(here.scope("district", P.INCIDENT_RECEIVE), made.id, rules())
    clocks.acknowledge(here.scope("township", P.INCIDENT_RECEIVE), made.id, rules())
    with pytest.raises(Refused, match="nothing_to_receive"):
        clocks.acknowledge(here.scope("township", P.INCIDENT_RECEIVE), made.id, rules())


def test_outside_bodies_need_evidence_that_says_who_entered_it(district: Scope, monkeypatch) -> None:
    clock, here = Clock(monkeypatch), house()
    made = reported(here, FIRE)
    called = clock.at + timedelta(minutes=3)
    clock.forward(minutes=40)
    receipt = told(here, "fire_119", made, at=called, receipt_no="119-0231")
    assert (receipt.received_at, receipt.entered_at, receipt.entered_by) == (called, clock.at, here.manager.name)
    met = {each.kind: each for each in queries.clocks_of(district.enter(), made.id)}["fire_119"]
    assert (met.met_at, met.is_late) == (called, False)
    with pytest.raises(Refused, match="receipt_ahead"):
        told(here, "family", made, at=clock.at + HOUR)
    with pytest.raises(Refused, match="receipt_before"):
        told(here, "family", made, at=made.occurred_at - HOUR)


def test_lateness_stays_for_ever_also_when_the_times_are_moved(district: Scope, monkeypatch) -> None:
    clock, here = Clock(monkeypatch), house()
    clock.at = calendar.at(date(2026, 11, 24), 8)
    made = reported(here, GRAVE)
    clock.forward(hours=2)
    assert clocks.watch(district.enter(), rules(), clock.at)["late"] == 1
    late = running(made)["county"]
    assert (late.is_late, late.late_minutes) == (True, 60)
    moved = dict.fromkeys(("occurred_at", "discovered_at", "known_at"), made.reported_at)
    # another incident whose head said to have learnt of it two hours before the report
    early = dict.fromkeys(moved, clock.at - 2 * HOUR)
    other = reported(here, GRAVE, residents=[], times=early)
    services.change_times(here.scope("manager", P.INCIDENT_REVIEW), other.id, rules(), "按当班记录更正",
                          **dict.fromkeys(moved, other.reported_at))
    county = running(other)["county"]
    assert county.due_at == other.reported_at + HOUR  # the deadline moved
    assert (county.is_late, county.late_minutes) == (True, 60)  # what was late stays late
    clocks.acknowledge(here.scope("district", P.INCIDENT_RECEIVE), other.id, rules())
    met = {each.kind: each for each in queries.clocks_of(district.enter(), other.id)}["county"]
    assert (met.met_at <= met.due_at, met.is_late, met.late_minutes) == (True, True, 60)


def test_no_statement_clears_lateness_and_no_one_removes_a_clock(app: Flask, district: Scope, monkeypatch) -> None:
    clock, here = Clock(monkeypatch), house()
    made = reported(here, GRAVE)
    clock.forward(hours=3)
    clocks.watch(district.enter(), rules(), clock.at)
    db.session.execute(text("UPDATE incident_clocks SET is_late = false, late_minutes = 0"))
    db.session.expire_all()
    assert running(made)["county"].late_minutes == 120
    here.scope("manager", P.INCIDENT_REPORT)
    with pytest.raises(DBAPIError), db.session.begin_nested():
        db.session.execute(text("DELETE FROM incident_clocks"))


def test_a_clock_without_receipt_cannot_be_met(district: Scope) -> None:
    made = reported(house(), GRAVE)
    district.enter()
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        db.session.execute(text(f"UPDATE incident_clocks SET met_at = now() WHERE incident_id = {made.id} AND kind = 'county'"))
    assert refusal_of(caught.value).code == "incident.clock_wrong"


def test_warnings_come_before_and_what_nobody_does_climbs(district: Scope, monkeypatch) -> None:
    clock, here = Clock(monkeypatch), house()
    clock.at = calendar.at(date(2026, 11, 24), 8)
    made = reported(here, GRAVE)
    assert len(open_alerts("incident.clock_family")) == 1  # "at once" is told in the act
    assert open_alerts("incident.clock_county") == []
    clock.forward(minutes=41)
    assert clocks.watch(district.enter(), rules(), clock.at)["told"] == 1
    assert clocks.watch(district.enter(), rules(), clock.at)["told"] == 0
    assert open_alerts("incident.clock_county") == [("facility", made.known_at + HOUR)]
    clock.forward(minutes=20)
    alerts.climb(district.enter(), clock.at)
    assert "township" in {level for level, _due in open_alerts("incident.clock_county")}
    clock.forward(minutes=61)
    alerts.climb(district.enter(), clock.at)
    assert "district" in {level for level, _due in open_alerts("incident.clock_county")}
    clocks.acknowledge(here.scope("township", P.INCIDENT_RECEIVE), made.id, rules())
    assert "district" in {level for level, _due in open_alerts("incident.clock_county")}
    clocks.acknowledge(here.scope("district", P.INCIDENT_RECEIVE), made.id, rules())
    assert open_alerts("incident.clock_county") == []


def test_an_accident_goes_up_a_level_every_two_hours(district: Scope, monkeypatch) -> None:
    clock, here = Clock(monkeypatch), house()
    made = reported(here, FIRE | {"dead": 3, "injured": 1})
    assert "city" not in running(made)
    clock.forward(minutes=20)
    clocks.acknowledge(here.scope("district", P.INCIDENT_RECEIVE), made.id, rules())
    assert running(made)["city"].due_at == clock.at + 2 * HOUR
    with pytest.raises(Refused, match="not_theirs"):
        told(here, "city", made)
    clock.forward(minutes=50)
    told(here, "city", made, who="district")
    assert running(made)["province"].due_at == clock.at + 2 * HOUR
    told(here, "province", made, who="district")
    assert "state" not in running(made)  # a larger accident goes no further


def test_an_e1_is_followed_up_every_day_until_stable(district: Scope, monkeypatch) -> None:
    clock, here = Clock(monkeypatch), house()
    made = reported(here, DEADLY)
    first = running(made)["follow_up"]
    assert first.due_at == clock.at + 24 * HOUR
    clock.forward(hours=20)
    services.send_report(here.scope("manager", P.INCIDENT_REPORT), made.id, "follow_up", "无变化", rules())
    assert running(made)["follow_up"].id == first.id  # sent is not received
    clocks.acknowledge(here.scope("district", P.INCIDENT_RECEIVE), made.id, rules())
    second = running(made)["follow_up"]
    assert (second.id != first.id, second.due_at) == (True, clock.at + 24 * HOUR)
    handling.declare_stable(here.scope("township", P.INCIDENT_RECEIVE), made.id, rules())
    assert "follow_up" not in running(made)


def test_deadlines_follow_type_and_grade(district: Scope) -> None:
    here = house()
    made = reported(here, FALL | {"care": "none"}, residents=[])
    assert running(made) == {}
    services.change_kind(here.scope("manager", P.INCIDENT_REVIEW), made.id, rules(), "accident", "fire", "实为火情")
    assert {"county", "fire_119"} <= set(running(made))
    services.change_kind(here.scope("district", P.INCIDENT_REVIEW), made.id, rules(), "service_risk", "fall", "误报")
    assert running(made) == {}
    kept = queries.clocks_of(district.enter(), made.id)
    assert {each.kind for each in kept if each.dropped_at} >= {"county", "fire_119"}


def test_the_window_for_figures_ends_by_itself_and_is_never_late(district: Scope, monkeypatch) -> None:
    clock = Clock(monkeypatch)
    made = reported(house(), DEADLY)
    clock.forward(days=31)
    assert clocks.watch(district.enter(), rules(), clock.at)["ended"] == 1
    window = {each.kind: each for each in queries.clocks_of(district.enter(), made.id)}["figures"]
    assert (window.met_at, window.is_late) == (window.due_at, False)


def test_the_run_does_everything_and_twice_is_once(app: Flask, district: Scope) -> None:
    from eldercare.core import runs

    reported(house(), FIRE)
    scope = district.enter()
    with app.test_request_context():
        first = runs.HANDLERS["incidents_watch"](scope, None)  # type: ignore[arg-type]
        again = runs.HANDLERS["incidents_watch"](scope, None)  # type: ignore[arg-type]
    assert set(first) == {"told", "late", "ended", "drafts", "actions"}
    assert not any(again.values())


# ---- two connections --------------------------------------------------------------------------------


def _in_parallel(app: Flask, *acts: Any) -> list[str]:
    """Each act in a thread with a connection and a transaction of its own; what came of each."""
    import threading

    gate, out = threading.Barrier(len(acts)), [""] * len(acts)

    def run(at: int) -> None:
        with app.app_context():
            try:
                gate.wait()
                acts[at]()
                db.session.commit()
                out[at] = "done"
            except DBAPIError as error:
                db.session.rollback()
                refusal = refusal_of(error)
                out[at] = refusal.code if refusal else repr(error)
            except Refused as refusal:
                db.session.rollback()
                out[at] = refusal.code
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return sorted(out)


def test_two_at_once(fresh_app: Flask) -> None:
    """The same form twice, the same receipt twice, two reports at once: one row each, and nobody meets a fault."""
    from uuid import uuid4

    Scope.system("test").enter()
    here = house()
    ids = {name: getattr(here, name).id for name in ("manager", "district", "township", "home", "resident")}
    db.session.commit()
    key = uuid4()
    from eldercare.accounts.models import User

    def scope(who: str, permission: P) -> Scope:
        from eldercare.core.scope import scope_of

        Scope.system("test").enter()
        found = scope_of(db.session.get_one(User, ids[who]), permission)
        assert found is not None
        return found.enter()

    def report() -> None:
        services.report(scope("manager", P.INCIDENT_REPORT), ids["home"], DEADLY, rules(), key=key, residents=[ids["resident"]])

    assert _in_parallel(fresh_app, report, report, report) == ["done", "done", "done"]
    Scope.system("test").enter()
    made = db.session.scalars(select(Incident.id)).all()
    assert len(made) == 1
    db.session.rollback()

    def acknowledge() -> None:
        clocks.acknowledge(scope("district", P.INCIDENT_RECEIVE), made[0], rules())

    assert _in_parallel(fresh_app, acknowledge, acknowledge) == ["done", "incident.nothing_to_receive"]

    def follow() -> None:
        services.send_report(scope("manager", P.INCIDENT_REPORT), made[0], "follow_up", "无变化", rules())

    assert _in_parallel(fresh_app, follow, follow) == ["done", "done"]
    Scope.system("test").enter()
    assert db.session.execute(text("SELECT array_agg(seq ORDER BY seq) FROM incident_reports")).scalar() == [1, 2, 3]
    # whatever the code does: the database holds
    for statement, code in (
        (("INSERT INTO incident_reports (township_id, facility_id, incident_id, seq, kind, content, sent_at, sent_by, sha256)"
         " SELECT township_id, facility_id, incident_id, 2, 'follow_up', '{}', now(), 'x', 'x' FROM incident_reports LIMIT 1"), "incident.report_taken"),
        (("INSERT INTO incident_clocks (township_id, facility_id, incident_id, kind, started_at, due_at, is_window, is_late, late_minutes)"
         " SELECT township_id, facility_id, incident_id, kind, started_at, due_at, false, false, 0 FROM incident_clocks"
         " WHERE met_at IS NULL AND dropped_at IS NULL LIMIT 1"), "incident.clock_taken"),
        (("INSERT INTO incident_receipts (township_id, facility_id, incident_id, report_id, body, way, received_at, entered_at, entered_by)"
         " SELECT township_id, facility_id, incident_id, report_id, body, way, received_at, entered_at, entered_by FROM incident_receipts"
         " WHERE report_id IS NOT NULL LIMIT 1"), "incident.received_already"),
    ):
        Scope.system("test").enter()
        with pytest.raises(DBAPIError) as caught:
            db.session.execute(text(statement))
        assert refusal_of(caught.value).code == code
        db.session.rollback()
