"""Visits and their records. Kinds, notice, signatures, results: domain.md §5.2, §5.3.

A visit is planned for a place, a day and two officers or more; one of them, the lead, writes. What the lead sends is a
record: kept as it came, under its hash, for ever (trigger `visit_record_is_fixed`); a correction is the next revision.
A home sees nothing of a visit before `shown_at`: case checks must not be told beforehand (§5.2). The wall says so too.
"""

import uuid
from datetime import date, datetime, time
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.accounts.officers.models import Officer
from eldercare.checklists.models import ChecklistVersion
from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, given, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of

KIND_WORDS: dict[str, Any] = {
    "daily": _l("Daily check"), "double_random": _l("Double-random check"), "special": _l("Special check"),
    "joint": _l("Joint check"), "case": _l("Case check"), "recheck": _l("Recheck"),
}  # fmt: skip
CAPPED = ("daily", "double_random")  # what a year's upper bound binds (§5.5)
GRAVE = ("obstructed", "transfer")  # results the district hears of at once; each has an alert of its name
UNTOLD = ("case",)  # never told beforehand (§5.2)
DRAWN = ("double_random",)  # comes out of a draw alone: nobody chooses where and who (§5.2, §5.6)
STATE_WORDS: dict[str, Any] = {"planned": _l("To be made"), "sent": _l("Recorded"), "cancelled": _l("Cancelled")}
NOTICE_WORDS: dict[str, Any] = {
    "ahead": _l("Told beforehand"), "on_site": _l("With the notice in hand"), "none": _l("Without notice"),
}  # fmt: skip
WAY_WORDS: dict[str, Any] = {
    "electronic": _l("On the platform, with the home’s consent"), "in_person": _l("Handed over"), "phone": _l("By telephone"),
    "left": _l("Left at the place"),
}  # fmt: skip
MARK_WORDS: dict[str, Any] = {
    "late": _l("Arrived long after the visit"), "clock": _l("The tablet’s clock was wrong"),
    "rescued": _l("Taken in from a file"), "other_day": _l("Not on the planned day"),
}  # fmt: skip
RESULT_WORDS: dict[str, Any] = {
    "none": _l("Nothing found"), "fixed": _l("Put right on the spot"), "order": _l("Ordered to be put right"),
    "transfer": _l("Suspected offence, handed over"), "obstructed": _l("Refused or obstructed"),
    "absent": _l("Nobody met, or closed"),
}  # fmt: skip


