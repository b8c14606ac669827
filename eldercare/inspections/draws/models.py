"""Draws: plan, approval, frozen libraries, commitment, witness, result. Rules: domain.md §5.6.

planned → approved (by somebody else) → frozen (both libraries, hash of the secret published) → drawn. There is no way
back and no second time; a void draw keeps its batch, its reason and its place on the public page. Once approved nothing
of a plan changes, once frozen nothing of the libraries, once drawn nothing of the result (triggers `draw_is_fixed`,
`draw_paper_is_fixed`). `percent` in hundredths of a percent at most; `weights` in tenths: both are then whole numbers.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.accounts.officers.models import SPECIALITY_WORDS
from eldercare.core import calendar, secrets, words
from eldercare.core.db import Audited, Base
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import TYPE_WORDS, one_of

STATE_WORDS: dict[str, Any] = {
    "planned": _l("Plan made"), "approved": _l("Approved"), "frozen": _l("Libraries frozen, waiting for the witness"),
    "drawn": _l("Draw made"), "void": _l("Void"), "withdrawn": _l("Withdrawn"),
}  # fmt: skip
PUBLIC_STATES = ("frozen", "drawn", "void")  # what the public page shows
WITNESS_WORDS: dict[str, Any] = {
    "person": _l("A witness types a number"), "public": _l("A public random value of a later day"),
}  # fmt: skip
REASON_WORDS: dict[str, Any] = {
    "certificate": _l("Certificate not valid on that day"), "avoidance": _l("Avoids this place"),
    "rotation": _l("Was there the last time"), "speciality": _l("The team still lacks the speciality"),
    "rotation waived": _l("Too few officers: rotation waived"), "nobody": _l("No team can be made"),
}  # fmt: skip
CLASSES = ("A", "B", "C", "D", "none")  # credit classes of §5.5; "none": not classed yet


@dataclass(frozen=True)
class Rules:
    """What the district sets: working days of notice (§5.2), the fewest digits of a witness's value."""

    notice_days: int
    witness_digits: int

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        return cls(config["VISIT_NOTICE_WORKING_DAYS"], config["DRAW_WITNESS_DIGITS"])


