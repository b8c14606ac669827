"""Points, credit classes, and who changed one. domain.md §5.5; what it marks [P] is data here, with `is_confirmed`.

A rule says what one kind of fact costs from a day on; a later row of the same kind, variant and item takes its place.
An entry is one fact with the rule it fell under: the database holds one live entry for a fact, however often it is
looked for. A class changes by a `CreditChange` alone (trigger `credit_class_is_decided` on facilities).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import calendar, workdays
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.scope import Scope
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of

CLASSES = ("A", "B", "C", "D")  # best first
DEFAULT = "B"  # of whom nothing else is known (§5.5)
STATE_WORDS: dict[str, Any] = {
    "announced": _l("Announced"),
    "effective": _l("In effect"),
    "dropped": _l("Not carried out"),
}
RECORD_WORDS: dict[str, Any] = {  # what is recorded by hand: no part of the platform brings it forth
    "complaint": _l("Complaint upheld"),
    "penalty": _l("Administrative penalty"),
    "refused": _l("Inspection refused or obstructed"),
    "fraud": _l("Fraud with subsidies"),
    "abuse": _l("Abuse of residents"),
}


@dataclass(frozen=True)
class Fact:
    """Something that happened at a place: `entity`, `entity_id` is the row it stands in, `on` the day it counts from.

    variant: the severity of a hazard, the grade of an incident, or "". item_code: the item of a checklist, where there is one.
    """

    variant: str
    township_id: int
    facility_id: int
    entity: str
    entity_id: int
    on: date
    label: str
    path: str
    item_code: str = ""


@dataclass(frozen=True)
class FactKind:
    """A kind of fact: its words, its variants in words, and who knows the facts from a day on.

    `source(scope, since)` gives every fact in reach that holds today; what it gives no longer, lapses.
    """

    name: str
    words: Any
    source: Callable[[Scope, date], Iterable[Fact]]
    variants: Mapping[str, Any] = field(default_factory=dict)


FACTS: dict[str, FactKind] = {}
KIND_WORDS: dict[str, Any] = {}  # of all kinds declared, for the log
VARIANT_WORDS: dict[str, Any] = {}


def facts(entry: FactKind) -> FactKind:
    """Declare a kind of fact (from a feature's `jobs.py`, on this floor or above)."""
    FACTS[entry.name] = entry
    KIND_WORDS[entry.name] = entry.words
    VARIANT_WORDS.update(entry.variants)
    return entry


@dataclass(frozen=True)
class Terms:
    """What the points and classes of a place are counted by; settings, §5.5 [P].

    window: months a fact speaks for or against a class; look_back: months facts are looked for; a_score: of 100.
    """

    points_year: int
    window: int
    a_score: int
    objection_days: int  # working days
    look_back: int

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        names = ("POINTS_YEAR", "WINDOW_MONTHS", "A_SCORE", "OBJECTION_WORKING_DAYS", "LOOK_BACK_MONTHS")
        return cls(*(config[f"CREDIT_{name}"] for name in names))

    def window_from(self, day: date) -> date:
        """The first day whose facts count on `day`."""
        return _months_before(day, self.window) + timedelta(1)

    def facts_from(self, day: date) -> date:
        """The first day whose facts are looked for."""
        return _months_before(day, self.look_back)

    def objections_until(self, day: date) -> date:
        """The last day to object to what was announced on `day`."""
        return workdays.known().after(day, self.objection_days)


def _months_before(day: date, months: int) -> date:
    month = calendar.Month.of(day).plus(-months)
    return month.first.replace(day=min(day.day, month.days))


class CreditRule(Audited, Base):
    """记分规则: what a fact of a kind costs, and from how many in the window on it calls for a class.

    variant, item_code: "" for any. trigger_class: C or D; keeps_from_a: whoever has one in the window is no A.
    """

    __tablename__ = "credit_rules"
    AUDIT_NOUN = "credit_rule"
    __table_args__ = (
        CheckConstraint("points BETWEEN 0 AND 100", name="points"),
        one_of("trigger_class", ("C", "D")),
        CheckConstraint("(trigger_class IS NULL) = (trigger_count IS NULL) AND trigger_count BETWEEN 1 AND 100", name="trigger"),
        UniqueConstraint("kind", "variant", "item_code", "valid_from"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    variant: Mapped[str] = mapped_column(default="")
    item_code: Mapped[str] = mapped_column(default="")
    points: Mapped[int]
    trigger_class: Mapped[str | None]
    trigger_count: Mapped[int | None]
    keeps_from_a: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date]
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")

    @property
    def line(self) -> tuple[str, str, str]:
        """What later rows take its place by."""
        return self.kind, self.variant, self.item_code


class CreditClass(Audited, Base):
    """分类标准: what a class means from a day on: weight in draws, visits a year, from how many points it is called for."""

    __tablename__ = "credit_classes"
    AUDIT_NOUN = "credit_class"
    __table_args__ = (
        one_of("letter", CLASSES),
        CheckConstraint("weight > 0 AND weight <= 100", name="weight"),
        CheckConstraint("visits_min >= 1 AND visits_max BETWEEN visits_min AND 52", name="visits"),
        CheckConstraint("points_from BETWEEN 1 AND 1000 AND (letter <> 'A' OR points_from IS NULL)", name="points_from"),
        UniqueConstraint("letter", "valid_from"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    letter: Mapped[str]
    weight: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    visits_min: Mapped[int]
    visits_max: Mapped[int]
    is_full_coverage: Mapped[bool] = mapped_column(default=False)
    points_from: Mapped[int | None]
    valid_from: Mapped[date]
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")


class CreditRecord(Audited, Scoped, Base):
    """信用事项: a fact recorded by hand, with its paper; withdrawn with a reason, never removed."""

    __tablename__ = "credit_records"
    AUDIT_NOUN = "credit_record"
    __table_args__ = (
        place_key("credit_records"),
        one_of("kind", tuple(RECORD_WORDS)),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
        Index("credit_records_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    kind: Mapped[str]
    happened_on: Mapped[date]
    document_no: Mapped[str | None]
    description: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(default=calendar.now)
    recorded_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    withdrawn_reason: Mapped[str | None]


class CreditEntry(Audited, Scoped, Base):
    """记分: one fact, the rule it fell under, its points. Cancelled by a person with a reason, or lapsed: the fact no longer
    holds. Both stay in sight and count no longer."""

    __tablename__ = "credit_entries"
    AUDIT_NOUN = "credit_entry"
    __table_args__ = (
        place_key("credit_entries"),
        CheckConstraint("points BETWEEN 0 AND 100", name="points"),
        CheckConstraint(
            "(cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL OR is_lapsed OR cancel_reason IS NOT NULL)"
            " AND NOT (is_lapsed AND cancelled_at IS NULL)",
            name="cancelled",
        ),
        # one fact costs once, however many look for it at the same time
        Index("credit_entries_once_key", "kind", "entity", "entity_id", unique=True, postgresql_where=text("NOT is_lapsed")),
        Index("credit_entries_place_idx", "facility_id", "township_id"),
        Index("credit_entries_day_idx", "happened_on"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    rule_id: Mapped[int] = mapped_column(ForeignKey("credit_rules.id"), index=True)
    kind: Mapped[str]
    variant: Mapped[str] = mapped_column(default="")
    item_code: Mapped[str] = mapped_column(default="")
    entity: Mapped[str]
    entity_id: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str]
    path: Mapped[str] = mapped_column(info={"silent": True})
    happened_on: Mapped[date]
    points: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)
    cancelled_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    cancelled_by: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    is_lapsed: Mapped[bool] = mapped_column(default=False)
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(CreditEntry.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )
    rule: Mapped[CreditRule] = relationship(viewonly=True, lazy="raise_on_sql")

    @property
    def counts(self) -> bool:
        """Whether its points are deducted."""
        return self.cancelled_at is None


class CreditChange(Audited, Scoped, Stateful, Base):
    """分类调整: one decision about a home's class: old, new, reason, person, moment, evidence; the home may object before.

    evidence: {"points", "proposed", "reasons": [[code, {…}]], "entries": [ids]} as it stood when it was announced.
    """

    __tablename__ = "credit_changes"
    AUDIT_NOUN = "credit_change"
    MOVES: ClassVar[Any] = {
        ("announced", "effective"): "credit_change.effective",
        ("announced", "dropped"): "credit_change.dropped",
    }
    __table_args__ = (
        place_key("credit_changes"),
        one_of("state", tuple(STATE_WORDS)),
        one_of("old_class", CLASSES),
        one_of("new_class", CLASSES),
        one_of("proposed_class", CLASSES),
        CheckConstraint("old_class IS NULL OR old_class <> new_class", name="differs"),
        CheckConstraint("length(btrim(reason)) > 0", name="reason"),
        CheckConstraint(
            "(state = 'announced') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)", name="decided"
        ),
        CheckConstraint("(objected_at IS NULL) = (objection IS NULL)", name="objection"),
        Index("credit_changes_open_key", "facility_id", unique=True, postgresql_where=text("state = 'announced'")),
        Index("credit_changes_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    state: Mapped[str] = mapped_column(default="announced", index=True)
    old_class: Mapped[str | None]
    new_class: Mapped[str]
    proposed_class: Mapped[str]
    reason: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(info={"silent": True})
    announced_at: Mapped[datetime] = mapped_column(default=calendar.now)
    announced_by: Mapped[str]
    announced_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    objections_until: Mapped[date]
    objection: Mapped[str | None]
    objected_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    objected_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    decision: Mapped[str | None]
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(CreditChange.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )

    @property
    def worsens(self) -> bool:
        """Whether the home is put into a worse class than before."""
        return CLASSES.index(self.new_class) > CLASSES.index(self.old_class or DEFAULT)


catalogue(
    {
        "credit.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "credit.points_range": (422, _l("Points lie between 0 and 100.")),
        "credit.trigger_half": (422, _l("A class that is called for needs a number of times, and the other way round.")),
        "credit.rule_taken": (409, _l("There is such a rule from that day on already. Change that one.")),
        "credit.rule_past": (422, _l("A rule begins today or later: what was counted stays as it was counted.")),
        "credit.weight_range": (422, _l("The weight lies above 0 and at most at 100.")),
        "credit.visits_range": (
            422,
            _l("At least one visit a year (Order 66 art. 38), at most 52, and the most no fewer than the least."),
        ),
        "credit.class_points": (422, _l("Points from which a class is called for: 1 to 1000, and none for class A.")),
        "credit.withdrawn_already": (409, _l("This record was withdrawn already.")),
        "credit.counted_already": (409, _l("This fact was counted already.")),
        "credit.cancelled_already": (409, _l("This deduction was cancelled already.")),
        "credit.no_change": (422, _l("The home is in this class already. Choose another one.")),
        "credit.announced_already": (409, _l("A change of class is announced for this home already. Decide that one first.")),
        "credit.reason_missing": (422, _l("Say why: a change of class without a reason does not stand.")),
        "credit.half_decided": (409, _l("This change is in a state it cannot be in. Tell the administrator the home’s name.")),
        "credit.moved_on": (
            409,
            _l("The home’s class has changed since this was announced. Do not carry it out; announce anew."),
        ),
        "credit.too_early": (409, _l("The home may object until %(until)s. Decide once it has, or after that day.")),
        "credit.no_class": (409, _l("Places of this kind have no credit class.")),
        "credit.objected_already": (409, _l("An objection is on file already.")),
        "credit.objection_late": (409, _l("The time for objections ended on %(until)s.")),
        "credit.decided_only": (409, _l("A credit class is changed by a decision with a reason alone. Announce a change.")),
        "credit.ahead": (422, _l("This day lies in the future. Check it.")),
    },
    {
        "credit_rules_points_check": "credit.points_range",
        "credit_rules_trigger_class_check": "credit.word_unknown",
        "credit_rules_trigger_check": "credit.trigger_half",
        "credit_rules_kind_variant_item_code_valid_from_key": "credit.rule_taken",
        "credit_classes_letter_check": "credit.word_unknown",
        "credit_classes_weight_check": "credit.weight_range",
        "credit_classes_visits_check": "credit.visits_range",
        "credit_classes_points_from_check": "credit.class_points",
        "credit_classes_letter_valid_from_key": "credit.rule_taken",
        "credit_records_kind_check": "credit.word_unknown",
        "credit_records_withdrawn_check": "credit.withdrawn_already",
        "credit_entries_points_check": "credit.points_range",
        "credit_entries_cancelled_check": "credit.cancelled_already",
        "credit_entries_once_key": "credit.counted_already",
        "credit_changes_state_check": "credit.word_unknown",
        "credit_changes_old_class_check": "credit.word_unknown",
        "credit_changes_new_class_check": "credit.word_unknown",
        "credit_changes_proposed_class_check": "credit.word_unknown",
        "credit_changes_differs_check": "credit.no_change",
        "credit_changes_reason_check": "credit.reason_missing",
        "credit_changes_decided_check": "credit.half_decided",
        "credit_changes_objection_check": "credit.objected_already",
        "credit_changes_open_key": "credit.announced_already",
        "credit_class_decided": "credit.decided_only",
    },
)
