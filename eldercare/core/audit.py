"""The log: AuditEntry, record(), and the chain that shows a touched entry.

The database numbers and chains entries itself (trigger `audit_entries_chain`, migration 0001), so
the application can neither skip a number nor choose a hash. Its roles hold INSERT and SELECT.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, Index, Select, select, text
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import calendar, secrets
from eldercare.core.db import Base, Scoped, db
from eldercare.core.scope import Scope


class AuditEntry(Scoped, Base):
    """One thing a person (or the platform) did: `action` on `entity` `entity_id`.

    `changes` is {column: [before, after]} with personal values masked; `details` is free of them.
    """

    __tablename__ = "audit_entries"
    OWNER = "person_id"
    IS_LOG = True  # the one walled table its reader may see
    __table_args__ = (
        Index("audit_entries_entity_idx", "entity", "entity_id"),
        Index("audit_entries_place_idx", "facility_id", "id"),  # a place's log from its end: what is new since an entry
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    person_name: Mapped[str]
    permission: Mapped[str]
    ip: Mapped[str | None]
    action: Mapped[str] = mapped_column(index=True)
    entity: Mapped[str]
    entity_id: Mapped[int | None] = mapped_column(BigInteger)
    township_id: Mapped[int | None] = mapped_column(index=True)  # type: ignore[assignment]
    facility_id: Mapped[int | None] = mapped_column(BigInteger)
    changes: Mapped[dict[str, Any]]
    details: Mapped[dict[str, Any]]
    prev_hash: Mapped[str] = mapped_column(server_default=FetchedValue())  # both are the trigger's
    hash: Mapped[str] = mapped_column(unique=True, server_default=FetchedValue())


def _plain(value: Any) -> Any:
    """A value as the log keeps it: JSON types, encrypted values masked."""
    if isinstance(value, secrets.Sealed):
        return value.masked()
    if isinstance(value, date | datetime | time | Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return "…"
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def _masked(row: Any, key: str, value: Any) -> Any:
    info = row.__table__.c[key].info if key in row.__table__.c else {}
    mask = info.get("mask")
    if value is None or mask is None:
        return _plain(value)
    if isinstance(value, secrets.Sealed):
        return value.masked()
    return "…" if mask == "hide" else secrets.MASKS[mask](str(value))


def record(scope: Scope, action: str, row: Any = None, *, entity: str | None = None, **details: Any) -> AuditEntry:
    """Write one entry, and settle what `row` owes the log.

    Columns whose `info={"mask": "name" | "phone" | "id_number" | "hide"}` says so are kept masked;
    `info={"silent": True}` columns (search tokens, hashes) are left out.
    """
    session = db.session()
    session.flush()
    changes: dict[str, Any] = {}
    if row is not None:
        for key, (before, after) in session.info.get("owed", {}).pop(row, {}).items():
            column = row.__table__.c.get(key)
            if key in {"id", "township_id", "created_at", "updated_at"} and before is None:
                continue
            if column is not None and not column.info.get("silent"):
                changes[key] = [_masked(row, key, before), _masked(row, key, after)]
    session.info.get("owed_bulk", set()).discard(action)
    is_place = row is not None and getattr(row, "AUDIT_NOUN", "") == "facility"
    entry = AuditEntry(
        at=calendar.now(),
        person_id=scope.person_id,
        person_name=scope.person_name,
        permission=str(scope.permission),
        ip=scope.ip,
        action=action,
        entity=entity or getattr(row, "AUDIT_NOUN", None) or action.split(".", maxsplit=1)[0],
        entity_id=getattr(row, "id", None),
        township_id=getattr(row, "township_id", None),
        facility_id=row.id if is_place else getattr(row, "facility_id", None),
        changes=changes,
        details=_plain(details),
    )
    session.add(entry)
    session.flush()
    return entry


def history(scope: Scope, entity: str, entity_id: int) -> Select[AuditEntry]:
    """The entries about one row, newest first. Ask for the row itself first: it proves the reach."""
    return (
        select(AuditEntry)
        .where(AuditEntry.entity == entity, AuditEntry.entity_id == entity_id, scope.where(AuditEntry))
        .order_by(AuditEntry.id.desc())
    )


def doers(scope: Scope, entity: str, ids: Any, actions: Sequence[str] = ()) -> Select[Any]:
    """Who did something (one of these actions, where some are named) to rows, given as ids or as a query of ids."""
    query = scope.columns(AuditEntry, AuditEntry.person_id).where(AuditEntry.entity == entity, AuditEntry.entity_id.in_(ids))
    return query.where(AuditEntry.action.in_(actions)) if actions else query


def verify() -> dict[str, Any]:
    """Recompute the whole chain; {"valid", "entries", "head"} and "broken_at" when it is not."""
    count, previous = 0, "0" * 64
    for number, stored_prev, stored, canonical in _links():
        count += 1
        expected = hashlib.sha256((previous + canonical).encode()).hexdigest()
        if stored_prev != previous or stored != expected or number != count:
            return {"valid": False, "entries": count, "head": previous, "broken_at": number}
        previous = stored
    head = db.session.execute(text("SELECT entries, hash FROM audit_head")).one()
    if (head.entries, head.hash) != (count, previous):
        return {"valid": False, "entries": count, "head": previous, "broken_at": count + 1}
    return {"valid": True, "entries": count, "head": previous}


def _links() -> Iterator[tuple[int, str, str, str]]:
    rows = db.session.execute(
        text("SELECT id, prev_hash, hash, audit_text(e) FROM audit_entries e ORDER BY id").execution_options(
            yield_per=2000
        )
    )
    for row in rows:
        yield row[0], row[1], row[2], row[3]
