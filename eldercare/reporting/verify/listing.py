"""A verdict put into words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import calendar
from eldercare.core.calendar import Month
from eldercare.core.jinja import day, lang, moment
from eldercare.reporting import render
from eldercare.reporting.approval.listing import TONES
from eldercare.reporting.approval.models import STATE_WORDS
from eldercare.reporting.listing import LANGUAGES, kind_words
from eldercare.reporting.retention.listing import rule
from eldercare.reporting.schedules.listing import month_name
from eldercare.reporting.schedules.listing import period as period_words
from eldercare.reporting.verify.queries import Edition
from eldercare.reporting.verify.services import Verdict

# what was found → (tone, in a line, what it means and what to do)
SAID: dict[str, tuple[str, Any, Any]] = {
    "true": ("good", _l("This file is true"),
        _l("It is, to the last byte, the file that this platform handed out.")),
    "unsealed_true": ("good", _l("This file is true"),
        _l("It is, to the last byte, a file that this platform made before files were sealed.")),
    "earlier": ("watch", _l("Our seal is whole, but this is an earlier drawing"),
        _l("Nobody changed this file since it was sealed. The edition has been drawn anew since then, with other words or "
           "signatures: ask for the present file.")),
    "unlisted": ("watch", _l("Our seal is whole, but the records no longer hold this file"),
        _l("Nobody changed this file since it was sealed here. Ask the bureau whether it still counts.")),
    "foreign": ("bad", _l("This file was not sealed by this platform"),
        _l("Nobody changed it since it was signed, but whoever signed it is not known here. Do not take it for one of our "
           "reports; if it looks like one, tell the bureau.")),
    "changed": ("bad", _l("This file was changed"),
        _l("It is not the file that was handed out. Do not rely on it: ask whoever sent it where it comes from, and get the "
           "file from the bureau.")),
    "unsealed": ("bad", _l("This file bears no seal"),
        _l("Every file of this platform is sealed. This one comes from elsewhere, or its seal was removed: printing, scanning "
           "and saving anew remove it. Check the original file, or type the code that is printed on it.")),
    "not_pdf": ("bad", _l("This is not a PDF"), _l("Choose the PDF file itself. A paper or a picture is checked by its code.")),
    "empty": ("bad", _l("This file is empty"), _l("There is nothing in it. Download or copy it again, then check it again.")),
    "locked": ("bad", _l("This PDF is locked with a password"),
        _l("No file of this platform is. It cannot be looked into, and it is not what was handed out.")),
    "broken": ("bad", _l("This PDF cannot be read"),
        _l("It is damaged or incomplete. Download or copy it again, then check it again; if it stays so, do not rely on it.")),
}  # fmt: skip
FAULTS = {
    "pages": _l("What stands on the pages is not what was sealed."),
    "figures": _l("The attached figures are not the sealed ones."),
    "attached": _l("Other attachments are not the sealed ones."),
    "printed": _l("The fingerprint printed on the pages is not that of the sealed figures."),
    "seal": _l("The pages are as they were drawn, but the seal behind them is damaged or another one."),
    "cut": _l("The end of the file is missing."),
    "appended": _l("Something was added behind the end of the file."),
    "seals": _l("It bears more than one signature, and only one is ours."),
}
LEVELS = {
    "B-B": _l("PAdES B-B: sealed with the platform’s own time"),
    "B-T": _l("PAdES B-T: with a time stamp"),
    "B-LT": _l("PAdES B-LT: with a time stamp and the proof that no certificate had been revoked"),
}
CLOSED = _l("What such a document says is not public. Whoever holds it can check by the hash that it is this very file.")


def grouped(code: str) -> str:
    """A code as it stands on paper."""
    return render.pages.grouped(code)


def state(edition: Edition) -> tuple[Any, str]:
    """(word, tone) of where an edition stands."""
    return STATE_WORDS[edition.state], TONES[edition.state]


def title(edition: Edition) -> str:
    """What it is called."""
    return kind_words(edition.kind)


def place(edition: Edition) -> str:
    """The place it is about."""
    township = edition.township if lang() == "zh" else edition.township_en
    return edition.facility or township or _("Whole district")


def period(edition: Edition) -> str:
    """The month, quarter or year it is about."""
    when = calendar.period(edition.period)
    return month_name(when) if isinstance(when, Month) else period_words(edition.period)


def facts(edition: Edition) -> list[tuple[Any, Any]]:
    """What is told of an edition that is open to everybody."""
    number = _("No. %(number)s of %(year)s", number=edition.number, year=edition.number_year) if edition.number else ""
    told = [(_("Period"), period(edition)), (_("Place"), place(edition)), (_("Edition"), edition.edition)]
    by = _("%(who)s, %(at)s", who=edition.published_by, at=moment(edition.published_at)) if edition.published_by else ""
    return [*told, *([(_("Issue number"), number)] if number else []), (_("Language"), LANGUAGES[edition.language]),
            *([(_("Published by"), by)] if by else [])]  # fmt: skip


def gone(edition: Edition) -> str:
    """That the platform keeps the file no longer, since when and by which rule; empty while it does."""
    if edition.file_removed_at is None:
        return ""
    return _("Its years were over: the platform removed its own copy of the file on %(day)s. %(rule)s The record of it stays, "
             "and a copy you hold is checked as before.", day=day(edition.file_removed_at), rule=rule(edition))  # fmt: skip


def figures(verdict: Verdict) -> str:
    """Whether the figures attached are those printed."""
    if verdict.figures_match is None:
        return _("There are no figures attached.")
    if verdict.figures_match:
        return _("They are the sealed ones, and the pages print their fingerprint.")
    return _("They are not the ones whose fingerprint the pages print.")
