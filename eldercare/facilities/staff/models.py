"""People who work at a place, their certificates and training. Posts and papers: domain.md §1.3, §6, §7 art. 5."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import literal_column

from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.secrets import Sealed, SealedText
from eldercare.core.states import Stateful
from eldercare.facilities.models import one_of

POST_WORDS: dict[str, Any] = {
    "caregiver": _l("Caregiver"), "nurse": _l("Nurse"), "doctor": _l("Doctor"), "cook": _l("Cook"),
    "fire_control": _l("Fire-control-room operator"), "equipment": _l("Lift or boiler operator"), "manager": _l("Manager"),
    "safety_officer": _l("Safety officer"), "cleaner": _l("Cleaner"), "social_worker": _l("Social worker"),
    "other": _l("Other post"),
}
EMPLOYMENT_WORDS: dict[str, Any] = {
    "full_time": _l("Full time"), "part_time": _l("Part time"), "dispatched": _l("Sent by an agency"),
    "rehired": _l("Retired and rehired"), "volunteer": _l("Volunteer or intern"),
}
STATE_WORDS: dict[str, Any] = {"employed": _l("At work"), "on_leave": _l("Off on leave"), "left": _l("Has left")}
# national skill levels of caregivers: 1 is the highest, 5 the first
SKILL_WORDS: dict[int, Any] = {
    5: _l("Level 5, junior"), 4: _l("Level 4, intermediate"), 3: _l("Level 3, senior"), 2: _l("Level 2, technician"),
    1: _l("Level 1, senior technician"),
}
CERTIFICATE_WORDS: dict[str, Any] = {
    "caregiver": _l("Caregiver certificate"), "nurse": _l("Nurse’s licence"), "doctor": _l("Doctor’s licence"),
    "food_handler_health": _l("Food handler’s health certificate"), "fire_control_room": _l("Fire-control-room certificate"),
    "special_equipment": _l("Special-equipment operator’s certificate"), "first_aid": _l("First-aid certificate"),
    "safety_officer": _l("Safety officer’s certificate"), "social_worker": _l("Social worker’s certificate"),
    "other": _l("Other certificate"),
}
POSTS, CERTIFICATES = tuple(POST_WORDS), tuple(CERTIFICATE_WORDS)
_KNOWN_POSTS = ", ".join(f"'{post}'" for post in POSTS)

LABELS: dict[str, Any] = {
    "name": _l("Full name"), "sex": _l("Sex"), "birth_date": _l("Date of birth"), "id_number": _l("ID number"),
    "phone": _l("Telephone"), "posts": _l("Posts"), "employment": _l("Employment"), "skill_level": _l("Skill level"),
    "insured_here": _l("Insured here"), "started_on": _l("Works here since"), "ended_on": _l("Last day"),
    "end_reason": _l("Reason for leaving"), "state": _l("State"), "kind": _l("Certificate"), "number": _l("Certificate number"),
    "issuer": _l("Issued by"), "valid_from": _l("Valid from"), "valid_to": _l("Valid to"), "topic": _l("Topic"),
    "hours": _l("Hours"), "held_on": _l("Held on"), "trainer": _l("Trainer"), "away_from": _l("Away from"),
    "back_on": _l("Expected back"), "is_current": _l("In force"), "file_name": _l("Scan"), "people": _l("People"),
    "shifts": _l("Shifts"), "reason": _l("Reason"), "field": _l("Field"), "member_id": _l("Member of staff"),
}


class StaffMember(Audited, Scoped, Stateful, Base):
    """工作人员: one person's employment at one place. Somebody who works in two homes has a row in each.

    `posts`: the main one first. `person_key`: 62 bits of the blind index; the same wherever the person works.
    `skill_level`: national level of a caregiver, 1 highest to 5.
    """

    __tablename__ = "staff_members"
    AUDIT_NOUN = "staff_member"
    MOVES: ClassVar[Any] = {
        ("employed", "on_leave"): "staff_member.went_on_leave",
        ("on_leave", "employed"): "staff_member.came_back",
        ("employed", "left"): "staff_member.left",
        ("on_leave", "left"): "staff_member.left",
        ("left", "employed"): "staff_member.taken_back",
    }
    __table_args__ = (
        place_key("staff_members"),
        one_of("sex", ("male", "female")),
        one_of("state", tuple(STATE_WORDS)),
        one_of("employment", tuple(EMPLOYMENT_WORDS)),
        CheckConstraint(f"cardinality(posts) > 0 AND posts <@ ARRAY[{_KNOWN_POSTS}]", name="posts"),
        CheckConstraint("skill_level BETWEEN 1 AND 5", name="skill_level"),
        CheckConstraint("skill_level IS NULL OR 'caregiver' = ANY (posts)", name="skill_of_caregivers"),
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="dates"),
        CheckConstraint("(state = 'left') = (ended_on IS NOT NULL)", name="ended"),
        CheckConstraint("started_on > birth_date", name="born_before"),
        UniqueConstraint("id", "facility_id"),
        UniqueConstraint("id", "facility_id", "person_key"),
        # one person is employed once at a place at a time
        ExcludeConstraint(
            (literal_column("int8range(person_key, person_key, '[]')"), "&&"),
            (literal_column("int8range(facility_id, facility_id, '[]')"), "&&"),
            (literal_column("daterange(started_on, ended_on, '[]')"), "&&"),
            using="gist", name="staff_members_once_excl",
        ),
        Index("staff_members_place_idx", "facility_id", "township_id"),
        Index("staff_members_person_idx", "person_key"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    name: Mapped[str] = mapped_column(info={"mask": "name"})
    sex: Mapped[str]
    birth_date: Mapped[date]
    id_number: Mapped[Sealed] = mapped_column(SealedText("id_number"), info={"mask": "id_number"})
    id_number_index: Mapped[bytes] = mapped_column(info={"silent": True})
    person_key: Mapped[int] = mapped_column(BigInteger, info={"silent": True})
    phone: Mapped[Sealed | None] = mapped_column(SealedText("phone"), info={"mask": "phone"})
    posts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    employment: Mapped[str] = mapped_column(default="full_time")
    skill_level: Mapped[int | None]
    insured_here: Mapped[bool] = mapped_column(default=False)
    started_on: Mapped[date]
    ended_on: Mapped[date | None]  # the last day
    end_reason: Mapped[str | None]
    away_from: Mapped[date | None]
    back_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="employed")
    created_at: Mapped[datetime] = mapped_column(default=calendar.now, info={"silent": True})
    updated_at: Mapped[datetime] = mapped_column(default=calendar.now, onupdate=calendar.now, info={"silent": True})

    def works_on(self, day: date) -> bool:
        """Whether the employment covers a day (leave apart)."""
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on)


class StaffCertificate(Audited, Scoped, Base):
    """证书: one paper of one person; `valid_to` is its last day, None where it has no end."""

    __tablename__ = "staff_certificates"
    AUDIT_NOUN = "staff_certificate"
    __table_args__ = (
        place_key("staff_certificates"),
        ForeignKeyConstraint(
            ["member_id", "facility_id"], ["staff_members.id", "staff_members.facility_id"],
            name="staff_certificates_member_fkey",
        ),
        one_of("kind", CERTIFICATES),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="dates"),
        Index("staff_certificates_member_idx", "member_id", "facility_id"),
        Index("staff_certificates_place_idx", "facility_id", "township_id"),
        Index("staff_certificates_valid_to_idx", "valid_to"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    member_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    number: Mapped[str]
    issuer: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    file_hash: Mapped[str | None] = mapped_column(info={"silent": True})
    file_name: Mapped[str | None]
    is_current: Mapped[bool] = mapped_column(default=True)


class Training(Audited, Scoped, Base):
    """培训: one session at a place; who was there are its attendances."""

    __tablename__ = "staff_trainings"
    AUDIT_NOUN = "staff_training"
    __table_args__ = (
        place_key("staff_trainings"),
        CheckConstraint("hours > 0 AND hours <= 200", name="hours"),
        UniqueConstraint("id", "facility_id"),
        Index("staff_trainings_place_idx", "facility_id", "township_id"),
        Index("staff_trainings_held_on_idx", "held_on"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    topic: Mapped[str]
    hours: Mapped[Decimal] = mapped_column(Numeric(5, 1))
    held_on: Mapped[date]
    trainer: Mapped[str | None]


class Attendance(Scoped, Base):
    """That a member of staff was at a training; the training's entry in the log says how many were."""

    __tablename__ = "staff_attendances"
    __table_args__ = (
        place_key("staff_attendances"),
        ForeignKeyConstraint(
            ["training_id", "facility_id"], ["staff_trainings.id", "staff_trainings.facility_id"],
            name="staff_attendances_training_fkey", ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["member_id", "facility_id"], ["staff_members.id", "staff_members.facility_id"],
            name="staff_attendances_member_fkey",
        ),
        Index("staff_attendances_member_idx", "member_id", "facility_id"),
        Index("staff_attendances_place_idx", "facility_id", "township_id"),
    )
    training_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    member_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]


