"""The demo's schedules have a past: what was left out is said, what follows is owed once."""

from flask import Flask
from sqlalchemy import select

from eldercare.core.access import Role
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.demo import schedules
from eldercare.reporting.schedules import listing, queries, services
from tests import make


def test_the_quarters_while_it_was_off_are_left_out_and_the_next_is_made(app: Flask, district: Scope) -> None:
    make.make_user(Role.DISTRICT_OFFICER, username="district")
    schedules.write(district)
    services.make_owed(district)
    (quarterly,) = [row for row in queries.schedules(district) if queries.cadence(row) == "quarterly"]
    assert queries.skipped(district) == {quarterly.id: ["2026Q2", "2026Q1"]}
    made = db.session.scalars(select(Run.period).where(Run.kind == quarterly.kind)).all()
    assert made == ["2026Q3"]
    shown = {turn.period: listing.state(turn) for turn in queries.turns(district, Month(2026, 1), Month(2027, 2))}
    assert (shown["2026Q1"], shown["2026Q2"], shown["2026Q3"]) == ("skipped", "skipped", "going")
    assert [entry.action for entry in queries.history(district, quarterly)] == ["report_schedule.changed", "report_schedule.made"]
