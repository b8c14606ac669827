"""From the first response to the closing: each step an act of its own."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.checklists import queries as checklists
from eldercare.core.access import P
from eldercare.core.acts import Act, leads_to, perform
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done
from eldercare.hazards.listing import code_choices, deadlines
from eldercare.incidents import listing as words
from eldercare.incidents import queries as incidents
from eldercare.incidents.handling import forms, listing, services
from eldercare.incidents.models import INVESTIGATED, Incident

room = Room("handling", __name__, url_prefix="/incidents/<int:incident_id>/handling")


def _act(scope: Scope, act: Act, incident_id: int) -> Any:
    return perform(scope, act, incidents.incident, "incidents/act.html", "incidents.show", incident_id=incident_id)


def _action_form(scope: Scope, incident: Incident) -> Any:
    """E1 and E2 are supervised unless somebody says otherwise."""
    form = forms.ActionForm(supervise="serious" if incident.is_grave else "no")
    form.hazard_code.offer(code_choices(checklists.hazards_in_force(scope)))
    return form


def _add(scope: Scope, incident_id: int, form: forms.ActionForm, *, is_demanded: bool = False) -> Any:
    return services.add_action(
        scope, incident_id, action=form.action.data or "", owner=form.owner.data or "", due_on=form.due_on.data,
        deadlines=deadlines(), supervise=form.severity(), hazard_code=form.hazard_code.data, is_demanded=is_demanded,
    )  # fmt: skip


STEPS = {
    "respond": Act(
        _l("Record the first response"),
        _l("Record it"),
        lambda _scope, row: forms.ResponseForm(at=row.known_at),
        lambda scope, number, form: services.respond(scope, number, form.response.data, form.at.data),
        possible=leads_to("responding"),
    ),
    "investigate": Act(
        _l("Record the investigation"),
        _l("Record it"),
        lambda _scope, row: forms.InvestigationForm(obj=row),
        lambda scope, number, form: services.investigate(scope, number, form.cause_class.data, form.investigation.data),
        possible=lambda row: row.state in INVESTIGATED,
    ),
    "action": Act(_l("Set a corrective action"), _l("Set the action"), _action_form, _add),
}
DEMAND = Act(
    _l("Demand a corrective action"),
    _l("Demand it"),
    _action_form,
    lambda scope, number, form: _add(scope, number, form, is_demanded=True),
)
REVIEW = Act(
    _l("Review"),
    _l("It is in order"),
    lambda _scope, _row: forms.NoteForm(),
    lambda scope, number, form: services.review(scope, number, form.note.data, words.rules()),
    _l("By somebody other than the reporter. E3 and E4 are closed with it; E1 and E2 then wait for the district."),
    possible=lambda row: row.state == "review" and row.reviewed_at is None,
)
SEND_BACK = Act(
    _l("Send back"),
    _l("Send it back"),
    lambda _scope, _row: forms.ReasonForm(),
    lambda scope, number, form: services.send_back(scope, number, form.reason.data),
    possible=lambda row: row.state == "review",
)
DISTRICT = {
    "reopen": Act(
        _l("Reopen"),
        _l("Reopen it"),
        lambda _scope, _row: forms.ReasonForm(),
        lambda scope, number, form: services.reopen(scope, number, form.reason.data, words.rules()),
        possible=lambda row: row.reported_at is not None and leads_to("reopened")(row),
    ),
    "merge": Act(
        _l("Merge into another incident"),
        _l("Merge it"),
        lambda _scope, _row: forms.MergeForm(),
        lambda scope, number, form: services.merge(scope, number, form.number.data, form.reason.data, words.rules()),
        _l("The same thing was reported twice. Both are kept; this one points to the other."),
        danger=True,
        possible=leads_to("merged"),
    ),
    "reject": Act(
        _l("No incident"),
        _l("Mark as no incident"),
        lambda _scope, _row: forms.ReasonForm(),
        lambda scope, number, form: services.reject(scope, number, form.reason.data, words.rules()),
        _l("It is kept with the reason and counts no longer."),
        danger=True,
        possible=leads_to("rejected"),
    ),
}
FAULT = Act(
    _l("Find a fault of reporting"),
    _l("Record the finding"),
    lambda _scope, _row: forms.FaultForm(),
    lambda scope, number, form: services.find_fault(scope, number, form.fault.data, form.reason.data, form.person.data),
    _l("Late, omitted, false and concealed reports are different findings; each stands by itself."),
)


@room.route("/<any(respond, investigate, action):act>", allow=P.INCIDENT_EDIT, methods=["GET", "POST"])
def step(scope: Scope, incident_id: int, act: str) -> Any:
    """A step of the home's."""
    return _act(scope, STEPS[act], incident_id)


