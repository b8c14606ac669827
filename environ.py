"""How settings are read: typed look-ups in the environment, and secrets made once and kept in the instance folder."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

T = TypeVar("T")


class ConfigError(click.ClickException):
    """A setting that cannot be used; the message is one line that names the variable."""

    exit_code = 2


class Reader:
    """Typed look-ups in the environment; an empty variable counts as not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def text(self, name: str) -> str | None:
        """The text, trimmed; None when there is none."""
        return self.environ.get(name, "").strip() or None

    def as_(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """Read by `parse`; what it refuses ends the start."""
        text = self.text(name)
        if text is None:
            return default
        try:
            return parse(text)
        except ValueError as wrong:
            raise ConfigError(f"{name} cannot be read: {wrong}") from None

    def flag(self, name: str, *, default: bool) -> bool:
        """0 or 1."""
        return self.choice(name, ("0", "1"), "1" if default else "0") == "1"

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of some words."""
        text = self.text(name) or default
        if text not in allowed:
            raise ConfigError(f"{name} must be one of {', '.join(allowed)}")
        return text

    def like(self, name: str, default: Any) -> Any:
        """Read a variable as the type of its default; names that clash elsewhere have a prefix."""
        name = PREFIXED.get(name, name)
        if isinstance(default, bool):
            return self.flag(name, default=default)
        if isinstance(default, int):
            return self.as_(name, int, default)
        if isinstance(default, tuple):
            kind = type(default[0])
            return self.as_(name, lambda text: tuple(kind(part.strip()) for part in text.split(",")), default)
        return self.text(name) or default


PREFIXED = {
    name: f"ELDERCARE_{name}"
    for name in ("DEMO_RESIDENTS", "TIMEZONE", "WORKER_CONCURRENCY", "PAGE_SIZE")
}


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long things are kept (domain notes 2.4): a part of `config.Config`.

    `retention_report_years` counts for what is published: from the end of a report's period, from the day a paper was issued.
    By cadence, or by the name of a kind ("inspection-record:10"), which goes before; what is not named is kept as long as the
    longest. Inspection and penalty files: 10 or 30 years by the archive rules [K].
    """

    retention_log_days: int = 184  # access and operation logs: six months or more
    retention_resident_years: int = 5  # after the end of the contract
    retention_report_years: tuple[str, ...] = (
        "monthly:30", "quarterly:30", "annual:30", "request:30", "event:30", "paper:30",
    )
    retention_draft_days: int = 90  # draft papers, and drafts of a report of which there is a later edition
    retention_adhoc_days: int = 365  # ad-hoc reports: nobody's official record
    retention_taken_days: int = 14  # ZIPs, Word documents, lists: made to be taken away, and made anew at any time


def years_of(text: str) -> tuple[str, ...]:
    """Pairs of a cadence or kind and years, with commas between; ValueError."""
    pairs = tuple(part.strip() for part in text.split(","))
    for pair in pairs:
        name, _, years = pair.partition(":")
        if not name or not years.isdecimal() or not 1 <= int(years) <= 200:
            raise ValueError(f"“{pair}” is not like monthly:30")
    return pairs


class Keeper:
    """Secrets made once and kept in the instance folder, readable by their owner alone."""

    def __init__(self, instance: Path, *, make: bool) -> None:
        self.instance, self.make = instance, make

    def __call__(self, name: str, new: Callable[[], str]) -> str:
        if not self.make:
            return ""
        path = self.instance / name
        try:
            if not path.exists():
                put_once(path, f"{new()}\n".encode())
            return path.read_text("ascii").strip()
        except OSError as wrong:
            raise ConfigError(f"ELDERCARE_INSTANCE: {wrong.strerror}: {wrong.filename}") from None


def put_once(path: Path, data: bytes) -> None:
    """Write beside and link, for its owner alone: of two processes at once one wins and both read the same."""
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def new_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def new_password() -> str:
    """Twelve letters and digits no one misreads, of the three classes that sign-in asks for."""
    letters = "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz") for _ in range(8))
    return f"{letters.capitalize()}-{secrets.randbelow(900) + 100}"


def key_of(text: str) -> bytes:
    """The bytes of a key in base64; ConfigError unless there are 32 or none at all."""
    if not text:
        return b""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise ConfigError("PII_KEY must be 32 bytes in base64 (openssl rand -base64 32)")
    return key


def is_weak(secret: str) -> bool:
    """Shorter than 32 characters, or of fewer than 12 different ones."""
    return len(secret) < 32 or len(set(secret)) < 12


