"""Anybody finds out whether a file is true: every changed byte shows, and no page tells what is not public."""

import hashlib
import io
import random
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pypdf
import pytest
from flask import Flask

from eldercare.core import calendar, files
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting import render, seal
from eldercare.reporting.models import Report
from eldercare.reporting.render.pages import grouped
from eldercare.reporting.seal import look, pades
from eldercare.reporting.verify import queries, services
from environ import make_seal, read_seal
from tests import keys, make
from tests.page import fetch

MONTHLY, PAPER = "facility-monthly", "recheck-record"
KEPT = date(2056, 10, 31)
CODES = {MONTHLY: "7Q0WX3K9ZJ41M8RD", PAPER: "2BGT5VN8Y0C6HP4E"}


@pytest.fixture(scope="module", autouse=True)
def _children() -> Iterator[None]:
    yield
    render.close()


@cache
def drawn(kind: str, words: str = "") -> bytes:
    """The pages of a report, with its code and the address of its check."""
    imprint = {**render.BLANK, "code": CODES[kind], "url": f"https://e.example.test/verify/{CODES[kind]}", "state": "published"}
    data = render.sample(kind)
    if words:
        data["facility"]["name"] = data["place"]["zh"] = words
    return render.render(kind, data, "zh", imprint=imprint).pdf


def made(kind: str = MONTHLY, state: str = "published", **more: Any) -> tuple[Report, bytes]:
    """An edition as the platform makes one, and the file handed out."""
    data, pdf = render.sample(kind), drawn(kind)
    file = seal.sign(pdf, reason=f"{kind} 2026-10 {CODES[kind]}", at=calendar.now())
    run = Run(kind=kind, period="2026-10", state="done", finished_at=calendar.now())
    db.session.add(run)
    db.session.flush()
    subject = "recheck:1" if kind == PAPER else ""
    row = Report(
        run_id=run.id, kind=kind, period="2026-10", subject=subject, language="zh", template_version="1", cutoff_at=calendar.now(),
        state=state, code=CODES[kind], dataset=data, dataset_sha256=hashlib.sha256(render.canonical(data)).hexdigest(),
        drawn_sha256=hashlib.sha256(pdf).hexdigest(), drawn_bytes=len(pdf), pages=1, bytes=len(file),
        pdf_sha256=files.put(file, secret=bool(subject)), **{"life": "issued", "keep_until": KEPT if state in ("published", "withdrawn") else None, **more},
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row, file


def judged(data: bytes) -> services.Verdict:
    """As somebody nobody knows has it judged."""
    return services.verdict(Scope.nobody().enter(), data)


def test_the_file_that_was_handed_out_is_true(district: Scope) -> None:
    row, file = made()
    said = judged(file)
    assert (said.valid, said.said, said.faults, said.figures_match) == (True, "true", (), True)
    assert said.signed_by == "青岛市即墨区民政局"
    assert said.level == "B-B"
    assert said.edition is not None
    assert (said.edition.code, said.edition.run_id, said.edition.is_open) == (row.code, row.run_id, True)
    told = said.as_json()
    assert {"valid": True, "signed_by": "青岛市即墨区民政局", "edition": 1, "figures_match": True, "run_id": row.run_id}.items() <= told.items()


def test_a_byte_changed_anywhere_shows_even_where_the_row_is_gone(district: Scope) -> None:
    """In a platform of its own that has no row: by the seal alone. Looked at here, without a process for each."""
    _row, file = made(PAPER)
    length, dice = len(file), random.Random(20261124)
    update = file.rfind(b"\nstartxref", 0, length - 2000)
    spots = [0, 5, length - 1, length - 3, file.find(b"/Contents <", update) + 10, file.find(b">", file.find(b"/Contents <", update))]
    spots += [dice.randrange(length) for _ in range(25)] + [dice.randrange(update, length) for _ in range(45)]
    for spot in spots:
        changed = bytearray(file)
        changed[spot] ^= dice.choice((1, 4, 32, 128))
        seals, _locked = look._seals(bytes(changed))
        good = [one for one in seals if one["intact"] and one["whole"] and one["tidy"] and seal.is_ours(one["chain"])]
        assert not good, f"byte {spot} of {length}"
    seals, _locked = look._seals(file)
    assert len(seals) == 1
    assert seals[0]["intact"]
    assert seals[0]["whole"]
    assert seals[0]["tidy"]
    assert seal.is_ours(seals[0]["chain"])


@pytest.mark.parametrize(
    ("what", "faults"),
    [("pages", ("pages",)), ("appended", ("appended",)), ("update", ("appended",)), ("seal", ("seal",)), ("cut", ("cut",)), ("short", ("cut",)), ("figures", ("pages", "figures", "attached", "printed"))],
)
def test_what_was_changed_is_said(district: Scope, what: str, faults: tuple[str, ...]) -> None:
    row, file = made()
    if what == "pages":
        changed = bytearray(file)
        changed[file.find(b"stream", 3000) + 40] ^= 8
        data = bytes(changed)
    elif what == "appended":
        data = file + b"\n"
    elif what == "update":  # a reader's own way: another page behind the end
        writer = pypdf.PdfWriter(io.BytesIO(file), incremental=True)
        writer.add_blank_page(300, 300)
        out = io.BytesIO()
        writer.write(out)
        data = out.getvalue()
    elif what == "seal":
        changed = bytearray(file)
        changed[file.rfind(b"/Contents <") + 200] ^= 1
        data = bytes(changed)
    elif what == "figures":  # other figures, drawn and sealed with this very key under the same code, then the seal taken over
        other = seal.sign(drawn(MONTHLY, "别的养老院"), reason=f"x {row.code}", at=calendar.now())
        data = other[:-40] + b"!" * 40
    else:
        data = file[: -30 if what == "cut" else 90_000]
    said = judged(data)
    assert not said.valid
    if what != "short":  # nothing of it can be read any more
        assert (said.said, said.faults) == ("changed", faults)
        assert said.edition is not None
    assert said.as_json()["valid"] is False


def test_an_earlier_drawing_of_the_edition_is_told_from_the_present_one(district: Scope) -> None:
    row, _file = made()
    draft = seal.sign(drawn(MONTHLY, "示例养老院旧名"), reason=f"{MONTHLY} 2026-10 {row.code}", at=calendar.now())
    said = judged(draft)
    assert (said.valid, said.said, said.figures_match) == (True, "earlier", True)
    assert said.edition is not None


def test_a_file_of_another_platform_is_nobodys_here(district: Scope, tmp_path: Any) -> None:
    file = tmp_path / "other.p12"
    file.write_bytes(make_seal("青岛市即墨区民政局", "x", calendar.now()))
    said = judged(pades.sign(drawn(MONTHLY), read_seal(file, "x"), reason="x", at=calendar.now()).pdf)
    assert (said.valid, said.said, said.signed_by) == (False, "foreign", "青岛市即墨区民政局")  # the name alone proves nothing
    assert (said.figures_match, said.edition) == (True, None)


def test_what_we_sealed_stays_ours_when_the_row_is_gone(district: Scope) -> None:
    said = judged(seal.sign(drawn(MONTHLY), reason="nothing", at=calendar.now()))
    assert (said.valid, said.said, said.edition) == (True, "unlisted", None)


def test_a_second_signature_is_no_longer_the_file_that_was_handed_out(district: Scope, tmp_path: Any) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner

    _row, file = made()
    other = keys.authority("某公司").issue("某人")
    p12 = tmp_path / "other.p12"
    p12.write_bytes(other.p12("x"))
    signer = pades._signer(read_seal(p12, "x"))
    out = PdfSigner(PdfSignatureMetadata(field_name="Other", md_algorithm="sha256"), signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(file)))
    said = judged(out.getvalue())
    assert (said.valid, said.faults) == (False, ("appended",))


