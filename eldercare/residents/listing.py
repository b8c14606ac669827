"""The list of people, its workbook and its JSON: columns, filters, order; how codes and histories are put into words.

Everything is masked here (domain.md §2.4): full values are shown on the record alone, one at a time.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_

from eldercare.core import calendar
from eldercare.core.columns import wire
from eldercare.core.filters import Args, Asked, Pairs
from eldercare.core.identifiers import age_on
from eldercare.core.jinja import lang
from eldercare.core.listing import Badge, Choice, Column, Listing, Search
from eldercare.core.secrets import Sealed, mask_name
from eldercare.residents import queries
from eldercare.residents.models import AGE_BANDS, LABELS, WORDS, Resident

R = Resident.__table__.c  # plain columns: their statements skip the mapper
TONES = {"active": "good", "moved_out": "quiet", "deceased": "quiet", "duplicate": "watch"}


# ---- words --------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _said(_language: str, kind: str, code: Any) -> str:
    return str(WORDS[kind].get(code, code))


def say(kind: str, code: Any) -> str | None:
    """A code in words, in the language of the request; None for no code."""
    return None if code is None else _said(lang(), kind, code)


def label(column: str) -> str:
    """A column's name in words."""
    return _("health record") if column == "health" else str(LABELS[column])


def masked(person: Any, field: str) -> str:
    """A value of a record as everybody sees it; addresses down to the village, health not at all (§2.4)."""
    value = getattr(person, field, None)
    if field == "name":
        return mask_name(person.name)
    return value.masked() if isinstance(value, Sealed) else _("recorded, hidden")


@lru_cache(maxsize=64)
def _badge(_language: str, state: str) -> Badge:
    return Badge(str(WORDS["state"][state]), TONES[state])  # type: ignore[arg-type]


def badge_of(row: Any) -> Badge:
    """A record's state as people see it."""
    return _badge(lang(), row.state)


def age_of(row: Any, day: date | None = None) -> int:
    """Full years today (or on a day); a dead person's on the day of death."""
    return age_on(row.birth_date, getattr(row, "died_on", None) or day or calendar.today())


def sex_and_age(row: Any) -> str:
    """“Female, 80”."""
    return _said_age(lang(), row.sex, age_of(row))


@lru_cache(maxsize=1024)
def _said_age(_language: str, sex: str, age: int) -> str:
    return _("%(sex)s, %(age)d", sex=WORDS["sex"][sex], age=age)


def township_of(row: Any) -> str | None:
    """The township's name in the language of the request."""
    return row.township_name if lang() == "zh" else row.township_name_en


def ability_of(row: Any) -> str:
    """The level in words, or that nobody has assessed it."""
    return _("Not assessed") if row.ability_level is None else str(say("ability_level", row.ability_level))


def ability_note(row: Any) -> str | None:
    """When the next assessment is overdue: since when."""
    due = row.next_due_on
    if due is None or row.state != "active" or due >= calendar.today():
        return None
    return _("due since %(day)s", day=due.isoformat())


# ---- filters ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PersonSearch(Search):
    """The box that understands names, pinyin, last four signs and whole numbers.

    A whole number never stands in an address: it was POSTed, its digest is kept in the session, and
    the address carries its masked form; `choices` brings those pairs (masked form, "field:digest").
    """

    def read(self, args: Args, choices: Pairs | None) -> Asked:
        """What is typed; a masked number looked for before stands for the whole one."""
        asked = super().read(args, None)
        kept = dict(choices or ())
        if asked.value in kept:
            field, _colon, digest = kept[asked.value].partition(":")
            sought = queries.Sought(queries.Number(field, digest, asked.value))
            return Asked(self, sought, asked.text, asked.raw)
        return asked


def _ability(value: str) -> Any:
    if value == "none":
        return R.ability_level.is_(None)
    if value == "due":
        return or_(R.next_due_on < calendar.today(), R.ability_level.is_(None))
    if value == "disabled":
        return R.ability_level >= 2
    return R.ability_level == int(value)


def _abilities() -> list[tuple[str, Any]]:
    levels = [(str(level), words) for level, words in WORDS["ability_level"].items()]
    return [*levels, ("disabled", _l("Level 2 and above")), ("none", _l("Not assessed")), ("due", _l("Assessment due"))]


def _choice(name: str, label: Any, kind: str, column: Any, **more: Any) -> Choice:
    """A drop-down of a kind of code."""
    return Choice(name, label, choices=lambda: list(WORDS[kind].items()), where=lambda code: column == code, quiet=True, **more)


