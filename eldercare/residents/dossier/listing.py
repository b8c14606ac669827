"""A person's history in words: the log's entries and what Excel intakes changed, newest first."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core.jinja import day as day_words
from eldercare.core.jinja import lang
from eldercare.residents.assessments.models import ADJUSTMENTS
from eldercare.residents.models import LABELS, WORDS

ACTIONS: dict[str, Any] = {
    "resident.registered": _l("Put on the register"), "resident.corrected": _l("Record corrected"),
    "resident.moved_out": _l("Marked as moved out"), "resident.deceased": _l("Death recorded"),
    "resident.returned": _l("Taken back onto the register"), "resident.death_corrected": _l("Death corrected"),
    "resident.marked_duplicate": _l("Marked as a duplicate"), "resident.duplicate_corrected": _l("No duplicate after all"),
    "resident.relocated": _l("Moved to another township"), "resident.unmasked": _l("Looked at in full: %(field)s"),
    "resident.level_followed": _l("Ability level follows the latest assessment"),
    "resident.household_followed": _l("Household type follows the entitlement in force"),
    "resident.contact_removed": _l("Contact removed: %(contact)s"), "resident.moved_into_home": _l("Moved into a home"),
    "resident.left_home": _l("Left the home"), "contact.added": _l("Contact added"), "contact.corrected": _l("Contact changed"),
    "contact.removed": _l("Contact removed"), "contact.unmasked": _l("Contact looked at in full: %(field)s"),
    "assessment.recorded": _l("Ability assessed"), "assessment.voided": _l("Assessment declared void"),
    "household_spell.added": _l("Entitlement added"), "household_spell.ended": _l("Entitlement ended"),
    "consent.given": _l("Consent given"), "consent.withdrawn": _l("Consent withdrawn"),
}
# columns whose codes have words, by the kind of words
_CODED = {
    "final_level": "ability_level", "raw_level": "ability_level", "kind": "", **{kind: kind for kind in WORDS if kind in LABELS},
}
_KINDS = {"contact": "contact_kind", "assessment": "assessment_kind"}
_FLAGS = ("left_behind", "dementia", "may_contact", "is_void")
# said by the action itself, or no fact about the person
_UNSAID = ("state", "resident_id", "items", "created_at", "id", "facility_id", "is_void", "version")


def history(entries: Iterable[Any], intakes: Iterable[Any], places: Mapping[str, Any]) -> list[dict[str, Any]]:
    """[{"at", "who", "words", "changes": [(label, before, after)]}], newest first.

    `places`: `queries.place_names()`. An entry whose changes are all unsaid and whose action says
    nothing by itself is left out.
    """
    out = []
    for entry in entries:
        changes = _changes(entry.changes, places, entry.entity)
        if entry.action.endswith("_followed") and not changes:
            continue
        if entry.action == "resident.registered":
            changes = []
        words = str(ACTIONS.get(entry.action, entry.action)) % _details(entry.details)
        why = entry.details.get("reason") or entry.details.get("note")
        if why:
            words = _("%(what)s. Reason: %(why)s", what=words, why=why)
        out.append({"at": entry.at, "who": entry.person_name, "words": words, "changes": changes})
    for row in intakes:
        words = _("Changed by an Excel intake (row %(row)d of job %(run)d)", row=row.row_number, run=row.run_id)
        changes = _changes(row.changes, places, "resident")
        out.append({"at": row.at, "who": _("Excel intake"), "words": words, "changes": changes})
    return sorted(out, key=lambda each: each["at"], reverse=True)


class _details(dict[str, Any]):  # noqa: N801 — reads as a word where it is used
    """An entry's details for `%`: a field in words, a dash for what is missing."""

    def __missing__(self, key: str) -> str:
        return "—"

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        return (_("health") if value == "health" else LABELS.get(value, value)) if key == "field" else value


def _changes(changes: Mapping[str, Any], places: Mapping[str, Any], entity: str) -> list[tuple[str, Any, Any]]:
    return [
        (str(LABELS.get(key, key)), value_words(key, before, places, entity), value_words(key, after, places, entity))
        for key, (before, after) in changes.items()
        if key not in _UNSAID and before != after
    ]


def value_words(column: str, value: Any, places: Mapping[str, Any], entity: str = "resident") -> str | None:
    """A logged value of a column as people read it."""
    if value is None or value in ("", []):
        return None
    if column in places:
        names = places[column].get(value)
        return None if names is None else str(names[0 if lang() == "zh" else 1])
    if column in _FLAGS:
        return _("yes") if value else _("no")
    kind = _KINDS.get(entity, "") if column == "kind" else _CODED.get(column, "")
    if column == "adjustments":
        return ", ".join(str(ADJUSTMENTS.get(each, each)) for each in value)
    if kind:
        return str(WORDS[kind].get(value, value)) if not isinstance(value, list) else ", ".join(map(str, value))
    if column.endswith(("_on", "_from", "_to", "_date")) and isinstance(value, str):
        try:
            return day_words(date.fromisoformat(value[:10]))
        except ValueError:
            return value
    return str(value)
