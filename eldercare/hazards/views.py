"""The ledger of hazards: list, record, report, the acts of the place, of officers, of whoever rechecks."""

from typing import Any

from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from eldercare.accounts import queries as accounts
from eldercare.checklists import queries as checklists
from eldercare.core import attachments, calendar, runs
from eldercare.core.access import P
from eldercare.core.acts import Act, leads_to, perform
from eldercare.core.db import db
from eldercare.core.enclosures import doors
from eldercare.core.scope import Scope
from eldercare.core.web import Room, can, done, page, trying
from eldercare.facilities import queries as facilities
from eldercare.hazards import forms, queries, services
from eldercare.hazards import listing as words
from eldercare.hazards.models import OPEN, TO_PUT_RIGHT, Hazard
from eldercare.hazards.orders import queries as orders

room = Room("hazards", __name__, url_prefix="/hazards")


def _homes(scope: Scope) -> list[Any]:
    return list(db.session.scalars(facilities.facilities(scope, gone=False)))


def _bound(scope: Scope, args: Any) -> Any:
    return words.HAZARDS.bind(args, path="/hazards/", choices=words.choices(facilities.townships(scope), _homes(scope)))


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
    shown = {"history": words.in_words(queries.history(scope, hazard_id)), "photos": attachments.of(scope, hazard)}
    shown["of_replies"] = attachments.of_many(scope, "hazard_reply", [each.id for each in hazard.replies])
    shown["item"] = checklists.item_coded(scope, hazard.item_version_id, hazard.item_code) if hazard.item_code else None
    shown["row"] = checklists.hazard_coded(scope, hazard.hazard_code) if hazard.hazard_code else None
    shown["next"], shown["more"] = words.next_acts(hazard, is_officer=orders.me(scope) is not None)
    return page("hazards/show.html", hazard=hazard, words=words, stands=orders.of_hazard(scope, hazard_id), **shown)


@room.get("/of-facility/<int:facility_id>", allow=P.HAZARD_READ)
def of_facility(scope: Scope, facility_id: int) -> Any:
    """The part of a place's record that tells its open hazards."""
    home = facilities.facility(scope, facility_id)
    return page("hazards/_of_facility.html", home=home, hazards=queries.open_at(scope, home.id), words=words)


# ---- found and reported -----------------------------------------------------------------------------


