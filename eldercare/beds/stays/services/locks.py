"""What every act begins with: the stay held against others, and as the person at the screen saw it."""

from datetime import date
from typing import Any

from eldercare.beds.models import Stay, StayAbsence, StayBed
from eldercare.core import audit, calendar, words
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility


def held(scope: Scope, stay_id: int, version: int | None, *states: str) -> Stay:
    """The stay, locked; refused when it changed since `version`, or is in none of the `states`."""
    row = scope.lock(Stay, stay_id)
    if version is not None and row.version != version:
        raise _changed_meanwhile(scope, row)
    if row.state not in states:
        raise Refused("move.not_allowed")
    return row


def _changed_meanwhile(scope: Scope, row: Stay) -> Refused:
    last: Any = db.session.scalars(audit.history(scope, "stay", row.id).limit(1)).one_or_none()
    if last is None:
        return Refused("row.changed")
    return Refused("stay.changed_meanwhile", who=words.who(last), what=words.action(last.action))


def home_of(scope: Scope, stay: Stay) -> Facility:
    """The stay's home, held against changes of its state and numbers."""
    query = scope.select(Facility).where(Facility.id == stay.facility_id)
    again = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row: Facility = db.session.scalars(again).one()
    return row


def bed_now(scope: Scope, stay: Stay) -> StayBed:
    """The bed the stay has now."""
    query = scope.select(StayBed).where(StayBed.stay_id == stay.id, StayBed.ends_on.is_(None))
    row: StayBed = db.session.scalars(query).one()
    return row


def away_now(scope: Scope, stay: Stay) -> StayAbsence | None:
    """The time away that has not ended."""
    query = scope.select(StayAbsence).where(StayAbsence.stay_id == stay.id, StayAbsence.back_on.is_(None))
    row: StayAbsence | None = db.session.scalars(query).one_or_none()
    return row


def within(stay: Stay, on: date, field: str = "on") -> None:
    """A day of the stay that has come."""
    if on > calendar.today():
        raise Refused("stay.day_ahead", field=field)
    if stay.starts_on and on < stay.starts_on:
        raise Refused("stay.before_start", field=field, day=stay.starts_on)
