"""Reads of plans and of the visits they ask for."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from eldercare.accounts.models import User
from eldercare.accounts.officers.models import Officer
from eldercare.core import audit
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.facilities.queries import GONE
from eldercare.inspections import queries as visits
from eldercare.inspections.models import Visit, VisitOfficer
from eldercare.inspections.plans.models import IN_FORCE, Plan, PlanItem, PlanItemOfficer

# the day an item is planned for: the visit's own, once there is one
DAY: ColumnElement[date] = func.coalesce(Visit.planned_on, PlanItem.planned_on)


def plans(scope: Scope) -> Select[Any]:
    """Every plan; plans are the district's and the same for everybody."""
    return scope.select(Plan)


def plan(scope: Scope, plan_id: int) -> Plan:
    """One plan; 404."""
    return scope.get(Plan, plan_id)


def plan_of(scope: Scope, year: int, month: int | None) -> Plan | None:
    """The plan of a year (or of a month of it) that was not withdrawn."""
    same = Plan.month.is_(None) if month is None else Plan.month == month
    query = scope.select(Plan).where(Plan.year == year, same, Plan.state != "withdrawn")
    return db.session.scalars(query).one_or_none()


def in_force() -> ColumnElement[bool]:
    """Items that count: of a plan that is approved or runs (or ended), or of a rule. Needs the plan joined."""
    return or_(PlanItem.rule_id.is_not(None), Plan.state.in_((*IN_FORCE, "closed")))


def items(scope: Scope) -> Select[Any]:
    """Items in reach with place, plan, visit and the officers of both."""
    return (
        scope.select(PlanItem)
        .join(PlanItem.facility)
        .join(Facility.township)
        .outerjoin(PlanItem.plan)
        .outerjoin(PlanItem.visit)
        .options(
            contains_eager(PlanItem.facility).contains_eager(Facility.township),
            contains_eager(PlanItem.plan),
            _names(contains_eager(PlanItem.visit).selectinload(Visit.officers).joinedload(VisitOfficer.officer)),
            _names(selectinload(PlanItem.officers).joinedload(PlanItemOfficer.officer)),
        )
    )


def _names(officers: Any) -> Any:
    """Officers with the person's name alone: what each may do is nobody's business here."""
    return officers.joinedload(Officer.user).lazyload(User.grants)


def item(scope: Scope, item_id: int) -> PlanItem:
    """One item in reach; 404."""
    row: PlanItem | None = db.session.scalars(items(scope).where(PlanItem.id == item_id)).one_or_none()
    return row if row is not None else scope.get(PlanItem, item_id)


def item_of_visit(scope: Scope, visit_id: int) -> PlanItem | None:
    """The item a visit answers for, if any."""
    return db.session.scalars(scope.select(PlanItem).where(PlanItem.visit_id == visit_id)).one_or_none()


def is_done() -> ColumnElement[bool]:
    """Its visit has a record."""
    return func.coalesce(Visit.state == "sent", False)


def is_open() -> ColumnElement[bool]:
    """Still to be made: neither done nor left out, nor its visit cancelled."""
    return and_(PlanItem.state != "dropped", or_(Visit.id.is_(None), Visit.state == "planned"))


def is_missed(day: date) -> ColumnElement[bool]:
    """Its period is over and there is no record."""
    return and_(is_open(), func.greatest(PlanItem.period_to, Visit.planned_on) < day)


def is_late(day: date) -> ColumnElement[bool]:
    """Its day is past without a record, and its period is not over."""
    return and_(is_open(), day > DAY, func.greatest(PlanItem.period_to, Visit.planned_on) >= day)


def is_on(day: date) -> ColumnElement[bool]:
    """Planned for a day."""
    return DAY.in_([day])


def stage(day: date) -> Any:
    """How an item stands on a day, as a word: done, missed, late, today, made (a visit), planned, draft, dropped."""
    return case(
        (PlanItem.state == "dropped", "dropped"),
        (is_done(), "done"),
        (and_(Visit.id.is_not(None), Visit.state == "cancelled"), "dropped"),
        (~in_force(), "draft"),
        (is_missed(day), "missed"),
        (is_late(day), "late"),
        (is_on(day), "today"),
        (PlanItem.state == "visit", "made"),
        else_="planned",
    )


def stage_of(row: PlanItem, day: date) -> str:
    """The same of a row that is here with its plan and visit."""
    if row.state == "dropped" or (row.visit and row.visit.state == "cancelled"):
        return "dropped"
    if row.visit and row.visit.state == "sent":
        return "done"
    if row.plan and row.plan.state in ("draft", "withdrawn"):
        return "draft"
    if max(row.period_to, row.day) < day:
        return "missed"
    if row.day < day:
        return "late"
    return "today" if row.day == day else "made" if row.state == "visit" else "planned"


def with_officer(officer_id: int) -> ColumnElement[bool]:
    """Items an officer goes on: by the visit's team, or by the item's own while there is no visit."""
    by_visit = Visit.officers.any(VisitOfficer.officer_id == officer_id)
    own = PlanItem.officers.any(PlanItemOfficer.officer_id == officer_id)
    return or_(and_(Visit.id.is_not(None), by_visit), and_(Visit.id.is_(None), own))


