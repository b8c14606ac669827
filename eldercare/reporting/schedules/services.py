"""Writes of schedules: what they owe is written down, once; they are changed, switched on and off; readers are told.

Which periods a schedule still owes follows from the last one written down and from nothing else, so a changed day
makes no period twice and drops none. While it is off, what falls due is written down as left out.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from eldercare.core import alerts, audit, calendar, runs
from eldercare.core.access import Role
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting.models import Report
from eldercare.reporting.schedules import queries
from eldercare.reporting.schedules.models import READY, ReportSchedule, ScheduleSkip

PRIORITY = {"district": 30, "township": 20, "facility": 10}
SETTING_UP = 370215003  # advisory lock
MADE_UP = 5  # what an outage left behind goes after the month that has just ended
TOLD = {
    "district": [Role.LEADER, Role.DISTRICT_OFFICER], "township": [Role.TOWNSHIP_OFFICER],
    "facility": [Role.FACILITY_MANAGER, Role.CANTEEN_KEEPER],
}  # fmt: skip


# ---- what the clock owes ------------------------------------------------------------------------


def set_up(scope: Scope, hour: int) -> None:
    """A schedule for every kind of report that has none: at that hour on the first, for all its places, in its languages."""
    if not queries.without(scope):
        return
    db.session.execute(select(func.pg_advisory_xact_lock(SETTING_UP)))  # two clocks make one set
    for kind, module in queries.without(scope).items():
        row = ReportSchedule(
            kind=kind, languages=list(module.LANGUAGES), roles=[str(role) for role in TOLD[module.AUDIENCE]], people=[],
            places=[], way="day", day=1, if_off="keep", hour=hour, minute=0, is_on=True, first="",
        )
        row.first = _first(row, module.CADENCE)
        db.session.add(row)
        audit.record(scope, "report_schedule.made", row)


def _first(row: ReportSchedule, cadence: str) -> str:
    """A new installation owes the month before it; one that made this report before there were schedules, what follows."""
    if cadence != "monthly":
        return str(queries.first_ahead(row, cadence, calendar.now()))
    before = queries.mark(f"due:{row.kind}").note
    return str(Month.parse(before).plus(1) if before else Month.of(calendar.today()).plus(-1))


def make_owed(scope: Scope) -> int:
    """Write down what every schedule owes by now; how many Runs were new."""
    return sum(write_down(scope, row) for row in queries.schedules(scope))


def write_down(scope: Scope, row: ReportSchedule) -> int:
    """Write down what one schedule owes by now, or leaves out because it is off; how many Runs were new."""
    mark, now, made = queries.mark(row.mark), calendar.now(), 0
    source = queries.ahead(row, mark.note)
    period, at = next(source)
    while at <= now:
        upcoming = next(source)
        if row.is_on:
            places = queries.places(scope, row)
            if not places:
                break  # an empty register owes nothing yet: asked again when there are places
            urgent = PRIORITY[queries.kind(row.kind).AUDIENCE] if upcoming[1] > now else MADE_UP
            made += len(runs.make_due(
                row.kind, str(period), places, priority=urgent,
                languages=row.languages, schedule=row.id, due_at=at.isoformat(),
            ))  # fmt: skip
        else:
            skip = insert(ScheduleSkip).values(schedule_id=row.id, period=str(period), at=now)
            db.session.execute(skip.on_conflict_do_nothing())
        mark.note = str(period)
        period, at = upcoming
    return made


def make_month(scope: Scope, month: str) -> None:
    """Write down every monthly report of a month, for the places of the schedules that are on, whatever is due."""
    for row in queries.schedules(scope):
        if row.is_on and queries.cadence(row) == "monthly":
            priority = PRIORITY[queries.kind(row.kind).AUDIENCE]
            runs.make_due(
                row.kind, month, queries.places(scope, row), priority=priority, languages=row.languages, schedule=row.id
            )


# ---- what people change -------------------------------------------------------------------------


def add(scope: Scope, kind: str, **values: Any) -> ReportSchedule:
    """One more schedule of a kind, from the next period that falls due. Refused: schedule.overlap."""
    cadence = queries.kind(kind).CADENCE
    row = ReportSchedule(kind=kind, first="", is_on=True, **values)
    row.first = str(queries.first_ahead(row, cadence, calendar.now()))
    db.session.add(row)
    db.session.flush()
    _must_be_alone(scope, row)
    audit.record(scope, "report_schedule.made", row)
    return row


def change(scope: Scope, schedule_id: int, **values: Any) -> ReportSchedule:
    """Change a schedule; what it owed by now stays owed. Refused: schedule.overlap."""
    row = scope.lock(ReportSchedule, schedule_id)
    write_down(scope, row)
    for name, value in values.items():
        setattr(row, name, value)
    if row.is_on:
        _must_be_alone(scope, row)
    audit.record(scope, "report_schedule.changed", row)
    return row


def switch(scope: Scope, schedule_id: int, *, on: bool) -> ReportSchedule:
    """Switch a schedule on or off; nothing is owed for what falls due while it is off. Refused: schedule.overlap."""
    row = scope.lock(ReportSchedule, schedule_id)
    write_down(scope, row)
    if row.is_on != on:
        row.is_on = on
        if on:
            _must_be_alone(scope, row)
        audit.record(scope, f"report_schedule.switched_{'on' if on else 'off'}", row)
    return row


def _must_be_alone(scope: Scope, row: ReportSchedule) -> None:
    other = queries.overlapping(scope, row)
    if other is not None:
        raise Refused("schedule.overlap", field="places", number=other.id)


# ---- who hears ----------------------------------------------------------------------------------


def announce(scope: Scope, reports: Sequence[Report]) -> int:
    """Tell the recipients of a report that it is there to read: once each, in their own language where it was made in it.

    `reports`: one edition in its languages. Call it when they are made and again when they are published: of a draft only
    those hear whose work it waits for, by an alert of its own. How many were told.
    """
    if not reports or reports[0].state != "published" or (row := queries.covering(scope, reports[0])) is None:
        return 0
    report, told = reports[0], 0
    place = {language: reporting.place_of(scope, report, language) or "" for language in ("zh", "en")}
    for person, level in queries.recipients(scope, row, report):
        own = next((each for each in reports if each.language == person.language), report)
        told += alerts.tell(
            scope, READY.name, own, level=level, occasion=str(person.id), person_id=person.id,
            report=own.kind, period=own.period, place=place["en" if person.language == "en" else "zh"],
        ) is not None  # fmt: skip
    return told
