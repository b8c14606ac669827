"""A person's history in words: the log's entries and what Excel intakes changed, newest first."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import words
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
# said by the action itself, or no fact about the person
_UNSAID = ("state", "resident_id", "items", "created_at", "id", "facility_id", "is_void", "version")

# of something new, the facts worth a line; of others all
_TELLING = {
    "contact": ("kind", "name", "relation"), "assessment": ("kind", "score", "final_level"),
    "household_spell": ("household_type", "valid_from", "valid_to"), "consent": ("purpose", "version"),
}

_OF_RESIDENT = WORDS | {"contact_relation": WORDS["relation"], "guardian_relation": WORDS["relation"]}  # as an intake names them

words.name("resident", _l("older person"), actions=ACTIONS, columns=LABELS, values=_OF_RESIDENT)
words.name("contact", _l("contact"), columns=LABELS, values=WORDS | {"kind": WORDS["contact_kind"]})
words.name("household_spell", _l("entitlement"), columns=LABELS, values=WORDS)
words.name("consent", _l("consent"), columns=LABELS)
words.name(
    "assessment", _l("ability assessment"), columns=LABELS,
    values={
        "kind": WORDS["assessment_kind"], "final_level": WORDS["ability_level"], "raw_level": WORDS["ability_level"],
        "adjustments": ADJUSTMENTS,
    },
)


def history(entries: Iterable[Any], intakes: Iterable[Any], places: Mapping[str, Any]) -> list[dict[str, Any]]:
    """[{"at", "who", "words", "changes": [(label, before, after)]}], newest first.

    `places`: `queries.place_names()`. What merely followed from another entry and changed nothing is left out.
    """
    out = []
    for entry in entries:
        changes = [] if entry.action == "resident.registered" else _changes(entry.entity, entry.changes, places)
        if entry.action.endswith("_followed") and not changes:
            continue
        what = str(words.ACTIONS.get(entry.action, entry.action)) % _Details(entry.details)
        if changes and all(before is None for _label, before, _after in changes):
            what, changes = _in_one_line(what, entry, changes), []
        why = entry.details.get("reason") or entry.details.get("note")
        if why:
            what = _("%(what)s. Reason: %(why)s", what=what, why=why)
        out.append({"at": entry.at, "who": words.who(entry), "words": what, "changes": changes})
    for row in intakes:
        what = _("Changed by an Excel intake (row %(row)d of job %(run)d)", row=row.row_number, run=row.run_id)
        changes = _changes("resident", row.changes, places)
        out.append({"at": row.at, "who": _("Excel intake"), "words": what, "changes": changes})
    return sorted(out, key=lambda each: each["at"], reverse=True)


def _in_one_line(what: str, entry: Any, changes: list[tuple[str, Any, Any]]) -> str:
    """Something new has no before: say it in the sentence, the facts that matter alone."""
    telling = {str(LABELS[key]) for key in _TELLING.get(entry.entity, ())}
    if entry.action == "resident.level_followed":
        telling = {str(LABELS["ability_level"])}
    facts = [(label, after) for label, _before, after in changes if after and (not telling or label in telling)]
    said = [f"{label} {after}" for label, after in facts]
    return _("%(what)s: %(values)s", what=what, values=_(", ").join(said)) if said else what


class _Details(dict[str, Any]):
    """An entry's details for `%`: a field in words, a dash for what is missing."""

    def __missing__(self, key: str) -> str:
        return "—"

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        return (_("health") if value == "health" else LABELS.get(value, value)) if key == "field" else value


def value_words(column: str, value: Any, places: Mapping[str, Any], entity: str = "resident") -> str | None:
    """A value of a column as people read it; townships by their names (`places`)."""
    if column in places and value is not None:
        names = places[column].get(value)
        return None if names is None else str(names[0 if lang() == "zh" else 1])
    told = words.value(entity, column, value)
    return None if told is None else str(told)


def _changes(entity: str, changes: Mapping[str, Any], places: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    return [
        (words.column(entity, key), value_words(key, before, places, entity), value_words(key, after, places, entity))
        for key, (before, after) in changes.items()
        if key not in _UNSAID and before != after
    ]
