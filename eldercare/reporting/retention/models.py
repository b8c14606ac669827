"""How long what is published is kept: columns of `reports`, what the database holds of them, the years by kind.

The clock proposes, one person confirms, and whatever is said against it wins: the database lets nothing go before its day,
lets the day move later alone, and never lets the row itself go.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from eldercare.core import alerts, calendar, words
from eldercare.core.access import P
from eldercare.core.errors import catalogue

UNOFFICIAL = ("ad-hoc",)  # kinds that are nobody's official record
MOST = 500  # reports that one act takes


@dataclass
class Years:
    """For how many years each kind is kept; set at the start from the settings."""

    named: dict[str, int] = field(default_factory=dict)

    def set(self, pairs: Sequence[str]) -> None:
        """From "monthly:30", by cadence or by kind."""
        self.named = {name: int(years) for name, _, years in (pair.partition(":") for pair in pairs)}

    def of(self, kind: str, cadence: str) -> int:
        """A kind's own, else its cadence's; what is not named is kept as long as the longest."""
        return self.named.get(kind) or self.named.get(cadence) or max(self.named.values())


YEARS = Years()


def kept_from(subject: str, cutoff_at: datetime, out_at: datetime) -> date:
    """The day the years count from: the end of a report's period, the day a paper (it has a subject) was issued."""
    return calendar.local(out_at if subject else cutoff_at - calendar.A_SECOND).date()


class Kept:
    """What a row of `reports` keeps of its keeping: `keep_until`, the last day, where it is anybody's official record."""

    keep_until: Mapped[date | None]
    keep_reason: Mapped[str | None]  # why it is kept longer than its years
    file_removed_at: Mapped[datetime | None]
    file_removed_by: Mapped[str | None]

    @property
    def kept_longer(self) -> bool:
        """Than its years, by somebody's word."""
        return self.keep_reason is not None

    @property
    def is_gone(self) -> bool:
        """File, figures and words were removed; what tells the edition apart, its hashes and its people stay."""
        return self.file_removed_at is not None

    @property
    def is_due(self) -> bool:
        """Its years are over, and nobody keeps it longer."""
        return self.keep_until is not None and not self.is_gone and self.keep_until < calendar.today()


def rules() -> tuple[Any, ...]:
    """What the database holds of it (for `Report.__table_args__`); the trigger `reports_freeze` holds the days."""
    official = ["state IN ('published', 'withdrawn')", "person_id IS NULL", *(f"kind <> '{kind}'" for kind in UNOFFICIAL)]
    return (
        CheckConstraint(f"({' AND '.join(official)}) = (keep_until IS NOT NULL)", name="keep"),
        CheckConstraint(
            "(file_removed_at IS NULL) = (file_removed_by IS NULL) AND (file_removed_at IS NULL"
            " OR (keep_until IS NOT NULL AND dataset = '{}' AND imprint = '{}' AND texts = '{}'))",
            name="file_removed",
        ),
        Index("reports_keep_until_idx", "keep_until", postgresql_where="file_removed_at IS NULL"),
    )


@dataclass(frozen=True)
class DueList:
    """The list of what is due, as what an alert is about: there is one."""

    AUDIT_NOUN: ClassVar[str] = "retention"
    id: int = 1


DUE = alerts.kind(
    alerts.Kind("retention.due", _l("The years of some reports are over: keep them longer, or remove their files"),
                P.REPORT_RETAIN, "retention.index", "list", title=_l("lists of reports whose years are over"))
)  # fmt: skip
words.name(
    "report", _l("report"),
    actions={
        "report.kept_longer": _l("Kept longer"), "report.file_removed": _l("File and figures removed, their years over"),
        "report.let_go": _l("Draft or ad-hoc report removed"),
    },
    columns={"keep_until": _l("Kept until"), "was_until": _l("Kept until, before"), "codes": _l("Check codes")},
)  # fmt: skip
words.name(
    "report_comment", _l("comment on a report"),
    actions={"report_comment.let_go": _l("Comments removed with their draft")}, columns={"report_ids": _l("Reports")},
)
catalogue(
    {
        "report.kept": (409,
            _l("What was published is never deleted. Its file can be removed when its years are over; the record stays."),
        ),
        "report.file_gone": (410,
            _l("The file was removed when its years were over, with its figures and words. Its record and its hashes stay: a"
               " copy somebody kept can be checked on the check page."),
        ),
        "retention.not_due": (409,
            _l("It is kept until its day is over: nothing of it is removed before. Somebody may have kept it longer: look at the"
               " list again."),
        ),
        "retention.not_later": (409, _l("It is kept so long already. Choose a day later than the one in the list.")),
        "retention.later_needed": (422, _l("Some of them are kept until %(until)s already. Choose a later day.")),
        "retention.reason_needed": (422, _l("Say why it is kept longer: the reason stands on its page.")),
        "retention.count_wrong": (422, _l("There are %(count)s of them. Look at the list again, then type this number.")),
        "retention.none": (409, _l("Nothing on this list can be kept longer or removed. Lift a filter, or look again.")),
        "retention.too_many": (422, _l("These are more than %(most)s at once. Narrow the list: a month or a place at a time.")),
    },
    {
        "reports_kept": "report.kept", "reports_years": "retention.not_due", "reports_file_gone": "report.file_gone",
        "reports_kept_shorter": "retention.not_later", "reports_keep_reason": "retention.reason_needed",
        "reports_keep_check": "report.steps_wrong", "reports_file_removed_check": "report.frozen",
    },
)  # fmt: skip
