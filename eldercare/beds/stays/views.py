"""The list of stays, a stay's record, the acts on it, a new application."""

from typing import Any

from flask import current_app, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from eldercare.beds.stays import forms, listing, queries, services
from eldercare.beds.stays.jobs import EXPORT_KIND
from eldercare.beds.stays.models import DOCUMENTS
from eldercare.core import attachments, calendar, enclosures, runs
from eldercare.core.access import P
from eldercare.core.acts import Act, perform
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.identifiers import birth_of, sex_of
from eldercare.core.jinja import day, lang
from eldercare.core.scope import Scope
from eldercare.core.secrets import mask_name
from eldercare.core.web import Room, can, done, page, trying
from eldercare.facilities.models import BED_KIND_WORDS
from eldercare.residents import queries as residents
from eldercare.residents.health import listing as health
from eldercare.residents.models import WORDS

room = Room("stays", __name__, url_prefix="/beds/stays")
KEPT = 5  # whole numbers looked for that a session remembers


# ---- the list -----------------------------------------------------------------------------------


def _bound(scope: Scope, args: Any) -> Any:
    offered: dict[str, Any] = queries.choices(scope)
    towns = offered["township" if lang() == "zh" else "township_en"]
    choices = {"home": offered["home"], "township": towns, "q": session.get("found", {}).items()}
    return listing.STAYS.bind(args, path=url_for(".index"), choices=choices)


@room.get("/", allow=P.STAY_READ)
def index(scope: Scope) -> Any:
    """Stays and applications within reach."""
    number = residents.Number.read(request.args.get("q", ""))
    if number is not None:
        return _found(number)
    bound = _bound(scope, request.args).load(db.session, queries.listed(scope))
    return page("beds/stays/index.html", stays=bound, may_apply=can(P.STAY_EDIT))


@room.post("/find", allow=P.STAY_READ)
def find(_scope: Scope) -> Any:
    """Look for a whole number, which must not stand in an address."""
    text = request.form.get("q", "").strip()
    number = residents.Number.read(text)
    return redirect(url_for(".index", q=text or None), 303) if number is None else _found(number)


def _found(number: Any) -> Any:
    """The list narrowed to a whole number, known by its masked form (the session keeps the digest)."""
    kept = {key: value for key, value in session.get("found", {}).items() if key != number.shown}
    session["found"] = dict([*kept.items(), (number.shown, f"{number.field}:{number.digest}")][-KEPT:])
    return redirect(url_for(".index", q=number.shown, state=""), 303)


@room.post("/export", allow=P.RESIDENT_EXPORT)
def export(scope: Scope) -> Any:
    """The list as it is narrowed, as a workbook: a job."""
    bound = _bound(scope, request.form)
    run = runs.enqueue(scope, EXPORT_KIND, query=bound.query, found=session.get("found", {}), language=lang())
    return done("reporting.show_run", run_id=run.id)


# ---- one stay -----------------------------------------------------------------------------------


@room.get("/<int:stay_id>", allow=P.STAY_READ)
def show(scope: Scope, stay_id: int) -> Any:
    """Everything about a stay."""
    whole = queries.whole(scope, stay_id)
    may_open = can(P.HEALTH_READ, whole.stay)
    return page(
        "beds/stays/show.html", whole=whole, stay=whole.stay, words=listing, acts=listing.acts(current_user, whole.stay),
        kept=queries.reserved(scope, whole.stay), history=listing.in_words(queries.history(scope, stay_id)),
        documents=attachments.of(scope, whole.stay) if may_open else [], DOCUMENTS=DOCUMENTS, may_open=may_open,
    )


enclosures.doors(
    room, "/<int:stay_id>/documents", find=queries.stay, kinds=DOCUMENTS, read=P.HEALTH_READ, edit=P.HEALTH_EDIT, back="show",
    label=lambda stay: mask_name(stay.name), anchor="documents",
)


