"""Rectification orders and their receipts. What one holds: domain.md §5.4; two officers: §5.3 (1)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of
from eldercare.hazards.models import SEVERITY_WORDS, Hazard

STATE_WORDS: dict[str, Any] = {"issued": _l("Valid"), "withdrawn": _l("Withdrawn")}
# ways of service; "platform" is no service: the place says on the platform that it has the order
WAY_WORDS: dict[str, Any] = {
    "in_person": _l("Handed over in person"), "left": _l("Left at the place"), "post": _l("By post"),
    "electronic": _l("Electronically, with consent"), "platform": _l("Seen on the platform"),
}  # fmt: skip
SERVICE = ("in_person", "left", "post", "electronic")


@dataclass(frozen=True)
class Terms:
    """What an order says beside its hazards: settings, kept in the order as they were on its day.

    number: a pattern with {year} and {serial}. basis: the rule named where a hazard comes from no item of a list.
    """

    number: str
    organ: str
    basis: str
    consequence: str
    remedies: str

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        return cls(*(config[f"ORDER_{name}"] for name in ("NUMBER", "ORGAN", "BASIS", "CONSEQUENCE", "REMEDIES")))


class RectificationOrder(Audited, Scoped, Stateful, Base):
    """责令限期整改通知书: fixed once issued; only its withdrawal is written on it, its receipts stand beside.

    `officers`: both as they were on the day, [{"id", "name", "certificate_no", "valid_to"}].
    """

    __tablename__ = "rectification_orders"
    AUDIT_NOUN = "rectification_order"
    MOVES: ClassVar[Any] = {("issued", "withdrawn"): "rectification_order.withdrawn"}
    __table_args__ = (
        place_key("rectification_orders"),
        one_of("state", tuple(STATE_WORDS)),
        CheckConstraint("officer_a_id <> officer_b_id", name="two_officers"),
        CheckConstraint("serial > 0 AND hazard_count > 0", name="serial"),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (state = 'withdrawn') = (withdrawn_reason IS NOT NULL)",
            name="withdrawn",
        ),
        UniqueConstraint("year", "serial"),
        UniqueConstraint("number"),
        UniqueConstraint("id", "facility_id"),
        Index("rectification_orders_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str]
    state: Mapped[str] = mapped_column(default="issued", index=True)
    issued_on: Mapped[date] = mapped_column(index=True)
    issued_at: Mapped[datetime] = mapped_column(default=calendar.now)
    issued_by: Mapped[str]
    issued_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    organ: Mapped[str]
    recipient: Mapped[str]  # the place's name on the day
    address: Mapped[str] = mapped_column(default="")
    head: Mapped[str] = mapped_column(default="", info={"mask": "hide"})  # who answers for it
    source_label: Mapped[str] = mapped_column(default="")  # the visit it comes from
    source_path: Mapped[str] = mapped_column(default="")
    hazard_count: Mapped[int] = mapped_column(info={"silent": True})  # how many it holds: none can be put in later
    officer_a_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    officer_b_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    officers: Mapped[list[Any]] = mapped_column(info={"silent": True})
    consequence: Mapped[str] = mapped_column(info={"silent": True})
    remedies: Mapped[str] = mapped_column(info={"silent": True})
    note: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    withdrawn_by: Mapped[str | None]
    withdrawn_reason: Mapped[str | None]
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(RectificationOrder.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )
    items: Mapped[list["OrderItem"]] = relationship(lazy="raise_on_sql", order_by="OrderItem.position")
    receipts: Mapped[list["OrderReceipt"]] = relationship(lazy="raise_on_sql", order_by="OrderReceipt.id")

    @property
    def facility_code(self) -> str:
        """The register code of its facility."""
        return self.facility.code

    @property
    def service(self) -> "OrderReceipt | None":
        """The first receipt that is one of service."""
        return next((each for each in self.receipts if each.way in SERVICE), None)

    @property
    def first_due_on(self) -> date:
        """The first deadline it sets."""
        return min(each.due_on for each in self.items)


class OrderItem(Scoped, Base):
    """One hazard as the order says it, whatever becomes of the hazard: fixed as the order is.

    basis: [{"zh", "en", "clause"}], what it breaks; never empty.
    """

    __tablename__ = "rectification_order_items"
    __table_args__ = (
        place_key("rectification_order_items"),
        ForeignKeyConstraint(
            ["order_id", "facility_id"], ["rectification_orders.id", "rectification_orders.facility_id"],
            name="rectification_order_items_of_fkey",
        ),
        ForeignKeyConstraint(
            ["hazard_id", "facility_id"], ["hazards.id", "hazards.facility_id"], name="rectification_order_items_hazard_fkey"
        ),
        one_of("severity", tuple(SEVERITY_WORDS)),
        CheckConstraint("jsonb_array_length(basis) > 0", name="basis"),
        CheckConstraint("demand <> ''", name="demand"),
        UniqueConstraint("order_id", "position"),
        UniqueConstraint("order_id", "hazard_id"),
        # a hazard stands in one order that is in force
        Index("rectification_order_items_once_key", "hazard_id", unique=True, postgresql_where=text("withdrawn_at IS NULL")),
        Index("rectification_order_items_place_idx", "facility_id", "township_id"),
        Index("rectification_order_items_of_idx", "order_id", "facility_id"),
        Index("rectification_order_items_hazard_idx", "hazard_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    order_id: Mapped[int] = mapped_column(BigInteger)
    hazard_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int]
    severity: Mapped[str]
    hazard_code: Mapped[str | None]
    item_code: Mapped[str | None]
    description: Mapped[str]
    place_note: Mapped[str] = mapped_column(default="")
    basis: Mapped[list[Any]]
    demand: Mapped[str]
    due_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
    hazard: Mapped[Hazard] = relationship(
        primaryjoin="foreign(OrderItem.hazard_id) == Hazard.id", viewonly=True, lazy="raise_on_sql"
    )


class OrderReceipt(Audited, Scoped, Base):
    """送达回证: how, to whom and when an order was served; kept as it was entered. A scan hangs on the order."""

    __tablename__ = "rectification_receipts"
    AUDIT_NOUN = "rectification_receipt"
    __table_args__ = (
        place_key("rectification_receipts"),
        ForeignKeyConstraint(
            ["order_id", "facility_id"], ["rectification_orders.id", "rectification_orders.facility_id"],
            name="rectification_receipts_of_fkey",
        ),
        one_of("way", tuple(WAY_WORDS)),
        CheckConstraint("way <> 'left' OR witness IS NOT NULL", name="witness"),
        CheckConstraint("way <> 'electronic' OR consent IS NOT NULL", name="consent"),
        CheckConstraint("way <> 'post' OR post_no IS NOT NULL", name="post_no"),
        CheckConstraint("received_at <= entered_at", name="times"),
        Index(
            "rectification_receipts_platform_key", "order_id", unique=True, postgresql_where=text("way = 'platform'")
        ),
        Index("rectification_receipts_place_idx", "facility_id", "township_id"),
        Index("rectification_receipts_of_idx", "order_id", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    order_id: Mapped[int] = mapped_column(BigInteger)
    way: Mapped[str]
    received_by: Mapped[str]  # who took it, and their post
    received_at: Mapped[datetime]
    witness: Mapped[str | None]  # who saw that it was left
    consent: Mapped[str | None]  # where the place agreed to electronic service
    post_no: Mapped[str | None]
    note: Mapped[str | None]
    entered_at: Mapped[datetime] = mapped_column(default=calendar.now)
    entered_by: Mapped[str]
    entered_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})


alerts.kind(
    alerts.Kind(
        "order.issued", _l("%(home)s: order %(number)s with %(count)s hazards; confirm that you have it"), P.HAZARD_REPLY,
        "orders.show", "order_id", title=_l("rectification orders to confirm"), by_mail=True,
    )
)  # fmt: skip
alerts.kind(
    alerts.Kind(
        "order.to_serve", _l("%(home)s: serve order %(number)s and enter the receipt"), P.HAZARD_ORDER, "orders.show", "order_id",
        title=_l("rectification orders to serve"),
    )
)  # fmt: skip
alerts.kind(
    alerts.Kind(
        "order.withdrawn", _l("%(home)s: order %(number)s was withdrawn"), P.HAZARD_REPLY, "orders.show", "order_id",
        is_todo=False, by_mail=True,
    )
)  # fmt: skip

LABELS: dict[str, Any] = {
    "year": _l("Year"), "serial": _l("No."), "number": _l("Number"), "state": _l("State"), "issued_on": _l("Issued on"),
    "issued_at": _l("Issued at"), "issued_by": _l("Issued by"), "organ": _l("Issued in the name of"),
    "recipient": _l("Addressed to"), "address": _l("Address"), "head": _l("Person in charge"),
    "source_label": _l("From the visit"), "source_path": _l("Address"),
    "officer_a_id": _l("First officer"), "officer_b_id": _l("Second officer"), "note": _l("Note"),
    "withdrawn_by": _l("Withdrawn by"), "withdrawn_reason": _l("Why it is withdrawn"), "facility_id": _l("Facility"),
    "order_id": _l("Rectification order"), "way": _l("Way of service"), "received_by": _l("Received by"),
    "received_at": _l("Received at"), "witness": _l("Witness"), "consent": _l("Consent to electronic service"),
    "post_no": _l("Number of the letter"), "entered_at": _l("Entered at"), "entered_by": _l("Entered by"), "reason": _l("Reason"),
    "hazards": _l("Hazards"),
}  # fmt: skip
words.name(
    "rectification_order", _l("rectification order"), columns=LABELS, values={"state": STATE_WORDS},
    actions={
        "rectification_order.issued": _l("Rectification order issued"),
        "rectification_order.withdrawn": _l("Rectification order withdrawn"),
        "rectification_order.exported": _l("List of rectification orders exported"),
    },
)  # fmt: skip
words.name(
    "rectification_receipt", _l("receipt of a rectification order"), columns=LABELS, values={"way": WAY_WORDS},
    actions={"rectification_receipt.entered": _l("Receipt entered")},
)  # fmt: skip

catalogue(
    {
        "order.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "order.two_officers": (422, _l("An order is signed by two different officers. Choose another second one.")),
        "order.not_signing": (
            403, _l("An order is issued by one of the two officers who sign it. Name yourself as one of them."),
        ),
        "order.not_certified": (
            409, _l("Only an officer whose enforcement certificate is valid today issues a rectification order."),
        ),
        "order.officer_avoids": (409, _l("%(name)s avoids this place (%(ground)s). Choose another officer.")),
        "order.nothing": (422, _l("Choose at least one hazard.")),
        "order.hazard_elsewhere": (422, _l("One of the hazards lies at another place. An order is for one place.")),
        "order.hazard_ordered": (409, _l("Hazard %(number)s stands in an order already. Open that order instead.")),
        "order.hazard_over": (409, _l("Hazard %(number)s has been answered or closed. Leave it out.")),
        "order.hazard_late": (
            409,
            _l("Hazard %(number)s was due on %(day)s. Leave it out; what follows is a step of escalation on its page."),
        ),
        "order.hazard_twice": (409, _l("One of these hazards has just been put into another order. Open the page again.")),
        "order.demand_missing": (422, _l("Say for hazard %(number)s what is demanded.")),
        "order.basis_missing": (422, _l("Name for each hazard the rule it breaks.")),
        "order.number_taken": (409, _l("Another order has just taken this number. Issue it again.")),
        "order.taken": (409, _l("This order exists already. Open the list again.")),
        "order.fixed": (409, _l("An issued order never changes. Withdraw it with a reason and issue another one.")),
        "order.withdrawn_half": (422, _l("Say why the order is withdrawn.")),
        "order.may_not_withdraw": (
            403, _l("An order is withdrawn by a certified officer, or by the district that supervises. Ask one of them."),
        ),
        "order.is_withdrawn": (409, _l("This order has been withdrawn.")),
        "order.witness_missing": (422, _l("Name the witness, or the video, of an order that was left at the place.")),
        "order.consent_missing": (422, _l("Say where the place agreed to electronic service.")),
        "order.post_no_missing": (422, _l("Enter the number of the registered letter.")),
        "order.received_early": (422, _l("It cannot have been received before it was issued (%(at)s).")),
        "order.times_wrong": (422, _l("This time lies in the future. Check it.")),
        "order.confirmed_already": (409, _l("The place has confirmed already that it has this order.")),
    },
    {
        "rectification_orders_state_check": "order.word_unknown",
        "rectification_orders_two_officers_check": "order.two_officers",
        "rectification_orders_serial_check": "order.number_taken",
        "rectification_orders_withdrawn_check": "order.withdrawn_half",
        "rectification_orders_year_serial_key": "order.number_taken",
        "rectification_orders_number_key": "order.number_taken",
        "rectification_orders_id_facility_id_key": "order.taken",
        "rectification_orders_fixed": "order.fixed",
        "rectification_order_items_severity_check": "order.word_unknown",
        "rectification_order_items_basis_check": "order.basis_missing",
        "rectification_order_items_demand_check": "order.demand_missing",
        "rectification_order_items_order_id_position_key": "order.hazard_twice",
        "rectification_order_items_order_id_hazard_id_key": "order.hazard_twice",
        "rectification_order_items_once_key": "order.hazard_twice",
        "rectification_receipts_way_check": "order.word_unknown",
        "rectification_receipts_witness_check": "order.witness_missing",
        "rectification_receipts_consent_check": "order.consent_missing",
        "rectification_receipts_post_no_check": "order.post_no_missing",
        "rectification_receipts_times_check": "order.times_wrong",
        "rectification_receipts_platform_key": "order.confirmed_already",
    },
)
