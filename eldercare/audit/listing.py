"""The list of the log's entries."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.audit import queries
from eldercare.core import words
from eldercare.core.audit import AuditEntry
from eldercare.core.listing import Choice, Column, DateRange, Listing, Search
from eldercare.core.words import name

MOST_EXPORTED = 50_000  # rows of one workbook; narrow the days for more

name(
    "log", _l("log"),
    actions={"log.exported": _l("Log exported"), "log.verified": _l("Chain of the log verified")},
    columns={"rows": _l("Rows"), "filters": _l("Filters"), "valid": _l("Unbroken"), "entries": _l("Entries"), "head": _l("Head")},
)


def record_words(entry: AuditEntry) -> str:
    """What an entry is about."""
    about = str(words.ENTITIES.get(entry.entity, entry.entity))
    return f"{about} {entry.entity_id}" if entry.entity_id is not None else about


def summary(entry: AuditEntry) -> str | None:
    """What was changed, in a few words."""
    keys = [words.column(entry.entity, key) for key in [*entry.changes, *entry.details]]
    return ", ".join(keys[:4]) + (" …" if len(keys) > 4 else "") or None


def _actions() -> list[tuple[str, Any]]:
    return sorted(((code, f"{text} ({code})") for code, text in words.ACTIONS.items()), key=lambda pair: pair[0])


def _entities() -> list[tuple[str, Any]]:
    return sorted(words.ENTITIES.items())


ENTRIES = Listing(
    name="entries",
    title=_l("Log"),
    ident=AuditEntry.id.desc(),
    columns=(
        Column("id", _l("No."), sort=AuditEntry.id, kind="number", width="narrow"),
        Column("at", _l("When"), sort=AuditEntry.at, kind="moment"),
        Column("person_name", _l("Who"), sort=AuditEntry.person_name, value=lambda e: e.person_name or None),
        Column("action", _l("What"), value=lambda e: words.action(e.action), detail=summary, sort=AuditEntry.action),
        Column("record", _l("Record"), value=record_words),
        Column("ip", _l("Address"), sort=AuditEntry.ip),
    ),
    filters=(
        Search("person", _l("User name"), where=queries.by_person),
        Choice("action", _l("What"), choices=_actions, where=lambda code: AuditEntry.action == code),
        DateRange("day", _l("Days"), where=queries.in_days),
        Choice("entity", _l("Kind of record"), choices=_entities, where=queries.by_entity, quiet=True),
        Search("record", _l("Number of the record"), where=queries.by_record, quiet=True),
        Search("ip", _l("Address"), where=queries.by_address, quiet=True),
    ),
    order=(),
    empty_title=_l("The log is empty"),
    empty_why=_l("Everything people do here is written down; nothing has been done yet."),
)
