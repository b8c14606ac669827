"""Input about a resident's health."""

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from eldercare.core import calendar
from eldercare.core.forms import Day, Form, LongText, Phone, Pick, PickMany, PickOne, Text, Tick
from eldercare.residents.health import models
from eldercare.residents.health.services import PROFILE
from eldercare.residents.models import WORDS

REASONS = {
    "ambulance": _l("An ambulance has been called"),
    "hospital": _l("The person goes to hospital"),
    "doctor": _l("A doctor comes to the home"),
}


class ProfileForm(Form):
    """What carers see at once: codes and names, no free text."""

    texture = PickOne(_l("Texture of the food"), choices=models.TEXTURES.items, required=True, default="ordinary")
    diets = PickMany(_l("Diet"), choices=models.DIETS.items)
    mobility = PickOne(_l("Mobility"), choices=models.MOBILITY.items, required=True)
    aids = PickMany(_l("Aids"), choices=models.AIDS.items)
    devices = PickMany(_l("Oxygen and tubes"), choices=models.DEVICES.items)
    precautions = PickOne(
        _l("Precautions against infection"),
        choices=models.PRECAUTIONS.items,
        required=True,
        default="none",
        help=_l("What carers have to do; the disease itself is kept among the hidden notes."),
    )
    blood_type = Pick(_l("Blood type"), choices=models.BLOOD_TYPES.items, empty=_l("Not known"))
    rh_negative = Tick(_l("Rh negative"))
    hospital = Text(_l("Hospital"), longest=60)
    doctor = Text(_l("Doctor"), longest=40)
    doctor_phone = Phone(_l("Telephone of the doctor"))
    version = HiddenField()

    def values(self) -> dict[str, Any]:
        """The named values of the profile."""
        return {key: self[key].data for key in PROFILE}


class LookForm(Form):
    """An explicit look at what is hidden."""

    reason = Text(
        _l("Why do you need to see it?"), required=True, longest=200, help=_l("Your name, the time and the reason are recorded.")
    )


class NotesForm(Form):
    """What is hidden."""

    medications = LongText(models.PRIVATE["medications"], longest=3000, rows=6)
    infections = LongText(models.PRIVATE["infections"], longest=1000, rows=3)
    notes = LongText(models.PRIVATE["notes"], longest=3000, rows=5)

    def values(self) -> dict[str, str | None]:
        """The named values."""
        return {key: self[key].data for key in models.PRIVATE}


class AllergyForm(Form):
    """What must never be given."""

    kind = PickOne(_l("Kind"), choices=models.ALLERGY_KINDS.items, required=True, default="drug")
    substance = Text(
        _l("What the person is allergic to"), required=True, longest=60, help=_l("Such as penicillin, seafood, sticking plaster.")
    )
    severity = PickOne(_l("Severity"), choices=models.SEVERITIES.items, required=True)
    reaction = Text(_l("Reaction"), longest=200, help=_l("Such as rash, swelling, shock."))


class ReasonForm(Form):
    """Something is taken back, with the reason."""

    reason = LongText(_l("Reason"), required=True, longest=300, rows=2)


class RiskForm(Form):
    """The nine risks: a level each, and what is done against it."""

    occasion = PickOne(_l("Occasion"), choices=models.OCCASIONS.items, required=True, default="regular")
    signs = PickMany(_l("Observed"), choices=models.SIGNS.items)
    assessed_on = Day(_l("Assessed on"), required=True, default=calendar.today)
    assessor = Text(_l("Assessor"), required=True, longest=40)
    note = LongText(_l("Note"), longest=1000, rows=3, help=_l("Hidden like all free text on health."))

    def values(self) -> dict[str, Any]:
        """What `services.assess_risks` takes."""
        named = {key: self[key].data for key in ("occasion", "assessed_on", "assessor", "signs", "note")}
        levels = {code: self[f"level_{code}"].data for code in models.RISKS}
        return named | {"levels": levels, "measures": {code: self[f"against_{code}"].data for code in models.RISKS}}


for _code, _words in models.RISKS.items():
    setattr(RiskForm, f"level_{_code}", PickOne(_words, choices=models.LEVELS.items, required=True))
    setattr(RiskForm, f"against_{_code}", PickMany(_l("Measures"), choices=models.MEASURES[_code].items))


def care_levels() -> list[tuple[str, Any]]:
    """The tiers of care a home uses, lightest first (a setting)."""
    return [(code, WORDS["care_level"].get(code, code)) for code in current_app.config["CARE_LEVELS"].split(",")]


class CareLevelForm(Form):
    """Another tier of care."""

    care_level = PickOne(_l("Care level"), choices=care_levels, required=True)
    starts_on = Day(_l("From"), required=True, default=calendar.today)
    reason = Text(_l("Reason"), longest=200, help=_l("Such as the assessment it follows, or the supplement to the contract."))


class CardForm(Form):
    """Why the card is shown."""

    reason = PickOne(_l("What for?"), choices=REASONS.items, required=True, default="ambulance")
