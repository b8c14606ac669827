"""Major hazards put into words: the board by article and row, the list behind each of its figures."""

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.checklists.models import CONFIDENCE_WORDS, MajorHazard
from eldercare.core import calendar, jinja, words
from eldercare.core.listing import Badge, Choice, Column, Listing, Search
from eldercare.core.scope import Scope
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import Facility, Township
from eldercare.hazards import listing as hazard_words
from eldercare.hazards import queries as hazards
from eldercare.hazards.major import queries
from eldercare.hazards.major.models import LEVEL_WORDS, PAPER_WORDS, RESULT_WORDS, STATE_WORDS, MajorCase, MajorPaper, Times
from eldercare.hazards.models import Hazard

STATE_TONES: dict[str, Any] = {"judged": "watch", "listed": "bad", "delisted": "good", "withdrawn": "quiet"}
FIGURE_WORDS: dict[str, Any] = {
    "new": _l("New in the month"),
    "open": _l("Open at its end"),
    "cleared": _l("Cleared in the month"),
    "listed": _l("Listed at its end"),
}
ARTICLE_WORDS: dict[str, Any] = {
    "4": _l("Facilities gravely defective"), "5": _l("Qualifications missing"), "6": _l("Daily management gravely faulty"),
    "7": _l("Services gravely unlawful"), "8": _l("Other"),
}  # fmt: skip
PROOF_WORDS: dict[str, Any] = {"proof": _l("Evidence of the judgement"), "listing": _l("Paper of the listing")}  # of officers
MONTHS = 24  # offered


def times() -> Times:
    """How soon papers are due in this installation."""
    return Times.of(current_app.config)


def month_of(args: Any) -> calendar.Month:
    """The month asked for; this one when it is none or lies ahead."""
    now = calendar.Month.of(calendar.today())
    try:
        asked = calendar.Month.parse(args.get("month", "") if hasattr(args, "getlist") else (args.get("month") or [""])[0])
    except ValueError:
        return now
    return min(asked, now)


def months() -> list[tuple[str, str]]:
    """The months that can be chosen, the newest first."""
    now = calendar.Month.of(calendar.today())
    return [(str(each), _month(each)) for each in (now.plus(-n) for n in range(MONTHS))]


def _month(month: calendar.Month) -> str:
    return f"{month.first:%b} {month.year}" if jinja.lang() == "en" else f"{month.year}\u5e74{month.month}\u6708"


def period(month: calendar.Month) -> tuple[Any, Any]:
    """The month's first day, and its last or today: nothing is open tomorrow yet."""
    return month.first, min(month.last, calendar.today())


def said(row: MajorHazard | None) -> str | None:
    """A row in the language of the reader."""
    return None if row is None else row.en if jinja.lang() == "en" else row.zh


def article_words(article: str) -> str:
    """An article with what it is about."""
    return _("Article %(number)s: %(what)s", number=article, what=ARTICLE_WORDS.get(article, _("no longer in the table")))


def certainty(row: MajorHazard | None) -> Any:
    """How certain the wording of a row is, where it was not read in the official text."""
    return None if row is None or row.confidence == "seen" else CONFIDENCE_WORDS[row.confidence]


def figure_url(month: calendar.Month, what: str, *, row: str = "", article: str = "") -> str:
    """The list behind a figure of the board."""
    narrowed = {name: value for name, value in (("row", row), ("article", article)) if value}
    return url_for("major.cases", month=str(month), figure=what, **narrowed)


def totals(total: queries.Row) -> list[tuple[Any, Any]]:
    """The sums of a month, under the title."""
    longest = ngettext("%(num)d day", "%(num)d days", total.days_most) if total.open else jinja.DASH
    return [(what, jinja.number(getattr(total, name))) for name, what in FIGURE_WORDS.items()] + [(_("Longest open"), longest)]


def state_badge(case: MajorCase) -> Badge:
    """How far a case is."""
    if case.state == "judged" and case.hazard.right_on:
        return Badge(_("put right"), "good")
    return Badge(STATE_WORDS[case.state], STATE_TONES[case.state])


def days_words(case: MajorCase) -> str:
    """How long it has been, or was, open."""
    return ngettext("%(num)d day", "%(num)d days", case.days_open(calendar.today()))


