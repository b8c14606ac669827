"""Contacts, entitlements, consents and the history of a person."""

from typing import Any

from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.residents import queries as people
from eldercare.residents.dossier import forms, queries, services
from eldercare.residents.dossier.listing import history as in_words
from eldercare.residents.forms import ReasonForm, offer_what_stands
from eldercare.residents.listing import masked
from eldercare.residents.models import Consent, Contact, HouseholdSpell

room = Room("dossier", __name__, url_prefix="/residents/<int:resident_id>/dossier")


def _enter(scope: Scope, resident_id: int, form: Any, title: str, service: Any, *ids: int) -> Any:
    """An act of this page: form, service, and back to the record."""
    if form.validate_on_submit():
        with trying(form) as attempt:
            given = {field.name: field.data for field in form if field.name != "csrf_token"}
            service(scope, resident_id, *ids, **given)
        if attempt.ok:
            return done("residents.show", resident_id=resident_id)
    return page("residents/dossier/act.html", person=people.record(scope, resident_id), form=form, title=title)


@room.get("/history", allow=P.RESIDENT_READ)
def history(scope: Scope, resident_id: int) -> Any:
    """What happened to the record, in words."""
    people.record(scope, resident_id)
    entries, intakes = queries.log_of(scope, resident_id), queries.intake_changes(scope, resident_id)
    return page("residents/dossier/_history.html", entries=in_words(entries, intakes, people.place_names()))[0]


@room.route("/contacts/new", allow=P.RESIDENT_EDIT, methods=["GET", "POST"])
def new_contact(scope: Scope, resident_id: int) -> Any:
    """Add a contact or guardian."""
    return _enter(scope, resident_id, forms.ContactForm(), "contact.new", services.add_contact)


@room.route("/contacts/<int:contact_id>/edit", allow=P.RESIDENT_EDIT, methods=["GET", "POST"])
def edit_contact(scope: Scope, resident_id: int, contact_id: int) -> Any:
    """Change a contact."""
    row = queries.of_resident(scope, Contact, resident_id, contact_id)
    shown = {name: getattr(row, name) for name in ("kind", "relation", "may_contact", "legal_basis")}
    form = forms.CorrectContactForm(**shown)
    for field in (form.relation, form.legal_basis):
        offer_what_stands(field, field.name, shown[field.name])
    return _enter(scope, resident_id, form, "contact.edit", services.correct_contact, contact_id)


@room.post("/contacts/<int:contact_id>/remove", allow=P.RESIDENT_EDIT)
def remove_contact(scope: Scope, resident_id: int, contact_id: int) -> Any:
    """Take a contact away."""
    services.remove_contact(scope, resident_id, contact_id)
    return done("residents.show", resident_id=resident_id)


@room.post("/contacts/<int:contact_id>/unmask/<string:field>", allow=P.RESIDENT_UNMASK)
def unmask_contact(scope: Scope, resident_id: int, contact_id: int, field: str) -> Any:
    """A contact's name or telephone, with a reason, logged."""
    form, row = ReasonForm(), queries.of_resident(scope, Contact, resident_id, contact_id)
    if form.validate_on_submit():
        value = services.unmask_contact(scope, resident_id, contact_id, field, form.reason.data or "")
        return page("residents/_revealed.html", value=value, field=field, shown=masked(row, field))[0]
    return page("residents/dossier/_masked.html", row=row, field=field, error=next(iter(form.reason.errors), ""))


@room.route("/entitlements/new", allow=P.RESIDENT_EDIT, methods=["GET", "POST"])
def new_spell(scope: Scope, resident_id: int) -> Any:
    """Add an entitlement."""
    return _enter(scope, resident_id, forms.SpellForm(), "spell.new", services.add_spell)


@room.route("/entitlements/<int:spell_id>/end", allow=P.RESIDENT_EDIT, methods=["GET", "POST"])
def end_spell(scope: Scope, resident_id: int, spell_id: int) -> Any:
    """End an entitlement."""
    queries.of_resident(scope, HouseholdSpell, resident_id, spell_id)
    return _enter(scope, resident_id, forms.EndSpellForm(), "spell.end", services.end_spell, spell_id)


@room.route("/consents/new", allow=P.RESIDENT_EDIT, methods=["GET", "POST"])
def new_consent(scope: Scope, resident_id: int) -> Any:
    """Record a consent."""
    return _enter(scope, resident_id, forms.ConsentForm(), "consent.new", services.add_consent)


@room.route("/consents/<int:consent_id>/withdraw", allow=P.RESIDENT_EDIT, methods=["GET", "POST"])
def withdraw_consent(scope: Scope, resident_id: int, consent_id: int) -> Any:
    """Record that a consent was withdrawn."""
    queries.of_resident(scope, Consent, resident_id, consent_id)
    return _enter(scope, resident_id, forms.WithdrawForm(), "consent.end", services.withdraw_consent, consent_id)
