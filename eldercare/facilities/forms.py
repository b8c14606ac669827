"""One form for each act; a facility's form has the fields of its type and no other."""

from typing import Any

from flask import abort
from flask_babel import lazy_gettext as _l

from eldercare.core import calendar, coordinates, jinja
from eldercare.core.fields import half_width
from eldercare.core.forms import Day, Form, LongText, Measure, Phone, Pick, PickMany, PickOne, Scan, Text, Tick, Whole
from eldercare.core.scope import Scope
from eldercare.facilities import queries
from eldercare.facilities.models import (
    AUTHORITY_WORDS,
    FIRE_WORDS,
    KITCHEN_WORDS,
    LICENCE_WORDS,
    MEDICAL_WORDS,
    OWNERSHIP_WORDS,
    STATE_WORDS,
    TYPE_WORDS,
    Township,
)
from eldercare.facilities.services import FIELDS

LABELS: dict[str, Any] = {
    "code": _l("Register code"),
    "name": _l("Facility name"),
    "facility_type": _l("Type"),
    "state": _l("State"),
    "township_id": _l("Township"),
    "village_id": _l("Village or community"),
    "address": _l("Address"),
    "coord_system": _l("Coordinate system"),
    "lon": _l("Longitude"),
    "lat": _l("Latitude"),
    "phone": _l("Telephone"),
    "usc_code": _l("Unified social credit code"),
    "usc_override_reason": _l("Why the credit code was accepted"),
    "operator": _l("Operator"),
    "legal_person": _l("Legal representative"),
    "head": _l("Head"),
    "safety_officer": _l("Safety officer"),
    "fire_safety_responsible": _l("Responsible for fire safety"),
    "fire_safety_manager": _l("Fire safety manager"),
    "opened_on": _l("Open since"),
    "closed_on": _l("Closed since"),
    "filing_no": _l("Filing number"),
    "filing_on": _l("Filed on"),
    "ownership_mode": _l("Ownership"),
    "registration_authority": _l("Registered with"),
    "beds_filed": _l("Beds filed"),
    "beds_set": _l("Beds set up"),
    "beds_usable": _l("Beds usable"),
    "beds_nursing": _l("Nursing-type beds"),
    "fire_status": _l("Fire acceptance or filing"),
    "fire_acceptance_no": _l("Number of the fire paper"),
    "fire_key_unit": _l("Key unit for fire safety"),
    "medical_type": _l("Medical care"),
    "star_level": _l("Star rating"),
    "star_valid_to": _l("Star rating valid to"),
    "ltci_designated": _l("Designated for long-term care insurance"),
    "ltci_on": _l("Designated on"),
    "stationed": _l("Stationed supervision"),
    "credit_class": _l("Credit class"),
    "credit_class_on": _l("Credit class of"),
    "floors": _l("Storeys"),
    "building_area": _l("Building area (m²)"),
    "fire_rating": _l("Fire resistance rating"),
    "structure_appraisal": _l("Structural appraisal"),
    "has_elevator": _l("Lift"),
    "has_boiler": _l("Boiler"),
    "has_fire_control_room": _l("Fire control room"),
    "has_canteen": _l("Canteen"),
    "has_clinic": _l("Clinic"),
    "uses_gas": _l("Gas in use"),
    "area_m2": _l("Floor area (m²)"),
    "open_hours": _l("Opening hours"),
    "services": _l("Services"),
    "kitchen_mode": _l("Kitchen"),
    "seats": _l("Seats"),
    "meals_per_day": _l("Meals a day"),
    "caregivers": _l("Caregivers"),
    "contract_no": _l("Contract number"),
    "licence_type": _l("Licence"),
    "number": _l("Licence number"),
    "issuer": _l("Issued by"),
    "valid_from": _l("Valid from"),
    "valid_to": _l("Valid to"),
    "file_name": _l("Scan"),
    "is_current": _l("In force"),
}
_UNITS = {"building_area": _l("m²"), "area_m2": _l("m²")}
_PICKS: dict[str, Any] = {
    "ownership_mode": OWNERSHIP_WORDS, "registration_authority": AUTHORITY_WORDS, "fire_status": FIRE_WORDS,
    "kitchen_mode": KITCHEN_WORDS, "medical_type": MEDICAL_WORDS,
    "structure_appraisal": {letter: letter for letter in "ABCD"}, "fire_rating": {n: n for n in "1234"},
}
_WHOLES = {
    "beds_filed": 5000, "beds_set": 5000, "beds_usable": 5000, "beds_nursing": 5000, "floors": 60, "seats": 5000,
    "meals_per_day": 20000, "caregivers": 5000,
}
_DAYS = ("opened_on", "filing_on", "star_valid_to", "ltci_on")
_TICKS = (
    "fire_key_unit", "ltci_designated", "stationed", "has_elevator", "has_boiler", "has_fire_control_room", "has_canteen",
    "has_clinic", "uses_gas",
)
_HELP: dict[str, Any] = {
    "code": _l("Under this code the facility appears in reports and addresses."),
    "usc_code": _l("18 characters, as on the certificate. A station without a code of its own uses its committee's."),
    "coord_system": _l("The system the two numbers are in, as the map or device they come from says."),
    "fire_rating": _l("1 highest, 4 lowest (GB 50016)."),
    "beds_filed": _l("As in the filing receipt."),
    "beds_set": _l("Beds that stand there. Occupancy is published over this number."),
    "beds_usable": _l("Of those set up, how many can be slept in today."),
    "beds_nursing": _l("Of those set up, how many are fit for partly or fully disabled people."),
    "star_level": _l("1 lowest, 5 highest (GB/T 37276)."),
    "structure_appraisal": _l("C and D mean a dangerous building."),
}


