"""Points and credit classes: places, the ledger, announcing, objecting, deciding, the rules."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from eldercare.core import attachments, calendar, runs
from eldercare.core.access import P
from eldercare.core.acts import Act, leads_to, perform
from eldercare.core.db import db
from eldercare.core.enclosures import doors
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as facilities
from eldercare.hazards.credit import forms, queries, services
from eldercare.hazards.credit import listing as words

room = Room("credit", __name__, url_prefix="/hazards/credit")


def _choices(scope: Scope) -> dict[str, Any]:
    return words.choices(facilities.townships(scope), list(db.session.scalars(facilities.facilities(scope, gone=False))))


def _places(scope: Scope, args: Any) -> Any:
    found = queries.standings(scope, calendar.today(), words.terms())
    bound = words.places(found).bind(args, path="/hazards/credit/", choices=words.choices(facilities.townships(scope), []))
    bound.load(db.session(), queries.homes(scope))
    known = {each.id: each for each in found}
    bound.rows = [known[each.id] for each in bound.rows]
    return bound


def _ledger(scope: Scope, args: Any) -> Any:
    return words.LEDGER.bind(args, path="/hazards/credit/entries/", choices=_choices(scope))


@room.get("/", allow=P.HAZARD_READ)
def index(scope: Scope) -> Any:
    """The places with a class, what the rule proposes, and their points."""
    return page("hazards/credit/index.html", places=_places(scope, request.args), meanings=queries.classes(scope), words=words)


@room.get("/entries/", allow=P.HAZARD_READ)
def entries(scope: Scope) -> Any:
    """The ledger of points."""
    return page("hazards/credit/entries.html", entries=_ledger(scope, request.args).load(db.session, queries.entries(scope)))


@room.post("/export", allow=P.HAZARD_READ)
def export(scope: Scope) -> Any:
    """The places as a workbook, made by a Run."""
    run = runs.enqueue(scope, "credit_export", what="classes", query=_places(scope, request.form).query)
    return done("reporting.show_run", run_id=run.id)


@room.post("/entries/export", allow=P.HAZARD_READ)
def export_entries(scope: Scope) -> Any:
    """The ledger as a workbook, made by a Run."""
    run = runs.enqueue(scope, "credit_export", what="entries", query=_ledger(scope, request.form).query)
    return done("reporting.show_run", run_id=run.id)


@room.post("/update", allow=P.CREDIT_EDIT)
def update(scope: Scope) -> Any:
    """Bring the ledger up to date, by a Run."""
    return done("reporting.show_run", run_id=runs.enqueue(scope, "credit_update").id)


@room.get("/<int:facility_id>", allow=P.HAZARD_READ)
def show(scope: Scope, facility_id: int) -> Any:
    """One place: its class with the rule's reasons, its ledger, its changes, facts recorded by hand."""
    home, today, terms = facilities.facility(scope, facility_id), calendar.today(), words.terms()
    standing = queries.standing(scope, facility_id, today, terms)
    year = standing.points_year if standing else queries.points(scope, today.replace(month=1, day=1), today).get(facility_id, 0)
    changes, records = queries.changes_of(scope, facility_id), queries.records(scope, facility_id)
    return page(
        "hazards/credit/show.html", home=home, standing=standing, year=year, entries=queries.latest(scope, facility_id),
        changes=changes, records=records, terms=terms, words=words,
    )  # fmt: skip


@room.get("/of-facility/<int:facility_id>", allow=P.HAZARD_READ)
def of_facility(scope: Scope, facility_id: int) -> Any:
    """The part of a place's record that tells its class and points."""
    home = facilities.facility(scope, facility_id)
    standing = queries.standing(scope, home.id, calendar.today(), words.terms())
    return page("hazards/credit/_of_facility.html", home=home, standing=standing, words=words)


@room.post("/<int:facility_id>/update", allow=P.CREDIT_EDIT)
def update_one(scope: Scope, facility_id: int) -> Any:
    """Bring one place's ledger up to date at once."""
    facilities.facility(scope, facility_id)
    services.bring_up_to_date(scope, calendar.today(), words.terms(), facility_id)
    return done(".show", facility_id=facility_id)


