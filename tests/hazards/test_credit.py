"""Points and credit classes (domain.md §5.5): each fact once, nothing to D by itself, every change with reason and person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from eldercare.accounts.services import make_token
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.alerts import Alert
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.runs import HANDLERS, Run
from eldercare.core.scope import Scope
from eldercare.facilities import services as facilities
from eldercare.facilities.models import Facility
from eldercare.hazards import services as hazards
from eldercare.hazards.credit import jobs, listing, queries, services
from eldercare.hazards.credit.models import CreditChange, CreditEntry, CreditRule, Terms
from eldercare.incidents.handling import services as handling
from tests import make
from tests.beds.stays.acts import at_once
from tests.hazards.made import Place, deadlines, ordered, place, reported
from tests.incidents.made import GRAVE, house, rules
from tests.incidents.made import reported as reported_incident

DAY = timedelta(1)


@pytest.fixture
def terms(app: Flask) -> Terms:
    return listing.terms()


def up_to_date(terms: Terms, day: Any = None) -> dict[str, int]:
    return services.bring_up_to_date(Scope.system("test").enter(), day or calendar.today(), terms)


def entries(**equal: Any) -> list[CreditEntry]:
    Scope.system("test").enter()
    return list(db.session.scalars(select(CreditEntry).filter_by(**equal).order_by(CreditEntry.id)))


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    day = calendar.today() + days * DAY
    monkeypatch.setenv("ELDERCARE_TODAY", day.isoformat())


def recorded(here: Place, terms: Terms, kind: str = "complaint") -> None:
    fact = {"kind": kind, "happened_on": calendar.today(), "document_no": "示例1号", "description": "查实"}
    services.record(here.scope("district", P.CREDIT_EDIT), here.home.id, fact, terms)


def announced(here: Place, terms: Terms, letter: str = "C") -> CreditChange:
    return services.announce(here.scope("district", P.CREDIT_EDIT), here.home.id, letter, "较重隐患多", terms)


def standing(here: Place, terms: Terms) -> queries.Standing:
    found = queries.standing(Scope.system("test").enter(), here.home.id, calendar.today(), terms)
    assert found is not None
    return found


# ---- the ledger


def test_what_is_only_reported_costs_nothing_and_what_is_ordered_costs_its_rule(terms: Terms) -> None:
    here = place()
    reported(here)
    assert up_to_date(terms) == {"made": 0, "lapsed": 0}
    ordered(here, severity="serious")
    assert up_to_date(terms) == {"made": 1, "lapsed": 0}
    (made,) = entries()
    assert (made.kind, made.variant, made.points, made.facility_id) == ("hazard", "serious", 3, here.home.id)


def test_a_fact_is_counted_once_however_often_it_is_looked_for(terms: Terms) -> None:
    ordered(place())
    assert [up_to_date(terms)["made"] for _ in range(3)] == [1, 0, 0]


def test_two_that_bring_the_ledger_up_to_date_at_once_count_a_fact_once(fresh_app: Flask) -> None:
    ordered(place())
    db.session.commit()
    terms, today = listing.terms(), calendar.today()
    act: Callable[[Scope], Any] = lambda scope: services.bring_up_to_date(scope, today, terms)  # noqa: E731
    told = at_once(fresh_app, act, act, act)
    assert set(told) <= {"done", "row.busy"}
    assert "done" in told
    Scope.system("test").enter()
    assert db.session.scalar(select(func.count()).select_from(CreditEntry)) == 1


def test_the_database_itself_refuses_a_fact_twice(terms: Terms) -> None:
    ordered(place())
    up_to_date(terms)
    copied = "township_id, facility_id, rule_id, kind, variant, item_code, entity, entity_id, label, path, happened_on, points, made_at, is_lapsed"
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        db.session.execute(text(f"INSERT INTO credit_entries ({copied}) SELECT {copied} FROM credit_entries"))
    assert refusal_of(caught.value).code == "credit.counted_already"


def test_the_nights_run_enters_what_the_day_brought(district: Scope) -> None:
    ordered(place())
    run = Run(kind="credit_update", period=calendar.today().isoformat())
    assert HANDLERS["credit_update"](district.enter(), run)["made"] == 1
    assert jobs.credit_update(district.enter(), run)["made"] == 0


def test_overdue_counts_from_the_day_after_and_not_while_a_reply_in_time_waits(terms: Terms, monkeypatch) -> None:
    here = place()
    late, answered = ordered(here), ordered(here)
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), answered.id, "已清理", deadlines())
    later(monkeypatch, 8)
    up_to_date(terms)
    (made,) = entries(kind="overdue")
    assert (made.entity_id, made.happened_on) == (late.id, late.due_on + DAY)
    hazards.recheck(here.scope("inspector", P.HAZARD_RECHECK), answered.id, passed=False, findings="仍有堆放")
    up_to_date(terms)
    assert {each.entity_id for each in entries(kind="overdue")} == {late.id, answered.id}
    assert len(entries(kind="recheck_failed")) == 1


def test_a_grave_incident_comes_in_from_the_floor_above_and_lapses_when_it_is_none(terms: Terms) -> None:
    here = house()
    incident = reported_incident(here, GRAVE)
    up_to_date(terms)
    (made,) = entries(kind="incident")
    assert (made.variant, made.label, made.path) == ("E2", incident.number, f"/incidents/{incident.id}")
    handling.reject(here.scope("district", P.INCIDENT_CLOSE), incident.id, "重复录入", rules())
    assert up_to_date(terms)["lapsed"] == 1
    assert not entries(kind="incident")[0].counts
    assert queries.points(Scope.system("test").enter(), calendar.today(), calendar.today()) == {}


def test_a_rule_for_an_item_goes_before_the_rule_for_its_severity(terms: Terms, district: Scope) -> None:
    values = {"points": 7, "trigger_class": None, "trigger_count": None, "keeps_from_a": False, "valid_from": calendar.today(),
              "is_confirmed": True, "reason": "示例"}  # fmt: skip
    services.set_rule(district, ("hazard", "", "INS-FIR-04"), values)
    rules = queries.all_rules(district.enter())
    home = make.make_facility()

    def cost(item: str) -> int:
        fact = queries.Fact("general", home.township_id, home.id, "hazard", 1, calendar.today(), "", "", item)
        rule = queries.rule_of(rules, "hazard", fact)
        assert rule is not None
        return rule.points

    assert (cost("INS-FIR-04"), cost("INS-FIR-05"), cost("")) == (7, 1, 1)


def test_a_rule_holds_from_its_day_and_leaves_what_was_counted(terms: Terms, district: Scope, monkeypatch) -> None:
    here = place()
    ordered(here)
    up_to_date(terms)
    values = {"points": 5, "trigger_class": None, "trigger_count": None, "keeps_from_a": False, "is_confirmed": True, "reason": ""}
    line = ("hazard", "general", "")
    with pytest.raises(Refused, match="rule_past"):
        services.set_rule(district.enter(), line, values | {"valid_from": calendar.today() - DAY})
    services.set_rule(district.enter(), line, values | {"valid_from": calendar.today() + DAY})
    later(monkeypatch, 1)
    ordered(here)
    up_to_date(terms)
    assert [each.points for each in entries(kind="hazard")] == [1, 5]
    assert [each.is_confirmed for each in db.session.scalars(select(CreditRule).filter_by(kind="hazard", variant="general"))] == [False, True]


def test_a_cancelled_deduction_stays_in_sight_counts_no_longer_and_does_not_come_back(terms: Terms) -> None:
    here = place()
    ordered(here, severity="serious")
    up_to_date(terms)
    (made,) = entries()
    services.cancel(here.scope("district", P.CREDIT_EDIT), made.id, "重复认定")
    assert up_to_date(terms) == {"made": 0, "lapsed": 0}
    assert standing(here, terms).points_year == 0
    assert (made.cancel_reason, made.cancelled_by) == ("重复认定", here.district.name)
    with pytest.raises(Refused, match="cancelled_already"):
        services.cancel(here.scope("district", P.CREDIT_EDIT), made.id, "再次")


def test_a_recorded_fact_counts_at_once_and_lapses_when_withdrawn(terms: Terms) -> None:
    here = place()
    recorded(here, terms)
    (made,) = entries(kind="complaint")
    services.withdraw(here.scope("district", P.CREDIT_EDIT), made.entity_id, "查无实据", terms)
    assert made.is_lapsed
    assert standing(here, terms).points_year == 0


def test_the_numbers_shown_are_the_sums_of_the_ledger(terms: Terms, sign_in) -> None:
    here = place()
    for severity in ("general", "serious", "serious"):
        ordered(here, severity=severity)
    recorded(here, terms)
    up_to_date(terms)
    found = standing(here, terms)
    shown = sum(each.points for each in entries(facility_id=here.home.id) if each.counts)
    assert (found.points_year, found.points_window, found.balance) == (shown, shown, terms.points_year - shown)
    page = sign_in(here.manager, language="en").get(f"/hazards/credit/{here.home.id}").get_data(as_text=True)
    assert f"{terms.points_year - shown} of {terms.points_year}" in page


# ---- what the rule proposes


def test_a_home_without_a_scored_inspection_is_proposed_b_and_five_serious_hazards_c(terms: Terms) -> None:
    here = place()
    assert (standing(here, terms).proposed, [each.code for each in standing(here, terms).reasons]) == ("B", ["no_score"])
    for _ in range(4):
        ordered(here, severity="serious")
    up_to_date(terms)
    assert standing(here, terms).proposed == "B"
    ordered(here, severity="serious")
    up_to_date(terms)
    found = standing(here, terms)
    assert found.proposed == "C"
    assert {"kind": "hazard", "variant": "serious", "count": 5, "limit": 5} in [each.details for each in found.reasons]


def test_a_clean_home_with_a_good_score_is_proposed_a(terms: Terms, district: Scope) -> None:
    rules = queries.in_force(queries.all_rules(district), calendar.today()).values()
    meanings = queries.classes(district)

    def letter(counts: dict[Any, int], points: int, score: float | None) -> str:
        return queries.propose(counts, points, score, rules, meanings, terms)[0]

    assert letter({}, 0, 92.0) == "A"
    assert letter({}, 0, 89.9) == "B"
    assert letter({("hazard", "serious", ""): 1}, 3, 95.0) == "B"
    assert letter({("hazard", "general", ""): 10}, 10, 95.0) == "B"
    assert letter({("overdue", "general", ""): 1}, 2, 95.0) == "C"
    assert letter({("refused", "", ""): 1}, 20, 95.0) == "D"


def test_what_is_older_than_the_window_speaks_no_longer(terms: Terms, monkeypatch) -> None:
    here = place()
    recorded(here, terms)
    assert standing(here, terms).proposed == "C"
    later(monkeypatch, 366)
    assert (standing(here, terms).proposed, standing(here, terms).points_window) == ("B", 0)


def test_nothing_falls_to_d_by_itself(terms: Terms, district: Scope) -> None:
    here = place()
    recorded(here, terms, "fraud")
    up_to_date(terms)
    services.watch(district.enter(), calendar.today(), terms)
    services.watch(district.enter(), calendar.today(), terms)
    assert standing(here, terms).proposed == "D"
    assert district.enter().get(Facility, here.home.id).credit_class is None
    assert db.session.scalar(select(func.count()).select_from(CreditChange)) == 0
    told = db.session.scalars(select(Alert).where(Alert.kind == "credit.proposed", Alert.entity_id == here.home.id)).all()
    assert [each.level for each in told] == ["district"]


def test_what_the_classes_mean_is_there_for_plans_and_draws(district: Scope) -> None:
    found = queries.classes(district)
    assert [(each.letter, float(each.weight), each.visits_min, each.visits_max) for each in found.values()] == [
        ("A", 0.5, 1, 2), ("B", 1.0, 1, 3), ("C", 2.0, 2, 4), ("D", 4.0, 4, 6),
    ]  # fmt: skip
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        services.set_class(district, "A", {"weight": 1, "visits_min": 0, "visits_max": 2, "is_full_coverage": False,
                                           "points_from": None, "valid_from": calendar.today(), "is_confirmed": True, "reason": ""})  # fmt: skip
    assert refusal_of(caught.value).code == "credit.visits_range"


# ---- the class


def test_a_change_keeps_old_new_reason_person_moment_and_evidence(terms: Terms, monkeypatch) -> None:
    here = place()
    recorded(here, terms)
    change = announced(here, terms)
    assert change.evidence["entries"] == [each.id for each in entries()]
    with pytest.raises(Refused, match="too_early"):
        services.decide(here.scope("district", P.CREDIT_EDIT), change.id, "照办", carry_out=True)
    assert here.home.credit_class is None
    later(monkeypatch, 10)
    services.decide(here.scope("district", P.CREDIT_EDIT), change.id, "期满无异议", carry_out=True)
    assert (here.home.credit_class, here.home.credit_class_on) == ("C", calendar.today())
    assert (change.old_class, change.new_class, change.reason, change.decided_by, change.decision) == (
        None, "C", "较重隐患多", here.district.name, "期满无异议",
    )  # fmt: skip
    (logged,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "facility.credit_class_changed"))
    assert (logged.changes["credit_class"], logged.details["reason"], logged.person_id) == ([None, "C"], "较重隐患多", here.district.id)


def test_the_home_objects_once_and_in_time_and_then_it_can_be_decided(terms: Terms, monkeypatch) -> None:
    here = place()
    change = announced(here, terms)
    services.objection(here.scope("manager", P.HAZARD_REPLY), change.id, "事出有因")
    with pytest.raises(Refused, match="objected_already"):
        services.objection(here.scope("manager", P.HAZARD_REPLY), change.id, "再说一次")
    services.decide(here.scope("district", P.CREDIT_EDIT), change.id, "采纳申辩", carry_out=False)
    assert (here.home.credit_class, change.state) == (None, "dropped")
    other = announced(here, terms)
    later(monkeypatch, 15)
    with pytest.raises(Refused, match="objection_late"):
        services.objection(here.scope("manager", P.HAZARD_REPLY), other.id, "晚了")


def test_a_better_class_takes_effect_at_once(terms: Terms) -> None:
    here = place()
    change = announced(here, terms, "A")
    services.decide(here.scope("district", P.CREDIT_EDIT), change.id, "表现良好", carry_out=True)
    assert here.home.credit_class == "A"


def test_the_district_is_told_when_the_time_for_objections_is_over(terms: Terms, district: Scope, monkeypatch) -> None:
    here = place()
    change = announced(here, terms)
    later(monkeypatch, 10)
    services.watch(district.enter(), calendar.today(), terms)
    (told,) = db.session.scalars(select(Alert).where(Alert.kind == "credit.to_decide"))
    assert (told.entity_id, told.level) == (change.id, "district")


def test_two_changes_of_one_home_at_once_leave_one(fresh_app: Flask) -> None:
    here = place()
    home = here.home.id
    db.session.commit()
    terms = listing.terms()
    told = at_once(
        fresh_app,
        lambda scope: services.announce(scope, home, "C", "甲", terms),
        lambda scope: services.announce(scope, home, "D", "乙", terms),
    )
    assert told.count("done") == 1
    assert set(told) <= {"done", "credit.announced_already", "row.busy"}
    Scope.system("test").enter()
    assert db.session.scalar(select(func.count()).select_from(CreditChange)) == 1


def test_two_decisions_on_one_change_at_once_leave_one(fresh_app: Flask) -> None:
    terms = listing.terms()
    here = place()
    change = announced(here, terms, "A").id
    db.session.commit()
    told = at_once(
        fresh_app,
        lambda scope: services.decide(scope, change, "甲", carry_out=True),
        lambda scope: services.decide(scope, change, "乙", carry_out=False),
    )
    assert told.count("done") == 1
    assert set(told) <= {"done", "move.not_allowed", "row.busy"}


def test_no_form_and_no_statement_moves_a_class_without_a_decision(terms: Terms, district: Scope) -> None:
    here = place()
    facilities.change(district.enter(), here.home.id, {"credit_class": "A", "name": "示例改名养老院"})
    assert (here.home.credit_class, here.home.name) == (None, "示例改名养老院")
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        db.session.execute(text("UPDATE facilities SET credit_class = 'A' WHERE id = :id"), {"id": here.home.id})
    assert refusal_of(caught.value).code == "credit.decided_only"


def test_a_class_that_moved_on_is_not_overwritten(terms: Terms, district: Scope) -> None:
    here = place()
    change = announced(here, terms, "A")
    db.session.execute(
        text(
            "INSERT INTO credit_changes (township_id, facility_id, state, old_class, new_class, proposed_class, reason, evidence, announced_at,"
            " announced_by, objections_until, decided_at, decided_by) SELECT township_id, facility_id, 'effective', NULL, 'B', 'B', 'x', '{}',"
            " announced_at, 'x', objections_until, announced_at, 'x' FROM credit_changes"
        )
    )
    db.session.execute(text("UPDATE facilities SET credit_class = 'B' WHERE id = :id"), {"id": here.home.id})
    with pytest.raises(Refused, match="moved_on"):
        services.decide(here.scope("district", P.CREDIT_EDIT), change.id, "照办", carry_out=True)


def test_places_without_a_class_have_points_and_no_class(terms: Terms) -> None:
    Scope.system("test").enter()
    here = place(make.make_facility(facility_type="canteen"))
    recorded(here, terms)
    assert queries.points(Scope.system("test").enter(), calendar.today(), calendar.today()) == {here.home.id: 5}
    with pytest.raises(Refused, match="no_class"):
        announced(here, terms)


# ---- pages


def test_the_home_sees_its_class_and_reasons_and_objects_on_the_page(terms: Terms, sign_in) -> None:
    here = place()
    recorded(here, terms)
    change = announced(here, terms)
    number, home = change.id, here.home.id
    browser = sign_in(here.manager, language="en")
    assert "Complaint upheld" in browser.get(f"/hazards/credit/{home}").get_data(as_text=True)
    assert browser.get(f"/hazards/credit/{home}/announce").status_code == 403
    path = f"/hazards/credit/changes/{number}/object"
    token = browser.get(path).get_data(as_text=True).split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    browser.post(path, data={"objection": "We put it right the same day.", "csrf_token": token})
    page = sign_in(here.district, language="en").get(f"/hazards/credit/changes/{number}/decide").get_data(as_text=True)
    assert "We put it right the same day." in page


def test_the_api_gives_places_with_points_and_what_the_classes_mean(terms: Terms, app: Flask) -> None:
    here = place()
    recorded(here, terms)
    secret, _row = make_token(Scope.system("test").enter(), here.district.id, "示例", 30)
    db.session.commit()
    answer = app.test_client().get("/api/v1/hazards/credit", headers={"Authorization": f"Bearer {secret}"}).get_json()
    mine = next(each for each in answer["items"] if each["facility_id"] == here.home.id)
    assert (mine["points_year"], mine["proposed"]) == (5, "C")
    assert [each["letter"] for each in answer["classes"]] == list("ABCD")
