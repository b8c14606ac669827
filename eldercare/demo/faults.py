"""What the demo's self-checks found wrong and would have reported as hazards (selfchecks.filling: serious and major items)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text

from eldercare.checklists.models import ChecklistItem
from eldercare.core import calendar
from eldercare.core.db import db


@dataclass(frozen=True)
class Fault:
    """An answer that was not in order: at which place, of which item, when and by whom."""

    answer_id: int
    facility_id: int
    item: ChecklistItem
    reason: str
    at: datetime
    person: str
    label: str
    path: str

    @property
    def day(self) -> date:
        """The day it was found."""
        return calendar.local(self.at).date()

    @property
    def words(self) -> str:
        """The item and what was wrong with it, as a self-check reports it."""
        return f"{self.item.zh};{self.reason}"


def of_self_checks(today: date) -> Iterator[Fault]:
    """Every fault up to a day, the oldest first."""
    said = text(
        "SELECT a.id, a.facility_id, a.item_id, a.reason, r.done_at, r.person_name, r.period, r.id FROM check_answers a"
        " JOIN selfcheck_rounds r ON r.check_id = a.check_id JOIN checklist_items i ON i.id = a.item_id"
        " WHERE a.result = 'nonconform' AND i.severity IN ('serious', 'major') AND r.done_at <= :end ORDER BY r.done_at, a.id"
    )
    rows: list[Any] = list(db.session.execute(said, {"end": calendar.at(today, 23, 59)}))
    asked = select(ChecklistItem).where(ChecklistItem.id.in_({row[2] for row in rows}))
    items = {each.id: each for each in db.session.scalars(asked)}
    for answer, place, item, reason, at, person, period, round_id in rows:
        of = items[item]
        yield Fault(answer, place, of, reason or "", at, person, f"{period} {of.code}", f"/selfchecks/rounds/{round_id}")
