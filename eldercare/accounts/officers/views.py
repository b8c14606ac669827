"""The officers' library, who avoids which place, and what places ask."""

from typing import Any

from flask import current_app, request

from eldercare.accounts.officers import forms, queries, services
from eldercare.accounts.officers import listing as words
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as facilities

room = Room("officers", __name__, url_prefix="/accounts/officers")


def _homes(scope: Scope) -> list[tuple[int, str]]:
    return [(each.id, each.name) for each in db.session.scalars(facilities.facilities(scope, gone=False))]


def _library(scope: Scope) -> list[tuple[int, str]]:
    return [(each.id, f"{each.name} ({each.certificate_no})") for each in queries.certified(scope, calendar.today())]


@room.get("/", allow=P.INSPECTION_READ)
def index(scope: Scope) -> Any:
    """Everybody in the library."""
    bound = words.OFFICERS.bind(request.args, path=request.path).load(db.session, queries.officers(scope))
    return page("accounts/officers/index.html", officers=bound)


@room.get("/<int:officer_id>", allow=P.INSPECTION_READ)
def show(scope: Scope, officer_id: int) -> Any:
    """One officer: certificate, specialities, places avoided."""
    officer = queries.officer(scope, officer_id)
    return page(
        "accounts/officers/show.html", officer=officer, words=words, recusals=queries.of_officer(scope, officer_id),
        history=words.in_words(queries.history(scope, officer_id)),
    )  # fmt: skip


@room.route("/new", allow=P.OFFICER_EDIT, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Enter somebody's certificate."""
    form, today = forms.OfficerForm(), calendar.today()
    form.user_id.offer([(each.id, f"{each.name} ({each.username})") for each in queries.candidates(scope, today)])
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.must_be_candidate(scope, form.user_id.data, today)
            valid = (form.valid_from.data, form.valid_to.data)
            made = services.add_officer(scope, form.user_id.data, form.certificate_no.data, valid, form.said()["specialities"])
        if attempt.ok:
            return done(".show", officer_id=made.id)
    return page("accounts/officers/edit.html", form=form, officer=None)


@room.route("/<int:officer_id>/edit", allow=P.OFFICER_EDIT, methods=["GET", "POST"])
def edit(scope: Scope, officer_id: int) -> Any:
    """A new certificate, other specialities."""
    officer = queries.officer(scope, officer_id)
    form = forms.CertificateForm(obj=officer)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.change_officer(scope, officer_id, **form.said())
        if attempt.ok:
            return done(".show", officer_id=officer_id)
    return page("accounts/officers/edit.html", form=form, officer=officer)


@room.route("/<int:officer_id>/leave", allow=P.OFFICER_EDIT, methods=["GET", "POST"])
def leave(scope: Scope, officer_id: int) -> Any:
    """No longer in the library."""
    officer, form = queries.officer(scope, officer_id), forms.LeaveForm(day=calendar.today())
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.leave(scope, officer_id, form.day.data)
        if attempt.ok:
            return done(".show", officer_id=officer_id)
    return page("accounts/officers/leave.html", form=form, officer=officer)


@room.post("/<int:officer_id>/stay", allow=P.OFFICER_EDIT)
def stay(scope: Scope, officer_id: int) -> Any:
    """Had not left after all."""
    services.leave(scope, officer_id, None)
    return done(".show", officer_id=officer_id)


# ---- who avoids what ----------------------------------------------------------------------------------


@room.get("/recusals/", allow=P.INSPECTION_READ)
def recusals(scope: Scope) -> Any:
    """Who avoids which place, and what places have asked."""
    bound = words.RECUSALS.bind(request.args, path=request.path).load(db.session, queries.recusals(scope))
    return page("accounts/officers/recusals.html", recusals=bound, requests=queries.requests(scope), words=words)


@room.route("/recusals/new", allow=P.OFFICER_EDIT, methods=["GET", "POST"])
def recuse(scope: Scope) -> Any:
    """An officer avoids a place."""
    form = forms.RecusalForm(**request.args.to_dict() if request.method == "GET" else {}, starts_on=calendar.today())
    form.officer_id.offer(_library(scope))
    form.facility_id.offer(_homes(scope))
    if form.validate_on_submit():
        with trying(form) as attempt:
            _recuse(scope, form)
        if attempt.ok:
            return done(".show", officer_id=form.officer_id.data)
    return page("accounts/officers/recuse.html", form=form, years=current_app.config["RECUSAL_YEARS"])


def _recuse(scope: Scope, form: Any) -> None:
    first, years = form.starts_on.data, current_app.config["RECUSAL_YEARS"]
    last = services.end_after_work(first, form.ground.data, form.ends_on.data, years)
    services.recuse(scope, form.officer_id.data, form.facility_id.data, form.ground.data, (first, last), form.note.data or "")


@room.route("/recusals/<int:recusal_id>/end", allow=P.OFFICER_EDIT, methods=["GET", "POST"])
def end_recusal(scope: Scope, recusal_id: int) -> Any:
    """An avoidance ends."""
    row, form = queries.recusal(scope, recusal_id), forms.EndForm(day=calendar.today())
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.end_recusal(scope, recusal_id, form.day.data, form.reason.data)
        if attempt.ok:
            return done(".show", officer_id=row.officer_id)
        row = queries.recusal(scope, recusal_id)  # what the savepoint undid is read again
    return page("accounts/officers/end.html", form=form, row=row, words=words)


@room.route("/requests/<int:request_id>", allow=P.OFFICER_EDIT, methods=["GET", "POST"])
def show_request(scope: Scope, request_id: int) -> Any:
    """What a place asks; the district decides."""
    row, form = queries.request(scope, request_id), forms.DecideForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            granted = form.verdict.data == "granted"
            services.decide(scope, request_id, granted=granted, answer=form.answer.data, until=form.until.data)
        if attempt.ok:
            return done(".show_request", request_id=request_id)
        row = queries.request(scope, request_id)  # what the savepoint undid is read again
    return page("accounts/officers/request.html", form=form, row=row, words=words)


# ---- the place's own side -----------------------------------------------------------------------------


@room.get("/asked/", allow=P.INSPECTION_ANSWER)
def asked_all(scope: Scope) -> Any:
    """What one's place has asked."""
    return page("accounts/officers/asked_all.html", requests=queries.requests(scope), words=words)


@room.get("/asked/<int:request_id>", allow=P.INSPECTION_ANSWER)
def asked(scope: Scope, request_id: int) -> Any:
    """One's own request and the answer."""
    return page("accounts/officers/asked.html", row=queries.request(scope, request_id), words=words)


@room.route("/asked/new", allow=P.INSPECTION_ANSWER, methods=["GET", "POST"])
def ask(scope: Scope) -> Any:
    """Ask that an officer not come."""
    homes, form = _homes(scope), forms.AskForm()
    form.facility_id.offer(homes)
    form.officer_id.offer(_library(scope))
    if request.method == "GET" and len(homes) == 1:
        form.facility_id.data = homes[0][0]
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = services.ask(scope, form.facility_id.data, form.officer_id.data, form.reason.data)
        if attempt.ok:
            return done(".asked", request_id=made.id)
    return page("accounts/officers/ask.html", form=form)
