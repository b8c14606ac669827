"""Rounds of self-checks: what is due when, how it ended, its photos. domain.md §6 and checklists.yaml, `field_notes`.

A duty is a part of a published list that comes round together; a round is one time it is due. The clock makes rounds,
exactly one for (place, list, duty, period, slot); whatever was not done by the end of its window is missed the same day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.checklists.checks.models import Check
from eldercare.checklists.models import Checklist
from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.attachments import Attachment
from eldercare.core.db import Audited, Base, Scoped, given, place_key
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import Facility, one_of

DUTY_WORDS: dict[str, Any] = {
    "patrol_day": _l("Fire patrol by day"), "patrol_night": _l("Night round"), "daily": _l("Check of the day"),
    "weekly": _l("Weekly check"), "monthly": _l("Monthly check"), "quarterly": _l("Quarterly check"),
    "yearly": _l("Yearly check"),
}  # fmt: skip
DUTIES = tuple(DUTY_WORDS)
OF_A_DAY = ("patrol_day", "patrol_night", "daily")
STATE_WORDS: dict[str, Any] = {
    "due": _l("Still due"), "done": _l("Done in time"), "late": _l("Done late"), "missed": _l("Missed"), "waived": _l("Not owed"),
}  # fmt: skip
LIST_CHANGED = "list_changed"  # why a round is not owed, where it is not that the place stands still
COUNTED = ("done", "late", "missed")  # what a rate is made of, with whatever is over and still due


@dataclass(frozen=True)
class Rules:
    """The district's numbers (domain.md §6 [P]): settings, since none of them stands in a law but the two hours of a night.

    types: kinds of place that check themselves. day, night: the hours at which the windows begin and end. interval: minutes
    from one night round to the next (GB/T 40248-2021, 7.3.5: two hours at the most). grace: minutes after a window that
    still count as in time. late_hours, late_days: how long a round of a day, and any other, may be made up for. told_days:
    days before its end a weekly, monthly, quarterly, yearly check is told. missed_days: how long a missed day is told.
    report: of which severities an item that is not in order becomes a hazard.
    """

    types: tuple[str, ...]
    day: tuple[int, ...]
    night: tuple[int, ...]
    interval: int
    grace: int
    late_hours: int
    late_days: int
    told_days: tuple[int, ...]
    missed_days: int
    demand_photos: bool
    report: tuple[str, ...]

    @classmethod
    def of(cls, config: Any) -> Self:
        """From the installation's settings."""
        names = ("TYPES", "DAY_HOURS", "NIGHT_HOURS", "NIGHT_INTERVAL_MINUTES", "GRACE_MINUTES", "LATE_HOURS", "LATE_DAYS",
                 "TOLD_DAYS", "MISSED_DAYS", "DEMAND_PHOTOS", "REPORT_SEVERITIES")  # fmt: skip
        return cls(*(config[f"SELFCHECK_{name}"] for name in names))

    def in_time_until(self, until_at: datetime) -> datetime:
        """The last moment that still counts as in time."""
        return until_at + timedelta(minutes=self.grace)

    def late_until(self, duty: str, until_at: datetime) -> datetime:
        """The last moment a missed round may be made up for: afterwards nobody could say how it was then."""
        return until_at + (timedelta(hours=self.late_hours) if duty in OF_A_DAY else timedelta(days=self.late_days))

    def still(self, row: "SelfCheckRound", now: datetime) -> bool:
        """Whether a round can still be walked or gone on with: nobody completed it, and its last moment is to come."""
        return not row.is_over and now <= self.late_until(row.duty, row.until_at)

    def told_from(self, duty: str, from_at: datetime, until_at: datetime) -> datetime:
        """From when on a round stands in the inbox of the place: its day, or some days before its end."""
        if duty in OF_A_DAY:
            return calendar.at(calendar.local(from_at).date())
        return until_at - timedelta(days=self.told_days[DUTIES.index(duty) - len(OF_A_DAY)])


