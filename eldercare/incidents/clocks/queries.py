"""Reads of deadlines and receipts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_

from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.incidents.clocks.models import IncidentClock, IncidentReceipt
from eldercare.incidents.models import GRAVE, Incident, IncidentReport

C = IncidentClock


def goes_up() -> ColumnElement[bool]:
    """The same as `Incident.goes_up`."""
    return or_(Incident.grade.in_(GRAVE), Incident.grade_proposed.in_(GRAVE), Incident.accident_level.is_not(None))


def unread(
    scope: Scope, incident: Incident, sent: Iterable[IncidentReport], receipts: Iterable[IncidentReceipt]
) -> list[IncidentReport]:
    """The reports of an incident that wait for whoever looks: for the district, where a township's reading is not enough."""
    only_district = scope.everywhere and incident.goes_up
    known = {each.report_id for each in receipts if each.body == "district" or not only_district}
    return [each for each in sent if each.id not in known]


def running() -> ColumnElement[bool]:
    """A duty that nothing has stopped yet."""
    return and_(C.met_at.is_(None), C.dropped_at.is_(None), ~C.is_window)


def with_running(late_at: datetime | None = None) -> ColumnElement[bool]:
    """Incidents with a deadline that runs (or one past it at a moment): the walls hold inside as well, same place."""
    condition = and_(C.incident_id == Incident.id, running())
    return exists().where(and_(condition, C.due_at < late_at) if late_at else condition)


def ever_late(now: datetime) -> ColumnElement[bool]:
    """Incidents any of whose deadlines was missed, or is by now."""
    return exists().where(C.incident_id == Incident.id, C.is_late | and_(running(), C.due_at < now))


def next_due(scope: Scope) -> Any:
    """When the next deadline of an incident falls due, as a scalar subquery on Incident.id."""
    query = scope.columns(C, func.min(C.due_at)).where(C.incident_id == Incident.id, running())
    return query.correlate(Incident).scalar_subquery()


def clocks_of(scope: Scope, incident_id: int) -> list[IncidentClock]:
    """The deadlines of an incident: those that run, soonest first, then the others."""
    query = scope.select(C).where(C.incident_id == incident_id)
    order = (C.met_at.is_not(None), C.dropped_at.is_not(None), C.is_window, C.due_at, C.id)
    return list(db.session.scalars(query.order_by(*order)))


def receipts_of(scope: Scope, incident_id: int) -> list[IncidentReceipt]:
    """Who was told, and the proof, in order."""
    query = scope.select(IncidentReceipt).where(IncidentReceipt.incident_id == incident_id)
    return list(db.session.scalars(query.order_by(IncidentReceipt.received_at, IncidentReceipt.id)))


def due_soon(scope: Scope, most: int = 8) -> list[Any]:
    """The deadlines that run, soonest first: rows (IncidentClock, Incident.number, .family, .type, .grade, home)."""
    query = (
        scope.select(C)
        .join(Incident, Incident.id == C.incident_id)
        .join(Facility, Facility.id == C.facility_id)
        .add_columns(Incident.number, Incident.family, Incident.type, Incident.grade, Facility.name)
        .where(running(), Incident.state.in_(("draft", "reported", "responding", "investigating", "rectifying", "review",
                                              "reopened", "closed")))
        .order_by(C.due_at, C.id)
        .limit(most)
    )  # fmt: skip
    return list(db.session.execute(query))


def waiting(scope: Scope) -> Select[Any]:
    """Reports nobody has acknowledged: rows (IncidentReport, Incident, home), the oldest first."""
    told = exists().where(IncidentReceipt.report_id == IncidentReport.id)
    if scope.everywhere:  # what the county itself must have is not done with a township's reading
        told = told.where(or_(IncidentReceipt.body == "district", ~goes_up()))
    return (
        scope.select(IncidentReport)
        .join(Incident, Incident.id == IncidentReport.incident_id)
        .join(Facility, Facility.id == IncidentReport.facility_id)
        .add_columns(Incident, Facility.name)
        .where(~told, Incident.state.not_in(("merged", "rejected")), or_(Incident.grade != "E4", goes_up()))
        .order_by(IncidentReport.sent_at, IncidentReport.id)
    )


def counts(scope: Scope, now: datetime) -> dict[str, int]:
    """{"running", "late"}: deadlines that run, and those past."""
    query = scope.columns(C, func.count(), func.count().filter(C.due_at < now)).where(running())
    row = db.session.execute(query).one()
    return {"running": row[0], "late": row[1]}


def told_bodies(receipts: Iterable[IncidentReceipt]) -> set[str]:
    """Which bodies were told."""
    return {each.body for each in receipts}


def county_by_place(scope: Scope, first: datetime, cutoff: datetime) -> dict[int, tuple[int, int]]:
    """By facility id: (reports whose deadline at the county came after one moment and by another, those acknowledged before it).

    Counted as `incidents.queries` counts them for a period (domain.md §8 row 7).
    """
    held = Incident.state.not_in(("merged", "rejected", "draft"))
    query = (
        scope.columns(C, C.facility_id, func.count(), func.count().filter(C.met_at <= C.due_at, ~C.is_late))
        .join(Incident, Incident.id == C.incident_id)
        .where(C.kind == "county", C.dropped_at.is_(None), C.due_at > first, C.due_at <= cutoff, held)
        .group_by(C.facility_id)
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query)}