def township_words(township: Township | None) -> str | None:
    """A township's name in the language of the reader."""
    if township is None:
        return None
    return township.name_en if jinja.lang() == "en" else township.name


def _field(key: str) -> Any:
    label, help_ = LABELS[key], _HELP.get(key, "")
    if key in _PICKS:
        return Pick(label, choices=_PICKS[key].items(), help=help_)
    if key in _WHOLES:
        return Whole(label, most=_WHOLES[key], help=help_)
    if key in _DAYS:
        return Day(label, help=help_)
    if key in _TICKS:
        return Tick(label, help=help_)
    if key in _UNITS:
        return Measure(label, unit=_UNITS[key], most=1_000_000, help=help_)
    made: dict[str, Any] = {
        "village_id": lambda: Pick(label, coerce=int, empty=_l("None")),
        "coord_system": lambda: Pick(label, choices=coordinates.SYSTEM_WORDS.items(), empty=_l("Not said: WGS-84"), help=help_),
        "lon": lambda: Measure(label, places=6, least=73, most=136),
        "lat": lambda: Measure(label, places=6, least=3, most=54),
        "phone": lambda: Phone(label),
        "usc_code": lambda: Text(label, longest=30, filters=(half_width,), width="medium", help=help_),
        "star_level": lambda: Pick(label, choices=[(n, str(n)) for n in range(1, 6)], coerce=int, help=help_),
        "services": lambda: LongText(label, rows=2, longest=500),
        "code": lambda: Text(label, required=True, longest=20, filters=(half_width,), width="short", help=help_),
        "name": lambda: Text(label, required=True, longest=100),
    }
    return made[key]() if key in made else Text(label, longest=100, width="" if key in {"address", "operator"} else "medium")


class FacilityForm(Form):
    """What all types share beside their fields."""

    override = LongText(
        _l("Reason for accepting the credit code"), rows=2, longest=300,
        help=_l("Only where the certificate itself carries a code whose check character is wrong."),
    )

    def values(self) -> dict[str, Any]:
        """The named values of the type's fields."""
        values = {key: getattr(self, key).data for key in self.fields}
        for key in ("lon", "lat"):
            values[key] = None if values[key] is None else float(values[key])
        return values

    fields: tuple[str, ...] = ()

    def answers(self) -> dict[str, Any]:
        """What the services take: values, the reason for an odd credit code, the townships served."""
        override = self.override.data if "override" in self else None
        return {"values": self.values(), "override": override, "served": self.served.data if "served" in self else None}


def _form_of(kind: str) -> type[FacilityForm]:
    fields = {key: _field(key) for key in FIELDS[kind]}
    if kind == "home_care_org":
        fields["served"] = PickMany(_l("Townships served"), coerce=int)
    return type(f"{kind}_form", (FacilityForm,), {**fields, "fields": FIELDS[kind]})


