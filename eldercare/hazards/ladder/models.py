"""Steps of escalation: domain.md §5.4. What the law allows for a fine stands in data/law.yaml with its source."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import alerts, calendar, words, yamlfile
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, given, place_key
from eldercare.core.errors import catalogue
from eldercare.facilities.models import Facility, one_of
from eldercare.hazards.models import Hazard

LAW = Path(__file__).with_name("data") / "law.yaml"
STEP_WORDS: dict[str, Any] = {
    "reminder": _l("Reminder"),
    "talk": _l("Regulatory talk"),
    "suspension": _l("Order of suspension"),
    "case": _l("Case and fine"),
    "notify": _l("Other departments told"),
    "credit": _l("Credit class down"),
    "publish": _l("Publication"),
}
STEPS = tuple(STEP_WORDS)  # from the bottom up
BODY_WORDS: dict[str, Any] = {
    "fire": _l("Fire and rescue"), "market": _l("Market regulation"), "health": _l("Health department"),
    "emergency": _l("Emergency management"), "housing": _l("Housing and construction"), "police": _l("Police"),
}  # fmt: skip


@dataclass(frozen=True)
class Thresholds:
    """From how many days overdue, or failed rechecks, each step is proposed [P]; 0 rechecks: never for that."""

    days: tuple[int, ...]
    rechecks: tuple[int, ...]

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings, a number for each step."""
        return cls(tuple(config["LADDER_DAYS_OVERDUE"]), tuple(config["LADDER_FAILED_RECHECKS"]))

    def next(self, taken: set[str], days: int, failed: int) -> tuple[str, str, int] | None:
        """(step, "days" or "rechecks", the threshold) proposed next: the lowest above what was taken that is reached."""
        highest = max((STEPS.index(each) for each in taken), default=-1)
        for at in range(highest + 1, len(STEPS)):
            if days >= self.days[at] > 0:
                return STEPS[at], "days", self.days[at]
            if failed >= self.rechecks[at] > 0:
                return STEPS[at], "rechecks", self.rechecks[at]
        return None


@dataclass(frozen=True)
class Basis:
    """A clause a fine or another step rests on, with its range in yuan where it has one."""

    code: str
    zh: str
    en: str
    clause: str
    steps: tuple[str, ...]
    least: int | None
    most: int | None
    seen: str


@cache
def law() -> dict[str, Basis]:
    """The clauses of data/law.yaml by code."""
    rows = yamlfile.read(LAW)["clauses"]
    return {
        each["code"]: Basis(
            each["code"],
            each["zh"],
            each["en"],
            each["clause"],
            tuple(each["steps"]),
            each.get("least_yuan"),
            each.get("most_yuan"),
            each["seen"],
        )
        for each in rows
    }


