"""Deadlines and receipts put into words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from eldercare.core import calendar, jinja
from eldercare.core.listing import Badge
from eldercare.incidents.clocks.models import (
    BODY_WORDS,
    BY_OFFICER,
    CLOCK_WORDS,
    OUTSIDE,
    WAY_WORDS,
    IncidentClock,
    IncidentReceipt,
)


def clock_words(clock: Any) -> Any:
    """What is due."""
    return CLOCK_WORDS[clock.kind][0]


def clock_badge(clock: IncidentClock) -> Badge:
    """How a deadline stands: time left, late, met in time or late, no longer needed."""
    if clock.dropped_at is not None:
        return Badge(_("no longer applies"), "quiet")
    if clock.is_window:
        over = clock.due_at <= calendar.now()
        return Badge(_("over") if over else jinja.until(clock.due_at), "quiet")
    if clock.met_at is not None:
        return Badge(_("done, %(late)s", late=late_words(clock)), "bad") if clock.is_late else Badge(_("done in time"), "good")
    left = (clock.due_at - calendar.now()).total_seconds()
    return Badge(jinja.until(clock.due_at), "bad" if left < 0 else "watch" if left < 3600 else "active")


def late_words(clock: IncidentClock) -> str:
    """How late it was at worst."""
    minutes = clock.late_minutes
    if minutes < 120:
        return ngettext("%(num)d minute late", "%(num)d minutes late", minutes)
    return ngettext("%(num)d hour late", "%(num)d hours late", minutes // 60)


def can_enter(clock: IncidentClock) -> bool:
    """Whether a notice entered by hand stops it."""
    return clock.is_running and not clock.is_window and clock.kind not in BY_OFFICER and clock.kind in OUTSIDE


def receipt_words(receipt: IncidentReceipt) -> str:
    """Who was told, how, by whom, to whom."""
    if receipt.report_id is not None:
        return _("%(body)s acknowledged the report", body=BODY_WORDS[receipt.body])
    said = [str(WAY_WORDS[receipt.way])]
    if receipt.told_by:
        said.append(_("by %(who)s", who=receipt.told_by))
    if receipt.told_whom:
        said.append(_("spoken to: %(who)s", who=receipt.told_whom))
    if receipt.receipt_no:
        said.append(_("receipt %(number)s", number=receipt.receipt_no))
    return f"{BODY_WORDS[receipt.body]}: {_(', ').join(said)}"