# ---- the seal: a key and its certificate in one PKCS#12 file
OWN_SEAL, OWN_PASSPHRASE = "seal.p12", "seal_passphrase"
SEAL_YEARS = 10  # then another is made; what this one sealed can still be verified
MARK = "Made by this installation"  # who vouches for a certificate of our own: nobody else


class SealUnusable(Exception):
    """The key file of the seal will not do; `code`: missing, unreadable, no_key, not_yet, expired."""

    def __init__(self, code: str, file: Path) -> None:
        super().__init__(f"{SEAL_FAULTS[code]}: {file}")
        self.code, self.file = code, file


SEAL_FAULTS = {
    "missing": "the file is not there",
    "unreadable": "it cannot be opened: no PKCS#12 file, or another passphrase",
    "no_key": "it holds no private key (RSA or EC) with its certificate",
    "not_yet": "its certificate is not valid yet",
    "expired": "its certificate has expired",
}


@dataclass(frozen=True)
class Seal:
    """What a key file holds: the private key, its certificate, the authorities above it."""

    file: Path
    key: Any = field(repr=False)
    certificate: Any
    above: tuple[Any, ...] = ()

    @property
    def is_own(self) -> bool:
        """Made by an installation for itself: nobody outside vouches for it."""
        return MARK in self.certificate.issuer.rfc4514_string()

    def must_hold(self, at: datetime) -> None:
        """SealUnusable outside the days the certificate is valid."""
        if at < self.certificate.not_valid_before_utc:
            raise SealUnusable("not_yet", self.file)
        if at > self.certificate.not_valid_after_utc:
            raise SealUnusable("expired", self.file)


def read_seal(file: Path, passphrase: str) -> Seal:
    """Open a PKCS#12 file; SealUnusable: missing, unreadable, no_key."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415 — most processes never seal
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415

    try:
        key, certificate, above = pkcs12.load_key_and_certificates(file.read_bytes(), passphrase.encode() or None)
    except FileNotFoundError:
        raise SealUnusable("missing", file) from None
    except (OSError, ValueError):
        raise SealUnusable("unreadable", file) from None
    if certificate is None or not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise SealUnusable("no_key", file)
    return Seal(file, key, certificate, tuple(above))


def judge_seal(root: Path, file: str | None, passphrase: str | None, reminder_days: int) -> tuple[list[str], list[str]]:
    """(what is unsafe, what somebody should know) about the key a bureau has set; relative paths count from `root`."""
    if file is None:
        return [], ["note: SEAL_KEY is not set: reports are sealed with a key of our own, for which nobody outside vouches"]
    try:
        seal = read_seal(root / Path(file).expanduser(), passphrase or "")
    except SealUnusable as unusable:
        return [f"SEAL_KEY: {unusable}"], []
    days = (seal.certificate.not_valid_after_utc - datetime.now(UTC)).days
    expired, soon = f"expired {-days} days ago: no report can be sealed", f"expires in {days} days: put a new one in its place"
    return [], [f"note: the certificate in SEAL_KEY {expired if days < 0 else soon}"] if days <= reminder_days else []


def make_seal(organ: str, passphrase: str, now: datetime) -> bytes:
    """A PKCS#12 file with a new key (RSA-3072: every reader of PDF knows it), its certificate in the organ's name, and above
    it a root to be trusted by whoever knows the organ. The root's own key is thrown away: it vouches for nothing else.
    """
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    def named(unit: str) -> x509.Name:
        about = {NameOID.COUNTRY_NAME: "CN", NameOID.ORGANIZATION_NAME: organ, NameOID.ORGANIZATIONAL_UNIT_NAME: unit,
                 NameOID.COMMON_NAME: organ}  # fmt: skip
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in about.items()])

    def certified(subject: x509.Name, public: rsa.RSAPublicKey, *, root: bool) -> x509.Certificate:
        uses = {"digital_signature": not root, "content_commitment": not root, "key_cert_sign": root, "crl_sign": root}
        others = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
        return (
            x509.CertificateBuilder(named(MARK), subject, public, x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=366 * SEAL_YEARS))
            .add_extension(x509.BasicConstraints(ca=root, path_length=0 if root else None), critical=True)
            .add_extension(x509.KeyUsage(**uses, **dict.fromkeys(others, False)), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
            .sign(above, hashes.SHA256())
        )

    above, key = (rsa.generate_private_key(65537, 3072) for _ in range(2))
    root = certified(named(MARK), above.public_key(), root=True)
    certificate = certified(named("Reports"), key.public_key(), root=False)
    locked = BestAvailableEncryption(passphrase.encode())
    return pkcs12.serialize_key_and_certificates(b"seal", key, certificate, [root], locked)
