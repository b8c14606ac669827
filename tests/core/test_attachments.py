"""Photos and papers of a row: what is taken in, how it is kept, who gets it back."""

import io
import resource
import threading
import time
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from eldercare.core import attachments, files
from eldercare.core.access import P, Role
from eldercare.core.attachments import Attachment
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from tests import scans
from tests.make import make_facility, make_resident, make_township, make_user


def refused(data: Any) -> str:
    with pytest.raises(Refused) as caught:
        attachments.checked(data)
    assert caught.value.message
    return caught.value.code


def drawn(data: bytes) -> Any:
    return Image.open(io.BytesIO(data))


# ---- what is taken in ---------------------------------------------------------------------------


def test_a_photo_is_kept_upright_and_without_where_when_and_by_what_it_was_taken(app: Flask) -> None:
    sent = scans.with_position(size=(400, 300), orientation=6)
    assert b"Exif" in sent
    assert dict(drawn(sent).getexif().get_ifd(0x8825))
    kept = attachments.checked(sent)
    image = drawn(kept.data)
    assert (kept.media_type, image.format, image.size, (kept.width, kept.height)) == ("image/jpeg", "JPEG", (300, 400), (300, 400))
    for each in (kept.data, kept.thumbnail or b""):
        assert not dict(drawn(each).getexif())
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(drawn(each).info)
        assert b"Maker of phones" not in each
        assert b"taken by somebody" not in each
    upper, lower = image.getpixel((150, 30)), image.getpixel((150, 370))
    assert sum(upper) < sum(lower)  # the dark left half is the upper one once the picture stands


@pytest.mark.parametrize(("kind", "mode", "colour"), [("PNG", "RGB", "red"), ("WEBP", "RGB", "red"), ("PNG", "RGBA", (255, 0, 0, 255)),
                                                      ("PNG", "P", 1), ("PNG", "L", 200), ("PNG", "I;16", 60000), ("JPEG", "CMYK", (0, 99, 99, 0))])
def test_every_picture_becomes_a_jpeg(app: Flask, kind: str, mode: str, colour: Any) -> None:
    kept = attachments.checked(scans.picture(kind, mode=mode, colour=colour))
    assert (drawn(kept.data).format, drawn(kept.data).mode, kept.ending) == ("JPEG", "RGB", "jpg")


def test_what_is_transparent_is_white(app: Flask) -> None:
    kept = attachments.checked(scans.picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)))
    assert min(drawn(kept.data).getpixel((390, 150))) > 250


def test_a_large_photo_is_made_smaller_and_has_a_thumbnail(app: Flask) -> None:
    kept = attachments.checked(scans.picture(size=(8000, 6000)))
    assert (kept.width, kept.height) == (2000, 1500)
    assert max(drawn(kept.thumbnail or b"").size) == attachments.THUMBNAIL_PX


@pytest.mark.parametrize(
    "data", [b"<!doctype html><script>alert(1)</script>", b"MZ\x90", b"PK\x03\x04", b"GIF89a", b'<svg xmlns="x"/>', b"<html>%PDF-1.7"],
)
def test_what_a_file_is_decides_and_not_its_name(app: Flask, data: bytes) -> None:
    assert refused(data) == "attachment.kind"


def test_a_page_hidden_in_a_picture_is_gone(app: Flask) -> None:
    page = b"<script>alert(document.domain)</script>"
    for sent in (scans.picture() + page, scans.picture(comment=page)):
        assert page in sent
        assert page not in attachments.checked(sent).data


