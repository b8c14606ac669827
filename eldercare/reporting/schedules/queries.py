"""Reads of schedules: what is due when, what ran and what will, who hears of a report."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, func, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert

from eldercare.accounts import queries as accounts
from eldercare.accounts.models import User
from eldercare.core import audit, calendar, workdays
from eldercare.core.access import GRANTS, ROLE_PLACE, P, Role
from eldercare.core.calendar import Month, Period
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Place, Run
from eldercare.core.scope import Scope, scope_of
from eldercare.reporting import queries as reporting
from eldercare.reporting.models import ClockMark, Report
from eldercare.reporting.schedules.models import CADENCES, ReportSchedule, ScheduleSkip, Turn, period_of

LEVELS = ("district", "township", "facility")
COUNTS = ("withdrawn", "draft", "reviewed", "approved", "published")  # what is opened of several editions, the last one first
LATE = timedelta(hours=1)  # a report written down later than this after its moment was made up


def kinds() -> dict[str, Any]:
    """The kinds of report that come round, by name."""
    return reporting.coming_round()


def kind(name: str) -> Any:
    """One of them; `report.unknown_kind`."""
    if name not in kinds():
        raise Refused("report.unknown_kind", kind=name)
    return kinds()[name]


def cadence(row: ReportSchedule) -> str:
    """How often its report comes round."""
    return str(kind(row.kind).CADENCE)


def schedules(scope: Scope) -> list[ReportSchedule]:
    """Every schedule of a report there is, the district's first."""
    known = kinds()
    rows = db.session.scalars(scope.select(ReportSchedule).order_by(ReportSchedule.id))
    order = {"district": 0, "township": 1, "facility": 2}
    there = [row for row in rows if row.kind in known]
    return sorted(there, key=lambda row: (CADENCES.index(cadence(row)), order[known[row.kind].AUDIENCE], row.id))


def without(scope: Scope) -> dict[str, Any]:
    """The kinds of report that come round and have no schedule yet."""
    there = set(db.session.scalars(scope.columns(ReportSchedule, ReportSchedule.kind)))
    return {name: module for name, module in kinds().items() if name not in there}


def schedule(scope: Scope, schedule_id: int) -> ReportSchedule:
    """One schedule; 404."""
    return scope.get(ReportSchedule, schedule_id)


def mark(name: str) -> ClockMark:
    """A day, moment or note the clock remembers, made when it is asked for first."""
    found = db.session.get(ClockMark, name)
    if found is None:
        db.session.execute(insert(ClockMark).values(name=name, note="").on_conflict_do_nothing())
        found = db.session.get_one(ClockMark, name)
    return found


def written(rows: Sequence[ReportSchedule]) -> dict[int, str]:
    """The last period written down of each schedule that has any."""
    query = select(ClockMark.name, ClockMark.note).where(ClockMark.name.in_([row.mark for row in rows]), ClockMark.note != "")
    return {int(name.split(":")[1]): note for name, note in db.session.execute(query)}


def ahead(row: ReportSchedule, since: str | None) -> Iterator[tuple[Period, datetime]]:
    """The periods not written down yet (`since`: the last that is), each with its moment, without end."""
    known = workdays.known()
    period = calendar.period(since).plus(1) if since else calendar.period(row.first)
    while True:
        yield period, row.due_at(period, known)
        period = period.plus(1)


def following(row: ReportSchedule, since: str | None, count: int = 3) -> list[tuple[Period, datetime]]:
    """The next moments at which something is made; one that lies behind (the day was changed) is made at once."""
    source = ahead(row, since)
    return [next(source) for _ in range(count)]


def first_ahead(row: ReportSchedule, rhythm: str, now: datetime) -> Period:
    """The first period that falls due after a moment: what a new schedule owes first."""
    known = workdays.known()
    period = period_of(rhythm, calendar.local(now).date()).plus(-1)
    while row.due_at(period, known) <= now:
        period = period.plus(1)
    return period


def places(scope: Scope, row: ReportSchedule) -> list[Place]:
    """The places a schedule makes its report for."""
    every = reporting.places(scope, kind(row.kind).AUDIENCE)
    return [place for place in every if place.code in row.places] if row.places else every


def place_choices(scope: Scope, name: str, language: str) -> list[tuple[str, str]]:
    """The places a kind of report can be made for: (code, name)."""
    codes = {place.code for place in reporting.places(scope, kind(name).AUDIENCE) if place.code}
    return [choice for choice in reporting.place_choices(scope, language) if choice[0] in codes]


