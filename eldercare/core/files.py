"""Content-addressed blobs (fsspec): a file is named by the SHA-256 of its plain bytes.

Blobs with personal data are encrypted at rest (`secret=True`). The root is `BLOBS` in the
configuration: a local folder by default, any fsspec address otherwise.
"""

import hashlib
from uuid import uuid4

import fsspec
from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from eldercare.core import secrets
from eldercare.core.db import db
from eldercare.core.errors import Refused

DROPS = "blobs to drop"


def _place(digest: str, *, secret: bool) -> tuple[fsspec.AbstractFileSystem, str]:
    system, root = fsspec.core.url_to_fs(str(current_app.config["BLOBS"]))
    return system, f"{root}/{digest[:2]}/{digest}{'.sealed' if secret else ''}"


def put(data: bytes, *, secret: bool = False) -> str:
    """Store bytes once; returns their SHA-256 in hex."""
    digest = hashlib.sha256(data).hexdigest()
    system, path = _place(digest, secret=secret)
    if not system.exists(path):
        system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        part = f"{path}.{uuid4().hex}.part"  # two who store the same at once do not write into one another's
        with system.open(part, "wb") as out:
            out.write(secrets.keys().seal_blob(data) if secret else data)
        system.mv(part, path)
    return digest


def get(digest: str, *, secret: bool = False) -> bytes:
    """The bytes of a blob; `file.missing` or `file.damaged` when it is not as it was stored."""
    system, path = _place(digest, secret=secret)
    if not system.exists(path):
        raise Refused("file.missing")
    raw: bytes = system.cat_file(path)
    data = secrets.keys().unseal_blob(raw) if secret else raw
    if hashlib.sha256(data).hexdigest() != digest:
        raise Refused("file.damaged")
    return data


def drop_once_committed(digest: str, *, secret: bool = False) -> None:
    """Remove a blob when the transaction that no longer needs it is committed: rolled back, its row and its bytes stay."""
    db.session.info.setdefault(DROPS, set()).add((digest, secret))


@event.listens_for(Session, "after_commit")
def _drop_now(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint released is nothing kept yet
    for digest, secret in session.info.pop(DROPS, ()):
        drop(digest, secret=secret)


@event.listens_for(Session, "after_rollback")
def _drop_nothing(session: Session) -> None:
    session.info.pop(DROPS, None)


def drop(digest: str, *, secret: bool = False) -> None:
    """Remove a blob that retention no longer allows to keep; nothing happens when it is gone."""
    system, path = _place(digest, secret=secret)
    if system.exists(path):
        system.rm_file(path)
