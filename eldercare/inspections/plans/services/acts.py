"""Acts on planned visits: put in by hand, moved, given another team, left out, made a visit. lock → judge → change → record."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from sqlalchemy import select

from eldercare.accounts.officers import queries as library
from eldercare.accounts.officers.models import Officer
from eldercare.checklists import queries as checklists
from eldercare.checklists.models import ChecklistVersion
from eldercare.core import alerts, audit, calendar, states, workdays
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.facilities.queries import GONE
from eldercare.inspections import queries as visits
from eldercare.inspections import services as inspections
from eldercare.inspections.draws import services as draws
from eldercare.inspections.models import CAPPED, DRAWN, UNTOLD, Visit
from eldercare.inspections.plans import queries
from eldercare.inspections.plans.models import IN_FORCE, OWN_LISTS, Plan, PlanItem, PlanItemOfficer, Terms

Window = tuple[time | None, time | None]


# ---- judging ------------------------------------------------------------------------------------------


def must_be_a_working_day(day: date) -> None:
    """plan_item.day_off, plan_item.day_past: nothing is planned for a day off, nor for one that is over."""
    if day < calendar.today():
        raise Refused("plan_item.day_past", field="planned_on")
    if not workdays.known().is_worked(day):
        raise Refused("plan_item.day_off", field="planned_on", day=day)


def must_be_free(scope: Scope, team: Sequence[int], day: date, window: Window, **but: int) -> None:
    """plan_item.officer_busy: nobody is at two places at the same time. Locks the officers until the end: two plans made
    at once are judged one after the other. `but`: visit_id=, item_id= of what is being moved.
    """
    named = db.session.scalars(select(Officer).where(Officer.id.in_(list(team))).order_by(Officer.id).with_for_update()).all()
    taken = queries.busy(scope, team, day, **but)
    for officer in named:
        for when, place in taken.get(officer.id, ()):
            if queries.overlaps(window, when):
                name = db.session.scalars(library.officers(scope).where(Officer.id == officer.id)).one().name
                raise Refused("plan_item.officer_busy", field="team", name=name, home=place)


def must_have_room(scope: Scope, facility: Facility, kind: str, day: date, terms: Terms) -> None:
    """plan_item.cap_reached: the year's most daily and double-random checks of a place. plan_item.place_gone."""
    if facility.state in GONE:
        raise Refused("plan_item.place_gone", home=facility.name)
    if kind not in CAPPED:
        return
    covers = queries.coverage(scope, day.year, terms, calendar.today(), only=facility.id)
    if covers and covers[0].room == 0:
        raise Refused("plan_item.cap_reached", field="kind", home=facility.name, most=covers[0].most or 0)


def must_be_open(facility: Facility, window: Window, *, outside: bool = False) -> None:
    """plan_item.place_shut: within the hours the place has stated, unless whoever plans says that it is meant so."""
    if not outside and not queries.is_open_at(facility.open_hours, window):
        raise Refused("plan_item.place_shut", field="outside", home=facility.name, hours=facility.open_hours)


def notice_due(day: date, terms: Terms) -> date:
    """By which day a place is told of a visit on a day: so many working days before, in principle (§5.2)."""
    return workdays.known().before(day, terms.notice)


def first_day(terms: Terms) -> date:
    """The first day on which a visit can be made if the place is told today."""
    known = workdays.known()
    return known.after(calendar.today(), terms.notice)


def suitable_lists(scope: Scope, facility_type: str, day: date) -> list[tuple[str, ChecklistVersion]]:
    """The versions in force for a kind of place with the codes of their lists, without those it fills in by itself."""
    return [each for each in _in_force(scope, facility_type, day) if each[0] not in OWN_LISTS]


def _in_force(scope: Scope, facility_type: str, day: date) -> list[tuple[str, ChecklistVersion]]:
    codes = {each.checklist.id: each.checklist.code for each in checklists.standings(scope, day, drafts=False)}
    return [(codes[each.checklist_id], each) for each in checklists.suitable(scope, facility_type, day)]


def suitable(scope: Scope, facility: Facility, day: date, codes: Sequence[str] = ()) -> list[int]:
    """The versions of lists for a visit on a day: those of the codes, or all that suit the place; plan_item.not_suitable."""
    found = _in_force if codes else suitable_lists
    ids = [each.id for code, each in found(scope, facility.facility_type, day) if not codes or code in codes]
    if not ids:
        raise Refused("plan_item.not_suitable", field="versions")
    return ids


# ---- items --------------------------------------------------------------------------------------------


