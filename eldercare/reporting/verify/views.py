"""The check of a document: no sign-in, one column, large type; nothing that is sent here is kept."""

from typing import Any

from flask import current_app, redirect, render_template, request, url_for

from eldercare.core import uploads
from eldercare.core.access import PUBLIC
from eldercare.core.api import limiter
from eldercare.core.scope import Scope
from eldercare.core.web import Room, page
from eldercare.reporting.verify import listing, queries, services
from eldercare.reporting.verify.forms import CodeForm, FileForm

room = Room("verify", __name__, url_prefix="/verify")
limiter.limit(lambda: f"{current_app.config['PUBLIC_PER_MINUTE']}/minute")(room)
uploads.LARGE["verify.file"] = "VERIFY_MAX_MB"


@room.get("/", allow=PUBLIC)
def index(_scope: Scope) -> Any:
    """Type a code, or choose a file; a code that was typed leads to its page."""
    asked = CodeForm(request.args) if "code" in request.args else CodeForm()
    if "code" in request.args and asked.validate():
        typed = queries.normal(asked.code.data)
        return redirect(url_for(".code", code=typed), 303) if typed else _unknown(asked.code.data)
    return page("reporting/verify/index.html", by_code=asked, by_file=FileForm(formdata=None))


@room.post("/file", allow=PUBLIC)
@limiter.limit(lambda: f"{current_app.config['VERIFY_PER_MINUTE']}/minute")
def file(scope: Scope) -> Any:
    """A file is looked at, and forgotten."""
    form = FileForm()
    if not form.validate_on_submit():
        return page("reporting/verify/index.html", by_code=CodeForm(formdata=None), by_file=form)
    verdict = services.verdict(scope, form.file.data.read())
    return render_template("reporting/verify/file.html", verdict=verdict, edition=verdict.edition, words=listing)


@room.get("/<string:code>", allow=PUBLIC)
def code(scope: Scope, code: str) -> Any:
    """The edition with a code: what the QR opens."""
    edition = queries.by_code(scope, code)
    if edition is not None:
        return page("reporting/verify/code.html", edition=edition, words=listing)
    return _unknown(code)


def _unknown(code: str) -> Any:
    form, typed = CodeForm(formdata=None, code=code[:60]), queries.normal(code)
    return render_template("reporting/verify/unknown.html", by_code=form, typed=typed), 404