EXPIRING = alerts.kind(
    alerts.Kind(
        "staff.certificate_expiring", _l("A certificate of a member of staff of %(place)s ends on %(day)s"), P.STAFF_READ,
        "staff.certificate", "certificate_id", steps=alerts.ONCE_OVER, by_mail=True, of_open_place=True,
    )
).name

words.name(
    "staff_member", _l("member of staff"), columns=LABELS,
    values={
        "state": STATE_WORDS, "employment": EMPLOYMENT_WORDS, "posts": POST_WORDS, "skill_level": SKILL_WORDS, "field": LABELS,
        "sex": {"male": _l("Male"), "female": _l("Female")},
    },
    actions={
        "staff_member.registered": _l("Taken on"), "staff_member.changed": _l("Record corrected"),
        "staff_member.went_on_leave": _l("Went on leave"), "staff_member.came_back": _l("Came back to work"),
        "staff_member.left": _l("Left"), "staff_member.taken_back": _l("Had not left after all"),
        "staff_member.unmasked": _l("Looked at in full: %(field)s"), "staff_member.exported": _l("List of staff exported"),
    },
)
words.name(
    "staff_certificate", _l("certificate"), columns=LABELS, values={"kind": CERTIFICATE_WORDS},
    actions={
        "staff_certificate.added": _l("Certificate added"), "staff_certificate.changed": _l("Certificate corrected"),
        "staff_certificate.retired": _l("Certificate retired"),
        "staff_certificate.file_opened": _l("Scan of a certificate opened"),
    },
)
words.name(
    "staff_training", _l("training"), columns=LABELS,
    actions={"staff_training.recorded": _l("Training recorded"), "staff_training.removed": _l("Training removed")},
)

