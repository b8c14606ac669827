"""What can be found in a row, in words; and why a whole list is refused. No tables of its own:
an intake is a Run (kind `residents_intake`), what it changed is in `resident_changes`.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from eldercare.core import yamlfile
from eldercare.core.errors import catalogue
from eldercare.core.placenames import Tails

PREVIEW, COMMIT, FORGET = "residents_intake", "residents_intake_commit", "residents_intake_forget"  # kinds of Run

# what keeps a row out
FAULTS: dict[str, Any] = {
    "name.missing": _l("The name is missing."),
    "id_number.missing": _l("The ID number is missing."),
    "id_number.length": _l("The ID number has %(length)s characters instead of 18."),
    "id_number.signs": _l("The ID number holds signs other than 17 digits and a digit or X."),
    "id_number.birth_date": _l("The ID number holds no possible date of birth."),
    "id_number.check_digit": _l("The last character of the ID number does not fit the others: a digit is wrong."),
    "id_number.as_number": _l(
        "Excel kept the ID number as a number and lost its last digits. Make the column text and type it again."
    ),
    "id_number.twice": _l("The same ID number stands in row %(row)s already."),
    "sex.contradicts": _l("The sex contradicts the ID number."),
    "sex.missing": _l("The sex is missing, and this document does not tell it."),
    "birth_date.missing": _l("The date of birth is missing, and this document does not tell it."),
    "township.missing": _l("The township is missing."),
    "township.unknown": _l("There is no such township in the district."),
    "township.not_yours": _l("This township is outside your duties."),
    "resident.elsewhere": _l("This person is registered in another township. Ask the district office to move the record."),
    "registered_on.after_leaving": _l(
        "The day of registration lies after the day this person left the register. Correct one of the two."
    ),
    "state.not_here": _l("Deaths and removals are entered on the person's own page, with their date."),
}
# what is told and keeps nothing out
NOTICES: dict[str, Any] = {
    "birth_date.unread": _l("The date of birth could not be read; the one in the ID number was taken."),
    "birth_date.differs": _l(
        "The date of birth differs from the ID number; the one written was taken. Compare it with the identity card."
    ),
    "date.unread": _l("This date could not be read and was left out."),
    "phone.unread": _l("This is no telephone number and was left out."),
    "word.unknown": _l("This word is not in the list of choices and was left out."),
    "ability.old_word": _l("This is none of the five ability levels. It was kept as the care level; an assessment is due."),
    "score.out_of_range": _l("The score runs from 0 to 90; this one was left out."),
    "text.cut": _l("The text was too long and was cut."),
    "resident.in_home": _l("This person lives in a home: township, village and address were left as they are."),
    "resident.not_active": _l("This person is marked as moved out or deceased; the record stays so."),
    "ability.assessed": _l("A later assessment is on record; the level in the list was left out."),
    "township.default": _l("The township is missing; your own was taken."),
}


# what the intake calls fields that are no columns of a person
FIELDS: dict[str, Any] = {
    "contact_name": _l("Emergency contact"), "contact_relation": _l("Emergency contact, relation"),
    "contact_phone": _l("Emergency contact, telephone"), "guardian_name": _l("Guardian"),
    "guardian_relation": _l("Guardian, relation"), "guardian_phone": _l("Guardian, telephone"),
    "township": _l("Township"), "township_code": _l("Code of the township"), "village": _l("Village or community"),
    "hukou_township": _l("Township of household registration"),
}


class Finding(NamedTuple):
    """What was found in a cell: a code, the column (place in the row; -1 when there is none), details."""

    code: str
    column: int
    details: dict[str, Any]


class Row(NamedTuple):
    """One data row: its number in the sheet, its record (None when refused), findings, and what was written.

    The record holds only what the row gives: column of Resident → value, in plain text; and
    contact_name, contact_relation, contact_phone, guardian_… for the contacts.
    """

    number: int
    record: dict[str, Any] | None
    faults: list[Finding]
    notices: list[Finding]
    raw: Sequence[Any]


def words_of(finding: Finding | tuple[str, dict[str, Any]]) -> str:
    """A fault or notice in the reader's language."""
    code, details = finding[0], finding[-1]
    text = str(FAULTS.get(code) or NOTICES[code])
    return text % details if details else text


@cache
def words() -> dict[str, Any]:
    """`words.yaml`."""
    loaded: dict[str, Any] = yamlfile.read(Path(__file__).with_name("words.yaml"))
    return loaded


@cache
def word_table(name: str) -> dict[str, str]:
    """Word → our value, of one closed column."""
    return {word: value for value, listed in words()["values"][name].items() for word in listed}


@cache
def place_tails() -> Tails:
    """What names of places carry around their core."""
    return Tails(**words()["places"])


catalogue(
    {
        "intake.no_heading": (
            422,
            _l("No row of headings with a name and an ID number was found. Name the columns, or use the official form."),
        ),
        "intake.too_many_rows": (
            422, _l("The list has more than %(most)s people. Split it and send the parts one after the other."),
        ),
        "intake.busy": (409, _l("Another list is being taken in at this moment. Wait a minute and confirm again.")),
        "intake.changed": (
            409,
            _l("The register has changed since the preview. Nothing was taken in. Make a new preview and confirm that."),
        ),
        "intake.not_ready": (409, _l("This list has no preview that could be confirmed. Send it again.")),
        "intake.confirmed": (409, _l("This list was confirmed already.")),
        "intake.none_refused": (404, _l("No row of this list was refused.")),
        "intake.file_gone": (409, _l("The list is no longer kept. Send it again.")),
        "intake.no_rows": (422, _l("There is nobody in the list: below the headings stands no row with a person.")),
    }
)
