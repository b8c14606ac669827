"""Attachments: photos and papers that belong to a row, whatever the row is.

`judged()` looks at what is in a file, in a child process (`filecheck.py`), `attach()` keeps it encrypted; a
photo is kept as a new JPEG without position or any other note. An attachment stands where its row stands
and follows when the row moves (`db.leads_attachments` in a migration). Opening one is logged. A removed
one stays in the log with its reason; its bytes go when retention says so. The doors and the form of a
feature come from `enclosures.py`, the drawing from `templates/_parts/attachments.html`.
"""

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import NotFound

from eldercare.core import audit, calendar, files, words
from eldercare.core.db import Audited, Base, Scoped, db, given, place_key
from eldercare.core.errors import Refused, catalogue
from eldercare.core.scope import Scope

CHECKER = Path(__file__).with_name("filecheck.py")
PDF, JPEG = "application/pdf", "image/jpeg"
ENDINGS = {PDF: "pdf", JPEG: "jpg"}
THUMBNAIL_PX = 320
KIND_WORDS: dict[str, Any] = {}  # what the doors of all features call their kinds
_at_once = threading.BoundedSemaphore(2)  # files looked into by one process at a time: each may take the full memory


class Attachment(Audited, Scoped, Base):
    """附件: one photo or paper of the row `entity` `entity_id`; `bytes` and `sha256` are of what is stored."""

    __tablename__ = "attachments"
    AUDIT_NOUN = "attachment"
    __table_args__ = (
        place_key("attachments"),
        CheckConstraint("media_type IN ('image/jpeg', 'application/pdf')", name="media_type"),
        CheckConstraint(
            "(media_type = 'image/jpeg') = (width IS NOT NULL AND height IS NOT NULL AND thumb_sha256 IS NOT NULL)",
            name="picture",
        ),
        CheckConstraint("(removed_at IS NULL) = (removed_reason IS NULL)", name="removed"),
        Index("attachments_once_key", "entity", "entity_id", "sha256", unique=True, postgresql_where="removed_at IS NULL"),
        Index("attachments_place_idx", "facility_id", "township_id"),
        Index("attachments_sha256_idx", "sha256"),
        given("attachments_thumb_sha256_idx", "thumb_sha256"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(BigInteger)
    entity: Mapped[str]
    entity_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    title: Mapped[str] = mapped_column(default="", info={"mask": "hide"})
    media_type: Mapped[str]
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(info={"silent": True})
    thumb_sha256: Mapped[str | None] = mapped_column(info={"silent": True})
    width: Mapped[int | None] = mapped_column(info={"silent": True})
    height: Mapped[int | None] = mapped_column(info={"silent": True})
    made_at: Mapped[datetime] = mapped_column(default=calendar.now, info={"silent": True})
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True, info={"silent": True})
    removed_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    removed_reason: Mapped[str | None]

    @property
    def is_picture(self) -> bool:
        """A picture, as against a paper in PDF."""
        return self.media_type == JPEG

    @property
    def name(self) -> str:
        """The name it is handed out under: never the one it came with, never a person's."""
        return f"{self.entity}-{self.entity_id}-{self.kind.replace('_', '-')}-{self.id}.{ENDINGS[self.media_type]}"


@dataclass(frozen=True)
class Checked:
    """A file as it may be kept."""

    media_type: str
    data: bytes
    thumbnail: bytes | None
    width: int | None
    height: int | None

    @property
    def ending(self) -> str:
        """Pdf or jpg."""
        return ENDINGS[self.media_type]

    @property
    def sha256(self) -> str:
        """Of what is stored."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Kept:
    """A file that was judged and lies in the store already, encrypted; a picture with its thumbnail beside it."""

    media_type: str
    sha256: str
    bytes: int
    width: int | None = None
    height: int | None = None
    thumb_sha256: str | None = None


def checked(upload: Any, *, field: str | None = "file") -> Checked:
    """Judge an upload (bytes, or anything with `read()`) by its content; `field`: where a form shows the refusal.

    Refused: attachment.empty, .too_large, .kind, .heic, .picture, .pixels, .pdf_broken, .pdf_locked, .pdf_active.
    """
    config = current_app.config
    most = config["ATTACHMENT_MAX_MB"] * 1_000_000
    data: bytes = upload if isinstance(upload, bytes) else upload.read(most + 1)
    if not data:
        raise Refused("attachment.empty", field=field)
    if len(data) > most:
        raise Refused("attachment.too_large", field=field, most=config["ATTACHMENT_MAX_MB"])
    verdict, rest = _look(data)
    if "unfit" in verdict:
        details = {"most": config["ATTACHMENT_MAX_MEGAPIXELS"]} if verdict["unfit"] == "pixels" else {}
        raise Refused(f"attachment.{verdict['unfit']}", field=field, **details)
    kept = verdict["sizes"][0]
    return Checked(verdict["media_type"], rest[:kept], rest[kept:] or None, verdict["width"], verdict["height"])


def judged(uploads: Iterable[Any], *, field: str = "files") -> list[Checked | Kept]:
    """Judge several uploads; what was judged already stays as it is. The refusal says which file it is about.

    A service does this first: from the first entry in the log until the commit every other writer of the district waits, and
    a picture takes a second to look into. Refused as by `checked()`.
    """
    several, fits = list(uploads), []
    for number, upload in enumerate(several, 1):
        try:
            fits.append(upload if isinstance(upload, Checked | Kept) else checked(upload, field=field))
        except Refused as refusal:
            if len(several) == 1:
                raise
            raise Refused("attachment.nth", field=field, number=number, problem=refusal.message) from None
    return fits


def keep(fit: Checked) -> Kept:
    """Store a judged file, and its thumbnail, before any row has it."""
    small = files.put(fit.thumbnail, secret=True) if fit.thumbnail else None
    return Kept(fit.media_type, files.put(fit.data, secret=True), len(fit.data), fit.width, fit.height, small)


def kept(row: Attachment) -> Kept:
    """What an attachment holds, to be attached to a second row: it was judged when it came."""
    return Kept(row.media_type, row.sha256, row.bytes, row.width, row.height, row.thumb_sha256)


def _look(data: bytes) -> tuple[dict[str, Any], bytes]:
    config = current_app.config
    seconds = config["ATTACHMENT_CHECK_SECONDS"]
    limits = {
        "megapixels": config["ATTACHMENT_MAX_MEGAPIXELS"], "longest_px": config["ATTACHMENT_LONGEST_PX"],
        "thumbnail_px": THUMBNAIL_PX, "memory_mb": config["ATTACHMENT_CHECK_MEMORY_MB"], "seconds": seconds,
    }
    broken = {"unfit": "pdf_broken" if data.startswith(b"%PDF-") else "picture"}
    with _at_once:
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(CHECKER), json.dumps(limits)], input=data, capture_output=True, timeout=seconds + 5,
                check=True, env={},
            )
        except subprocess.SubprocessError:  # it took the decoder's memory, time or life
            return broken, b""
    line, _newline, rest = done.stdout.partition(b"\n")
    verdict: dict[str, Any] = json.loads(line)
    return verdict, rest


# ---- writing ------------------------------------------------------------------------------------


def attach_all(
    scope: Scope, row: Any, fits: Iterable[Checked | Kept], *, kind: str, title: str = "", field: str = "files"
) -> list[Attachment]:
    """Attach several files to a row, as `attach()` does, all or none."""
    return [attach(scope, row, each, kind=kind, title=title, field=field) for each in fits]


def attach(
    scope: Scope, row: Any, fit: Checked | Kept, *, kind: str, title: str = "", field: str | None = "file"
) -> Attachment:
    """Attach a file that was judged to a row of an Audited, Scoped model within reach; NotFound outside it.

    Refused: attachment.twice where the row has the very same picture or paper already.
    """
    owner = scope.lock(type(row), row.id)  # two people with the same picture: one waits, then sees; a row that moves waits
    place = owner.id if owner.AUDIT_NOUN == "facility" else owner.facility_id
    if not scope.covers(owner.township_id, place):
        raise NotFound
    twin = scope.columns(Attachment, Attachment.id).where(*_of(owner.AUDIT_NOUN, [owner.id]), Attachment.sha256 == fit.sha256)
    if db.session.scalar(twin.limit(1)) is not None:
        raise Refused("attachment.twice", field=field)
    small = fit.thumb_sha256 if isinstance(fit, Kept) else hashlib.sha256(fit.thumbnail).hexdigest() if fit.thumbnail else None
    made = Attachment(
        township_id=owner.township_id, facility_id=place, entity=owner.AUDIT_NOUN, entity_id=owner.id, kind=kind, title=title,
        media_type=fit.media_type, bytes=fit.bytes if isinstance(fit, Kept) else len(fit.data), sha256=fit.sha256,
        width=fit.width, height=fit.height, thumb_sha256=small, made_by_id=scope.person_id,
    )  # fmt: skip
    db.session.add(made)
    audit.record(scope, "attachment.added", made)
    if isinstance(fit, Checked):  # after the row: what the database refuses leaves no bytes behind
        keep(fit)
    return made


def remove(scope: Scope, attachment_id: int, *, of: Any, reason: str) -> Attachment:
    """Take an attachment off its row: the log keeps that it was there and why it went."""
    row: Attachment = scope.lock(Attachment, its(scope, attachment_id, of=of).id)
    if row.removed_at is not None:
        raise Refused("file.missing")
    row.removed_at, row.removed_reason = calendar.now(), reason
    audit.record(scope, "attachment.removed", row)
    return row


# ---- reading ------------------------------------------------------------------------------------


def _of(entity: str, ids: Iterable[int]) -> tuple[Any, ...]:
    return Attachment.entity == entity, Attachment.entity_id.in_(list(ids)), Attachment.removed_at.is_(None)


def of(scope: Scope, row: Any) -> list[Attachment]:
    """A row's attachments, the oldest first."""
    return of_many(scope, row.AUDIT_NOUN, [row.id]).get(row.id, [])


def of_many(scope: Scope, entity: str, ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """The attachments of many rows of one entity by row id, the oldest first; a row without any is not in it."""
    found: dict[int, list[Attachment]] = {}
    for each in db.session.scalars(scope.select(Attachment).where(*_of(entity, ids)).order_by(Attachment.id)):
        found.setdefault(each.entity_id, []).append(each)
    return found


def counts(scope: Scope, entity: str, ids: Iterable[int]) -> dict[int, int]:
    """How many attachments each of many rows has; a row without any is not in it."""
    query = scope.columns(Attachment, Attachment.entity_id, func.count()).where(*_of(entity, ids)).group_by(Attachment.entity_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def its(scope: Scope, attachment_id: int, *, of: Any) -> Attachment:
    """A row's attachment; NotFound when it is another row's, removed, or out of reach."""
    row: Attachment = scope.get(Attachment, attachment_id)
    if (row.entity, row.entity_id) != (of.AUDIT_NOUN, of.id) or row.removed_at is not None:
        raise NotFound
    return row


def content(scope: Scope, attachment_id: int, *, of: Any) -> tuple[bytes, str, str]:
    """(its bytes, media type, a safe name) of a row's attachment; NotFound when it is not this row's. Logged."""
    row = its(scope, attachment_id, of=of)
    audit.record(scope, "attachment.opened", row)
    return files.get(row.sha256, secret=True), row.media_type, row.name


def thumbnail(scope: Scope, attachment_id: int, *, of: Any) -> tuple[bytes, str, str]:
    """The small picture of a row's photo, as a page shows it; NotFound for a paper."""
    row = its(scope, attachment_id, of=of)
    if row.thumb_sha256 is None:
        raise NotFound
    return files.get(row.thumb_sha256, secret=True), JPEG, row.name


def as_json(row: Attachment) -> dict[str, Any]:
    """An attachment at the wire, without its title."""
    return {
        "id": row.id, "kind": row.kind, "media_type": row.media_type, "bytes": row.bytes, "sha256": row.sha256,
        "width": row.width, "height": row.height, "made_at": row.made_at.isoformat(),
    }


words.name(
    "attachment", _l("attachment"),
    actions={
        "attachment.added": _l("Photo or paper added"), "attachment.opened": _l("Photo or paper opened"),
        "attachment.removed": _l("Photo or paper removed"),
    },
    columns={
        "entity": _l("Belongs to"), "entity_id": _l("Record"), "kind": _l("Kind"), "title": _l("Title"),
        "media_type": _l("File type"), "bytes": _l("Size in bytes"), "removed_reason": _l("Reason"),
    },
    values={"kind": KIND_WORDS, "entity": words.ENTITIES, "media_type": {JPEG: _l("Photo"), PDF: _l("PDF")}},
)
catalogue(
    {
        "attachment.empty": (422, _l("The file is empty. Choose it again.")),
        "attachment.too_large": (422, _l("The file is larger than %(most)s MB. Take the photo or scan with a lower resolution.")),
        "attachment.kind": (
            422, _l("The file is neither a picture (JPEG, PNG, WebP) nor a PDF, whatever its name says. Choose another one."),
        ),
        "attachment.heic": (
            422, _l("This photo is in the HEIC format. Set the camera to “most compatible”, or save the photo as JPEG."),
        ),
        "attachment.picture": (422, _l("The picture is damaged and cannot be drawn. Take it again.")),
        "attachment.pixels": (422, _l("The picture has more than %(most)s million pixels. Take it with a lower resolution.")),
        "attachment.pdf_broken": (422, _l("The PDF is damaged and cannot be read. Scan the paper again.")),
        "attachment.pdf_locked": (422, _l("The PDF is locked with a password. Save it without one.")),
        "attachment.pdf_active": (
            422, _l("The PDF holds programs, forms that send, or other files. Print it to a new PDF and choose that one."),
        ),
        "attachment.nth": (422, _l("File %(number)s: %(problem)s Nothing was added.")),
        "attachment.row_over": (409, _l("This is closed: its photos and papers stay as they are. Have it reopened first.")),
        "attachment.kept": (
            409, _l("This is evidence of something that is under way: it stays. Add another photo or paper that says more."),
        ),
        "attachment.twice": (409, _l("The same file is attached here already.")),
        "attachment.unsound": (422, _l("The file could not be kept as it is. Choose it again.")),
    },
    {
        "attachments_kept": "attachment.kept", "attachments_once_key": "attachment.twice",
        "attachments_media_type_check": "attachment.unsound",
        "attachments_picture_check": "attachment.unsound", "attachments_removed_check": "attachment.unsound",
    },
)
