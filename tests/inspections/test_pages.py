"""Visits as people read them: officers theirs, a home what it was shown; told, moved, answered, published, corrected."""

import json
from datetime import time, timedelta

import pytest
from flask import Flask

from eldercare.accounts.models import User
from eldercare.accounts.officers import services as library
from eldercare.checklists.checks.models import Check
from eldercare.checklists.models import ChecklistItem
from eldercare.core import audit, calendar, states
from eldercare.core.access import Role
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.inspections import queries, services
from eldercare.inspections.models import PublishedResult, Visit, VisitRecord
from eldercare.inspections.plans import services as plans
from eldercare.inspections.services.corrections import Changes
from tests import make
from tests.inspections.tablet import Tablet, finding, jpeg, lead_of, make_tablet, moment, record_of, sha, with_fault
from tests.page import BESIDES, fetch


@pytest.fixture(autouse=True)
def quiet(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


def scope() -> Scope:
    return Scope.system("test").enter()


@pytest.fixture
def sent(district: Scope, sign_in) -> Tablet:
    """A visit with a record: one item not in order, a photo, an order."""
    home = make.make_facility(head="示例院长")
    for _ in range(6):
        make.make_stay(home, bed=make.make_bed(home))
    tablet, data = make_tablet(sign_in, home=home), jpeg(5)
    tablet.client.get(tablet.base)
    tablet.photo(data)
    record = with_fault(record_of(tablet.visit_id, photos=[sha(data)]), photos=[{"sha256": sha(data)}])
    answer = tablet.send(record)
    assert answer.status_code == 201, answer.get_json()
    scope()
    return tablet


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_record_page_is_sound_for_officers_and_for_the_home(sent: Tablet, sign_in, queries: list[str], language: str) -> None:
    visit = scope().get(Visit, sent.visit_id)
    from eldercare.facilities.models import Facility

    home = db.session.get_one(Facility, visit.facility_id)
    readers = [make.make_user(Role.DISTRICT_OFFICER), make.make_user(Role.FACILITY_MANAGER, home)]
    for reader in readers:
        client = sign_in(reader, language=language)
        for path in ("/inspections/", f"/inspections/{sent.visit_id}", f"/inspections/{sent.visit_id}/editions/1"):
            fetch(client, path, queries=queries if path == "/inspections/" else None)
            asked = [q for q in queries if not q.lstrip().upper().startswith(BESIDES)]
            assert len(asked) <= 20, f"{path}: {len(asked)}"
            queries.clear()
        scope()
    text = sign_in(readers[0]).get(f"/inspections/{sent.visit_id}").get_data(as_text=True)
    assert "JC2026-00001" in text
    assert text.count("<polyline") == 6


def test_photos_are_drawn_anew_for_the_home_and_the_bytes_that_came_are_for_officers(sent: Tablet, sign_in) -> None:
    from eldercare.facilities.models import Facility

    visit = scope().get(Visit, sent.visit_id)
    photo_id = next(iter(_photos(visit.id)))
    home = db.session.get_one(Facility, visit.facility_id)
    manager, officer = make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.DISTRICT_OFFICER)
    base = f"/inspections/{visit.id}/photos/{photo_id}"
    client = sign_in(manager)
    seen = client.get(base)
    assert (seen.status_code, seen.mimetype) == (200, "image/jpeg")
    assert seen.get_data() != jpeg(5)
    assert b"photo 5" not in seen.get_data()
    assert client.get(f"{base}/small").status_code == 200
    assert client.get(f"{base}/as-it-came").status_code == 403
    assert sign_in(officer).get(f"{base}/as-it-came").get_data() == jpeg(5)


def _photos(visit_id: int) -> list[int]:
    from eldercare.inspections.field.models import VisitPhoto

    return list(db.session.scalars(scope().columns(VisitPhoto, VisitPhoto.id).where(VisitPhoto.visit_id == visit_id)))


