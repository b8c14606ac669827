"""The list of reports: how it is filtered, ordered and exported."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from eldercare.core import calendar, jinja
from eldercare.core.columns import Column
from eldercare.core.filters import Choice, MonthRange, Search
from eldercare.core.listing import Listing
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting.approval.listing import badge, edition, gone, number
from eldercare.reporting.approval.models import STATE_WORDS
from eldercare.reporting.archive import queries
from eldercare.reporting.listing import ADHOC, KINDS, LANGUAGES, PAPERS, kind_words, period_words, place_words
from eldercare.reporting.models import Report


def _named(row: Any) -> str:
    """What it is called: a title of its own, where it has one."""
    one = row.Report
    return str(one.title) if one.title and not one.is_paper else kind_words(one.kind)


def _detail(row: Any) -> str:
    one = row.Report
    said = [kind_words(one.kind)] if one.title and not one.is_paper else []
    removed = [gone(one)] if one.is_gone else []
    return " · ".join([*said, *([one.title] if one.title and one.is_paper else []), edition(one), *removed])


REPORTS = Listing(
    name="reports",
    title=_l("Reports"),
    ident=Report.id.desc(),
    link=lambda row: f"/reporting/{row.Report.id}",
    columns=(
        Column("kind", _l("Report"), _named, sort=Report.kind, detail=_detail),
        Column("period", _l("Period"), lambda row: period_words(calendar.period(row.Report.period)), sort=Report.cutoff_at),
        Column("place", _l("Place"), lambda row: place_words(row.township, row.facility, row.Report.place), sort=Report.place),
        Column("state", _l("State"), lambda row: badge(row.Report), sort=Report.state, kind="badge"),
        Column("language", _l("Language"), lambda row: LANGUAGES[row.Report.language], sort=Report.language),
        Column("pages", _l("Page count"), "Report.pages", kind="number", spare=True),
        Column("made_at", _l("Made"), "Report.made_at", sort=Report.made_at, kind="moment"),
    ),
    filters=(
        Search("q", _l("Words in the title, place or code"), where=queries.titled),
        Choice("kind", _l("Report"), choices=tuple({**KINDS, **ADHOC, **PAPERS}.items()), many=True, where=Report.kind.in_),
        MonthRange("months", _l("Months"), where=queries.ending),
        Choice("place", _l("Place"), where=queries.standing_at),
        Choice("state", _l("State"), choices=tuple(STATE_WORDS.items()), quiet=True, where=lambda state: Report.state == state),
        Choice("language", _l("Language"), choices=tuple(LANGUAGES.items()), quiet=True,
               where=lambda language: Report.language == language),
        Search("number", _l("Number of an issue or a paper"), hint=_l("10, 2026-10, or part of a number"), quiet=True,
               where=queries.numbered),
    ),
    order=queries.ORDER,
    group=lambda row: jinja.month(queries.month_of(row)),
    json=(),
    empty_title=_l("No report here yet"),
    empty_why=_l("The clock makes each report when its schedule says. Lift a filter, or ask for one."),
)  # fmt: skip
EXPORT = replace(
    REPORTS,
    group=None,
    columns=(
        *REPORTS.columns[:4],
        Column("edition", _l("Edition"), "Report.edition", kind="number"),
        Column("number", _l("Number"), lambda row: number(row.Report) or (row.Report.title if row.Report.is_paper else "")),
        *REPORTS.columns[4:],
        Column("published_at", _l("Published"), "Report.published_at", kind="moment"),
        Column("code", _l("Code"), "Report.code"),
        Column("keep_until", _l("Kept until"), "Report.keep_until", kind="day"),
        Column("file_removed_at", _l("File removed"), "Report.file_removed_at", kind="moment"),
        Column("pdf_sha256", "SHA-256 (PDF)", "Report.pdf_sha256"),
        Column("dataset_sha256", _l("SHA-256 (figures)"), "Report.dataset_sha256"),
    ),
)


def choices(scope: Scope) -> dict[str, list[tuple[str, Any]]]:
    """What the months and places can be cut to."""
    found = [(str(month), jinja.month(month)) for month in queries.months(scope)]
    district = [(queries.DISTRICT, gettext("Whole district"))] if scope.everywhere else []
    return {"months": found, "place": [*district, *reporting.townships(jinja.lang())]}
