"""What the log's entries say in words: actions, columns and values, named once by whoever owns them.

A feature's `models.py` (or the log reader, for what nobody named) calls `name()`; `told()` turns an
entry into what the history macro of `templates/_parts/record.html` draws.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core.audit import AuditEntry

ACTIONS: dict[str, Any] = {}  # "user.locked" → "Account locked"
ENTITIES: dict[str, Any] = {}  # "user" → "account"
COLUMNS: dict[str, dict[str, Any]] = {}  # entity → {column → words}; "" holds what many share
VALUES: dict[tuple[str, str], Mapping[str, Any]] = {}  # (entity, column) → {value → words}

PARTS = {
    "clock": _l("clock of the platform"), "command line": _l("command line"), "system": _l("the platform"),
    "worker": _l("worker of the platform"),
}  # who acts where nobody signed in
_PARTICULAR = re.compile(r"\s*[:\uff1a]?\s*%\(\w+\)s")
Rename = Callable[[str, str, Any], Any]  # (entity, column, value) → words, or the value itself


def name(
    entity: str, words: Any, *, actions: Mapping[str, Any] | None = None, columns: Mapping[str, Any] | None = None,
    values: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Name an entity of the log, what happens to it, its columns and their closed values."""
    ENTITIES[entity] = words
    ACTIONS.update(actions or {})
    COLUMNS.setdefault(entity, {}).update(columns or {})
    VALUES.update({(entity, column): each for column, each in (values or {}).items()})


def who(entry: AuditEntry) -> str:
    """Who did it: the name as it was then, or which part of the platform."""
    return str(PARTS.get(entry.person_name, entry.person_name)) or _("somebody not signed in")


def action(code: str) -> str:
    """An action in words, without the particulars some of them take; its code when nobody named it."""
    return _PARTICULAR.sub("", str(ACTIONS.get(code, code)))


def column(entity: str, key: str) -> str:
    """A column in words; its name when nobody named it."""
    found = COLUMNS.get(entity, {}).get(key) or COLUMNS.get("", {}).get(key)
    return str(found) if found else key.replace("_", " ")


def value(entity: str, key: str, stored: Any) -> Any:
    """A value as kept in the log, in words."""
    if stored is None or stored == "":
        return None
    if isinstance(stored, bool):
        return _("yes") if stored else _("no")
    if isinstance(stored, list):
        return _(", ").join(str(value(entity, key, each)) for each in stored) or None
    if isinstance(stored, dict):
        return _(", ").join(_named(column(entity, k), value(entity, k, v)) for k, v in stored.items()) or None
    known = VALUES.get((entity, key), {})
    named = known.get(stored, known.get(str(stored)))
    return str(named) if named is not None else _moment(str(stored))


def _named(what: Any, values: Any) -> str:
    return str(_("%(what)s: %(values)s", what=what, values=values))


def changes(entry: AuditEntry, rename: Rename | None = None) -> list[tuple[str, Any, Any]]:
    """[(column, before, after)] of an entry, in words."""
    told_of: list[tuple[str, Any, Any]] = []
    for key, pair in entry.changes.items():
        if pair[0] is None and pair[1] is None:
            continue
        before, after = ((rename(entry.entity, key, each) if rename else each) for each in pair)
        told_of.append((column(entry.entity, key), value(entry.entity, key, before), value(entry.entity, key, after)))
    return told_of


def details(entry: AuditEntry) -> list[tuple[str, Any]]:
    """[(what, value)] of an entry's particulars, in words."""
    return [(column(entry.entity, key), value(entry.entity, key, stored)) for key, stored in entry.details.items()]


def told(entries: Iterable[AuditEntry], rename: Rename | None = None, *, first: bool = False) -> list[dict[str, Any]]:
    """Entries for the history macro: [{"at", "who", "words", "changes"}]; `first`: also what a row was made with."""
    return [_told(entry, rename, first=first) for entry in entries]


def _told(entry: AuditEntry, rename: Rename | None, *, first: bool) -> dict[str, Any]:
    what, changed = action(entry.action), changes(entry, rename)
    if all(before is None for before, _after in entry.changes.values()):  # the row was made: say with what
        unsaid = {None, "…", _("yes"), _("no")}
        values = [str(after) for _words, _before, after in changed if after not in unsaid]
        what = _named(what, _(", ").join(values)) if first and values else what
        changed = []
    return {"at": entry.at, "who": who(entry), "words": what, "changes": changed}


def _moment(text: str) -> str:
    """A day, a moment or a time of day written by the log, as people in the district read it."""
    from eldercare.core.jinja import day, moment  # noqa: PLC0415 — jinja needs the doors, which need the log

    try:
        if len(text) == 10 and text[4] == text[7] == "-":
            return day(date.fromisoformat(text))
        if len(text) >= 25 and text[10] == " ":
            return moment(datetime.fromisoformat(text))
        if len(text) == 8 and text[2] == text[5] == ":":
            return time.fromisoformat(text).strftime("%H:%M")
    except ValueError:
        pass
    return text
