"""A filled checklist: answers to the items of one version at one place. domain.md §5.3 (7), §6.

A check is open until it is sealed; then neither it nor an answer changes (triggers `check_is_sealed`,
`check_answer_is_sealed`). A correction is a new check of the same version, with a reason; one follows the other.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.checklists.models import ChecklistItem, ChecklistVersion
from eldercare.core import calendar, words
from eldercare.core.db import Audited, Base, Scoped, given, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of

RESULT_WORDS: dict[str, Any] = {
    "conform": _l("In order"), "partial": _l("Partly in order"), "nonconform": _l("Not in order"),
    "not_applicable": _l("Does not apply"), "not_checked": _l("Not checked"),
}  # fmt: skip
ORIGIN_WORDS: dict[str, Any] = {
    "self_check": _l("Self-check"), "inspection": _l("Inspection"), "stationed": _l("Stationed supervision"),
    "other": _l("Other check"),
}  # fmt: skip
STATE_WORDS: dict[str, Any] = {"open": _l("Being filled in"), "sealed": _l("Sealed"), "dropped": _l("Dropped")}
STATUS_WORDS: dict[str, Any] = {
    "complete": _l("Complete"), "incomplete": _l("Incomplete"), "nothing": _l("Nothing applies"),
}
GRADE_WORDS: dict[str, Any] = {"excellent": _l("Excellent"), "good": _l("Good"), "pass": _l("Pass"), "fail": _l("Fail")}
CAP_WORDS: dict[str, Any] = {
    "veto": _l("An item with a veto is not in order."),
    "escalated": _l("A fault was escalated to a major hazard."),
    "serious": _l("Many serious items are not in order."),
    "overdue": _l("A rectification is overdue."),
}
RESULTS = tuple(RESULT_WORDS)


class Check(Audited, Scoped, Stateful, Base):
    """检查记录: one version of a list, filled in at one place on one day.

    `facts`: what was known of the place when it began (decides which items apply). `label`: what it belongs to, for people.
    `outcome`: the whole result of scoring (queries/scoring.py), kept as it was when sealed.
    """

    __tablename__ = "checks"
    AUDIT_NOUN = "check"
    MOVES: ClassVar[Any] = {("open", "sealed"): "check.sealed", ("open", "dropped"): "check.dropped"}
    __table_args__ = (
        place_key("checks"),
        one_of("state", tuple(STATE_WORDS)),
        one_of("origin", tuple(ORIGIN_WORDS)),
        one_of("status", tuple(STATUS_WORDS)),
        one_of("grade", tuple(GRADE_WORDS)),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint(
            "(state = 'sealed') = (content_sha256 IS NOT NULL) AND (state = 'sealed') = (sealed_at IS NOT NULL)"
            " AND (state = 'sealed') = (status IS NOT NULL)",
            name="sealed_whole",
        ),
        CheckConstraint(
            "(score IS NULL) = (grade IS NULL) AND (score IS NOT NULL) = coalesce(status = 'complete', false)", name="graded"
        ),
        CheckConstraint("(corrects_id IS NULL) = (revision = 1) AND (revision = 1 OR reason IS NOT NULL)", name="correction"),
        CheckConstraint("overdue >= 0", name="overdue"),
        ForeignKeyConstraint(
            ["corrects_id", "version_id", "facility_id"],
            ["checks.id", "checks.version_id", "checks.facility_id"],
            name="checks_corrects_fkey",
        ),
        UniqueConstraint("id", "version_id", "facility_id"),
        Index("checks_corrected_once_key", "corrects_id", unique=True, postgresql_where=text("state <> 'dropped'")),
        given("checks_corrects_idx", "corrects_id", "version_id", "facility_id"),
        Index("checks_place_idx", "facility_id", "township_id"),
        Index("checks_version_idx", "version_id"),
        Index("checks_day_idx", "checked_on"),
        Index("checks_open_idx", "id", postgresql_where=text("state = 'open'")),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    version_id: Mapped[int] = mapped_column(ForeignKey("checklist_versions.id"))
    origin: Mapped[str]
    label: Mapped[str | None]
    checked_on: Mapped[date]
    facts: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="open")
    revision: Mapped[int] = mapped_column(default=1)
    corrects_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    person_name: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime] = mapped_column(default=calendar.now)
    sealed_at: Mapped[datetime | None]
    overdue: Mapped[int] = mapped_column(default=0)  # rectifications overdue at sealing, as told by whoever sealed
    status: Mapped[str | None]
    score: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    grade: Mapped[str | None]
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict, info={"silent": True})
    content_sha256: Mapped[str | None] = mapped_column(info={"silent": True})
    version: Mapped[ChecklistVersion] = relationship(lazy="raise_on_sql")
    facility: Mapped[Facility] = relationship(
        lazy="raise_on_sql", viewonly=True, primaryjoin=lambda: Facility.id == Check.facility_id,
        foreign_keys=lambda: Check.facility_id,
    )  # fmt: skip


class CheckAnswer(Scoped, Base):
    """答案: what was found at one item. Each change goes to the log as the hash of all of them when the check is sealed.

    by_rule: the item's condition says it does not apply here. escalated: a fault judged to be a major hazard.
    photos: content hashes (SHA-256) in core/files.
    """

    __tablename__ = "check_answers"
    __table_args__ = (
        place_key("check_answers"),
        ForeignKeyConstraint(["check_id", "version_id", "facility_id"], ["checks.id", "checks.version_id", "checks.facility_id"],
                             name="check_answers_check_fkey", ondelete="CASCADE"),
        ForeignKeyConstraint(["item_id", "version_id"], ["checklist_items.id", "checklist_items.version_id"],
                             name="check_answers_item_fkey"),
        one_of("result", RESULTS),
        CheckConstraint("NOT escalated OR result = 'nonconform'", name="escalated"),
        CheckConstraint("NOT by_rule OR result = 'not_applicable'", name="by_rule"),
        CheckConstraint(
            "result IN ('conform', 'not_checked') OR by_rule OR reason IS NOT NULL", name="reason",
        ),
        UniqueConstraint("check_id", "item_id"),
        Index("check_answers_check_idx", "check_id", "version_id", "facility_id"),
        Index("check_answers_item_idx", "item_id", "version_id"),
        Index("check_answers_place_idx", "facility_id", "township_id"),
        Index("check_answers_photos_idx", "photos", postgresql_using="gin", postgresql_where=text("photos <> '{}'")),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    check_id: Mapped[int] = mapped_column(BigInteger)
    version_id: Mapped[int]
    item_id: Mapped[int] = mapped_column(BigInteger)
    result: Mapped[str] = mapped_column(default="not_checked")
    reason: Mapped[str | None]
    escalated: Mapped[bool] = mapped_column(default=False)
    by_rule: Mapped[bool] = mapped_column(default=False)
    photos: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    answered_at: Mapped[datetime | None]
    item: Mapped[ChecklistItem] = relationship(
        lazy="raise_on_sql", viewonly=True, primaryjoin=lambda: ChecklistItem.id == CheckAnswer.item_id,
        foreign_keys=lambda: CheckAnswer.item_id,
    )  # fmt: skip


words.name(
    "check", _l("check"),
    actions={
        "check.started": _l("Check begun"), "check.corrected": _l("Correction begun"), "check.sealed": _l("Check sealed"),
        "check.dropped": _l("Check dropped"),
    },
    columns={
        "version_id": _l("Version of the list"), "origin": _l("Kind of check"), "label": _l("Belongs to"),
        "checked_on": _l("Checked on"), "facts": _l("What is known of the place"), "state": _l("State"),
        "revision": _l("Edition"), "corrects_id": _l("Corrects"), "reason": _l("Reason"), "person_id": _l("Filled in by"),
        "person_name": _l("Filled in by"), "started_at": _l("Begun"), "sealed_at": _l("Sealed"),
        "overdue": _l("Rectifications overdue"),
        "status": _l("Completeness"), "score": _l("Score"), "grade": _l("Grade"), "sha256": "SHA-256",
    },
    values={
        "state": STATE_WORDS, "origin": ORIGIN_WORDS, "status": STATUS_WORDS, "grade": GRADE_WORDS,
    },
)  # fmt: skip
catalogue(
    {
        "check.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "check.sealed": (
            409,
            _l("This check was sealed and cannot be changed any more. Make a correction with a reason instead."),
        ),
        "check.not_sealed": (409, _l("Only a sealed check is corrected. This one can still be filled in.")),
        "check.corrected_already": (409, _l("This check was corrected already. Correct the newest edition.")),
        "check.reason_missing": (422, _l("Say why: what is found wrong, partly wrong, or not to apply needs a reason.")),
        "check.not_for_place": (409, _l("The list “%(name)s” is not for places of this kind. Choose another list.")),
        "check.nothing_asked": (409, _l("The list “%(name)s” asks nothing here. Choose another list.")),
        "check.not_published": (409, _l("Only a published version can be filled in.")),
        "check.partial_not_allowed": (422, _l("Item %(code)s is either in order or not: it cannot be partly in order.")),
        "check.escalation_wrong": (
            422,
            _l("Item %(code)s cannot be escalated: only a fault of an item that says when it is major can be."),
        ),
        "check.answer_wrong": (422, _l("This answer does not fit. Open the check again and repeat it.")),
        "check.item_unknown": (404, _l("The list has no item %(code)s.")),
        "check.photo_missing": (409, _l("Photos are missing at: %(codes)s. Take them, then send again.")),
        "check.numbers_wrong": (
            409,
            _l("Score and grade do not fit each other. Tell the administrator the number of the check."),
        ),
    },
    {
        "checks_state_check": "check.word_unknown",
        "checks_origin_check": "check.word_unknown",
        "checks_status_check": "check.word_unknown",
        "checks_grade_check": "check.word_unknown",
        "checks_score_check": "check.numbers_wrong",
        "checks_sealed_whole_check": "check.numbers_wrong",
        "checks_graded_check": "check.numbers_wrong",
        "checks_correction_check": "check.reason_missing",
        "checks_overdue_check": "check.numbers_wrong",
        "checks_id_version_id_facility_id_key": "row.busy",
        "checks_corrected_once_key": "check.corrected_already",
        "checks_sealed": "check.sealed",
        "check_answers_result_check": "check.word_unknown",
        "check_answers_escalated_check": "check.answer_wrong",
        "check_answers_by_rule_check": "check.answer_wrong",
        "check_answers_reason_check": "check.reason_missing",
        "check_answers_check_id_item_id_key": "row.busy",
    },
)
