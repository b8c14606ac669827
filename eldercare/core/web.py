"""Room: a Blueprint whose doors demand a lock; page(), done(); the transaction of a request.

Returning commits, raising rolls back. A view without `allow=` is a TypeError at import.
"""

import functools
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

import click
from flask import Blueprint, Response, current_app, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import Forbidden, Unauthorized

from eldercare.core.access import PUBLIC, SIGNED_IN, P
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope, scope_of

csrf = CSRFProtect()
UNTIL_PASSWORD_CHANGED = {"accounts.password", "accounts.sign_out", "accounts.language", "static"}


class Room(Blueprint):
    """A feature's views. `api=True`: JSON, a Bearer token instead of a cookie, no CSRF token.

    `json=True`: for the script of one of our own pages: a cookie and a CSRF token, and every refusal in JSON, 401 too.
    """

    def __init__(self, name: str, import_name: str, *, url_prefix: str, api: bool = False, json: bool = False) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.is_api, self.speaks_json = api, api or json
        if api:
            csrf.exempt(self)

    def route(self, rule: str, *, allow: P | str, **options: Any) -> Callable[[Any], Any]:  # type: ignore[override]
        """Hang a door: `allow` is the permission it asks for, or PUBLIC, or SIGNED_IN."""

        def hang(view: Callable[..., Any]) -> Callable[..., Any]:
            door = _door(view, allow, api=self.is_api)
            self.add_url_rule(rule, options.pop("endpoint", view.__name__), door, **options)
            return view

        return hang


def _door(view: Callable[..., Any], allow: P | str, *, api: bool) -> Callable[..., Response]:
    @functools.wraps(view)
    def door(**kwargs: Any) -> Response:
        scope = _admit(allow, api=api).enter()
        g.scope = scope
        try:
            response = make_response(view(scope, **kwargs))
            db.session.commit()
        except DBAPIError as error:
            db.session.rollback()
            refusal = refusal_of(error)
            if refusal is None:
                raise
            raise refusal from error
        return response

    door.allow = allow  # type: ignore[attr-defined]
    return door


def _admit(allow: P | str, *, api: bool) -> Scope:
    """The scope a request enters with; 401 (or the sign-in page) and 403 otherwise."""
    ip = request.remote_addr
    if allow == PUBLIC:
        return Scope.nobody(ip)
    if not current_user.is_authenticated:
        if api or wants_json():
            raise Unauthorized
        raise SignInFirst
    if not api and current_user.must_change_password and request.endpoint not in UNTIL_PASSWORD_CHANGED:
        raise PasswordFirst
    if allow == SIGNED_IN:
        return Scope(permission=SIGNED_IN, person_id=current_user.id, person_name=current_user.name, ip=ip)
    scope = scope_of(current_user, P(allow), ip)
    if scope is None:
        raise Forbidden
    return scope


class SignInFirst(Exception):
    """Nobody is signed in: the browser goes to the sign-in page and comes back."""


class PasswordFirst(Exception):
    """The first sign-in: a password of one's own comes before everything else."""


def step_into(permission: P) -> Scope | None:
    """Enter another permission of the same person within a request (first pages show several).

    None when the person does not hold it; the wall then stays as it was.
    """
    scope = scope_of(current_user, permission, request.remote_addr)
    return scope.enter() if scope else None


def reach_over(permission: P, row: Any = None) -> Scope | None:
    """The signed-in person's scope under a permission where it covers this row's place; the wall is not moved.

    For what is read beside the view's own, in the same statement: never wider than either of the two.
    """
    cache: dict[str, Scope | None] = g.setdefault("reach", {})
    if permission not in cache:
        cache[permission] = scope_of(current_user, permission) if current_user.is_authenticated else None
    scope = cache[permission]
    if scope is None or row is None:
        return scope
    return scope if scope.covers(getattr(row, "township_id", None), getattr(row, "facility_id", None)) else None


def can(permission: P, row: Any = None) -> bool:
    """Whether the signed-in person holds a permission (over this row's place)."""
    return reach_over(permission, row) is not None


