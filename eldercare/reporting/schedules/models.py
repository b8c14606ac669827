"""When a report is made, for which places, in which languages, and who hears of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.calendar import Month, Period, Quarter, WorkDays, Year
from eldercare.core.db import Audited, Base
from eldercare.core.errors import catalogue

CADENCES = ("monthly", "quarterly", "annual")  # the kinds of report that come round
LAST_DAY, LAST_WORKING_DAY = 28, 15  # every month has as many


def period_of(cadence: str, day: date) -> Period:
    """The month, quarter or year a day lies in."""
    if cadence == "quarterly":
        return Quarter(day.year, (day.month + 2) // 3)
    return Year(day.year) if cadence == "annual" else Month.of(day)


class ReportSchedule(Audited, Base):
    """报表计划: one rule by which the clock makes a kind of report.

    `places`: codes of townships or facilities; none: all the kind is about. `way` "day": on the `day`-th of the month
    after the period, or, when that is no working day, as `if_off` says; "working_day": on the `day`-th working day of
    that month. `first`: the first period it owes. `people` (ids) and `roles`: who hears when a report is there to read.
    """

    __tablename__ = "report_schedules"
    AUDIT_NOUN: ClassVar[str] = "report_schedule"
    __table_args__ = (
        CheckConstraint("way IN ('day', 'working_day')", name="way"),
        CheckConstraint("if_off IN ('keep', 'next', 'before')", name="if_off"),
        CheckConstraint("day BETWEEN 1 AND CASE way WHEN 'day' THEN 28 ELSE 15 END", name="day"),
        CheckConstraint("hour BETWEEN 0 AND 23 AND minute BETWEEN 0 AND 59", name="time"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    places: Mapped[list[Any]] = mapped_column(default=list)
    way: Mapped[str] = mapped_column(default="day")
    day: Mapped[int] = mapped_column(default=1)
    if_off: Mapped[str] = mapped_column(default="keep")
    hour: Mapped[int] = mapped_column(default=2)
    minute: Mapped[int] = mapped_column(default=0)
    languages: Mapped[list[Any]]
    roles: Mapped[list[Any]] = mapped_column(default=list)
    people: Mapped[list[Any]] = mapped_column(default=list)
    is_on: Mapped[bool] = mapped_column(default=True)
    first: Mapped[str] = mapped_column(info={"silent": True})

    def due_on(self, period: Period, known: WorkDays) -> date:
        """The day the report of a period is due: never before the period is over."""
        begins = period.last + timedelta(days=1)
        if self.way == "working_day":
            return known.after(period.last, self.day)
        day = begins + timedelta(days=self.day - 1)
        if self.if_off == "keep" or known.is_worked(day):
            return day
        earlier = known.before(day, 1)
        return earlier if self.if_off == "before" and earlier >= begins else known.after(day, 1)

    def due_at(self, period: Period, known: WorkDays) -> datetime:
        """The moment it is due."""
        return calendar.at(self.due_on(period, known), self.hour, self.minute)

    @property
    def mark(self) -> str:
        """The clock's mark that says which period was written down last."""
        return f"schedule:{self.id}"


class ScheduleSkip(Base):
    """A period that fell due while its schedule was switched off: nothing is owed for it."""

    __tablename__ = "schedule_skips"
    schedule_id: Mapped[int] = mapped_column(ForeignKey("report_schedules.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


@dataclass(frozen=True)
class Turn:
    """One period of one schedule on the calendar.

    `runs` and `reports`: how many stand where, by state. `is_late`: written down more than an hour after it was due.
    """

    schedule: ReportSchedule
    period: str
    due_at: datetime
    runs: dict[str, int]
    reports: dict[str, int]
    run_id: int | None = None
    report_id: int | None = None
    made_at: datetime | None = None
    is_late: bool = False
    is_skipped: bool = False

    @property
    def month(self) -> Month:
        """The month it falls due in."""
        return Month.of(calendar.local(self.due_at).date())

    @property
    def count(self) -> int:
        """How many reports were owed, or made without being owed."""
        return sum((self.runs or self.reports).values())


def _ready(details: dict[str, Any]) -> str:
    from eldercare.reporting.listing import kind_words  # noqa: PLC0415 — the lists need the tables first

    about = {"report": kind_words(details["report"]), "period": details["period"]}
    if details["place"]:
        return str(gettext("%(place)s: %(report)s %(period)s is there to read.", place=details["place"], **about))
    return str(gettext("%(report)s %(period)s is there to read.", **about))


READY = alerts.kind(
    alerts.Kind(
        "report.ready", _ready, P.REPORT_READ, "reporting.show", "report_id", is_todo=False, tone="quiet", by_mail=True
    )
)  # fmt: skip

WAY_WORDS = {"day": _l("on a day of the month"), "working_day": _l("on a working day of the month")}
IF_OFF_WORDS = {
    "keep": _l("keep the day"), "next": _l("the next working day"),
    "before": _l("the working day before (where the month has none before it, the next)"),
}  # fmt: skip
words.name(
    "report_schedule", _l("schedule of a report"),
    actions={
        "report_schedule.made": _l("Schedule made"), "report_schedule.changed": _l("Schedule changed"),
        "report_schedule.switched_on": _l("Schedule switched on"), "report_schedule.switched_off": _l("Schedule switched off"),
    },
    columns={
        "kind": _l("Report"), "places": _l("Places"), "way": _l("Counted"), "day": _l("Which day"),
        "if_off": _l("When that is no working day"), "hour": _l("Hour"), "minute": _l("Minute"),
        "languages": _l("Languages"), "roles": _l("Duties told"), "people": _l("People told"), "is_on": _l("Switched on"),
    },
    values={"way": WAY_WORDS, "if_off": IF_OFF_WORDS, "languages": {"zh": "\u4e2d\u6587", "en": "English"}},
)  # fmt: skip
catalogue(
    {
        "schedule.day_wrong": (422, _l("Choose a day from 1 to 28, or a working day from 1 to 15: every month has as many.")),
        "schedule.choice_wrong": (422, _l("One of the choices is not in the list. Choose again.")),
        "schedule.overlap": (409,
            _l("Another schedule of this report makes it for some of these places already (No. %(number)s)."
               " Take the places out of one of the two, or switch the other off."),
        ),
    },
    {
        "report_schedules_way_check": "schedule.choice_wrong", "report_schedules_if_off_check": "schedule.choice_wrong",
        "report_schedules_day_check": "schedule.day_wrong", "report_schedules_time_check": "schedule.choice_wrong",
    },
)
