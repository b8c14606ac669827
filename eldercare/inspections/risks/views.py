"""The ranking by risk, one place's score, proposals, weights, the back-test."""

from typing import Any

from flask import request

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as facilities
from eldercare.inspections.risks import forms, queries, services
from eldercare.inspections.risks import listing as words

room = Room("risks", __name__, url_prefix="/inspections/risks")


@room.get("/", allow=P.INSPECTION_READ)
def index(scope: Scope) -> Any:
    """Every place of a kind, the riskiest first, and why."""
    bound = words.RANKING.bind(request.args, path=request.path, choices=words.choices(facilities.townships(scope)))
    used = queries.current(scope, calendar.today())
    found = queries.ranking(scope, calendar.today(), words.asked(bound, "type"), used.factors)
    return page("inspections/risks/index.html", risks=words.ranking(bound, found), used=used)


@room.get("/<int:facility_id>", allow=P.INSPECTION_READ)
def show(scope: Scope, facility_id: int) -> Any:
    """One place: every line of its score with the rows behind it."""
    place, score, used = queries.one(scope, facility_id, calendar.today())
    return page("inspections/risks/show.html", place=place, score=score, used=used, words=words)


@room.get("/proposals/", allow=P.INSPECTION_READ)
def proposals(scope: Scope) -> Any:
    """What was proposed, and what became of it."""
    offered = words.choices(facilities.townships(scope), Month.of(calendar.today()))
    bound = words.PROPOSALS.bind(request.args, path=request.path, choices=offered)
    return page("inspections/risks/proposals.html", proposals=bound.load(db.session, queries.proposals(scope)))


@room.route("/proposals/new", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def propose(scope: Scope) -> Any:
    """Propose the riskiest places for a month."""
    form = forms.propose_form()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.propose(scope, Month.parse(form.month.data), form.type.data, form.count.data)
        if attempt.ok:
            return done(".proposals", month=form.month.data)
    return page("inspections/risks/propose.html", form=form)


@room.get("/proposals/<int:proposal_id>", allow=P.INSPECTION_READ)
def proposal(scope: Scope, proposal_id: int) -> Any:
    """One proposal with the lines of its score as they were."""
    row = queries.proposal(scope, proposal_id)
    return page("inspections/risks/proposal.html", row=row, words=words)


@room.route("/proposals/<int:proposal_id>/take", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def take(scope: Scope, proposal_id: int) -> Any:
    """Plan the visit it asks for."""
    row = queries.proposal(scope, proposal_id)
    form = forms.take_form(scope, row)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.take(scope, proposal_id, forms.plan_terms(), **form.visit())
        if attempt.ok:
            return done(".proposal", proposal_id=proposal_id)
    return page("inspections/risks/take.html", form=form, row=queries.proposal(scope, proposal_id), words=words)


@room.route("/proposals/<int:proposal_id>/set-aside", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def set_aside(scope: Scope, proposal_id: int) -> Any:
    """Not followed, with the reason."""
    form = forms.AsideForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.set_aside(scope, proposal_id, form.reason.data)
        if attempt.ok:
            return done(".proposal", proposal_id=proposal_id)
    return page("inspections/risks/aside.html", form=form, row=queries.proposal(scope, proposal_id), words=words)


@room.post("/proposals/<int:proposal_id>/again", allow=P.INSPECTION_PLAN)
def again(scope: Scope, proposal_id: int) -> Any:
    """What was set aside is proposed again."""
    services.take_up_again(scope, proposal_id)
    return done(".proposal", proposal_id=proposal_id)


@room.get("/weights/", allow=P.INSPECTION_READ)
def weights(scope: Scope) -> Any:
    """What each factor is worth, now and before."""
    every = queries.weights(scope)
    return page("inspections/risks/weights.html", every=every, used=queries.current(scope, calendar.today()), words=words)


@room.route("/weights/new", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def set_weights(scope: Scope) -> Any:
    """Other weights from a day on."""
    form = forms.weights_form(scope, calendar.today())
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.set_weights(scope, form.valid_from.data, form.factors(), form.reason.data)
        if attempt.ok:
            return done(".weights")
    return page("inspections/risks/set_weights.html", form=form, words=words)


@room.get("/back-test/", allow=P.INSPECTION_READ)
def back_test(scope: Scope) -> Any:
    """The latest back-test, and how to ask for another."""
    runs = queries.back_tests(scope)
    return page(
        "inspections/risks/back_test.html", run=runs[0] if runs else None, runs=runs, form=forms.back_test_form(), words=words
    )


@room.get("/back-test/<int:run_id>", allow=P.INSPECTION_READ)
def show_back_test(scope: Scope, run_id: int) -> Any:
    """A back-test that was kept; while it runs, how far it is."""
    run = queries.back_test(scope, run_id)
    return page(
        "inspections/risks/back_test.html", run=run, runs=queries.back_tests(scope), form=forms.back_test_form(), words=words
    )


@room.post("/back-test/", allow=P.INSPECTION_PLAN)
def ask_back_test(scope: Scope) -> Any:
    """Ask for a back-test."""
    form = forms.back_test_form()
    if not form.validate_on_submit():
        runs = queries.back_tests(scope)
        return page("inspections/risks/back_test.html", run=runs[0] if runs else None, runs=runs, form=form, words=words)
    asked = {name: form[name].data for name in ("months", "count", "days", "met")} | {"kind": form.type.data}
    return done(".show_back_test", run_id=services.ask_back_test(scope, **asked).id)
