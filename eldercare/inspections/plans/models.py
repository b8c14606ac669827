"""Plans of a year and of a month, and the visits they ask for. Kinds, bounds, notice: domain.md §5.2, §5.5.

An item is a visit to be made: at a place, within a period, on a day, by a team. It becomes a `Visit` once
(`visit_id` is unique; its row is locked meanwhile). A place sees nothing of it before it may see the visit.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.accounts.officers.models import Officer
from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.calendar import Month
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of
from eldercare.inspections.models import DRAWN, KIND_WORDS, Visit

PLAN_STATE_WORDS: dict[str, Any] = {
    "draft": _l("Draft"), "approved": _l("Approved"), "running": _l("Running"), "closed": _l("Ended"),
    "withdrawn": _l("Withdrawn"),
}  # fmt: skip
IN_FORCE = ("approved", "running")
ITEM_STATE_WORDS: dict[str, Any] = {"planned": _l("Planned"), "visit": _l("Made a visit"), "dropped": _l("Left out")}
# why an item is there: the floor of the law, the bounds of a class or a kind of place, a rule, somebody's wish
WHY_WORDS: dict[str, Any] = {
    "floor": _l("Once a year at least (Order 66, art. 38)"), "class": _l("Visits its credit class asks for"),
    "type": _l("Visits its kind of place asks for"), "rule": _l("Comes round by a rule"), "hand": _l("Put in by hand"),
}  # fmt: skip
OWN_LISTS = ("daily_fire_patrol",)  # lists that places fill in by themselves: no visit goes by one unless it is asked for
PLACE_CLOSED = _l("The place has closed.")
PLANNED_KINDS = tuple(kind for kind in KIND_WORDS if kind not in ("case", "recheck"))  # those two follow from an occasion
HAND_KINDS = tuple(kind for kind in PLANNED_KINDS if kind not in DRAWN)  # what a person or a rule may ask for


@dataclass(frozen=True)
class Terms:
    """What the settings say (§5.2, §5.5): visits a year by kind of place, times of a day, what a team must know, notice."""

    types: dict[str, tuple[int, int, int]]  # kind of place → fewest in so many years, those years, most a year
    slots: tuple[tuple[time, time], ...]
    specialities: dict[str, str]  # kind of place → what one officer of the team knows
    visit_days: int
    notice: int  # working days

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        types = dict(_pair(each) for each in config["PLAN_TYPE_VISITS"])
        slots = (tuple(time.fromisoformat(end) for end in each.split("-")) for each in config["PLAN_SLOTS"])
        return cls(
            types={key: _bounds(value) for key, value in types.items()},
            slots=tuple((each[0], each[1]) for each in slots),
            specialities=dict(_pair(each) for each in config["PLAN_SPECIALITIES"]),
            visit_days=config["PLAN_VISIT_DAYS"], notice=config["VISIT_NOTICE_WORKING_DAYS"],
        )  # fmt: skip


def _pair(text_: str) -> tuple[str, str]:
    key, _, value = text_.partition(":")
    return key.strip(), value.strip()


def _bounds(text_: str) -> tuple[int, int, int]:
    """1/2-3: once in two years at least, three times a year at most."""
    least, _, most = text_.partition("-")
    times, _, years = least.partition("/")
    return int(times), int(years or 1), int(most)


class Plan(Audited, Stateful, Base):
    """检查计划: of a year, or of a month of it. Approved by someone who neither drafted nor changed it."""

    __tablename__ = "plans"
    AUDIT_NOUN = "plan"
    MOVES: ClassVar[Any] = {
        ("draft", "approved"): "plan.approved",
        ("draft", "withdrawn"): "plan.withdrawn",
        ("approved", "running"): "plan.begun",
        ("approved", "closed"): "plan.closed",
        ("running", "closed"): "plan.closed",
    }
    __table_args__ = (
        one_of("state", tuple(PLAN_STATE_WORDS)),
        CheckConstraint("year BETWEEN 2000 AND 2199 AND (month IS NULL OR month BETWEEN 1 AND 12)", name="period"),
        CheckConstraint("(state IN ('approved', 'running', 'closed')) = (approved_at IS NOT NULL)", name="approved"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> author_id", name="someone_else"),
        Index(
            "plans_period_key", "year", func.coalesce(text("month"), text("0")), unique=True,
            postgresql_where="state <> 'withdrawn'",
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    year: Mapped[int]
    month: Mapped[int | None]
    state: Mapped[str] = mapped_column(default="draft", index=True)
    purpose: Mapped[str] = mapped_column(default="")
    bounds: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what it was drafted from: {"A": "1-2", "canteen": "1-4", …}
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True, info={"silent": True})
    author: Mapped[str] = mapped_column(default="")
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True, info={"silent": True})
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    note: Mapped[str | None]  # of who approved, withdrew or ended it
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)

    @property
    def first(self) -> date:
        """The first day of its period."""
        return date(self.year, self.month or 1, 1)

    @property
    def last(self) -> date:
        """The last day of its period."""
        return Month(self.year, self.month or 12).last


class PlanItem(Audited, Scoped, Stateful, Base):
    """检查任务: a visit to be made at a place in a period; on which day, by whom, why. The day may move within the period."""

    __tablename__ = "plan_items"
    AUDIT_NOUN = "plan_item"
    MOVES: ClassVar[Any] = {
        ("planned", "visit"): "plan_item.made",
        ("planned", "dropped"): "plan_item.dropped",
        ("visit", "dropped"): "plan_item.dropped",
        ("dropped", "planned"): "plan_item.taken_up",
    }
    __table_args__ = (
        place_key("plan_items"),
        one_of("kind", PLANNED_KINDS),
        one_of("state", tuple(ITEM_STATE_WORDS)),
        one_of("why", tuple(WHY_WORDS)),
        CheckConstraint("planned_on BETWEEN period_from AND period_to", name="period"),
        CheckConstraint("window_to > window_from", name="window"),
        CheckConstraint("(plan_id IS NULL) <> (rule_id IS NULL)", name="origin"),
        CheckConstraint("(state = 'visit') = (visit_id IS NOT NULL)", name="visit"),
        CheckConstraint("state <> 'dropped' OR reason IS NOT NULL", name="dropped"),
        UniqueConstraint("visit_id"),  # a visit answers for one item, and an item has one visit
        UniqueConstraint("id", "facility_id"),
        UniqueConstraint("rule_id", "period", "facility_id"),  # a rule asks once for each place and period
        UniqueConstraint("plan_id", "facility_id", "seq"),
        Index("plan_items_place_idx", "facility_id", "township_id"),
        Index("plan_items_day_idx", "planned_on"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("plan_rules.id"))
    period: Mapped[str]  # 2026, 2026-Q4, 2026-11
    period_from: Mapped[date]
    period_to: Mapped[date]
    seq: Mapped[int] = mapped_column(default=1)  # the how-manieth visit to the place in its plan
    kind: Mapped[str]
    why: Mapped[str]
    credit_class: Mapped[str | None]  # at the time of drafting
    checklists: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # codes of lists; none: whatever suits the place
    planned_on: Mapped[date]
    window_from: Mapped[time | None]
    window_to: Mapped[time | None]
    first_planned_on: Mapped[date | None]  # before it was moved
    reason: Mapped[str | None]  # why it was moved or left out
    state: Mapped[str] = mapped_column(default="planned", index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    trouble: Mapped[str | None]  # why it could not become a visit by itself: a refusal's code
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(PlanItem.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )
    visit: Mapped[Visit | None] = relationship(lazy="raise_on_sql")
    plan: Mapped[Plan | None] = relationship(lazy="raise_on_sql")
    officers: Mapped[list["PlanItemOfficer"]] = relationship(lazy="raise_on_sql", order_by="PlanItemOfficer.seat")

    @property
    def day(self) -> date:
        """The day it is planned for: the visit's own, once there is one."""
        return self.visit.planned_on if self.visit else self.planned_on

    @property
    def team(self) -> list[Officer]:
        """Who goes, the lead first: the visit's own, once there is one."""
        return [row.officer for row in (self.visit.officers if self.visit else self.officers)]

    @property
    def facility_code(self) -> str:
        """The register code of its place."""
        return self.facility.code


