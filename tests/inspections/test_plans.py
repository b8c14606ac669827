"""Plans: what the law's floor, the bounds and the calendar allow; who goes; what becomes a visit once (domain.md §5.1–5.5)."""

from collections import Counter
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eldercare.accounts.models import User
from eldercare.accounts.officers import services as library
from eldercare.core import audit, calendar, workdays
from eldercare.core.access import Role
from eldercare.core.alerts import Alert
from eldercare.core.calendar import WorkDays
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.workdays import DayOff
from eldercare.inspections import services as inspections
from eldercare.inspections.models import Visit
from eldercare.inspections.plans import queries, services
from eldercare.inspections.plans.models import Plan, PlanItem, PlanItemOfficer, Terms
from eldercare.inspections.plans.services.assigning import spread
from tests import make

TODAY = date(2026, 11, 24)  # a Tuesday
MORNING = (time(9), time(10, 30))


def terms(app: Flask, **changed: Any) -> Terms:
    return replace(Terms.of(app.config), **changed)


def somebody(scope: Scope, role: Role = Role.DISTRICT_OFFICER) -> Scope:
    """The scope as another person holds it."""
    person = make.make_user(role)
    return replace(scope, person_id=person.id, person_name=person.username)


def items_of(scope: Scope, plan: Plan) -> list[PlanItem]:
    return list(db.session.scalars(queries.items(scope).where(PlanItem.plan_id == plan.id).order_by(PlanItem.id)))


def officers(count: int, **values: Any) -> list[Any]:
    """Officers certified for all of the next year."""
    return [make.make_officer(valid_to=TODAY + timedelta(900), **values) for _ in range(count)]


def homes(count: int, **values: Any) -> list[Any]:
    township = make.make_township()
    return [make.make_facility(township, **values) for _ in range(count)]


# ---- what is needed -----------------------------------------------------------------------------------


def test_no_setting_brings_an_institution_below_one_visit_a_year(app: Flask, district: Scope) -> None:
    home = homes(1, credit_class="A")[0]
    cover = queries.coverage(district, 2026, terms(app), TODAY)[0]
    careless = dict.fromkeys("ABCD", (0, 0))
    assert queries.bounds_of(cover, careless, terms(app), 2026) == (1, 1, "floor")
    assert (cover.facility_id, cover.least) == (home.id, 1)


def test_bounds_follow_class_kind_and_state(app: Flask, district: Scope) -> None:
    wanted = {
        "D": homes(1, credit_class="D")[0], "none": homes(1)[0], "suspended": homes(1, credit_class="D", state="suspended")[0],
        "preparing": homes(1, state="preparing")[0], "unfiled": homes(1, filing_no=None)[0],
        "young": homes(1, credit_class="D", opened_on=date(2026, 7, 1))[0], "closed": homes(1, state="closed", closed_on=date(2026, 3, 1))[0],
        "canteen": homes(1, facility_type="canteen")[0], "station": homes(1, facility_type="village_station")[0],
    }  # fmt: skip
    covers = {each.facility_id: each for each in queries.coverage(district, 2026, terms(app), TODAY)}
    found = {name: (covers[home.id].least, covers[home.id].most) for name, home in wanted.items()}
    assert found == {
        "D": (4, 6), "none": (1, 3), "suspended": (1, 6), "preparing": (0, None), "unfiled": (1, 3), "young": (2, 6),
        "closed": (0, None), "canteen": (1, 6), "station": (1, 1),
    }  # fmt: skip


def test_a_station_visited_last_year_needs_none_this_year(app: Flask, district: Scope) -> None:
    station = homes(1, facility_type="village_station")[0]
    sent(make.make_visit(station, kind="daily", planned_on=date(2025, 5, 6), team=old_team()), district)
    assert queries.coverage(district, 2026, terms(app), TODAY)[0].least == 0
    assert queries.coverage(district, 2027, terms(app), TODAY)[0].least == 1


def old_team() -> list[Any]:
    return [make.make_officer(valid_from=date(2020, 1, 1)) for _ in range(2)]


