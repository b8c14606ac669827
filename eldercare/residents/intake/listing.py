"""The lists that were sent, and how a preview says what it found."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core.columns import Badge, Column
from eldercare.core.listing import Listing
from eldercare.core.runs import Run
from eldercare.residents.dossier.listing import value_words
from eldercare.residents.intake.models import FAULTS, FIELDS, NOTICES, words_of
from eldercare.residents.models import LABELS

STANDINGS: dict[str, Badge] = {
    "looking": Badge(_l("Being looked through"), "active"), "ready": Badge(_l("Waits for confirmation"), "watch"),
    "nothing": Badge(_l("Nothing to change"), "quiet"),
    "taking": Badge(_l("Being taken in"), "active"), "taken": Badge(_l("Taken in"), "good"),
    "refused": Badge(_l("Refused"), "bad"), "stopped": Badge(_l("Not taken in"), "bad"),
}
HOW = {
    "exact": _l("by its heading"), "words": _l("by words in its heading"), "place": _l("by the column before it"),
    "content": _l("by what stands in it"), "double": _l("left out: another column says the same"),
    "unknown": _l("left out: not known"),
}
# faults whose words name a row or a length, said of many rows
IN_GENERAL = {
    "id_number.length": _l("The ID number has not 18 characters."),
    "id_number.twice": _l("The same ID number stands in an earlier row."),
}


def standing(run: Run, commit: Run | None) -> str:
    """Where an intake stands, as a key of STANDINGS."""
    if commit is not None:
        return {"done": "taken", "failed": "stopped"}.get(commit.state, "taking")
    if run.state == "done" and not run.result.get("created") and not run.result.get("updated"):
        return "nothing"
    return {"done": "ready", "failed": "refused"}.get(run.state, "looking")


def _count(name: str) -> Any:
    return lambda row: row.result.get(name)


INTAKES = Listing(
    name="intakes",
    title=_l("Lists that were sent"),
    ident=Run.id.desc(),
    columns=(
        Column("id", _l("No.")),
        Column("created_at", _l("Sent"), kind="moment", sort=Run.created_at),
        Column("name", _l("File"), lambda row: row.params.get("name") or None),
        Column("state", _l("State"), lambda row: STANDINGS[row.standing], kind="badge"),
        Column("read", _l("People"), _count("read"), kind="number"),
        Column("created", _l("New"), _count("created"), kind="number"),
        Column("updated", _l("Changed"), _count("updated"), kind="number"),
        Column("unchanged", _l("Unchanged"), _count("unchanged"), kind="number"),
        Column("rejected", _l("Refused rows"), _count("rejected"), kind="number"),
    ),
    empty_title=_l("No list has been sent yet"),
    empty_why=_l("Send the bureau's or the village's workbook: you see what it would change before anything is written."),
)


def findings(cells: list[list[Any]]) -> list[dict[str, Any]]:
    """Faults or notices for the page: [{"cell", "heading", "words"}]."""
    return [{"cell": cell, "heading": heading, "words": words_of((code, details))} for cell, code, details, heading in cells]


def reasons(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Why rows were refused, or what was noticed, most frequent first: (words without a cell, rows)."""
    said = FAULTS | NOTICES | IN_GENERAL
    pairs = [(str(said[code]), number) for code, number in counts.items() if code in said]
    return sorted(pairs, key=lambda pair: -pair[1])


def changes(rows: list[list[Any]], places: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Changes side by side: [{"row", "resident_id", "person", "changes": [(label, before, after)]}]."""
    return [
        {
            "row": number, "resident_id": resident_id, "person": person,
            "changes": [
                (str(FIELDS.get(key) or LABELS.get(key, key)), value_words(key, before, places), value_words(key, after, places))
                for key, (before, after) in changed.items()
            ],
        }
        for number, resident_id, person, changed in rows
    ]


def columns(headings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How each column was understood: [{"cell", "heading", "field", "how", "known"}]."""
    out = []
    for entry in headings:
        name = entry["field"]
        known = bool(name) and name != "unneeded"
        out.append(
            {
                "cell": entry["cell"], "heading": entry["heading"], "known": known,
                "field": str(FIELDS.get(name) or LABELS.get(name, name)) if known else None,
                "how": _("not needed") if name == "unneeded" else str(HOW[entry["how"]]),
            }
        )
    return out
