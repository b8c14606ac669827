"""Health of residents: the list by what to watch, one resident's page and the acts on it, the card for an ambulance."""

from collections.abc import Callable
from typing import Any

from flask import request

from eldercare.core import attachments, calendar, runs, words
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.enclosures import doors
from eldercare.core.jinja import lang
from eldercare.core.scope import Scope
from eldercare.core.secrets import mask_name
from eldercare.core.web import Room, can, done, page, trying
from eldercare.residents import queries as people
from eldercare.residents.health import forms, listing, queries, services
from eldercare.residents.health.jobs import EXPORT_KIND
from eldercare.residents.health.models import PAPERS, Allergy, RiskAssessment
from eldercare.residents.models import Resident

room = Room("health", __name__, url_prefix="/residents")
ONE = "/<int:resident_id>/health"


# ---- the list -----------------------------------------------------------------------------------


@room.get("/health/", allow=P.HEALTH_READ)
def index(scope: Scope) -> Any:
    """Residents of homes within reach, by what carers must watch."""
    bound = listing.RESIDENTS.bind(request.args, path=request.path, choices=listing.choices(queries.homes(scope)))
    bound.load(db.session, queries.listed(scope, calendar.today(), listing.required(), listing.watch_level()))
    return page("residents/health/index.html", health=bound)


