"""The district's townships are reference data; who sees which follows the reach."""

from typing import Any

import pytest
from sqlalchemy import func, select

from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities import queries, services
from eldercare.facilities.models import Township
from tests.make import make_facility, make_township, make_village


def test_the_seventeen_townships_are_loaded_once(district: Scope) -> None:
    first = services.load_places(district)
    again = services.load_places(district)
    assert (first["townships"], first["created"]) == (17, 17)
    assert (again["created"], again["updated"]) == (0, 0)
    assert db.session.scalar(select(func.count()).select_from(Township)) == 17


def test_a_township_corrected_in_the_file_is_corrected_in_the_register(district: Scope) -> None:
    services.load_places(district)
    township = queries.township_by_code(district, "370215009")
    assert township is not None
    township.name = "灵山镇"
    db.session.flush()
    assert services.load_places(district)["updated"] == 1
    assert township.name == "灵山街道"
    assert township.former_names == ["灵山镇"]


def test_the_command_says_what_it_did(app: Any, district: Scope) -> None:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["facilities", "load-places"])
    assert result.exit_code == 0
    assert '"townships": 17' in result.output.splitlines()[-1]


def test_townships_in_reach_are_the_own_ones_and_those_of_the_own_facilities(district: Scope) -> None:
    mine, of_home, other = make_township(), make_township(), make_township()
    home = make_facility(of_home)
    officer = Scope(P.FACILITY_READ, townships=frozenset({mine.id}))
    manager = Scope(P.FACILITY_READ, facilities=frozenset({home.id}))
    assert [each.id for each in queries.townships(officer)] == [mine.id]
    assert [each.id for each in queries.townships(manager.enter())] == [of_home.id]
    assert {mine.id, of_home.id, other.id} <= {each.id for each in queries.townships(district.enter())}


def test_villages_of_another_township_are_not_offered(district: Scope) -> None:
    mine, other = make_township(), make_township()
    own, far = make_village(mine), make_village(other)
    officer = Scope(P.FACILITY_READ, townships=frozenset({mine.id})).enter()
    assert queries.villages(officer) == [own]
    assert queries.villages(officer, other.id) == []
    assert far in queries.villages(district.enter(), other.id)


def test_a_code_names_a_place_in_reach_or_is_refused(district: Scope) -> None:
    home = make_facility()
    found = queries.place(district, home.code)
    assert (found.facility_id, found.township_id) == (home.id, home.township_id)
    officer = Scope(P.FACILITY_READ, townships=frozenset({make_township().id})).enter()
    with pytest.raises(Refused) as caught:
        queries.place(officer, home.code)
    assert caught.value.code == "place.unknown"
    assert home.code in caught.value.message


def test_closed_facilities_leave_the_counts(district: Scope) -> None:
    township = make_township()
    make_facility(township, stationed=True)
    make_facility(township, state="suspended")
    make_facility(township, state="closed")
    make_facility(township, facility_type="canteen")
    scope = Scope(P.FACILITY_READ, townships=frozenset({township.id})).enter()
    (row,) = queries.counts_by_township(scope)
    assert (row.by_type["institution"], row.by_type["canteen"], row.total, row.beds_set) == (2, 1, 3, 80)