def sent(visit: Visit, scope: Scope, result: str = "none", number: str = "") -> Visit:
    visit.sent_at, visit.result, visit.number = calendar.now(), result, number or f"示例{visit.id}"
    from eldercare.core import states

    states.move(scope, visit, "sent")
    return visit


def test_a_visit_that_met_nobody_and_a_recheck_fill_no_need(app: Flask, district: Scope) -> None:
    home = homes(1)[0]
    team = old_team()
    sent(make.make_visit(home, kind="daily", planned_on=date(2026, 5, 6), team=team), district, "absent")
    sent(make.make_visit(home, kind="recheck", planned_on=date(2026, 5, 20), team=team), district)
    cover = queries.coverage(district, 2026, terms(app), TODAY)[0]
    assert (cover.done, cover.short, cover.standing) == (0, 1, "short")
    sent(make.make_visit(home, kind="case", planned_on=date(2026, 6, 2), team=team, shown=False), district)
    cover = queries.coverage(district, 2026, terms(app), TODAY)[0]
    assert (cover.done, cover.short, cover.standing) == (1, 0, "met")


# ---- a draft --------------------------------------------------------------------------------------------


def test_visits_lie_evenly_over_the_days() -> None:
    days = WorkDays().between(date(2027, 1, 1), date(2027, 12, 31))
    found = spread([(place, 1 + place % 3) for place in range(60)], days)
    assert len(found) == 120
    months = Counter(day.month for _place, _number, day in found)
    assert len(months) == 12
    assert max(months.values()) - min(months.values()) <= 2
    apart = sorted(day for place, _number, day in found if place == 2)
    assert all((after - before).days > 80 for before, after in pairwise(apart))


def test_everybody_has_the_same_number_of_visits_and_the_same_plan_comes_out_twice(app: Flask, district: Scope) -> None:
    homes(11, credit_class="D")
    officers(5, specialities=["fire"])
    plan = services.draft(somebody(district), 2027, None, terms(app))
    first = items_of(district, plan)
    load = Counter(officer.id for item in first for officer in item.team)
    leads = Counter(item.team[0].id for item in first)
    assert len(first) == 44
    assert max(load.values()) - min(load.values()) <= 1
    assert max(leads.values()) - min(leads.values()) <= 2
    seen = [(item.facility_id, item.planned_on, item.window_from, [each.id for each in item.team]) for item in first]
    services.redraft(district, plan.id, terms(app))
    again = items_of(district, plan)
    assert [(item.facility_id, item.planned_on, item.window_from, [each.id for each in item.team]) for item in again] == seen


def test_nobody_is_at_two_places_at_the_same_time(app: Flask, district: Scope) -> None:
    homes(30, credit_class="D")
    officers(2, specialities=["fire"])
    plan = services.draft(somebody(district), 2026, 12, terms(app))
    made = items_of(district, plan)
    times = Counter((officer.id, item.planned_on, item.window_from) for item in made for officer in item.team)
    assert max(times.values()) == 1
    assert len(made) > 60  # several a day, one after the other


def test_no_visit_on_a_day_off_and_none_before_the_home_can_be_told(app: Flask, district: Scope) -> None:
    homes(40, credit_class="D")
    officers(4, specialities=["fire"])
    for day in (date(2026, 12, 7), date(2026, 12, 8)):
        db.session.add(DayOff(day=day, is_off=True, name="示例节"))
    db.session.add(DayOff(day=date(2026, 12, 12), is_off=False, name="示例节"))
    db.session.flush()
    db.session().info.pop("workdays", None)
    plan = services.draft(somebody(district), 2026, None, terms(app))
    days = {item.planned_on for item in items_of(district, plan)}
    assert date(2026, 12, 12) in days  # a Saturday that is worked
    assert not {date(2026, 12, 7), date(2026, 12, 8)} & days
    assert all(day.weekday() < 5 for day in days - {date(2026, 12, 12)})
    assert min(days) >= date(2026, 11, 30)  # the fourth working day from today: three to tell the home


