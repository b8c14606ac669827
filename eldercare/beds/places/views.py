"""Rooms and beds of a home: the list, a room, and setting them up by hand, by pattern, from Excel."""

from io import BytesIO
from typing import Any

from flask import flash, request, send_file
from flask_babel import gettext as _

from eldercare.beds.places import forms, imports, jobs, listing, queries, services
from eldercare.core import calendar, runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.core.words import told
from eldercare.facilities import queries as facilities

room = Room("places", __name__, url_prefix="/beds/places/<int:facility_id>")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TO = "<any(available, maintenance, retired):to>"


@room.get("/", allow=P.FACILITY_READ)
def index(scope: Scope, facility_id: int) -> Any:
    """Every bed with its room."""
    facility, counts = facilities.facility(scope, facility_id), queries.counts(scope, facility_id)
    bound = listing.BEDS.bind(request.args, path=request.path).load(db.session, queries.listed(scope, facility_id))
    return page("beds/places/index.html", facility=facility, beds=bound, counts=counts, words=listing,
                has_beds=facility.facility_type in queries.WITH_BEDS)


@room.post("/export", allow=P.FACILITY_READ)
def export(scope: Scope, facility_id: int) -> Any:
    """The list as a workbook, made by a Run."""
    facility = facilities.facility(scope, facility_id)
    bound = listing.BEDS.bind(request.form)
    return done("reporting.show_run", run_id=runs.enqueue(scope, jobs.EXPORT, facility=facility.id, query=bound.query).id)


# ---- by hand --------------------------------------------------------------------------------------


@room.get("/rooms/<int:room_id>", allow=P.FACILITY_READ)
def show(scope: Scope, facility_id: int, room_id: int) -> Any:
    """A room with its beds."""
    own = queries.room(scope, facility_id, room_id)
    beds = queries.beds_of(scope, room_id)
    ids = [bed.id for bed in beds]
    return page("beds/places/room.html", facility=facilities.facility(scope, facility_id), room=own, beds=beds, words=listing,
                slept_in=queries.sleepers(scope, ids, calendar.today()), history=told(queries.history(scope, own, ids)))


def _act(scope: Scope, facility_id: int, form: Any, title: str, verb: Any, service: Any, room_id: int | None = None) -> Any:
    """An act of this page: form, service, and back to the room (or the list)."""
    facility = facilities.facility(scope, facility_id)
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = service()
        if attempt.ok:
            number = room_id or getattr(made, "id", None)
            return done(".show", facility_id=facility_id, room_id=number) if number else done(".index", facility_id=facility_id)
    own = queries.room(scope, facility_id, room_id) if room_id else None
    return page("beds/places/act.html", facility=facility, room=own, form=form, title=title, verb=verb)


@room.route("/rooms/new", allow=P.BED_EDIT, methods=["GET", "POST"])
def new_room(scope: Scope, facility_id: int) -> Any:
    """A room and its beds."""
    form = forms.NewRoomForm()
    return _act(scope, facility_id, form, _("Add a room"), _("Add the room"),
                lambda: services.add_room(scope, facility_id, form.values(), **form.beds_asked()))


@room.route("/rooms/<int:room_id>/edit", allow=P.BED_EDIT, methods=["GET", "POST"])
def edit_room(scope: Scope, facility_id: int, room_id: int) -> Any:
    """Rename a room, or change for whom it is."""
    form = forms.RoomForm(obj=queries.room(scope, facility_id, room_id))
    return _act(scope, facility_id, form, _("Correct the room"), _("Save the room"),
                lambda: services.change_room(scope, room_id, form.values()), room_id)


@room.post("/rooms/<int:room_id>/remove", allow=P.BED_EDIT)
def remove_room(scope: Scope, facility_id: int, room_id: int) -> Any:
    """Take away a room nobody ever slept in."""
    services.remove_room(scope, queries.room(scope, facility_id, room_id).id)
    return done(".index", facility_id=facility_id)


