"""The list of rectification orders, and an order's facts put into words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import jinja, words
from eldercare.core.access import P
from eldercare.core.audit import AuditEntry
from eldercare.core.listing import Badge, Choice, Column, DateRange, Listing, Search
from eldercare.core.web import can
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import Facility, Township
from eldercare.hazards.orders import queries
from eldercare.hazards.orders.models import STATE_WORDS, WAY_WORDS, OrderReceipt, RectificationOrder, Terms

PAPER_WORDS: dict[str, Any] = {"receipt": _l("Receipt of service"), "order": _l("Signed order"), "other": _l("Other paper")}
_SERVED = (("yes", _l("served")), ("no", _l("not served yet")))


def terms() -> Terms:
    """What the orders of this installation say."""
    return Terms.of(current_app.config)


def state_badge(order: RectificationOrder) -> Badge:
    """In force or withdrawn."""
    return Badge(STATE_WORDS[order.state], "active" if order.state == "issued" else "quiet")


def service_badge(order: RectificationOrder) -> Badge | None:
    """How it was served, or that it was not yet; nothing of a withdrawn one that never was."""
    served = order.service
    if served is not None:
        return Badge(WAY_WORDS[served.way], "good")
    return Badge(_l("not served yet"), "watch") if order.state == "issued" else None


def _where_served(answer: str) -> Any:
    return queries.is_served() if answer == "yes" else queries.live_unserved()


def _due(order: RectificationOrder) -> date | None:
    return order.first_due_on if order.items else None


ORDERS = Listing(
    name="orders",
    title=_l("Rectification orders"),
    ident=RectificationOrder.id,
    columns=(
        Column("number", _l("Number"), "number", sort=RectificationOrder.serial, width="narrow", detail="source_label"),
        Column("facility", _l("Facility"), "recipient", sort=RectificationOrder.recipient,
               detail=lambda row: township_words(row.facility.township)),
        Column("hazard_count", _l("Hazards in it"), "hazard_count", kind="number"),
        Column("issued_on", _l("Issued on"), "issued_on", kind="day", sort=RectificationOrder.issued_on),
        Column("first_due_on", _l("First deadline"), _due, kind="day"),
        Column("service", _l("Way of service"), service_badge, kind="badge"),
        Column("state", _l("State"), state_badge, kind="badge", sort=RectificationOrder.state),
    ),
    filters=(
        Search("q", _l("Number or facility"), where=queries.matching),
        Choice("state", _l("State"), choices=tuple(STATE_WORDS.items()), where=lambda each: RectificationOrder.state == each),
        Choice("served", _l("Served or not"), choices=_SERVED, where=_where_served),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        DateRange("issued", _l("Issued"), where=queries.issued, quiet=True),
        Choice("home", _l("Facility"), where=lambda home: RectificationOrder.facility_id == int(home), quiet=True),
    ),
    order=(RectificationOrder.issued_on.desc(), RectificationOrder.serial.desc()),
    json=("id", "number", "facility_code", "state", "issued_on", "hazard_count", "first_due_on"),
    empty_title=_l("No rectification order here"),
    empty_why=_l("Certified officers issue one for the hazards of a place; it then stands here with its receipt."),
)  # fmt: skip


def choices(townships: list[Township], homes: list[Facility]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {
        "township": [(each.code, township_words(each)) for each in townships],
        "home": [(str(each.id), each.name) for each in homes],
    }


def officer_words(officer: Mapping[str, Any]) -> str:
    """An officer as the order names one."""
    return _("%(name)s (certificate %(number)s)", name=officer["name"], number=officer["certificate_no"])


def key_facts(order: RectificationOrder) -> list[tuple[Any, Any]]:
    """The facts under the title."""
    return [
        (_("Addressed to"), order.recipient), (_("Issued in the name of"), order.organ),
        (_("Issued on"), jinja.day(order.issued_on)),
        (_("Officers"), _(", ").join(each["name"] for each in order.officers)),
    ]  # fmt: skip


def rule(basis: Mapping[str, str]) -> str:
    """A rule with its clause."""
    name = basis["zh"] if jinja.lang() == "zh" else basis["en"]
    return f"{name} {basis['clause']}".strip()


def receipt_facts(receipt: OrderReceipt) -> list[tuple[Any, Any]]:
    """What a receipt says; what does not apply is left out."""
    facts = (
        (_("Received by"), receipt.received_by), (_("Received at"), jinja.moment(receipt.received_at)),
        (_("Witness"), receipt.witness), (_("Consent to electronic service"), receipt.consent),
        (_("Number of the letter"), receipt.post_no), (_("Note"), receipt.note), (_("Entered by"), receipt.entered_by),
    )  # fmt: skip
    return [(label, value) for label, value in facts if value]


def next_acts(order: RectificationOrder, *, may_withdraw: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(buttons, behind "more"): what the signed-in person can do next."""
    if order.state != "issued":
        return [], []
    ids = {"order_id": order.id}
    first, more = [], []
    if can(P.HAZARD_REPLY, order) and all(each.way != "platform" for each in order.receipts):
        url = url_for("orders.confirm", **ids)
        first.append({"label": _("Confirm that you have it"), "url": url, "post": True, "primary": True})
    if can(P.HAZARD_ORDER, order):
        entry = {"label": _("Enter the receipt"), "url": url_for("orders.receipt", **ids)}
        (more if order.service else first).append(entry | {"primary": order.service is None})
    if can(P.HAZARD_ORDER, order) and may_withdraw:
        more.append({"label": _("Withdraw the order"), "url": url_for("orders.withdraw", **ids)})
    return first, more


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them: what the order says stands above."""
    told = words.told(entries)
    for each in told:
        each["changes"] = []
    return told
