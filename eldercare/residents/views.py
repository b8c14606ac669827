"""The list of people, a person's record, and the acts on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.jinja import lang
from eldercare.core.scope import Scope
from eldercare.core.web import Room, can, done, page, trying
from eldercare.residents import forms, listing, queries, services
from eldercare.residents.dossier import queries as dossier
from eldercare.residents.jobs import EXPORT_KIND
from eldercare.residents.models import Resident

room = Room("residents", __name__, url_prefix="/residents")
# parts of a record that floors above this one tell
PARTS = ((P.STAY_READ, "beds.of_resident"), (P.INCIDENT_READ, "incidents.of_resident"))
KEPT = 5  # whole numbers looked for that a session remembers

room.add_app_template_global(listing, "people")  # what the pages about people put codes and rows into words with


# ---- the list -----------------------------------------------------------------------------------


def _bound(scope: Scope, which: Any, args: Any) -> Any:
    """A list bound to what is asked; a village of another township than the one chosen is left out."""
    asked = {name: args.getlist(name) for name in args}
    offered = queries.choices(scope, next(iter(asked.get("township", [])), ""))
    which_name = 1 if lang() == "zh" else 2
    choices: dict[str, Any] = {kind: [(row[0], row[which_name]) for row in rows] for kind, rows in offered.items()}
    if "village" in asked and asked["village"][0] not in dict(choices["village"]):
        del asked["village"]
    return which.bind(asked, path=url_for(".index"), choices=choices | {"q": session.get("found", {}).items()})


@room.get("/", allow=P.RESIDENT_READ)
def index(scope: Scope) -> Any:
    """People within reach."""
    number = queries.Number.read(request.args.get("q", ""))
    if number is not None:
        return _found(number)
    bound = _bound(scope, listing.RESIDENTS, request.args).load(db.session, queries.listed(scope), queries.counted(scope))
    has_intake = "intake" in current_app.blueprints
    return page("residents/index.html", residents=bound, may_register=can(P.RESIDENT_REGISTER), has_intake=has_intake)


@room.post("/find", allow=P.RESIDENT_READ)
def find(_scope: Scope) -> Any:
    """Look for a whole number, which must not stand in an address."""
    text = request.form.get("q", "").strip()
    number = queries.Number.read(text)
    return redirect(url_for(".index", q=text or None), 303) if number is None else _found(number)


def _found(number: queries.Number) -> Any:
    """The list narrowed to a whole number, known by its masked form (the session keeps the digest)."""
    kept = {key: value for key, value in session.get("found", {}).items() if key != number.shown}
    session["found"] = dict([*kept.items(), (number.shown, f"{number.field}:{number.digest}")][-KEPT:])
    return redirect(url_for(".index", q=number.shown, state=""), 303)


@room.post("/export", allow=P.RESIDENT_EXPORT)
def export(scope: Scope) -> Any:
    """The list as it is narrowed, as a workbook: a job."""
    bound = _bound(scope, listing.EXPORT, request.form)
    rows = bound.count(db.session, bound.narrowed(queries.counted(scope)))
    services.judge_export(scope, rows, current_app.config["EXPORT_APPROVAL_ROWS"])
    run = runs.enqueue(scope, EXPORT_KIND, query=bound.query, found=session.get("found", {}), rows=rows, language=lang())
    return done("reporting.show_run", run_id=run.id)


# ---- a record -----------------------------------------------------------------------------------


@room.get("/<int:resident_id>", allow=P.RESIDENT_READ)
def show(scope: Scope, resident_id: int) -> Any:
    """Everything known about a person; history, stays and incidents follow by themselves."""
    person, lines = dossier.whole(scope, resident_id)
    parts = [url_for(door, resident_id=resident_id) for permission, door in PARTS if can(permission)]
    return page("residents/show.html", person=person, parts=parts, **lines)


@room.post("/<int:resident_id>/unmask/<string:field>", allow=P.RESIDENT_UNMASK)
def unmask(scope: Scope, resident_id: int, field: str) -> Any:
    """One masked value, with a reason, logged."""
    form, person = forms.ReasonForm(), queries.record(scope, resident_id)
    if form.validate_on_submit():
        value = services.unmask(scope, resident_id, field, form.reason.data or "")
        return page("residents/_revealed.html", value=value, field=field, shown=listing.masked(person, field))[0]
    return page("residents/_masked.html", person=person, field=field, error=next(iter(form.reason.errors), ""))


# ---- registering and correcting -----------------------------------------------------------------


def _places(rows: list[Any]) -> list[tuple[int, str]]:
    return [(row.id, row.name if lang() == "zh" else row.name_en) for row in rows]


def _register_form(scope: Scope) -> forms.RegisterForm:
    form = forms.RegisterForm()
    within = _places(queries.townships(scope))
    form.township_id.offer(within)
    form.offer_hukou(_places(queries.townships()))
    if len(within) == 1 and form.township_id.data is None:
        form.township_id.data = within[0][0]
    form.offer_villages(form.township_id.data)
    return form


def _near(scope: Scope, form: forms.RegisterForm) -> list[Resident]:
    """Who may be the same person as the one being entered."""
    number = form.values()["id_number"]
    return queries.near(scope, name=form.name.data, birth_date=form.birth_date.data, phone=form.phone.data, id_number=number)


@room.route("/new", allow=P.RESIDENT_REGISTER, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Register a person."""
    form = _register_form(scope)
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = services.register(scope, form.values(), confirmed=bool(form.confirmed.data))
        if attempt.ok:
            _say_young(made)
            return done(".show", resident_id=made.id)
    return page("residents/new.html", form=form, near=_near(scope, form) if form.is_submitted() else [])


