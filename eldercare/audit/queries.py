"""Reads of the log: entries, the places they name, the chain."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from eldercare.core import audit, calendar
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Township


def entries(scope: Scope) -> Select[AuditEntry]:
    """The whole log: whoever reads it (audit:read) reads all of it; the wall lets in nobody else."""
    return scope.select(AuditEntry)


def entry(scope: Scope, entry_id: int) -> AuditEntry:
    """One entry; 404."""
    return scope.get(AuditEntry, entry_id)


def about_same(scope: Scope, one: AuditEntry, limit: int = 20) -> list[AuditEntry]:
    """The other entries about the same record, newest first."""
    if one.entity_id is None:
        return []
    same = and_(AuditEntry.entity == one.entity, AuditEntry.entity_id == one.entity_id, AuditEntry.id != one.id)
    return list(db.session.scalars(entries(scope).where(same).order_by(AuditEntry.id.desc()).limit(limit)))


def by_person(text: str) -> ColumnElement[bool]:
    """Entries of a person, by the user name (or part of it)."""
    return AuditEntry.person_name.ilike(f"%{_plain(text)}%")


def by_entity(name: str) -> ColumnElement[bool]:
    """Entries about one kind of record."""
    return AuditEntry.entity == name


def by_record(text: str) -> ColumnElement[bool] | None:
    """Entries about the record with a number; None (narrows nothing) when it is no number."""
    return AuditEntry.entity_id == int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def by_address(text: str) -> ColumnElement[bool]:
    """Entries from an address, or from a net when only its beginning is given."""
    return AuditEntry.ip.like(f"{_plain(text)}%")


def in_days(days: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Entries from a day to a day, both included, as the district counts days."""
    first, last = days
    clauses = [AuditEntry.at >= calendar.at(first)] if first else []
    if last:
        clauses.append(AuditEntry.at < calendar.at(last + timedelta(days=1)))
    return and_(*clauses)


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def township_names() -> dict[int, str]:
    """What the townships are called."""
    return {row[0]: row[1] for row in db.session.execute(select(Township.id, Township.name))}


def span(scope: Scope) -> tuple[int, datetime | None]:
    """How many entries there are, and since when."""
    row = db.session.execute(entries(scope).with_only_columns(func.count(), func.min(AuditEntry.at))).one()
    return row[0], row[1]


def verify() -> dict[str, Any]:
    """The chain recomputed from the first entry to the last."""
    return audit.verify()
