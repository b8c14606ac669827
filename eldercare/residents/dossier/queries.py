"""Reads of what hangs on a person: contacts, assessments, entitlements, consents, and the history."""

from typing import Any

from sqlalchemy import ColumnElement, and_, union_all

from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.residents.models import Assessment, Consent, Contact, HouseholdSpell, ResidentChange


def dossier(scope: Scope, resident_id: int) -> dict[str, list[Any]]:
    """What hangs on a person found before: contacts, assessments (newest first), spells, consents."""
    orders: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "contacts": (Contact, (Contact.kind.desc(), Contact.position, Contact.id)),
        "assessments": (Assessment, (Assessment.assessed_on.desc(), Assessment.id.desc())),
        "spells": (HouseholdSpell, (HouseholdSpell.valid_from.desc(), HouseholdSpell.id.desc())),
        "consents": (Consent, (Consent.signed_on.desc(), Consent.id.desc())),
    }
    return {
        name: list(db.session.scalars(scope.select(model).where(model.resident_id == resident_id).order_by(*order)))
        for name, (model, order) in orders.items()
    }


def valid_assessments(scope: Scope, resident_id: int) -> list[Assessment]:
    """A person's assessments that count, newest first."""
    query = scope.select(Assessment).where(Assessment.resident_id == resident_id, Assessment.is_void.is_(False))
    rows: list[Any] = list(db.session.scalars(query.order_by(Assessment.assessed_on.desc(), Assessment.id.desc())))
    return rows


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
