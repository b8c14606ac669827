"""Hazards and what was answered to them. States, deadlines and flags: domain.md §5.4."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import alerts, calendar, words, workdays
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, given, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of

SEVERITY_WORDS: dict[str, Any] = {
    "general": _l("General hazard"), "serious": _l("Serious hazard"), "major": _l("Major accident hazard"),
}  # fmt: skip
STATE_WORDS: dict[str, Any] = {
    "reported": _l("Waits for an officer"), "dismissed": _l("No hazard"), "issued": _l("Order given"), "received": _l("Received"),
    "in_progress": _l("Being put right"), "replied": _l("Waits for recheck"), "recheck_passed": _l("Recheck passed"),
    "recheck_failed": _l("Recheck failed"), "closed": _l("Signed off"),
}  # fmt: skip
# who found it (§5.2: third parties see, advise and report; an officer orders)
FINDER_WORDS: dict[str, Any] = {
    "officer": _l("Certified officer"), "stationed": _l("Stationed supervisor"), "home": _l("The place itself"),
    "township": _l("Township"), "other": _l("Somebody else"),
}  # fmt: skip
BEFORE_ORDER = ("reported", "dismissed")
OPEN = ("issued", "received", "in_progress", "replied", "recheck_passed", "recheck_failed")  # ordered and not closed
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
    statement: int  # working days in which the home may answer before anything is published

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        names = ("DAYS_GENERAL", "DAYS_SERIOUS", "DAYS_SERIOUS_MOST", "DAYS_MAJOR", "RECHECK_WORKING_DAYS", "ESCALATE_DAYS",
                 "EXTEND_FACTOR", "STATEMENT_WORKING_DAYS")  # fmt: skip
        return cls(*(config[f"HAZARD_{name}"] for name in names))

    def recheck_by(self, day: date) -> date:
        """The last day for the recheck of a reply given on a day."""
        return workdays.known().after(day, self.recheck)

    def answer_by(self, day: date) -> date:
        """The last day for the home's own word on an order given on a day."""
        return workdays.known().after(day, self.statement)

    def due(self, severity: str, day: date) -> date:
        """The usual deadline of an order given on a day."""
        return day + timedelta({"general": self.general, "serious": self.serious, "major": self.major}[severity])

    def last(self, severity: str, day: date) -> date:
        """The farthest deadline an order or its extension may set: some times the usual days; serious ones have their own."""
        times = self.extend_factor
        usual: dict[str, int] = {"general": times * self.general, "serious": self.serious_most, "major": times * self.major}
        return day + timedelta(usual[severity])


