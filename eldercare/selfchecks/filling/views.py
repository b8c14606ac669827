"""The telephone page: a round item after item. Each tap is kept at once; for htmx the middle of the page alone is sent."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from eldercare.checklists.checks import queries as checks
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, is_htmx, page, trying
from eldercare.selfchecks import listing as words
from eldercare.selfchecks import queries
from eldercare.selfchecks.filling import forms, listing, services

room = Room("filling", __name__, url_prefix="/selfchecks/filling")


def _drawn(scope: Scope, round_id: int, code: str | None = None, form: Any = None, *, after: str | None = None) -> Any:
    """The item asked for, the next one to answer, or the end; with what is wrong about the form that was sent."""
    row = queries.round_(scope, round_id)
    walk = listing.walk(checks.answers(scope, row.check_id), queries.photos(scope, row.id), code, after) if row.check_id else None
    rule = listing.partial_for(scope, row)
    template = "selfchecks/filling/_walk.html" if is_htmx() else "selfchecks/filling/walk.html"
    about = {"words": words, "say": listing, "reasons": forms.REASON_WORDS}
    drawn, status = page(template, round=row, walk=walk, form=form, rule=rule, **about)
    return drawn, status if form is not None and form.problems else 200


@room.get("/<int:round_id>", allow=P.SELFCHECK_FILL)
def walk(scope: Scope, round_id: int) -> Any:
    """Begin, or go on where it was left."""
    row = queries.round_(scope, round_id)
    if not words.can_still(row):
        return done("selfchecks.show", round_id=round_id)
    if row.check_id is None:
        return _beginning(scope, row, listing.begin_form(scope, row))
    return _drawn(scope, round_id, request.args.get("item"))


def _beginning(scope: Scope, row: Any, form: forms.BeginForm) -> Any:
    asked = listing.asked(scope, row)
    return page("selfchecks/filling/begin.html", round=row, form=form, asked=asked, words=words)


@room.post("/<int:round_id>/begin", allow=P.SELFCHECK_FILL)
def begin(scope: Scope, round_id: int) -> Any:
    """The round is begun by whoever walks it."""
    row = queries.round_(scope, round_id)
    form = listing.begin_form(scope, row)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.begin(scope, round_id, words.rules(), form.start())
        if attempt.ok:
            return done(".walk", round_id=round_id)
    return _beginning(scope, row, form)


@room.post("/<int:round_id>/answer", allow=P.SELFCHECK_FILL)
def answer(scope: Scope, round_id: int) -> Any:
    """One item answered; on to the next."""
    queries.round_(scope, round_id)
    form = forms.AnswerForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.answer(scope, round_id, form.code.data, form.answer())
        if attempt.ok:
            return _drawn(scope, round_id, after=form.code.data) if is_htmx() else done(".walk", round_id=round_id)
    return _drawn(scope, round_id, form.code.data, form)


@room.post("/<int:round_id>/photo", allow=P.SELFCHECK_FILL)
def add_photo(scope: Scope, round_id: int) -> Any:
    """A photo put to an item; the page stays there."""
    queries.round_(scope, round_id)
    form = forms.PhotoForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.add_photo(scope, round_id, form.code.data, form.photo.upload)
        if attempt.ok:
            form = None
    code = request.form.get("code")
    return _drawn(scope, round_id, code, form) if is_htmx() or form else done(".walk", round_id=round_id, item=code)


@room.post("/<int:round_id>/photos/<int:photo_id>/remove", allow=P.SELFCHECK_FILL)
def remove_photo(scope: Scope, round_id: int, photo_id: int) -> Any:
    """A photo taken away, to be taken again."""
    queries.round_(scope, round_id)
    code = services.remove_photo(scope, round_id, photo_id, _("Taken again"))
    return _drawn(scope, round_id, code) if is_htmx() else done(".walk", round_id=round_id, item=code)


@room.post("/<int:round_id>/complete", allow=P.SELFCHECK_FILL)
def complete(scope: Scope, round_id: int) -> Any:
    """The round is completed for good."""
    row = services.complete(scope, round_id, words.rules(), listing.limits())
    return done("selfchecks.home", facility_id=row.facility_id)
