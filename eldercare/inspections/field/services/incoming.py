"""Photos and drafts from a tablet: kept once, whatever the line repeats, turns round or cuts off."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from eldercare.core import attachments, audit, calendar, files
from eldercare.core.attachments import Checked
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.inspections.field import queries
from eldercare.inspections.field.models import VisitDraft, VisitPhoto
from eldercare.inspections.models import Visit

MOST_ENTRIES = 2000
_LONE = re.compile("[\ud800-\udfff]")


def own_visit(scope: Scope, uid: UUID) -> Visit:
    """The visit a tablet writes to: for its lead alone, and not once it was cancelled.

    404 for whoever is not of the team. Refused: visit.not_lead, visit.is_cancelled.
    """
    visit = queries.visit(scope, uid)
    if visit.lead.user_id != scope.person_id:
        raise Refused("visit.not_lead")
    if visit.state == "cancelled":
        raise Refused("visit.is_cancelled")
    return visit


def keep_photo(scope: Scope, uid: UUID, sha256: str, data: bytes) -> VisitPhoto:
    """Keep a photo under the hash it was announced with; the same again is the same. Refused: photo.damaged, attachment.*"""
    visit = own_visit(scope, uid)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Refused("photo.damaged")
    there = queries.photos(scope, visit.id, [sha256])
    if there:
        return there[sha256]
    fit = judged(data)  # takes a while: the visit is not held meanwhile
    return add_photo(scope, visit, data, sha256, fit)


def judged(data: bytes) -> Checked:
    """Judge a photo's content: a JPEG. Refused: attachment.*"""
    fit = attachments.checked(data, field=None)
    if not data.startswith(b"\xff\xd8\xff") or fit.thumbnail is None:
        raise Refused("attachment.kind")
    return fit


def add_photo(scope: Scope, visit: Visit, data: bytes, sha256: str, fit: Checked) -> VisitPhoto:
    """Keep a judged photo as it came, and drawn anew beside it."""
    scope.lock(Visit, visit.id)  # the same photo twice at once: the second waits, then sees it
    there = queries.photos(scope, visit.id, [sha256])
    if there:
        return there[sha256]
    small = fit.thumbnail or b""  # every picture has one
    photo = VisitPhoto(
        township_id=visit.township_id, facility_id=visit.facility_id, visit_id=visit.id, sha256=sha256, bytes=len(data),
        width=fit.width, height=fit.height, clean_sha256=fit.sha256, clean_bytes=len(fit.data),
        thumb_sha256=hashlib.sha256(small).hexdigest(), person_id=scope.person_id,
    )  # fmt: skip
    db.session.add(photo)
    audit.record(scope, "visit_photo.received", photo)
    for each in (data, fit.data, small):
        files.put(each, secret=True)
    return photo


# ---- drafts -----------------------------------------------------------------------------------------


class Number(str):
    """A number as it stood in the text: 1.0 stays 1.0, whatever reads it."""

    __slots__ = ()


def read_json(text: str) -> Any:
    """JSON with its numbers as they stand. ValueError for anything else, NaN and what is nested beyond measure too."""

    def no(word: str) -> Any:
        raise ValueError(word)

    try:
        said = json.loads(text, parse_float=Number, parse_int=Number, parse_constant=no)
        canonical(said)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return said


def canonical(value: Any) -> str:
    """The one text of an entry: names in order, no blanks, as `JSON.stringify` writes what a tablet holds in that order."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: str(name).encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    text = json.dumps(value, ensure_ascii=False)
    return _LONE.sub(lambda lone: f"\\u{ord(lone[0]):04x}", text)


def keep_draft(scope: Scope, uid: UUID, text: str) -> tuple[int, dict[str, str]]:
    """Keep changed entries of a draft: (the tablet's seq, {key: hash of what is kept now}).

    An entry is overwritten by a later seq of the same tablet only; another tablet's stands beside. Refused: draft.wrong.
    """
    visit = own_visit(scope, uid)
    device, seq, entries = _read_draft(text)
    if entries:
        keep_entries(scope, visit, device, seq, entries)
    kept = {each.key: each.sha256 for each in queries.drafts(scope, visit.id) if each.device == device and each.key in entries}
    return seq, kept


def keep_entries(scope: Scope, visit: Visit, device: str, seq: int, entries: Mapping[str, Any]) -> None:
    """Write entries where they are newer than what is there."""
    rows = []
    for key, entry in sorted(entries.items()):  # always in one order: two requests at once wait, and do not lock each other out
        body = canonical(entry)
        digest = hashlib.sha256(body.encode()).hexdigest()
        rows.append(
            {
                "township_id": visit.township_id, "facility_id": visit.facility_id, "visit_id": visit.id, "device": device,
                "key": key, "seq": seq, "body": body, "sha256": digest, "person_id": scope.person_id, "saved_at": calendar.now(),
            }
        )  # fmt: skip
    statement = insert(VisitDraft).values(rows)
    anew = {name: statement.excluded[name] for name in ("seq", "body", "sha256", "person_id", "saved_at")}
    db.session.execute(
        statement.on_conflict_do_update(
            constraint="visit_drafts_visit_id_device_key_key", set_=anew, where=VisitDraft.seq < statement.excluded.seq
        )
    )


def _read_draft(text: str) -> tuple[str, int, dict[str, Any]]:
    try:
        said = read_json(text)
        device, seq, entries = said["device"], int(said["seq"]), said["entries"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("draft.wrong") from error
    must_fit(device, seq, entries)
    return device, seq, entries


def must_fit(device: Any, seq: int, entries: Any) -> None:
    """Whether a tablet's mark, its count and the names of its entries are such as a tablet makes. Refused: draft.wrong."""
    named = isinstance(device, str) and 1 <= len(device) <= 100 and 0 <= seq < 2**62
    if not named or not isinstance(entries, dict) or len(entries) > MOST_ENTRIES:
        raise Refused("draft.wrong")
    if any(not 1 <= len(key) <= 200 or "\0" in key or _LONE.search(key) for key in (*entries, device)):
        raise Refused("draft.wrong")