catalogue(
    {
        "staff.employed_here": (
            409, _l("This person works here already on some of these days. Look for the record in the list, or end it first."),
        ),
        "staff.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "staff.posts_missing": (422, _l("Tick at least one post.")),
        "staff.skill_range": (422, _l("Skill levels run from 1, the highest, to 5.")),
        "staff.skill_without_post": (422, _l("Only caregivers have a skill level. Tick the post, or leave the level empty.")),
        "staff.dates_reversed": (422, _l("Somebody cannot leave before they began. Check the two days.")),
        "staff.end_missing": (422, _l("Whoever has left needs a last day; whoever works here has none.")),
        "staff.too_young": (422, _l("This person was under 16 on that day (Labour Law, art. 15). Check the number and the day.")),
        "staff.taken": (409, _l("This record exists already.")),
        "staff.place_closed": (409, _l("This place is closed: nobody can be taken on here.")),
        "staff.day_ahead": (422, _l("This day has not come yet.")),
        "staff.has_left": (409, _l("This person has left. Take the record back first.")),
        "staff.value_unknown": (404, _l("There is no such value to show.")),
        "certificate.dates_reversed": (422, _l("The certificate cannot end before it begins. Check the two dates.")),
        "certificate.retired": (409, _l("This certificate has been retired. Add the new one instead.")),
        "training.hours_range": (422, _l("A training lasts more than 0 and at most 200 hours.")),
        "training.nobody": (422, _l("Tick who was there.")),
    },
    {
        "staff_members_once_excl": "staff.employed_here",
        "staff_members_sex_check": "staff.word_unknown",
        "staff_members_state_check": "staff.word_unknown",
        "staff_members_employment_check": "staff.word_unknown",
        "staff_members_posts_check": "staff.posts_missing",
        "staff_members_skill_level_check": "staff.skill_range",
        "staff_members_skill_of_caregivers_check": "staff.skill_without_post",
        "staff_members_dates_check": "staff.dates_reversed",
        "staff_members_ended_check": "staff.end_missing",
        "staff_members_born_before_check": "staff.too_young",
        "staff_members_id_facility_id_key": "staff.taken",
        "staff_members_id_facility_id_person_key_key": "staff.taken",
        "staff_certificates_kind_check": "staff.word_unknown",
        "staff_certificates_dates_check": "certificate.dates_reversed",
        "staff_trainings_hours_check": "training.hours_range",
        "staff_trainings_id_facility_id_key": "staff.taken",
    },
)
