"""Drafts and photos that no record names are kept for a while, in case somebody asks; then they go."""

from datetime import date

from sqlalchemy import delete, or_

from eldercare.checklists.checks.models import CheckAnswer
from eldercare.core import audit, calendar, files
from eldercare.core.attachments import Attachment
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections.field.models import VisitDraft, VisitPhoto
from eldercare.inspections.models import Visit, VisitRecord


def tidy(scope: Scope, before: date) -> dict[str, int]:
    """Remove what belongs to visits recorded, cancelled or given up before a day: {"drafts", "photos"}."""
    until = calendar.at(before)
    over = or_(Visit.sent_at < until, (Visit.state == "cancelled") & (Visit.planned_on < before))
    visits = list(db.session.scalars(scope.columns(Visit, Visit.id).where(over)))
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


def _remove(scope: Scope, photo: VisitPhoto) -> None:
    db.session.delete(photo)
    audit.record(scope, "visit_photo.removed", photo, sha256=photo.sha256)
    for digest in (photo.sha256, photo.clean_sha256, photo.thumb_sha256):
        if not _is_used(scope, digest):
            files.drop(digest, secret=True)


def _is_used(scope: Scope, digest: str) -> bool:
    """Whether another row still holds these bytes."""
    mine = (VisitPhoto.sha256, VisitPhoto.clean_sha256, VisitPhoto.thumb_sha256)
    asked = (
        scope.columns(VisitPhoto, VisitPhoto.id).where(or_(*(each == digest for each in mine))),
        scope.columns(Attachment, Attachment.id).where(or_(Attachment.sha256 == digest, Attachment.thumb_sha256 == digest)),
        scope.columns(CheckAnswer, CheckAnswer.id).where(CheckAnswer.photos.contains([digest])),
    )
    return any(db.session.scalar(each.limit(1)) is not None for each in asked)
