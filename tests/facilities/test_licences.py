"""Licences: how long they run, who is reminded when, and their scans."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from eldercare.core import alerts, calendar, runs
from eldercare.core.access import P, Role
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities import queries, services
from eldercare.facilities.models import EXPIRING, Licence
from tests import scans
from tests.make import make_facility, make_licence, make_township, make_user

TODAY = date(2026, 11, 24)
PDF = scans.pdf()


def ending_in(days: int, home: Any = None, **values: Any) -> Licence:
    return make_licence(home or make_facility(), valid_from=TODAY - timedelta(400), valid_to=TODAY + timedelta(days), **values)


@pytest.mark.parametrize(("days", "band"), [(-1, "expired"), (0, "7"), (7, "7"), (8, "30"), (30, "30"), (31, "90"), (90, "90")])
def test_the_band_is_the_narrowest_threshold_reached(district: Scope, days: int, band: str) -> None:
    licence = ending_in(days)
    (row,) = queries.licences_expiring(district, TODAY)
    assert (row.licence_id, row.days_left, row.band) == (licence.id, days, band)


def test_licences_far_off_retired_or_of_closed_places_do_not_expire(district: Scope) -> None:
    ending_in(91)
    ending_in(3, is_current=False)
    ending_in(3, make_facility(state="closed"))
    make_licence(make_facility(), valid_to=None)
    assert queries.licences_expiring(district, TODAY) == []


def waiting() -> list[tuple[int, str]]:
    """What licences still leave to do: (licence, days before its end or 0)."""
    open_ones = db.session.scalars(select(Alert).where(Alert.kind == EXPIRING, Alert.settled_at.is_(None)).order_by(Alert.id))
    return [(alert.entity_id, alert.occasion.rpartition("/")[2]) for alert in open_ones]


def test_each_threshold_is_told_once_and_takes_the_place_of_the_wider_one(district: Scope) -> None:
    licence = ending_in(30)
    assert services.remind(district, TODAY) == 1
    assert services.remind(district, TODAY) == 0
    assert services.remind(district, TODAY + timedelta(1)) == 0
    assert waiting() == [(licence.id, "30")]
    assert services.remind(district, TODAY + timedelta(23)) == 1  # seven days left
    assert waiting() == [(licence.id, "7")]
    assert services.remind(district, TODAY + timedelta(31)) == 1  # expired
    assert waiting() == [(licence.id, "0")]


def test_days_the_clock_missed_leave_no_reminder_out(district: Scope) -> None:
    licence = ending_in(100)
    assert services.remind(district, TODAY) == 0
    assert services.remind(district, TODAY + timedelta(12)) == 1  # the 90th day was missed, the reminder is not
    assert waiting() == [(licence.id, "90")]


def test_an_expired_licence_climbs_to_the_township_and_after_a_week_to_the_district(district: Scope) -> None:
    home = make_facility()
    ending_in(-1, home)
    services.remind(district, TODAY)
    climbed = set(alerts.climb(district, calendar.at(TODAY + timedelta(1))))
    assert set(db.session.scalars(select(Alert.level).where(Alert.id.in_(climbed)))) == {"township"}
    alerts.climb(district, calendar.at(TODAY + timedelta(8)))
    assert set(db.session.scalars(select(Alert.level).where(Alert.kind == EXPIRING))) == {"facility", "township", "district"}


def test_a_renewed_licence_is_no_to_do_and_is_reminded_of_anew(district: Scope) -> None:
    home = make_facility()
    old = ending_in(5, home)
    services.remind(district, TODAY)
    assert waiting() == [(old.id, "7")]
    values = {"licence_type": "food", "number": "示例证新", "valid_from": TODAY, "valid_to": TODAY + timedelta(60)}
    new = services.add_licence(district, home.id, values, replaces=old.id)
    assert not old.is_current
    assert waiting() == []
    services.remind(district, TODAY)
    assert waiting() == [(new.id, "90")]


def test_a_corrected_end_takes_the_reminder_back(district: Scope) -> None:
    licence = ending_in(5)
    services.remind(district, TODAY)
    services.change_licence(district, licence.id, {"valid_to": TODAY + timedelta(400)})
    assert waiting() == []


def test_an_end_that_is_corrected_there_and_back_is_to_do_again(district: Scope) -> None:
    licence = ending_in(5)
    services.remind(district, TODAY)
    told = waiting()
    services.change_licence(district, licence.id, {"valid_to": TODAY + timedelta(400)})
    services.change_licence(district, licence.id, {"valid_to": TODAY + timedelta(5)})
    assert waiting() == []
    assert services.remind(district, TODAY) == 1
    assert waiting() == told


def test_a_home_that_closes_is_reminded_no_more(district: Scope) -> None:
    home = make_facility()
    ending_in(5, home)
    services.remind(district, TODAY)
    services.move(district, home.id, "closed", "示例:停业", TODAY)
    services.remind(district, TODAY + timedelta(6))
    assert waiting() == []


def test_the_daily_run_tells_of_its_day(district: Scope) -> None:
    ending_in(7)
    run = runs.Run(kind="licence_reminders", period=TODAY.isoformat())
    assert runs.HANDLERS["licence_reminders"](district, run) == {"made": 1}
    assert runs.SCHEDULES["licence_reminders"].every is None  # daily


def test_reminders_stay_behind_the_wall(district: Scope) -> None:
    home, other = make_facility(), make_facility()
    mine = ending_in(5, home)
    ending_in(5, other)
    services.remind(district, TODAY)
    Scope(P.FACILITY_READ, person_id=1, facilities=frozenset({home.id})).enter()
    assert waiting() == [(mine.id, "7")]


def test_a_reminder_opens_the_record_its_licence_stands_on(sign_in: Any, district: Scope) -> None:
    licence = ending_in(5)
    client = sign_in(make_user(Role.DISTRICT_OFFICER))
    assert client.get(f"/facilities/licences/{licence.id}").location == f"/facilities/{licence.facility_id}#licences"


def test_a_manager_adds_a_licence_with_its_scan_and_gets_it_back(sign_in: Any, district: Scope) -> None:
    home = make_facility()
    client = sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")
    path = f"/facilities/{home.id}/licences/new"
    token = client.get(path).get_data(as_text=True).split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    sent = {"licence_type": "food", "number": "示例证9", "valid_to": "2027-01-31", "csrf_token": token}
    page = client.post(path, data={**sent, "file": (BytesIO(b"MZ no scan"), "scan.pdf")}, content_type="multipart/form-data")
    assert page.status_code == 422
    assert "neither a picture" in page.get_data(as_text=True)
    page = client.post(path, data={**sent, "file": (BytesIO(PDF), "张三的身份证.pdf")}, content_type="multipart/form-data")
    assert page.status_code == 303
    Scope.system("test").enter()
    (licence,) = db.session.scalars(select(Licence).where(Licence.facility_id == home.id))
    scan = client.get(f"/facilities/licences/{licence.id}/file")
    assert scan.data == PDF
    assert "attachment" in scan.headers["Content-Disposition"]
    assert f"{home.code}-food.pdf" in scan.headers["Content-Disposition"]  # not the name it came with


def test_a_manager_does_not_touch_the_licence_of_another_home(sign_in: Any, district: Scope) -> None:
    mine, other = make_facility(), make_facility()
    foreign = ending_in(5, other)
    client = sign_in(make_user(Role.FACILITY_MANAGER, mine))
    for path in (f"/facilities/licences/{foreign.id}/edit", f"/facilities/licences/{foreign.id}/file",
                 f"/facilities/{other.id}/licences/new"):
        assert client.get(path).status_code == 404


def test_a_retired_licence_is_not_changed_any_more(district: Scope) -> None:
    licence = ending_in(5)
    services.retire_licence(district, licence.id, "示例:已换证")
    for act in (lambda: services.retire_licence(district, licence.id, "x"), lambda: services.change_licence(district, licence.id, {})):
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.code == "licence.retired"


def test_the_list_of_licences_begins_with_what_is_most_urgent_and_filters_by_band(sign_in: Any, district: Scope) -> None:
    township = make_township()
    home = make_facility(township, name="示例养老院甲(演示)")
    ending_in(60, home, number="示例证60")
    ending_in(-2, home, number="示例证过期")
    client = sign_in(make_user(Role.TOWNSHIP_OFFICER, township), language="en")
    text = client.get("/facilities/licences").get_data(as_text=True)
    assert text.index("示例证过期") < text.index("示例证60")
    assert "expired 2 days ago" in text
    only = client.get("/facilities/licences?expiring=90").get_data(as_text=True)
    assert "示例证60" in only
    assert "示例证过期" not in only
    assert calendar.today() == TODAY