@room.get("/entries/<int:deduction_id>", allow=P.HAZARD_READ)
def entry(scope: Scope, deduction_id: int) -> Any:
    """One deduction: the fact, the rule, whether it counts."""
    found = queries.entry(scope, deduction_id)
    history = words.in_words(queries.entry_history(scope, deduction_id))
    return page("hazards/credit/entry.html", entry=found, rule=queries.rule(scope, found.rule_id), history=history, words=words)


CANCEL = Act(
    _l("Cancel a deduction"),
    _l("Cancel the deduction"),
    lambda _scope, _row: forms.CancelForm(),
    lambda scope, row_id, form: services.cancel(scope, row_id, form.reason.data),
    danger=True,
)
RECORD = Act(
    _l("Record a fact"),
    _l("Record the fact"),
    lambda _scope, _row: forms.RecordForm(),
    lambda scope, row_id, form: services.record(
        scope, row_id, {name: form[name].data for name in ("kind", "happened_on", "document_no", "description")}, words.terms()
    ),
    why=_l("What no part of the platform brings forth by itself. It is counted at once."),
)
WITHDRAW = Act(
    _l("Withdraw a recorded fact"),
    _l("Withdraw the fact"),
    lambda _scope, _row: forms.WithdrawForm(),
    lambda scope, row_id, form: services.withdraw(scope, row_id, form.reason.data, words.terms()),
    danger=True,
)
ANNOUNCE = Act(
    _l("Announce a change of class"),
    _l("Announce the change"),
    lambda _scope, row: forms.AnnounceForm().but(row.credit_class),
    lambda scope, row_id, form: services.announce(scope, row_id, form.new_class.data, form.reason.data, words.terms()),
)
OBJECT = Act(
    _l("Object to a change of class"),
    _l("State the objection"),
    lambda _scope, _row: forms.ObjectionForm(),
    lambda scope, row_id, form: services.objection(scope, row_id, form.objection.data),
    possible=lambda row: row.state == "announced" and row.objected_at is None,
)
DECIDE = Act(
    _l("Decide on a change of class"),
    _l("Decide"),
    lambda _scope, _row: forms.DecideForm(),
    lambda scope, row_id, form: services.decide(scope, row_id, form.decision.data, carry_out=form.carry_out.data == "yes"),
    possible=leads_to("effective"),
)


@room.route("/entries/<int:deduction_id>/cancel", allow=P.CREDIT_EDIT, methods=["GET", "POST"])
def cancel(scope: Scope, deduction_id: int) -> Any:
    """A deduction that does not stand."""
    return perform(scope, CANCEL, queries.entry, "hazards/credit/act_entry.html", ".entry", deduction_id=deduction_id)


@room.route("/<int:facility_id>/record", allow=P.CREDIT_EDIT, methods=["GET", "POST"])
def record(scope: Scope, facility_id: int) -> Any:
    """A fact recorded by hand."""
    return perform(scope, RECORD, facilities.facility, "hazards/credit/act_place.html", ".show", facility_id=facility_id)


@room.get("/records/<int:record_id>", allow=P.HAZARD_READ)
def show_record(scope: Scope, record_id: int) -> Any:
    """One fact recorded by hand, with its papers."""
    found = queries.record(scope, record_id)
    home, papers = facilities.facility(scope, found.facility_id), attachments.of(scope, found)
    return page("hazards/credit/record.html", record=found, home=home, papers=papers, words=words)


@room.route("/records/<int:record_id>/withdraw", allow=P.CREDIT_EDIT, methods=["GET", "POST"])
def withdraw(scope: Scope, record_id: int) -> Any:
    """A recorded fact that does not hold."""
    return perform(scope, WITHDRAW, queries.record, "hazards/credit/act_record.html", ".show_record", record_id=record_id)


@room.route("/<int:facility_id>/announce", allow=P.CREDIT_EDIT, methods=["GET", "POST"])
def announce(scope: Scope, facility_id: int) -> Any:
    """A change of class, with the rule's reasons beside the form."""
    home, form = facilities.facility(scope, facility_id), ANNOUNCE.form(scope, facilities.facility(scope, facility_id))
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = services.announce(scope, facility_id, form.new_class.data, form.reason.data, words.terms())
        if attempt.ok:
            return done(".change", change_id=made.id)
    standing = queries.standing(scope, facility_id, calendar.today(), words.terms())
    return page("hazards/credit/announce.html", form=form, home=home, standing=standing, act=ANNOUNCE, words=words)


