"""The bed board put into words: tiles, counts, filters; one bed's sheet; the wire."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from flask import current_app, get_template_attribute
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from eldercare.beds.forms import place_words
from eldercare.beds.places.models import SEX_POLICY_WORDS
from eldercare.beds.queries import BoardBed
from eldercare.core import calendar, jinja
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.drawing import kept as drawn_before
from eldercare.core.filters import values_of
from eldercare.core.listing import Badge
from eldercare.core.secrets import mask_name
from eldercare.core.web import reach_over
from eldercare.facilities.models import BED_KIND_WORDS
from eldercare.residents.health.listing import watch_level
from eldercare.residents.health.models import WATCH as HEALTH_WATCH
from eldercare.residents.models import WORDS as RESIDENT_WORDS

KIND_WORDS, POLICY_WORDS, SEX_WORDS = BED_KIND_WORDS, SEX_POLICY_WORDS, RESIDENT_WORDS["sex"]
SHORT_KINDS = {"nursing": _l("Nursing"), "general": _l("General"), "dementia": _l("Dementia"), "short_stay": _l("Short")}
ROOM_FOR = {"male": _l("men"), "female": _l("women")}
# a stay's states, as a person's record tells them
STATES = {
    "applied": _l("Applied"), "assessed": _l("Assessed"), "rejected": _l("Not accepted"), "contracted": _l("Contract signed"),
    "withdrawn": _l("Withdrawn"), "trial": _l("Trial stay"), "in_residence": _l("Lives there"), "on_leave": _l("On leave"),
    "hospitalised": _l("In hospital"), "discharged": _l("Left"), "deceased": _l("Deceased"),
}
# a bed's states on the board: word, tone of its badge; the order of the counts
TILE_WORDS: dict[str, tuple[Any, str]] = {
    "free": (_l("free"), "good"), "taken": (_l("taken"), "active"), "trial": (_l("trial stay"), "active"),
    "on_leave": (_l("on leave"), "watch"), "hospitalised": (_l("in hospital"), "bad"), "reserved": (_l("reserved"), "active"),
    "maintenance": (_l("out of use"), "quiet"), "planned": (_l("planned"), "quiet"), "retired": (_l("retired"), "quiet"),
}
SLEPT_IN = ("taken", "trial", "on_leave", "hospitalised")
# watch-lists (§3.4): words and icon; those of health come only to whoever may read health
WATCH: dict[str, tuple[Any, str]] = {
    **HEALTH_WATCH, "new": (_l("Newly admitted (7 days)"), "plus"), "back": (_l("Back from hospital (7 days)"), "refresh"),
}
MOST_MARKS = 2  # a tile has room for; one and a count for more, the sheet names them all
FILTERS = ("state", "floor", "watch", "kind", "for", "price")


class Pen:
    """Draws tiles and rooms; what was drawn today with the same values is used again (`core.drawing.kept`)."""

    def __init__(self, facility_id: int, day: date) -> None:
        self.day, self._known = day, drawn_before("board", str(facility_id))

    def tile(self, bed: BoardBed, marks: tuple[str, ...]) -> Markup:
        """A bed as a button."""
        key = (bed, marks, bed.back_due_on and self.day)
        html = self._known.get(key)
        if html is None:
            draw = get_template_attribute("beds/_tile.html", "tile")
            html = self._known[key] = draw(**_drawn(bed, bed.state, marks, self.day))
        return Markup(html)  # noqa: S704 — drawn by the template

    def room(self, room: "RoomTiles") -> Markup:
        """A room with its beds."""
        key = tuple((tile.bed, tile.marks, tile.is_hidden, tile.bed.back_due_on and self.day) for tile in room.tiles)
        html = self._known.get(key)
        if html is None:
            draw = get_template_attribute("beds/_tile.html", "room")
            html = self._known[key] = draw(room, ROOM_FOR.get(room.sex_policy))
        return Markup(html)  # noqa: S704 — drawn by the template


class Tile(NamedTuple):
    """A bed on the board: its values, the codes of its marks, whether a filter hides it."""

    bed: BoardBed
    marks: tuple[str, ...]
    is_hidden: bool
    pen: Pen

    @property
    def html(self) -> Markup:
        """The drawn button."""
        return self.pen.tile(self.bed, self.marks)

    @property
    def oob(self) -> Markup:
        """Drawn so that htmx puts it in the place of the tile it has the id of."""
        return Markup(str(self.html).replace("<button ", '<button hx-swap-oob="true" ', 1))  # noqa: S704 — drawn by the template


@dataclass
class RoomTiles:
    """A room with its tiles."""

    name: str
    sex_policy: str
    pen: Pen
    tiles: list[Tile] = field(default_factory=list)

    @property
    def is_hidden(self) -> bool:
        """Whether the filters leave none of its beds."""
        return all(tile.is_hidden for tile in self.tiles)


@dataclass
class FloorTiles:
    """A floor of a building with its rooms."""

    key: str
    words: str
    rooms: list[RoomTiles]

    @property
    def tiles(self) -> list[Tile]:
        """All its tiles."""
        return [tile for room in self.rooms for tile in room.tiles]

    @property
    def is_hidden(self) -> bool:
        """Whether the filters leave none of its beds."""
        return all(room.is_hidden for room in self.rooms)

    @property
    def html(self) -> Markup:
        """Its rooms, drawn."""
        return Markup("").join(room.pen.room(room) for room in self.rooms)


@dataclass
class Board:
    """A home's board on a day."""

    day: date
    is_today: bool
    floors: list[FloorTiles]
    states: dict[str, int]
    watched: dict[str, int]
    asked: dict[str, str]

    @property
    def tiles(self) -> list[Tile]:
        """Every tile, as the house stands."""
        return [tile for floor in self.floors for tile in floor.tiles]

    @property
    def is_empty(self) -> bool:
        """Whether the filters leave no bed."""
        return bool(self.asked) and all(floor.is_hidden for floor in self.floors)

    @property
    def standing(self) -> int:
        """Beds set up: planned and retired ones do not count."""
        return sum(count for state, count in self.states.items() if state not in {"planned", "retired"})

    @property
    def usable(self) -> int:
        """Beds in use."""
        return self.standing - self.states["maintenance"]

    @property
    def taken(self) -> int:
        """Beds somebody sleeps in or that are held for somebody away: 在住人数 of the beds."""
        return sum(self.states[state] for state in SLEPT_IN)

    @property
    def asked_words(self) -> str:
        """The filters in force, for paper."""
        return ", ".join(_asked_words(name, value) for name, value in self.asked.items())


