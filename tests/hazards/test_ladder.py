"""The ladder (domain.md §5.4): only the reminder by itself, every other step by a person, with reasons, in order."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from eldercare.accounts.services import make_token
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import HANDLERS, Run
from eldercare.core.scope import Scope
from eldercare.hazards import services as hazards
from eldercare.hazards.ladder import listing, queries, services
from eldercare.hazards.ladder.models import STEPS, LadderStep, Thresholds
from eldercare.hazards.models import Hazard
from eldercare.hazards.orders import services as orders
from tests.beds.stays.acts import at_once
from tests.hazards.made import Place, deadlines, issued, ordered, place, reported
from tests.page import fetch

DAY = timedelta(1)


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setenv("ELDERCARE_TODAY", (calendar.today() + days * DAY).isoformat())


def watch() -> dict[str, int]:
    return services.watch(Scope.system("test").enter(), calendar.today(), listing.thresholds())


def said(step: str, **more: Any) -> dict[str, Any]:
    return {"step": step, "taken_on": calendar.today(), "reason": "逾期未改"} | more


def take(here: Place, hazard: Hazard | None, step: str, **more: Any) -> LadderStep:
    scope = here.scope("district", P.HAZARD_SUPERVISE)
    where: dict[str, Any] = {"hazard_id": hazard.id} if hazard else {"facility_id": here.home.id}
    return services.take(scope, listing.thresholds(), said(step, **more), **where)


def ladder(hazard: Hazard) -> queries.Ladder:
    return queries.ladder(Scope.system("test").enter(), hazard.id, listing.thresholds())


def test_steps_are_proposed_by_days_overdue_and_by_failed_rechecks() -> None:
    limits = Thresholds((1, 7, 15, 30, 30, 45, 60), (0, 1, 2, 3, 3, 4, 5))
    assert limits.next(set(), 0, 0) is None
    assert limits.next(set(), 1, 0) == ("reminder", "days", 1)
    assert limits.next({"reminder"}, 6, 0) is None
    assert limits.next({"reminder"}, 7, 0) == ("talk", "days", 7)
    assert limits.next(set(), 0, 1) == ("talk", "rechecks", 1)
    assert limits.next({"talk"}, 16, 0) == ("suspension", "days", 15)
    assert limits.next({"publish"}, 400, 9) is None


def test_the_reminder_goes_out_by_itself_once_and_nothing_else_does(district: Scope, monkeypatch) -> None:
    here = place()
    hazard = ordered(here)
    later(monkeypatch, 7)
    assert watch() == {"reminded": 0, "proposed": 0}
    later(monkeypatch, 1)
    assert watch() == {"reminded": 1, "proposed": 0}
    assert watch() == {"reminded": 0, "proposed": 0}
    later(monkeypatch, 90)
    assert watch() == {"reminded": 0, "proposed": 1}
    assert watch() == {"reminded": 0, "proposed": 0}
    found = ladder(hazard)
    assert [(each.step, each.is_automatic) for each in found.steps] == [("reminder", True)]
    assert found.proposed == ("talk", "days", 7)
    told = db.session.scalars(select(Alert).where(Alert.kind.in_(("ladder.reminded", "ladder.proposed")))).all()
    assert {(each.kind, each.level) for each in told} == {("ladder.reminded", "facility"), ("ladder.proposed", "district")}


def test_a_step_keeps_who_when_why_and_how_it_stood(district: Scope, monkeypatch) -> None:
    here = place()
    hazard = ordered(here)
    later(monkeypatch, 15)
    watch()
    made = take(here, hazard, "talk", document_no="约谈1号")
    assert (made.taken_by, made.taken_on, made.reason, made.overdue_days, made.skipped) == (
        here.district.name, calendar.today(), "逾期未改", 8, [],
    )  # fmt: skip
    assert not db.session.scalars(select(Alert).where(Alert.kind == "ladder.proposed", Alert.settled_at.is_(None))).all()


def test_steps_are_left_out_only_with_a_reason(district: Scope) -> None:
    here = place()
    hazard = ordered(here)
    with pytest.raises(Refused, match="skip_reason"):
        take(here, hazard, "suspension")
    made = take(here, hazard, "suspension", skip_reason="危及生命,须立即停用")
    assert made.skipped == ["reminder", "talk"]
    with pytest.raises(Refused, match="taken_already"):
        take(here, hazard, "suspension", skip_reason="再次")


def test_a_fine_needs_a_clause_and_lies_within_its_range(district: Scope) -> None:
    here = place()
    hazard = ordered(here)
    for fine, basis, code in ((2_000_000, None, "fine_basis"), (2_000_000, "LQF-45", "fine_basis"), (999_999, "SDYL-70-1", "fine_range"),
                              (3_000_001, "SDYL-70-1", "fine_range")):  # fmt: skip
        with pytest.raises(Refused, match=code):
            take(here, hazard, "case", skip_reason="x", fine_fen=fine, basis=basis)
    assert take(here, hazard, "case", skip_reason="x", fine_fen=3_000_000, basis="SDYL-70-1").fine_fen == 3_000_000


def test_departments_told_are_named(district: Scope) -> None:
    here = place()
    with pytest.raises(Refused, match="bodies_missing"):
        take(here, None, "notify")
    assert take(here, None, "notify", bodies=["fire", "market"]).bodies == ["fire", "market"]


def test_a_cancelled_step_stays_in_sight_and_can_be_taken_again(district: Scope) -> None:
    here = place()
    hazard = ordered(here)
    made = take(here, hazard, "reminder")
    services.cancel(here.scope("district", P.HAZARD_SUPERVISE), made.id, "录错")
    again = take(here, hazard, "reminder")
    assert [each.id for each in ladder(hazard).steps] == [made.id, again.id]
    assert ladder(hazard).taken == {"reminder": again}


def test_nothing_is_taken_further_of_what_is_closed_and_nothing_is_proposed_of_what_is_right(district: Scope, monkeypatch) -> None:
    here = place()
    hazard = ordered(here)
    later(monkeypatch, 30)
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), hazard.id, "已改", deadlines())
    hazards.recheck(here.scope("inspector", P.HAZARD_RECHECK), hazard.id, passed=True, findings="合格")
    assert ladder(hazard).proposed is None
    assert watch() == {"reminded": 0, "proposed": 0}
    hazards.close(here.scope("district", P.HAZARD_CLOSE), hazard.id)
    with pytest.raises(Refused, match="hazard_closed"):
        take(here, hazard, "reminder")


def told(kind: str) -> int:
    """How often something was told at first hand, settled since or not."""
    Scope.system("test").enter()
    return db.session.scalar(select(func.count(Alert.id)).where(Alert.kind == kind)) or 0


def proposed() -> list[str]:
    """The steps that wait in the inbox of the district."""
    Scope.system("test").enter()
    return list(db.session.scalars(select(Alert.occasion).where(Alert.kind == "ladder.proposed", Alert.settled_at.is_(None))))


def test_what_is_proposed_is_told_again_once_the_step_was_cancelled(district: Scope, monkeypatch) -> None:
    here = place()
    hazard = ordered(here)
    later(monkeypatch, 15)
    watch()
    made = take(here, hazard, "talk")
    assert (proposed(), watch()) == ([], {"reminded": 0, "proposed": 0})
    services.cancel(here.scope("district", P.HAZARD_SUPERVISE), made.id, "录错")
    assert watch() == {"reminded": 0, "proposed": 1}
    assert (proposed(), watch()) == (["talk"], {"reminded": 0, "proposed": 0})


def test_nothing_waits_of_what_is_right_or_has_more_time_or_waits_for_the_bureau(district: Scope, monkeypatch) -> None:
    here = place()
    right, extended, failed = (ordered(here) for _ in range(3))
    wanted = extended.due_on + 7 * DAY
    hazards.ask(here.scope("manager", P.HAZARD_REPLY), extended.id, wanted, "等配件", deadlines())
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), failed.id, "已改", deadlines())
    hazards.recheck(here.scope("inspector", P.HAZARD_RECHECK), failed.id, passed=False, findings="仍有杂物")
    watch()
    assert proposed() == ["talk"]  # one recheck failed
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), failed.id, "再改", deadlines())
    assert proposed() == []
    hazards.recheck(here.scope("inspector", P.HAZARD_RECHECK), failed.id, passed=False, findings="还有")
    watch()
    assert proposed() == ["talk"]
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), failed.id, "改好", deadlines())
    hazards.recheck(here.scope("inspector", P.HAZARD_RECHECK), failed.id, passed=True, findings="合格")
    later(monkeypatch, 14)
    watch()
    assert proposed() == ["talk", "talk"]
    hazards.extend(here.scope("inspector", P.HAZARD_ORDER), extended.id, wanted, "属实", deadlines())
    assert proposed() == ["talk"]
    hazards.reply(here.scope("manager", P.HAZARD_REPLY), right.id, "已改", deadlines())
    hazards.recheck(here.scope("inspector", P.HAZARD_RECHECK), right.id, passed=True, findings="合格")
    assert proposed() == []


def test_a_new_deadline_is_reminded_of_and_escalated_anew(district: Scope, sign_in, monkeypatch) -> None:
    here = place()
    anew, extended = reported(here), ordered(here)
    order = issued(here, anew)
    hazards.ask(here.scope("manager", P.HAZARD_REPLY), extended.id, extended.due_on + 7 * DAY, "等配件", deadlines())
    later(monkeypatch, 12)
    assert watch()["reminded"] == 2
    hazards.watch(Scope.system("test").enter(), calendar.today(), deadlines())
    assert (told("ladder.reminded"), told("hazard.escalated"), told("hazard.overdue")) == (2, 2, 2)
    orders.withdraw(here.scope("inspector", P.HAZARD_ORDER), order.id, "送达对象有误")
    issued(here, anew)
    hazards.extend(here.scope("inspector", P.HAZARD_ORDER), extended.id, calendar.today() + 2 * DAY, "属实", deadlines())
    assert (extended.escalated_at, watch()) == (None, {"reminded": 0, "proposed": 0})
    assert "reminder" not in ladder(anew).taken
    later(monkeypatch, 12)
    assert watch()["reminded"] == 2
    hazards.watch(Scope.system("test").enter(), calendar.today(), deadlines())
    assert (told("ladder.reminded"), told("hazard.escalated"), told("hazard.overdue")) == (4, 4, 4)
    assert watch()["reminded"] == 0
    found = ladder(anew)
    assert [(each.step, each.cancelled_at is None) for each in found.steps] == [("reminder", False), ("reminder", True)]
    browser, number = sign_in(here.manager, language="en"), anew.id
    assert "The deadline was set anew" in browser.get(f"/hazards/ladder/of-hazard/{number}").get_data(as_text=True)


def test_a_step_taken_by_hand_sets_an_earlier_reminder_aside(district: Scope, monkeypatch) -> None:
    here = place()
    hazard = reported(here)
    order = issued(here, hazard)
    later(monkeypatch, 12)
    watch()
    orders.withdraw(here.scope("inspector", P.HAZARD_ORDER), order.id, "送达对象有误")
    issued(here, hazard)
    assert take(here, hazard, "talk", skip_reason="立即约谈").skipped == ["reminder"]
    made = take(here, hazard, "reminder")
    assert ladder(hazard).taken["reminder"] == made


def test_one_step_taken_by_two_at_once_is_taken_once(fresh_app: Flask) -> None:
    here = place()
    hazard = ordered(here).id
    db.session.commit()
    thresholds = listing.thresholds()

    def act(scope: Scope) -> Any:
        return services.take(scope, thresholds, said("talk", skip_reason="x"), hazard_id=hazard)

    told = at_once(fresh_app, act, act)
    assert told.count("done") == 1
    assert set(told) <= {"done", "ladder.taken_already", "row.busy"}
    Scope.system("test").enter()
    assert db.session.scalar(select(func.count()).select_from(LadderStep)) == 1


def test_the_whole_ladder_stands_on_the_hazards_page(district: Scope, sign_in, monkeypatch) -> None:
    here = place()
    hazard = ordered(here)
    later(monkeypatch, 20)
    watch()
    number = hazard.id
    browser = sign_in(here.manager, language="en")
    assert f"/hazards/ladder/of-hazard/{number}" in fetch(browser, f"/hazards/{number}").text
    part = browser.get(f"/hazards/ladder/of-hazard/{number}").get_data(as_text=True)
    assert part.count('class="rung ') == len(STEPS)
    assert "rung-taken" in part
    assert "rung-proposed" in part
    assert browser.get(f"/hazards/ladder/of-hazard/{number}/step").status_code == 403


def test_the_ladder_is_exported_and_read_at_the_wire_as_it_stands_on_the_page(district: Scope, monkeypatch, app: Flask) -> None:
    here = place()
    hazard = ordered(here)
    later(monkeypatch, 20)
    watch()
    secret, _row = make_token(Scope.system("test").enter(), here.district.id, "示例", 30)
    made = HANDLERS["ladder_export"](here.scope("district", P.HAZARD_READ), Run(kind="ladder_export", params={"query": {}}))
    assert made["rows"] == 1
    number = hazard.id
    db.session.commit()
    answer = app.test_client().get("/api/v1/hazards/ladder", headers={"Authorization": f"Bearer {secret}"}).get_json()
    (mine,) = [each for each in answer["items"] if each["hazard_id"] == number]
    assert ([each["step"] for each in mine["taken"]], mine["proposed"], mine["days_overdue"]) == (["reminder"], "talk", 13)
