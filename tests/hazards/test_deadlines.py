"""More time, asked for once; overdue on the edge days; the place's own word before anything is published (domain.md §5.4)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.hazards import queries, services
from eldercare.hazards.ladder import queries as ladder
from eldercare.hazards.models import Hazard
from tests import make
from tests.hazards.made import Place, deadlines, ordered, place, reported
from tests.incidents.made import Clock

DAY = timedelta(days=1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`at(day)`: it is ten o'clock on that day."""
    clock = Clock(monkeypatch)

    def go(day: Any) -> None:
        clock.at = calendar.at(day, 10)
        monkeypatch.setattr(calendar, "today", lambda: day)

    return go


def reply(here: Place, hazard: Hazard) -> None:
    services.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "已整改", deadlines())


def recheck(here: Place, hazard: Hazard, *, passed: bool) -> None:
    services.recheck(here.scope("inspector", P.HAZARD_RECHECK), hazard.id, passed=passed, findings="现场查看")


def ask(here: Place, hazard: Hazard, days: int = 5) -> None:
    services.ask(here.scope("manager", P.HAZARD_REPLY), hazard.id, hazard.due_on + days * DAY, "等配件", deadlines())


def waiting(kind: str) -> int:
    Scope.system("test").enter()
    return db.session.scalar(select(func.count(Alert.id)).where(Alert.kind == kind, Alert.settled_at.is_(None))) or 0


def test_on_its_last_day_it_is_due_and_not_overdue_and_a_reply_that_evening_is_in_time(district: Scope, at: Any) -> None:
    here = place()
    hazard = ordered(here)
    due = hazard.due_on
    at(due)
    assert hazard.overdue_days == 0
    reply(here, hazard)
    at(due + 6 * DAY)
    assert hazard.overdue_days == 6  # nobody knows yet whether it is right
    recheck(here, hazard, passed=True)
    assert (hazard.overdue_days, hazard.right_on) == (0, due)
    counted = queries.counts(district.enter(), due, due)
    assert (counted.due, counted.in_time, counted.overdue) == (1, 1, 0)


def test_a_reply_in_time_counts_as_overdue_is_shown_apart_and_nobody_is_reminded(district: Scope, at: Any, sign_in: Any) -> None:
    here = place()
    hazard, silent = ordered(here), ordered(here)
    due = hazard.due_on
    at(due)
    reply(here, hazard)
    at(due + 4 * DAY)
    told = services.watch(district.enter(), due + 4 * DAY, deadlines())
    assert told == {"overdue": 1, "escalated": 1}  # of the one that nobody answered
    assert (hazard.replied_in_time, silent.replied_in_time) == (True, False)
    waits = queries.waiting(district.enter(), due + 4 * DAY)
    assert (waits["overdue"], waits["replied_in_time"]) == (2, 1)  # by the letter both
    assert [each.id for each in db.session.scalars(ladder.to_judge(district.enter()))] == [silent.id]
    number = hazard.number
    db.session.commit()
    page = sign_in(here.district, language="en")
    assert "1 replied in time" in page.get("/hazards/boards/overview").get_data(as_text=True)
    listed = page.get("/hazards/?answered=1").get_data(as_text=True)
    assert (number in listed, "replied in time, waits for recheck" in listed) == (True, True)
    recheck(here, hazard, passed=False)  # then time ran on
    assert queries.waiting(district.enter(), due + 4 * DAY)["replied_in_time"] == 0
    assert services.watch(district.enter(), due + 4 * DAY, deadlines()) == {"overdue": 1, "escalated": 1}


def test_what_became_late_later_was_not_overdue_at_the_end_of_the_period(district: Scope, at: Any) -> None:
    here = place()
    hazard = ordered(here)
    due = hazard.due_on
    at(due + 4 * DAY)
    reply(here, hazard)
    recheck(here, hazard, passed=True)
    over = [queries.counts(district.enter(), due - 2 * DAY, due + n * DAY).overdue for n in (-1, 0, 1, 3, 4)]
    assert over == [0, 0, 1, 1, 0]