@room.post(f"/<int:stay_id>/unmask/<any({', '.join(services.UNMASKABLE)}):field>", allow=P.RESIDENT_UNMASK)
def unmask(scope: Scope, stay_id: int, field: str) -> Any:
    """One masked value, with a reason, logged."""
    form, stay = forms.RevealForm(), queries.stay(scope, stay_id)
    if form.validate_on_submit():
        value = services.unmask(scope, stay_id, field, form.reason.data or "")
        kind = field.removeprefix("contact_")  # a telephone can be called
        return page("residents/_revealed.html", value=value, field=kind, shown=listing.masked(stay, field))[0]
    error = next(iter(form.reason.errors), "")
    return page("beds/stays/_masked.html", stay=stay, field=field, error=error, words=listing)[0]


# ---- acts ---------------------------------------------------------------------------------------


def _typed(stay: Any, column: str) -> Any:
    """A column as a person types it: fen in yuan."""
    value = getattr(stay, column)
    return value / 100 if column.endswith("_fen") and value is not None else value


def _form(kind: type[forms.ActForm], **filled: Any) -> Any:
    """How a form is begun: with the stay's version, free beds, other homes, the register's result."""

    def begin(scope: Scope, stay: Any) -> Any:
        form = kind(version=str(stay.version), **{key: _typed(stay, column) for key, column in filled.items()})
        if "bed_id" in form or "reserved_bed_id" in form:
            free = queries.free_beds(scope, stay)
            form.offer_beds([(bed, f"{name} · {BED_KIND_WORDS[kind]}") for bed, name, kind in free])
            if "bed_id" in form and form.bed_id.data is None:
                form.bed_id.data = request.args.get("bed", stay.reserved_bed_id, type=int)
        if "destination_facility_id" in form:
            form.destination_facility_id.offer(queries.other_homes(scope, stay.facility_id))
        if "source" in form:
            found = queries.known_result(scope, stay, calendar.today())
            form.offer_known(found and _known(*found))
        return form

    return begin


def _known(on: Any, level: int) -> str:
    return _("The register’s result of %(day)s: %(level)s", day=day(on), level=WORDS["ability_level"][level])


def _settings() -> dict[str, Any]:
    config = current_app.config
    return {"months": config["ASSESSMENT_MONTHS"], "add_up": config["ASSESSMENT_ADJUSTMENTS_ADD"]}


def _do(service: Any, *, settings: Any = None) -> Any:
    """How an act is done: the form's values and version to the service; settings for those that need them."""

    def do(scope: Scope, stay_id: int, form: Any) -> Any:
        given = form.values()
        if given.get("result"):
            given["result"] |= _settings()
        return service(scope, stay_id, **given, **(settings() if settings else {}), version=form.seen)

    return do


def _trial_days() -> dict[str, int]:
    least, most = current_app.config["TRIAL_DAYS"]
    return {"least": least, "most": most}


def _intervals() -> dict[str, Any]:
    return {"intervals": health.intervals()}


def _after_hospital() -> dict[str, int]:
    return {"reassess_days": current_app.config["AFTER_HOSPITAL_DAYS"]}


