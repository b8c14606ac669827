"""Grants: a role at a place between two days; and the made-up people of the demo district."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import insert, update

from eldercare.accounts.models import Grant, User
from eldercare.accounts.queries import PlaceName
from eldercare.accounts.services.passwords import hash_password
from eldercare.accounts.services.people import one_administrator_stays
from eldercare.core import audit, calendar
from eldercare.core.access import GRANTS, ROLE_PLACE, P, Role
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope


def make_grant(
    scope: Scope, user_id: int, role: Role, place: PlaceName | None, starts_on: date, ends_on: date | None = None
) -> Grant:
    """Grant a role at a place between two days; the person's open sessions end."""
    if scope.person_id == user_id:
        raise Refused("grant.own")
    if (place.kind if place else "district") != ROLE_PLACE[role]:
        raise Refused("grant.place_wrong", field="place")
    if ends_on is not None and ends_on < starts_on:
        raise Refused("grant.dates_reversed", field="ends_on")
    person = scope.lock(User, user_id)
    grant = Grant(
        user_id=user_id, role=role, starts_on=starts_on, ends_on=ends_on,
        place_township_id=place.id if place and place.kind == "township" else None,
        place_facility_id=place.id if place and place.kind == "facility" else None,
    )
    if any(_same(grant, held) for held in person.grants):
        raise Refused("grant.taken")
    person.grants.append(grant)
    audit.record(scope, "grant.made", grant, user=person.username)
    _new_reach(person)
    return grant


def end_grant(scope: Scope, user_id: int, grant_id: int) -> Grant:
    """End a grant at once; the person's open sessions end."""
    if scope.person_id == user_id:
        raise Refused("grant.own")
    person = scope.lock(User, user_id)
    grant = next((grant for grant in person.grants if grant.id == grant_id), None)
    if grant is None:
        raise Refused("grant.unknown")
    if grant.ended_at is not None:
        raise Refused("grant.ended")
    if P.USER_EDIT in GRANTS[Role(grant.role)]:
        one_administrator_stays(scope, user_id)
    grant.ended_at = calendar.now()
    audit.record(scope, "grant.ended", grant, user=person.username)
    _new_reach(person)
    return grant


def _new_reach(person: User) -> None:
    """An open session must not keep what the grants no longer say; the grant's own entry tells of it."""
    table = User.metadata.tables["users"]
    ended = update(table).where(table.c.id == person.id).values(session_epoch=table.c.session_epoch + 1)
    db.session.execute(ended)
    db.session.refresh(person, ["session_epoch"])


def _same(new: Grant, held: Grant) -> bool:
    """Whether two grants of one person say the same for some day."""
    alike = (new.role, new.place_township_id, new.place_facility_id) == (
        held.role, held.place_township_id, held.place_facility_id
    )
    never = date.max
    meet = new.starts_on <= (held.ends_on or never) and held.starts_on <= (new.ends_on or never)
    return alike and meet and held.ended_at is None


# ---- the demo district --------------------------------------------------------------------------


class DemoPerson(NamedTuple):
    """A made-up person: user name, name, role, and the place the role names."""

    username: str
    name: str
    role: Role
    township_id: int | None = None
    facility_id: int | None = None


def add_demo_users(scope: Scope, people: Iterable[DemoPerson], password: str) -> dict[str, int]:
    """People who share one password (hashed once) and need not change it; {user name: id}."""
    people, hashed, moment = list(people), hash_password(password), calendar.now()
    made = db.session.execute(
        insert(User).returning(User).execution_options(audited="user.loaded"),
        [
            {
                "username": each.username, "name": each.name, "password_hash": hashed,
                "password_changed_at": moment, "must_change_password": False,
            }
            for each in people
        ],
    )
    ids = {person.username: person.id for person in made.scalars()}
    db.session.execute(
        insert(Grant).execution_options(audited="user.loaded"),
        [
            {
                "user_id": ids[each.username], "role": each.role, "place_township_id": each.township_id,
                "place_facility_id": each.facility_id, "starts_on": calendar.add_years(calendar.today(), -2),
            }
            for each in people
        ],
    )
    audit.record(scope, "user.loaded", entity="user", users=len(people))
    return ids
