"""The seal: every PDF that leaves the platform is signed by its key (PAdES), behind the bytes as they were drawn.

The key is a PKCS#12 file: the bureau's own (SEAL_KEY, SEAL_PASSPHRASE), or one that the installation made for itself.
With a time-stamp service (SEAL_TSA_URL) the moment is vouched for by somebody else (B-T), and where SEAL_TRUST names
the authorities whose lists of revoked certificates can be had, those are kept in the file as well (B-LT). What cannot
be had that day is left out: a report is better sealed with our own time than not made. `pades.py` writes the
signature; `look.py` looks at one, in a child process, since it opens what anybody sends.
"""

import hashlib
import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from eldercare.core import calendar, log
from eldercare.core.db import db
from eldercare.core.errors import Refused, catalogue
from eldercare.reporting.models import SealCertificate
from environ import OWN_PASSPHRASE, OWN_SEAL, Keeper, Seal, SealUnusable, make_seal, put_once, read_seal

_log = log.logger("seal")
ROOT = Path(__file__).resolve().parents[3]
LOOKER = Path(__file__).with_name("look.py")
NOTHING: dict[str, Any] = {
    "seal": None, "seals": 0, "remains": False, "figures": None, "printed": [], "codes": [], "attached": {},
}  # fmt: skip
_at_once = threading.BoundedSemaphore(2)  # files looked at by one process at a time: each may take the full memory


def sign(pdf: bytes, *, reason: str, at: datetime) -> bytes:
    """The PDF with its seal: the same bytes, and the signature as an incremental update behind them.

    Refused: seal.missing, .unreadable, .no_key, .not_yet, .expired. Deterministic but for the id of the update.
    """
    from eldercare.reporting.seal import pades  # noqa: PLC0415 — 0.3 s that a process which seals nothing need not wait

    config, seal = current_app.config, key(at)
    service = pades.service(*(config[f"SEAL_TSA_{name}"] for name in ("URL", "USER", "PASSWORD", "SECONDS")))
    trust = pades.certificates(_path(config["SEAL_TRUST"])) if config["SEAL_TRUST"] else []
    _remember(seal)
    sealed = pades.sign(pdf, seal, reason=reason, at=at, service=service, trust=trust)
    if service and sealed.level != ("B-LT" if trust else "B-T"):
        _log.warning("seal.lesser", level=sealed.level, why=sealed.why)
    return sealed.pdf


def key(at: datetime) -> Seal:
    """The key that seals, opened once a process and again when its file changes; Refused as by `sign()`."""
    file, passphrase = _where()
    try:
        seal = _open(file, passphrase, file.stat().st_mtime_ns if file.exists() else 0)
        seal.must_hold(at)
    except SealUnusable as unusable:
        raise Refused(f"seal.{unusable.code}", file=unusable.file.name) from None
    return seal


def facts(seal: Seal) -> dict[str, Any]:
    """What a person may know of a key: whose it is, until when, its certificate's hash, whether we made it ourselves."""
    certificate = seal.certificate
    return {
        "signed_by": _name(certificate), "sha256": hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        "valid_until": certificate.not_valid_after_utc.isoformat(), "own": seal.is_own,
    }  # fmt: skip


def _name(certificate: Any) -> str:
    return "".join(str(part.value) for part in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))


def _remember(seal: Seal) -> None:
    """Keep the certificates of the key: another may seal next year, and what this one sealed is still ours."""
    rows = [
        {
            "sha256": hashlib.sha256(each.public_bytes(Encoding.DER)).hexdigest(),
            "pem": each.public_bytes(Encoding.PEM).decode(),
            "name": _name(each),
            "valid_from": each.not_valid_before_utc, "valid_until": each.not_valid_after_utc, "first_used_at": calendar.now(),
        }
        for each in (seal.certificate, *seal.above)
    ]  # fmt: skip
    db.session.execute(insert(SealCertificate).values(rows).on_conflict_do_nothing())


def is_ours(chain: Sequence[str]) -> bool:
    """Whether a signature's certificates (their SHA-256) are all ones that sealed here."""
    known = select(func.count()).select_from(SealCertificate).where(SealCertificate.sha256.in_(chain))
    return bool(chain) and db.session.scalar(known) == len(set(chain))


def inspect(data: bytes) -> dict[str, Any]:
    """What a file is, as `look.py` finds it in a process of its own; one that it does not survive is `broken`."""
    config = current_app.config
    limits = {"memory_mb": config["ATTACHMENT_CHECK_MEMORY_MB"], "seconds": config["ATTACHMENT_CHECK_SECONDS"]}
    command = [sys.executable, "-I", str(LOOKER), json.dumps(limits)]
    with _at_once:
        try:
            done = subprocess.run(command, input=data, capture_output=True, timeout=limits["seconds"] + 5, check=True, env={})
        except subprocess.SubprocessError:
            done = None
    found: dict[str, Any] = json.loads(done.stdout) if done else {}
    return {**NOTHING, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "fault": None if done else "broken"} | found


def _where() -> tuple[Path, str]:
    """The key file and its passphrase; the installation's own is made when there is none."""
    config = current_app.config
    if config["SEAL_KEY"]:
        return _path(config["SEAL_KEY"]), config["SEAL_PASSPHRASE"] or ""
    file = config["INSTANCE"] / OWN_SEAL
    passphrase = Keeper(config["INSTANCE"], make=True)(OWN_PASSPHRASE, secrets.token_urlsafe)
    if not file.exists():
        put_once(file, make_seal(config["ORDER_ORGAN"], passphrase, calendar.now()))
    return file, passphrase


def _path(text: str) -> Path:
    return (ROOT / Path(text).expanduser()).resolve()  # a relative path counts from the root


@cache
def _open(file: Path, passphrase: str, _changed: int) -> Seal:
    return read_seal(file, passphrase)


def renew() -> Seal:
    """Another key of our own in the place of the last; what the last one sealed stays verifiable. seal.given."""
    config = current_app.config
    if config["SEAL_KEY"]:
        raise Refused("seal.given")
    (config["INSTANCE"] / OWN_SEAL).unlink(missing_ok=True)
    return key(calendar.now())


_FILE: dict[str, Any] = {
    "seal.missing": _l("The key file of the seal (%(file)s) is not there. Set SEAL_KEY to where it is."),
    "seal.unreadable": _l(
        "The key file of the seal (%(file)s) cannot be opened: it is no PKCS#12 file, or SEAL_PASSPHRASE is another one."
    ),
    "seal.no_key": _l("The key file of the seal (%(file)s) holds no private key with its certificate. Export it with both."),
    "seal.not_yet": _l("The certificate of the seal (%(file)s) is not valid yet. Wait for its first day, or use another."),
    "seal.expired": _l("The certificate of the seal (%(file)s) has expired. Put a new one in its place, then try again."),
    "seal.given": _l("SEAL_KEY names a key of your own: put the new one in its place."),
}
catalogue({code: (409, words) for code, words in _FILE.items()})
