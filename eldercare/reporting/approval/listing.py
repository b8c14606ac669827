"""A report's life put into words: badges, notes over the page, what can be done next."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import jinja, words
from eldercare.core.access import P
from eldercare.core.audit import AuditEntry
from eldercare.core.columns import Badge
from eldercare.core.web import can
from eldercare.reporting.approval.models import STATE_WORDS, TEXT_WORDS, TEXTS
from eldercare.reporting.models import Report

TONES = {"draft": "watch", "reviewed": "active", "approved": "active", "published": "good", "withdrawn": "bad"}
HOW_WORDS: dict[str, Any] = {"preview": _l("on screen"), "download": _l("downloaded"), "docx": _l("as a Word document")}


def is_counted() -> bool:
    """Whether the platform gives the numbers of issues, or the office's register does."""
    return bool(current_app.config["REPORT_NUMBERING"] == "counter")


def is_published_at_approval() -> bool:
    """Whether approval publishes, or an officer does afterwards."""
    return bool(current_app.config["REPORT_PUBLICATION"] == "at_approval")


def badge(report: Report) -> Badge:
    """Where it stands."""
    return Badge(STATE_WORDS[report.state], TONES[report.state])


def waits_for(report: Report) -> str:
    """Who has to act next; for what is out, since when."""
    if report.state == "published":
        return _("Published on %(at)s", at=jinja.moment(report.published_at or report.made_at))
    said = {
        "draft": _l("A district officer reviews it: not the one who wrote its text parts"),
        "reviewed": _l("The leader approves it: nobody who wrote or reviewed it"),
        "approved": _l("A district officer publishes it"),
    }
    return str(said.get(report.state, ""))


def number(report: Report) -> str:
    """第10期 of 2026; empty while nobody has given one."""
    return _("No. %(number)s of %(year)s", number=report.number, year=report.number_year) if report.number else ""


def edition(report: Report) -> str:
    """Edition 2 (No. 11 of 2026)."""
    said = _("Edition %(number)s", number=report.edition)
    return _("%(edition)s (%(number)s)", edition=said, number=number(report)) if report.number else said


def gone(report: Report) -> str:
    """File removed on …, for what is kept as a record alone."""
    return _("file removed on %(day)s", day=jinja.day(report.file_removed_at))


def texts(report: Report) -> list[tuple[str, Any, list[str]]]:
    """(key, words, paragraphs) of the text parts as they are being written."""
    return [(part, TEXT_WORDS[part], report.texts.get(part, [])) for part in TEXTS]


def run_words(run: Any, kind_words: Any, rows: Sequence[Report], languages: Any) -> str:
    """What a job does to which language of the edition."""
    of = next((row for row in rows if row.id == run.params["report_id"]), None)
    said = kind_words(run.kind)
    return _("%(what)s: %(values)s", what=said, values=languages[of.language]) if of and run.kind == "report_redraw" else said


def signed_facts(report: Report) -> list[tuple[Any, Any]]:
    """Who wrote, reviewed, approved, published, and when; what was not done yet is left out."""
    steps = (
        (_("Words by"), report.texts_by, report.texts_at), (_("Reviewed by"), report.reviewed_by, report.reviewed_at),
        (_("Approved by"), report.approved_by, report.approved_at), (_("Published by"), report.published_by, report.published_at),
        (_("Withdrawn by"), report.withdrawn_by, report.withdrawn_at),
    )  # fmt: skip
    return [(label, _("%(who)s, %(at)s", who=who, at=jinja.moment(at))) for label, who, at in steps if who and at]


