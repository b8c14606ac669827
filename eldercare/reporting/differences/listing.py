"""Differences put into words."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.core import jinja, words
from eldercare.reporting.approval import listing as life
from eldercare.reporting.differences.queries import Change, Section
from eldercare.reporting.listing import kind_words
from eldercare.reporting.models import Report

WHAT_WORDS: dict[str, Any] = {"changed": _l("changed"), "added": _l("added"), "removed": _l("removed")}
TONES = {"changed": "watch", "added": "active", "removed": "bad"}
words.name("report", _l("report"), actions={"report.compared": _l("Differences between two editions exported")})


def named(report: Report) -> str:
    """监管月报 2026-10, edition 2 (No. 11 of 2026), published, made at …"""
    return _(
        "%(report)s %(period)s, %(edition)s, %(state)s, made %(at)s", report=kind_words(report.kind), period=report.period,
        edition=life.edition(report), state=life.STATE_WORDS[report.state], at=jinja.moment(report.made_at),
    )  # fmt: skip


def summed(found: Sequence[Section]) -> str:
    """How much differs, in a sentence."""
    cells = sum(len(each.changes) for each in found)
    said = sum(len(each.sentences) for each in found)
    parts = len({each.part for each in found})
    figures = ngettext("One figure or row differs", "%(num)d figures or rows differ", cells)
    sentences = ngettext("one sentence", "%(num)d sentences", said)
    return _("%(figures)s and %(sentences)s, in %(parts)s parts.", figures=figures, sentences=sentences, parts=parts)


def heads() -> list[tuple[str, float]]:
    """The columns of the workbook, with their widths."""
    return [(_("Part"), 22), (_("Table"), 22), (_("Row"), 34), (_("Column"), 18), (_("What"), 10), (_("Before"), 36),
            (_("Now"), 36), (_("Difference"), 14)]  # fmt: skip


def line(section: Section, change: Change) -> list[str]:
    """A difference as a row of the workbook."""
    what = str(WHAT_WORDS[change.what])
    return [section.part, section.table, change.row, change.column, what, change.old, change.new, change.by]