def test_a_home_reads_nothing_of_a_visit_it_was_not_shown_and_nothing_of_another_home(district: Scope, sign_in) -> None:
    home = make.make_facility()
    manager = make.make_user(Role.FACILITY_MANAGER, home)
    secret, told, other = make.make_visit(home, shown=False), make.make_visit(home), make.make_visit(make.make_facility())
    ids = [each.id for each in (secret, told, other)]
    client = sign_in(manager)
    assert [client.get(f"/inspections/{each}").status_code for each in ids] == [404, 200, 404]
    listed = client.get("/inspections/").get_data(as_text=True)
    assert f"/inspections/{ids[1]}" in listed
    assert f"/inspections/{ids[0]}" not in listed
    assert client.get(f"/inspections/{ids[1]}/notice").status_code == 403
    scope()
    assert sign_in(make.make_user(Role.STATIONED_SUPERVISOR, home)).get("/inspections/").status_code == 403


def test_notice_tells_the_home_and_a_late_one_says_why(district: Scope, sign_in) -> None:
    visit = make.make_visit(make.make_facility(), shown=False, planned_on=calendar.today() + timedelta(days=1))
    client, path = sign_in(make.make_user(Role.DISTRICT_OFFICER)), f"/inspections/{visit.id}/notice"
    fetch(client, path)
    assert client.post(path, data={"way": "electronic", "to": "示例院长"}).status_code == 422
    assert client.post(path, data={"way": "electronic", "to": "示例院长", "reason": "示例:接到投诉"}).status_code == 303
    kept = scope().get(Visit, visit.id)
    assert (kept.notice_way, kept.notice_note) == ("electronic", "示例院长\n示例:接到投诉")
    assert kept.shown_at is not None
    assert db.session.scalars(scope().columns(Alert, Alert.kind).where(Alert.entity_id == visit.id, Alert.entity == "visit")).all() == ["visit.noticed"]
    with pytest.raises(Refused) as refused:
        services.give_notice(scope(), visit.id, way="phone", to="", reason="x", earliest=calendar.today())
    assert refused.value.code == "visit.noticed_already"
    case = make.make_visit(make.make_facility(), kind="case", shown=False)
    with pytest.raises(Refused) as refused:
        services.give_notice(scope(), case.id, way="phone", to="", reason="x", earliest=calendar.today())
    assert refused.value.code == "visit.untold"


def test_moving_changing_and_calling_off_keep_their_reasons(district: Scope, sign_in) -> None:
    visit, other = make.make_visit(make.make_facility()), [make.make_officer(), make.make_officer()]
    client, base = sign_in(make.make_user(Role.DISTRICT_OFFICER)), f"/inspections/{visit.id}"
    day = (calendar.today() + timedelta(days=3)).isoformat()
    for path in ("reschedule", "team", "cancel"):
        fetch(client, f"{base}/{path}")
    seated = {name: row.officer_id for name, row in zip(("team", "second"), queries.visit(scope(), visit.id).officers, strict=True)}
    moved = {"planned_on": day, "slot": "09:00-10:30", "reason": "示例"} | seated
    assert client.post(f"{base}/reschedule", data=moved | {"slot": "11:00-09:00"}).status_code == 422
    assert client.post(f"{base}/reschedule", data=moved).status_code == 303
    team = {"team": other[0].id, "second": other[1].id, "reason": "示例"}
    assert client.post(f"{base}/team", data=team | {"second": other[0].id}).status_code == 422
    assert client.post(f"{base}/team", data=team).status_code == 303
    assert client.post(f"{base}/cancel", data={"reason": "示例:机构停业"}).status_code == 303
    kept = scope().get(Visit, visit.id)
    assert (kept.state, kept.reason, kept.planned_on.isoformat()) == ("cancelled", "示例:机构停业", day)
    fetch(client, base)