class Hazard(Audited, Scoped, Stateful, Base):
    """隐患: what must be put right at a place until when; `source_*` is the label of what brought it.

    A hazard without an order (`reported`, `dismissed`) has no deadline. A major one names its row of the hazard table.
    """

    __tablename__ = "hazards"
    AUDIT_NOUN = "hazard"
    MOVES: ClassVar[Any] = {
        ("reported", "issued"): "hazard.issued",
        ("reported", "dismissed"): "hazard.dismissed",
        ("issued", "received"): "hazard.received",
        ("received", "in_progress"): "hazard.begun",
        ("in_progress", "replied"): "hazard.replied",
        ("recheck_failed", "replied"): "hazard.replied",
        ("replied", "recheck_passed"): "hazard.recheck_passed",
        ("replied", "recheck_failed"): "hazard.recheck_failed",
        ("recheck_passed", "closed"): "hazard.closed",
        **{(state, "reported"): "hazard.taken_back" for state in TO_PUT_RIGHT},
    }
    __table_args__ = (
        place_key("hazards"),
        ForeignKeyConstraint(
            ["item_version_id", "item_code"], ["checklist_items.version_id", "checklist_items.code"], name="hazards_item_fkey"
        ),
        one_of("severity", tuple(SEVERITY_WORDS)),
        one_of("state", tuple(STATE_WORDS)),
        one_of("finder", tuple(FINDER_WORDS)),
        CheckConstraint("(severity = 'major') = (hazard_code IS NOT NULL)", name="major"),
        CheckConstraint("(item_version_id IS NULL) = (item_code IS NULL)", name="item"),
        CheckConstraint(
            "(state IN ('reported', 'dismissed')) = (issued_on IS NULL) AND (issued_on IS NULL) = (due_on IS NULL)"
            " AND (issued_on IS NULL) = (issued_by IS NULL) AND (issued_on IS NULL) = (answer_by IS NULL)",
            name="ordered",
        ),
        CheckConstraint("(state = 'dismissed') = (dismiss_reason IS NOT NULL)", name="dismissed"),
        CheckConstraint("due_on >= issued_on", name="dates"),
        CheckConstraint("(extended_at IS NULL) = (first_due_on IS NULL)", name="extended"),
        CheckConstraint(
            "(asked_at IS NULL) = (asked_due_on IS NULL) AND (asked_at IS NULL) = (asked_reason IS NULL)"
            " AND (asked_at IS NULL) = (asked_by IS NULL)",
            name="asked",
        ),
        CheckConstraint("refused_reason IS NULL OR (asked_at IS NOT NULL AND extended_at IS NULL)", name="refused"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("NOT fixed_on_spot OR (state = 'closed' AND right_on = issued_on)", name="fixed"),
        CheckConstraint(
            "(statement IS NULL) = (stated_at IS NULL) AND (statement IS NULL) = (stated_by IS NULL)", name="stated"
        ),
        CheckConstraint(
            "published_at IS NULL OR (issued_on IS NOT NULL AND (statement IS NOT NULL"
            " OR (published_at AT TIME ZONE 'Asia/Shanghai')::date > answer_by))",
            name="published",
        ),
        UniqueConstraint("number"),
        UniqueConstraint("id", "facility_id"),
        # one hazard for one thing that brings it
        UniqueConstraint("source_kind", "source_id"),
        Index("hazards_place_idx", "facility_id", "township_id"),
        Index("hazards_due_idx", "due_on", postgresql_where="state <> 'closed'"),
        given("hazards_item_idx", "item_version_id", "item_code"),
        given("hazards_rechecker_idx", "rechecker_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    number: Mapped[str]
    source_kind: Mapped[str]  # "incident_action", "inspection_finding", "report", …: whatever brought it
    source_id: Mapped[int] = mapped_column(BigInteger)
    source_label: Mapped[str]  # what a person reads: the number of the incident; empty where nobody need read it
    source_path: Mapped[str]  # where it stands, below the site's root
    finder: Mapped[str] = mapped_column(default="officer")
    found_by: Mapped[str]
    found_on: Mapped[date] = mapped_column(default=calendar.today)
    severity: Mapped[str] = mapped_column(index=True)
    hazard_code: Mapped[str | None]  # the row of the table of major hazards (§7)
    item_version_id: Mapped[int | None]  # the item of a checklist it was found by, with the version it was read in
    item_code: Mapped[str | None]
    description: Mapped[str]
    place_note: Mapped[str] = mapped_column(default="")  # where in the place
    demand: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="issued", index=True)
    dismiss_reason: Mapped[str | None]
    issued_on: Mapped[date | None]
    issued_by: Mapped[str | None]
    issued_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    due_on: Mapped[date | None]
    first_due_on: Mapped[date | None]  # the deadline before it was extended
    asked_at: Mapped[datetime | None]  # when the home asked for more time
    asked_by: Mapped[str | None]
    asked_due_on: Mapped[date | None]
    asked_reason: Mapped[str | None]
    refused_reason: Mapped[str | None]  # why it does not get it
    extended_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    extend_reason: Mapped[str | None]
    escalated_at: Mapped[datetime | None]
    fixed_on_spot: Mapped[bool] = mapped_column(default=False)
    replied_on: Mapped[date | None] = mapped_column(info={"silent": True})  # the day of the last reply
    right_on: Mapped[date | None]  # the day of the reply that passed its recheck
    closed_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    rechecker_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), info={"silent": True})
    rechecker: Mapped[str | None]  # who is asked to look again
    answer_by: Mapped[date | None]  # until when the home may answer before anything is published
    statement: Mapped[str | None]
    stated_at: Mapped[datetime | None]
    stated_by: Mapped[str | None]
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    replies: Mapped[list["HazardReply"]] = relationship(lazy="raise_on_sql", order_by="HazardReply.seq")
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(Hazard.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )

    def days_overdue(self, day: date) -> int:
        """Days past the deadline, counted from the day after it; they stop at the reply only if its recheck passed (§5.4)."""
        return max(((self.right_on or day) - self.due_on).days, 0) if self.due_on else 0

    @property
    def overdue_days(self) -> int:
        """The same as of today."""
        return self.days_overdue(calendar.today())

    @property
    def facility_code(self) -> str:
        """The register code of its facility."""
        return self.facility.code

    @property
    def replied_in_time(self) -> bool:
        """Whether a reply given by the deadline waits for its recheck.

        By the letter of §5.4 days overdue "stop at `replied` only if the recheck then passes": until then such a hazard
        counts as overdue wherever overdue ones are counted. It is shown apart, because the recheck is the bureau's turn:
        nobody is reminded, and no step of the ladder is proposed, while it waits.
        """
        in_time = self.replied_on is not None and self.due_on is not None and self.replied_on <= self.due_on
        return self.state == "replied" and in_time

    @property
    def is_asked(self) -> bool:
        """Whether the home asked for more time and has no answer yet."""
        return self.asked_at is not None and self.extended_at is None and self.refused_reason is None

    @property
    def flags(self) -> list[str]:
        """overdue, extended, asked (for more time), escalated, fixed (on the spot): what holds today."""
        late = self.overdue_days > 0
        found = (
            ("overdue", late), ("extended", self.extended_at), ("asked", self.is_asked), ("escalated", self.escalated_at),
            ("fixed", self.fixed_on_spot),
        )  # fmt: skip
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
    recheck_by: Mapped[date]  # the last day for the recheck
    result: Mapped[str | None]
    findings: Mapped[str | None]
    rechecked_at: Mapped[datetime | None]
    rechecked_by: Mapped[str | None]
    rechecked_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})


