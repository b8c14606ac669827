"""Writes of officers and recusals. lock → judge → change → record."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from eldercare.accounts.officers import queries
from eldercare.accounts.officers.models import Officer, Recusal, RecusalRequest
from eldercare.core import alerts, audit, calendar, states
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility


def add_officer(scope: Scope, user_id: int, certificate_no: str, valid: tuple[date, date], specialities: list[str]) -> Officer:
    """Enter a person's certificate: officer.entered_already, officer.certificate_taken."""
    row = Officer(
        user_id=user_id, certificate_no=certificate_no.strip(), valid_from=valid[0], valid_to=valid[1],
        specialities=sorted(specialities),
    )  # fmt: skip
    db.session.add(row)
    audit.record(scope, "officer.added", row)
    return row


def change_officer(scope: Scope, officer_id: int, **changed: Any) -> Officer:
    """Change certificate number, validity, specialities, or the day of leaving the library."""
    queries.officer(scope, officer_id)  # 404
    row = db.session.scalars(select(Officer).where(Officer.id == officer_id).with_for_update()).one()
    for column, value in changed.items():
        setattr(row, column, value)
    audit.record(scope, "officer.changed", row)
    return row


def must_be_certified(scope: Scope, officer_ids: list[int], day: date, *, acted: bool = False) -> list[Officer]:
    """The officers, in the order given: officer.not_certified for the first whose certificate does not count on the day.

    officer.no_account for whoever signs in no more; not asked of those who have `acted` by then: what two officers signed
    at a place stands, though one of them has left since.
    """
    found = {each.id: each for each in db.session.scalars(queries.officers(scope).where(Officer.id.in_(officer_ids)))}
    for officer_id in officer_ids:
        if officer_id not in found or not found[officer_id].is_certified(day):
            name = found[officer_id].name if officer_id in found else str(officer_id)
            raise Refused("officer.not_certified", field="team", name=name)
        if not acted and not found[officer_id].user.is_enabled:
            raise Refused("officer.no_account", field="team", name=found[officer_id].name)
    return [found[officer_id] for officer_id in officer_ids]


def recuse(
    scope: Scope, officer_id: int, facility_id: int, ground: str, days: tuple[date, date | None], note: str = ""
) -> Recusal:
    """An officer avoids a place between two days: recusal.entered_already."""
    facility = scope.get(Facility, facility_id)
    row = Recusal(
        township_id=facility.township_id, facility_id=facility.id, officer_id=queries.officer(scope, officer_id).id,
        ground=ground, note=note, starts_on=days[0], ends_on=days[1], declared_by=scope.person_name,
    )  # fmt: skip
    db.session.add(row)
    audit.record(scope, "recusal.made", row)
    return row


def end_recusal(scope: Scope, recusal_id: int, day: date, reason: str = "") -> Recusal:
    """The avoidance holds until a day, and no longer: recusal.ends_early."""
    row = scope.lock(Recusal, recusal_id)
    if day < row.starts_on:
        raise Refused("recusal.ends_early", field="day", day=row.starts_on)
    row.ends_on = day
    audit.record(scope, "recusal.ended", row, **({"reason": reason} if reason else {}))
    return row


def leave(scope: Scope, officer_id: int, day: date | None) -> Officer:
    """From a day on no longer in the library (None: still in it after all)."""
    row = change_officer(scope, officer_id, left_on=day)
    if day is not None:
        alerts.settle(scope, row, "officer.ending")
    return row


def must_be_candidate(scope: Scope, user_id: int | None, day: date) -> None:
    """officer.no_inspector for whoever has not the duty, or is in the library."""
    if user_id not in {each.id for each in queries.candidates(scope, day)}:
        raise Refused("officer.no_inspector", field="user_id")


def end_after_work(starts_on: date, ground: str, ends_on: date | None, years: int) -> date | None:
    """The last day of an avoidance: who worked or was stationed there avoids it so many years (§5.6 (6))."""
    return calendar.add_years(starts_on, years) if ends_on is None and ground in ("worked_there", "stationed_there") else ends_on


# ---- a place asks, the district decides -----------------------------------------------------------


def ask(scope: Scope, facility_id: int, officer_id: int, reason: str) -> RecusalRequest:
    """A place asks that an officer not come: recusal.asked_already, recusal.entered_already."""
    facility = scope.get(Facility, facility_id)
    if officer_id in queries.avoided(scope, facility_id, calendar.today()):
        raise Refused("recusal.entered_already", field="officer_id")
    row = RecusalRequest(
        township_id=facility.township_id, facility_id=facility.id, officer_id=queries.officer(scope, officer_id).id,
        reason=reason, asked_by=scope.person_name,
    )  # fmt: skip
    db.session.add(row)
    audit.record(scope, "recusal_request.asked", row)
    alerts.tell(scope, "recusal.asked", row, level="district", home=facility.name)
    return row


def decide(scope: Scope, request_id: int, *, granted: bool, answer: str, until: date | None = None) -> RecusalRequest:
    """The district grants it (an avoidance from today on) or not, with its reason; the place is told."""
    row = scope.lock(RecusalRequest, request_id)
    if row.state != "asked":
        raise Refused("recusal.decided_already")
    if granted:
        recuse(scope, row.officer_id, row.facility_id, "asked_by_place", (calendar.today(), until), answer)
    row.answer, row.decided_by, row.decided_at = answer, scope.person_name, calendar.now()
    states.move(scope, row, "granted" if granted else "refused")
    alerts.settle(scope, row, "recusal.asked")
    alerts.tell(scope, "recusal.decided", row)
    return row


def remind(scope: Scope, day: date, thresholds: Sequence[int]) -> int:
    """Tell the district of certificates that run out, once for each threshold of days; how many were told anew."""
    told = 0
    for row in db.session.scalars(queries.officers(scope).where(or_(Officer.left_on.is_(None), Officer.left_on > day))):
        said = {"number": row.certificate_no, "day": row.valid_to, "level": "district"}
        told += alerts.tell_of_end(scope, "officer.ending", row, row.valid_to, day, thresholds, **said)
    return told