def test_the_home_answers_before_anything_is_published_and_persons_are_masked(sent: Tablet, sign_in, client) -> None:
    from eldercare.facilities.models import Facility

    visit = scope().get(Visit, sent.visit_id)
    home = db.session.get_one(Facility, visit.facility_id)
    manager, officer = make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.DISTRICT_OFFICER)
    desk, base = sign_in(officer), f"/inspections/{visit.id}"
    words = {"words": f"{home.head}处电话13800001234,通道堆物。"}
    early = desk.post(f"{base}/publish", data=words)
    assert early.status_code == 422
    answered = sign_in(manager).post(f"{base}/answer", data={"words": "示例:已清理"})
    assert answered.status_code == 303
    fetch(desk, f"{base}/publish")
    assert desk.post(f"{base}/publish", data=words).status_code == 303
    public = fetch(client, "/public/inspections/").text
    assert "示**长处电话****" in public
    assert home.head not in public
    scope()
    assert sign_in(manager).post(f"{base}/answer", data={"words": "示例:再说"}).status_code == 422
    to_do = db.select(Alert.settled_at.is_(None)).where(Alert.kind == "visit.to_publish", Alert.entity_id == sent.visit_id)
    scope()
    assert db.session.scalars(to_do).all() == [False]
    assert desk.post(f"{base}/unpublish", data={"reason": "示例"}).status_code == 303
    scope()
    assert db.session.scalars(to_do).all() == [True]  # it waits to be published again
    assert db.session.scalars(scope().select(PublishedResult)).all() == []


