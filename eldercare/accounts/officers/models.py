"""Officers with an enforcement certificate, and their recusals. Rules: domain.md §5.3 (1), §5.6 (5) and (6)."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.elements import literal_column

from eldercare.accounts.models import User
from eldercare.core import calendar, words
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.facilities.models import one_of

SPECIALITY_WORDS: dict[str, Any] = {
    "fire": _l("Fire safety"), "food": _l("Food safety"), "medical": _l("Medicine"), "building": _l("Building"),
    "equipment": _l("Special equipment"), "service": _l("Care service"), "finance": _l("Funds and fees"),
}  # fmt: skip
GROUND_WORDS: dict[str, Any] = {
    "kin": _l("Related to the owner or staff"), "worked_there": _l("Worked there"),
    "stationed_there": _l("Was stationed there"), "interest": _l("Financial interest"),
    "relative_resident": _l("A relative lives there"), "self_declared": _l("Declared by the officer"),
    "asked_by_place": _l("Asked for by the place, granted"),
}  # fmt: skip


class Officer(Audited, Base):
    """执法人员: a person with an enforcement certificate between two days. One row a person."""

    __tablename__ = "officers"
    AUDIT_NOUN = "officer"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="dates"),
        CheckConstraint(
            "specialities <@ ARRAY[" + ", ".join(f"'{each}'" for each in SPECIALITY_WORDS) + "]", name="specialities"
        ),
        UniqueConstraint("user_id"),
        UniqueConstraint("certificate_no"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    certificate_no: Mapped[str]
    specialities: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    left_on: Mapped[date | None]  # no longer in the library from this day on
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    user: Mapped[User] = relationship(lazy="raise_on_sql")

    @property
    def name(self) -> str:
        """The person's name."""
        return self.user.name

    def is_certified(self, day: date) -> bool:
        """Whether the certificate counts on a day."""
        return self.valid_from <= day <= self.valid_to and (self.left_on is None or day < self.left_on)


class Recusal(Audited, Scoped, Base):
    """回避: an officer who does not inspect a place, why and from when to when."""

    __tablename__ = "recusals"
    AUDIT_NOUN = "recusal"
    __table_args__ = (
        place_key("recusals"),
        one_of("ground", tuple(GROUND_WORDS)),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        ExcludeConstraint(
            (literal_column("int8range(officer_id, officer_id, '[]')"), "&&"),
            (literal_column("int8range(facility_id, facility_id, '[]')"), "&&"),
            (literal_column("daterange(starts_on, ends_on, '[]')"), "&&"),
            using="gist", name="recusals_once_excl",
        ),
        Index("recusals_place_idx", "facility_id", "township_id"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    ground: Mapped[str]
    note: Mapped[str] = mapped_column(default="", info={"mask": "hide"})
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]  # the last day; three years after work there (§5.6) [P]
    declared_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    officer: Mapped[Officer] = relationship(lazy="raise_on_sql")


words.name(
    "officer", _l("officer"),
    columns={
        "user_id": _l("Person"), "certificate_no": _l("Enforcement certificate"), "specialities": _l("Specialities"),
        "valid_from": _l("Valid from"), "valid_to": _l("Valid to"), "left_on": _l("Left the library on"),
    },
    values={"specialities": SPECIALITY_WORDS},
    actions={"officer.added": _l("Officer entered"), "officer.changed": _l("Officer changed")},
)  # fmt: skip
words.name(
    "recusal", _l("avoidance"),
    columns={
        "officer_id": _l("Officer"), "ground": _l("Ground"), "note": _l("Note"), "starts_on": _l("From"),
        "ends_on": _l("Until"), "declared_by": _l("Entered by"),
    },
    values={"ground": GROUND_WORDS},
    actions={"recusal.made": _l("Avoidance entered"), "recusal.ended": _l("Avoidance ended")},
)  # fmt: skip

catalogue(
    {
        "officer.dates_reversed": (422, _l("The certificate cannot end before it begins. Check the two dates.")),
        "officer.speciality_unknown": (422, _l("One of the specialities is not in the list. Choose again.")),
        "officer.entered_already": (409, _l("This person is in the library already. Open the entry instead.")),
        "officer.certificate_taken": (409, _l("Another officer has this certificate number. Check it.")),
        "officer.not_certified": (
            409, _l("%(name)s holds no enforcement certificate that is valid on this day. Choose another officer."),
        ),
        "recusal.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "recusal.dates_reversed": (422, _l("The avoidance cannot end before it begins. Check the two dates.")),
        "recusal.entered_already": (409, _l("The officer avoids this place in these days already.")),
    },
    {
        "officers_dates_check": "officer.dates_reversed",
        "officers_specialities_check": "officer.speciality_unknown",
        "officers_user_id_key": "officer.entered_already",
        "officers_certificate_no_key": "officer.certificate_taken",
        "recusals_ground_check": "recusal.word_unknown",
        "recusals_dates_check": "recusal.dates_reversed",
        "recusals_once_excl": "recusal.entered_already",
    },
)