class SelfCheckRound(Audited, Scoped, Stateful, Base):
    """自查轮次: one time a duty is due at a place; `slot` of `times` in its period, from `from_at` until (not) `until_at`.

    day: where it stands in the calendar (of a night the evening it begins; of a longer period its last day). period:
    "2026-11-24", "2026-W48", "2026-11", "2026-Q4", "2026". check_id: the filled list; without one a round that was done is
    from before the platform kept the answers. member_id: who walked it, by the roster.
    """

    __tablename__ = "selfcheck_rounds"
    AUDIT_NOUN = "selfcheck_round"
    MOVES: ClassVar[Any] = {
        ("due", "done"): "selfcheck_round.done",
        ("due", "late"): "selfcheck_round.late",
        ("due", "missed"): "selfcheck_round.missed",
        ("due", "waived"): "selfcheck_round.waived",
        ("missed", "late"): "selfcheck_round.late",
    }
    __table_args__ = (
        place_key("selfcheck_rounds"),
        one_of("duty", DUTIES),
        one_of("state", tuple(STATE_WORDS)),
        CheckConstraint("until_at > from_at", name="window"),
        CheckConstraint("slot BETWEEN 1 AND times", name="slot"),
        CheckConstraint("(state IN ('done', 'late')) = (done_at IS NOT NULL)", name="done"),
        CheckConstraint("check_id IS NULL OR begun_at IS NOT NULL", name="begun"),
        CheckConstraint("(lon IS NULL) = (lat IS NULL) AND (lat IS NULL) = (accuracy_m IS NULL)", name="position"),
        UniqueConstraint("facility_id", "checklist_id", "duty", "times", "period", "slot", name="selfcheck_rounds_once_key"),
        Index("selfcheck_rounds_day_idx", "day", "facility_id"),
        Index("selfcheck_rounds_due_idx", "until_at", postgresql_where="state = 'due'"),
        Index("selfcheck_rounds_waits_idx", "facility_id", "until_at", postgresql_where="state IN ('due', 'missed')"),
        Index("selfcheck_rounds_check_key", "check_id", unique=True, postgresql_where="check_id IS NOT NULL"),
        given("selfcheck_rounds_member_idx", "member_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    checklist_id: Mapped[int] = mapped_column(ForeignKey("checklists.id"), index=True)
    duty: Mapped[str]
    times: Mapped[int] = mapped_column(default=1)
    period: Mapped[str]
    slot: Mapped[int] = mapped_column(default=1)
    day: Mapped[date]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="due")
    check_id: Mapped[int | None] = mapped_column(ForeignKey("checks.id"), info={"silent": True})
    begun_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(BigInteger, info={"silent": True})
    person_name: Mapped[str] = mapped_column(default="")
    member_id: Mapped[int | None] = mapped_column(ForeignKey("staff_members.id"))
    lon: Mapped[float | None] = mapped_column(info={"silent": True})  # WGS-84, where the telephone told it
    lat: Mapped[float | None] = mapped_column(info={"silent": True})
    accuracy_m: Mapped[int | None] = mapped_column(info={"silent": True})
    answered: Mapped[int] = mapped_column(default=0)  # items found in order, partly, or not in order
    faults: Mapped[int] = mapped_column(default=0)  # of them partly or not in order
    facility: Mapped[Facility] = relationship(
        primaryjoin="foreign(SelfCheckRound.facility_id) == Facility.id", viewonly=True, lazy="raise_on_sql"
    )
    checklist: Mapped[Checklist] = relationship(lazy="raise_on_sql")
    check: Mapped[Check | None] = relationship(lazy="raise_on_sql")

    @property
    def facility_code(self) -> str:
        """The register code of its place."""
        return self.facility.code

    @property
    def list_code(self) -> str:
        """The code of the list it is filled from."""
        return self.checklist.code

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be done about it any more."""
        return self.state in ("done", "late", "waived")


class SelfCheckPhoto(Scoped, Base):
    """自查照片: a photo of an item, and 64 bits of what is to be seen on it (a difference hash; see flags/queries.py)."""

    __tablename__ = "selfcheck_photos"
    __table_args__ = (
        place_key("selfcheck_photos"),
        UniqueConstraint("round_id", "item_code", "attachment_id", name="selfcheck_photos_once_key"),
        Index("selfcheck_photos_place_idx", "facility_id", "taken_at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int] = mapped_column(BigInteger)  # type: ignore[assignment]
    round_id: Mapped[int] = mapped_column(ForeignKey("selfcheck_rounds.id"))
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id"), index=True)
    item_code: Mapped[str]
    bits: Mapped[int] = mapped_column(BigInteger)
    taken_at: Mapped[datetime] = mapped_column(default=calendar.now)
    attachment: Mapped[Attachment] = relationship(lazy="raise_on_sql")
    round: Mapped[SelfCheckRound] = relationship(lazy="raise_on_sql")


def _due(name: str, said: Any, title: Any) -> str:
    return alerts.kind(
        alerts.Kind(name, said, P.SELFCHECK_FILL, "selfchecks.home", "facility_id", title=title, of_open_place=True)
    ).name


PATROL_DUE = _due("selfcheck.patrol_due", _l("%(home)s: walk the fire patrol of %(period)s"), _l("fire patrols to walk today"))
NIGHT_DUE = _due(
    "selfcheck.night_due", _l("%(home)s: walk the rounds of the night of %(period)s"), _l("nights with rounds to walk")
)
CHECK_DUE = _due("selfcheck.check_due", _l("%(home)s: fill in the check of %(period)s"), _l("checks to fill in"))
DUE_KINDS = {"patrol_day": PATROL_DUE, "patrol_night": NIGHT_DUE}  # any other duty: CHECK_DUE
MISSED = alerts.kind(
    alerts.Kind(
        "selfcheck.missed", _l("%(home)s missed self-checks of %(day)s"), P.SELFCHECK_READ, "selfchecks.board", "facility_id",
        title=_l("days with self-checks missed"), tone="bad", of_open_place=True,
    )
).name

LABELS: dict[str, Any] = {
    "facility_id": _l("Facility"), "checklist_id": _l("Checklist"), "duty": _l("Duty"), "times": _l("Times in a period"),
    "period": _l("Period"), "slot": _l("No."), "day": _l("Day"), "from_at": _l("From"), "until_at": _l("Until"),
    "state": _l("State"), "begun_at": _l("Begun"), "done_at": _l("Completed"), "person_name": _l("Filled in by"),
    "member_id": _l("Walked by"), "answered": _l("Items looked at"), "faults": _l("Not in order"), "rows": _l("Rows"),
    "item": _l("Item"), "reason": _l("Reason"), "why": _l("Reason"),
}  # fmt: skip
words.name(
    "selfcheck_round", _l("round of a self-check"),
    columns=LABELS,
    values={"duty": DUTY_WORDS, "state": STATE_WORDS, "why": {LIST_CHANGED: _l("The list was changed or ended.")}},
    actions={
        "selfcheck_round.made": _l("Rounds made by the clock"), "selfcheck_round.begun": _l("Round begun"),
        "selfcheck_round.done": _l("Round done in time"), "selfcheck_round.late": _l("Round done late"),
        "selfcheck_round.missed": _l("Round missed"), "selfcheck_round.closed": _l("Round closed as it was left"),
        "selfcheck_round.waived": _l("Round not owed"),
        "selfcheck_round.exported": _l("List of self-checks exported"),
    },
)  # fmt: skip
catalogue(
    {
        "selfcheck.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "selfcheck.made_already": (409, _l("This round exists already.")),
        "selfcheck.window_wrong": (422, _l("A round must end after it begins.")),
        "selfcheck.half_done": (409, _l("A round that is done has the moment it was completed, any other has none.")),
        "selfcheck.position_half": (422, _l("A position has length, breadth and accuracy, or nothing.")),
        "selfcheck.not_yet": (409, _l("This round begins at %(at)s. Walk it then.")),
        "selfcheck.over": (409, _l("This round could be made up for until %(at)s. Go on with what is due now.")),
        "selfcheck.closed": (
            409, _l("This round was missed and is closed; what had been filled in is kept. Go on with what is due now."),
        ),
        "selfcheck.done_already": (409, _l("This round is completed and cannot be changed any more.")),
        "selfcheck.not_begun": (409, _l("Begin the round first.")),
        "selfcheck.unanswered": (409, _l("%(count)s items are not answered yet. Answer them, then complete the round.")),
        "selfcheck.duty_gone": (
            409, _l("The list was changed or ended: it asks this round no more, and nobody owes it. Go on with what is due now."),
        ),
        "selfcheck.place_closed": (409, _l("This place does not operate at present: it owes no self-checks.")),
        "selfcheck.not_on_duty": (422, _l("This person is not on the roster at this hour. Choose somebody who is.")),
        "selfcheck.no_photo": (422, _l("Only photos (JPEG, PNG, WebP) belong to an item, no papers.")),
        "selfcheck.photo_twice": (409, _l("This photo is at this item already.")),
    },
    {
        "selfcheck_rounds_duty_check": "selfcheck.word_unknown",
        "selfcheck_rounds_state_check": "selfcheck.word_unknown",
        "selfcheck_rounds_window_check": "selfcheck.window_wrong",
        "selfcheck_rounds_slot_check": "selfcheck.window_wrong",
        "selfcheck_rounds_done_check": "selfcheck.half_done",
        "selfcheck_rounds_begun_check": "selfcheck.not_begun",
        "selfcheck_rounds_position_check": "selfcheck.position_half",
        "selfcheck_rounds_once_key": "selfcheck.made_already",
        "selfcheck_rounds_check_key": "selfcheck.made_already",
        "selfcheck_photos_once_key": "selfcheck.photo_twice",
        "selfcheck_rounds_sealed": "selfcheck.done_already",
    },
)
