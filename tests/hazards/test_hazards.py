"""Hazards: deadlines, states and flags of domain.md §5.4."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from eldercare.checklists import queries as checklists
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.hazards import queries, services
from eldercare.hazards.models import Hazard
from tests import make
from tests.incidents.made import Clock, House, deadlines, house

DAY = timedelta(days=1)


def ordered(here: House, severity: str = "general", source: int = 1, **more) -> Hazard:
    scope = here.scope("township", P.HAZARD_ORDER)
    if severity == "major":
        more = {"hazard_code": "MH-8"} | more
        if not checklists.hazards_in_force(scope):
            make.make_hazard_table()
    return services.order(
        scope, here.home.id, source=("test", source, "检查记录1", "/facilities/"), severity=severity, description="疏散通道堆放杂物",
        deadlines=deadlines(), **more,
    )


def open_alerts(kind: str) -> list[str]:
    Scope.system("test").enter()
    return list(db.session.scalars(select(Alert.level).where(Alert.kind == kind, Alert.settled_at.is_(None))))


@pytest.mark.parametrize(("severity", "days"), [("general", 7), ("serious", 15), ("major", 3)])
def test_each_severity_has_its_deadline(district: Scope, severity: str, days: int) -> None:
    assert ordered(house(), severity).due_on == calendar.today() + days * DAY


def test_no_deadline_is_set_too_far_or_before_the_order(district: Scope) -> None:
    here, today = house(), calendar.today()
    with pytest.raises(Refused, match="due_too_far"):
        ordered(here, "serious", due_on=today + 31 * DAY)
    with pytest.raises(Refused, match="dates_reversed"):
        ordered(here, "serious", due_on=today - DAY)
    hazard = ordered(here)
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        db.session.execute(text("UPDATE hazards SET due_on = issued_on - 1 WHERE id = :id").bindparams(id=hazard.id))
    assert refusal_of(caught.value).code == "hazard.dates_reversed"


def test_one_thing_orders_one_hazard(district: Scope) -> None:
    here = house()
    ordered(here, source=7)
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        ordered(here, source=7)
    assert refusal_of(caught.value).code == "hazard.ordered_already"


def test_it_runs_from_the_order_to_the_closing(district: Scope) -> None:
    here = house()
    hazard = ordered(here)
    assert open_alerts("hazard.issued") == ["facility"]
    services.receive(here.scope("manager", P.HAZARD_REPLY), hazard.id)
    services.begin(here.scope("manager", P.HAZARD_REPLY), hazard.id)
    services.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "已清理", deadlines())
    assert (open_alerts("hazard.issued"), open_alerts("hazard.replied")) == ([], ["township"])
    services.recheck(here.scope("township", P.HAZARD_RECHECK), hazard.id, passed=False, findings="仍有堆放")
    assert (hazard.state, open_alerts("hazard.failed")) == ("recheck_failed", ["facility"])
    services.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "再次清理并划线", deadlines())
    services.recheck(here.scope("township", P.HAZARD_RECHECK), hazard.id, passed=True, findings="通畅")
    services.close(here.scope("township", P.HAZARD_CLOSE), hazard.id)
    assert hazard.state == "closed"
    assert [each.result for each in queries.hazard(district.enter(), hazard.id).replies] == ["failed", "passed"]


def test_who_replied_does_not_recheck(district: Scope) -> None:
    here = house()
    hazard = ordered(here)
    services.reply(here.scope("township", P.HAZARD_RECHECK), hazard.id, "代为填写", deadlines())  # whatever the door: the service judges
    with pytest.raises(Refused, match="someone_else"):
        services.recheck(here.scope("township", P.HAZARD_RECHECK), hazard.id, passed=True, findings="通过")


def test_overdue_counts_from_the_day_after_and_stops_at_the_reply_only_if_it_passes(district: Scope, monkeypatch) -> None:
    here = house()
    hazard = ordered(here)
    due = hazard.due_on
    assert (hazard.days_overdue(due), hazard.days_overdue(due + DAY)) == (0, 1)
    clock = Clock(monkeypatch)
    clock.at = calendar.at(due + 2 * DAY, 10)
    services.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "已改", deadlines())
    assert hazard.days_overdue(due + 5 * DAY) == 5  # a reply alone stops nothing
    clock.at = calendar.at(due + 5 * DAY, 10)
    services.recheck(here.scope("township", P.HAZARD_RECHECK), hazard.id, passed=True, findings="合格")
    assert hazard.days_overdue(due + 9 * DAY) == 2


def test_what_caps_a_score_is_overdue_and_not_put_right_however_much_waits_beside_it(district: Scope, monkeypatch) -> None:
    here = house()
    in_time, late, due = ordered(here), ordered(here, source=2), calendar.today() + 7 * DAY
    for _each in range(51):  # without a deadline, and told first in every list
        services.report(district.enter(), here.home.id, severity="general", description="待核实")
    clock = Clock(monkeypatch)

    def overdue(days: int) -> int:
        clock.at = calendar.at(due + days * DAY, 10)
        return queries.overdue_at(district.enter(), here.home.id, due + days * DAY)

    def replied(hazard: Hazard) -> None:
        services.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "已改", deadlines())

    assert overdue(0) == 0
    replied(in_time)
    assert overdue(2) == 2  # by the letter one answered in time counts until its recheck has passed
    services.recheck(here.scope("township", P.HAZARD_RECHECK), in_time.id, passed=True, findings="合格")
    assert overdue(3) == 1
    replied(late)
    services.recheck(here.scope("township", P.HAZARD_RECHECK), late.id, passed=True, findings="合格")
    assert (overdue(3), late.state) == (0, "recheck_passed")  # put right, though nobody has signed it off yet
    assert queries.overdue_at(district.enter(), here.home.id, due + 2 * DAY) == 1  # as it was that day


def test_the_deadline_is_extended_once_and_only_before_it_has_passed(district: Scope, monkeypatch) -> None:
    here = house()
    hazard, today = ordered(here, "serious"), calendar.today()
    make.make_officer(here.township)
    scope = here.scope("township", P.HAZARD_ORDER)
    with pytest.raises(Refused, match="due_too_far"):
        services.extend(scope, hazard.id, today + 31 * DAY, "等料", deadlines())
    with pytest.raises(Refused, match="extend_backwards"):
        services.extend(scope, hazard.id, hazard.due_on, "等料", deadlines())
    services.extend(scope, hazard.id, today + 30 * DAY, "等料", deadlines())
    assert (hazard.first_due_on, hazard.due_on, hazard.flags) == (today + 15 * DAY, today + 30 * DAY, ["extended"])
    (told,) = db.session.scalars(select(Alert).where(Alert.kind == "hazard.issued"))
    assert told.due_at == calendar.at(hazard.due_on, 23, 59)  # nobody is called late by the old deadline
    with pytest.raises(Refused, match="extended_already"):
        services.extend(scope, hazard.id, today + 30 * DAY, "再等", deadlines())
    other = ordered(here, source=2)
    monkeypatch.setattr(calendar, "today", lambda: other.due_on + DAY)
    with pytest.raises(Refused, match="extend_late"):
        services.extend(here.scope("township", P.HAZARD_ORDER), other.id, other.due_on + 3 * DAY, "晚了", deadlines())


def test_what_is_overdue_is_told_once_and_escalates(district: Scope) -> None:
    here = house()
    hazard = ordered(here)
    assert services.watch(district.enter(), hazard.due_on, deadlines()) == {"overdue": 0, "escalated": 0}
    assert services.watch(district.enter(), hazard.due_on + DAY, deadlines()) == {"overdue": 1, "escalated": 0}
    assert services.watch(district.enter(), hazard.due_on + 3 * DAY, deadlines()) == {"overdue": 0, "escalated": 1}
    assert services.watch(district.enter(), hazard.due_on + 4 * DAY, deadlines()) == {"overdue": 0, "escalated": 0}
    assert open_alerts("hazard.escalated") == ["district"]


def test_a_periods_figures(district: Scope) -> None:
    here, today = house(), calendar.today()
    hazard = ordered(here)
    services.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "已改", deadlines())
    services.recheck(here.scope("township", P.HAZARD_RECHECK), hazard.id, passed=True, findings="合格")
    ordered(here, "major", source=2)
    found = queries.counts(here.scope("manager", P.HAZARD_READ), today, today + 10 * DAY)
    assert (found.found, found.due, found.in_time, found.open, found.overdue, found.major_open) == (2, 2, 1, 1, 1, 1)


def test_another_homes_hazard_is_not_there(district: Scope) -> None:
    here, there = house(), house()
    hazard = ordered(here)
    assert there.scope("manager", P.HAZARD_READ).find(Hazard, hazard.id) is None
