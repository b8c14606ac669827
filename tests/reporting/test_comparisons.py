"""Two periods side by side, and a month in one file."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eldercare.core import calendar, files, runs
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting import render
from eldercare.reporting.archive import services
from eldercare.reporting.comparisons import queries as comparing
from eldercare.reporting.retention import services as retention
from tests import make
from tests.page import fetch
from tests.reporting.stored import store

AT = "/reporting/comparisons/"


def test_what_moved_is_marked_and_rows_stand_in_one_order(
    district: Scope, sign_in: Callable[..., FlaskClient], queries: list[str]
) -> None:
    data = render.sample("monthly-oversight") | {"period": "2026-09"}
    row = data["capacity"]["rows"][0]
    data["capacity"]["rows"] = [row | {"closing": row["closing"] - 3}, *data["capacity"]["rows"][2:]]
    old, new = store(period="2026-09", dataset=data), store()
    ago = store(period="2025-10")
    other = store("township-monthly", place=make.make_township())
    person = make.make_user(Role.DISTRICT_OFFICER)
    db.session.commit()
    with pytest.raises(Refused, match=r"comparison\.apart"):
        comparing.pair(district.enter(), new.id, other.id)
    parts = {part.key: part for part in comparing.parts(old, new, "zh") or []}
    (table,) = parts["institutions"].tables
    changed = {name: cells for name, what, cells in table.rows if not what and any(cell.is_changed for cell in cells)}
    assert "+3" in [cell.by for cells in changed.values() for cell in cells]
    assert [what for _, what, _ in table.rows].count("added") == 1  # the home the earlier month did not have
    client = sign_in(person)
    page = fetch(client, f"{AT}?report={new.id}&other={old.id}", queries=queries)
    assert "+3" in page.text
    assert f"other={ago.id}" in page.text  # a year ago
    assert fetch(client, f"{AT}?report={new.id}").text.count("selected") >= 1  # the period before by itself
    fetch(client, f"{AT}?report={new.id}&other=99999999", status=404)


def test_a_month_in_one_file_names_codes_and_hashes_and_goes_after_its_days(
    district: Scope, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    monkeypatch.setattr(runs, "progress", lambda *_, **__: None)  # it writes past the test's own transaction
    home = make.make_facility(name="示例某某养老院")
    pdf = files.put(b"%PDF-1.7 example")
    store(pdf_sha256=pdf)
    store("facility-monthly", place=home, pdf_sha256=pdf, edition=1)
    newest = store("facility-monthly", place=home, pdf_sha256=pdf, edition=2)
    run = Run(kind=services.ZIP, period="2026-10", state="done", finished_at=calendar.now())
    db.session.add(run)
    db.session.flush()
    run.result = services.make_zip(district, run)
    with zipfile.ZipFile(io.BytesIO(files.get(run.result["file"]))) as packed:
        names = packed.namelist()
        assert names == [f"2026-10/facility-monthly/{home.code}-zh-2.pdf", "2026-10/monthly-oversight/district-zh-1.pdf", "manifest.csv"]
        rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(packed.read("manifest.csv").decode("utf-8-sig"))))
    assert rows[0]["code"] == newest.code
    assert {row["pdf_sha256"] for row in rows} == {pdf}
    assert "某某" not in str(rows)
    digest = run.result["file"]
    before = calendar.now() - timedelta(days=14)
    assert retention.sweep(district, run, before) == 0
    run.finished_at = calendar.now() - 15 * (calendar.at(calendar.today()) - calendar.at(calendar.add_years(calendar.today(), -1))) / 365
    db.session.flush()
    assert retention.sweep(district, run, before) == 1
    assert "file" not in run.result
    assert (digest, False) in db.session.info[files.DROPS]  # gone with the transaction, which a test never commits
    assert Scope.system(P.REPORT_READ)
