"""Reads of the table of days off."""

from datetime import date

from sqlalchemy import extract

from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.workdays import DayOff


def days(scope: Scope, year: int) -> list[DayOff]:
    """The days of a year that differ from their weekday, in order."""
    query = scope.select(DayOff).where(extract("year", DayOff.day) == year).order_by(DayOff.day)
    return list(db.session.scalars(query))


def spans(scope: Scope, year: int) -> list[tuple[date, date, bool, str]]:
    """The same with neighbours joined: (first, last, is off, what for)."""
    found: list[tuple[date, date, bool, str]] = []
    for each in days(scope, year):
        if found and (each.day - found[-1][1]).days == 1 and found[-1][2:] == (each.is_off, each.name):
            found[-1] = (found[-1][0], each.day, each.is_off, each.name)
        else:
            found.append((each.day, each.day, each.is_off, each.name))
    return found


def spans_between(scope: Scope, first: date, last: date) -> list[tuple[date, date, bool, str]]:
    """The spans that touch a day from one to another, in order, as long as they are."""
    years = range(first.year, last.year + 1)
    return [each for year in years for each in spans(scope, year) if each[0] <= last and each[1] >= first]
