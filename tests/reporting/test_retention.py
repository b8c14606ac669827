"""What is published is kept for its years whatever anybody tries, goes afterwards by a person's word, and can be checked still."""

import csv
import io
import threading
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import python_calamine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from config import Config
from eldercare.core import alerts, audit, calendar, files, runs
from eldercare.core.access import P, Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.runs import Run
from eldercare.core.scope import Scope, scope_of
from eldercare.reporting import render
from eldercare.reporting import services as making
from eldercare.reporting.approval.models import ReportComment
from eldercare.reporting.archive import services as archive
from eldercare.reporting.documents import services as documents
from eldercare.reporting.models import Report
from eldercare.reporting.retention import jobs, queries, services
from eldercare.reporting.retention.models import YEARS
from eldercare.reporting.verify import queries as verifying
from environ import ConfigError
from tests import make
from tests.page import fetch
from tests.reporting.stored import store
from tests.reporting.test_life import draft
from tests.reporting.test_verify import made, send

AT, OVER = "/reporting/retention/", date(2025, 10, 31)
TRY = "UPDATE reports SET {} WHERE id = {}"
GONE = "file_removed_at = now(), file_removed_by = 'x', dataset = '{}', imprint = '{}', texts = '{}'"


def edition(row: Report) -> tuple[Any, ...]:
    return (row.kind, row.period, row.place, row.subject, row.edition)


def refused_by_database(statement: str) -> str:
    """The refusal a statement meets, whoever sends it."""
    with pytest.raises(DBAPIError) as no, db.session.begin_nested():
        db.session.execute(text(statement))
    refusal = refusal_of(no.value)
    assert refusal is not None, statement
    return refusal.code


@pytest.fixture
def officer(district: Scope) -> Any:
    return make.make_user(Role.DISTRICT_OFFICER)