def test_a_failed_recheck_lets_time_run_on_as_if_nothing_had_been_said(district: Scope, at: Any) -> None:
    here = place()
    hazard = ordered(here)
    due = hazard.due_on
    at(due)
    reply(here, hazard)
    at(due + 3 * DAY)
    recheck(here, hazard, passed=False)
    assert hazard.overdue_days == 3
    at(due + 4 * DAY)
    reply(here, hazard)
    at(due + 9 * DAY)
    recheck(here, hazard, passed=True)
    assert hazard.overdue_days == 4  # from the day after the deadline to the reply that passed


def test_more_time_is_asked_once_and_before_the_deadline_has_passed(district: Scope, at: Any) -> None:
    here = place()
    hazard = ordered(here)
    with pytest.raises(Refused, match="due_too_far"):
        ask(here, hazard, 30)
    with pytest.raises(Refused, match="extend_backwards"):
        ask(here, hazard, 0)
    at(hazard.due_on)  # the last day is still before it has passed
    ask(here, hazard)
    assert (hazard.flags, waiting("hazard.asked")) == (["asked"], 1)
    with pytest.raises(Refused, match="asked_already"):
        ask(here, hazard)
    late = ordered(here)
    at(late.due_on + DAY)
    with pytest.raises(Refused, match="extend_late"):
        ask(here, late)


def test_what_was_asked_in_time_can_be_granted_after_the_deadline_and_then_it_is_not_overdue(district: Scope, at: Any) -> None:
    here = place()
    hazard = ordered(here)
    due = hazard.due_on
    at(due)
    ask(here, hazard)
    at(due + 2 * DAY)
    assert hazard.overdue_days == 2
    services.watch(district.enter(), due + 2 * DAY, deadlines())
    with pytest.raises(Refused, match="extend_backwards"):  # a deadline of yesterday helps nobody
        services.extend(here.scope("inspector", P.HAZARD_ORDER), hazard.id, due + DAY, "同意", deadlines())
    services.extend(here.scope("inspector", P.HAZARD_ORDER), hazard.id, due + 5 * DAY, "同意", deadlines())
    assert (hazard.overdue_days, hazard.first_due_on, hazard.flags) == (0, due, ["extended"])
    assert (waiting("hazard.asked"), waiting("hazard.overdue")) == (0, 0)
    assert services.watch(district.enter(), due + 5 * DAY, deadlines()) == {"overdue": 0, "escalated": 0}
    assert services.watch(district.enter(), due + 6 * DAY, deadlines()) == {"overdue": 1, "escalated": 0}  # told anew


def test_refused_is_refused_and_the_deadline_stands(district: Scope) -> None:
    here = place()
    hazard = ordered(here)
    due = hazard.due_on
    with pytest.raises(Refused, match="not_asked"):
        services.refuse(here.scope("inspector", P.HAZARD_ORDER), hazard.id, "不同意")
    ask(here, hazard)
    services.refuse(here.scope("inspector", P.HAZARD_ORDER), hazard.id, "条件已具备")
    assert (hazard.due_on, hazard.refused_reason, waiting("hazard.asked")) == (due, "条件已具备", 0)
    with pytest.raises(Refused, match="asked_already"):
        ask(here, hazard)
    with pytest.raises(Refused, match="asked_already"):
        services.extend(here.scope("inspector", P.HAZARD_ORDER), hazard.id, due + 3 * DAY, "又同意", deadlines())


def test_a_recheck_has_its_last_working_day(district: Scope, at: Any) -> None:
    here = place()
    hazard = ordered(here)
    friday = calendar.today() + (4 - calendar.today().weekday()) * DAY
    at(friday)
    reply(here, hazard)
    (made,) = queries.hazard(district.enter(), hazard.id).replies
    assert made.recheck_by == friday + 14 * DAY  # ten working days, two weekends between


