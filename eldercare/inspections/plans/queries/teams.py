"""Reads of who is where when, and how many visits each officer has."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import contains_eager

from eldercare.accounts.models import User
from eldercare.accounts.officers import queries as library
from eldercare.accounts.officers.models import Officer, Recusal
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.inspections.models import Visit, VisitOfficer
from eldercare.inspections.plans.models import Plan, PlanItem, PlanItemOfficer
from eldercare.inspections.plans.queries.items import in_force

Window = tuple[time | None, time | None]  # None: the whole day
Taken = tuple[Window, str]  # when, at which place


def overlaps(one: Window, other: Window) -> bool:
    """Whether two times of a day have anything in common; a time without an end is the whole day."""
    if None in one or None in other:
        return True
    return bool(one[0] < other[1] and other[0] < one[1])  # type: ignore[operator]


def _visits(scope: Scope, first: date, last: date) -> Any:
    return (
        scope.columns(
            VisitOfficer, VisitOfficer.officer_id, VisitOfficer.seat, Visit.planned_on, Visit.window_from, Visit.window_to,
            Visit.facility_id, Visit.id,
        )
        .join(Visit, Visit.id == VisitOfficer.visit_id)
        .where(Visit.state != "cancelled", Visit.planned_on.between(first, last))
    )  # fmt: skip


def _items(scope: Scope, first: date, last: date, without_plan: int | None) -> Any:
    query = (
        scope.columns(
            PlanItemOfficer, PlanItemOfficer.officer_id, PlanItemOfficer.seat, PlanItem.planned_on, PlanItem.window_from,
            PlanItem.window_to, PlanItem.facility_id, PlanItem.id,
        )
        .join(PlanItem, PlanItem.id == PlanItemOfficer.item_id)
        .outerjoin(Plan, Plan.id == PlanItem.plan_id)
        .where(PlanItem.state == "planned", PlanItem.planned_on.between(first, last))
    )  # fmt: skip
    if without_plan is not None:
        return query.where((Plan.id.is_(None)) | (Plan.id != without_plan), (Plan.id.is_(None)) | (Plan.state != "withdrawn"))
    return query.where(in_force())


def engagements(scope: Scope, first: date, last: date, without_plan: int | None = None) -> list[Any]:
    """Whoever goes where: rows (officer_id, seat, planned_on, window_from, window_to, facility_id, id) of visits, then of
    items without one. Drafts count while one is drafted (`without_plan`), and are left out otherwise.
    """
    return [*db.session.execute(_visits(scope, first, last)), *db.session.execute(_items(scope, first, last, without_plan))]


def busy(scope: Scope, officer_ids: Iterable[int], day: date, *, visit_id: int = 0, item_id: int = 0) -> dict[int, list[Taken]]:
    """What officers have on a day, one visit and one item (those being moved) apart: {officer id: [(when, place)]}."""
    wanted = list(officer_ids)
    place = Facility.name
    of_visits = _visits(scope, day, day).add_columns(place).join(Facility, Facility.id == Visit.facility_id)
    of_items = _items(scope, day, day, None).add_columns(place).join(Facility, Facility.id == PlanItem.facility_id)
    found: dict[int, list[Taken]] = defaultdict(list)
    for query in (
        of_visits.where(VisitOfficer.officer_id.in_(wanted), Visit.id != visit_id),
        of_items.where(PlanItemOfficer.officer_id.in_(wanted), PlanItem.id != item_id),
    ):
        for row in db.session.execute(query):
            found[row.officer_id].append(((row.window_from, row.window_to), row.name))
    return found


def last_teams(scope: Scope, before: date) -> dict[int, set[int]]:
    """Who went last time, by place: officer ids of the last visit before a day."""
    latest = (
        scope.columns(Visit, Visit.id, Visit.facility_id)
        .where(Visit.state != "cancelled", Visit.planned_on < before)
        .ext(distinct_on(Visit.facility_id))
        .order_by(Visit.facility_id, Visit.planned_on.desc(), Visit.id.desc())
        .subquery()
    )
    query = scope.columns(VisitOfficer, latest.c.facility_id, VisitOfficer.officer_id)
    query = query.join(latest, latest.c.id == VisitOfficer.visit_id)
    found: dict[int, set[int]] = defaultdict(set)
    for facility_id, officer_id in db.session.execute(query):
        found[facility_id].add(officer_id)
    return found


def load(scope: Scope, year: int) -> dict[tuple[int, int], int]:
    """Visits of a year by officer and month, made and planned: {(officer id, month): number}."""
    counted: Counter[tuple[int, int]] = Counter()
    for row in engagements(scope, date(year, 1, 1), date(year, 12, 31)):
        counted[row.officer_id, row.planned_on.month] += 1
    return dict(counted)


def inspectors(scope: Scope) -> list[Officer]:
    """Every officer of the library with the person, by certificate number."""
    query = library.officers(scope).options(contains_eager(Officer.user).lazyload(User.grants))
    return list(db.session.scalars(query.order_by(Officer.certificate_no)))


def avoidances(scope: Scope, first: date, last: date) -> dict[tuple[int, int], list[tuple[date, date | None]]]:
    """When an officer avoids a place: {(facility id, officer id): [(from, until)]} of a period."""
    query = scope.select(Recusal).where(Recusal.starts_on <= last, func.coalesce(Recusal.ends_on, last) >= first)
    found: dict[tuple[int, int], list[tuple[date, date | None]]] = defaultdict(list)
    for row in db.session.scalars(query):
        found[row.facility_id, row.officer_id].append((row.starts_on, row.ends_on))
    return found


def misfits(scope: Scope, of: Sequence[Visit]) -> dict[int, list[Officer]]:
    """{visit id: officers who may not go on its day after all}: what came after the plan, or a draw from its frozen library.

    They avoid the place by then, their certificate does not count on that day, or they sign in no more (§5.3 (1), §5.6 (6)).
    Of visits still to be made alone, with their officers loaded.
    """
    waiting = [each for each in of if each.state == "planned"]
    if not waiting:
        return {}
    days = [each.planned_on for each in waiting]
    avoids = avoidances(scope, min(days), max(days))
    found: dict[int, list[Officer]] = {}
    for visit in waiting:
        for officer in (row.officer for row in visit.officers):
            spans = avoids.get((visit.facility_id, officer.id), ())
            avoiding = any(start <= visit.planned_on and (end is None or end >= visit.planned_on) for start, end in spans)
            if avoiding or not officer.may_go(visit.planned_on):
                found.setdefault(visit.id, []).append(officer)
    return found


def by_kind(scope: Scope, year: int) -> list[Any]:
    """Visits of a year: rows (kind, kind, month, how many, of them made); planned ones that are no visit yet included."""
    return _by(scope, year, Visit.kind, PlanItem.kind)


def by_officer(scope: Scope, year: int) -> list[Any]:
    """The same by officer: rows (officer id, officer id, month, how many, of them made); a visit counts for each of its team."""
    return _by(scope, year, VisitOfficer.officer_id, PlanItemOfficer.officer_id)


def _by(scope: Scope, year: int, of_visit: Any, of_item: Any) -> list[Any]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    month, item_month = func.extract("month", Visit.planned_on), func.extract("month", PlanItem.planned_on)
    visits = scope.columns(Visit, of_visit, of_visit, month, func.count(), func.count().filter(Visit.state == "sent"))
    items = scope.columns(PlanItem, of_item, of_item, item_month, func.count(), func.count().filter(PlanItem.id.is_(None)))
    if of_visit is not Visit.kind:
        visits = visits.join(VisitOfficer, VisitOfficer.visit_id == Visit.id)
        items = items.join(PlanItemOfficer, PlanItemOfficer.item_id == PlanItem.id)
    visits = visits.where(Visit.state != "cancelled", Visit.planned_on.between(first, last)).group_by(of_visit, month)
    items = (
        items.outerjoin(Plan, Plan.id == PlanItem.plan_id)
        .where(PlanItem.state == "planned", PlanItem.planned_on.between(first, last), in_force())
        .group_by(of_item, item_month)
    )
    return [*db.session.execute(visits), *db.session.execute(items)]