@room.get("/changes/<int:change_id>", allow=P.HAZARD_READ)
def change(scope: Scope, change_id: int) -> Any:
    """One change of class: reasons, evidence, the home's objection, the decision."""
    found = queries.change(scope, change_id)
    history, papers = words.in_words(queries.history(scope, change_id)), attachments.of(scope, found)
    evidence = queries.evidence(scope, found)
    return page("hazards/credit/change.html", change=found, evidence=evidence, papers=papers, history=history, words=words)


@room.route("/changes/<int:change_id>/object", allow=P.HAZARD_REPLY, methods=["GET", "POST"])
def objection(scope: Scope, change_id: int) -> Any:
    """What the home says against it."""
    return perform(scope, OBJECT, queries.change, "hazards/credit/act_change.html", ".change", change_id=change_id)


@room.route("/changes/<int:change_id>/decide", allow=P.CREDIT_EDIT, methods=["GET", "POST"])
def decide(scope: Scope, change_id: int) -> Any:
    """Carried out or not."""
    return perform(scope, DECIDE, queries.change, "hazards/credit/act_change.html", ".change", change_id=change_id)


@room.get("/rules", allow=P.HAZARD_READ)
def rules(scope: Scope) -> Any:
    """What each fact costs, what each class means."""
    return page(
        "hazards/credit/rules.html",
        lines=words.rule_lines(scope),
        meanings=queries.classes(scope),
        terms=words.terms(),
        words=words,
    )


@room.route("/rules/<int:rule_id>/change", allow=P.CREDIT_EDIT, methods=["GET", "POST"])
def change_rule(scope: Scope, rule_id: int) -> Any:
    """What a kind of fact costs from a day on."""
    row, form = queries.rule(scope, rule_id), forms.rule_form(queries.rule(scope, rule_id))
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.set_rule(scope, row.line, forms.values(form, forms.RULE))
        if attempt.ok:
            return done(".rules")
    return page("hazards/credit/rule.html", form=form, title=words.fact_words(row.kind, row.variant), item=row.item_code)


@room.route("/rules/new", allow=P.CREDIT_EDIT, methods=["GET", "POST"])
def new_rule(scope: Scope) -> Any:
    """What a fault at one item of a checklist costs."""
    form = forms.item_form([(name, words.kind_words(name)) for name in words.OF_ITEMS])
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.set_rule(scope, (form.kind.data, "", form.item_code.data), forms.values(form, forms.RULE))
        if attempt.ok:
            return done(".rules")
    return page("hazards/credit/rule.html", form=form, title=None, item="")


@room.route("/classes/<int:class_id>/change", allow=P.CREDIT_EDIT, methods=["GET", "POST"])
def change_class(scope: Scope, class_id: int) -> Any:
    """What a class means from a day on."""
    row, form = queries.meaning(scope, class_id), forms.class_form(queries.meaning(scope, class_id))
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.set_class(scope, row.letter, forms.values(form, forms.CLASS))
        if attempt.ok:
            return done(".rules")
    return page("hazards/credit/meaning.html", form=form, letter=row.letter)


doors(
    room,
    "/changes/<int:change_id>/papers",
    find=queries.change,
    kinds=words.PAPER_WORDS,
    read=P.HAZARD_READ,
    edit=P.HAZARD_REPLY,
    back="change",
    anchor="papers",
    label=lambda change_: change_.facility.name,
    is_over=lambda change_: change_.state != "announced",
)
doors(
    room,
    "/records/<int:record_id>/papers",
    find=queries.record,
    kinds=words.RECORD_PAPER_WORDS,
    read=P.HAZARD_READ,
    edit=P.CREDIT_EDIT,
    back="show_record",
    anchor="papers",
    label=lambda record_: record_.document_no or f"#{record_.id}",
    prefix="record_",
    is_over=lambda record_: record_.withdrawn_at is not None,
)
doors(
    room,
    "/changes/<int:change_id>/decision",
    find=queries.change,
    kinds=words.DECISION_WORDS,
    read=P.HAZARD_READ,
    edit=P.CREDIT_EDIT,
    back="change",
    anchor="papers",
    label=lambda change_: change_.facility.name,
    prefix="decision_",
)