def page(template: str, **context: Any) -> tuple[str, int]:
    """Draw a page; 422 when a POST comes back to its own form."""
    return render_template(template, **context), 422 if request.method == "POST" else 200


def is_htmx() -> bool:
    """Whether htmx asks (and not its history restore)."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def done(endpoint: str, **values: Any) -> Response:
    """The act is done: go and see the result."""
    target = url_for(endpoint, **values)
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": target})
    return make_response(redirect(target, 303))


def refuse(form: Any, refusal: Refused) -> None:
    """Put a refusal beside the field it belongs to, or at the top of the form."""
    field = form._fields.get(refusal.field) if refusal.field else None
    if field is not None:
        field.errors = [*field.errors, refusal.message]
    else:
        form.form_errors.append(refusal.message)


class trying(AbstractContextManager[None]):  # noqa: N801 — reads as a word: `with trying(form):`
    """Run a service inside a savepoint; a refusal lands on the form instead of an error page.

    with trying(form) as attempt: services.close(…)
    if attempt.ok: return done(…)
    """

    def __init__(self, form: Any) -> None:
        self.form, self.ok = form, False
        self._savepoint: Any = nullcontext()

    def __enter__(self) -> Self:  # type: ignore[override]
        self._savepoint = db.session.begin_nested()
        self._savepoint.__enter__()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if error is None:
            try:
                db.session.flush()
            except DBAPIError as late:
                kind, error = type(late), late
        self._savepoint.__exit__(kind, error, trace)
        if error is None:
            self.ok = True
            return True
        refusal = error if isinstance(error, Refused) else refusal_of(error) if isinstance(error, DBAPIError) else None
        if refusal is None:
            if kind is not None and trace is None:
                raise error
            return False
        refuse(self.form, refusal)
        return True


def answer(data: Any, status: int = 200) -> Response:
    """A JSON answer of the API."""
    response = jsonify(data)
    response.status_code = status
    return response


def answer_refusal(code: str, message: str, status: int, details: Any = None) -> Response:
    """The API's one shape of error."""
    return answer({"code": code, "message": message, "details": details or {}}, status)


def is_api() -> bool:
    """Whether the request is the API's: it brings a token, never a cookie."""
    return request.path.startswith("/api/")


def wants_json() -> bool:
    """Whether it is answered in JSON: the API, and the rooms of our own pages' scripts."""
    return is_api() or getattr(current_app.blueprints.get(request.blueprint or ""), "speaks_json", False)


# ---- the command line ---------------------------------------------------------------------------


def command(group: Any, name: str, permission: P, **settings: Any) -> Callable[[Any], Any]:
    """A command of the contract: `function(scope, …) -> dict`, printed as one JSON object on the last line.

    Exit 0 = done, 2 = refused with one clear line, 1 = a fault of ours. `--user NAME` acts as that person.
    """

    def hang(function: Callable[..., dict[str, Any]]) -> Any:
        @group.command(name, **settings)  # type: ignore[untyped-decorator]
        @functools.wraps(function)
        def run(**kwargs: Any) -> None:
            try:
                scope = _scope_of_user(kwargs.pop("user", None), permission).enter()
                result = function(scope, **kwargs)
                db.session.commit()
            except (Refused, DBAPIError) as error:
                db.session.rollback()
                refusal = error if isinstance(error, Refused) else refusal_of(error)
                if refusal is None:
                    raise
                click.echo(refusal.message, err=True)
                sys.exit(2)
            click.echo(json.dumps(result, ensure_ascii=False))
            if False in (result.get("valid"), result.get("identical")):
                sys.exit(2)

        return run

    return hang


def _scope_of_user(username: str | None, permission: P) -> Scope:
    if not username:
        return Scope.system(permission, "command line")
    person = current_app.extensions["person_named"](username)
    scope = scope_of(person, permission) if person else None
    if scope is None:
        raise Refused("person.not_allowed", name=username)
    return scope