def _kind(name: str, said: Any, permission: P, title: Any, **more: Any) -> None:
    alerts.kind(alerts.Kind(f"hazard.{name}", said, permission, "hazards.show", "hazard_id", title=title, **more))


_kind("reported", _l("%(home)s: hazard %(number)s was reported; confirm or dismiss it"), P.HAZARD_ORDER,
      _l("reported hazards to confirm or dismiss"))  # fmt: skip
_kind("issued", _l("%(home)s: receive and put right hazard %(number)s"), P.HAZARD_REPLY,
      _l("hazards to receive and put right"), by_mail=True)  # fmt: skip
_kind("asked", _l("%(home)s asks for more time for hazard %(number)s, until %(day)s"), P.HAZARD_ORDER,
      _l("requests for more time to answer"))  # fmt: skip
_kind("answered", _l("%(home)s: your request for more time for hazard %(number)s was answered"), P.HAZARD_REPLY, None,
      is_todo=False)  # fmt: skip
_kind("stated", _l("%(home)s stated its view of hazard %(number)s"), P.HAZARD_ORDER, None, is_todo=False)
_kind("replied", _l("%(home)s replied to hazard %(number)s: recheck it"), P.HAZARD_RECHECK, _l("hazards to recheck"))
_kind("assigned", _l("%(home)s: you are asked to recheck hazard %(number)s"), P.HAZARD_RECHECK,
      _l("hazards you are asked to recheck"))  # fmt: skip
_kind("failed", _l("%(home)s: hazard %(number)s did not pass its recheck"), P.HAZARD_REPLY,
      _l("hazards did not pass their recheck"), tone="bad", by_mail=True)  # fmt: skip