def _say_young(person: Resident) -> None:
    """Under 60 is kept, with a word (LQF art. 2: older people are 60 and over)."""
    if listing.age_of(person) < 60:
        flash(_("This person is not yet 60. The record is kept; reports count it under 60."), "watch")


@room.post("/check", allow=P.RESIDENT_REGISTER)
def check(scope: Scope) -> Any:
    """While entering: what follows from the number, and who may be the same person."""
    form = _register_form(scope)
    filled = form.follow_number()
    return page("residents/_check.html", form=form, filled=filled, near=_near(scope, form))[0]


@room.get("/villages", allow=P.RESIDENT_REGISTER)
def villages(_scope: Scope) -> Any:
    """The villages of the township chosen in a form."""
    form = forms.RelocateForm(formdata=None)
    form.village_id.offer([(row.id, row.name) for row in queries.villages(request.args.get("township_id", type=int))])
    return page("residents/_villages.html", form=form)[0]


@room.route("/<int:resident_id>/edit", allow=P.RESIDENT_EDIT, methods=["GET", "POST"])
def edit(scope: Scope, resident_id: int) -> Any:
    """Correct a record."""
    person = queries.record(scope, resident_id)
    form = _correct_form(person)
    if form.validate_on_submit():
        version = int(form.version.data) if (form.version.data or "").isdecimal() else 0
        with trying(form) as attempt:
            services.correct(scope, resident_id, version, form.values())
        if attempt.ok:
            return done(".show", resident_id=resident_id)
        person = queries.record(scope, resident_id)  # what the savepoint undid is read again
    return page("residents/edit.html", form=form, person=person)


def _correct_form(person: Resident) -> forms.CorrectForm:
    """The form with what is not masked filled in."""
    shown = {name: getattr(person, name) for name in (*forms.SHOWN, "registered_on")}
    form = forms.CorrectForm(**shown, version=str(person.version), birth_date_by_hand=person.birth_date_source == "entered")
    form.offer_villages(person.township_id)
    form.offer_hukou(_places(queries.townships()))
    forms.offer_what_stands(form.ethnicity, "ethnicity", person.ethnicity)
    for name in forms.HIDDEN:
        if getattr(person, name):
            form[name].description = _("Now: %(value)s. Leave empty to keep it.", value=listing.masked(person, name))
    form.remove.offer([(name, form[name].label.text) for name in forms.REMOVABLE if getattr(person, name)])
    return form


# ---- the states of a record ---------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """One act on a record: its form, its service, the states it starts from, its words."""

    form: type[Any]
    service: Callable[..., Any]
    states: tuple[str, ...]
    title: Any
    verb: Any
    why: Any = ""
    fixed: tuple[tuple[str, str], ...] = ()


ACTS = {
    "move-out": Act(
        forms.MoveOutForm, services.move_out, ("active",), _l("Moved away"), _l("Mark as moved out"),
        _l("The record is kept and can be taken back when the person returns."),
    ),
    "death": Act(
        forms.DeathForm, services.record_death, ("active", "moved_out"), _l("Record a death"), _l("Record the death"),
        _l("The record is closed with the day of death. Make sure of the person before you go on."),
    ),
    "return": Act(
        forms.TakeBackForm, services.take_back, ("moved_out",), _l("Returned"), _l("Take back onto the register"),
        fixed=(("was", "moved_out"),),
    ),
    "correct-death": Act(
        forms.TakeBackForm, services.take_back, ("deceased",), _l("Death recorded in error"), _l("Correct the death"),
        _l("The person is put back onto the register; what was recorded stays in the history."), (("was", "deceased"),),
    ),
}
MOVES = {
    "relocate": Act(
        forms.RelocateForm, services.relocate, ("active",), _l("Move to another township"), _l("Move the record"),
        _l("From then on the other township sees and keeps this record."),
    ),
    "mark-duplicate": Act(
        forms.DuplicateForm, services.mark_duplicate, ("active",), _l("Mark as a duplicate"), _l("Mark as a duplicate"),
        _l("This record is closed; the other one is kept. Nothing is merged."),
    ),
    "correct-duplicate": Act(
        forms.TakeBackForm, services.take_back, ("duplicate",), _l("No duplicate after all"), _l("Take back onto the register"),
        fixed=(("was", "duplicate"),),
    ),
}


@room.route(
    "/<int:resident_id>/<any('move-out', 'death', 'return', 'correct-death'):act>", allow=P.RESIDENT_EDIT, methods=["GET", "POST"]
)
def act(scope: Scope, resident_id: int, act: str) -> Any:
    """An act within one's own township."""
    return _act(scope, resident_id, ACTS[act])


@room.route(
    "/<int:resident_id>/<any('relocate', 'mark-duplicate', 'correct-duplicate'):act>",
    allow=P.RESIDENT_MOVE, methods=["GET", "POST"],
)
def transfer(scope: Scope, resident_id: int, act: str) -> Any:
    """An act across townships, the district's."""
    return _act(scope, resident_id, MOVES[act])


def _act(scope: Scope, resident_id: int, what: Act) -> Any:
    form = what.form()
    if "township_id" in form:
        form.township_id.offer(_places(queries.townships(scope)))
        form.village_id.offer([(row.id, row.name) for row in queries.villages(form.township_id.data)])
    if form.validate_on_submit():
        with trying(form) as attempt:
            given = {field.name: field.data for field in form if field.name != "csrf_token"}
            what.service(scope, resident_id, **given, **dict(what.fixed))
        if attempt.ok:
            return done(".show", resident_id=resident_id)
    return page("residents/act.html", person=queries.record(scope, resident_id), form=form, what=what)