@room.route("/new", allow=P.HAZARD_REPORT, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Where it was found; straight on for whoever has one place."""
    here, form = _homes(scope), forms.PlaceForm()
    form.facility_id.offer([(each.id, each.name) for each in here])
    if form.validate_on_submit():
        return done(".report", facility_id=form.facility_id.data)
    if len(here) == 1:
        return redirect(url_for(".report", facility_id=here[0].id), 303)
    return page("hazards/new.html", form=form)


def _report_form(scope: Scope, facility: Any) -> forms.ReportForm:
    """With the items for this kind of place; what becomes of it is asked of certified officers alone."""
    form = forms.ReportForm()
    form.hazard_code.offer(words.code_choices(checklists.hazards_in_force(scope)))
    form.item.offer(words.item_choices(checklists.items_for(scope, facility.facility_type)))
    if orders.me(scope) is None or not can(P.HAZARD_ORDER, facility):
        del form.becomes
    return form


def _found(form: forms.ReportForm) -> dict[str, Any]:
    version, _colon, code = (form.item.data or "").partition(":")
    return {
        "severity": form.severity.data, "description": form.description.data, "place_note": form.place_note.data or "",
        "hazard_code": form.hazard_code.data, "checklist_item": (int(version), code) if code else None,
        "demand": form.demand.data or "", "photos": form.photos.data, "found_by": current_user.name, "source": None,
    }


def _keep(scope: Scope, facility_id: int, form: forms.ReportForm) -> Hazard:
    becomes = form.becomes.data if "becomes" in form else "report"
    if becomes == "report":
        return services.report(scope, facility_id, **_found(form))
    said = _found(form) | {"deadlines": words.deadlines(), "fixed_on_spot": becomes == "fixed"}
    return services.order(scope, facility_id, **said)


@room.route("/new/<int:facility_id>", allow=P.HAZARD_REPORT, methods=["GET", "POST"])
def report(scope: Scope, facility_id: int) -> Any:
    """Report what was found; a certified officer may order it at once."""
    facility = facilities.facility(scope, facility_id)
    form = _report_form(scope, facility)
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = _keep(scope, facility_id, form)
        if attempt.ok:
            return done(".show", hazard_id=made.id)
    return page("hazards/report.html", form=form, facility=facility)


# ---- acts -------------------------------------------------------------------------------------------


def _confirm_form(scope: Scope, row: Hazard) -> forms.ConfirmForm:
    form = forms.ConfirmForm(severity=row.severity, hazard_code=row.hazard_code, demand=row.demand)
    form.hazard_code.offer(words.code_choices(checklists.hazards_in_force(scope)))
    return form


def _confirm(scope: Scope, hazard_id: int, form: forms.ConfirmForm) -> Any:
    code = form.hazard_code.data if form.severity.data == "major" else None
    return services.confirm(
        scope, hazard_id, deadlines=words.deadlines(), due_on=form.due_on.data, severity=form.severity.data, hazard_code=code,
        demand=form.demand.data,
    )  # fmt: skip


def _recheck_form(_scope: Scope, row: Hazard) -> forms.RecheckForm:
    form = forms.RecheckForm()
    if row.rechecker_id in {None, current_user.id}:
        del form.takes_over
    return form


def _recheck(scope: Scope, hazard_id: int, form: forms.RecheckForm) -> Any:
    return services.recheck(
        scope, hazard_id, passed=form.passed.data == "passed", findings=form.findings.data or "", photos=form.photos.data,
        takes_over="takes_over" in form and bool(form.takes_over.data),
    )  # fmt: skip


def _assign_form(scope: Scope, row: Hazard) -> forms.AssignForm:
    """Whoever may recheck there, but not who replied."""
    form = forms.AssignForm(rechecker=row.rechecker_id)
    replied = {each.replied_by_id for each in row.replies if each.result is None}
    fit = accounts.holders(scope, P.HAZARD_RECHECK, row.township_id, row.facility_id)
    form.rechecker.offer([(each.id, each.name) for each in fit if each.id not in replied])
    return form


def _may_be_moved(row: Hazard) -> bool:
    """Whether the deadline runs, was not moved before and has not passed: it can be asked for and extended once (§5.4)."""
    return row.state in TO_PUT_RIGHT and row.extended_at is None and (row.due_on is None or calendar.today() <= row.due_on)


ANSWERS = {
    "reply": Act(
        _l("Reply: what was done"), _l("Send the reply"), lambda _scope, _row: forms.ReplyForm(),
        lambda scope, number, form: services.reply(
            scope, number, form.measures.data, words.deadlines(), photos=form.photos.data
        ),
        _l("Somebody else goes and looks. A photo of the same spot says more than words."),
        possible=lambda row: row.state in TO_PUT_RIGHT,
    ),
    "ask": Act(
        _l("Ask for more time"), _l("Ask for it"), lambda _scope, _row: forms.AskForm(),
        lambda scope, number, form: services.ask(scope, number, form.due_on.data, form.reason.data, words.deadlines()),
        _l("It can be asked for once, before the deadline has passed. Until it is granted the deadline stands."),
        possible=lambda row: _may_be_moved(row) and row.asked_at is None,
    ),
    "state": Act(
        _l("State the place’s view"), _l("Send it"), lambda _scope, _row: forms.StateForm(),
        lambda scope, number, form: services.state(scope, number, form.statement.data),
        _l("Nothing is published before you could say how you see it."),
    ),
}  # fmt: skip
DECISIONS = {
    "confirm": Act(
        _l("Confirm the hazard"), _l("Confirm and order"), _confirm_form, _confirm,
        _l("From now on it is ordered to be put right. A written order can hold it together with others."),
        possible=leads_to("issued"),
    ),
    "dismiss": Act(
        _l("Dismiss the report"), _l("It is no hazard"), lambda _scope, _row: forms.ReasonForm(),
        lambda scope, number, form: services.dismiss(scope, number, form.reason.data),
        _l("It is kept with the reason and counts no longer."), danger=True, possible=leads_to("dismissed"),
    ),
    "extend": Act(
        _l("Extend the deadline"), _l("Extend the deadline"),
        lambda _scope, row: forms.ExtendForm(due_on=row.asked_due_on, reason=row.asked_reason),
        lambda scope, number, form: services.extend(scope, number, form.due_on.data, form.reason.data, words.deadlines()),
        possible=lambda row: row.refused_reason is None and (_may_be_moved(row) or (row.state in TO_PUT_RIGHT and row.is_asked)),
    ),
    "refuse": Act(
        _l("Refuse more time"), _l("Refuse it"), lambda _scope, _row: forms.ReasonForm(),
        lambda scope, number, form: services.refuse(scope, number, form.reason.data),
        _l("The deadline stands; it cannot be asked for again."),
        possible=lambda row: row.is_asked,
    ),
}  # fmt: skip
LOOKS = {
    "recheck": Act(
        _l("Recheck"), _l("Record the recheck"), _recheck_form, _recheck,
        _l("Days overdue stop at the reply only if it passes."), possible=leads_to("recheck_passed"),
    ),
    "assign": Act(
        _l("Assign the recheck"), _l("Assign it"), _assign_form,
        lambda scope, number, form: services.assign(scope, number, form.rechecker.data),
        possible=lambda row: row.state in OPEN,
    ),
}  # fmt: skip
UNPUBLISH = Act(
    _l("Take the publication back"), _l("Take it back"), lambda _scope, _row: forms.ReasonForm(),
    lambda scope, number, form: services.unpublish(scope, number, form.reason.data),
    possible=lambda row: row.published_at is not None,
)  # fmt: skip


def _act(scope: Scope, act: Act, hazard_id: int) -> Any:
    return perform(scope, act, queries.hazard, "hazards/act.html", ".show", hazard_id=hazard_id)


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


@room.route("/<int:hazard_id>/<any(reply, ask, state):act>", allow=P.HAZARD_REPLY, methods=["GET", "POST"])
def answer(scope: Scope, hazard_id: int, act: str) -> Any:
    """What the place says: what was done, that it needs more time, how it sees it."""
    return _act(scope, ANSWERS[act], hazard_id)


@room.route("/<int:hazard_id>/<any(confirm, dismiss, extend, refuse):act>", allow=P.HAZARD_ORDER, methods=["GET", "POST"])
def decide(scope: Scope, hazard_id: int, act: str) -> Any:
    """What only somebody decides who may order."""
    return _act(scope, DECISIONS[act], hazard_id)


@room.route("/<int:hazard_id>/<any(recheck, assign):act>", allow=P.HAZARD_RECHECK, methods=["GET", "POST"])
def look(scope: Scope, hazard_id: int, act: str) -> Any:
    """Go and look again, or ask somebody to."""
    return _act(scope, LOOKS[act], hazard_id)


@room.post("/<int:hazard_id>/close", allow=P.HAZARD_CLOSE)
def close(scope: Scope, hazard_id: int) -> Any:
    """The hazard is done with."""
    services.close(scope, hazard_id)
    return done(".show", hazard_id=hazard_id)


@room.post("/<int:hazard_id>/publish", allow=P.HAZARD_SUPERVISE)
def publish(scope: Scope, hazard_id: int) -> Any:
    """Make it public, once the place could say its view."""
    services.publish(scope, hazard_id)
    return done(".show", hazard_id=hazard_id)


@room.route("/<int:hazard_id>/unpublish", allow=P.HAZARD_SUPERVISE, methods=["GET", "POST"])
def unpublish(scope: Scope, hazard_id: int) -> Any:
    """Take the publication back, and why."""
    return _act(scope, UNPUBLISH, hazard_id)


# ---- photos and papers ------------------------------------------------------------------------------


def _is_over(hazard: Hazard) -> bool:
    return hazard.state in {"closed", "dismissed"}


def _is_ordered(hazard: Hazard) -> bool:
    """What an order rests on stays as it was found."""
    return hazard.issued_on is not None


doors(
    room, "/<int:hazard_id>/photos", find=queries.hazard, kinds=words.PHOTO_WORDS, read=P.HAZARD_READ, edit=P.HAZARD_REPLY,
    back="show", anchor="photos", label=lambda hazard: hazard.number, is_over=_is_over,
)  # fmt: skip
doors(
    room, "/<int:hazard_id>/found", find=queries.hazard, kinds=words.FOUND_WORDS, read=P.HAZARD_READ, edit=P.HAZARD_RECHECK,
    back="show", anchor="photos", label=lambda hazard: hazard.number, is_over=_is_over, prefix="found_",
    is_kept=_is_ordered,
)  # fmt: skip
doors(
    room, "/<int:hazard_id>/replies/<int:reply_id>/photos", find=queries.reply, kinds=words.REPLY_WORDS, read=P.HAZARD_READ,
    edit=P.HAZARD_REPLY, back="show", anchor="photos", label=lambda reply: calendar.local(reply.replied_at).date().isoformat(),
    is_over=lambda reply: reply.result is not None, prefix="reply_", page_ids=("hazard_id",),
)  # fmt: skip