AS_AGREED = {
    "care_level": "care_level", "fee_bed": "fee_bed_fen", "fee_care": "fee_care_fen", "fee_meals": "fee_meals_fen",
    "deposit": "deposit_fen",
}
ACTS = {
    "assess": Act(_l("Assess before admission"), _l("Record the assessment"), _form(forms.AssessForm),
                  _do(services.assess, settings=_intervals),
                  _l("The ability result and the nine risks of GB 38600; both come before any contract.")),
    "refuse": Act(_l("Do not accept"), _l("Do not accept"), _form(forms.ReasonForm), _do(services.refuse),
                  _l("The family is told the reason in these words."), danger=True),
    "withdraw": Act(_l("Take the application back"), _l("Take it back"), _form(forms.ReasonForm), _do(services.withdraw),
                    danger=True),
    "trial": Act(_l("Begin a trial stay"), _l("Begin the trial"), _form(forms.TrialForm),
                 _do(services.start_trial, settings=_trial_days)),
    "sign": Act(_l("Sign the contract"), _l("Record the contract"), _form(forms.SignForm), _do(services.sign_contract)),
    "move-in": Act(_l("Move in"), _l("Move in"), _form(forms.MoveInForm), _do(services.move_in)),
    "reserve": Act(_l("Keep another bed"), _l("Keep this bed"), _form(forms.ReserveForm), _do(services.reserve)),
    "leave": Act(_l("Go on leave"), _l("Record the leave"), _form(forms.LeaveForm), _do(services.leave),
                 _l("The bed is held. Past the expected day it becomes a to-do.")),
    "hospital": Act(_l("Take to hospital"), _l("Record the hospital"), _form(forms.HospitalForm), _do(services.hospital),
                    _l("The bed is held. After the return the resident is assessed again.")),
    "return": Act(_l("Back in the home"), _l("Record the return"), _form(forms.BackForm),
                  _do(services.come_back, settings=_after_hospital)),
    "transfer": Act(_l("Transfer to another bed"), _l("Transfer"), _form(forms.TransferForm), _do(services.transfer)),
    "reassess": Act(_l("Assess again"), _l("Record the assessment"), _form(forms.ReassessForm, care_level="care_level"),
                    _do(services.reassess, settings=_intervals), _l("Fees left empty stay as they are.")),
    "renew": Act(_l("Renew the contract"), _l("Record the contract"), _form(forms.ContractForm, **AS_AGREED),
                 _do(services.renew)),
    "discharge": Act(_l("Discharge"), _l("Discharge"), _form(forms.DischargeForm), _do(services.discharge),
                     _l("The bed is free from that day, and the register’s record goes back to where the person lived before."),
                     danger=True),
    "death": Act(_l("Record a death"), _l("Record the death"), _form(forms.DeathForm), _do(services.record_death),
                 _l("The stay and the register’s record are closed. Make sure of the person before you go on."), danger=True),
    "death-papers": Act(_l("Complete the papers"), _l("Save the papers"), _form(forms.DeathPapersForm, cause="death_cause"),
                        _do(services.add_death_papers)),
}  # fmt: skip
WORD = "<any({}):act>".format(", ".join(f"'{word}'" for word in ACTS))


@room.route(f"/<int:stay_id>/{WORD}", allow=P.STAY_EDIT, methods=["GET", "POST"])
def act(scope: Scope, stay_id: int, act: str) -> Any:
    """One act on a stay."""
    return perform(scope, ACTS[act], queries.stay, "beds/stays/act.html", ".show", stay_id=stay_id)


# ---- a new application --------------------------------------------------------------------------


@room.get("/new", allow=P.STAY_EDIT)
def choose(scope: Scope) -> Any:
    """Which home is asked; the only one in reach at once."""
    homes = queries.homes(scope)
    if len(homes) == 1:
        return redirect(url_for(".new", facility_id=homes[0].id), 303)
    return page("beds/stays/choose.html", homes=homes)


@room.route("/new/<int:facility_id>", allow=P.STAY_EDIT, methods=["GET", "POST"])
def new(scope: Scope, facility_id: int) -> Any:
    """Take an application: number and name, or somebody new."""
    home, form = services.home_asked(scope, facility_id), forms.NewForm()
    form.township_id.offer([(row.id, row.name if lang() == "zh" else row.name_en) for row in residents.townships()])
    if form.validate_on_submit() and _is_known(scope, facility_id, form):
        with trying(form) as attempt:
            made = services.apply(scope, facility_id, **form.values(), newcomer=_newcomer(form))
        if attempt.ok:
            return done(".show", stay_id=made.id)
    return page("beds/stays/new.html", form=form, home=home)


def _is_known(scope: Scope, facility_id: int, form: Any) -> bool:
    """Whether the register holds this person, or they are to be put on it; the look-up is logged either way."""
    found = services.known(scope, facility_id, id_number=form.id_number.data, name=form.name.data)
    if found is None and not form.is_new.data:
        form.id_number.errors = [*form.id_number.errors, Refused("stay.not_on_register").message]
        return False
    return True


def _newcomer(form: Any) -> dict[str, Any] | None:
    """What the register is told about somebody new."""
    if not form.is_new.data:
        return None
    number = form.id_number.data
    given = {"sex": sex_of(number), "birth_date": birth_of(number), "township_id": form.township_id.data}
    return given | {"phone": form.phone.data, "living_arrangement": form.living_arrangement.data or "other"}
