"""What the home says to a record, and what the public reads of it. Rules: domain.md §5.4 (publication, personal data)."""

from collections.abc import Iterable
from typing import Any

from eldercare.core import alerts, audit, calendar, files, secrets
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.inspections import queries
from eldercare.inspections.models import PublishedResult, Visit


def answer(scope: Scope, visit_id: int, words: str) -> Visit:
    """The home's own word on a recorded visit, before anything is published; it may be changed until then.

    Refused: visit.not_recorded, visit.published_already.
    """
    visit = _recorded(scope, visit_id)
    if visit.shown_at is None:
        raise Refused("visit.not_recorded")
    if visit.published_at is not None:
        raise Refused("visit.published_already")
    visit.answer, visit.answered_at, visit.answered_by = words, calendar.now(), scope.person_name
    audit.record(scope, "visit.answered", visit)
    alerts.settle(scope, visit, "visit.recorded")
    alerts.tell(scope, "visit.answered", visit, level="district", occasion=visit.answered_at.isoformat(), **_about(scope, visit))
    return visit


def publish(scope: Scope, visit_id: int, words: str, names: Iterable[str]) -> PublishedResult:
    """Make a result public, once the home has answered or its time is over; names and numbers of persons are masked.

    Case checks are kept secret (§5.6 (7)), and so is what goes back to one: that there was a lead must not show. Their
    results are published by nobody here.
    Refused: visit.case_secret, visit.not_recorded, visit.published_already, visit.answer_window.
    """
    visit = _recorded(scope, visit_id)
    if queries.is_untold(scope, visit, queries.rechecked(visit)):
        raise Refused("visit.case_secret")
    if visit.published_at is not None:
        raise Refused("visit.published_already")
    if visit.answered_at is None and visit.answer_by is not None and calendar.today() <= visit.answer_by:
        raise Refused("visit.answer_window", day=visit.answer_by)
    checked_at = visit.records[-1].started_at  # a record may arrive days after its visit
    visit.published_at = calendar.now()
    made = PublishedResult(
        visit_id=visit.id, number=str(visit.number), place=scope.get(Facility, visit.facility_id).name, kind=visit.kind,
        checked_on=calendar.local(checked_at).date(), result=str(visit.result),
        words=secrets.without_persons(words, names), published_at=visit.published_at,
    )  # fmt: skip
    db.session.add(made)
    audit.record(scope, "visit.published", visit, words=made.words)
    alerts.settle(scope, visit, "visit.to_publish")
    return made


def unpublish(scope: Scope, visit_id: int, reason: str) -> Visit:
    """Take a publication back, with the reason: its result waits to be published again, unless it stays secret.

    Refused: visit.not_public.
    """
    visit = _recorded(scope, visit_id)
    row = db.session.scalars(scope.select(PublishedResult).where(PublishedResult.visit_id == visit.id)).one_or_none()
    if row is None:
        raise Refused("visit.not_public")
    visit.published_at = None
    audit.record(scope, "visit.unpublished", visit, reason=reason)
    db.session.delete(row)
    if not queries.is_untold(scope, visit, queries.rechecked(visit)):
        due = calendar.at(visit.publish_by or calendar.today(), 23, 59)
        alerts.tell(scope, "visit.to_publish", visit, level="district", due_at=due, again=True, **_about(scope, visit))
    return visit


def open_photo(scope: Scope, visit_id: int, photo_id: int) -> bytes:
    """The bytes of a photo as the tablet sent them; the opening is logged."""
    row = queries.photo(scope, visit_id, photo_id)
    audit.record(scope, "visit_photo.opened", row)
    return files.get(row.sha256, secret=True)


def _recorded(scope: Scope, visit_id: int) -> Visit:
    scope.lock(Visit, visit_id)
    visit = queries.visit(scope, visit_id)
    if visit.state != "sent":
        raise Refused("visit.not_recorded")
    return visit


def _about(scope: Scope, visit: Visit) -> dict[str, Any]:
    return {"home": scope.get(Facility, visit.facility_id).name, "number": str(visit.number)}
