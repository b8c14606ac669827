"""A stay from application to its end: each state has what it needs, and the register's record follows."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from eldercare.beds import queries as beds
from eldercare.beds.models import Stay, StayAbsence, StayBed
from eldercare.beds.stays import services
from eldercare.core import audit, calendar, states
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.facilities.models import Room
from eldercare.residents import services as register
from eldercare.residents.health import queries as health
from eldercare.residents.models import Assessment, Resident
from tests import make
from tests.beds.stays.acts import CONTACT, NONE, RESULT, TODAY, applicant, assessed, contracted, manager_of, moved_in, terms

DAY = timedelta(1)


@pytest.fixture
def home(district: Scope) -> Any:
    return make.make_facility(opened_on=date(2020, 1, 1))


@pytest.fixture
def manager(district: Scope, home: Any) -> Scope:
    return manager_of(home)


def refused(act: Any) -> str:
    with pytest.raises((Refused, DBAPIError)) as told, db.session.begin_nested():
        act()
    refusal = told.value if isinstance(told.value, Refused) else refusal_of(told.value)
    assert refusal is not None, told.value
    return refusal.code


def person_of(stay: Stay) -> Resident:
    Scope.system("test").enter()
    return db.session.scalars(select(Resident).where(Resident.id == stay.resident_id).execution_options(populate_existing=True)).one()


def test_from_application_to_discharge_and_back_to_the_village(district: Scope, home: Any) -> None:
    village = make.make_village(make.make_township())
    one, other = make.make_bed(home), make.make_bed(home)
    town = db.session.get_one(type(make.make_township()), village.township_id)
    person = make.make_resident(town, village_id=village.id, living_arrangement="living_alone")
    scope = manager_of(home)
    stay = applicant(scope, home, person)
    assert (stay.state, stay.name) == ("applied", person.name)
    services.assess(scope, stay.id, on=TODAY, risks=NONE, result=RESULT)
    assert (stay.state, stay.ability_level) == ("assessed", 2)
    services.sign_contract(scope, stay.id, terms=terms(), reserved_bed_id=one.id)
    assert stay.reserved_bed_id == one.id
    services.move_in(scope, stay.id, bed_id=one.id, on=TODAY - 20 * DAY)
    assert (stay.state, stay.reserved_bed_id) == ("in_residence", None)
    record = person_of(stay)
    assert (record.facility_id, record.township_id, record.village_id, record.living_arrangement) == (
        home.id, home.township_id, None, "institution"
    )
    scope.enter()
    services.leave(scope, stay.id, on=TODAY - 15 * DAY, expected_back_on=TODAY - 12 * DAY, companion="示例儿子")
    assert stay.state == "on_leave"
    services.come_back(scope, stay.id, on=TODAY - 12 * DAY)
    services.hospital(scope, stay.id, on=TODAY - 10 * DAY, hospital="示例医院", accompanied_by="示例护理员")
    assert stay.state == "hospitalised"
    services.come_back(scope, stay.id, on=TODAY - 5 * DAY)
    assert (stay.state, stay.reassess_since) == ("in_residence", TODAY - 5 * DAY)
    services.reassess(scope, stay.id, on=TODAY - 4 * DAY, risks=NONE | {"fall": "high"}, care_level="special", supplement_no="补1",
                      fees={"fee_care_fen": 120000})
    assert (stay.care_level, stay.fee_care_fen, stay.reassess_since) == ("special", 120000, None)
    services.transfer(scope, stay.id, bed_id=other.id, on=TODAY - 3 * DAY, reason="靠近护士站")
    services.discharge(scope, stay.id, on=TODAY, reason="返家", destination="own_home", settlement_fen=12300)
    assert (stay.state, stay.ends_on) == ("discharged", TODAY)
    record = person_of(stay)
    assert (record.facility_id, record.township_id, record.village_id, record.living_arrangement) == (
        None, town.id, village.id, "living_alone"
    )
    used = db.session.execute(select(StayBed.bed_id, StayBed.starts_on, StayBed.ends_on).where(StayBed.stay_id == stay.id).order_by(StayBed.id))
    assert [tuple(row) for row in used] == [(one.id, TODAY - 20 * DAY, TODAY - 3 * DAY), (other.id, TODAY - 3 * DAY, TODAY)]
    away = db.session.execute(select(StayAbsence.kind, StayAbsence.back_on).where(StayAbsence.stay_id == stay.id).order_by(StayAbsence.id))
    assert [tuple(row) for row in away] == [("leave", TODAY - 12 * DAY), ("hospital", TODAY - 5 * DAY)]
    told = [entry.action for entry in db.session.scalars(audit.history(Scope.system("test"), "stay", stay.id))]
    assert told[0] == "stay.discharged"
    assert {"stay.applied", "stay.assessed", "stay.contract_signed", "stay.moved_in", "stay.transferred"} <= set(told)


def levels_of(stay: Any) -> list[tuple[str, date, str | None]]:
    return [(each.care_level, each.starts_on, each.reason) for each in health.health(Scope.system("test").enter(), stay.resident_id).care_levels]


def test_contract_and_reassessment_set_the_care_level_and_its_history_is_one(home: Any, manager: Scope) -> None:
    Scope.system("test").enter()
    bed = make.make_bed(home)
    manager.enter()
    stay = moved_in(manager, home, bed, TODAY - 20 * DAY)
    assert person_of(stay).care_level == "nursed"
    first = ("nursed", TODAY - 20 * DAY, "示例2026-1")
    assert levels_of(stay) == [first], "in force from the day of moving in, not of signing"
    manager.enter()
    services.renew(manager, stay.id, terms=terms(contract_no="示例2026-2"))
    assert levels_of(stay) == [first], "the same level is no news"
    manager.enter()
    services.reassess(manager, stay.id, on=TODAY - 4 * DAY, risks=NONE, care_level="special", supplement_no="补1")
    assert levels_of(stay) == [("special", TODAY - 4 * DAY, "补1"), first]
    assert person_of(stay).care_level == "special"
    manager.enter()
    services.reassess(manager, stay.id, on=TODAY - 4 * DAY, risks=NONE, care_level="helped", supplement_no="补2")
    assert levels_of(stay) == [("helped", TODAY - 4 * DAY, "补2"), first], "corrected on the same day"
    assert person_of(stay).care_level == "helped"


def test_with_a_trial_the_level_begins_with_the_contract(home: Any, manager: Scope) -> None:
    stay = assessed(manager, home)
    Scope.system("test").enter()
    bed = make.make_bed(home)
    manager.enter()
    services.start_trial(manager, stay.id, bed_id=bed.id, on=TODAY - 9 * DAY, agreement_no="试1", ends_on=TODAY + 5 * DAY)
    assert levels_of(stay) == []
    manager.enter()
    services.sign_contract(manager, stay.id, terms=terms(care_level="helped"))
    assert levels_of(stay) == [("helped", TODAY, "示例2026-1")]


def test_a_trial_becomes_residence_with_the_contract_and_the_nights_count_through(home: Any, manager: Scope) -> None:
    stay = assessed(manager, home)
    Scope.system("test").enter()
    bed = make.make_bed(home)
    manager.enter()
    services.start_trial(manager, stay.id, bed_id=bed.id, on=TODAY - 9 * DAY, agreement_no="试1", ends_on=TODAY + 5 * DAY)
    assert stay.state == "trial"
    services.sign_contract(manager, stay.id, terms=terms())
    assert (stay.state, stay.starts_on) == ("in_residence", TODAY - 9 * DAY)
    assert [beds.residents_in_homes(manager, TODAY - n * DAY).get(home.id, 0) for n in (10, 9, 0)] == [0, 1, 1]


def test_a_death_closes_stay_bed_absence_and_the_record_at_once(home: Any, district: Scope) -> None:
    bed, scope = make.make_bed(home), None
    scope = manager_of(home)
    stay = moved_in(scope, home, bed)
    services.hospital(scope, stay.id, on=TODAY - 2 * DAY, hospital="示例医院", accompanied_by="示例护理员")
    died = calendar.at(TODAY - DAY, 22, 15)
    services.record_death(scope, stay.id, died_at=died, place="示例医院", cause="illness", told_at=died + timedelta(minutes=20),
                          told_by="示例护士", told_to="示例女儿")
    assert (stay.state, stay.ends_on) == ("deceased", TODAY - DAY)
    services.add_death_papers(scope, stay.id, cause="illness", certificate_no="死证1", told_at=None, told_by=None, told_to=None)
    record = person_of(stay)
    assert (record.state, record.died_on, record.facility_id, record.death_source) == ("deceased", TODAY - DAY, None, "home")
    assert db.session.scalar(select(func.count()).select_from(StayAbsence).where(StayAbsence.back_on.is_(None))) == 0
    assert db.session.scalar(select(StayBed.ends_on).where(StayBed.stay_id == stay.id)) == TODAY - DAY


def test_an_application_can_be_refused_or_taken_back_and_asked_again(home: Any, manager: Scope) -> None:
    stay = assessed(manager, home)
    services.refuse(manager, stay.id, reason="无失智照护条件")
    assert (stay.state, stay.closed_on) == ("rejected", TODAY)
    person = person_of(stay)
    manager.enter()
    again = contracted(manager, home, person)
    assert refused(lambda: applicant(manager, home, person)) == "stay.asked_already"
    services.withdraw(manager, again.id, reason="家属改变主意")
    assert again.state == "withdrawn"


def test_the_assessment_of_the_register_serves_while_it_is_valid(home: Any, district: Scope) -> None:
    person = make.make_resident()
    stay = applicant(district, home, person)
    assert refused(lambda: services.assess(district, stay.id, on=TODAY, risks=NONE)) == "stay.no_result"
    make._keep(
        Assessment(resident_id=person.id, township_id=person.township_id, assessed_on=TODAY - 30 * DAY, items={}, score=40, raw_level=3,
                   final_level=3, next_due_on=TODAY + 300 * DAY, assessor="示例甲"), "assessment.recorded",
    )
    services.assess(district, stay.id, on=TODAY, risks=NONE)
    assert (stay.ability_level, stay.next_assessment_on) == (3, TODAY + 300 * DAY)


# ---- reach --------------------------------------------------------------------------------------


def test_number_and_name_must_both_be_the_registers_and_nothing_else_is_told(home: Any, district: Scope) -> None:
    person = make.make_resident()
    number, name = person.id_number.reveal(), person.name
    unknown = make.make_id_number()
    scope = manager_of(home)
    for given in ({"id_number": number, "name": "别的人"}, {"id_number": unknown, "name": name}, {"id_number": str(person.id), "name": name}):
        assert refused(lambda given=given: services.apply(scope, home.id, **given, **CONTACT)) == "stay.not_on_register"
        assert services.known(scope, home.id, **given) is None
    assert services.known(scope, home.id, id_number=number, name=name).resident_id == person.id
    Scope.system("test").enter()
    logged = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "facility.applicant_sought").order_by(AuditEntry.id)).all()
    assert [entry.details["found"] for entry in logged[-4:]] == [False, False, False, True]
    assert not any(number in str(entry.details) or name in str(entry.details) for entry in logged)


def test_a_home_reads_the_application_but_not_the_record_until_the_person_lives_there(home: Any, district: Scope) -> None:
    bed = make.make_bed(home)
    scope = manager_of(home)
    stay = contracted(scope, home)
    assert scope.find(Stay, stay.id) is not None
    assert scope.find(Resident, stay.resident_id) is None
    services.move_in(scope, stay.id, bed_id=bed.id, on=TODAY)
    assert scope.find(Resident, stay.resident_id) is not None
    services.discharge(scope, stay.id, on=TODAY, reason="返家", destination="own_home")
    db.session.expire_all()
    assert scope.find(Resident, stay.resident_id) is None
    assert scope.find(Stay, stay.id).name


def test_somebody_new_is_put_on_the_register_with_the_application(home: Any, district: Scope) -> None:
    town = make.make_township()
    number = make.make_id_number(date(1944, 2, 3), "male")
    newcomer = {"sex": "male", "birth_date": date(1944, 2, 3), "township_id": town.id, "phone": "10000001111"}
    scope = manager_of(home)
    stay = services.apply(scope, home.id, id_number=number, name="示例新人", **CONTACT, newcomer=newcomer)
    record = person_of(stay)
    assert (record.township_id, record.name, stay.birth_date) == (town.id, "示例新人", date(1944, 2, 3))
    scope.enter()
    again = refused(lambda: services.apply(scope, home.id, id_number=number, name="示例别人", **CONTACT, newcomer=newcomer))
    assert again == "stay.not_registered"


def test_what_the_stay_keeps_of_a_person_follows_a_correction_of_the_register(home: Any, district: Scope) -> None:
    person = make.make_resident()
    stay = applicant(manager_of(home), home, person)
    Scope.system("test").enter()
    person.name = "示例改名"
    audit.record(district, "resident.corrected", person)
    db.session.refresh(stay)
    assert stay.name == "示例改名"


# ---- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bed", "values", "code"),
    [
        ({}, {"on": TODAY + DAY}, "stay.day_ahead"),
        ({}, {"on": date(1940, 1, 1)}, "stay.before_birth"),
        ({}, {"on": date(2019, 12, 31)}, "home.not_open_yet"),
        ({"condition": "maintenance"}, {"on": TODAY}, "bed.out_of_use"),
        ({"condition": "planned"}, {"on": TODAY}, "bed.out_of_use"),
        ({"condition": "retired"}, {"on": TODAY}, "bed.out_of_use"),
        ({}, {"on": TODAY, "version": 99}, "stay.changed_meanwhile"),
    ],
)
def test_moving_in_is_refused_in_words(home: Any, manager: Scope, bed: dict[str, Any], values: dict[str, Any], code: str) -> None:
    stay = contracted(manager, home)
    Scope.system("test").enter()
    place = make.make_bed(home, **bed)
    manager.enter()
    assert refused(lambda: services.move_in(manager, stay.id, bed_id=place.id, **values)) == code


def test_a_room_for_men_takes_no_woman_and_anothers_bed_is_not_ours(home: Any, manager: Scope) -> None:
    stay = contracted(manager, home)
    Scope.system("test").enter()
    bed, elsewhere = make.make_bed(home), make.make_bed(make.make_facility())
    room = db.session.get_one(Room, bed.room_id)
    room.sex_policy = "male"
    audit.record(Scope.system("test"), "room.changed", room)
    manager.enter()
    assert refused(lambda: services.move_in(manager, stay.id, bed_id=bed.id, on=TODAY)) == "room.wrong_sex"
    assert refused(lambda: services.move_in(manager, stay.id, bed_id=elsewhere.id, on=TODAY)) == "stay.bed_elsewhere"


@pytest.mark.parametrize("state", ["suspended", "preparing", "closed"])
def test_a_home_that_does_not_operate_takes_nobody_in(district: Scope, state: str) -> None:
    home = make.make_facility()
    bed = make.make_bed(home)
    stay = make.make_stay(home, state="contracted")
    for step in {"suspended": ["suspended"], "closed": ["closed"], "preparing": []}[state]:
        states.move(district, home, step)
    if state == "preparing":
        home = make.make_facility(state="preparing")
        bed, stay = make.make_bed(home), make.make_stay(home, state="contracted")
    assert refused(lambda: services.move_in(district, stay.id, bed_id=bed.id, on=TODAY)) == "home.not_open"


def test_the_dead_and_those_who_moved_away_do_not_move_in(home: Any, district: Scope) -> None:
    bed = make.make_bed(home)
    gone, dead = contracted(district, home), contracted(district, home)
    register.move_out(district, gone.resident_id, moved_out_on=TODAY, moved_to="示例市")
    register.record_death(district, dead.resident_id, died_on=TODAY - 3 * DAY, death_source="family")
    assert refused(lambda: services.move_in(district, gone.id, bed_id=bed.id, on=TODAY)) == "stay.record_closed"
    assert refused(lambda: services.move_in(district, dead.id, bed_id=bed.id, on=TODAY)) == "stay.after_death"


def test_a_form_sent_twice_changes_nothing_the_second_time(home: Any, district: Scope) -> None:
    bed = make.make_bed(home)
    stay = contracted(district, home)
    seen = stay.version
    services.move_in(district, stay.id, bed_id=bed.id, on=TODAY, version=seen)
    assert refused(lambda: services.move_in(district, stay.id, bed_id=bed.id, on=TODAY, version=seen)) == "stay.changed_meanwhile"
    assert refused(lambda: services.move_in(district, stay.id, bed_id=bed.id, on=TODAY)) == "move.not_allowed"
    other, seen = make.make_bed(home), stay.version
    services.transfer(district, stay.id, bed_id=other.id, on=TODAY, reason="换房", version=seen)
    assert refused(lambda: services.leave(district, stay.id, on=TODAY, expected_back_on=TODAY, companion="x", version=seen)) == (
        "stay.changed_meanwhile"
    )


def test_days_that_cannot_be_are_refused(home: Any, district: Scope) -> None:
    stay = moved_in(district, home, make.make_bed(home))
    leave = {"companion": "示例儿子"}
    early = stay.starts_on - DAY
    assert refused(lambda: services.leave(district, stay.id, on=early, expected_back_on=TODAY, **leave)) == "stay.before_start"
    assert refused(lambda: services.leave(district, stay.id, on=TODAY, expected_back_on=TODAY - DAY, **leave)) == "stay.expected_before"
    services.leave(district, stay.id, on=TODAY - 2 * DAY, expected_back_on=TODAY, **leave)
    assert refused(lambda: services.come_back(district, stay.id, on=TODAY - 3 * DAY)) == "stay.before_leaving"
    services.come_back(district, stay.id, on=TODAY)
    end = {"reason": "返家", "destination": "own_home"}
    assert refused(lambda: services.discharge(district, stay.id, on=early, **end)) == "stay.before_start"
    assert refused(lambda: services.discharge(district, stay.id, on=TODAY + DAY, **end)) == "stay.day_ahead"
    assert refused(lambda: services.discharge(district, stay.id, on=TODAY, reason="转院", destination="other_home")) == (
        "stay.destination_missing"
    )
    assert refused(lambda: services.record_death(district, stay.id, died_at=calendar.now() + DAY, place="x", cause="natural")) == (
        "stay.moment_ahead"
    )


def test_who_lives_in_a_home_is_marked_dead_only_through_the_stay(home: Any, district: Scope) -> None:
    stay = moved_in(district, home, make.make_bed(home))
    with pytest.raises(Refused) as told:
        register.record_death(district, stay.resident_id, died_on=TODAY, death_source="home")
    assert told.value.code == "resident.lives_in_home"