def board_of(
    beds: Sequence[BoardBed], watched: Mapping[int, Sequence[str]], day: date, args: Any, *, facility_id: int
) -> Board:
    """The board of a home's beds. `args`: what is asked in the address; what makes no sense is left out."""
    asked, pen = _asked(beds, args), Pen(facility_id, day)
    states, marked = dict.fromkeys(TILE_WORDS, 0), dict.fromkeys(WATCH, 0)
    floors: list[FloorTiles] = []
    last: tuple[Any, ...] = ()
    for bed in beds:
        if (bed.building, bed.floor) != last[:2]:
            floors.append(FloorTiles(_floor_key(bed.building, bed.floor), _floor_words(bed.building, bed.floor), []))
        if (bed.building, bed.floor, bed.room_id) != last:
            floors[-1].rooms.append(RoomTiles(bed.room, bed.sex_policy, pen))
            last = (bed.building, bed.floor, bed.room_id)
        state, marks = bed.state, tuple(watched.get(bed.resident_id, ())) if bed.resident_id else ()
        states[state] += 1
        for code in marks:
            marked[code] += 1
        is_hidden = bool(asked) and not _fits(bed, state, marks, asked)
        floors[-1].rooms[-1].tiles.append(Tile(bed, marks, is_hidden, pen))
    return Board(day, day == calendar.today(), floors, states, marked, asked)


def watching(place: Any) -> dict[str, Any]:
    """What `queries.watch_lists` is told of whoever looks: where they may read health, and from which level on a risk counts."""
    return {"own": reach_over(P.HEALTH_READ, place), "level": watch_level()}


def _drawn(bed: BoardBed, state: str, marks: Sequence[str], day: date) -> dict[str, Any]:
    """What the macro of a tile takes."""
    word, who = str(TILE_WORDS[state][0]), mask_name(bed.name) if bed.name else ""
    late = state == "on_leave" and bed.back_due_on is not None and bed.back_due_on < day
    return {
        "bed": bed, "state": state, "word": _("overdue") if late else word, "who": who or str(SHORT_KINDS[bed.bed_kind]),
        "room": _("Room %(room)s bed", room=bed.room), "is_late": late,
        "marks": [(code, str(WATCH[code][0])) for code in marks], "most": MOST_MARKS,
    }  # fmt: skip


def _floor_key(building: str, floor: int) -> str:
    return f"{building}.{floor}" if building else str(floor)


def _floor_words(building: str, floor: int) -> str:
    return " ".join(filter(None, (building, _("Floor %(floor)s", floor=floor))))


# ---- filters --------------------------------------------------------------------------------------


def _asked(beds: Iterable[BoardBed], args: Any) -> dict[str, str]:
    """The filters in the address that name something this board has."""
    floors = {_floor_key(bed.building, bed.floor) for bed in beds}
    known = {
        "state": {*TILE_WORDS, "slept_in", "away"}, "floor": floors, "watch": {*WATCH, "any"}, "kind": set(KIND_WORDS),
        "for": {"any", *ROOM_FOR},
    }  # fmt: skip
    asked = {name: next(iter(values_of(args, name)), "") for name in FILTERS}
    return {
        name: value for name, value in asked.items()
        if value and (value in known[name] if name in known else value == "none" or (value.isascii() and value.isdigit()))
    }  # fmt: skip