def test_a_new_key_leaves_what_the_old_one_sealed_ours(app: Flask, district: Scope) -> None:
    first = seal.facts(seal.key(calendar.now()))["sha256"]
    old = seal.sign(drawn(MONTHLY), reason="old", at=calendar.now())
    second = seal.facts(seal.renew())["sha256"]
    assert first != second
    new = seal.sign(drawn(MONTHLY), reason="new", at=calendar.now())
    for file, sha256 in ((old, first), (new, second)):
        said = judged(file)
        assert (said.valid, said.said) == (True, "unlisted")
        assert seal.inspect(file)["seal"]["chain"][0] == sha256


def locked() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def foreign() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "empty"), (b" \n", "empty"), (b"PK\x03\x04 a workbook", "not_pdf"), (b"\xff\xd8\xff\xe0" + b"x" * 900, "not_pdf"),
     (b"%PDF-1.7\nnothing else", "broken"), (b"%PDF-1.7\n" + b"[" * 200_000, "broken"), (locked(), "locked"), (foreign(), "unsealed")],
    ids=["nothing", "blanks", "workbook", "picture", "stub", "nested", "locked", "somebody else's"],
)  # fmt: skip
def test_whatever_is_sent_gets_an_answer_in_words(client: Any, district: Scope, data: bytes, said: str) -> None:
    assert judged(data).said == said
    answer = send(client, data)
    assert answer.status_code == 200
    assert "<h1>" in answer.text


