"""The last resort: a file the tablet sealed for this platform, opened here and taken in as if it had come by the line."""

import base64
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import insert

from eldercare.core import alerts, audit, calendar, files, secrets
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.inspections.field import queries
from eldercare.inspections.field.models import RescueFile, RescueKey, Rules
from eldercare.inspections.field.services.incoming import add_photo, judged, keep_entries, must_fit, own_visit, read_json
from eldercare.inspections.field.services.records import take_in
from eldercare.inspections.models import Visit

_PADDING = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
BITS = 3072
FIELD = "rescue_key"


def make_key(scope: Scope) -> RescueKey:
    """The platform's key for rescue files; made once, the private half sealed with PII_KEY and so in every backup."""
    there = queries.rescue_key(scope)
    if there is not None:
        return there
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    plain = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    values = {"id": 1, "public": _jwk(private.public_key()), "sealed": secrets.keys().seal(plain.decode(), FIELD)}
    db.session.execute(insert(RescueKey).values(**values).on_conflict_do_nothing())
    made = queries.rescue_key(scope)
    if made is None:
        raise LookupError("the key was made and is not there")
    return made


def _jwk(public: rsa.RSAPublicKey) -> dict[str, Any]:
    def text(number: int) -> str:
        data = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    numbers = public.public_numbers()
    return {"kty": "RSA", "alg": "RSA-OAEP-256", "use": "enc", "n": text(numbers.n), "e": text(numbers.e), "ext": True}


# ---- opening ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rescued:
    """What a rescue file holds: of which visit and tablet; the record's bytes, or a draft; photos by the hash they give."""

    uid: UUID
    device: str
    record: bytes | None
    sha256: str
    seq: int
    entries: dict[str, Any]
    photos: dict[str, bytes]
    broken: int  # photos whose bytes no longer give their hash


def open_file(scope: Scope, data: bytes) -> Rescued:
    """Unseal a rescue file. Refused: rescue.wrong, rescue.other_platform."""
    key = queries.rescue_key(scope)
    try:
        outer = read_json(data.decode("utf-8"))
        wrapped, iv, body = (base64.b64decode(outer[name], validate=True) for name in ("key", "iv", "data"))
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("rescue.wrong", field="file") from error
    if key is None:
        raise Refused("rescue.other_platform", field="file")
    try:
        secret = _private(key).decrypt(wrapped, _PADDING)
        inner = read_json(AESGCM(secret).decrypt(iv, body, None).decode("utf-8"))
    except (ValueError, InvalidTag) as error:
        raise Refused("rescue.other_platform", field="file") from error
    try:
        return _read(inner)
    except (ValueError, KeyError, TypeError, AttributeError, Refused) as error:
        raise Refused("rescue.wrong", field="file") from error


def _read(inner: dict[str, Any]) -> Rescued:
    photos, broken = {}, 0
    for sha256, text in (inner.get("photos") or {}).items():
        data = base64.b64decode(text, validate=True)
        if hashlib.sha256(data).hexdigest() == sha256:
            photos[sha256] = data
        else:
            broken += 1
    record, draft = inner.get("record"), inner.get("draft") or {}
    device, seq, entries = str(inner["device"]), int(draft.get("seq", 0)), dict(draft.get("entries", {}))
    must_fit(device, seq, entries)
    return Rescued(
        uid=UUID(inner["visit"]), device=device, record=record["text"].encode() if record else None,
        sha256=record["sha256"] if record else "", seq=seq, entries=entries, photos=photos, broken=broken,
    )  # fmt: skip


def _private(key: RescueKey) -> rsa.RSAPrivateKey:
    pem = secrets.keys().unseal(key.sealed, FIELD).encode()
    private = serialization.load_pem_private_key(pem, None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("the rescue key is an RSA key")
    return private


def keep_file(scope: Scope, data: bytes) -> str:
    """Keep a file that was opened until it is confirmed; its hash."""
    sha256 = files.put(data, secret=True)
    again = {"person_id": scope.person_id, "kept_at": calendar.now()}
    statement = insert(RescueFile).values(sha256=sha256, **again)
    db.session.execute(statement.on_conflict_do_update(index_elements=["sha256"], set_=again))
    return sha256


def kept_file(scope: Scope, sha256: str) -> bytes:
    """The bytes of a file this person looked into. rescue.gone where there is none any more."""
    row = _kept(scope, sha256)
    if row is None or row.person_id != scope.person_id:
        raise Refused("rescue.gone", field="file")
    return files.get(sha256, secret=True)


def taken(scope: Scope, sha256: str) -> None:
    """A kept file was taken in: it goes."""
    row = _kept(scope, sha256)
    if row is not None:
        let_go(scope, row)


def let_go(_scope: Scope, row: RescueFile) -> None:
    """A rescue file goes, and its bytes with the commit."""
    db.session.delete(row)
    files.drop_once_committed(row.sha256, secret=True)


def _kept(scope: Scope, sha256: str) -> RescueFile | None:
    return db.session.scalars(scope.select(RescueFile).where(RescueFile.sha256 == sha256)).one_or_none()


def rescue(scope: Scope, found: Rescued, rules: Rules) -> Refused | None:
    """Take a rescue file in: photos and draft, kept whatever becomes of the rest; then the record, as if it had come by the line.

    The visit may have been called off by now, given to another lead or recorded on another tablet: what the file holds is then
    with the visit, for the district to read and for its lead to go on from, and the district is told. Answers why the record
    was not taken in, or None.
    """
    visit = queries.in_reach(scope, found.uid)
    device = _tablet(scope, visit, found)
    here, fits = queries.photos(scope, visit.id, list(found.photos)), {}
    for sha256, data in found.photos.items():
        with suppress(Refused):  # a picture nobody can draw does not hold up the others
            if sha256 not in here:
                fits[sha256] = judged(data)
    for sha256, fit in fits.items():  # all of them judged: from the first one kept, every other writer waits
        add_photo(scope, visit, found.photos[sha256], sha256, fit)
    if found.entries:
        keep_entries(scope, visit, device, found.seq, found.entries)
    why = _refusal(scope, found, rules)
    if why is not None:
        visit = queries.in_reach(scope, found.uid)  # what a savepoint undid is read again
        audit.record(scope, "visit.rescued", visit, device=found.device, why=why.code)
        home, day = visit.facility.name, visit.planned_on
        alerts.tell(scope, "visit.rescued", visit, level="district", again=True, home=home, day=day)
    return why


def _tablet(scope: Scope, visit: Visit, found: Rescued) -> str:
    """The mark the entries are kept under: anybody can make a file, and nobody's but the lead's overwrites the lead's draft."""
    return found.device if visit.lead.user_id == scope.person_id else f"{found.device[:60]}/{scope.person_id}"


def _refusal(scope: Scope, found: Rescued, rules: Rules) -> Refused | None:
    """Why the record, or a draft to go on from, is not this person's to hand in; None once it is taken in."""
    if scope.person_id not in {each.officer.user_id for each in queries.in_reach(scope, found.uid).officers}:
        return Refused("visit.not_in_team")
    try:
        with db.session.begin_nested():
            if found.record is None:
                own_visit(scope, found.uid)
            else:
                take_in(scope, found.uid, found.record, found.sha256, rules, rescued=True)
    except Refused as refusal:
        return refusal
    return None
