"""Officers with an enforcement certificate, and their recusals. Rules: domain.md §5.3 (1), §5.6 (5) and (6)."""

from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.elements import literal_column

from eldercare.accounts.models import User
from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of

SPECIALITY_WORDS: dict[str, Any] = {
    "fire": _l("Fire safety"), "food": _l("Food safety"), "medical": _l("Medical care"),
    "building": _l("Buildings and structures"),
    "equipment": _l("Special equipment"), "service": _l("Care service"), "finance": _l("Funds and fees"),
}  # fmt: skip
GROUND_WORDS: dict[str, Any] = {
    "kin": _l("Related to the owner or staff"), "worked_there": _l("Worked there"),
    "stationed_there": _l("Was stationed there"), "interest": _l("Financial interest"),
    "relative_resident": _l("A relative lives there"), "self_declared": _l("Declared by the officer"),
    "asked_by_place": _l("Asked for by the place, granted"),
}  # fmt: skip


REQUEST_WORDS: dict[str, Any] = {"asked": _l("Waits for a decision"), "granted": _l("Granted"), "refused": _l("Not granted")}


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

    def may_go(self, day: date) -> bool:
        """Whether they can be sent on a day: certified then, and able to sign in."""
        return self.is_certified(day) and self.user.is_enabled


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
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(Recusal.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )


class RecusalRequest(Audited, Scoped, Stateful, Base):
    """A place asks that an officer not come (penalty law art. 43); the district decides, with its reason."""

    __tablename__ = "recusal_requests"
    AUDIT_NOUN = "recusal_request"
    MOVES: ClassVar[Any] = {("asked", "granted"): "recusal_request.granted", ("asked", "refused"): "recusal_request.refused"}
    __table_args__ = (
        place_key("recusal_requests"),
        one_of("state", tuple(REQUEST_WORDS)),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL) AND (state = 'asked') = (answer IS NULL)", name="decided"),
        Index("recusal_requests_once_key", "facility_id", "officer_id", unique=True, postgresql_where=text("state = 'asked'")),
        Index("recusal_requests_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    state: Mapped[str] = mapped_column(default="asked")
    reason: Mapped[str] = mapped_column(info={"mask": "hide"})
    asked_by: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(default=calendar.now)
    answer: Mapped[str | None] = mapped_column(info={"mask": "hide"})
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    officer: Mapped[Officer] = relationship(lazy="raise_on_sql")
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(RecusalRequest.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )


alerts.kind(
    alerts.Kind(
        "officer.ending", _l("Enforcement certificate %(number)s runs out on %(day)s"), P.OFFICER_EDIT, "officers.show",
        "officer_id", title=_l("enforcement certificates running out"),
    )
)
alerts.kind(
    alerts.Kind(
        "recusal.asked", _l("%(home)s asks that an officer not come there"), P.OFFICER_EDIT, "officers.show_request",
        "request_id", title=_l("requests for avoidance"), by_mail=True,
    )
)
alerts.kind(
    alerts.Kind(
        "recusal.decided", _l("The district has decided on the officer you asked not to come"), P.INSPECTION_ANSWER,
        "officers.asked", "request_id", is_todo=False,
    )
)

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
words.name(
    "recusal_request", _l("request for avoidance"),
    columns={
        "officer_id": _l("Officer"), "state": _l("State"), "reason": _l("Reason"), "asked_by": _l("Asked by"),
        "asked_at": _l("Asked at"), "answer": _l("Answer"), "decided_by": _l("Decided by"), "decided_at": _l("Decided at"),
    },
    values={"state": REQUEST_WORDS},
    actions={
        "recusal_request.asked": _l("Avoidance asked for"), "recusal_request.granted": _l("Avoidance granted"),
        "recusal_request.refused": _l("Avoidance not granted"),
    },
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
        "officer.no_account": (409, _l("%(name)s can no longer sign in here. Choose another officer.")),
        "recusal.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "recusal.dates_reversed": (422, _l("The avoidance cannot end before it begins. Check the two dates.")),
        "recusal.asked_already": (409, _l("You have asked this already; the district has not decided yet.")),
        "recusal.decided_already": (409, _l("This request has been decided.")),
        "recusal.ends_early": (422, _l("The avoidance cannot end before it begins. Choose %(day)s or later.")),
        "officer.no_inspector": (422, _l("Choose a person with the duty of an inspector who is not in the library yet.")),
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
        "recusal_requests_state_check": "recusal.word_unknown",
        "recusal_requests_decided_check": "recusal.word_unknown",
        "recusal_requests_once_key": "recusal.asked_already",
    },
)
