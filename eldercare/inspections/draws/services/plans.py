"""A plan, its approval by somebody else, the frozen libraries with the commitment, and the end of a void draw."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from eldercare.accounts.officers.models import SPECIALITY_WORDS
from eldercare.checklists import queries as checklists
from eldercare.core import audit, calendar, counters, states, workdays
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import TYPE_WORDS, Facility
from eldercare.inspections import services as visits
from eldercare.inspections.draws import queries
from eldercare.inspections.draws.models import Draw, DrawPaper, Rules
from eldercare.inspections.draws.services.sampling import canonical, sha256, usable
from eldercare.inspections.plans.models import Terms

WEIGHT_LEAST, WEIGHT_MOST = Decimal("0.1"), Decimal(10)


def plan(scope: Scope, author_id: int, **said: Any) -> Draw:
    """A plan with its batch: the year and the next number. Refused: draw.* at the field."""
    _judge(said)
    row = Draw(batch=_next_batch(), author_id=author_id, author_name=scope.person_name, **said)
    db.session.add(row)
    audit.record(scope, "draw.planned", row)
    return row


def change(scope: Scope, draw_id: int, **said: Any) -> Draw:
    """Change a plan that nobody has approved yet."""
    row = _in_state(scope, draw_id, "planned", "draw.fixed")
    _judge(said)
    for column, value in said.items():
        setattr(row, column, value)
    audit.record(scope, "draw.changed", row)
    return row


def _next_batch() -> str:
    year = calendar.today().year
    return f"{year}-{counters.next_of('draws', year):03d}"


def _judge(said: dict[str, Any]) -> None:
    if not said["facility_types"] or not said["checklists"]:
        raise Refused("draw.nothing_chosen", field="checklists" if said["facility_types"] else "facility_types")
    if (said["percent"] is None) == (said["count"] is None):
        raise Refused("draw.size_wrong", field="percent")
    if said["ends_on"] < said["starts_on"]:
        raise Refused("draw.period_reversed", field="ends_on")
    for weight in said["weights"].values():
        number = Decimal(weight)
        if not WEIGHT_LEAST <= number <= WEIGHT_MOST or number * 10 != int(number * 10):
            raise Refused("draw.weight_wrong", field="weights")
    if said["witness_kind"] == "public" and said["witness_on"] is None:
        raise Refused("draw.witness_day", field="witness_on")


def _in_state(scope: Scope, draw_id: int, state: str, code: str) -> Draw:
    row = scope.lock(Draw, draw_id)
    if row.state != state:
        raise Refused(code)
    return row


def approve(scope: Scope, draw_id: int) -> Draw:
    """Somebody who neither made nor changed the plan lets it stand (§5.6 (1)): draw.own_plan."""
    row = scope.lock(Draw, draw_id)
    if scope.person_id is None or scope.person_id in queries.makers(scope, row):
        raise Refused("draw.own_plan")
    row.approver_id, row.approver_name, row.approved_at = scope.person_id, scope.person_name, calendar.now()
    states.move(scope, row, "approved")
    return row


def withdraw(scope: Scope, draw_id: int, reason: str) -> Draw:
    """The plan is given up before anything was committed; its batch stays taken."""
    row = scope.lock(Draw, draw_id)
    row.reason = reason
    states.move(scope, row, "withdrawn")
    return row


# ---- freezing -----------------------------------------------------------------------------------


def freeze(scope: Scope, draw_id: int, rules: Rules, terms: Terms) -> Draw:
    """Freeze both libraries, seal a new secret, publish its hash: from now on nothing can be chosen any more.

    A place that has all the daily and double-random checks of a year its cap allows is left out (§5.5). The plan, which will
    be public, says how many those are; the log names them: what is planned for a place is nobody else's business before.
    Refused: draw.not_approved, draw.witness_day_past, draw.period_over, draw.nobody_eligible, draw.list_unfit,
    draw.officers_few, draw.speciality_missing, checklist.not_in_force.
    """
    row = _in_state(scope, draw_id, "approved", "draw.not_approved")
    today = calendar.today()
    if row.witness_on is not None and row.witness_on <= today:
        raise Refused("draw.witness_day_past")
    places, full = queries.places(scope, row, terms, today)
    said = plan_text(scope, row, rules, today, len(full))
    if not usable(said, row.witness_on or today):
        raise Refused("draw.period_over")
    objects = objects_text(row, places)
    officers = officers_text(scope, row, [each["id"] for each in objects], today)
    _judge_libraries(row, objects, officers, said["days"])
    secret = secrets.token_hex(32)
    texts = {"plan": canonical(said), "objects": canonical(objects), "officers": canonical(officers)}
    db.session.add(DrawPaper(draw_id=row.id, secret=secret, **texts))
    for part, text in texts.items():
        setattr(row, f"{part}_sha256", sha256(text))
    row.eligible, row.officer_count = len(objects), len(officers["people"])
    row.commitment, row.frozen_at = sha256(secret), calendar.now()
    states.move(scope, row, "frozen", full=[{"code": each.code, "name": each.name} for each in full])
    return row


def plan_text(scope: Scope, row: Draw, rules: Rules, today: date, left_out: int = 0) -> dict[str, Any]:
    """The plan as it is frozen: the versions of its lists, every working day from now to the end of the period, and how
    many places it covers but leaves out.
    """
    versions = [checklists.in_force(scope, code) for code in sorted(row.checklists)]
    for kind in row.facility_types:
        if not any(kind in version.facility_types for version in versions):
            raise Refused("draw.list_unfit", kind=TYPE_WORDS[kind])
    return {
        "batch": row.batch, "title": row.title, "from": row.starts_on.isoformat(), "to": row.ends_on.isoformat(),
        "items": [{"list": version.checklist.code, "version": version.number} for version in versions],
        "types": sorted(row.facility_types), "townships": sorted(row.townships), "classes": sorted(row.classes),
        "left_out": left_out,
        "percent": None if row.percent is None else f"{row.percent:.2f}", "count": row.count,
        "weights": {name: str(weight) for name, weight in row.weights.items()}, "notice_days": rules.notice_days,
        "team": row.team_size, "speciality": row.speciality,
        "days": [day.isoformat() for day in workdays.known().between(today, row.ends_on)],
        "witness": {
            "kind": row.witness_kind, "named": row.witness_named, "on": row.witness_on.isoformat() if row.witness_on else None,
        },
    }  # fmt: skip


def objects_text(row: Draw, places: Sequence[Facility]) -> list[dict[str, Any]]:
    """The library of places."""
    return [
        {
            "id": each.id, "code": each.code, "name": each.name, "type": each.facility_type, "township": each.township.code,
            "class": each.credit_class, "weight": str(row.weights[each.credit_class or "none"]),
        }
        for each in places
    ]  # fmt: skip


def officers_text(scope: Scope, row: Draw, facility_ids: list[int], today: date) -> dict[str, Any]:
    """The library of officers: certificates, whom each avoids where (never why), who was where the last time."""
    first = max(row.starts_on, today)
    people = queries.library(scope, first, row.ends_on)
    known = {each.id for each in people}
    avoid = queries.avoidances(scope, facility_ids, first, row.ends_on)
    return {
        "people": [
            {
                "id": each.id, "name": each.name, "certificate_no": each.certificate_no,
                "specialities": sorted(each.specialities),
                "valid_from": each.valid_from.isoformat(), "valid_to": _last_day(each).isoformat(),
            }
            for each in people
        ],
        "avoid": [
            {
                "officer": each.officer_id, "object": each.facility_id, "from": each.starts_on.isoformat(),
                "to": each.ends_on.isoformat() if each.ends_on else None,
            }
            for each in avoid if each.officer_id in known
        ],
        "last": queries.last_teams(scope, facility_ids),
    }  # fmt: skip


def _last_day(officer: Any) -> date:
    """Until when somebody can be sent: who leaves the library earlier than the certificate ends goes no more."""
    left: date | None = officer.left_on
    until: date = officer.valid_to
    return until if left is None else min(until, left - timedelta(1))


def _judge_libraries(row: Draw, objects: list[Any], officers: dict[str, Any], days: list[str]) -> None:
    if not objects:
        raise Refused("draw.nobody_eligible")
    steady = [each for each in officers["people"] if each["valid_from"] <= days[0] and each["valid_to"] >= days[-1]]
    if len(steady) < row.team_size:
        raise Refused("draw.officers_few", count=len(steady), least=row.team_size)
    if row.speciality and not any(row.speciality in each["specialities"] for each in steady):
        raise Refused("draw.speciality_missing", speciality=SPECIALITY_WORDS[row.speciality])


# ---- void: it stays visible, and somebody else decides ---------------------------------------------


def ask_void(scope: Scope, draw_id: int, reason: str) -> Draw:
    """Ask that a draw be declared void, with the reason (it will be public)."""
    row = scope.lock(Draw, draw_id)
    if row.state not in ("frozen", "drawn"):
        raise Refused("move.not_allowed")
    if row.void_asker_id is not None:
        raise Refused("draw.void_asked")
    row.void_reason, row.void_asker_id = reason, scope.person_id
    row.void_asker_name, row.void_asked_at = scope.person_name, calendar.now()
    audit.record(scope, "draw.void_asked", row)
    return row


def refuse_void(scope: Scope, draw_id: int) -> Draw:
    """The draw stays valid: by somebody else than who asked."""
    row = _asked(scope, draw_id)
    row.void_reason = row.void_asker_id = row.void_asker_name = row.void_asked_at = None
    audit.record(scope, "draw.void_refused", row)
    return row


def void(scope: Scope, draw_id: int) -> Draw:
    """The draw is void: its visits that were not made are cancelled, its batch and its reason stay public."""
    row = _asked(scope, draw_id)
    for visit in queries.of_day(scope, row.id):
        if visit.state == "planned":
            visits.cancel_visit(scope, visit.id, row.void_reason or "", draw_id=row.id)
    row.voider_id, row.voider_name, row.voided_at = scope.person_id, scope.person_name, calendar.now()
    states.move(scope, row, "void")
    return row


def _asked(scope: Scope, draw_id: int) -> Draw:
    row = scope.lock(Draw, draw_id)
    if row.void_asker_id is None or row.state not in ("frozen", "drawn"):
        raise Refused("draw.void_not_asked")
    if scope.person_id in (None, row.void_asker_id):
        raise Refused("draw.own_void")
    return row