@room.post("/begin", allow=P.INCIDENT_EDIT)
def begin(scope: Scope, incident_id: int) -> Any:
    """The investigation begins."""
    services.begin_investigation(scope, incident_id)
    return done("incidents.show", incident_id=incident_id)


@room.route("/demand", allow=P.INCIDENT_RECEIVE, methods=["GET", "POST"])
def demand(scope: Scope, incident_id: int) -> Any:
    """An officer wants something put right."""
    return _act(scope, DEMAND, incident_id)


@room.route("/actions/<int:action_id>", allow=P.INCIDENT_EDIT, methods=["GET", "POST"])
def finish(scope: Scope, incident_id: int, action_id: int) -> Any:
    """A corrective action is done, and this shows it."""
    act = Act(
        _l("Corrective action done"),
        _l("It is done"),
        lambda _scope, _row: forms.EvidenceForm(),
        lambda scope, number, form: services.finish_action(scope, number, action_id, form.evidence.data),
    )
    return _act(scope, act, incident_id)


@room.post("/stable", allow=P.INCIDENT_RECEIVE)
def stable(scope: Scope, incident_id: int) -> Any:
    """Nothing changes any more."""
    services.declare_stable(scope, incident_id, words.rules())
    return done("incidents.show", incident_id=incident_id)


@room.post("/submit", allow=P.INCIDENT_EDIT)
def submit(scope: Scope, incident_id: int) -> Any:
    """Put right: to be reviewed."""
    services.submit(scope, incident_id, listing.missing)
    return done("incidents.show", incident_id=incident_id)


@room.route("/review", allow=P.INCIDENT_REVIEW, methods=["GET", "POST"])
def review(scope: Scope, incident_id: int) -> Any:
    """In order, says somebody other than the reporter."""
    return _act(scope, REVIEW, incident_id)


@room.route("/send-back", allow=P.INCIDENT_REVIEW, methods=["GET", "POST"])
def send_back(scope: Scope, incident_id: int) -> Any:
    """Not put right yet."""
    return _act(scope, SEND_BACK, incident_id)


@room.post("/close", allow=P.INCIDENT_CLOSE)
def close(scope: Scope, incident_id: int) -> Any:
    """The district's word."""
    services.close(scope, incident_id, words.rules(), listing.missing)
    return done("incidents.show", incident_id=incident_id)


@room.route("/<any(reopen, merge, reject):act>", allow=P.INCIDENT_CLOSE, methods=["GET", "POST"])
def decide(scope: Scope, incident_id: int, act: str) -> Any:
    """What only the district decides."""
    return _act(scope, DISTRICT[act], incident_id)


@room.route("/fault", allow=P.INCIDENT_RECEIVE, methods=["GET", "POST"])
def fault(scope: Scope, incident_id: int) -> Any:
    """A finding of late, omitted, false or concealed reporting."""
    return _act(scope, FAULT, incident_id)


@room.route("/findings/<int:finding_id>/withdraw", allow=P.INCIDENT_RECEIVE, methods=["GET", "POST"])
def withdraw(scope: Scope, incident_id: int, finding_id: int) -> Any:
    """A finding that does not hold."""
    act = Act(
        _l("Withdraw the finding"),
        _l("Withdraw it"),
        lambda _scope, _row: forms.ReasonForm(),
        lambda scope, number, form: services.withdraw_fault(scope, number, finding_id, form.reason.data),
    )
    return _act(scope, act, incident_id)