def test_what_was_set_right_at_the_place_is_read_with_its_reason(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    for wrong in ("x", [1], [{"key": "arrival"}]):
        assert tablet.send(record_of(tablet.visit_id) | {"amended": wrong}).status_code == 422
    stood = {"key": "arrival", "at": "1970-01-01T08:00:00+08:00", "reason": "平板时钟错误", "set_at": moment(-1)}
    assert tablet.send(record_of(tablet.visit_id) | {"amended": [stood]}).status_code == 201
    scope()
    text = fetch(sign_in(make.make_user(Role.DISTRICT_OFFICER)), f"/inspections/{tablet.visit_id}").text
    assert all(words in text for words in ("到达时间(更正前)", "1970", "平板时钟错误"))


def correction_of(record: VisitRecord) -> tuple[dict[str, str], dict[str, int]]:
    """The form of a correction as a browser sends it with nothing changed, and the fields' numbers by the codes of the items."""
    body = json.loads(record.body)
    version = body["lists"][0]["version_id"]
    items = {each.code: each.id for each in db.session.scalars(scope().select(ChecklistItem).where(ChecklistItem.version_id == version))}
    form = {"base": record.sha256, "result": body["result"], "notes": body["notes"], "reason": "示例:写错了项"}
    for each, said in body["lists"][0]["answers"].items():
        form |= {f"a_{items[each]}": said["result"], f"r_{items[each]}": said["reason"] or ""}
    return {name: words.replace("\n", "\r\n") for name, words in form.items()}, items


def test_a_correction_is_a_new_edition_by_the_lead_with_a_reason_and_the_old_one_stays(sent: Tablet, sign_in) -> None:
    first = db.session.scalars(scope().select(VisitRecord)).one()
    body = json.loads(first.body)
    code = list(body["lists"][0]["answers"])[1]
    fetch(sent.client, f"/inspections/{sent.visit_id}/correct")
    form, items = correction_of(first)
    assert sent.client.post(f"/inspections/{sent.visit_id}/correct", data=form).status_code == 422  # nothing changed
    changed = form | {f"a_{items[code]}": "partial", f"r_{items[code]}": "示例:部分缺失"}
    assert sent.client.post(f"/inspections/{sent.visit_id}/correct", data=changed | {"reason": ""}).status_code == 422
    done = sent.client.post(f"/inspections/{sent.visit_id}/correct", data=changed)
    assert done.status_code == 303, done.get_data(as_text=True)[-3000:]
    kept = db.session.scalars(scope().select(VisitRecord).order_by(VisitRecord.revision)).all()
    assert [each.revision for each in kept] == [1, 2]
    assert kept[0].body == first.body
    newer = json.loads(kept[1].body)
    assert (newer["corrects"], newer["lists"][0]["answers"][code]["reason"]) == (kept[0].sha256, "示例:部分缺失")
    assert sha(kept[1].body) == kept[1].sha256
    checks = db.session.scalars(scope().select(Check).order_by(Check.id)).all()
    assert [(each.state, each.revision) for each in checks] == [("sealed", 1), ("sealed", 2)]
    db.session.expire_all()  # a request of its own reads anew
    text = fetch(sent.client, f"/inspections/{sent.visit_id}/editions/2").text
    assert "示例:部分缺失" in text
    assert sent.client.post(f"/inspections/{sent.visit_id}/correct", data=changed).status_code == 422  # over an older edition
    scope()
    visit = queries.visit(scope(), sent.visit_id)
    second = sign_in(db.session.get_one(User, visit.officers[1].officer.user_id))
    assert second.post(f"/inspections/{sent.visit_id}/correct", data=changed | {"base": kept[1].sha256}).status_code == 403


def test_a_correction_leaves_what_nobody_touched_to_the_letter(district: Scope, sign_in) -> None:
    tablet, long = make_tablet(sign_in), "第一行  两个空格\n第二行" + "长" * 1500
    record = with_fault(record_of(tablet.visit_id) | {"notes": "记  录\n\n二"})
    one, other = list(record["lists"][0]["answers"])[:2]
    record["lists"][0]["answers"][one]["reason"] = long
    assert tablet.send(record).status_code == 201
    form, items = correction_of(db.session.scalars(scope().select(VisitRecord)).one())
    assert tablet.client.post(f"/inspections/{tablet.visit_id}/correct", data=form).status_code == 422  # nothing was changed
    changed = form | {f"a_{items[other]}": "partial", f"r_{items[other]}": "示例"}
    assert tablet.client.post(f"/inspections/{tablet.visit_id}/correct", data=changed).status_code == 303
    newer = json.loads(db.session.scalars(scope().select(VisitRecord).where(VisitRecord.revision == 2)).one().body)
    assert (newer["notes"], newer["lists"][0]["answers"][one]["reason"]) == (record["notes"], long)
    assert newer["lists"][0]["answers"][other]["reason"] == "示例"


def test_a_correction_of_what_is_public_is_told_to_the_district_and_another_officer_makes_it_once_the_lead_is_gone(sent: Tablet) -> None:
    district = scope()
    visit = queries.visit(district, sent.visit_id)
    visit.answered_at, visit.answer, visit.answered_by = calendar.now(), "无", "示例"
    services.publish(district, sent.visit_id, "示例", [])
    second = db.session.get_one(User, visit.officers[1].officer.user_id)
    own = Scope(permission="inspection:do", person_id=second.id, person_name=second.username, everywhere=True)
    base = db.session.scalars(scope().select(VisitRecord)).one().sha256
    with pytest.raises(Refused, match="not_corrector"):
        services.correct(own.enter(), sent.visit_id, base, Changes(notes="示例"), "示例")
    for grant in lead_of(scope().get(Visit, sent.visit_id)).grants:  # moved to another post
        grant.ended_at = calendar.now()
    services.correct(own.enter(), sent.visit_id, base, Changes(notes="示例"), "示例")
    scope()
    told = {each.kind: each.level for each in db.session.scalars(db.select(Alert).where(Alert.entity_id == sent.visit_id))}
    assert (told["visit.corrected"], told["visit.corrected_public"]) == ("facility", "district")


def test_a_correction_cannot_contradict_what_was_found(sent: Tablet) -> None:
    person = lead_of(scope().get(Visit, sent.visit_id))
    own = Scope(permission="inspection:do", person_id=person.id, person_name=person.username, everywhere=True).enter()
    base = db.session.scalars(own.select(VisitRecord)).one().sha256
    with pytest.raises(Refused) as refused:
        services.correct(own, sent.visit_id, base, Changes(result="none"), "示例")
    assert refused.value.code == "visit.record_wrong"


def test_the_lists_export_and_the_api_tell_the_same(sent: Tablet, sign_in, app: Flask) -> None:
    officer = make.make_user(Role.DISTRICT_OFFICER)
    client = sign_in(officer)
    assert client.post("/inspections/export").status_code == 303
    scope()
    from eldercare.accounts.services import make_token

    own = Scope(permission="signed-in", person_id=officer.id, person_name=officer.username).enter()
    token, _row = make_token(own, officer.id, "test", 30)
    db.session.commit()
    headers = {"Authorization": f"Bearer {token}"}
    fresh = app.test_client()
    assert fresh.get("/api/v1/inspections/", headers=headers).get_json()["items"][0]["number"] == "JC2026-00001"
    one = fresh.get(f"/api/v1/inspections/{sent.visit_id}", headers=headers).get_json()
    assert [each["revision"] for each in one["records"]] == [1]
    assert "body" not in one["records"][0]


def test_what_no_record_names_goes_when_its_time_is_over_and_the_rest_stays(sent: Tablet) -> None:
    from eldercare.core import files
    from eldercare.inspections.field import services as tablets
    from eldercare.inspections.field.models import VisitDraft, VisitPhoto

    sent.photo(jpeg(8))
    sent.draft("a", 1, {"head": {"x": 1}})
    assert tablets.tidy(scope(), calendar.today()) == {"drafts": 0, "photos": 0}
    assert tablets.tidy(scope(), calendar.today() + timedelta(days=1)) == {"drafts": 1, "photos": 1}
    assert db.session.scalars(scope().columns(VisitPhoto, VisitPhoto.sha256)).all() == [sha(jpeg(5))]
    assert db.session.scalars(scope().select(VisitDraft)).all() == []
    assert files.get(sha(jpeg(5)), secret=True) == jpeg(5)
    assert files.get(sha(jpeg(8)), secret=True) == jpeg(8)  # as long as nothing is committed, nothing is lost
    db.session.commit()
    with pytest.raises(Refused):
        files.get(sha(jpeg(8)), secret=True)


def test_what_is_rolled_back_keeps_its_bytes(sent: Tablet) -> None:
    from eldercare.core import files
    from eldercare.inspections.field import services as tablets
    from eldercare.inspections.field.models import VisitPhoto

    sent.photo(jpeg(8))
    db.session.commit()
    tablets.tidy(scope(), calendar.today() + timedelta(days=1))
    db.session.rollback()
    db.session.commit()
    assert sha(jpeg(8)) in db.session.scalars(scope().columns(VisitPhoto, VisitPhoto.sha256)).all()
    assert files.get(sha(jpeg(8)), secret=True) == jpeg(8)


def test_drafts_of_a_visit_that_was_never_recorded_end_with_it(district: Scope, sign_in) -> None:
    from eldercare.inspections.field import services as tablets
    from eldercare.inspections.field.models import VisitDraft, VisitPhoto

    called_off, given_up = make_tablet(sign_in, home=make.make_facility()), make_tablet(sign_in, home=make.make_facility())
    for tablet in (called_off, given_up):
        tablet.photo(jpeg(9))
        tablet.draft("a", 1, {"head": {"x": 1}})
    services.cancel_visit(scope(), called_off.visit_id, "示例")
    later = calendar.today() + timedelta(days=1)
    visit = scope().get(Visit, given_up.visit_id)
    visit.planned_on = later  # still to be made
    audit.record(scope(), "visit.changed", visit)
    assert tablets.tidy(scope(), calendar.today()) == {"drafts": 0, "photos": 0}  # its tablet sent something only just now
    assert tablets.tidy(scope(), later) == {"drafts": 1, "photos": 1}
    assert db.session.scalars(scope().columns(VisitDraft, VisitDraft.visit_id)).all() == [given_up.visit_id]
    assert tablets.tidy(scope(), later + timedelta(days=1)) == {"drafts": 1, "photos": 1}  # its day is over, and nobody made it
    assert db.session.scalars(scope().select(VisitPhoto)).all() == []


def test_a_finding_put_right_on_the_spot_is_counted_and_done_with(district: Scope, sign_in) -> None:
    from eldercare.hazards.models import Hazard

    tablet = make_tablet(sign_in)
    record = with_fault(record_of(tablet.visit_id)) | {"result": "fixed", "findings": [finding(fixed_on_spot=True, due_on=None)]}
    assert tablet.send(record).status_code == 201
    assert [each.state for each in db.session.scalars(scope().select(Hazard))] == ["closed"]


def test_a_home_does_not_open_photos_that_are_on_their_way_to_a_record(district: Scope, sign_in) -> None:
    home, data = make.make_facility(), jpeg(7)
    tablet = make_tablet(sign_in, home=home)
    assert tablet.photo(data).status_code == 200
    scope().get(Visit, tablet.visit_id).shown_at = calendar.now()
    manager, officer = make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.DISTRICT_OFFICER)
    audit.record(scope(), "visit.noticed", scope().get(Visit, tablet.visit_id))
    db.session.commit()
    base = f"/inspections/{tablet.visit_id}/photos/{_photos(tablet.visit_id)[0]}"
    client = sign_in(manager)
    assert client.get(f"/inspections/{tablet.visit_id}").status_code == 200
    assert [client.get(f"{base}{each}").status_code for each in ("", "/small")] == [404, 404]
    scope()
    assert sign_in(officer).get(base).status_code == 200


