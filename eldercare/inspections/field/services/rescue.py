"""The last resort: a file the tablet sealed for this platform, opened here and taken in as if it had come by the line."""

from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy.dialects.postgresql import insert

from eldercare.core import secrets
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections.field import queries
from eldercare.inspections.field.models import RescueKey

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
    import base64  # noqa: PLC0415

    def text(number: int) -> str:
        data = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    numbers = public.public_numbers()
    return {"kty": "RSA", "alg": "RSA-OAEP-256", "use": "enc", "n": text(numbers.n), "e": text(numbers.e), "ext": True}
