"""Backup and restore: one file with the database and every stored file.

A tar of `manifest.json` (when, at which migration, how many rows and files, the SHA-256 of each
part), `database.dump` (pg_dump's own format, of one moment) and `files/…` (already encrypted where
they hold people's data; what was dropped while the backup ran is left out). PII_KEY and SECRET_KEY
are not in it: without PII_KEY the encrypted fields stay closed, so that key is kept apart. Restoring
replaces everything in one transaction or nothing; the server must be PostgreSQL 17 or later, since
our client says what older ones do not know.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import fsspec
from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import lazy_gettext as _l
from psycopg2 import sql
from sqlalchemy.engine import make_url

from eldercare.core import calendar
from eldercare.core.dbroles import connect, plain
from eldercare.core.embedded import binaries
from eldercare.core.errors import Refused, catalogue

FORMAT = 1
CLEARED = "SET lock_timeout = '5s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"


def backup(target: Path) -> dict[str, int]:
    """Write everything to `target` (mode 600, replaced only when whole); {"rows", "files"}."""
    part = target.with_name(f".{target.name}.part")
    try:
        part.touch(mode=0o600)
        with tarfile.open(part, "w") as tar:
            told = _write(tar)
        part.replace(target)
    except OSError as error:
        raise Refused("backup.cannot_write", why=error.strerror or type(error).__name__) from error
    finally:
        part.unlink(missing_ok=True)
    return told


def restore(source: Path) -> dict[str, int]:
    """Put everything back as the file holds it; {"rows", "files"}. What is there now goes."""
    try:
        with tarfile.open(source) as tar:
            manifest = _manifest(tar)
            parts = _checked(tar, manifest)
            _load(_open(tar, parts.pop("database.dump")), manifest)
            for name, part in parts.items():
                _keep(name.removeprefix("files/"), _open(tar, part).read())
    except (tarfile.TarError, EOFError) as error:
        raise Refused("backup.unreadable") from error
    return {"rows": manifest["rows"], "files": len(parts)}


# ---- out ------------------------------------------------------------------------------------------


def _write(tar: tarfile.TarFile) -> dict[str, int]:
    parts: dict[str, str] = {}
    with connect(_url("BACKUP_URL")) as db, db.cursor() as at:
        at.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        at.execute("SELECT pg_export_snapshot(), (SELECT version_num FROM alembic_version)")
        snapshot, revision = at.fetchone() or ("", "")
        with tempfile.TemporaryFile() as dump:
            _run("pg_dump", "--format=custom", "--no-comments", f"--snapshot={snapshot}", url=_url("BACKUP_URL"), stdout=dump)
            dump.seek(0)
            parts["database.dump"] = _add(tar, "database.dump", dump)
        rows = sum(_counts(at).values())
    system, root = _blobs()
    stored = sorted(path for path in system.find(root) if not path.endswith(".part")) if system.exists(root) else []
    for path in stored:
        name = "files/" + path.removeprefix(f"{root}/")
        with suppress(FileNotFoundError):  # dropped meanwhile, and on purpose: nobody needs it back
            parts[name] = _add(tar, name, BytesIO(system.cat_file(path)))
    count = len(parts) - 1
    made = {"format": FORMAT, "made_at": calendar.now().isoformat(), "revision": revision, "rows": rows, "files": count}
    _add(tar, "manifest.json", BytesIO(json.dumps({**made, "parts": parts}, indent=1, sort_keys=True).encode()))
    return {"rows": rows, "files": count}


def _counts(at: Any) -> dict[str, int]:
    at.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    counts = {}
    for (table,) in at.fetchall():
        at.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        counts[table] = at.fetchone()[0]
    return counts


def _add(tar: tarfile.TarFile, name: str, data: IO[bytes]) -> str:
    """Put a part in; its SHA-256."""
    digest = hashlib.file_digest(data, "sha256").hexdigest()  # type: ignore[arg-type]
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = data.seek(0, os.SEEK_END), 0o600, int(calendar.now().timestamp())
    data.seek(0)
    tar.addfile(info, data)
    return digest


# ---- back -----------------------------------------------------------------------------------------


def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(_open(tar, "manifest.json").read())
    except (KeyError, ValueError) as error:
        raise Refused("backup.unreadable") from error
    known = {script.revision for script in ScriptDirectory(current_app.extensions["migrate"].directory).walk_revisions()}
    if manifest["format"] != FORMAT or manifest["revision"] not in known:
        raise Refused("backup.newer", revision=str(manifest["revision"]))
    return manifest


def _checked(tar: tarfile.TarFile, manifest: dict[str, Any]) -> dict[str, tarfile.TarInfo]:
    """The parts by name: the dump and the files; backup.damaged unless every one is there, and as it was written."""
    there = {each.name: each for each in tar.getmembers()}  # asked by name, the tar would search them all each time
    for name, digest in manifest["parts"].items():
        if name not in there or hashlib.file_digest(_open(tar, there[name]), "sha256").hexdigest() != digest:  # type: ignore[arg-type]
            raise Refused("backup.damaged", part=name)
    parts = {name: there[name] for name in manifest["parts"] if name == "database.dump" or name.startswith("files/")}
    if "database.dump" not in parts or any(".." in Path(name).parts or Path(name).is_absolute() for name in parts):
        raise Refused("backup.unreadable")
    return parts


def _load(packed: IO[bytes], manifest: dict[str, Any]) -> None:
    with tempfile.NamedTemporaryFile() as dump, tempfile.TemporaryFile("w+b") as script:
        shutil.copyfileobj(packed, dump)
        dump.flush()
        script.write(CLEARED.encode())
        script.flush()
        _run("pg_restore", "--no-owner", "--no-comments", "--file=-", dump.name, stdout=script)
        script.seek(0)
        whole = ("--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1")
        _run("psql", *whole, url=_url("OWNER_URL"), stdin=script)
    with connect(_url("BACKUP_URL")) as db, db.cursor() as at:
        found = sum(_counts(at).values())
    if found != manifest["rows"]:
        raise Refused("backup.rows_differ", found=found, rows=manifest["rows"])


def _keep(name: str, data: bytes) -> None:
    system, root = _blobs()
    path = f"{root}/{name}"
    system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    with system.open(path, "wb") as out:
        out.write(data)


def _open(tar: tarfile.TarFile, part: str | tarfile.TarInfo) -> IO[bytes]:
    opened = tar.extractfile(part)
    if opened is None:
        raise Refused("backup.unreadable")
    return opened


# ---- both -----------------------------------------------------------------------------------------


def _blobs() -> tuple[Any, str]:
    system, root = fsspec.core.url_to_fs(str(current_app.config["BLOBS"]))
    return system, str(root)


def _url(name: str) -> str:
    found = str(current_app.config[name])
    if not found:
        raise Refused("backup.no_rights")
    return found


@contextmanager
def _environment(url: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """(arguments, environment) that lead a client program to the database; the password is no argument."""
    parsed = make_url(url)
    env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    address = plain(parsed.set(password=None).render_as_string(hide_password=False))
    yield [f"--dbname={address}"], env | {"PGPASSWORD": str(parsed.password or ""), "PGCONNECT_TIMEOUT": "10"}


def _run(program: str, *arguments: str, url: str = "", **streams: Any) -> None:
    with _environment(url or _url("OWNER_URL")) as (where, env):
        given = [str(binaries() / program), *arguments, *(where if url else ())]
        done = subprocess.run(given, env=env, stderr=subprocess.PIPE, check=False, **streams)
    if done.returncode:
        said = done.stderr.decode(errors="replace")
        raise Refused("backup.in_use" if "lock timeout" in said else "backup.failed", program=program)


catalogue(
    {
        "backup.cannot_write": (422, _l("The backup cannot be written there: %(why)s.")),
        "backup.unreadable": (422, _l("This is no backup of the platform, or it is cut off. Nothing was changed.")),
        "backup.damaged": (422, _l("The backup is damaged: %(part)s is not as it was written. Nothing was changed.")),
        "backup.newer": (
            422, _l("The backup was made by another release (%(revision)s). Restore it with that release, then upgrade."),
        ),
        "backup.in_use": (409, _l("The platform is running. Stop it first, then restore.")),
        "backup.failed": (500, _l("%(program)s failed. Nothing was changed. Is the disk full, the server reachable?")),
        "backup.rows_differ": (500, _l("%(found)s rows are there after restoring, the backup names %(rows)s. Restore it again.")),
        "backup.no_rights": (403, _l("Backup and restore need DATABASE_URL, not only DATABASE_APP_URL.")),
    }
)
