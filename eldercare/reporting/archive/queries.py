"""What the archive can be asked for."""

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select

from eldercare.core import calendar
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility, Township
from eldercare.reporting import queries as reporting
from eldercare.reporting.models import Report

DISTRICT = "district"  # as against a township's code
_SECOND: Any = literal_column("interval '1 second'")
# the month a report ends in, as everybody in the district counts it: a quarter stands beside its last month
MONTH = func.date_trunc("month", func.timezone("Asia/Shanghai", Report.cutoff_at - _SECOND))
# in a month: the district, then townships, then facilities, papers last
ORDER = (
    MONTH.desc(), Report.subject != "", Report.facility_id.is_not(None), Report.township_id.is_not(None), Report.place,
    Report.kind, Report.edition.desc(), Report.language.desc(),
)  # fmt: skip
_NAMES = (Facility.name, Township.name, Township.name_en, Report.title)


def months(scope: Scope) -> list[Month]:
    """The months from the last report in reach back to the first, at most ten years."""
    first, last = db.session.execute(
        scope.columns(Report, func.min(Report.cutoff_at), func.max(Report.cutoff_at)).where(reporting.is_ones_own(scope))
    ).one()
    if first is None:
        return []
    begin, end = (Month.of(calendar.local(each - calendar.A_SECOND).date()) for each in (first, last))
    found: list[Month] = []
    while end >= begin and len(found) < 120:
        found.append(end)
        end = end.plus(-1)
    return found


def titled(text: str) -> ColumnElement[bool]:
    """Every word stands in the title: the kind's name in either language, the place's name, a title of its own, a code."""
    return and_(*(_holds(word) for word in text.split()))


def _holds(word: str) -> ColumnElement[bool]:
    low = word.casefold()
    titles = {kind: " ".join(module.TITLE.values()).casefold() for kind, module in reporting.kinds().items()}
    named = [kind for kind, title in titles.items() if low in title]
    inside = [each.icontains(word, autoescape=True) for each in _NAMES]
    return or_(*inside, Report.kind.in_(named), Report.code == word.upper(), Facility.code == word.upper())


def numbered(text: str) -> ColumnElement[bool]:
    """The number of an issue ("10", "2026-10") or of a paper, any part of it."""
    numbers = [int(each) for each in re.findall(r"\d{1,6}", text)]
    paper = Report.title.icontains(text, autoescape=True)
    if re.fullmatch(r"\d{1,6}", text):
        return or_(Report.number == numbers[0], and_(Report.subject != "", paper))
    if len(numbers) == 2 and numbers[0] > 2000:
        return or_(and_(Report.number_year == numbers[0], Report.number == numbers[1]), and_(Report.subject != "", paper))
    return and_(Report.subject != "", paper)


def ending(ends: tuple[Month | None, Month | None]) -> ColumnElement[bool]:
    """Their time ended in these months, both included."""
    first, last = ends
    within = [Report.cutoff_at > calendar.at(first.first)] if first else []
    return and_(*within, *([Report.cutoff_at <= last.cutoff] if last else []))


def standing_at(code: str) -> ColumnElement[bool]:
    """About a township or a place in it; about the whole district."""
    if code == DISTRICT:
        return Report.township_id.is_(None)
    return Report.township_id == select(Township.id).where(Township.code == code).scalar_subquery()


def month_of(row: Any) -> Month:
    """The month a row of the list belongs to."""
    return Month.of(row.Report.cutoff_day)


def month(text: str) -> Month:
    """A month as an address writes it; period.invalid."""
    try:
        return Month.parse(text)
    except ValueError:
        raise Refused("period.invalid", period=text) from None


def of_month(scope: Scope, period: Month, language: str) -> list[Report]:
    """The reports of a month in reach: of each the newest published edition, else the newest; in a language where there is it."""
    query = scope.select(Report).where(Report.period == str(period), Report.subject == "", reporting.is_ones_own(scope))
    order = ((Report.state == "published").desc(), Report.edition.desc(), (Report.language == language).desc(), Report.id)
    found: dict[tuple[str, str], Report] = {}
    for row in db.session.scalars(query.options(*reporting.light()).order_by(Report.kind, Report.place, *order)):
        found.setdefault((row.kind, row.place), row)
    return list(found.values())
