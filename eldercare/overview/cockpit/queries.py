"""What a cockpit shows: a report's own figures, collected for whoever looks, each part under their permission for it.

The reports are found by name, as the archive finds them. What was collected is kept for a minute a reach and a period:
it takes one to three seconds, and whoever looks turns the language, the print and the wall screen to the same figures.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from types import ModuleType
from typing import Any

from sqlalchemy import ColumnElement, case, func

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.calendar import Month, RunningMonth
from eldercare.core.db import db
from eldercare.core.scope import Person, Scope, scope_of
from eldercare.facilities import queries as facilities
from eldercare.facilities.models import REPORTED_TYPES, Facility
from eldercare.hazards import queries as hazards
from eldercare.hazards.models import Hazard
from eldercare.incidents import queries as incidents

REPORTS = {"district": "monthly_oversight", "township": "township_monthly", "facility": "facility_monthly"}
MONTHS = 24  # how far back a month can be chosen

# what a part needs; a part that is not named here is not shown (a test says that every part is)
NEEDS: dict[str, P] = {
    **dict.fromkeys(("summary", "key_figures", "later", "definitions", "ranking", "subsidies", "complaints", "corrections",
                     "assessment", "requirements", "next_month"), P.REPORT_READ),
    **dict.fromkeys(("capacity", "institutions"), P.STAY_READ), "residents": P.RESIDENT_READ,
    **dict.fromkeys(("licences", "service", "home_community", "canteens"), P.FACILITY_READ),
    **dict.fromkeys(("hazards", "major", "typical", "hazard_ledger"), P.HAZARD_READ),
    "incidents": P.INCIDENT_READ, "inspections": P.INSPECTION_READ, "stationed": P.STATION_READ, "selfchecks": P.SELFCHECK_READ,
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """What a cockpit is about: the district, a township or a facility."""

    level: str
    code: str = ""
    zh: str = ""
    en: str = ""
    township_id: int | None = None
    facility_id: int | None = None

    def of(self, scope: Scope) -> Scope | None:
        """A reach cut down to this place; None where it does not cover it."""
        if self.level == "district":
            return scope if scope.everywhere else None
        if not scope.covers(self.township_id, self.facility_id):
            return None
        if self.facility_id is not None:
            return replace(scope, everywhere=False, townships=frozenset(), facilities=frozenset({self.facility_id}))
        return replace(scope, everywhere=False, townships=frozenset({self.township_id or 0}), facilities=frozenset())


DISTRICT = Place("district")


def townships(scope: Scope) -> list[Place]:
    """The townships a reach covers as a whole, by code."""
    found = facilities.townships(scope)
    return [Place("township", each.code, each.name, each.name_en, each.id) for each in found if scope.covers(each.id)]


def homes(scope: Scope, township_id: int | None) -> list[Place]:
    """The facilities with a report of their own, of a township or (None) of a reach that is no more than facilities."""
    query = facilities.facilities(scope, gone=False).where(Facility.facility_type.in_(REPORTED_TYPES))
    if township_id is not None:
        query = query.where(Facility.township_id == township_id)
    found = db.session.scalars(query.order_by(Facility.facility_type, Facility.name, Facility.id))
    return [Place("facility", each.code, each.name, each.name, each.township_id, each.id) for each in found]


def place(scope: Scope, towns: list[Place], code: str) -> Place | None:
    """The place of a code within reach; with any other the widest there is; None for a reach without a place."""
    if known := next((each for each in towns if code and each.code == code), None):
        return known
    home = facilities.by_code(scope, code) if code else None
    if home is not None and home.facility_type in REPORTED_TYPES:
        return Place("facility", home.code, home.name, home.name, home.township_id, home.id)
    if scope.everywhere:
        return DISTRICT
    return next(iter(towns or homes(scope, None)), None)


def period(text: str, today: Any) -> Month:
    """The month asked for; the running one up to today for it, for one that has not begun, and for anything else."""
    this = Month.of(today)
    try:
        asked = Month.parse(text)
    except ValueError:
        asked = this
    if str(asked) >= str(this) or str(asked) < str(this.plus(-MONTHS)):
        return RunningMonth(this.year, this.month, today)
    return asked


@cache
def report(level: str) -> ModuleType:
    """The report a place has each month, found by name."""
    return importlib.import_module(f"reports.{REPORTS[level]}.report")


def part_of_paper(name: str) -> Any:
    """A module of what all reports share, found by name."""
    return importlib.import_module(f"reports._paper.{name}")


def reach(person: Person, permission: P, of: Place, ip: str | None = None) -> Scope | None:
    """What a person reaches of a place under one permission; None where that is not all of it."""
    scope = scope_of(person, permission, ip)
    return of.of(scope) if scope else None


def reaches(person: Person, of: Place, ip: str | None = None) -> dict[str, Scope]:
    """The parts of a place's report a person may see, each with the reach it is collected under."""
    known = {key: reach(person, NEEDS[key], of, ip) for key in report(of.level).PARTS if key in NEEDS}
    return {key: scope for key, scope in known.items() if scope is not None}


@dataclass(frozen=True)
class Live:
    """A report's figures and the moment they were collected."""

    at: datetime
    data: dict[str, Any]


_kept: dict[Any, Live] = {}
_turns: dict[Any, Lock] = {}


def live(scope: Scope, of: Place, month: Month, under: Mapping[str, Scope], keep: timedelta) -> Live:
    """The figures of a place and month; `scope` reaches the place, `under` each part's reach. Kept for `keep`."""
    key = (of, month, tuple((part, each.reach) for part, each in under.items()))
    with _turns.setdefault(key, Lock()):  # whoever asks at the same time waits for the one that collects
        now = calendar.real_now()
        for each in [each for each, found in _kept.items() if found.at + keep <= now]:
            del _kept[each]
            _turns.pop(each, None)
        if key not in _kept:
            _kept[key] = Live(now, _collect(scope, of, month, under))
        return _kept[key]


def _collect(scope: Scope, of: Place, month: Month, under: Mapping[str, Scope]) -> dict[str, Any]:
    here = of.of(scope)
    assemble: Callable[..., dict[str, Any]] = part_of_paper("assemble").collect
    try:
        return assemble(report(of.level), (here or scope).enter(), month, list(under), under.__getitem__)
    finally:
        scope.enter()


def forget() -> None:
    """Let go of everything kept (tests)."""
    _kept.clear()


# ---- the light: what is wrong at this moment ----


def late_hazards(scope: Scope, day: Any) -> dict[str, int]:
    """Ordered and past their deadline, as the ledger's filters count them: {"overdue", "major"} (major among them)."""
    late = hazards.waits() & hazards.overdue(day)

    def count(condition: ColumnElement[bool]) -> Any:
        return func.count(case((condition, 1)))

    row = db.session.execute(scope.columns(Hazard, count(late), count(late & (Hazard.severity == "major")))).one()
    return {"overdue": row[0], "major": row[1]}


def open_incidents(scope: Scope) -> dict[str, int]:
    """{"open", "grave"} as they stand now."""
    found = incidents.counts(scope)
    return {"open": found["open"], "grave": found["grave"]}
