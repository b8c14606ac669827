"""The seal: a signature behind the drawn bytes that two strangers to us find whole, and a key that is refused in plain words."""

import asyncio
import io
import shutil
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdf
import pytest
from asn1crypto import keys as pkeys
from asn1crypto import tsp, x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID
from flask import Flask
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext

from config import Config, unsafe_for_production
from eldercare.core import calendar
from eldercare.core.errors import Refused
from eldercare.reporting import render, seal
from environ import make_seal, read_seal
from tests import keys

KIND = "facility-monthly"
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def drawn() -> Iterator[bytes]:
    """A report as it was drawn, with its figures attached."""
    yield render.render(KIND, render.sample(KIND), "zh").pdf
    render.close()


def check(pdf: bytes, *roots: Any) -> Any:
    """What pyHanko, knowing these roots alone, says of the file's one signature."""
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    trust = [x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in roots]
    context = ValidationContext(trust_roots=trust, moment=AT, revocation_mode="soft-fail")
    return validate_pdf_signature(signature, context)


def test_the_sealed_file_begins_with_the_drawn_bytes_and_pyhanko_finds_it_whole_and_trusted(app: Flask, drawn: bytes) -> None:
    sealed = seal.sign(drawn, reason="月报 facility-monthly", at=AT)
    assert sealed.startswith(drawn)
    assert len(drawn) < len(sealed) < len(drawn) + 12_000
    status = check(sealed, *seal.key(AT).above)
    assert status.bottom_line
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.signer_reported_dt == AT
    assert "青岛市即墨区民政局" in status.signing_cert.subject.human_friendly
    stranger = keys.authority("somebody else")
    assert not check(sealed, stranger.certificate).trusted


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="no pdfsig: apt-get install poppler-utils")
def test_poppler_finds_it_whole_too(app: Flask, drawn: bytes, tmp_path: Path) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(seal.sign(drawn, reason="月报", at=AT))
    said = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=True).stdout
    for line in ("Signature is Valid", "Total document signed", "ETSI.CAdES.detached", "青岛市即墨区民政局"):
        assert line in said


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="no qpdf: apt-get install qpdf")
def test_its_structure_is_clean(app: Flask, drawn: bytes, tmp_path: Path) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(seal.sign(drawn, reason="月报", at=AT))
    said = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout
    assert "No syntax or stream encoding errors found" in said.stdout


def test_the_seal_adds_a_field_and_leaves_the_rest_of_the_document_as_it_was(app: Flask, drawn: bytes) -> None:
    before, after = (pypdf.PdfReader(io.BytesIO(data)) for data in (drawn, seal.sign(drawn, reason="月报", at=AT)))
    assert after.metadata == before.metadata  # its dates, its producer
    assert after.xmp_metadata.stream.get_data() == before.xmp_metadata.stream.get_data()
    assert after.trailer["/ID"][0] == before.trailer["/ID"][0]
    assert render.figures_of(seal.sign(drawn, reason="月报", at=AT)) == render.sample(KIND)
    new = set(after.root_object) - set(before.root_object)
    assert new == {"/AcroForm", "/Extensions"}
    (field,) = after.root_object["/AcroForm"]["/Fields"]
    widget = field.get_object()
    assert widget["/F"] & 0b110 == 0b100  # printed, not hidden: PDF/A-3, 6.3.2
    assert [widget["/Rect"][n] - widget["/Rect"][n + 2] for n in (0, 1)] == [0, 0]  # so it needs no appearance: 6.3.3
    assert max(widget["/Rect"]) < 0  # outside the page: PDF/UA-1, 7.18.1
    assert after.pages[0]["/Tabs"] == "/S"  # 7.18.3


def test_the_key_is_made_once_and_readable_by_its_owner_alone(app: Flask, drawn: bytes) -> None:
    first, again = seal.key(AT), seal.key(AT)
    assert first is again
    assert stat.S_IMODE((app.config["INSTANCE"] / "seal.p12").stat().st_mode) == 0o600
    assert stat.S_IMODE((app.config["INSTANCE"] / "seal_passphrase").stat().st_mode) == 0o600
    assert "private" not in repr(first).lower()
    assert first.key.key_size == 3072


