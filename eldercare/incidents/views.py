"""Incidents: list, boards, the first report, the record, what is changed afterwards."""

from datetime import timedelta
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.exceptions import NotFound

from eldercare.core import attachments, calendar, runs
from eldercare.core.access import P
from eldercare.core.acts import Act, perform, values
from eldercare.core.db import db
from eldercare.core.enclosures import doors
from eldercare.core.scope import Scope
from eldercare.core.web import Room, can, done, page, step_into, trying
from eldercare.facilities import queries as facilities
from eldercare.incidents import forms, queries, services
from eldercare.incidents import listing as words
from eldercare.incidents.clocks import listing as clock_words
from eldercare.incidents.clocks import queries as clocks
from eldercare.incidents.grading.models import propose
from eldercare.incidents.handling import listing as handling_words
from eldercare.incidents.handling import queries as handling
from eldercare.incidents.models import Incident
from eldercare.residents import queries as register

room = Room("incidents", __name__, url_prefix="/incidents")
WORDS = {"words": words, "clock_words": clock_words, "handling_words": handling_words}


def homes(scope: Scope) -> list[Any]:
    """The homes an incident can be reported at."""
    return list(db.session.scalars(facilities.facilities(scope, gone=False)))


def bound_to(scope: Scope, args: Any) -> Any:
    """The list, bound to what is asked."""
    return words.INCIDENTS.bind(args, path="/incidents/", choices=words.choices(facilities.townships(scope), homes(scope)))


# ---- list and boards ------------------------------------------------------------------------------


@room.get("/", allow=P.INCIDENT_READ)
def index(scope: Scope) -> Any:
    """Incidents within reach."""
    bound = bound_to(scope, request.args).load(db.session, queries.incidents(scope, clocks.next_due(scope)))
    return page("incidents/index.html", incidents=bound)


