"""The table of days off and of weekend days that are worked (调休), entered once a year from the yearly notice.

Everybody who counts in working days asks `known()`; the table is kept on the pages of `inspections/plans/holidays`.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core.calendar import WorkDays
from eldercare.core.db import Base, db


class DayOff(Base):
    """A day that differs from its weekday: off although it is none of the weekend, or worked although it is."""

    __tablename__ = "days_off"
    day: Mapped[date] = mapped_column(primary_key=True)
    is_off: Mapped[bool]
    name: Mapped[str] = mapped_column(default="")  # what the day off is for, as the notice says


def known() -> WorkDays:
    """The working days as the table has them; asked once a transaction."""
    kept: WorkDays | None = db.session().info.get("workdays")
    if kept is None:
        rows = db.session.execute(select(DayOff.day, DayOff.is_off)).all()
        kept = WorkDays(
            frozenset(day for day, is_off in rows if is_off), frozenset(day for day, is_off in rows if not is_off),
            frozenset(day.year for day, _is_off in rows),
        )
        db.session().info["workdays"] = kept
    return kept