class Visit(Audited, Scoped, Stateful, Base):
    """一次检查: a place is looked at on a day by two officers or more, by one or more lists.

    `uid` names it on the tablets; `number` is given with the first record. `shown_at`: since when the home may see it.
    """

    __tablename__ = "visits"
    AUDIT_NOUN = "visit"
    MOVES: ClassVar[Any] = {("planned", "sent"): "visit.sent", ("planned", "cancelled"): "visit.cancelled"}
    __table_args__ = (
        place_key("visits"),
        one_of("kind", tuple(KIND_WORDS)),
        one_of("state", tuple(STATE_WORDS)),
        one_of("notice", tuple(NOTICE_WORDS)),
        one_of("result", tuple(RESULT_WORDS)),
        CheckConstraint("window_to > window_from", name="window"),
        CheckConstraint("kind <> 'case' OR notice = 'none'", name="untold"),
        CheckConstraint("kind <> 'case' OR shown_at IS NULL OR state = 'sent'", name="secret"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL) AND (state = 'sent') = (result IS NOT NULL)"
                        " AND (state = 'sent') = (number IS NOT NULL)", name="sent_whole"),
        CheckConstraint("state <> 'cancelled' OR reason IS NOT NULL", name="cancelled"),
        CheckConstraint("published_at IS NULL OR (state = 'sent' AND shown_at IS NOT NULL)", name="published"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        one_of("notice_way", tuple(WAY_WORDS)),
        CheckConstraint("notice_way IS NULL OR noticed_at IS NOT NULL", name="noticed"),
        UniqueConstraint("uid"),
        UniqueConstraint("number"),
        UniqueConstraint("id", "facility_id"),
        Index("visits_place_idx", "facility_id", "township_id"),
        Index("visits_day_idx", "planned_on"),
        given("visits_follows_idx", "follows_id"),
        Index("visits_draw_once_key", "draw_id", "facility_id", unique=True, postgresql_where=text("draw_id IS NOT NULL")),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="planned", index=True)
    number: Mapped[str | None]
    planned_on: Mapped[date]
    window_from: Mapped[time | None]  # the hours in which the place can be visited
    window_to: Mapped[time | None]
    basis: Mapped[str] = mapped_column(default="")
    purpose: Mapped[str] = mapped_column(default="")
    notice: Mapped[str]
    noticed_at: Mapped[datetime | None]
    notice_way: Mapped[str | None]
    notice_note: Mapped[str | None]  # whom it was given to; why it was given later than the rule asks
    shown_at: Mapped[datetime | None]
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))  # the visit whose findings are rechecked
    draw_id: Mapped[int | None] = mapped_column(ForeignKey("draws.id"))  # the double-random draw it came out of
    reason: Mapped[str | None]  # why it was cancelled or moved
    team_reason: Mapped[str | None]  # why others go than it was planned or drawn with
    sent_at: Mapped[datetime | None]
    result: Mapped[str | None]
    answer: Mapped[str | None]  # what the home says to it, before anything is published
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    answer_by: Mapped[date | None]  # until when the home may answer before anything is published
    publish_by: Mapped[date | None]  # until when the result should be public; none once it is recorded: it stays secret
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    created_by: Mapped[str] = mapped_column(default="")
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(Visit.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )
    officers: Mapped[list["VisitOfficer"]] = relationship(lazy="raise_on_sql", order_by="VisitOfficer.seat")
    lists: Mapped[list["VisitList"]] = relationship(lazy="raise_on_sql", order_by="VisitList.version_id")
    records: Mapped[list["VisitRecord"]] = relationship(lazy="raise_on_sql", order_by="VisitRecord.revision")

    @property
    def lead(self) -> Officer:
        """The one officer who writes."""
        return self.officers[0].officer


