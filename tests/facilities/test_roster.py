"""The roster: one shift at a time, only who works there, gaps seen and told, who is on duty at a moment."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from eldercare.core import calendar, runs
from eldercare.core.access import P, Role
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.facilities import services as places
from eldercare.facilities.staff import services as staff
from eldercare.facilities.staff.roster import queries, services
from eldercare.facilities.staff.roster.models import CONTROL_SHORT, NIGHT_EMPTY, Rules, Shift
from tests import make
from tests.accounts.browser import send, token_of
from tests.page import fetch

TODAY = date(2026, 11, 24)  # a Tuesday
MONDAY = date(2026, 11, 23)
RULES = Rules()


def refused(call: Any) -> str:
    def tried() -> None:
        with db.session.begin_nested():
            call()

    with pytest.raises((Refused, IntegrityError)) as caught:
        tried()
    error = caught.value
    found = error if isinstance(error, Refused) else refusal_of(error)  # type: ignore[arg-type]
    assert found is not None, error
    return found.code


def at(day: date, hour: int) -> datetime:
    return calendar.at(day, hour)


def test_the_night_ends_on_the_day_after(district: Scope) -> None:
    assert RULES.hours(TODAY, "day") == (at(TODAY, 7), at(TODAY, 15))
    assert RULES.hours(TODAY, "night") == (at(TODAY, 22), at(TODAY + timedelta(1), 7))


def test_a_tap_puts_on_and_a_second_tap_takes_off(district: Scope) -> None:
    home = make.make_facility()
    person = make.make_staff(home)
    made = services.toggle(district, home.id, person.id, TODAY, "night", RULES)
    assert made is not None
    assert (made.duty, made.starts_at) == ("caregiver", at(TODAY, 22))
    assert services.toggle(district, home.id, person.id, TODAY, "night", RULES) is None
    assert db.session.scalars(select(Shift)).all() == []


def test_nobody_is_on_two_shifts_at_once_not_even_in_two_homes(district: Scope) -> None:
    home, other = make.make_facility(), make.make_facility()
    person = make.make_staff(home)
    twin = make.make_staff(other, id_number=person.id_number.reveal())
    services.toggle(district, home.id, person.id, TODAY, "day", RULES)
    assert refused(lambda: services.toggle(district, other.id, twin.id, TODAY, "day", RULES)) == "roster.two_shifts"
    services.toggle(district, other.id, twin.id, TODAY, "evening", RULES)  # one ends when the other begins
    longer = Rules(starts=(6, 14, 20))
    services.toggle(district, home.id, person.id, TODAY + timedelta(1), "night", RULES)
    assert refused(lambda: services.toggle(district, other.id, twin.id, TODAY + timedelta(2), "day", longer)) == "roster.two_shifts"


def test_two_homes_that_plan_the_same_person_at_once_get_one_shift(fresh_app: Flask) -> None:
    scope = Scope.system("test").enter()
    homes = [make.make_facility(), make.make_facility()]
    person = make.make_staff(homes[0])
    twin = make.make_staff(homes[1], id_number=person.id_number.reveal())
    jobs = [(homes[0].id, person.id), (homes[1].id, twin.id)]
    db.session.commit()
    outcome: list[str] = []
    gate = threading.Barrier(2)

    def plan(facility_id: int, member_id: int) -> None:
        with fresh_app.app_context():
            scope.enter()
            gate.wait()
            try:
                services.toggle(scope, facility_id, member_id, TODAY, "night", RULES)
                db.session.commit()
                outcome.append("on")
            except Exception as error:  # noqa: BLE001
                db.session.rollback()
                found = refusal_of(error)  # type: ignore[arg-type]
                outcome.append(found.code if found else repr(error))
            finally:
                db.session.remove()

    both = [threading.Thread(target=plan, args=job) for job in jobs]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert outcome.count("on") == 1
    assert set(outcome) <= {"on", "roster.two_shifts", "row.busy"}
    scope.enter()
    assert db.session.scalar(text("SELECT count(*) FROM staff_shifts")) == 1


def test_whoever_leaves_while_they_are_planned_is_off_the_roster_or_refused(fresh_app: Flask) -> None:
    scope = Scope.system("test").enter()
    home = make.make_facility()
    person = make.make_staff(home)
    home_id, member_id = home.id, person.id
    db.session.commit()
    gate = threading.Barrier(2)

    def act(work: Any) -> None:
        with fresh_app.app_context():
            scope.enter()
            gate.wait()
            try:
                work()
                db.session.commit()
            except Exception:  # noqa: BLE001
                db.session.rollback()
            finally:
                db.session.remove()

    works = (
        lambda: services.toggle(scope, home_id, member_id, TODAY + timedelta(1), "day", RULES),
        lambda: staff.leave(scope, member_id, ended_on=TODAY, end_reason=None),
    )
    both = [threading.Thread(target=act, args=(work,)) for work in works]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    scope.enter()
    assert db.session.scalar(text("SELECT state FROM staff_members")) == "left"
    assert db.session.scalar(text("SELECT count(*) FROM staff_shifts")) == 0


def test_only_who_works_there_that_day_on_a_post_they_have(district: Scope) -> None:
    home, other = make.make_facility(), make.make_facility()
    new = make.make_staff(home, started_on=TODAY)
    away = make.make_staff(home, state="on_leave", away_from=TODAY)
    gone = make.make_staff(home, state="left", ended_on=TODAY - timedelta(1))
    tap = lambda who, day, **more: services.toggle(district, home.id, who.id, day, "day", RULES, **more)  # noqa: E731
    assert refused(lambda: tap(new, TODAY - timedelta(1))) == "roster.not_employed"
    assert refused(lambda: tap(gone, TODAY)) == "roster.not_employed"
    assert refused(lambda: tap(away, TODAY)) == "roster.on_leave"
    assert refused(lambda: tap(new, TODAY, duty="fire_control")) == "roster.not_their_post"
    closed = make.make_facility(state="closed")
    late = make.make_staff(closed)
    assert refused(lambda: services.toggle(district, closed.id, late.id, TODAY, "day", RULES)) == "roster.place_closed"
    assert refused(lambda: services.copy_week(district, closed.id, MONDAY, RULES)) == "roster.place_closed"
    assert refused(lambda: tap(new, TODAY + timedelta(200))) == "roster.too_far"
    assert refused(lambda: tap(make.make_staff(home), TODAY - timedelta(8))) == "roster.closed"
    with pytest.raises(Exception, match="404"):
        services.toggle(district, other.id, new.id, TODAY, "day", RULES)


def test_a_number_corrected_takes_the_shifts_along(district: Scope) -> None:
    home = make.make_facility()
    person = make.make_staff(home)
    make.make_shift(person, TODAY)
    staff.change(district, person.id, {"id_number": make.make_id_number(date(1985, 3, 8))})
    db.session.expire_all()
    assert db.session.scalars(select(Shift.person_key)).one() == person.person_key


# ---- who is there ---------------------------------------------------------------------------------


def test_on_duty_at_a_moment(district: Scope) -> None:
    home = make.make_facility()
    night, day = make.make_staff(home), make.make_staff(home, posts=["nurse"])
    make.make_shift(night, TODAY, "night")
    make.make_shift(day, TODAY, "day")

    def there(moment: datetime) -> list[int]:
        return [each.member_id for each in queries.on_duty(district, home.id, moment)]

    assert there(at(TODAY, 7)) == [day.id]
    assert there(at(TODAY, 15)) == []
    assert there(at(TODAY + timedelta(1), 3)) == [night.id]
    assert there(at(TODAY + timedelta(1), 7)) == []
    assert queries.on_duty_counts(district, at(TODAY, 8)) == {home.id: 1}


# ---- gaps -----------------------------------------------------------------------------------------


def test_a_night_without_anyone_is_a_gap_of_an_institution_alone(district: Scope) -> None:
    home, center = make.make_facility(), make.make_facility(facility_type="township_center")
    make.make_shift(make.make_staff(home), TODAY, "night")
    found = queries.gaps(district, [home, center], TODAY, TODAY + timedelta(1), RULES)
    assert [(gap.facility_id, gap.day, gap.what) for gap in found] == [(home.id, TODAY + timedelta(1), "night_empty")]
    assert queries.gaps(district, [make.make_facility(state="preparing")], TODAY, TODAY, RULES) == []


def test_a_fire_control_room_needs_two_on_each_shift_on_that_post(district: Scope) -> None:
    home = make.make_facility(has_fire_control_room=True)
    operators = [make.make_staff(home, posts=["fire_control"]) for _ in range(2)]
    both = make.make_staff(home, posts=["caregiver", "fire_control"])
    for shift in ("day", "evening"):
        make.make_shift(operators[0], TODAY, shift)
    make.make_shift(operators[1], TODAY, "day")
    make.make_shift(both, TODAY, "evening")  # as caregiver
    make.make_shift(both, TODAY, "night", duty="fire_control")
    found = queries.gaps(district, [home], TODAY, TODAY, RULES)
    assert [(gap.shift, gap.what, gap.there) for gap in found] == [("evening", "control_room_short", 1), ("night", "control_room_short", 1)]


def told() -> list[tuple[str, str, bool]]:
    return [(a.kind, a.occasion, a.settled_at is None) for a in db.session.scalars(select(Alert).order_by(Alert.id))]


def test_a_gap_that_nears_is_told_once_and_settled_when_somebody_is_put_there(district: Scope) -> None:
    home = make.make_facility()
    person = make.make_staff(home)
    make.make_shift(make.make_staff(home), TODAY - timedelta(1), "night")
    noon = at(TODAY, 12)
    assert services.watch(district, [home], noon, RULES) == 1  # tonight; tomorrow night is more than a day off
    assert services.watch(district, [home], noon, RULES) == 0
    assert told() == [(NIGHT_EMPTY, "2026-11-24/night", True)]
    services.toggle(district, home.id, person.id, TODAY, "night", RULES)
    assert told()[0] == (NIGHT_EMPTY, "2026-11-24/night", False)
    services.toggle(district, home.id, person.id, TODAY, "night", RULES)  # and off again: it is told anew
    assert (NIGHT_EMPTY, "2026-11-24/night#2", True) in told()


def test_a_leave_that_opens_a_night_again_is_told_by_the_next_round(district: Scope) -> None:
    home = make.make_facility()
    person = make.make_staff(home)
    make.make_shift(make.make_staff(home), TODAY - timedelta(1), "night")
    noon = at(TODAY, 12)
    assert services.watch(district, [home], noon, RULES) == 1
    services.toggle(district, home.id, person.id, TODAY, "night", RULES)
    staff.go_on_leave(district, person.id, away_from=TODAY, back_on=None)
    assert services.watch(district, [home], noon, RULES) == 1
    assert services.watch(district, [home], noon, RULES) == 0


def test_a_place_that_closes_has_nothing_left_to_cover(district: Scope) -> None:
    home = make.make_facility()
    make.make_shift(make.make_staff(home), TODAY - timedelta(1), "night")
    services.watch(district, [home], at(TODAY, 12), RULES)
    places.move(district, home.id, "closed", "示例:停业", TODAY)
    assert not any(is_open for _kind, _occasion, is_open in told())


def test_a_gap_that_is_past_is_no_longer_to_do(district: Scope) -> None:
    home = make.make_facility()
    services.watch(district, [home], at(TODAY, 23), RULES)
    services.watch(district, [home], at(TODAY + timedelta(1), 7), RULES)
    assert (NIGHT_EMPTY, "2026-11-24/night", False) in told()


def test_the_round_looks_at_every_place_that_must_be_covered(district: Scope, app: Flask) -> None:
    home = make.make_facility(has_fire_control_room=True)
    make.make_facility(facility_type="canteen")
    made = runs.HANDLERS["roster_watch"](district, runs.Run(kind="roster_watch"))["made"]
    kinds = {alert.kind for alert in db.session.scalars(select(Alert).where(Alert.facility_id == home.id))}
    assert kinds == {NIGHT_EMPTY, CONTROL_SHORT}
    assert made == db.session.query(Alert).count()
    assert runs.SCHEDULES["roster_watch"].every == 30


def test_an_uncovered_night_climbs_to_the_township_when_it_begins(district: Scope) -> None:
    from eldercare.core import alerts

    home = make.make_facility()
    services.watch(district, [home], at(TODAY, 12), RULES)
    assert alerts.climb(district, at(TODAY, 21)) == []
    assert len(alerts.climb(district, at(TODAY, 22))) == 1


# ---- a week ---------------------------------------------------------------------------------------


def test_a_week_is_copied_but_for_those_who_left_and_those_already_planned(district: Scope) -> None:
    home, other = make.make_facility(), make.make_facility()
    stays, gone, busy, away = (make.make_staff(home) for _ in range(4))
    for row in (stays, gone, busy, away):
        make.make_shift(row, MONDAY + timedelta(2), "day")
    staff.leave(district, gone.id, ended_on=TODAY, end_reason=None)
    make.make_shift(gone, MONDAY, "day")
    staff.go_on_leave(district, away.id, away_from=TODAY, back_on=None)
    twin = make.make_staff(other, id_number=busy.id_number.reveal())
    make.make_shift(twin, MONDAY + timedelta(9), "day")
    made, left = services.copy_week(district, home.id, MONDAY + timedelta(7), RULES)
    assert (made, left) == (1, 2)
    rows = db.session.scalars(select(Shift.member_id).where(Shift.facility_id == home.id, Shift.day > MONDAY + timedelta(6))).all()
    assert rows == [stays.id]
    assert services.copy_week(district, home.id, MONDAY + timedelta(7), RULES)[0] == 0


def test_a_manager_plans_by_tapping_and_sees_the_gap_close(sign_in: Any, district: Scope, queries: list[str]) -> None:
    home = make.make_facility()
    people = [make.make_staff(home) for _ in range(5)]
    home_id, member_id, name = home.id, people[0].id, people[0].name
    client = sign_in(make.make_user(Role.FACILITY_MANAGER, home), language="en")
    path = f"/facilities/staff/roster/{home_id}/"
    page = fetch(client, path, queries=queries)
    assert name in page.text
    assert "7 gaps" in page.text
    sent = {"csrf_token": token_of(page.text), "shift": "night", "cell": f"{member_id}/2026-11-25"}
    queries.clear()
    part = client.post(f"{path}tap", data=sent, headers={"HX-Request": "true"})
    assert part.status_code == 200, part.text
    assert "<html" not in part.text
    assert "6 gaps" in fetch(client, path).text
    for _ in range(2):  # off, and on again as one without scripts sends it
        assert client.post(f"{path}tap", data=sent).location == f"{path}?week=2026-11-23"
    late = client.post(f"{path}tap", data={**sent, "cell": f"{member_id}/2026-11-02"}, headers={"HX-Request": "true"})
    assert late.status_code == 422
    assert "7 days back" in late.text
    for nonsense in ("x", "1/yesterday", ""):
        assert client.post(f"{path}tap", data={**sent, "cell": nonsense}).status_code == 422
    assert client.post(f"{path}tap", data={**sent, "cell": "999999999/2026-11-25"}).status_code == 404


def test_a_manager_copies_the_week_before_through_the_page(sign_in: Any, district: Scope) -> None:
    home = make.make_facility()
    make.make_shift(make.make_staff(home), TODAY, "night")
    path = f"/facilities/staff/roster/{home.id}/"
    client = sign_in(make.make_user(Role.FACILITY_MANAGER, home), language="en")
    done = send(client, f"{path}copy", page=f"{path}?week=2026-12-01", week="2026-11-30")
    assert done.location == f"{path}?week=2026-11-30"
    assert "1 shift copied from the week before." in fetch(client, done.location).text


def test_an_officer_sees_the_roster_and_changes_nothing(sign_in: Any, district: Scope) -> None:
    home = make.make_facility()
    make.make_shift(make.make_staff(home), TODAY, "night")
    client = sign_in(make.make_user(Role.INSPECTOR), language="en")
    page = fetch(client, f"/facilities/staff/roster/{home.id}/")
    assert 'name="cell"' not in page.text
    assert send(client, f"/facilities/staff/roster/{home.id}/tap", page=f"/facilities/staff/roster/{home.id}/").status_code == 403


def test_a_manager_of_another_home_reads_nobodys_roster(district: Scope, sign_in: Any) -> None:
    mine, other = make.make_facility(), make.make_facility()
    person = make.make_staff(other)
    make.make_shift(person, TODAY, "day")
    mine_id, other_id = mine.id, other.id
    client = sign_in(make.make_user(Role.FACILITY_MANAGER, mine))
    assert client.get(f"/facilities/staff/roster/{other_id}/").status_code == 404
    scope = Scope(P.STAFF_READ, person_id=1, facilities=frozenset({mine_id})).enter()
    assert queries.on_duty(scope, other_id, datetime(2026, 11, 24, 2, tzinfo=UTC)) == []
