"""Reads of what hangs on a person: contacts, assessments, entitlements, consents, and the history."""

from datetime import date
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by

from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.secrets import Sealed
from eldercare.residents import queries as people
from eldercare.residents.models import Assessment, Consent, Contact, HouseholdSpell, ResidentChange

_SHOWN: dict[str, tuple[Any, tuple[str, ...], tuple[Any, ...]]] = {
    "contacts": (
        Contact, ("id", "resident_id", "kind", "name", "relation", "phone", "may_contact", "legal_basis"),
        (Contact.kind.desc(), Contact.position, Contact.id),
    ),
    "assessments": (
        Assessment, ("id", "assessed_on", "kind", "scale", "score", "final_level", "is_void", "assessor", "second_assessor"),
        (Assessment.assessed_on.desc(), Assessment.id.desc()),
    ),
    "spells": (
        HouseholdSpell, ("id", "household_type", "certificate_no", "valid_from", "valid_to"),
        (HouseholdSpell.valid_from.desc(), HouseholdSpell.id.desc()),
    ),
    "consents": (
        Consent, ("id", "purpose", "version", "signed_by", "signed_on", "withdrawn_on"),
        (Consent.signed_on.desc(), Consent.id.desc()),
    ),
}


class Line(SimpleNamespace):
    """One row of a dossier as a page shows it: days as days, a telephone sealed."""

    @classmethod
    def read(cls, plain: dict[str, Any]) -> "Line":
        """From the row as JSON."""
        for key, value in plain.items():
            if value is not None and key.endswith(("_on", "_from", "_to")):
                plain[key] = date.fromisoformat(value)
        if plain.get("phone"):
            plain["phone"] = Sealed(bytes.fromhex(plain["phone"]), "phone")
        return cls(**plain)


@lru_cache(maxsize=256)
def _parts(reach: Scope) -> list[Any]:
    parts = []
    for name, (model, keys, order) in _SHOWN.items():
        columns = model.__table__.c
        pairs: list[Any] = []
        for key in keys:
            pairs += [literal_column(f"'{key}'"), func.encode(columns[key], "hex") if key == "phone" else columns[key]]
        rows = func.json_agg(aggregate_order_by(func.json_build_object(*pairs), *order))
        theirs = reach.columns(model, rows, of=model.__table__).where(columns.resident_id == bindparam("resident_id"))
        parts.append(theirs.scalar_subquery().label(name))
    return parts


@lru_cache(maxsize=256)
def _whole(reach: Scope) -> Select[Any]:
    return people.record_statement(reach).add_columns(*_parts(reach)).execution_options(prepared=True)


def whole(scope: Scope, resident_id: int) -> tuple[Any, dict[str, list[Line]]]:
    """A person's row and dossier in one statement; 404 outside the scope's reach."""
    found = db.session.execute(_whole(scope.reach), {"resident_id": resident_id}).one_or_none()
    if found is None:
        return people.record(scope, resident_id), {}
    return found, _lines(found)


def _lines(found: Any) -> dict[str, list[Line]]:
    return {name: [Line.read(row) for row in getattr(found, name) or ()] for name in _SHOWN}


def dossier(scope: Scope, resident_id: int) -> dict[str, list[Line]]:
    """What hangs on a person found before: contacts, assessments (newest first), spells, consents."""
    return _lines(db.session.execute(select(*_parts(scope.reach)), {"resident_id": resident_id}).one())


def valid_assessments(scope: Scope, resident_id: int) -> list[Assessment]:
    """A person's assessments that count, newest first."""
    query = scope.select(Assessment).where(Assessment.resident_id == resident_id, Assessment.is_void.is_(False))
    rows: list[Any] = list(db.session.scalars(query.order_by(Assessment.assessed_on.desc(), Assessment.id.desc())))
    return rows


def said_in_lists(scope: Scope, resident_id: int) -> list[dict[str, Any]]:
    """What lists had said of a person's ability before assessments, void or not, took its place."""
    query = scope.columns(Assessment, Assessment.replaced).where(Assessment.resident_id == resident_id)
    return [said for said in db.session.scalars(query) if said]


def of_resident(scope: Scope, model: Any, resident_id: int, row_id: int) -> Any:
    """One row of a person's dossier; 404 when it is not theirs or out of reach."""
    row = scope.get(model, row_id)
    return row if row.resident_id == resident_id else scope.get(model, 0)


def log_of(scope: Scope, resident_id: int, limit: int = 200) -> list[AuditEntry]:
    """What the log says of a person and of what hangs on them, newest first."""
    ways: list[ColumnElement[bool]] = [and_(AuditEntry.entity == "resident", AuditEntry.entity_id == resident_id)]
    for model in (Contact, Assessment, HouseholdSpell, Consent):
        theirs = scope.columns(model, model.id).where(model.resident_id == resident_id)
        ways.append(and_(AuditEntry.entity == model.AUDIT_NOUN, AuditEntry.entity_id.in_(theirs)))
    parts = [scope.columns(AuditEntry, AuditEntry.id).where(way) for way in ways]
    query = scope.select(AuditEntry).where(AuditEntry.id.in_(union_all(*parts)))
    return list(db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit)))


def intake_changes(scope: Scope, resident_id: int, limit: int = 200) -> list[ResidentChange]:
    """What Excel intakes changed in a record, newest first."""
    query = scope.select(ResidentChange).where(ResidentChange.resident_id == resident_id)
    return list(db.session.scalars(query.order_by(ResidentChange.id.desc()).limit(limit)))
