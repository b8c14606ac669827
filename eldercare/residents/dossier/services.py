"""Writing what hangs on a person: contacts, entitlements over time, consents."""

from datetime import date
from typing import Any

from eldercare.core import audit, calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.secrets import Sealed, mask_name
from eldercare.residents.dossier import queries
from eldercare.residents.models import Consent, Contact, HouseholdSpell, Resident


def _hang(scope: Scope, person: Resident, row: Any, action: str) -> Any:
    """Add a row to a person; its place is the person's."""
    row.resident_id, row.township_id, row.facility_id = person.id, person.township_id, person.facility_id
    db.session.add(row)
    audit.record(scope, action, row)
    return row


def add_contact(scope: Scope, resident_id: int, **values: Any) -> Contact:
    """Whom to call; the last in the order unless told otherwise."""
    person = scope.lock(Resident, resident_id)
    others = [row.position for row in queries.dossier(scope, resident_id)["contacts"]]
    contact: Contact = _hang(scope, person, Contact(position=max(others, default=0) + 1, **values), "contact.added")
    return contact


def correct_contact(scope: Scope, resident_id: int, contact_id: int, **values: Any) -> Contact:
    """Change a contact; a name or telephone left None stays as it is."""
    scope.lock(Resident, resident_id)
    contact: Contact = queries.of_resident(scope, Contact, resident_id, contact_id)
    for key, value in values.items():
        if value is None and key in {"name", "phone"}:
            continue
        setattr(contact, key, value)
    audit.record(scope, "contact.corrected", contact)
    return contact


def remove_contact(scope: Scope, resident_id: int, contact_id: int) -> None:
    """Take a contact away; the person's history keeps who it was, masked."""
    person = scope.lock(Resident, resident_id)
    contact = queries.of_resident(scope, Contact, resident_id, contact_id)
    name, kind = mask_name(contact.name), contact.kind
    db.session.delete(contact)
    audit.record(scope, "contact.removed", contact)
    audit.record(scope, "resident.contact_removed", person, contact=name, kind=kind)


def unmask_contact(scope: Scope, resident_id: int, contact_id: int, field: str, reason: str) -> str:
    """A contact's name or telephone in plain text, logged."""
    contact = queries.of_resident(scope, Contact, resident_id, contact_id)
    if field not in {"name", "phone"}:
        raise Refused("resident.value_unknown")
    audit.record(scope, "contact.unmasked", contact, field=field, reason=reason)
    value = getattr(contact, field)
    return (value.reveal() if isinstance(value, Sealed) else value) or "—"


def add_spell(scope: Scope, resident_id: int, **values: Any) -> HouseholdSpell:
    """An entitlement over time; the person's household type follows the one in force today."""
    person = scope.lock(Resident, resident_id)
    spell: HouseholdSpell = _hang(scope, person, HouseholdSpell(**values), "household_spell.added")
    _follow(scope, person)
    return spell


def end_spell(scope: Scope, resident_id: int, spell_id: int, *, valid_to: date) -> HouseholdSpell:
    """Give an entitlement its last day."""
    person = scope.lock(Resident, resident_id)
    spell: HouseholdSpell = queries.of_resident(scope, HouseholdSpell, resident_id, spell_id)
    spell.valid_to = valid_to
    audit.record(scope, "household_spell.ended", spell)
    _follow(scope, person)
    return spell


def _follow(scope: Scope, person: Resident) -> None:
    day = calendar.today()
    spells = queries.dossier(scope, person.id)["spells"]
    current = next((s for s in spells if s.valid_from <= day and (s.valid_to is None or s.valid_to >= day)), None)
    over = [s.household_type for s in spells if s.valid_to is not None and s.valid_to < day]
    if current is not None:
        person.household_type = current.household_type
    elif person.household_type in over:  # what came without a spell (a list from a bureau) stays
        person.household_type = "ordinary"
    audit.record(scope, "resident.household_followed", person)


def add_consent(scope: Scope, resident_id: int, **values: Any) -> Consent:
    """A consent given (PIPL arts. 13, 29)."""
    person = scope.lock(Resident, resident_id)
    if values["signed_on"] > calendar.today():
        raise Refused("resident.day_ahead", field="signed_on")
    consent: Consent = _hang(scope, person, Consent(**values), "consent.given")
    return consent


def withdraw_consent(scope: Scope, resident_id: int, consent_id: int, *, withdrawn_on: date) -> Consent:
    """A consent withdrawn: what rests on it stops from that day (PIPL art. 15)."""
    scope.lock(Resident, resident_id)
    consent: Consent = queries.of_resident(scope, Consent, resident_id, consent_id)
    if withdrawn_on > calendar.today():
        raise Refused("resident.day_ahead", field="withdrawn_on")
    consent.withdrawn_on = withdrawn_on
    audit.record(scope, "consent.withdrawn", consent)
    return consent