def send(client: Any, data: bytes) -> Any:
    """As a browser sends a file from the page."""
    page = client.get("/verify/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    return client.post("/verify/file", data={"csrf_token": token[1], "file": (io.BytesIO(data), "x.pdf")}, content_type="multipart/form-data")


def test_a_file_that_is_too_large_is_refused_in_words(client: Any, district: Scope) -> None:
    answer = send(client, b"%PDF-" + b"0" * 30_500_000)
    assert answer.status_code == 422
    assert "30" in answer.text
    assert send(client, b"%PDF-" + b"0" * 60_000_000).status_code == 413


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_are_sound_in_both_languages(app: Flask, client: Any, district: Scope, queries: list[str], language: str) -> None:
    row, file = made()
    db.session.commit()
    client.get(f"/language/{language}")
    for path in ("/verify/", f"/verify/{row.code}", "/verify/?code="):
        fetch(client, path, queries=queries)
    for data in (file, file + b"!", foreign()):
        assert send(client, data).status_code == 200


def test_a_code_is_found_however_it_is_typed(client: Any, district: Scope) -> None:
    row, _file = made()
    db.session.commit()
    for typed in (row.code.lower(), grouped(row.code), grouped(row.code).replace("-", " "), row.code.replace("0", "O").replace("1", "l"), f"  {row.code}\t",
                  "".join(chr(ord(each) + 0xFEE0) for each in row.code), f"https://jimo.example/verify/{row.code}/"):
        assert queries.normal(typed) == row.code
        answer = client.get("/verify/", query_string={"code": typed})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/verify/{row.code}")
    assert client.get(f"/verify/{row.code.lower()}").status_code == 200


def test_a_code_nobody_gave_out_says_what_to_do(client: Any, district: Scope) -> None:
    client.get("/language/en")
    for typed, word in (("7Q0WX3K9ZJ41M8RD", "tell the bureau"), ("short", "some are missing"), ("U" * 16, "without the letter U"), ("x" * 400, "missing")):
        answer = client.get(f"/verify/{typed}")
        assert answer.status_code == 404
        assert word in answer.text
        typed_in = client.get("/verify/", query_string={"code": f"a/{typed}"[:60]})
        assert typed_in.status_code == 404
        assert "Type it again" in typed_in.text, "a stroke in what was typed leads to no other page"
    assert client.get("/verify/?code=").status_code == 200


def test_a_withdrawn_edition_says_so_and_leads_to_what_counts(client: Any, district: Scope) -> None:
    run = Run(kind=MONTHLY, period="2026-10", state="done", finished_at=calendar.now())
    db.session.add(run)
    db.session.flush()
    later = Report(
        run_id=run.id, kind=MONTHLY, period="2026-10", edition=2, template_version="1", cutoff_at=calendar.now(), dataset={},
        dataset_sha256="1" * 64, drawn_sha256="1" * 64, drawn_bytes=1, pdf_sha256="1" * 64, pages=1, bytes=1, life="issued",
        keep_until=KEPT,
    )  # fmt: skip
    db.session.add(later)
    db.session.flush()
    gone = {"withdrawn_at": calendar.now(), "withdraw_reason": "示例", "withdrawn_by": "示例", "replaced_by_id": later.id}
    row, file = made(MONTHLY, "withdrawn", **gone)
    later_code, code = later.code, row.code
    db.session.commit()
    client.get("/language/en")
    page = fetch(client, f"/verify/{code}").text
    assert "no longer counts" in page
    assert f'href="/verify/{later_code}"' in page
    answer = send(client, file).text
    assert "This file is true" in answer
    assert "no longer counts" in answer


@pytest.mark.parametrize(("kind", "state"), [(MONTHLY, "draft"), (PAPER, "published")])
def test_of_drafts_and_papers_no_page_tells_more_than_that_they_exist(client: Any, district: Scope, kind: str, state: str) -> None:
    row, file = made(kind, state, **({"life": "reviewed"} if state == "draft" else {}))
    data, sha256, code = render.sample(kind), row.pdf_sha256, row.code
    db.session.commit()
    secrets = [data["facility"]["name"], data["facility"]["code"], "2026-10", "2026年10月", "October", "第1版"]
    secrets += [value for name, value in data["facility"].items() if isinstance(value, str) and len(value) > 4]
    for text in (fetch(client, f"/verify/{code}").text, send(client, file).text, send(client, file[:-30]).text):
        assert sha256 in text
        assert not [each for each in secrets if each in text]


def test_of_a_published_report_anybody_learns_what_it_is(client: Any, district: Scope) -> None:
    row, _file = made()
    code = row.code
    db.session.commit()
    client.get("/language/en")
    page = fetch(client, f"/verify/{code}").text
    for word in ("October 2026", "Whole district", "Facility monthly report", row.pdf_sha256, "Published"):
        assert word in page


def test_an_address_that_sends_files_without_end_is_slowed_down(app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from eldercare.core.api import limiter

    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setitem(app.config, "VERIFY_PER_MINUTE", 2)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    limiter.reset()
    answers = [client.post("/verify/file", data={"file": (io.BytesIO(b"x"), "x.pdf")}).status_code for _ in range(4)]
    limiter.reset()
    assert answers == [200, 200, 429, 429]


def test_whoever_is_signed_in_learns_no_more_there_than_anybody(sign_in: Any, client: Any, district: Scope) -> None:
    row, _file = made(PAPER)
    code = row.code
    db.session.commit()
    officer = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    mine, anybodys = (fetch(browser, f"/verify/{code}").text for browser in (officer, client))
    assert re.sub(r'nonce="[^"]+"', "", mine).count("<dd>") == re.sub(r'nonce="[^"]+"', "", anybodys).count("<dd>")
