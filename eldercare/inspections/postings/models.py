"""Postings, days and what was noted on them. Stationed supervision: domain.md §5.2.

A day is open until it is handed in; then neither it nor its notes change (triggers `station_day_is_fixed`,
`station_note_is_fixed`), but for the home's comment and its answers to advice, each given once.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
)
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

STATE_WORDS: dict[str, Any] = {"open": _l("Being written"), "handed_in": _l("Handed in")}
AREA_WORDS: dict[str, Any] = {
    "entrance": _l("Entrance and gate"), "rooms": _l("Residents' rooms"), "corridors": _l("Corridors and exits"),
    "kitchen": _l("Kitchen"), "dining": _l("Dining room"), "fire_room": _l("Fire control room"),
    "fire_gear": _l("Fire equipment"),
    "electrics": _l("Electrics and gas"), "medicine": _l("Medicine room"), "lift": _l("Lifts and boilers"),
    "bathroom": _l("Bathrooms"), "yard": _l("Yard and fire lane"), "records": _l("Records"),
}  # fmt: skip
NOTE_WORDS: dict[str, Any] = {
    "seen": _l("Seen"), "advice": _l("Advice"), "training": _l("Training"), "hazard": _l("Hazard reported"),
}
ANSWER_WORDS: dict[str, Any] = {"adopted": _l("Adopted"), "declined": _l("Not adopted")}
WEEKDAYS = (_l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday"))


class Posting(Audited, Scoped, Base):
    """驻点安排: a person stationed at a home on some days of the week, between two days. `weekdays`: 1 Monday to 7 Sunday."""

    __tablename__ = "postings"
    AUDIT_NOUN = "posting"
    __table_args__ = (
        place_key("postings"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        CheckConstraint("cardinality(weekdays) > 0 AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]", name="weekdays"),
        CheckConstraint("ended_reason IS NULL OR ends_on IS NOT NULL", name="ended"),
        ExcludeConstraint(
            (literal_column("int8range(user_id, user_id, '[]')"), "&&"),
            (literal_column("int8range(facility_id, facility_id, '[]')"), "&&"),
            (literal_column("daterange(starts_on, ends_on, '[]')"), "&&"),
            using="gist", name="postings_once_excl",
        ),
        UniqueConstraint("id", "facility_id"),
        Index("postings_place_idx", "facility_id", "township_id"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    organisation: Mapped[str] = mapped_column(default="")  # the third party the person comes from; empty: the bureau's own
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    ended_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    user: Mapped[User] = relationship(lazy="raise_on_sql")
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(Posting.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )

    def is_due(self, day: date) -> bool:
        """Whether somebody is to be there on a day."""
        return self.runs(day) and day.isoweekday() in self.weekdays

    def runs(self, day: date) -> bool:
        """Whether the posting is in force on a day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class StationDay(Audited, Scoped, Stateful, Base):
    """驻点日志: one day of a posting: arrived, left, walked, observed; what the home says to it.

    `lon`, `lat`, `accuracy`: where the device was on arrival, where it said so (WGS-84, metres).
    """

    __tablename__ = "station_days"
    AUDIT_NOUN = "station_day"
    MOVES: ClassVar[Any] = {("open", "handed_in"): "station_day.handed_in"}
    __table_args__ = (
        place_key("station_days"),
        ForeignKeyConstraint(
            ["posting_id", "facility_id"], ["postings.id", "postings.facility_id"], name="station_days_posting_fkey"
        ),
        one_of("state", tuple(STATE_WORDS)),
        CheckConstraint("left_at > arrived_at", name="times"),
        CheckConstraint("state = 'open' OR (left_at IS NOT NULL AND cardinality(areas) > 0)", name="whole"),
        CheckConstraint("(state = 'handed_in') = (handed_in_at IS NOT NULL)", name="handed_in"),
        CheckConstraint("(comment IS NULL) = (commented_at IS NULL)", name="comment"),
        CheckConstraint("areas <@ ARRAY[" + ", ".join(f"'{each}'" for each in AREA_WORDS) + "]", name="areas"),
        UniqueConstraint("posting_id", "day"),
        UniqueConstraint("id", "facility_id"),
        Index("station_days_posting_idx", "posting_id", "facility_id"),
        Index("station_days_place_idx", "facility_id", "township_id"),
        Index("station_days_day_idx", "day"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    posting_id: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[date]
    state: Mapped[str] = mapped_column(default="open")
    arrived_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    lon: Mapped[float | None] = mapped_column(Float, info={"silent": True})
    lat: Mapped[float | None] = mapped_column(Float, info={"silent": True})
    accuracy: Mapped[float | None] = mapped_column(Float, info={"silent": True})
    areas: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    handed_in_at: Mapped[datetime | None]
    comment: Mapped[str | None]  # the home's own
    commented_at: Mapped[datetime | None]
    commented_by: Mapped[str | None]
    person_name: Mapped[str]
    posting: Mapped[Posting] = relationship(
        primaryjoin="foreign(StationDay.posting_id) == Posting.id", viewonly=True, lazy="raise_on_sql"
    )
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(StationDay.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )
    notes: Mapped[list["StationNote"]] = relationship(lazy="raise_on_sql", order_by="StationNote.id")

    @property
    def minutes(self) -> int | None:
        """How long the person was there."""
        return None if self.left_at is None else int((self.left_at - self.arrived_at).total_seconds() // 60)


class StationNote(Audited, Scoped, Base):
    """What was seen, advised, taught, or reported as a hazard (the hazard names the note as its source)."""

    __tablename__ = "station_notes"
    AUDIT_NOUN = "station_note"
    __table_args__ = (
        place_key("station_notes"),
        ForeignKeyConstraint(
            ["day_id", "facility_id"], ["station_days.id", "station_days.facility_id"], name="station_notes_day_fkey"
        ),
        one_of("kind", tuple(NOTE_WORDS)),
        one_of("answer", tuple(ANSWER_WORDS)),
        CheckConstraint("text <> ''", name="text"),
        CheckConstraint("answer IS NULL OR kind = 'advice'", name="answer_fits"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint("answer <> 'declined' OR answer_reason IS NOT NULL", name="declined"),
        Index("station_notes_day_idx", "day_id", "facility_id"),
        Index("station_notes_place_idx", "facility_id", "township_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    day_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    text: Mapped[str]
    noted_at: Mapped[datetime] = mapped_column(default=calendar.now)
    answer: Mapped[str | None]
    answer_reason: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    day: Mapped[StationDay] = relationship(
        primaryjoin="foreign(StationNote.day_id) == StationDay.id", viewonly=True, lazy="raise_on_sql"
    )


alerts.kind(
    alerts.Kind(
        "station.absent", _l("%(home)s: nobody was on post on %(day)s"), P.STATION_EDIT, "postings.show", "posting_id",
        title=_l("days without anyone on post"),
    )
)  # fmt: skip
alerts.kind(
    alerts.Kind(
        "station.advice", _l("%(home)s: %(count)s pieces of advice of %(day)s to answer"), P.STATION_ANSWER,
        "postings.day", "day_id", title=_l("days with advice to answer"),
    )
)  # fmt: skip

LABELS: dict[str, Any] = {
    "user_id": _l("Person"), "organisation": _l("Third party"), "weekdays": _l("Days of the week"), "starts_on": _l("From"),
    "ends_on": _l("Until"), "ended_reason": _l("Reason"), "posting_id": _l("Posting"), "day": _l("Day"), "state": _l("State"),
    "arrived_at": _l("Arrived"), "left_at": _l("Left"), "areas": _l("Walked"), "handed_in_at": _l("Handed in"),
    "comment": _l("The home's comment"), "commented_at": _l("Commented at"), "commented_by": _l("Commented by"),
    "person_name": _l("Person"), "day_id": _l("Day"), "kind": _l("Kind"), "text": _l("Text"), "noted_at": _l("Noted at"),
    "answer": _l("The home's answer"), "answer_reason": _l("Reason"), "answered_at": _l("Answered"),
    "answered_by": _l("Answered by"),
}  # fmt: skip
words.name(
    "posting", _l("posting"), columns=LABELS,
    actions={"posting.made": _l("Posting made"), "posting.changed": _l("Posting changed"), "posting.ended": _l("Posting ended"),
             "posting.exported": _l("List of days on post exported")},
)  # fmt: skip
words.name(
    "station_day", _l("day on post"), columns=LABELS, values={"state": STATE_WORDS, "areas": AREA_WORDS},
    actions={
        "station_day.arrived": _l("Arrived on post"), "station_day.written": _l("Day on post written"),
        "station_day.handed_in": _l("Day on post handed in"), "station_day.commented": _l("The home commented"),
    },
)  # fmt: skip
words.name(
    "station_note", _l("note of a day on post"), columns=LABELS, values={"kind": NOTE_WORDS, "answer": ANSWER_WORDS},
    actions={
        "station_note.made": _l("Noted on post"), "station_note.removed": _l("Note taken back"),
        "station_note.answered": _l("Advice answered"),
    },
)  # fmt: skip

catalogue(
    {
        "posting.dates_reversed": (422, _l("The posting cannot end before it begins. Check the two days.")),
        "posting.weekdays_missing": (422, _l("Choose at least one day of the week.")),
        "posting.reason_missing": (422, _l("Say why.")),
        "posting.made_already": (409, _l("This person is posted at this home in these days already.")),
        "posting.taken": (409, _l("This posting exists already. Open the list again.")),
        "posting.no_supervisor": (
            409, _l("This person holds no duty of stationed supervision at this home. The administrator grants it."),
        ),
        "posting.not_yours": (403, _l("This is another person's posting. Open your own.")),
        "posting.not_running": (409, _l("This posting is not in force on %(day)s.")),
        "station_day.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "station_day.times_reversed": (422, _l("Nobody leaves before arriving. Check the two times.")),
        "station_day.future": (422, _l("This time lies in the future. Check it.")),
        "station_day.other_day": (422, _l("Both times belong to %(day)s.")),
        "station_day.too_old": (422, _l("A day is written at most %(days)s days later. Ask the bureau.")),
        "station_day.not_whole": (422, _l("Say when you left and where you walked, then hand it in.")),
        "station_day.begun_already": (409, _l("This day has been begun already. Open it.")),
        "station_day.fixed": (409, _l("A day that was handed in stays as it is.")),
        "station_day.open": (409, _l("This day is still being written. Wait until it is handed in.")),
        "station_day.commented_already": (409, _l("The home has commented on this day already.")),
        "station_note.empty": (422, _l("Write what it is about.")),
        "station_note.no_advice": (409, _l("Only advice is answered.")),
        "station_note.answered_already": (409, _l("This advice was answered already.")),
        "station_note.reason_missing": (422, _l("Say why the advice is not adopted.")),
        "station_note.is_hazard": (409, _l("A hazard that was reported is not taken back here; an officer decides on it.")),
    },
    {
        "postings_dates_check": "posting.dates_reversed",
        "postings_weekdays_check": "posting.weekdays_missing",
        "postings_ended_check": "posting.reason_missing",
        "postings_once_excl": "posting.made_already",
        "postings_id_facility_id_key": "posting.taken",
        "station_days_state_check": "station_day.word_unknown",
        "station_days_times_check": "station_day.times_reversed",
        "station_days_whole_check": "station_day.not_whole",
        "station_days_handed_in_check": "station_day.not_whole",
        "station_days_comment_check": "station_note.empty",
        "station_days_areas_check": "station_day.word_unknown",
        "station_days_posting_id_day_key": "station_day.begun_already",
        "station_days_id_facility_id_key": "station_day.begun_already",
        "station_days_fixed": "station_day.fixed",
        "station_notes_kind_check": "station_day.word_unknown",
        "station_notes_answer_check": "station_day.word_unknown",
        "station_notes_text_check": "station_note.empty",
        "station_notes_answer_fits_check": "station_note.no_advice",
        "station_notes_answered_check": "station_note.no_advice",
        "station_notes_declined_check": "station_note.reason_missing",
    },
)
