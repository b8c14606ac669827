"""Hazards and what was answered to them. States, deadlines and flags: domain.md §5.4."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of

SEVERITY_WORDS: dict[str, Any] = {
    "general": _l("General hazard"),
    "serious": _l("Serious hazard"),
    "major": _l("Major accident hazard"),
}
STATE_WORDS: dict[str, Any] = {
    "issued": _l("Ordered"),
    "received": _l("Received"),
    "in_progress": _l("Being put right"),
    "replied": _l("Waits for recheck"),
    "recheck_passed": _l("Recheck passed"),
    "recheck_failed": _l("Recheck failed"),
    "closed": _l("Signed off"),
}
OPEN = ("issued", "received", "in_progress", "replied", "recheck_passed", "recheck_failed")
TO_PUT_RIGHT = ("issued", "received", "in_progress", "recheck_failed")  # the home's turn
RIGHT = ("recheck_passed", "closed")


@dataclass(frozen=True)
class Deadlines:
    """Days to put a hazard right, from the order on; settings, since none of them was read in a source (§5.4 [P])."""

    general: int
    serious: int
    serious_most: int
    major: int
    recheck: int  # working days after the reply
    escalate: int  # days overdue after which the district is told
    extend_factor: int  # the farthest deadline in usual ones; serious hazards have their own
    holidays: frozenset[str] = frozenset()
    makeup_days: frozenset[str] = frozenset()

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        names = ("DAYS_GENERAL", "DAYS_SERIOUS", "DAYS_SERIOUS_MOST", "DAYS_MAJOR", "RECHECK_WORKING_DAYS", "ESCALATE_DAYS",
                 "EXTEND_FACTOR")  # fmt: skip
        days = (config[name] for name in ("HOLIDAYS", "MAKEUP_DAYS"))
        return cls(*(config[f"HAZARD_{name}"] for name in names), *map(calendar.days_in, days))

    def recheck_by(self, day: date) -> datetime:
        """The last moment for the recheck of a reply given on a day."""
        return calendar.at(calendar.working_day(day, self.recheck, self.holidays, self.makeup_days), 23, 59)

    def due(self, severity: str, day: date) -> date:
        """The usual deadline of an order given on a day."""
        return day + timedelta({"general": self.general, "serious": self.serious, "major": self.major}[severity])

    def last(self, severity: str, day: date) -> date:
        """The farthest deadline an order or its extension may set: some times the usual days; serious ones have their own."""
        times = self.extend_factor
        usual: dict[str, int] = {"general": times * self.general, "serious": self.serious_most, "major": times * self.major}
        return day + timedelta(usual[severity])


class Hazard(Audited, Scoped, Stateful, Base):
    """隐患: what must be put right at a place until when; `source_*` is the label of what ordered it."""

    __tablename__ = "hazards"
    AUDIT_NOUN = "hazard"
    MOVES: ClassVar[Any] = {
        ("issued", "received"): "hazard.received",
        ("received", "in_progress"): "hazard.begun",
        ("in_progress", "replied"): "hazard.replied",
        ("recheck_failed", "replied"): "hazard.replied",
        ("replied", "recheck_passed"): "hazard.recheck_passed",
        ("replied", "recheck_failed"): "hazard.recheck_failed",
        ("recheck_passed", "closed"): "hazard.closed",
    }
    __table_args__ = (
        place_key("hazards"),
        one_of("severity", tuple(SEVERITY_WORDS)),
        one_of("state", tuple(STATE_WORDS)),
        CheckConstraint("due_on >= issued_on", name="dates"),
        CheckConstraint("(extended_at IS NULL) = (first_due_on IS NULL)", name="extended"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        UniqueConstraint("number"),
        UniqueConstraint("id", "facility_id"),
        # one order for one thing that asks for it
        UniqueConstraint("source_kind", "source_id"),
        Index("hazards_place_idx", "facility_id", "township_id"),
        Index("hazards_due_idx", "due_on", postgresql_where="state <> 'closed'"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    number: Mapped[str]
    source_kind: Mapped[str]  # "incident_action", "inspection_finding", …: whatever ordered it
    source_id: Mapped[int] = mapped_column(BigInteger)
    source_label: Mapped[str]  # what a person reads: the number of the incident
    source_path: Mapped[str]  # where it stands, below the site's root
    severity: Mapped[str] = mapped_column(index=True)
    description: Mapped[str]
    demand: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="issued", index=True)
    issued_on: Mapped[date]
    issued_by: Mapped[str]
    issued_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    due_on: Mapped[date]
    first_due_on: Mapped[date | None]  # the deadline before it was extended
    extended_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    extend_reason: Mapped[str | None]
    escalated_at: Mapped[datetime | None]
    right_on: Mapped[date | None]  # the day of the reply that passed its recheck
    closed_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    replies: Mapped[list["HazardReply"]] = relationship(lazy="raise_on_sql", order_by="HazardReply.seq")
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(Hazard.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )

    def days_overdue(self, day: date) -> int:
        """Days past the deadline, counted from the day after it; they stop at the reply only if its recheck passed (§5.4)."""
        return max(((self.right_on or day) - self.due_on).days, 0)

    @property
    def overdue_days(self) -> int:
        """The same as of today."""
        return self.days_overdue(calendar.today())

    @property
    def facility_code(self) -> str:
        """The register code of its facility."""
        return self.facility.code

    @property
    def flags(self) -> list[str]:
        """overdue, extended, escalated: what holds today."""
        late = self.overdue_days > 0
        found = (("overdue", late), ("extended", self.extended_at), ("escalated", self.escalated_at))
        return [name for name, holds in found if holds]


class HazardReply(Audited, Scoped, Base):
    """整改回复: what the place says it did, and what the recheck found; whoever replied does not recheck."""

    __tablename__ = "hazard_replies"
    AUDIT_NOUN = "hazard_reply"
    __table_args__ = (
        place_key("hazard_replies"),
        one_of("result", ("passed", "failed")),
        CheckConstraint("rechecked_by_id IS NULL OR rechecked_by_id <> replied_by_id", name="someone_else"),
        CheckConstraint("(result IS NULL) = (rechecked_at IS NULL)", name="rechecked"),
        UniqueConstraint("hazard_id", "seq"),
        Index("hazard_replies_open_key", "hazard_id", unique=True, postgresql_where="result IS NULL"),
        Index("hazard_replies_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"))
    seq: Mapped[int]
    measures: Mapped[str]
    replied_at: Mapped[datetime] = mapped_column(default=calendar.now)
    replied_by: Mapped[str]
    replied_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    result: Mapped[str | None]
    findings: Mapped[str | None]
    rechecked_at: Mapped[datetime | None]
    rechecked_by: Mapped[str | None]
    rechecked_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})


alerts.kind(
    alerts.Kind(
        "hazard.issued",
        _l("%(home)s: receive and put right hazard %(number)s"),
        P.HAZARD_REPLY,
        "hazards.show",
        "hazard_id",
        title=_l("hazards to receive and put right"),
        by_mail=True,
    )
)
alerts.kind(
    alerts.Kind(
        "hazard.replied",
        _l("%(home)s replied to hazard %(number)s: recheck it"),
        P.HAZARD_RECHECK,
        "hazards.show",
        "hazard_id",
        title=_l("hazards to recheck"),
    )
)
alerts.kind(
    alerts.Kind(
        "hazard.failed",
        _l("%(home)s: hazard %(number)s did not pass its recheck"),
        P.HAZARD_REPLY,
        "hazards.show",
        "hazard_id",
        title=_l("hazards did not pass their recheck"),
        tone="bad",
        by_mail=True,
    )
)
alerts.kind(
    alerts.Kind(
        "hazard.overdue",
        _l("%(home)s: hazard %(number)s is overdue"),
        P.HAZARD_READ,
        "hazards.show",
        "hazard_id",
        title=_l("hazards are overdue"),
        tone="bad",
        by_mail=True,
    )
)
alerts.kind(
    alerts.Kind(
        "hazard.escalated",
        _l("%(home)s: hazard %(number)s stays overdue; call the home to account"),
        P.HAZARD_ORDER,
        "hazards.show",
        "hazard_id",
        title=_l("hazards stay overdue: call the home to account"),
        tone="bad",
        by_mail=True,
    )
)

LABELS: dict[str, Any] = {
    "number": _l("Number"),
    "severity": _l("Severity"),
    "description": _l("What is wrong"),
    "demand": _l("What is demanded"),
    "state": _l("State"),
    "issued_on": _l("Ordered on"),
    "issued_by": _l("Ordered by"),
    "due_on": _l("Deadline"),
    "first_due_on": _l("Deadline at first"),
    "extend_reason": _l("Reason"),
    "escalated_at": _l("Escalated at"),
    "right_on": _l("Put right on"),
    "source_label": _l("Ordered from"),
    "source_kind": _l("Kind"),
    "source_path": _l("Address"),
    "source_id": _l("No."),
    "facility_id": _l("Facility"),
    "measures": _l("Measures taken"),
    "result": _l("Result"),
    "findings": _l("Findings"),
    "replied_by": _l("Replied by"),
    "rechecked_by": _l("Rechecked by"),
    "seq": _l("No."),
    "hazard_id": _l("Hazard"),
    "replied_at": _l("Replied at"),
    "rechecked_at": _l("Rechecked at"),
    "reason": _l("Reason"),
}
words.name(
    "hazard",
    _l("hazard"),
    columns=LABELS,
    values={"severity": SEVERITY_WORDS, "state": STATE_WORDS},
    actions={
        "hazard.issued": _l("Hazard ordered to be put right"),
        "hazard.received": _l("Order received"),
        "hazard.begun": _l("Putting right begun"),
        "hazard.replied": _l("Reply given"),
        "hazard.recheck_passed": _l("Recheck passed"),
        "hazard.recheck_failed": _l("Recheck failed"),
        "hazard.closed": _l("Hazard closed"),
        "hazard.extended": _l("Deadline extended"),
        "hazard.escalated": _l("Escalated to the district"),
        "hazard.exported": _l("List of hazards exported"),
    },
)
words.name(
    "hazard_reply",
    _l("reply to a hazard"),
    columns=LABELS,
    values={"result": {"passed": _l("passed"), "failed": _l("failed")}},
    actions={"hazard_reply.made": _l("Reply written"), "hazard_reply.rechecked": _l("Recheck written")},
)

catalogue(
    {
        "hazard.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "hazard.dates_reversed": (422, _l("The deadline cannot lie before the day of the order.")),
        "hazard.due_too_far": (422, _l("The deadline can be no later than %(last)s for this severity.")),
        "hazard.ordered_already": (409, _l("This has been ordered already. Open the hazard instead.")),
        "hazard.taken": (409, _l("This hazard exists already.")),
        "hazard.extended_already": (409, _l("The deadline was extended once already; that is all there is.")),
        "hazard.extend_late": (409, _l("The deadline has passed. It can only be extended before.")),
        "hazard.extend_backwards": (422, _l("The new deadline must lie after the present one.")),
        "hazard.closed_half": (409, _l("A closed hazard has its moment of closing, an open one has none.")),
        "hazard.someone_else": (409, _l("You gave this reply yourself. Somebody else must do the recheck.")),
        "hazard.rechecked_already": (409, _l("This reply has been rechecked, or another one waits. Open the hazard again.")),
    },
    {
        "hazards_severity_check": "hazard.word_unknown",
        "hazards_state_check": "hazard.word_unknown",
        "hazards_dates_check": "hazard.dates_reversed",
        "hazards_extended_check": "hazard.extended_already",
        "hazards_closed_check": "hazard.closed_half",
        "hazards_number_key": "hazard.taken",
        "hazards_id_facility_id_key": "hazard.taken",
        "hazards_source_kind_source_id_key": "hazard.ordered_already",
        "hazard_replies_result_check": "hazard.word_unknown",
        "hazard_replies_someone_else_check": "hazard.someone_else",
        "hazard_replies_rechecked_check": "hazard.rechecked_already",
        "hazard_replies_hazard_id_seq_key": "hazard.rechecked_already",
        "hazard_replies_open_key": "hazard.rechecked_already",
    },
)
