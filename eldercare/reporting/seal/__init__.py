"""The seal: every PDF that leaves the platform is signed by its key (PAdES), behind the bytes as they were drawn.

The key is a PKCS#12 file: the bureau's own (SEAL_KEY, SEAL_PASSPHRASE), or one that the installation made for itself.
With a time-stamp service (SEAL_TSA_URL) the moment is vouched for by somebody else (B-T), and where SEAL_TRUST names
the authorities whose lists of revoked certificates can be had, those are kept in the file as well (B-LT). What cannot
be had that day is left out: a report is better sealed with our own time than not made. `pades.py` writes the
signature; `look.py` looks at one, in a child process, since it opens what anybody sends.
"""

import secrets
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from eldercare.core import calendar, log
from eldercare.core.errors import Refused, catalogue
from environ import OWN_PASSPHRASE, OWN_SEAL, Keeper, Seal, SealUnusable, make_seal, put_once, read_seal

_log = log.logger("seal")
ROOT = Path(__file__).resolve().parents[3]


def sign(pdf: bytes, *, reason: str, at: datetime) -> bytes:
    """The PDF with its seal: the same bytes, and the signature as an incremental update behind them.

    Refused: seal.missing, .unreadable, .no_key, .not_yet, .expired. Deterministic but for the id of the update.
    """
    from eldercare.reporting.seal import pades  # noqa: PLC0415 — 0.3 s that a process which seals nothing need not wait

    config, seal = current_app.config, key(at)
    service = pades.service(*(config[f"SEAL_TSA_{name}"] for name in ("URL", "USER", "PASSWORD", "SECONDS")))
    trust = pades.certificates(_path(config["SEAL_TRUST"])) if config["SEAL_TRUST"] else []
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