@room.post("/export", allow=P.INCIDENT_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    run = runs.enqueue(scope, "incidents_export", query=bound_to(scope, request.form).query)
    return done("reporting.show_run", run_id=run.id)


@room.get("/board", allow=P.INCIDENT_READ)
def board(scope: Scope) -> Any:
    """What waits: reports to acknowledge, deadlines, what is grave and open."""
    waiting = list(db.session.execute(clocks.waiting(scope).limit(20))) if can(P.INCIDENT_RECEIVE) else []
    return page(
        "incidents/board.html",
        waiting=waiting,
        due=clocks.due_soon(scope, 20),
        grave=queries.open_grave(scope),
        counts=queries.counts(scope),
        **WORDS,
    )


@room.get("/running", allow=P.INCIDENT_READ)
def running(scope: Scope) -> Any:
    """The part of a first page with the deadlines that run."""
    return page("incidents/_running.html", due=clocks.due_soon(scope), counts=queries.counts(scope), **WORDS)


@room.get("/of-resident/<int:resident_id>", allow=P.INCIDENT_READ)
def of_resident(scope: Scope, resident_id: int) -> Any:
    """The part of a person's record that tells what happened to them."""
    person = register.resident(scope, resident_id)
    return page("incidents/_of_resident.html", incidents=queries.of_resident(scope, person.id), **WORDS)


@room.get("/of-facility/<int:facility_id>", allow=P.INCIDENT_READ)
def of_facility(scope: Scope, facility_id: int) -> Any:
    """The part of a place's record that tells its open incidents."""
    home = facilities.facility(scope, facility_id)
    return page("incidents/_of_facility.html", home=home, incidents=queries.open_at(scope, home.id), **WORDS)


# ---- the first report -----------------------------------------------------------------------------


def _report_form(scope: Scope, home: int | None) -> forms.ReportForm:
    """The form for the homes in reach; where there is one it is chosen, with those who live there."""
    form = forms.ReportForm(facility_id=home)
    own = homes(scope)
    form.facility_id.offer([(each.id, each.name) for each in own])
    form.one_home = len(own) == 1
    if form.one_home and form.facility_id.data is None:  # another home's number in the form is refused, not bent
        form.facility_id.data = own[0].id
    chosen = form.facility_id.data
    here = any(each.id == chosen for each in own)
    form.resident_id.offer(forms.by_bed(_neighbours(chosen)) if here else [])
    forms.fresh_key(form)
    return form


def _neighbours(facility_id: int, scope: Scope | None = None) -> list[queries.Neighbour]:
    """Who lives at a home today, under the permission to report."""
    reach = scope or step_into(P.INCIDENT_REPORT)
    return queries.living_there(reach, facility_id, calendar.today()) if reach else []


def _times(form: forms.ReportForm) -> dict[str, Any]:
    """When, from the quick answers."""
    ago = form.ago.data or "0"
    occurred = form.occurred_at.data if ago == "other" else calendar.now() - timedelta(minutes=int(ago)) if ago != "0" else None
    known = form.known_at.data
    found = form.discovered_at.data or occurred
    moments = {"occurred_at": occurred, "discovered_at": found, "known_at": known}
    return {name: moment for name, moment in moments.items() if moment is not None}


@room.route("/new", allow=P.INCIDENT_REPORT, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """The first report."""
    form = _report_form(scope, request.args.get("home", type=int))
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = _report(scope, form)
        if attempt.ok:
            return done(".show", incident_id=made.id)
    return page("incidents/new.html", form=form, proposal=_proposal(form), forms=forms, **WORDS)


def _report(scope: Scope, form: forms.ReportForm) -> Incident:
    residents = [form.resident_id.data] if form.resident_id.data else []
    home = facilities.facility(scope, form.facility_id.data)
    return services.report(
        scope, form.facility_id.data, form.values() | _times(form), words.rules(), key=form.uuid(), residents=residents,
        is_received=can(P.INCIDENT_RECEIVE, home),
    )  # fmt: skip


def _proposal(form: forms.GravityForm) -> tuple[str, list[str]] | None:
    """The grade the rule gives to a half-filled form; None before anything is chosen."""
    said = form.gravity()
    if not said["type"]:
        return None
    trial = Incident(**{name: value for name, value in said.items() if name not in {"grade", "grade_reason"}})
    services.fill_figures(trial)
    return propose(trial.facts, words.rules())


@room.post("/grade", allow=P.INCIDENT_REPORT)
def grade(scope: Scope) -> Any:
    """While reporting: the grade by rule, and why."""
    form = forms.GravityForm()
    return page("incidents/_grade.html", form=form, proposal=_proposal(form), **WORDS)[0]


@room.get("/residents", allow=P.INCIDENT_REPORT)
def residents(scope: Scope) -> Any:
    """While reporting: who lives in the home chosen."""
    form = forms.ReportForm(formdata=None)
    home = request.args.get("facility_id", type=int)
    people = queries.living_there(scope, facilities.facility(scope, home).id, calendar.today()) if home else []
    form.resident_id.offer(forms.by_bed(people))
    return page("incidents/_residents.html", form=form)[0]


@room.route("/<int:incident_id>/send", allow=P.INCIDENT_REPORT, methods=["GET", "POST"])
def send(scope: Scope, incident_id: int) -> Any:
    """A draft is completed and reported."""
    incident = queries.incident(scope, incident_id)
    if incident.state != "draft":
        return done(".show", incident_id=incident_id)  # it has been sent meanwhile
    form = _draft_form(incident)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.send_draft(scope, incident_id, form.values(), words.rules(), is_received=can(P.INCIDENT_RECEIVE, incident))
        if attempt.ok:
            return done(".show", incident_id=incident_id)
    return page("incidents/send.html", form=form, incident=incident, proposal=_proposal(form), forms=forms, **WORDS)


def _draft_form(each: Incident) -> forms.ReportForm:
    form = forms.ReportForm(kind=f"{each.family}.{each.type}", dead=each.dead, place_kind=each.place_kind, care=each.care)
    for name in ("facility_id", "resident_id", "ago", "occurred_at", "discovered_at", "known_at", "key"):
        delattr(form, name)
    return form


# ---- the record -----------------------------------------------------------------------------------


@room.get("/<int:incident_id>", allow=P.INCIDENT_READ)
def show(scope: Scope, incident_id: int) -> Any:
    """Everything known about an incident; its history follows by itself."""
    return page("incidents/show.html", **_everything(scope, incident_id), **WORDS, me=current_user)


def _everything(scope: Scope, incident_id: int) -> dict[str, Any]:
    incident, people = queries.incident(scope, incident_id), queries.people(scope, incident_id)
    own, receipts = clocks.clocks_of(scope, incident_id), clocks.receipts_of(scope, incident_id)
    sent = queries.reports(scope, incident_id)
    measures, has_residents = handling.measures(scope, incident_id), any(row[0].role == "resident" for row in people)
    gaps = handling.gaps(incident, own, receipts, measures, has_residents=has_residents)
    return {
        "incident": incident, "people": people, "clocks": own, "receipts": receipts, "measures": measures, "gaps": gaps,
        "changes": queries.changes(scope, incident_id), "reports": sent, "unread": clocks.unread(scope, incident, sent, receipts),
        "findings": handling.findings(scope, incident_id), "photos": attachments.of(scope, incident),
    }  # fmt: skip


@room.get("/<int:incident_id>/history", allow=P.INCIDENT_READ)
def history(scope: Scope, incident_id: int) -> Any:
    """What happened to an incident, in words."""
    entries = queries.history(scope, queries.incident(scope, incident_id).id)
    return page("incidents/_history.html", history=words.in_words(entries))


@room.get("/<int:incident_id>/reports/<int:seq>", allow=P.INCIDENT_READ)
def report(scope: Scope, incident_id: int, seq: int) -> Any:
    """One report as it was sent."""
    incident, found = queries.incident(scope, incident_id), queries.sent_report(scope, incident_id, seq)
    if found is None:
        raise NotFound
    return page("incidents/report.html", incident=incident, report=found, **WORDS)


# ---- acts -----------------------------------------------------------------------------------------


def _detail_form(scope: Scope, incident: Incident) -> Any:
    form = forms.DetailForm(obj=incident)
    people = queries.living_there(scope, incident.facility_id, calendar.local(incident.occurred_at).date())
    beds = {each.bed_id: f"{each.room}-{each.number}" for each in people if each.bed_id}
    form.bed_id.offer(list(beds.items()))
    return form


def _person_form(scope: Scope, incident: Incident) -> Any:
    form = forms.PersonForm()
    day = calendar.local(incident.occurred_at).date()
    form.resident_id.offer(forms.by_bed(queries.living_there(scope, incident.facility_id, day)))
    return form


def _move_times(scope: Scope, incident_id: int, form: forms.TimesForm) -> Any:
    form.keep(scope.get(Incident, incident_id))
    return services.change_times(scope, incident_id, words.rules(), form.reason.data or "", **form.times())


def _change_kind(scope: Scope, incident_id: int, form: forms.KindForm) -> Any:
    family, _dot, kind = (form.kind.data or "").partition(".")
    return services.change_kind(scope, incident_id, words.rules(), family, kind, form.reason.data or "")


EDITS = {
    "details": Act(
        _l("Complete the details"),
        _l("Save the details"),
        _detail_form,
        lambda scope, number, form: services.complete(scope, number, values(form)),
    ),
    "people": Act(
        _l("Add somebody involved"),
        _l("Add the person"),
        _person_form,
        lambda scope, number, form: services.add_person(
            scope, number, words.rules(), role=form.role.data, outcome=form.outcome.data, **form.who()
        ),
    ),
}
CHANGES = {
    "times": Act(
        _l("Move the times"),
        _l("Move the times"),
        lambda _scope, row: forms.TimesForm(obj=row),
        _move_times,
        _l("Old and new times stay on the record with your name and reason. What was late by the old times stays late."),
    ),
    "grade": Act(
        _l("Change the grade"),
        _l("Change the grade"),
        lambda _scope, row: forms.GradeForm(grade=row.grade),
        lambda scope, number, form: services.change_grade(scope, number, words.rules(), form.grade.data, form.reason.data),
        _l("The grade by rule stays beside yours. Deadlines follow the grade."),
    ),
    "kind": Act(
        _l("Change the type"),
        _l("Change the type"),
        lambda _scope, row: forms.KindForm(kind=f"{row.family}.{row.type}"),
        _change_kind,
    ),
    "figures": Act(
        _l("Change the figures"),
        _l("Change the figures"),
        lambda _scope, row: forms.FiguresForm(obj=row, loss=None if not row.loss_fen else row.loss_fen / 100),
        lambda scope, number, form: services.change_figures(scope, number, words.rules(), form.reason.data, **form.figures()),
        _l("Within 30 days of the accident, 7 for fire and traffic (Order 493, article 13). Grade and level follow by rule."),
    ),
}
FOLLOW = Act(
    _l("Send a follow-up report"), _l("Send the report"), lambda _scope, _row: forms.FollowForm(),
    lambda scope, number, form: _send(scope, number, "follow_up", form.note.data),
    _l("What stands on the record now is sent with it and sealed."),
)
FINAL = Act(
    _l("Send the final report"), _l("Send the report"), lambda _scope, _row: forms.FollowForm(),
    lambda scope, number, form: _send(scope, number, "final", form.note.data),
    _l("The last of the chain: cause, what was put right, what was learnt."),
)


def _send(scope: Scope, incident_id: int, kind: str, note: str) -> Any:
    """An officer who writes a report thereby knows what is in it."""
    knows = can(P.INCIDENT_RECEIVE, scope.get(Incident, incident_id))
    return services.send_report(scope, incident_id, kind, note, words.rules(), is_received=knows)


def _perform(scope: Scope, act: Act, incident_id: int) -> Any:
    return perform(scope, act, queries.incident, "incidents/act.html", ".show", incident_id=incident_id)


@room.route("/<int:incident_id>/<any(details, people):act>", allow=P.INCIDENT_EDIT, methods=["GET", "POST"])
def edit(scope: Scope, incident_id: int, act: str) -> Any:
    """What nobody had time for in the first report."""
    return _perform(scope, EDITS[act], incident_id)


@room.route("/<int:incident_id>/<any(times, grade, kind, figures):act>", allow=P.INCIDENT_REVIEW, methods=["GET", "POST"])
def change(scope: Scope, incident_id: int, act: str) -> Any:
    """A change that stays visible."""
    return _perform(scope, CHANGES[act], incident_id)


@room.route("/<int:incident_id>/follow-up", allow=P.INCIDENT_REPORT, methods=["GET", "POST"])
def follow_up(scope: Scope, incident_id: int) -> Any:
    """A further report, or the final one once it is closed."""
    closed = queries.incident(scope, incident_id).state == "closed"
    return _perform(scope, FINAL if closed else FOLLOW, incident_id)


doors(
    room,
    "/<int:incident_id>/photos",
    find=queries.incident,
    kinds=words.PHOTO_WORDS,
    read=P.INCIDENT_READ,
    edit=P.INCIDENT_EDIT,
    back="show",
    anchor="photos",
    label=lambda incident: incident.number,
    is_over=lambda incident: not incident.is_open,
)
