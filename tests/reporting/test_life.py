"""The life of a report: two people judge, words are not overwritten in silence, what is published never changes."""

import hashlib
import io
import threading
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from flask import Flask, g
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from eldercare.accounts.models import User
from eldercare.core import alerts, calendar, counters, files
from eldercare.core.access import P, Role
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.runs import Run
from eldercare.core.scope import Scope, scope_of
from eldercare.reporting import queries as reporting
from eldercare.reporting import render, worker
from eldercare.reporting import services as making
from eldercare.reporting.approval import queries as asking
from eldercare.reporting.approval import services
from eldercare.reporting.models import Report
from eldercare.reporting.schedules import services as schedules
from eldercare.reporting.verify import queries as looking
from eldercare.reporting.verify import services as verifying
from tests import make

KIND = "monthly-oversight"
WORDS = {"assessment": ["示例评估一段。", "示例评估二段。"], "requirements": ["示例要求。"], "next_month": ["示例安排。"]}


PARTS = ["summary", "key_figures", "hazards", "licences", "assessment", "requirements", "next_month"]  # enough of it to judge, soon drawn


def draft(
    period: str = "2026-10", edition: int = 1, languages: tuple[str, ...] = ("zh",), said: Any = None, **more: Any
) -> list[Report]:
    """An edition as the clock makes one, without its pages drawn; `said`: figures other than the sample's."""
    data = render.sample(KIND) | {"period": period, "parts": PARTS} | (said or {})
    rows = []
    for language in languages:
        run = Run(kind=KIND, period=period, state="done", finished_at=calendar.now())
        db.session.add(run)
        db.session.flush()
        row = Report(
            run_id=run.id, kind=KIND, period=period, language=language, edition=edition, template_version=reporting.kind_of(KIND).TEMPLATE_VERSION, life="reviewed",
            cutoff_at=calendar.now(), state="draft", dataset=data,
            dataset_sha256=hashlib.sha256(render.canonical(data)).hexdigest(), imprint=dict(render.BLANK),
            drawn_sha256="0" * 64, drawn_bytes=1, pdf_sha256="0" * 64, pages=1, bytes=1, **more,
        )  # fmt: skip
        db.session.add(row)
        rows.append(row)
    db.session.flush()
    return rows


def as_(user: User, permission: P) -> Scope:
    scope = scope_of(user, permission)
    assert scope is not None
    return scope.enter()


def refused(code: str, call: Any, *args: Any, **named: Any) -> Refused:
    """That a service says no with this code, and that nothing of it stays."""
    with pytest.raises(Refused) as no, db.session.begin_nested():
        call(*args, **named)
    assert no.value.code == code
    return no.value


@pytest.fixture
def people(district: Scope) -> dict[str, User]:
    return {
        "writer": make.make_user(Role.DISTRICT_OFFICER), "reviewer": make.make_user(Role.DISTRICT_OFFICER),
        "leader": make.make_user(Role.LEADER),
    }  # fmt: skip


def drawn_already(rows: list[Report]) -> None:
    """As if the pages had been drawn with the latest words."""
    for row in rows:
        row.imprint = row.imprint | {"texts": row.texts}
        row.drawn_version = row.texts_version
    db.session.flush()


