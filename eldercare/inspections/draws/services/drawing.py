"""The witness's value, the draw, and what takes a closed place's place.

The value is kept by a transaction of its own before anything is computed from it, and no later step can be refused for
what the draw gives: otherwise whoever dislikes a result could make it fail and have another value typed.
"""

import json
from datetime import date
from typing import Any

from eldercare.core import audit, calendar, states, workdays
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.inspections import services as visits
from eldercare.inspections.draws import queries
from eldercare.inspections.draws.models import Draw, DrawPaper, DrawReplacement, Rules
from eldercare.inspections.draws.services.files import moment
from eldercare.inspections.draws.services.sampling import OUT, Desk, canonical, outcome, seed_of, sha256, usable


def witness(scope: Scope, draw_id: int, value: str, name: str, office: str, rules: Rules) -> Draw:
    """Keep the value of the witness, once and for ever.

    Refused: draw.not_frozen, draw.witnessed_already, draw.witness_early, draw.witness_weak.
    """
    row = scope.lock(Draw, draw_id)
    if row.state != "frozen":
        raise Refused("draw.not_frozen" if row.state in ("planned", "approved") else "draw.drawn_already")
    if row.witness_value is not None:
        raise Refused("draw.witnessed_already")
    if row.witness_on is not None and calendar.today() < row.witness_on:
        raise Refused("draw.witness_early", day=row.witness_on)
    digits = [each for each in value if each.isdigit()]
    if len(digits) < rules.witness_digits or len(set(digits)) < min(2, rules.witness_digits):
        raise Refused("draw.witness_weak", field="value", value=value, least=rules.witness_digits)
    _must_have_days(scope, row)
    row.witness_value, row.witness_name, row.witness_office, row.witnessed_at = value, name, office, calendar.now()
    audit.record(scope, "draw.witnessed", row)
    return row


def _must_have_days(scope: Scope, row: Draw) -> None:
    paper = queries.paper(scope, row.id)
    if paper is None or not usable(json.loads(paper.plan), calendar.today()):
        raise Refused("draw.period_over")


def draw(scope: Scope, draw_id: int) -> Draw:
    """Draw: places, days, teams and log follow from the seed; each place with a team gets its visit.

    Refused: draw.not_frozen, draw.witness_missing, draw.drawn_already, draw.period_over.
    """
    row = scope.lock(Draw, draw_id)
    if row.state != "frozen":
        raise Refused("draw.not_frozen" if row.state in ("planned", "approved") else "draw.drawn_already")
    if row.witness_value is None:
        raise Refused("draw.witness_missing")
    _must_have_days(scope, row)
    paper = db.session.scalars(scope.select(DrawPaper).where(DrawPaper.draw_id == row.id).with_for_update()).one()
    result, _desk = _outcome(row, paper, calendar.today())
    paper.result = canonical(result)
    row.result_sha256, row.picked, row.drawn_at = sha256(paper.result), result["k"], calendar.now()
    states.move(scope, row, "drawn", teams=len(result["teams"]))
    for team in result["teams"]:
        _visit(scope, row, paper, team)
    return row


def _outcome(row: Draw, paper: DrawPaper, day: date) -> tuple[dict[str, Any], Desk]:
    seed = seed_of(paper.secret.reveal(), row.witness_value or "", row.batch)
    return outcome(json.loads(paper.plan), json.loads(paper.objects), json.loads(paper.officers), seed, day)


def _visit(scope: Scope, row: Draw, paper: DrawPaper, team: dict[str, Any]) -> None:
    if not team["officers"]:
        return  # the log says that nobody can go there; a person decides
    kind = next(each["type"] for each in json.loads(paper.objects) if each["id"] == team["object"])  # as it was frozen
    lists = queries.versions(scope, json.loads(paper.plan)["items"])
    visits.plan_visit(
        scope, team["object"], kind="double_random", planned_on=date.fromisoformat(team["on"]), team=team["officers"],
        versions=[each.id for each in lists if kind in each.facility_types], purpose=row.title,
        draw_id=row.id,
    )  # fmt: skip


# ---- replacement: only for what has closed or stopped -----------------------------------------------


def replace(scope: Scope, draw_id: int, facility_id: int, rules: Rules) -> DrawReplacement | None:
    """The next key in order takes the place of a drawn one that was suspended, closed or deregistered; who goes there
    follows from the officers' row as the draw left it. Where no place is left in the order its visit is called off and
    nothing takes its place: None. Refused: draw.not_drawn, draw.still_open, draw.visited, draw.order_over (called off before).

    The cap of a year (§5.5) was judged at the freeze. A place that reached it since is not passed over: whoever plans daily
    checks could choose by them who is next (§5.6 (8)). The board of what is covered shows it as over its cap.
    """
    row = scope.lock(Draw, draw_id)
    paper = queries.paper(scope, draw_id)
    if row.state != "drawn" or paper is None or paper.result is None or row.drawn_at is None:
        raise Refused("draw.not_drawn")
    result, desk = _outcome(row, paper, calendar.local(row.drawn_at).date())
    before = [json.loads(each.body) for each in queries.replacements(scope, draw_id)]
    standing = ({*result["order"][: result["k"]]} | {each["in"] for each in before}) - {each["out"] for each in before}
    if facility_id not in standing:
        raise Refused("draw.not_drawn")
    state = scope.get(Facility, facility_id).state
    if state not in OUT:
        raise Refused("draw.still_open")
    is_taken_back = _take_back(scope, draw_id, facility_id)
    for each in before:  # the officers' row as the earlier replacements left it
        desk.team(each["in"], each["on"])
    rest = result["order"][result["k"] + sum(len(each["skipped"]) + 1 for each in before) :]
    found = _next(scope, rest, desk, rules)
    if found is None:
        if not is_taken_back:
            raise Refused("draw.order_over")
        audit.record(scope, "draw.taken_back", row, out=facility_id, reason=state)
        return None
    body = found | {"out": facility_id, "state": state}
    made = DrawReplacement(draw_id=row.id, seq=len(before) + 1, body=canonical(body), made_by=scope.person_name)
    db.session.add(made)
    audit.record(scope, "draw.replaced", row, **{"out": facility_id, "in": body["in"], "reason": state})
    _visit(scope, row, paper, {"object": body["in"], "on": body["on"], "officers": body["officers"]})
    return made


def _take_back(scope: Scope, draw_id: int, facility_id: int) -> bool:
    """The visit to a place that closed is called off; whether one was still planned."""
    taken = False
    for visit in queries.of_day(scope, draw_id):
        if visit.facility_id == facility_id:
            if visit.state == "sent":
                raise Refused("draw.visited")
            if visit.state == "planned":
                visits.cancel_visit(scope, visit.id, f"{visit.facility.state}", draw_id=draw_id)
                taken = True
    return taken


def _next(scope: Scope, rest: list[int], desk: Desk, rules: Rules) -> dict[str, Any] | None:
    """The next place in order that is open, its day and team, and who was passed over; None where the order is used up."""
    skipped: list[dict[str, Any]] = []
    for place in rest:
        state = scope.get(Facility, place).state
        if state in OUT:
            skipped.append({"object": place, "state": state})
            continue
        on = workdays.known().after(calendar.today(), rules.notice_days + 1).isoformat()
        desk.log.clear()
        team = desk.team(place, on)
        return {
            "in": place, "on": on, "officers": team, "log": list(desk.log), "skipped": skipped, "at": moment(calendar.now()),
        }  # fmt: skip
    return None
