"""Who works at a place: the list, a record, the acts on it; certificates and training."""

from collections.abc import Callable
from typing import Any

from flask import Flask, redirect, request, url_for
from flask_babel import lazy_gettext as _l

from eldercare.core import calendar, runs
from eldercare.core.access import P
from eldercare.core.acts import Act, perform, values
from eldercare.core.db import db
from eldercare.core.enclosures import served
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as places
from eldercare.facilities.staff import forms, queries, services
from eldercare.facilities.staff import listing as words
from eldercare.facilities.staff.roster import listing as roster

room = Room("staff", __name__, url_prefix="/facilities/staff")


def init_app(app: Flask) -> None:
    """Hand the register what it shows of staff: it may not ask this package, so it is given."""
    app.extensions["caregivers_at"] = queries.caregivers_at


def _choices(scope: Scope) -> dict[str, Any]:
    return words.choices(places.townships(scope), list(db.session.scalars(places.facilities(scope, gone=False))))


# ---- the list ---------------------------------------------------------------------------------------


@room.get("/", allow=P.STAFF_READ)
def index(scope: Scope) -> Any:
    """Everybody in reach."""
    bound = words.STAFF.bind(request.args, path=request.path, choices=_choices(scope))
    bound.load(db.session, queries.members(scope))
    return page("facilities/staff/index.html", staff=bound)


