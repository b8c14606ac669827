"""Reads of officers and of what they avoid."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, or_
from sqlalchemy.orm import contains_eager

from eldercare.accounts.models import User
from eldercare.accounts.officers.models import Officer, Recusal
from eldercare.core.db import db
from eldercare.core.scope import Scope


def officers(scope: Scope) -> Select[Any]:
    """The library, each with the person."""
    return scope.select(Officer).join(Officer.user).options(contains_eager(Officer.user))


def officer(scope: Scope, officer_id: int) -> Officer:
    """One officer; 404 otherwise."""
    row: Officer | None = db.session.scalars(officers(scope).where(Officer.id == officer_id)).one_or_none()
    return row if row is not None else scope.get(Officer, officer_id)


def officer_of(scope: Scope, person_id: int | None) -> Officer | None:
    """The officer a signed-in person is, if any."""
    row: Officer | None = db.session.scalars(officers(scope).where(Officer.user_id == person_id)).one_or_none()
    return row


def in_force(day: date) -> ColumnElement[bool]:
    """Whose certificate counts on a day."""
    return (Officer.valid_from <= day) & (Officer.valid_to >= day) & or_(Officer.left_on.is_(None), Officer.left_on > day)


def certified(scope: Scope, day: date) -> list[Officer]:
    """Officers whose certificate counts on a day and who may sign in, by certificate number."""
    query = officers(scope).where(in_force(day), User.is_enabled).order_by(Officer.certificate_no)
    return list(db.session.scalars(query))


def avoided(scope: Scope, facility_id: int, day: date) -> dict[int, str]:
    """{officer id: ground} of those who do not inspect a place on a day."""
    return {officer_id: ground for (_, officer_id), ground in avoidances(scope, [facility_id], day).items()}


def avoidances(scope: Scope, facility_ids: list[int], day: date) -> dict[tuple[int, int], str]:
    """{(facility id, officer id): ground} of a day."""
    query = scope.select(Recusal).where(
        Recusal.facility_id.in_(facility_ids), Recusal.starts_on <= day, or_(Recusal.ends_on.is_(None), Recusal.ends_on >= day)
    )
    return {(row.facility_id, row.officer_id): row.ground for row in db.session.scalars(query)}
