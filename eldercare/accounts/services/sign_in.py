"""Signing in and out, and the doors that close after failures.

Tries for one name, and tries from one address, take turns (advisory locks in the database), so that
two at once get no more of them than one after the other. What was counted survives restarts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete, func, insert, select, text

from config import Config
from eldercare.accounts import queries
from eldercare.accounts.models import SignInFailure, User
from eldercare.accounts.services import passwords
from eldercare.core import audit, calendar, secrets
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Person, Scope


@dataclass(frozen=True)
class Attempt:
    """What came of a try to sign in: the person, or the refusal they read."""

    person: User | None = None
    refusal: Refused | None = None


def sign_in(scope: Scope, username: str, password: str, rules: Config) -> Attempt:
    """Judge a name and a password. A refusal is returned, not raised: what was counted must be kept.

    Tries for one name, and tries from one address, take turns (advisory locks), so two at once
    get no more of them than one after the other. An unknown name costs the same time.
    """
    address, name_index = scope.ip or "", secrets.keys().blind(username.strip().lower(), "username")
    _take_turns(address, name_index)
    minutes = max(_closed_for("address", address, rules), _closed_for("name_index", name_index, rules))
    if minutes:
        return Attempt(refusal=Refused("sign_in.closed", minutes=minutes))
    person = queries.person_named(username)
    right = passwords.verify(person.password_hash if person else passwords.decoy(), password)
    if person is None or not right:
        return _failed(scope, person, address, name_index, rules)
    if not person.is_enabled:
        return Attempt(refusal=Refused("sign_in.disabled"))
    db.session.execute(delete(SignInFailure).where(SignInFailure.name_index == name_index))
    _come_in(as_person(scope, person), person, password, rules)
    return Attempt(person)


def _take_turns(address: str, name_index: bytes) -> None:
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended('sign-in ' || :what, 0))")
    for what in sorted((f"from {address}", f"as {name_index.hex()}")):
        db.session.execute(lock, {"what": what})


def _closed_for(column: str, value: str | bytes, rules: Config) -> int:
    """For how many more minutes a door is closed: from the last of the failures that closed it."""
    recent = (
        select(SignInFailure.at).where(getattr(SignInFailure, column) == value)
        .order_by(SignInFailure.at.desc()).limit(rules.lockout_failures).subquery()
    )
    first: datetime
    last: datetime
    count: int
    now: datetime
    first, last, count, now = db.session.execute(
        select(func.min(recent.c.at), func.max(recent.c.at), func.count(), func.clock_timestamp()).select_from(recent)
    ).one()
    window = timedelta(minutes=rules.lockout_minutes)
    if count < rules.lockout_failures or last - first > window or now >= last + window:
        return 0
    return ceil((last + window - now).total_seconds() / 60)


def _failed(scope: Scope, person: User | None, address: str, name_index: bytes, rules: Config) -> Attempt:
    forgotten = func.clock_timestamp() - timedelta(days=1)
    db.session.execute(delete(SignInFailure).where(SignInFailure.at < forgotten))
    db.session.execute(insert(SignInFailure).values(address=address, name_index=name_index))
    closed = _closed_for("name_index", name_index, rules)
    if person is not None:
        platform = Scope(permission=scope.permission, everywhere=True, ip=scope.ip).enter()
        audit.record(platform, "user.sign_in_refused", person)
        if closed:
            person.locked_until = db.session.scalar(select(func.clock_timestamp() + timedelta(minutes=rules.lockout_minutes)))
            audit.record(platform, "user.locked", person, minutes=rules.lockout_minutes)
        scope.enter()
    minutes = max(closed, _closed_for("address", address, rules))
    return Attempt(refusal=Refused("sign_in.closed", minutes=minutes) if minutes else Refused("sign_in.wrong"))


def _come_in(scope: Scope, person: User, password: str, rules: Config) -> None:
    person.locked_until, person.last_sign_in_at = None, calendar.now()
    if passwords.is_outdated(person.password_hash):
        person.password_hash = passwords.hash_password(password)
    expires_at = queries.password_expires_at(person, rules.password_max_days)
    expired = expires_at is not None and expires_at <= calendar.now()
    if expired and not person.must_change_password:
        person.must_change_password = True
    audit.record(scope, "user.signed_in", person)


def as_person(scope: Scope, person: Person) -> Scope:
    """The scope of a person about their own account, entered."""
    own = Scope(permission="signed-in", person_id=person.id, person_name=person.name, ip=scope.ip)
    return own.enter()


def sign_out(scope: Scope) -> None:
    """Note that a person left."""
    audit.record(scope, "user.signed_out", scope.get(User, passwords.own_id(scope)))
