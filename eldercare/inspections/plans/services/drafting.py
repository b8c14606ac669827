"""Plans: drafted from what places need, approved by somebody else, begun and ended. lock → judge → change → record."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert

from eldercare.core import audit, calendar, states, workdays
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.inspections.plans import queries
from eldercare.inspections.plans.models import Plan, PlanItem, PlanItemOfficer, Terms
from eldercare.inspections.plans.services.assigning import Desk, spread

KIND = "daily"  # what is planned for its own sake; a draw makes double-random checks of its own


def draft(scope: Scope, year: int, month: int | None, terms: Terms, purpose: str = "") -> Plan:
    """A plan of a year or a month with every visit its places still need, spread over its days and officers.

    Refused: plan.over, plan.taken, plan.no_team.
    """
    plan = Plan(year=year, month=month, purpose=purpose, author_id=scope.person_id, author=scope.person_name)
    if plan.last < calendar.today():
        raise Refused("plan.over", field="year")
    if queries.plan_of(scope, year, month) is not None:
        raise Refused("plan.taken", field="year")
    db.session.add(plan)
    db.session.flush()
    made = _fill(scope, plan, terms, "plan.drafted")
    audit.record(scope, "plan.drafted", plan, items=made)
    return plan


def redraft(scope: Scope, plan_id: int, terms: Terms) -> Plan:
    """The draft anew, as things stand today; what was put in by hand stays."""
    plan = _locked(scope, plan_id, "draft")
    made = scope.columns(PlanItem, PlanItem.id).where(PlanItem.plan_id == plan.id, PlanItem.why != "hand")
    gone = delete(PlanItem).where(PlanItem.id.in_(made))  # their officers go with them
    db.session.execute(gone.execution_options(audited="plan.changed", synchronize_session=False))
    db.session.expire_all()
    count = _fill(scope, plan, terms, "plan.changed")
    audit.record(scope, "plan.changed", plan, items=count)
    return plan


def approve(scope: Scope, plan_id: int, note: str | None = None) -> Plan:
    """A draft counts from now on; it runs at once where its period has begun. Refused: plan.someone_else."""
    plan = _locked(scope, plan_id, "draft")
    if scope.person_id is not None and scope.person_id in queries.makers(scope, plan):
        raise Refused("plan.someone_else")
    plan.approved_at, plan.approved_by, plan.approved_by_id = calendar.now(), scope.person_name, scope.person_id
    plan.note = note
    states.move(scope, plan, "approved")
    if plan.first <= calendar.today():
        states.move(scope, plan, "running")
    return plan


def withdraw(scope: Scope, plan_id: int, note: str) -> Plan:
    """A draft is given up; another one can be made for its period."""
    plan = _locked(scope, plan_id, "draft")
    plan.note = note
    states.move(scope, plan, "withdrawn")
    return plan


def close(scope: Scope, plan_id: int, note: str | None = None) -> Plan:
    """A plan is over; what it asked for and nobody made stays visible as missed."""
    plan = scope.lock(Plan, plan_id)
    plan.note = note or plan.note
    states.move(scope, plan, "closed")
    return plan


def turn(scope: Scope, day: date) -> dict[str, int]:
    """Plans begin with the first day of their period and end when a month has passed since its last."""
    begun = closed = 0
    for plan in db.session.scalars(scope.select(Plan).where(Plan.state.in_(("approved", "running"))).order_by(Plan.id)):
        if plan.state == "approved" and plan.first <= day:
            states.move(scope, scope.lock(Plan, plan.id), "running")
            begun += 1
        if plan.state == "running" and calendar.Month.of(plan.last).plus(1).last < day:
            states.move(scope, scope.lock(Plan, plan.id), "closed")
            closed += 1
    return {"begun": begun, "closed": closed}


def _locked(scope: Scope, plan_id: int, state: str) -> Plan:
    plan = scope.lock(Plan, plan_id)
    if plan.state != state:
        raise Refused("move.not_allowed")
    return plan


def _fill(scope: Scope, plan: Plan, terms: Terms, action: str) -> int:
    """Put in what is missing; how many visits that are."""
    day = calendar.today()
    covers = queries.coverage(scope, plan.year, terms, day, without_plan=plan.id)
    classes = queries.class_bounds(scope, max(day, plan.first))
    plan.bounds = {key: f"{least}-{most}" for key, (least, most) in classes.items()} | {
        key: f"{least}/{years}-{most}" for key, (least, years, most) in terms.types.items()
    }
    known = workdays.known()
    days = known.between(max(plan.first, known.after(day, terms.notice + 1)), plan.last)
    there = _there(scope, plan)
    wanted = {each.facility_id: (each, count) for each in covers if (count := _asked(each) - there[each.facility_id][0]) > 0}
    if not wanted or not days:
        return 0
    desk = Desk.of(scope, days[0], plan.last, terms, without_plan=plan.id)
    rows, teams = [], []
    for place, number, first in spread(((key, count) for key, (_cover, count) in wanted.items()), days):
        cover = wanted[place][0]
        chosen = desk.nearest(place, cover.facility_type, first, days)
        if chosen is None:  # more is needed than the officers can do: the place stays short, and is shown so
            continue
        team, slot, on = chosen
        month = calendar.Month.of(on)
        rows.append({
            "township_id": cover.township_id, "facility_id": place, "plan_id": plan.id, "period": str(month),
            "period_from": month.first, "period_to": month.last, "seq": there[place][1] + number, "kind": KIND,
            "why": _why(cover, number), "credit_class": cover.credit_class, "checklists": [], "planned_on": on,
            "window_from": slot[0], "window_to": slot[1], "state": "planned", "created_at": calendar.now(),
        })  # fmt: skip
        teams.append(team)
    if not rows:
        raise Refused("plan.no_team")
    _insert(rows, teams, action)
    return len(rows)


def _insert(rows: Sequence[dict[str, Any]], teams: Sequence[Sequence[int]], action: str) -> None:
    made = insert(PlanItem).values(rows).returning(PlanItem.id, PlanItem.facility_id, PlanItem.seq)
    ids = {row[1:]: row[0] for row in db.session.execute(made.execution_options(audited=action))}
    seats = [
        {
            "township_id": row["township_id"], "facility_id": row["facility_id"], "officer_id": officer, "seat": seat,
            "item_id": ids[row["facility_id"], row["seq"]],
        }
        for row, team in zip(rows, teams, strict=True) for seat, officer in enumerate(team)
    ]  # fmt: skip
    db.session.execute(insert(PlanItemOfficer).values(seats).execution_options(audited=action))


def _asked(cover: queries.Cover) -> int:
    """What is missing, as far as the cap allows; the law's floor it always does."""
    count = cover.short if cover.room is None else min(cover.short, cover.room)
    unseen = cover.facility_type == "institution" and cover.least and not (cover.done or cover.planned or cover.expected)
    return max(count, queries.FLOOR) if unseen else count


def _why(cover: queries.Cover, number: int) -> str:
    """The first of a year fills the law's floor at an institution, the others what its class asks for."""
    if cover.facility_type != "institution":
        return cover.why
    return "floor" if number == 1 and not cover.done and not cover.planned else "class"


def _there(scope: Scope, plan: Plan) -> dict[int, tuple[int, int]]:
    """What stands in the draft already, by place: (how many visits, the highest number)."""
    counts = (func.count().filter(PlanItem.state != "dropped"), func.max(PlanItem.seq))
    query = scope.columns(PlanItem, PlanItem.facility_id, *counts).where(PlanItem.plan_id == plan.id)
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    return found | {row[0]: (row[1], row[2]) for row in db.session.execute(query.group_by(PlanItem.facility_id))}