@pytest.fixture
def post(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


def retaining(user: Any) -> Scope:
    scope = scope_of(user, P.REPORT_RETAIN)
    assert scope is not None
    return scope.enter()


# ---- how long ------------------------------------------------------------------------------------


def test_each_is_kept_from_its_periods_end_or_its_day_and_nobodys_record_has_no_day(
    district: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make.make_facility()
    assert store("facility-monthly", place=home).keep_until == date(2056, 10, 31)
    paper = store("rectification-order", "2026-11", place=home, subject="order:7", made_at=calendar.at(date(2026, 11, 5), 9))
    assert paper.keep_until == date(2056, 11, 5)
    assert store("ad-hoc", place=home).keep_until is None
    person = make.make_user(Role.INSPECTOR)
    own = store("inspection-record", "2026-11", place=home, subject="visit:1", is_internal=True, person_id=person.id)
    assert own.keep_until is None
    monkeypatch.setattr(YEARS, "named", {"paper": 10, "monthly": 20, "recheck-record": 3})
    assert store("facility-monthly", "2026-09", place=home).keep_until == date(2046, 9, 30)
    assert store("recheck-record", "2026-11", place=home, subject="recheck:1").keep_until == date(2029, 11, 24)
    assert store("annual-oversight", "2025").keep_until == date(2045, 12, 31)  # not named: as the longest


@pytest.mark.parametrize("said", ["monthly", "monthly:0", "monthly:ten", ":30", "monthly:30,,paper:10", "paper:999"])
def test_years_that_cannot_be_read_end_the_start(said: str) -> None:
    with pytest.raises(ConfigError, match="RETENTION_REPORT_YEARS"):
        Config.from_environ({"RETENTION_REPORT_YEARS": said})


# ---- whatever anybody tries ------------------------------------------------------------------------


@pytest.mark.parametrize(("change", "code"), [
    (GONE, "retention.not_due"),
    (f"{GONE}, keep_until = '2020-01-01'", "retention.not_due"),
    ("dataset = '{}'", "report.frozen"), ("texts = '{\"a\": []}'", "report.frozen"), ("imprint = '{}'", "report.frozen"),
    ("keep_until = '2056-10-30', keep_reason = 'x'", "retention.not_later"), ("keep_until = NULL", "retention.not_later"),
    ("keep_until = '2090-01-01'", "retention.reason_needed"), ("pdf_sha256 = repeat('1', 64)", "report.frozen"),
    ("kind = 'ad-hoc'", "report.frozen"), ("state = 'draft', keep_until = NULL", "retention.not_later"),
])  # fmt: skip
@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_nothing_of_it_goes_before_its_day(district: Scope, change: str, code: str, state: str) -> None:
    withdrawn = {"withdrawn_at": calendar.now(), "withdraw_reason": "示例", "withdrawn_by": "示例"} if state == "withdrawn" else {}
    row = store(state=state, **withdrawn)
    assert refused_by_database(TRY.format(change, row.id)) == code


def test_the_row_itself_is_never_deleted_with_its_years_over_or_not(district: Scope) -> None:
    for row in (store(), store(keep_until=OVER, edition=2), store("rectification-order", subject="order:1", keep_until=OVER)):
        assert refused_by_database(f"DELETE FROM reports WHERE id = {row.id}") == "report.kept"


def test_after_its_day_it_goes_whole_and_once_and_does_not_come_back(district: Scope) -> None:
    row = store(keep_until=OVER)
    for half in (
        "file_removed_at = now(), file_removed_by = 'x'", "file_removed_at = now(), dataset = '{}', imprint = '{}', texts = '{}'",
        f"{GONE}, pdf_sha256 = 'x'", f"{GONE}, code = 'x'",
    ):
        assert refused_by_database(TRY.format(half, row.id)) == "report.frozen"
    db.session.execute(text(TRY.format(GONE, row.id)))
    for again, code in (
        ("file_removed_at = NULL, file_removed_by = NULL", "report.frozen"), ("dataset = '{\"a\": 1}'", "report.frozen"),
        ("file_removed_at = now() - interval '1 day'", "report.frozen"),
        ("keep_until = '2090-01-01', keep_reason = 'x'", "report.file_gone"),
    ):
        assert refused_by_database(TRY.format(again, row.id)) == code


@pytest.mark.parametrize("first", ["keep", "remove"])
def test_who_keeps_longer_while_another_removes_wins_or_is_told(fresh_app: Flask, first: str) -> None:
    Scope.system("test").enter()
    row = store(keep_until=OVER, pdf_sha256=files.put(b"%PDF-1.7 example"))
    report_id, digest, of = row.id, row.pdf_sha256, edition(row)
    db.session.commit()
    acts: dict[str, Callable[[Scope], Any]] = {
        "keep": lambda scope: services.keep_longer(scope, [of], date(2099, 1, 1), "示例诉讼"),
        "remove": lambda scope: services.remove(scope, [of], 1),
    }
    answers: dict[str, str] = {}

    def second(name: str) -> None:
        with fresh_app.app_context():
            try:
                acts[name](Scope.system("test").enter())
                db.session.commit()
                answers[name] = "done"
            except Refused as no:
                db.session.rollback()
                answers[name] = no.code

    acts[first](Scope.system("test").enter())
    other = threading.Thread(target=second, args=("remove" if first == "keep" else "keep",))
    other.start()
    other.join(1)
    assert other.is_alive()  # it waits for the first to be kept or taken back
    db.session.commit()
    other.join(10)
    row = Scope.system("test").enter().find(Report, report_id) or pytest.fail("the row is gone")
    if first == "keep":
        assert answers == {"remove": "retention.not_due"}
        assert (row.keep_until, row.is_gone) == (date(2099, 1, 1), False)
        assert files.get(digest)
    else:
        assert answers == {"keep": "report.file_gone"}
        assert row.is_gone
        with pytest.raises(Refused, match="missing"):
            files.get(digest)


def test_sql_that_removes_while_another_keeps_longer_finds_the_later_day(fresh_app: Flask) -> None:
    Scope.system("test").enter()
    row = store(keep_until=OVER)
    report_id = row.id
    db.session.commit()
    told: list[str] = []

    def remove() -> None:
        with fresh_app.app_context(), db.engine.connect() as there:
            there.exec_driver_sql("SET LOCAL ROLE eldercare_district")
            try:
                there.execute(text(TRY.format(GONE, report_id)))
            except DBAPIError as no:
                told.append(getattr(refusal_of(no), "code", "fault"))

    with db.engine.connect() as here:
        here.exec_driver_sql("SET LOCAL ROLE eldercare_district")
        here.execute(text(TRY.format("keep_until = '2099-01-01', keep_reason = 'x'", report_id)))
        other = threading.Thread(target=remove)
        other.start()
        other.join(1)
        assert other.is_alive()
        here.commit()
    other.join(10)
    assert told == ["retention.not_due"]


# ---- by a person's word ----------------------------------------------------------------------------


def test_who_may_not_does_not_see_the_page(district: Scope, sign_in: Callable[..., FlaskClient], post: None) -> None:
    township = make.make_township()
    home = make.make_facility(township)
    people = [make.make_user(Role.FACILITY_MANAGER, home), make.make_user(Role.LEADER), make.make_user(Role.INSPECTOR),
              make.make_user(Role.TOWNSHIP_OFFICER, township)]  # fmt: skip
    row = store("facility-monthly", place=home, keep_until=OVER)
    report_id = row.id
    for person in people:
        client = sign_in(person)
        assert client.get(AT).status_code == 403
        assert client.post(f"{AT}remove", data={"count": "1"}).status_code == 403
        assert client.post(f"{AT}keep", data={"until": "2099-01-01", "reason": "x"}).status_code == 403
        assert AT not in client.get("/reporting/").text
        if person.name != people[2].name:
            assert f"{AT}remove" not in client.get(f"/reporting/{report_id}").text


def test_an_empty_page_says_from_when_on_something_is_due(
    officer: Any, sign_in: Callable[..., FlaskClient], queries: list[str]
) -> None:
    client = sign_in(officer)
    assert "还没有发布过报表" in fetch(client, AT).text
    Scope.system("test").enter()
    store("township-monthly", place=make.make_township())
    db.session.commit()
    page = fetch(client, AT, queries=queries)
    assert "最早的一份到2056年11月1日才到期" in page.text
    assert "2056年10月31日" in fetch(client, f"{AT}?standing=", queries=queries).text
    client.get("/language/en")
    assert "Nothing is due before 1 Nov 2056" in fetch(client, AT).text


def test_after_its_years_it_is_removed_by_typed_count_and_a_kept_copy_is_still_true(
    officer: Any, sign_in: Callable[..., FlaskClient], post: None, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "progress", lambda *_, **__: None)
    over, copy = made("facility-monthly", keep_until=OVER, published_by="示例经办", published_at=calendar.now())
    held = store("township-monthly", place=make.make_township(name="示例未到期镇"))
    services.propose(retaining(officer))
    waits = {kind.name for kind, *_ in alerts.grouped(scope_of(officer, P.ALERT_READ).enter(), officer)}  # type: ignore[union-attr]
    assert "retention.due" in waits
    report_id, code, run_id, digest = over.id, over.code, over.run_id, over.pdf_sha256
    client = sign_in(officer)
    page = fetch(client, AT)
    assert f'href="/reporting/{report_id}"' in page.text
    assert f'href="/reporting/{held.id}"' not in page.text
    assert "保管期已满" in fetch(client, f"/reporting/{report_id}").text
    asked = fetch(client, f"{AT}remove")
    assert "本次涉及1份文件" in asked.text
    wrong = client.post(f"{AT}remove", data={"count": "2"})
    assert wrong.status_code == 422
    assert "一共是1份" in wrong.text
    assert files.get(digest) == copy
    assert client.post(f"{AT}remove", data={"count": "1"}).status_code == 303
    with pytest.raises(Refused, match="missing"):
        files.get(digest)
    again = client.post(f"{AT}remove", data={"count": "1"})
    assert again.status_code == 422
    assert "没有可以延长保管或者销毁的文件" in again.text

    # its own page, the lists and every door behind it say so
    shown = fetch(client, f"/reporting/{report_id}").text
    assert "文件连同数据和文字已于2026年11月24日销毁" in shown
    assert digest in shown
    assert "<iframe" not in shown
    assert f"{report_id}/download" not in shown
    assert "文件已于2026年11月24日销毁" in fetch(client, "/reporting/").text
    assert f'href="/reporting/{report_id}"' in fetch(client, f"{AT}?standing=gone").text
    for door in (f"/reporting/{report_id}/download", f"/reporting/{report_id}/preview", f"/reporting/comparisons/?report={report_id}"):
        assert client.get(door).status_code == 410
    for door in (f"/reporting/documents/{report_id}", f"/reporting/{report_id}/language/en"):
        assert client.post(door).status_code == 410
    scope = Scope.system(P.REPORT_BUILD).enter()
    for call in (lambda: making.rebuild(scope, run_id), lambda: documents.ask(scope, report_id)):
        with pytest.raises(Refused, match="file_gone"):
            call()

    # anybody learns what it was, and a copy that was kept is as true as before
    visitor = app.test_client()
    visitor.get("/language/en")
    said = fetch(visitor, f"/verify/{code}").text
    assert "removed its own copy of the file on 24 Nov 2026" in said
    assert "until 31 Oct 2025" in said
    assert "示例经办" in said
    assert digest in said
    answer = send(visitor, copy).text
    assert "This file is true" in answer
    assert "removed its own copy" in answer
    assert "This file was changed" in send(visitor, copy[:1000] + b"x" + copy[1001:]).text

    # the log names who did it to what, and the to-do is done
    Scope.system("test").enter()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "report.file_removed")).one()
    assert (entry.person_id, entry.entity_id, entry.details["pdf_sha256"]) == (officer.id, report_id, digest)
    waits = {kind.name for kind, *_ in alerts.grouped(scope_of(officer, P.ALERT_READ).enter(), officer)}  # type: ignore[union-attr]
    assert "retention.due" not in waits


