"""What the features below have recorded of places, as traces. Each reader is one statement (incidents: two)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_

from eldercare.core import audit, calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards import queries as hazards
from eldercare.hazards.credit.models import CreditChange
from eldercare.hazards.models import Hazard, HazardReply
from eldercare.incidents.grading.models import kind_words
from eldercare.incidents.models import Incident, IncidentChange
from eldercare.inspections.models import Visit
from eldercare.inspections.risks.models import YEAR
from eldercare.inspections.risks.queries.scoring import Known, Trace
from eldercare.selfchecks.models import DUTY_WORDS, SelfCheckRound

Reader = Callable[[Scope, date, date], Iterable[Trace]]
AHEAD = timedelta(days=1)
GONE = ("merged", "rejected")  # no incident after all


def _day(moment: datetime) -> date:
    return calendar.local(moment).date()


def _hazards(scope: Scope, first: date, last: date) -> Iterator[Trace]:
    """Overdue from the day after the deadline, major from the order; both until a recheck has passed (§5.4).

    A deadline moves only before it has passed, so the present one tells from when on a hazard was overdue. A repeat is the
    same item found wrong at the same place within the months before. Reports that were dismissed were no findings.
    """
    passed = (
        scope.columns(HazardReply, func.min(HazardReply.rechecked_at))
        .where(HazardReply.hazard_id == Hazard.id, HazardReply.result == "passed")
        .correlate(Hazard)
        .scalar_subquery()
    )
    query = scope.columns(
        Hazard, Hazard.id, Hazard.facility_id, Hazard.number, Hazard.description, Hazard.severity, Hazard.found_on,
        Hazard.issued_on, Hazard.due_on, func.coalesce(passed, Hazard.closed_at), hazards.is_repeat(),
    ).where(hazards.is_found(), Hazard.found_on <= last)  # fmt: skip
    since = first - timedelta(days=YEAR)
    query = query.where(or_(Hazard.closed_at.is_(None), Hazard.closed_at >= calendar.at(first - AHEAD), Hazard.found_on >= since))
    for row_id, place, number, description, severity, found_on, issued_on, due_on, over_at, again in db.session.execute(query):
        label, path = f"{number} {_short(description)}", f"/hazards/{row_id}"
        gone = _day(over_at) if over_at else None
        if again:
            yield Trace("repeat", place, found_on, found_on, None, label, path)
        if severity == "major" and issued_on:
            yield Trace("major", place, issued_on, issued_on, gone, label, path)
        if due_on and (gone is None or gone > due_on + AHEAD):
            yield Trace("overdue", place, due_on + AHEAD, due_on + AHEAD, gone, label, path)


def _incidents(scope: Scope, first: date, last: date) -> Iterator[Trace]:
    """Known from its report; with the grade it had on the day; merged and rejected ones until that was done, by the log."""
    entry = audit.AuditEntry
    ended = (
        scope.columns(entry, func.max(entry.at))
        .where(entry.entity == "incident", entry.entity_id == Incident.id, entry.action.in_([f"incident.{end}" for end in GONE]))
        .correlate(Incident)
        .scalar_subquery()
    )
    query = scope.columns(
        Incident, Incident.id, Incident.facility_id, Incident.number, Incident.grade, Incident.occurred_at, Incident.reported_at,
        Incident.state, Incident.family, Incident.type, case((Incident.state.in_(GONE), ended)),
    ).where(Incident.reported_at.is_not(None), Incident.reported_at < calendar.at(last + AHEAD))  # fmt: skip
    found = db.session.execute(query.where(Incident.occurred_at >= calendar.at(first - timedelta(days=YEAR)))).all()
    steps = _grades(scope, [row.id for row in found])
    for row_id, place, number, grade, occurred_at, reported_at, state, family, kind, ended_at in found:
        gone = None if state not in GONE else _day(ended_at) if ended_at else date.min
        label, since, path = f"{number} {kind_words(family, kind)}", _day(reported_at), f"/incidents/{row_id}"
        for at, before in steps.get(row_id, []):  # each change ends the time of the grade before
            yield Trace(f"incidents_{before.lower()}", place, since, _day(occurred_at), _first(at, gone), label, path)
            since = max(since, at)
        yield Trace(f"incidents_{grade.lower()}", place, since, _day(occurred_at), gone, label, path)


def _grades(scope: Scope, incident_ids: list[int]) -> dict[int, list[tuple[date, str]]]:
    """{incident: [(the day a grade ended, that grade)]}, in order."""
    found: dict[int, list[tuple[date, str]]] = defaultdict(list)
    if not incident_ids:
        return found
    query = scope.select(IncidentChange).where(IncidentChange.incident_id.in_(incident_ids))
    for change in db.session.scalars(query.order_by(IncidentChange.id)):
        if change.before.get("grade") and change.before["grade"] != change.after.get("grade"):
            found[change.incident_id].append((_day(change.at), change.before["grade"]))
    return found


def _first(day: date, other: date | None) -> date:
    return day if other is None else min(day, other)


def _visits(scope: Scope, _first_day: date, last: date) -> Iterator[Trace]:
    """Known from the day the record was received; a visit that met nobody has seen nothing."""
    query = scope.columns(Visit, Visit.id, Visit.facility_id, Visit.number, Visit.planned_on, Visit.sent_at).where(
        Visit.state == "sent", Visit.result != "absent", Visit.sent_at < calendar.at(last + AHEAD)
    )
    for visit_id, facility_id, number, planned_on, sent_at in db.session.execute(query):
        yield Trace(
            "unseen", facility_id, _day(sent_at), min(planned_on, _day(sent_at)), None, number, f"/inspections/{visit_id}"
        )


def _classes(scope: Scope, _first_day: date, _last: date) -> Iterator[Trace]:
    """The class a place had: by the changes that took effect, before the first of them the one that was changed."""
    done = and_(CreditChange.facility_id == Facility.id, CreditChange.state == "effective", scope.where(CreditChange))
    query = scope.columns(
        Facility, Facility.id, Facility.credit_class, Facility.credit_class_on, CreditChange.old_class, CreditChange.new_class,
        CreditChange.decided_at,
    ).outerjoin(CreditChange, done).order_by(Facility.id, CreditChange.decided_at)  # fmt: skip
    seen = 0
    for place, letter, given_on, old, new, decided_at in db.session.execute(query):
        path = f"/facilities/{place}"
        if decided_at is None:
            if letter is not None:
                yield Trace("credit", place, given_on or date.min, given_on or date.min, None, letter, path, letter)
            continue
        if old is not None and place != seen:
            yield Trace("credit", place, date.min, date.min, None, old, path, old)
        seen = place
        yield Trace("credit", place, _day(decided_at), _day(decided_at), None, new, path, new)


def _selfchecks(scope: Scope, first: date, last: date) -> Iterator[Trace]:
    """Missed from the day its window ended on; one that was made up for, until then."""
    row, since = SelfCheckRound, calendar.at(first - timedelta(days=31))
    query = scope.columns(row, row.id, row.facility_id, row.duty, row.until_at, row.state, row.done_at).where(
        row.state.in_(("missed", "late")), row.until_at >= since, row.until_at < calendar.at(last + AHEAD)
    )
    for round_id, place, duty, until_at, state, done_at in db.session.execute(query):
        day, gone = _day(until_at), _day(done_at) if state == "late" and done_at else None
        if gone is None or gone > day:
            yield Trace("selfchecks", place, day, day, gone, str(DUTY_WORDS[duty]), f"/selfchecks/rounds/{round_id}")


# factor(s) → who knows; a factor that stands in no line has no source and counts nothing
READERS: tuple[tuple[tuple[str, ...], Reader], ...] = (
    (("major", "overdue", "repeat"), _hazards),
    (("incidents_e1", "incidents_e2", "incidents_e3", "incidents_e4"), _incidents),
    (("unseen",), _visits),
    (("credit",), _classes),
    (("selfchecks",), _selfchecks),
)
SOURCES = frozenset(factor for factors, _reader in READERS for factor in factors)


def known(scope: Scope, first: date, last: date) -> Known:
    """Whatever can count on any day from `first` to `last`, by place."""
    found: dict[int, list[Trace]] = defaultdict(list)
    for _factors, reader in READERS:
        for trace in reader(scope, first, last):
            found[trace.facility_id].append(trace)
    return Known(found, SOURCES)


def outcomes(scope: Scope, first: date, last: date, *, by_hazards: bool = True) -> dict[int, list[date]]:
    """What a choice should have met: days serious and major hazards were found and E1, E2 incidents happened, by place.

    By what is known today: this is what a choice is judged by, never what it is made from. Incidents happen whether or not
    somebody looks; without `by_hazards` they alone count.
    """
    found: dict[int, list[date]] = defaultdict(list)
    grave = scope.columns(Hazard, Hazard.facility_id, Hazard.found_on).where(hazards.is_found())
    grave = grave.where(Hazard.severity.in_(("serious", "major")), Hazard.found_on.between(first, last))
    for facility_id, day in db.session.execute(grave) if by_hazards else ():
        found[facility_id].append(day)
    happened = and_(Incident.occurred_at >= calendar.at(first), Incident.occurred_at < calendar.at(last + AHEAD))
    kept = and_(Incident.grade.in_(("E1", "E2")), Incident.state.not_in(("draft", "merged", "rejected")))
    for facility_id, at in db.session.execute(
        scope.columns(Incident, Incident.facility_id, Incident.occurred_at).where(happened, kept)
    ):
        found[facility_id].append(_day(at))
    return found


def _short(text: Any, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1] + "\u2026"