def planned_between(ends: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Planned between two days, either of them open."""
    return DAY.between(ends[0] or date(1900, 1, 1), ends[1] or date(2199, 12, 31))


def matching(text: str) -> ColumnElement[bool]:
    """Items whose place has a name or code containing the text."""
    return place_matching(text)


def place_matching(text: str) -> ColumnElement[bool]:
    """Places whose name or code contains the text."""
    return (Facility.name + " " + Facility.code).icontains(text, autoescape=True)


def places_of_year(scope: Scope, year: int) -> Select[Any]:
    """The places of `coverage`, for a list: open in the year, or closed within it."""
    open_then = or_(Facility.state.not_in(GONE), Facility.closed_on >= date(year, 1, 1))
    return scope.select(Facility).join(Facility.township).where(open_then)


def without_visit(scope: Scope, first: date, last: date, plan_id: int | None = None) -> list[PlanItem]:
    """Items of some days that are no visit yet, in force (or of one plan, a draft too), by day and hour."""
    which = PlanItem.plan_id == plan_id if plan_id else in_force()
    query = items(scope).where(PlanItem.state == "planned", PlanItem.planned_on.between(first, last), which)
    return list(db.session.scalars(query.order_by(PlanItem.planned_on, PlanItem.window_from, PlanItem.id)))


def visits_between(scope: Scope, first: date, last: date) -> list[Visit]:
    """Visits of some days that were not cancelled, by day and hour."""
    query = visits.visits(scope).options(_names(selectinload(Visit.officers).joinedload(VisitOfficer.officer)))
    query = query.where(Visit.planned_on.between(first, last), Visit.state != "cancelled")
    return list(db.session.scalars(query.order_by(Visit.planned_on, Visit.window_from, Visit.id)))


def items_of_visits(scope: Scope, visit_ids: Iterable[int]) -> dict[int, int]:
    """{visit id: item id} of the visits that answer for an item."""
    query = scope.columns(PlanItem, PlanItem.visit_id, PlanItem.id).where(PlanItem.visit_id.in_(list(visit_ids)))
    return {row[0]: row[1] for row in db.session.execute(query)}


def counts_of_plan(scope: Scope, plan_id: int, day: date) -> dict[str, int]:
    """How many items of a plan stand where: {stage: number}."""
    word = stage(day).label("word")
    query = (
        scope.columns(PlanItem, word, func.count())
        .outerjoin(Plan, Plan.id == PlanItem.plan_id)
        .outerjoin(Visit, Visit.id == PlanItem.visit_id)
        .where(PlanItem.plan_id == plan_id)
        .group_by(word)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def counts_of_plans(scope: Scope, day: date) -> dict[int, dict[str, int]]:
    """The same of every plan: {plan id: {stage: number}}."""
    word = stage(day).label("word")
    query = (
        scope.columns(PlanItem, PlanItem.plan_id, word, func.count())
        .join(Plan, Plan.id == PlanItem.plan_id)
        .outerjoin(Visit, Visit.id == PlanItem.visit_id)
        .group_by(PlanItem.plan_id, word)
    )
    found: dict[int, dict[str, int]] = {}
    for plan_id, name, count in db.session.execute(query):
        found.setdefault(plan_id, {})[name] = count
    return found


def months_of_plan(scope: Scope, plan_id: int) -> dict[tuple[int, str], int]:
    """How many items of a plan fall in which month, by kind: {(month, kind): number}; what was left out is not counted."""
    month = func.extract("month", DAY)
    query = (
        scope.columns(PlanItem, month, PlanItem.kind, func.count())
        .outerjoin(Visit, Visit.id == PlanItem.visit_id)
        .where(PlanItem.plan_id == plan_id, PlanItem.state != "dropped")
        .group_by(month, PlanItem.kind)
    )
    return {(int(row[0]), row[1]): row[2] for row in db.session.execute(query)}


def history(scope: Scope, entity: str, row_id: int) -> list[AuditEntry]:
    """What happened to a plan, an item or a rule, newest first."""
    return list(db.session.scalars(audit.history(scope, entity, row_id)))


def makers(scope: Scope, plan: Plan) -> set[int | None]:
    """Who drafted a plan, or changed the draft or a visit in it, as the log has it: none of them approves it (§5.6 (1))."""
    visits = scope.columns(PlanItem, PlanItem.id).where(PlanItem.plan_id == plan.id)
    of_plan = audit.doers(scope, "plan", [plan.id], ("plan.drafted", "plan.changed"))
    return {plan.author_id, *db.session.scalars(of_plan.union(audit.doers(scope, "plan_item", visits)))}


def facility_of(scope: Scope, facility_id: int) -> Facility:
    """A place in reach with its township; 404."""
    query = scope.select(Facility).options(joinedload(Facility.township)).where(Facility.id == facility_id)
    row = db.session.scalars(query).one_or_none()
    return row if row is not None else scope.get(Facility, facility_id)
