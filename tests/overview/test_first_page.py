"""What the first page says is what the lists behind it show."""

from datetime import timedelta
from typing import Any

import pytest

from eldercare.core import alerts, calendar
from eldercare.core.access import P, Role
from eldercare.core.scope import Scope
from tests import make
from tests.page import fetch


@pytest.fixture
def officer(district: Scope) -> Any:
    """A district with licences and assessments due at every distance, and its officer."""
    day = calendar.today()
    home = make.make_facility()
    for days in (-400, -3, 2, 7, 8, 30, 31, 90, 200):
        make.make_licence(home, valid_from=day - timedelta(days=900), valid_to=day + timedelta(days=days))
    make.make_licence(home, valid_from=None, valid_to=day - timedelta(days=5), is_current=False)
    for days in (-30, -1, 0, 12, 30, 31, None):
        due = None if days is None else day + timedelta(days=days)
        make.make_resident(ability_level=None if due is None else 1, next_due_on=due)
    return make.make_user(Role.DISTRICT_OFFICER)


def test_every_line_opens_to_as_many_rows_as_it_counts(officer: Any, sign_in: Any) -> None:
    client = sign_in(officer, language="en")
    page = fetch(client, "/")
    needs = next(part for part in page.all("section") if "needs" in (part.get("class") or ""))
    lines = list(needs.iter("a"))
    assert len(lines) == 6
    for line in lines:
        behind = fetch(client, line.get("href"))
        count = page.words(line.find("b"))
        assert len(behind.all("tbody")[0].findall("tr")) == int(count), line.get("href")


def test_what_the_inbox_holds_stands_first_with_its_age_and_opens_to_as_many_rows(district: Scope, sign_in: Any) -> None:
    kind = alerts.Kind("test.lift", "Lift stands", P.STAFF_READ, "facilities.show", "facility_id", title="lifts stand")
    alerts.kind(kind)
    try:
        homes = [make.make_facility() for _ in range(3)]
        for home in homes:
            alerts.tell(district, "test.lift", home, due_at=calendar.now() - timedelta(hours=5), level="district")
        alerts.settle(district, homes[0])
        client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
        line = next(each for each in fetch(client, "/").all("a") if (each.get("href") or "").startswith("/inbox/?kind"))
        assert " ".join(" ".join(line.itertext()).split()) == "2 lifts stand 5 hours late"
        assert len(fetch(client, line.get("href")).all("tbody")[0].findall("tr")) == 2
    finally:
        alerts.KINDS.pop("test.lift")


def test_each_role_lands_on_its_own_first_page(district: Scope, sign_in: Any) -> None:
    home = make.make_facility()
    places = {Role.FACILITY_MANAGER: home, Role.CANTEEN_KEEPER: home}
    for role, words in (
        (Role.LEADER, "District today"), (Role.DISTRICT_OFFICER, "District today"), (Role.INSPECTOR, "District today"),
        (Role.FACILITY_MANAGER, "My facility today"), (Role.CANTEEN_KEEPER, "My facility today"),
        (Role.ADMINISTRATOR, "People and grants"), (Role.AUDITOR, "Log"),
    ):
        Scope.system("test").enter()
        client = sign_in(make.make_user(role, places.get(role)), language="en")
        page = fetch(client, "/", follow=True)
        assert page.words(page.all("h1")[0]) == words, role


def test_the_gravest_stands_first_whichever_way_it_came_and_there_are_never_more_than_seven(officer: Any, district: Scope, sign_in: Any) -> None:
    kinds = [alerts.Kind(f"test.{tone}", "Lift", P.STAFF_READ, "facilities.show", "facility_id", title=f"lifts {tone}", tone=tone)
             for tone in ("quiet", "bad", "watch")]
    for kind in kinds:
        alerts.kind(kind)
    try:
        home = make.make_facility()
        for kind in kinds:
            alerts.tell(district, kind.name, home, level="district")
        page = fetch(sign_in(officer, language="en"), "/")
        needs = next(part for part in page.all("section") if "needs" in (part.get("class") or ""))
        lines = [page.words(line.find("span")) for line in needs.iter("a")]
        assert len(lines) == 7
        assert lines[0] == "lifts bad"
        assert lines.index("lifts watch") == 1 + lines.index("licences expire within 7 days")
        assert "lifts quiet" in lines
        assert "licences expire within 90 days" not in lines
    finally:
        for kind in kinds:
            alerts.KINDS.pop(kind.name)


def test_whatever_is_to_do_stands_on_the_first_page_and_only_once(app: Any) -> None:
    elsewhere = {
        name for name, kind in alerts.KINDS.items()
        if kind.is_todo and not kind.title and not name.startswith(("incident.clock_", "house.", "test."))
    }  # deadlines of incidents have a box of their own there; these two are counted as lines of their own
    assert elsewhere <= {"licence.expiring", "staff.certificate_expiring"}
