"""Writes of postings, days on post and notes. lock → judge → change → record.

Whoever is on post observes, advises and reports; a hazard reported here binds nobody before a certified officer confirms it
(domain.md §5.2). Nothing in this file orders anything.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func

from eldercare.core import alerts, attachments, audit, calendar, states
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards import services as hazards
from eldercare.inspections.postings import queries
from eldercare.inspections.postings.models import Posting, StationDay, StationNote

OWN_NOTES = ("seen", "advice", "training")


def post(scope: Scope, facility_id: int, user_id: int, *, weekdays: Sequence[int], starts_on: date, ends_on: date | None,
         organisation: str = "") -> Posting:  # fmt: skip
    """Station a person at a home: posting.no_supervisor, posting.made_already."""
    facility = scope.get(Facility, facility_id)
    if user_id not in {person.id for person in queries.supervisors(scope, facility.id)}:
        raise Refused("posting.no_supervisor", field="user_id")
    row = Posting(
        township_id=facility.township_id, facility_id=facility.id, user_id=user_id, organisation=organisation,
        weekdays=sorted(weekdays), starts_on=starts_on, ends_on=ends_on,
    )  # fmt: skip
    db.session.add(row)
    audit.record(scope, "posting.made", row)
    return row


def change(scope: Scope, posting_id: int, *, weekdays: Sequence[int], organisation: str) -> Posting:
    """Other days of the week from today on, or another third party. What was due before today stays as it was: other days end
    the posting yesterday and begin a new one, which is returned.
    """
    row = scope.lock(Posting, posting_id)
    today = calendar.today()
    if sorted(weekdays) == row.weekdays or row.starts_on >= today:
        row.weekdays, row.organisation = sorted(weekdays), organisation
        audit.record(scope, "posting.changed", row)
        return row
    if not row.runs(today):
        raise Refused("posting.not_running", day=today.isoformat())
    last, row.ends_on = row.ends_on, today - timedelta(days=1)
    audit.record(scope, "posting.changed", row)
    made = Posting(
        township_id=row.township_id, facility_id=row.facility_id, user_id=row.user_id, organisation=organisation,
        weekdays=sorted(weekdays), starts_on=today, ends_on=last, ended_reason=row.ended_reason,
    )  # fmt: skip
    row.ended_reason = None
    db.session.flush()
    db.session.add(made)
    audit.record(scope, "posting.made", made)
    return made


def end(scope: Scope, posting_id: int, ends_on: date, reason: str) -> Posting:
    """The posting's last day, with the reason."""
    row = scope.lock(Posting, posting_id)
    row.ends_on, row.ended_reason = ends_on, reason
    audit.record(scope, "posting.ended", row)
    alerts.settle(scope, row)
    return row


# ---- the day, by the person on post
def arrive(scope: Scope, posting_id: int, moment: datetime | None = None, position: tuple[float, float, float] | None = None,
           *, days_back: int) -> StationDay:  # fmt: skip
    """Begin a day: now, or a moment up to `days_back` days ago. `position`: (lon, lat, accuracy in metres).

    Refused: posting.not_yours, posting.not_running, station_day.future, .too_old, .begun_already.
    """
    row = scope.get(Posting, posting_id)
    if row.user_id != scope.person_id:
        raise Refused("posting.not_yours")
    at = moment or calendar.now()
    day = calendar.local(at).date()
    _judge_moment(at, day, days_back)
    if not row.runs(day):
        raise Refused("posting.not_running", day=day.isoformat())
    lon, lat, accuracy = position or (None, None, None)
    made = StationDay(
        township_id=row.township_id, facility_id=row.facility_id, posting_id=row.id, day=day, arrived_at=at, lon=lon, lat=lat,
        accuracy=accuracy, person_name=scope.person_name,
    )  # fmt: skip
    db.session.add(made)
    audit.record(scope, "station_day.arrived", made)
    alerts.settle(scope, row, "station.absent")
    return made


def _judge_moment(at: datetime, day: date, days_back: int) -> None:
    if at > calendar.now() + timedelta(minutes=1):
        raise Refused("station_day.future", field="arrived_at")
    if (calendar.today() - day).days > days_back:
        raise Refused("station_day.too_old", field="arrived_at", days=days_back)


def _own_open(scope: Scope, day_id: int) -> StationDay:
    row = scope.lock(StationDay, day_id)
    _must_be_own_open(scope, row)
    return row


def _must_be_own_open(scope: Scope, row: StationDay) -> None:
    if scope.get(Posting, row.posting_id).user_id != scope.person_id:
        raise Refused("posting.not_yours")
    if row.state != "open":
        raise Refused("station_day.fixed")


def write(scope: Scope, day_id: int, *, arrived_at: datetime, left_at: datetime | None, areas: Sequence[str]) -> StationDay:
    """When one came and left, and where one walked."""
    row = _own_open(scope, day_id)
    for field, moment in (("arrived_at", arrived_at), ("left_at", left_at)):
        if moment is not None and calendar.local(moment).date() != row.day:
            raise Refused("station_day.other_day", field=field, day=row.day.isoformat())
        if moment is not None and moment > calendar.now() + timedelta(minutes=1):
            raise Refused("station_day.future", field=field)
    row.arrived_at, row.left_at, row.areas = arrived_at, left_at, list(areas)
    audit.record(scope, "station_day.written", row)
    return row