def overlapping(scope: Scope, row: ReportSchedule) -> ReportSchedule | None:
    """Another schedule that is on and makes the same report for one of the same places."""
    for other in schedules(scope):
        both = set(other.places) & set(row.places) or not other.places or not row.places
        if other.kind == row.kind and other.is_on and other.id != row.id and both:
            return other
    return None


def covering(scope: Scope, report: Report) -> ReportSchedule | None:
    """The schedule a report's kind and place belong to, whether it is on or off."""
    rows = [row for row in schedules(scope) if row.kind == report.kind and (not row.places or report.place in row.places)]
    return next((row for row in rows if row.is_on), rows[0] if rows else None)


def skipped(scope: Scope) -> dict[int, list[str]]:
    """The periods nothing was owed for, of each schedule that left any out, newest first."""
    found: dict[int, list[str]] = defaultdict(list)
    query = scope.columns(ScheduleSkip, ScheduleSkip.schedule_id, ScheduleSkip.period).order_by(ScheduleSkip.period.desc())
    for schedule_id, period in db.session.execute(query):
        found[schedule_id].append(period)
    return dict(found)


# ---- who hears ----------------------------------------------------------------------------------


def recipients(scope: Scope, row: ReportSchedule, report: Report) -> list[tuple[User, str]]:
    """Who hears that a report is there, each with the level of the grant by which they may read it.

    Those named, and those with one of the duties, who today hold the right to read it at its place.
    """
    may, found = P.REPORT_READ, []
    for person in accounts.holders(scope, may, report.township_id or 0, report.facility_id or 0):
        reach = scope_of(person, may)
        grants = [grant for grant in person.held() if may in GRANTS[Role(grant.role)] and _covers(grant, report)]
        asked = person.id in row.people or any(grant.role in row.roles for grant in grants)
        if asked and grants and reach is not None and reach.covers(report.township_id, report.facility_id):
            found.append((person, min((ROLE_PLACE[Role(grant.role)] for grant in grants), key=LEVELS.index)))
    return found


def _covers(grant: Any, report: Report) -> bool:
    if grant.place_township_id is None and grant.place_facility_id is None:
        return True
    if grant.place_township_id is not None:
        return bool(grant.place_township_id == report.township_id)
    return bool(grant.place_facility_id == report.facility_id)


def readers(scope: Scope, audience: str) -> list[User]:
    """The people who can be named as recipients: those who read reports at a level that sees such a one."""
    level = LEVELS.index(audience)
    everyone = accounts.holders(scope, P.REPORT_READ, 0, 0) if level == 0 else db.session.scalars(
        select(User).where(User.is_enabled).order_by(User.name, User.id)
    )  # fmt: skip
    return [person for person in everyone if _reads(person, level)]


def _reads(person: User, level: int) -> bool:
    roles = [Role(grant.role) for grant in person.held()]
    return any(P.REPORT_READ in GRANTS[role] and LEVELS.index(ROLE_PLACE[role]) <= level for role in roles)


def roles(audience: str) -> list[Role]:
    """The duties that can be told of a report: those that read reports at a level that sees such a one."""
    level = LEVELS.index(audience)
    return [role for role in Role if P.REPORT_READ in GRANTS[role] and LEVELS.index(ROLE_PLACE[role]) <= level]


def names_of(ids: set[int]) -> dict[int, str]:
    """The names of people who sign in."""
    return {row.id: row.name for row in db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))}


def history(scope: Scope, row: ReportSchedule) -> list[audit.AuditEntry]:
    """What was changed of a schedule, newest first."""
    return list(db.session.scalars(audit.history(scope, row.AUDIT_NOUN, row.id).limit(50)))


# ---- what ran and what will ---------------------------------------------------------------------


