"""Shifts. A night without anyone and a fire control room below its number are what must not be (domain.md §6, §7)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import literal_column

from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.db import Audited, Base, Scoped, place_key
from eldercare.core.errors import catalogue
from eldercare.facilities.models import one_of
from eldercare.facilities.staff.models import LABELS, POST_WORDS, POSTS

SHIFT_WORDS: dict[str, Any] = {"day": _l("Day shift"), "evening": _l("Evening shift"), "night": _l("Night shift")}
SHIFTS = tuple(SHIFT_WORDS)


@dataclass(frozen=True)
class Rules:
    """The district's numbers [K]: hours at which the three shifts begin (each lasts until the next), how many people a
    night and a fire control room need, how many days back a roster may be changed, how many hours ahead a gap is told.
    """

    starts: tuple[int, ...] = (7, 15, 22)
    night_least: int = 1
    control_least: int = 2
    edit_days: int = 7
    told_hours: int = 24

    def hours(self, day: date, shift: str) -> tuple[datetime, datetime]:
        """When a shift of a day begins and ends, in UTC; the night ends on the day after."""
        at = SHIFTS.index(shift)
        ends = self.starts[at + 1] if at + 1 < len(SHIFTS) else self.starts[0]
        return calendar.at(day, self.starts[at]), calendar.at(day if ends > self.starts[at] else day + timedelta(1), ends)


class Shift(Audited, Scoped, Base):
    """班次: one person on one shift of one day, on one of their posts (`duty`)."""

    __tablename__ = "staff_shifts"
    AUDIT_NOUN = "staff_shift"
    __table_args__ = (
        place_key("staff_shifts"),
        ForeignKeyConstraint(
            ["member_id", "facility_id", "person_key"],
            ["staff_members.id", "staff_members.facility_id", "staff_members.person_key"],
            name="staff_shifts_member_fkey", onupdate="CASCADE",
        ),
        one_of("shift", SHIFTS),
        one_of("duty", POSTS),
        CheckConstraint("ends_at > starts_at", name="hours"),
        # nobody is on two shifts at once, here or in another home
        ExcludeConstraint(
            (literal_column("int8range(person_key, person_key, '[]')"), "&&"), ("hours", "&&"),
            using="gist", name="staff_shifts_one_at_a_time_excl",
        ),
        Index("staff_shifts_place_idx", "facility_id", "township_id"),
        Index("staff_shifts_day_idx", "facility_id", "day"),
        Index("staff_shifts_member_idx", "member_id", "day"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    member_id: Mapped[int] = mapped_column(BigInteger)
    person_key: Mapped[int] = mapped_column(BigInteger, info={"silent": True})
    day: Mapped[date]
    shift: Mapped[str]
    duty: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    hours: Mapped[Any] = mapped_column(
        TSTZRANGE, Computed("tstzrange(starts_at, ends_at, '[)')", persisted=True), info={"silent": True}
    )


_STEPS = (alerts.Step(timedelta(0), "township"),)  # due when the shift begins
NIGHT_EMPTY = alerts.kind(
    alerts.Kind(
        "roster.night_empty", _l("Nobody is on the roster of %(place)s for the night of %(day)s"), P.STAFF_READ,
        "roster.board", "facility_id", tone="bad", steps=_STEPS, by_mail=True, of_open_place=True,
        title=_l("nights without anyone on the roster"),
    )
).name
CONTROL_SHORT = alerts.kind(
    alerts.Kind(
        "roster.control_room_short",
        _l("The fire control room of %(place)s has %(there)s of %(needed)s people from %(at)s"), P.STAFF_READ,
        "roster.board", "facility_id", tone="bad", steps=_STEPS, by_mail=True, of_open_place=True,
        title=_l("fire control rooms below their number"),
    )
).name

words.name(
    "staff_shift", _l("shift"),
    columns=LABELS | {
        "day": _l("Day"), "shift": _l("Shift"), "duty": _l("Post"), "starts_at": _l("From"), "ends_at": _l("Until"),
    },
    values={"shift": SHIFT_WORDS, "duty": POST_WORDS},
    actions={
        "staff_shift.added": _l("Put on the roster"), "staff_shift.removed": _l("Taken off the roster"),
        "staff_shift.copied": _l("Roster copied from the week before"),
    },
)

catalogue(
    {
        "roster.two_shifts": (
            409, _l("This person is on another shift at these hours, here or at another place. Take that one away first."),
        ),
        "roster.place_closed": (409, _l("This place is closed: its roster cannot be changed any more.")),
        "roster.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "roster.hours_reversed": (422, _l("A shift cannot end before it begins.")),
        "roster.not_employed": (409, _l("%(name)s does not work here on that day. Choose someone who does.")),
        "roster.on_leave": (409, _l("%(name)s is on leave. Let them come back first, or choose someone else.")),
        "roster.not_their_post": (422, _l("%(name)s has not the post “%(post)s”. Add it to their record first.")),
        "roster.closed": (409, _l("The roster can be changed for %(days)s days back, not further.")),
        "roster.too_far": (422, _l("The roster can be made for three months ahead, not further.")),
    },
    {
        "staff_shifts_one_at_a_time_excl": "roster.two_shifts",
        "staff_shifts_shift_check": "roster.word_unknown",
        "staff_shifts_duty_check": "roster.word_unknown",
        "staff_shifts_hours_check": "roster.hours_reversed",
    },
)
