"""Who may report, who may order, what a major hazard is: domain.md §5.2, §5.4, §7."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from eldercare.core import attachments, calendar
from eldercare.core.access import P
from eldercare.core.alerts import Alert
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.hazards import queries, services
from eldercare.hazards.models import Hazard
from tests import make
from tests.hazards.made import Place, confirmed, deadlines, ordered, place, reported
from tests.scans import picture

DAY = timedelta(days=1)


def open_alerts(kind: str) -> list[str]:
    Scope.system("test").enter()
    return list(db.session.scalars(select(Alert.level).where(Alert.kind == kind, Alert.settled_at.is_(None))))


def test_what_is_reported_binds_nobody_until_an_officer_confirms_it(district: Scope) -> None:
    here = place()
    hazard = reported(here)
    assert (hazard.state, hazard.due_on, hazard.issued_on, hazard.finder) == ("reported", None, None, "stationed")
    assert hazard.days_overdue(calendar.today() + 100 * DAY) == 0
    assert (open_alerts("hazard.reported"), open_alerts("hazard.issued")) == (["district"], [])
    with pytest.raises(Refused, match="not_allowed"):
        services.receive(here.scope("manager", P.HAZARD_REPLY), hazard.id)
    confirmed(here, hazard)
    assert (hazard.state, hazard.due_on, hazard.issued_by) == ("issued", calendar.today() + 7 * DAY, here.inspector.name)
    assert (open_alerts("hazard.reported"), open_alerts("hazard.issued")) == ([], ["facility"])


@pytest.mark.parametrize(("who", "permission", "code"), [
    ("stationed", P.HAZARD_REPORT, "may_not_order"),  # a third party: sees, advises, reports
    ("manager", P.HAZARD_REPLY, "may_not_order"),
    ("township", P.HAZARD_ORDER, "not_certified"),
    ("district", P.HAZARD_ORDER, "not_certified"),
    ("lapsed", P.HAZARD_ORDER, "not_certified"),
])
def test_only_a_certified_officer_confirms(district: Scope, who: str, permission: P, code: str) -> None:
    here = place()
    hazard = reported(here)
    with pytest.raises(Refused, match=code):
        services.confirm(here.scope(who, permission), hazard.id, deadlines=deadlines())
    assert hazard.state == "reported"


@pytest.mark.parametrize(("who", "permission"), [("stationed", P.HAZARD_REPORT), ("manager", P.HAZARD_REPLY)])
def test_who_may_report_may_not_order(district: Scope, who: str, permission: P) -> None:
    here = place()
    scope = here.scope(who, permission)
    said: dict[str, Any] = {"source": None, "severity": "general", "description": "示例"}
    with pytest.raises(Refused, match="may_not_order"):
        services.order(scope, here.home.id, deadlines=deadlines(), **said)
    with pytest.raises(Refused, match="may_not_order"):
        services.order(scope, here.home.id, deadlines=deadlines(), fixed_on_spot=True, **said)
    assert services.order_or_report(scope, here.home.id, deadlines=deadlines(), **said).state == "reported"


@pytest.mark.parametrize(("who", "state"), [("township", "reported"), ("lapsed", "reported"), ("inspector", "issued")])
def test_without_a_valid_certificate_what_is_demanded_waits_for_an_officer(district: Scope, who: str, state: str) -> None:
    here = place()
    said: dict[str, Any] = {"source": None, "severity": "general", "description": "示例"}
    made = services.order_or_report(here.scope(who, P.HAZARD_ORDER), here.home.id, deadlines=deadlines(), **said)
    assert (made.state, made.due_on is None) == (state, state == "reported")


def test_nobody_orders_at_another_place_through_a_permission_held_elsewhere(district: Scope) -> None:
    here, there = place(), place()
    scope = here.scope("township", P.HAZARD_READ)  # an officer of another township
    assert not services.may_order(scope, there.home)
    assert services.may_order(scope, here.home)


def test_a_report_is_dismissed_with_a_reason_and_counts_no_longer(district: Scope) -> None:
    here, today = place(), calendar.today()
    hazard, other = reported(here), reported(here)
    with pytest.raises(Refused, match="may_not_order"):
        services.dismiss(here.scope("stationed", P.HAZARD_REPORT), hazard.id, "不是")
    services.dismiss(here.scope("inspector", P.HAZARD_ORDER), hazard.id, "现场核查未见堆放")
    assert (hazard.state, open_alerts("hazard.reported")) == ("dismissed", ["district"])  # the other one still waits
    assert queries.counts(district.enter(), today, today).found == 1
    assert [each.id for each in queries.findings_of(district.enter(), here.home.id)] == [other.id]
    with pytest.raises(Refused, match="not_allowed"):
        confirmed(here, hazard)


def test_a_major_hazard_names_a_row_that_is_in_force(district: Scope) -> None:
    here = place()
    with pytest.raises(Refused, match="code_missing"):
        reported(here, severity="major")
    with pytest.raises(Refused, match="code_unknown"):
        reported(here, severity="major", hazard_code="MH-4-1")  # no table is in force yet
    make.make_hazard_table()
    assert reported(here, severity="major", hazard_code="MH-4-1").hazard_code == "MH-4-1"
    with pytest.raises(Refused, match="code_unknown"):
        reported(here, severity="major", hazard_code="MH-99")
    with pytest.raises(Refused, match="code_not_major"):
        reported(here, hazard_code="MH-4-1")
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        db.session.execute(text("UPDATE hazards SET hazard_code = NULL WHERE severity = 'major'"))
    assert refusal_of(caught.value).code == "hazard.code_missing"


def test_the_officer_may_judge_it_graver_or_lighter_than_who_reported_it(district: Scope) -> None:
    here = place()
    make.make_hazard_table()
    graver = confirmed(here, reported(here), severity="major", hazard_code="MH-8", demand="立即停用")
    assert (graver.severity, graver.hazard_code, graver.demand, graver.due_on) == ("major", "MH-8", "立即停用", calendar.today() + 3 * DAY)
    lighter = confirmed(here, reported(here, severity="major", hazard_code="MH-8"), severity="general")
    assert (lighter.severity, lighter.hazard_code) == ("general", None)


def test_the_item_it_was_found_by_is_kept_with_its_version(district: Scope) -> None:
    here = place()
    version = make.make_checklist()
    code = db.session.scalar(text("SELECT min(code) FROM checklist_items WHERE version_id = :v").bindparams(v=version.id))
    hazard = reported(here, checklist_item=(version.id, code))
    assert (hazard.item_version_id, hazard.item_code) == (version.id, code)
    with pytest.raises(Refused, match="item_unknown"):
        reported(here, checklist_item=(version.id, "X-1"))


def test_what_is_put_right_on_the_spot_is_closed_and_counts_as_found(district: Scope) -> None:
    here, today = place(), calendar.today()
    hazard = services.order(
        here.scope("inspector", P.HAZARD_ORDER), here.home.id, source=("test", 1, "", ""), severity="general",
        description="灭火器被遮挡", deadlines=deadlines(), fixed_on_spot=True,
    )
    assert (hazard.state, hazard.right_on, hazard.due_on, hazard.flags) == ("closed", today, today, ["fixed"])
    found = queries.counts(district.enter(), today, today)
    assert (found.found, found.fixed, found.open, found.due, found.in_time) == (1, 1, 0, 1, 1)
    assert open_alerts("hazard.issued") == []


def test_a_photo_that_was_judged_and_kept_is_attached_as_it_is(district: Scope) -> None:
    here = place()
    fit = attachments.checked(picture())
    first = reported(here, photos=[attachments.keep(fit)])
    second = reported(here, photos=[attachments.kept(each) for each in attachments.of(district.enter(), first)])
    for hazard in (first, second):
        (photo,) = attachments.of(district.enter(), hazard)
        assert (photo.kind, photo.sha256, photo.bytes, photo.is_picture) == ("before", fit.sha256, len(fit.data), True)
        assert attachments.content(district, photo.id, of=hazard)[0] == fit.data
        assert attachments.thumbnail(district, photo.id, of=hazard)[0].startswith(b"\xff\xd8\xff")


def test_the_same_finding_is_reported_once(district: Scope) -> None:
    here = place()
    source = ("inspection_finding", 7, "检查2026-7", "/inspections/7")
    reported(here, source=source)
    with pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        reported(here, source=source)
    assert refusal_of(caught.value).code == "hazard.ordered_already"
    assert db.session.scalar(district.enter().columns(Hazard, func.count())) == 1


def test_an_order_cannot_be_given_for_yesterday(district: Scope) -> None:
    here = place()
    with pytest.raises(Refused, match="dates_reversed"):
        confirmed(here, reported(here), due_on=calendar.today() - DAY)
    with pytest.raises(Refused, match="due_too_far"):
        ordered(here, severity="serious") and confirmed(here, reported(here, severity="serious"), due_on=calendar.today() + 31 * DAY)


def sees(here: Place, who: str, permission: P) -> list[int]:
    return [each.id for each in queries.open_at(here.scope(who, permission), here.home.id)]


def test_a_reported_hazard_is_in_sight_of_the_place_and_of_nobody_elses(district: Scope) -> None:
    here, there = place(), place()
    hazard = reported(here)
    assert sees(here, "manager", P.HAZARD_READ) == [hazard.id]
    assert there.scope("manager", P.HAZARD_READ).find(Hazard, hazard.id) is None
    assert re.fullmatch(r"YH\d{4}-\d{5}", hazard.number)
