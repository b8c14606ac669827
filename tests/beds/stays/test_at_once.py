"""What no two connections can do at once, and what the database refuses whoever writes (domain.md §3.2)."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from eldercare.beds import queries as beds
from eldercare.beds.models import OPEN, Stay, StayBed
from eldercare.beds.stays import services
from eldercare.core import audit, calendar, states
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.facilities.models import Bed, Facility, Room, Township
from eldercare.residents import services as register
from tests import make
from tests.beds.stays.acts import TODAY, at_once, contracted, moved_in

DAY = timedelta(1)


@pytest.fixture
def world(fresh_app: Flask) -> Callable[..., Any]:
    """`world(make)` → what `make(scope)` made, committed."""

    def build(act: Callable[[Scope], Any]) -> Any:
        scope = Scope.system("stay:edit").enter()
        made = act(scope)
        db.session.commit()
        db.session.remove()
        return made

    return build


def home_with(beds_wanted: int, **values: Any) -> tuple[Facility, list[Bed]]:
    home = make.make_facility(**values)
    return home, [make.make_bed(home) for _ in range(beds_wanted)]


def into(stay_id: int, bed_id: int, on: date = TODAY) -> Callable[[Scope], Any]:
    return lambda scope: services.move_in(scope, stay_id, bed_id=bed_id, on=on)


def tell(codes: list[str]) -> Counter[str]:
    return Counter(codes)


def test_two_people_one_bed(fresh_app: Flask, world: Any) -> None:
    def build(scope: Scope) -> Any:
        home, (bed,) = home_with(1)
        return [contracted(scope, home).id for _ in range(2)], bed.id

    ids, bed = world(build)
    assert tell(at_once(fresh_app, *(into(each, bed) for each in ids))) == {"done": 1, "bed.taken": 1}


def test_one_person_two_homes(fresh_app: Flask, world: Any) -> None:
    def build(scope: Scope) -> Any:
        person, pairs = make.make_resident(), []
        for _ in range(2):
            home, (bed,) = home_with(1)
            pairs.append((contracted(scope, home, person).id, bed.id))
        return pairs

    pairs = world(build)
    assert tell(at_once(fresh_app, *(into(*pair) for pair in pairs))) == {"done": 1, "stay.elsewhere": 1}


def test_the_last_place_of_a_home(fresh_app: Flask, world: Any) -> None:
    def build(scope: Scope) -> Any:
        home, rooms = home_with(2, beds_filed=2, beds_set=2, beds_usable=1, beds_nursing=0)
        return [(contracted(scope, home).id, bed.id) for bed in rooms]

    pairs = world(build)
    assert tell(at_once(fresh_app, *(into(*pair) for pair in pairs))) == {"done": 1, "home.full": 1}


def test_a_bed_taken_out_of_use_while_somebody_moves_in(fresh_app: Flask, world: Any) -> None:
    def build(scope: Scope) -> Any:
        home, (bed,) = home_with(1)
        return contracted(scope, home).id, bed.id

    stay, bed = world(build)

    def retire(scope: Scope) -> None:
        row = scope.get(Bed, bed)
        row.condition = "retired"
        audit.record(scope, "bed.changed", row)

    told = at_once(fresh_app, into(stay, bed), retire)
    assert told in (["done", "bed.occupied"], ["bed.out_of_use", "done"])


def test_a_room_changes_its_sex_while_somebody_moves_in(fresh_app: Flask, world: Any) -> None:
    def build(scope: Scope) -> Any:
        home, (bed,) = home_with(1)
        return contracted(scope, home).id, bed.id, bed.room_id

    stay, bed, room = world(build)

    def for_men(scope: Scope) -> None:
        row = scope.get(Room, room)
        row.sex_policy = "male"
        audit.record(scope, "room.changed", row)

    told = at_once(fresh_app, into(stay, bed), for_men)
    assert told in (["done", "room.others_sleep_here"], ["room.wrong_sex", "done"])


def test_a_bed_is_kept_for_one_while_another_moves_in(fresh_app: Flask, world: Any) -> None:
    def build(scope: Scope) -> Any:
        home, (bed,) = home_with(1)
        return contracted(scope, home).id, contracted(scope, home).id, bed.id

    one, other, bed = world(build)
    told = at_once(fresh_app, into(one, bed), lambda scope: services.reserve(scope, other, bed_id=bed))
    assert told in (["done", "bed.taken"], ["bed.reserved", "done"])


def test_a_home_closes_while_somebody_moves_in(fresh_app: Flask, world: Any) -> None:
    def build(scope: Scope) -> Any:
        home, (bed,) = home_with(1)
        return contracted(scope, home).id, bed.id, home.id

    stay, bed, home = world(build)

    def close(scope: Scope) -> None:
        states.move(scope, scope.lock(Facility, home), "closed")

    told = at_once(fresh_app, into(stay, bed), close)
    assert told in (["done", "home.not_empty"], ["home.not_open", "done"])


def test_a_death_is_recorded_on_the_register_while_the_person_moves_in(fresh_app: Flask, world: Any) -> None:
    def build(scope: Scope) -> Any:
        home, (bed,) = home_with(1)
        stay = contracted(scope, home)
        return stay.id, bed.id, stay.resident_id

    stay, bed, person = world(build)

    def dies(scope: Scope) -> None:
        register.record_death(scope, person, died_on=TODAY - DAY, death_source="family")

    told = at_once(fresh_app, into(stay, bed), dies)
    assert told in (["done", "resident.lives_in_home"], ["stay.after_death", "done"])


def test_two_residents_want_the_same_free_bed_and_each_others(fresh_app: Flask, world: Any) -> None:
    def build(scope: Scope) -> Any:
        home, rooms = home_with(3)
        return [(moved_in(scope, home, bed).id, bed.id) for bed in rooms[:2]], rooms[2].id

    (one, other), free = world(build)

    def move_to(stay: int, bed: int) -> Callable[[Scope], Any]:
        return lambda scope: services.transfer(scope, stay, bed_id=bed, on=TODAY, reason="换床")

    assert tell(at_once(fresh_app, move_to(one[0], free), move_to(other[0], free))) == {"done": 1, "bed.taken": 1}
    told = at_once(fresh_app, move_to(one[0], other[1]), move_to(other[0], one[1]))
    assert set(told) <= {"done", "bed.taken"}


def test_two_tabs_send_the_same_act(fresh_app: Flask, world: Any) -> None:
    def build(scope: Scope) -> Any:
        home, (bed,) = home_with(1)
        stay = moved_in(scope, home, bed)
        return stay.id, stay.version

    stay, seen = world(build)
    go = {"on": TODAY, "expected_back_on": TODAY + DAY, "companion": "示例儿子", "version": seen}
    acts = [lambda scope: services.leave(scope, stay, **go)] * 2
    assert tell(at_once(fresh_app, *acts)) == {"done": 1, "stay.changed_meanwhile": 1}


# ---- the database alone --------------------------------------------------------------------------


AWAY = (
    "INSERT INTO stay_absences (township_id, facility_id, stay_id, kind, left_on, back_on, hospital, accompanied_by)"
    " SELECT township_id, facility_id, id, {} FROM stays, generate_series(1, 2) n WHERE id = :lives"
)


def by_sql(statement: str, **values: Any) -> str:
    """What the database says to a bare statement."""
    try:
        with db.session.begin_nested():
            db.session.execute(text(statement), values)
            db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    except DBAPIError as error:
        refusal = refusal_of(error)
        return refusal.code if refusal else repr(error)
    finally:
        db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    return "done"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE stays SET state = 'on_leave' WHERE id = :lives", "stay.disagrees"),
        ("UPDATE stays SET ends_on = :today, state = 'discharged', end_reason = 'x' WHERE id = :lives", "stay.disagrees"),
        ("UPDATE stays SET assessed_on = NULL WHERE id = :lives", "stay.not_assessed"),
        ("UPDATE stays SET contract_no = NULL WHERE id = :lives", "stay.no_contract"),
        ("UPDATE stays SET starts_on = NULL WHERE id = :lives", "stay.start_missing"),
        ("UPDATE stays SET starts_on = DATE '1930-01-01' WHERE id = :lives", "stay.before_birth"),
        ("UPDATE stays SET state = 'trial', trial_ends_on = NULL WHERE id = :lives", "stay.trial_incomplete"),
        ("UPDATE stays SET state = 'deceased', ends_on = :today WHERE id = :lives", "stay.death_incomplete"),
        ("UPDATE stays SET state = 'rejected' WHERE id = :asks", "stay.closing_incomplete"),
        ("UPDATE stays SET reserved_bed_id = :bed WHERE id = :asks", "bed.taken"),
        ("UPDATE stays SET fee_bed_fen = -1 WHERE id = :lives", "stay.fee_negative"),
        ("UPDATE stay_beds SET starts_on = starts_on - 1 WHERE stay_id = :lives", "stay.disagrees"),
        ("DELETE FROM stay_beds WHERE stay_id = :lives", "stay.disagrees"),
        ("UPDATE beds SET condition = 'maintenance' WHERE id = :bed", "bed.occupied"),
        ("UPDATE beds SET room_id = :men WHERE id = :bed", "room.wrong_sex"),
        ("UPDATE rooms SET sex_policy = 'male' WHERE id = (SELECT room_id FROM beds WHERE id = :bed)", "room.others_sleep_here"),
        ("UPDATE facilities SET state = 'closed' WHERE id = :home", "home.not_empty"),
        ("UPDATE residents SET state = 'deceased', died_on = :today WHERE id = :person", "resident.lives_in_home"),
        (AWAY.format("'hospital', starts_on - 2 * n, starts_on - 2 * n + 1, 'x', 'x'"), "absence.outside_stay"),
        (AWAY.format("'leave', starts_on, starts_on, 'x', 'x'"), "absence.leave_incomplete"),
        (AWAY.format("'hospital', starts_on + n, starts_on + 5, 'x', 'x'"), "absence.overlaps"),
    ],
)
def test_the_database_refuses_it_whoever_writes(district: Scope, statement: str, code: str) -> None:
    home, (bed, other) = home_with(2)
    lives, asks = moved_in(district, home, bed), contracted(district, home)
    men = db.session.get_one(Room, other.room_id)
    men.sex_policy = "male"
    audit.record(district, "room.changed", men)
    person = lives.resident_id
    ids = {"lives": lives.id, "asks": asks.id, "bed": bed.id, "home": home.id, "men": men.id, "person": person, "today": TODAY}
    assert by_sql(statement, **{key: value for key, value in ids.items() if f":{key}" in statement}) == code


# ---- many at once --------------------------------------------------------------------------------


def test_many_race_for_few_beds_and_each_refusal_names_the_bed(fresh_app: Flask, world: Any) -> None:
    """The small form of `scripts/bench races`."""
    people, places, tries = 12, 3, 10

    def build(scope: Scope) -> Any:
        home, rooms = home_with(places, beds_filed=places, beds_set=places, beds_usable=places, beds_nursing=0)
        return [contracted(scope, home).id for _ in range(people + places)], [bed.id for bed in rooms]

    waiting, rooms = world(build)
    told: Counter[str] = Counter()
    start, lock = threading.Barrier(people), threading.Lock()

    def race(stay: int) -> None:
        with fresh_app.app_context():
            start.wait()
            for n in range(tries):
                code = "done"
                try:
                    into(stay, rooms[(stay + n) % places])(Scope.system("stay:edit").enter())
                    db.session.commit()
                except (Refused, DBAPIError) as error:
                    db.session.rollback()
                    refusal = error if isinstance(error, Refused) else refusal_of(error)
                    code = refusal.code if refusal else repr(error)
                with lock:
                    told[code] += 1
                    if code == "done":
                        stay = waiting.pop()
            db.session.remove()

    threads = [threading.Thread(target=race, args=(waiting.pop(),)) for _ in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == {"done": places, "bed.taken": people * tries - places}


def end_or_begin(scope: Scope, kind: str, stay: int, bed: int) -> None:
    day = TODAY - (stay % 40) * DAY
    if kind == "in":
        services.move_in(scope, stay, bed_id=bed, on=day)
    elif stay % 7:
        services.discharge(scope, stay, on=day, reason="返家", destination="own_home")
    else:
        services.record_death(scope, stay, died_at=calendar.at(day), place="本院", cause="natural")


def work_off(app: Flask, jobs: list[tuple[str, int, int]], lock: Any, faults: list[str]) -> None:
    """Take jobs until none is left; one that met another ("try again") is tried again."""
    with app.app_context():
        while True:
            with lock:
                if not jobs:
                    break
                job = jobs.pop()
            for _ in range(20):
                try:
                    end_or_begin(Scope.system("stay:edit").enter(), *job)
                    db.session.commit()
                    break
                except (Refused, DBAPIError) as error:
                    db.session.rollback()
                    refusal = error if isinstance(error, Refused) else refusal_of(error)
                    if refusal is None or refusal.code != "row.busy":
                        faults.append(refusal.code if refusal else repr(error))
                        break
        db.session.remove()


def counted(column: Any, day: date) -> dict[int, int]:
    rows = db.session.execute(select(Stay.facility_id, func.count()).where(column == day).group_by(Stay.facility_id))
    return {row[0]: row[1] for row in rows}


def half_full(homes: int, each: int) -> list[tuple[str, int, int]]:
    """Homes of which half the beds are slept in; each resident to be let out, as many to be let in."""
    jobs, day = [], date(1940, 1, 1)
    for _ in range(homes):
        home, rooms = home_with(each * 2, **dict.fromkeys(("beds_filed", "beds_set", "beds_usable"), each * 2))
        town = db.session.get_one(Township, home.township_id)
        for n in range(each):
            day += DAY
            lives = make.make_resident(town, birth_date=day, facility_id=home.id, living_arrangement="institution")
            asks = make.make_resident(town, birth_date=day)
            jobs.append(("out", make.make_stay(home, TODAY - 60 * DAY, bed=rooms[n], resident=lives).id, 0))
            waits = make.make_stay(home, TODAY - 60 * DAY, state="contracted", resident=asks)
            jobs.append(("in", waits.id, rooms[each + n].id))
    return jobs


def test_opening_plus_in_minus_out_is_closing_after_hundreds_of_people_at_once(fresh_app: Flask, world: Any) -> None:
    """500 admissions and discharges from 16 connections: every home and every day adds up."""
    homes, each, workers = 5, 50, 16

    jobs, faults = world(lambda _scope: half_full(homes, each)), []
    assert len(jobs) == 500
    lock = threading.Lock()
    threads = [threading.Thread(target=work_off, args=(fresh_app, jobs, lock, faults)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    scope = Scope.system("test").enter()
    for month in (Month(2026, 9), Month(2026, 10), Month(2026, 11)):
        for row in beds.movements(scope, month)[0]:
            assert row.opening + row.admissions - row.discharges - row.deaths == row.closing
    closing = beds.residents_in_homes(scope, TODAY)
    for n in range(62):
        day = TODAY - n * DAY
        opening, came, went = beds.residents_in_homes(scope, day - DAY), counted(Stay.starts_on, day), counted(Stay.ends_on, day)
        for home in {*closing, *opening}:
            assert opening.get(home, 0) + came.get(home, 0) - went.get(home, 0) == closing.get(home, 0), (home, day)
        closing = opening
    slept = db.session.scalar(select(func.count()).select_from(StayBed).where(StayBed.ends_on.is_(None)))
    assert slept == db.session.scalar(select(func.count()).select_from(Stay).where(Stay.state.in_(OPEN))) == homes * each
