"""Double-random draws: list, record, plan, approval, freezing, witness, draw, replacement, void."""

from io import BytesIO
from typing import Any

from flask import abort, flash, request, send_file
from flask_babel import gettext as _
from flask_login import current_user

from eldercare.checklists import listing as lists
from eldercare.checklists import queries as checklists
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as facilities
from eldercare.facilities.forms import township_words
from eldercare.inspections.draws import forms, queries, services
from eldercare.inspections.draws import listing as words
from eldercare.inspections.plans import listing as plans

room = Room("draws", __name__, url_prefix="/inspections/draws")


def _lists(scope: Scope) -> dict[str, str]:
    return {
        each.checklist.code: lists.said(each.current) for each in checklists.standings(scope, drafts=False)
        if each.current and each.checklist.kind == "items"
    }  # fmt: skip


def _towns(scope: Scope) -> dict[str, str]:
    return {each.code: township_words(each) for each in facilities.townships(scope, whole=True)}


def _offered(scope: Scope) -> dict[str, Any]:
    return {"checklists": list(_lists(scope).items()), "townships": list(_towns(scope).items())}


@room.get("/", allow=P.INSPECTION_READ)
def index(scope: Scope) -> Any:
    """Every draw, the newest first."""
    bound = words.DRAWS.bind(request.args, path=request.path).load(db.session, queries.draws(scope))
    return page("inspections/draws/index.html", draws=bound)


@room.get("/<int:draw_id>", allow=P.INSPECTION_READ)
def show(scope: Scope, draw_id: int) -> Any:
    """One draw: how far it is, the plan, what was frozen, what came of it."""
    row, paper = queries.draw(scope, draw_id), queries.paper(scope, draw_id)
    entries = queries.history(scope, draw_id)
    return page(
        "inspections/draws/show.html", row=row, paper=paper, words=words, visits=queries.of_day(scope, draw_id),
        replaced=queries.replacements(scope, draw_id), lists=_lists(scope), towns=_towns(scope), me=current_user.id,
        makers=queries.makers(scope, row) if row.state == "planned" else set(),
        history=words.in_words(entries), full=words.full(entries),
    )  # fmt: skip


@room.get("/<int:draw_id>/file", allow=P.INSPECTION_READ)
def file(scope: Scope, draw_id: int) -> Any:
    """The file of the draw, where it may be read already."""
    row = queries.draw(scope, draw_id)
    text = services.file_text(scope, row) or abort(404)
    return send_file(BytesIO(text.encode()), "application/json", as_attachment=True, download_name=f"draw-{row.batch}.json")


# ---- plan and approval ------------------------------------------------------------------------------


@room.route("/new", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Plan a draw."""
    form = forms.PlanForm.of(None, queries.usual_weights(scope), **_offered(scope))
    if form.validate_on_submit():
        with trying(form) as attempt:
            row = services.plan(scope, current_user.id, **form.said())
        if attempt.ok:
            return done(".show", draw_id=row.id)
    return page("inspections/draws/plan.html", form=form, row=None)


@room.route("/<int:draw_id>/edit", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def edit(scope: Scope, draw_id: int) -> Any:
    """Change a plan nobody has approved yet."""
    row = queries.draw(scope, draw_id)
    form = forms.PlanForm.of(row, queries.usual_weights(scope), **_offered(scope))
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.change(scope, draw_id, **form.said())
        if attempt.ok:
            return done(".show", draw_id=draw_id)
    return page("inspections/draws/plan.html", form=form, row=row)


@room.post("/<int:draw_id>/approve", allow=P.INSPECTION_APPROVE)
def approve(scope: Scope, draw_id: int) -> Any:
    """Somebody else lets the plan stand."""
    services.approve(scope, draw_id)
    return done(".show", draw_id=draw_id)


@room.route("/<int:draw_id>/withdraw", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def withdraw(scope: Scope, draw_id: int) -> Any:
    """Give a plan up before anything is committed."""
    row, form = queries.draw(scope, draw_id), forms.ReasonForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.withdraw(scope, draw_id, form.reason.data)
        if attempt.ok:
            return done(".show", draw_id=draw_id)
    return page("inspections/draws/reason.html", form=form, row=row, act="withdraw")


# ---- freeze, witness, draw --------------------------------------------------------------------------


@room.route("/<int:draw_id>/freeze", allow=P.INSPECTION_DRAW, methods=["GET", "POST"])
def freeze(scope: Scope, draw_id: int) -> Any:
    """Freeze both libraries and publish the commitment."""
    row, form = queries.draw(scope, draw_id), forms.ConfirmForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.freeze(scope, draw_id, words.rules(), plans.terms())
        if attempt.ok:
            return done(".show", draw_id=draw_id)
    places, full = queries.places(scope, row, plans.terms(), calendar.today())
    shown = {"places": places, "full": full, "people": queries.library(scope, row.starts_on, row.ends_on)}
    return page("inspections/draws/freeze.html", form=form, row=row, words=words, **shown)


@room.route("/<int:draw_id>/witness", allow=P.INSPECTION_DRAW, methods=["GET", "POST"])
def witness(scope: Scope, draw_id: int) -> Any:
    """Keep the value of the witness; the draw itself is the next step, so that no failure can undo the value."""
    row = queries.draw(scope, draw_id)
    form = forms.WitnessForm(office=row.witness_named if row.witness_kind == "person" else None)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.witness(scope, draw_id, form.value.data, form.name.data, form.office.data, words.rules())
        if attempt.ok:
            return done(".show", draw_id=draw_id)
    return page("inspections/draws/witness.html", form=form, row=row, words=words)


@room.post("/<int:draw_id>/draw", allow=P.INSPECTION_DRAW)
def draw(scope: Scope, draw_id: int) -> Any:
    """Draw, once."""
    services.draw(scope, draw_id)
    return done(".show", draw_id=draw_id)


@room.post("/<int:draw_id>/replace/<int:facility_id>", allow=P.INSPECTION_DRAW)
def replace(scope: Scope, draw_id: int, facility_id: int) -> Any:
    """The next in order takes the place of one that closed."""
    if services.replace(scope, draw_id, facility_id, words.rules()) is None:
        flash(_("No further place is left in the order of this draw: the visit is called off and not replaced."), "watch")
    return done(".show", draw_id=draw_id)


# ---- void -------------------------------------------------------------------------------------------


@room.route("/<int:draw_id>/void", allow=P.INSPECTION_DRAW, methods=["GET", "POST"])
def ask_void(scope: Scope, draw_id: int) -> Any:
    """Ask that the draw be declared void."""
    row, form = queries.draw(scope, draw_id), forms.VoidForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.ask_void(scope, draw_id, form.reason.data)
        if attempt.ok:
            return done(".show", draw_id=draw_id)
    return page("inspections/draws/reason.html", form=form, row=row, act="void")


@room.post("/<int:draw_id>/void/<any(confirm, refuse):how>", allow=P.INSPECTION_APPROVE)
def decide_void(scope: Scope, draw_id: int, how: str) -> Any:
    """Somebody else declares it void, or leaves it valid."""
    {"confirm": services.void, "refuse": services.refuse_void}[how](scope, draw_id)
    return done(".show", draw_id=draw_id)
