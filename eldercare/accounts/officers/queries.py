"""Reads of officers and of what they avoid."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_
from sqlalchemy.orm import contains_eager

from eldercare.accounts.models import Grant, User
from eldercare.accounts.officers.models import Officer, Recusal, RecusalRequest
from eldercare.core import audit
from eldercare.core.access import GRANTS, P, Role
from eldercare.core.audit import AuditEntry
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


def candidates(scope: Scope, day: date) -> list[User]:
    """Who has the duty of an inspector on a day and is not in the library, by name."""
    duty = sorted(role.value for role in Role if P.INSPECTION_DO in GRANTS[role])
    held = exists().where(
        Grant.user_id == User.id, Grant.role.in_(duty), Grant.starts_on <= day, or_(Grant.ends_on.is_(None), Grant.ends_on >= day)
    )
    entered = exists().where(Officer.user_id == User.id)
    query = scope.select(User).where(User.is_enabled, held, ~entered)
    return list(db.session.scalars(query.order_by(User.name, User.id)))


def history(scope: Scope, officer_id: int) -> list[AuditEntry]:
    """What happened to an officer's entry, newest first."""
    return list(db.session.scalars(audit.history(scope, "officer", officer_id)))


# ---- who avoids what ------------------------------------------------------------------------------


def recusals(scope: Scope) -> Select[Any]:
    """The avoidances in reach, each with officer and place."""
    return (
        scope.select(Recusal).join(Recusal.officer).join(Officer.user).join(Recusal.facility)
        .options(contains_eager(Recusal.officer).contains_eager(Officer.user), contains_eager(Recusal.facility))
    )  # fmt: skip


def standing(day: date) -> ColumnElement[bool]:
    """Avoidances that hold on a day."""
    return (Recusal.starts_on <= day) & or_(Recusal.ends_on.is_(None), Recusal.ends_on >= day)


def recusal(scope: Scope, recusal_id: int) -> Recusal:
    """One avoidance in reach; 404."""
    row: Recusal | None = db.session.scalars(recusals(scope).where(Recusal.id == recusal_id)).one_or_none()
    return row if row is not None else scope.get(Recusal, recusal_id)


def of_officer(scope: Scope, officer_id: int) -> list[Recusal]:
    """What an officer avoids or avoided, in reach, the newest first."""
    return list(db.session.scalars(recusals(scope).where(Recusal.officer_id == officer_id).order_by(Recusal.starts_on.desc())))


def requests(scope: Scope) -> list[RecusalRequest]:
    """What places in reach have asked, what waits first."""
    query = _requests(scope).order_by(RecusalRequest.decided_at.desc().nulls_first(), RecusalRequest.id.desc())
    return list(db.session.scalars(query.limit(200)))


def request(scope: Scope, request_id: int) -> RecusalRequest:
    """One request in reach; 404."""
    row: RecusalRequest | None = db.session.scalars(_requests(scope).where(RecusalRequest.id == request_id)).one_or_none()
    return row if row is not None else scope.get(RecusalRequest, request_id)


def _requests(scope: Scope) -> Select[Any]:
    return (
        scope.select(RecusalRequest).join(RecusalRequest.officer).join(Officer.user).join(RecusalRequest.facility)
        .options(contains_eager(RecusalRequest.officer).contains_eager(Officer.user), contains_eager(RecusalRequest.facility))
    )  # fmt: skip
