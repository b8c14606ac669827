"""Choosing an ad-hoc report, and keeping choices."""

from typing import Any
from urllib.parse import parse_qs

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from eldercare.core.access import P
from eldercare.core.jinja import lang
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.reporting.adhoc import queries, services
from eldercare.reporting.adhoc.forms import AdHocForm

room = Room("adhoc", __name__, url_prefix="/reporting/adhoc")


@room.route("/new", allow=P.REPORT_READ, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """The choices, as the address or the form has them."""
    form = _form(scope)
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = _made(scope, form)
        if attempt.ok:
            return made
    presets = [(each, url_for(".new", **parse_qs(each.query))) for each in queries.presets(scope.person_id)]
    return page("reporting/adhoc/new.html", form=form, parts=queries.parts(lang()), presets=presets, several=scope.everywhere)


def _form(scope: Scope) -> AdHocForm:
    asked = MultiDict(request.args)
    asked.setdefault("language", "en" if lang() == "en" else "zh")
    form = AdHocForm(request.form or asked)
    form.parts.offer([(key, title) for key, title, _ in queries.parts(lang())])
    form.place.offer(queries.places(scope, lang()))
    form.townships.offer([(code, name) for code, name, _ in queries.townships(scope, lang())])
    return form


def _made(scope: Scope, form: AdHocForm) -> Any:
    """Keep the choices, or have the report made."""
    if request.form.get("act") == "keep":
        services.keep(scope, form.name.data or "", form.query())
        return done(".new", **form.query())
    return done("reporting.show_run", run_id=services.ask(scope, form.values()).id)


@room.post("/presets/<int:row_id>/forget", allow=P.REPORT_READ)
def forget(scope: Scope, row_id: int) -> Any:
    """Forget kept choices."""
    services.forget(scope, row_id)
    return done(".new")
