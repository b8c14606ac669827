"""What is kept encrypted stays readable and findable from one version of the platform to the next."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eldercare.core.secrets import Keys

KEY = bytes(range(32))


def test_the_blind_index_is_the_keyed_digest_it_always_was():
    keys = Keys(KEY)
    index = hmac.digest(hmac.digest(KEY, b"blind index", hashlib.sha256), b"phone\x0013800001234", hashlib.sha256)
    assert keys.blind("13800001234", "phone") == index
    assert keys.blind_many(["13800001234", None, "", "13800001234"], "phone") == [index, None, None, index]
    assert keys.blind("13800001234", "id_number") != index


def test_what_was_sealed_alone_or_together_is_read_again():
    keys, nonce = Keys(KEY), bytes(12)
    as_it_lies = b"\x01" + nonce + AESGCM(hmac.digest(KEY, b"field encryption", hashlib.sha256)).encrypt(nonce, "示例".encode(), b"name")
    assert keys.unseal(as_it_lies, "name") == "示例"
    (one, none), alone = keys.seal_many(["示例", None], "name"), keys.seal("示例", "name")
    assert none is None
    assert one != alone
    assert keys.unseal(one, "name") == keys.unseal(alone, "name") == "示例"