def test_avoidance_certificates_and_specialities_are_kept(app: Flask, district: Scope) -> None:
    here = homes(6, credit_class="D")
    cook, smith, fireman = (make.make_officer(specialities=[each], valid_to=TODAY + timedelta(900)) for each in ("food", "building", "fire"))
    second = make.make_officer(specialities=["fire"], valid_to=date(2027, 3, 31))
    library.recuse(district, fireman.id, here[0].id, "kin", (TODAY, date(2027, 2, 28)))
    plan = services.draft(somebody(district), 2027, None, terms(app))
    made = items_of(district, plan)
    for item in made:
        team = {each.id for each in item.team}
        assert fireman.id not in team or item.facility_id != here[0].id or item.planned_on > date(2027, 2, 28)
        assert second.id not in team or item.planned_on <= date(2027, 3, 31)
        if item.planned_on <= date(2027, 3, 31) or fireman.id in team:
            assert team & {fireman.id, second.id}
    assert {each.id for item in made for each in item.team} == {cook.id, smith.id, fireman.id, second.id}


def test_a_plan_needs_two_officers(app: Flask, district: Scope) -> None:
    homes(1)
    officers(1)
    with pytest.raises(Refused) as refused:
        services.draft(somebody(district), 2027, None, terms(app))
    assert refused.value.code == "plan.no_team"


def test_the_month_takes_in_what_the_year_leaves_short(app: Flask, district: Scope) -> None:
    homes(1, credit_class="D")
    officers(3, specialities=["fire"])
    year = services.draft(somebody(district), 2027, None, terms(app))
    planned = items_of(district, year)
    assert [item.why for item in planned] == ["floor", "class", "class", "class"]
    for item in planned[2:]:
        services.drop(district, item.id, "示例")
    month = services.draft(somebody(district), 2027, 3, terms(app))
    assert [(item.why, item.planned_on.month) for item in items_of(district, month)] == [("class", 3)] * 2


def test_somebody_else_approves(app: Flask, district: Scope) -> None:
    homes(2)
    officers(2)
    author, leader = somebody(district), somebody(district, Role.LEADER)
    plan = services.draft(author, 2027, None, terms(app))
    with pytest.raises(Refused) as refused:
        services.approve(author, plan.id)
    assert refused.value.code == "plan.someone_else"
    services.approve(leader, plan.id)
    assert (plan.state, plan.approved_by_id) == ("approved", leader.person_id)
    assert services.turn(district, date(2027, 1, 1))["begun"] == 1
    assert plan.state == "running"
    assert services.turn(district, date(2028, 2, 1))["closed"] == 1


def test_who_changed_a_draft_or_a_visit_in_it_does_not_approve_it(app: Flask, district: Scope) -> None:
    place = homes(1, credit_class="D")[0]
    team = [each.id for each in officers(4, specialities=["fire"])][:2]
    author, leader = somebody(district), somebody(district, Role.LEADER)
    anew, by_hand, mover, dropper = (somebody(district) for _ in range(4))
    plan = services.draft(author, 2027, None, terms(app))
    services.redraft(anew, plan.id, terms(app))
    first, second = items_of(district, plan)[:2]
    services.drop(dropper, first.id, "示例")
    services.move(mover, second.id, date(2027, 11, 24), "示例")
    day, window = date(2027, 12, 1), (None, None)
    services.add(by_hand, plan.id, place.id, terms(app), kind="special", planned_on=day, window=window, team=team)
    for each in (author, anew, by_hand, mover, dropper):
        with pytest.raises(Refused) as refused:
            services.approve(each, plan.id)
        assert refused.value.code == "plan.someone_else"
    services.approve(leader, plan.id)
    assert plan.state == "approved"


def test_the_same_period_has_one_plan(app: Flask, district: Scope) -> None:
    officers(2)
    plan = services.draft(somebody(district), 2027, None, terms(app))
    with pytest.raises(Refused) as refused:
        services.draft(somebody(district), 2027, None, terms(app))
    assert refused.value.code == "plan.taken"
    services.withdraw(district, plan.id, "示例")
    services.draft(somebody(district), 2027, None, terms(app))


# ---- from the plan to the visit ----------------------------------------------------------------------------


