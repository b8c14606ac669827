"""Two periods of the same report, part by part: rows in one order, what moved marked in the later one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting.differences import queries as differences
from eldercare.reporting.models import Report

MOST = 60  # periods on offer beside one report


@dataclass(frozen=True)
class Cell:
    """What stands in both; `by`: later less earlier where both are numbers."""

    old: str
    new: str
    by: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether they say the same."""
        return self.old != self.new


@dataclass(frozen=True)
class Both:
    """A table of both periods: (row's name, "" | "added" | "removed", cells) in one order."""

    heading: str
    columns: list[str]
    rows: list[tuple[str, str, list[Cell]]]


@dataclass(frozen=True)
class Part:
    """A part of both: its tables, and the sentences of each."""

    key: str
    title: str
    tables: list[Both]
    said: tuple[list[str], list[str]]


def others(scope: Scope, report: Report) -> list[Report]:
    """The same report of other periods and editions in the same language, newest first."""
    query = scope.select(Report).where(
        Report.kind == report.kind, Report.place == report.place, Report.subject == "", Report.language == report.language,
        Report.id != report.id, Report.file_removed_at.is_(None), reporting.is_ones_own(scope),
    )  # fmt: skip
    order = (Report.cutoff_at.desc(), Report.edition.desc(), Report.id.desc())
    return list(db.session.scalars(query.options(*reporting.light()).order_by(*order).limit(MOST)))


def usual(report: Report, rows: list[Report]) -> dict[str, Report]:
    """The newest editions of the period before and of a year ago, where there are such: {"previous", "year_ago"}."""
    period = calendar.period(report.period)
    found = {}
    for name, wanted in (("previous", period.plus(-1)), ("year_ago", period.year_ago)):
        row = next((each for each in rows if each.period == str(wanted)), None)
        if row is not None:
            found[name] = row
    return found


def pair(scope: Scope, report_id: int | None, other_id: int | None) -> tuple[Report, Report | None]:
    """The later report and the earlier; None where there is nothing to compare with. The newest two where none is named.

    404 out of reach; comparison.apart for two that are not the same report; report.file_gone where the figures were removed.
    """
    if report_id is None:
        newest = reporting.latest(scope, "zh")
        report = newest if newest is not None else reporting.report(scope, 0)
    else:
        report = reporting.report(scope, report_id)
    if report.is_gone:
        raise Refused("report.file_gone")
    if other_id is None:
        rows = others(scope, report)
        beside = usual(report, rows).get("previous") or next((each for each in rows if each.cutoff_at < report.cutoff_at), None)
        if beside is None and rows:  # the first of all, beside the next
            return reporting.report(scope, rows[-1].id), report
        return report, reporting.report(scope, beside.id) if beside else None
    other = reporting.report(scope, other_id)
    if report.is_paper or (report.kind, report.place) != (other.kind, other.place):
        raise Refused("comparison.apart")
    if other.is_gone:
        raise Refused("report.file_gone")
    new, old = sorted((report, other), key=lambda row: (row.cutoff_at, row.edition, row.id), reverse=True)
    return new, old


def parts(old: Report, new: Report, language: str) -> list[Part] | None:
    """Part by part in the order of the later one; None where today's templates no longer read what was sealed."""
    words = reporting.words(new.kind, language)
    try:
        before, after = (differences.sections_of(each, words) for each in (old, new))
    except Exception:  # noqa: BLE001 — templates of other years named their figures otherwise
        return None
    found = []
    for key in dict.fromkeys([*after, *before]):
        sides = [each.get(key) for each in (before, after)]
        tables = [differences.tables_of(side["blocks"]) if side else {} for side in sides]
        names = dict.fromkeys([*tables[1], *tables[0]])
        both = [_both(name[0], tables[0].get(name, {}), tables[1].get(name, {}), words) for name in names]
        said = [list(differences.sentences_of(side["blocks"])) if side else [] for side in sides]
        found.append(Part(key, (sides[1] or sides[0] or {})["title"], [each for each in both if each.rows], (said[0], said[1])))
    return found


def _both(heading: str, old: differences.Cells, new: differences.Cells, words: Any) -> Both:
    every: list[Mapping[str, str]] = [*new.values(), *old.values()]
    columns = list(dict.fromkeys(column for cells in every for column in cells))
    rows = []
    for key in dict.fromkeys([*new, *old]):
        here, there = new.get(key, {}), old.get(key, {})
        what = "added" if key not in old else "removed" if key not in new else ""
        cells = [
            Cell(there.get(column, ""), here.get(column, ""),
                 "" if what else differences.moved(there.get(column, ""), here.get(column, ""), words))
            for column in columns
        ]  # fmt: skip
        rows.append((" · ".join(key), what, cells))
    return Both(heading, columns, rows)
