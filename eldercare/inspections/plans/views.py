"""Plans of inspections: the calendar, the list, plans, coverage, load, and the acts on them."""

from typing import Any

from flask import request

from eldercare.core import calendar, runs
from eldercare.core.access import P
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, can, done, page, trying
from eldercare.facilities import queries as facilities
from eldercare.inspections.plans import forms, queries, services
from eldercare.inspections.plans import listing as words
from eldercare.inspections.plans.models import Plan
from eldercare.inspections.plans.rules import queries as rules

room = Room("plans", __name__, url_prefix="/inspections/plans")


# ---- the calendar -----------------------------------------------------------------------------------------


def _month(scope: Scope, month: Month, plan_id: int | None) -> list[Any]:
    """The entries of a month: visits, and planned ones that are none yet (of a plan alone, where one is asked for)."""
    first, last, today, may = month.first, month.last, calendar.today(), can(P.INSPECTION_PLAN)
    waiting = queries.without_visit(scope, first, last, plan_id)
    entries = [words.of_item(each, today, may_move=may) for each in waiting]
    visits = queries.visits_between(scope, first, last) if plan_id is None else []
    items, wrong = queries.items_of_visits(scope, [each.id for each in visits]), queries.misfits(scope, visits)
    return entries + [words.of_visit(each, today, items, may_move=may, unfit=wrong.get(each.id, ())) for each in visits]


def _narrowed(entries: list[Any], officer: int | None, kind: str | None) -> list[Any]:
    return [
        each for each in entries
        if (not kind or each.kind == kind) and (officer is None or officer in {one.id for one in each.officers})
    ]  # fmt: skip


@room.get("/", allow=P.INSPECTION_READ)
def index(scope: Scope) -> Any:
    """A month of visits, planned and made."""
    month, kind = words.month_asked(request.args.get("month")), request.args.get("kind")
    officer, plan_id = request.args.get("officer", type=int), request.args.get("plan", type=int)
    entries = _narrowed(_month(scope, month, plan_id), officer, kind)
    asked: dict[str, Any] = {"kind": kind, "officer": officer, "plan": plan_id}
    plan = queries.plan(scope, plan_id) if plan_id else None
    shown, officers = words.month_of(month, entries), queries.inspectors(scope)
    warning = words.calendar_warning(month.first, month.last)
    more = {"officers": officers, "plan": plan, "warning": warning}
    return page("inspections/plans/index.html", board=shown, asked=asked, words=words, **more)


@room.get("/year", allow=P.INSPECTION_READ)
def year(scope: Scope) -> Any:
    """A year by kind and by officer, month by month."""
    asked = words.year_asked(request.args.get("year"))
    kinds = words.year_rows(queries.by_kind(scope, asked), list(words.KIND_WORDS.items()), 0)
    people = [(str(each.id), each.name) for each in queries.inspectors(scope)]
    officers = words.year_rows(queries.by_officer(scope, asked), people, 0)
    return page("inspections/plans/year.html", year=asked, kinds=kinds, officers=officers, words=words)


# ---- the list ---------------------------------------------------------------------------------------------


def _bound(scope: Scope, args: Any) -> Any:
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    plans, every = list(db.session.scalars(queries.plans(scope))), list(db.session.scalars(rules.rules(scope)))
    choices = words.choices(facilities.townships(scope), homes, queries.inspectors(scope), plans, every)
    return words.ITEMS.bind(args, path="/inspections/plans/items/", choices=choices)


@room.get("/items/", allow=P.INSPECTION_READ)
def items(scope: Scope) -> Any:
    """Planned visits within reach."""
    return page("inspections/plans/items.html", items=_bound(scope, request.args).load(db.session, queries.items(scope)))