def test_a_picture_that_begins_as_one_and_is_none_is_refused(app: Flask) -> None:
    for data in (b"\xff\xd8\xff<script>", scans.picture("PNG")[:200], scans.picture()[: len(scans.picture()) // 3]):
        assert refused(data) == "attachment.picture"


def test_an_iphones_own_format_is_refused_with_what_to_do(app: Flask) -> None:
    assert refused(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") == "attachment.heic"


def test_nothing_and_fifty_megabytes_are_refused(app: Flask) -> None:
    assert refused(b"") == "attachment.empty"
    assert refused(io.BytesIO(b"\xff\xd8\xff" + bytes(50_000_000))) == "attachment.too_large"


def test_a_picture_that_unpacks_to_gigabytes_takes_no_memory(app: Flask) -> None:
    sent = scans.bomb()
    assert len(sent) < 1_000_000
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    assert refused(sent) == "attachment.pixels"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes
    assert time.monotonic() - start < 10


def test_a_picture_that_takes_the_decoders_memory_is_refused_and_the_platform_goes_on(app: Flask, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "ATTACHMENT_MAX_MEGAPIXELS", 100_000)
    monkeypatch.setitem(app.config, "ATTACHMENT_CHECK_MEMORY_MB", 512)
    assert refused(scans.bomb()) in ("attachment.pixels", "attachment.picture")
    assert attachments.checked(scans.picture()).width == 400


def test_what_takes_too_long_is_stopped(app: Flask, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "ATTACHMENT_CHECK_SECONDS", 1)
    monkeypatch.setattr(attachments, "CHECKER", app.root_path + "/../tests/core/endless.py")
    assert refused(b"%PDF-1.7 endless") == "attachment.pdf_broken"


def test_a_paper_in_pdf_is_kept_as_it_came(app: Flask) -> None:
    sent = scans.pdf(2)
    kept = attachments.checked(sent)
    assert (kept.media_type, kept.data, kept.thumbnail, kept.ending) == ("application/pdf", sent, None, "pdf")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (scans.pdf(script="app.alert(1)"), "pdf_active"), (scans.pdf(launch="cmd.exe"), "pdf_active"), (scans.pdf(file=b"x"), "pdf_active"),
        (scans.pdf(password="a"), "pdf_locked"), (scans.pdf(0), "pdf_broken"), (b"%PDF-1.7\n%%EOF", "pdf_broken"),
        (scans.pdf(script="app.alert(1)").replace(b"/JavaScript", b"/Java#53cript"), "pdf_active"),
    ],
)  # fmt: skip
def test_a_pdf_that_does_more_than_be_read_is_refused(app: Flask, data: bytes, code: str) -> None:
    assert refused(data) == f"attachment.{code}"


# ---- how it is kept -----------------------------------------------------------------------------


def test_what_is_stored_cannot_be_read_without_the_key(district: Scope, app: Flask) -> None:
    row = attachments.attach(district, make_facility(), attachments.checked(scans.picture()), kind="front")
    assert row.thumb_sha256
    system, path = files._place(row.sha256, secret=True)
    assert not system.cat_file(path).startswith(b"\xff\xd8")
    assert files.get(row.sha256, secret=True).startswith(b"\xff\xd8")
    assert not system.exists(files._place(row.sha256, secret=False)[1])


def test_the_same_picture_twice_on_one_row_is_refused_in_words(district: Scope) -> None:
    one, other = make_facility(), make_facility()
    first = attachments.attach(district, one, attachments.checked(scans.picture()), kind="front")
    with pytest.raises(Refused) as caught:
        attachments.attach(district, one, attachments.checked(scans.picture(comment=b"sent again")), kind="rooms")  # the same once it is kept
    assert caught.value.code == "attachment.twice"
    attachments.attach(district, other, attachments.checked(scans.picture()), kind="front")
    attachments.remove(district, first.id, of=one, reason="taken by mistake")
    attachments.attach(district, one, attachments.checked(scans.picture()), kind="front")


def test_of_several_files_either_all_are_added_or_none(district: Scope) -> None:
    home = make_facility()
    with pytest.raises(Refused) as caught:
        attachments.attach_all(district, home, attachments.judged([scans.picture(), b"<html>"]), kind="front")
    assert caught.value.code == "attachment.nth"
    assert "2" in caught.value.message
    assert attachments.of(district, home) == []


def test_opening_and_removing_are_logged_without_the_title(district: Scope) -> None:
    home = make_facility()
    row = attachments.attach(district, home, attachments.checked(scans.pdf()), kind="other", title="示例标题")
    attachments.content(district, row.id, of=home)
    attachments.remove(district, row.id, of=home, reason="示例原因")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "attachment").order_by(AuditEntry.id)).all()
    assert [each.action for each in entries] == ["attachment.added", "attachment.opened", "attachment.removed"]
    assert all("示例标题" not in str(each.changes) for each in entries)
    assert entries[2].changes["removed_reason"] == [None, "示例原因"]
    assert attachments.of(district, home) == []
    with pytest.raises(NotFound):
        attachments.content(district, row.id, of=home)


def test_an_attachment_is_had_through_its_own_row_alone(district: Scope) -> None:
    one, other = make_facility(), make_facility()
    row = attachments.attach(district, one, attachments.checked(scans.pdf()), kind="other")
    with pytest.raises(NotFound):
        attachments.content(district, row.id, of=other)


def test_attachments_stay_behind_the_wall_and_follow_when_their_row_moves(district: Scope) -> None:
    here, there = make_township(), make_township()
    person = make_resident(here)
    row = attachments.attach(district, person, attachments.checked(scans.pdf()), kind="contract")
    mine, theirs = (Scope(P.RESIDENT_EDIT, person_id=None, person_name="x", townships=frozenset({each.id})) for each in (here, there))
    mine.enter()
    assert [each.id for each in attachments.of(mine, person)] == [row.id]
    theirs.enter()
    assert attachments.of(theirs, person) == []
    with pytest.raises(NotFound):
        attachments.attach(theirs, person, attachments.checked(scans.picture()), kind="contract")
    district.enter()
    home = make_facility(there)
    person.township_id, person.facility_id = there.id, home.id
    from eldercare.core import audit

    audit.record(district, "resident.relocated", person)
    db.session.expire(row)
    assert (row.township_id, row.facility_id) == (there.id, home.id)
    theirs.enter()
    assert attachments.counts(theirs, "resident", [person.id]) == {person.id: 1}
    mine.enter()
    assert attachments.of(mine, person) == []