class Draw(Audited, Stateful, Base):
    """一次双随机抽查: one batch. Lists by their codes, types, townships and classes narrow the eligible places."""

    __tablename__ = "draws"
    AUDIT_NOUN = "draw"
    MOVES: ClassVar[Any] = {
        ("planned", "approved"): "draw.approved", ("planned", "withdrawn"): "draw.withdrawn",
        ("approved", "withdrawn"): "draw.withdrawn", ("approved", "frozen"): "draw.frozen",
        ("frozen", "drawn"): "draw.drawn", ("frozen", "void"): "draw.voided", ("drawn", "void"): "draw.voided",
    }  # fmt: skip
    __table_args__ = (
        one_of("state", tuple(STATE_WORDS)),
        one_of("witness_kind", tuple(WITNESS_WORDS)),
        one_of("speciality", tuple(SPECIALITY_WORDS)),
        CheckConstraint("facility_types <@ ARRAY[" + ", ".join(f"'{each}'" for each in TYPE_WORDS) + "]", name="facility_types"),
        CheckConstraint("cardinality(facility_types) > 0 AND cardinality(checklists) > 0", name="something"),
        CheckConstraint("num_nonnulls(percent, count) = 1 AND percent > 0 AND percent <= 100 AND count > 0", name="size"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("team_size BETWEEN 2 AND 6", name="team_size"),
        CheckConstraint("(witness_kind = 'public') = (witness_on IS NOT NULL)", name="witness_day"),
        CheckConstraint(
            "state IN ('planned', 'withdrawn') OR (approver_id IS NOT NULL AND approver_id <> author_id)", name="approver"
        ),
        CheckConstraint(
            "state NOT IN ('frozen', 'drawn', 'void') OR (commitment IS NOT NULL AND frozen_at IS NOT NULL)", name="frozen"
        ),
        CheckConstraint(
            "state <> 'drawn' OR (witnessed_at > frozen_at AND drawn_at >= witnessed_at AND result_sha256 IS NOT NULL)",
            name="drawn",
        ),
        CheckConstraint("state <> 'void' OR (void_reason IS NOT NULL AND num_nonnulls(void_asker_id, voider_id) = 2"
                        " AND voider_id <> void_asker_id)", name="void"),
        CheckConstraint("(witness_value IS NULL) = (witnessed_at IS NULL)", name="witnessed"),
        CheckConstraint("published_at IS NULL OR drawn_at IS NOT NULL", name="published"),
        UniqueConstraint("batch"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    batch: Mapped[str]
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default="planned", index=True)
    checklists: Mapped[list[str]] = mapped_column(ARRAY(Text))
    facility_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    townships: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # codes; empty: all
    classes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # empty: all
    percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    count: Mapped[int | None]
    weights: Mapped[dict[str, Any]]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    team_size: Mapped[int] = mapped_column(default=2)
    speciality: Mapped[str | None]
    witness_kind: Mapped[str]
    witness_named: Mapped[str]  # beforehand: the office that witnesses, or the public value that will be used
    witness_on: Mapped[date | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    author_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    approver_name: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    reason: Mapped[str | None]  # of being withdrawn
    frozen_at: Mapped[datetime | None]  # when the commitment was published
    eligible: Mapped[int | None]
    officer_count: Mapped[int | None]
    plan_sha256: Mapped[str | None]
    objects_sha256: Mapped[str | None]
    officers_sha256: Mapped[str | None]
    commitment: Mapped[str | None]
    witness_value: Mapped[str | None]
    witness_name: Mapped[str | None] = mapped_column(info={"mask": "name"})
    witness_office: Mapped[str | None]
    witnessed_at: Mapped[datetime | None]
    drawn_at: Mapped[datetime | None]
    picked: Mapped[int | None]
    result_sha256: Mapped[str | None]
    published_at: Mapped[datetime | None]  # since when the whole file may be read by anybody
    void_reason: Mapped[str | None]
    void_asker_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    void_asker_name: Mapped[str | None]
    void_asked_at: Mapped[datetime | None]
    voider_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    voider_name: Mapped[str | None]
    voided_at: Mapped[datetime | None]

    @property
    def was_drawn(self) -> bool:
        """Whether there is a result (a void draw may have one)."""
        return self.drawn_at is not None


class DrawPaper(Base):
    """The frozen texts of a draw, each in canonical JSON, and the sealed secret; read by anybody once published."""

    __tablename__ = "draw_papers"
    __table_args__ = (UniqueConstraint("draw_id"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"))
    plan: Mapped[str]
    objects: Mapped[str]
    officers: Mapped[str]
    secret: Mapped[Any] = mapped_column(secrets.SealedText("draw_secret"))
    result: Mapped[str | None]
    published_at: Mapped[datetime | None]
    draw: Mapped[Draw] = relationship(lazy="raise_on_sql")


class DrawReplacement(Base):
    """A drawn place had closed or stopped: the next key in order takes its place, and this says so."""

    __tablename__ = "draw_replacements"
    __table_args__ = (UniqueConstraint("draw_id", "seq"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"))
    seq: Mapped[int]
    body: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)


class DrawAnnouncement(Base):
    """One drawn place as the public reads it from the day its notice is due: {"code", "name", "township", "officers"}.

    `edition` 1 is as it was drawn; a further one says which team goes instead, and the "reason".
    """

    __tablename__ = "draw_announcements"
    __table_args__ = (UniqueConstraint("draw_id", "rank", "edition"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"))
    rank: Mapped[int]
    edition: Mapped[int] = mapped_column(default=1)
    body: Mapped[dict[str, Any]]
    announced_at: Mapped[datetime] = mapped_column(default=calendar.now)


words.name(
    "draw", _l("draw"),
    columns={
        "batch": _l("Batch"), "title": _l("Name of the draw"), "state": _l("State"), "checklists": _l("Lists"),
        "facility_types": _l("Kinds of inspected place"), "townships": _l("Townships"), "classes": _l("Credit classes"),
        "percent": _l("Share drawn, percent"), "count": _l("Number drawn"), "weights": _l("Weights"), "starts_on": _l("From"),
        "ends_on": _l("Until"), "team_size": _l("Officers a visit"), "speciality": _l("Speciality needed"),
        "witness_kind": _l("Witness"), "witness_named": _l("Named beforehand"), "witness_on": _l("Value of"),
        "author_id": _l("Planned by"), "author_name": _l("Planned by"), "approver_id": _l("Approved by"),
        "approver_name": _l("Approved by"), "approved_at": _l("Approved"), "reason": _l("Reason"),
        "frozen_at": _l("Commitment published"), "eligible": _l("Eligible places"),
        "officer_count": _l("Officers in the library"),
        "plan_sha256": _l("Hash of the plan"), "objects_sha256": _l("Hash of the places"),
        "officers_sha256": _l("Hash of the officers"), "commitment": _l("Commitment"),
        "witness_value": _l("Value of the witness"),
        "witness_name": _l("Name of the witness"), "witness_office": _l("Office of the witness"),
        "witnessed_at": _l("Value given"), "drawn_at": _l("Drawn at"),
        "picked": _l("Places drawn"), "result_sha256": _l("Hash of the result"), "published_at": _l("Published"),
        "void_reason": _l("Why it is void"), "void_asker_id": _l("Asked by"), "void_asker_name": _l("Asked by"),
        "void_asked_at": _l("Asked at"), "voider_id": _l("Voided by"), "voider_name": _l("Voided by"),
        "voided_at": _l("Voided at"),
    },
    values={
        "state": STATE_WORDS, "witness_kind": WITNESS_WORDS, "speciality": SPECIALITY_WORDS, "facility_types": TYPE_WORDS,
    },
    actions={
        "draw.planned": _l("Draw planned"), "draw.changed": _l("Draw changed"),
        "draw.witnessed": _l("Value of the witness entered"),
        "draw.approved": _l("Plan of the draw approved"),
        "draw.withdrawn": _l("Plan of the draw withdrawn"), "draw.frozen": _l("Libraries frozen, commitment published"),
        "draw.drawn": _l("Draw made"), "draw.replaced": _l("A closed place replaced by the next in order"),
        "draw.taken_back": _l("Visit to a closed place called off: no place is left in the order"),
        "draw.published": _l("Result published"), "draw.void_asked": _l("Asked to declare the draw void"),
        "draw.void_refused": _l("The draw stays valid"), "draw.voided": _l("Draw declared void"),
    },
)  # fmt: skip

_FIXED = _l("What was approved, frozen or drawn never changes. Declare the draw void with a reason, and plan another.")
catalogue(
    {
        "draw.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "draw.nothing_chosen": (422, _l("Choose at least one kind of place and one list.")),
        "draw.size_wrong": (422, _l("Give either a share between 0 and 100 percent, or a number; not both.")),
        "draw.period_reversed": (422, _l("The period cannot end before it begins. Check the two days.")),
        "draw.period_over": (409, _l("No working day of the period is left after the notice. Plan a draw for a later period.")),
        "draw.weight_wrong": (422, _l("A weight lies between 0.1 and 10, in whole tenths.")),
        "draw.team_wrong": (422, _l("A visit needs two to six officers.")),
        "draw.witness_day": (422, _l("For a public random value, say of which day it will be.")),
        "draw.witness_day_past": (422, _l("The value must be of a day after the commitment. Name a later day.")),
        "draw.witness_early": (409, _l("The value of %(day)s is not known yet. Draw on that day or later.")),
        "draw.witness_missing": (
            422, _l("The value of the witness is missing. Give it with --witness, --witness-name and --witness-office."),
        ),
        "draw.witness_weak": (
            422,
            _l("“%(value)s” is easily guessed. A value has %(least)d digits or more, not all the same: for example from dice, or"
               " the number of a banknote the witness holds."),
        ),
        "draw.own_plan": (403, _l("Somebody who neither made nor changed the plan must approve it.")),
        "draw.own_void": (403, _l("Somebody else than who asked must declare the draw void.")),
        "draw.not_approved": (409, _l("The plan must be approved first.")),
        "draw.not_frozen": (409, _l("Freeze the libraries and publish the commitment first.")),
        "draw.drawn_already": (409, _l("This batch has been drawn. There is no second draw.")),
        "draw.nobody_eligible": (
            409, _l("No place that operates and has room for another check fits this plan. Change what is eligible."),
        ),
        "draw.list_unfit": (
            422, _l("No list chosen is meant for “%(kind)s”. Choose one more list, or leave this kind of place out."),
        ),
        "draw.officers_few": (
            409, _l("Only %(count)d officers hold a certificate through the whole period; a team needs %(least)d."),
        ),
        "draw.speciality_missing": (
            409, _l("No officer with the speciality “%(speciality)s” holds a certificate through the whole period."),
        ),
        "draw.half": (409, _l("The draw is not whole. Tell the administrator its batch.")),
        "draw.batch_taken": (409, _l("Somebody planned a draw at the same moment. Send the plan again.")),
        "draw.fixed": (409, _FIXED),
        "draw.still_open": (
            409, _l("Only a place that was suspended, closed or deregistered can be replaced. This one operates."),
        ),
        "draw.not_drawn": (409, _l("This place was not drawn, or was replaced already.")),
        "draw.order_over": (409, _l("No further place is left in the order of this draw.")),
        "draw.visited": (409, _l("The check of this place has been recorded already. Nothing is left to replace.")),
        "draw.witnessed_already": (409, _l("The witness has given the value. It never changes.")),
        "draw.reason_missing": (422, _l("Say why.")),
        "draw.void_not_asked": (409, _l("Nobody has asked to declare this draw void.")),
        "draw.void_asked": (409, _l("It has been asked already; somebody else decides.")),
        "draw.unknown": (404, _l("There is no draw “%(plan)s”.")),
    },
    {
        "draws_state_check": "draw.word_unknown",
        "draws_witness_kind_check": "draw.word_unknown",
        "draws_speciality_check": "draw.word_unknown",
        "draws_facility_types_check": "draw.word_unknown",
        "draws_something_check": "draw.nothing_chosen",
        "draws_size_check": "draw.size_wrong",
        "draws_period_check": "draw.period_reversed",
        "draws_team_size_check": "draw.team_wrong",
        "draws_witness_day_check": "draw.witness_day",
        "draws_approver_check": "draw.own_plan",
        "draws_frozen_check": "draw.half",
        "draws_drawn_check": "draw.half",
        "draws_void_check": "draw.own_void",
        "draws_published_check": "draw.half",
        "draws_witnessed_check": "draw.half",
        "draws_batch_key": "draw.batch_taken",
        "draws_fixed": "draw.fixed",
        "draw_papers_draw_id_key": "draw.drawn_already",
        "draw_replacements_draw_id_seq_key": "draw.fixed",
        "draw_announcements_draw_id_rank_edition_key": "draw.fixed",
        "visits_draw_once_key": "draw.drawn_already",
    },
)