def test_a_visit_moved_to_and_fro_leaves_the_home_with_its_last_day_alone(district: Scope) -> None:
    first = calendar.today() + timedelta(days=6)
    visit = make.make_visit(make.make_facility(), shown=False, planned_on=first)
    services.give_notice(scope(), visit.id, way="phone", to="示例院长", reason="", earliest=calendar.today())
    for days in (2, 0):
        plans.move_visit(scope(), visit.id, first + timedelta(days=days), "示例")
    told = scope().select(Alert).where(Alert.entity == "visit", Alert.entity_id == visit.id, Alert.settled_at.is_(None))
    assert [each.details["day"] for each in db.session.scalars(told)] == [first.isoformat()]


def test_both_doors_judge_what_the_plan_judges_and_say_so(district: Scope, sign_in) -> None:
    """A day that is over, a day off, an officer who is elsewhere, one who avoids the place: at the page of the visit too."""
    first, other = make.make_visit(make.make_facility(), window=(time(9), time(10, 30))), make.make_facility()
    busy, kin, free = (row.officer for row in queries.visit(scope(), first.id).officers[:1]), make.make_officer(), make.make_officer()
    (busy,) = busy
    visit = make.make_visit(other, window=(time(13, 30), time(15)), team=[free, make.make_officer()])
    library.recuse(scope(), kin.id, other.id, "kin", (calendar.today(), None))
    base, today, mate = f"/inspections/{visit.id}", calendar.today(), queries.visit(scope(), visit.id).officers[1].officer_id
    names = {each.id: each.name for each in (busy, kin)}
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    sent = {"planned_on": today.isoformat(), "slot": "13:30-15:00", "team": free.id, "second": mate, "reason": "示例"}
    for changed, words in (
        ({"planned_on": (today - timedelta(days=1)).isoformat()}, "This day is over"),
        ({"planned_on": (today + timedelta(days=(5 - today.weekday()) % 7)).isoformat()}, "is no working day"),
        ({"slot": "09:00-10:30", "second": busy.id}, f"{names[busy.id]} is at"), ({"second": kin.id}, f"{names[kin.id]} avoids this place"),
    ):  # fmt: skip
        answer = client.post(f"{base}/reschedule", data=sent | changed)
        assert (answer.status_code, words in answer.get_data(as_text=True)) == (422, True), words
    answer = client.post(f"{base}/team", data={"team": free.id, "second": kin.id, "reason": "示例"})
    assert (answer.status_code, "avoids this place" in answer.get_data(as_text=True)) == (422, True)
    assert client.post(f"{base}/reschedule", data=sent | {"slot": "09:00-10:30", "second": busy.id}).status_code == 422
    scope()
    assert scope().get(Visit, visit.id).window_from == time(13, 30)


