"""Field encryption, blind index, masking.

Personal numbers are kept as AES-256-GCM ciphertext (`cryptography`), found again by a keyed
HMAC (the blind index), and shown masked. PIPL arts. 28–30 and 51; masking shapes: domain.md §2.4.
"""

import base64
import os
import re
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from sqlalchemy import LargeBinary, event
from sqlalchemy.types import TypeDecorator

from eldercare.core.db import Base

_VERSION = b"\x01"


def _digest(keyed: HMAC, data: bytes) -> bytes:
    keyed.update(data)
    return keyed.finalize()


class Keys:
    """The keys of this installation, derived from `PII_KEY` (32 bytes)."""

    def __init__(self, pii_key: bytes) -> None:
        if len(pii_key) != 32:
            raise ValueError("PII_KEY must be 32 bytes")
        self._index = HMAC(_digest(HMAC(pii_key, SHA256()), b"blind index"), SHA256())  # copied for each value
        self._field = AESGCM(_digest(HMAC(pii_key, SHA256()), b"field encryption"))
        self._blob = AESGCM(_digest(HMAC(pii_key, SHA256()), b"blob encryption"))

    def seal(self, text: str, field: str) -> bytes:
        """Encrypt one value; `field` is bound to it, so ciphertexts cannot be swapped between fields."""
        nonce = os.urandom(12)
        return _VERSION + nonce + self._field.encrypt(nonce, text.encode(), field.encode())

    def unseal(self, data: bytes, field: str) -> str:
        """Decrypt one value; `cryptography.exceptions.InvalidTag` when it is not ours or was touched."""
        return self._field.decrypt(data[1:13], data[13:], field.encode()).decode()

    def blind(self, text: str, field: str) -> bytes:
        """The 32-byte keyed digest a value is found by."""
        return _digest(self._index.copy(), f"{field}\0{text}".encode())

    def seal_many(self, texts: Iterable[str | None], field: str) -> list[bytes | None]:
        """`seal()` for a whole column, in half the time; None and empty text stay None."""
        column = list(texts)
        encrypt, about, nonces = self._field.encrypt, field.encode(), os.urandom(12 * len(column))
        return [
            _VERSION + (nonce := nonces[at * 12 : at * 12 + 12]) + encrypt(nonce, text.encode(), about) if text else None
            for at, text in enumerate(column)
        ]

    def blind_many(self, texts: Iterable[str | None], field: str) -> list[bytes | None]:
        """`blind()` for a whole column; None and empty text stay None."""
        begun = self._index.copy()
        begun.update(f"{field}\0".encode())
        copy = begun.copy
        return [_digest(copy(), text.encode()) if text else None for text in texts]

    def seal_blob(self, data: bytes) -> bytes:
        """Encrypt a whole file."""
        nonce = os.urandom(12)
        return _VERSION + nonce + self._blob.encrypt(nonce, data, b"blob")

    def unseal_blob(self, data: bytes) -> bytes:
        """Decrypt a whole file."""
        return self._blob.decrypt(data[1:13], data[13:], b"blob")


_keys: Keys | None = None


def setup(pii_key: str | bytes) -> None:
    """Load the installation's key: 32 raw bytes, or their base64."""
    global _keys  # noqa: PLW0603 — one key ring a process, set once by create_app
    _keys = Keys(pii_key if isinstance(pii_key, bytes) else base64.b64decode(pii_key))


def keys() -> Keys:
    """The key ring of this process."""
    if _keys is None:
        raise RuntimeError("secrets.setup() has not run")
    return _keys


class Sealed:
    """An encrypted value: prints masked, tells its plain text only to `reveal()`."""

    __slots__ = ("data", "field")

    def __init__(self, data: bytes, field: str) -> None:
        self.data, self.field = data, field

    def reveal(self) -> str:
        """The plain text. Callers owe the log a reason (`residents.services.unmask`)."""
        return keys().unseal(self.data, self.field)

    def masked(self) -> str:
        """The value as lists and pages show it."""
        return MASKS.get(self.field, mask_tail)(self.reveal())

    __str__ = masked

    def __repr__(self) -> str:
        return f"<Sealed {self.field}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and (self.data == other.data or self.reveal() == other.reveal())

    def __hash__(self) -> int:
        return hash(self.field)


class SealedText(TypeDecorator[Sealed]):
    """A column of encrypted text; assign plain `str`, read back a `Sealed`."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:
        """Plain text or Sealed → ciphertext."""
        if value is None or value == "":
            return None
        return value.data if isinstance(value, Sealed) else keys().seal(str(value), self.field)

    def process_result_value(self, value: Any, dialect: Any) -> Sealed | None:
        """Ciphertext → Sealed."""
        return None if value is None else Sealed(bytes(value), self.field)


@event.listens_for(Base, "mapper_configured", propagate=True)
def _seal_on_assignment(mapper: Any, model: Any) -> None:
    """Plain text assigned to a sealed column is sealed at once: no page can print it by accident."""
    for attr in mapper.column_attrs:
        kind = attr.columns[0].type
        if isinstance(kind, SealedText):
            event.listen(getattr(model, attr.key), "set", _sealer(kind.field), retval=True)


def _sealer(field: str) -> Any:
    def seal(_target: Any, value: Any, _old: Any, _initiator: Any) -> Any:
        return Sealed(keys().seal(value, field), field) if isinstance(value, str) and value else value or None

    return seal


def mask_id(text: str) -> str:
    """`370299********1234`: first six, last four."""
    return text[:6] + "*" * max(len(text) - 10, 4) + text[-4:] if len(text) >= 12 else mask_tail(text)


def mask_phone(text: str) -> str:
    """`138****5678`."""
    return text[:3] + "****" + text[-4:] if len(text) >= 8 else mask_tail(text)


def mask_name(text: str) -> str:
    """`张*`, `张*明`: the first character, and the last where there are three or more."""
    if len(text) <= 1:
        return text
    return text[0] + "*" if len(text) == 2 else text[0] + "*" * (len(text) - 2) + text[-1]


def mask_tail(text: str) -> str:
    """`****1234`: the last four only."""
    return "****" + text[-4:] if len(text) > 4 else "****"


def mask_all(_text: str) -> str:
    """`…`: nothing of it (§2.4: health free text is hidden)."""
    return "…"


_DIGITS = re.compile(r"\d{7,}[\dXx]?")


def without_persons(words: str, names: Iterable[str]) -> str:
    """A text with the names of persons masked, and long numbers (telephones, ID numbers) left out."""
    for name in sorted({each for each in names if len(each) > 1}, key=len, reverse=True):
        words = words.replace(name, mask_name(name))
    return _DIGITS.sub("****", words)


MASKS = {"id_number": mask_id, "phone": mask_phone, "name": mask_name, "health": mask_all}