FORMS = {kind: _form_of(kind) for kind in TYPE_WORDS}


def facility_form(
    kind: str, villages: list[Any], townships: list[Any], *, override: bool, obj: Any = None, **data: Any
) -> FacilityForm:
    """The form of a type with what the reach offers; `override`: whether the person may accept a wrong credit code."""
    form = FORMS[kind](obj=obj, **data)
    if obj is not None and obj.lon is not None and not form.is_submitted():
        form.lon.data, form.lat.data = coordinates.as_given(obj.coord_system, obj.lon, obj.lat)
    form.village_id.offer([(each.id, each.name) for each in villages])
    if kind == "home_care_org":
        form.served.offer([(each.id, township_words(each)) for each in townships])
    if not override:
        del form.override
    elif obj is not None and not form.is_submitted():
        form.override.data = obj.usc_override_reason
    return form


def register_form(scope: Scope, kind: str, township_id: int, *, override: bool) -> tuple[Any, FacilityForm]:
    """(the township, an empty form with a free code); 404 for a township out of reach."""
    township = next((each for each in queries.townships(scope) if each.id == township_id), None) or abort(404)
    code = queries.next_code(scope, kind, township)
    townships = queries.townships(scope, whole=True) if kind == "home_care_org" else []
    return township, facility_form(kind, queries.villages(scope, township_id), townships, override=override, code=code)


def change_form(scope: Scope, facility_id: int, *, override: bool) -> tuple[Any, FacilityForm]:
    """(the facility, its form filled in); 404 out of reach."""
    facility = queries.facility(scope, facility_id)
    is_org = facility.facility_type == "home_care_org"
    served = {"served": [each.id for each in queries.townships_served(scope, facility_id)]} if is_org else {}
    townships = queries.townships(scope, whole=True) if is_org else []
    villages = queries.villages(scope, facility.township_id)
    form = facility_form(facility.facility_type, villages, townships, override=override, obj=facility, **served)
    return facility, form


class StartForm(Form):
    """What is to be registered, and where."""

    facility_type = PickOne(_l("Type"), choices=TYPE_WORDS.items(), required=True)
    township_id = Pick(LABELS["township_id"], coerce=int, required=True)
    state = PickOne(
        _l("Is it open already?"), required=True, default="operating",
        choices=[("operating", STATE_WORDS["operating"]), ("preparing", STATE_WORDS["preparing"])],
    )


class MoveForm(Form):
    """A facility opens, suspends, closes."""

    day = Day(_l("Takes effect on"), required=True, default=calendar.today)
    reason = LongText(
        _l("Reason"), required=True, longest=500, rows=3, help=_l("It stands in the history. No names of residents.")
    )


class LicenceForm(Form):
    """One licence with its scan."""

    licence_type = Pick(_l("Licence"), choices=LICENCE_WORDS.items(), required=True)
    number = Text(_l("Licence number"), required=True, longest=100, width="medium")
    issuer = Text(_l("Issued by"), longest=100)
    valid_from = Day(_l("Valid from"))
    valid_to = Day(_l("Valid to"))
    file = Scan(_l("Scan"))
    replaces = Pick(
        _l("Takes the place of"), coerce=int, empty=_l("None"),
        help=_l("The licence it follows is retired and stays in the record."),
    )

    def values(self) -> dict[str, Any]:
        """The named values of the licence."""
        return {key: getattr(self, key).data for key in ("licence_type", "number", "issuer", "valid_from", "valid_to")}


def licence_form(scope: Scope, facility_id: int, replaces: int | None) -> LicenceForm:
    """An empty licence form; when it follows one of the facility's licences, filled with what stays the same."""
    current = [each for each in queries.licences_of(scope, facility_id) if each.is_current]
    old = next((each for each in current if each.id == replaces), None)
    known: dict[str, Any] = {}
    if old:
        known = {"licence_type": old.licence_type, "number": old.number, "issuer": old.issuer, "replaces": old.id}
    form = LicenceForm(**known)
    form.replaces.offer([(each.id, f"{LICENCE_WORDS[each.licence_type]} {each.number}") for each in current])
    return form


class RetireForm(Form):
    """A licence counts no longer."""

    reason = LongText(_l("Reason"), required=True, longest=300, rows=2)
