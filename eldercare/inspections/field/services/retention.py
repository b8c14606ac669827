"""Drafts, photos that no record names, rescue files nobody took in: kept for a while, in case somebody asks; then they go."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, delete, func, or_, union_all

from eldercare.checklists.checks.models import CheckAnswer
from eldercare.core import audit, calendar, files
from eldercare.core.attachments import Attachment
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections.field.models import RescueFile, VisitDraft, VisitPhoto
from eldercare.inspections.field.services.rescue import let_go
from eldercare.inspections.models import Visit, VisitRecord


def tidy(scope: Scope, before: date) -> dict[str, int]:
    """Remove what belongs to visits recorded, called off or given up before a day: {"drafts", "photos"}.

    A visit nobody recorded is given up when its day is so long over. None while something still comes from a tablet: what a
    rescue file brought after the record stays as long.
    """
    until = calendar.at(before)
    came = (
        scope.columns(VisitDraft, VisitDraft.visit_id).where(VisitDraft.saved_at >= until),
        scope.columns(VisitPhoto, VisitPhoto.visit_id).where(VisitPhoto.received_at >= until),
    )
    quiet = and_(*(Visit.id.not_in(each) for each in came))
    over = or_(Visit.sent_at < until, Visit.state == "cancelled", and_(Visit.state == "planned", Visit.planned_on < before))
    visits = list(db.session.scalars(scope.columns(Visit, Visit.id).where(quiet, over)))
    gone = db.session.execute(delete(VisitDraft).where(VisitDraft.visit_id.in_(visits), scope.where(VisitDraft)))
    named = scope.columns(VisitRecord, VisitRecord.id).where(
        VisitRecord.visit_id == VisitPhoto.visit_id, func.strpos(VisitRecord.body, VisitPhoto.sha256) > 0
    )
    query = scope.select(VisitPhoto).where(VisitPhoto.visit_id.in_(visits), ~named.exists())
    photos = db.session.scalars(query.order_by(VisitPhoto.id)).all()
    _remove(scope, photos)
    return {"drafts": int(getattr(gone, "rowcount", 0)), "photos": len(photos)}


def tidy_rescue(scope: Scope, before: date) -> int:
    """Rescue files that were looked into before a day and never taken in; how many."""
    old = list(db.session.scalars(scope.select(RescueFile).where(RescueFile.kept_at < calendar.at(before))))
    for each in old:
        let_go(scope, each)
    return len(old)


def _remove(scope: Scope, photos: Sequence[VisitPhoto]) -> None:
    # asked before the first entry: from there until the commit every other writer of the district waits
    digests = {digest for each in photos for digest in (each.sha256, each.clean_sha256, each.thumb_sha256)}
    free = digests - _held(scope, digests, [each.id for each in photos]) if photos else digests
    for photo in photos:
        db.session.delete(photo)
        audit.record(scope, "visit_photo.removed", photo, sha256=photo.sha256)
    for digest in free:
        files.drop_once_committed(digest, secret=True)


def _held(scope: Scope, digests: set[str], but: Sequence[int]) -> set[str]:
    """What other rows than these photos hold, these bytes among it."""
    mine = (VisitPhoto.sha256, VisitPhoto.clean_sha256, VisitPhoto.thumb_sha256)
    asked = (
        *(scope.columns(VisitPhoto, each).where(each.in_(digests), VisitPhoto.id.not_in(but)) for each in mine),
        *(scope.columns(Attachment, each).where(each.in_(digests)) for each in (Attachment.sha256, Attachment.thumb_sha256)),
        scope.columns(CheckAnswer, func.unnest(CheckAnswer.photos)).where(
            CheckAnswer.photos != [], CheckAnswer.photos.overlap(list(digests))
        ),
    )
    return set(db.session.scalars(union_all(*asked)))
