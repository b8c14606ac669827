"""Reads of major hazards: cases, what waits to be judged, and the figures of a period by row of the table (§7).

The figures of a period, each case once: `new` judged in it; `open` judged by its end and neither put right nor withdrawn
by then; `cleared` put right in it; `listed` on the list at its end; `days` of those open at its end, to that day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy.orm import contains_eager, selectinload

from eldercare.checklists import queries as checklists
from eldercare.checklists.models import MajorHazard
from eldercare.core import audit
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.facilities.models import Facility
from eldercare.hazards import queries as hazards
from eldercare.hazards.credit.models import Fact
from eldercare.hazards.major.models import MajorCase, MajorPaper
from eldercare.hazards.models import BEFORE_ORDER, Hazard

COUNTS = ("new", "open", "cleared", "listed")


def cases(scope: Scope) -> Select[Any]:
    """Cases in reach with their hazard and place."""
    query = scope.select(MajorCase).join(MajorCase.hazard).join(MajorCase.facility).join(Facility.township)
    return query.options(contains_eager(MajorCase.hazard), contains_eager(MajorCase.facility).contains_eager(Facility.township))


def case(scope: Scope, case_id: int) -> MajorCase:
    """One case with its hazard and place; 404."""
    row: MajorCase | None = db.session.scalars(cases(scope).where(MajorCase.id == case_id)).one_or_none()
    return row if row is not None else scope.get(MajorCase, case_id)


def of_hazard(scope: Scope, hazard_id: int) -> MajorCase | None:
    """A hazard's case that stands, or None."""
    return db.session.scalars(cases(scope).where(MajorCase.hazard_id == hazard_id, MajorCase.state != "withdrawn")).one_or_none()


def papers(scope: Scope, case_id: int) -> list[MajorPaper]:
    """What was handed in on a case, newest first."""
    return list(db.session.scalars(scope.select(MajorPaper).where(MajorPaper.case_id == case_id).order_by(MajorPaper.id.desc())))


def paper(scope: Scope, paper_id: int) -> MajorPaper:
    """One paper; 404."""
    return scope.get(MajorPaper, paper_id)


def history(scope: Scope, case_id: int) -> list[AuditEntry]:
    """What happened to a case, newest first."""
    return list(db.session.scalars(audit.history(scope, "major_case", case_id)))


def row_of(scope: Scope, of: MajorCase) -> MajorHazard | None:
    """The row of the table a case was judged by, in the version of that day."""
    query = scope.select(MajorHazard).where(MajorHazard.version_id == of.version_id, MajorHazard.code == of.hazard_code)
    return db.session.scalars(query).one_or_none()


def table(scope: Scope, day: date | None = None) -> list[MajorHazard]:
    """The rows of the table in force on a day (today)."""
    return checklists.hazards_in_force(scope, day)


def article_of(code: str) -> str:
    """The article a row stands under: MH-4-2 → 4."""
    parts = code.split("-")
    return parts[1] if len(parts) > 1 else code


def homes(scope: Scope) -> list[Facility]:
    """The facilities in reach the list of cases can be cut down to, also those without a case."""
    return list(db.session.scalars(facilities.facilities(scope, gone=False)))


def to_judge(scope: Scope, most: int = 20) -> list[Hazard]:
    """Hazards that were called major when they were found, and have not been judged: the first due first."""
    judged = scope.columns(MajorCase, MajorCase.hazard_id).where(MajorCase.state != "withdrawn")
    query = hazards.hazards(scope).where(
        Hazard.severity == "major",
        Hazard.right_on.is_(None),
        Hazard.state.not_in((*BEFORE_ORDER, "closed")),
        Hazard.id.not_in(judged),
    )
    return list(db.session.scalars(query.order_by(Hazard.due_on, Hazard.id).limit(most)))


def unjudged(scope: Scope, day: date) -> int:
    """How many hazards called major were open at the end of a day and not judged by then."""
    judged = scope.columns(MajorCase, MajorCase.hazard_id).where(MajorCase.state != "withdrawn", MajorCase.judged_on <= day)
    query = scope.columns(Hazard, func.count()).where(
        Hazard.severity == "major", hazards.was_open(day), Hazard.id.not_in(judged)
    )
    return db.session.scalar(query) or 0


