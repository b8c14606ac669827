"""A draw can be repeated by anybody and known by nobody; there is one a batch, and nothing of it ever changes."""

import json
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from eldercare.accounts.officers import services as officers
from eldercare.core import audit, calendar, secrets, states
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.inspections import services as visits
from eldercare.inspections.draws import listing as words
from eldercare.inspections.draws import queries, services
from eldercare.inspections.draws.models import Draw
from eldercare.inspections.draws.services import sampling
from eldercare.inspections.models import Visit
from eldercare.inspections.plans import services as plans
from tests import make
from tests.inspections.drawn import RULES, SCRIPT, day, drawn, file_of, freeze, frozen, library, outsider, people, planned, said

SCRIPT_OF_OUTSIDER = outsider()


def refused(code: str, act: Any, *given: Any) -> None:
    with pytest.raises(Refused) as wrong:
        act(*given)
    assert wrong.value.code == code


# ---- the life of a draw --------------------------------------------------------------------------


def test_a_plan_is_approved_by_somebody_else_and_changes_no_more(district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    row = planned(author, code)
    refused("draw.own_plan", services.approve, author, row.id)
    refused("draw.own_plan", services.approve, district, row.id)  # the platform itself approves nothing
    refused("draw.not_approved", freeze, author, row)
    services.approve(head, row.id)
    refused("draw.fixed", lambda: services.change(author, row.id, title="another"))
    for column, value in (("title", "another"), ("count", 6), ("weights", {"A": "9"}), ("ends_on", row.ends_on + timedelta(1))):
        with pytest.raises(DBAPIError, match="draws_fixed"):
            _write(author, row, column, value)
        db.session.expire(row)


def test_who_changed_a_plan_does_not_approve_it(district: Scope) -> None:
    author, head = people()
    second, _head = people()
    _homes, code = library()
    row = planned(author, code)
    services.change(second, row.id, **said(code, count=1))
    services.change(author, row.id, **said(code, count=2))
    refused("draw.own_plan", services.approve, second, row.id)
    services.approve(head, row.id)
    assert (row.state, row.approver_id) == ("approved", head.person_id)


def _write(scope: Scope, row: Draw, column: str, value: Any) -> None:
    with db.session.begin_nested():
        setattr(row, column, value)
        audit.record(scope, "draw.changed", row)


def test_freezing_publishes_a_commitment_and_keeps_the_secret_sealed(district: Scope) -> None:
    author, head = people()
    homes, code = library()
    row = frozen(author, head, code)
    paper = queries.paper(district, row.id)
    assert paper is not None
    assert sampling.sha256(paper.secret.reveal()) == row.commitment
    stored = db.session.execute(text("SELECT secret FROM draw_papers")).scalar_one()
    assert paper.secret.reveal().encode() not in bytes(stored)
    assert paper.secret.reveal() not in str(paper.secret)
    assert {each["id"] for each in json.loads(paper.objects)} == {home.id for home in homes}
    assert row.objects_sha256 == sampling.sha256(paper.objects)
    told = db.session.execute(text("SELECT changes::text || details::text FROM audit_entries WHERE entity = 'draw'")).scalars()
    assert paper.secret.reveal() not in "".join(told)


def test_what_is_frozen_is_the_library_of_that_moment(district: Scope) -> None:
    author, head = people()
    homes, code = library()
    kin = make.make_officer()
    officers.recuse(district, kin.id, homes[0].id, "kin", (calendar.today(), None), "示例:姐姐在此任职")
    row = frozen(author, head, code)
    homes[2].name = "另一个名字"
    audit.record(district, "facility.changed", homes[2])
    make.make_facility()
    services.witness(author, row.id, "31", "示例见证人", "示例纪检组", RULES)
    services.draw(author, row.id)
    raw, body = file_of(district, row)
    assert len(body["objects"]) == 6
    assert "另一个名字" not in raw.decode()
    assert {"officer": kin.id, "object": homes[0].id, "from": calendar.today().isoformat(), "to": None} in body["officers"]["avoid"]
    for private in ('"kin"', "姐姐", "示例见证人"):  # why an officer avoids a place, and who witnessed, is nobody else's business
        assert private not in raw.decode()


def test_a_place_with_all_its_checks_of_the_year_is_left_out_and_named_to_officers_alone(district: Scope) -> None:
    author, head = people()
    homes, code = library(homes=4)
    team = officers.queries.certified(district, calendar.today())[:2]
    for month in (3, 6):  # class A: one or two a year; what is outside the cap counts for nothing
        for home, kind in ((homes[0], "daily"), (homes[2], "special")):
            before = make.make_visit(home, kind=kind, planned_on=calendar.today().replace(month=month, day=3), team=team)
            before.sent_at, before.result, before.number = calendar.now(), "none", f"示例{home.id}-{month}"
            states.move(district, before, "sent")
    row = drawn(author, head, code, count=4, ends_on=calendar.today().replace(month=12, day=31))
    raw, body = file_of(district, row)
    assert {each["id"] for each in body["objects"]} == {home.id for home in homes[1:]}
    assert body["plan"]["left_out"] == 1
    assert homes[0].code not in raw.decode()
    assert homes[0].name not in raw.decode()
    assert words.full(queries.history(district, row.id)) == [{"code": homes[0].code, "name": homes[0].name}]
    assert (row.eligible, row.picked) == (3, 3)
    assert holds(raw)


def test_the_witness_speaks_once_and_after_the_commitment(district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    row = planned(author, code)
    refused("draw.not_frozen", services.witness, author, row.id, "1", "示例", "示例", RULES)
    services.approve(head, row.id)
    freeze(author, row)
    refused("draw.witness_missing", services.draw, author, row.id)
    services.witness(author, row.id, "1", "示例", "示例", RULES)
    refused("draw.witnessed_already", services.witness, author, row.id, "2", "示例", "示例", RULES)
    with pytest.raises(DBAPIError, match="draws_fixed"):
        _write(author, row, "witness_value", "2")


def test_a_public_value_is_of_a_day_after_the_commitment(district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    author, head = people()
    _homes, code = library()
    today = calendar.today()
    late = planned(author, code, witness_kind="public", witness_on=today, witness_named="示例指数收盘")
    services.approve(head, late.id)
    refused("draw.witness_day_past", freeze, author, late)
    row = frozen(author, head, code, witness_kind="public", witness_on=today + timedelta(2), witness_named="示例指数收盘")
    refused("draw.witness_early", services.witness, author, row.id, "3", "示例", "示例", RULES)
    monkeypatch.setenv("ELDERCARE_TODAY", (today + timedelta(2)).isoformat())
    services.witness(author, row.id, "3456.78", "示例", "示例", RULES)
    services.draw(author, row.id)
    raw, _body = file_of(district, row)
    assert outsider().check(raw)


def test_a_batch_is_drawn_once(district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    row = drawn(author, head, code)
    refused("draw.drawn_already", services.draw, author, row.id)
    refused("draw.drawn_already", services.witness, author, row.id, "2", "示例", "示例", RULES)
    refused("draw.not_approved", freeze, author, row)
    assert planned(author, code).batch != row.batch
    same = "INSERT INTO draws SELECT * FROM jsonb_populate_record(NULL::draws, (SELECT to_jsonb(d) || '{\"id\": 0}' FROM draws d WHERE id = :id))"
    with pytest.raises(DBAPIError, match="draws_batch_key"), db.session.begin_nested():
        db.session.execute(text(same), {"id": row.id})


@pytest.mark.parametrize("statement", [
    "UPDATE draws SET result_sha256 = 'x'", "UPDATE draws SET state = 'frozen'", "UPDATE draws SET picked = 1", "DELETE FROM draws",
    "UPDATE draws SET commitment = 'x'", "UPDATE draws SET witness_value = 'x'", "UPDATE draws SET batch = 'x'",
    "UPDATE draw_papers SET result = '{}'", "UPDATE draw_papers SET objects = '[]'", "UPDATE draw_papers SET secret = 'x'",
    "DELETE FROM draw_papers", "UPDATE draw_announcements SET rank = 9", "DELETE FROM draw_announcements",
])
def test_nothing_of_a_draw_changes_whoever_asks(district: Scope, statement: str) -> None:
    author, head = people()
    _homes, code = library()
    drawn(author, head, code)
    services.announce(district, calendar.today() + timedelta(90), RULES)
    with pytest.raises(DBAPIError, match="draws_fixed"), db.session.begin_nested():
        db.session.execute(text(statement).execution_options(audited="test"))


def test_two_connections_draw_once(fresh_app: Flask) -> None:
    Scope.system("test").enter()
    author, head = people()
    _homes, code = library()
    row_id = frozen(author, head, code).id
    services.witness(author, row_id, "42", "示例", "示例", RULES)
    db.session.commit()
    told: list[str] = []
    gate = threading.Barrier(2)

    def one() -> None:
        with fresh_app.app_context():
            author.enter()
            gate.wait()
            try:
                services.draw(author, row_id)
                db.session.commit()
                told.append("drawn")
            except Refused as wrong:
                told.append(wrong.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(told) == ["draw.drawn_already", "drawn"]
    Scope.system("test").enter()
    assert len(queries.of_day(Scope.system("test"), row_id)) == 3


# ---- what a draw gives ---------------------------------------------------------------------------


def test_a_draw_makes_the_visits_it_says(district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    row = drawn(author, head, code, count=4)
    _raw, body = file_of(district, row)
    made = {visit.facility_id: visit for visit in queries.of_day(district, row.id)}
    assert len(made) == 4
    for team in body["result"]["teams"]:
        visit = made[team["object"]]
        assert (visit.kind, visit.state, visit.shown_at) == ("double_random", "planned", None)
        assert visit.planned_on == day(team["on"])
        assert visit.planned_on.weekday() < 5
        assert visit.planned_on > calendar.today() + timedelta(3)
        assert [each.officer_id for each in visit.officers] == team["officers"]
        assert len(team["officers"]) == 2
    days = [team["on"] for team in body["result"]["teams"]]
    assert days == sorted(days)
    assert len(set(days)) == 4  # spread, not heaped


def test_the_share_is_rounded_up(district: Scope) -> None:
    for percent, n, k in (("20.00", 14, 3), ("14.28", 14, 2), ("14.29", 14, 3), ("100.00", 6, 6), ("0.01", 6, 1), ("33.33", 3, 1), ("33.34", 3, 2)):
        assert sampling.how_many({"count": None, "percent": percent}, n) == k
    assert sampling.how_many({"count": 9, "percent": None}, 6) == 6


def test_who_avoids_or_came_last_is_passed_over_and_the_log_says_so(district: Scope) -> None:
    author, head = people()
    homes, code = library(homes=1, officers=4)
    everyone = officers.queries.certified(district, calendar.today())
    officers.recuse(district, everyone[0].id, homes[0].id, "interest", (calendar.today(), None))
    before = make.make_visit(homes[0], team=everyone[1:3], planned_on=calendar.today() - timedelta(30))
    before.sent_at, before.result, before.number = calendar.now(), "none", "示例1"
    states.move(district, before, "sent")
    fifth = make.make_officer()
    row = drawn(author, head, code, count=1)
    _raw, body = file_of(district, row)
    team = body["result"]["teams"][0]["officers"]
    assert set(team) == {everyone[3].id, fifth.id}
    order = sampling.desk(body["plan"], body["officers"], body["seed"]).row
    passed = [each for each in order[: max(map(order.index, team))] if each not in team]
    reasons = {everyone[0].id: "avoidance", everyone[1].id: "rotation", everyone[2].id: "rotation"}
    assert [(each["officer"], each["reason"]) for each in body["result"]["log"]] == [(each, reasons[each]) for each in passed]


def test_a_case_check_does_not_show_in_what_is_published(district: Scope) -> None:
    author, head = people()
    homes, code = library(homes=2)
    case = make.make_visit(homes[0], kind="case", shown=False, planned_on=calendar.today() - timedelta(3))
    recheck = make.make_visit(homes[1], kind="recheck", planned_on=calendar.today() - timedelta(2))  # of what it found
    for n, each in enumerate((case, recheck)):
        each.sent_at, each.result, each.number = calendar.now(), "none", f"示例{n}"
        states.move(district, each, "sent")
    _raw, body = file_of(district, drawn(author, head, code, count=2))
    assert body["officers"]["last"] == []


def test_a_team_has_the_speciality_and_valid_certificates(district: Scope) -> None:
    author, head = people()
    _homes, code = library(officers=4)
    expert = make.make_officer(specialities=["medical"])
    gone = make.make_officer(valid_to=calendar.today() + timedelta(4))
    row = drawn(author, head, code, count=4, speciality="medical")
    _raw, body = file_of(district, row)
    for team in body["result"]["teams"]:
        assert expert.id in team["officers"]
        assert gone.id not in team["officers"] or team["on"] <= gone.valid_to.isoformat()


def test_too_few_officers_are_told_before_anything_is_committed(district: Scope) -> None:
    author, head = people()
    _homes, code = library(officers=1)
    row = planned(author, code)
    services.approve(head, row.id)
    refused("draw.officers_few", freeze, author, row)
    make.make_officer()
    other = planned(author, code, speciality="medical")
    services.approve(head, other.id)
    refused("draw.speciality_missing", freeze, author, other)


def test_an_officer_who_left_after_the_freeze_does_not_stop_the_draw(district: Scope) -> None:
    """What could fail after the witness has spoken could be made to fail, and drawn anew."""
    author, head = people()
    _homes, code = library(officers=2)
    row = frozen(author, head, code)
    for each in officers.queries.certified(district, calendar.today()):
        officers.change_officer(district, each.id, left_on=calendar.today())
    services.witness(author, row.id, "5", "示例", "示例", RULES)
    assert services.draw(author, row.id).state == "drawn"


def test_a_place_whose_kind_was_changed_after_the_freeze_does_not_stop_the_draw(district: Scope) -> None:
    author, head = people()
    homes, code = library()
    row = frozen(author, head, code, count=6)
    for each in homes:
        each.facility_type = "canteen"
        audit.record(district, "facility.changed", each)
    services.witness(author, row.id, "5", "示例", "示例", RULES)
    assert services.draw(author, row.id).state == "drawn"
    assert len(queries.of_day(district, row.id)) == 6


# ---- void and replaced ---------------------------------------------------------------------------


def test_a_void_draw_needs_two_people_stays_visible_and_takes_its_visits_back(district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    row = drawn(author, head, code)
    refused("draw.void_not_asked", services.void, head, row.id)
    services.ask_void(author, row.id, "示例:名录有误")
    refused("draw.own_void", services.void, author, row.id)
    refused("draw.void_asked", services.ask_void, author, row.id, "again")
    services.void(head, row.id)
    assert {visit.state for visit in queries.of_day(district, row.id)} == {"cancelled"}
    assert row in queries.published(district)
    refused("draw.drawn_already", services.draw, author, row.id)
    services.announce(district, calendar.today(), RULES)
    raw, body = file_of(district, row)
    assert body["void"]["reason"] == "示例:名录有误"
    assert outsider().check(raw)
    assert services.verify(district, raw)["void"] is True


def test_a_refused_wish_leaves_the_draw_valid(district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    row = drawn(author, head, code)
    services.ask_void(author, row.id, "示例")
    services.refuse_void(head, row.id)
    assert (row.state, row.void_reason) == ("drawn", None)
    services.ask_void(author, row.id, "示例二")
    assert services.void(head, row.id).state == "void"


def test_a_closed_place_with_none_left_to_follow_is_called_off(district: Scope) -> None:
    author, head = people()
    _homes, code = library(homes=3)
    row = drawn(author, head, code, count=3)
    raw, body = file_of(district, row)
    closed = body["result"]["order"][1]
    states.move(district, district.get(Facility, closed), "suspended")
    assert services.replace(author, row.id, closed, RULES) is None
    assert {visit.facility_id: visit.state for visit in queries.of_day(district, row.id)}[closed] == "cancelled"
    refused("draw.order_over", services.replace, author, row.id, closed, RULES)
    assert file_of(district, row)[0] == raw


def test_only_a_closed_place_is_replaced_and_by_the_next_key(district: Scope) -> None:
    author, head = people()
    homes, code = library(homes=6)
    row = drawn(author, head, code, count=2)
    _raw, body = file_of(district, row)
    order = body["result"]["order"]
    refused("draw.still_open", services.replace, author, row.id, order[0], RULES)
    refused("draw.not_drawn", services.replace, author, row.id, order[4], RULES)
    for place in (order[0], order[2]):  # the next in order has closed as well: passed over, and said so
        states.move(district, district.get(Facility, place), "suspended")
    services.replace(author, row.id, order[0], RULES)
    refused("draw.not_drawn", services.replace, author, row.id, order[0], RULES)
    states.move(district, district.get(Facility, order[3]), "suspended")
    services.replace(author, row.id, order[3], RULES)
    raw, body = file_of(district, row)
    first, second = body["replacements"]
    assert (first["out"], first["in"], first["skipped"]) == (order[0], order[3], [{"object": order[2], "state": "suspended"}])
    assert (second["out"], second["in"]) == (order[3], order[4])
    standing = {visit.facility_id for visit in queries.of_day(district, row.id) if visit.state == "planned"}
    assert standing == {order[1], order[4]}
    assert outsider().check(raw)
    assert services.verify(district, raw)["valid"]
    for path, value in ((("replacements", 0, "in"), order[4]), (("replacements", 1, "state"), "operating"), (("replacements", 0, "officers"), [1, 2])):
        assert not holds(resealed(body, path, value))
    assert homes


def test_what_was_drawn_is_called_off_by_its_draw_alone(district: Scope) -> None:
    """Or a result that nobody likes could be undone: the visit called off, and another planned with a chosen team."""
    author, head = people()
    _homes, code = library()
    row = drawn(author, head, code, count=2)
    for visit in queries.of_day(district, row.id):
        refused("visit.drawn", visits.cancel_visit, district, visit.id, "示例:不去了")
        assert visit.state == "planned"
    services.ask_void(author, row.id, "示例:名录有误")
    services.void(head, row.id)
    assert {visit.state for visit in queries.of_day(district, row.id)} == {"cancelled"}


# ---- what the public reads when ------------------------------------------------------------------


def test_a_place_that_came_in_is_public_from_its_own_day_though_the_file_is_out(district: Scope) -> None:
    author, head = people()
    _homes, code = library(homes=6)
    row = drawn(author, head, code, count=2)
    row_id, batch = row.id, row.batch
    _raw, body = file_of(district, row)
    order, today = body["result"]["order"], calendar.today()
    assert services.announce(district, today + timedelta(90), RULES) == {"announced": 2, "published": 1}
    states.move(district, district.get(Facility, order[0]), "suspended")
    made = json.loads(services.replace(author, row_id, order[0], RULES).body)
    code_in = next(each["code"] for each in body["objects"] if each["id"] == made["in"])
    db.session.commit()

    def public() -> tuple[list[Any], list[str]]:
        db.session.expire_all()
        nobody = Scope.nobody().enter()
        text_ = services.file_text(nobody, queries.public_draw(nobody, batch)) or ""
        assert outsider().check(text_.encode())
        return json.loads(text_)["replacements"], [each.body["code"] for each in queries.announcements(nobody, row_id)]

    file, told = public()
    assert (file, code_in in told) == ([], False)  # nobody reads of it before its notice is due
    Scope.system("test").enter()
    due = services.notice_day(day(made["on"]), RULES)
    assert services.announce(district, due - timedelta(1), RULES) == {"announced": 0, "published": 0}
    assert services.announce(district, due, RULES) == {"announced": 1, "published": 0}
    assert services.announce(district, due, RULES) == {"announced": 0, "published": 0}
    db.session.commit()
    file, told = public()
    assert ([each["in"] for each in file], code_in in told) == ([made["in"]], True)


def test_another_team_than_the_drawn_one_is_public_with_its_reason_and_the_file_is_as_it_was(district: Scope) -> None:
    author, head = people()
    _homes, code = library(homes=6, officers=6)
    row = drawn(author, head, code, count=2)
    before, body = file_of(district, row)
    first, second = (each["object"] for each in body["result"]["teams"])
    visits_ = {each.facility_id: each.id for each in queries.of_day(district, row.id)}
    certified = [each.id for each in officers.queries.certified(district, calendar.today())]
    drawn_for = {each["object"]: each["officers"] for each in body["result"]["teams"]}
    name = next(each["name"] for each in body["officers"]["people"] if each["id"] == body["result"]["teams"][0]["officers"][0])

    def others() -> list[tuple[int, int, str | None, list[str]]]:
        return [
            (each.rank, each.edition, each.body.get("reason"), [who["certificate_no"] for who in each.body["officers"]])
            for each in queries.announcements(district, row.id)
        ]

    def change(place: int, reason: str) -> None:
        visit = district.get(Visit, visits_[place])
        spare = [each for each in certified if each not in drawn_for[place]]
        plans.move_visit(district, visit.id, visit.planned_on, reason, team=spare[:2])

    change(first, f"{name}应当回避")  # before the place is named: told together with it
    assert others() == []
    services.announce(district, calendar.today() + timedelta(90), RULES)
    told = others()
    assert [(rank, edition) for rank, edition, _reason, _who in told] == [(1, 1), (1, 2), (2, 1)]
    assert (told[1][2], name in (told[1][2] or "")) == (f"{secrets.mask_name(name)}应当回避", False)
    assert told[0][3] != told[1][3]
    change(second, "原定人员公出")  # after it: at once
    assert [(rank, edition, reason) for rank, edition, reason, _who in others()][2:] == [(2, 1, None), (2, 2, "原定人员公出")]
    after, _body = file_of(district, row)
    assert after == before  # what was drawn is what was drawn
    assert outsider().check(after)


def test_a_place_is_named_when_its_notice_is_due_and_the_file_when_all_are(district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    row = drawn(author, head, code)
    _raw, body = file_of(district, row)
    days = [day(team["on"]) for team in body["result"]["teams"]]
    assert services.announce(district, calendar.today(), RULES) == {"announced": 0, "published": 0}
    first = services.notice_day(days[0], RULES)
    assert services.announce(district, first - timedelta(1), RULES)["announced"] == 0
    assert services.announce(district, first, RULES) == {"announced": 1, "published": 0}
    assert services.announce(district, first, RULES) == {"announced": 0, "published": 0}
    told = queries.announcements(district, row.id)
    assert told[0].body["code"] in {each["code"] for each in body["objects"] if each["id"] == body["result"]["order"][0]}
    assert all(set(each) == {"name", "certificate_no"} for each in told[0].body["officers"])
    assert services.announce(district, days[-1], RULES) == {"announced": 2, "published": 1}


def test_the_public_reads_nothing_before_its_time_not_even_behind_the_page(district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    planned(author, code)
    row = drawn(author, head, code)
    row_id = row.id
    db.session.commit()
    nobody = Scope.nobody().enter()
    assert db.session.execute(text("SELECT batch FROM draws")).scalars().all() == [row.batch]
    assert db.session.execute(text("SELECT count(*) FROM draw_papers")).scalar() == 0
    assert services.file_text(nobody, row) is None
    db.session.rollback()
    Scope.system("test").enter()
    services.announce(Scope.system("test"), calendar.today() + timedelta(90), RULES)
    db.session.commit()
    nobody = Scope.nobody().enter()
    assert services.file_text(nobody, queries.draw(nobody, row_id)) is not None
    with pytest.raises(DBAPIError), db.session.begin_nested():
        db.session.execute(text("INSERT INTO draw_announcements (draw_id, rank, body, announced_at) VALUES (:d, 99, '{}', now())"), {"d": row_id})


# ---- verified by an outsider ---------------------------------------------------------------------


def holds(raw: bytes) -> bool:
    """What both say of a file; they must agree."""
    script = SCRIPT_OF_OUTSIDER
    try:
        theirs = bool(script.check(raw))
    except (script.Wrong, *script.SHAPELESS):
        theirs = False
    ours = services.verify(Scope.system("test"), raw)["valid"]
    assert theirs == ours or (theirs and not ours), "what the platform finds valid, an outsider must find valid"
    return theirs and ours


def resealed(body: dict[str, Any], path: tuple[Any, ...], value: Any) -> bytes:
    """The file with one value changed by somebody who knows how to make every hash in it right again."""
    content = json.loads(json.dumps(body))
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    content["hashes"] = {part: sampling.sha256(sampling.canonical(content[part])) for part in ("plan", "objects", "officers", "result")}
    content.pop("sha256")
    return (sampling.canonical(content | {"sha256": sampling.sha256(sampling.canonical(content))}) + "\n").encode()


def test_a_byte_changed_anywhere_makes_both_say_no(district: Scope) -> None:
    author, head = people()
    _homes, code = library(homes=3, officers=3)
    row = drawn(author, head, code, count=2, ends_on=calendar.today() + timedelta(20))
    raw, _body = file_of(district, row)
    assert holds(raw)
    for at in range(len(raw)):
        for bit in {1, 1 << at % 8}:
            wrong = raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]
            assert not holds(wrong), at
    for wrong in (raw + b" ", raw[:-1], b" " + raw, raw.replace(b",", b", ", 1), b"", b"[]", b"{}", b"null", b"\xff", raw * 2):
        assert not holds(wrong)


def test_whoever_changes_the_file_and_every_hash_in_it_is_found_out_too(district: Scope) -> None:
    author, head = people()
    _homes, code = library(homes=5, officers=4)
    row = drawn(author, head, code, count=2)
    raw, body = file_of(district, row)
    assert holds(raw)
    order, teams = body["result"]["order"], body["result"]["teams"]
    changes: list[tuple[tuple[Any, ...], Any]] = [
        (("witness", "value"), "999"), (("secret",), "0" * 64), (("seed",), "0" * 64), (("plan", "batch"), "2026-999"),
        (("objects", 0, "weight"), "4"), (("plan", "weights", "B"), "2"), (("objects",), body["objects"][1:]),
        (("result", "order"), [order[1], order[0], *order[2:]]), (("result", "teams", 0, "officers"), teams[0]["officers"][::-1]),
        (("result", "teams", 0, "on"), teams[1]["on"]), (("result", "log"), [{"object": 1, "officer": 1, "reason": "avoidance"}]),
        (("result", "k"), 1), (("plan", "count"), 1), (("plan", "team"), 1), (("commitment", "at"), "2027-01-01T00:00:00.000000Z"),
        (("officers", "people", 0, "id"), 999999),
    ]
    for path, value in changes:
        assert not holds(resealed(body, path, value)), path
    assert not services.verify(district, resealed(body, ("objects", 0, "name"), "别的名字"))["valid"]  # held against what is kept


def elsewhere(body: dict[str, Any], drawn_on: Any = None, plan: dict[str, Any] | None = None, **parts: Any) -> bytes:
    """The file of a draw not kept here, with whatever its forger wants in it; all that follows is recomputed."""
    other = body | parts | {"plan": body["plan"] | {"batch": "2019-001"} | (plan or {})}
    other["seed"] = sampling.seed_of(body["secret"], body["witness"]["value"], "2019-001")
    result, _desk = sampling.outcome(other["plan"], other["objects"], other["officers"], other["seed"], drawn_on or calendar.today())
    return resealed(other | {"result": result | parts.get("result", {})}, ("void",), None)


def test_a_file_of_another_platform_is_verified_by_itself(district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    raw, body = file_of(district, drawn(author, head, code))
    found = services.verify(district, elsewhere(body))
    assert (found["valid"], found["kept"]) == (True, False)
    assert services.verify(district, raw)["kept"] is True


def test_who_stands_twice_in_a_library_is_found_out(district: Scope) -> None:
    """One place three times is one in the order: the teams of the other two would follow from nothing."""
    author, head = people()
    _homes, code = library()
    _raw, body = file_of(district, drawn(author, head, code))
    place, person = body["objects"][0], body["officers"]["people"][0]
    alone = body["officers"] | {"people": [person, person], "avoid": [], "last": []}
    teams = json.loads(elsewhere(body, objects=[place] * 3, officers=alone))["result"]["teams"]
    assert [each["officers"] for each in teams] == [[person["id"]] * 2]
    invented = [{"rank": 2, "object": 999, "on": "whenever", "officers": [42]}, {"rank": 3, "object": 999, "on": "", "officers": []}]
    twice_named = [place, place | {"id": 9_999_999}, *body["objects"][1:]]
    for wrong in (
        elsewhere(body, objects=[place] * 3, officers=alone, result={"teams": [*teams, *invented]}),
        elsewhere(body, objects=[place] * 3, result={"teams": [*teams, *invented]}), elsewhere(body, officers=alone),
        elsewhere(body, objects=twice_named), elsewhere(body, officers=alone | {"people": [person, person | {"id": 9_999_999}]}),
    ):
        with pytest.raises(SCRIPT_OF_OUTSIDER.Wrong, match="stands twice"):
            SCRIPT_OF_OUTSIDER.check(wrong)
        assert services.verify(district, wrong) == {"valid": False, "reason": "libraries"}


@pytest.mark.parametrize("plan", [
    {"types": ["canteen"]}, {"townships": ["nowhere"]}, {"classes": ["A", "D"]}, {"classes": ["none"]},
])
def test_a_place_outside_the_plan_is_found_out(district: Scope, plan: dict[str, Any]) -> None:
    author, head = people()
    _homes, code = library()
    _raw, body = file_of(district, drawn(author, head, code))
    towns = sorted({each["township"] for each in body["objects"]})
    assert holds(elsewhere(body, plan={"types": ["canteen", "institution"], "townships": towns, "classes": ["A", "B", "D"]}))
    with pytest.raises(SCRIPT_OF_OUTSIDER.Wrong, match="outside the plan"):
        SCRIPT_OF_OUTSIDER.check(elsewhere(body, plan=plan))
    assert services.verify(district, elsewhere(body, plan=plan)) == {"valid": False, "reason": "libraries"}


def test_days_are_those_of_the_place_not_of_the_file(district: Scope) -> None:
    """Moments stand in the file in UTC; at one in the morning here it is still the day before there."""
    author, head = people()
    _homes, code = library()
    row = drawn(author, head, code)
    _raw, body = file_of(district, row)
    today = calendar.today()

    def committed(moment: str) -> bytes:
        on = (today + timedelta(1)).isoformat()
        return elsewhere(
            body, today + timedelta(1), {"witness": {"kind": "public", "named": "示例", "on": on}},
            commitment=body["commitment"] | {"at": f"{today}T{moment}:00.000000Z"},
            witness=body["witness"] | {"at": f"{today}T17:30:00.000000Z"}, drawn_at=f"{today}T18:00:00.000000Z",
        )

    assert holds(committed("15:59"))
    assert not holds(committed("16:00"))  # midnight of the very day of the value
    out = body["result"]["order"][0]
    states.move(district, district.get(Facility, out), "suspended")
    services.replace(author, row.id, out, RULES)
    _raw, body = file_of(district, row)
    night = (day(body["replacements"][0]["on"]) - timedelta(1)).isoformat() + "T16:00:00.000000Z"
    assert services.verify(district, resealed(body, ("replacements", 0, "at"), night)) == {"valid": False, "reason": "replacement"}
    with pytest.raises(SCRIPT_OF_OUTSIDER.Wrong, match="replacement does not come after"):
        SCRIPT_OF_OUTSIDER.check(resealed(body, ("replacements", 0, "at"), night))


def test_the_script_stands_alone(district: Scope, tmp_path: Any) -> None:
    author, head = people()
    _homes, code = library()
    raw, body = file_of(district, drawn(author, head, code))
    source = SCRIPT.read_text()
    assert len(source.splitlines()) < 150
    assert "eldercare." not in source
    place = tmp_path / "draw.json"

    def run(data: bytes, *more: str) -> tuple[int, str]:
        place.write_bytes(data)
        done = subprocess.run([sys.executable, "-I", str(SCRIPT.resolve()), str(place), *more], capture_output=True, text=True, check=False, cwd=tmp_path)
        return done.returncode, done.stdout

    code_, said = run(raw)
    assert code_ == 0
    assert said.startswith(f"valid: batch {body['plan']['batch']}, 3 of 6 drawn")
    assert body["sha256"] in said
    assert run(raw, body["sha256"])[0] == 0
    assert run(raw, "0" * 64) == (2, "NOT VALID: the file is not the one whose hash was published\n")
    assert run(raw.replace(b"271828", b"271829"))[0] == 2
    assert run(b"nonsense")[0] == 2
