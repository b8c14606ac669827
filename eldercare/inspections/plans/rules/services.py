"""Writes of rules, and the items they ask for. lock → judge → change → record."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_once

from eldercare.core import audit, calendar, states, workdays
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.inspections.models import CAPPED, DRAWN
from eldercare.inspections.plans import queries
from eldercare.inspections.plans.models import PlanItem, PlanItemOfficer, Terms
from eldercare.inspections.plans.rules.models import PlanRule
from eldercare.inspections.plans.services.assigning import Desk, spread


def propose(scope: Scope, **values: Any) -> PlanRule:
    """A rule somebody else must approve before it asks for anything. Refused: visit.draw_only (§5.2)."""
    if values["kind"] in DRAWN:
        raise Refused("visit.draw_only", field="kind")
    rule = PlanRule(**values, author_id=scope.person_id, author=scope.person_name)
    db.session.add(rule)
    audit.record(scope, "plan_rule.proposed", rule)
    return rule


def approve(scope: Scope, rule_id: int) -> PlanRule:
    """The rule is in force. Refused: plan_rule.someone_else."""
    rule = scope.lock(PlanRule, rule_id)
    if rule.author_id is not None and rule.author_id == scope.person_id:
        raise Refused("plan_rule.someone_else")
    rule.approved_at, rule.approved_by, rule.approved_by_id = calendar.now(), scope.person_name, scope.person_id
    states.move(scope, rule, "in_force")
    return rule


def end(scope: Scope, rule_id: int, day: date) -> PlanRule:
    """The rule asks for nothing from a day on; what it has asked for already stays planned."""
    rule = scope.lock(PlanRule, rule_id)
    rule.ends_on = max(day, rule.starts_on)
    states.move(scope, rule, "ended")
    return rule


def generate(scope: Scope, day: date, terms: Terms) -> dict[str, int]:
    """The visits rules ask for in the period of a day and in the next one; each once (constraint), however often this is done.

    "held_back": a place whose cap of daily and double-random checks is reached. "nobody": no two officers could go.
    """
    counts = {"items": 0, "held_back": 0, "nobody": 0}
    for rule in db.session.scalars(scope.select(PlanRule).where(PlanRule.state == "in_force").order_by(PlanRule.id)).all():
        present = rule.period_of(day)
        for period, first, last in (present, rule.period_of(present[2] + timedelta(days=1))):
            for name, count in _generate(scope, rule, (period, *rule.within(first, last)), day, terms).items():
                counts[name] += count
    return counts


def _generate(scope: Scope, rule: PlanRule, period: tuple[str, date, date], day: date, terms: Terms) -> dict[str, int]:
    name, first, last = period
    days = _days(first, last, day, terms)
    if not days:
        return {}
    covers = queries.coverage(scope, first.year, terms, day)
    asked = scope.columns(PlanItem, PlanItem.facility_id).where(PlanItem.rule_id == rule.id, PlanItem.period == name)
    there = set(db.session.scalars(asked))
    wanted = {
        each.facility_id: each for each in covers
        if each.facility_id not in there and queries.concerns(rule, each.facility_type, each.state, each.credit_class)
    }  # fmt: skip
    full = {key for key, each in wanted.items() if rule.kind in CAPPED and each.room == 0}
    desk = Desk.of(scope, days[0], last, terms)
    rows, teams, nobody = [], [], 0
    for place, _number, first_day in spread(((key, 1) for key in wanted if key not in full), days):
        chosen = desk.nearest(place, wanted[place].facility_type, first_day, days)
        if chosen is None:
            nobody += 1
            continue
        team, slot, on = chosen
        rows.append({
            "township_id": wanted[place].township_id, "facility_id": place, "rule_id": rule.id, "period": name,
            "period_from": first, "period_to": last, "seq": 1, "kind": rule.kind, "why": "rule",
            "credit_class": wanted[place].credit_class, "checklists": rule.checklists, "planned_on": on,
            "window_from": slot[0], "window_to": slot[1], "state": "planned", "created_at": calendar.now(),
        })  # fmt: skip
        teams.append(team)
    return {"items": _keep(scope, rule, name, rows, teams), "held_back": len(full), "nobody": nobody}


def _days(first: date, last: date, day: date, terms: Terms) -> list[date]:
    """The working days on which a place can still be told in time; near the end of a period, whatever days are left."""
    known = workdays.known()
    return known.between(max(first, known.after(day, terms.notice + 1)), last) or known.between(max(first, day), last)


def _keep(scope: Scope, rule: PlanRule, period: str, rows: list[dict[str, Any]], teams: list[list[int]]) -> int:
    """What nobody else has put in meanwhile."""
    if not rows:
        return 0
    told = {"audited": "plan_rule.asked"}
    statement = insert_once(PlanItem).values(rows).on_conflict_do_nothing().returning(PlanItem.id, PlanItem.facility_id)
    made = {facility_id: item_id for item_id, facility_id in db.session.execute(statement.execution_options(**told))}
    seats = [
        {
            "township_id": row["township_id"], "facility_id": row["facility_id"], "item_id": made[row["facility_id"]],
            "officer_id": officer, "seat": seat,
        }
        for row, team in zip(rows, teams, strict=True) if row["facility_id"] in made for seat, officer in enumerate(team)
    ]  # fmt: skip
    if seats:
        db.session.execute(insert(PlanItemOfficer).values(seats).execution_options(**told))
    audit.record(scope, "plan_rule.asked", entity="plan_rule", rule=rule.id, period=period, items=len(made))
    return len(made)