def notes(report: Report, replacement: Report | None, *, works: bool) -> list[tuple[str, str]]:
    """(sentence, tone) of what has to be known before the pages are read."""
    said: list[tuple[bool, str, str]] = [
        (report.state == "withdrawn", _("Withdrawn on %(at)s: %(reason)s", at=_at(report.withdrawn_at),
                                        reason=report.withdraw_reason), "bad"),
        (report.state == "withdrawn" and replacement is None, _("No other edition counts instead yet."), "watch"),
        (report.state == "draft" and works and bool(report.return_reason), _("Sent back by %(who)s on %(at)s: %(reason)s",
            who=report.returned_by, at=_at(report.returned_at), reason=report.return_reason), "bad"),
        (report.state == "draft" and works, _("A draft: seen by those who work on it alone. It has no number yet."), "watch"),
        (report.state in ("reviewed", "approved"), _("Not published yet: seen by those who work on it alone."), "watch"),
        (bool(report.reason), _("Why this edition was made: %(reason)s", reason=report.reason), "active"),
    ]  # fmt: skip
    return [(words_, tone) for holds, words_, tone in said if holds]


def _at(moment: Any) -> str:
    return jinja.moment(moment) if moment else ""


def next_acts(
    report: Report, me: int, *, comments: int, going: bool, before: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(buttons, behind "more"): what the signed-in person can do next; `before`: an earlier issue has words to begin with."""

    def act(endpoint: str, label: Any, *, primary: bool = False, post: bool = False, **more: Any) -> dict[str, Any]:
        url = url_for(f"approval.{endpoint}", report_id=report.id, **more)
        return {"label": label, "url": url, "primary": primary} | ({"post": True} if post else {})

    if report.is_paper:
        return [], []
    state, judged = report.state, report.life == "reviewed"
    own, reviewer = report.texts_by_id == me, report.reviewed_by_id == me
    current = not report.is_behind and not going
    written = any(report.texts.get(part) for part in TEXTS)
    draft = judged and state == "draft"
    first = [
        (draft and can(P.REPORT_REVIEW) and not own and current, act("review", _("Review"), primary=written)),
        (draft and can(P.REPORT_BUILD), act("texts", _("Write the text parts"), primary=not written)),
        (state == "reviewed" and can(P.REPORT_APPROVE) and not (own or reviewer) and not comments,
         act("approve", _("Approve and publish") if is_published_at_approval() else _("Approve"), primary=True)),
        (state == "reviewed" and can(P.REPORT_APPROVE), act("send_back", _("Send back"))),
        (state == "approved" and can(P.REPORT_BUILD) and not going, act("publish", _("Publish"), primary=True)),
    ]  # fmt: skip
    more = [
        (draft and can(P.REPORT_BUILD) and before and not written,
         act("take_over", _("Begin with last issue’s words"), post=True)),
        (state in ("reviewed", "approved") and can(P.REPORT_REVIEW), act("take_back", _("Take back to draft"))),
        (state == "approved" and can(P.REPORT_APPROVE), act("send_back", _("Send back"))),
        (state == "published" and can(P.REPORT_APPROVE), act("withdraw", _("Withdraw"))),
    ]
    buttons = [each for holds, each in first if holds]
    seen = False
    for each in buttons:  # one primary
        each["primary"], seen = each["primary"] and not seen, seen or each["primary"]
    return buttons, [each for holds, each in more if holds]


def blocked(report: Report, me: int, *, comments: int) -> str:
    """Why the next step is not offered, where the person could take it otherwise; empty when nothing stands in the way."""
    own = report.texts_by_id == me
    if report.state == "draft" and report.life == "reviewed" and can(P.REPORT_REVIEW):
        return _("You wrote its text parts last: a colleague reviews it.") if own else ""
    if report.state == "reviewed" and can(P.REPORT_APPROVE):
        if comments:
            return _("It can be approved once the open comments are settled.")
        if own or report.reviewed_by_id == me:
            return _("You wrote or reviewed it: somebody else approves it.")
    return ""


def part_words(parts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What comments call the parts: those people write, then those of the report."""
    return {**dict(parts), **TEXT_WORDS}


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them, with the reasons that were given."""
    told = words.told(entries)
    for each, entry in zip(told, entries, strict=True):
        said = [words.value("report", key, entry.details[key]) for key in ("parts", "reason") if entry.details.get(key)]
        if entry.details.get("number"):
            said.append(_("No. %(number)s", number=entry.details["number"]))
        each["changes"] = []
        if said:
            each["words"] = _("%(what)s: %(values)s", what=each["words"], values=_(", ").join(map(str, said)))
    return told
