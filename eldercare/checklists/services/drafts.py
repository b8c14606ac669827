"""What is in a draft: the list's own words and rule, its areas, items, rows of the hazard table; their order.

Every act holds the version's row first and refuses once it is published; the database does the same (trigger).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from eldercare.checklists import queries
from eldercare.checklists.models import ChecklistArea, ChecklistItem, ChecklistVersion, MajorHazard
from eldercare.checklists.queries import conditions
from eldercare.core import audit
from eldercare.core.db import changes_of, db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope

Row = ChecklistArea | ChecklistItem | MajorHazard


def _draft(scope: Scope, version_id: int) -> ChecklistVersion:
    version = scope.lock(ChecklistVersion, version_id)
    if version.state != "draft":
        raise Refused("checklist.published_fixed")
    return version


def _set(scope: Scope, row: Any, values: Mapping[str, Any], **details: Any) -> None:
    for key, value in values.items():
        if getattr(row, key) != value:
            setattr(row, key, value)
    if changes_of(row):
        audit.record(scope, f"{row.AUDIT_NOUN}.changed", row, **details)


def _about(row: Row) -> dict[str, Any]:
    return {"version_id": row.version_id, "code": row.code}


# ---- the list itself -------------------------------------------------------------------------------


def change_version(scope: Scope, version_id: int, values: Mapping[str, Any]) -> None:
    """Names, notes, kinds of place. Refused: checklist.types_missing."""
    version = _draft(scope, version_id)
    if version.rule and not values.get("facility_types", version.facility_types):
        raise Refused("checklist.types_missing", field="facility_types")
    _set(scope, version, values)


def change_rule(scope: Scope, version_id: int, rule: Mapping[str, Any]) -> None:
    """The rule of scoring (shape of models.RULE). Refused as by `judge_rule`."""
    judge_rule(rule)
    _set(scope, _draft(scope, version_id), {"rule": _plain(rule)})


def _plain(value: Any) -> Any:
    """Decimals as JSON numbers."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return float(value) if isinstance(value, Decimal) else value


# ---- areas -----------------------------------------------------------------------------------------


def add_area(scope: Scope, version_id: int, values: Mapping[str, Any]) -> ChecklistArea:
    """An area at the end. `values`: code, zh, en. Refused: checklist.item_code_taken."""
    version = _draft(scope, version_id)
    _free(version.id, str(values["code"]))
    area = ChecklistArea(version_id=version.id, position=_last(ChecklistArea, version_id=version.id) + 1, **values)
    db.session.add(area)
    audit.record(scope, "checklist_area.added", area, **_about(area))
    return area


def change_area(scope: Scope, area_id: int, values: Mapping[str, Any]) -> ChecklistArea:
    """Correct an area."""
    area = queries.area(scope, area_id)
    _draft(scope, area.version_id)
    if values["code"] != area.code:
        _free(area.version_id, str(values["code"]))
    _set(scope, area, values, **_about(area))
    return area


# ---- items and rows of the hazard table ------------------------------------------------------------


def add_item(scope: Scope, area_id: int, values: Mapping[str, Any]) -> ChecklistItem:
    """An item at the end of an area. `values`: the fields of contents.ITEM."""
    area = queries.area(scope, area_id)
    _draft(scope, area.version_id)
    checked = _judge(scope, area.version_id, values)
    item = ChecklistItem(
        version_id=area.version_id, area_id=area.id, position=_last(ChecklistItem, area_id=area.id) + 1, **checked
    )
    db.session.add(item)
    audit.record(scope, "checklist_item.added", item, **_about(item))
    return item


def change_item(scope: Scope, item_id: int, values: Mapping[str, Any], area_id: int | None = None) -> ChecklistItem:
    """Correct an item; with `area_id` it goes to the end of another area."""
    item = queries.item(scope, item_id)
    _draft(scope, item.version_id)
    checked = _judge(scope, item.version_id, values, item)
    if area_id is not None and area_id != item.area_id:
        area = queries.area(scope, area_id)
        if area.version_id == item.version_id:
            checked |= {"area_id": area.id, "position": _last(ChecklistItem, area_id=area.id) + 1}
    _set(scope, item, checked, **_about(item))
    return item


def add_hazard(scope: Scope, version_id: int, values: Mapping[str, Any]) -> MajorHazard:
    """A row at the end of the hazard table. `values`: code, clause, zh, en, confidence."""
    version = _draft(scope, version_id)
    row = MajorHazard(version_id=version.id, position=_last(MajorHazard, version_id=version.id) + 1, **values)
    db.session.add(row)
    audit.record(scope, "major_hazard.added", row, **_about(row))
    return row


