"""Reads about people, their grants and tokens. Places of care are named here, never read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import selectinload

from eldercare.accounts.models import ApiToken, Grant, Known, User
from eldercare.core import calendar
from eldercare.core.access import GRANTS, ROLE_PLACE, P, Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Held, Scope
from eldercare.facilities.models import Facility, Township


class PlaceName(NamedTuple):
    """A place a grant can name: "township" or "facility", its id, its code and what it is called."""

    kind: str
    id: int
    code: str
    name: str


@contextmanager
def as_platform(scope: Scope, permission: P) -> Iterator[Scope]:
    """Read, as the platform itself, what lies outside the person's own reach; then step back.

    Used for two things only: the names of places (public), and an account's own entries in the log.
    """
    try:
        yield Scope.system(permission).enter()
    finally:
        scope.enter()


# ---- who signs in -------------------------------------------------------------------------------


@dataclass
class SignedIn(Known):
    """The person of a request, read as plain rows: nothing of it can be changed by accident."""

    id: int
    username: str
    name: str
    language: str
    is_enabled: bool
    must_change_password: bool
    session_epoch: int
    grants: Sequence[Held]  # in force today

    def held(self) -> Sequence[Held]:
        """The grants in force today."""
        return self.grants


def in_force(day: Any = None) -> ColumnElement[bool]:
    """Grants that count today (or on a day)."""
    day = calendar.today() if day is None else day
    return and_(
        Grant.ended_at.is_(None), Grant.starts_on <= day, or_(Grant.ends_on.is_(None), Grant.ends_on >= day)
    )


_U, _G = User.__table__.c, Grant.__table__.c
_FACTS = ("id", "username", "name", "language", "is_enabled", "must_change_password", "session_epoch")
# asked on every request: built once, and as rows, which takes a third of the time of mapped objects
_PERSON = (
    select(*(_U[name] for name in _FACTS), _G.role, _G.place_township_id, _G.place_facility_id)
    .select_from(User.__table__.outerjoin(Grant.__table__, and_(_G.user_id == _U.id, in_force(bindparam("day")))))
    .where(_U.id == bindparam("user_id"))
    .order_by(_G.id)
    .execution_options(prepared=True)
)


def person(user_id: int) -> SignedIn | None:
    """A person with the grants in force today, in one statement."""
    asked = {"user_id": user_id, "day": calendar.today()}
    rows: list[Any] = list(db.session.connection().execute(_PERSON, asked))
    return SignedIn(*rows[0][: len(_FACTS)], [row for row in rows if row.role]) if rows else None


def person_named(username: str) -> User | None:
    """The person with a user name."""
    return db.session.scalars(select(User).where(User.username == username.strip().lower())).one_or_none()


def token(text: str) -> ApiToken | None:
    """A bearer token that opens doors now, and whose person may sign in."""
    found = db.session.scalars(select(ApiToken).where(ApiToken.token_hash == token_hash(text))).one_or_none()
    if found is None or not found.is_valid(calendar.now()) or not found.user.is_enabled:
        return None
    return found


def token_hash(text: str) -> str:
    """What is kept of a token: it is random, so a plain digest is enough."""
    return sha256(text.encode()).hexdigest()


def tokens(scope: Scope, user_id: int) -> list[ApiToken]:
    """A person's tokens, newest first."""
    query = scope.select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())
    return list(db.session.scalars(query))


# ---- people and grants --------------------------------------------------------------------------


def users(scope: Scope) -> Select[User]:
    """Everyone, with their grants."""
    return scope.select(User).options(selectinload(User.grants))


def user(scope: Scope, user_id: int) -> User:
    """One person; 404."""
    return scope.get(User, user_id)


def holders(_scope: Scope, permission: P, township_id: int, facility_id: int) -> list[User]:
    """Who may sign in and holds a permission today over a place, by name."""
    roles = [role.value for role in Role if permission in GRANTS[role]]
    here = or_(
        and_(Grant.place_township_id.is_(None), Grant.place_facility_id.is_(None)), Grant.place_township_id == township_id,
        Grant.place_facility_id == facility_id,
    )  # fmt: skip
    query = select(User).where(User.is_enabled, User.grants.any(and_(Grant.role.in_(roles), here, in_force())))
    return list(db.session.scalars(query.order_by(User.name, User.id)))


def matching(text: str) -> ColumnElement[bool]:
    """People whose name or user name holds a text."""
    part = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return or_(User.name.ilike(part), User.username.ilike(part))


def with_role(role: str) -> ColumnElement[bool]:
    """People who hold a role today."""
    return User.grants.any(and_(Grant.role == role, in_force()))


def at_township(township_id: str) -> ColumnElement[bool]:
    """People granted that township itself or a facility that lies in it."""
    with as_platform(db.session.info["scope"], P.FACILITY_READ) as platform:
        inside = platform.columns(Facility, Facility.id).where(Facility.township_id == int(township_id))
        facility_ids = db.session.scalars(inside).all()
    there = or_(Grant.place_township_id == int(township_id), Grant.place_facility_id.in_(facility_ids))
    return User.grants.any(and_(there, in_force()))


