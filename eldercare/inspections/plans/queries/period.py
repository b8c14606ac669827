"""What was planned and made in a period, for reports: rows that add up whichever way they are summed (domain.md §8 row 5).

planned: visits that answer for an item or a draw and were not called off, and items in force that are no visit yet.
done: of those, recorded. unplanned: recorded without either (case checks, rechecks, by hand). cancelled: called off, or
left out. absent: recorded, but nobody was met: no visit of the year for the law. What is secret until made is never planned.
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_

from eldercare.accounts.models import User
from eldercare.accounts.officers.models import Officer
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.inspections.models import UNTOLD, Visit, VisitOfficer
from eldercare.inspections.plans.models import Plan, PlanItem, Terms
from eldercare.inspections.plans.queries.items import in_force
from eldercare.inspections.plans.queries.needs import Cover, _count_visits, _places, bounds_of, class_bounds


@dataclass(frozen=True)
class Made:
    """Visits of a period at the places of a kind in a township, of a kind of visit."""

    township_id: int
    facility_type: str
    kind: str
    planned: int = 0
    done: int = 0
    unplanned: int = 0
    cancelled: int = 0
    absent: int = 0


MADE = tuple(each.name for each in fields(Made))[3:]


def made(scope: Scope, first: date, last: date) -> list[Made]:
    """The visits of a period by township, kind of place and kind of visit."""
    answers = or_(PlanItem.id.is_not(None), Visit.draw_id.is_not(None))
    sent = Visit.state == "sent"
    told = Visit.kind.not_in((*UNTOLD, "recheck"))
    planned = and_(Visit.state != "cancelled", answers, told)

    def count(condition: Any) -> Any:
        return func.count().filter(condition)

    of_visits = (
        scope.columns(
            Visit, Visit.township_id, Facility.facility_type, Visit.kind, count(planned), count(and_(planned, sent)),
            count(and_(sent, ~and_(answers, told))), count(and_(Visit.state == "cancelled", told)),
            count(and_(sent, Visit.result == "absent")),
        )
        .join(Facility, Facility.id == Visit.facility_id)
        .outerjoin(PlanItem, PlanItem.visit_id == Visit.id)
        .where(Visit.planned_on.between(first, last))
        .group_by(Visit.township_id, Facility.facility_type, Visit.kind)
    )  # fmt: skip
    of_items = (
        scope.columns(
            PlanItem, PlanItem.township_id, Facility.facility_type, PlanItem.kind, count(PlanItem.state == "planned"),
            count(PlanItem.state == "dropped"),
        )
        .join(Facility, Facility.id == PlanItem.facility_id)
        .outerjoin(Plan, Plan.id == PlanItem.plan_id)
        .where(PlanItem.visit_id.is_(None), PlanItem.planned_on.between(first, last), in_force())
        .group_by(PlanItem.township_id, Facility.facility_type, PlanItem.kind)
    )  # fmt: skip
    rows = [Made(*row) for row in db.session.execute(of_visits)]
    rows += [Made(row[0], row[1], row[2], planned=row[3], cancelled=row[4]) for row in db.session.execute(of_items)]
    return rows


def yearly(scope: Scope, year: int, terms: Terms, until: date) -> list[Cover]:
    """Every place open in a year with the visits asked of it in that year and those it has had until a day."""
    covers = _places(scope, year, None)
    span = max((years for _least, years, _most in terms.types.values()), default=1)
    _count_visits(scope, covers, year, span, until, until=until)
    classes = class_bounds(scope, until)
    for each in covers.values():
        each.least, each.most, each.why = bounds_of(each, classes, terms, year)
    return list(covers.values())


@dataclass(frozen=True)
class Walked:
    """An officer's recorded visits of a period, and of how many the officer was the lead."""

    officer_id: int
    name: str
    visits: int
    led: int


def walked(scope: Scope, first: date, last: date) -> list[Walked]:
    """Officers who made visits in a period, the busiest first."""
    query = (
        scope.columns(VisitOfficer, VisitOfficer.officer_id, User.name, func.count(), func.count().filter(VisitOfficer.seat == 0))
        .join(Visit, Visit.id == VisitOfficer.visit_id)
        .join(Officer, Officer.id == VisitOfficer.officer_id)
        .join(User, User.id == Officer.user_id)
        .where(Visit.state == "sent", Visit.planned_on.between(first, last))
        .group_by(VisitOfficer.officer_id, User.name)
        .order_by(func.count().desc(), VisitOfficer.officer_id)
    )
    return [Walked(*row) for row in db.session.execute(query)]


def publication(scope: Scope, first: date, last: date) -> tuple[int, int, int]:
    """(results to be public within a period, public by then in time, still not public though due by its end)."""
    open_ = Visit.kind.not_in(UNTOLD)
    due = and_(open_, Visit.publish_by.between(first, last))
    public_on = func.date(func.timezone("Asia/Shanghai", Visit.published_at))
    query = scope.columns(
        Visit,
        func.count().filter(due),
        func.count().filter(and_(due, public_on <= Visit.publish_by)),
        func.count().filter(and_(open_, Visit.publish_by <= last, or_(Visit.published_at.is_(None), public_on > last))),
    ).where(Visit.state == "sent")
    row = db.session.execute(query).one()
    return row[0], row[1], row[2]


def of_place(scope: Scope, first: date, last: date, most: int = 40) -> list[Visit]:
    """The recorded visits of a period in reach, in time; of one place there are few."""
    query = scope.select(Visit).where(Visit.state == "sent", Visit.planned_on.between(first, last))
    return list(db.session.scalars(query.order_by(Visit.planned_on, Visit.id).limit(most)))

def begun(scope: Scope) -> date | None:
    """The first day a visit was planned for; None with nothing on file."""
    first: date | None = db.session.scalar(scope.columns(Visit, func.min(Visit.planned_on)))
    return first
