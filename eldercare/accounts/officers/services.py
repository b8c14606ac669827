"""Writes of officers and recusals. lock → judge → change → record."""

from datetime import date
from typing import Any

from sqlalchemy import select

from eldercare.accounts.officers import queries
from eldercare.accounts.officers.models import Officer, Recusal
from eldercare.core import audit
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


def must_be_certified(scope: Scope, officer_ids: list[int], day: date) -> list[Officer]:
    """The officers, in the order given: officer.not_certified for the first whose certificate does not count on the day."""
    found = {each.id: each for each in db.session.scalars(queries.officers(scope).where(Officer.id.in_(officer_ids)))}
    for officer_id in officer_ids:
        if officer_id not in found or not found[officer_id].is_certified(day):
            name = found[officer_id].name if officer_id in found else str(officer_id)
            raise Refused("officer.not_certified", name=name)
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


def end_recusal(scope: Scope, recusal_id: int, day: date) -> Recusal:
    """The avoidance holds until a day, and no longer."""
    row = scope.lock(Recusal, recusal_id)
    row.ends_on = day
    audit.record(scope, "recusal.ended", row)
    return row
