"""Reads of the boards. Each list is short: what is beyond it stands in the ledger."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.hazards import queries as hazards
from eldercare.hazards.models import TO_PUT_RIGHT, Hazard, HazardReply

MOST = 200  # cards on a board
MONTHS = 12


def of_place(scope: Scope) -> list[Hazard]:
    """What a place has to do with: to be put right, answered and waiting, reported; the first due first."""
    states = ("reported", *TO_PUT_RIGHT, "replied", "recheck_passed")
    query = hazards.hazards(scope).where(Hazard.state.in_(states))
    return list(db.session.scalars(query.order_by(Hazard.due_on.nulls_last(), Hazard.id).limit(MOST)))


def to_recheck(scope: Scope, who: str) -> list[Hazard]:
    """What waits for a recheck, with its replies, the first due first. who: mine, nobody, or all."""
    waiting = select(HazardReply.hazard_id, HazardReply.recheck_by).where(HazardReply.result.is_(None)).subquery()
    query = hazards.hazards(scope).join(waiting, waiting.c.hazard_id == Hazard.id).where(Hazard.state == "replied")
    if who == "mine":
        query = query.where(Hazard.rechecker_id == scope.person_id)
    elif who == "nobody":
        query = query.where(Hazard.rechecker_id.is_(None))
    query = query.options(selectinload(Hazard.replies)).order_by(waiting.c.recheck_by, Hazard.id)
    return list(db.session.scalars(query.limit(MOST)))


def unanswered(scope: Scope, who: str, day: date) -> list[Hazard]:
    """Past the deadline without a reply: somebody goes and looks all the same (§5.4), the longest overdue first."""
    query = hazards.hazards(scope).where(Hazard.state.in_(TO_PUT_RIGHT), Hazard.due_on < day)
    if who == "mine":
        query = query.where(Hazard.rechecker_id == scope.person_id)
    elif who == "nobody":
        query = query.where(Hazard.rechecker_id.is_(None))
    return list(db.session.scalars(query.order_by(Hazard.due_on, Hazard.id).limit(MOST)))


@dataclass(frozen=True)
class Picture:
    """The ledger at one glance: figures of today and of the last twelve months."""

    first: date
    last: date
    waiting: dict[str, int]
    counts: hazards.Counts
    ages: list[hazards.Age]
    months: list[tuple[calendar.Month, int, int]]
    repeats: list[hazards.Repeat]
    items: list[hazards.ByItem]
    townships: list[hazards.ByTownship]


def picture(scope: Scope, day: date) -> Picture:
    """Everything on the overview, in seven statements."""
    month = calendar.Month.of(day)
    months = [month.plus(-back) for back in range(MONTHS - 1, -1, -1)]
    first = months[0].first
    return Picture(
        first, day, hazards.waiting(scope, day), hazards.counts(scope, first, day), hazards.ageing(scope, day),
        hazards.by_month(scope, months), hazards.repeat(scope, first, day), hazards.by_item(scope, first, day, 12),
        hazards.by_township(scope, first, day),
    )  # fmt: skip