def add(
    scope: Scope, plan_id: int, facility_id: int, terms: Terms, *, kind: str, planned_on: date, window: Window,
    team: Sequence[int], lists: Sequence[str] = (), reason: str | None = None, outside: bool = False,
) -> PlanItem:  # fmt: skip
    """A visit put into a plan by hand. Refused: as `_judge`, plan_item.outside_period, plan_item.cap_reached, visit.draw_only."""
    if kind in DRAWN:
        raise Refused("visit.draw_only", field="kind")
    plan = scope.lock(Plan, plan_id)
    if plan.state not in ("draft", *IN_FORCE):
        raise Refused("move.not_allowed")
    if not plan.first <= planned_on <= plan.last:
        raise Refused("plan_item.outside", field="planned_on", first=plan.first, last=plan.last)
    facility = scope.get(Facility, facility_id)
    must_have_room(scope, facility, kind, planned_on, terms)
    must_be_open(facility, window, outside=outside)
    _judge(scope, facility.id, planned_on, window, team)
    highest = scope.columns(PlanItem, PlanItem.seq).where(PlanItem.plan_id == plan.id, PlanItem.facility_id == facility.id)
    seq = db.session.scalar(highest.order_by(PlanItem.seq.desc()).limit(1)) or 0
    month = calendar.Month.of(planned_on)
    item = PlanItem(
        township_id=facility.township_id, facility_id=facility.id, plan_id=plan.id, period=str(month), period_from=month.first,
        period_to=month.last, seq=seq + 1, kind=kind, why="hand", credit_class=facility.credit_class, checklists=list(lists),
        planned_on=planned_on, window_from=window[0], window_to=window[1], reason=reason,
    )  # fmt: skip
    db.session.add(item)
    audit.record(scope, "plan_item.added", item)
    _seat(scope, item, team)
    return item


def _judge(scope: Scope, facility_id: int, day: date, window: Window, team: Sequence[int], **but: int) -> None:
    """The day, the time and the team of a visit: a working day that is not over; a fit team that is free then."""
    must_be_a_working_day(day)
    inspections.must_be_fit(scope, facility_id, day, team)
    must_be_free(scope, team, day, window, **but)


def _seat(scope: Scope, item: PlanItem, team: Sequence[int]) -> None:
    for seat, officer_id in enumerate(team):
        row = PlanItemOfficer(
            township_id=item.township_id, facility_id=item.facility_id, item_id=item.id, officer_id=officer_id, seat=seat
        )
        db.session.add(row)
        audit.record(scope, "plan_item.changed", row)


def _seated(scope: Scope, item: PlanItem) -> list[PlanItemOfficer]:
    query = scope.select(PlanItemOfficer).where(PlanItemOfficer.item_id == item.id).order_by(PlanItemOfficer.seat)
    return list(db.session.scalars(query))


def _team_of(scope: Scope, item: PlanItem) -> list[int]:
    return [row.officer_id for row in _seated(scope, item)]


def move(
    scope: Scope, item_id: int, planned_on: date, reason: str, *, window: Window | None = None, team: Sequence[int] | None = None,
    outside: bool = False,
) -> PlanItem:  # fmt: skip
    """Another day (time, team) for a planned visit, with the reason; its visit, where there is one, moves with it.

    What comes from a rule stays within its period; what comes from a plan within the plan, and its month follows.
    """
    item = scope.lock(PlanItem, item_id)
    if item.state == "dropped":
        raise Refused("move.not_allowed")
    first, last, period = _reach(scope, item, planned_on)
    if not first <= planned_on <= last:
        raise Refused("plan_item.outside", field="planned_on", first=first, last=last)
    if item.visit_id is not None:
        visit = _put(scope, item.visit_id, planned_on, reason, window, team, outside=outside)
        when = (visit.window_from, visit.window_to)
    else:
        when = window or (item.window_from, item.window_to)
        if window:
            must_be_open(scope.get(Facility, item.facility_id), window, outside=outside)
        _judge(scope, item.facility_id, planned_on, when, list(team or _team_of(scope, item)), item_id=item.id)
        if team:
            change_team(scope, item, team)
    if planned_on != item.planned_on:
        item.first_planned_on = item.first_planned_on or item.planned_on
    item.planned_on, item.window_from, item.window_to, item.reason = planned_on, *when, reason
    if period:
        item.period, item.period_from, item.period_to = period
    item.trouble = None
    audit.record(scope, "plan_item.moved", item)
    alerts.settle(scope, item)
    return item


def _reach(scope: Scope, item: PlanItem, day: date) -> tuple[date, date, tuple[str, date, date] | None]:
    """Between which days an item may be moved, and the period it then belongs to (None: its own)."""
    plan = scope.find(Plan, item.plan_id) if item.plan_id else None
    if plan is None:
        return item.period_from, item.period_to, None
    month = calendar.Month.of(day)
    return plan.first, plan.last, (str(month), month.first, month.last)


def change_team(scope: Scope, item: PlanItem, team: Sequence[int]) -> None:
    """Other officers for an item that is locked, unjudged; the first leads."""
    for row in _seated(scope, item):
        db.session.delete(row)
        audit.record(scope, "plan_item.changed", row)
    _seat(scope, item, team)


def move_visit(
    scope: Scope, visit_id: int, planned_on: date, reason: str, *, window: Window | None = None,
    team: Sequence[int] | None = None, outside: bool = False,
) -> Visit:  # fmt: skip
    """Another day (time, team) for a visit, through whichever door; the item it answers for, if any, moves with it."""
    item = queries.item_of_visit(scope, visit_id)
    if item is not None:
        move(scope, item.id, planned_on, reason, window=window, team=team, outside=outside)
        return scope.get(Visit, visit_id)
    return _put(scope, visit_id, planned_on, reason, window, team, outside=outside)


