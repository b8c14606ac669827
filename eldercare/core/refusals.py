"""How a refusal or a fault reaches a person: an error page, or `{code, message, details}` for the API."""

import contextlib
import traceback
from typing import Any

from flask import Flask, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, Unauthorized
from werkzeug.routing import IntegerConverter

from eldercare.core import log
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import PasswordFirst, SignInFirst, answer_refusal, is_api, is_htmx, wants_json

_log = log.logger("web")
CODES = {400: "request.wrong", 401: "sign_in.needed", 403: "permission.missing", 404: "row.not_found",
         405: "request.method", 409: "row.conflict", 413: "file.too_large", 422: "request.wrong", 429: "request.too_many"}
MOST_READ_AWAY = 300_000_000  # bytes of a body that is refused
DRAWN = {400, 403, 404, 409, 413, 422, 429, 500, 503}


class RowNumber(IntegerConverter):
    """A number in an address: one that no row can have (beyond a bigint) leads nowhere, like any other wrong address."""

    def __init__(self, url_map: Any, fixed_digits: int = 0, **more: Any) -> None:
        super().__init__(url_map, fixed_digits, **({"max": 2**63 - 1} | more))


def setup(app: Flask) -> None:
    """Register the handlers, before any room is hung."""
    app.url_map.converters["int"] = RowNumber
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(SignInFirst, _sign_in)
    app.register_error_handler(PasswordFirst, _password_first)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def _answer(status: int, code: str, message: str, refusal: Refused | None = None) -> Any:
    try:
        db.session.rollback()
        Scope.nobody().enter()
    except DBAPIError:  # the database itself is away: nobody can be known to be signed in
        current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]  # noqa: SLF001
        status, code, message = 503, "database.away", _("It is being started or maintained, or its database does not answer.")
    if wants_json():
        told = refusal.details.items() if refusal else ()
        details = {key: value if isinstance(value, list | dict) else str(value) for key, value in told}
        return answer_refusal(code, message, status, details)
    if is_htmx():
        return render_template("_errors/notice.html", message=message, status=status), status
    drawn = status if status in DRAWN else 500 if status >= 500 else 400
    return render_template(f"_errors/{drawn}.html", refusal=refusal), status


def _refused(error: Refused) -> Any:
    return _answer(error.status, error.code, error.message, error)


def _sign_in(_error: SignInFirst) -> Any:
    if again := _to_send_again():
        return again
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    where = url_for("accounts.sign_in", next=None if target == "/" else target)
    if is_htmx():
        return "", 401, {"HX-Redirect": url_for("accounts.sign_in")}
    return redirect(where, 303)


def _password_first(_error: PasswordFirst) -> Any:
    if wants_json():
        return _answer(403, "password.first", _("Choose a password of your own first, then come back."))
    return redirect(url_for("accounts.password"), 303)


def _stale_form(_error: CSRFError) -> Any:
    if wants_json() and not current_user.is_authenticated:
        return _http(Unauthorized())  # the token went with the sign-in
    if not wants_json() and request.endpoint == "accounts.sign_in":
        flash(_("The page had been open for too long. Please sign in again."))
        return redirect(url_for("accounts.sign_in"), 303)
    return _to_send_again() or _answer(400, "form.stale", _(
        "This form had been open for too long, or in another session. Nothing was saved. "
        "Go back, reload the page and send it again."
    ))


def _to_send_again() -> Any:
    """A page that keeps what was typed into a form when the sign-in ended meanwhile, to be sent again by a press.

    Only what one of our own pages sent (the browser's Origin says so: no other site may have its fields sent by a press
    here), and nothing of the rooms in which passwords are typed.
    """
    is_ours = request.method == "POST" and request.headers.get("Origin") == request.host_url.rstrip("/")
    if not is_ours or wants_json() or is_htmx() or request.endpoint is None or request.blueprint == "accounts":
        return None
    kept = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    if not any(value for _name, value in kept):
        return None
    db.session.rollback()
    Scope.nobody().enter()
    files = any(each.filename for each in request.files.values())
    return render_template("_errors/kept.html", kept=kept, files=files), 400


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    if status == 413:
        _read_away()
    words = {
        400: _("The request could not be understood. Go back and try again."),
        401: _("Sign in first."),
        403: _("Your duties do not include this page. If they should, ask the administrator for a grant."),
        404: _("There is nothing here, or it lies outside your duties. Check the address, or go back to the list."),
        405: _("This address cannot be used that way."),
        413: _("What was sent is larger than the %(most)d MB this platform accepts at once. Nothing was saved.",
               most=current_app.config["IMPORT_MAX_MB"]),
        429: _("Too many attempts. Wait a quarter of an hour and try again."),
    }
    code = "signed_out" if status == 401 and not is_api() else CODES.get(status, "request.wrong")
    answer = make_response(_answer(status, code, words.get(status, _("The request was refused."))))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # RFC 9110
    return answer


def _read_away() -> None:
    """Read what is still coming, up to a bound: a browser that is sending does not hear an answer before it is done."""
    left = min(request.content_length or 0, MOST_READ_AWAY)
    stream = request.environ["wsgi.input"]
    with contextlib.suppress(OSError):
        while left > 0 and (part := stream.read(min(left, 1 << 20))):
            left -= len(part)


def _fault(error: Exception) -> Any:
    # the message of a database error quotes the failing row: keep the places, not the words
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    rule = request.url_rule.rule if request.url_rule else None
    _log.error("request.failed", path=rule, kind=type(error).__name__, at=places[-6:],
               code=getattr(getattr(error, "orig", None), "pgcode", None))
    return _answer(500, "fault", _(
        "Something went wrong on our side. Nothing was saved. "
        "Try again; if it happens again, tell the administrator the time."
    ))