class VisitOfficer(Audited, Scoped, Base):
    """An officer of a visit; seat 0 is the lead."""

    __tablename__ = "visit_officers"
    AUDIT_NOUN = "visit_officer"
    __table_args__ = (
        place_key("visit_officers"),
        ForeignKeyConstraint(["visit_id", "facility_id"], ["visits.id", "visits.facility_id"], name="visit_officers_visit_fkey"),
        CheckConstraint("seat >= 0", name="seat"),
        UniqueConstraint("visit_id", "officer_id"),
        UniqueConstraint("visit_id", "seat"),
        Index("visit_officers_visit_idx", "visit_id", "facility_id"),
        Index("visit_officers_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    visit_id: Mapped[int] = mapped_column(BigInteger)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    seat: Mapped[int]
    officer: Mapped[Officer] = relationship(lazy="raise_on_sql")


class VisitList(Audited, Scoped, Base):
    """A checklist version to be filled in at a visit."""

    __tablename__ = "visit_lists"
    AUDIT_NOUN = "visit_list"
    __table_args__ = (
        place_key("visit_lists"),
        ForeignKeyConstraint(["visit_id", "facility_id"], ["visits.id", "visits.facility_id"], name="visit_lists_visit_fkey"),
        UniqueConstraint("visit_id", "version_id"),
        Index("visit_lists_visit_idx", "visit_id", "facility_id"),
        Index("visit_lists_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    visit_id: Mapped[int] = mapped_column(BigInteger)
    version_id: Mapped[int] = mapped_column(ForeignKey("checklist_versions.id"), index=True)
    version: Mapped[ChecklistVersion] = relationship(lazy="raise_on_sql")


class VisitRecord(Audited, Scoped, Base):
    """现场检查记录: what the lead sent, byte for byte. `body` is the text the hash is of; device times stand in it."""

    __tablename__ = "visit_records"
    AUDIT_NOUN = "visit_record"
    __table_args__ = (
        place_key("visit_records"),
        ForeignKeyConstraint(["visit_id", "facility_id"], ["visits.id", "visits.facility_id"], name="visit_records_visit_fkey"),
        CheckConstraint("sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex')", name="hash"),
        CheckConstraint("(revision = 1) = (reason IS NULL)", name="correction"),
        CheckConstraint("ended_at >= started_at", name="times"),
        CheckConstraint("marks <@ ARRAY[" + ", ".join(f"'{each}'" for each in MARK_WORDS) + "]", name="marks"),
        UniqueConstraint("visit_id", "revision"),
        UniqueConstraint("id", "facility_id"),
        Index("visit_records_visit_idx", "visit_id", "facility_id"),
        Index("visit_records_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    visit_id: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int]
    reason: Mapped[str | None]
    body: Mapped[str] = mapped_column(info={"mask": "hide"})
    sha256: Mapped[str]
    device: Mapped[str]
    app: Mapped[str] = mapped_column(default="")  # edition of the tablet page that wrote it
    clock_offset_s: Mapped[int | None]  # the device’s clock less the server’s, as the device last knew it
    marks: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    started_at: Mapped[datetime]  # by the device
    ended_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=calendar.now)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    person_name: Mapped[str]
    checks: Mapped[list["RecordCheck"]] = relationship(lazy="raise_on_sql", order_by="RecordCheck.check_id")


class RecordCheck(Audited, Scoped, Base):
    """The filled list a record came with; one for each list of the visit."""

    __tablename__ = "record_checks"
    AUDIT_NOUN = "record_check"
    __table_args__ = (
        place_key("record_checks"),
        ForeignKeyConstraint(
            ["record_id", "facility_id"], ["visit_records.id", "visit_records.facility_id"], name="record_checks_record_fkey"
        ),
        UniqueConstraint("check_id"),
        Index("record_checks_record_idx", "record_id", "facility_id"),
        Index("record_checks_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    record_id: Mapped[int] = mapped_column(BigInteger)
    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"))


class PublishedResult(Base):
    """公开结果: what the public reads of a visit, persons masked. It has no wall: everybody may read it."""

    __tablename__ = "published_results"
    __table_args__ = (
        one_of("kind", tuple(KIND_WORDS)),
        one_of("result", tuple(RESULT_WORDS)),
        UniqueConstraint("visit_id"),
        Index("published_results_day_idx", "published_at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    number: Mapped[str]
    place: Mapped[str]
    kind: Mapped[str]
    checked_on: Mapped[date]
    result: Mapped[str]
    words: Mapped[str]
    published_at: Mapped[datetime]


def _kind(name: str, said: Any, permission: P, title: Any = None, *, opens: str = "show", **more: Any) -> None:
    alerts.kind(alerts.Kind(f"visit.{name}", said, permission, f"inspections.{opens}", "visit_id", title=title, **more))


_kind("noticed", _l("%(home)s: an inspection is announced for %(day)s"), P.INSPECTION_ANSWER, is_todo=False, by_mail=True)
_kind("called_off", _l("%(home)s: the inspection announced for %(day)s is called off"), P.INSPECTION_ANSWER, is_todo=False,
      tone="quiet", by_mail=True)  # fmt: skip
_kind("recorded", _l("%(home)s: read inspection record %(number)s; you may answer it before anything is published"),
      P.INSPECTION_ANSWER, is_todo=False, by_mail=True)  # fmt: skip
_kind("corrected", _l("%(home)s: inspection record %(number)s was corrected"), P.INSPECTION_ANSWER, is_todo=False)
_kind("corrected_public", _l("%(home)s: inspection record %(number)s was corrected; see whether what is public still holds"),
      P.INSPECTION_PLAN, is_todo=False, tone="bad", by_mail=True)  # fmt: skip
_kind("answered", _l("%(home)s answered inspection record %(number)s"), P.INSPECTION_PLAN, is_todo=False, tone="quiet")
_kind("to_publish", _l("%(home)s: publish the result of inspection %(number)s"), P.INSPECTION_PLAN,
      _l("inspection results to publish"))  # fmt: skip
_kind("unfit", _l("%(home)s: an officer of the visit on %(day)s may not go there; change its team"), P.INSPECTION_PLAN,
      _l("visits whose team may not go"), opens="team", tone="bad", by_mail=True)  # fmt: skip
_kind("obstructed", _l("%(home)s refused or obstructed inspection %(number)s"), P.INSPECTION_PLAN, is_todo=False, tone="bad",
      by_mail=True)  # fmt: skip
_kind("transfer", _l("%(home)s: inspection %(number)s found a suspected offence"), P.INSPECTION_PLAN, is_todo=False, tone="bad",
      by_mail=True)  # fmt: skip

_kind("rescued", _l("%(home)s: a tablet’s file of the visit on %(day)s could not become its record; read what it holds"),
      P.INSPECTION_PLAN, opens="of_tablets", is_todo=False, tone="bad", by_mail=True)  # fmt: skip

LABELS: dict[str, Any] = {
    "uid": _l("Mark on the tablets"), "kind": _l("Kind of visit"), "state": _l("State"), "number": _l("Number"),
    "planned_on": _l("Planned for"), "window_from": _l("From"), "window_to": _l("Until"), "basis": _l("Legal basis"),
    "purpose": _l("What is looked at"), "notice": _l("Notice"), "noticed_at": _l("Notice given"),
    "shown_at": _l("Shown to the home"), "follows_id": _l("Follows the visit"), "draw_id": _l("Draw"), "reason": _l("Reason"),
    "team_reason": _l("Why the team was changed"),
    "sent_at": _l("Recorded"), "result": _l("Result"), "answer": _l("What the home says"), "answered_at": _l("Answered"),
    "answered_by": _l("Answered by"), "published_at": _l("Published"), "created_by": _l("Planned by"),
    "notice_way": _l("How notice was given"), "notice_note": _l("Note on the notice"),
    "answer_by": _l("The home may answer until"), "publish_by": _l("To be public by"),
}  # fmt: skip
words.name(
    "visit", _l("visit"), columns=LABELS,
    values={"kind": KIND_WORDS, "state": STATE_WORDS, "notice": NOTICE_WORDS, "notice_way": WAY_WORDS, "result": RESULT_WORDS},
    actions={
        "visit.noticed": _l("Notice of inspection given"), "visit.answered": _l("The home answered"),
        "visit.published": _l("Result published"), "visit.unpublished": _l("Publication taken back"),
        "visit.corrected": _l("Inspection record corrected"), "visits.exported": _l("List of visits exported"),
        "visit.planned": _l("Visit planned"), "visit.changed": _l("Visit changed"), "visit.sent": _l("Record of the visit sent"),
        "visit.cancelled": _l("Visit cancelled"), "visit.order_left": _l("Order left to other officers"),
        "visit.rescued": _l("Rescue file kept that could not become the record"),
    },
)  # fmt: skip
words.name(
    "visit_officer", _l("officer of a visit"), columns={"visit_id": _l("Visit"), "officer_id": _l("Officer"), "seat": _l("Seat")}
)
words.name("visit_list", _l("list of a visit"), columns={"visit_id": _l("Visit"), "version_id": _l("Version of the list")})
words.name(
    "visit_record", _l("record of a visit"),
    columns={
        "visit_id": _l("Visit"), "revision": _l("Edition"), "reason": _l("Reason"), "body": _l("Record"), "sha256": "SHA-256",
        "device": _l("Tablet"), "app": _l("Edition of the tablet page"), "clock_offset_s": _l("Tablet’s clock ahead by (s)"),
        "marks": _l("Marks"), "started_at": _l("Begun"), "ended_at": _l("Ended"), "received_at": _l("Received"),
        "person_id": _l("Sent by"), "person_name": _l("Sent by"),
    },
    values={"marks": MARK_WORDS},
    actions={"visit_record.received": _l("Record received"), "visit_record.corrected": _l("Inspection record corrected")},
)  # fmt: skip
words.name("record_check", _l("list of a record"), columns={"record_id": _l("Record"), "check_id": _l("Check")})

catalogue(
    {
        "visit.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "visit.window_reversed": (422, _l("The visit cannot end before it begins. Check the two times.")),
        "visit.untold": (422, _l("A case check is never told beforehand. Choose “without notice”.")),
        "visit.not_corrector": (
            403, _l("The lead of the visit corrects its record; another officer of the team once the lead no longer inspects."),
        ),
        "visit.half": (409, _l("The record of this visit is not whole. Tell the administrator the number of the visit.")),
        "visit.reason_missing": (422, _l("Say why.")),
        "visit.notice_half": (422, _l("Say when and how notice was given.")),
        "visit.noticed_already": (409, _l("Notice of this visit was given already.")),
        "visit.noticed_late": (
            422, _l("The rule asks for notice so early that the visit is on %(day)s or later. Say why it must be sooner."),
        ),
        "visit.not_recorded": (409, _l("This visit has no record yet.")),
        "visit.published_already": (409, _l("The result of this visit is public already. Take it back first.")),
        "visit.case_secret": (409, _l("Case checks and their rechecks are kept secret: their results are not published.")),
        "visit.answer_window": (
            409, _l("The home may answer until %(day)s and has not yet. Publish after that day, or once it has answered."),
        ),
        "visit.not_public": (409, _l("The result of this visit is not public.")),
        "visit.nothing_changed": (422, _l("Nothing was changed. Change an entry, or leave the record as it is.")),
        "visit.not_shown": (409, _l("Only a recorded visit that the home has seen can be published.")),
        "visit.answer_half": (422, _l("Write what the home has to say.")),
        "visit.taken": (409, _l("This visit exists already. Open the list again.")),
        "visit.officers_few": (422, _l("A visit needs %(least)d officers or more. Choose another one.")),
        "visit.officer_twice": (422, _l("An officer can be named once only. Choose another one.")),
        "visit.officer_avoids": (409, _l("%(name)s avoids this place (%(ground)s). Choose another officer.")),
        "visit.list_twice": (422, _l("A list can be named once only.")),
        "visit.list_missing": (422, _l("Choose at least one list.")),
        "visit.draw_only": (
            422, _l("A double-random check comes out of a draw alone. Plan a draw, or choose another kind of visit."),
        ),
        "visit.drawn": (
            409,
            _l("This visit was drawn, and what was drawn stands. If the place has closed or stopped, open the draw and replace it"
               " there; if the draw itself is wrong, ask there to declare it void."),
        ),
        "visit.record_fixed": (409, _l("A record that was sent never changes. Make a correction with a reason instead.")),
        "visit.record_damaged": (422, _l("The record arrived damaged. It is kept on the tablet and will be sent again.")),
        "visit.sent_otherwise": (409, _l("Another record of this visit was sent already. Nothing was overwritten.")),
    },
    {
        "visits_kind_check": "visit.word_unknown",
        "visits_state_check": "visit.word_unknown",
        "visits_notice_check": "visit.word_unknown",
        "visits_result_check": "visit.word_unknown",
        "visits_window_check": "visit.window_reversed",
        "visits_untold_check": "visit.untold",
        "visits_secret_check": "visit.untold",
        "visits_sent_whole_check": "visit.half",
        "visits_cancelled_check": "visit.reason_missing",
        "visits_published_check": "visit.not_shown",
        "visits_answered_check": "visit.answer_half",
        "visits_notice_way_check": "visit.word_unknown",
        "visits_noticed_check": "visit.notice_half",
        "published_results_kind_check": "visit.word_unknown",
        "published_results_result_check": "visit.word_unknown",
        "published_results_visit_id_key": "visit.published_already",
        "visit_records_marks_check": "visit.word_unknown",
        "visits_uid_key": "visit.taken",
        "visits_number_key": "visit.taken",
        "visits_id_facility_id_key": "visit.taken",
        "visit_officers_seat_check": "visit.officer_twice",
        "visit_officers_visit_id_officer_id_key": "visit.officer_twice",
        "visit_officers_visit_id_seat_key": "visit.officer_twice",
        "visit_lists_visit_id_version_id_key": "visit.list_twice",
        "visit_records_hash_check": "visit.record_damaged",
        "visit_records_correction_check": "visit.reason_missing",
        "visit_records_times_check": "visit.window_reversed",
        "visit_records_visit_id_revision_key": "visit.sent_otherwise",
        "visit_records_id_facility_id_key": "visit.taken",
        "record_checks_check_id_key": "visit.taken",
        "visit_records_fixed": "visit.record_fixed",
    },
)
