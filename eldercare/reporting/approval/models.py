"""The life of a report: who wrote its words, reviewed, approved, published and withdrew it; comments; numbers of issues.

The languages of an edition live together: what is done to one row is done to all of them. `life` is "reviewed" where people
judge before it is published, "issued" where nothing in it is anybody's judgement and it is published as soon as it is made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import alerts, calendar, words, workdays
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, given
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful

STATE_WORDS: dict[str, Any] = {
    "draft": _l("Draft"), "reviewed": _l("Reviewed"), "approved": _l("Approved"), "published": _l("Published"),
    "withdrawn": _l("Withdrawn"),
}  # fmt: skip
TEXTS = ("assessment", "requirements", "next_month")  # what people write; the figures are nobody's to edit
TEXT_WORDS: dict[str, Any] = {
    "assessment": _l("Overall assessment"), "requirements": _l("What is required"), "next_month": _l("Next month"),
}  # fmt: skip
LONGEST = {"assessment": 1200, "requirements": 1200, "next_month": 800}  # characters: about half a page each
JUDGED = ("reviewed", "approved", "published", "withdrawn")
OUT = ("published", "withdrawn")  # what everybody may see who reads reports


@dataclass
class Pace:
    """How many working days each step may take before it counts as late; set at the start from the settings."""

    working_days: int = 3

    def due_at(self) -> datetime:
        """When what is to be done from today on is late."""
        return calendar.at(workdays.known().after(calendar.today(), self.working_days) + timedelta(days=1))


PACE = Pace()


class Life(Stateful):
    """What a row of `reports` keeps of its life.

    `texts` are the words as they are being written; the pages show those of the imprint, which follow when they are drawn.
    """

    MOVES: ClassVar[Any] = {
        ("draft", "reviewed"): "report.reviewed",
        ("reviewed", "approved"): "report.approved",
        ("approved", "published"): "report.published",
        ("published", "withdrawn"): "report.withdrawn",
        ("reviewed", "draft"): "report.sent_back",
        ("approved", "draft"): "report.sent_back",
    }
    life: Mapped[str] = mapped_column(default="issued")
    reason: Mapped[str] = mapped_column(default="")  # why this edition was asked for beside a published one
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"assessment": [paragraphs], …}
    texts_version: Mapped[int] = mapped_column(default=0)  # raised by every save: two who write do not overwrite each other
    texts_by_id: Mapped[int | None] = mapped_column(BigInteger)
    texts_by: Mapped[str | None]
    texts_at: Mapped[datetime | None]
    drawn_version: Mapped[int] = mapped_column(default=0)  # the version of the words that the pages show
    reviewed_by_id: Mapped[int | None] = mapped_column(BigInteger)
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(BigInteger)
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    returned_by: Mapped[str | None]
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]
    published_by: Mapped[str | None]
    published_at: Mapped[datetime | None]
    number_year: Mapped[int | None]
    number: Mapped[int | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str | None]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))

    @property
    def is_behind(self) -> bool:
        """The pages do not show the words as they stand: they are being drawn anew."""
        return self.drawn_version < self.texts_version

    @property
    def full_texts(self) -> dict[str, list[str]]:
        """The words as they stand, every part named: as the pages take them."""
        return {part: list(self.texts.get(part, [])) for part in TEXTS}


def rules() -> tuple[Any, ...]:
    """What the database holds of it (for `Report.__table_args__`)."""
    judged = "state IN ('reviewed', 'approved', 'published', 'withdrawn')"
    approved = "state IN ('approved', 'published', 'withdrawn')"
    return (
        CheckConstraint("life IN ('reviewed', 'issued')", name="life"),
        CheckConstraint(
            f"life = 'issued' OR (({judged}) = (reviewed_by_id IS NOT NULL) AND ({approved}) = (approved_by_id IS NOT NULL)"
            " AND (state IN ('published', 'withdrawn')) = (published_at IS NOT NULL))",
            name="steps",
        ),
        CheckConstraint(
            "(reviewed_by_id IS NULL) = (reviewed_at IS NULL) AND (reviewed_by_id IS NULL) = (reviewed_by IS NULL)"
            " AND (approved_by_id IS NULL) = (approved_at IS NULL) AND (approved_by_id IS NULL) = (approved_by IS NULL)",
            name="signed",
        ),
        CheckConstraint("reviewed_by_id <> approved_by_id", name="two_people"),
        CheckConstraint("reviewed_by_id <> texts_by_id AND approved_by_id <> texts_by_id", name="own_words"),
        CheckConstraint("drawn_version <= texts_version AND (state = 'draft' OR drawn_version = texts_version)", name="behind"),
        CheckConstraint(
            "number IS NULL OR (number > 0 AND number_year > 2000 AND state IN ('published', 'withdrawn'))", name="number"
        ),
        CheckConstraint("(number IS NULL) = (number_year IS NULL)", name="number_year"),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (withdrawn_at IS NULL) = (withdraw_reason IS NULL)"
            " AND (replaced_by_id IS NULL OR (state = 'withdrawn' AND replaced_by_id <> id))",
            name="withdrawn",
        ),
        Index(
            "reports_number_key", "kind", "number_year", "number", "language", unique=True,
            postgresql_where="number IS NOT NULL",
        ),
        given("reports_replaced_by_idx", "replaced_by_id"),
    )  # fmt: skip


class ReportComment(Audited, Base):
    """批注: what somebody says about a part of a draft; open until somebody says it is settled."""

    __tablename__ = "report_comments"
    AUDIT_NOUN = "report_comment"
    __table_args__ = (
        CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved"),
        Index("report_comments_open_idx", "report_id", postgresql_where="resolved_at IS NULL"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    part: Mapped[str] = mapped_column(default="")  # a part's key; empty: the whole
    body: Mapped[str]
    person: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    at: Mapped[datetime] = mapped_column(default=calendar.now)
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]


def _kind(name: str, said: Any, permission: P, title: Any, **more: Any) -> None:
    alerts.kind(alerts.Kind(f"report.{name}", said, permission, "reporting.show", "report_id", title=title, **more))


_kind("draft", _l("%(report)s, %(period)s: the draft waits for its words and its review"), P.REPORT_BUILD,
      _l("drafts of reports wait for their words"))  # fmt: skip
_kind("to_review", _l("%(report)s, %(period)s: review the draft"), P.REPORT_REVIEW, _l("reports to review"))
_kind("to_approve", _l("%(report)s, %(period)s: approve it"), P.REPORT_APPROVE, _l("reports to approve"), by_mail=True)
_kind("to_publish", _l("%(report)s, %(period)s: approved; publish it"), P.REPORT_BUILD, _l("reports to publish"))
_kind("returned", _l("%(report)s, %(period)s was sent back: %(reason)s"), P.REPORT_BUILD, _l("reports sent back"), tone="bad")

words.name(
    "report", _l("report"),
    actions={
        "report.texts_written": _l("Text parts written"), "report.texts_taken_over": _l("Text parts of another issue taken over"),
        "report.reviewed": _l("Reviewed"), "report.approved": _l("Approved"), "report.sent_back": _l("Sent back to draft"),
        "report.publication_asked_for": _l("Publication asked for"), "report.published": _l("Published"),
        "report.withdrawn": _l("Withdrawn"), "report.replaced": _l("Replaced by a later edition"),
        "report.redrawn": _l("Pages drawn anew"),
    },
    columns={"reason": _l("Reason"), "parts": _l("Text parts"), "number": _l("Issue number"), "replaced_by": _l("Replaced by")},
    values={"state": STATE_WORDS, "parts": TEXT_WORDS},
)  # fmt: skip
words.name(
    "report_comment", _l("comment on a report"),
    actions={"report_comment.made": _l("Comment made"), "report_comment.resolved": _l("Comment settled")},
    columns={"body": _l("Comment"), "part": _l("Part"), "person": _l("Name"), "resolved_by": _l("Settled by")},
)
catalogue(
    {
        "report.not_draft": (409, _l("Only a draft can be changed. Send it back to draft first, with a reason.")),
        "report.texts_changed": (409,
            _l("%(who)s saved other words meanwhile. They stand under the fields: take what you need, then save again."),
        ),
        "report.needs_a_person": (403, _l("A report is reviewed and approved by people, never by the platform itself.")),
        "report.own_words": (409,
            _l("You wrote its text parts last. Whoever wrote them neither reviews nor approves: ask a colleague."),
        ),
        "report.own_review": (409, _l("You reviewed it yourself. Somebody else approves it.")),
        "report.pages_behind": (409,
            _l("The pages are still being drawn with the latest words. Wait until they are done, read them, then go on."),
        ),
        "report.comments_open": (409, _l("Comments are open. Settle each of them, or send the report back to draft.")),
        "report.not_approved": (409, _l("It is no longer approved: somebody sent it back or published it. Open it again.")),
        "report.number_needed": (422, _l("Type the number of the issue from the office’s register.")),
        "report.number_taken": (409,
            _l("This number is given to another issue of the year. Look in the register and type the right one."),
        ),
        "report.replacement_wrong": (422, _l("It can be replaced by another published edition of the same report alone.")),
        "report.reason_needed": (422,
            _l("This month has a published edition. Say why another one is wanted: the reason stands on its page."),
        ),
        "report.frozen": (409, _l("What is published never changes. Withdraw it with a reason, and publish another edition.")),
        "report.steps_wrong": (409,
            _l("A report goes from draft over review and approval to publication, one step after the other."),
        ),
        "report.nothing_to_take_over": (404, _l("No earlier issue has text parts that could be taken over.")),
        "report.no_other_language": (409,
            _l("While it is reviewed and approved no other language is added. Wait until it is published."),
        ),
        "report_comment.settled": (409, _l("This comment is settled already.")),
    },
    {
        "reports_life_check": "report.steps_wrong", "reports_steps_check": "report.steps_wrong",
        "reports_signed_check": "report.steps_wrong", "reports_two_people_check": "report.own_review",
        "reports_own_words_check": "report.own_words", "reports_behind_check": "report.pages_behind",
        "reports_number_check": "report.steps_wrong", "reports_number_year_check": "report.steps_wrong",
        "reports_number_key": "report.number_taken", "reports_withdrawn_check": "report.replacement_wrong",
        "reports_frozen": "report.frozen", "report_comments_resolved_check": "report_comment.settled",
    },
)  # fmt: skip