@pytest.fixture
def planned(app: Flask, district: Scope) -> PlanItem:
    """One visit of an approved plan of this year."""
    make.make_checklist()
    home = homes(1)[0]
    officers(4, specialities=["fire"])
    plan = services.draft(somebody(district), 2026, None, terms(app))
    services.approve(somebody(district, Role.LEADER), plan.id)
    (item,) = items_of(district, plan)
    assert item.facility_id == home.id
    return item


def test_what_comes_near_becomes_a_visit_once(app: Flask, district: Scope, planned: PlanItem) -> None:
    done = services.morning(district, TODAY, terms(app))
    assert (done["made"], done["stuck"]) == (1, 0)
    assert services.morning(district, TODAY, terms(app))["made"] == 0
    visit = db.session.scalars(select(Visit).where(Visit.id == planned.visit_id)).one()
    assert (visit.facility_id, visit.planned_on, visit.kind, visit.notice) == (planned.facility_id, planned.planned_on, "daily", "ahead")
    with pytest.raises(Refused) as refused:
        services.make_visit(district, planned.id)
    assert refused.value.code == "plan_item.has_visit"


def test_another_pair_goes_where_the_first_no_longer_may(app: Flask, district: Scope, planned: PlanItem) -> None:
    lead = planned.officers[0].officer
    library.change_officer(district, lead.id, left_on=TODAY)
    assert services.morning(district, TODAY, terms(app))["made"] == 1
    db.session.expire_all()
    row = queries.item(district, planned.id)
    assert lead.id not in {each.id for each in row.team}
    assert len(row.team) == 2


def test_what_cannot_become_a_visit_says_why(app: Flask, district: Scope, planned: PlanItem) -> None:
    for each in queries.inspectors(district):
        library.change_officer(district, each.id, left_on=TODAY)
    done = services.morning(district, TODAY, terms(app))
    assert (done["made"], done["stuck"]) == (0, 1)
    db.session.refresh(planned)
    assert planned.trouble == "officer.not_certified"


def test_a_day_moves_with_its_reason_and_takes_the_visit_along(app: Flask, district: Scope, planned: PlanItem) -> None:
    services.morning(district, TODAY, terms(app))
    first = planned.planned_on
    services.move(district, planned.id, date(2026, 12, 30), "示例:机构停电")
    db.session.expire_all()
    row = queries.item(district, planned.id)
    assert (row.day, row.planned_on, row.first_planned_on, row.reason) == (date(2026, 12, 30), date(2026, 12, 30), first, "示例:机构停电")
    assert (row.period, row.visit.reason) == ("2026-12", "示例:机构停电")


def test_the_door_of_the_visit_moves_the_plan_and_judges_as_the_plan_does(app: Flask, district: Scope, planned: PlanItem) -> None:
    services.morning(district, TODAY, terms(app))
    db.session.expire_all()
    goes = {each.id for each in queries.item(district, planned.id).team}
    visit_id, spare = planned.visit_id, [each.id for each in queries.inspectors(district) if each.id not in goes]
    for day, code in ((date(2026, 12, 26), "plan_item.day_off"), (date(2026, 11, 23), "plan_item.day_past"), (date(2027, 1, 4), "plan_item.outside")):
        with pytest.raises(Refused) as refused:
            services.move_visit(district, visit_id, day, "示例")
        assert refused.value.code == code
    services.move_visit(district, visit_id, date(2026, 12, 30), "示例:机构停电", window=MORNING, team=spare[:2])
    db.session.expire_all()
    row = queries.item(district, planned.id)
    assert (row.planned_on, row.visit.planned_on, (row.window_from, row.window_to), row.reason) == (
        date(2026, 12, 30), date(2026, 12, 30), MORNING, "示例:机构停电",
    )  # fmt: skip
    assert [each.id for each in row.team] == spare[:2]


