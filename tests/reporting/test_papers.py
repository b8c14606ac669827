"""A paper of a row is asked for on its page, drawn by a Run, kept encrypted; who may not see the row sees no paper of it."""

import io
import re
from typing import Any

import pypdf
import pytest
from flask import Flask, g
from sqlalchemy import text

from eldercare.accounts.models import User
from eldercare.core import audit, calendar, files, runs
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope, scope_of
from eldercare.hazards import services as hazards
from eldercare.hazards.orders.models import RectificationOrder
from eldercare.inspections.models import Visit
from eldercare.reporting import queries, services, worker
from eldercare.reporting.models import Report
from tests import make
from tests.incidents.made import deadlines
from tests.inspections.tablet import jpeg, make_tablet, moment, record_of, sha, with_fault


@pytest.fixture
def enter(fresh_app: Flask) -> Any:
    """`enter(user)`: a client signed in to the application with real commits."""
    fresh_app.config["WTF_CSRF_ENABLED"] = False

    def come(user: User) -> Any:
        vars(g).clear()  # the fixture's context outlives a request, and would keep the person before
        browser = fresh_app.test_client()
        with browser.session_transaction() as cookie:
            cookie.update({"_user_id": db.session.merge(user).get_id(), "_fresh": True, "seen": make.now_stamp()})
        db.session.commit()
        return browser

    return come


def show(visit_id: int) -> None:
    scope = Scope.system("test").enter()
    visit = scope.lock(Visit, visit_id)
    visit.shown_at = visit.noticed_at = calendar.now()
    audit.record(scope, "visit.changed", visit)
    db.session.commit()


def drawn(app: Flask, subject: str) -> list[Report]:
    worker.drain(app)
    scope = Scope.system("test").enter()
    failed = db.session.execute(text("SELECT error_details FROM runs WHERE state = 'failed'")).all()
    assert not failed, failed
    rows = list(db.session.scalars(scope.select(Report).where(Report.subject == subject).order_by(Report.id)))
    db.session.expunge_all()
    return rows


def test_a_notice_is_drawn_once_asked_for_and_each_time_is_an_edition(fresh_app: Flask, enter: Any) -> None:
    Scope.system("test").enter()
    visit = make.make_visit(make.make_facility(), shown=False)
    inspector = make.make_user(Role.INSPECTOR)
    visit_id = visit.id
    db.session.commit()
    client = enter(inspector)
    part = client.get(f"/reporting/papers/visit/{visit_id}").text
    assert f"/reporting/papers/visit/{visit_id}/inspection-notice" in part
    assert "inspection-record" not in part  # nothing was recorded yet
    for edition in (1, 2):
        assert client.post(f"/reporting/papers/visit/{visit_id}/inspection-notice").status_code == 200
        rows = drawn(fresh_app, f"visit:{visit_id}")
        assert [row.edition for row in rows] == list(range(1, edition + 1))
    newest = rows[-1]
    assert newest.is_internal
    with pytest.raises(Refused):
        files.get(newest.pdf_sha256)  # not in the clear
    pdf = client.get(f"/reporting/{newest.id}/download")
    assert pdf.data.startswith(b"%PDF")
    assert services.rebuild(Scope.system("test").enter(), newest.run_id)["identical"]
    assert re.search(rf"/reporting/{newest.id}\b", client.get(f"/reporting/papers/visit/{visit_id}").text)


def test_a_home_learns_nothing_of_a_visit_from_the_archive_before_it_is_told(fresh_app: Flask, enter: Any) -> None:
    Scope.system("test").enter()
    home = make.make_facility()
    visit_id = make.make_visit(home, shown=False).id
    manager, inspector = make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.INSPECTOR)
    db.session.commit()
    enter(inspector).post(f"/reporting/papers/visit/{visit_id}/inspection-notice")
    first = drawn(fresh_app, f"visit:{visit_id}")[0]
    client = enter(manager)
    assert client.get(f"/reporting/{first.id}").status_code == 404
    assert client.get(f"/reporting/{first.id}/download").status_code == 404
    assert client.get(f"/reporting/runs/{first.run_id}").status_code == 404
    assert client.get(f"/reporting/papers/visit/{visit_id}").status_code == 404
    reach = scope_of(db.session.merge(manager), P.REPORT_READ)
    assert reach is not None
    reach.enter()
    assert db.session.execute(text("SELECT count(*) FROM reports")).scalar() == 0  # the wall says so too
    db.session.rollback()
    show(visit_id)
    enter(inspector).post(f"/reporting/papers/visit/{visit_id}/inspection-notice")
    second = drawn(fresh_app, f"visit:{visit_id}")[1]
    assert enter(manager).get(f"/reporting/{second.id}/download").status_code == 200
    assert enter(manager).get(f"/reporting/{first.id}").status_code == 404


def test_there_is_no_notice_of_a_case_check(fresh_app: Flask, enter: Any) -> None:
    Scope.system("test").enter()
    visit_id = make.make_visit(make.make_facility(), kind="case", shown=False).id
    inspector = make.make_user(Role.INSPECTOR)
    db.session.commit()
    client = enter(inspector)
    assert "inspection-notice" not in client.get(f"/reporting/papers/visit/{visit_id}").text
    assert client.post(f"/reporting/papers/visit/{visit_id}/inspection-notice").status_code == 409


