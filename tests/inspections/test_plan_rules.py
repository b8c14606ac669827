"""Rules that come round, and the table of days off: each once, each as the notice says."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eldercare.core import calendar, sheets, workdays
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.inspections.plans import queries
from eldercare.inspections.plans.holidays import imports
from eldercare.inspections.plans.holidays import services as holidays
from eldercare.inspections.plans.models import PlanItem, Terms
from eldercare.inspections.plans.rules import services
from eldercare.inspections.plans.rules.models import PlanRule
from tests import make

TODAY = date(2026, 11, 24)


def rule(scope: Scope, **values: Any) -> PlanRule:
    """A rule in force since the beginning of the year: every quarter at each canteen."""
    given = {
        "name": "示例规则", "every": "quarter", "kind": "special", "facility_types": ["canteen"], "classes": [], "checklists": [],
        "starts_on": date(2026, 1, 1), "ends_on": None, **values,
    }  # fmt: skip
    made = services.propose(replace(scope, person_id=make.make_user(Role.DISTRICT_OFFICER).id), **given)
    return services.approve(replace(scope, person_id=make.make_user(Role.LEADER).id), made.id)


def asked(rule_id: int) -> list[PlanItem]:
    return list(db.session.scalars(select(PlanItem).where(PlanItem.rule_id == rule_id).order_by(PlanItem.period, PlanItem.id)))


def officers(count: int = 4) -> None:
    for _ in range(count):
        make.make_officer(specialities=["fire", "food"], valid_to=TODAY + timedelta(900))


def test_a_rule_asks_once_for_each_place_and_period(app: Flask, district: Scope) -> None:
    canteens = [make.make_facility(facility_type="canteen") for _ in range(3)]
    make.make_facility()
    officers()
    made, terms = rule(district), Terms.of(app.config)
    assert services.generate(district, TODAY, terms) == {"items": 6, "held_back": 0, "nobody": 0}
    assert services.generate(district, TODAY, terms)["items"] == 0
    found = asked(made.id)
    assert {(each.period, each.facility_id) for each in found} == {
        (period, each.id) for period in ("2026-Q4", "2027-Q1") for each in canteens
    }
    assert all(each.period_from <= each.planned_on <= each.period_to and each.planned_on > TODAY for each in found)
    assert services.generate(district, date(2027, 1, 4), terms)["items"] == 3  # and on it goes: 2027-Q2


def test_a_rule_follows_the_class_and_stops_when_it_is_ended(app: Flask, district: Scope) -> None:
    grave, fair = (make.make_facility(credit_class=each) for each in "DB")
    officers()
    made, terms = rule(district, every="month", facility_types=["institution"], classes=["D"]), Terms.of(app.config)
    assert services.generate(district, TODAY, terms)["items"] == 2
    assert {each.facility_id for each in asked(made.id)} == {grave.id}
    services.end(district, made.id, TODAY)
    assert services.generate(district, date(2027, 1, 4), terms)["items"] == 0
    assert queries.coverage(district, 2027, terms, TODAY, only=fair.id)[0].expected == 0


def test_a_rule_asks_for_nothing_before_its_first_day_or_after_its_last(app: Flask, district: Scope) -> None:
    canteens = [make.make_facility(facility_type="canteen") for _ in range(6)]
    officers()
    early, terms = date(2026, 10, 12), Terms.of(app.config)
    late = rule(district, starts_on=date(2026, 12, 1))
    short = rule(district, ends_on=date(2026, 11, 5))
    over = rule(district, ends_on=date(2026, 10, 9))  # a part of the quarter that is past asks for nothing more
    assert queries.coverage(district, 2026, terms, early, only=canteens[0].id)[0].expected == 2
    assert services.generate(district, early, terms)["items"] == 18
    assert queries.coverage(district, 2026, terms, early, only=canteens[0].id)[0].expected == 0
    assert asked(over.id) == []
    for made, first, last in ((late, date(2026, 12, 1), date(2026, 12, 31)), (short, early, date(2026, 11, 5))):
        found = [each for each in asked(made.id) if each.period == "2026-Q4"]
        assert len(found) == 6  # once a quarter is once in a part of it as well
        assert all(first <= each.planned_on <= last for each in found)
        assert {each.period_to for each in found} == {last}
    assert {each.period for each in asked(late.id)} == {"2026-Q4", "2027-Q1"}
    assert {each.period for each in asked(short.id)} == {"2026-Q4"}


def test_the_cap_holds_a_rule_back(app: Flask, district: Scope) -> None:
    home = make.make_facility(credit_class="A")  # at most two daily checks a year
    officers()
    make.make_visit(home, kind="double_random", planned_on=date(2026, 12, 30), team=queries.inspectors(district)[:2])
    made, terms = rule(district, every="month", facility_types=["institution"], kind="daily"), Terms.of(app.config)
    assert services.generate(district, TODAY, terms) == {"items": 1, "held_back": 1, "nobody": 0}
    assert [each.period for each in asked(made.id)] == ["2026-11"]


def test_somebody_else_approves_a_rule(district: Scope) -> None:
    author = replace(district, person_id=make.make_user(Role.DISTRICT_OFFICER).id)
    made = services.propose(
        author, name="示例", every="month", kind="special", facility_types=["canteen"], classes=[], checklists=[], starts_on=TODAY
    )
    with pytest.raises(Refused) as refused:
        services.approve(author, made.id)
    assert refused.value.code == "plan_rule.someone_else"


def test_no_rule_asks_for_double_random_checks(district: Scope) -> None:
    with pytest.raises(Refused) as refused:
        rule(district, kind="double_random")
    assert refused.value.code == "visit.draw_only"


def test_two_clocks_ask_once(fresh_app: Flask) -> None:
    scope = Scope.system("test").enter()
    make.make_facility(facility_type="canteen")
    officers(2)
    made = rule(scope)
    rule_id, terms = made.id, Terms.of(fresh_app.config)
    db.session.commit()
    barrier, counts = Barrier(2), []

    def ask() -> None:
        with fresh_app.app_context():
            mine = Scope.system("test").enter()
            barrier.wait()
            counts.append(services.generate(mine, TODAY, terms)["items"])
            db.session.commit()
            db.session.remove()

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Scope.system("test").enter()
    assert sum(counts) == len(asked(rule_id)) == 2


# ---- days off -------------------------------------------------------------------------------------------

NOTICE = """2027-10-01 至 2027-10-07 放假 国庆节
2027年10月9日 上班 国庆节
2027/1/1 off New Year"""


def test_a_notice_becomes_the_calendar(district: Scope) -> None:
    assert holidays.load(district, 2027, holidays.of_text(NOTICE)) == 9
    known = workdays.known()
    assert known.after(date(2027, 9, 30), 1) == date(2027, 10, 8)
    assert known.after(date(2027, 10, 8), 1) == date(2027, 10, 9)  # a Saturday made up
    assert known.unknown(date(2027, 1, 1), date(2028, 1, 1)) == [2028]
    holidays.load(district, 2027, holidays.of_text("2027-01-01 放假"))
    assert workdays.known().is_worked(date(2027, 10, 1))  # the year was replaced


@pytest.mark.parametrize(("text", "code"), [
    ("2027-10-01 国庆节", "days_off.unreadable"), ("2027-02-30 放假", "days_off.unreadable"), ("放假", "days_off.unreadable"),
    ("2027-01-01 2027-12-31 放假", "days_off.unreadable"), ("2028-01-01 放假", "days_off.outside"),
    ("2027-10-11 上班", "days_off.needless"), ("", "days_off.empty"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_and_nothing_changes(district: Scope, text: str, code: str) -> None:
    holidays.load(district, 2027, holidays.of_text(NOTICE))
    with pytest.raises(Refused) as refused:
        holidays.load(district, 2027, holidays.of_text(text))
    assert refused.value.code == code
    assert not workdays.known().is_worked(date(2027, 10, 1))


def test_a_workbook_says_the_same(app: Flask, district: Scope) -> None:
    out = BytesIO()
    columns = [sheets.Column(each) for each in ("开始", "结束", "放假或上班", "事由")]
    rows = [[date(2027, 10, 1), date(2027, 10, 7), "放假", "国庆节"], [date(2027, 10, 9), None, "上班", "国庆节"]]
    with app.test_request_context():
        sheets.write_xlsx(out, columns, rows, sheets.Dress())
    assert holidays.load(district, 2027, holidays.of_text(imports.lines(out.getvalue()))) == 8


def test_the_district_enters_a_year_and_is_warned_of_one_that_is_missing(app: Flask, district: Scope, sign_in: Any) -> None:
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    app.config["WTF_CSRF_ENABLED"], kept = False, app.config.get("WTF_CSRF_ENABLED", True)
    try:
        warned = "The days off of 2027 have not been entered"
        assert warned in client.get("/inspections/plans/?month=2027-01").text
        answer = client.post("/inspections/plans/holidays/enter", data={"year": "2027", "lines": NOTICE})
        assert answer.status_code == 303
        assert warned not in client.get("/inspections/plans/?month=2027-01").text
        wrong = client.post("/inspections/plans/holidays/enter", data={"year": "2027", "lines": "nonsense"})
        assert wrong.status_code == 422
        assert "Line 1 cannot be read" in wrong.text
    finally:
        app.config["WTF_CSRF_ENABLED"] = kept
    assert calendar.today() == TODAY