@room.post("/health/export", allow=P.HEALTH_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    bound = listing.RESIDENTS.bind(request.form, choices=listing.choices(queries.homes(scope)))
    return done("reporting.show_run", run_id=runs.enqueue(scope, EXPORT_KIND, query=bound.query, language=lang()).id)


# ---- one resident -------------------------------------------------------------------------------


def _known(scope: Scope, resident_id: int) -> dict[str, Any]:
    """What the page and the part of the record show."""
    watch = queries.watch_lists(scope, [resident_id], calendar.today(), listing.watch_level())
    papers = attachments.of_many(scope, Resident.AUDIT_NOUN, [resident_id]).get(resident_id, [])
    return {
        "health": queries.health(scope, resident_id),
        "watch": watch.get(resident_id, []),
        "words": listing,
        "papers": papers,
        "missing": queries.missing_papers(papers, listing.required()),
    }


@room.get(ONE, allow=P.HEALTH_READ)
def show(scope: Scope, resident_id: int) -> Any:
    """What carers must know of a resident."""
    person = people.record(scope, resident_id)
    history, contacts = words.told(queries.history(scope, resident_id)), queries.contacts(scope, resident_id)
    known = _known(scope, resident_id)
    return page("residents/health/show.html", person=person, history=history, contacts=contacts, **known)


@room.get(f"{ONE}/summary", allow=P.HEALTH_READ)
def summary(scope: Scope, resident_id: int) -> Any:
    """The part of a person's record that health tells."""
    return page("residents/health/_summary.html", person=people.record(scope, resident_id), **_known(scope, resident_id))


def _act(scope: Scope, resident_id: int, form: Any, what: str, service: Callable[..., Any], *more: Any, **context: Any) -> Any:
    """One act: its form, then its service with the form's named values."""
    if form.validate_on_submit():
        with trying(form) as attempt:
            given = form.values() if hasattr(form, "values") else {f.name: f.data for f in form if f.name != "csrf_token"}
            service(scope, resident_id, *more, **given)
        if attempt.ok:
            return done(".show", resident_id=resident_id)
    return page(f"residents/health/{what}.html", form=form, person=people.record(scope, resident_id), words=listing, **context)


@room.route(f"{ONE}/edit", allow=P.HEALTH_EDIT, methods=["GET", "POST"])
def edit(scope: Scope, resident_id: int) -> Any:
    """Correct the profile."""
    people.record(scope, resident_id)
    row = queries.health(scope, resident_id).profile
    form = forms.ProfileForm(obj=row) if row else forms.ProfileForm()
    if not form.is_submitted():
        form.version.data = str(row.version if row else 0)
    version = int(form.version.data) if str(form.version.data).isdecimal() else -1

    def correct(scope: Scope, resident_id: int, **values: Any) -> Any:
        return services.correct(scope, resident_id, version, values)

    return _act(scope, resident_id, form, "edit", correct)


@room.route(f"{ONE}/notes", allow=P.HEALTH_READ, methods=["GET", "POST"])
def notes(scope: Scope, resident_id: int) -> Any:
    """Look at what is hidden: a reason first, then the texts; both in the log."""
    person, form = people.record(scope, resident_id), forms.LookForm()
    if not form.validate_on_submit():
        return page("residents/health/look.html", form=form, person=person)
    texts = services.look(scope, resident_id, form.reason.data or "")
    edited = forms.NotesForm(formdata=None, **texts)
    return page(
        "residents/health/notes.html", form=edited, texts=texts, person=person, words=listing, may_edit=can(P.HEALTH_EDIT, person)
    )[0]


@room.post(f"{ONE}/notes/save", allow=P.HEALTH_EDIT)
def write_notes(scope: Scope, resident_id: int) -> Any:
    """Write what is hidden."""

    def write(scope: Scope, resident_id: int, **values: Any) -> Any:
        return services.write_notes(scope, resident_id, values)

    people.record(scope, resident_id)
    return _act(scope, resident_id, forms.NotesForm(), "notes", write, texts={}, may_edit=True)


@room.route(f"{ONE}/allergies/new", allow=P.HEALTH_EDIT, methods=["GET", "POST"])
def add_allergy(scope: Scope, resident_id: int) -> Any:
    """Add an allergy."""
    return _act(scope, resident_id, forms.AllergyForm(), "allergy", services.add_allergy)


@room.route(f"{ONE}/allergies/<int:allergy_id>/end", allow=P.HEALTH_EDIT, methods=["GET", "POST"])
def end_allergy(scope: Scope, resident_id: int, allergy_id: int) -> Any:
    """Take an allergy away."""
    row = queries.of_resident(scope, Allergy, resident_id, allergy_id)
    return _act(scope, resident_id, forms.ReasonForm(), "allergy_end", services.end_allergy, allergy_id, allergy=row)


@room.post(f"{ONE}/allergies/none", allow=P.HEALTH_EDIT)
def none_known(scope: Scope, resident_id: int) -> Any:
    """Asked, and no allergy is known."""
    services.none_known(scope, resident_id)
    return done(".show", resident_id=resident_id)


@room.route(f"{ONE}/risks/new", allow=P.HEALTH_EDIT, methods=["GET", "POST"])
def assess(scope: Scope, resident_id: int) -> Any:
    """Judge the nine risks, beginning from how they were judged last."""
    people.record(scope, resident_id)
    last = queries.health(scope, resident_id).risk
    before = {f"level_{code}": level for code, level in (last.levels if last else {}).items()}
    before |= {f"against_{code}": done for code, done in (last.measures if last else {}).items()}
    form = forms.RiskForm(occasion="regular" if last else "admission", signs=last.signs if last else [], **before)

    def judge(scope: Scope, resident_id: int, **values: Any) -> Any:
        return services.assess_risks(scope, resident_id, **values, **listing.intervals())

    return _act(scope, resident_id, form, "risks", judge, last=last)


@room.get(f"{ONE}/risks/<int:risk_id>", allow=P.HEALTH_READ)
def risk(scope: Scope, resident_id: int, risk_id: int) -> Any:
    """One risk assessment."""
    row = queries.of_resident(scope, RiskAssessment, resident_id, risk_id)
    return page("residents/health/risk.html", person=people.record(scope, resident_id), row=row, words=listing)


@room.route(f"{ONE}/risks/<int:risk_id>/void", allow=P.HEALTH_EDIT, methods=["GET", "POST"])
def void_risk(scope: Scope, resident_id: int, risk_id: int) -> Any:
    """Declare a risk assessment void."""
    row = queries.of_resident(scope, RiskAssessment, resident_id, risk_id)
    return _act(scope, resident_id, forms.ReasonForm(), "risk_void", services.void_risks, risk_id, row=row)


@room.route(f"{ONE}/care-level", allow=P.HEALTH_EDIT, methods=["GET", "POST"])
def care_level(scope: Scope, resident_id: int) -> Any:
    """Set another care level."""
    return _act(scope, resident_id, forms.CareLevelForm(), "care_level", services.set_care_level)


@room.route(f"{ONE}/card", allow=P.HEALTH_READ, methods=["GET", "POST"])
def card(scope: Scope, resident_id: int) -> Any:
    """The card that goes along in an ambulance: why first, then one page to print."""
    person, form = people.record(scope, resident_id), forms.CardForm()
    if not form.validate_on_submit():
        return page("residents/health/card_ask.html", form=form, person=person)
    shown = services.card(scope, resident_id, form.reason.data or "")
    watch = queries.watch_lists(scope, [resident_id], calendar.today(), listing.watch_level()).get(resident_id, [])
    return page("residents/health/card.html", person=person, card=shown, words=listing, watch=watch, at=calendar.now())[0]


# ---- papers of the file ---------------------------------------------------------------------------


def _owner(scope: Scope, resident_id: int) -> Resident:
    return scope.get(Resident, resident_id)


doors(
    room,
    f"{ONE}/papers",
    find=_owner,
    kinds=PAPERS,
    read=P.HEALTH_READ,
    edit=P.HEALTH_EDIT,
    back="show",
    anchor="papers",
    label=lambda person: mask_name(person.name),
)
