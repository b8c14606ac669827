"""The list of what is kept until when, and the words on a report's own page."""

from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import jinja
from eldercare.core.access import P
from eldercare.core.columns import Badge, Column
from eldercare.core.filters import Choice, DateRange, MonthRange, Search
from eldercare.core.listing import BoundListing, Listing
from eldercare.core.web import can
from eldercare.reporting.archive import queries as archive
from eldercare.reporting.archive.listing import EXPORT as ARCHIVE
from eldercare.reporting.archive.listing import REPORTS, choices
from eldercare.reporting.listing import KINDS, PAPERS
from eldercare.reporting.models import Report
from eldercare.reporting.retention import queries
from eldercare.reporting.verify.queries import Edition

__all__ = ["EXPORT", "RETENTION", "acts", "acts_on", "choices", "notes", "rule"]

STANDINGS = {
    "due": _l("Years over"), "held": _l("File kept"), "longer": _l("Kept longer"), "gone": _l("File removed"),
}  # fmt: skip


def _badge(row: Any) -> Badge:
    one = row.Report
    if one.is_gone:
        return Badge(STANDINGS["gone"])
    if one.is_due:
        return Badge(STANDINGS["due"], "watch")
    return Badge(STANDINGS["longer"], "active") if one.keep_reason else Badge(STANDINGS["held"], "good")


def _why(row: Any) -> str | None:
    return None if row.Report.is_gone else row.Report.keep_reason


_UNTIL = Column("keep_until", _l("Kept until"), "Report.keep_until", sort=Report.keep_until, kind="day")
_STANDING = Column("standing", _l("State"), _badge, kind="badge", detail=_why)
RETENTION = Listing(
    name="retention",
    title=_l("How long reports are kept"),
    ident=Report.id,
    link=REPORTS.link,
    columns=(*REPORTS.columns[:3], replace(REPORTS.column("language"), spare=True), _UNTIL, _STANDING),
    filters=(
        Search("q", _l("Words in the title, place or code"), where=archive.titled),
        Choice("standing", _l("State"), choices=tuple(STANDINGS.items()), default="due", where=queries.standing_in),
        Choice("kind", _l("Report"), choices=tuple({**KINDS, **PAPERS}.items()), many=True, where=Report.kind.in_),
        Choice("place", _l("Place"), where=archive.standing_at),
        DateRange("until", _l("Kept until"), quiet=True, where=queries.ending),
        MonthRange("months", _l("Months"), quiet=True, where=archive.ending),
    ),
    order=(Report.keep_until, Report.place, Report.kind),
)
EXPORT = replace(
    RETENTION,
    columns=(
        *(_UNTIL if column.key == _UNTIL.key else column for column in ARCHIVE.columns), replace(_STANDING, detail=None),
        Column("keep_reason", _l("Reason"), "Report.keep_reason"),
        Column("file_removed_by", _l("Removed by"), "Report.file_removed_by"),
    ),
)  # fmt: skip


def rule(report: Report | Edition) -> str:
    """Under which rule a file is kept, and removed: so many years, or longer by somebody's word."""
    if report.keep_until is None or report.kept_from is None:
        return ""
    day = jinja.day(report.keep_until)
    if report.kept_longer:
        return _("It was kept longer than its years, until %(day)s.", day=day)
    years = report.keep_until.year - report.kept_from.year
    if report.is_paper:
        return _("Papers of this kind are kept for %(years)s years after the day they were issued: this one until %(day)s.",
                 years=years, day=day)  # fmt: skip
    return _("Reports of this kind are kept for %(years)s years after the end of their period: this one until %(day)s.",
             years=years, day=day)  # fmt: skip


def notes(report: Report) -> list[tuple[str, str]]:
    """(sentence, tone) on a report's page: that its file is gone, that its years are over, that it is kept longer."""
    if report.is_gone:
        return [(_("The file was removed on %(day)s, with its figures and words. %(rule)s", day=jinja.day(report.file_removed_at),
                   rule=rule(report)), "watch")]  # fmt: skip
    if not can(P.REPORT_RETAIN):
        return []
    if report.is_due:
        return [(_("Its years are over: keep it longer, or remove its file. %(rule)s", rule=rule(report)), "watch")]
    return [(_("Kept longer: %(reason)s", reason=report.keep_reason), "active")] if report.keep_reason else []


def acts_on(bound: BoundListing) -> list[dict[str, Any]]:
    """What can be done to all that the filters leave: removed where that is what is due."""
    which = next(asked.value for asked in bound.filters if asked.filter.name == "standing")
    keep = {"label": _("Keep these longer"), "url": url_for("retention.keep", **bound.query)}
    drop = {"label": _("Remove these files"), "url": url_for("retention.remove", **bound.query)}
    return [] if not bound.total or which == "gone" else [keep, drop] if which == "due" else [keep]


def acts(report: Report) -> list[dict[str, Any]]:
    """What the signed-in person can do about its keeping."""
    if report.keep_until is None or report.is_gone or not can(P.REPORT_RETAIN):
        return []
    keep = {"label": _("Keep longer"), "url": url_for("retention.keep", q=report.code, standing="")}
    drop = {"label": _("Remove the file"), "url": url_for("retention.remove", q=report.code)}
    return [keep, drop] if report.is_due else [keep]
