"""A list of beds as homes keep it, and a pattern of rooms: what beds they mean and what is wrong. Writes nothing.

Columns are recognised by their headings (`words.yaml`). Merged or blank building, floor and room cells mean
the ones above: homes write a room once over its beds.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from eldercare.beds.places.models import MOST_LINES, Fault, Line, known_words
from eldercare.core import sheets
from eldercare.core.cells import clean_text, squeeze
from eldercare.core.errors import Refused
from eldercare.core.headings import LOOKED_AT, SAMPLED, Field, Headings, Recogniser

NEEDED = ("room", "number")
LONGEST = {"building": 30, "room": 20, "number": 20}
FLOORS = range(-3, 61)
_ENDS = {"building": {"floor": "", "room": ""}, "floor": {"room": ""}}
_FLOOR = re.compile(r"-?\d{1,3}")
_ROOM = re.compile(r"^(\D{0,10}?)(\d{1,5})$")


@dataclass
class Read:
    """What a workbook said: its beds, what is wrong with cells, its columns, its digest."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    columns: list[tuple[str, str, str | None]] = field(default_factory=list)  # (letters, heading, field)
    sha256: str = ""


@cache
def recogniser() -> Recogniser:
    """What knows the columns of a list of beds."""
    fields = [
        Field(
            name, frozenset(entry["exact"]), tuple(tuple(group.split()) for group in entry.get("words", ())),
            tuple(entry.get("never", ())),
        )
        for name, entry in known_words()["fields"].items()
    ]
    return Recogniser(fields, NEEDED)


@cache
def _table(name: str) -> dict[str, str]:
    return {squeeze(word).lower(): value for value, said in known_words()["values"][name].items() for word in said}


def read(data: bytes) -> Read:
    """The beds of a workbook's first sheet that has headings; places.no_heading, places.no_rows, places.too_many."""
    with sheets.read(data) as book:
        for sheet in book:
            rows = list(_first(sheet))
            found = recogniser().recognise(rows[: LOOKED_AT + SAMPLED + 2])
            if found is not None:
                return _lines(sheet, rows, found, hashlib.sha256(data).hexdigest())
    raise Refused("places.no_heading", field="file")


def _first(sheet: sheets.Sheet) -> Any:
    for count, row in enumerate(sheet):
        if count > MOST_LINES + LOOKED_AT + SAMPLED:
            raise Refused("places.too_many", field="file", most=MOST_LINES)
        yield row


def _lines(sheet: sheets.Sheet, rows: list[list[Any]], headings: Headings, digest: str) -> Read:
    out = Read(sha256=digest, columns=[
        (sheets.column_letters(match.index + sheet.left), match.heading, match.field) for match in headings.matches
    ])
    at, above = headings.index_of(), {"building": "", "floor": "", "room": ""}
    seen: dict[tuple[str, str, str], int] = {}
    for index, cells in enumerate(rows[headings.first_data :], headings.first_data + 1):
        said = {name: clean_text(cells[column]) or "" for name, column in at.items() if column < len(cells)}
        opening = next(filter(None, (clean_text(cell) for cell in cells)), "")
        if not any(said.values()) or opening.startswith(tuple(known_words()["not_rows"])):
            continue
        said["number"] = _bare(said["number"], "bed") if said.get("number") else ""
        for name, over in list(above.items()):
            said[name] = said.get(name) or above[name]
            if said[name] != over:  # another building or floor ends what stood above
                above |= _ENDS.get(name, {}) | {name: said[name]}
        where = {name: sheet.cell(index, column) for name, column in at.items()}
        line, faults = _line(index, said, where)
        if not faults:
            first = seen.setdefault((line.building, line.room, line.number), index)
            if first != index:
                faults = [Fault("bed.twice", where["number"], {"row": first})]
        out.faults += faults
        if not faults:
            out.lines.append(line)
    if not out.lines and not out.faults:
        raise Refused("places.no_rows", field="file")
    if len(out.lines) > MOST_LINES:
        raise Refused("places.too_many", field="file", most=MOST_LINES)
    return out


def _line(row: int, said: dict[str, str], where: dict[str, str]) -> tuple[Line, list[Fault]]:
    faults = [
        Fault(code, where[name], {}) for name, code in (("room", "room.missing"), ("number", "bed.missing")) if not said.get(name)
    ]
    faults += [Fault("text.long", where[name], {}) for name, most in LONGEST.items() if len(said.get(name, "")) > most]
    values: dict[str, Any] = {}
    readers = {
        "floor": _floor, "price_fen": _price, "bed_kind": lambda text: _table("bed_kind").get(squeeze(text).lower()),
        "sex_policy": lambda text: _table("sex_policy").get(squeeze(text).lower()),
        "condition": lambda text: _table("condition").get(squeeze(text).lower()),
    }
    codes = {"floor": "floor.unread", "price_fen": "price.unread", "bed_kind": "kind.unknown", "sex_policy": "sex.unknown"}
    for name, reader in readers.items():
        if said.get(name):
            values[name] = reader(said[name])
            if values[name] is None:
                faults.append(Fault(codes.get(name, "condition.unknown"), where.get(name, ""), {}))
    values.setdefault("floor", None)
    return Line(row, said.get("building", ""), room=said.get("room", ""), number=said.get("number", ""), **values), faults


def _bare(text: str, signs: str) -> str:
    """A number without the words around it that people write, from `words.yaml`."""
    text = squeeze(text) if signs == "bed" else squeeze(text).lower().replace(",", "")
    for sign in known_words()["around"][signs]:
        text = text.removesuffix(sign)
    return text


def _floor(text: str) -> int | None:
    bare = _bare(text, "floor")
    below = next((sign for sign in known_words()["around"]["below"] if bare.startswith(sign)), None)
    if below:
        bare = "-" + bare.removeprefix(below)
    floor = int(bare) if _FLOOR.fullmatch(bare) else 0
    return floor if floor in FLOORS and floor else None


def _price(text: str) -> int | None:
    try:
        amount = Decimal(_bare(text, "price").removeprefix("\u00a5")) * 100
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and amount == amount.to_integral() and 0 <= amount <= 10**8 else None


# ---- by pattern -----------------------------------------------------------------------------------


def room_names(first: str, last: str, without: Sequence[str] = ()) -> list[str] | None:
    """201 to 220, or A01 to A12, without some; None when the two do not belong together."""
    begin, end = _ROOM.match(first), _ROOM.match(last)
    if begin is None or end is None or begin[1] != end[1] or int(end[2]) < int(begin[2]):
        return None
    width = len(begin[2]) if begin[2].startswith("0") else 1
    names = [f"{begin[1]}{number:0{width}d}" for number in range(int(begin[2]), min(int(end[2]), int(begin[2]) + MOST_LINES) + 1)]
    return [name for name in names if name not in without]


def pattern(names: Sequence[str], beds: int, **same: Any) -> list[Line]:
    """Rooms of so many beds each, numbered from 1; `same` is what all share (fields of Line)."""
    if len(names) * beds > MOST_LINES:
        raise Refused("places.too_many", field="last", most=MOST_LINES)
    return [
        Line(row=nth * beds + number, room=name, number=str(number), **same)
        for nth, name in enumerate(names) for number in range(1, beds + 1)
    ]  # fmt: skip
