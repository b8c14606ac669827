"""`flask users …`: make people and tokens without a browser."""

from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from eldercare.accounts import queries, services
from eldercare.accounts.models import User
from eldercare.core import calendar
from eldercare.core.access import ROLE_PLACE, P, Role
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import command

cli = AppGroup("users", help="People who sign in.")


@command(cli, "create", P.USER_EDIT)
@click.argument("username")
@click.option("--role", required=True, help="One of: " + ", ".join(Role) + ".")
@click.option("--place", "places", multiple=True, metavar="CODE", help="Code of the township or facility the role reaches.")
@click.option("--name", default="", help="The name to show; the user name by default.")
def create(scope: Scope, username: str, role: str, places: tuple[str, ...], name: str) -> dict[str, Any]:
    """Make a person with a role; the one-time password is changed at the first sign-in."""
    granted = _role(role)
    found = [_place(scope, granted, code) for code in places] or [None]
    person, password = services.add_user(scope, username, name or username)
    for place in found:
        services.make_grant(scope, person.id, granted, place, calendar.today())
    return {"user_id": person.id, "username": person.username, "role": granted, "password": password}


@command(cli, "token", P.USER_EDIT)
@click.argument("username")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366), help="How long it is valid.")
@click.option("--label", default="command line", help="What it is for.")
def token(scope: Scope, username: str, days: int, label: str) -> dict[str, Any]:
    """A bearer token for the JSON API, with the reach of that person; told once."""
    person = _person(username)
    text, row = services.make_token(scope, person.id, label, days)
    return {"token": text, "username": person.username, "expires_at": str(row.expires_at)}


@command(cli, "reset", P.USER_EDIT)
@click.argument("username")
def reset(scope: Scope, username: str) -> dict[str, Any]:
    """A new one-time password; the account is unlocked and its sessions end."""
    person, password = services.reset_password(scope, _person(username).id, current_app.config["CONFIG"])
    return {"user_id": person.id, "username": person.username, "password": password}


def _person(username: str) -> User:
    person = queries.person_named(username)
    if person is None:
        raise Refused("user.unknown", name=username)
    return person


def _role(text: str) -> Role:
    try:
        return Role(text.strip().lower().replace("-", "_"))
    except ValueError:
        raise Refused("grant.role_unknown") from None


def _place(scope: Scope, role: Role, code: str) -> queries.PlaceName:
    found = queries.place_coded(scope, role, code)
    if found is None:
        raise Refused("grant.place_wrong" if ROLE_PLACE[role] == "district" else "place.unknown", code=code)
    return found
