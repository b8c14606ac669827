"""Certificates for tests: an authority, what it issues, a list of what it revoked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

SINCE = datetime(2026, 6, 1, tzinfo=UTC)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass
class Held:
    """A key with its certificate and who stands above it."""

    key: Any
    certificate: x509.Certificate
    above: "Held | None" = None
    lists_at: str = ""  # where its lists of revoked certificates are had

    def issue(self, name: str, *, key: Any = None, since: datetime = SINCE, uses: tuple[Any, ...] = ()) -> "Held":
        """A certificate for signing, valid for a year; `uses`: extended key usages."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        made = _builder(name, self, key.public_key(), since, is_authority=False)
        if uses:
            made = made.add_extension(x509.ExtendedKeyUsage(uses), critical=True)
        if self.lists_at:
            at = x509.DistributionPoint([x509.UniformResourceIdentifier(self.lists_at)], None, None, None)
            made = made.add_extension(x509.CRLDistributionPoints([at]), critical=False)
        return Held(key, made.sign(self.key, hashes.SHA256()), self)

    def p12(self, passphrase: str) -> bytes:
        """As a PKCS#12 file with its authority."""
        above = [self.above.certificate] if self.above else None
        return pkcs12.serialize_key_and_certificates(b"x", self.key, self.certificate, above, BestAvailableEncryption(passphrase.encode()))

    def revoked(self, now: datetime) -> x509.CertificateRevocationList:
        """Its list of revoked certificates: an empty one."""
        issued = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        made = issued.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=7))
        named = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return made.add_extension(named, critical=False).add_extension(x509.CRLNumber(1), critical=False).sign(self.key, hashes.SHA256())


def _builder(name: str, above: Held | None, public: Any, since: datetime, *, is_authority: bool) -> x509.CertificateBuilder:
    others = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
    uses = x509.KeyUsage(digital_signature=not is_authority, content_commitment=not is_authority, key_cert_sign=is_authority,
                         crl_sign=is_authority, **others)
    days = 3660 if is_authority else 365
    return (
        x509.CertificateBuilder(above.certificate.subject if above else _name(name), _name(name), public, x509.random_serial_number())
        .not_valid_before(since).not_valid_after(since + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(uses, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def authority(name: str, *, since: datetime = datetime(2020, 1, 1, tzinfo=UTC), lists_at: str = "") -> Held:
    """An authority of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Held(key, _builder(name, None, key.public_key(), since, is_authority=True).sign(key, hashes.SHA256()), None, lists_at)
