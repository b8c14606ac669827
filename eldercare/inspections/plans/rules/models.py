"""Rules of recurrence: a visit every month, quarter, half-year or year at the places a rule names."""

from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import calendar, words
from eldercare.core.calendar import Month
from eldercare.core.db import Audited, Base
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import TYPE_WORDS, TYPES, one_of
from eldercare.inspections.models import KIND_WORDS
from eldercare.inspections.plans.models import PLANNED_KINDS

EVERY_WORDS: dict[str, Any] = {
    "month": _l("every month"), "quarter": _l("every quarter"), "half": _l("every half-year"), "year": _l("every year"),
}  # fmt: skip
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
RULE_STATE_WORDS: dict[str, Any] = {"proposed": _l("Proposed"), "in_force": _l("In effect"), "ended": _l("Ended")}
CLASSES = ("A", "B", "C", "D")


class PlanRule(Audited, Stateful, Base):
    """频次规则: for which places, how often, which kind, by which lists. In force once someone else has approved it."""

    __tablename__ = "plan_rules"
    AUDIT_NOUN = "plan_rule"
    MOVES: ClassVar[Any] = {
        ("proposed", "in_force"): "plan_rule.approved",
        ("proposed", "ended"): "plan_rule.ended",
        ("in_force", "ended"): "plan_rule.ended",
    }
    __table_args__ = (
        one_of("state", tuple(RULE_STATE_WORDS)),
        one_of("every", tuple(EVERY_WORDS)),
        one_of("kind", PLANNED_KINDS),
        CheckConstraint(
            "cardinality(facility_types) > 0 AND facility_types <@ ARRAY[" + ", ".join(f"'{each}'" for each in TYPES) + "]",
            name="facility_types",
        ),
        CheckConstraint("classes <@ ARRAY['A', 'B', 'C', 'D']", name="classes"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        CheckConstraint("state <> 'in_force' OR approved_at IS NOT NULL", name="approved"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> author_id", name="someone_else"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    every: Mapped[str]
    kind: Mapped[str]
    facility_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    classes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # none: whatever their class
    checklists: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # codes; none: whatever suits the place
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="proposed", index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True, info={"silent": True})
    author: Mapped[str] = mapped_column(default="")
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True, info={"silent": True})
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)

    def period_of(self, day: date) -> tuple[str, date, date]:
        """The period a day lies in: its name (2026-11, 2026-Q4, 2026-H2, 2026), its first and last day."""
        long = MONTHS[self.every]
        number = (day.month - 1) // long  # counted from 0
        first = Month(day.year, number * long + 1)
        sign = {"month": f"-{day.month:02d}", "quarter": f"-Q{number + 1}", "half": f"-H{number + 1}", "year": ""}[self.every]
        return f"{day.year}{sign}", first.first, first.plus(long - 1).last

    def within(self, first: date, last: date) -> tuple[date, date]:
        """The first and last day of a period on which the rule holds; the last before the first where it does not at all.

        A part of a period is asked for what a whole one is, once at each place: as a place opened within the year is (§5.5).
        """
        return max(first, self.starts_on), min(last, self.ends_on or last)


words.name(
    "plan_rule", _l("rule of recurrence"),
    columns={
        "name": _l("Name"), "every": _l("How often"), "kind": _l("Kind of visit"), "facility_types": _l("Kinds of place"),
        "classes": _l("Credit classes"), "checklists": _l("Lists"), "starts_on": _l("From"), "ends_on": _l("Until"),
        "state": _l("State"), "author": _l("Proposed by"), "approved_by": _l("Approved by"), "approved_at": _l("Approved"),
    },
    values={"every": EVERY_WORDS, "kind": KIND_WORDS, "state": RULE_STATE_WORDS, "facility_types": TYPE_WORDS},
    actions={
        "plan_rule.proposed": _l("Rule proposed"), "plan_rule.approved": _l("Rule approved"), "plan_rule.ended": _l("Rule ended"),
        "plan_rule.asked": _l("Visits put in by a rule"),
    },
)  # fmt: skip
catalogue(
    {
        "plan_rule.types_missing": (422, _l("Choose at least one kind of place.")),
        "plan_rule.dates_reversed": (422, _l("The rule cannot end before it begins. Check the two dates.")),
        "plan_rule.someone_else": (409, _l("You proposed this rule yourself. Somebody else must approve it.")),
        "plan_rule.approved_half": (409, _l("A rule in force has its approval.")),
    },
    {
        "plan_rules_state_check": "plan.word_unknown",
        "plan_rules_every_check": "plan.word_unknown",
        "plan_rules_kind_check": "plan.word_unknown",
        "plan_rules_facility_types_check": "plan_rule.types_missing",
        "plan_rules_classes_check": "plan.word_unknown",
        "plan_rules_dates_check": "plan_rule.dates_reversed",
        "plan_rules_approved_check": "plan_rule.approved_half",
        "plan_rules_someone_else_check": "plan_rule.someone_else",
    },
)