def test_the_zip_of_a_month_leaves_it_out_and_its_list_says_so(officer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "progress", lambda *_, **__: None)
    row = store(period="1995-10", pdf_sha256=files.put(b"%PDF-1.7 old"))
    assert row.is_due
    services.remove(retaining(officer), [edition(row)], 1)
    run = Run(kind=archive.ZIP, period="1995-10", state="done", finished_at=calendar.now())
    db.session.add(run)
    db.session.flush()
    result = archive.make_zip(Scope.system("test").enter(), run)
    with zipfile.ZipFile(io.BytesIO(files.get(result["file"]))) as packed:
        assert packed.namelist() == ["manifest.csv"]
        (line,) = csv.DictReader(io.StringIO(packed.read("manifest.csv").decode("utf-8-sig")))
    assert (line["file"], line["file_removed_on"], line["code"]) == ("", "2026-11-24", row.code)


def test_kept_longer_with_a_reason_it_is_not_removed_and_says_why(
    officer: Any, sign_in: Callable[..., FlaskClient], post: None
) -> None:
    township = make.make_township()
    home = make.make_facility(township, name="示例百岁养老院")
    pdf = files.put(b"%PDF-1.7 kept")
    zh = store("facility-monthly", place=home, keep_until=OVER, pdf_sha256=pdf)
    en = store("facility-monthly", place=home, keep_until=OVER, language="en", pdf_sha256=pdf)
    other = store("township-monthly", place=township, keep_until=OVER)
    services.propose(retaining(officer))
    ids, code = (zh.id, en.id, other.id), zh.code
    client = sign_in(officer)
    at = f"{AT}keep?q={code}&standing="
    assert "本次涉及2份文件" in fetch(client, at).text  # of whichever language the act is asked for, all go together
    assert client.post(at, data={"until": "2031-01-01", "reason": " "}).status_code == 422
    early = client.post(at, data={"until": "2025-10-31", "reason": "示例诉讼"})
    assert early.status_code == 422
    assert "已经保管至2025年10月31日" in early.text
    assert client.post(at, data={"until": "2031-01-01", "reason": "示例诉讼未结"}).status_code == 303
    assert "延长保管：示例诉讼未结" in fetch(client, f"/reporting/{ids[1]}").text
    assert "本次涉及1份文件" in fetch(client, f"{AT}remove").text
    assert client.post(f"{AT}remove", data={"count": "1"}).status_code == 303
    scope = Scope.system("test").enter()
    rows = [scope.get(Report, each) for each in ids]
    for row in rows:
        db.session.refresh(row)
    assert [(row.keep_until, row.is_gone) for row in rows] == [(date(2031, 1, 1), False)] * 2 + [(OVER, True)]
    with pytest.raises(Refused, match="not_due"):
        services.remove(scope, [edition(rows[0])], 2)
    assert files.get(pdf)


