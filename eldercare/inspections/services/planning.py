"""Visits planned, told, moved, called off. Rules: domain.md §5.2, §5.3 (1), (2), §5.6 (6)."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from eldercare.accounts.officers import queries as officers
from eldercare.accounts.officers import services as library
from eldercare.accounts.officers.models import GROUND_WORDS
from eldercare.core import alerts, audit, calendar, states
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.inspections.models import DRAWN, UNTOLD, Visit, VisitList, VisitOfficer

LEAST = 2  # two officers or more: penalty law art. 42, domain.md §5.3 (1)


def plan_visit(
    scope: Scope,
    facility_id: int,
    *,
    kind: str,
    planned_on: date,
    team: Sequence[int],
    versions: Sequence[int],
    window: tuple[time | None, time | None] = (None, None),
    basis: str = "",
    purpose: str = "",
    notice: str = "ahead",
    follows_id: int | None = None,
    avoidance: bool = True,
    draw_id: int | None = None,
) -> Visit:
    """A visit of a team (officer ids, the lead first) with lists (checklist version ids).

    Refused: visit.officers_few, visit.officer_twice, visit.list_missing, visit.officer_avoids, officer.not_certified,
    visit.draw_only (a double-random check without its draw, §5.2).
    `avoidance=False` only where the caller has judged avoidance itself and logged it. `draw_id`: the draw has judged the
    team by its frozen library; a visit of it never fails, or a draw could be tried again.
    """
    facility = scope.get(Facility, facility_id)
    if kind in DRAWN and draw_id is None:
        raise Refused("visit.draw_only", field="kind")
    if not versions:
        raise Refused("visit.list_missing", field="versions")
    if draw_id is None:
        must_be_fit(scope, facility_id, planned_on, team, avoidance=avoidance)
    pair = {"township_id": facility.township_id, "facility_id": facility.id}
    visit = Visit(
        **pair, kind=kind, planned_on=planned_on, window_from=window[0], window_to=window[1], basis=basis, purpose=purpose,
        notice="none" if kind in UNTOLD else notice, follows_id=follows_id, draw_id=draw_id,
        created_by=scope.person_name,
    )  # fmt: skip
    db.session.add(visit)
    audit.record(scope, "visit.planned", visit)
    _seat(scope, visit, team)
    for version_id in versions:
        row = VisitList(**pair, visit_id=visit.id, version_id=version_id)
        db.session.add(row)
        audit.record(scope, "visit.changed", row)
    return visit


def must_be_fit(scope: Scope, facility_id: int, day: date, team: Sequence[int], *, avoidance: bool = True) -> None:
    """Two or more, each once, certified on the day, avoiding nothing there.

    Refused: visit.officer_twice, visit.officers_few, officer.not_certified, visit.officer_avoids.
    """
    if len(set(team)) < len(team):
        raise Refused("visit.officer_twice", field="team")
    if len(team) < LEAST:
        raise Refused("visit.officers_few", field="team", least=LEAST)
    named = library.must_be_certified(scope, list(team), day)
    grounds = officers.avoided(scope, facility_id, day) if avoidance else {}
    for officer in named:
        if officer.id in grounds:
            ground = str(GROUND_WORDS[grounds[officer.id]])
            raise Refused("visit.officer_avoids", field="team", name=officer.name, ground=ground)


def _seat(scope: Scope, visit: Visit, team: Sequence[int]) -> None:
    for seat, officer_id in enumerate(team):
        row = VisitOfficer(
            township_id=visit.township_id, facility_id=visit.facility_id, visit_id=visit.id, officer_id=officer_id, seat=seat
        )
        db.session.add(row)
        audit.record(scope, "visit.changed", row)


def _planned(scope: Scope, visit_id: int) -> Visit:
    visit = scope.lock(Visit, visit_id)
    if visit.state != "planned":
        raise Refused("move.not_allowed")
    return visit


def put(
    scope: Scope, visit_id: int, *, planned_on: date, window: tuple[time | None, time | None], reason: str,
    team: Sequence[int] | None = None,
) -> Visit:  # fmt: skip
    """Another day, other hours or (the lead first) another team for a visit that is only planned, with the reason.

    What is asked of them is judged before, by `plans.services.move_visit`: the one way in for whoever moves a visit. The
    order of a day alone writes hours besides.
    """
    visit = _planned(scope, visit_id)
    is_other_day = planned_on != visit.planned_on
    visit.planned_on, visit.window_from, visit.window_to, visit.reason = planned_on, *window, reason
    seats = _seats(scope, visit)
    if team is not None and list(team) != [row.officer_id for row in seats]:
        for row in seats:
            db.session.delete(row)
            audit.record(scope, "visit.changed", row)
        _seat(scope, visit, team)
        visit.team_reason = reason
        db.session.flush()
        db.session.expire(visit, ["officers"])
    if team is not None or is_other_day:
        alerts.settle(scope, visit, "visit.unfit")  # judged anew just now
    audit.record(scope, "visit.changed", visit)
    if visit.shown_at is not None and is_other_day:
        _tell(scope, "visit.noticed", visit)
    return visit


def _seats(scope: Scope, visit: Visit) -> list[VisitOfficer]:
    query = scope.select(VisitOfficer).where(VisitOfficer.visit_id == visit.id).order_by(VisitOfficer.seat)
    return list(db.session.scalars(query))


def cancel_visit(scope: Scope, visit_id: int, reason: str, *, draw_id: int | None = None) -> Visit:
    """The visit is not made; the reason stays with it. Refused: visit.drawn, visit.reason_missing.

    `draw_id`: the draw that takes it back, for a closed place or because it is void. Nobody else calls off what was drawn:
    there is no redraw, and every change after the draw is visible (§5.6 (8)).
    """
    visit = _planned(scope, visit_id)
    if visit.draw_id != draw_id:
        raise Refused("visit.drawn")
    if not reason.strip():
        raise Refused("visit.reason_missing", field="reason")
    visit.reason = reason
    states.move(scope, visit, "cancelled")
    alerts.settle(scope, visit)
    if visit.shown_at is not None:
        _tell(scope, "visit.called_off", visit)
    return visit


def give_notice(scope: Scope, visit_id: int, *, way: str, to: str, reason: str, earliest: date) -> Visit:
    """Tell the home of a visit: from now on it sees it on the platform, whatever way it was told besides.

    earliest: the first day the rule asks for; a visit before it needs a reason.
    Refused: visit.untold (case checks), visit.noticed_already, visit.noticed_late.
    """
    visit = _planned(scope, visit_id)
    if visit.kind in UNTOLD:
        raise Refused("visit.untold")
    if visit.noticed_at is not None:
        raise Refused("visit.noticed_already")
    if visit.planned_on < earliest and not reason.strip():
        raise Refused("visit.noticed_late", field="reason", day=earliest)
    visit.notice, visit.notice_way, visit.noticed_at = "ahead", way, calendar.now()
    visit.notice_note = "\n".join(each for each in (to.strip(), reason.strip()) if each) or None
    visit.shown_at = visit.shown_at or visit.noticed_at
    audit.record(scope, "visit.noticed", visit)
    _tell(scope, "visit.noticed", visit)
    return visit


def _tell(scope: Scope, kind: str, visit: Visit) -> None:
    """The home hears of a visit, or of its new day."""
    home = scope.get(Facility, visit.facility_id)
    day = visit.planned_on.isoformat()
    alerts.settle(scope, visit, "visit.noticed")  # what was told before no longer holds
    about: dict[str, Any] = {"home": home.name, "day": day, "due_at": calendar.at(visit.planned_on, 23, 59)}
    alerts.tell(scope, kind, visit, occasion=calendar.now().isoformat(), **about)  # moved to and fro: told each time
