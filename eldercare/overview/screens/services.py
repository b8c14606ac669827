"""What happens to wall screens: set up, connected once by a code, disconnected."""

import secrets
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import update

from eldercare.core import audit, calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.overview.screens import queries
from eldercare.overview.screens.models import WallScreen

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is mistaken for another when read aloud
SEEN_EVERY = timedelta(minutes=2)


def code_hash(code: str) -> str:
    """A code as it is kept; typed with or without hyphens and spaces, in small or capital letters."""
    return sha256("".join(sign for sign in code.upper() if sign.isalnum()).encode()).hexdigest()


def make(scope: Scope, name: str, township_id: int | None, shows: str, minutes: int) -> tuple[str, WallScreen]:
    """A screen that waits for its code; the code is told once."""
    if not (scope.everywhere if township_id is None else scope.covers(township_id)):
        raise Refused("screen.place_wrong", field="place")
    code = "".join(secrets.choice(LETTERS) for _ in range(12))
    row = WallScreen(
        name=name, place_township_id=township_id, shows=shows, made_by_id=scope.person_id, code_hash=code_hash(code),
        code_until=calendar.real_now() + timedelta(minutes=minutes),
    )  # fmt: skip
    db.session.add(row)
    audit.record(scope, "screen.made", row)
    return "-".join(code[at : at + 4] for at in (0, 4, 8)), row


def connect(scope: Scope, code: str, days: int) -> tuple[str, WallScreen]:
    """Exchange a code, once, for the token the screen's browser keeps; `screen.code_wrong`."""
    row = queries.with_code(scope, code_hash(code))
    if row is None:
        raise Refused("screen.code_wrong", field="code")
    token = secrets.token_urlsafe(32)
    itself = replace(Scope.system(P.SCREEN_EDIT, "wall screen"), ip=scope.ip).enter()  # nobody is signed in: the platform does it
    row.code_hash, row.token_hash = None, queries.token_hash(token)
    row.connected_at = row.last_seen_at = calendar.real_now()
    row.connected_from, row.expires_at = scope.ip, row.connected_at + timedelta(days=days)
    audit.record(itself, "screen.connected", row)
    db.session.flush()
    scope.enter()
    return token, row


def revoke(scope: Scope, screen_id: int) -> WallScreen:
    """End a screen at once; it says so itself within half a minute."""
    row = queries.screen(scope, screen_id, lock=True)
    if row.revoked_at is not None:
        raise Refused("screen.revoked")
    row.revoked_at, row.code_hash, row.token_hash = calendar.real_now(), None, None
    audit.record(scope, "screen.revoked", row)
    return row


def note_seen(row: WallScreen) -> None:
    """When a screen last asked, to within two minutes; housekeeping, so the log is not told."""
    moment = calendar.real_now()
    if row.last_seen_at is None or moment - row.last_seen_at >= SEEN_EVERY:
        table = WallScreen.metadata.tables["wall_screens"]
        db.session.execute(update(table).where(table.c.id == row.id).values(last_seen_at=moment))
