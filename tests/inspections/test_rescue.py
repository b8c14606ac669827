"""The last resort: a file only this platform opens, taken in as if it had come by the line."""

import base64
import io
import json
import os
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask

from eldercare.core import calendar, files
from eldercare.core.access import P, Role
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope, scope_of
from eldercare.inspections import queries, services
from eldercare.inspections.field import services as tablets
from eldercare.inspections.models import Visit, VisitRecord
from eldercare.inspections.plans import services as plans
from tests import make
from tests.inspections.tablet import Tablet, jpeg, make_tablet, record_of, sha
from tests.page import fetch


@pytest.fixture(autouse=True)
def quiet(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


def sealed(key: dict, inner: dict) -> bytes:
    """As the tablet seals it: RSA-OAEP-256 around an AES-256 key, AES-GCM over the JSON."""
    def number(text: str) -> int:
        return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")

    public = rsa.RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key()
    secret, iv = os.urandom(32), os.urandom(12)
    data = AESGCM(secret).encrypt(iv, json.dumps(inner).encode(), None)
    wrapped = public.encrypt(secret, padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None))
    return json.dumps({"format": 1, **{name: base64.b64encode(each).decode() for name, each in (("key", wrapped), ("iv", iv), ("data", data))}}).encode()


def inner_of(tablet: Tablet, text: str | None, photos: list[bytes], entries: dict | None = None) -> dict:
    return {
        "format": 1, "visit": tablet.uid, "device": "lost", "person_id": 1, "record": {"text": text, "sha256": sha(text)} if text else None,
        "draft": {"seq": 9, "entries": entries or {}}, "photos": {sha(each): base64.b64encode(each).decode() for each in photos},
    }


def upload(tablet: Tablet, data: bytes) -> str:
    """Look into the file; the hash it is kept under until it is taken in."""
    page = tablet.client.post("/inspections/field/rescue", data={"file": (io.BytesIO(data), "visit.rescue")})
    assert page.status_code == 422
    return sha(data)


def test_a_record_in_a_file_is_shown_first_and_then_taken_in_once(district: Scope, sign_in) -> None:
    tablet, photo = make_tablet(sign_in), jpeg(4)
    key = tablet.client.get(tablet.base).get_json()["rescue_key"]
    text = json.dumps(record_of(tablet.visit_id, photos=[sha(photo)]), ensure_ascii=False)
    fetch(tablet.client, "/inspections/field/rescue")
    kept = upload(tablet, sealed(key, inner_of(tablet, text, [photo], {"head": {"x": 1}})))
    assert db.session.scalars(Scope.system("test").enter().select(VisitRecord)).all() == []
    for _ in range(2):
        tablet.client.post("/inspections/field/rescue", data={"kept": kept})
    record = db.session.scalars(Scope.system("test").enter().select(VisitRecord)).one()
    assert (record.body, record.sha256, "rescued" in record.marks) == (text, sha(text), True)
    assert tablet.state()["photos"] == [sha(photo)]
    assert tablet.state()["drafts"][0]["device"] == "lost"
    assert tablet.send(text.encode()).status_code == 200  # the tablet comes back after all


