"""A visit has two certified officers who do not avoid the place; a home knows nothing of it before its moment."""

from datetime import time, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from eldercare.accounts.models import User
from eldercare.accounts.officers import services as library
from eldercare.core import audit, calendar, states
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope, scope_of
from eldercare.inspections import queries, services
from eldercare.inspections.models import Visit, VisitRecord
from eldercare.inspections.plans import services as plans
from tests import make
from tests.house.people import make_world


def test_a_visit_needs_two_officers_with_a_certificate_of_that_day(district: Scope) -> None:
    home, today = make.make_facility(), calendar.today()
    one, expired = make.make_officer(), make.make_officer(valid_to=today - timedelta(days=1))
    for team, code in (([one], "visit.officers_few"), ([one, one], "visit.officer_twice"), ([one, expired], "officer.not_certified")):
        with pytest.raises(Refused) as refused:
            make.make_visit(home, team=team)
        assert refused.value.code == code


def test_who_avoids_a_place_is_not_sent_there_and_may_go_elsewhere(district: Scope) -> None:
    home, other, today = make.make_facility(), make.make_facility(), calendar.today()
    kin, one = make.make_officer(), make.make_officer()
    library.recuse(district, kin.id, home.id, "kin", (today - timedelta(days=3), today))
    with pytest.raises(Refused) as refused:
        make.make_visit(home, team=[one, kin])
    assert refused.value.code == "visit.officer_avoids"
    assert make.make_visit(other, team=[one, kin]).state == "planned"
    assert make.make_visit(home, team=[one, kin], planned_on=today + timedelta(days=1)).state == "planned"


def test_a_home_sees_a_visit_only_once_it_was_shown_whatever_it_asks(district: Scope) -> None:
    home = make.make_facility()
    manager = make.make_user(Role.FACILITY_MANAGER, home)
    visit = make.make_visit(home, shown=False)
    case = make.make_visit(home, kind="case", shown=False)
    assert case.notice == "none"
    visit_id = visit.id
    db.session.commit()

    def seen() -> set[int]:
        scope = scope_of(manager, P.INSPECTION_ANSWER)
        assert scope is not None
        scope.enter()
        rows = set(db.session.execute(text("SELECT id FROM visits")).scalars())
        assert set(db.session.execute(text("SELECT DISTINCT visit_id FROM visit_officers")).scalars()) == rows
        assert set(db.session.execute(text("SELECT DISTINCT visit_id FROM visit_lists")).scalars()) == rows
        return rows

    assert seen() == set()
    db.session.rollback()
    scope = Scope.system("test").enter()
    scope.lock(Visit, visit_id).shown_at = calendar.now()
    audit.record(scope, "visit.changed", scope.get(Visit, visit_id))
    db.session.commit()
    assert seen() == {visit_id}


def test_a_case_check_cannot_be_shown_before_it_is_recorded(district: Scope) -> None:
    case = make.make_visit(make.make_facility(), kind="case", shown=False)
    with pytest.raises(DBAPIError, match="visits_secret_check"):
        db.session.execute(text("UPDATE visits SET shown_at = now() WHERE id = :id").execution_options(audited="test"), {"id": case.id})


def test_a_record_never_changes_and_its_hash_is_of_its_text(district: Scope) -> None:
    make_world()
    db.session.commit()
    Scope.system("test").enter()
    for statement in ("UPDATE visit_records SET device = 'other'", "DELETE FROM visit_records"):
        with pytest.raises(DBAPIError, match="visit_records_fixed"), db.session.begin_nested():
            db.session.execute(text(statement).execution_options(audited="test"))
    row = db.session.scalars(Scope.system("test").select(VisitRecord)).first()
    assert row is not None
    with pytest.raises(DBAPIError, match="visit_records_hash_check"), db.session.begin_nested():
        db.session.execute(
            text(
                "INSERT INTO visit_records (township_id, facility_id, visit_id, revision, reason, body, sha256, device, started_at,"
                " ended_at, received_at, person_name, app, marks) SELECT township_id, facility_id, visit_id, 2, 'x', 'other', sha256, device,"
                " started_at, ended_at, received_at, person_name, app, marks FROM visit_records LIMIT 1"
            ).execution_options(audited="test")
        )


def test_only_a_planned_visit_is_moved_or_cancelled_and_never_without_a_reason(district: Scope) -> None:
    visit, window = make.make_visit(make.make_facility()), (time(9), time(11))
    day = calendar.today() + timedelta(days=2)
    moved = plans.move_visit(district, visit.id, day, "示例理由", window=window)
    assert (moved.planned_on, moved.reason, moved.team_reason) == (day, "示例理由", None)
    team = [make.make_officer(), make.make_officer()]
    plans.move_visit(district, visit.id, day, "原检查人员请假", team=[each.id for each in team])
    read = queries.visit(district, visit.id)
    assert [row.officer_id for row in read.officers] == [each.id for each in team]
    assert read.team_reason == "原检查人员请假"
    with pytest.raises(Refused):
        services.cancel_visit(district, visit.id, " ")
    services.cancel_visit(district, visit.id, "示例理由")
    with pytest.raises(Refused) as refused:
        plans.move_visit(district, visit.id, day, "示例理由", window=window)
    assert refused.value.code == "move.not_allowed"


def test_who_signs_in_no_more_is_sent_nowhere_and_what_they_signed_stands(district: Scope) -> None:
    home, one, gone = make.make_facility(), make.make_officer(), make.make_officer()
    account = db.session.get_one(User, gone.user_id)
    account.is_enabled = False
    audit.record(district, "user.disabled", account)
    with pytest.raises(Refused) as refused:
        make.make_visit(home, team=[one, gone])
    assert refused.value.code == "officer.no_account"
    acted = library.must_be_certified(district, [one.id, gone.id], calendar.today(), acted=True)
    assert [each.id for each in acted] == [one.id, gone.id]


def test_a_case_check_is_published_by_nobody(district: Scope) -> None:
    case = make.make_visit(make.make_facility(), kind="case", shown=False)
    case.sent_at, case.result, case.number, case.shown_at = calendar.now(), "none", "示例1", calendar.now()
    states.move(district, case, "sent")
    with pytest.raises(Refused) as refused:
        services.publish(district, case.id, "示例", [])
    assert refused.value.code == "visit.case_secret"


def test_a_case_checks_recheck_is_published_by_nobody_whichever_way_it_goes_back(district: Scope) -> None:
    home = make.make_facility()
    case, other = make.make_visit(home, kind="case", shown=False), make.make_visit(home)
    seen = [make.make_visit(home, kind="recheck", follows_id=parent.id) for parent in (case, other)]
    assert [queries.is_untold(district, visit, []) for visit in seen] == [True, False]
