"""Reads of routes: the day's stops, the orders that were made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, func
from sqlalchemy.orm import selectinload

from eldercare.checklists.models import ChecklistItem
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.hazards import queries as hazards
from eldercare.hazards.models import Hazard, HazardReply
from eldercare.inspections import queries as inspections
from eldercare.inspections.field.models import VisitDraft, VisitPhoto
from eldercare.inspections.models import Visit
from eldercare.inspections.routes.models import Stop, Terms, minute_of

KIND = "routes_day"
LATE_DAYS = 60  # visits without a record are shown so long


def visits(scope: Scope, day: date) -> list[Visit]:
    """The visits of a day that are not cancelled, with place, officers and lists, in the order given by their hours."""
    query = (
        inspections.visits(scope).options(selectinload(Visit.lists)).where(Visit.planned_on == day, Visit.state != "cancelled")
    )
    return list(db.session.scalars(query.order_by(Visit.window_from.asc().nulls_last(), Visit.id)))


def items_in(scope: Scope, version_ids: Iterable[int]) -> dict[int, int]:
    """How many items each version of a list has."""
    query = scope.columns(ChecklistItem, ChecklistItem.version_id, func.count())
    query = query.where(ChecklistItem.version_id.in_(sorted(set(version_ids)))).group_by(ChecklistItem.version_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def orders(scope: Scope, day: date, most: int = 40) -> list[Run]:
    """The orders of a day, the latest first; those under way too."""
    query = scope.select(Run).where(Run.kind == KIND, Run.period == day.isoformat()).order_by(Run.id.desc()).limit(most)
    return list(db.session.scalars(query))


def given_hours(runs: Sequence[Run]) -> dict[int, list[str | None]]:
    """{visit: [from, to, written from, written to]}: what a visit's hours were before an order wrote others."""
    found: dict[int, list[str | None]] = {}
    for run in reversed(runs):
        found |= {int(visit_id): hours for visit_id, hours in (run.result.get("taken") or {}).items()}
    return found


def stops(scope: Scope, day_visits: Sequence[Visit], runs: Sequence[Run], terms: Terms) -> list[Stop]:
    """What is to be ordered: the visits that are only planned, in their own hours."""
    before, counts = given_hours(runs), items_in(scope, (row.version_id for visit in day_visits for row in visit.lists))
    found = []
    for visit in day_visits:
        if visit.state != "planned":
            continue
        place, items = visit.facility, sum(counts.get(row.version_id, 0) for row in visit.lists)
        minutes = terms.visit.get(visit.kind, 30) + -(-items * terms.item_seconds // 60)
        first, last, given = _hours(visit, before.get(visit.id), terms)
        position = None if place.lon is None or place.lat is None else (place.lon, place.lat)
        team = frozenset(row.officer_id for row in visit.officers)
        found.append(Stop(visit.id, team, minutes, position, first, last - minutes if first + minutes <= last else last, given))
    return found


def _hours(visit: Visit, before: list[str | None] | None, terms: Terms) -> tuple[int, int, int]:
    """Between which minutes a visit can be made, and when its hours begin as given.

    Its own hours (before an order wrote others), else those of the kind of place; within the working day. A slot of the plan
    that the place has not been told of is no hour of the place: it may move.
    """
    begins, ends = visit.window_from, visit.window_to
    if before and [clock(begins), clock(ends)] == before[2:]:
        begins, ends = (time.fromisoformat(each) if each else None for each in before[:2])
    usual = terms.open.get(visit.facility.facility_type, terms.hours)
    first = minute_of(begins) if begins else usual[0]
    last = minute_of(ends) if ends else usual[1]
    given = first
    if begins and ends and (first, last) in terms.slots and visit.shown_at is None and visit.noticed_at is None:
        first, last = usual
    return max(first, terms.hours[0]), min(last, terms.hours[1]), given


def clock(moment: time | None) -> str | None:
    """09:05, or None."""
    return f"{moment:%H:%M}" if moment else None


def ordered(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The crews of the latest orders: a later order takes the place of an earlier one for its visits."""
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    for run in runs:
        if run.state != "done":
            continue
        for part in run.result["parts"]:
            ids = set(part["visits"])
            if not ids & seen:
                found.append(part | {"run_id": run.id, "at": run.finished_at, "taken": run.result.get("taken") or {}})
            seen |= ids
    return found


@dataclass(frozen=True)
class Arrived:
    """What of a visit's draft the server holds: entries, photos, from how many tablets, when the last came."""

    entries: int = 0
    photos: int = 0
    tablets: int = 0
    last_at: datetime | None = None


def arrived(scope: Scope, visit_ids: Sequence[int]) -> dict[int, Arrived]:
    """What tablets have sent of visits that have no record yet."""
    entries = scope.columns(
        VisitDraft, VisitDraft.visit_id, func.count(), func.count(func.distinct(VisitDraft.device)), func.max(VisitDraft.saved_at)
    ).where(VisitDraft.visit_id.in_(visit_ids))
    shots = scope.columns(VisitPhoto, VisitPhoto.visit_id, func.count()).where(VisitPhoto.visit_id.in_(visit_ids))
    photos = {row[0]: row[1] for row in db.session.execute(shots.group_by(VisitPhoto.visit_id))}
    found = {row[0]: row[1:] for row in db.session.execute(entries.group_by(VisitDraft.visit_id))}
    out = {}
    for visit_id in {*photos, *found}:
        count, tablets, last_at = found.get(visit_id, (0, 0, None))
        out[visit_id] = Arrived(count, photos.get(visit_id, 0), tablets, last_at)
    return out


@dataclass(frozen=True)
class FirstPage:
    """What an inspector's day holds: visits by their hours, late ones, hazards that wait for a recheck, the
    first due first."""

    today: list[Visit]
    coming: list[Visit]
    late: list[Visit]
    rechecks: list[tuple[Hazard, date]]  # with the last day for the recheck
    arrived: dict[int, Arrived]  # drafts, by visit


def first_page(scope: Scope, officer_id: int, day: date) -> FirstPage:
    """The day of an officer: own visits of today, of the week ahead, those still without a record; rechecks due."""
    mine = inspections.of_officer(scope, officer_id, day - timedelta(days=LATE_DAYS), day + timedelta(days=7))
    kept = [visit for visit in mine if visit.state != "cancelled"]
    waiting = (
        hazards.hazards(scope)
        .join(HazardReply, and_(HazardReply.hazard_id == Hazard.id, HazardReply.result.is_(None)))
        .add_columns(HazardReply.recheck_by)
        .where(Hazard.state == "replied", scope.where(HazardReply))
        .order_by(HazardReply.recheck_by, Hazard.id)
    )
    open_ones = [visit.id for visit in kept if visit.state == "planned" and visit.planned_on <= day]
    return FirstPage(
        arrived=arrived(scope, open_ones),
        today=[visit for visit in kept if visit.planned_on == day],
        coming=[visit for visit in kept if visit.planned_on > day],
        late=[visit for visit in kept if visit.planned_on < day and visit.state == "planned"],
        rechecks=[(row[0], row[1]) for row in db.session.execute(waiting.limit(50))],
    )
