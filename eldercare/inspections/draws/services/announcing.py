"""What the public reads of a draw when: each place when its notice is due, the file when all are, a team that is now another.

What was drawn never changes, nor does its file. Whatever is otherwise afterwards stands beside it as a further edition of
the announcement, with its reason (domain.md §5.6: every change after the draw is visible).
"""

import json
from datetime import date
from typing import Any

from sqlalchemy import and_, exists, or_, select

from eldercare.core import audit, calendar, secrets, workdays
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities
from eldercare.inspections import queries as inspections
from eldercare.inspections.draws import queries
from eldercare.inspections.draws.models import Draw, DrawAnnouncement, DrawPaper, DrawReplacement, Rules
from eldercare.inspections.models import Visit


def announce(scope: Scope, day: date, rules: Rules) -> dict[str, int]:
    """Tell the public of each drawn place from the day its notice is due (§5.6 (7)); of the whole file once all are told.

    A place that came in for a closed one is told from its own day, though the file is public by then. A void draw has
    nothing left to keep: all of it is told at once. {"announced", "published"}.
    """
    announced = published = 0
    for row in db.session.scalars(scope.select(Draw).where(_has_more()).order_by(Draw.id).with_for_update()):
        paper = queries.paper(scope, row.id)
        if paper is None or paper.result is None:
            continue
        new, whole = _announce(scope, row, paper, day, rules)
        announced += new
        if whole and row.published_at is None:
            row.published_at = paper.published_at = calendar.now()
            audit.record(scope, "draw.published", row)
            published += 1
    return {"announced": announced, "published": published}


def _has_more() -> Any:
    """Draws of which something is not told yet: a place, the file, or what came in for a closed place."""
    told = exists(
        select(DrawAnnouncement.id).where(
            DrawAnnouncement.draw_id == Draw.id, DrawAnnouncement.rank == Draw.picked + DrawReplacement.seq
        )
    )
    waits = exists(select(DrawReplacement.id).where(DrawReplacement.draw_id == Draw.id, ~told).correlate(Draw))
    return and_(Draw.drawn_at.is_not(None), or_(Draw.published_at.is_(None), waits))


def _announce(scope: Scope, row: Draw, paper: DrawPaper, day: date, rules: Rules) -> tuple[int, bool]:
    known = {each.rank for each in queries.announcements(scope, row.id)}
    teams, made = teams_of(scope, row, paper), 0
    visits = {each.facility_id: each for each in queries.of_day(scope, row.id)}
    for team in teams:
        if team["rank"] in known or (row.state != "void" and notice_day(date.fromisoformat(team["on"]), rules) > day):
            continue
        body = _place(scope, paper, team) | {"officers": _as_drawn(paper, team), "replaces": team.get("replaces")}
        first = DrawAnnouncement(draw_id=row.id, rank=team["rank"], edition=1, body=body)
        db.session.add(first)
        db.session.flush()
        _tell_other(scope, first, visits.get(team["object"]))
        made += 1
    db.session.flush()
    return made, len(known) + made == len(teams)


def tell_team(scope: Scope, visit: Visit) -> None:
    """The team of a drawn visit is another one now: told at once where the place is named already, else together with it."""
    paper = queries.paper(scope, visit.draw_id or 0)
    row = scope.lock(Draw, visit.draw_id or 0)
    if paper is None or paper.result is None:
        return
    rank = next((team["rank"] for team in teams_of(scope, row, paper) if team["object"] == visit.facility_id), None)
    told = [each for each in queries.announcements(scope, row.id) if each.rank == rank]
    if told:
        _tell_other(scope, told[-1], visit)


def _tell_other(scope: Scope, last: DrawAnnouncement, visit: Visit | None) -> None:
    """A further edition where the visit's team is not the one that was told last; the reason names no person."""
    if visit is None or visit.state == "cancelled" or not visit.team_reason:
        return
    seen = inspections.visit(scope, visit.id)
    now = [{"name": each.officer.name, "certificate_no": each.officer.certificate_no} for each in seen.officers]
    if [each["certificate_no"] for each in now] == [each["certificate_no"] for each in last.body["officers"]]:
        return
    names = [*inspections.names_of(scope, seen), *(each["name"] for each in last.body["officers"])]
    body = last.body | {"officers": now, "reason": secrets.without_persons(visit.team_reason, names)}
    db.session.add(DrawAnnouncement(draw_id=last.draw_id, rank=last.rank, edition=last.edition + 1, body=body))
    db.session.flush()


def _place(scope: Scope, paper: DrawPaper, team: dict[str, Any]) -> dict[str, Any]:
    place = next(each for each in json.loads(paper.objects) if each["id"] == team["object"])
    town = next(each for each in facilities.townships(scope) if each.code == place["township"])
    return {"code": place["code"], "name": place["name"], "township": town.name, "township_en": town.name_en}


def _as_drawn(paper: DrawPaper, team: dict[str, Any]) -> list[dict[str, str]]:
    people = {each["id"]: each for each in json.loads(paper.officers)["people"]}
    return [{"name": people[each]["name"], "certificate_no": people[each]["certificate_no"]} for each in team["officers"]]


def teams_of(scope: Scope, row: Draw, paper: DrawPaper) -> list[dict[str, Any]]:
    """The teams of the draw and of what replaced a closed place, ranked one after the other."""
    teams = list(json.loads(paper.result or "{}")["teams"])
    codes = {each["id"]: each["code"] for each in json.loads(paper.objects)}
    for each in map(json.loads, (line.body for line in queries.replacements(scope, row.id))):
        teams.append({"rank": len(teams) + 1, "object": each["in"], "on": each["on"], "officers": each["officers"],
                      "replaces": codes[each["out"]]})  # fmt: skip
    return teams


def notice_day(on: date, rules: Rules) -> date:
    """The last day for the notice of a visit: so many working days before."""
    return workdays.known().before(on, rules.notice_days)
