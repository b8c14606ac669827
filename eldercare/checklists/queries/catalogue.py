"""Reads of the catalogue. Lists are the same for everybody: scope decides who may ask, not which rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, any_, column, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import joinedload

from eldercare.checklists.models import (
    HAZARDS,
    Checklist,
    ChecklistArea,
    ChecklistItem,
    ChecklistVersion,
    MajorHazard,
)
from eldercare.checklists.queries import contents
from eldercare.core import calendar
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope


@dataclass(frozen=True)
class Standing:
    """A list today: the version in force, the next one to come, the draft, and how many rows the first of them has."""

    checklist: Checklist
    current: ChecklistVersion | None
    coming: ChecklistVersion | None
    draft: ChecklistVersion | None
    rows: int
    shown: ChecklistVersion  # the one that gives the list its name: in force, to come, draft, or the last there was

    @property
    def id(self) -> int:
        """The list's own."""
        return self.checklist.id


def standings(scope: Scope, day: date | None = None, *, drafts: bool = True) -> list[Standing]:
    """Every list as it stands on a day (today), in the catalogue's order: two statements.

    Without `drafts` they are left out, and lists that are nothing but a draft.
    """
    day = day or calendar.today()
    lists = db.session.scalars(scope.select(Checklist).order_by(Checklist.position, Checklist.id)).all()
    rows = select(ChecklistItem.version_id).union_all(select(MajorHazard.version_id)).subquery()
    counted = select(rows.c.version_id, func.count().label("rows")).group_by(rows.c.version_id).subquery()
    found = db.session.execute(
        scope.columns(ChecklistVersion, ChecklistVersion, func.coalesce(counted.c.rows, 0))
        .outerjoin(counted, counted.c.version_id == ChecklistVersion.id)
        .order_by(ChecklistVersion.number)
    ).all()
    count = {version.id: rows for version, rows in found}
    out = []
    for each in lists:
        own = [version for version, _rows in found if version.checklist_id == each.id]
        current = next((version for version in own if version.in_force(day)), None)
        coming = next((v for v in own if v.effective_from and v.effective_from > day), None)
        draft = next((version for version in own if version.state == "draft" and drafts), None)
        shown = current or coming or draft or next((v for v in reversed(own) if v.state != "draft"), None)
        if shown is None:
            continue
        out.append(Standing(each, current, coming, draft, count[shown.id], shown))
    return out


def checklist(scope: Scope, checklist_id: int) -> Checklist:
    """One list; 404."""
    return scope.get(Checklist, checklist_id)


def version(scope: Scope, version_id: int, *, drafts: bool = True) -> ChecklistVersion:
    """One version with its list; 404 (without `drafts`, for a draft too)."""
    query = scope.select(ChecklistVersion).where(ChecklistVersion.id == version_id)
    found = db.session.scalars(query.options(joinedload(ChecklistVersion.checklist))).one_or_none()
    if found is None or (found.state == "draft" and not drafts):
        return scope.get(ChecklistVersion, 0)
    return found


def versions(scope: Scope, checklist_id: int, *, drafts: bool = True) -> list[ChecklistVersion]:
    """Every version of a list, the newest first."""
    query = scope.select(ChecklistVersion).where(ChecklistVersion.checklist_id == checklist_id)
    if not drafts:
        query = query.where(ChecklistVersion.state != "draft")
    return list(db.session.scalars(query.order_by(ChecklistVersion.number.desc())))


def in_force(scope: Scope, code: str, day: date | None = None) -> ChecklistVersion:
    """The version of a list in force on a day (today); Refused checklist.not_in_force."""
    day = day or calendar.today()
    query = (
        scope.select(ChecklistVersion)
        .join(Checklist, Checklist.id == ChecklistVersion.checklist_id)
        .where(Checklist.code == code, ChecklistVersion.state != "draft", ChecklistVersion.effective_from <= day)
        .where(or_(ChecklistVersion.effective_to.is_(None), ChecklistVersion.effective_to > day))
    )
    found = db.session.scalars(query.options(joinedload(ChecklistVersion.checklist))).one_or_none()
    if found is None:
        raise Refused("checklist.not_in_force", day=day)
    return found


def suitable(scope: Scope, facility_type: str, day: date | None = None) -> list[ChecklistVersion]:
    """The versions in force for a kind of place, in the catalogue's order."""
    return [
        each.current for each in standings(scope, day)
        if each.current and each.checklist.kind == "items" and facility_type in each.current.facility_types
    ]  # fmt: skip