@room.route("/rooms/<int:room_id>/beds/new", allow=P.BED_EDIT, methods=["GET", "POST"])
def new_bed(scope: Scope, facility_id: int, room_id: int) -> Any:
    """A bed in a room."""
    form, own = forms.BedForm(), queries.room(scope, facility_id, room_id)
    return _act(scope, facility_id, form, _("Add a bed"), _("Add the bed"),
                lambda: services.add_bed(scope, own.id, form.values()), room_id)


@room.route("/beds/<int:bed_id>/edit", allow=P.BED_EDIT, methods=["GET", "POST"])
def edit_bed(scope: Scope, facility_id: int, bed_id: int) -> Any:
    """Correct a bed's number, kind or price."""
    bed = queries.bed(scope, facility_id, bed_id)
    form = forms.BedForm.of(bed)
    return _act(scope, facility_id, form, _("Correct bed %(number)s", number=bed.number), _("Save the bed"),
                lambda: services.change_bed(scope, bed_id, form.values()), bed.room_id)


@room.route(f"/beds/<int:bed_id>/{TO}", allow=P.BED_EDIT, methods=["GET", "POST"])
def move_bed(scope: Scope, facility_id: int, bed_id: int, to: str) -> Any:
    """Put a bed into use, take it out of use, retire it."""
    form, bed = forms.MoveForm(), queries.bed(scope, facility_id, bed_id)
    verb = listing.step_words(bed, to)
    return _act(scope, facility_id, form, _("%(verb)s: bed %(number)s", verb=verb, number=bed.number), verb,
                lambda: services.move_bed(scope, bed_id, to, form.reason.data), bed.room_id)


# ---- many at once ---------------------------------------------------------------------------------


def _preview(scope: Scope, facility_id: int, source: str, lines: list[Any], read: imports.Read) -> Any:
    """What would be made, with the form that confirms it."""
    facility = facilities.facility(scope, facility_id)
    plan = queries.plan(scope, facility_id, lines, only_new=source == "pattern")
    return page("beds/places/preview.html", facility=facility, plan=plan, read=read, source=source, words=listing,
                form=forms.draft(scope, facility_id, source, lines, read.sha256))[0]


@room.route("/pattern", allow=P.BED_EDIT, methods=["GET", "POST"])
def pattern(scope: Scope, facility_id: int) -> Any:
    """Rooms that are alike."""
    form, facility = forms.PatternForm(), facilities.facility(scope, facility_id)
    if form.validate_on_submit():
        with trying(form) as attempt:
            lines = form.lines()
        if attempt.ok:
            return _preview(scope, facility_id, "pattern", lines, imports.Read())
    return page("beds/places/pattern.html", facility=facility, form=form)


@room.route("/sheet", allow=P.BED_EDIT, methods=["GET", "POST"])
def sheet(scope: Scope, facility_id: int) -> Any:
    """A workbook with a bed a row."""
    form, facility = forms.SheetForm(), facilities.facility(scope, facility_id)
    if form.validate_on_submit():
        with trying(form) as attempt:
            read = imports.read(form.content())
        if attempt.ok:
            return _preview(scope, facility_id, "workbook", read.lines, read)
    return page("beds/places/sheet.html", facility=facility, form=form)


@room.get("/sheet/form", allow=P.BED_EDIT)
def template(scope: Scope, facility_id: int) -> Any:
    """The form for a list of beds, with the home's rooms in it."""
    facility, out = facilities.facility(scope, facility_id), BytesIO()
    jobs.write_form(out, queries.on_file(scope, facility.id))
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=f"beds-{facility.code}.xlsx")


@room.post("/make", allow=P.BED_EDIT)
def make(scope: Scope, facility_id: int) -> Any:
    """Make what the preview showed."""
    facilities.facility(scope, facility_id)
    plan = forms.make(scope, facility_id, forms.DraftForm())
    flash(_("%(rooms)s rooms and %(beds)s beds were set up; %(changed)s beds were changed.", rooms=len(plan.rooms),
            beds=len(plan.beds), changed=len(plan.changed)))
    return done(".index", facility_id=facility_id)
