"""What the clock does with plans each morning: begin and end them, make visits of what comes near, tell what is late."""

from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import func

from eldercare.core import alerts, audit, calendar, states
from eldercare.core.alerts import Alert
from eldercare.core.db import db, savepoint
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.facilities.queries import GONE
from eldercare.inspections import queries as visits
from eldercare.inspections.models import Visit
from eldercare.inspections.plans import queries
from eldercare.inspections.plans.models import PLACE_CLOSED, PlanItem, Terms
from eldercare.inspections.plans.services.acts import change_team, drop, make_visit
from eldercare.inspections.plans.services.assigning import Desk
from eldercare.inspections.plans.services.drafting import turn

LATE = ("plan_item.late", "plan_item.mine_late")
ANOTHER_TEAM = ("officer.not_certified", "officer.no_account", "visit.officer_avoids")  # what another pair puts right


def morning(scope: Scope, day: date, terms: Terms) -> dict[str, int]:
    """One round; the same day again finds nothing left to do."""
    turned = turn(scope, day)
    return turned | {"dropped": _let_go(scope)} | make_due(scope, day, terms) | tell(scope, day)


def _let_go(scope: Scope) -> int:
    """What cannot be made any more: its visit was cancelled, or its place has closed."""
    cancelled = (
        scope.columns(PlanItem, PlanItem.id, Visit.reason)
        .join(Visit, Visit.id == PlanItem.visit_id)
        .where(PlanItem.state == "visit", Visit.state == "cancelled")
    )
    count = 0
    for item_id, reason in db.session.execute(cancelled.order_by(PlanItem.id)).all():
        item = scope.lock(PlanItem, item_id)
        item.visit_id, item.reason = None, reason
        states.move(scope, item, "dropped")
        count += 1
    closed = (
        scope.columns(PlanItem, PlanItem.id)
        .join(Facility, Facility.id == PlanItem.facility_id)
        .outerjoin(Visit, Visit.id == PlanItem.visit_id)
        .where(PlanItem.state != "dropped", func.coalesce(Visit.state, "planned") == "planned", Facility.state.in_(GONE))
    )
    for item_id in db.session.scalars(closed.order_by(PlanItem.id)).all():
        drop(scope, item_id, str(PLACE_CLOSED))
        count += 1
    return count


def make_due(scope: Scope, day: date, terms: Terms) -> dict[str, int]:
    """Planned visits whose day comes near become visits; one that cannot says why, and the district is told."""
    until = day + timedelta(days=terms.visit_days)
    query = queries.items(scope).where(PlanItem.state == "planned", PlanItem.planned_on.between(day, until), queries.in_force())
    made = stuck = 0
    desk: Desk | None = None
    for item in db.session.scalars(query.order_by(PlanItem.planned_on, PlanItem.id)).all():
        refusal = _try(scope, item.id)
        if refusal is not None and refusal.code in ANOTHER_TEAM:
            desk = desk or Desk.of(scope, day, until, terms)
            chosen = desk.choose(item.facility_id, item.facility.facility_type, item.planned_on)
            if chosen is not None:
                locked = scope.lock(PlanItem, item.id)
                change_team(scope, locked, chosen[0])
                locked.window_from, locked.window_to = chosen[1]
                audit.record(scope, "plan_item.changed", locked)
                refusal = _try(scope, item.id)
        if refusal is None:
            made += 1
            continue
        stuck += _stuck(scope, item, refusal.code)
    return {"made": made, "stuck": stuck}


def _try(scope: Scope, item_id: int) -> Refused | None:
    try:
        with savepoint():
            make_visit(scope, item_id)
    except Refused as refusal:
        return refusal
    return None


def _stuck(scope: Scope, item: PlanItem, code: str) -> int:
    if item.trouble != code:
        row = scope.lock(PlanItem, item.id)
        row.trouble = code
        audit.record(scope, "plan_item.changed", row)
    about: dict[str, Any] = {"home": item.facility.name, "day": item.planned_on}
    told = alerts.tell(scope, "plan_item.stuck", item, level="district", due_at=_end(item.planned_on), again=True, **about)
    return told is not None


def tell(scope: Scope, day: date) -> dict[str, int]:
    """What is late is told to its lead and to the district, what was missed to the district; the rest is settled."""
    counted = queries.items(scope).where(queries.in_force()).order_by(PlanItem.id)
    late = list(db.session.scalars(counted.where(queries.is_late(day))))
    missed = list(db.session.scalars(counted.where(queries.is_missed(day))))
    counts = {"late": 0, "missed": 0}
    about: dict[str, Any]
    for item in late:
        about = {"home": item.facility.name, "day": item.day}
        said: dict[str, Any] = {"level": "district", "due_at": _end(item.period_to), "again": True}
        said["occasion"] = item.day.isoformat()  # moved, and late again: told again
        counts["late"] += alerts.tell(scope, "plan_item.late", item, **said, **about) is not None
        if item.team:
            alerts.tell(scope, "plan_item.mine_late", item, person_id=item.team[0].user_id, **said, **about)
    for item in missed:
        about = {"home": item.facility.name, "day": item.period_to}
        counts["missed"] += alerts.tell(scope, "plan_item.missed", item, level="district", **about) is not None
    _settle(scope, {(item.id, item.day.isoformat()) for item in late}, {item.id for item in missed})
    return counts


def watch_teams(scope: Scope, day: date) -> dict[str, int]:
    """Tell the planner of every visit still to be made whose team may not go any more: an officer avoids the place by now,
    the certificate does not count on that day, the account was closed. Settled once others go, or it is not made.
    """
    query = visits.visits(scope).where(Visit.state == "planned", Visit.planned_on >= day).order_by(Visit.id)
    ahead = list(db.session.scalars(query))
    wrong, told = queries.misfits(scope, ahead), 0
    for visit in (each for each in ahead if each.id in wrong):
        about: dict[str, Any] = {"home": visit.facility.name, "day": visit.planned_on}
        due = calendar.at(visit.planned_on, (visit.window_from or time(9)).hour)
        told += alerts.tell(scope, "visit.unfit", visit, level="district", due_at=due, again=True, **about) is not None
    for alert in db.session.scalars(scope.select(Alert).where(Alert.kind == "visit.unfit", Alert.settled_at.is_(None))):
        if alert.entity_id not in wrong:
            alert.settled_at = calendar.now()
    return {"visits": len(wrong), "told": told}


def _settle(scope: Scope, late: set[tuple[int, str]], missed: set[int]) -> None:
    """Alerts of items that are late no more (made, moved, missed by now), or missed no more."""
    query = scope.select(Alert).where(
        Alert.entity == "plan_item", Alert.settled_at.is_(None), Alert.kind.in_((*LATE, "plan_item.missed"))
    )
    for alert in db.session.scalars(query):
        stands = alert.entity_id in missed if alert.kind == "plan_item.missed" else (alert.entity_id, alert.occasion) in late
        if not stands:
            alert.settled_at = calendar.now()


def _end(day: date) -> Any:
    return calendar.at(day, 23, 59)
