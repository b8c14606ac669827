"""Certificates of staff: what a post needs, what is missing or over, who is told when."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from eldercare.core import runs
from eldercare.core.access import Role
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.staff import queries, services
from eldercare.facilities.staff.models import EXPIRING, StaffCertificate, StaffMember
from tests import make, scans
from tests.accounts.browser import token_of
from tests.page import fetch

TODAY = date(2026, 11, 24)
NEEDED = (("caregiver", "caregiver"), ("cook", "food_handler_health"), ("fire_control", "fire_control_room"))
STEPS = (90, 30, 7)
PAPERS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("in order", (("caregiver", None),), {"expired": 0, "missing": 0, "expiring": 0}),
    ("nothing at all", (), {"expired": 0, "missing": 1, "expiring": 0}),
    ("over since yesterday", (("caregiver", TODAY - timedelta(1)),), {"expired": 1, "missing": 0, "expiring": 0}),
    ("ends today", (("caregiver", TODAY),), {"expired": 0, "missing": 0, "expiring": 1}),
    ("ends in 90 days", (("caregiver", TODAY + timedelta(90)),), {"expired": 0, "missing": 0, "expiring": 1}),
    ("ends in 91 days", (("caregiver", TODAY + timedelta(91)),), {"expired": 0, "missing": 0, "expiring": 0}),
    ("an old one and a new one", (("caregiver", TODAY - timedelta(9)), ("caregiver", TODAY + timedelta(400))), {"expired": 0, "missing": 0, "expiring": 0}),
    ("an old one and one without end", (("caregiver", TODAY - timedelta(9)), ("caregiver", None)), {"expired": 0, "missing": 0, "expiring": 0}),
    ("another kind is over", (("caregiver", None), ("first_aid", TODAY - timedelta(3))), {"expired": 1, "missing": 0, "expiring": 0}),
    ("another kind alone", (("first_aid", None),), {"expired": 0, "missing": 1, "expiring": 0}),
]


@pytest.mark.parametrize(("papers", "stands"), [each[1:] for each in PAPERS], ids=[each[0] for each in PAPERS])
def test_the_page_and_the_filter_judge_alike(district: Scope, papers: Any, stands: dict[str, int]) -> None:
    home = make.make_facility()
    person = make.make_staff(home, papers=papers)
    found = queries.standing(person.posts, papers, TODAY, NEEDED, 90)
    assert {word: int(bool(getattr(found, word))) for word in queries.STANDINGS} == stands
    assert queries.standing_counts(district, TODAY, NEEDED, 90) == stands
    assert queries.summary(district, home.id, TODAY, NEEDED, 90).standings == stands


def test_each_post_asks_for_its_own_paper(district: Scope) -> None:
    found = queries.standing(["caregiver", "fire_control"], [("caregiver", None)], TODAY, NEEDED, 90)
    assert found.missing == ("fire_control_room",)


def test_a_retired_paper_counts_for_nothing_and_whoever_left_lacks_nothing(district: Scope) -> None:
    home = make.make_facility()
    person = make.make_staff(home)
    paper = db.session.scalars(select(StaffCertificate).where(StaffCertificate.member_id == person.id)).one()
    services.retire_certificate(district, paper.id, "示例:注销")
    assert queries.standing_counts(district, TODAY, NEEDED, 90)["missing"] == 1
    services.leave(district, person.id, ended_on=TODAY, end_reason=None)
    assert queries.standing_counts(district, TODAY, NEEDED, 90) == {"expired": 0, "missing": 0, "expiring": 0}


def waiting() -> list[tuple[int, str]]:
    open_ones = db.session.scalars(select(Alert).where(Alert.kind == EXPIRING, Alert.settled_at.is_(None)).order_by(Alert.id))
    return [(alert.entity_id, alert.occasion.rpartition("/")[2]) for alert in open_ones]


def paper_ending_in(days: int, home: Any = None) -> StaffCertificate:
    person = make.make_staff(home or make.make_facility(), papers=())
    return make.make_certificate(person, valid_to=TODAY + timedelta(days))


def test_the_end_of_a_certificate_is_told_at_each_threshold_once(district: Scope) -> None:
    paper = paper_ending_in(31)
    assert services.remind(district, TODAY, STEPS) == 1
    assert services.remind(district, TODAY, STEPS) == 0
    assert waiting() == [(paper.id, "90")]
    assert services.remind(district, TODAY + timedelta(1), STEPS) == 1
    assert waiting() == [(paper.id, "30")]


def test_what_is_told_names_the_place_and_nobody(district: Scope) -> None:
    home = make.make_facility(name="示例养老院丙(演示)")
    paper_ending_in(5, home)
    services.remind(district, TODAY, STEPS)
    alert = db.session.scalars(select(Alert).where(Alert.kind == EXPIRING)).one()
    assert alert.details == {"place": "示例养老院丙(演示)", "day": (TODAY + timedelta(5)).isoformat()}


def test_renewing_and_leaving_settle_what_was_told(district: Scope) -> None:
    old, other = paper_ending_in(5), paper_ending_in(5)
    services.remind(district, TODAY, STEPS)
    values = {"kind": "caregiver", "number": "示例证新", "valid_to": TODAY + timedelta(900)}
    services.add_certificate(district, old.member_id, values, replaces=old.id)
    assert not old.is_current
    services.leave(district, other.member_id, ended_on=TODAY, end_reason=None)
    assert waiting() == []
    assert services.remind(district, TODAY + timedelta(1), STEPS) == 0


def test_the_daily_run_tells_of_its_day(app: Any, district: Scope) -> None:
    paper_ending_in(7)
    run = runs.Run(kind="certificate_reminders", period=TODAY.isoformat())
    assert runs.HANDLERS["certificate_reminders"](district, run) == {"made": 1}
    assert runs.SCHEDULES["certificate_reminders"].every is None  # daily


def test_a_paper_that_carries_the_id_number_does_not_show_it(district: Scope) -> None:
    person = make.make_staff(make.make_facility(), papers=())
    number = person.id_number.reveal()
    paper = services.add_certificate(district, person.id, {"kind": "doctor", "number": number})
    assert paper.number == number[:6] + "********" + number[-4:]


def test_a_certificate_cannot_end_before_it_begins_nor_replace_another_persons(district: Scope) -> None:
    person, other = make.make_staff(make.make_facility()), paper_ending_in(5)
    values = {"kind": "caregiver", "number": "示例证", "valid_from": TODAY, "valid_to": TODAY - timedelta(1)}
    with pytest.raises(Exception, match="staff_certificates_dates_check"), db.session.begin_nested():
        services.add_certificate(district, person.id, values)
    with pytest.raises(Refused) as caught, db.session.begin_nested():
        services.add_certificate(district, person.id, {"kind": "caregiver", "number": "示例证"}, replaces=other.id)
    assert caught.value.code == "certificate.retired"


def test_a_manager_adds_a_certificate_with_its_scan_and_an_html_file_is_refused(sign_in: Any, district: Scope) -> None:
    home = make.make_facility()
    person = make.make_staff(home, papers=())
    member_id = person.id
    client = sign_in(make.make_user(Role.FACILITY_MANAGER, home), language="en")
    page = fetch(client, f"/facilities/staff/{member_id}")
    assert "required, missing" in page.text
    assert "Missing: Caregiver certificate" in page.text
    path = f"/facilities/staff/{member_id}/certificates/new?kind=caregiver"
    sent = {"csrf_token": token_of(client.get(path).text), "kind": "caregiver", "number": "示例证9", "valid_to": "2027-01-31"}
    wrong = client.post(path, data={**sent, "file": (BytesIO(b"<html><script>"), "scan.jpg")}, content_type="multipart/form-data")
    assert wrong.status_code == 422
    assert "neither a picture" in wrong.text
    pdf = scans.pdf()
    done = client.post(path, data={**sent, "file": (BytesIO(pdf), "张三的证.pdf")}, content_type="multipart/form-data")
    assert done.status_code == 303, done.text
    district.enter()
    paper = db.session.scalars(select(StaffCertificate).where(StaffCertificate.member_id == member_id)).one()
    scan = client.get(f"/facilities/staff/certificates/{paper.id}/file")
    assert scan.status_code == 200
    assert f"certificate-caregiver-{member_id}.pdf" in scan.headers["Content-Disposition"]
    assert "required, missing" not in fetch(client, f"/facilities/staff/{member_id}").text
    leader = sign_in(make.make_user(Role.LEADER), language="en")  # people masked, never unmasked
    assert leader.get(f"/facilities/staff/certificates/{paper.id}/file").status_code == 403
    assert "/file" not in fetch(leader, f"/facilities/staff/{member_id}").text


def test_the_first_page_counts_what_the_list_behind_it_shows(sign_in: Any, district: Scope) -> None:
    home = make.make_facility()
    for papers in ((), (), (("caregiver", TODAY - timedelta(3)),), (("caregiver", None),)):
        make.make_staff(home, papers=papers)
    client = sign_in(make.make_user(Role.FACILITY_MANAGER, home), language="en")
    page = fetch(client, "/")
    for words, count, query in (("lack a required certificate", 2, "missing"), ("have an expired certificate", 1, "expired")):
        assert words in page.text
        behind = fetch(client, f"/facilities/staff/?certificate={query}")
        assert len(behind.all("tbody")[0].findall("tr")) == count


def test_members_are_never_counted_twice_for_two_bad_papers(district: Scope) -> None:
    home = make.make_facility()
    make.make_staff(home, papers=(("caregiver", TODAY - timedelta(3)), ("first_aid", TODAY - timedelta(3))))
    assert queries.standing_counts(district, TODAY, NEEDED, 90)["expired"] == 1
    assert db.session.query(StaffMember).count() == 1
