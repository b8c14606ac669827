"""When a report is made is a row that people change; no period is made twice, none is dropped, and everybody can see why."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import func, select, text

from eldercare.core import alerts, calendar
from eldercare.core.access import P, Role
from eldercare.core.alerts import Alert
from eldercare.core.audit import AuditEntry
from eldercare.core.calendar import Month, Quarter, Year
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope, scope_of
from eldercare.core.workdays import DayOff
from eldercare.reporting import queries as reporting
from eldercare.reporting.models import Report
from eldercare.reporting.schedules import listing, queries, services
from eldercare.reporting.schedules.models import ReportSchedule
from tests import make, page

KIND = "township-monthly"


@pytest.fixture(autouse=True)
def only_townships(monkeypatch: pytest.MonkeyPatch) -> None:
    """One kind of report comes round."""
    monkeypatch.setattr(queries, "kinds", lambda: {KIND: reporting.kind_of(KIND)})


def at(monkeypatch: pytest.MonkeyPatch, day: str, hour: int = 12) -> None:
    moment = calendar.at(date.fromisoformat(day), hour)
    monkeypatch.setattr(calendar, "now", lambda: moment)
    monkeypatch.setattr(calendar, "today", lambda: date.fromisoformat(day))


@pytest.fixture
def row(app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch) -> ReportSchedule:
    """The schedule as it is set up on 24 November 2026, for two townships; October is written down."""
    at(monkeypatch, "2026-11-24")
    for code in ("370299001", "370299002"):
        make.make_township(code=code)
    services.set_up(district, 2)
    assert services.make_owed(district) == 2
    return db.session.scalars(select(ReportSchedule)).one()


def made(place: str = "370299001") -> list[str]:
    query = select(Run.period).where(Run.kind == KIND, Run.place == place).order_by(Run.period)
    return list(db.session.scalars(query))


def rule(**values: Any) -> ReportSchedule:
    return ReportSchedule(**{"kind": KIND, "way": "day", "day": 1, "if_off": "keep", "hour": 2, "minute": 0, **values})


def due(schedule: ReportSchedule, period: Any) -> str:
    from eldercare.core import workdays

    return schedule.due_on(period, workdays.known()).isoformat()


def test_the_day_follows_the_table_of_days_off(app: Flask, district: Scope) -> None:
    db.session.add_all([
        DayOff(day=date(2027, 1, 1), is_off=True), DayOff(day=date(2027, 1, 2), is_off=True), DayOff(day=date(2027, 1, 9), is_off=False),
    ])  # fmt: skip
    db.session.flush()
    december = Month(2026, 12)
    assert due(rule(), december) == "2027-01-01"
    assert due(rule(if_off="next"), december) == "2027-01-04"
    # there is no working day before it in January: December is not over before its last day is
    assert due(rule(if_off="before"), december) == "2027-01-04"
    assert due(rule(day=10, if_off="before"), december) == "2027-01-09"
    assert due(rule(way="working_day", day=5), december) == "2027-01-08"
    assert due(rule(way="working_day", day=6), december) == "2027-01-09"


def test_quarters_and_years_are_due_after_they_are_over(app: Flask, district: Scope) -> None:
    assert due(rule(day=5), Quarter(2026, 3)) == "2026-10-05"
    assert due(rule(day=5), Year(2026)) == "2027-01-05"


def test_what_is_set_up_is_what_always_was(row: ReportSchedule) -> None:
    assert (row.way, row.day, row.hour, row.minute, row.if_off, row.places, row.languages) == ("day", 1, 2, 0, "keep", [], ["zh"])
    assert made() == made("370299002") == ["2026-10"]


def test_an_upgraded_installation_goes_on_where_it_was(app: Flask, district: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-24")
    make.make_township(code="370299001")
    queries.mark(f"due:{KIND}").note = "2026-10"
    services.set_up(district, 2)
    assert services.make_owed(district) == 0


def test_the_rule_reads_as_a_sentence_in_both_languages(app: Flask, row: ReportSchedule) -> None:
    with app.test_request_context():
        assert listing.in_both(row, "monthly") == {
            "zh": "每月1日02:00，遇休息日照常生成", "en": "At 02:00 on the 1st of each month, working day or not",
        }
        third = rule(way="working_day", day=3, hour=8, minute=30)
        assert listing.in_both(third, "quarterly") == {
            "zh": "每季度结束后第3个工作日08:30", "en": "At 08:30 on the 3rd working day after each quarter",
        }


@pytest.mark.parametrize("days", [(1, 20), (20, 1), (1, 28, 1), (28, 1, 15)])
def test_a_changed_day_makes_no_period_twice_and_drops_none(
    row: ReportSchedule, district: Scope, monkeypatch: pytest.MonkeyPatch, days: tuple[int, ...]
) -> None:
    moment = date(2026, 11, 24)
    for n in range(150):
        day = date.fromordinal(moment.toordinal() + n)
        at(monkeypatch, day.isoformat())
        if n % 30 == 0:
            services.change(district, row.id, day=days[(n // 30) % len(days)])
        services.make_owed(district)
    months = made()
    assert months == [str(Month(2026, 10).plus(n)) for n in range(len(months))]
    assert months[-1] >= "2027-02"


def test_switched_off_for_three_months_owes_nothing_for_them_and_says_so(
    row: ReportSchedule, district: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.switch(district, row.id, on=False)
    at(monkeypatch, "2027-01-15")
    services.make_owed(district)
    at(monkeypatch, "2027-02-15")  # the clock stood meanwhile: what fell due while it was off is left out all the same
    services.switch(district, row.id, on=True)
    at(monkeypatch, "2027-03-02")
    services.make_owed(district)
    assert made() == ["2026-10", "2027-02"]
    assert queries.skipped(district) == {row.id: ["2027-01", "2026-12", "2026-11"]}
    turns = {turn.period: listing.state(turn) for turn in queries.turns(district, Month(2026, 11), Month(2027, 6))}
    assert turns["2026-12"] == "skipped"
    assert turns["2027-03"] == "planned"


def test_what_was_owed_before_it_was_switched_off_stays_owed(
    row: ReportSchedule, district: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-12-10")  # the clock was away on the first
    services.switch(district, row.id, on=False)
    assert made() == ["2026-10", "2026-11"]


def test_no_place_is_in_two_schedules_that_are_on(row: ReportSchedule, district: Scope) -> None:
    values = {"way": "day", "day": 5, "if_off": "keep", "hour": 8, "minute": 0, "languages": ["zh"], "roles": [], "people": []}
    with pytest.raises(Refused, match="overlap"):
        services.add(district, KIND, places=["370299002"], **values)
    db.session.rollback()


def test_two_schedules_share_the_places_between_them(
    row: ReportSchedule, district: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"way": "day", "day": 5, "if_off": "keep", "hour": 8, "minute": 0, "languages": ["zh", "en"], "roles": [], "people": []}
    services.change(district, row.id, places=["370299001"])
    services.add(district, KIND, places=["370299002"], **values)
    at(monkeypatch, "2026-12-02")
    services.make_owed(district)
    assert (made(), made("370299002")) == (["2026-10", "2026-11"], ["2026-10"])
    at(monkeypatch, "2026-12-05")
    services.make_owed(district)
    assert made("370299002") == ["2026-10", "2026-11"]
    late = db.session.scalars(select(Run).where(Run.place == "370299002", Run.period == "2026-11")).one()
    assert late.params["languages"] == ["zh", "en"]


def test_every_change_is_logged(row: ReportSchedule, district: Scope) -> None:
    services.change(district, row.id, day=7)
    services.switch(district, row.id, on=False)
    actions = [entry.action for entry in queries.history(district, row)]
    assert actions == ["report_schedule.switched_off", "report_schedule.changed", "report_schedule.made"]
    changed = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "report_schedule.changed")).one()
    assert changed.changes == {"day": [1, 7]}


# ---- who hears ----------------------------------------------------------------------------------


def report_of(row: ReportSchedule, place: str = "370299001", **values: Any) -> Report:
    run = db.session.scalars(select(Run).where(Run.place == place, Run.period == "2026-10")).one()
    kept = None if values.get("state") == "draft" else date(2056, 10, 31)
    values = {"run_id": run.id, "period": "2026-10", "keep_until": kept} | values
    report = Report(
        kind=KIND, place=place, township_id=run.township_id, template_version="1",
        cutoff_at=calendar.now(), dataset={}, dataset_sha256="0" * 64, drawn_sha256="0" * 64, drawn_bytes=1,
        pdf_sha256="0" * 64, pages=1, bytes=1, **values,
    )  # fmt: skip
    db.session.add(report)
    db.session.flush()
    return report


def hearers() -> set[int]:
    return set(db.session.scalars(select(Alert.person_id).where(Alert.kind == "report.ready")))


def test_who_holds_the_duty_at_the_reports_place_hears_once(row: ReportSchedule, district: Scope) -> None:
    report = report_of(row)
    township = db.session.execute(text("SELECT id FROM townships WHERE code = '370299001'")).scalar_one()
    other = make.make_township()
    mine, theirs, leader = (
        make.make_user(Role.TOWNSHIP_OFFICER, db.session.get(type(other), township)),
        make.make_user(Role.TOWNSHIP_OFFICER, other), make.make_user(Role.LEADER),
    )  # fmt: skip
    services.change(district, row.id, people=[leader.id])
    assert services.announce(district, [report]) == 2
    assert services.announce(district, [report]) == 0
    assert hearers() == {mine.id, leader.id}
    assert theirs.id not in hearers()
    reach = scope_of(mine, P.ALERT_READ)
    assert reach is not None
    waiting = db.session.scalars(reach.enter().select(Alert).where(alerts.news(mine))).all()
    assert [alert.kind for alert in waiting] == ["report.ready"]


def test_nobody_hears_of_a_draft_before_it_is_published(row: ReportSchedule, district: Scope) -> None:
    leader = make.make_user(Role.LEADER)
    services.change(district, row.id, roles=[], people=[leader.id])
    services.announce(district, [report_of(row, life="reviewed", state="draft")])
    assert hearers() == set()


def test_each_hears_in_their_own_language_and_the_mail_holds_a_link(app: Flask, row: ReportSchedule, district: Scope) -> None:
    leader = make.make_user(Role.LEADER)
    leader.language = "en"
    services.change(district, row.id, people=[leader.id], roles=[])
    chinese, english = report_of(row), report_of(row, language="en")
    services.announce(district, [chinese, english])
    alert = db.session.scalars(select(Alert).where(Alert.kind == "report.ready")).one()
    assert alert.entity_id == english.id
    assert alerts.KINDS[alert.kind].by_mail
    with app.test_request_context():
        with force_locale("en"):
            assert "Township monthly report 2026-10" in alerts.words(alert)
        with force_locale("zh_Hans_CN"):
            assert "2026-10 镇街月报" in alerts.words(alert)
    assert db.session.scalar(select(func.count()).select_from(Alert)) == 1


def test_a_job_that_waits_for_its_next_try_says_why_and_until_when(
    row: ReportSchedule, district: Scope, sign_in: Callable[..., FlaskClient]
) -> None:
    run = db.session.scalars(select(Run).where(Run.place == "370299001")).one()
    run.attempts, run.error_code, run.error_details = 1, "fault", {"what": "RenderError"}
    job = {"lock": f"run-{run.id}"}
    db.session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 minute' WHERE lock = :lock"), job)
    browser = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    shown = page.fetch(browser, f"/reporting/runs/{run.id}").text
    assert "共3次" in shown
    assert "RenderError" in shown
    assert "自动再试" in shown
    assert "镇街月报 2026-10" in page.fetch(browser, "/reporting/standing").text


# ---- pages --------------------------------------------------------------------------------------


@pytest.fixture
def officer(row: ReportSchedule, sign_in: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch, app: Flask) -> FlaskClient:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return sign_in(make.make_user(Role.DISTRICT_OFFICER))


def test_the_settings_say_what_is_made_when_and_for_whom(officer: FlaskClient, row: ReportSchedule, queries: Any) -> None:
    shown = page.fetch(officer, "/reporting/schedules/", queries=queries)
    assert "每月1日02:00，遇休息日照常生成" in shown.text
    assert "2026年12月1日 02:00" in shown.text
    page.fetch(officer, f"/reporting/schedules/{row.id}", queries=queries)
    page.fetch(officer, f"/reporting/schedules/new/{KIND}", queries=queries)


def test_the_form_previews_the_next_three_times(officer: FlaskClient, row: ReportSchedule) -> None:
    asked = {"way": "working_day", "day": "3", "hour": "8", "minute": "30", "if_off": "keep"}
    shown = officer.post(f"/reporting/schedules/preview/{KIND}?of={row.id}", data=asked).get_data(as_text=True)
    assert "每月第3个工作日08:30" in shown
    assert "At 08:30 on the 3rd working day of each month" in shown
    for day in ("2026年12月3日 08:30", "2027年1月5日 08:30", "2027年2月3日 08:30"):
        assert day in shown
    unreadable = officer.post(f"/reporting/schedules/preview/{KIND}", data={**asked, "day": "16"}).get_data(as_text=True)
    assert "At 08:30" not in unreadable
    for wrong in ({"if_off": "sometimes"}, {"way": "sometimes"}):
        answer = officer.post(f"/reporting/schedules/preview/{KIND}", data={**asked, **wrong})
        assert (answer.status_code, "At 08:30" in answer.get_data(as_text=True)) == (200, False), wrong


def test_a_schedule_is_changed_switched_and_added_on_the_pages(officer: FlaskClient, row: ReportSchedule) -> None:
    asked = {"way": "day", "day": "6", "hour": "7", "minute": "15", "if_off": "next", "languages": ["zh"], "places": ["370299001"]}
    assert officer.post(f"/reporting/schedules/{row.id}", data=asked).status_code == 303
    again = officer.post(f"/reporting/schedules/new/{KIND}", data=asked)
    assert again.status_code == 422
    assert f"第{row.id}号" in again.get_data(as_text=True)
    assert officer.post(f"/reporting/schedules/new/{KIND}", data={**asked, "places": ["370299002"]}).status_code == 303
    wrong = officer.post(f"/reporting/schedules/{row.id}", data={**asked, "way": "working_day", "day": "20"})
    assert wrong.status_code == 422
    assert "第1至第15个工作日" in wrong.get_data(as_text=True)
    assert officer.post(f"/reporting/schedules/{row.id}/off").status_code == 303
    shown = officer.get("/reporting/schedules/").get_data(as_text=True)
    assert "每月6日07:15，遇休息日顺延至下一个工作日" in shown
    assert "已停用" in shown


def test_the_calendar_shows_what_ran_and_what_will(officer: FlaskClient, row: ReportSchedule, queries: Any) -> None:
    shown = page.fetch(officer, "/reporting/schedules/calendar", queries=queries)
    assert "补做" in shown.text  # October was due on 1 November and written down on the 24th
    assert "计划中" in shown.text
    ahead = page.fetch(officer, "/reporting/schedules/calendar?month=2027-02", queries=queries)
    assert "2027年2月1日 02:00" in ahead.text


def test_what_was_made_by_hand_stands_on_the_calendar_too(row: ReportSchedule, district: Scope) -> None:
    run = Run(kind=KIND, period="2026-07", place="370299001", state="done", finished_at=calendar.now())
    db.session.add(run)
    db.session.flush()
    report = report_of(row, period="2026-07", run_id=run.id, made_at=calendar.at(date(2026, 8, 3)))
    (turn,) = [turn for turn in queries.turns(district, Month(2026, 8), Month(2026, 8)) if turn.period == "2026-07"]
    assert (turn.report_id, listing.state(turn), turn.is_late, turn.count) == (report.id, "published", True, 1)


@pytest.mark.parametrize(
    ("first", "second", "opened"),
    [("withdrawn", "published", 1), ("published", "published", 1), ("published", "withdrawn", 0), ("published", "draft", 0)],
)
def test_the_calendar_opens_the_newest_edition_that_counts(
    row: ReportSchedule, district: Scope, first: str, second: str, opened: int
) -> None:
    said = {"withdrawn": {"withdrawn_at": calendar.now(), "withdraw_reason": "数据有误"}, "published": {}, "draft": {"life": "reviewed"}}
    made = []
    for edition, state in enumerate((first, second), 1):
        run = Run(kind=KIND, period="2026-07", place="370299001", state="done", finished_at=calendar.now())
        db.session.add(run)
        db.session.flush()
        made.append(report_of(row, period="2026-07", run_id=run.id, edition=edition, state=state, **said[state]))
    (turn,) = [turn for turn in queries.turns(district, Month(2026, 8), Month(2026, 8)) if turn.period == "2026-07"]
    assert turn.report_id == made[opened].id


def test_a_township_sees_its_own_on_the_calendar_and_no_settings(
    row: ReportSchedule, sign_in: Callable[..., FlaskClient], district: Scope
) -> None:
    from eldercare.facilities.models import Township

    township = db.session.scalars(select(Township).where(Township.code == "370299001")).one()
    person = make.make_user(Role.TOWNSHIP_OFFICER, township)
    reach = scope_of(person, P.REPORT_READ)
    assert reach is not None
    (turn,) = [turn for turn in queries.turns(reach.enter(), Month(2026, 11), Month(2026, 11)) if turn.runs]
    assert turn.count == 1
    browser = sign_in(person)
    assert browser.get("/reporting/schedules/calendar").status_code == 200
    assert browser.get("/reporting/schedules/").status_code == 403
