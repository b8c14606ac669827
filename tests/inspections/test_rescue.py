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
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.inspections.field import services as tablets
from eldercare.inspections.models import VisitRecord
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
