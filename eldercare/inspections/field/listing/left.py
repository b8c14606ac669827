"""What a tablet sent of a visit and no record holds, put into words: the draft of a lost tablet, of a rescue file."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.checklists.listing import said
from eldercare.checklists.models import ChecklistItem
from eldercare.hazards.models import SEVERITY_WORDS
from eldercare.inspections.field.models import VisitDraft
from eldercare.inspections.listing import ANSWER_WORDS, RESULT_WORDS, SHOWN_WORDS, SIGN_WORDS, moment


@dataclass
class Left:
    """One tablet's: when it was last heard of, and by whom; its entries as (what, in words)."""

    device: str
    saved_at: datetime
    person_id: int | None
    lines: list[tuple[str, str]] = field(default_factory=list)


def by_tablet(drafts: Iterable[VisitDraft], items: Sequence[ChecklistItem], residents: Mapping[int, str]) -> list[Left]:
    """Tablet by tablet, the one heard of last on top; lists first, each in the order of its version."""
    named = {f"answer:{each.version_id}:{each.code}": f"{each.code} {said(each)}" for each in items}
    order = {key: n for n, key in enumerate(named)}
    found: dict[str, Left] = {}
    for row in sorted(drafts, key=lambda each: (each.device, order.get(each.key, len(order)), each.key)):
        here = found.setdefault(row.device, Left(row.device, row.saved_at, row.person_id))
        if row.saved_at > here.saved_at:
            here.saved_at, here.person_id = row.saved_at, row.person_id
        value = json.loads(row.body)
        if isinstance(value, dict) and not value.get("gone"):
            here.lines.append(_line(row.key, value, named, residents))
    return sorted(found.values(), key=lambda each: each.saved_at, reverse=True)


def _line(key: str, value: dict[str, Any], named: Mapping[str, str], residents: Mapping[int, str]) -> tuple[str, str]:
    kind, _colon, rest = key.partition(":")
    title, names = _KINDS.get(kind, (kind, ()))
    parts = [_say(kind, name, value.get(name)) for name in names]
    if kind == "resident":
        parts.insert(0, residents.get(int(rest)) if rest.isdecimal() else None)
    return named.get(key, str(title)), str(_("; ")).join(str(each) for each in parts if each)


def _say(kind: str, name: str, value: Any) -> Any:
    if name == "at":
        return moment(value)
    known = _WORDS.get((kind, name))
    return value if known is None else known.get(value) if isinstance(value, str | bool) else None


# what the entries of the tablet's page (static/field/rules.js) are called, and what of them is read
_KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "answer": (_l("Item"), ("result", "reason")),
    "finding": (_l("Hazard"), ("severity", "description", "demand", "place", "due_on")),
    "recheck": (_l("Recheck"), ("passed", "findings")),
    "resident": (_l("Resident"), ("seen", "note")),
    "person": (_l("People met"), ("name", "post")),
    "signature": (_l("Signature"), ("name", "state", "reason", "at")),
    "notice": (_l("Notice"), ("way", "to", "at")),
    "arrival": (_l("Arrived"), ("at",)),
    "certificate": (_l("Certificate shown"), ("at",)),
    "result": (_l("Result of the visit"), ("value",)),
    "notes": (_l("Notes"), ("text",)),
}
_WORDS: dict[tuple[str, str], Mapping[Any, Any]] = {
    ("answer", "result"): ANSWER_WORDS, ("finding", "severity"): SEVERITY_WORDS, ("signature", "state"): SIGN_WORDS,
    ("notice", "way"): SHOWN_WORDS, ("result", "value"): RESULT_WORDS,
    ("recheck", "passed"): {True: _l("Recheck passed"), False: _l("Recheck failed")},
    ("resident", "seen"): {True: _l("seen"), False: _l("not seen")},
}  # fmt: skip
