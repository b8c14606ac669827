"""A backup brings everything back: rows, files, walls, the chain of the log; a bad one changes nothing."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from eldercare.core import audit, backup, files
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from tests import make

NAMES = "SELECT string_agg(name, ',' ORDER BY id) FROM residents"


def names() -> str | None:
    Scope.system("test").enter()
    found: str | None = db.session.scalar(text(NAMES))
    db.session.rollback()
    return found


@pytest.fixture
def saved(fresh_app: Flask, tmp_path: Path) -> tuple[Path, str, str]:
    """A backup, the names in it, and the hash of a file in it."""
    Scope.system("test").enter()
    town = make.make_township()
    home = make.make_facility(town)
    for _ in range(3):
        make.make_resident(town, facility_id=home.id)
    db.session.commit()
    kept = files.put(b"a paper", secret=True)
    target = tmp_path / "backup.tar"
    told = backup.backup(target)
    assert told["files"] == 1
    assert told["rows"] > 10
    return target, str(names()), kept


def test_what_was_lost_is_there_again_behind_the_same_walls(fresh_app: Flask, saved: Any) -> None:
    target, before, kept = saved
    Scope.system("test").enter()
    make.make_resident()
    db.session.commit()
    files.drop(kept, secret=True)
    assert names() != before
    told = backup.restore(target)
    assert names() == before
    assert files.get(kept, secret=True) == b"a paper"
    assert db.session.scalar(text("SELECT count(*) FROM residents")) == 0, "no scope entered, so nothing is seen"
    db.session.rollback()
    Scope.system("test").enter()
    assert audit.verify()["valid"]
    make.make_resident()  # sequences, triggers and rights are there too
    db.session.commit()
    assert told["files"] == 1


def test_the_file_is_for_its_owner_alone_and_holds_no_number_in_clear(saved: Any) -> None:
    target, _before, _kept = saved
    assert target.stat().st_mode & 0o077 == 0
    assert b"370299" not in target.read_bytes()


@pytest.mark.parametrize(("spoil", "code"), [
    (lambda data: b"no backup at all", "backup.unreadable"),
    (lambda data: data[: len(data) // 2], "backup.unreadable"),
    (lambda data: data.replace(b"PGDMP", b"PGDUM", 1), "backup.damaged"),
])
def test_a_spoilt_file_changes_nothing(fresh_app: Flask, saved: Any, spoil: Any, code: str) -> None:
    target, before, _kept = saved
    target.write_bytes(spoil(target.read_bytes()))
    with pytest.raises(Refused) as refused:
        backup.restore(target)
    assert refused.value.code == code
    assert names() == before


def test_a_backup_of_another_release_is_refused(fresh_app: Flask, saved: Any, tmp_path: Path) -> None:
    target, before, _kept = saved
    with tarfile.open(target) as tar:
        parts = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]
    manifest = json.loads(parts["manifest.json"]) | {"revision": "9999_from_the_future"}
    parts["manifest.json"] = json.dumps(manifest).encode()
    later = tmp_path / "later.tar"
    with tarfile.open(later, "w") as tar:
        for name, data in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    with pytest.raises(Refused, match=r"backup\.newer"):
        backup.restore(later)
    assert names() == before


def test_nothing_is_restored_under_a_running_platform(fresh_app: Flask, saved: Any) -> None:
    target, before, _kept = saved
    from eldercare.core.dbroles import connect

    with connect(fresh_app.config["OWNER_URL"]) as other, other.cursor() as at:
        at.execute("BEGIN; SELECT count(*) FROM alembic_version")
        with pytest.raises(Refused, match=r"backup\.in_use"):
            backup.restore(target)
        at.execute("ROLLBACK")
    assert names() == before


def test_the_commands_say_what_they_did(fresh_app: Flask, saved: Any, tmp_path: Path) -> None:
    runner = fresh_app.test_cli_runner()
    target = tmp_path / "again.tar"
    made = runner.invoke(args=["backup", str(target)])
    assert (made.exit_code, set(json.loads(made.output.splitlines()[-1]))) == (0, {"rows", "files"})
    back = runner.invoke(args=["restore", str(target)])
    assert (back.exit_code, json.loads(back.output.splitlines()[-1])) == (0, json.loads(made.output.splitlines()[-1]))
    refused = runner.invoke(args=["restore", "README.md"])
    assert refused.exit_code == 2


def test_what_is_dropped_while_a_backup_is_written_is_left_out_of_it(fresh_app: Flask, saved: Any, tmp_path: Path) -> None:
    dropped = Path(fresh_app.config["BLOBS"], "ab", "ab" * 32)
    dropped.parent.mkdir(exist_ok=True)
    dropped.symlink_to("nowhere")  # found, and no longer there when it is opened
    target = tmp_path / "again.tar"
    assert backup.backup(target)["files"] == 1
    assert backup.restore(target)["files"] == 1


def test_a_backup_is_read_without_looking_for_each_part_among_all(
    fresh_app: Flask, saved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, before, _kept = saved
    asked: list[str] = []
    search = tarfile.TarFile.getmember
    monkeypatch.setattr(tarfile.TarFile, "getmember", lambda tar, name: asked.append(name) or search(tar, name))
    backup.restore(target)
    assert asked == ["manifest.json"]
    assert names() == before
