"""People and their tokens: one's own account, and what an administrator does to others'."""

import re
import secrets as randomness
from datetime import timedelta

from sqlalchemy import delete, select, text, update

from config import Config
from eldercare.accounts import queries
from eldercare.accounts.models import ApiToken, SignInFailure, User
from eldercare.accounts.services.passwords import hash_password, one_time_password, own_id, set_password
from eldercare.core import audit, calendar, secrets
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope

_USERNAME = re.compile(r"[a-z][a-z0-9.-]{1,39}")
_ADMINISTRATORS = 0x61646D69  # advisory lock: acts that could leave no administrator take turns


# ---- one's own account --------------------------------------------------------------------------

def choose_language(scope: Scope, language: str) -> None:
    """Remember the language a person reads."""
    person = scope.get(User, own_id(scope))
    if person.language != language:
        person.language = language
        audit.record(scope, "user.changed", person)


def end_sessions(scope: Scope) -> User:
    """End every session of one's own; the caller signs the present one in again."""
    person = scope.lock(User, own_id(scope))
    person.session_epoch += 1
    audit.record(scope, "user.sessions_ended", person)
    return person


def make_token(scope: Scope, user_id: int, label: str, days: int) -> tuple[str, ApiToken]:
    """A bearer token with the reach of its person; its text is told once."""
    secret = "ec_" + randomness.token_urlsafe(32)
    expires_at = calendar.now() + timedelta(days=days)
    row = ApiToken(user_id=user_id, label=label, token_hash=queries.token_hash(secret), expires_at=expires_at)
    db.session.add(row)
    audit.record(scope, "api_token.made", row)
    return secret, row


def revoke_token(scope: Scope, user_id: int, token_id: int) -> ApiToken:
    """End a token of that person at once."""
    row = scope.lock(ApiToken, token_id)
    if row.user_id != user_id:
        raise Refused("token.unknown")
    if row.revoked_at is not None:
        raise Refused("token.revoked")
    row.revoked_at = calendar.now()
    audit.record(scope, "api_token.revoked", row)
    return row


def note_use(token: ApiToken) -> None:
    """When a token was last used, to within five minutes; housekeeping, so the log is not told."""
    moment = calendar.now()
    if token.last_used_at is None or not timedelta() <= moment - token.last_used_at < timedelta(minutes=5):
        table = ApiToken.metadata.tables["api_tokens"]
        db.session.execute(update(table).where(table.c.id == token.id).values(last_used_at=moment))




# ---- other people -------------------------------------------------------------------------------


def add_user(scope: Scope, username: str, name: str, language: str = "zh") -> tuple[User, str]:
    """A person without any grant yet, and the one-time password to hand over."""
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise Refused("user.username_invalid", field="username")
    if queries.person_named(username):
        raise Refused("user.username_taken", field="username")
    password = one_time_password()
    person = User(
        username=username, name=name, language=language, password_hash=hash_password(password),
        password_changed_at=calendar.now(), grants=[],
    )
    db.session.add(person)
    audit.record(scope, "user.added", person)
    return person, password


def edit_user(scope: Scope, user_id: int, name: str, language: str) -> User:
    """Another name to show, another language."""
    person = scope.lock(User, user_id)
    person.name, person.language = name, language
    if db.session.is_modified(person):
        audit.record(scope, "user.changed", person)
    return person


def reset_password(scope: Scope, user_id: int, rules: Config) -> tuple[User, str]:
    """A new one-time password; the lock falls and every session ends."""
    person = _another(scope, user_id)
    password = one_time_password()
    set_password(person, password, rules)
    person.must_change_password = True
    _forgive(person)
    for token in db.session.scalars(select(ApiToken).where(ApiToken.user_id == person.id, ApiToken.revoked_at.is_(None))):
        token.revoked_at = calendar.now()  # whoever had the password may have made one
        audit.record(scope, "api_token.revoked", token)
    audit.record(scope, "user.password_reset", person)
    return person, password


def unlock(scope: Scope, user_id: int) -> User:
    """Let a person try again at once."""
    person = scope.lock(User, user_id)
    _forgive(person)
    audit.record(scope, "user.unlocked", person)
    return person


def _forgive(person: User) -> None:
    person.locked_until = None
    name_index = secrets.keys().blind(person.username, "username")
    db.session.execute(delete(SignInFailure).where(SignInFailure.name_index == name_index))


def disable(scope: Scope, user_id: int) -> User:
    """Shut an account: no sign-in, no session, no token works; nothing is deleted."""
    one_administrator_stays(scope, user_id)
    person = _another(scope, user_id)
    if person.is_enabled:
        person.is_enabled, person.session_epoch = False, person.session_epoch + 1
        audit.record(scope, "user.disabled", person)
    return person


def enable(scope: Scope, user_id: int) -> User:
    """Open a disabled account again."""
    person = scope.lock(User, user_id)
    if not person.is_enabled:
        person.is_enabled = True
        audit.record(scope, "user.enabled", person)
    return person


def _another(scope: Scope, user_id: int) -> User:
    if scope.person_id == user_id:
        raise Refused("user.is_you")
    return scope.lock(User, user_id)


def one_administrator_stays(scope: Scope, user_id: int) -> None:
    """Refuse what would leave nobody who administers accounts; such acts take turns."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADMINISTRATORS})
    person = scope.get(User, user_id)
    if person.is_enabled and person.is_administrator and not queries.administrators_beside(scope, user_id):
        raise Refused("user.last_administrator")
