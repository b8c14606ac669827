"""Passwords: argon2id, the rules they must meet, the last ones barred. Rules: domain.md §2.5."""

import re
import secrets as randomness
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select

from config import Config
from eldercare.accounts.models import PastPassword, User
from eldercare.core import audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope

_HASHER = PasswordHasher()  # argon2id with the parameters of RFC 9106 (low memory)
_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"), re.compile(r"[^a-zA-Z0-9]"))
_COMMON = ("password", "passw0rd", "p@ssw0rd", "qwerty", "1q2w3e", "12345678", "abcd1234", "abc12345", "admin123", "letmein")


def hash_password(password: str) -> str:
    """An argon2id hash; about 50 ms, so hash once where many people share a (demo) password."""
    return _HASHER.hash(password)


def verify(stored: str, password: str) -> bool:
    """Whether a password is the one a hash was made of."""
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


@lru_cache(maxsize=1)
def decoy() -> str:
    """What an unknown name's password is compared with, so that the answer takes as long."""
    return hash_password(randomness.token_urlsafe())


def one_time_password() -> str:
    """Fourteen characters of three classes that no one misreads; changed at the first sign-in."""
    letters = "".join(randomness.choice("abcdefghjkmnpqrstuvwxyz") for _ in range(9))
    return f"{letters.capitalize()}-{randomness.randbelow(9000) + 1000}"


def own_id(scope: Scope) -> int:
    """Who acts on their own account."""
    if scope.person_id is None:
        raise Refused("person.not_allowed", name=scope.person_name)
    return scope.person_id


def change_password(scope: Scope, current: str, new: str, rules: Config) -> User:
    """A person's own change; every other session of theirs ends."""
    person = scope.lock(User, own_id(scope))
    if not verify(person.password_hash, current):
        raise Refused("password.wrong", field="current")
    judge_password(person, new, rules)
    set_password(person, new, rules)
    person.must_change_password = False
    audit.record(scope, "user.password_changed", person)
    return person


def judge_password(person: User, new: str, rules: Config) -> None:
    """Refuse what the rules bar: length, kinds of characters, the name in it, the obvious, the last ones."""
    least = rules.password_admin_min if person.is_administrator else rules.password_min
    if len(new) < least:
        raise Refused("password.too_short", field="new", least=least)
    if sum(bool(kind.search(new)) for kind in _CLASSES) < rules.password_classes:
        raise Refused("password.too_simple", field="new", classes=rules.password_classes)
    if person.username in new.lower():
        raise Refused("password.has_name", field="new")
    if any(common in new.lower() for common in _COMMON):
        raise Refused("password.common", field="new")
    past = db.session.scalars(
        select(PastPassword.password_hash).where(PastPassword.user_id == person.id)
        .order_by(PastPassword.id.desc()).limit(rules.password_history)
    )
    if any(verify(stored, new) for stored in dict.fromkeys([person.password_hash, *past])):
        raise Refused("password.used_before", field="new", count=rules.password_history)


def set_password(person: User, new: str, rules: Config) -> None:
    """Set it, remember it, end every session."""
    if not db.session.scalar(select(func.count()).where(PastPassword.user_id == person.id)):
        db.session.add(PastPassword(user_id=person.id, password_hash=person.password_hash))
        db.session.flush()
    person.password_hash = hash_password(new)
    person.password_changed_at = calendar.now()
    person.session_epoch += 1
    db.session.add(PastPassword(user_id=person.id, password_hash=person.password_hash))
    db.session.flush()
    kept = (
        select(PastPassword.id).where(PastPassword.user_id == person.id)
        .order_by(PastPassword.id.desc()).limit(rules.password_history)
    )
    db.session.execute(
        delete(PastPassword).where(PastPassword.user_id == person.id, PastPassword.id.not_in(kept)),
        execution_options={"synchronize_session": False},
    )
