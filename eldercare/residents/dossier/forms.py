"""Input about contacts, entitlements and consents."""

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Day, Form, Phone, Pick, PickOne, Text, Tick
from eldercare.residents.models import WORDS


class ContactForm(Form):
    """Whom to call."""

    kind = PickOne(_l("Kind"), choices=WORDS["contact_kind"].items, required=True, default="emergency")
    name = Text(_l("Full name"), required=True, longest=50)
    relation = Pick(_l("Relation"), choices=WORDS["relation"].items, required=True)
    phone = Phone(_l("Telephone"), required=True)
    may_contact = Tick(_l("Agreed to be called"), default=True)
    legal_basis = Pick(_l("Legal basis"), choices=WORDS["legal_basis"].items, empty=_l("None"), help=_l("For a guardian alone."))


class CorrectContactForm(ContactForm):
    """A change; what is masked stays unless something new is written."""

    name = Text(_l("Full name"), longest=50)
    phone = Phone(_l("Telephone"))


class SpellForm(Form):
    """An entitlement over time."""

    household_type = Pick(_l("Household type"), choices=WORDS["household_type"].items, required=True)
    certificate_no = Text(_l("Certificate number"), longest=60)
    valid_from = Day(_l("Valid from"), required=True)
    valid_to = Day(_l("Valid to"), help=_l("Empty while it goes on."))


class EndSpellForm(Form):
    """The last day."""

    valid_to = Day(_l("Valid to"), required=True)


class ConsentForm(Form):
    """A consent given."""

    purpose = Text(_l("Purpose"), required=True, longest=200)
    version = Text(_l("Version of the text"), required=True, longest=30, width="short")
    signed_by = Text(_l("Signed by"), required=True, longest=50)
    signed_on = Day(_l("Signed on"), required=True)


class WithdrawForm(Form):
    """A consent withdrawn."""

    withdrawn_on = Day(_l("Withdrawn on"), required=True)