def _fits(bed: BoardBed, state: str, marks: Sequence[str], asked: Mapping[str, str]) -> bool:
    """Whether a bed passes all filters; static/parts/board.js says the same."""
    tests = {
        "state": lambda value: value == state or (value == "slept_in" and state in SLEPT_IN)
        or (value == "away" and state in {"on_leave", "hospitalised"}),
        "floor": lambda value: value == _floor_key(bed.building, bed.floor),
        "watch": lambda value: bool(marks) if value == "any" else value in marks,
        "kind": lambda value: value == bed.bed_kind, "for": lambda value: value == bed.sex_policy,
        "price": lambda value: value == ("none" if bed.price_fen is None else str(bed.price_fen)),
    }  # fmt: skip
    return all(tests[name](value) for name, value in asked.items())


def _asked_words(name: str, value: str) -> str:
    words: Any = value
    if name == "state":
        words = {"slept_in": _l("taken"), "away": _l("away")}.get(value) or TILE_WORDS[value][0]
    elif name == "watch":
        words = _l("watch-list") if value == "any" else WATCH[value][0]
    elif name == "kind":
        words = KIND_WORDS[value]
    elif name == "for":
        words = ROOM_FOR.get(value, _l("women or men"))
    elif name == "price":
        words = _l("without a price") if value == "none" else jinja.yuan(int(value))
    else:
        building, _dot, floor = value.rpartition(".")
        words = _floor_words(building, int(floor))
    return str(words)


# ---- one bed --------------------------------------------------------------------------------------


def away(board: Board) -> list[Tile]:
    """Who is on leave or in hospital, the overdue first, then by the day they are expected."""
    gone = [tile for tile in board.tiles if tile.bed.state in {"on_leave", "hospitalised"}]
    return sorted(gone, key=lambda tile: (tile.bed.back_due_on or date.max, tile.bed.room, tile.bed.number))


def sheet_title(bed: BoardBed) -> str:
    """Where the bed stands."""
    return place_words(bed.building, bed.floor, bed.room, bed.number)


def bed_badge(bed: BoardBed) -> Badge:
    """A bed's state on the day as a word with its tone."""
    word, tone = TILE_WORDS[bed.state]
    return Badge(word, tone)  # type: ignore[arg-type]


def act_url(bed: BoardBed, form: Any) -> str:
    """Where an act on the bed is sent."""
    return f"/beds/{bed.facility_id}/sheet/{bed.bed_id}/{form.NAME}"


def more_acts(bed: BoardBed) -> list[tuple[Any, str]]:
    """What is done on pages of its own: [(words, address)]."""
    if "stays" not in current_app.blueprints:
        return []
    return [(_l("The whole stay"), f"/beds/stays/{bed.stay_id}")]


def person_facts(bed: BoardBed, person: Any) -> list[tuple[Any, Any]]:
    """The key facts of who sleeps there; `person`: their row of the register where it may be read."""
    facts: list[tuple[Any, Any]] = [(_("Sex"), SEX_WORDS.get(bed.sex or ""))]
    if person is not None:
        facts += [(_("Age"), _age(person.birth_date)), (_("Ability"), _level(person.ability_level))]
    facts += [(_("Lives here since"), jinja.day(bed.starts_on)), (_("In this bed since"), jinja.day(bed.since))]
    if bed.back_due_on:
        facts.append((_("Expected back on"), jinja.day(bed.back_due_on)))
    return facts


def _age(birth: date) -> int:
    today = calendar.today()
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _level(level: int | None) -> Any:
    return None if level is None else _("level %(n)s", n=level)


def day_asked(text: str | None) -> tuple[date, bool]:
    """(the day to show, whether what was asked could not be read); today by default, never after it."""
    today = calendar.today()
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        return today, True
    return (day, False) if date(2000, 1, 1) <= day <= today else (today, True)


# ---- the wire -------------------------------------------------------------------------------------


def as_json(tile: Tile) -> dict[str, Any]:
    """A bed at the wire: this and nothing else, the name masked."""
    bed = tile.bed
    return {
        "bed_id": bed.bed_id, "building": bed.building, "floor": bed.floor, "room": bed.room, "number": bed.number,
        "bed_kind": bed.bed_kind, "sex_policy": bed.sex_policy, "condition": bed.condition, "price_fen": bed.price_fen,
        "state": bed.state, "stay_id": bed.stay_id, "resident_id": bed.resident_id,
        "name": mask_name(bed.name) if bed.name else None, "since": wire(bed.since), "back_due_on": wire(bed.back_due_on),
        "watch": list(tile.marks),
    }  # fmt: skip
