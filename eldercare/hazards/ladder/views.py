"""The ladder: what is on it, a hazard's own, a step taken."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from eldercare.core import attachments, calendar, runs
from eldercare.core.access import P
from eldercare.core.acts import Act, perform
from eldercare.core.db import db
from eldercare.core.enclosures import doors
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as facilities
from eldercare.hazards.ladder import forms, queries, services
from eldercare.hazards.ladder import listing as words

room = Room("ladder", __name__, url_prefix="/hazards/ladder")
STEPS = tuple(words.STEP_WORDS)


def _bound(scope: Scope, args: Any) -> Any:
    return words.LADDER.bind(args, path="/hazards/ladder/", choices=words.choices(facilities.townships(scope)))


@room.get("/", allow=P.HAZARD_READ)
def index(scope: Scope) -> Any:
    """Hazards on the ladder, with the next step proposed."""
    bound = _bound(scope, request.args).load(db.session(), queries.on_ladder(scope))
    bound.rows = queries.ladders(scope, bound.rows, calendar.today(), words.thresholds())
    return page("hazards/ladder/index.html", ladder=bound, clauses=words.clauses())


@room.post("/export", allow=P.HAZARD_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    return done("reporting.show_run", run_id=runs.enqueue(scope, "ladder_export", query=_bound(scope, request.form).query).id)


@room.get("/of-hazard/<int:hazard_id>", allow=P.HAZARD_READ)
def of_hazard(scope: Scope, hazard_id: int) -> Any:
    """The part of a hazard's record that tells its ladder."""
    ladder = queries.ladder(scope, hazard_id, words.thresholds())
    return page("hazards/ladder/_ladder.html", ladder=ladder, hazard=ladder.hazard, words=words)


@room.get("/of-facility/<int:facility_id>", allow=P.HAZARD_READ)
def of_facility(scope: Scope, facility_id: int) -> Any:
    """The part of a place's page that tells the steps towards it as a whole."""
    home = facilities.facility(scope, facility_id)
    return page("hazards/ladder/_of_facility.html", home=home, steps=queries.of_home(scope, home.id), words=words)


@room.route("/of-hazard/<int:hazard_id>/step", allow=P.HAZARD_SUPERVISE, methods=["GET", "POST"])
def step(scope: Scope, hazard_id: int) -> Any:
    """A step for one hazard."""
    ladder = queries.ladder(scope, hazard_id, words.thresholds())
    form = forms.step_form(words.open_steps(ladder), ladder.proposed[0] if ladder.proposed else None)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.take(scope, words.thresholds(), form.said(), hazard_id=hazard_id, papers=form.papers.data)
        if attempt.ok:
            return done("hazards.show", hazard_id=hazard_id, _anchor="ladder")
        ladder = queries.ladder(scope, hazard_id, words.thresholds())
    return page(
        "hazards/ladder/step.html", form=form, ladder=ladder, home=ladder.hazard.facility, clauses=words.clauses(), words=words
    )


@room.route("/of-facility/<int:facility_id>/step", allow=P.HAZARD_SUPERVISE, methods=["GET", "POST"])
def step_home(scope: Scope, facility_id: int) -> Any:
    """A step towards a home as a whole."""
    home, form = facilities.facility(scope, facility_id), forms.step_form(list(STEPS), "talk")
    del form.skip_reason
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = services.take(scope, words.thresholds(), form.said(), facility_id=facility_id, papers=form.papers.data)
        if attempt.ok:
            return done(".show", step_id=made.id)
        home = facilities.facility(scope, facility_id)
    return page("hazards/ladder/step.html", form=form, ladder=None, home=home, clauses=words.clauses(), words=words)


@room.get("/steps/<int:step_id>", allow=P.HAZARD_READ)
def show(scope: Scope, step_id: int) -> Any:
    """One step with its papers."""
    found = queries.step(scope, step_id)
    history, papers = words.in_words(queries.history(scope, step_id)), attachments.of(scope, found)
    return page("hazards/ladder/show.html", step=found, papers=papers, history=history, words=words)


CANCEL = Act(
    _l("Cancel a step"),
    _l("Cancel the step"),
    lambda _scope, _row: forms.CancelForm(),
    lambda scope, row_id, form: services.cancel(scope, row_id, form.reason.data),
    danger=True,
)


@room.route("/steps/<int:step_id>/cancel", allow=P.HAZARD_SUPERVISE, methods=["GET", "POST"])
def cancel(scope: Scope, step_id: int) -> Any:
    """A step that does not stand."""
    return perform(scope, CANCEL, queries.step, "hazards/ladder/act.html", ".show", step_id=step_id)


doors(
    room,
    "/steps/<int:step_id>/papers",
    find=queries.step,
    kinds=words.PAPER_WORDS,
    read=P.HAZARD_READ,
    edit=P.HAZARD_SUPERVISE,
    back="show",
    anchor="papers",
    label=lambda step_: words.STEP_WORDS[step_.step],
    is_over=lambda step_: step_.cancelled_at is not None,
)
