"""The commands of the contract: build, rebuild and verify, as scripts call them."""

import json
import re
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from tests import make


def call(app: Flask, *words: str) -> tuple[int, dict[str, object], str]:
    """(exit code, the JSON of the last line, what was said on stderr)."""
    done = app.test_cli_runner().invoke(args=["reports", *words])
    lines = done.stdout.strip().splitlines()
    return done.exit_code, json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}, done.stderr


def test_a_report_is_built_rebuilt_and_verified_and_a_changed_byte_shows(fresh_app: Flask, tmp_path: Path) -> None:
    Scope.system("test").enter()
    township = make.make_township()
    home = make.make_facility(township)
    make.make_licence(home)
    make.make_resident(township)
    code = home.code
    db.session.commit()
    status, built, said = call(fresh_app, "build", "facility-monthly", "2026-10", "--place", code, "--out", str(tmp_path))
    assert status == 0, said
    pdf = Path(str(built["file"]))
    assert re.fullmatch(r"[0-9a-f]{64}", str(built["sha256"]))
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert call(fresh_app, "rebuild", str(built["run_id"]))[:2] == (0, {"sha256": built["sha256"], "identical": True})
    status, verified, _ = call(fresh_app, "verify", str(pdf))
    assert (status, verified["valid"], verified["figures_match"], verified["run_id"]) == (0, True, True, built["run_id"])
    pdf.write_bytes(pdf.read_bytes()[:-1] + b"!")
    status, verified, _ = call(fresh_app, "verify", str(pdf))
    assert (status, verified["valid"]) == (2, False)


def test_what_cannot_be_built_is_refused_with_one_line(fresh_app: Flask) -> None:
    for words in (("no-such-report", "2026-10"), ("facility-monthly", "2026-13"), ("facility-monthly", "2026-11"),
                  ("facility-monthly", "2026-10", "--place", "NOPE")):
        status, answer, said = call(fresh_app, "build", *words)
        assert (status, answer) == (2, {}), words
        assert len(said.strip().splitlines()) == 1, said


def test_a_folder_that_cannot_be_made_is_told_before_the_report_is_made(fresh_app: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, answer, said = call(fresh_app, "build", "monthly-oversight", "2026-10", "--out", str(tmp_path / "file" / "below"))
    assert (status, answer, "--out" in said) == (2, {}, True)
    with fresh_app.app_context():
        Scope.system(P.REPORT_BUILD).enter()
        assert not db.session.scalar(select(func.count()).select_from(Run).where(Run.kind == "monthly-oversight"))


def test_places_are_offered_in_the_readers_language(sign_in, district) -> None:
    make.make_township()
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    assert "Sample Town" in client.get("/reporting/new").text