def test_what_a_case_check_is_about_its_papers_tell_the_home(district: Scope, sign_in) -> None:
    home = make.make_facility()
    case = make.make_visit(home, kind="case", shown=False, purpose="示例:家属反映夜间无人", basis="示例依据")
    case.sent_at, case.result, case.number, case.shown_at = calendar.now(), "none", "示例9", calendar.now()
    states.move(scope(), case, "sent")
    path = f"/inspections/{case.id}"
    manager, officer = make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.DISTRICT_OFFICER)
    seen = sign_in(manager, language="en").get(path).get_data(as_text=True)
    assert ("家属反映" in seen, "示例依据" in seen, "stands in the papers" in seen) == (False, False, True)
    read = sign_in(officer, language="en").get(path).get_data(as_text=True)
    assert ("家属反映" in read, f"{path}/publish" in read) == (True, False)


def test_why_a_case_check_was_moved_its_home_does_not_read_afterwards(district: Scope, sign_in) -> None:
    home = make.make_facility()
    manager, officer = make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.DISTRICT_OFFICER)
    others = [make.make_officer(), make.make_officer()]
    tablet = make_tablet(sign_in, home=home, kind="case", shown=False)
    plans.move_visit(scope(), tablet.visit_id, calendar.today() + timedelta(days=2), "示例:举报人家属周四在场")
    plans.move_visit(scope(), tablet.visit_id, calendar.today() + timedelta(days=2), "示例:换人的缘由", team=[each.id for each in others])
    case = scope().get(Visit, tablet.visit_id)
    case.sent_at = case.shown_at = calendar.now()
    case.result, case.number = "none", "示例9"
    states.move(scope(), case, "sent")
    db.session.commit()
    path = f"/inspections/{case.id}"
    seen = fetch(sign_in(manager, language="en"), path).text
    assert [words in seen for words in ("举报人家属", "换人的缘由", "Visit planned", "Record of the visit sent")] == [False, False, False, True]
    read = fetch(sign_in(officer, language="en"), path).text
    assert [words in read for words in ("举报人家属", "换人的缘由", "Visit planned")] == [True, True, True]


