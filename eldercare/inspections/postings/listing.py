"""The list of days on post, and what the pages say in words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import jinja, words
from eldercare.core.audit import AuditEntry
from eldercare.core.listing import Badge, Choice, Column, DateRange, Flag, Listing, Search
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import Facility, Township
from eldercare.inspections.postings import queries
from eldercare.inspections.postings.models import (
    ANSWER_WORDS,
    AREA_WORDS,
    NOTE_WORDS,
    STATE_WORDS,
    WEEKDAYS,
    Posting,
    StationDay,
    StationNote,
)

PHOTO_WORDS: dict[str, Any] = {"station": _l("Seen on post")}
SIGNS: dict[str, tuple[Any, str]] = {  # word, tone of a day in the calendar
    "present": (_l("was there"), "good"), "extra": (_l("was there beside the plan"), "active"),
    "absent": (_l("nobody there"), "bad"),
    "due": (_l("to come"), "watch"), "none": (_l("no day on post"), "quiet"),
}  # fmt: skip


def state_badge(row: StationDay) -> Badge:
    """The state with its tone."""
    return Badge(STATE_WORDS[row.state], "quiet" if row.state == "handed_in" else "watch")


def lasted(row: StationDay) -> str | None:
    """3 h 20 min; None while the person is there."""
    if row.minutes is None:
        return None
    hours, minutes = divmod(row.minutes, 60)
    return str(_("%(hours)d h %(minutes)02d min", hours=hours, minutes=minutes))


def advice(row: StationDay) -> str | None:
    """2 of 3 adopted; None without advice."""
    given = [note for note in row.notes if note.kind == "advice"]
    adopted = sum(note.answer == "adopted" for note in given)
    return str(_("%(adopted)d of %(given)d adopted", adopted=adopted, given=len(given))) if given else None


def hazards(row: StationDay) -> int | None:
    """How many hazards were reported."""
    return sum(note.kind == "hazard" for note in row.notes) or None


DAYS = Listing(
    name="station-days",
    title=_l("Days on post"),
    ident=StationDay.id,
    link=lambda row: f"/inspections/postings/days/{row.id}",
    columns=(
        Column("day", _l("Day"), "day", kind="day", sort=StationDay.day, detail=lasted),
        Column("facility", _l("Facility"), "facility.name", sort=Facility.name,
               detail=lambda row: township_words(row.facility.township)),
        Column("person", _l("Person"), "posting.user.name", detail="posting.organisation"),
        Column("areas", _l("Walked"), lambda row: len(row.areas) or None, kind="number"),
        Column("hazards", _l("Hazards reported"), hazards, kind="number"),
        Column("advice", _l("Advice"), advice),
        Column("state", _l("State"), state_badge, kind="badge", sort=StationDay.state),
    ),
    filters=(
        Search("q", _l("Facility or person"), where=queries.matching),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        DateRange("days", _l("Day"), where=queries.between),
        Flag("advice", _l("Advice to answer"), where=lambda _on: queries.has_open_advice()),
        Choice("home", _l("Facility"), where=lambda home: StationDay.facility_id == int(home), quiet=True),
    ),
    order=(StationDay.day.desc(), Facility.name),
    json=("id", "day", "state", "arrived_at", "left_at", "minutes", "areas", "handed_in_at", "commented_at"),
    empty_title=_l("No day on post here"),
    empty_why=_l("Days are written on the spot by the person stationed at a home."),
)  # fmt: skip


def choices(townships: list[Township], homes: list[Facility]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {
        "township": [(each.code, township_words(each)) for each in townships],
        "home": [(str(each.id), each.name) for each in homes],
    }


def weekdays(row: Posting) -> str:
    """Monday, Wednesday."""
    return str(_(", ").join(str(WEEKDAYS[number - 1]) for number in row.weekdays))


def areas(row: StationDay) -> str | None:
    """Where one walked, in the order of the list."""
    return str(_(", ").join(str(word) for code, word in AREA_WORDS.items() if code in row.areas)) or None


def note_words(note: StationNote) -> str:
    """What kind of note it is."""
    return str(NOTE_WORDS[note.kind])


def answer_badge(note: StationNote) -> Badge | None:
    """How advice was answered."""
    if note.kind != "advice":
        return None
    if note.answer is None:
        return Badge(_l("not answered yet"), "watch")
    return Badge(ANSWER_WORDS[note.answer], "good" if note.answer == "adopted" else "quiet")


def day_facts(row: StationDay) -> list[tuple[Any, Any]]:
    """The facts under the title."""
    return [
        (_("Facility"), row.facility.name), (_("Person"), row.posting.user.name),
        (_("Third party"), row.posting.organisation or None),
        (_("Arrived"), jinja.moment(row.arrived_at)), (_("Left"), jinja.moment(row.left_at) if row.left_at else None),
        (_("There for"), lasted(row)),
    ]  # fmt: skip


def posting_facts(row: Posting) -> list[tuple[Any, Any]]:
    """The facts under the title."""
    return [
        (_("Person"), row.user.name), (_("Third party"), row.organisation or None), (_("Days of the week"), weekdays(row)),
        (_("From"), jinja.day(row.starts_on)), (_("Until"), jinja.day(row.ends_on) if row.ends_on else _("further notice")),
    ]  # fmt: skip


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them."""
    return words.told(entries)