def test_a_paper_is_no_report_of_a_month(district: Scope) -> None:
    for kind in ("inspection-notice", "rectification-order"):
        with pytest.raises(Refused) as refused:
            queries.monthly(kind)
        assert refused.value.code == "report.unknown_kind"
    assert "inspection-notice" not in runs.SCHEDULES


def test_a_draft_is_seen_by_its_author_alone(fresh_app: Flask, enter: Any) -> None:
    scope = Scope.system("test").enter()
    home = make.make_facility()
    author, other = make.make_user(Role.INSPECTOR), make.make_user(Role.INSPECTOR)
    run = runs.enqueue(scope, "inspection-record", period="2026-11")
    report = Report(
        run_id=run.id, kind="inspection-record", period="2026-11", place=home.code, subject="visit:1", is_internal=True,
        person_id=author.id, township_id=home.township_id, facility_id=home.id, template_version="1", cutoff_at=calendar.now(),
        dataset={}, dataset_sha256="0" * 64, drawn_sha256="0" * 64, drawn_bytes=1,
        pdf_sha256=files.put(b"%PDF-1.7 draft", secret=True), pages=1, bytes=1,
    )
    db.session.add(report)
    db.session.flush()
    report_id = report.id
    db.session.commit()
    assert enter(author).get(f"/reporting/{report_id}/download").status_code == 200
    client = enter(other)
    assert client.get(f"/reporting/{report_id}/download").status_code == 404
    assert f"/reporting/{report_id}" not in client.get("/reporting/").text


def test_a_visit_leaves_its_record_its_order_and_the_recheck_as_papers(fresh_app: Flask, enter: Any) -> None:
    Scope.system("test").enter()
    home = make.make_facility()
    manager = make.make_user(Role.FACILITY_MANAGER, home)
    db.session.commit()
    tablet, photo = make_tablet(enter, home=home), jpeg(7, (1600, 1200))
    assert tablet.photo(photo).status_code == 200
    fault = with_fault(record_of(tablet.visit_id), photos=[{"sha256": sha(photo), "taken_at": moment(-1)}])
    told = tablet.send(fault).get_json()
    db.session.rollback()
    record = drawn(fresh_app, f"visit:{tablet.visit_id}")[0]
    text_ = read(record)
    for part in (told["number"], "示例:通道堆放杂物", told["hazards"][0]["number"], "责令限期整改", told["sha256"]):
        assert part in text_, part
    pictures = [image for page in pypdf.PdfReader(io.BytesIO(paper(record))).pages for image in page.images]
    assert (1000, 750) in {image.image.size for image in pictures if image.image}  # the photo, made small
    scope = Scope.system("test").enter()
    order = db.session.scalars(scope.select(RectificationOrder)).one()
    subject, number = f"rectification_order:{order.id}", order.number
    hazard_id = told["hazards"][0]["id"]
    db.session.rollback()
    assert number.replace(" ", "") in read(drawn(fresh_app, subject)[0])
    reach = scope_of(db.session.merge(manager), P.HAZARD_REPLY)
    assert reach is not None
    hazards.reply(reach.enter(), hazard_id, "示例:已清理", deadlines())
    hazards.recheck(Scope.system(P.HAZARD_RECHECK).enter(), hazard_id, passed=True, findings="示例:畅通")
    db.session.commit()
    recheck = drawn(fresh_app, f"hazard:{hazard_id}")[0]
    assert "示例:畅通" in read(recheck)
    client = enter(manager)
    for report in (record, recheck):
        assert client.get(f"/reporting/{report.id}/download").status_code == 200
        assert services.rebuild(Scope.system("test").enter(), report.run_id)["identical"]


def test_a_draft_is_drawn_for_the_lead_from_what_the_tablet_has_sent(fresh_app: Flask, enter: Any) -> None:
    Scope.system("test").enter()
    tablet = make_tablet(enter, home=make.make_facility())
    entries = {
        "arrival": {"at": moment(-1)}, "notes": {"text": "示例:写到一半"},
        "finding:11111111-1111-4111-8111-111111111111": {"severity": "general"},
    }
    assert tablet.draft("tablet-1", 1, entries).status_code == 200
    at = f"/reporting/papers/visit/{tablet.visit_id}"
    assert "inspection-record" in tablet.client.get(at).text
    assert tablet.client.post(f"{at}/inspection-record").status_code == 200
    db.session.rollback()
    made = drawn(fresh_app, f"visit:{tablet.visit_id}")[0]
    assert (made.is_internal, made.person_id is not None) == (True, True)
    assert "示例:写到一半" in read(made)
    other = make.make_user(Role.INSPECTOR)
    db.session.commit()
    client = enter(other)
    assert "inspection-record" not in client.get(at).text
    assert client.get(f"/reporting/{made.id}/download").status_code == 404


def paper(report: Report) -> bytes:
    return files.get(report.pdf_sha256, secret=True)


def read(report: Report) -> str:
    pages = pypdf.PdfReader(io.BytesIO(paper(report))).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
