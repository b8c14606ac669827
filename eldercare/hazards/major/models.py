"""Major accident hazards judged present, listed for supervision, and what the home hands in. domain.md §5.4, §7.

A case says that an officer judged a hazard to be one row of the table then in force, with reason and evidence. Many
faults do not add up to one. It is cleared on the day its hazard was put right.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.checklists.models import ChecklistVersion
from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of
from eldercare.hazards.models import Hazard

STATE_WORDS: dict[str, Any] = {
    "judged": _l("Judged present"),
    "listed": _l("Listed for supervision"),
    "delisted": _l("Taken off the list"),
    "withdrawn": _l("Judgement withdrawn"),
}
LEVEL_WORDS: dict[str, Any] = {"district": _l("District"), "city": _l("City"), "province": _l("Province")}
PAPER_WORDS: dict[str, Any] = {"measures": _l("Measures taken at once"), "plan": _l("Plan of rectification")}
RESULT_WORDS: dict[str, Any] = {"accepted": _l("Accepted"), "returned": _l("Sent back")}


@dataclass(frozen=True)
class Times:
    """How soon measures (hours) and plan (days) are due after the judgement, and again when sent back; settings, §5.4 [P]."""

    measures_hours: int
    plan_days: int
    return_days: int

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        return cls(config["MAJOR_MEASURES_HOURS"], config["MAJOR_PLAN_DAYS"], config["MAJOR_RETURN_DAYS"])

    def due(self, at: datetime) -> dict[str, datetime]:
        """When each paper is due: measures so many hours later, the plan at the end of the last day."""
        last = calendar.local(at).date() + timedelta(days=self.plan_days)
        return {"measures": at + timedelta(hours=self.measures_hours), "plan": calendar.at(last, 23, 59)}

    def again(self, day: date) -> datetime:
        """When a paper sent back on a day is due once more."""
        return calendar.at(day + timedelta(days=self.return_days), 23, 59)


class MajorCase(Audited, Scoped, Stateful, Base):
    """重大事故隐患判定: a hazard judged to be the row `hazard_code` of the table `version_id`; `article` its number there.

    list_*: 挂牌督办. measures_due_at, plan_due_at: when the home's papers are due, or due again where one was sent back.
    """

    __tablename__ = "major_cases"
    AUDIT_NOUN = "major_case"
    MOVES: ClassVar[Any] = {
        ("judged", "listed"): "major_case.listed",
        ("listed", "delisted"): "major_case.delisted",
        ("judged", "withdrawn"): "major_case.withdrawn",
        ("listed", "withdrawn"): "major_case.withdrawn",
    }
    __table_args__ = (
        place_key("major_cases"),
        ForeignKeyConstraint(["hazard_id", "facility_id"], ["hazards.id", "hazards.facility_id"], name="major_cases_hazard_fkey"),
        one_of("state", tuple(STATE_WORDS)),
        one_of("list_level", tuple(LEVEL_WORDS)),
        one_of("was_severity", ("general", "serious")),
        CheckConstraint("length(btrim(reason)) > 0 AND length(btrim(evidence)) > 0", name="reason"),
        CheckConstraint(
            "(listed_on IS NULL) = (list_level IS NULL) AND (listed_on IS NULL) = (list_reason IS NULL)"
            " AND (state NOT IN ('listed', 'delisted') OR listed_on IS NOT NULL) AND listed_on >= judged_on",
            name="listed",
        ),
        CheckConstraint(
            "(delisted_on IS NULL) = (delist_reason IS NULL) AND (state = 'delisted') <= (delisted_on IS NOT NULL)"
            " AND delisted_on >= listed_on",
            name="delisted",
        ),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name="withdrawn"),
        UniqueConstraint("id", "facility_id"),
        Index("major_cases_once_key", "hazard_id", unique=True, postgresql_where=text("state <> 'withdrawn'")),
        Index("major_cases_hazard_idx", "hazard_id", "facility_id"),
        Index("major_cases_place_idx", "facility_id", "township_id"),
        Index("major_cases_judged_on_idx", "judged_on"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    hazard_id: Mapped[int] = mapped_column(BigInteger)
    version_id: Mapped[int] = mapped_column(ForeignKey("checklist_versions.id"), index=True)
    hazard_code: Mapped[str]
    was_severity: Mapped[str] = mapped_column(default="serious", info={"silent": True})  # what the hazard was called before
    article: Mapped[str]
    state: Mapped[str] = mapped_column(default="judged", index=True)
    judged_on: Mapped[date]
    judged_at: Mapped[datetime] = mapped_column(default=calendar.now, info={"silent": True})
    judged_by: Mapped[str]
    judged_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    reason: Mapped[str]
    evidence: Mapped[str]
    measures_due_at: Mapped[datetime]
    plan_due_at: Mapped[datetime]
    list_level: Mapped[str | None]
    listed_on: Mapped[date | None]
    listed_by: Mapped[str | None]
    list_reason: Mapped[str | None]
    delisted_on: Mapped[date | None]
    delisted_by: Mapped[str | None]
    delist_reason: Mapped[str | None]
    withdrawn_on: Mapped[date | None]
    withdrawn_by: Mapped[str | None]
    withdraw_reason: Mapped[str | None]
    hazard: Mapped[Hazard] = relationship(
        primaryjoin="foreign(MajorCase.hazard_id) == Hazard.id", viewonly=True, lazy="raise_on_sql"
    )
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(MajorCase.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )
    version: Mapped[ChecklistVersion] = relationship(viewonly=True, lazy="raise_on_sql")
    papers: Mapped[list["MajorPaper"]] = relationship(lazy="raise_on_sql", order_by="MajorPaper.id", viewonly=True)

    def days_open(self, day: date) -> int:
        """Days from the judgement to the day it was put right, or to `day`."""
        end = min(self.hazard.right_on or day, day)
        return max((end - self.judged_on).days, 0)

    def due_at(self, kind: str) -> datetime:
        """When measures or plan are due."""
        return self.measures_due_at if kind == "measures" else self.plan_due_at


class MajorPaper(Audited, Scoped, Base):
    """督办材料: measures or plan as the home handed them in; accepted, or sent back with a reason and handed in anew."""

    __tablename__ = "major_papers"
    AUDIT_NOUN = "major_paper"
    __table_args__ = (
        place_key("major_papers"),
        ForeignKeyConstraint(
            ["case_id", "facility_id"], ["major_cases.id", "major_cases.facility_id"], name="major_papers_case_fkey"
        ),
        one_of("kind", tuple(PAPER_WORDS)),
        one_of("result", tuple(RESULT_WORDS)),
        CheckConstraint(
            "(result IS NULL) = (decided_at IS NULL) AND (result IS DISTINCT FROM 'returned' OR note IS NOT NULL)", name="decided"
        ),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> handed_in_by_id", name="someone_else"),
        UniqueConstraint("case_id", "kind", "seq"),
        Index(
            "major_papers_open_key", "case_id", "kind", unique=True, postgresql_where=text("result IS DISTINCT FROM 'returned'")
        ),
        Index("major_papers_case_idx", "case_id", "facility_id"),
        Index("major_papers_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    seq: Mapped[int]
    body: Mapped[str]
    finish_on: Mapped[date | None]  # a plan: when all is to be put right
    responsible: Mapped[str | None] = mapped_column(info={"mask": "name"})
    handed_in_at: Mapped[datetime] = mapped_column(default=calendar.now)
    handed_in_by: Mapped[str]
    handed_in_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    is_late: Mapped[bool] = mapped_column(default=False)
    result: Mapped[str | None]
    note: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    decided_by: Mapped[str | None]
    decided_by_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})


def _alert(name: str, words_: Any, title: Any, permission: P, **more: Any) -> None:
    alerts.kind(alerts.Kind(name, words_, permission, "major.show", "case_id", title=title, tone="bad", by_mail=True, **more))


_alert(
    "major.measures",
    _l("%(home)s, major hazard %(number)s: hand in the measures taken"),
    _l("measures against major hazards to hand in"),
    P.HAZARD_REPLY,
    above=P.HAZARD_ORDER,
)
_alert(
    "major.plan",
    _l("%(home)s, major hazard %(number)s: hand in the plan of rectification"),
    _l("plans against major hazards to hand in"),
    P.HAZARD_REPLY,
    above=P.HAZARD_ORDER,
)
_alert(
    "major.handed_in",
    _l("%(home)s handed in a paper on major hazard %(number)s: look at it"),
    _l("papers on major hazards to look at"),
    P.HAZARD_SUPERVISE,
)
_alert(
    "major.judged",
    _l("%(home)s: %(number)s was judged a major hazard; decide whether to list it"),
    _l("major hazards to list"),
    P.HAZARD_SUPERVISE,
)
_alert(
    "major.listed",
    _l("%(home)s: major hazard %(number)s is listed for supervision"),
    _l("listed major hazards"),
    P.HAZARD_READ,
    is_todo=False,
)

LABELS: dict[str, Any] = {
    "hazard_id": _l("Hazard"), "version_id": _l("Version"), "hazard_code": _l("Row of the table"), "article": _l("Article"),
    "state": _l("State"), "judged_on": _l("Judged on"), "judged_by": _l("Judged by"), "reason": _l("Reason"),
    "evidence": _l("Evidence of the judgement"), "measures_due_at": _l("Measures due"),
    "plan_due_at": _l("Plan due"), "list_level": _l("Level"),
    "listed_on": _l("Listed on"), "listed_by": _l("Listed by"), "list_reason": _l("Reason of the listing"),
    "delisted_on": _l("Taken off on"), "delisted_by": _l("Taken off by"), "delist_reason": _l("Why it was taken off"),
    "withdrawn_on": _l("Withdrawn on"), "withdrawn_by": _l("Withdrawn by"), "withdraw_reason": _l("Reason of the withdrawal"),
    "case_id": _l("Major hazard"), "kind": _l("Paper"), "seq": _l("No."), "body": _l("What it says"),
    "finish_on": _l("All put right by"), "responsible": _l("Responsible person"), "handed_in_at": _l("Handed in"),
    "handed_in_by": _l("Handed in by"), "is_late": _l("Late"), "result": _l("Result"), "note": _l("Note"),
    "decided_by": _l("Decided by"), "facility_id": _l("Facility"),
}  # fmt: skip
words.name(
    "major_case",
    _l("major hazard"),
    columns=LABELS,
    values={"state": STATE_WORDS, "list_level": LEVEL_WORDS},
    actions={
        "major_case.judged": _l("Judged a major hazard"),
        "major_case.due_again": _l("Paper due again"),
        "major_case.listed": _l("Listed for supervision"),
        "major_case.delisted": _l("Taken off the list"),
        "major_case.withdrawn": _l("Judgement withdrawn"),
        "major_case.exported": _l("Major hazards exported"),
    },
)
words.name(
    "major_paper",
    _l("paper on a major hazard"),
    columns=LABELS,
    values={"kind": PAPER_WORDS, "result": RESULT_WORDS},
    actions={
        "major_paper.handed_in": _l("Paper handed in"),
        "major_paper.accepted": _l("Paper accepted"),
        "major_paper.returned": _l("Paper sent back"),
    },
)
words.ACTIONS["hazard.judged_major"] = _l("Judged a major hazard")
words.ACTIONS["hazard.major_no_more"] = _l("Judgement withdrawn: no major hazard")

catalogue(
    {
        "major.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "major.reason_missing": (422, _l("A judgement needs a reason and evidence.")),
        "major.list_half": (409, _l("A listing has a level, a day and a reason. Open the major hazard again.")),
        "major.delist_half": (409, _l("What is taken off the list has a day and a reason. Open the major hazard again.")),
        "major.withdrawn_already": (409, _l("This judgement was withdrawn already.")),
        "major.judged_already": (409, _l("This hazard was judged already. Open the major hazard instead.")),
        "major.row_unknown": (422, _l("The table in force has no such row. Choose one of those named.")),
        "major.hazard_over": (409, _l("This hazard was put right already; it is no longer judged.")),
        "major.not_ordered": (409, _l("This hazard has not been ordered to be put right yet. Confirm it first.")),
        "major.not_right": (409, _l("It stays on the list until its recheck has passed.")),
        "major.taken": (409, _l("This major hazard exists already.")),
        "major.paper_waits": (409, _l("This paper was handed in already. Wait until it has been looked at.")),
        "major.paper_decided": (
            409,
            _l("This paper was decided on already, or its result lacks a note. Open the major hazard again."),
        ),
        "major.paper_own": (409, _l("You handed this paper in yourself. Somebody else must decide on it.")),
        "major.over": (409, _l("This is over. Nothing is handed in any more.")),
    },
    {
        "major_cases_state_check": "major.word_unknown",
        "major_cases_list_level_check": "major.word_unknown",
        "major_cases_was_severity_check": "major.word_unknown",
        "major_cases_reason_check": "major.reason_missing",
        "major_cases_listed_check": "major.list_half",
        "major_cases_delisted_check": "major.delist_half",
        "major_cases_withdrawn_check": "major.withdrawn_already",
        "major_cases_once_key": "major.judged_already",
        "major_cases_id_facility_id_key": "major.taken",
        "major_papers_kind_check": "major.word_unknown",
        "major_papers_result_check": "major.word_unknown",
        "major_papers_decided_check": "major.paper_decided",
        "major_papers_someone_else_check": "major.paper_own",
        "major_papers_case_id_kind_seq_key": "major.paper_waits",
        "major_papers_open_key": "major.paper_waits",
    },
)
