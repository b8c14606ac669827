"""Input about a person: its shape alone. What is masked on the record is masked here too.

In `CorrectForm` a masked value left empty stays as it is; `remove` takes one away.
"""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from eldercare.core.forms import Day, Form, IdNumber, LongText, Phone, Pick, PickMany, PickOne, Text, Tick
from eldercare.core.identifiers import birth_of, id_number_fault, normalise_id, sex_of
from eldercare.residents import queries
from eldercare.residents.models import WORDS

FIRST_DAY = date(1890, 1, 2)


def _coded(kind: str) -> Any:
    return WORDS[kind].items


def offer_what_stands(field: Pick, kind: str, value: str | None) -> None:
    """A word that came with a list and is none of ours may stay."""
    other = [(value, value)] if value and value not in WORDS[kind] else []
    field.offer([*WORDS[kind].items(), *other])


# What is not masked: a change begins with what is there.
SHOWN = (
    "sex", "birth_date", "village_id", "household_type", "living_arrangement", "left_behind", "hukou_township_id",
    "hukou_type", "ethnicity", "bank_name", "dementia",
)


class _Person(Form):
    """What is asked of everyone."""

    sex = PickOne(_l("Sex"), choices=_coded("sex"), required=True)
    birth_date = Day(_l("Date of birth"), required=True, earliest=FIRST_DAY)
    birth_date_by_hand = Tick(
        _l("The identity card states another date of birth"),
        help=_l("Tick only where the card itself is wrong; the date entered here then counts."),
    )
    village_id = Pick(_l("Village or community"), coerce=int)
    household_type = Pick(_l("Household type"), choices=_coded("household_type"), required=True)
    living_arrangement = Pick(_l("Living arrangement"), choices=_coded("living_arrangement"), required=True)
    left_behind = Tick(_l("Left behind"), help=_l("The children are away for a long time."))
    hukou_township_id = Pick(_l("Township of household registration"), coerce=int)
    hukou_type = Pick(_l("Kind of household registration"), choices=_coded("hukou_type"))
    ethnicity = Pick(_l("Ethnic group"), choices=_coded("ethnicity"))
    bank_name = Text(_l("Bank"), longest=60)
    dementia = Tick(_l("Diagnosed dementia"))

    def values(self) -> dict[str, Any]:
        """By column, as the service takes them."""
        source = "entered" if self.birth_date_by_hand.data else "id_number"
        return {name: self[name].data for name in SHOWN} | {"birth_date_source": source}

    def offer_villages(self, township_id: int | None) -> None:
        """The villages of the township chosen."""
        self.village_id.offer([(row.id, row.name) for row in queries.villages(township_id)] if township_id else [])

    def offer_hukou(self, pairs: list[tuple[int, str]]) -> None:
        """Every township of the district: registration and residence often differ."""
        self.hukou_township_id.offer(pairs)


class RegisterForm(_Person):
    """A new person."""

    name = Text(_l("Full name"), required=True, longest=50)
    id_type = Pick(_l("Kind of document"), choices=_coded("id_type"), required=True, default="id_card")
    id_number = IdNumber(_l("ID number"), help=_l("Sex and date of birth follow from it."))
    document_number = Text(_l("Number of another document"), longest=30, help=_l("Only for permits and passports."))
    phone = Phone(_l("Telephone"))
    township_id = Pick(_l("Township"), coerce=int, required=True)
    address = Text(_l("Address"), longest=200)
    hukou_address = Text(_l("Address of household registration"), longest=200)
    social_card_no = Text(_l("Social security card"), longest=30)
    bank_account = Text(_l("Bank account"), longest=30)
    chronic_diseases = PickMany(_l("Chronic diseases"), choices=_coded("chronic_diseases"))
    disability_cert = Text(_l("Disability certificate"), longest=60)
    notes = LongText(_l("Notes"), rows=3)
    confirmed = Tick(_l("I compared them: this is someone else"))

    def values(self) -> dict[str, Any]:
        """By column, as the service takes them."""
        names = (
            "name", "id_type", "phone", "township_id", "address", "hukou_address", "social_card_no", "bank_account",
            "disability_cert", "notes",
        )
        is_card = self.id_type.data == "id_card"
        number = self.id_number.data if is_card else normalise_id(self.document_number.data or "") or None
        entered = {} if is_card else {"birth_date_source": "entered"}
        lists = {"chronic_diseases": self.chronic_diseases.data or []}
        return super().values() | {name: self[name].data for name in names} | {"id_number": number} | entered | lists

    def follow_number(self) -> bool:
        """Fill sex and date of birth from a sound number; whether anything was filled."""
        number = normalise_id(self.id_number.data or "")
        if self.id_type.data != "id_card" or id_number_fault(number):
            return False
        self.sex.data, self.birth_date.data = sex_of(number), birth_of(number)
        self.birth_date.raw_data = None
        return True


# What is masked on the record: column of the register → field of the form.
HIDDEN = (
    "name", "id_number", "phone", "address", "hukou_address", "social_card_no", "bank_account", "disability_cert", "notes",
)
REMOVABLE = HIDDEN[2:]


class CorrectForm(_Person):
    """A change of what is known; masked values stay unless something new is written."""

    version = HiddenField()
    name = Text(_l("Full name"), longest=50)
    id_number = IdNumber(_l("ID number"))
    registered_on = Day(_l("Registered on"), earliest=FIRST_DAY, help=_l("Since when on the register."))
    phone = Phone(_l("Telephone"))
    address = Text(_l("Address"), longest=200)
    hukou_address = Text(_l("Address of household registration"), longest=200)
    social_card_no = Text(_l("Social security card"), longest=30)
    bank_account = Text(_l("Bank account"), longest=30)
    disability_cert = Text(_l("Disability certificate"), longest=60)
    notes = LongText(_l("Notes"), rows=3)
    replace_diseases = Tick(_l("Replace the list of chronic diseases by the one ticked here"))
    chronic_diseases = PickMany(_l("Chronic diseases"), choices=_coded("chronic_diseases"))
    remove = PickMany(_l("Take away what is recorded"))

    def values(self) -> dict[str, Any]:
        """The columns to set."""
        values = super().values() | {name: self[name].data for name in (*HIDDEN, "registered_on") if self[name].data}
        values |= dict.fromkeys(set(self.remove.data or ()) & set(REMOVABLE))
        if self.replace_diseases.data:
            values["chronic_diseases"] = self.chronic_diseases.data or []
        return values


class MoveOutForm(Form):
    """Moved away."""

    moved_out_on = Day(_l("Moved out on"), required=True)
    moved_to = Text(_l("Moved to"), required=True, longest=100, help=_l("City and district, as far as known."))


class DeathForm(Form):
    """Died."""

    died_on = Day(_l("Died on"), required=True)
    death_source = PickOne(_l("How it became known"), choices=_coded("death_source"), required=True)


class TakeBackForm(Form):
    """Back on the register."""

    note = LongText(_l("Why"), required=True, longest=500, rows=3)


class DuplicateForm(Form):
    """The same person twice."""

    keeps = Text(
        _l("The record to keep"), required=True, longest=24, width="medium",
        help=_l("Its ID number, or the number of the record as its page shows it."),
    )
    note = LongText(_l("Note"), longest=500, rows=3)


class RelocateForm(Form):
    """Another township."""

    township_id = Pick(_l("Township"), coerce=int, required=True)
    village_id = Pick(_l("Village or community"), coerce=int)
    address = Text(_l("Address"), longest=200)


class ReasonForm(Form):
    """Why a masked value must be seen."""

    reason = Text(_l("Reason"), required=True, longest=200)