def test_a_draft_in_a_file_waits_for_another_tablet(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    key = tablet.client.get(tablet.base).get_json()["rescue_key"]
    kept = upload(tablet, sealed(key, inner_of(tablet, None, [], {"notes": {"text": "x"}})))
    assert tablet.client.post("/inspections/field/rescue", data={"kept": kept}).status_code == 303
    assert tablet.client.get(f"{tablet.base}/draft?device=lost").get_json()["entries"] == {"notes": {"text": "x"}}


def off_the_team(tablet: Tablet) -> None:
    scope = Scope.system("test").enter()
    visit = queries.visit(scope, tablet.visit_id)
    team = [make.make_officer(make.make_user(Role.INSPECTOR)).id for _ in range(2)]
    plans.move_visit(scope, visit.id, visit.planned_on, "原定人员公出", team=team)


def called_off(tablet: Tablet) -> None:
    services.cancel_visit(Scope.system("test").enter(), tablet.visit_id, "机构停业")


def recorded_elsewhere(tablet: Tablet) -> None:
    assert tablet.send(record_of(tablet.visit_id)).status_code == 201


@pytest.mark.parametrize(("happened", "word"), [(off_the_team, "不在本次检查的检查组"), (called_off, "已取消"), (recorded_elsewhere, "另一份记录")])
def test_what_can_no_longer_become_the_record_is_kept_with_the_visit_and_the_district_reads_it(happened, word: str, district: Scope, sign_in) -> None:
    tablet, photo = make_tablet(sign_in), jpeg(5)
    key = tablet.client.get(tablet.base).get_json()["rescue_key"]
    body = record_of(tablet.visit_id, photos=[sha(photo)]) | {"notes": "失联平板上的记录"}
    entries = {"notes": {"text": "安全出口堆放杂物"}, "finding:1": {"severity": "serious", "description": "通道被占", "photos": [{"sha256": sha(photo)}]},
               "person:1": {"gone": True}, "new:1": "x", "resident:²": {"seen": True}, "answer:0:x": {"photos": [{}]}}
    data = sealed(key, inner_of(tablet, json.dumps(body, ensure_ascii=False), [photo, b"no picture"], entries))
    happened(tablet)
    kept = upload(tablet, data)
    said = tablet.client.post("/inspections/field/rescue", data={"kept": kept}, follow_redirects=True)
    assert (said.request.path, word in said.text) == (f"/inspections/{tablet.visit_id}/tablets", True)
    assert all(words in said.text for words in ("安全出口堆放杂物", "通道被占", "/small"))
    records = db.session.scalars(Scope.system("test").enter().select(VisitRecord)).all()
    assert "失联平板上的记录" not in "".join(each.body for each in records)
    officer = make.make_user(Role.DISTRICT_OFFICER)
    told = db.session.scalars(scope_of(officer, P.ALERT_READ).enter().select(Alert).where(Alert.kind == "visit.rescued")).one()
    opened = sign_in(officer).get(f"/inbox/{told.id}")
    assert (told.level, opened.location) == ("district", f"/inspections/{tablet.visit_id}/tablets")
    assert "安全出口堆放杂物" in fetch(sign_in(officer), f"/inspections/{tablet.visit_id}/tablets").text
    assert f"/inspections/{tablet.visit_id}/tablets" in fetch(sign_in(officer), f"/inspections/{tablet.visit_id}").text
    scope = Scope.system("test").enter()
    assert tablets.tidy(scope, calendar.today()) == {"drafts": 0, "photos": 0}
    assert files.get(kept, secret=True) == data  # to try again, should the visit be given back


def test_a_file_overwrites_nobody_elses_draft_and_its_writer_is_named(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    key = tablet.client.get(tablet.base).get_json()["rescue_key"]
    assert tablet.draft("lead-tablet", 1, {"notes": {"text": "组长所写"}}).status_code == 200
    forger = make.make_user(Role.INSPECTOR)
    forger_name, inner = forger.name, inner_of(tablet, None, [], {"notes": {"text": "他人所写"}}) | {"device": "lead-tablet"}
    made = Tablet(sign_in(forger), queries.visit(Scope.system("test").enter(), tablet.visit_id))
    made.client.post("/inspections/field/rescue", data={"kept": upload(made, sealed(key, inner))})
    assert tablet.client.get(f"{tablet.base}/draft?device=lead-tablet").get_json()["entries"] == {"notes": {"text": "组长所写"}}
    assert tablet.draft("lead-tablet", 2, {"notes": {"text": "再写"}}).get_json()["hashes"]
    assert {each["by"] for each in tablet.state()["drafts"]} == {None, forger_name}
    inner["draft"]["seq"] = 2**70
    wrong = made.client.post("/inspections/field/rescue", data={"file": (io.BytesIO(sealed(key, inner)), "visit.rescue")})
    assert (wrong.status_code, "不是本平台" in wrong.text) == (422, True)


def test_a_record_that_does_not_fit_leaves_its_draft_for_the_lead(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    key = tablet.client.get(tablet.base).get_json()["rescue_key"]
    text = json.dumps(record_of(tablet.visit_id) | {"started_at": "1970-01-01T08:00:00+08:00"})
    kept = upload(tablet, sealed(key, inner_of(tablet, text, [], {"notes": {"text": "x"}})))
    said = tablet.client.post("/inspections/field/rescue", data={"kept": kept}, follow_redirects=True)
    assert said.request.path == f"/inspections/{tablet.visit_id}/tablets"
    assert tablet.state()["drafts"][0]["device"] == "lost"
    assert Scope.system("test").enter().get(Visit, tablet.visit_id).state == "planned"


def test_what_is_no_rescue_file_of_ours_is_refused_in_plain_words(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    tablet.client.get(tablet.base)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key().public_numbers()
    numbers = {name: base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode() for name, value in (("n", other.n), ("e", other.e))}
    for data, words in ((b"no file", "不是本平台"), (b"[]", "不是本平台"), (sealed(numbers, inner_of(tablet, None, [])), "另一平台")):
        page = tablet.client.post("/inspections/field/rescue", data={"file": (io.BytesIO(data), "visit.rescue")})
        assert page.status_code == 422
        assert words in page.get_data(as_text=True)


def test_a_file_nobody_confirms_goes_after_its_days_and_is_nobody_elses(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    key = tablet.client.get(tablet.base).get_json()["rescue_key"]
    data = sealed(key, inner_of(tablet, None, [], {"notes": {"text": "x"}}))
    kept = upload(tablet, data)
    other = sign_in(make.make_user(Role.INSPECTOR), language="en").post("/inspections/field/rescue", data={"kept": kept})
    assert (other.status_code, "Choose it once more" in other.get_data(as_text=True)) == (422, True)
    scope, today = Scope.system("test").enter(), calendar.today()
    assert tablets.tidy_rescue(scope, today) == 0
    assert files.get(kept, secret=True) == data
    assert tablets.tidy_rescue(scope, today + timedelta(days=1)) == 1
    assert files.get(kept, secret=True) == data  # not before it is committed
    db.session.commit()
    with pytest.raises(Refused, match="missing"):
        files.get(kept, secret=True)
    gone = tablet.client.post("/inspections/field/rescue", data={"kept": kept})
    assert gone.status_code == 422


def test_a_file_that_was_taken_in_is_kept_no_longer(district: Scope, sign_in) -> None:
    tablet = make_tablet(sign_in)
    key = tablet.client.get(tablet.base).get_json()["rescue_key"]
    kept = upload(tablet, sealed(key, inner_of(tablet, None, [], {"notes": {"text": "x"}})))
    assert tablet.client.post("/inspections/field/rescue", data={"kept": kept}).status_code == 303
    with pytest.raises(Refused, match="missing"):
        files.get(kept, secret=True)