def published_before(scope: Scope, of: ChecklistVersion) -> ChecklistVersion | None:
    """The version published before this one: what it is compared with."""
    query = scope.select(ChecklistVersion).where(
        ChecklistVersion.checklist_id == of.checklist_id, ChecklistVersion.number < of.number, ChecklistVersion.state != "draft"
    )
    return db.session.scalars(query.order_by(ChecklistVersion.number.desc()).limit(1)).first()


def draft_of(scope: Scope, checklist_id: int) -> ChecklistVersion | None:
    """A list's draft, if it has one."""
    query = scope.select(ChecklistVersion).where(
        ChecklistVersion.checklist_id == checklist_id, ChecklistVersion.state == "draft"
    )
    return db.session.scalars(query).one_or_none()


# ---- what is in a version --------------------------------------------------------------------------


def areas(scope: Scope, version_id: int) -> list[ChecklistArea]:
    """A version's areas in their order."""
    query = scope.select(ChecklistArea).where(ChecklistArea.version_id == version_id)
    return list(db.session.scalars(query.order_by(ChecklistArea.position, ChecklistArea.id)))


def items_statement(scope: Scope, version_id: int) -> Select[Any]:
    """A version's items with their areas, for a Listing."""
    return (
        scope.columns(
            ChecklistItem, ChecklistItem, ChecklistArea.code.label("area"), ChecklistArea.zh.label("area_zh"),
            ChecklistArea.en.label("area_en"), ChecklistArea.position.label("area_position"),
        )
        .join(ChecklistArea, ChecklistArea.id == ChecklistItem.area_id)
        .where(ChecklistItem.version_id == version_id)
    )  # fmt: skip


def count_items(scope: Scope, version_id: int) -> int:
    """How many items a version has."""
    return db.session.scalar(scope.columns(ChecklistItem, func.count()).where(ChecklistItem.version_id == version_id)) or 0


def items(scope: Scope, version_id: int) -> list[ChecklistItem]:
    """A version's items in the order of the list."""
    query = (
        scope.select(ChecklistItem)
        .join(ChecklistArea, ChecklistArea.id == ChecklistItem.area_id)
        .where(ChecklistItem.version_id == version_id)
        .order_by(ChecklistArea.position, ChecklistArea.id, ChecklistItem.position, ChecklistItem.id)
    )
    return list(db.session.scalars(query))


def hazards_statement(scope: Scope, version_id: int) -> Select[MajorHazard]:
    """The rows of a version of the hazard table, for a Listing."""
    return scope.select(MajorHazard).where(MajorHazard.version_id == version_id)


def hazards(scope: Scope, version_id: int) -> list[MajorHazard]:
    """The rows of a version of the hazard table."""
    return list(db.session.scalars(hazards_statement(scope, version_id).order_by(MajorHazard.position, MajorHazard.id)))


def hazards_in_force(scope: Scope, day: date | None = None) -> list[MajorHazard]:
    """The rows of the hazard table on a day (today); none while no table is in force."""
    day = day or calendar.today()
    query = (
        scope.select(MajorHazard)
        .join(ChecklistVersion, ChecklistVersion.id == MajorHazard.version_id)
        .join(Checklist, Checklist.id == ChecklistVersion.checklist_id)
        .where(Checklist.code == HAZARDS, ChecklistVersion.state != "draft", ChecklistVersion.effective_from <= day)
        .where(or_(ChecklistVersion.effective_to.is_(None), ChecklistVersion.effective_to > day))
    )
    return list(db.session.scalars(query.order_by(MajorHazard.position, MajorHazard.id)))


def hazard_coded(scope: Scope, code: str) -> MajorHazard | None:
    """The row of the hazard table with a code as it stands or last stood in force: codes are never used twice."""
    query = (
        scope.select(MajorHazard)
        .join(ChecklistVersion, ChecklistVersion.id == MajorHazard.version_id)
        .where(MajorHazard.code == code, ChecklistVersion.effective_from <= calendar.today())
    )
    return db.session.scalars(query.order_by(MajorHazard.version_id.desc()).limit(1)).first()


def hazard_codes_from(scope: Scope, day: date) -> list[set[str]]:
    """The codes of each hazard table that is in force on a day or comes after it."""
    query = scope.columns(MajorHazard, MajorHazard.version_id, MajorHazard.code)
    query = query.join(ChecklistVersion, ChecklistVersion.id == MajorHazard.version_id).where(_is_from(day))
    found: dict[int, set[str]] = {}
    for version_id, code in db.session.execute(query):
        found.setdefault(version_id, set()).add(code)
    return list(found.values())