class PlanItemOfficer(Audited, Scoped, Base):
    """An officer an item is meant for; seat 0 leads."""

    __tablename__ = "plan_item_officers"
    AUDIT_NOUN = "plan_item_officer"
    __table_args__ = (
        place_key("plan_item_officers"),
        ForeignKeyConstraint(
            ["item_id", "facility_id"], ["plan_items.id", "plan_items.facility_id"], name="plan_item_officers_item_fkey",
            ondelete="CASCADE",
        ),
        CheckConstraint("seat >= 0", name="seat"),
        UniqueConstraint("item_id", "officer_id"),
        UniqueConstraint("item_id", "seat"),
        Index("plan_item_officers_item_idx", "item_id", "facility_id"),
        Index("plan_item_officers_place_idx", "facility_id", "township_id"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    item_id: Mapped[int] = mapped_column(BigInteger)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    seat: Mapped[int]
    officer: Mapped[Officer] = relationship(lazy="raise_on_sql")


def _kind(name: str, said: Any, title: Any, tone: str = "watch", permission: P = P.INSPECTION_PLAN) -> None:
    alerts.kind(alerts.Kind(name, said, permission, "plans.show_item", "item_id", title=title, tone=tone))


_kind(
    "plan_item.mine_late", _l("%(home)s: your visit of %(day)s has no record; make it, or have it moved"),
    _l("of your visits have no record"), permission=P.INSPECTION_DO,
)  # fmt: skip
_kind("plan_item.late", _l("%(home)s: the visit planned for %(day)s has no record"), _l("planned visits without a record"))
_kind(
    "plan_item.missed", _l("%(home)s: no visit was made in the period that ended on %(day)s"), _l("planned visits missed"), "bad"
)
_kind(
    "plan_item.stuck", _l("%(home)s: the visit planned for %(day)s needs a team or a list"),
    _l("planned visits that need a team or a list"), "bad",
)  # fmt: skip

LABELS: dict[str, Any] = {
    "year": _l("Year"), "month": _l("Month"), "state": _l("State"), "purpose": _l("Purpose of the plan"),
    "bounds": _l("Visits a year"),
    "author_id": _l("Drafted by"), "author": _l("Drafted by"), "approved_by_id": _l("Approved by"),
    "approved_by": _l("Approved by"), "approved_at": _l("Approved"), "note": _l("Note"),
    "facility_id": _l("Facility"), "plan_id": _l("Plan"), "rule_id": _l("Rule of recurrence"), "period": _l("Period"),
    "period_from": _l("Period from"), "period_to": _l("Period to"), "seq": _l("No."), "kind": _l("Kind of visit"),
    "why": _l("Why"), "credit_class": _l("Credit class"), "checklists": _l("Lists"),
    "planned_on": _l("Planned for"), "window_from": _l("From"),
    "window_to": _l("Until"), "first_planned_on": _l("Planned for at first"), "reason": _l("Reason"), "visit_id": _l("Visit"),
    "trouble": _l("What stands in the way"), "item_id": _l("Planned visit"), "officer_id": _l("Officer"), "seat": _l("Seat"),
}  # fmt: skip
words.name(
    "plan", _l("plan of inspections"), columns=LABELS, values={"state": PLAN_STATE_WORDS},
    actions={
        "plan.drafted": _l("Plan drafted"), "plan.changed": _l("Plan changed"), "plan.approved": _l("Plan approved"),
        "plan.withdrawn": _l("Plan withdrawn"), "plan.begun": _l("Plan begun"), "plan.closed": _l("Plan ended"),
        "plan.exported": _l("Planned visits or coverage exported"),
    },
)  # fmt: skip
words.name(
    "plan_item", _l("planned visit"), columns=LABELS,
    values={"state": ITEM_STATE_WORDS, "kind": KIND_WORDS, "why": WHY_WORDS},
    actions={
        "plan_item.added": _l("Visit put into the plan"), "plan_item.moved": _l("Planned visit moved"),
        "plan_item.changed": _l("Planned visit changed"), "plan_item.made": _l("Planned visit made a visit"),
        "plan_item.dropped": _l("Planned visit left out"), "plan_item.taken_up": _l("Planned visit taken up again"),
        "plan_item.removed": _l("Planned visit taken out of the draft"),
    },
)  # fmt: skip
words.name("plan_item_officer", _l("officer of a planned visit"), columns=LABELS)
words.name("days_off", _l("days off"), actions={"days_off.loaded": _l("Days off of a year entered")})

catalogue(
    {
        "plan.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "plan.period_wrong": (422, _l("There is no such year or month.")),
        "plan.taken": (409, _l("There is a plan for this period already. Open it instead.")),
        "plan.someone_else": (409, _l("You drafted or changed this plan yourself. Somebody else must approve it.")),
        "plan.approved_half": (409, _l("An approved plan has its approval, a draft has none.")),
        "plan.over": (409, _l("This period is over. Plan the present one or one to come.")),
        "plan.no_team": (409, _l("There are not two certified officers to be had. Enter officers first, then draft the plan.")),
        "plan_item.taken": (409, _l("This visit is in the plan already. Open the list again.")),
        "plan_item.has_visit": (409, _l("This planned visit has become a visit already. Open the visit.")),
        "plan_item.outside": (422, _l("Its period runs from %(first)s to %(last)s. Choose a day within it.")),
        "plan_item.day_off": (422, _l("%(day)s is no working day. Choose another day.")),
        "plan_item.day_past": (422, _l("This day is over. Choose today or a later day.")),
        "plan_item.outside_period": (422, _l("The day lies outside the period of this planned visit. Choose a day within it.")),
        "plan_item.window_reversed": (422, _l("The visit cannot end before it begins. Check the two times.")),
        "plan_item.origin_missing": (409, _l("A planned visit comes from a plan or from a rule.")),
        "plan_item.visit_half": (409, _l("This planned visit has become a visit already. Open the visit.")),
        "plan_item.reason_missing": (422, _l("Say why.")),
        "plan_item.not_in_force": (409, _l("Its plan is not approved yet. Have it approved first.")),
        "plan_item.not_suitable": (409, _l("No list in force on this day suits the place. Publish one, or choose another list.")),
        "plan_item.cap_reached": (
            409,
            _l("%(home)s has all the daily and double-random checks of the year that its bounds allow (%(most)d). Special and"
               " joint checks, case checks and rechecks are outside them."),
        ),
        "plan_item.officer_busy": (409, _l("%(name)s is at %(home)s at this time. Choose another time or another officer.")),
        "plan_item.place_gone": (409, _l("%(home)s is closed. No visit is planned there.")),
        "plan_item.place_shut": (
            409,
            _l("%(home)s is open at %(hours)s. Choose a time within these hours, or tick this if the visit is meant to fall"
               " outside them."),
        ),
        "visit.notice_late": (
            422,
            _l("The home would have to be told by %(due)s. Choose a later day, or go with the notice in hand."),
        ),
    },
    {
        "plans_state_check": "plan.word_unknown",
        "plans_period_check": "plan.period_wrong",
        "plans_approved_check": "plan.approved_half",
        "plans_someone_else_check": "plan.someone_else",
        "plans_period_key": "plan.taken",
        "plan_items_kind_check": "plan.word_unknown",
        "plan_items_state_check": "plan.word_unknown",
        "plan_items_why_check": "plan.word_unknown",
        "plan_items_period_check": "plan_item.outside_period",
        "plan_items_window_check": "plan_item.window_reversed",
        "plan_items_origin_check": "plan_item.origin_missing",
        "plan_items_visit_check": "plan_item.visit_half",
        "plan_items_dropped_check": "plan_item.reason_missing",
        "plan_items_visit_id_key": "plan_item.has_visit",
        "plan_items_id_facility_id_key": "plan_item.taken",
        "plan_items_rule_id_period_facility_id_key": "plan_item.taken",
        "plan_items_plan_id_facility_id_seq_key": "plan_item.taken",
        "plan_item_officers_seat_check": "visit.officer_twice",
        "plan_item_officers_item_id_officer_id_key": "visit.officer_twice",
        "plan_item_officers_item_id_seat_key": "visit.officer_twice",
    },
)