def test_whoever_wrote_the_words_does_not_judge_them_and_two_people_judge(people: dict[str, User]) -> None:
    rows = draft(languages=("zh", "en"))
    report_id = rows[0].id
    services.write(as_(people["writer"], P.REPORT_BUILD), report_id, 0, WORDS)
    refused("report.own_words", services.review, as_(people["writer"], P.REPORT_REVIEW), report_id)
    refused("report.pages_behind", services.review, as_(people["reviewer"], P.REPORT_REVIEW), report_id)
    drawn_already(rows)
    refused("move.not_allowed", services.approve, as_(people["leader"], P.REPORT_APPROVE), report_id)
    services.review(as_(people["reviewer"], P.REPORT_REVIEW), report_id)
    assert [row.state for row in rows] == ["reviewed", "reviewed"]  # both languages live together
    make.make_grant(people["reviewer"], Role.LEADER)
    db.session.refresh(people["reviewer"])
    refused("report.own_review", services.approve, as_(people["reviewer"], P.REPORT_APPROVE), report_id)
    said = services.comment(as_(people["leader"], P.REPORT_COMMENT), report_id, "assessment", "示例批注")
    refused("report.comments_open", services.approve, as_(people["leader"], P.REPORT_APPROVE), report_id)
    services.resolve(as_(people["writer"], P.REPORT_COMMENT), report_id, said.id)
    refused("report_comment.settled", services.resolve, as_(people["leader"], P.REPORT_COMMENT), report_id, said.id)
    services.approve(as_(people["leader"], P.REPORT_APPROVE), report_id)
    assert {row.state for row in rows} == {"approved"}
    assert (rows[0].reviewed_by, rows[0].approved_by) == (people["reviewer"].name, people["leader"].name)


def test_the_platform_itself_judges_nothing(district: Scope) -> None:
    (row,) = draft()
    refused("report.needs_a_person", services.review, district, row.id)


def test_the_database_wants_two_people_whatever_the_code_does(people: dict[str, User]) -> None:
    (row,) = draft()
    for state, columns, code in (
        ("approved", {"reviewed": "writer", "approved": "writer"}, "report.own_review"),
        ("reviewed", {"reviewed": "writer", "texts": "writer"}, "report.own_words"),
        ("approved", {"reviewed": "writer", "approved": "leader", "texts": "leader"}, "report.own_words"),
        ("published", {}, "report.steps_wrong"),
        ("approved", {"reviewed": "writer"}, "report.steps_wrong"),
    ):
        sets = ", ".join(f"{step}_by_id = {people[who].id}, {step}_by = 'x', {step}_at = now()" for step, who in columns.items())
        with pytest.raises(DBAPIError) as no, db.session.begin_nested():
            db.session.execute(text(f"UPDATE reports SET {sets + ',' if sets else ''} state = '{state}' WHERE id = {row.id}"))
        refusal = refusal_of(no.value)
        assert refusal is not None
        assert refusal.code == code, (state, columns)