def test_who_replied_is_not_asked_to_recheck_and_another_takes_over_knowingly(district: Scope) -> None:
    here = place()
    hazard = ordered(here)
    services.reply(here.scope("township", P.HAZARD_ORDER), hazard.id, "代为填写", deadlines())
    with pytest.raises(Refused, match="rechecker_unfit"):
        services.assign(here.scope("inspector", P.HAZARD_RECHECK), hazard.id, here.township.id)
    with pytest.raises(Refused, match="rechecker_unfit"):  # may not recheck at all
        services.assign(here.scope("inspector", P.HAZARD_RECHECK), hazard.id, here.manager.id)
    services.assign(here.scope("inspector", P.HAZARD_RECHECK), hazard.id, here.second.id)
    with pytest.raises(Refused, match="assigned_otherwise"):
        recheck(here, hazard, passed=True)
    services.recheck(here.scope("inspector", P.HAZARD_RECHECK), hazard.id, passed=True, findings="通畅", takes_over=True)
    assert (hazard.state, hazard.rechecker_id) == ("recheck_passed", here.inspector.id)


def test_the_place_speaks_before_anything_is_published(district: Scope, at: Any) -> None:
    here = place()
    hazard, silent = ordered(here), ordered(here)
    supervising = lambda: here.scope("district", P.HAZARD_SUPERVISE)  # noqa: E731
    with pytest.raises(Refused, match="publish_early"):
        services.publish(supervising(), hazard.id)
    services.state(here.scope("manager", P.HAZARD_REPLY), hazard.id, "施工期间临时堆放")
    with pytest.raises(Refused, match="stated_already"):
        services.state(here.scope("manager", P.HAZARD_REPLY), hazard.id, "再说")
    services.publish(supervising(), hazard.id)
    services.unpublish(supervising(), hazard.id, "复核后撤下")
    assert hazard.published_at is None
    at(silent.answer_by)
    with pytest.raises(Refused, match="publish_early"):
        services.publish(supervising(), silent.id)
    at(silent.answer_by + DAY)
    with pytest.raises(Refused, match="state_late"):
        services.state(here.scope("manager", P.HAZARD_REPLY), silent.id, "迟了")
    services.publish(supervising(), silent.id)
    with pytest.raises(Refused, match="not_allowed"):
        services.publish(supervising(), reported(here).id)


def test_the_database_publishes_nothing_early_either(district: Scope) -> None:
    hazard = ordered(place())
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        db.session.execute(text("UPDATE hazards SET published_at = now() WHERE id = :id").bindparams(id=hazard.id))
    assert refusal_of(caught.value).code == "hazard.publish_early"


def given(here: Place, **more: Any) -> Hazard:
    """Ordered by the platform itself: people of today had no grants a year ago."""
    said = {"severity": "general", "description": "示例", "source": None, "deadlines": deadlines()} | more
    return services.order(Scope.system("test").enter(), here.home.id, **said)


def test_open_hazards_by_age_and_the_same_item_found_again(district: Scope, at: Any) -> None:
    here, there, today = place(), place(), calendar.today()
    version = make.make_checklist()
    codes = db.session.scalars(text("SELECT code FROM checklist_items WHERE version_id = :v ORDER BY code").bindparams(v=version.id)).all()
    first, second = ((version.id, code) for code in codes)
    at(today - 400 * DAY)
    given(here, checklist_item=first)  # too long ago to be found "again" today
    at(today - 40 * DAY)
    given(here, checklist_item=second)
    at(today - 8 * DAY)
    given(there, checklist_item=second)  # elsewhere
    at(today)
    again = given(here, checklist_item=second)
    given(here, checklist_item=first)
    Scope.system("test").enter()
    ages = {each.code: each.count for each in queries.ageing(district, today)}
    assert ages == {"week": 2, "fortnight": 1, "month": 0, "two_months": 1, "longer": 1}
    (found,) = queries.repeat(district, today - 30 * DAY, today)
    assert (found.facility_id, found.item_code, found.times, found.hazard_id) == (here.home.id, codes[1], 2, again.id)
    by = {each.item_code: (each.count, each.places) for each in queries.by_item(district, today - 60 * DAY, today)}
    assert by == {codes[0]: (1, 1), codes[1]: (3, 2)}
    (town,) = [each for each in queries.by_township(district, today - 60 * DAY, today) if each.township_id == here.home.township_id]
    assert (town.found, town.open, town.overdue) == (3, 4, 2)
