"""Sealed reports: the data as it stood, the paper made from it, and their hashes."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import calendar
from eldercare.core.db import Base, Scoped
from eldercare.core.errors import catalogue


class Report(Scoped, Base):
    """One edition of one report: `dataset` is what collect() returned, sealed by its hash."""

    __tablename__ = "reports"
    __table_args__ = (
        # the same report of the same month and place has each edition once
        Index(
            "reports_edition_key", "kind", "period", "place", "language", "edition",
            unique=True,
        ),
        Index("reports_run_key", "run_id", "language", unique=True),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    kind: Mapped[str]
    period: Mapped[str] = mapped_column(index=True)
    place: Mapped[str] = mapped_column(default="")
    township_id: Mapped[int | None] = mapped_column(index=True)  # type: ignore[assignment]
    facility_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    language: Mapped[str] = mapped_column(default="zh")
    edition: Mapped[int] = mapped_column(default=1)
    template_version: Mapped[str]
    cutoff_at: Mapped[datetime]
    dataset: Mapped[dict[str, Any]]
    dataset_sha256: Mapped[str]
    pdf_sha256: Mapped[str]
    pages: Mapped[int]
    bytes: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)


class ClockMark(Base):
    """What the clock remembers: the day of installation, its last tick, who leads."""

    __tablename__ = "clock_marks"
    name: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date | None]
    at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")


catalogue(
    {
        "report.edition_taken": (409, _l("This edition of the report exists already. Open it in the list.")),
        "report.unknown_kind": (422, _l("There is no report called “%(kind)s”.")),
        "report.too_early": (422, _l("The month %(period)s is not over yet. Choose a month that has ended.")),
        "report.not_rebuildable": (404, _l("No report was made by run %(run_id)s.")),
    },
    {"reports_edition_key": "report.edition_taken", "reports_run_key": "report.edition_taken"},
)
