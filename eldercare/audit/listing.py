"""The list of the log's entries."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.audit import queries
from eldercare.core import words
from eldercare.core.audit import AuditEntry
from eldercare.core.listing import Choice, Column, DateRange, Listing, Search
from eldercare.core.words import name
from eldercare.facilities.forms import LABELS as PLACE_LABELS
from eldercare.facilities.listing import ACTIONS as PLACE_ACTIONS
from eldercare.facilities.models import LICENCE_WORDS, STATE_WORDS, TYPE_WORDS
from eldercare.residents import models as residents
from eldercare.residents.dossier.listing import ACTIONS as PERSON_ACTIONS

MOST_EXPORTED = 50_000  # rows of one workbook; narrow the days for more

name(
    "log", _l("log"),
    actions={"log.exported": _l("Log exported"), "log.verified": _l("Chain of the log verified")},
    columns={
        "rows": _l("Rows"), "filters": _l("Filters"), "valid": _l("Unbroken"), "entries": _l("Entries"),
        "head": _l("Head of the chain"),
    },
)
name(
    "backup", _l("backup"),
    actions={"backup.made": _l("Backup made"), "backup.restored": _l("Backup restored")},
    columns={"rows": _l("Rows"), "files": _l("Files")},
)
# what the lower floors call their own, gathered for the reader
_PEOPLE = {"columns": residents.LABELS | {"resident_id": _l("Older person"), "field": _l("Field"), "reason": _l("Reason")}}
name("resident", _l("older person"), actions=PERSON_ACTIONS, values=residents.WORDS, **_PEOPLE)
name("contact", _l("contact"), values={"kind": residents.WORDS["contact_kind"]}, **_PEOPLE)
name("assessment", _l("ability assessment"), values={"kind": residents.WORDS["assessment_kind"]}, **_PEOPLE)
name("household_spell", _l("entitlement"), values={"household_type": residents.WORDS["household_type"]}, **_PEOPLE)
name("consent", _l("consent"), **_PEOPLE)
name(
    "facility", _l("facility"), actions=PLACE_ACTIONS, columns=PLACE_LABELS | {"townships": _l("Townships")},
    values={"facility_type": TYPE_WORDS, "state": STATE_WORDS},
)
name("licence", _l("licence"), columns=PLACE_LABELS, values={"licence_type": LICENCE_WORDS})
name(
    "township", _l("township"), actions={"places.loaded": _l("Townships loaded")},
    columns={"created": _l("New"), "updated": _l("Changed")},
)
name("stay", _l("stay"))
name("stay_bed", _l("bed of a stay"))
name(
    "family_care_bed", _l("family care bed"),
    actions={
        "family_care_bed.surveyed": _l("Home surveyed"), "family_care_bed.adapted": _l("Home adapted"),
        "family_care_bed.accepted": _l("Family care bed accepted"), "family_care_bed.started": _l("Family care bed started"),
        "family_care_bed.paused": _l("Family care bed paused"), "family_care_bed.resumed": _l("Family care bed resumed"),
        "family_care_bed.closed": _l("Family care bed closed"),
    },
)
name(
    "demo", _l("demo district"), actions={"demo.loaded": _l("Demo district loaded")},
    columns={
        "seed": _l("Seed"), "people": _l("Accounts"), "stays": _l("Stays"), "staff": _l("Staff"), "residents": _l("Older people"),
        "facilities": _l("Facilities"), "beds": _l("Beds"),
    },
)
name(
    "intake", _l("Excel intake"),
    actions={
        "intake.committed": _l("Excel intake carried over"), "intake.refused_rows_taken": _l("Refused rows of an intake taken"),
    },
    columns={
        "read": _l("People"), "created": _l("New"), "updated": _l("Changed"), "unchanged": _l("Unchanged"),
        "rejected": _l("Refused rows"), "sha256": "SHA-256", "run_id": _l("No."),
    },
)
name(
    "report", _l("report"),
    actions={
        "report.asked_for": _l("Report asked for"), "report.made": _l("Report made"), "report.opened": _l("Report opened"),
        "resident.exported": _l("List of older people exported"),
    },
    columns={"kind": _l("Kind"), "period": _l("Period"), "place": _l("Place"), "run_id": _l("Job"), "report_id": _l("Report")},
)
name("run", _l("job"), actions={"run.tried_again": _l("Job tried again"), "run.file_taken": _l("File of a job taken")})


def record_words(entry: AuditEntry) -> str:
    """What an entry is about."""
    about = str(words.ENTITIES.get(entry.entity, entry.entity))
    return f"{about} {entry.entity_id}" if entry.entity_id is not None else about


def summary(entry: AuditEntry) -> str | None:
    """What was changed, in a few words."""
    changed = [key for key, pair in entry.changes.items() if pair != [None, None]]
    keys = [words.column(entry.entity, key) for key in [*changed, *entry.details]]
    return _(", ").join(keys[:4]) + (" …" if len(keys) > 4 else "") or None


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
        Column("person_name", _l("Who"), sort=AuditEntry.person_name, value=words.who),
        Column("action", _l("What"), value=lambda e: words.action(e.action), detail=summary, sort=AuditEntry.action),
        Column("record", _l("About"), value=record_words),
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