def turns(scope: Scope, first: Month, last: Month) -> list[Turn]:
    """Everything the schedules made, left out or will make with its moment between two months, in order of time."""
    rows = schedules(scope)
    made, reports = _made(scope, rows, first), _reports(scope, rows, first)
    skips = {(row[0], row[1]) for row in db.session.execute(select(ScheduleSkip.schedule_id, ScheduleSkip.period))}
    last_written, known, found = written(rows), workdays.known(), []
    for row in rows:
        period = period_of(cadence(row), first.first).plus(-1)
        open_from = next(ahead(row, last_written.get(row.id)))[0]
        while (at := row.due_at(period, known)) < last.cutoff:
            turn = _turn(row, period, at, made, reports, skips)
            if turn.runs or turn.reports or turn.is_skipped or (row.is_on and period.last >= open_from.last):
                found.append(turn)
            period = period.plus(1)
    return sorted((turn for turn in found if turn.due_at >= calendar.at(first.first)), key=lambda turn: turn.due_at)


def _turn(row: ReportSchedule, period: Period, at: datetime, made: Any, reports: Any, skips: set[tuple[int, str]]) -> Turn:
    key = (row.id, str(period))
    found, there = made.get(key), reports.get(key, {"states": {}, "id": None, "at": None})
    if found is None:  # by hand, or by the platform before there were schedules
        late = there["at"] is not None and there["at"] - at > LATE
        return Turn(row, str(period), at, {}, there["states"], report_id=there["id"], made_at=there["at"], is_late=late,
                    is_skipped=key in skips)  # fmt: skip
    due = datetime.fromisoformat(found["due"]) if found["due"] else at
    one = sum(found["runs"].values()) == 1
    done_at = found["made"] if set(found["runs"]) == {"done"} else None
    return Turn(
        row, str(period), due, found["runs"], there["states"], run_id=found["run"] if one else None,
        report_id=there["id"] if one else None, made_at=done_at, is_late=found["since"] - due > LATE,
    )


def _made(scope: Scope, rows: list[ReportSchedule], first: Month) -> dict[tuple[int, str], dict[str, Any]]:
    """The Runs of schedules by (schedule, period)."""
    owner, due = Run.params["schedule"].as_integer(), func.min(Run.params["due_at"].as_string())
    columns = (Run.kind, owner, Run.period, Run.state, func.count(), func.min(Run.created_at), func.max(Run.finished_at), due,
               func.min(Run.id))
    query = scope.columns(Run, *columns).where(
        Run.is_scheduled, Run.kind.in_({row.kind for row in rows}), Run.created_at >= calendar.at(first.first)
    ).group_by(Run.kind, owner, Run.period, Run.state)
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for name, schedule_id, period, state, count, since, finished, due_at, run_id in db.session.execute(query):
        entry = found.setdefault(
            (_owner(rows, name, schedule_id), period), {"runs": {}, "since": since, "made": None, "due": due_at, "run": run_id}
        )
        entry["runs"][state] = entry["runs"].get(state, 0) + count
        entry["since"] = min(entry["since"], since)
        entry["made"] = max(filter(None, (entry["made"], finished)), default=None)
    return found


def _owner(rows: list[ReportSchedule], name: str, schedule_id: int | None) -> int:
    """The schedule a Run belongs to; those from before there were schedules belong to the first of their kind."""
    return schedule_id or next(row.id for row in rows if row.kind == name)


def _reports(scope: Scope, rows: list[ReportSchedule], first: Month) -> dict[tuple[int, str], dict[str, Any]]:
    """What was made, by (schedule, period): {"states": {state: count}, "id": the one that counts, "at": when first}."""
    owner = Run.params["schedule"].as_integer()
    newest = func.array_agg(aggregate_order_by(Report.id, Report.edition.desc(), Report.id), type_=ARRAY(BigInteger))[1]
    columns = (Report.kind, owner, Report.period, Report.state, func.count(func.distinct(Report.place)), newest,
               func.max(Report.edition), func.min(Report.made_at))
    query = (
        scope.columns(Report, *columns).join(Run, (Run.id == Report.run_id) & scope.where(Run))
        .where(Report.kind.in_({row.kind for row in rows}), Report.made_at >= calendar.at(first.first))
        .where(reporting.is_ones_own(scope)).group_by(Report.kind, owner, Report.period, Report.state)
    )  # fmt: skip
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for name, schedule_id, period, state, count, report_id, edition, made_at in db.session.execute(query):
        entry = found.setdefault((_owner(rows, name, schedule_id), period), {"states": {}, "worth": (-1, 0), "at": made_at})
        entry["states"][state], entry["at"] = count, min(entry["at"], made_at)
        if (worth := (COUNTS.index(state), edition)) > entry["worth"]:
            entry["id"], entry["worth"] = report_id, worth
    return found