class LadderStep(Audited, Scoped, Base):
    """督促升级: one step taken towards a home, for one hazard or (hazard_id null) for the home as a whole.

    skipped: steps below that were left out, with the reason. fine_fen: in fen. Cancelled ones stay in sight.
    """

    __tablename__ = "ladder_steps"
    AUDIT_NOUN = "ladder_step"
    __table_args__ = (
        place_key("ladder_steps"),
        ForeignKeyConstraint(
            ["hazard_id", "facility_id"], ["hazards.id", "hazards.facility_id"], name="ladder_steps_hazard_fkey"
        ),
        one_of("step", STEPS),
        CheckConstraint("length(btrim(reason)) > 0 OR is_automatic", name="reason"),
        CheckConstraint("NOT is_automatic OR step = 'reminder'", name="automatic"),
        CheckConstraint("cardinality(skipped) = 0 OR skip_reason IS NOT NULL", name="skipped"),
        CheckConstraint("fine_fen IS NULL OR (step = 'case' AND fine_fen > 0 AND basis IS NOT NULL)", name="fine"),
        CheckConstraint("(step = 'notify') = (cardinality(bodies) > 0)", name="bodies"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancelled"),
        Index(
            "ladder_steps_once_key",
            "hazard_id",
            "step",
            unique=True,
            postgresql_where=text("hazard_id IS NOT NULL AND cancelled_at IS NULL"),
        ),
        Index(
            "ladder_steps_home_key",
            "facility_id",
            "step",
            "taken_on",
            unique=True,
            postgresql_where=text("hazard_id IS NULL AND cancelled_at IS NULL"),
        ),
        given("ladder_steps_hazard_idx", "hazard_id", "facility_id"),
        Index("ladder_steps_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    hazard_id: Mapped[int | None] = mapped_column(BigInteger)
    step: Mapped[str]
    taken_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    skipped: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    skip_reason: Mapped[str | None]
    document_no: Mapped[str | None]
    basis: Mapped[str | None]
    fine_fen: Mapped[int | None] = mapped_column(BigInteger)
    bodies: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    is_automatic: Mapped[bool] = mapped_column(default=False)
    overdue_days: Mapped[int] = mapped_column(default=0)  # as it stood then
    failed_rechecks: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime] = mapped_column(default=calendar.now, info={"silent": True})
    taken_by: Mapped[str]
    taken_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    cancelled_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    cancelled_by: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(LadderStep.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )
    hazard: Mapped[Hazard | None] = relationship(
        primaryjoin="foreign(LadderStep.hazard_id) == Hazard.id", viewonly=True, lazy="raise_on_sql"
    )

    def stands(self, due_on: date | None) -> bool:
        """Whether it counts under its hazard's deadline: not cancelled, and no reminder of the platform's of an earlier one.

        Overdue is counted from the deadline (§5.4): extended, or ordered anew, the hazard is reminded of anew.
        """
        is_earlier = self.is_automatic and self.overdue_days > 0 and due_on is not None and self.taken_on <= due_on
        return self.cancelled_at is None and not is_earlier


alerts.kind(
    alerts.Kind(
        "ladder.reminded",
        _l("%(home)s: hazard %(number)s is %(days)s days overdue; put it right now"),
        P.HAZARD_REPLY,
        "hazards.show",
        "hazard_id",
        is_todo=False,
        tone="bad",
        by_mail=True,
        title=_l("reminders of overdue hazards"),
    )
)
alerts.kind(
    alerts.Kind(
        "ladder.proposed",
        _l("%(home)s, hazard %(number)s: the next step of the ladder is proposed"),
        P.HAZARD_SUPERVISE,
        "hazards.show",
        "hazard_id",
        tone="bad",
        title=_l("hazards to take further"),
    )
)
alerts.kind(
    alerts.Kind(
        "ladder.taken",
        _l("%(home)s: a step of supervision was taken on %(on)s"),
        P.HAZARD_READ,
        "ladder.show",
        "step_id",
        is_todo=False,
        tone="bad",
        by_mail=True,
        title=_l("steps of supervision"),
    )
)

LABELS: dict[str, Any] = {
    "step": _l("Step"), "taken_on": _l("Day"), "reason": _l("Reason"), "skipped": _l("Steps left out"),
    "skip_reason": _l("Why steps are left out"), "document_no": _l("Document number"), "basis": _l("Clause"),
    "fine_fen": _l("Fine in fen"), "bodies": _l("Departments told"), "is_automatic": _l("By the platform"),
    "overdue_days": _l("Days overdue"), "failed_rechecks": _l("Failed rechecks"), "taken_by": _l("Taken by"),
    "cancelled_by": _l("Cancelled by"), "cancel_reason": _l("Reason of the cancellation"), "hazard_id": _l("Hazard"),
    "facility_id": _l("Facility"),
}  # fmt: skip
words.name(
    "ladder_step",
    _l("step of escalation"),
    columns=LABELS,
    values={"step": STEP_WORDS, "skipped": STEP_WORDS, "bodies": BODY_WORDS},
    actions={
        "ladder_step.taken": _l("Step of escalation taken"),
        "ladder_step.cancelled": _l("Step of escalation cancelled"),
        "ladder.exported": _l("Escalation exported"),
    },
)

catalogue(
    {
        "ladder.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "ladder.reason_missing": (422, _l("Say why this step is taken.")),
        "ladder.not_automatic": (409, _l("Only the reminder is taken by the platform itself.")),
        "ladder.skip_reason": (422, _l("Steps below are left out: say why.")),
        "ladder.fine_basis": (422, _l("A fine belongs to a case and needs the clause it rests on.")),
        "ladder.fine_range": (
            422,
            _l("The clause allows %(least)s to %(most)s yuan. Check the amount or choose another clause."),
        ),
        "ladder.bodies_missing": (422, _l("Name the departments that were told.")),
        "ladder.cancelled_already": (409, _l("This step was cancelled already.")),
        "ladder.taken_already": (409, _l("This step was taken already. Open the ladder again.")),
        "ladder.hazard_closed": (409, _l("This hazard is closed. Nothing is taken further.")),
        "ladder.ahead": (422, _l("This day lies in the future. Check it.")),
    },
    {
        "ladder_steps_step_check": "ladder.word_unknown",
        "ladder_steps_reason_check": "ladder.reason_missing",
        "ladder_steps_automatic_check": "ladder.not_automatic",
        "ladder_steps_skipped_check": "ladder.skip_reason",
        "ladder_steps_fine_check": "ladder.fine_basis",
        "ladder_steps_bodies_check": "ladder.bodies_missing",
        "ladder_steps_cancelled_check": "ladder.cancelled_already",
        "ladder_steps_once_key": "ladder.taken_already",
        "ladder_steps_home_key": "ladder.taken_already",
    },
)