def listing(month: calendar.Month) -> Listing:
    """The list of cases; figures are those of the month."""
    first, last = period(month)
    return Listing(
        name="cases",
        title=_l("Major hazards"),
        ident=MajorCase.id,
        link=lambda row: f"/hazards/major/{row.id}",
        columns=(
            Column("number", _l("Number"), "hazard.number", sort=Hazard.number,
                   detail=lambda row: row.hazard.description[:40]),
            Column("facility", _l("Facility"), "facility.name", sort=Facility.name,
                   detail=lambda row: township_words(row.facility.township)),
            Column("code", _l("Row"), "hazard_code", sort=MajorCase.hazard_code),
            Column("judged_on", _l("Judged on"), kind="day", sort=MajorCase.judged_on),
            Column("state", _l("State"), state_badge, kind="badge", sort=MajorCase.state,
                   detail=lambda row: LEVEL_WORDS[row.list_level] if row.state == "listed" else None),
            Column("right_on", _l("Put right on"), "hazard.right_on", kind="day", sort=Hazard.right_on, spare=True),
            Column("days", _l("Days open"), lambda row: row.days_open(calendar.today()), kind="number"),
        ),
        filters=(
            Search("q", _l("Number, source or facility"),
                   where=hazards.matching),
            Choice("figure", _l("Figure"), choices=tuple(FIGURE_WORDS.items()),
                   where=lambda what: queries.counted(what, first, last)),
            Choice("month", _l("Month"), choices=months),
            Choice("article", _l("Article"), choices=[(each, each) for each in ARTICLE_WORDS],
                   where=lambda each: MajorCase.article == each),
            Choice("row", _l("Row"), where=lambda code: MajorCase.hazard_code == code, quiet=True),
            Choice("state", _l("State"), choices=tuple(STATE_WORDS.items()),
                   where=lambda each: MajorCase.state == each, quiet=True),
            Choice("township", _l("Township"), where=lambda code: Township.code == code, quiet=True),
            Choice("home", _l("Facility"), where=lambda home: MajorCase.facility_id == int(home), quiet=True),
        ),
        order=(MajorCase.judged_on.desc(),),
        json=("id", "hazard_id", "facility_id", "hazard_code", "article", "state", "judged_on", "listed_on",
              "list_level", "delisted_on"),
        empty_title=_l("No major hazard here"),
        empty_why=_l("A major hazard stands here once an officer has judged it present, with reason and evidence."),
    )  # fmt: skip


def choices(scope: Scope, townships: list[Township]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the table and the reach."""
    rows = [(each.code, f"{each.code} {said(each)}"[:60]) for each in queries.table(scope)]
    homes = queries.homes(scope)
    return {"row": rows, "township": [(each.code, township_words(each)) for each in townships],
            "home": [(str(each.id), each.name) for each in homes]}


def rows_on_offer(scope: Scope) -> list[tuple[str, str]]:
    """The rows of the table in force, for a judgement."""
    return [(each.code, f"{each.clause} {said(each)}") for each in queries.table(scope)]


def key_facts(case: MajorCase) -> list[tuple[Any, Any]]:
    """The facts under the title."""
    return [
        (_("Facility"), case.facility.name),
        (_("Judged on"), jinja.day(case.judged_on)),
        (_("Judged by"), case.judged_by),
        (_("Open for"), days_words(case)),
        (_("Deadline"), jinja.day(case.hazard.due_on)),
    ]


def paper_badge(paper: MajorPaper) -> Badge:
    """What became of a paper."""
    if paper.result is None:
        return Badge(_("to be looked at"), "watch")
    return Badge(RESULT_WORDS[paper.result], "good" if paper.result == "accepted" else "bad")


def wanted(case: MajorCase, papers: list[MajorPaper]) -> list[dict[str, Any]]:
    """Measures and plan: what was handed in, and until when what is missing is due."""
    out = []
    for kind, what in PAPER_WORDS.items():
        own = [each for each in papers if each.kind == kind]
        missing = (not own or own[0].result == "returned") and case.state in ("judged", "listed")
        due = case.due_at(kind)
        badge = None
        if missing and case.hazard.right_on is None:
            badge = Badge(jinja.until(due), "bad" if due < calendar.now() else "watch")
        out.append({"kind": kind, "words": what, "due": due, "papers": own, "missing": missing, "badge": badge})
    return out


def hazard_badges(hazard: Hazard) -> list[Badge]:
    """How the hazard itself stands."""
    return [hazard_words.state_badge(hazard), hazard_words.due_badge(hazard)]


def in_words(entries: Any) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them."""
    told = words.told(entries)
    unsaid = {words.column("major_case", "state")}
    for each in told:
        each["changes"] = [change for change in each["changes"] if change[0] not in unsaid]
    return told
