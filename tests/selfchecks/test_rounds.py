"""Rounds are made once, missed the same day, made up for; the rate; the inboxes."""

import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from eldercare.checklists import queries as catalogue
from eldercare.checklists import services as lists
from eldercare.checklists.checks.services import Answer
from eldercare.core import alerts, audit, calendar, runs, states
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import refusal_of
from eldercare.core.scope import Scope
from eldercare.selfchecks import queries, services
from eldercare.selfchecks.filling import services as filling
from eldercare.selfchecks.models import SelfCheckRound
from tests import make
from tests.checklists.made import revised
from tests.selfchecks.made import DAY, House, day_made, limits, refused, rules, walk

NEXT = DAY + timedelta(1)


def watched(house: House, hour: int, minute: int = 0, day: date = DAY) -> dict[str, int]:
    return services.watch(Scope.system("test").enter(), house.at(hour, minute, day), rules())


def test_a_day_is_made_once_however_often_the_clock_comes(house: House, district: Scope) -> None:
    day_made(house)
    first = [each.id for each in house.rounds()]
    assert len(house.rounds(duty="patrol_night")) == 6
    day_made(house, at=9)
    assert [each.id for each in house.rounds()] == first


def test_two_clocks_at_once_make_each_round_once(fresh_app: Flask) -> None:
    with fresh_app.app_context():
        scope = Scope.system("test").enter()
        lists.load_catalogue(scope, since=date(2026, 1, 1))
        homes = [make.make_facility() for _each in range(3)]
        ids = [home.id for home in homes]
        db.session.commit()
    together, failed = threading.Barrier(2), []

    def make_them() -> None:
        with fresh_app.app_context():
            scope = Scope.system("test").enter()
            together.wait()
            try:
                services.make(scope, DAY, rules(), calendar.at(DAY, 0, 5))
                db.session.commit()
            except Exception as wrong:  # noqa: BLE001
                failed.append(wrong)

    threads = [threading.Thread(target=make_them) for _each in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failed
    with fresh_app.app_context():
        Scope.system("test").enter()
        rows = db.session.execute(text("SELECT facility_id, count(*), count(DISTINCT (checklist_id, duty, times, period, slot)) FROM selfcheck_rounds GROUP BY 1"))
        found = {row[0]: (row[1], row[2]) for row in rows}
    assert set(found) == set(ids)
    assert all(total == distinct and total >= 12 for total, distinct in found.values())


def test_what_is_over_when_the_clock_comes_back_is_not_held_against_the_place(house: House) -> None:
    day_made(house, at=21)
    assert [each.slot for each in house.rounds(duty="patrol_night")] == [1, 2, 3, 4, 5, 6]  # the first runs until ten
    assert house.rounds(duty="patrol_day") == []  # over at eight
    day_made(house, day=NEXT, at=23)
    assert [each.slot for each in house.rounds(duty="patrol_night", day=NEXT)] == [2, 3, 4, 5, 6]


def test_a_round_is_in_time_until_the_grace_is_over_then_late(house: House) -> None:
    day_made(house)
    first, second, third, *_more = house.rounds(duty="patrol_night")
    house.at(20, 30)
    assert walk(house, first).state == "done"
    assert walk(house, second, begin=calendar.at(NEXT, 0, 2), seconds=30).state == "done"  # window over at midnight, grace 15 minutes
    assert walk(house, third, begin=calendar.at(NEXT, 2, 16), seconds=1).state == "late"


def test_what_nobody_did_is_missed_the_same_night_over_midnight(house: House) -> None:
    day_made(house)
    assert watched(house, 22, 10)["missed"] == 1  # the patrol by day; the first night round still has its grace
    assert watched(house, 22, 20)["missed"] == 1
    assert [each.state for each in house.rounds(duty="patrol_night")] == ["missed", "due", "due", "due", "due", "due"]
    assert watched(house, 0, 14, NEXT)["missed"] == 0
    assert watched(house, 0, 16, NEXT)["missed"] == 2  # 22–24, and the daily check of the day before
    assert watched(house, 8, 16, NEXT)["missed"] == 4
    assert {each.state for each in house.rounds(duty="patrol_night")} == {"missed"}
    assert watched(house, 8, 16, NEXT)["missed"] == 0


def test_a_missed_round_is_made_up_for_as_late_within_hours_and_not_for_ever(house: House) -> None:
    day_made(house)
    watched(house, 9, 0, NEXT)
    one, two, *_rest = house.rounds(duty="patrol_night", state="missed")
    assert walk(house, one, begin=calendar.at(NEXT, 9, 10)).state == "late"  # until twelve hours after ten
    house.at(12, 1, NEXT)
    with refused("selfcheck.over"):
        filling.begin(house.scope("manager", P.SELFCHECK_FILL), two.id, rules(), filling.Start())
    month = house.rounds(duty="monthly")[0]
    watched(house, 1, 0, date(2026, 12, 1))
    assert walk(house, month, begin=calendar.at(date(2026, 12, 20), 10)).state == "late"


def test_rounds_of_a_place_that_stops_operating_are_waived_not_missed(house: House, district: Scope) -> None:
    day_made(house)
    house.at(15)
    states.move(district, db.session.merge(house.home), "suspended")
    db.session.flush()
    assert watched(house, 9, 0, NEXT)["waived"] == 8
    assert {each.state for each in house.rounds(day=DAY)} == {"waived"}
    assert queries.compliance(district, DAY, DAY) == {}
    assert not db.session.scalars(district.select(alerts.Alert).where(alerts.Alert.kind.like("selfcheck.%"), alerts.Alert.settled_at.is_(None))).all()
    house.at(10, 0, NEXT)
    with refused("selfcheck.place_closed"):
        filling.begin(house.scope("manager", P.SELFCHECK_FILL), house.rounds(duty="monthly")[0].id, rules(), filling.Start())


def yearly(house: House) -> list[SelfCheckRound]:
    """The two emergency drills of the year: the only item that comes round so."""
    return house.rounds(duty="yearly", times=2)


def drill_otherwise(house: House, day: date, **values: object) -> None:
    revised(Scope.system("test").enter(), yearly(house)[0].checklist_id, {"INS-EMG-02": values}, day)


def test_a_round_no_list_asks_any_more_is_not_owed_and_says_why(house: House, district: Scope, sign_in) -> None:
    day_made(house)
    (old,) = yearly(house)
    drill_otherwise(house, NEXT, times_per_period=4)
    assert watched(house, 23)["waived"] == 0  # until tomorrow it is owed
    day_made(house, day=NEXT)
    house.at(10, 0, NEXT)
    with refused("selfcheck.duty_gone"):
        filling.begin(house.scope("manager", P.SELFCHECK_FILL), old.id, rules(), filling.Start())
    assert sign_in(house.manager).get(f"/selfchecks/filling/{old.id}").status_code == 409
    assert watched(house, 10, 5, NEXT)["waived"] == 1
    assert [each.state for each in yearly(house)] == ["waived"]
    assert [(each.slot, each.state) for each in house.rounds(duty="yearly", times=4)] == [(4, "due")]
    assert "The list was changed" in sign_in(house.district, language="en").get(f"/selfchecks/rounds/{old.id}").text
    assert watched(house, 10, 10, NEXT)["waived"] == 0


def test_rounds_of_a_list_that_ended_are_not_owed_and_what_was_begun_is(house: House) -> None:
    day_made(house)
    house.at(21)
    one, two, *_rest = house.rounds(duty="patrol_night")
    filling.begin(house.scope("manager", P.SELFCHECK_FILL), one.id, rules(), filling.Start())
    scope = Scope.system("test").enter()
    lists.end(scope, catalogue.in_force(scope, "daily_fire_patrol").id, "another list takes its place", DAY)
    assert watched(house, 21, 30)["missed"] == 0  # nor the patrol by day: the list is out of use for the whole of that day
    assert [each.state for each in house.rounds(duty="patrol_night")] == ["due", *["waived"] * 5]
    assert walk(house, one, begin=calendar.at(DAY, 21, 40)).state == "done"
    with refused("selfcheck.done_already"):
        filling.begin(house.scope("manager", P.SELFCHECK_FILL), two.id, rules(), filling.Start())


def test_what_was_owed_yesterday_stays_owed_and_is_made_up_for_by_yesterday_s_list(house: House) -> None:
    day_made(house)
    (patrol,) = house.rounds(duty="patrol_day")
    scope = Scope.system("test").enter()
    lists.end(scope, catalogue.in_force(scope, "daily_fire_patrol").id, "another list takes its place", NEXT)
    assert watched(house, 0, 30, NEXT)["missed"] == 4  # the patrol, two rounds of the night until midnight, the daily check
    assert {each.state for each in house.rounds(duty="patrol_night")} == {"missed", "waived"}  # after midnight nobody owes them
    assert walk(house, patrol, begin=calendar.at(NEXT, 7, 0), seconds=1).state == "late"


def test_a_round_of_the_night_that_asks_nothing_is_not_made(house: House) -> None:
    scope = Scope.system("test").enter()
    patrol = catalogue.in_force(scope, "daily_fire_patrol")
    night = [each.code for each in catalogue.items(scope, patrol.id) if each.patrol_window in ("night", "both")]
    revised(scope, patrol.checklist_id, {code: {"times_per_period": 2} for code in night}, DAY)
    day_made(house)
    assert [(each.slot, each.times) for each in house.rounds(duty="patrol_night")] == [(1, 6), (4, 6)]


def test_the_rate_is_what_was_done_in_time_of_what_was_due(house: House, district: Scope) -> None:
    day_made(house)
    nights = house.rounds(duty="patrol_night")
    walk(house, nights[0], begin=calendar.at(DAY, 20, 30))
    walk(house, nights[1], begin=calendar.at(DAY, 22, 30))
    watched(house, 4, 30, NEXT)  # 0–2 and 2–4 missed, the patrol by day and the daily check as well
    walk(house, nights[2], begin=calendar.at(NEXT, 5, 0))
    scope = Scope.system("test").enter()
    found = queries.compliance(scope, DAY, DAY)[house.home.id]
    assert (found.done, found.late, found.missed, found.open) == (2, 1, 3, 2)
    assert found.due == 6
    assert found.rate == pytest.approx(2 / 6)
    house.at(6, 5, NEXT)  # 4–6 is over although the clock has not come round yet
    again = queries.compliance(scope, DAY, DAY)[house.home.id]
    assert (again.missed, again.open) == (4, 1)
    assert queries.by_day(scope, DAY, DAY)[house.home.id, DAY] == again
    month = queries.monthly(scope, date(2026, 11, 1), DAY)
    assert [(str(first), counts.due) for first, counts in month] == [("2026-11-01", 7)]
    assert queries.compliance(scope, date(2026, 10, 1), date(2026, 10, 31)) == {}


def test_today_counts_last_night(house: House, district: Scope) -> None:
    day_made(house)
    day_made(house, day=NEXT)
    watched(house, 9, 0, NEXT)
    found = queries.today(Scope.system("test").enter())[house.home.id]
    assert found.missed == 6  # the night; not the day before
    assert found.open >= 2


# ---- inboxes ---------------------------------------------------------------------------------------


def told(kind: str, level: str | None = None, *, settled: bool = False) -> list[alerts.Alert]:
    scope = Scope.system("test").enter()
    query = scope.select(alerts.Alert).where(alerts.Alert.kind == kind)
    query = query.where(alerts.Alert.settled_at.is_not(None) if settled else alerts.Alert.settled_at.is_(None))
    return list(db.session.scalars(query if level is None else query.where(alerts.Alert.level == level)))


def test_the_manager_s_first_page_says_what_is_due_tonight(house: House, sign_in) -> None:
    day_made(house)
    watched(house, 7)
    night = told("selfcheck.night_due")
    assert [each.due_at for each in night] == [calendar.at(DAY, 22)]
    page = sign_in(house.manager, language="en").get("/").get_data(as_text=True)
    assert "nights with rounds to walk" in page
    scope = Scope.system("test").enter()
    assert alerts.counts(scope, db.session.merge(house.manager))["todo"] >= 3
    assert alerts.counts(scope, db.session.merge(house.district))["todo"] == 0  # nothing is missed yet


def test_a_night_falls_due_with_its_next_open_round_and_is_settled_with_the_last(house: House) -> None:
    day_made(house)
    nights = house.rounds(duty="patrol_night")
    watched(house, 7)
    walk(house, nights[0], begin=calendar.at(DAY, 20, 30))
    assert [each.due_at for each in told("selfcheck.night_due")] == [calendar.at(NEXT, 0)]
    for at, each in enumerate(nights[1:]):
        walk(house, each, begin=calendar.at(DAY, 22, 5) + timedelta(hours=2 * at))
    assert told("selfcheck.night_due") == []
    assert len(told("selfcheck.night_due", settled=True)) == 1


def test_long_checks_are_told_some_days_before_their_end(house: House) -> None:
    day_made(house)
    watched(house, 7)
    about = {each.details["period"] for each in told("selfcheck.check_due")}
    assert about == {"2026-11-24", "2026-11"}  # the month ends in seven days; week, quarter and year do not press yet
    watched(house, 1, 0, date(2026, 11, 27))
    assert "2026-W48" in {each.details["period"] for each in told("selfcheck.check_due")}


def test_township_and_district_hear_of_missed_rounds_the_same_night_once(house: House) -> None:
    day_made(house)
    watched(house, 22, 20)
    for level in ("township", "district"):
        assert [each.occasion for each in told("selfcheck.missed", level)] == ["2026-11-24"]
    assert told("selfcheck.missed", "facility") == []
    watched(house, 0, 20, NEXT)
    assert len(told("selfcheck.missed")) == 2  # a line for each day and place, not for each round
    scope = Scope.system("test").enter()
    assert alerts.counts(scope, db.session.merge(house.township))["todo"] == 1


def test_made_up_for_the_line_goes_and_so_it_does_after_some_days(house: House) -> None:
    day_made(house)
    watched(house, 22, 20)
    for each in house.rounds(state="missed"):
        walk(house, each, begin=calendar.at(DAY, 22, 30))
    assert told("selfcheck.missed") == []
    watched(house, 9, 0, NEXT)
    assert len(told("selfcheck.missed")) == 2
    watched(house, 9, 0, DAY + timedelta(3))
    assert {each.occasion for each in told("selfcheck.missed")} >= {"2026-11-24"}
    watched(house, 9, 0, DAY + timedelta(4))
    assert "2026-11-24" not in {each.occasion for each in told("selfcheck.missed")}


# ---- what stays ------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", [
    "UPDATE selfcheck_rounds SET state = 'missed', done_at = NULL WHERE id = {r}", "DELETE FROM selfcheck_rounds WHERE id = {r}",
    "UPDATE selfcheck_rounds SET begun_at = begun_at - interval '1 hour' WHERE id = {r}", "UPDATE selfcheck_rounds SET faults = 0 WHERE id = {r}",
])
def test_a_completed_round_cannot_be_changed(house: House, statement: str) -> None:
    day_made(house)
    done = walk(house, house.rounds(duty="patrol_day")[0], begin=calendar.at(DAY, 9), but={"FP-06": Answer("nonconform", "压力不足")})
    with pytest.raises(DBAPIError) as why, db.session.begin_nested():
        db.session.execute(text(statement.format(r=done.id)))
    found = refusal_of(why.value)
    assert found is not None
    assert found.code == "selfcheck.done_already"
    scope = house.scope("manager", P.SELFCHECK_FILL)
    for act in (lambda: filling.answer(scope, done.id, "FP-06", Answer("conform")), lambda: filling.complete(scope, done.id, rules(), limits()),
                lambda: filling.begin(scope, done.id, rules(), filling.Start())):
        with refused("selfcheck.done_already"):
            act()


def test_the_runs_of_the_clock_do_it_and_say_how_many(house: House) -> None:
    house.at(0, 6)
    scope = Scope.system("clock").enter()
    run = runs.Run(kind="selfchecks_make", period=DAY.isoformat())
    assert runs.HANDLERS["selfchecks_make"](scope, run)["made"] == 13
    assert runs.HANDLERS["selfchecks_make"](scope, run)["made"] == 0
    house.at(22, 30)
    assert runs.HANDLERS["selfchecks_watch"](scope, run)["missed"] == 2  # the patrol by day, the first round of the night
    entries = db.session.scalars(scope.select(audit.AuditEntry).where(audit.AuditEntry.action == "selfcheck_round.missed")).all()
    assert len(entries) == 2
    assert db.session.scalar(scope.columns(SelfCheckRound, SelfCheckRound.id).where(SelfCheckRound.state == "missed").limit(1))
