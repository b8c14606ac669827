"""The register of facilities: lists, records, acts."""

from typing import Any

from flask import current_app, request

from eldercare.core import attachments, calendar, runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.enclosures import doors, served
from eldercare.core.scope import Scope
from eldercare.core.web import Room, can, done, page, trying
from eldercare.facilities import forms, queries, services
from eldercare.facilities import listing as words

room = Room("facilities", __name__, url_prefix="/facilities")
TYPE = "<any(institution, township_center, village_station, canteen, home_care_org):kind>"
STATE = "<any(operating, suspended, closed, deregistered):to>"


@room.get("/", allow=P.FACILITY_READ)
def index(scope: Scope) -> Any:
    """The register."""
    bound = words.FACILITIES.bind(request.args, path=request.path, choices=words.choices(queries.townships(scope)))
    bound.load(db.session, queries.register(scope, words.in_home(scope)))
    return page("facilities/index.html", facilities=bound)


@room.post("/export", allow=P.FACILITY_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    bound = words.FACILITIES.bind(request.form, choices=words.choices(queries.townships(scope)))
    return done("reporting.show_run", run_id=runs.enqueue(scope, "facilities_export", query=bound.query).id)


@room.get("/map", allow=P.FACILITY_READ)
def map(scope: Scope) -> Any:  # noqa: A001 — the endpoint's name
    """Where the facilities are."""
    whole = queries.townships(scope, whole=True)
    bound = words.MAP.bind(request.args, path=request.path, choices=words.choices(queries.townships(scope)), page_size=1000)
    bound.load(db.session, queries.facilities(scope, gone=False))
    return page(
        "facilities/map.html", bound=bound, points=words.points(bound.rows), areas=words.areas(whole), words=words,
        close=not scope.everywhere or "township" in bound.query,
    )


@room.get("/licences", allow=P.FACILITY_READ)
def licences(scope: Scope) -> Any:
    """All licences, the soonest to expire on top."""
    bound = words.LICENCES.bind(request.args, path=request.path, choices=words.choices(queries.townships(scope)))
    bound.load(db.session, queries.licences(scope))
    return page("facilities/licences.html", licences=bound)


@room.get("/townships", allow=P.FACILITY_READ)
def townships(scope: Scope) -> Any:
    """The townships in reach with their numbers."""
    return page("facilities/townships.html", rows=queries.counts_by_township(scope), words=words)


@room.get("/<int:facility_id>", allow=P.FACILITY_READ)
def show(scope: Scope, facility_id: int) -> Any:
    """One facility's record."""
    facility = queries.facility(scope, facility_id, words.in_home(scope))
    chart = current_app.extensions["occupancy_chart"](scope, facility) if can(P.STAY_READ, facility) else None
    care = current_app.extensions["caregivers_at"](scope, facility_id, calendar.today())
    return page(
        "facilities/show.html", facility=facility, words=words, licences=queries.licences_of(scope, facility_id), chart=chart,
        sections=words.sections(facility, care),
        served=queries.townships_served(scope, facility_id) if facility.facility_type == "home_care_org" else [],
        areas=words.areas(queries.townships(scope, whole=True)), photos=attachments.of(scope, facility),
        history=words.in_words(queries.history(scope, facility_id)),
    )


@room.route("/new", allow=P.FACILITY_EDIT, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """What is to be registered, and where."""
    form = forms.StartForm()
    form.township_id.offer([(each.id, words.township_words(each)) for each in queries.townships(scope)])
    if form.validate_on_submit():
        return done(".register", kind=form.facility_type.data, township_id=form.township_id.data, state=form.state.data)
    return page("facilities/new.html", form=form)


@room.route(f"/new/{TYPE}/<int:township_id>", allow=P.FACILITY_EDIT, methods=["GET", "POST"])
def register(scope: Scope, kind: str, township_id: int) -> Any:
    """Enter a facility in the register."""
    township, form = forms.register_form(scope, kind, township_id, override=can(P.FACILITY_OVERRIDE))
    state = "preparing" if request.args.get("state") == "preparing" else "operating"
    if form.validate_on_submit():
        with trying(form) as attempt:
            facility = services.register(scope, kind, township_id, state=state, **form.answers())
        if attempt.ok:
            return done(".show", facility_id=facility.id)
    return page("facilities/edit.html", form=form, words=words, kind=kind, township=township, facility=None)


@room.route("/<int:facility_id>/edit", allow=P.FACILITY_EDIT, methods=["GET", "POST"])
def edit(scope: Scope, facility_id: int) -> Any:
    """Correct a record."""
    facility, form = forms.change_form(scope, facility_id, override=can(P.FACILITY_OVERRIDE))
    context = {"kind": facility.facility_type, "township": facility.township, "name": facility.name}
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.change(scope, facility_id, seen=request.form.get("seen"), **form.answers())
        if attempt.ok:
            return done(".show", facility_id=facility_id)
    return page("facilities/edit.html", form=form, words=words, facility=facility, **context)


@room.route(f"/<int:facility_id>/state/{STATE}", allow=P.FACILITY_EDIT, methods=["GET", "POST"])
def move(scope: Scope, facility_id: int, to: str) -> Any:
    """A facility opens, suspends, closes."""
    facility = queries.facility(scope, facility_id, words.in_home(scope))
    form, step, residents = forms.MoveForm(), words.step_words(facility, to), facility.in_home or 0
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.move(scope, facility_id, to, form.reason.data, form.day.data, residents)
        if attempt.ok:
            return done(".show", facility_id=facility_id)
    return page("facilities/move.html", form=form, facility=facility, to=to, step=step, residents=residents)


@room.get("/licences/<int:licence_id>", allow=P.FACILITY_READ)
def licence(scope: Scope, licence_id: int) -> Any:
    """A licence where it stands: on its facility's record."""
    return done(".show", facility_id=queries.licence(scope, licence_id).facility_id, _anchor="licences")


@room.route("/<int:facility_id>/licences/new", allow=P.LICENCE_EDIT, methods=["GET", "POST"])
def add_licence(scope: Scope, facility_id: int) -> Any:
    """Add a licence, or renew one (`?replaces=`)."""
    facility = queries.facility(scope, facility_id)
    form = forms.licence_form(scope, facility_id, request.args.get("replaces", type=int))
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.add_licence(scope, facility_id, form.values(), form.file.upload, form.replaces.data)
        if attempt.ok:
            return done(".show", facility_id=facility_id, _anchor="licences")
    return page("facilities/licence.html", form=form, facility=facility, licence=None)


@room.route("/licences/<int:licence_id>/edit", allow=P.LICENCE_EDIT, methods=["GET", "POST"])
def edit_licence(scope: Scope, licence_id: int) -> Any:
    """Correct a licence."""
    licence = queries.licence(scope, licence_id)
    facility = queries.facility(scope, licence.facility_id)
    form = forms.LicenceForm(obj=licence)
    del form.replaces
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.change_licence(scope, licence_id, form.values(), form.file.upload)
        if attempt.ok:
            return done(".show", facility_id=facility.id, _anchor="licences")
    return page("facilities/licence.html", form=form, facility=facility, licence=licence)


@room.route("/licences/<int:licence_id>/retire", allow=P.LICENCE_EDIT, methods=["GET", "POST"])
def retire_licence(scope: Scope, licence_id: int) -> Any:
    """A licence counts no longer."""
    licence = queries.licence(scope, licence_id)
    facility, form = queries.facility(scope, licence.facility_id), forms.RetireForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.retire_licence(scope, licence_id, form.reason.data)
        if attempt.ok:
            return done(".show", facility_id=facility.id, _anchor="licences")
    return page("facilities/retire.html", form=form, facility=facility, licence=licence, words=words)


@room.get("/licences/<int:licence_id>/file", allow=P.FACILITY_READ)
def licence_file(scope: Scope, licence_id: int) -> Any:
    """The scan of a licence."""
    return served(services.licence_file(scope, licence_id))


doors(
    room, "/<int:facility_id>/photos", find=queries.facility, kinds=words.PHOTO_WORDS, read=P.FACILITY_READ, edit=P.LICENCE_EDIT,
    back="show", anchor="photos", label=lambda facility: facility.name,
)
