"""`flask demo load`: once, into an empty register."""

import json

from sqlalchemy import text

from config import DEMO_MARK
from eldercare.core.db import db


def test_the_command_says_what_it_loaded_and_refuses_the_second_time(fresh_app, tmp_path):
    fresh_app.instance_path = str(tmp_path)
    run = fresh_app.test_cli_runner()
    first = run.invoke(args=["demo", "load", "--residents", "200"])
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout.strip().splitlines()[-1]) == {"residents": 200, "facilities": 159, "beds": 2588}
    assert (tmp_path / DEMO_MARK).exists()
    entries = db.session.execute(text("SELECT entries FROM audit_head")).scalar_one()
    db.session.rollback()
    again = run.invoke(args=["demo", "load", "--residents", "200"])
    assert again.exit_code == 2
    assert len(again.stderr.strip().splitlines()) == 1
    db.session.rollback()
    assert db.session.execute(text("SELECT entries FROM audit_head")).scalar_one() == entries


def test_an_empty_start_has_the_townships_the_checklists_and_one_administrator(fresh_app, tmp_path):
    fresh_app.instance_path = str(tmp_path)
    done = fresh_app.test_cli_runner().invoke(args=["demo", "load", "--empty"])
    said = json.loads(done.stdout.strip().splitlines()[-1])
    assert said["username"] == "admin"
    assert len(said["password"]) >= 12
    assert not (tmp_path / DEMO_MARK).exists()
    db.session.rollback()
    counted = "SELECT (SELECT count(*) FROM townships), (SELECT count(*) FROM users WHERE must_change_password)"
    assert db.session.execute(text(counted)).one() == (17, 1)
    in_force = "SELECT count(*) FROM checklist_versions WHERE state = 'published' AND content_sha256 IS NOT NULL"
    assert db.session.execute(text(in_force)).scalar_one() == 6