def test_who_is_recused_after_the_plan_is_told_and_shown_until_others_go(app: Flask, district: Scope, planned: PlanItem, sign_in: Any) -> None:
    services.morning(district, TODAY, terms(app))
    db.session.expire_all()
    assert services.watch_teams(district, TODAY) == {"visits": 0, "told": 0}
    visit = db.session.get_one(Visit, planned.visit_id)
    kin, mate = queries.item(district, planned.id).team
    library.recuse(district, kin.id, visit.facility_id, "kin", (TODAY, None))
    assert services.watch_teams(district, TODAY) == {"visits": 1, "told": 1}
    assert services.watch_teams(district, TODAY) == {"visits": 1, "told": 0}  # once
    waits = select(Alert.level, Alert.entity_id).where(Alert.kind == "visit.unfit", Alert.settled_at.is_(None))
    assert db.session.execute(waits).all() == [("district", visit.id)]
    visit_id, name, month, day = visit.id, kin.name, f"{visit.planned_on:%Y-%m}", visit.planned_on
    spare = [each.id for each in queries.inspectors(district) if each.id not in (kin.id, mate.id)]
    db.session.commit()
    clerk = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    assert f"may not go: {name}" in clerk.get(f"/inspections/plans/?month={month}").text
    opened = clerk.get("/inbox/?kind=visit.unfit").text
    assert "change its team" in opened
    Scope.system("test").enter()
    services.move_visit(district, visit_id, day, "回避", team=[mate.id, spare[0]])
    assert db.session.execute(waits).all() == []
    assert services.watch_teams(district, TODAY) == {"visits": 0, "told": 0}
    db.session.commit()
    assert "may not go" not in clerk.get(f"/inspections/plans/?month={month}").text


def test_an_account_closed_or_a_visit_called_off_settles_or_tells_by_the_next_round(app: Flask, district: Scope, planned: PlanItem) -> None:
    services.morning(district, TODAY, terms(app))
    db.session.expire_all()
    account = db.session.get_one(User, queries.item(district, planned.id).team[0].user_id)
    account.is_enabled = False
    audit.record(district, "user.disabled", account)
    assert services.watch_teams(district, TODAY) == {"visits": 1, "told": 1}
    account.is_enabled = True
    audit.record(district, "user.enabled", account)
    services.watch_teams(district, TODAY)
    assert db.session.scalars(select(Alert.settled_at.is_not(None)).where(Alert.kind == "visit.unfit")).all() == [True]


@pytest.mark.parametrize(("day", "code"), [
    (date(2026, 12, 26), "plan_item.day_off"), (date(2026, 11, 23), "plan_item.day_past"), (date(2027, 1, 4), "plan_item.outside"),
])  # fmt: skip
def test_a_day_moves_to_a_working_day_of_its_plan(district: Scope, planned: PlanItem, day: date, code: str) -> None:
    with pytest.raises(Refused) as refused:
        services.move(district, planned.id, day, "示例")
    assert refused.value.code == code


def test_a_visit_moves_to_a_time_at_which_the_place_is_shut_only_when_that_is_meant(district: Scope, planned: PlanItem) -> None:
    planned.facility.open_hours = "8:30-11:30 14:00-17:00"
    audit.record(district, "facility.changed", planned.facility)
    noon, day = (time(12), time(13, 30)), date(2026, 12, 30)
    with pytest.raises(Refused) as refused:
        services.move(district, planned.id, day, "示例", window=noon)
    assert (refused.value.code, refused.value.field) == ("plan_item.place_shut", "outside")
    services.move(district, planned.id, day, "示例", window=(time(13, 30), time(15)))  # it opens meanwhile
    services.move(district, planned.id, day, "示例", window=noon, outside=True)
    assert (planned.window_from, planned.window_to) == noon


def test_visits_are_planned_for_hours_at_which_the_place_is_open(app: Flask, district: Scope) -> None:
    officers(2)
    made = homes(3, facility_type="canteen", open_hours="10:30-13:00")
    plan = services.draft(district, 2027, None, terms(app, specialities={}))
    mine = {(each.window_from, each.window_to) for each in items_of(district, plan) if each.facility_id in {home.id for home in made}}
    assert mine == {(time(10, 30), time(12))}