def _bands() -> list[tuple[str, Any]]:
    return [(band, WORDS["age_band"][band]) for band in AGE_BANDS]


FILTERS = (
    PersonSearch(
        "q", _l("Search"), where=queries.matching, private_url="/residents/find",
        hint=_l("Name, pinyin, ID number, last four, telephone"),
    ),
    Choice("township", _l("Township"), where=lambda code: R.township_id == queries.township_id(code)),
    Choice("village", _l("Village or community"), where=lambda value: R.village_id == int(value)),
    Choice("age", _l("Age"), choices=_bands, where=lambda band: queries.in_band(band, calendar.today())),
    Choice("ability", _l("Ability level"), choices=_abilities, where=_ability),
    Choice("due", _l("Next assessment"), choices=(("overdue", _l("overdue")), ("soon", _l("within 30 days"))),
           where=lambda value: queries.assessment_due(value, calendar.today()), quiet=True),
    _choice("household", _l("Household type"), "household_type", R.household_type),
    _choice("living", _l("Living arrangement"), "living_arrangement", R.living_arrangement),
    Choice("facility", _l("Care home"), where=lambda value: R.facility_id == int(value), quiet=True),
    _choice("state", _l("State"), "state", R.state, default="active", any_words=_l("State: all")),
)


# ---- the list -----------------------------------------------------------------------------------


def _name(row: Any) -> str:
    return mask_name(row.name)


def _number(row: Any) -> str | None:
    return row.id_number.masked() if row.id_number else None


def _household(row: Any) -> str | None:
    return say("household_type", row.household_type)


def _living(row: Any) -> str | None:
    return say("living_arrangement", row.living_arrangement)


RESIDENTS = Listing(
    name="residents",
    title=_l("Older people"),
    ident=R.id,
    steady=True,
    columns=(
        Column("name", _l("Full name"), value=_name, masked=True),
        Column("birth_date", _l("Sex, age"), value=sex_and_age, sort=R.birth_date),
        Column("id_number", _l("ID number"), masked=True, value=_number),
        Column("township", _l("Lives in"), value=township_of, detail=lambda row: row.facility or row.village),
        Column("household_type", _l("Household and living"), value=_household, detail=_living),
        Column("ability_level", _l("Ability"), value=ability_of, detail=ability_note, sort=R.ability_level),
        Column("state", _l("State"), kind="badge", value=badge_of),
    ),
    filters=FILTERS,
    empty_title=_l("Nobody is registered here yet"),
    empty_why=_l("Register people one by one, or bring in the township’s workbook."),
)

EXPORT = Listing(
    name="residents_export",
    title=_l("Older people"),
    ident=R.id,
    link=None,
    columns=(
        Column("id", _l("Record")),
        Column("name", _l("Full name"), value=_name, masked=True),
        Column("sex", _l("Sex"), value=lambda row: say("sex", row.sex)),
        Column("age", _l("Age"), value=age_of, kind="number"),
        Column("id_number", _l("ID number"), masked=True, value=_number),
        Column("township", _l("Township"), value=township_of),
        Column("village", _l("Village or community")),
        Column("facility", _l("Care home")),
        Column("household_type", _l("Household type"), value=_household),
        Column("living_arrangement", _l("Living arrangement"), value=_living),
        Column("left_behind", _l("Left behind"), kind="flag"),
        Column("ability_level", _l("Ability"), value=ability_of),
        Column("assessed_on", _l("Assessed on"), kind="day"),
        Column("next_due_on", _l("Next assessment due"), kind="day"),
        Column("state", _l("State"), value=lambda row: say("state", row.state)),
        Column("registered_on", _l("Registered on"), kind="day"),
    ),
    filters=FILTERS,
)


def as_json(row: Any) -> dict[str, Any]:
    """A person at the wire: this and nothing else, masked."""
    return {
        "id": row.id, "name": mask_name(row.name), "sex": row.sex, "age": age_of(row),
        "id_number": _number(row), "township": row.township_code, "village": row.village,
        "facility_id": row.facility_id, "household_type": row.household_type, "living_arrangement": row.living_arrangement,
        "left_behind": row.left_behind, "ability_level": row.ability_level, "ability_score": row.ability_score,
        "assessed_on": wire(row.assessed_on), "next_due_on": wire(row.next_due_on), "state": row.state,
        "registered_on": wire(row.registered_on),
    }
