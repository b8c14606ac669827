"""The demo's past months: published with numbers, names and words made of their own figures."""

from flask import Flask

from eldercare.core import calendar, counters
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.demo import reports
from eldercare.reporting import services, worker
from eldercare.reporting.approval import queries as approval
from eldercare.reporting.models import Report
from tests import make


def test_past_months_are_published_with_words_of_their_own_figures_and_the_next_number_follows(fresh_app: Flask) -> None:
    scope = Scope.system("test").enter()
    make.make_resident(make.make_township(), registered_on=calendar.Month(2026, 5).first)
    for username, role in (("district", Role.DISTRICT_OFFICER), ("district2", Role.DISTRICT_OFFICER), ("leader", Role.LEADER)):
        make.make_user(role, username=username, name=f"示例{username}")
    reports.ask(scope)
    db.session.commit()
    worker.drain(fresh_app)
    scope = Scope.system("test").enter()
    rows = list(db.session.scalars(scope.select(Report).order_by(Report.period, Report.language)))
    assert [(row.period, row.language) for row in rows] == [(f"2026-{n:02d}", lang) for n in (7, 8, 9) for lang in ("en", "zh")]
    for row in rows:
        assert (row.state, row.number, row.number_year) == ("published", int(row.period[-2:]), 2026)
        assert row.imprint["number"] == {"year": 2026, "number": row.number}
        assert (row.reviewed_by, row.approved_by, row.texts_by) == ("示例district2", "示例leader", "示例district")
        assert all(row.texts[part] == row.imprint["texts"][part] for part in ("assessment", "requirements", "next_month"))
        assert "{" not in str([*row.texts.values()])[1:-1]
    assert len({str(row.texts) for row in rows if row.language == "zh"}) == 3  # no month says what another says
    assert services.rebuild(scope, rows[0].run_id)["identical"]
    assert counters.last_of(approval.series(reports.KIND), 2026) == 9