@room.post("/items/export", allow=P.INSPECTION_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    run = runs.enqueue(scope, "plans_export", query=_bound(scope, request.form).query)
    return done("reporting.show_run", run_id=run.id)


@room.get("/items/<int:item_id>", allow=P.INSPECTION_READ)
def show_item(scope: Scope, item_id: int) -> Any:
    """One planned visit."""
    item = queries.item(scope, item_id)
    history = words.in_words(queries.history(scope, "plan_item", item_id))
    stage = queries.stage_of(item, calendar.today())
    return page("inspections/plans/item.html", item=item, history=history, stage=stage, words=words)


@room.route("/items/<int:item_id>/move", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def move_item(scope: Scope, item_id: int) -> Any:
    """Another day, time or team."""
    item, form = queries.item(scope, item_id), forms.MoveForm(planned_on=words.day_asked(request.args.get("day")))
    form.seat(queries.inspectors(scope), words.terms())
    form.stand(item.visit or item, item.team)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.move(scope, item_id, form.planned_on.data, form.reason.data, **form.asked())
        if attempt.ok:
            return done(".show_item", item_id=item_id)
        item = queries.item(scope, item_id)  # what the savepoint undid is read again
    return page("inspections/plans/move.html", form=form, item=item, again=False, words=words)


@room.route("/items/<int:item_id>/take-up", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def take_up(scope: Scope, item_id: int) -> Any:
    """What was left out is planned again."""
    item, form = queries.item(scope, item_id), forms.MoveForm()
    form.seat(queries.inspectors(scope), words.terms())
    form.stand(item, item.team)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.take_up(scope, item_id, form.planned_on.data, form.reason.data, words.terms(), **form.asked())
        if attempt.ok:
            return done(".show_item", item_id=item_id)
        item = queries.item(scope, item_id)  # what the savepoint undid is read again
    return page("inspections/plans/move.html", form=form, item=item, again=True, words=words)


@room.route("/items/<int:item_id>/drop", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def drop(scope: Scope, item_id: int) -> Any:
    """A planned visit is left out."""
    item, form = queries.item(scope, item_id), forms.ReasonForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.drop(scope, item_id, form.reason.data)
        if attempt.ok:
            return done(".show_item", item_id=item_id)
        item = queries.item(scope, item_id)  # what the savepoint undid is read again
    return page("inspections/plans/drop.html", form=form, item=item, words=words)


@room.post("/items/<int:item_id>/make", allow=P.INSPECTION_PLAN)
def make(scope: Scope, item_id: int) -> Any:
    """The planned visit becomes a visit now."""
    services.make_visit(scope, item_id)
    return done(".show_item", item_id=item_id)


# ---- visits for their own sake ------------------------------------------------------------------------------


@room.route("/visits/new", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def new_visit(scope: Scope) -> Any:
    """A visit outside every plan: where first, then everything else."""
    home = request.args.get("facility", type=int)
    if home is None:
        form = forms.PlaceForm()
        form.facility.offer([(each.id, each.name) for each in db.session.scalars(facilities.facilities(scope, gone=False))])
        return page("inspections/plans/visit_where.html", form=form)
    return _new_visit(scope, queries.facility_of(scope, home))


def _new_visit(scope: Scope, home: Any) -> Any:
    form, terms = forms.VisitForm(planned_on=words.day_asked(request.args.get("day"))), words.terms()
    form.seat(queries.inspectors(scope), terms)
    lists = services.suitable_lists(scope, home.facility_type, calendar.today())
    form.versions.offer([(each.id, words.list_words(each)) for _code, each in lists])
    if form.validate_on_submit():
        asked = {name: form[name].data for name in ("kind", "planned_on", "notice", "versions")}
        texts = {name: form[name].data or "" for name in ("purpose", "basis")}
        with trying(form) as attempt:
            visit = services.plan_visit(scope, home.id, terms, **form.asked(), **asked, **texts)
        if attempt.ok:
            return done("inspections.show", visit_id=visit.id)
    due = services.notice_due(form.planned_on.data, terms) if form.planned_on.data else None
    first = services.first_day(terms)
    return page("inspections/plans/visit.html", form=form, home=home, due=due, first=first, days=terms.notice, words=words)


# ---- plans ------------------------------------------------------------------------------------------------


@room.get("/all/", allow=P.INSPECTION_READ)
def plans(scope: Scope) -> Any:
    """The plans of years and months."""
    order = (Plan.year.desc(), Plan.month.desc().nulls_first(), Plan.id.desc())
    every = list(db.session.scalars(queries.plans(scope).order_by(*order)))
    counts = queries.counts_of_plans(scope, calendar.today())
    return page("inspections/plans/plans.html", plans=every, counts=counts, words=words)


@room.route("/new", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """A plan is drafted."""
    form, today = forms.DraftForm(), calendar.today()
    form.year.offer([(each, str(each)) for each in (today.year, today.year + 1)])
    form.month.offer([(month.month, label) for month, label in words.month_heads(today.year)])
    if form.validate_on_submit():
        with trying(form) as attempt:
            plan = services.draft(scope, form.year.data, form.month.data, words.terms(), form.purpose.data or "")
        if attempt.ok:
            return done(".show", plan_id=plan.id)
    warning = words.calendar_warning(today, today.replace(year=today.year + 1, day=1))
    return page("inspections/plans/new.html", form=form, warning=warning)


@room.get("/<int:plan_id>", allow=P.INSPECTION_READ)
def show(scope: Scope, plan_id: int) -> Any:
    """One plan: what it was drafted from, what it holds, how far it is."""
    plan, today = queries.plan(scope, plan_id), calendar.today()
    counts, months = queries.counts_of_plan(scope, plan_id, today), queries.months_of_plan(scope, plan_id)
    history = words.in_words(queries.history(scope, "plan", plan_id))
    warning = words.calendar_warning(plan.first, plan.last)
    shown = {"counts": counts, "months": months, "heads": words.month_heads(plan.year)}
    shown["makers"] = queries.makers(scope, plan) if plan.state == "draft" else set()
    return page("inspections/plans/show.html", plan=plan, history=history, warning=warning, words=words, **shown)


@room.route("/<int:plan_id>/add", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def add(scope: Scope, plan_id: int) -> Any:
    """A visit is put into a plan by hand."""
    plan, form, terms = queries.plan(scope, plan_id), forms.AddForm(), words.terms()
    form.seat(queries.inspectors(scope), terms)
    form.facility.offer([(each.id, each.name) for each in db.session.scalars(facilities.facilities(scope, gone=False))])
    if form.validate_on_submit():
        asked = {"kind": form.kind.data, "planned_on": form.planned_on.data, **form.asked()}
        with trying(form) as attempt:
            item = services.add(scope, plan_id, form.facility.data, terms, **asked)
        if attempt.ok:
            return done(".show_item", item_id=item.id)
    return page("inspections/plans/add.html", form=form, plan=plan, words=words)


@room.post("/<int:plan_id>/redraft", allow=P.INSPECTION_PLAN)
def redraft(scope: Scope, plan_id: int) -> Any:
    """The draft anew, as things stand today."""
    services.redraft(scope, plan_id, words.terms())
    return done(".show", plan_id=plan_id)


@room.route("/<int:plan_id>/approve", allow=P.INSPECTION_APPROVE, methods=["GET", "POST"])
def approve(scope: Scope, plan_id: int) -> Any:
    """Somebody else approves."""
    return _noted(scope, plan_id, forms.NoteForm(), services.approve, "inspections/plans/approve.html")


@room.route("/<int:plan_id>/withdraw", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def withdraw(scope: Scope, plan_id: int) -> Any:
    """A draft is given up."""
    return _noted(scope, plan_id, forms.ReasonForm(), services.withdraw, "inspections/plans/withdraw.html")


@room.route("/<int:plan_id>/close", allow=P.INSPECTION_PLAN, methods=["GET", "POST"])
def close(scope: Scope, plan_id: int) -> Any:
    """A plan is over."""
    return _noted(scope, plan_id, forms.ReasonForm(), services.close, "inspections/plans/close.html")


def _noted(scope: Scope, plan_id: int, form: Any, act: Any, template: str) -> Any:
    plan = queries.plan(scope, plan_id)
    if form.validate_on_submit():
        with trying(form) as attempt:
            act(scope, plan_id, (form.note if "note" in form else form.reason).data)
        if attempt.ok:
            return done(".show", plan_id=plan_id)
    return page(template, form=form, plan=plan, words=words)


# ---- coverage and load --------------------------------------------------------------------------------------


@room.get("/coverage/", allow=P.INSPECTION_READ)
def coverage(scope: Scope) -> Any:
    """Every place with its year: planned, done, fewest and most."""
    asked = words.year_asked(request.args.get("year"))
    found = queries.coverage(scope, asked, words.terms(), calendar.today())
    bound = words.covered(found, asked, request.args, facilities.townships(scope))
    bound.load(db.session, queries.places_of_year(scope, asked))
    return page("inspections/plans/coverage.html", places=bound, tally=words.tally(found), year=asked, words=words)


@room.post("/coverage/export", allow=P.INSPECTION_READ)
def export_coverage(scope: Scope) -> Any:
    """The list of places with their year as a workbook, made by a Run."""
    asked = words.year_asked(request.form.get("year"))
    bound = words.covered([], asked, request.form, facilities.townships(scope))
    run = runs.enqueue(scope, "plans_coverage_export", query=bound.query, year=asked)
    return done("reporting.show_run", run_id=run.id)


@room.get("/load", allow=P.INSPECTION_READ)
def load(scope: Scope) -> Any:
    """How many visits each officer has, month by month."""
    asked, today = words.year_asked(request.args.get("year")), calendar.today()
    officers, counted = queries.inspectors(scope), queries.load(scope, asked)
    picture, rows = words.load_chart(officers, counted, asked), words.load_rows(officers, counted, today)
    shown = {"picture": picture, "rows": rows, "heads": words.month_heads(asked)}
    return page("inspections/plans/load.html", year=asked, words=words, **shown)