def test_bytes_another_report_needs_stay(officer: Any) -> None:
    pdf = files.put(b"%PDF-1.7 shared")
    gone = store(keep_until=OVER, pdf_sha256=pdf)
    store(edition=2, pdf_sha256=pdf)
    services.remove(retaining(officer), [edition(gone)], 1)
    assert (pdf, False) not in db.session.info.get(files.DROPS, set())


def test_more_than_one_act_takes_is_told_before_anything_is_done(officer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST", 1)
    store(keep_until=OVER)
    store(keep_until=OVER, edition=2)
    chosen = queries.editions(queries.asked(retaining(officer)), queries.is_due())
    assert len(chosen) == 2
    with pytest.raises(Refused, match="too_many"):
        services.must_be_some(chosen)


def test_the_list_goes_into_a_workbook(officer: Any) -> None:
    row = store(keep_until=OVER)
    store(edition=2)
    run = Run(kind=jobs.LIST, params={"query": {"standing": ["due"]}}, state="running", person_id=officer.id)
    result = jobs.export(retaining(officer), run)
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(files.get(result["file"]))).get_sheet_by_index(0)
    assert result["rows"] == 1
    assert row.code in str(sheet.to_python())


def test_the_pictures_of_its_pages_go_with_it_and_those_another_shows_stay(officer: Any) -> None:
    own, shared = (files.put(name, secret=True) for name in (b"one of its own", b"one that others show"))
    sample, home = render.sample("rectification-order"), make.make_facility()

    def order(number: int, photos: list[str], **more: Any) -> Report:
        return store("rectification-order", place=home, subject=f"order:{number}", dataset=sample | {"photos": photos}, **more)

    over, also = (order(n, [own, shared], keep_until=OVER) for n in (1, 2))
    order(3, [shared])
    order(4, [])
    services.remove(retaining(officer), [edition(over)], 1)
    assert not db.session.info.get(files.DROPS)
    services.remove(retaining(officer), [edition(also)], 1)
    assert (own, True) in db.session.info[files.DROPS]
    assert (shared, True) not in db.session.info[files.DROPS]
    old = store("ad-hoc", place=home, made_at=calendar.now() - timedelta(days=400), dataset=sample | {"photos": [shared, "0" * 64]})
    tidied = services.tidy(Scope.system("test").enter(), calendar.now(), calendar.now() - timedelta(days=200))
    assert any(old.kind in line for line in tidied)
    assert ("0" * 64, True) in db.session.info[files.DROPS]
    assert (shared, True) not in db.session.info[files.DROPS]


