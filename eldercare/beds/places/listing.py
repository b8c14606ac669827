"""Rooms and beds as places, put into words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.beds.places import queries
from eldercare.beds.places.models import BED_MOVES, SEX_POLICY_WORDS, Line
from eldercare.core import jinja
from eldercare.core.listing import Badge, Choice, Column, Flag, Listing, Search
from eldercare.facilities.forms import LABELS
from eldercare.facilities.models import BED_CONDITION_WORDS, BED_KIND_WORDS, Bed, Facility, Room

CONDITION_TONES = {"planned": "active", "available": "good", "maintenance": "watch", "retired": "quiet"}
# the verb for each step of a bed's condition
STEP_WORDS: dict[tuple[str, str], Any] = {
    ("planned", "available"): _l("Put into use"),
    ("available", "maintenance"): _l("Take out of use"),
    ("maintenance", "available"): _l("Put back into use"),
    **{(now, "retired"): _l("Retire the bed") for now in ("planned", "available", "maintenance")},
}
KIND_WORDS, POLICY_WORDS, CONDITION_WORDS = BED_KIND_WORDS, SEX_POLICY_WORDS, BED_CONDITION_WORDS


def condition_badge(row: Any) -> Badge | None:
    """A bed's condition with its tone; None for a room without a bed."""
    if row.condition is None:
        return None
    return Badge(BED_CONDITION_WORDS[row.condition], CONDITION_TONES[row.condition])  # type: ignore[arg-type]


def floor_words(building: str, floor: int) -> str:
    """Building 1, floor 2."""
    return " ".join(filter(None, (building, _("Floor %(floor)s", floor=floor))))


def _floors() -> list[tuple[str, str]]:
    return [(str(n), _("Floor %(floor)s", floor=n)) for n in range(-3, 61) if n]


BEDS = Listing(
    name="beds",
    title=_l("Rooms and beds"),
    ident=Bed.id,
    link="rooms/{room_id}",
    columns=(
        Column("room", _l("Room"), sort=(Room.building, Room.floor, Room.name),
               detail=lambda row: floor_words(row.building, row.floor)),
        Column("number", _l("Bed"), width="narrow"),
        Column("bed_kind", _l("Kind"), lambda row: BED_KIND_WORDS.get(row.bed_kind), sort=Bed.bed_kind),
        Column("sex_policy", _l("Who may live there"), lambda row: SEX_POLICY_WORDS[row.sex_policy], sort=Room.sex_policy),
        Column("price_fen", _l("Price a month"), kind="yuan", sort=Bed.price_fen),
        Column("condition", _l("State"), condition_badge, kind="badge", sort=Bed.condition),
    ),
    filters=(
        Search("q", _l("Room or building"), where=lambda q: (Room.building + " " + Room.name).icontains(q, autoescape=True)),
        Choice("floor", _l("Floor"), choices=_floors, where=lambda floor: Room.floor == int(floor)),
        Choice("kind", _l("Kind"), choices=tuple(BED_KIND_WORDS.items()), where=lambda kind: Bed.bed_kind == kind),
        Choice("sex", _l("Who may live there"), choices=tuple(SEX_POLICY_WORDS.items()),
               where=lambda sex: Room.sex_policy == sex),
        Choice("condition", _l("State"), choices=tuple(BED_CONDITION_WORDS.items()), where=lambda state: Bed.condition == state),
        Flag("unpriced", _l("Without a price"), where=lambda _on: Bed.price_fen.is_(None), quiet=True),
    ),
    order=(Room.building, Room.floor, Room.name, Bed.number),
    json=("id", "room_id", "building", "floor", "room", "number", "bed_kind", "sex_policy", "condition", "price_fen"),
    page_size=100,
    empty_title=_l("No room is set up yet"),
    empty_why=_l("Set rooms and beds up by pattern, from Excel, or one by one; then people can move in."),
)  # fmt: skip


def steps(bed: Bed) -> list[tuple[str, Any]]:
    """What a bed may become: [(condition, verb)]."""
    return [(to, STEP_WORDS[now, to]) for now, to in BED_MOVES if now == bed.condition]


def step_words(bed: Bed, to: str) -> Any:
    """The verb of a step; a plain word where the bed has gone on meanwhile (the service refuses it then)."""
    return STEP_WORDS.get((bed.condition, to), BED_CONDITION_WORDS[to])


def warnings(facility: Facility, counts: queries.Counts) -> list[str]:
    """Where the register's three numbers of beds (§1.3) and the rows disagree, in sentences."""
    out = [
        _("“%(what)s” in the register says %(theirs)s, the rooms here %(ours)s. Correct whichever is wrong.",
          what=LABELS[key], theirs=jinja.number(theirs), ours=jinja.number(ours))
        for key, theirs, ours in queries.differences(facility, counts)
    ]  # fmt: skip
    if facility.beds_filed is not None and counts.standing > facility.beds_filed:
        out.append(_("More beds are set up (%(ours)s) than were filed (%(theirs)s): the filing is to be changed.",
                     ours=jinja.number(counts.standing), theirs=jinja.number(facility.beds_filed)))  # fmt: skip
    return out


def key_facts(counts: queries.Counts) -> list[tuple[Any, Any]]:
    """The facts under the title."""
    return [
        (_("Number of rooms"), jinja.number(counts.rooms)), (_("Beds set up"), jinja.number(counts.standing)),
        (_("In use"), jinja.number(counts.usable)), (_("Out of use"), jinja.number(counts.out_of_use)),
        (_("Planned"), jinja.number(counts.planned)), (_("of them nursing beds"), jinja.number(counts.nursing)),
    ]  # fmt: skip


def by_room(lines: list[Line]) -> list[tuple[Line, list[str]]]:
    """A preview's beds room by room: [(first line, numbers)]."""
    rooms: dict[tuple[str, str], tuple[Line, list[str]]] = {}
    for line in lines:
        rooms.setdefault((line.building, line.room), (line, []))[1].append(line.number)
    return list(rooms.values())


def change_words(key: str, value: Any) -> Any:
    """A value of a bed that would change."""
    return BED_KIND_WORDS.get(value) if key == "bed_kind" else jinja.yuan(value)


LABEL_OF = {"bed_kind": _l("Kind"), "price_fen": _l("Price a month")}
FIELD_WORDS = LABEL_OF | {
    "building": _l("Building"), "floor": _l("Floor"), "room": _l("Room"), "number": _l("Bed"),
    "sex_policy": _l("Who may live there"), "condition": _l("State"),
}  # fmt: skip