def _put(
    scope: Scope, visit_id: int, planned_on: date, reason: str, window: Window | None, team: Sequence[int] | None, *,
    outside: bool = False,
) -> Visit:  # fmt: skip
    """Judge and move a visit; a drawn one whose team is now another is told so to the public, once its place is named."""
    visit = scope.lock(Visit, visit_id)
    if visit.state != "planned":
        raise Refused("move.not_allowed")
    when = window or (visit.window_from, visit.window_to)
    if window:
        must_be_open(scope.get(Facility, visit.facility_id), window, outside=outside)
    go = list(team or [row.officer_id for row in visits.officers_of(scope, [visit_id])])
    _judge(scope, visit.facility_id, planned_on, when, go, visit_id=visit_id)
    inspections.put(scope, visit_id, planned_on=planned_on, window=when, team=team, reason=reason)
    if team and visit.draw_id is not None:
        draws.tell_team(scope, visit)
    return visit


def drop(scope: Scope, item_id: int, reason: str) -> PlanItem:
    """A planned visit is left out, with the reason; its visit, where there is one, is cancelled with it."""
    item = scope.lock(PlanItem, item_id)
    if item.visit_id is not None:
        if scope.get(Visit, item.visit_id).state != "cancelled":
            inspections.cancel_visit(scope, item.visit_id, reason)
        item.visit_id = None
    item.reason = reason
    states.move(scope, item, "dropped")
    alerts.settle(scope, item)
    return item


def take_up(
    scope: Scope, item_id: int, planned_on: date, reason: str, terms: Terms, *, window: Window, team: Sequence[int],
    outside: bool = False,
) -> PlanItem:  # fmt: skip
    """What was left out is planned again, for a day of its plan or period."""
    item = scope.lock(PlanItem, item_id)
    facility = scope.get(Facility, item.facility_id)
    must_have_room(scope, facility, item.kind, planned_on, terms)
    must_be_open(facility, window, outside=outside)
    first, last, period = _reach(scope, item, planned_on)
    if not first <= planned_on <= last:
        raise Refused("plan_item.outside", field="planned_on", first=first, last=last)
    _judge(scope, item.facility_id, planned_on, window, team, item_id=item.id)
    change_team(scope, item, team)
    item.planned_on, item.window_from, item.window_to, item.reason = planned_on, *window, reason
    if period:
        item.period, item.period_from, item.period_to = period
    states.move(scope, item, "planned")
    return item


def make_visit(scope: Scope, item_id: int, *, notice: str = "ahead") -> Visit:
    """The planned visit becomes a visit: once, however many ask at the same time (the item's row is locked).

    Refused: plan_item.has_visit, plan_item.not_in_force, plan_item.place_gone, plan_item.not_suitable, and whatever
    `inspections.services.plan_visit` refuses.
    """
    item = scope.lock(PlanItem, item_id)
    if item.state == "visit":
        raise Refused("plan_item.has_visit")
    plan = scope.find(Plan, item.plan_id) if item.plan_id else None
    if plan is not None and plan.state not in (*IN_FORCE, "closed"):
        raise Refused("plan_item.not_in_force")
    facility = scope.get(Facility, item.facility_id)
    if facility.state in GONE:
        raise Refused("plan_item.place_gone", home=facility.name)
    visit = inspections.plan_visit(
        scope, item.facility_id, kind=item.kind, planned_on=item.planned_on, team=_team_of(scope, item),
        versions=suitable(scope, facility, item.planned_on, item.checklists), window=(item.window_from, item.window_to),
        notice=notice,
    )  # fmt: skip
    item.visit_id, item.trouble = visit.id, None
    states.move(scope, item, "visit", visit_id=visit.id)
    alerts.settle(scope, item, "plan_item.stuck")
    return visit


# ---- a visit for its own sake ---------------------------------------------------------------------------


def plan_visit(
    scope: Scope, facility_id: int, terms: Terms, *, kind: str, planned_on: date, window: Window, team: Sequence[int],
    versions: Sequence[int], notice: str, basis: str = "", purpose: str = "", outside: bool = False, **more: Any,
) -> Visit:  # fmt: skip
    """A visit outside every plan: after a lead, for a campaign, to look again.

    Refused: as `inspections.services.plan_visit`, and visit.notice_late, plan_item.day_off, plan_item.officer_busy,
    plan_item.cap_reached, plan_item.place_gone, plan_item.place_shut.
    """
    facility = scope.get(Facility, facility_id)
    must_have_room(scope, facility, kind, planned_on, terms)
    if kind not in UNTOLD and notice == "ahead" and notice_due(planned_on, terms) < calendar.today():
        raise Refused("visit.notice_late", field="notice", due=notice_due(planned_on, terms))
    must_be_open(facility, window, outside=outside)
    _judge(scope, facility.id, planned_on, window, team)
    return inspections.plan_visit(
        scope, facility.id, kind=kind, planned_on=planned_on, team=team, versions=versions, window=window, basis=basis,
        purpose=purpose, notice=notice, **more,
    )  # fmt: skip
