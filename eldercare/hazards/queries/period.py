"""What a period's hazards were, for reports: rows that add up whichever way they are summed. Rates: domain.md §5.4, §8 row 6.

found: found in the period and not dismissed; fixed: of those, put right on the spot; found_right: of those found, put right
by its end. right: put right in it, whenever found. due: fell due in it; in_time: of those, put right by their deadline.
open, overdue: ordered and not put right at its end; of those, past their deadline (from the day after it).
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_

from eldercare.core.attachments import Attachment
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.hazards.models import Hazard, HazardReply
from eldercare.hazards.queries.figures import is_repeat
from eldercare.hazards.queries.ledger import found, hazards, is_found, overdue, was_open

# what brought a hazard, as reports say it
SOURCES = ("inspection", "stationed", "self", "incident", "township", "other")
SEVERITIES = ("major", "serious", "general")


@dataclass(frozen=True)
class Sum:
    """Hazards of a severity, from a source, in a township, and their figures of a period."""

    township_id: int
    severity: str
    source: str
    found: int
    fixed: int
    found_right: int
    right: int
    due: int
    in_time: int
    open: int
    overdue: int


SUMS = tuple(each.name for each in fields(Sum))[3:]


def source() -> ColumnElement[str]:
    """What brought a hazard, one of SOURCES: what follows an incident is the incident's, else who found it."""
    return case(
        (Hazard.source_kind == "incident_action", "incident"),
        (Hazard.finder == "officer", "inspection"),
        (Hazard.finder == "home", "self"),
        else_=Hazard.finder,
    )


def sums(scope: Scope, first: date, last: date) -> list[Sum]:
    """The hazards of a period by township, severity and source."""

    def count(condition: ColumnElement[bool]) -> Any:
        return func.count().filter(condition)

    came = and_(found((first, last)), is_found())
    due, open_then = Hazard.due_on.between(first, last), was_open(last)
    right = Hazard.right_on.between(first, last)
    came_from = source().label("source")
    query = (
        scope.columns(
            Hazard, Hazard.township_id, Hazard.severity, came_from, count(came), count(and_(came, Hazard.fixed_on_spot)),
            count(and_(came, Hazard.right_on <= last)), count(right), count(due),
            count(and_(due, Hazard.right_on <= Hazard.due_on)), count(open_then), count(overdue(last)),
        )
        .where(or_(came, due, right, open_then))
        .group_by(Hazard.township_id, Hazard.severity, came_from)
        .order_by(Hazard.township_id, Hazard.severity, came_from)
    )  # fmt: skip
    return [Sum(*row) for row in db.session.execute(query)]


def of_period(scope: Scope, first: date, last: date, most: int) -> tuple[list[Hazard], int]:
    """(what was open at a period's end or put right in it, how many there are): the open first, the gravest, the first due."""
    mine = and_(is_found(), Hazard.issued_on <= last, or_(was_open(last), Hazard.right_on.between(first, last)))
    rank = case({name: n for n, name in enumerate(SEVERITIES)}, value=Hazard.severity)
    query = hazards(scope).where(mine).order_by(~was_open(last), ~overdue(last), rank, Hazard.due_on, Hazard.id).limit(most)
    count = db.session.scalar(scope.columns(Hazard, func.count()).where(mine)) or 0
    return list(db.session.scalars(query)), count


def telling(scope: Scope, first: date, last: date, most: int) -> list[tuple[Hazard, bool]]:
    """Hazards that tell something, with whether they are a repeat, by the rule of part 14: found in the period or overdue at
    its end, the place heard or its time to answer over; major before serious, then overdue, then repeated, then those with a
    photo, then the latest.
    What follows an incident is told with the incident.

    Whoever shows them leaves out what follows a case check: this floor does not know.
    """
    late = overdue(last)
    heard = or_(Hazard.statement.is_not(None), Hazard.answer_by < last)
    again = is_repeat()
    seen = exists(scope.columns(Attachment, Attachment.id).where(
        Attachment.entity == "hazard", Attachment.entity_id == Hazard.id, Attachment.kind == "before",
        Attachment.removed_at.is_(None),
    ).correlate(Hazard))  # fmt: skip
    rank = case({name: n for n, name in enumerate(SEVERITIES)}, value=Hazard.severity)
    query = (
        hazards(scope)
        .add_columns(again)
        .where(is_found(), Hazard.issued_on <= last, heard, or_(found((first, last)), late),
               Hazard.source_kind != "incident_action", Hazard.description != "")
        .order_by(rank, ~late, ~again, ~seen, Hazard.found_on.desc(), Hazard.id.desc())
        .limit(most)
    )  # fmt: skip
    return [(row[0], row[1]) for row in db.session.execute(query)]


def replies_right(scope: Scope, hazard_ids: list[int]) -> dict[int, int]:
    """{hazard id: id of the reply whose recheck was passed}."""
    query = scope.columns(HazardReply, HazardReply.hazard_id, HazardReply.id).where(
        HazardReply.hazard_id.in_(hazard_ids), HazardReply.result == "passed"
    )
    return {row[0]: row[1] for row in db.session.execute(query.order_by(HazardReply.id))}

def begun(scope: Scope) -> date | None:
    """The first day a hazard was found on; None with nothing on file."""
    first: date | None = db.session.scalar(scope.columns(Hazard, func.min(Hazard.found_on)))
    return first