def note(scope: Scope, day_id: int, kind: str, text: str, *, photos: Sequence[Any] = ()) -> StationNote:
    """What was seen, advised or taught, with photos."""
    fits = attachments.judged(photos, field="photos")
    row = _own_open(scope, day_id)
    if kind not in OWN_NOTES:
        raise Refused("station_day.word_unknown", field="kind")
    made = _note(scope, row, kind, text)
    attachments.attach_all(scope, made, fits, kind="station", field="photos")
    return made


def report_hazard(
    scope: Scope, day_id: int, *, severity: str, description: str, place_note: str = "", hazard_code: str | None = None,
    photos: Sequence[Any] = (),
) -> StationNote:  # fmt: skip
    """Report a hazard to the bureau, with its photos: it waits for an officer and binds nobody yet."""
    fits = attachments.judged(photos, field="photos")
    row = _own_open(scope, day_id)
    made = _note(scope, row, "hazard", description)
    hazards.report(
        scope, row.facility_id, severity=severity, description=description, place_note=place_note, hazard_code=hazard_code,
        source=("station_note", made.id, f"{row.day.isoformat()} {row.person_name}", f"/inspections/postings/days/{row.id}"),
        photos=fits, finder="stationed",
    )  # fmt: skip
    return made


def _note(scope: Scope, row: StationDay, kind: str, text: str) -> StationNote:
    made = StationNote(township_id=row.township_id, facility_id=row.facility_id, day_id=row.id, kind=kind, text=text.strip())
    db.session.add(made)
    audit.record(scope, "station_note.made", made)
    return made


def own_note(scope: Scope, day_id: int, note_id: int) -> StationNote:
    """A note of one's own day while it is being written, to add or remove its photos: posting.not_yours, station_day.fixed."""
    row = queries.note(scope, day_id, note_id)  # not locked: photos are looked into before anything waits
    _must_be_own_open(scope, row.day)
    return row


def take_back(scope: Scope, day_id: int, note_id: int) -> None:
    """Remove a note of a day that is still being written; a reported hazard stays: station_note.is_hazard."""
    _own_open(scope, day_id)
    row = queries.note(scope, day_id, note_id)
    if row.kind == "hazard":
        raise Refused("station_note.is_hazard")
    audit.record(scope, "station_note.removed", row)
    db.session.delete(row)


def hand_in(scope: Scope, day_id: int) -> StationDay:
    """The day is done and stays as it is; the home is asked to answer the advice: station_day.not_whole."""
    row = _own_open(scope, day_id)
    if row.left_at is None or not row.areas:
        raise Refused("station_day.not_whole")
    row.handed_in_at = calendar.now()
    states.move(scope, row, "handed_in")
    count = scope.columns(StationNote, func.count()).where(StationNote.day_id == row.id, StationNote.kind == "advice")
    advice = db.session.scalar(count) or 0
    if advice:
        home = scope.get(Facility, row.facility_id).name
        alerts.tell(scope, "station.advice", row, home=home, day=row.day.isoformat(), count=advice)
    return row


# ---- the home
def comment(scope: Scope, day_id: int, text: str) -> StationDay:
    """The home's own word on a day that was handed in, once."""
    row = scope.lock(StationDay, day_id)
    if row.state != "handed_in":
        raise Refused("station_day.open")
    if row.comment is not None:
        raise Refused("station_day.commented_already")
    row.comment, row.commented_at, row.commented_by = text.strip(), calendar.now(), scope.person_name
    audit.record(scope, "station_day.commented", row)
    return row


def answer(scope: Scope, day_id: int, note_id: int, *, verdict: str, reason: str | None) -> StationNote:
    """The home adopts a piece of advice or says why not, once."""
    day = scope.lock(StationDay, day_id)
    if day.state != "handed_in":
        raise Refused("station_day.open")
    row = scope.lock(StationNote, note_id)
    if row.day_id != day.id or row.kind != "advice":
        raise Refused("station_note.no_advice")
    if row.answer is not None:
        raise Refused("station_note.answered_already")
    if verdict == "declined" and not (reason or "").strip():
        raise Refused("station_note.reason_missing", field="reason")
    row.answer, row.answer_reason, row.answered_at, row.answered_by = verdict, reason or None, calendar.now(), scope.person_name
    audit.record(scope, "station_note.answered", row)
    waiting = scope.columns(StationNote, func.count()).where(
        StationNote.day_id == day.id, StationNote.kind == "advice", StationNote.answer.is_(None)
    )
    if not db.session.scalar(waiting):
        alerts.settle(scope, day, "station.advice")
    return row


# ---- the clock
def watch(scope: Scope, day: date) -> int:
    """Tell the bureau where somebody was to be on a day and nobody was; how many were told anew."""
    told = 0
    for row in queries.missed(scope, day):
        made = alerts.tell(
            scope, "station.absent", row, level="district", occasion=day.isoformat(), home=row.facility.name, day=day.isoformat()
        )
        told += made is not None
    return told