def standing(scope: Scope, first: date, last: date, most: int = 30) -> list[MajorCase]:
    """The cases open at a period's end or put right in it, with their papers: the open first, the first due first."""
    wanted = or_(counted("open", first, last), counted("cleared", first, last))
    query = cases(scope).options(selectinload(MajorCase.papers)).where(wanted)
    return list(db.session.scalars(query.order_by(~counted("open", first, last), Hazard.due_on, MajorCase.id).limit(most)))


# ---- figures ----------------------------------------------------------------------------------------


def counted(what: str, first: date, last: date) -> ColumnElement[bool]:
    """The cases behind a figure of a period (for `cases()`: joined with their hazard)."""
    stands = MajorCase.state != "withdrawn"
    if what == "new":
        return and_(stands, MajorCase.judged_on.between(first, last))
    if what == "cleared":
        return and_(stands, Hazard.right_on.between(first, last), MajorCase.judged_on <= last)
    if what == "listed":
        off = or_(MajorCase.delisted_on.is_(None), MajorCase.delisted_on > last)
        return and_(stands, MajorCase.listed_on <= last, off)
    return and_(stands, MajorCase.judged_on <= last, or_(Hazard.right_on.is_(None), Hazard.right_on > last))


@dataclass
class Row:
    """A row of the table with its figures of a period; `hazard` None: a row no longer in the table in force."""

    code: str
    article: str
    hazard: MajorHazard | None
    new: int = 0
    open: int = 0
    cleared: int = 0
    listed: int = 0
    days_sum: int = 0
    days_most: int = 0

    @property
    def days_mean(self) -> float | None:
        """Days open, on average of those open at the end; None where none is."""
        return self.days_sum / self.open if self.open else None


@dataclass
class Article:
    """An article with its rows and their sum."""

    article: str
    rows: list[Row] = field(default_factory=list)

    @property
    def total(self) -> Row:
        """The sum of its rows."""
        return total(self.rows, self.article)


def total(rows: Iterable[Row], article: str = "") -> Row:
    """The sum of some rows."""
    made = Row("", article, None)
    for each in rows:
        for name in (*COUNTS, "days_sum"):
            setattr(made, name, getattr(made, name) + getattr(each, name))
        made.days_most = max(made.days_most, each.days_most)
    return made


def by_article(scope: Scope, first: date, last: date) -> list[Article]:
    """The figures of a period, by article and row of the table in force on its last day: every row, also with zeros.

    Rows of cases judged by an older table that the present one no longer has follow under their article.
    """
    found = {each.code: Row(each.code, article_of(each.code), each) for each in table(scope, last)}
    columns = [func.count().filter(counted(what, first, last)) for what in COUNTS]
    open_days = func.least(func.coalesce(Hazard.right_on, last), last) - MajorCase.judged_on
    is_open = counted("open", first, last)
    query = (
        scope.columns(
            MajorCase, MajorCase.hazard_code, *columns, func.coalesce(func.sum(open_days).filter(is_open), 0),
            func.coalesce(func.max(open_days).filter(is_open), 0),
        )
        .join(Hazard, Hazard.id == MajorCase.hazard_id)
        .where(or_(*(counted(what, first, last) for what in COUNTS)))
        .group_by(MajorCase.hazard_code)
    )  # fmt: skip
    for code, *numbers in db.session.execute(query):
        row = found.setdefault(code, Row(code, article_of(code), None))
        row.new, row.open, row.cleared, row.listed, row.days_sum, row.days_most = (int(each) for each in numbers)
    articles: dict[str, Article] = {}
    for row in found.values():
        articles.setdefault(row.article, Article(row.article)).rows.append(row)
    return [articles[key] for key in sorted(articles)]


def judged_facts(scope: Scope, since: date) -> Iterable[Fact]:
    """Major hazards judged present, as facts of the ledger of points."""
    query = scope.columns(MajorCase, MajorCase, Hazard.number).join(Hazard, Hazard.id == MajorCase.hazard_id)
    for each, number in db.session.execute(query.where(MajorCase.judged_on >= since, MajorCase.state != "withdrawn")):
        path = f"/hazards/major/{each.id}"
        yield Fact("", each.township_id, each.facility_id, "major_case", each.id, each.judged_on, number, path)