# ---- what goes of itself ---------------------------------------------------------------------------


def test_old_drafts_and_ad_hoc_reports_go_and_what_may_still_be_reviewed_stays(officer: Any, app: Flask) -> None:
    old = calendar.now() - timedelta(days=400)
    home, person = make.make_facility(), make.make_user(Role.INSPECTOR)
    (abandoned,), (young,) = draft("2025-08", made_at=old), draft("2025-08", 2, made_at=old)
    (waiting,) = draft("2025-09", made_at=old)
    (written,) = draft("2025-07", made_at=old, texts_at=calendar.now())
    draft("2025-07", 2)
    said = ReportComment(report_id=abandoned.id, body="示例", person="示例")
    db.session.add(said)
    audit.record(Scope.system("test"), "report_comment.made", said)
    pdf = files.put(b"%PDF-1.7 ad-hoc")
    adhoc = store("ad-hoc", place=home, made_at=old, pdf_sha256=pdf)
    fresh = store("ad-hoc", place=home, edition=2)
    own = store("inspection-record", "2025-09", place=home, subject="visit:1", is_internal=True, person_id=person.id, made_at=old)
    official = store("facility-monthly", "2025-09", place=home, made_at=old, keep_until=OVER)
    run = Run(kind=jobs.SWEEP, period="2026-11-24", state="running")
    db.session.add(run)
    db.session.flush()
    goes, stays = {abandoned.id, adhoc.id, own.id}, {young.id, waiting.id, written.id, fresh.id, official.id}
    result = jobs.sweep(Scope.system("test").enter(), run)
    assert len(result["let_go"]) == 3
    assert any("ad-hoc" in line for line in result["let_go"])
    left = set(db.session.scalars(Scope.system("test").columns(Report, Report.id)))
    assert not left & goes
    assert left >= stays
    named = select(AuditEntry.entity_id).where(AuditEntry.action == "report.let_go")
    assert set(db.session.scalars(named)) == goes
    assert (pdf, False) in db.session.info[files.DROPS]
    assert jobs.sweep(Scope.system("test").enter(), run)["let_go"] == []


