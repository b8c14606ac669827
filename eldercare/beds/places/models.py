"""What a bed's condition may become, what can be wrong with rooms that are to be made, and why one is refused.

domain.md §3.1: planned → available ↔ maintenance; any → retired. Reserved and occupied are a stay's doing.
"""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from eldercare.core import words, yamlfile
from eldercare.core.errors import catalogue
from eldercare.facilities.models import BED_CONDITION_WORDS, BED_KIND_WORDS

BED_MOVES: dict[tuple[str, str], str] = {
    ("planned", "available"): "bed.opened",
    ("available", "maintenance"): "bed.taken_out",
    ("maintenance", "available"): "bed.returned",
    ("planned", "retired"): "bed.retired",
    ("available", "retired"): "bed.retired",
    ("maintenance", "retired"): "bed.retired",
}
SEX_POLICY_WORDS: dict[str, Any] = {"any": _l("women or men"), "female": _l("women"), "male": _l("men")}
MOST_LINES = 2000  # beds set up at once; no home has that many

# what keeps a line of a plan, or a cell of a workbook, out
FAULTS: dict[str, Any] = {
    "room.missing": _l("The room is missing."),
    "bed.missing": _l("The bed’s number is missing."),
    "floor.missing": _l("The floor is missing; a new room needs one."),
    "floor.unread": _l("This is no floor. Write a whole number from -3 to 60."),
    "kind.unknown": _l("This kind of bed is not known. Write nursing, general, dementia or short stay."),
    "sex.unknown": _l("Write women, men or any."),
    "price.unread": _l("This is no price. Write yuan a month as a number."),
    "condition.unknown": _l("Write in use, out of use or planned."),
    "text.long": _l("This is too long. Rooms and beds have at most 20 characters, buildings 30."),
    "bed.twice": _l("The same bed stands in row %(row)s already."),
    "room.exists": _l("The room is on file already. Leave it out, or change it on its own page."),
    "room.differs": _l("The room is on file with another floor or for others (%(now)s). Change it on its own page first."),
    "room.contradicts": _l("Row %(row)s says something else about this room’s floor or who it is for."),
    "bed.condition_differs": _l("The bed is on file as “%(now)s”. Change that on the page of its room."),
}


class Line(NamedTuple):
    """One bed that is to be: None where nothing is said. `row` is its row in the sheet, or its number in a pattern."""

    row: int
    building: str
    floor: int | None
    room: str
    number: str
    sex_policy: str | None = None
    bed_kind: str | None = None
    price_fen: int | None = None
    condition: str | None = None


class Fault(NamedTuple):
    """What is wrong: a code of FAULTS, the cell (or the room) it is about, details."""

    code: str
    where: str
    details: dict[str, Any]

    @property
    def words(self) -> str:
        """In the reader's language."""
        text = str(FAULTS[self.code])
        return text % self.details if self.details else text


@cache
def known_words() -> dict[str, Any]:
    """`words.yaml`: headings and values of the workbook."""
    found: dict[str, Any] = yamlfile.read(Path(__file__).with_name("words.yaml"))
    return found


words.name(
    "room", _l("room"),
    actions={
        "room.added": _l("Room added"), "room.changed": _l("Room corrected"), "room.removed": _l("Room removed"),
        "rooms.made": _l("Rooms and beds set up"),
    },
    columns={
        "building": _l("Building"), "floor": _l("Floor"), "name": _l("Room"), "sex_policy": _l("Who may live there"),
        "rooms": _l("Rooms"), "beds": _l("Beds"), "source": _l("How"), "sha256": "SHA-256",
    },
    values={"sex_policy": SEX_POLICY_WORDS, "source": {"pattern": _l("By pattern"), "workbook": _l("From Excel")}},
)
words.name(
    "bed", _l("bed"),
    actions={
        "bed.added": _l("Bed added"), "bed.changed": _l("Bed corrected"), "bed.removed": _l("Bed removed"),
        "bed.opened": _l("Bed put into use"), "bed.taken_out": _l("Bed taken out of use"),
        "bed.returned": _l("Bed put back into use"), "bed.retired": _l("Bed retired"),
    },
    columns={
        "room_id": _l("Room"), "number": _l("Bed"), "bed_kind": _l("Kind"), "condition": _l("State"),
        "price_fen": _l("Price a month"), "reason": _l("Reason"),
    },
    values={"bed_kind": BED_KIND_WORDS, "condition": BED_CONDITION_WORDS},
)
catalogue(
    {
        "bed.occupied": (
            409,
            _l("Somebody sleeps in this bed, or will. Transfer that person or end the stay first, then try again."),
        ),
        "bed.price_negative": (422, _l("A price cannot be below zero.")),
        "bed.no_move": (409, _l("This is not possible with the bed as it is now (%(now)s). Open its room again to see what is.")),
        "room.not_empty": (
            409, _l("Somebody has slept in this room, so it stays on record. Retire its beds instead."),
        ),
        "room.sleepers": (
            409, _l("People sleep in this room for whom it would no longer be. Transfer them first: beds %(beds)s."),
        ),
        "places.no_beds": (409, _l("Only institutions and township centres have beds. Open the page of one of them.")),
        "places.draft_old": (409, _l("This preview is too old, or of another home. Make it again; nothing was written.")),
        "places.changed": (
            409, _l("Rooms were changed since the preview. Make it again; nothing was written."),
        ),
        "places.no_heading": (
            422, _l("No row of headings with a room and a bed was found. Name the columns, or use the form offered here."),
        ),
        "places.no_rows": (422, _l("There is no bed in the list: below the headings stands no row with a room and a bed.")),
        "places.too_many": (422, _l("These are more than %(most)s beds at once. Do it in parts.")),
    },
    {"beds_price_fen_check": "bed.price_negative"},
)
