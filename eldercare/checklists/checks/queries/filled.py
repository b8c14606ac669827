"""Reads of filled lists: a check with its answers beside the version they were given to."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, exists, func
from sqlalchemy.orm import aliased, contains_eager, joinedload

from eldercare.checklists.checks.models import Check, CheckAnswer
from eldercare.checklists.checks.queries import scoring
from eldercare.checklists.models import ChecklistArea, ChecklistItem, ChecklistVersion
from eldercare.checklists.queries import conditions
from eldercare.core.db import db
from eldercare.core.scope import Scope


def check(scope: Scope, check_id: int) -> Check:
    """One check with its place, version and list; 404 outside the reach."""
    scope.get(Check, check_id)
    query = scope.select(Check).where(Check.id == check_id)
    wanted = (joinedload(Check.facility), joinedload(Check.version).joinedload(ChecklistVersion.checklist))
    return db.session.scalars(query.options(*wanted)).one()


def checks(scope: Scope, *, facility_id: int | None = None, newest: bool = True) -> Select[Check]:
    """Checks in reach that were not dropped. `newest`: without those a sealed correction has replaced."""
    query = scope.select(Check).where(Check.state != "dropped")
    if facility_id is not None:
        query = query.where(Check.facility_id == facility_id)
    if newest:
        replaced = scope.columns(Check, Check.corrects_id).where(Check.corrects_id.is_not(None), Check.state == "sealed")
        query = query.where(Check.id.not_in(replaced))
    return query


def editions(scope: Scope, of: Check) -> list[Check]:
    """A check and its corrections, the first one on top."""
    first = of
    while first.corrects_id is not None:
        first = scope.get(Check, first.corrects_id)
    chain: list[Check] = []
    after: Check | None = first
    while after is not None:
        chain.append(after)
        query = scope.select(Check).where(Check.corrects_id == after.id, Check.state != "dropped")
        after = db.session.scalars(query).one_or_none()
    return chain


def answers(scope: Scope, check_id: int) -> list[tuple[ChecklistArea, CheckAnswer]]:
    """Every answer of a check with its item and area, in the order of the list."""
    query = (
        scope.columns(CheckAnswer, ChecklistArea, CheckAnswer)
        .join(ChecklistItem, ChecklistItem.id == CheckAnswer.item_id)
        .join(ChecklistArea, ChecklistArea.id == ChecklistItem.area_id)
        .where(CheckAnswer.check_id == check_id)
        .options(contains_eager(CheckAnswer.item))
        .order_by(ChecklistArea.position, ChecklistArea.id, ChecklistItem.position, ChecklistItem.id)
    )
    return [(area, answer) for area, answer in db.session.execute(query)]


def marks(found: Iterable[tuple[ChecklistArea, CheckAnswer]]) -> list[scoring.Mark]:
    """Answers as scoring sees them."""
    return [
        scoring.Mark(each.item.code, area.code, each.item.severity, each.item.veto, each.result, each.escalated)
        for area, each in found
    ]


def without_photo(found: Iterable[tuple[ChecklistArea, CheckAnswer]]) -> list[str]:
    """Codes of the items that want a photo, were checked, and have none."""
    return [
        each.item.code for _area, each in found
        if each.item.photo_required and not each.photos and each.result not in ("not_applicable", "not_checked")
    ]  # fmt: skip


def why(of: Check, item: ChecklistItem) -> conditions.Verdict:
    """Whether an item applies to the check's place by what was known when it began, and why, in words."""
    return conditions.judge(item.applies_if, item.facility_types, of.facts)


def content(of: Check, found: Iterable[tuple[ChecklistArea, CheckAnswer]]) -> dict[str, Any]:
    """What the seal covers, as plain data. `of` with its version."""
    return {
        "version": of.version.content_sha256, "facility": of.facility_id, "origin": of.origin, "label": of.label,
        "checked_on": of.checked_on.isoformat(), "facts": of.facts, "revision": of.revision, "corrects": of.corrects_id,
        "reason": of.reason, "person": [of.person_id, of.person_name], "overdue": of.overdue, "outcome": of.outcome,
        "answers": [
            {
                "code": each.item.code, "result": each.result, "reason": each.reason, "escalated": each.escalated,
                "by_rule": each.by_rule, "photos": each.photos,
            }
            for _area, each in found
        ],
    }  # fmt: skip


def sha256(of: Check, found: Iterable[tuple[ChecklistArea, CheckAnswer]]) -> str:
    """The hash a check is sealed with; the same again proves that nothing was altered."""
    canonical = json.dumps(content(of, found), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def scores(scope: Scope, origin: str, first: date, last: date) -> dict[int, tuple[int, Decimal]]:
    """By facility id, how many sealed lists of an origin were scored between two days, and the mean of their scores (0–100).

    Of a list that was corrected, its last edition counts.
    """
    later = aliased(Check)
    corrected = exists().where(later.corrects_id == Check.id, later.state == "sealed")
    query = scope.columns(Check, Check.facility_id, func.count(), func.avg(Check.score)).where(
        Check.origin == origin, Check.state == "sealed", Check.score.is_not(None), Check.checked_on.between(first, last),
        ~corrected,
    )  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query.group_by(Check.facility_id))}