_kind("overdue", _l("%(home)s: hazard %(number)s is overdue"), P.HAZARD_READ, _l("hazards are overdue"), tone="bad",
      by_mail=True)  # fmt: skip
_kind("escalated", _l("%(home)s: hazard %(number)s stays overdue; call the home to account"), P.HAZARD_ORDER,
      _l("hazards stay overdue: call the home to account"), tone="bad", by_mail=True)  # fmt: skip

LABELS: dict[str, Any] = {
    "number": _l("Number"), "severity": _l("Severity"), "description": _l("What is wrong"), "demand": _l("What is demanded"),
    "state": _l("State"), "finder": _l("Found by"), "found_by": _l("Name"), "found_on": _l("Found on"),
    "hazard_code": _l("Row of the major hazards"), "item_code": _l("Item of the checklist"), "item_version_id": _l("Version"),
    "place_note": _l("Where"), "dismiss_reason": _l("Why it is no hazard"), "issued_on": _l("Ordered on"),
    "issued_by": _l("Ordered by"), "due_on": _l("Deadline"), "first_due_on": _l("Deadline at first"),
    "asked_at": _l("Asked for more time"), "asked_by": _l("Asked by"), "asked_due_on": _l("Wanted deadline"),
    "asked_reason": _l("Why more time is needed"), "refused_reason": _l("Why it is refused"), "extend_reason": _l("Reason"),
    "escalated_at": _l("Escalated at"), "fixed_on_spot": _l("Put right on the spot"), "right_on": _l("Put right on"),
    "rechecker": _l("To be rechecked by"), "answer_by": _l("The place may state its view until"),
    "statement": _l("What the place says"), "stated_at": _l("Said at"), "stated_by": _l("Said by"),
    "published_at": _l("Published"), "source_label": _l("Ordered from"), "source_kind": _l("Kind"),
    "source_path": _l("Address"), "source_id": _l("No."), "facility_id": _l("Facility"), "measures": _l("Measures taken"),
    "result": _l("Result"), "findings": _l("Findings"), "replied_by": _l("Replied by"), "rechecked_by": _l("Rechecked by"),
    "recheck_by": _l("Recheck until"), "seq": _l("No."), "hazard_id": _l("Hazard"), "replied_at": _l("Replied at"),
    "rechecked_at": _l("Rechecked at"), "reason": _l("Reason"),
}  # fmt: skip
words.name(
    "hazard", _l("hazard"), columns=LABELS,
    values={"severity": SEVERITY_WORDS, "state": STATE_WORDS, "finder": FINDER_WORDS},
    actions={
        "hazard.reported": _l("Hazard reported"), "hazard.dismissed": _l("Report dismissed"),
        "hazard.issued": _l("Hazard ordered to be put right"), "hazard.taken_back": _l("Order taken back"),
        "hazard.fixed": _l("Put right on the spot"), "hazard.received": _l("Order received"),
        "hazard.begun": _l("Putting right begun"), "hazard.replied": _l("Reply given"),
        "hazard.recheck_passed": _l("Recheck passed"), "hazard.recheck_failed": _l("Recheck failed"),
        "hazard.closed": _l("Hazard closed"), "hazard.asked": _l("More time asked for"),
        "hazard.refused": _l("More time refused"), "hazard.extended": _l("Deadline extended"),
        "hazard.assigned": _l("Recheck assigned"), "hazard.stated": _l("The place stated its view"),
        "hazard.published": _l("Published"), "hazard.unpublished": _l("Publication taken back"),
        "hazard.escalated": _l("Escalated to the district"), "hazard.exported": _l("List of hazards exported"),
    },
)  # fmt: skip
words.name(
    "hazard_reply", _l("reply to a hazard"), columns=LABELS,
    values={"result": {"passed": _l("passed"), "failed": _l("failed")}},
    actions={"hazard_reply.made": _l("Reply written"), "hazard_reply.rechecked": _l("Recheck written")},
)  # fmt: skip

