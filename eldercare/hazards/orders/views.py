"""Rectification orders: list, record, issue, receipt, withdrawal."""

from typing import Any

from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _l

from eldercare.core import attachments, calendar, runs
from eldercare.core.access import P
from eldercare.core.acts import Act, leads_to, perform, values
from eldercare.core.db import db
from eldercare.core.enclosures import doors
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as facilities
from eldercare.hazards import listing as hazard_words
from eldercare.hazards.orders import forms, queries, services
from eldercare.hazards.orders import listing as words

room = Room("orders", __name__, url_prefix="/hazards/orders")


def _bound(scope: Scope, args: Any) -> Any:
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    return words.ORDERS.bind(args, path="/hazards/orders/", choices=words.choices(facilities.townships(scope), homes))


@room.get("/", allow=P.HAZARD_READ)
def index(scope: Scope) -> Any:
    """Orders within reach."""
    bound = _bound(scope, request.args).load(db.session, queries.orders(scope))
    return page("hazards/orders/index.html", orders=bound, me=queries.me(scope))


@room.post("/export", allow=P.HAZARD_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    return done("reporting.show_run", run_id=runs.enqueue(scope, "orders_export", query=_bound(scope, request.form).query).id)


@room.get("/<int:order_id>", allow=P.HAZARD_READ)
def show(scope: Scope, order_id: int) -> Any:
    """One order as it was issued, its receipts, and how its hazards stand."""
    order = queries.order(scope, order_id)
    first, more = words.next_acts(order, may_withdraw=services.may_withdraw(scope, order))
    return page(
        "hazards/orders/show.html", order=order, words=words, hazard_words=hazard_words, papers=attachments.of(scope, order),
        history=words.in_words(queries.history(scope, order_id)), next=first, more=more,
    )  # fmt: skip


# ---- issue ------------------------------------------------------------------------------------------


@room.route("/new", allow=P.HAZARD_ORDER, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Whose hazards are ordered: places where some wait for it."""
    here, form = queries.places(scope), forms.PlaceForm()
    form.facility_id.offer([(each.id, each.name) for each in here])
    if form.validate_on_submit():
        return done(".issue", facility_id=form.facility_id.data)
    if len(here) == 1:
        return redirect(url_for(".issue", facility_id=here[0].id), 303)
    return page("hazards/orders/new.html", form=form, places=here)


def _issue_form(scope: Scope, facility_id: int, me: Any) -> tuple[forms.IssueForm, list[Any]]:
    """The hazards that can be ordered here, those asked for ticked; who can sign beside the one who asks."""
    found = queries.to_order(scope, facility_id)
    wanted = request.args.getlist("hazard", type=int) or [each.id for each in found]
    form = forms.issue_form(found, hazards=wanted)
    form.second.offer([(each.id, each.name) for each in queries.signing_with(scope, me, facility_id)])
    return form, found


def _issue(scope: Scope, facility_id: int, me: Any, form: forms.IssueForm) -> Any:
    return services.issue(
        scope, facility_id, form.hazards.data or [], officers=(me.id, form.second.data), deadlines=hazard_words.deadlines(),
        terms=words.terms(), demands=forms.of_each(form, "demand"), due=forms.of_each(form, "due"),
        clauses=forms.of_each(form, "clause"), note=form.note.data or "",
    )  # fmt: skip


def _no_officer(facility: Any) -> Any:
    """Nobody but a certified officer issues an order; the page says so."""
    if request.method == "POST":
        raise Refused("order.not_certified")
    return page("hazards/orders/uncertified.html", facility=facility)


@room.route("/new/<int:facility_id>", allow=P.HAZARD_ORDER, methods=["GET", "POST"])
def issue(scope: Scope, facility_id: int) -> Any:
    """Choose the hazards, say what is demanded until when, sign with a second officer."""
    facility, me = facilities.facility(scope, facility_id), queries.me(scope)
    if me is None:
        return _no_officer(facility)
    form, found = _issue_form(scope, facility_id, me)
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = _issue(scope, facility_id, me, form)
        if attempt.ok:
            return done(".show", order_id=made.id)
        form, found = _again(scope, facility_id, form)
    shown = {"facility": facility, "found": found, "rules": queries.bases(scope, found), "me": me, "terms": words.terms()}
    return page("hazards/orders/issue.html", form=form, words=words, hazard_words=hazard_words, **shown)


def _again(scope: Scope, facility_id: int, form: forms.IssueForm) -> tuple[forms.IssueForm, list[Any]]:
    """The form as it was filled in, over the hazards as they are now."""
    return form, [each for each in queries.to_order(scope, facility_id) if f"demand_{each.id}" in form]


# ---- receipt and withdrawal -------------------------------------------------------------------------

RECEIPT = Act(
    _l("Enter the receipt of service"), _l("Enter the receipt"),
    lambda _scope, _row: forms.ReceiptForm(received_at=calendar.now()),
    lambda scope, number, form: services.enter_receipt(scope, number, **values(form)),
    _l("It is kept as it is entered. A photo or scan of the signed paper belongs to it."),
)  # fmt: skip
WITHDRAW = Act(
    _l("Withdraw the order"), _l("Withdraw it"), lambda _scope, _row: forms.ReasonForm(),
    lambda scope, number, form: services.withdraw(scope, number, form.reason.data),
    _l("It stays in sight with the reason. Its hazards that are not answered yet wait for an officer again."),
    danger=True, possible=leads_to("withdrawn"),
)  # fmt: skip


def _act(scope: Scope, act: Act, order_id: int) -> Any:
    return perform(scope, act, queries.order, "hazards/orders/act.html", ".show", order_id=order_id)


@room.post("/<int:order_id>/confirm", allow=P.HAZARD_REPLY)
def confirm(scope: Scope, order_id: int) -> Any:
    """The place has it."""
    services.confirm(scope, order_id)
    return done(".show", order_id=order_id)


@room.route("/<int:order_id>/receipt", allow=P.HAZARD_ORDER, methods=["GET", "POST"])
def receipt(scope: Scope, order_id: int) -> Any:
    """How, to whom and when it was served."""
    return _act(scope, RECEIPT, order_id)


@room.route("/<int:order_id>/withdraw", allow=P.HAZARD_ORDER, methods=["GET", "POST"])
def withdraw(scope: Scope, order_id: int) -> Any:
    """It is void, visibly."""
    return _act(scope, WITHDRAW, order_id)


doors(
    room, "/<int:order_id>/papers", find=queries.order, kinds=words.PAPER_WORDS, read=P.HAZARD_READ, edit=P.HAZARD_ORDER,
    back="show", anchor="papers", label=lambda order: order.number, is_over=lambda order: order.state != "issued",
)  # fmt: skip
