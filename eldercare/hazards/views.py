"""The ledger of hazards: list, record, acts."""

from typing import Any

from flask import request

from eldercare.core import attachments, runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.enclosures import doors
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as facilities
from eldercare.hazards import forms, queries, services
from eldercare.hazards import listing as words

room = Room("hazards", __name__, url_prefix="/hazards")


def _bound(scope: Scope, args: Any) -> Any:
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    return words.HAZARDS.bind(args, path="/hazards/", choices=words.choices(facilities.townships(scope), homes))


@room.get("/", allow=P.HAZARD_READ)
def index(scope: Scope) -> Any:
    """Hazards within reach."""
    return page("hazards/index.html", hazards=_bound(scope, request.args).load(db.session, queries.hazards(scope)))


@room.post("/export", allow=P.HAZARD_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    run = runs.enqueue(scope, "hazards_export", query=_bound(scope, request.form).query)
    return done("reporting.show_run", run_id=run.id)


@room.get("/<int:hazard_id>", allow=P.HAZARD_READ)
def show(scope: Scope, hazard_id: int) -> Any:
    """One hazard with everything that was answered to it."""
    hazard = queries.hazard(scope, hazard_id)
    history = words.in_words(queries.history(scope, hazard_id))
    photos = attachments.of(scope, hazard)
    return page("hazards/show.html", hazard=hazard, words=words, history=history, photos=photos)


@room.get("/of-facility/<int:facility_id>", allow=P.HAZARD_READ)
def of_facility(scope: Scope, facility_id: int) -> Any:
    """The part of a place's record that tells its open hazards."""
    home = facilities.facility(scope, facility_id)
    return page("hazards/_of_facility.html", home=home, hazards=queries.open_at(scope, home.id), words=words)


@room.post("/<int:hazard_id>/receive", allow=P.HAZARD_REPLY)
def receive(scope: Scope, hazard_id: int) -> Any:
    """The order is in hand."""
    services.receive(scope, hazard_id)
    return done(".show", hazard_id=hazard_id)


@room.post("/<int:hazard_id>/begin", allow=P.HAZARD_REPLY)
def begin(scope: Scope, hazard_id: int) -> Any:
    """Putting right has begun."""
    services.begin(scope, hazard_id)
    return done(".show", hazard_id=hazard_id)


@room.route("/<int:hazard_id>/reply", allow=P.HAZARD_REPLY, methods=["GET", "POST"])
def reply(scope: Scope, hazard_id: int) -> Any:
    """What was done."""
    hazard, form = queries.hazard(scope, hazard_id), forms.ReplyForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.reply(scope, hazard_id, form.measures.data, words.deadlines())
        if attempt.ok:
            return done(".show", hazard_id=hazard_id)
    return page("hazards/reply.html", form=form, hazard=hazard)


@room.route("/<int:hazard_id>/recheck", allow=P.HAZARD_RECHECK, methods=["GET", "POST"])
def recheck(scope: Scope, hazard_id: int) -> Any:
    """What the recheck found."""
    hazard, form = queries.hazard(scope, hazard_id), forms.RecheckForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.recheck(scope, hazard_id, passed=form.passed.data == "passed", findings=form.findings.data)
        if attempt.ok:
            return done(".show", hazard_id=hazard_id)
    return page("hazards/recheck.html", form=form, hazard=hazard)


@room.route("/<int:hazard_id>/extend", allow=P.HAZARD_ORDER, methods=["GET", "POST"])
def extend(scope: Scope, hazard_id: int) -> Any:
    """A later deadline."""
    hazard, form = queries.hazard(scope, hazard_id), forms.ExtendForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.extend(scope, hazard_id, form.due_on.data, form.reason.data, words.deadlines())
        if attempt.ok:
            return done(".show", hazard_id=hazard_id)
    return page("hazards/extend.html", form=form, hazard=hazard, words=words)


@room.post("/<int:hazard_id>/close", allow=P.HAZARD_CLOSE)
def close(scope: Scope, hazard_id: int) -> Any:
    """The hazard is done with."""
    services.close(scope, hazard_id)
    return done(".show", hazard_id=hazard_id)


doors(
    room,
    "/<int:hazard_id>/photos",
    find=queries.hazard,
    kinds=words.PHOTO_WORDS,
    read=P.HAZARD_READ,
    edit=P.HAZARD_REPLY,
    back="show",
    anchor="photos",
    label=lambda hazard: hazard.number,
    is_over=lambda hazard: hazard.state == "closed",
)