catalogue(
    {
        "hazard.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "hazard.code_missing": (422, _l("A major hazard names its row of the hazard table. Choose the row.")),
        "hazard.code_unknown": (422, _l("The table of major hazards has no row “%(code)s” today. Choose one of its rows.")),
        "hazard.code_not_major": (422, _l("Only a major hazard has a row of the hazard table. Choose “major”, or leave it out.")),
        "hazard.item_unknown": (422, _l("There is no such item in this version of the checklist. Choose the item again.")),
        "hazard.order_half": (409, _l("An ordered hazard has a day, a deadline and a person; one without an order has none.")),
        "hazard.may_not_order": (
            403, _l("Ordering a hazard to be put right is not among your duties here. Report it; an officer confirms it."),
        ),
        "hazard.not_certified": (
            403, _l("Only an officer whose enforcement certificate is valid today confirms a hazard or judges a major one."),
        ),
        "hazard.judged": (
            409, _l("This was judged a major hazard. That judgement is withdrawn first, on the page of the major hazard."),
        ),
        "hazard.reason_missing": (422, _l("Say why it is no hazard.")),
        "hazard.dates_reversed": (422, _l("The deadline cannot lie before the day of the order.")),
        "hazard.due_too_far": (422, _l("The deadline can be no later than %(last)s for this severity.")),
        "hazard.ordered_already": (409, _l("This has been ordered already. Open the hazard instead.")),
        "hazard.taken": (409, _l("This hazard exists already.")),
        "hazard.extended_already": (409, _l("The deadline was extended once already; that is all there is.")),
        "hazard.extend_late": (409, _l("The deadline has passed. It can only be extended before.")),
        "hazard.extend_backwards": (422, _l("The new deadline must lie after the present one, and not before today.")),
        "hazard.asked_already": (409, _l("More time was asked for once already; that is all there is.")),
        "hazard.not_asked": (409, _l("Nothing is asked that could be refused. Open the hazard again.")),
        "hazard.closed_half": (409, _l("A closed hazard has its moment of closing, an open one has none.")),
        "hazard.fixed_half": (409, _l("What was put right on the spot is closed the same day.")),
        "hazard.someone_else": (409, _l("You gave this reply yourself. Somebody else must do the recheck.")),
        "hazard.assigned_otherwise": (
            409, _l("%(name)s is asked to recheck this. Tick that you take it over, or leave it to %(name)s."),
        ),
        "hazard.rechecker_unfit": (409, _l("This person may not recheck here, or gave the reply. Choose somebody else.")),
        "hazard.rechecked_already": (409, _l("This reply has been rechecked, or another one waits. Open the hazard again.")),
        "hazard.stated_already": (409, _l("The place has stated its view already. It can be said once.")),
        "hazard.state_late": (409, _l("The place could state its view until %(day)s. That day has passed.")),
        "hazard.publish_early": (
            409, _l("The place may still state its view until %(day)s. It can be published after that, or once it has."),
        ),
        "hazard.published_already": (409, _l("This is published already.")),
    },
    {
        "hazards_severity_check": "hazard.word_unknown",
        "hazards_state_check": "hazard.word_unknown",
        "hazards_finder_check": "hazard.word_unknown",
        "hazards_major_check": "hazard.code_missing",
        "hazards_item_check": "hazard.item_unknown",
        "hazards_ordered_check": "hazard.order_half",
        "hazards_dismissed_check": "hazard.reason_missing",
        "hazards_dates_check": "hazard.dates_reversed",
        "hazards_extended_check": "hazard.extended_already",
        "hazards_asked_check": "hazard.asked_already",
        "hazards_refused_check": "hazard.not_asked",
        "hazards_closed_check": "hazard.closed_half",
        "hazards_fixed_check": "hazard.fixed_half",
        "hazards_stated_check": "hazard.stated_already",
        "hazards_published_check": "hazard.publish_early",
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