@pytest.fixture
def brought(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`brought(bytes or None, passphrase)`: the bureau sets a key of its own."""

    def bring(data: bytes | None, passphrase: str | None = "its own") -> None:
        file = tmp_path / "bureau.p12"
        if data is not None:
            file.write_bytes(data)
        monkeypatch.setitem(app.config, "SEAL_KEY", str(file))
        monkeypatch.setitem(app.config, "SEAL_PASSPHRASE", passphrase)

    return bring


def test_a_key_that_the_bureau_brings_seals_with_its_authorities(app: Flask, drawn: bytes, brought: Any) -> None:
    above = keys.authority("山东CA 示例")
    one = above.issue("即墨区民政局 示例", key=ec.generate_private_key(ec.SECP256R1()))
    brought(one.p12("its own"))
    status = check(seal.sign(drawn, reason="月报", at=AT), above.certificate)
    assert status.bottom_line
    assert status.signing_cert.subject.native["common_name"] == "即墨区民政局 示例"


def test_a_key_that_will_not_do_is_refused_in_plain_words(app: Flask, drawn: bytes, brought: Any) -> None:
    above = keys.authority("山东CA 示例")
    good = above.issue("示例")
    old, young = (above.issue("示例", since=AT + timedelta(days)) for days in (-800, 1))
    bare = pkcs12.serialize_key_and_certificates(b"x", None, good.certificate, None, BestAvailableEncryption(b"its own"))
    strange = above.issue("示例", key=ed25519.Ed25519PrivateKey.generate())
    cases = [
        (None, "its own", "seal.missing"), (b"no key at all", "its own", "seal.unreadable"), (b"", None, "seal.unreadable"),
        (good.p12("its own"), "another", "seal.unreadable"), (good.p12("its own"), None, "seal.unreadable"),
        (good.p12("its own")[:900], "its own", "seal.unreadable"), (bare, "its own", "seal.no_key"),
        (strange.p12("its own"), "its own", "seal.no_key"),
        (old.p12("its own"), "its own", "seal.expired"), (young.p12("its own"), "its own", "seal.not_yet"),
    ]  # fmt: skip
    for data, passphrase, code in cases:
        brought(data, passphrase)
        with pytest.raises(Refused) as refused:
            seal.sign(drawn, reason="月报", at=AT)
        assert refused.value.code == code
        assert "bureau.p12" in str(refused.value.message)
        assert "its own" not in str(refused.value.message)


def test_the_check_of_the_settings_says_what_is_wrong_with_a_key(tmp_path: Path) -> None:
    strong = {
        "ELDERCARE_ENV": "production", "SECRET_KEY": "q8W2nV5xZ1mK7pR4tY9uB3cD6fG0hJ-L", "PUBLIC_URL": "https://e.example.test",
        "PII_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "DATABASE_URL": "postgresql://a:b@127.0.0.1/c",
        "ELDERCARE_INSTANCE": str(tmp_path / "i"),
    }  # fmt: skip

    def judged(**more: str) -> tuple[list[str], list[str]]:
        config = Config.from_environ(strong | more)
        return unsafe_for_production(config), config.seal_judged[1]

    unsafe, notes = judged()
    assert not unsafe
    assert "a key of our own" in notes[0]
    file, now = tmp_path / "bureau.p12", calendar.real_now()
    (unsafe, notes) = judged(SEAL_KEY=str(file))
    assert "SEAL_KEY: the file is not there" in unsafe[0]
    above = keys.authority("示例")
    for since, word in ((-360, "expires in 4 days"), (-400, "expired"), (-10, "")):
        file.write_bytes(above.issue("示例", since=now + timedelta(since)).p12("x"))
        unsafe, notes = judged(SEAL_KEY=str(file), SEAL_PASSPHRASE="x")
        assert not unsafe
        assert (word in notes[0]) if word else not notes
    unsafe, _notes = judged(SEAL_KEY=str(file), SEAL_PASSPHRASE="y")
    assert "passphrase" in unsafe[0]


def test_what_is_made_is_named_after_the_organ(tmp_path: Path) -> None:
    file = tmp_path / "seal.p12"
    file.write_bytes(make_seal("示例区民政局", "x", AT))
    made = read_seal(file, "x")
    assert made.is_own
    assert made.certificate.subject.rfc4514_string().startswith("CN=示例区民政局")
    made.certificate.verify_directly_issued_by(made.above[0])
    made.must_hold(AT + timedelta(3650))


# ---- with a time-stamp service: a small one of our own on loopback, over HTTP as anybody's


@pytest.fixture
def service() -> Iterator[Any]:
    """An authority, its lists of revoked certificates, and a time-stamp service; `.asked` counts, `.mute` silences it."""
    now = calendar.real_now()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.say(200, "application/pkix-crl", above.revoked(now).public_bytes(Encoding.DER))

        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            held.asked += 1
            if held.mute:
                self.say(503, "text/plain", b"closed")
            else:
                self.say(200, "application/timestamp-reply", asyncio.run(stamper.async_request_tsa_response(asked)).dump())

        def say(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    base = f"http://127.0.0.1:{server.server_port}"
    above = keys.authority("示例CA", lists_at=f"{base}/ca.crl")
    stamp = above.issue("示例时间戳", key=rsa.generate_private_key(65537, 2048), since=now - timedelta(10), uses=(ExtendedKeyUsageOID.TIME_STAMPING,))
    stamper = DummyTimeStamper(
        x509.Certificate.load(stamp.certificate.public_bytes(Encoding.DER)),
        pkeys.PrivateKeyInfo.load(stamp.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
    )
    held = SimpleNamespace(url=f"{base}/tsa", above=above, asked=0, mute=False, signer=above.issue("示例民政局", since=now - timedelta(10)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield held
    server.shutdown()
    server.server_close()
    thread.join()


def test_with_a_time_stamp_service_somebody_else_vouches_for_the_moment(app: Flask, drawn: bytes, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SEAL_TSA_URL", service.url)
    found = seal.inspect(seal.sign(drawn, reason="月报", at=calendar.now()))["seal"]
    assert (found["level"], found["stamped_by"], found["signer"]) == ("B-T", "示例时间戳", "青岛市即墨区民政局")
    assert (found["intact"], found["whole"], found["tidy"]) == (True, True, True)
    stamped = datetime.fromisoformat(found["stamped_at"])
    assert abs(stamped - calendar.real_now()) < timedelta(minutes=5)


def test_where_revocations_can_be_asked_for_the_proof_is_in_the_file_and_the_seal_still_ends_it(
    app: Flask, drawn: bytes, service: Any, brought: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_bytes(service.above.certificate.public_bytes(Encoding.PEM))
    monkeypatch.setitem(app.config, "SEAL_TSA_URL", service.url)
    monkeypatch.setitem(app.config, "SEAL_TRUST", str(roots))
    brought(service.signer.p12("its own"))
    sealed = seal.sign(drawn, reason="月报", at=calendar.real_now())
    assert sealed.startswith(drawn)
    found = seal.inspect(sealed)["seal"]
    assert (found["level"], found["intact"], found["whole"], found["tidy"]) == ("B-LT", True, True, True)
    # offline, years of this platform's silence: what the file brings is enough
    reader = PdfFileReader(io.BytesIO(sealed))
    root = x509.Certificate.load(service.above.certificate.public_bytes(Encoding.DER))
    alone = {"trust_roots": [root], "allow_fetching": False, "revocation_mode": "hard-fail"}
    kept = DocumentSecurityStore.read_dss(reader).as_validation_context(alone)
    asked = service.asked
    assert validate_pdf_signature(reader.embedded_signatures[0], kept, kept).bottom_line
    assert service.asked == asked
    # with a key of our own nobody can be asked whether it was revoked: a level less, and said so
    monkeypatch.setitem(app.config, "SEAL_KEY", None)
    assert seal.inspect(seal.sign(drawn, reason="月报", at=calendar.now()))["seal"]["level"] == "B-T"


def test_a_silent_service_delays_no_report(app: Flask, drawn: bytes, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SEAL_TSA_URL", service.url)
    service.mute = True
    found = seal.inspect(seal.sign(drawn, reason="月报", at=calendar.now()))["seal"]
    assert (service.asked, found["level"], found["intact"]) == (1, "B-B", True)
