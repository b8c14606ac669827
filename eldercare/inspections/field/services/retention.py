"""Drafts, photos that no record names, rescue files nobody took in: kept for a while, in case somebody asks; then they go."""

from datetime import date

from sqlalchemy import and_, delete, or_

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
    bodies: dict[int, str] = {}
    for visit_id, body in db.session.execute(
        scope.columns(VisitRecord, VisitRecord.visit_id, VisitRecord.body).where(VisitRecord.visit_id.in_(visits))
    ):
        bodies[visit_id] = bodies.get(visit_id, "") + body
    photos = 0
    for photo in db.session.scalars(scope.select(VisitPhoto).where(VisitPhoto.visit_id.in_(visits))):
        if photo.sha256 not in bodies.get(photo.visit_id, ""):
            _remove(scope, photo)
            photos += 1
    return {"drafts": int(getattr(gone, "rowcount", 0)), "photos": photos}


def tidy_rescue(scope: Scope, before: date) -> int:
    """Rescue files that were looked into before a day and never taken in; how many."""
    old = list(db.session.scalars(scope.select(RescueFile).where(RescueFile.kept_at < calendar.at(before))))
    for each in old:
        let_go(scope, each)
    return len(old)


def _remove(scope: Scope, photo: VisitPhoto) -> None:
    db.session.delete(photo)
    audit.record(scope, "visit_photo.removed", photo, sha256=photo.sha256)
    for digest in (photo.sha256, photo.clean_sha256, photo.thumb_sha256):
        if not _is_used(scope, digest):
            files.drop_once_committed(digest, secret=True)


def _is_used(scope: Scope, digest: str) -> bool:
    """Whether another row still holds these bytes."""
    mine = (VisitPhoto.sha256, VisitPhoto.clean_sha256, VisitPhoto.thumb_sha256)
    asked = (
        scope.columns(VisitPhoto, VisitPhoto.id).where(or_(*(each == digest for each in mine))),
        scope.columns(Attachment, Attachment.id).where(or_(Attachment.sha256 == digest, Attachment.thumb_sha256 == digest)),
        scope.columns(CheckAnswer, CheckAnswer.id).where(CheckAnswer.photos.contains([digest])),
    )
    return any(db.session.scalar(each.limit(1)) is not None for each in asked)
