"""What the reports collect: the shape of the samples, numbers that add up, nothing of another place."""

from datetime import date
from typing import Any

import pytest

from eldercare.core.access import P
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.reporting import render
from tests.beds.test_numbers import make_stay
from tests.make import make_facility, make_licence, make_resident, make_township

OCTOBER = Month(2026, 10)


def shape(value: Any) -> Any:
    """Keys, not values; a list by its first row."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else "…"


def collect(kind: str, scope: Scope) -> dict[str, Any]:
    figures: dict[str, Any] = render.report(kind).collect(scope.enter(), OCTOBER)
    return figures


@pytest.fixture
def places(district: Scope) -> Any:
    """Two townships; the first has a home with four people moved in, one out, one died, and a canteen."""
    here, there = make_township(), make_township()
    home = make_facility(here, beds_filed=10, beds_set=10, beds_usable=8, beds_nursing=5)
    home.township = here
    other = make_facility(there)
    other.township = there
    canteen = make_facility(here, facility_type="canteen", seats=60)
    for day in (date(2025, 9, 1), date(2026, 9, 3), date(2026, 10, 2), date(2026, 10, 20)):
        make_stay(home, day, facility_id=home.id, living_arrangement="institution", registered_on=date(2025, 9, 1))
    make_stay(home, date(2026, 8, 1), date(2026, 10, 11), registered_on=date(2025, 9, 1))
    make_stay(home, date(2026, 8, 1), date(2026, 10, 21), "deceased", registered_on=date(2025, 9, 1))
    make_stay(other, date(2026, 9, 1), registered_on=date(2025, 9, 1))
    make_resident(here, birth_date=date(1964, 1, 1), living_arrangement="living_alone", registered_on=date(2026, 10, 9))
    make_licence(home, valid_from=date(2025, 1, 1), valid_to=date(2026, 10, 30))
    make_licence(home, valid_from=date(2025, 1, 1), valid_to=date(2026, 11, 7))
    make_licence(other, valid_from=date(2025, 1, 1), valid_to=date(2026, 11, 30))
    db.session.flush()
    return {"here": here, "there": there, "home": home, "other": other, "canteen": canteen}


def test_the_district_report_collects_the_documented_shape(district: Scope, places: Any) -> None:
    figures, sample = collect("monthly-oversight", district), render.sample("monthly-oversight")
    assert set(figures) == set(sample)
    for key in ("capacity", "residents", "licences", "rules", "family_beds", "place", "organ"):
        assert set(figures[key]) == set(sample[key]), key
    for part in ("rows", "townships"):
        assert set(figures["capacity"][part][0]) == set(sample["capacity"][part][0])
    assert set(figures["residents"]["townships"][0]) == set(sample["residents"]["townships"][0])
    assert set(figures["licences"]["rows"][0]) == set(sample["licences"]["rows"][0])
    known = [row["key"] for row in sample["indicators"]]
    shown = [row["key"] for row in figures["indicators"]]
    # a ratio without anything to divide by is left out: nothing was planned, due or reported in this register
    empty = {"visits_done", "hazards_in_time", "incidents_on_time", "stationed_present", "selfchecks_in_time"}
    assert shown == [key for key in known if key not in empty]
    render.html("monthly-oversight", figures, "zh")
    render.html("monthly-oversight", figures, "en")


def test_totals_equal_the_sum_of_the_parts(district: Scope, places: Any) -> None:
    figures = collect("monthly-oversight", district)
    capacity, people = figures["capacity"], figures["residents"]
    for key in ("beds_set", "beds_usable", "opening", "admissions", "discharges", "deaths", "closing"):
        assert capacity[key] == sum(row[key] or 0 for row in capacity["rows"]) == sum(row[key] or 0 for row in capacity["townships"])
    assert capacity["opening"] + capacity["admissions"] - capacity["discharges"] - capacity["deaths"] == capacity["closing"]
    whole = people["turnover"]["closing"]
    assert whole == sum(row["male"] + row["female"] for row in people["ages"])
    for part in ("ability", "household", "living"):
        assert whole == sum(row["count"] for row in people[part])
    for key in ("elders",):
        assert whole == sum(row[key] for row in people["townships"])
    indicators = {row["key"]: row for row in figures["indicators"]}
    assert indicators["in_residence"]["value"]["n"] == capacity["closing"] == figures["trend"][-1]["occupied"]
    assert indicators["elders"]["value"]["n"] == whole
    papers = figures["licences"]
    assert len(papers["rows"]) == sum(papers[key] for key in ("expired", "within_7", "within_30", "within_90"))


def test_a_township_report_knows_its_own_township_alone(district: Scope, places: Any) -> None:
    own = Scope(permission=P.REPORT_BUILD, person_name="clock", townships=frozenset({places["here"].id}))
    figures = collect("township-monthly", own)
    assert figures["place"]["code"] == places["here"].code
    assert [row["code"] for row in figures["capacity"]["rows"]] == [places["home"].code]
    assert figures["capacity"]["closing"] == 4
    moved = figures["capacity"]
    assert (moved["opening"], moved["admissions"], moved["discharges"], moved["deaths"]) == (4, 2, 1, 1)
    assert {row["facility"] for row in figures["licences"]["rows"]} == {places["home"].name}
    assert (figures["licences"]["expired"], figures["licences"]["within_7"]) == (1, 1)
    assert set(figures["residents"]) == set(render.sample("township-monthly")["residents"])
    assert places["there"].name not in render.html("township-monthly", figures, "zh")


def test_a_home_counts_those_who_slept_there_at_month_end(district: Scope, places: Any) -> None:
    own = Scope(permission=P.REPORT_BUILD, person_name="clock", facilities=frozenset({places["home"].id}))
    figures = collect("facility-monthly", own)
    people = figures["residents"]
    assert figures["capacity"]["closing"] == 4
    for part in ("ability", "household"):
        assert sum(row["count"] for row in people[part]) == 4
    assert sum(row["male"] + row["female"] for row in people["ages"]) == 4
    assert shape(figures["facility"]) == shape(render.sample("facility-monthly")["facility"])
    indicators = {row["key"]: row for row in figures["indicators"]}
    assert indicators["occupancy"]["value"] == {"n": 4, "of": 10}
    assert indicators["occupancy"]["year_ago"] == {"n": 1, "of": 10}
    assert indicators["occupancy_usable"]["value"] == {"n": 4, "of": 8}
    render.html("facility-monthly", figures, "zh")


def test_a_canteen_reports_what_applies_to_it(district: Scope, places: Any) -> None:
    own = Scope(permission=P.REPORT_BUILD, person_name="clock", facilities=frozenset({places["canteen"].id}))
    figures = collect("facility-monthly", own)
    assert "capacity" not in figures
    assert "capacity" not in figures["parts"]
    assert figures["service"] == [{"key": "seats", "value": 60}]
    assert [row["key"] for row in figures["indicators"]] == [
        "licences_expired", "hazards_found", "hazards_overdue", "major_open", "incidents",
    ]  # fmt: skip
    render.html("facility-monthly", figures, "en")


def test_no_name_or_number_of_a_person_is_in_the_figures(district: Scope, places: Any) -> None:
    for kind, scope in (("monthly-oversight", district),):
        assert "示例老人" not in render.canonical(collect(kind, scope)).decode()
        assert "370299" not in render.canonical(collect(kind, scope)).decode().replace(places["here"].code, "").replace(places["there"].code, "")