def naming_hazards(scope: Scope, day: date) -> list[tuple[str, str]]:
    """(row of the hazard table, item that names it) of every item that is in force on a day or comes after it."""
    query = scope.columns(ChecklistItem, ChecklistItem.hazard_code, ChecklistItem.code).distinct()
    query = query.join(ChecklistVersion, ChecklistVersion.id == ChecklistItem.version_id).where(_is_from(day))
    query = query.where(ChecklistItem.hazard_code.is_not(None)).order_by(ChecklistItem.hazard_code, ChecklistItem.code)
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _is_from(day: date) -> ColumnElement[bool]:
    """Versions in force on a day, and those to come into force after it."""
    ends = ChecklistVersion.effective_to
    return and_(ChecklistVersion.state != "draft", or_(ends.is_(None), ends > day))


def items_for(scope: Scope, facility_type: str, day: date | None = None) -> list[ChecklistItem]:
    """Every item in force for a kind of place, in the order of the lists."""
    day = day or calendar.today()
    query = (
        scope.select(ChecklistItem)
        .join(ChecklistVersion, ChecklistVersion.id == ChecklistItem.version_id)
        .join(Checklist, Checklist.id == ChecklistVersion.checklist_id)
        .join(ChecklistArea, ChecklistArea.id == ChecklistItem.area_id)
        .where(literal(facility_type) == any_(ChecklistItem.facility_types))
        .where(literal(facility_type) == any_(ChecklistVersion.facility_types))
        .where(ChecklistVersion.state != "draft", ChecklistVersion.effective_from <= day)
        .where(or_(ChecklistVersion.effective_to.is_(None), ChecklistVersion.effective_to > day))
    )
    order = (Checklist.position, Checklist.id, ChecklistArea.position, ChecklistItem.position, ChecklistItem.id)
    return list(db.session.scalars(query.order_by(*order)))


def hazard_table_name(scope: Scope, day: date | None = None) -> tuple[str, str] | None:
    """What the table of major hazards that is in force on a day is called, in Chinese and English."""
    rows = hazards_in_force(scope, day)
    of = db.session.get(ChecklistVersion, rows[0].version_id) if rows else None
    return (of.zh, of.en) if of else None


def content(scope: Scope, of: ChecklistVersion) -> contents.Content:
    """A version's content as plain data."""
    rows = hazards(scope, of.id) if of.checklist.kind == "hazards" else []
    own = [] if rows else areas(scope, of.id)
    return contents.of(of, own, items(scope, of.id) if own else [], rows)


def known_bases(scope: Scope) -> list[dict[str, str]]:
    """Every rule any item cites: [{"basis", "zh", "en"}], by its Chinese name; the newest wording of each."""
    cited = func.jsonb_array_elements(ChecklistItem.basis).table_valued(column("value", JSONB)).lateral()
    code, zh, en = (cited.c.value[name].astext for name in ("basis", "zh", "en"))
    query = scope.columns(ChecklistItem, code.label("basis"), zh.label("zh"), en.label("en")).join(cited, true())
    newest = query.ext(distinct_on(code)).order_by(code, ChecklistItem.id.desc())
    found = [dict(row) for row in db.session.execute(newest).mappings()]
    return sorted(found, key=lambda each: str(each["zh"]))


def area(scope: Scope, area_id: int) -> ChecklistArea:
    """One area; 404."""
    return scope.get(ChecklistArea, area_id)


def item(scope: Scope, item_id: int) -> ChecklistItem:
    """One item; 404."""
    return scope.get(ChecklistItem, item_id)


def item_coded(scope: Scope, version_id: int, code: str) -> ChecklistItem | None:
    """The item of a version with a code, if there is one."""
    query = scope.select(ChecklistItem).where(ChecklistItem.version_id == version_id, ChecklistItem.code == code)
    return db.session.scalars(query).one_or_none()


def hazard(scope: Scope, hazard_id: int) -> MajorHazard:
    """One row of the hazard table; 404."""
    return scope.get(MajorHazard, hazard_id)


def row(scope: Scope, kind: str, row_id: int) -> ChecklistArea | ChecklistItem | MajorHazard:
    """One row of a version by the kind of row: areas, items, hazards; 404."""
    if kind == "areas":
        return area(scope, row_id)
    return item(scope, row_id) if kind == "items" else hazard(scope, row_id)


def history(scope: Scope, version_ids: Iterable[int], most: int = 60) -> list[AuditEntry]:
    """What happened to these versions and to what is in them, newest first. Empty for whoever reaches single places only."""
    ids = list(version_ids)
    parts = ("checklist_item", "checklist_area", "major_hazard")
    about = or_(
        and_(AuditEntry.entity == "checklist_version", AuditEntry.entity_id.in_(ids)),
        and_(AuditEntry.entity.in_(parts), AuditEntry.details["version_id"].as_integer().in_(ids)),
    )
    return list(db.session.scalars(scope.select(AuditEntry).where(about).order_by(AuditEntry.id.desc()).limit(most)))
