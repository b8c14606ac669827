"""Checklists in versions. domain.md §6, §7; what the database keeps of it is at the end of each table.

A version is a draft until it is published; from then on nothing in it changes (trigger `checklist_is_fixed`),
and no two versions of a list are in force on the same day. A list of kind `hazards` holds the table of major
accident hazards instead of items: the same steps, the same promises.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import calendar, words
from eldercare.core.db import Audited, Base
from eldercare.core.errors import catalogue
from eldercare.core.states import Stateful
from eldercare.facilities.models import TYPE_WORDS, one_of

DATA = Path(__file__).with_name("data") / "checklists.yaml"
HAZARDS = "major_hazards"  # the code of the table of major accident hazards

FACILITY_WORDS: dict[str, Any] = {**TYPE_WORDS, "family_care_bed": _l("Family care bed")}
FREQUENCY_WORDS: dict[str, Any] = {
    "daily": _l("Daily"), "weekly": _l("Weekly"), "monthly": _l("Monthly"), "quarterly": _l("Quarterly"), "yearly": _l("Yearly"),
}
SEVERITY_WORDS: dict[str, Any] = {"general": _l("Ordinary"), "serious": _l("Serious"), "major": _l("Major")}
METHOD_WORDS: dict[str, Any] = {
    "onsite": _l("Look on site"), "document": _l("Look into papers"), "interview": _l("Ask people"), "test": _l("Try it out"),
}
WINDOW_WORDS: dict[str, Any] = {"day": _l("by day"), "night": _l("by night"), "both": _l("by day and by night")}
SEEN_WORDS: dict[str, Any] = {
    "primary": _l("clause read"),
    "secondary": _l("read in a quotation"),
    "knowledge": _l("from memory, check the clause"),
}
CONFIDENCE_WORDS: dict[str, Any] = {
    "seen": _l("Official text read"),
    "recalled_high": _l("From memory, likely right"),
    "recalled_medium": _l("From memory, perhaps right"),
    "recalled_low": _l("From memory, doubtful"),
}
STATE_WORDS: dict[str, Any] = {"draft": _l("Draft"), "published": _l("Published"), "retired": _l("Retired")}
ORIGIN_WORDS: dict[str, Any] = {
    "catalogue": _l("Catalogue of the platform"), "editor": _l("Written here"), "xlsform": _l("XLSForm"),
}
FIRST_LOAD, NEWER_FILE = "first_load", "newer_file"
REASON_WORDS: dict[str, Any] = {  # reasons the platform itself gives
    FIRST_LOAD: _l("First version, loaded at set-up"), NEWER_FILE: _l("Replaced by a newer catalogue"),
}
SEVERITIES, FREQUENCIES, METHODS = tuple(SEVERITY_WORDS), tuple(FREQUENCY_WORDS), tuple(METHOD_WORDS)
SEEN = tuple(SEEN_WORDS)
CODE = "^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$"  # of areas, items and rows: a name in an XLSForm as it stands

# The rule of scoring as proposed (§6 [P]); every version carries its own, so a score can always be recomputed.
RULE: dict[str, Any] = {
    "weights": {"general": 1, "serious": 3, "major": 6},
    "partial_for": ["general", "serious"],
    "grades": {"excellent": 90.0, "good": 80.0, "pass": 60.0},
    "caps": {"veto": 59.9, "escalated": 59.9, "serious": 79.9, "overdue": 89.9},
    "serious_count": 5,
    "least_checked": 0.9,
}


class Fault(NamedTuple):
    """What is wrong with a cell of a form: a code of imports.FAULTS, the sheet and cell, details."""

    code: str
    where: str
    details: dict[str, Any]


class Checklist(Audited, Base):
    """检查清单: one list through all its versions; `file_sha256` is the content last taken from the catalogue's file."""

    __tablename__ = "checklists"
    AUDIT_NOUN = "checklist"
    __table_args__ = (
        one_of("kind", ("items", "hazards")),
        CheckConstraint("code ~ '^[a-z][a-z0-9_]*$'", name="code"),
        UniqueConstraint("code"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    kind: Mapped[str] = mapped_column(default="items")
    position: Mapped[int]
    file_sha256: Mapped[str | None] = mapped_column(info={"silent": True})
    versions: Mapped[list["ChecklistVersion"]] = relationship(lazy="raise_on_sql", viewonly=True)


class ChecklistVersion(Audited, Stateful, Base):
    """版本: names, kinds of place, rule of scoring; in force from a day until (not including) another."""

    __tablename__ = "checklist_versions"
    AUDIT_NOUN = "checklist_version"
    MOVES: ClassVar[Any] = {
        ("draft", "published"): "checklist_version.published",
        ("published", "retired"): "checklist_version.retired",
    }
    __table_args__ = (
        one_of("state", tuple(STATE_WORDS)),
        one_of("origin", tuple(ORIGIN_WORDS)),
        CheckConstraint(
            "(state = 'draft' AND content_sha256 IS NULL AND effective_from IS NULL AND effective_to IS NULL) OR ("
            "state <> 'draft' AND content_sha256 IS NOT NULL AND effective_from IS NOT NULL"
            " AND reason IS NOT NULL AND published_at IS NOT NULL)",
            name="whole",
        ),
        CheckConstraint("effective_to >= effective_from", name="dates"),
        CheckConstraint("state <> 'retired' OR effective_to IS NOT NULL", name="retired"),
        UniqueConstraint("checklist_id", "number"),
        Index("checklist_versions_draft_key", "checklist_id", unique=True, postgresql_where=text("state = 'draft'")),
        ExcludeConstraint(
            (text("int8range(checklist_id, checklist_id, '[]')"), "&&"),
            (text("daterange(effective_from, effective_to, '[)')"), "&&"),
            where=text("state <> 'draft'"), using="gist", name="checklist_versions_in_force_excl",
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    checklist_id: Mapped[int] = mapped_column(ForeignKey("checklists.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(default="draft")
    zh: Mapped[str]
    en: Mapped[str]
    note_zh: Mapped[str] = mapped_column(default="")
    note_en: Mapped[str] = mapped_column(default="")
    facility_types: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    rule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    origin: Mapped[str] = mapped_column(default="editor")
    based_on: Mapped[int | None]  # the number of the version a draft began as
    content_sha256: Mapped[str | None] = mapped_column(info={"silent": True})
    effective_from: Mapped[date | None]
    effective_to: Mapped[date | None]  # the first day it is no longer in force
    reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    created_by: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None] = mapped_column(info={"silent": True})  # the log's entry says both
    published_by: Mapped[str | None] = mapped_column(info={"silent": True})
    checklist: Mapped[Checklist] = relationship(lazy="raise_on_sql")

    def in_force(self, day: date) -> bool:
        """Whether it is the list's version on that day."""
        if self.effective_from is None or day < self.effective_from:
            return False
        return self.effective_to is None or day < self.effective_to


class ChecklistArea(Audited, Base):
    """检查领域: a part of a list, with a code of its own."""

    __tablename__ = "checklist_areas"
    AUDIT_NOUN = "checklist_area"
    __table_args__ = (
        CheckConstraint(f"code ~ '{CODE}'", name="code"),
        UniqueConstraint("version_id", "code"),
        UniqueConstraint("id", "version_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("checklist_versions.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str]
    zh: Mapped[str]
    en: Mapped[str]


class ChecklistItem(Audited, Base):
    """检查项: what is looked at, by which rule, how grave a fault is.

    basis: [{"basis", "zh", "en", "clause", "seen"}], `seen` of SEEN_WORDS. applies_if: a condition over attributes of the
    place (queries/conditions.py). hazard_code: the row of the hazard table a fault can amount to; major_when_*: a fault is
    no major hazard by itself, but may be escalated to one in that case.
    """

    __tablename__ = "checklist_items"
    AUDIT_NOUN = "checklist_item"
    __table_args__ = (
        ForeignKeyConstraint(
            ["area_id", "version_id"], ["checklist_areas.id", "checklist_areas.version_id"], ondelete="CASCADE",
            name="checklist_items_area_fkey",
        ),
        CheckConstraint(f"code ~ '{CODE}'", name="code"),
        one_of("severity", SEVERITIES),
        one_of("frequency", FREQUENCIES),
        one_of("method", METHODS),
        one_of("patrol_window", tuple(WINDOW_WORDS)),
        CheckConstraint("times_per_period BETWEEN 1 AND 24", name="times"),
        CheckConstraint("severity <> 'major' OR (major_when_zh IS NULL AND major_when_en IS NULL)", name="major_when"),
        CheckConstraint("(major_when_zh IS NULL) = (major_when_en IS NULL)", name="major_when_whole"),
        CheckConstraint("cardinality(facility_types) > 0", name="facility_types"),
        UniqueConstraint("version_id", "code"),
        UniqueConstraint("id", "version_id"),
        Index("checklist_items_area_idx", "area_id", "version_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version_id: Mapped[int]
    area_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int]
    code: Mapped[str]
    zh: Mapped[str]
    en: Mapped[str]
    basis: Mapped[list[Any]]
    frequency: Mapped[str]
    times_per_period: Mapped[int] = mapped_column(default=1)
    patrol_window: Mapped[str | None]
    severity: Mapped[str]
    veto: Mapped[bool]
    photo_required: Mapped[bool]
    method: Mapped[str]
    facility_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    applies_if: Mapped[str | None]
    hazard_code: Mapped[str | None]
    major_when_zh: Mapped[str | None]
    major_when_en: Mapped[str | None]


class MajorHazard(Audited, Base):
    """重大事故隐患: a situation of the criteria of 27 Nov 2023 (§7), and how certain its wording is."""

    __tablename__ = "major_hazards"
    AUDIT_NOUN = "major_hazard"
    __table_args__ = (
        CheckConstraint(f"code ~ '{CODE}'", name="code"),
        one_of("confidence", tuple(CONFIDENCE_WORDS)),
        UniqueConstraint("version_id", "code"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("checklist_versions.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str]
    clause: Mapped[str]
    zh: Mapped[str]
    en: Mapped[str]
    confidence: Mapped[str]


COLUMN_WORDS: dict[str, Any] = {
    "zh": _l("Chinese text"), "en": _l("English text"), "note_zh": _l("Note in Chinese"), "note_en": _l("Note in English"),
    "facility_types": _l("Kinds of place"), "rule": _l("Rule of scoring"), "code": _l("Code"),
    "position": _l("Place in the order"),
    "area": _l("Area"), "area_id": _l("Area"), "basis": _l("Legal basis"), "frequency": _l("How often"),
    "times_per_period": _l("Times in a period"), "patrol_window": _l("When in the day"), "severity": _l("Severity"),
    "veto": _l("Veto"), "photo_required": _l("Photo required"), "method": _l("How it is checked"),
    "applies_if": _l("Applies if"), "hazard_code": _l("Major hazard"), "major_when_zh": _l("Major when (Chinese)"),
    "major_when_en": _l("Major when (English)"), "clause": _l("Clause"), "confidence": _l("Certainty"),
}  # fmt: skip
VALUES: dict[str, dict[str, Any]] = {
    "facility_types": FACILITY_WORDS, "frequency": FREQUENCY_WORDS, "severity": SEVERITY_WORDS, "method": METHOD_WORDS,
    "patrol_window": WINDOW_WORDS, "confidence": CONFIDENCE_WORDS, "state": STATE_WORDS, "origin": ORIGIN_WORDS,
    "reason": REASON_WORDS, "why": REASON_WORDS,
}  # fmt: skip
words.name(
    "checklist", _l("checklist"),
    actions={
        "checklist.added": _l("List added"), "checklist.removed": _l("List removed"), "catalogue.loaded": _l("Catalogue loaded"),
    },
    columns={"code": _l("Code"), "position": _l("Place in the order")},
)
words.name(
    "checklist_version", _l("version of a checklist"),
    actions={
        "checklist_version.drafted": _l("Draft begun"), "checklist_version.changed": _l("Draft changed"),
        "checklist_version.published": _l("Version published"), "checklist_version.retired": _l("Version retired"),
        "checklist_version.ended": _l("End of a version set"), "checklist_version.discarded": _l("Draft discarded"),
    },
    columns={
        **COLUMN_WORDS, "number": _l("Version"), "state": _l("State"), "origin": _l("Where from"), "reason": _l("Reason"),
        "why": _l("Reason"), "based_on": _l("Begun from version"), "effective_from": _l("In force from"),
        "effective_to": _l("In force until before"), "sha256": "SHA-256", "items": _l("Items"), "created_by": _l("Begun by"),
        "published_by": _l("Published by"), "published_at": _l("Published"), "weights": _l("Weights"), "grades": _l("Grades"),
        "caps": _l("Caps"), "serious_count": _l("Serious faults that cap"), "least_checked": _l("Least part checked"),
        "partial_for": _l("Partly in order allowed for"),
    },
    values=VALUES,
)
for _noun, _what in (
    ("checklist_item", _l("item of a checklist")), ("checklist_area", _l("area of a checklist")),
    ("major_hazard", _l("major hazard")),
):
    words.name(_noun, _what, columns={**COLUMN_WORDS, "version": _l("Version")}, values=VALUES)
words.ACTIONS.update(
    {
        "checklist_item.added": _l("Item added"), "checklist_item.changed": _l("Item changed"),
        "checklist_item.moved": _l("Item moved"), "checklist_item.removed": _l("Item removed"),
        "checklist_area.added": _l("Area added"), "checklist_area.changed": _l("Area changed"),
        "checklist_area.moved": _l("Area moved"), "checklist_area.removed": _l("Area removed"),
        "major_hazard.added": _l("Row added"), "major_hazard.changed": _l("Row changed"),
        "major_hazard.moved": _l("Row moved"), "major_hazard.removed": _l("Row removed"),
    }
)

catalogue(
    {
        "checklist.code_taken": (409, _l("Another list has this code. Choose a different one.")),
        "checklist.code_wrong": (422, _l("A list’s code is small letters, digits and _, beginning with a letter.")),
        "checklist.word_unknown": (422, _l("One of the choices is not in the list. Choose again.")),
        "checklist.draft_exists": (409, _l("This list has a draft already. Go on with it, publish it or discard it first.")),
        "checklist.published_fixed": (
            409, _l("This version was published and cannot be changed any more. Begin a new draft from it instead."),
        ),
        "checklist.in_force_twice": (
            409, _l("On that day another version of this list is in force already. Choose a later day."),
        ),
        "checklist.day_too_early": (
            422, _l("The earliest day to choose is %(day)s: today or later, and not before the version in force began."),
        ),
        "checklist.version_unwhole": (409, _l("A published version needs a reason, a day and content. Publish it again.")),
        "checklist.dates_wrong": (422, _l("A version cannot end before it begins. Choose a later day.")),
        "checklist.not_published": (409, _l("Only a published version can be ended.")),
        "checklist.no_items": (409, _l("The table of major hazards has no items. Choose a list of items.")),
        "checklist.empty": (409, _l("There is nothing in this draft yet. Add something before you publish it.")),
        "checklist.area_empty": (409, _l("Area %(code)s has no item. Add one, or remove the area before you publish.")),
        "checklist.same_as_before": (
            409, _l("Nothing in this draft differs from version %(number)s. Change something, or discard the draft."),
        ),
        "checklist.not_in_force": (409, _l("No version of this list is in force on %(day)s. Publish one first.")),
        "checklist.item_code_taken": (409, _l("This code is taken in the list. Codes are never used twice; choose another.")),
        "checklist.item_code_wrong": (
            422, _l("A code is capital letters and digits, with hyphens between its parts: INS-FIR-01."),
        ),
        "checklist.times_wrong": (422, _l("A check is due 1 to 24 times in its period.")),
        "checklist.major_when_wrong": (
            422, _l("“Major when” is for items that are not major by themselves, in both languages. Fill both or neither."),
        ),
        "checklist.types_missing": (422, _l("Choose at least one kind of place.")),
        "checklist.hazard_unknown": (422, _l("The table of major hazards has no row “%(code)s”. Choose one of its rows.")),
        "checklist.row_in_use": (
            409, _l("Row “%(code)s” of the table of major hazards is named by %(items)s. Publish lists that no longer do first."),
        ),
        "checklist.condition_wrong": (
            422, _l("This condition cannot be read at “%(at)s”. Write, for example: has_elevator and not uses_gas"),
        ),
        "checklist.attribute_unknown": (
            422, _l("The platform knows no attribute “%(name)s” of a place. Choose one of those named below."),
        ),
        "checklist.grades_order": (422, _l("The grades must fall: excellent above good, good above pass.")),
        "checklist.rule_wrong": (
            422, _l("Weights and the number of serious faults are at least 1; the part to be checked is above 0 and at most 1."),
        ),
        "checklist.veto_of_general": (
            422, _l("A veto is for serious and major items. Raise the severity, or take the veto away."),
        ),
    },
    {
        "checklists_kind_check": "checklist.word_unknown",
        "checklists_code_check": "checklist.code_wrong",
        "checklists_code_key": "checklist.code_taken",
        "checklist_versions_state_check": "checklist.word_unknown",
        "checklist_versions_origin_check": "checklist.word_unknown",
        "checklist_versions_whole_check": "checklist.version_unwhole",
        "checklist_versions_dates_check": "checklist.dates_wrong",
        "checklist_versions_retired_check": "checklist.version_unwhole",
        "checklist_versions_checklist_id_number_key": "row.busy",
        "checklist_versions_draft_key": "checklist.draft_exists",
        "checklist_versions_in_force_excl": "checklist.in_force_twice",
        "checklist_versions_fixed": "checklist.published_fixed",
        "checklist_areas_code_check": "checklist.item_code_wrong",
        "checklist_areas_version_id_code_key": "checklist.item_code_taken",
        "checklist_areas_id_version_id_key": "row.busy",
        "checklist_items_code_check": "checklist.item_code_wrong",
        "checklist_items_severity_check": "checklist.word_unknown",
        "checklist_items_frequency_check": "checklist.word_unknown",
        "checklist_items_method_check": "checklist.word_unknown",
        "checklist_items_patrol_window_check": "checklist.word_unknown",
        "checklist_items_times_check": "checklist.times_wrong",
        "checklist_items_major_when_check": "checklist.major_when_wrong",
        "checklist_items_major_when_whole_check": "checklist.major_when_wrong",
        "checklist_items_facility_types_check": "checklist.types_missing",
        "checklist_items_version_id_code_key": "checklist.item_code_taken",
        "checklist_items_id_version_id_key": "row.busy",
        "major_hazards_code_check": "checklist.item_code_wrong",
        "major_hazards_confidence_check": "checklist.word_unknown",
        "major_hazards_version_id_code_key": "checklist.item_code_taken",
    },
)