def test_two_people_who_send_the_same_photo_at_once_make_one(fresh_app: Flask) -> None:
    scope = Scope.system("test").enter()
    home = make_facility()
    db.session.commit()
    ends: list[str] = []

    def send() -> None:
        with fresh_app.app_context():
            mine = scope.enter()
            try:
                attachments.attach(mine, home, attachments.checked(scans.picture()), kind="front")
                db.session.commit()
                ends.append("kept")
            except Refused as refusal:
                db.session.rollback()
                ends.append(refusal.code)
            finally:
                db.session.remove()

    both = [threading.Thread(target=send) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(ends) == ["attachment.twice", "kept"]
    Scope.system("test").enter()
    assert len(attachments.of(scope, home)) == 1


# ---- the doors ----------------------------------------------------------------------------------


def token(client: Any, path: str) -> str:
    return client.get(path).get_data(as_text=True).split('name="csrf-token" content="', 1)[1].split('"', 1)[0]


def send(client: Any, path: str, *sent: tuple[bytes, str], **more: Any) -> Any:
    data = {"kind": "front", "csrf_token": token(client, path), "files": [(io.BytesIO(data), name) for data, name in sent], **more}
    return client.post(path, data=data, content_type="multipart/form-data")


@pytest.fixture
def home(district: Scope) -> Any:
    return make_facility()


def test_a_manager_adds_photos_and_everyone_who_sees_the_place_sees_them(home: Any, sign_in: Any) -> None:
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    path = f"/facilities/{home.id}/photos"
    answer = send(client, f"{path}/new", (scans.with_position(), "IMG 张三.jpg"), (scans.pdf(), "plan.pdf"), title="示例标题")
    assert answer.status_code == 303
    Scope.system("test").enter()
    photo, paper = db.session.scalars(select(Attachment.id).order_by(Attachment.id))
    page = client.get(f"/facilities/{home.id}").get_data(as_text=True)
    assert f"{path}/{photo}/small" in page
    assert "示例标题" in page
    shown = client.get(f"{path}/{photo}")
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Content-Disposition"] == f"inline; filename=facility-{home.id}-front-{photo}.jpg"
    assert b"Exif" not in shown.data
    assert client.get(f"{path}/{paper}").headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"{path}/{paper}/small").status_code == 404
    assert drawn(client.get(f"{path}/{photo}/small").data).width <= attachments.THUMBNAIL_PX


def test_a_page_named_jpg_is_refused_at_the_field_and_nothing_is_kept(home: Any, sign_in: Any) -> None:
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    answer = send(client, f"/facilities/{home.id}/photos/new", (b"<!doctype html><script>alert(1)</script>", "holiday.jpg"))
    assert answer.status_code == 422
    assert "whatever its name says" in answer.get_data(as_text=True)
    Scope.system("test").enter()
    assert db.session.scalars(select(Attachment)).all() == []


def test_a_photo_of_fifty_megabytes_is_refused_at_the_field(home: Any, sign_in: Any) -> None:
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    answer = send(client, f"/facilities/{home.id}/photos/new", (b"\xff\xd8\xff" + bytes(50_000_000), "huge.jpg"))
    assert answer.status_code == 422
    assert "larger than 15 MB" in answer.get_data(as_text=True)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_more_than_the_platform_takes_in_is_told_in_words(home: Any, sign_in: Any, headers: Any) -> None:
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    path = f"/facilities/{home.id}/photos/new"
    answer = client.post(path, data={"files": [(io.BytesIO(bytes(60_000_000)), "huge.jpg")]}, content_type="multipart/form-data", headers=headers)
    assert answer.status_code == 413
    assert "larger than the 50 MB" in answer.get_data(as_text=True)


def test_a_photo_is_removed_with_a_reason(home: Any, sign_in: Any) -> None:
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    path = f"/facilities/{home.id}/photos"
    send(client, f"{path}/new", (scans.picture(), "a.jpg"))
    Scope.system("test").enter()
    (photo,) = db.session.scalars(select(Attachment.id))
    remove = f"{path}/{photo}/remove"
    assert client.post(remove, data={"csrf_token": token(client, remove)}).status_code == 422
    assert client.post(remove, data={"csrf_token": token(client, remove), "reason": "示例原因"}).status_code == 303
    assert client.get(f"{path}/{photo}").status_code == 404


def test_an_inspector_looks_and_adds_nothing(home: Any, sign_in: Any) -> None:
    client = sign_in(make_user(Role.INSPECTOR))
    assert client.get(f"/facilities/{home.id}/photos/new").status_code == 403