def test_a_file_any_job_made_goes_after_its_days_and_its_page_says_so(
    officer: Any, sign_in: Callable[..., FlaskClient], app: Flask
) -> None:
    days = timedelta(days=app.config["RETENTION_TAKEN_DAYS"])
    made = files.put(b"a register", secret=True)
    shared = files.put(b"a list of places")

    def job(kind: str, digest: str, at: datetime, **more: Any) -> Run:
        run = Run(kind=kind, state="done", person_id=officer.id, finished_at=at, result={"file": digest, "name": "x.xlsx", **more})
        db.session.add(run)
        db.session.flush()
        return run

    old, young = calendar.now() - days - timedelta(hours=1), calendar.now() - days + timedelta(hours=1)
    register = job("residents_export", made, old, secret=True, rows=3)
    job("facilities_export", shared, old)
    fresh = job("facilities_export", shared, young)
    looked = Run(kind="residents_preview", state="done", finished_at=old, result={"refused": made})
    sweep = Run(kind=jobs.SWEEP, period="2026-11-24", state="running")
    db.session.add_all([looked, sweep])
    db.session.flush()
    assert jobs.sweep(Scope.system("test").enter(), sweep)["removed"] == 2
    assert db.session.info[files.DROPS] == {(made, True)}
    assert register.result == {"name": "x.xlsx", "secret": True, "rows": 3, "removed": True}
    assert (fresh.result["file"], looked.result) == (shared, {"refused": made})
    at = f"/reporting/runs/{register.id}"
    client = sign_in(officer)
    assert client.get(f"{at}/file").headers["Location"].endswith(at)
    page = fetch(client, at).text
    assert "文件已超过保留天数被清理" in page
    assert f"{at}/file" not in page


def test_what_goes_of_itself_is_looked_for_before_anybody_must_wait(
    officer: Any, queries: list[str], plans: list[str]
) -> None:
    old, home = calendar.now() - timedelta(days=400), make.make_facility()
    store("ad-hoc", place=home, made_at=old, dataset=render.sample("rectification-order") | {"photos": ["0" * 64]})
    run = Run(kind=jobs.SWEEP, period="2026-11-24", state="running")
    db.session.add(run)
    db.session.flush()
    queries.clear()
    plans.clear()
    jobs.sweep(Scope.system("test").enter(), run)
    asked = [at for at, each in enumerate(queries) if each.startswith("SELECT") and "FROM reports" in each]
    assert max(asked) < next(at for at, each in enumerate(queries) if "INTO audit_entries" in each)
    assert any("runs_files_idx" in each for each in plans)


def test_a_reviewed_report_is_no_draft_to_be_tidied_by_anybody(district: Scope) -> None:
    reviewer = make.make_user(Role.DISTRICT_OFFICER)
    (row,) = draft(made_at=calendar.now() - timedelta(days=400))
    db.session.execute(text(f"UPDATE reports SET state = 'reviewed', reviewed_by_id = {reviewer.id}, reviewed_by = 'x',"
                            f" reviewed_at = now() WHERE id = {row.id}"))  # fmt: skip
    assert refused_by_database(f"DELETE FROM reports WHERE id = {row.id}") == "report.kept"


def test_the_page_of_a_code_never_tells_why_somebody_keeps_it(district: Scope) -> None:
    row = store(keep_until=date(2090, 1, 1), keep_reason="示例案件")
    found = verifying.by_code(Scope.nobody().enter(), row.code)
    assert found is not None
    assert found.kept_longer
    assert "示例案件" not in str(found)