def test_the_second_to_save_is_told_and_keeps_what_was_typed(
    people: dict[str, User], sign_in: Any, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = draft()
    report_id = row.id
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    first, second = sign_in(people["writer"]), sign_in(people["reviewer"])
    url = f"/reporting/{report_id}/approval/texts"
    assert 'name="version"' in first.get(url).text
    assert first.post(url, data={"version": "0", "assessment": "先存的话"}).status_code == 303
    again = second.post(url, data={"version": "0", "assessment": "后写的话", "requirements": "后写的要求"})
    assert again.status_code == 422
    assert people["writer"].name in again.text
    assert "先存的话" in again.text  # what stands
    assert "后写的话" in again.text  # what was typed
    assert 'value="1"' in again.text  # from here the second may save knowingly
    saved = second.post(url, data={"version": "1", "assessment": "两人的话", "requirements": "后写的要求"})
    assert saved.status_code == 303
    Scope.system("test").enter()
    db.session.refresh(row)
    assert row.texts["assessment"] == ["两人的话"]
    assert row.texts_version == 2


def test_words_become_paragraphs_and_what_no_font_can_print_is_refused_at_its_field(
    people: dict[str, User], sign_in: Any, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = draft()
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    writer, url = sign_in(people["writer"]), f"/reporting/{row.id}/approval/texts"
    lost = writer.post(url, data={"version": "0", "assessment": "甲\U000323af乙"})
    assert lost.status_code == 422
    assert "\U000323af" in lost.text
    long = writer.post(url, data={"version": "0", "assessment": "长" * 1201})
    assert long.status_code == 422
    ok = writer.post(url, data={"version": "0", "assessment": "\u3000\u3000一段 \n\n二\u202e段\n", "requirements": ""})
    assert ok.status_code == 303
    Scope.system("test").enter()
    db.session.refresh(row)
    assert row.texts == {"assessment": ["一段", "二段"]}


def test_the_other_language_follows_until_it_has_words_of_its_own(people: dict[str, User]) -> None:
    zh, en = draft(languages=("zh", "en"))
    scope = as_(people["writer"], P.REPORT_BUILD)
    services.write(scope, zh.id, 0, WORDS)
    assert en.texts == WORDS
    services.write(scope, en.id, en.texts_version, WORDS | {"assessment": ["Example."]})
    assert zh.texts == WORDS
    services.write(scope, zh.id, zh.texts_version, WORDS | {"assessment": ["示例新话。"], "requirements": []})
    assert en.texts == {"assessment": ["Example."], "requirements": [], "next_month": ["示例安排。"]}


def test_an_earlier_issues_words_are_a_start(people: dict[str, User]) -> None:
    (before,), (row,) = draft("2026-09"), draft()
    scope = as_(people["writer"], P.REPORT_BUILD)
    refused("report.nothing_to_take_over", services.take_over, scope, row.id)
    services.write(scope, before.id, 0, WORDS)
    services.take_over(scope, row.id)
    assert row.texts == WORDS


def test_sent_back_it_is_a_draft_again_with_the_reason_and_is_told(people: dict[str, User]) -> None:
    (row,) = draft()
    services.review(as_(people["reviewer"], P.REPORT_REVIEW), row.id)
    refused("report.not_draft", services.write, as_(people["writer"], P.REPORT_BUILD), row.id, 0, WORDS)
    services.send_back(as_(people["leader"], P.REPORT_APPROVE), row.id, "示例原因")
    assert (row.state, row.reviewed_by_id, row.return_reason) == ("draft", None, "示例原因")
    waits = {kind.name for kind, *_ in alerts.grouped(as_(people["writer"], P.ALERT_READ), people["writer"])}
    assert "report.returned" in waits
    services.review(as_(people["reviewer"], P.REPORT_REVIEW), row.id)
    assert row.return_reason is None


def test_each_step_tells_whoever_comes_next_and_nobody_else(people: dict[str, User]) -> None:
    (row,) = draft()

    def waits(who: str) -> set[str]:
        return {kind.name for kind, *_ in alerts.grouped(as_(people[who], P.ALERT_READ), people[who])}

    services.write(as_(people["writer"], P.REPORT_BUILD), row.id, 0, WORDS)
    drawn_already([row])
    assert waits("reviewer") == {"report.to_review"}
    assert waits("leader") == set()
    services.review(as_(people["reviewer"], P.REPORT_REVIEW), row.id)
    assert (waits("reviewer"), waits("leader")) == (set(), {"report.to_approve"})
    late = calendar.at(calendar.today()) + timedelta(days=4)  # three working days from Tuesday to Friday, to 24:00
    told = [due for kind, _n, _late, due, _made in alerts.grouped(as_(people["leader"], P.ALERT_READ), people["leader"])]
    assert told == [late]
    services.approve(as_(people["leader"], P.REPORT_APPROVE), row.id)
    assert (waits("writer"), waits("leader")) == ({"report.to_publish"}, set())


def test_a_draft_is_seen_by_those_who_work_on_it_alone(
    people: dict[str, User], sign_in: Any, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_id = draft()[0].id
    inspector, township = make.make_user(Role.INSPECTOR), make.make_user(Role.TOWNSHIP_OFFICER, make.make_township())
    for who, status in ((people["writer"], 200), (people["leader"], 200), (inspector, 404), (township, 404)):
        client = sign_in(who)
        assert client.get(f"/reporting/{report_id}").status_code == status
        assert (f'href="/reporting/{report_id}"' in client.get("/reporting/").text) == (status == 200)
    assert client.get(f"/reporting/{report_id}/approval/texts").status_code == 403
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    assert client.post(f"/reporting/{report_id}/approval/review").status_code == 403


def test_a_step_is_asked_for_where_it_can_be_taken_and_else_leads_back_to_the_report(people: dict[str, User], sign_in: Any) -> None:
    (row,) = draft()
    report_id = row.id
    for name, steps in (("reviewer", {"review": 200, "publish": 303, "take-back": 303}), ("leader", {"approve": 303, "withdraw": 303})):
        client = sign_in(people[name])
        assert {step: client.get(f"/reporting/{report_id}/approval/{step}").status_code for step in steps} == steps
    back = client.get(f"/reporting/{report_id}/approval/approve", follow_redirects=True)
    assert (back.request.path, "现在不能做这一步" in back.text) == (f"/reporting/{report_id}", True)
    services.review(as_(people["reviewer"], P.REPORT_REVIEW), report_id)
    assert sign_in(people["leader"]).get(f"/reporting/{report_id}/approval/approve").status_code == 200
    reviewer = sign_in(people["reviewer"])
    assert [reviewer.get(f"/reporting/{report_id}/approval/{step}").status_code for step in ("take-back", "review")] == [200, 303]


# ---- publication: with real commits ---------------------------------------------------------------


def _approved(period: str = "2026-10", edition: int = 1, languages: tuple[str, ...] = ("zh",)) -> list[int]:
    """An approved edition, committed."""
    Scope.system("test").enter()
    users = [make.make_user(role) for role in (Role.DISTRICT_OFFICER, Role.DISTRICT_OFFICER, Role.LEADER)]
    rows = draft(period, edition, languages)
    services.write(as_(users[0], P.REPORT_BUILD), rows[0].id, 0, WORDS)
    drawn_already(rows)
    services.review(as_(users[1], P.REPORT_REVIEW), rows[0].id)
    services.approve(as_(users[2], P.REPORT_APPROVE), rows[0].id)
    db.session.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'todo'"))
    db.session.execute(text("UPDATE runs SET state = 'done', finished_at = now() WHERE state = 'queued'"))
    ids = [row.id for row in rows]
    db.session.commit()
    return ids


def _publish(report_id: int, **more: Any) -> int:
    Scope.system("test").enter()
    user = make.make_user(Role.DISTRICT_OFFICER)
    run = services.ask_publication(as_(user, P.REPORT_BUILD), report_id, **({"counted": True} | more))
    run_id = run.id
    db.session.commit()
    return run_id


def _look(report_id: int) -> Report:
    Scope.system("test").enter()
    query = Scope.system("test").select(Report).where(Report.id == report_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def test_what_is_published_bears_number_names_and_words_and_never_changes(fresh_app: Flask) -> None:
    zh, en = _approved(languages=("zh", "en"))
    _publish(zh)
    worker.drain(fresh_app)
    for report_id in (zh, en):
        row = _look(report_id)
        assert (row.state, row.number, row.number_year) == ("published", 1, 2026)
        assert row.imprint["number"] == {"year": 2026, "number": 1}
        assert row.imprint["texts"] == WORDS
        assert row.imprint["reviewed"] == {"name": row.reviewed_by, "on": "2026-11-24"}
        file = files.get(row.pdf_sha256)
        assert len(pypdf.PdfReader(io.BytesIO(file)).pages) == row.pages
        assert verifying.verdict(Scope.system("test").enter(), file).valid
        assert making.rebuild(Scope.system("test").enter(), row.run_id)["identical"]
    for change in ("imprint = '{}'", "dataset = '{}'", "pdf_sha256 = repeat('1', 64)", "number = 7", "state = 'draft'",
                   "reviewed_at = now()", "texts = '{}'", "edition = 9"):
        Scope.system("test").enter()
        with pytest.raises(DBAPIError) as no:
            db.session.execute(text(f"UPDATE reports SET {change} WHERE id = {zh}"))
        refusal = refusal_of(no.value)
        db.session.rollback()
        assert refusal is not None
        assert refusal.code in {"report.frozen", "report.steps_wrong"}, change


def test_the_recipients_of_its_schedule_hear_when_it_is_published(fresh_app: Flask) -> None:
    schedules.set_up(Scope.system("test").enter(), 2)
    (report_id,) = _approved()
    told = select(Alert.person_id).where(Alert.kind == "report.ready")
    Scope.system("test").enter()
    assert db.session.scalars(told).all() == []
    _publish(report_id)
    worker.drain(fresh_app)
    Scope.system("test").enter()
    roles = {grant.role for person_id in db.session.scalars(told) for grant in db.session.get_one(User, person_id).grants}
    assert roles == {"leader", "district_officer"}


def test_figures_of_a_draft_cannot_be_touched_either(district: Scope) -> None:
    (row,) = draft()
    with pytest.raises(DBAPIError) as no, db.session.begin_nested():
        db.session.execute(text(f"UPDATE reports SET dataset = '{{}}' WHERE id = {row.id}"))
    refusal = refusal_of(no.value)
    assert refusal is not None
    assert refusal.code == "report.frozen"


def test_numbers_are_given_without_gaps_however_many_publish_at_once(fresh_app: Flask) -> None:
    periods = [f"2026-{month:02d}" for month in range(1, 5)]
    ready = [_approved(period)[0] for period in periods]
    runs = [(report_id, _publish(report_id)) for report_id in ready]
    threads = [threading.Thread(target=worker.perform, args=(fresh_app, run_id)) for _report, run_id in runs]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    Scope.system("test").enter()
    numbers = sorted(_look(report_id).number or 0 for report_id, _run in runs)
    assert numbers == [1, 2, 3, 4]
    assert counters.last_of(asking.series(KIND), 2026) == 4


def test_two_people_cannot_both_judge_the_same_draft_at_once(fresh_app: Flask) -> None:
    """One person, two windows: review in one and approve in the other never add up to two people."""
    Scope.system("test").enter()
    both = make.make_user(Role.DISTRICT_OFFICER)
    make.make_grant(both, Role.LEADER)
    (row,) = draft()
    report_id, user_id = row.id, both.id
    db.session.commit()
    answers: list[str] = []
    gate = threading.Barrier(2)

    def act(permission: P, service: Any) -> None:
        with fresh_app.app_context():
            try:
                user = db.session.get_one(User, user_id)
                scope = as_(user, permission)
                gate.wait(5)
                service(scope, report_id)
                db.session.commit()
                answers.append("done")
            except (Refused, DBAPIError) as no:
                db.session.rollback()
                refusal = no if isinstance(no, Refused) else refusal_of(no)
                answers.append(refusal.code if refusal else "fault")

    for _round in range(3):
        both_at_once = [threading.Thread(target=act, args=each) for each in
                        ((P.REPORT_REVIEW, services.review), (P.REPORT_APPROVE, services.approve))]
        for each in both_at_once:
            each.start()
        for each in both_at_once:
            each.join()
    row = _look(report_id)
    assert row.state == "reviewed"
    assert "fault" not in answers
    assert answers.count("done") == 1


def test_withdrawn_it_stays_readable_and_says_what_counts_instead(fresh_app: Flask) -> None:
    fresh_app.config["WTF_CSRF_ENABLED"] = False
    (first,) = _approved()
    _publish(first)
    worker.drain(fresh_app)
    (second,) = _approved(edition=2)
    _publish(second)
    worker.drain(fresh_app)
    assert _look(second).number == 2
    Scope.system("test").enter()
    leader, reader = make.make_user(Role.LEADER), make.make_user(Role.INSPECTOR)
    refused("report.replacement_wrong", services.withdraw, as_(leader, P.REPORT_APPROVE), first, "示例", first)
    services.withdraw(as_(leader, P.REPORT_APPROVE), first, "示例撤回原因", second)
    db.session.commit()
    vars(g).clear()
    browser = fresh_app.test_client()
    Scope.system("test").enter()
    with browser.session_transaction() as cookie:
        cookie.update({"_user_id": db.session.merge(reader).get_id(), "_fresh": True, "seen": make.now_stamp()})
    db.session.commit()
    shown = browser.get(f"/reporting/{first}").text
    assert "示例撤回原因" in shown
    assert f'href="/reporting/{second}"' in shown
    assert browser.get(f"/reporting/{first}/download").status_code == 200
    vars(g).clear()
    newest = reporting.latest(Scope.system("test").enter(), "zh")
    assert newest is not None
    assert newest.id == second


def test_a_withdrawn_report_that_nobody_judges_is_replaced_by_its_next_edition(fresh_app: Flask) -> None:
    Scope.system("test").enter()
    place, officer, leader = make.make_township().code, make.make_user(Role.DISTRICT_OFFICER), make.make_user(Role.LEADER)
    db.session.commit()

    def built() -> Report:
        asked = making.ask(as_(db.session.merge(officer), P.REPORT_BUILD), "township-monthly", "2026-10", place, ["zh"]).id
        db.session.commit()
        worker.drain(fresh_app)
        row = reporting.report_of_run(Scope.system("test").enter(), asked)
        assert row is not None
        return row

    first = built().id
    services.withdraw(as_(db.session.merge(leader), P.REPORT_APPROVE), first, "示例撤回原因", None)
    db.session.commit()
    second = built()
    assert (_look(first).replaced_by_id, second.edition) == (second.id, 2)
    told = looking.by_code(Scope.nobody().enter(), _look(first).code)
    assert told is not None
    assert told.replaced_by == second.code


def test_the_other_language_of_a_published_edition_shares_its_life_and_number(fresh_app: Flask) -> None:
    (zh,) = _approved()
    _publish(zh)
    worker.drain(fresh_app)
    row = _look(zh)
    run_id = making.ask_language(as_(make.make_user(Role.INSPECTOR), P.REPORT_READ), row, "en").id
    db.session.commit()
    worker.drain(fresh_app)
    made = reporting.report_of_run(Scope.system("test").enter(), run_id, "en")
    assert made is not None
    assert (made.state, made.number, made.edition, made.approved_by) == ("published", row.number, row.edition, row.approved_by)
    assert made.imprint["number"] == row.imprint["number"]
    assert made.code != row.code
    verdict = verifying.verdict(Scope.system("test").enter(), files.get(made.pdf_sha256))
    assert (verdict.valid, verdict.figures_match) == (True, True)
    (draft_id,) = _approved("2026-09")
    refused("report.no_other_language", making.ask_language, Scope.system("test").enter(), _look(draft_id), "en")


def test_each_language_bars_its_own_writer_from_judging(fresh_app: Flask) -> None:
    Scope.system("test").enter()
    first, second, third = (make.make_user(Role.DISTRICT_OFFICER) for _ in range(3))
    zh, en = draft(languages=("zh", "en"))
    services.write(as_(first, P.REPORT_BUILD), zh.id, 0, WORDS)
    services.write(as_(second, P.REPORT_BUILD), en.id, en.texts_version, WORDS | {"assessment": ["Example."]})
    drawn_already([zh, en])
    for writer in (first, second):
        refused("report.own_words", services.review, as_(writer, P.REPORT_REVIEW), zh.id)
    services.review(as_(third, P.REPORT_REVIEW), zh.id)
    assert {zh.state, en.state} == {"reviewed"}


def test_another_edition_beside_a_published_one_says_why(fresh_app: Flask) -> None:
    (first,) = _approved()
    _publish(first)
    worker.drain(fresh_app)
    Scope.system("test").enter()
    scope = as_(make.make_user(Role.DISTRICT_OFFICER), P.REPORT_BUILD)
    refused("report.reason_needed", making.ask, scope, KIND, "2026-10", None, ["zh"])
    run_id = making.ask(scope, KIND, "2026-10", None, ["zh"], reason="迟到数据").id
    db.session.commit()
    worker.drain(fresh_app)
    made = reporting.report_of_run(Scope.system("test").enter(), run_id)
    assert made is not None
    assert (made.state, made.edition, made.reason, made.life) == ("draft", 2, "迟到数据", "reviewed")


def test_saved_words_stand_on_the_pages_and_the_drawing_is_of_the_latest(fresh_app: Flask) -> None:
    Scope.system("test").enter()
    writer = make.make_user(Role.DISTRICT_OFFICER)
    (row,) = draft()
    report_id = row.id
    for version, word in enumerate(("第一稿的话", "第二稿的话")):
        services.write(as_(writer, P.REPORT_BUILD), report_id, version, WORDS | {"assessment": [word]})
    db.session.commit()
    assert _look(report_id).is_behind
    worker.drain(fresh_app)
    row = _look(report_id)
    assert (row.drawn_version, row.texts_version, row.imprint["texts"]["assessment"]) == (2, 2, ["第二稿的话"])
    assert making.rebuild(Scope.system("test").enter(), row.run_id)["identical"]
    assert not asking.under_way(Scope.system("test").enter(), [row])


def test_a_language_added_while_pages_wait_to_be_drawn_shows_the_words_and_keeps_nobody_from_judging(fresh_app: Flask) -> None:
    Scope.system("test").enter()
    writer, reviewer = (make.make_user(Role.DISTRICT_OFFICER) for _ in range(2))
    (zh,) = draft()
    report_id = zh.id
    services.write(as_(writer, P.REPORT_BUILD), report_id, 0, WORDS)
    run_id = making.ask_language(as_(writer, P.REPORT_BUILD), zh, "en").id
    db.session.commit()
    worker.perform(fresh_app, run_id)  # another worker has not come to the other pages yet
    made = reporting.report_of_run(Scope.system("test").enter(), run_id, "en")
    assert made is not None
    assert (made.texts, made.imprint["texts"], made.is_behind) == (WORDS, WORDS, False)
    assert _look(report_id).is_behind
    worker.drain(fresh_app)
    services.review(as_(db.session.merge(reviewer), P.REPORT_REVIEW), report_id)
    assert _look(report_id).state == "reviewed"


def test_a_typed_number_comes_from_the_register_and_is_given_once(fresh_app: Flask) -> None:
    (first,) = _approved()
    refused_at = _approved("2026-09")[0]
    Scope.system("test").enter()
    scope = as_(make.make_user(Role.DISTRICT_OFFICER), P.REPORT_BUILD)
    refused("report.number_needed", services.ask_publication, scope, first, counted=False)
    _publish(first, counted=False, number=31)
    worker.drain(fresh_app)
    assert _look(first).number == 31
    Scope.system("test").enter()
    refused("report.number_taken", services.ask_publication, scope.enter(), refused_at, counted=False, number=31)


def test_the_page_of_a_report_asks_little_however_much_was_said(people: dict[str, User], sign_in: Any, queries: list[str]) -> None:
    rows = draft(languages=("zh", "en"))
    services.write(as_(people["writer"], P.REPORT_BUILD), rows[0].id, 0, WORDS)
    for n in range(5):
        services.comment(as_(people["leader"], P.REPORT_COMMENT), rows[0].id, "assessment", f"示例批注{n}")
    report_id = rows[0].id
    client = sign_in(people["reviewer"])
    queries.clear()
    page = client.get(f"/reporting/{report_id}")
    assert page.status_code == 200
    assert page.text.count("示例批注") == 5
    assert len([each for each in queries if each.lstrip().upper().startswith(("SELECT", "EXECUTE"))]) <= 12
