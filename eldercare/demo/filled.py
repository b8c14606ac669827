"""The filled lists of the demo's visits: answered, scored as they would have been on their day, sealed last."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from eldercare.checklists.checks import queries as checks
from eldercare.checklists.models import ChecklistItem
from eldercare.core.db import db

if TYPE_CHECKING:
    from eldercare.demo.visits import Book, Made


def write(book: "Book", one: "Made", said: dict[str, Any], number: int) -> int:
    """The list as it was sealed, with its score."""
    past, of, lead = one.past, book.lists[said["version_id"]], one.occasion.team[0]
    areas = {each.id: each for each in of.areas}
    place = {"township_id": past.township_id, "facility_id": past.facility_id}
    facts, home = book.facts[past.facility_id], past.facility_id
    found = [(areas[item.area_id], _answer(item, said["answers"].get(item.code), book.may_apply(home, item))) for item in of.rows]
    late = book.overdue(past.facility_id, past.day)
    outcome = checks.scoring.score(of.version.rule, checks.marks(found), late)
    whole = SimpleNamespace(
        version=of.version, facility_id=past.facility_id, origin="inspection", label=one.number, checked_on=past.day,
        facts=facts, revision=1, corrects_id=None, reason=None, person_id=lead.user_id,
        person_name=lead.user.name, overdue=late, outcome=outcome.as_json(),
    )  # fmt: skip
    book.add(
        "checks", id=number, **place, version_id=of.version.id, origin="inspection", label=one.number, checked_on=past.day,
        facts=whole.facts, state="open", revision=1, person_id=lead.user_id, person_name=whole.person_name,
        started_at=one.ended - timedelta(minutes=95), overdue=late, outcome={},
    )  # fmt: skip
    book.seals.append(
        {"id": number, "sealed_at": one.ended.isoformat(), "status": outcome.status, "grade": outcome.grade,
         "score": None if outcome.score is None else str(outcome.score), "outcome": whole.outcome,
         "sha256": checks.sha256(whole, found)}  # type: ignore[arg-type]
    )  # fmt: skip
    for _area, each in found:
        book.add(
            "check_answers", **place, check_id=number, version_id=of.version.id, item_id=each.item.id, result=each.result,
            reason=each.reason, escalated=False, by_rule=each.by_rule, photos=tuple(each.photos), answered_at=one.ended,
        )  # fmt: skip
    return number


def seal(seals: list[dict[str, Any]]) -> None:
    """Filled lists take no answer once they are sealed: all of them last."""
    statement = text(
        "UPDATE checks SET state = 'sealed', sealed_at = s.sealed_at, status = s.status, score = s.score, grade = s.grade,"
        " outcome = s.outcome, content_sha256 = s.sha256 FROM jsonb_to_recordset(CAST(:seals AS jsonb)) AS s"
        " (id bigint, sealed_at timestamptz, status text, score numeric, grade text, outcome jsonb, sha256 text)"
        " WHERE checks.id = s.id"
    )
    db.session.execute(statement.execution_options(audited="demo.loaded"), {"seals": json.dumps(seals, ensure_ascii=False)})


def _answer(item: ChecklistItem, said: dict[str, Any] | None, may_apply: bool) -> Any:  # noqa: FBT001
    if said is None:
        result = "not_checked" if may_apply else "not_applicable"
        return SimpleNamespace(item=item, result=result, reason=None, escalated=False, by_rule=not may_apply, photos=[])
    photos = [each["sha256"] for each in said["photos"]]
    return SimpleNamespace(
        item=item, result=said["result"], reason=said["reason"], escalated=False, by_rule=False, photos=photos
    )