@pytest.mark.parametrize(("text", "spans"), [
    ("08:30-11:30 14:00-17:00", [(time(8, 30), time(11, 30)), (time(14), time(17))]), ("8\uff1a30\u81f317\uff1a00", [(time(8, 30), time(17))]),
    ("24\u5c0f\u65f6", []), ("25:00-26:00", []), (None, []),
])  # fmt: skip
def test_opening_hours_are_read_as_places_write_them(text: str | None, spans: list[Any]) -> None:
    assert queries.hours.spans(text) == spans


def test_nobody_is_moved_to_a_time_they_are_elsewhere(app: Flask, district: Scope, planned: PlanItem) -> None:
    busy = planned.officers[1].officer
    other = make.make_visit(
        homes(1)[0], planned_on=date(2026, 12, 30), team=[busy, make.make_officer()], window=(time(10), time(11)),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        services.move(district, planned.id, date(2026, 12, 30), "示例", window=MORNING)
    assert refused.value.code == "plan_item.officer_busy"
    services.move(district, planned.id, date(2026, 12, 30), "示例", window=(time(11), time(12)))
    assert other.planned_on == date(2026, 12, 30)


def test_left_out_cancels_the_visit_and_a_cancelled_visit_is_left_out(app: Flask, district: Scope, planned: PlanItem) -> None:
    services.morning(district, TODAY, terms(app))
    visit = db.session.get_one(Visit, planned.visit_id)
    inspections.cancel_visit(district, visit.id, "示例原因")
    assert services.morning(district, TODAY, terms(app))["dropped"] == 1
    db.session.refresh(planned)
    assert (planned.state, planned.reason, planned.visit_id) == ("dropped", "示例原因", None)
    assert queries.coverage(district, 2026, terms(app), TODAY)[0].short == 1  # the need is still there
    pair = [each.id for each in queries.inspectors(district)[:2]]
    services.take_up(district, planned.id, date(2026, 12, 29), "示例", terms(app), window=MORNING, team=pair)
    services.make_visit(district, planned.id)
    services.drop(district, planned.id, "示例又取消")
    again = db.session.scalars(select(Visit).order_by(Visit.id.desc())).first()
    assert (again.state, again.reason) == ("cancelled", "示例又取消")


def test_a_place_that_closes_is_visited_no_more(app: Flask, district: Scope, planned: PlanItem) -> None:
    home = planned.facility
    from eldercare.core import states

    home.closed_on = TODAY
    states.move(district, home, "closed")
    services.morning(district, TODAY, terms(app))
    db.session.refresh(planned)
    assert planned.state == "dropped"


def test_late_and_missed_are_told_and_settled(app: Flask, district: Scope, planned: PlanItem) -> None:
    from eldercare.core.alerts import Alert

    services.morning(district, TODAY, terms(app))

    def told() -> dict[str, tuple[int | None, bool]]:
        rows = db.session.scalars(select(Alert).where(Alert.entity == "plan_item"))
        return {each.kind: (each.person_id, each.settled_at is None) for each in rows}

    after = planned.planned_on + timedelta(1)
    assert after.month == planned.planned_on.month
    services.tell(district, after)
    lead = planned.officers[0].officer.user_id
    assert told() == {"plan_item.late": (None, True), "plan_item.mine_late": (lead, True)}
    services.tell(district, planned.period_to + timedelta(1))
    assert told() == {
        "plan_item.late": (None, False), "plan_item.mine_late": (lead, False), "plan_item.missed": (None, True),
    }  # fmt: skip
    sent(db.session.get_one(Visit, planned.visit_id), district)
    services.tell(district, planned.period_to + timedelta(2))
    assert told()["plan_item.missed"] == (None, False)


# ---- by hand ----------------------------------------------------------------------------------------------


def ad_hoc(scope: Scope, app: Flask, home: Any, day: date, **values: Any) -> Visit:
    team = values.pop("team", None) or old_team()
    given = {"kind": "daily", "window": MORNING, "notice": "ahead", "versions": [make.make_checklist().id], **values}
    return services.plan_visit(scope, home.id, terms(app), planned_on=day, team=[each.id for each in team], **given)


def test_the_cap_binds_daily_and_double_random_checks_alone(app: Flask, district: Scope) -> None:
    home = homes(1, credit_class="A")[0]  # 1-2 a year
    for month in (3, 6):
        sent(make.make_visit(home, kind="double_random", planned_on=date(2026, month, 3), team=old_team()), district)
    assert queries.at_their_cap(district, 2026, terms(app), TODAY) == {home.id}
    with pytest.raises(Refused) as refused:
        ad_hoc(district, app, home, date(2026, 12, 8))
    assert refused.value.code == "plan_item.cap_reached"
    assert ad_hoc(district, app, home, date(2026, 12, 8), kind="special")
    assert ad_hoc(district, app, home, date(2026, 12, 9), kind="case", notice="none")


def test_a_double_random_check_is_planned_by_nobody(app: Flask, district: Scope, planned: PlanItem) -> None:
    home = planned.facility
    pair = [each.id for each in old_team()]
    with pytest.raises(Refused) as refused:
        ad_hoc(district, app, home, date(2026, 12, 8), kind="double_random")
    assert refused.value.code == "visit.draw_only"
    asked = {"kind": "double_random", "planned_on": date(2026, 12, 8), "window": MORNING, "team": pair}
    with pytest.raises(Refused) as refused:
        services.add(district, planned.plan_id, home.id, terms(app), **asked)
    assert refused.value.code == "visit.draw_only"


def test_a_home_is_told_three_working_days_before_or_on_the_spot(app: Flask, district: Scope) -> None:
    home = homes(1)[0]
    assert services.notice_due(date(2026, 11, 30), terms(app)) == date(2026, 11, 25)  # over a weekend
    with pytest.raises(Refused) as refused:
        ad_hoc(district, app, home, date(2026, 11, 26))
    assert refused.value.code == "visit.notice_late"
    assert ad_hoc(district, app, home, date(2026, 11, 26), notice="on_site").notice == "on_site"
    assert ad_hoc(district, app, home, TODAY, kind="case", notice="ahead").notice == "none"  # never told beforehand
    assert ad_hoc(district, app, home, date(2026, 11, 27)).notice == "ahead"


# ---- two at the same time ---------------------------------------------------------------------------------


def test_two_who_make_a_visit_of_it_at_once_make_one(fresh_app: Flask) -> None:
    from threading import Barrier, Thread

    scope = Scope.system("test").enter()
    make.make_checklist()
    homes(1)
    officers(2, specialities=["fire"])
    plan = services.draft(somebody(scope), 2026, None, terms(fresh_app))
    services.approve(somebody(scope), plan.id)
    item_id = items_of(scope, plan)[0].id
    db.session.commit()
    barrier, outcomes = Barrier(2), []

    def ask() -> None:
        with fresh_app.app_context():
            mine = Scope.system("test").enter()
            barrier.wait()
            try:
                services.make_visit(mine, item_id)
                db.session.commit()
                outcomes.append("made")
            except Refused as refused:
                db.session.rollback()
                outcomes.append(refused.code)
            db.session.remove()

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "plan_item.has_visit"]
    Scope.system("test").enter()
    assert len(db.session.scalars(select(Visit)).all()) == 1


def test_the_known_years_are_known(district: Scope) -> None:
    db.session.add(DayOff(day=date(2026, 10, 1), is_off=True, name="国庆节"))
    db.session.flush()
    db.session().info.pop("workdays", None)
    known = workdays.known()
    assert known.unknown(date(2026, 12, 1), date(2027, 1, 31)) == [2027]
    assert known.after(date(2026, 9, 30), 1) == date(2026, 10, 2)
    assert known.before(date(2026, 10, 2), 1) == date(2026, 9, 30)


def test_the_seats_of_an_item_are_those_of_its_place(app: Flask, district: Scope, planned: PlanItem) -> None:
    rows = db.session.scalars(select(PlanItemOfficer).where(PlanItemOfficer.item_id == planned.id)).all()
    assert {(row.facility_id, row.township_id) for row in rows} == {(planned.facility_id, planned.township_id)}
