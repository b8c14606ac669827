"""A tablet loses nothing, sends nothing twice, and nobody but the lead writes."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app

from eldercare.accounts.models import User
from eldercare.accounts.officers import services as library
from eldercare.checklists.checks.models import Check
from eldercare.core import attachments, calendar
from eldercare.core.access import Role
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards import services as hazards
from eldercare.hazards.models import Deadlines, Hazard
from eldercare.hazards.orders.models import RectificationOrder
from eldercare.inspections import queries, services
from eldercare.inspections.field import queries as queries_of_field
from eldercare.inspections.models import Visit, VisitRecord
from tests import make
from tests.inspections.tablet import Tablet, finding, jpeg, lead_of, make_tablet, moment, record_of, sha, with_fault


@pytest.fixture(autouse=True)
def quiet(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


def scope() -> Scope:
    return Scope.system("test").enter()


def test_whoever_is_not_signed_in_is_told_so_in_json_and_never_sent_away(app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    visit = make.make_visit(make.make_facility())
    base = f"/inspections/field/visits/{visit.uid}"
    db.session.commit()
    client = app.test_client()
    for answer in (client.get("/inspections/field/token"), client.get(base), client.put(f"{base}/draft", json={}), client.post(f"{base}/record")):
        assert (answer.status_code, answer.get_json()["code"]) == (401, "signed_out")


def test_a_request_without_the_token_of_this_session_is_refused_in_json(app: Flask, district: Scope, sign_in, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    tablet = make_tablet(sign_in)
    assert tablet.draft("a", 1, {"head": {"x": 1}}).get_json()["code"] == "form.stale"
    csrf = tablet.client.get("/inspections/field/token").get_json()["csrf"]
    tablet.headers["X-CSRFToken"] = csrf
    assert tablet.draft("a", 1, {"head": {"x": 1}}).status_code == 200


def test_an_officer_sees_the_visits_of_these_days_and_who_leads_them(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    visit = db.session.get_one(Visit, tablet.visit_id)
    other = make.make_visit(make.make_facility())
    listed = tablet.client.get("/inspections/field/visits").get_json()["visits"]
    assert [(each["uid"], each["i_lead"], each["state"]) for each in listed] == [(str(visit.uid), True, "planned")]
    assert tablet.client.get(f"/inspections/field/visits/{other.uid}").status_code == 404


def test_the_package_holds_what_a_visit_needs_and_the_same_residents_each_time(district: Scope, sign_in) -> None:
    home = make.make_facility()
    for _ in range(9):
        make.make_stay(home, bed=make.make_bed(home))
    tablet = make_tablet(sign_in, home=home)
    first = tablet.client.get(tablet.base).get_json()
    assert first["facility"]["name"] == home.name
    assert len(first["residents"]) == 5
    assert all("*" in each["name"] for each in first["residents"])
    assert [each["lead"] for each in first["officers"]] == [True, False]
    items = first["lists"][0]["items"]
    assert {(each["applies"], each["partial_allowed"]) for each in items} == {(True, True)}
    assert first["rescue_key"]["kty"] == "RSA"
    again = tablet.client.get(tablet.base).get_json()
    assert (again["residents"], again["sample_seed"], again["rescue_key"]) == (first["residents"], first["sample_seed"], first["rescue_key"])


def test_a_photo_is_kept_as_it_came_under_its_hash_and_once(district: Scope, sign_in) -> None:
    tablet, data = make_tablet(sign_in), jpeg(1)
    assert tablet.photo(data).get_json() == {"sha256": sha(data), "bytes": len(data)}
    assert tablet.photo(data).status_code == 200
    assert tablet.state()["photos"] == [sha(data)]
    from eldercare.core import files

    assert files.get(sha(data), secret=True) == data


@pytest.mark.parametrize(("data", "name", "code"), [
    (jpeg(1)[:-40], sha(jpeg(1)), "photo.damaged"), (b"", sha(b"x"), "photo.damaged"), (b"no picture", None, "attachment.kind"),
])
def test_what_is_no_photo_or_arrives_cut_off_is_not_kept(district: Scope, sign_in, data: bytes, name: str | None, code: str) -> None:
    tablet = make_tablet(sign_in)
    answer = tablet.photo(data, name)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert tablet.state()["photos"] == []


def test_a_late_answer_of_the_line_never_puts_an_older_draft_over_a_newer_one(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    new, old = {"reason": "新", "n": 1.50, "deep": {"b": [1, None], "a": True}}, {"reason": "旧"}
    text = '{"deep":{"a":true,"b":[1,null]},"n":1.5,"reason":"新"}'
    assert tablet.draft("a", 5, {"answer:1:X": new}).get_json() == {"seq": 5, "hashes": {"answer:1:X": sha(text)}}
    late = tablet.draft("a", 4, {"answer:1:X": old, "answer:1:Y": old}).get_json()["hashes"]
    assert late == {"answer:1:X": sha(text), "answer:1:Y": sha('{"reason":"旧"}')}
    tablet.draft("b", 1, {"answer:1:X": old})
    drafts = {each["device"]: each["hashes"] for each in tablet.state()["drafts"]}
    assert drafts["a"] == late
    assert drafts["b"] == {"answer:1:X": sha('{"reason":"旧"}')}
    back = tablet.client.get(f"{tablet.base}/draft?device=a").get_json()
    assert (back["seq"], back["entries"]["answer:1:X"]) == (5, new)


@pytest.mark.parametrize("body", [b"\xff", b"{}", b"[]", b'{"device":"a","seq":-1,"entries":{}}', b'{"device":"","seq":1,"entries":{}}',
                                  b'{"device":"a","seq":NaN,"entries":{}}', b'{"device":"a","seq":1,"entries":{"":{}}}',
                                  b'{"device":"a","seq":1,"entries":{"\\ud83d":{}}}', b"[" * 100_000,
                                  b'{"device":"a","seq":1,"entries":{"x":' + b"[" * 900 + b"]" * 900 + b"}}"])
def test_a_draft_that_is_none_is_refused_in_words(district: Scope, sign_in, body: bytes) -> None:
    tablet = make_tablet(sign_in)
    answer = tablet.client.put(f"{tablet.base}/draft", data=body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "draft.wrong")


def test_a_record_is_taken_in_whole_and_the_same_again_changes_nothing(district: Scope, sign_in) -> None:
    tablet, data = make_tablet(sign_in), jpeg(2)
    tablet.photo(data)
    record = with_fault(record_of(tablet.visit_id, photos=[sha(data)]), photos=[{"sha256": sha(data)}])
    body = json.dumps(record, ensure_ascii=False).encode()
    first = tablet.send(body)
    assert first.status_code == 201, first.get_json()
    told = first.get_json()
    assert (told["sha256"], told["revision"], told["number"]) == (sha(body), 1, "JC2026-00001")
    assert [each["key"] for each in told["hazards"]] == [record["findings"][0]["key"]]
    again = tablet.send(body)
    assert (again.status_code, again.get_json()) == (200, told)
    visit = scope().get(Visit, tablet.visit_id)
    assert (visit.state, visit.result) == ("sent", "order")
    assert visit.shown_at is not None
    kept = db.session.scalars(scope().select(VisitRecord)).one()
    assert (kept.body.encode(), kept.sha256, kept.marks) == (body, sha(body), [])
    check = db.session.scalars(scope().select(Check)).one()
    assert (check.state, check.label, check.origin) == ("sealed", "JC2026-00001", "inspection")
    hazard = db.session.scalars(scope().select(Hazard)).one()
    assert (hazard.source_label, hazard.state, hazard.due_on.isoformat()) == ("JC2026-00001", "issued", record["findings"][0]["due_on"])
    order = db.session.scalars(scope().select(RectificationOrder)).one()
    assert (order.source_label, [each["name"] for each in order.officers]) == ("JC2026-00001", [each["name"] for each in record["signatures"][:2]])
    assert attachments.counts(scope(), "hazard", [hazard.id]) == {hazard.id: 1}
    assert tablet.state()["record"] == {"sha256": sha(body), "revision": 1, "number": "JC2026-00001"}


def test_another_record_of_the_same_visit_overwrites_nothing(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    body = json.dumps(record_of(tablet.visit_id)).encode()
    assert tablet.send(body).status_code == 201
    other = tablet.send(record_of(tablet.visit_id, notes="anders"))
    assert (other.status_code, other.get_json()["code"], other.get_json()["details"]["sha256"]) == (409, "visit.sent_otherwise", sha(body))


def test_a_record_cut_off_or_without_its_photos_waits(district: Scope, sign_in) -> None:
    tablet, data = make_tablet(sign_in), jpeg(3)
    record = record_of(tablet.visit_id, photos=[sha(data)])
    cut = tablet.send(json.dumps(record).encode()[:-9], hashed=sha(json.dumps(record)))
    assert (cut.status_code, cut.get_json()["code"]) == (422, "visit.record_damaged")
    bare = tablet.send(record)
    assert (bare.status_code, bare.get_json()["code"], bare.get_json()["details"]["missing"]) == (409, "visit.photos_missing", [sha(data)])
    tablet.photo(data)
    assert tablet.send(record).status_code == 201


def test_only_the_lead_writes_and_the_second_officer_reads(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    from eldercare.inspections import queries

    visit = queries.visit(scope(), tablet.visit_id)
    second = Tablet(sign_in(db.session.get_one(User, visit.officers[1].officer.user_id)), visit)
    assert second.client.get(second.base).get_json()["i_lead"] is False
    for answer in (second.photo(jpeg(1)), second.draft("a", 1, {"head": {}}), second.send(record_of(tablet.visit_id))):
        assert (answer.status_code, answer.get_json()["code"]) == (403, "visit.not_lead")
    scope()
    other = make.make_user(Role.INSPECTOR)
    make.make_officer(other)
    stranger = sign_in(other)
    assert stranger.get(tablet.base).status_code == 404
    scope()
    manager = sign_in(make.make_user(Role.FACILITY_MANAGER, make.make_facility()))
    assert manager.get(tablet.base).status_code == 403


def test_nothing_is_taken_once_the_visit_was_cancelled(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    record = record_of(tablet.visit_id)
    services.cancel_visit(scope(), tablet.visit_id, "示例理由")
    db.session.commit()
    for answer in (tablet.photo(jpeg(1)), tablet.draft("a", 1, {"head": {}}), tablet.send(record)):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "visit.is_cancelled")


def test_a_signer_whose_certificate_did_not_count_that_day_is_refused(district: Scope, sign_in) -> None:
    from eldercare.accounts.officers import services as library
    from eldercare.core import calendar

    tablet = make_tablet(sign_in)
    from eldercare.inspections import queries

    library.change_officer(scope(), queries.visit(scope(), tablet.visit_id).officers[1].officer_id, left_on=calendar.today())
    db.session.commit()
    answer = tablet.send(record_of(tablet.visit_id))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "officer.not_certified")


def test_a_signer_whose_certificate_ran_out_on_the_way_home_has_signed_an_order_that_stands(district: Scope, sign_in) -> None:
    """What was signed at the place arrives days later: nothing that happened since may keep it out."""
    tablet, today = make_tablet(sign_in), calendar.today()
    lead, second = (each.officer_id for each in queries.visit(scope(), tablet.visit_id).officers)
    library.change_officer(scope(), second, valid_to=today - timedelta(days=2))
    library.recuse(scope(), lead, scope().get(Visit, tablet.visit_id).facility_id, "self_declared", (today, None))
    db.session.commit()
    late = record_of(tablet.visit_id, started_at=moment(-74), ended_at=moment(-73))
    answer = tablet.send(with_fault(late, due_on=(today + timedelta(days=4)).isoformat()))
    assert answer.status_code == 201, answer.get_json()
    order = db.session.scalars(scope().select(RectificationOrder)).one()
    assert (order.officer_a_id, order.officer_b_id) == (lead, second)


def test_a_major_hazard_is_taken_in_though_its_row_left_the_table_since_the_tablet_was_packed(district: Scope, sign_in) -> None:
    from eldercare.checklists.services import publish
    from tests.checklists.made import table_without

    make.make_hazard_table()
    tablet = make_tablet(sign_in)
    assert "MH-8" in {each["code"] for each in tablet.client.get(tablet.base).get_json()["major"]}
    publish(scope(), table_without(scope(), "MH-8").id, "row dropped", calendar.today())
    db.session.commit()
    due = (calendar.today() + timedelta(days=3)).isoformat()
    answer = tablet.send(with_fault(record_of(tablet.visit_id), severity="major", hazard_code="MH-8", due_on=due))
    assert answer.status_code == 201, answer.get_json()
    assert db.session.scalars(scope().select(Hazard)).one().hazard_code == "MH-8"


def test_a_hazard_answered_in_time_and_seen_to_be_right_caps_no_score(district: Scope, sign_in, monkeypatch: pytest.MonkeyPatch) -> None:
    home, today = make.make_facility(), calendar.today()
    monkeypatch.setenv("ELDERCARE_TODAY", (today - timedelta(days=10)).isoformat())
    deadlines = Deadlines.of(current_app.config)
    hazard = hazards.order(scope(), home.id, source=None, severity="general", description="示例:杂物", deadlines=deadlines)
    hazards.reply(scope(), hazard.id, "示例:已清理", deadlines)
    monkeypatch.setenv("ELDERCARE_TODAY", today.isoformat())
    tablet = make_tablet(sign_in, home=home)
    assert hazard.overdue_days == 3
    seen = [{"hazard_id": hazard.id, "passed": True, "findings": "示例:通畅", "photos": []}]
    answer = tablet.send(record_of(tablet.visit_id, rechecks=seen))
    assert answer.status_code == 201, answer.get_json()
    check = db.session.scalars(scope().select(Check)).one()
    assert (check.overdue, check.score) == (0, 100)


def _answered(sign_in, kind: str) -> Hazard:
    """A hazard that a check of a kind found, and that its home has answered."""
    tablet = make_tablet(sign_in, kind=kind, shown=kind != "case")
    answer = tablet.send(with_fault(record_of(tablet.visit_id)))
    assert answer.status_code == 201, answer.get_json()
    hazard = next(each.hazard for each in queries_of_field.findings(scope(), tablet.visit_id))
    hazards.reply(scope(), hazard.id, "示例:已清理", Deadlines.of(current_app.config))
    return hazard


@pytest.mark.parametrize(("kind", "to_publish"), [("case", 0), ("daily", 1)])
def test_a_recheck_follows_its_parent_in_what_is_public(district: Scope, sign_in, kind: str, to_publish: int) -> None:
    hazard = _answered(sign_in, kind)
    tablet = make_tablet(sign_in, home=db.session.get_one(Facility, hazard.facility_id), kind="recheck")
    seen = [{"hazard_id": hazard.id, "passed": True, "findings": "示例:通畅", "photos": []}]
    answer = tablet.send(record_of(tablet.visit_id, rechecks=seen))
    assert answer.status_code == 201, answer.get_json()
    visit = scope().get(Visit, tablet.visit_id)
    asked = db.select(db.func.count(Alert.id)).where(Alert.kind == "visit.to_publish", Alert.entity_id == visit.id)
    assert (visit.publish_by is not None, db.session.scalar(asked)) == (bool(to_publish), to_publish)
    services.answer(scope(), visit.id, "示例")
    desk = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    assert ("/publish" in desk.get(f"/inspections/{visit.id}").text) is bool(to_publish)
    scope()
    published = desk.post(f"/inspections/{visit.id}/publish", data={"words": "示例"})
    assert published.status_code == (303 if to_publish else 422)
    assert queries.published_count(scope()) == to_publish


def test_a_result_that_stays_secret_and_was_public_does_not_wait_again_once_taken_back(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in, kind="recheck")
    assert tablet.send(record_of(tablet.visit_id)).status_code == 201
    services.answer(scope(), tablet.visit_id, "示例")
    services.publish(scope(), tablet.visit_id, "示例", [])
    visit = scope().get(Visit, tablet.visit_id)
    home = db.session.get_one(Facility, visit.facility_id)
    visit.follows_id = make.make_visit(home, kind="case", shown=False).id
    services.unpublish(scope(), visit.id, "示例:此为举报核查之复查")
    waits = db.select(Alert.id).where(Alert.kind == "visit.to_publish", Alert.entity_id == visit.id, Alert.settled_at.is_(None))
    assert db.session.scalars(waits).all() == []


def _without(record: dict, role: str) -> dict:
    return record | {"signatures": [each for each in record["signatures"] if each["role"] != role]}


def _home(record: dict, **said: object) -> dict:
    return record | {"signatures": [each | said if each["role"] == "home" else each for each in record["signatures"]]}


def _answer(record: dict, **said: object) -> dict:
    next(iter(record["lists"][0]["answers"].values())).update(said)
    return record


@pytest.mark.parametrize(("spoil", "key"), [
    (lambda r: _without(r, "officer"), "signature:officer"),
    (lambda r: _without(r, "home"), "signature:home"),
    (lambda r: _home(r, state="refused", reason=""), "signature:home"),
    (lambda r: _home(r, state="refused", reason="不同意"), "signature:witness"),
    (lambda r: _home(r, strokes=None), "signatures"),
    (lambda r: r | {"shown": {"certificates": []}}, "shown"),
    (lambda r: r | {"format": 2}, "format"),
    (lambda r: r | {"visit": "x"}, "visit"),
    (lambda r: r | {"started_at": moment(0), "ended_at": moment(-1)}, "times"),
    (lambda r: r | {"started_at": "2026-11-24T10:00:00"}, "times"),
    (lambda r: r | {"result": "fine"}, "result"),
    (lambda r: r | {"result": "order"}, "result"),
    (lambda r: r | {"findings": [finding()]}, "result"),
    (lambda r: _answer(r, result="nonconform", reason="坏"), "result"),
    (lambda r: _answer(r, result="nonconform", reason=" "), "answer:"),
    (lambda r: _answer(r, result="well"), "answer:"),
    (lambda r: _answer(r, result="not_applicable"), "answer:"),
    (lambda r: _answer(r, escalated=True, result="nonconform", reason="坏"), "answer:"),
    (lambda r: _answer(r, photos=[{"sha256": "xyz"}]), "answer:"),
    (lambda r: r | {"lists": []}, "list:"),
    (lambda r: r | {"lists": r["lists"] * 2}, "list:"),
    (lambda r: r | {"lists": [r["lists"][0] | {"answers": {"NO-1": {"result": "conform"}}}]}, "answer:"),
    (lambda r: r | {"result": "order", "findings": [finding(due_on=None)]}, "finding:"),
    (lambda r: r | {"result": "order", "findings": [finding(severity="major")]}, "finding:"),
    (lambda r: r | {"result": "order", "findings": [finding(description="")]}, "finding:"),
    (lambda r: r | {"result": "order", "findings": [finding(due_on="2027-11-24")]}, "finding:"),
    (lambda r: r | {"result": "order", "findings": [finding(item={"version_id": 1, "code": "NO-1"})]}, "finding:"),
    (lambda r: r | {"rechecks": [{"hazard_id": 1, "passed": "yes"}]}, "recheck:"),
    (lambda r: r | {"rechecks": [{"hazard_id": 10**30, "passed": True, "findings": "好"}]}, "recheck:"),
    (lambda r: r | {"result": ["none"]}, "result"),
    (lambda r: r | {"device": "a\0"}, "device"),
    (lambda r: r | {"shown": {"certificates": [{"officer_id": [1]}]}}, "shown"),
    (lambda r: _home(r, strokes={"w": 10**400, "h": 1, "lines": [[[1, 1], [2, 2]]]}), "signatures"),
    (lambda r: _answer(r, photos=5), "answer:"),
    (lambda r: _answer(r, result=["conform"]), "answer:"),
    (lambda r: r | {"result": "order", "findings": [finding(severity=["general"])]}, "finding:"),
    (lambda r: r | {"result": "order", "findings": [finding(due_on="9999-12-31")]}, "finding:"),
    (lambda r: r | {"result": "order", "findings": [finding(item={"version_id": [1], "code": {}})]}, "finding:"),
    (lambda r: r | {"result": "order", "findings": [finding(key="\0")]}, "findings"),
])
def test_what_does_not_fit_is_named_at_its_place_and_nothing_is_kept(district: Scope, sign_in, spoil, key: str) -> None:
    tablet = make_tablet(sign_in)
    answer = tablet.send(spoil(record_of(tablet.visit_id)))
    said = answer.get_json()
    assert (answer.status_code, said["code"]) == (422, "visit.record_wrong")
    assert any(each.startswith(key) for each in said["details"]), said
    assert scope().get(Visit, tablet.visit_id).state == "planned"
    assert db.session.scalars(scope().select(VisitRecord)).all() == []


def test_half_a_character_from_a_keyboard_loses_no_record(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    record = with_fault(record_of(tablet.visit_id), description="示例:通道堆放杂物\ud83d", demand="示例:清理\0通道")
    answer = tablet.send(json.dumps(record).encode())
    assert answer.status_code == 201, answer.get_json()
    hazard = db.session.scalars(scope().select(Hazard)).one()
    assert (hazard.description, hazard.demand) == ("示例:通道堆放杂物", "示例:清理通道")


def test_refused_before_a_witness_and_nobody_there_are_records_too(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    record = _home(record_of(tablet.visit_id), state="refused", reason="不同意", strokes=None)
    witness = {"role": "witness", "name": "示例见证人", "state": "signed", "strokes": record["signatures"][0]["strokes"]}
    assert tablet.send(record | {"signatures": [*record["signatures"], witness]}).status_code == 201
    tablet = make_tablet(sign_in)
    record = _home(record_of(tablet.visit_id), state="absent", reason="大门上锁", strokes=None, name=None)
    gone = record | {"result": "absent", "shown": {"certificates": [], "notice": None}}
    gone["lists"] = [each | {"answers": {}} for each in gone["lists"]]
    assert tablet.send(gone).status_code == 201
    assert db.session.scalars(scope().select(Check).where(Check.label == "JC2026-00002")).one().status == "incomplete"


def test_a_record_that_arrives_long_after_is_taken_and_marked(district: Scope, sign_in) -> None:
    from datetime import timedelta

    from eldercare.core import calendar

    day = calendar.today() - timedelta(days=3)
    tablet = make_tablet(sign_in, planned_on=calendar.today())
    due = (day + timedelta(days=7)).isoformat()
    late = record_of(tablet.visit_id, started_at=moment(-74), ended_at=moment(-73), clock={"offset_ms": 3_600_000})
    assert tablet.send(with_fault(late, due_on=due)).status_code == 201
    kept = db.session.scalars(scope().select(VisitRecord)).one()
    assert set(kept.marks) == {"late", "clock", "other_day"}
    assert kept.clock_offset_s == 3600
    hazard = db.session.scalars(scope().select(Hazard)).one()
    assert (hazard.due_on - calendar.today()).days >= 7  # as many days as it was told at the place


def test_the_lead_of_a_visit_is_who_the_team_names_first(district: Scope) -> None:
    visit = make.make_visit(make.make_facility())
    assert lead_of(visit).id == visit.officers[0].officer.user_id


def test_a_signed_record_is_taken_in_though_an_officer_should_have_stayed_away(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    visit = scope().get(Visit, tablet.visit_id)
    lead = queries.visit(scope(), visit.id).officers[0].officer_id
    library.recuse(scope(), lead, visit.facility_id, "kin", (calendar.today(), None))
    db.session.commit()
    answer = tablet.send(with_fault(record_of(tablet.visit_id)))
    assert answer.status_code == 201, answer.get_json()
    hazard = db.session.scalars(scope().select(Hazard)).one()
    assert hazard.state == "issued"  # nothing found at the place is lost
    assert db.session.scalars(scope().select(RectificationOrder)).all() == []  # two others put it into an order
    assert "visit.order_left" in {entry.action for entry in queries.history(scope(), queries.visit(scope(), tablet.visit_id))}


@pytest.mark.parametrize("changed", [{"findings": 3}, {"lists": [{"version_id": "x"}]}, {"signatures": [7]},
                                     {"rechecks": [[]]}, {"result": ["order"]}, {"shown": 1}])
def test_a_record_of_the_wrong_kinds_is_refused_in_words(district: Scope, sign_in, changed: dict[str, Any]) -> None:
    tablet = make_tablet(sign_in)
    body = json.dumps(record_of(tablet.visit_id) | changed).encode()
    answer = tablet.send(body)
    assert answer.status_code == 422, answer.get_json()
    assert answer.get_json()["code"] in ("visit.record_unread", "visit.record_wrong")


def test_a_rescue_file_may_be_larger_than_what_other_doors_take(app: Flask, district: Scope, sign_in, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 2000)
    client = sign_in(make.make_user(Role.INSPECTOR))
    large = {"file": (io.BytesIO(b"x" * 9000), "visit.rescue")}
    assert client.post("/inspections/field/rescue", data=large, content_type="multipart/form-data").status_code == 422
    large = {"file": (io.BytesIO(b"x" * 9000), "visit.rescue")}
    assert client.post("/password", data=large, content_type="multipart/form-data").status_code == 413