def test_who_may_no_longer_go_is_said_on_the_visit_to_whoever_plans(district: Scope, sign_in) -> None:
    visit = make.make_visit(make.make_facility())
    one, other = (each.officer for each in queries.visit(scope(), visit.id).officers)
    path, names = f"/inspections/{visit.id}", [each.name for each in (one, other)]
    desk, home = make.make_user(Role.DISTRICT_OFFICER), make.make_user(Role.FACILITY_MANAGER, scope().get(Facility, visit.facility_id))
    library.recuse(scope(), one.id, visit.facility_id, "kin", (visit.planned_on, None))
    library.leave(scope(), other.id, visit.planned_on)
    db.session.commit()
    text = sign_in(desk, language="en").get(path).get_data(as_text=True)
    assert f"{names[0]} avoids this place" in text
    assert f"{names[1]} holds no enforcement certificate" in text
    assert f'href="{path}/team"' in text
    scope()
    assert "avoids this place" not in sign_in(home, language="en").get(path).get_data(as_text=True)


def test_the_public_reads_the_day_of_the_visit_however_late_its_record_came(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in, home=make.make_facility())
    late = record_of(tablet.visit_id, started_at=moment(-74), ended_at=moment(-73))
    assert tablet.send(late).status_code == 201
    services.answer(scope(), tablet.visit_id, "无异议")
    made = services.publish(scope(), tablet.visit_id, "示例", [])
    assert made.checked_on == calendar.local(calendar.now() - timedelta(hours=74)).date()
