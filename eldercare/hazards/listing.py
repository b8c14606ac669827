"""The list of hazards and a hazard's facts put into words."""

from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.core import calendar, jinja, words
from eldercare.core.audit import AuditEntry
from eldercare.core.listing import Badge, Choice, Column, DateRange, Flag, Listing, Search
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import Facility, Township
from eldercare.hazards import queries
from eldercare.hazards.models import RIGHT, SEVERITY_WORDS, STATE_WORDS, Deadlines, Hazard

STATE_TONES: dict[str, Any] = {
    "reported": "watch",
    "dismissed": "quiet",
    "issued": "watch",
    "received": "active",
    "in_progress": "active",
    "replied": "watch",
    "recheck_passed": "good",
    "recheck_failed": "bad",
    "closed": "quiet",
}
SEVERITY_TONES: dict[str, Any] = {"general": "quiet", "serious": "watch", "major": "bad"}
PHOTO_WORDS: dict[str, Any] = {"before": _l("As it was found"), "after": _l("As it was put right"), "paper": _l("Paper of proof")}
FLAG_WORDS: dict[str, Any] = {
    "extended": _l("extended"), "asked": _l("more time asked for"), "escalated": _l("escalated"),
    "fixed": _l("put right on the spot"),
}  # fmt: skip


def deadlines() -> Deadlines:
    """The deadlines of this installation."""
    return Deadlines.of(current_app.config)


def state_badge(hazard: Hazard) -> Badge:
    """The state with its tone."""
    return Badge(STATE_WORDS[hazard.state], STATE_TONES[hazard.state])


def severity_badge(hazard: Hazard) -> Badge:
    """The severity with its tone."""
    return Badge(SEVERITY_WORDS[hazard.severity], SEVERITY_TONES[hazard.severity])


def due_badge(hazard: Hazard) -> Badge | None:
    """How the deadline stands: days left, days overdue, or put right in time; None without an order."""
    if hazard.due_on is None:
        return None
    late = hazard.overdue_days
    if late:
        return Badge(ngettext("%(num)d day overdue", "%(num)d days overdue", late), "bad")
    if hazard.state in RIGHT:
        return Badge(_l("in time"), "good")
    left = (hazard.due_on - calendar.today()).days
    if left == 0:
        return Badge(_l("due today"), "watch")
    return Badge(ngettext("%(num)d day left", "%(num)d days left", left), "watch" if left <= 3 else "quiet")


def flags(hazard: Hazard) -> str | None:
    """Extended, escalated; overdue is said by the deadline itself."""
    return _(", ").join(str(FLAG_WORDS[each]) for each in hazard.flags if each in FLAG_WORDS) or None


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def _stage(stage: str) -> Any:
    return queries.waits() if stage == "open" else Hazard.state == stage


_STAGES = (("open", _l("All that are open")), *STATE_WORDS.items())
HAZARDS = Listing(
    name="hazards",
    title=_l("Hazards"),
    ident=Hazard.id,
    columns=(
        Column("number", _l("Number"), "number", sort=Hazard.number, detail="source_label"),
        Column("facility", _l("Facility"), "facility.name", sort=Facility.name,
               detail=lambda row: township_words(row.facility.township)),
        Column("description", _l("What is wrong"), lambda row: _short(row.description), width="wide"),
        Column("severity", _l("Severity"), severity_badge, kind="badge", sort=Hazard.severity),
        Column("state", _l("State"), state_badge, kind="badge", sort=Hazard.state,
               detail=flags),
        Column("due_on", _l("Deadline"), "due_on", kind="day", sort=Hazard.due_on),
        Column("left", _l("Remaining"), due_badge, kind="badge"),
    ),
    filters=(
        Search("q", _l("Number, source or facility"), where=queries.matching),
        Choice("stage", _l("State"), choices=_STAGES, default="open", any_words=_l("open and closed"), where=_stage),
        Choice("severity", _l("Severity"), choices=tuple(SEVERITY_WORDS.items()), where=lambda each: Hazard.severity == each),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        Flag("overdue", _l("Overdue"), where=lambda _on: queries.overdue(calendar.today())),
        DateRange("issued", _l("Ordered"), where=queries.issued, quiet=True),
        Choice("home", _l("Facility"), where=lambda home: Hazard.facility_id == int(home), quiet=True),
    ),
    order=(Hazard.due_on, Hazard.number),
    json=(
        "id", "number", "facility_code", "severity", "state", "issued_on", "due_on", "first_due_on", "right_on", "overdue_days",
        "source_kind", "source_id", "source_label", "description", "found_on", "finder", "hazard_code", "item_code",
        "fixed_on_spot",
    ),
    empty_title=_l("No hazard here"),
    empty_why=_l("Hazards are ordered from inspections, and from incidents whose corrective actions must be supervised."),
)  # fmt: skip


def choices(townships: list[Township], homes: list[Facility]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {
        "township": [(each.code, township_words(each)) for each in townships],
        "home": [(str(each.id), each.name) for each in homes],
    }


def key_facts(hazard: Hazard) -> list[tuple[Any, Any]]:
    """The facts under the title."""
    return [
        (_("Facility"), hazard.facility.name),
        (_("Ordered"), jinja.day(hazard.issued_on) if hazard.issued_on else None),
        (_("Deadline"), jinja.day(hazard.due_on) if hazard.due_on else None),
        (_("Ordered by"), hazard.issued_by),
    ]


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them."""
    unsaid = {words.column("hazard", "state"), words.column("hazard", "right_on"), words.column("hazard", "escalated_at")}
    told = words.told(entries)
    for each in told:
        each["changes"] = [change for change in each["changes"] if change[0] not in unsaid]
    return told