def in_state(state: str) -> ColumnElement[bool]:
    """People by what the list calls their state."""
    locked = and_(User.locked_until.is_not(None), User.locked_until > func.clock_timestamp())
    return {
        "disabled": User.is_enabled.is_(False),
        "locked": and_(User.is_enabled, locked),
        "new": and_(User.is_enabled, User.last_sign_in_at.is_(None)),
        "idle": and_(User.is_enabled, ~User.grants.any(in_force())),
        "enabled": User.is_enabled.is_(True),
    }[state]


def administrators_beside(scope: Scope, user_id: int) -> int:
    """How many other enabled people administer accounts today."""
    statement = select(func.count(User.id.distinct())).join(Grant).where(
        scope.where(User), User.id != user_id, User.is_enabled, Grant.role == Role.ADMINISTRATOR, in_force()
    )
    return db.session.scalar(statement) or 0


def account_history(scope: Scope, person: User, limit: int = 50) -> Sequence[AuditEntry]:
    """What happened to an account and its grants, newest first (not what the person did elsewhere)."""
    grant_ids = [grant.id for grant in person.grants]
    about = or_(
        and_(AuditEntry.entity == "user", AuditEntry.entity_id == person.id),
        and_(AuditEntry.entity == "grant", AuditEntry.entity_id.in_(grant_ids)),
    )
    with as_platform(scope, P.AUDIT_READ) as platform:
        found = platform.select(AuditEntry).where(about).order_by(AuditEntry.id.desc()).limit(limit)
        return db.session.scalars(found).all()


# ---- places as names ----------------------------------------------------------------------------


def townships(_scope: Scope) -> list[PlaceName]:
    """All townships by code."""
    rows = db.session.execute(select(Township.id, Township.code, Township.name).order_by(Township.code))
    return [PlaceName("township", *row) for row in rows]


def facilities(scope: Scope) -> list[PlaceName]:
    """All facilities by name: their names and codes only."""
    with as_platform(scope, P.FACILITY_READ) as platform:
        rows = db.session.execute(
            platform.columns(Facility, Facility.id, Facility.code, Facility.name).order_by(Facility.name)
        ).all()
    return [PlaceName("facility", *row) for row in rows]


def place_names(scope: Scope, grants: Sequence[Grant]) -> dict[tuple[str, int], str]:
    """What the places of some grants are called: {("township", 3): "…"}."""
    township_ids = {g.place_township_id for g in grants if g.place_township_id is not None}
    facility_ids = {g.place_facility_id for g in grants if g.place_facility_id is not None}
    names: dict[tuple[str, int], str] = {}
    if township_ids:
        rows = db.session.execute(select(Township.id, Township.name).where(Township.id.in_(township_ids)))
        names.update({("township", row[0]): row[1] for row in rows})
    if facility_ids:
        with as_platform(scope, P.FACILITY_READ) as platform:
            query = platform.columns(Facility, Facility.id, Facility.name).where(Facility.id.in_(facility_ids))
            names.update({("facility", row[0]): row[1] for row in db.session.execute(query)})
    return names


def place_of(grant: Grant) -> tuple[str, int] | None:
    """The place a grant names, as `place_names` keys it; None for the whole district."""
    if grant.place_township_id is not None:
        return ("township", grant.place_township_id)
    return ("facility", grant.place_facility_id) if grant.place_facility_id is not None else None


def place_coded(scope: Scope, role: Role, code: str | None) -> PlaceName | None:
    """The place with that code, name or "name (code)" among those a role can name; None when there is none."""
    wanted = (code or "").strip()
    kind = ROLE_PLACE[role]
    if not wanted or kind == "district":
        return None
    found = townships(scope) if kind == "township" else facilities(scope)
    return next((place for place in found if wanted in {place.code, place.name, label(place)}), None)


def label(place: PlaceName) -> str:
    """A place as the picker writes it."""
    return f"{place.name} ({place.code})"


def dressed(scope: Scope, people: Sequence[User]) -> Sequence[User]:
    """The same people with `places` (names of what they reach) and `is_locked` filled in."""
    places = place_names(scope, [grant for each in people for grant in each.grants])
    ids = [each.id for each in people if each.locked_until is not None]
    locked = set(db.session.scalars(select(User.id).where(User.id.in_(ids), User.locked_until > func.clock_timestamp())))
    for each in people:
        each.places, each.is_locked = places, each.id in locked  # type: ignore[misc]
    return people


def locked_minutes(person: User) -> int:
    """For how many more minutes an account is locked, by the real clock; 0 when it is open."""
    if person.locked_until is None:
        return 0
    gone = func.extract("epoch", User.locked_until - func.clock_timestamp())
    left = float(db.session.scalar(select(gone).where(User.id == person.id)) or 0)
    return max(ceil(left / 60), 0)


def password_expires_at(person: User, max_days: int) -> datetime | None:
    """When the present password must be changed at the latest."""
    return None if person.password_changed_at is None else person.password_changed_at + timedelta(days=max_days)