@room.post("/export", allow=P.STAFF_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    bound = words.EXPORT.bind(request.form, choices=_choices(scope))
    return done("reporting.show_run", run_id=runs.enqueue(scope, "staff_export", query=bound.query).id)


@room.get("/of-facility/<int:facility_id>", allow=P.STAFF_READ)
def of_facility(scope: Scope, facility_id: int) -> Any:
    """The part of a place's record that tells its staff: numbers, certificates, who is on duty now."""
    facility, today = places.facility(scope, facility_id), calendar.today()
    summary = queries.summary(scope, facility_id, today, words.required(), words.within())
    short = queries.training_short(scope, facility_id, today.year, words.training_target())
    return page(
        "facilities/staff/_of_facility.html", facility=facility, summary=summary, words=words, short=short,
        duty=roster.now(scope, facility_id),
    )


# ---- a record ---------------------------------------------------------------------------------------


@room.get("/<int:member_id>", allow=P.STAFF_READ)
def show(scope: Scope, member_id: int) -> Any:
    """One member of staff."""
    person = queries.member(scope, member_id)
    facility, trained = places.facility(scope, person.facility_id), queries.trainings_of(scope, member_id)
    return page(
        "facilities/staff/show.html", person=person, facility=facility, words=words, trainings=trained,
        papers=queries.certificates_of(scope, member_id), hours=queries.hours_in_year(trained, calendar.today().year),
        others=queries.elsewhere(scope, person), history=words.in_words(queries.history(scope, member_id)),
    )


@room.post("/<int:member_id>/unmask/<string:field>", allow=P.STAFF_UNMASK)
def unmask(scope: Scope, member_id: int, field: str) -> Any:
    """One masked value, with a reason, logged."""
    form, person = forms.ReasonForm(), queries.member(scope, member_id)
    if form.validate_on_submit():
        value = services.unmask(scope, member_id, field, form.reason.data or "")
        return page("facilities/staff/_revealed.html", value=value, shown=getattr(person, field).masked())[0]
    error = next(iter(form.reason.errors), "")
    return page("facilities/staff/_masked.html", person=person, field=field, error=error, words=words)


@room.route("/new", allow=P.STAFF_EDIT, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Where somebody is taken on; straight on for whoever has one place."""
    here = list(db.session.scalars(places.facilities(scope, gone=False)))
    form = forms.PlaceForm()
    form.facility_id.offer([(each.id, each.name) for each in here])
    if form.validate_on_submit():
        return done(".register", facility_id=form.facility_id.data)
    if len(here) == 1:
        return redirect(url_for(".register", facility_id=here[0].id), 303)
    return page("facilities/staff/new.html", form=form)


@room.route("/new/<int:facility_id>", allow=P.STAFF_EDIT, methods=["GET", "POST"])
def register(scope: Scope, facility_id: int) -> Any:
    """Take somebody on."""
    facility, form = places.facility(scope, facility_id), forms.MemberForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = services.register(scope, facility_id, form.values())
        if attempt.ok:
            return done(".show", member_id=made.id)
    return page("facilities/staff/edit.html", form=form, facility=facility, person=None)


@room.route("/<int:member_id>/edit", allow=P.STAFF_EDIT, methods=["GET", "POST"])
def edit(scope: Scope, member_id: int) -> Any:
    """Correct a record."""
    person = queries.member(scope, member_id)
    form, facility = forms.correct_form(person), places.facility(scope, person.facility_id)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.change(scope, member_id, form.values(), seen=request.form.get("seen"))
        if attempt.ok:
            return done(".show", member_id=member_id)
        person = queries.member(scope, member_id)  # what the savepoint undid is read again
    return page("facilities/staff/edit.html", form=form, facility=facility, person=person)


def _act(
    form: Any, service: Callable[..., Any], title: Any, verb: Any, why: Any = "", *, at: set[str], danger: bool = False
) -> Act:
    def do(scope: Scope, member_id: int, given: Any) -> Any:
        return service(scope, member_id, **values(given))

    return Act(title, verb, lambda _scope, _row: form(), do, why, danger, lambda row: row.state in at)


ACTS = {
    "go-on-leave": _act(
        forms.LeaveOfAbsenceForm, services.go_on_leave, _l("Leave of absence"), _l("Record the leave"),
        _l("Shifts from that day on are taken off the roster."), at={"employed"},
    ),
    "come-back": _act(forms.ConfirmForm, services.come_back, _l("Back from leave"), _l("Back at work"), at={"on_leave"}),
    "leave": _act(
        forms.LeavingForm, services.leave, _l("Leaves the place"), _l("Record the last day"),
        _l("Shifts after the last day are taken off the roster; reminders of certificates end."),
        at={"employed", "on_leave"}, danger=True,
    ),
    "take-back": _act(
        forms.ReasonForm, services.take_back, _l("Had not left after all"), _l("Take the record back"), at={"left"},
    ),
}


@room.route(
    "/<int:member_id>/<any('go-on-leave', 'come-back', leave, 'take-back'):act>", allow=P.STAFF_EDIT, methods=["GET", "POST"]
)
def act(scope: Scope, member_id: int, act: str) -> Any:
    """An act on the state of a record."""
    return perform(scope, ACTS[act], queries.member, "facilities/staff/act.html", ".show", member_id=member_id)


# ---- certificates -----------------------------------------------------------------------------------


@room.get("/certificates/<int:certificate_id>", allow=P.STAFF_READ)
def certificate(scope: Scope, certificate_id: int) -> Any:
    """A certificate where it stands: on its person's record."""
    return done(".show", member_id=queries.certificate(scope, certificate_id).member_id, _anchor="certificates")


@room.route("/<int:member_id>/certificates/new", allow=P.STAFF_EDIT, methods=["GET", "POST"])
def add_certificate(scope: Scope, member_id: int) -> Any:
    """Add a certificate, or renew one (`?replaces=`)."""
    person = queries.member(scope, member_id)
    form = forms.certificate_form(scope, member_id, request.args.get("replaces", type=int), request.args.get("kind"))
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.add_certificate(scope, member_id, form.values(), form.file.upload, form.replaces.data)
        if attempt.ok:
            return done(".show", member_id=member_id, _anchor="certificates")
    return page("facilities/staff/certificate.html", form=form, person=person, paper=None)


@room.route("/certificates/<int:certificate_id>/edit", allow=P.STAFF_EDIT, methods=["GET", "POST"])
def edit_certificate(scope: Scope, certificate_id: int) -> Any:
    """Correct a certificate."""
    paper = queries.certificate(scope, certificate_id)
    person, form = queries.member(scope, paper.member_id), forms.CertificateForm(obj=paper)
    del form.replaces
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.change_certificate(scope, certificate_id, form.values(), form.file.upload)
        if attempt.ok:
            return done(".show", member_id=person.id, _anchor="certificates")
    return page("facilities/staff/certificate.html", form=form, person=person, paper=paper)


@room.route("/certificates/<int:certificate_id>/retire", allow=P.STAFF_EDIT, methods=["GET", "POST"])
def retire_certificate(scope: Scope, certificate_id: int) -> Any:
    """A certificate counts no longer."""
    paper = queries.certificate(scope, certificate_id)
    person, form = queries.member(scope, paper.member_id), forms.RetireForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.retire_certificate(scope, certificate_id, form.reason.data)
        if attempt.ok:
            return done(".show", member_id=person.id, _anchor="certificates")
    return page("facilities/staff/retire.html", form=form, person=person, paper=paper, words=words)


@room.get("/certificates/<int:certificate_id>/file", allow=P.STAFF_UNMASK)
def certificate_file(scope: Scope, certificate_id: int) -> Any:
    """The scan of a certificate: it carries name, picture and often the ID number in plain."""
    return served(services.certificate_file(scope, certificate_id))


# ---- training ---------------------------------------------------------------------------------------


@room.get("/trainings", allow=P.STAFF_READ)
def trainings(scope: Scope) -> Any:
    """All trainings, the latest on top."""
    bound = words.TRAININGS.bind(request.args, path=request.path, choices=_choices(scope))
    bound.load(db.session, queries.trainings(scope))
    return page("facilities/staff/trainings.html", trainings=bound)


@room.get("/trainings/<int:training_id>", allow=P.STAFF_READ)
def training(scope: Scope, training_id: int) -> Any:
    """One training and who was there."""
    row = queries.training(scope, training_id)
    facility, people = places.facility(scope, row.facility_id), queries.attended(scope, training_id)
    return page("facilities/staff/training.html", training=row, facility=facility, people=people, words=words)


@room.route("/trainings/new/<int:facility_id>", allow=P.STAFF_EDIT, methods=["GET", "POST"])
def add_training(scope: Scope, facility_id: int) -> Any:
    """Record a training for one person or a whole group."""
    facility = places.facility(scope, facility_id)
    form = forms.TrainingForm(members=request.args.getlist("member", type=int)).offer(queries.of_facility(scope, facility_id))
    if form.validate_on_submit():
        with trying(form) as attempt:
            given = {key: form[key].data for key in ("topic", "hours", "held_on", "trainer")}
            made = services.record_training(scope, facility_id, **given, members=form.chosen())
        if attempt.ok:
            return done(".training", training_id=made.id)
    return page("facilities/staff/record.html", form=form, facility=facility)


@room.route("/trainings/<int:training_id>/remove", allow=P.STAFF_EDIT, methods=["GET", "POST"])
def remove_training(scope: Scope, training_id: int) -> Any:
    """A training recorded by mistake."""
    row, form = queries.training(scope, training_id), forms.ReasonForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.remove_training(scope, training_id, form.reason.data)
        if attempt.ok:
            return done(".trainings")
    return page("facilities/staff/remove.html", form=form, training=row)