def change_hazard(scope: Scope, hazard_id: int, values: Mapping[str, Any]) -> MajorHazard:
    """Correct a row of the hazard table."""
    row = queries.hazard(scope, hazard_id)
    _draft(scope, row.version_id)
    _set(scope, row, values, **_about(row))
    return row


def change_row(scope: Scope, row: Row, values: Mapping[str, Any]) -> Row:
    """Correct whatever row it is; an item goes to the area `area_id` says."""
    if isinstance(row, ChecklistArea):
        return change_area(scope, row.id, values)
    if isinstance(row, MajorHazard):
        return change_hazard(scope, row.id, values)
    return change_item(scope, row.id, {key: value for key, value in values.items() if key != "area_id"}, values.get("area_id"))


def remove(scope: Scope, row: Row) -> int:
    """Take a row out of a draft, an area with its items; the id of its version."""
    _draft(scope, row.version_id)
    inside: list[Row] = []
    if isinstance(row, ChecklistArea):
        inside = list(db.session.scalars(scope.select(ChecklistItem).where(ChecklistItem.area_id == row.id)))
    for each in [*inside, row]:
        db.session.delete(each)
        audit.record(scope, f"{each.AUDIT_NOUN}.removed", each, **_about(each))
    return row.version_id


def move(scope: Scope, row: Row, to: str) -> int:
    """One place `up` or `down` among its like (nothing happens at the end); the id of its version."""
    _draft(scope, row.version_id)
    kind: Any = type(row)
    inside = kind.area_id == row.area_id if isinstance(row, ChecklistItem) else kind.version_id == row.version_id
    around = list(db.session.scalars(scope.select(kind).where(inside).order_by(kind.position, kind.id)))
    at = around.index(row)
    other = at + (1 if to == "down" else -1)
    if 0 <= other < len(around):
        around[at], around[other] = around[other], around[at]
        for position, each in enumerate(around, 1):
            if each.position != position:
                each.position = position
                audit.record(scope, f"{each.AUDIT_NOUN}.moved", each, **_about(each))
    return row.version_id


# ---- judging ---------------------------------------------------------------------------------------


def _judge(scope: Scope, version_id: int, values: Mapping[str, Any], item: ChecklistItem | None = None) -> dict[str, Any]:
    """An item's fields, the condition in its one spelling; Refused with the field it belongs to."""
    checked = dict(values)
    if item is None or checked["code"] != item.code:
        _free(version_id, str(checked["code"]))
    checked["applies_if"] = conditions.normal(checked.get("applies_if"))
    judge_item(checked, {row.code for row in queries.hazards_in_force(scope)})
    return checked


def judge_rule(rule: Mapping[str, Any]) -> None:
    """What holds for every rule of scoring, typed here or imported (domain.md §6): grades fall, nothing weighs nothing.

    Refused: checklist.grades_order, checklist.rule_wrong.
    """
    grades = rule["grades"]
    if not grades["excellent"] > grades["good"] > grades["pass"]:
        raise Refused("checklist.grades_order", field="excellent")
    if min(*rule["weights"].values(), rule["serious_count"]) < 1 or not 0 < rule["least_checked"] <= 1:
        raise Refused("checklist.rule_wrong")


def judge_item(item: Mapping[str, Any], hazard_codes: set[str]) -> None:
    """What holds for every item, typed here or imported: what is major is a row of the table or says when it is one."""
    if item["veto"] and item["severity"] == "general":
        raise Refused("checklist.veto_of_general", field="veto")
    if bool(item["major_when_zh"]) != bool(item["major_when_en"]) or (item["major_when_zh"] and item["severity"] == "major"):
        raise Refused("checklist.major_when_wrong", field="major_when_zh")
    if item["hazard_code"] and item["hazard_code"] not in hazard_codes:
        raise Refused("checklist.hazard_unknown", field="hazard_code", code=item["hazard_code"])
    if not item["facility_types"]:
        raise Refused("checklist.types_missing", field="facility_types")


def _free(version_id: int, code: str) -> None:
    """Areas and items of a version share their codes' space: in an XLSForm they are names of one kind."""
    taken = select(ChecklistArea.id).where(ChecklistArea.version_id == version_id, ChecklistArea.code == code)
    also = select(ChecklistItem.id).where(ChecklistItem.version_id == version_id, ChecklistItem.code == code)
    if db.session.scalar(taken.union_all(also).limit(1)) is not None:
        raise Refused("checklist.item_code_taken", field="code")


def _last(model: Any, **where: int) -> int:
    return db.session.scalar(select(db.func.coalesce(db.func.max(model.position), 0)).filter_by(**where)) or 0
