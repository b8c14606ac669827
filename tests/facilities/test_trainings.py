"""Training: one person or a group in one act, hours of the year against the target."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.facilities.staff import queries, services
from tests import make
from tests.accounts.browser import send
from tests.page import fetch

TODAY = date(2026, 11, 24)


def record(scope: Scope, home: Any, people: list[Any], hours: str = "2.5", held_on: date = TODAY) -> Any:
    return services.record_training(
        scope, home.id, topic="示例消防演练", hours=Decimal(hours), held_on=held_on, trainer="示例机构", members=[row.id for row in people],
    )


def test_a_group_is_recorded_in_one_act_and_each_has_the_hours(district: Scope) -> None:
    home = make.make_facility()
    people = [make.make_staff(home) for _ in range(3)]
    made = record(district, home, people[:2])
    record(district, home, people[:1], held_on=date(2025, 12, 31))
    assert [row.id for row in queries.attended(district, made.id)] == sorted(row.id for row in people[:2])
    hours = [queries.hours_in_year(queries.trainings_of(district, row.id), 2026) for row in people]
    assert hours == [Decimal("2.5"), Decimal("2.5"), 0]
    assert queries.training_short(district, home.id, 2026, 2) == (1, 3)
    assert queries.training_short(district, home.id, 2026, 3) == (3, 3)


def test_only_people_of_the_place_were_there_and_nobody_tomorrow(district: Scope) -> None:
    home = make.make_facility()
    person, stranger = make.make_staff(home), make.make_staff(make.make_facility())
    for people, held_on, code in (([], TODAY, "training.nobody"), ([person, stranger], TODAY, "training.nobody"),
                                  ([person], TODAY + timedelta(1), "staff.day_ahead")):
        with pytest.raises(Refused) as caught:
            record(district, home, people, held_on=held_on)
        assert caught.value.code == code
    with pytest.raises(Exception, match="hours_check") as late, db.session.begin_nested():
        record(district, home, [person], hours="0")
    assert refusal_of(late.value).code == "training.hours_range"  # type: ignore[arg-type, union-attr]


def test_a_manager_records_a_training_and_takes_a_mistake_away(sign_in: Any, district: Scope) -> None:
    home = make.make_facility()
    people = [make.make_staff(home) for _ in range(2)]
    ids, home_id = [row.id for row in people], home.id
    client = sign_in(make.make_user(Role.FACILITY_MANAGER, home), language="en")
    path = f"/facilities/staff/trainings/new/{home_id}"
    assert "Tick who was there." in send(client, path, topic="x", held_on="2026-11-01", hours="2").text
    made = send(client, path, topic="示例急救", held_on="2026-11-01", hours="2", members=ids)
    assert made.status_code == 303, made.text
    assert "2 of 20 hours this year" in fetch(client, f"/facilities/staff/{ids[0]}").text
    assert "示例急救" in fetch(client, "/facilities/staff/trainings").text
    whole = send(client, path, topic="示例全员", held_on="2026-11-02", hours="3", groups="all")
    assert "5 of 20 hours this year" in fetch(client, f"/facilities/staff/{ids[1]}").text
    assert send(client, f"{whole.location}/remove", reason="重复登记").status_code == 303
    assert send(client, f"{made.location}/remove", reason="重复登记").status_code == 303
    assert "示例急救" not in fetch(client, "/facilities/staff/trainings").text
    assert "0 of 20 hours this year" in fetch(client, f"/facilities/staff/{ids[0]}").text
