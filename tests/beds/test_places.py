"""Rooms and beds as places: by hand, by pattern, from Excel; what a bed may become."""

from datetime import date
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select

from eldercare.beds.places import imports, queries, services
from eldercare.core.access import Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Bed, Room, Township
from tests.beds.test_board import put_to_bed
from tests.beds.test_numbers import make_stay
from tests.make import make_bed, make_facility, make_user
from tests.page import Page, fetch


@pytest.fixture
def home(district: Scope) -> Any:
    place = make_facility()
    place.township = db.session.get_one(Township, place.township_id)
    return place


@pytest.fixture
def manager(sign_in: Any, home: Any, app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return sign_in(make_user(Role.FACILITY_MANAGER, home), language="en")


def beds(home: Any) -> set[tuple[str, int, str, str, str, str, int | None, str]]:
    Scope.system("test").enter()
    rows = db.session.execute(
        select(Room.building, Room.floor, Room.name, Bed.number, Bed.bed_kind, Room.sex_policy, Bed.price_fen, Bed.condition)
        .join(Bed, Bed.room_id == Room.id).where(Room.facility_id == home.id)
    )
    return {tuple(row) for row in rows}


def sheet(*rows: list[Any]) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    for n, row in enumerate(rows):
        book_sheet = book.worksheets()[0] if n else book.add_worksheet()
        book_sheet.write_row(n, 0, row)
    book.close()
    return out.getvalue()


PATTERN = {
    "building": "East", "floor": "2", "first": "201", "last": "204", "without": "203", "beds": "2", "bed_kind": "nursing",
    "sex_policy": "female", "price": "2800", "condition": "available",
}


def confirm(client: Any, home: Any, preview: Any) -> Any:
    page = Page(preview, "preview")
    draft = next(field.get("value") for field in page.all("input") if field.get("name") == "draft")
    return client.post(f"/beds/places/{home.id}/make", data={"draft": draft}, follow_redirects=True)


def test_a_pattern_is_shown_first_and_made_in_one_step(manager: Any, home: Any) -> None:
    preview = manager.post(f"/beds/places/{home.id}/pattern", data=PATTERN)
    assert preview.status_code == 200
    assert "East 204" in preview.text
    assert beds(home) == set()  # nothing is written by looking
    assert confirm(manager, home, preview).status_code == 200
    made = beds(home)
    assert {(room, number) for _b, _f, room, number, *_ in made} == {(r, n) for r in ("201", "202", "204") for n in "12"}
    assert {row[4:] for row in made} == {("nursing", "female", 280_000, "available")}
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "rooms.made")).one()
    assert (entry.details["rooms"], entry.details["beds"]) == (3, 6)


@pytest.mark.parametrize("without", ["203 204", "203,204", "203、204", "203，204；"])
def test_rooms_are_left_out_however_they_are_written_apart(manager: Any, home: Any, without: str) -> None:
    preview = manager.post(f"/beds/places/{home.id}/pattern", data={**PATTERN, "without": without})
    assert "East 202" in preview.text
    assert "East 204" not in preview.text


def test_a_pattern_over_rooms_on_file_is_refused_room_by_room(manager: Any, home: Any) -> None:
    confirm(manager, home, manager.post(f"/beds/places/{home.id}/pattern", data=PATTERN))
    again = manager.post(f"/beds/places/{home.id}/pattern", data={**PATTERN, "last": "205"})
    assert again.text.count("The room is on file already") == 3
    assert 'name="draft"' not in again.text
    assert len(beds(home)) == 6


def test_a_preview_of_another_home_or_person_makes_nothing(manager: Any, home: Any, sign_in: Any) -> None:
    preview = manager.post(f"/beds/places/{home.id}/pattern", data=PATTERN)
    Scope.system("test").enter()
    other = make_facility()
    own, foreign = SimpleNamespace(id=home.id), SimpleNamespace(id=other.id)
    theirs = sign_in(make_user(Role.FACILITY_MANAGER, other), language="en")
    assert confirm(theirs, foreign, preview).status_code == 409
    assert manager.post(f"/beds/places/{own.id}/make", data={"draft": "made.up"}).status_code == 409
    assert beds(own) == beds(foreign) == set()


@pytest.mark.parametrize(("first", "last", "names"), [
    ("201", "203", ["201", "202", "203"]), ("A08", "A10", ["A08", "A09", "A10"]), ("203", "201", None), ("A1", "B2", None),
    ("x", "y", None),
])
def test_rooms_of_a_pattern(first: str, last: str, names: list[str] | None) -> None:
    assert imports.room_names(first, last) == names


HEAD = ["序号", "楼栋", "楼层", "房间号", "床号", "床位类型", "性别", "床位费(元/月)"]


def test_a_homes_own_list_is_understood_and_the_same_again_changes_nothing(manager: Any, home: Any) -> None:
    data = sheet(
        ["示例养老院床位一览表"], HEAD, [1, "1号楼", "3楼", 301, "1", "护理型", "女", 3200], [2, "", "", "", "2", "护理", "女", "3,200元"],
        [3, "", "4层", "401", "1床", "普通", "", ""], ["合计", "", "", "", "3张"],
    )
    url = f"/beds/places/{home.id}/sheet"
    preview = manager.post(url, data={"file": (BytesIO(data), "beds.xlsx")})
    assert confirm(manager, home, preview).status_code == 200
    assert beds(home) == {
        ("1号楼", 3, "301", "1", "nursing", "female", 320_000, "available"),
        ("1号楼", 3, "301", "2", "nursing", "female", 320_000, "available"),
        ("1号楼", 4, "401", "1", "general", "any", None, "available"),
    }
    again = manager.post(url, data={"file": (BytesIO(data), "beds.xlsx")})
    assert "there is nothing to confirm" in again.text


def test_every_wrong_cell_is_named_and_nothing_is_made(manager: Any, home: Any) -> None:
    data = sheet(HEAD, [1, "", "三", "301", "1", "豪华", "女", "面议"], [2, "", "3", "301", "2", "", "", ""], [3, "", "3", "301", "2", "", "", ""])
    page = manager.post(f"/beds/places/{home.id}/sheet", data={"file": (BytesIO(data), "beds.xlsx")})
    for cell in ("C2", "F2", "H2", "E4"):
        assert f'<th scope="row">{cell}</th>' in page.text
    assert 'name="draft"' not in page.text
    assert beds(home) == set()


def test_the_form_comes_with_the_beds_on_file_and_prices_follow_it(manager: Any, home: Any, district: Scope) -> None:
    Scope.system("test").enter()
    services.make(district, home.id, imports.pattern(["101"], 2, building="", floor=1, bed_kind="nursing"), source="pattern")
    db.session.commit()
    form = manager.get(f"/beds/places/{home.id}/sheet/form").data
    read = imports.read(form)
    assert [(line.room, line.number, line.bed_kind) for line in read.lines] == [("101", "1", "nursing"), ("101", "2", "nursing")]
    priced = [line._replace(price_fen=250_000) for line in read.lines]
    Scope.system("test").enter()
    plan = services.make(district, home.id, priced, source="workbook")
    assert (len(plan.rooms), len(plan.beds), len(plan.changed)) == (0, 0, 2)
    assert {row[6] for row in beds(home)} == {250_000}


def test_a_bed_goes_through_its_states_with_a_reason(district: Scope, home: Any) -> None:
    bed = make_bed(home, condition="planned")
    for to, action in (("available", "bed.opened"), ("maintenance", "bed.taken_out"), ("available", "bed.returned"), ("retired", "bed.retired")):
        services.move_bed(district, bed.id, to, "示例原因")
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "bed").order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.action, entry.details["reason"]) == (action, "示例原因")
    with pytest.raises(Refused) as refused:
        services.move_bed(district, bed.id, "available", "示例原因")
    assert refused.value.code == "bed.no_move"


@pytest.mark.parametrize("to", ["maintenance", "retired"])
def test_a_bed_somebody_sleeps_in_stays_in_use(manager: Any, district: Scope, home: Any, to: str) -> None:
    Scope.system("test").enter()
    bed = make_bed(home)
    put_to_bed(Scope.system("test"), make_stay(home, date(2026, 10, 1)), bed, date(2026, 10, 1))
    db.session.commit()
    answer = manager.post(f"/beds/places/{home.id}/beds/{bed.id}/{to}", data={"reason": "repair"})
    assert answer.status_code == 422
    assert "Transfer that person" in answer.text
    Scope.system("test").enter()
    assert db.session.get_one(Bed, bed.id, populate_existing=True).condition == "available"


def test_a_room_for_men_is_not_made_of_one_a_woman_sleeps_in(district: Scope, home: Any) -> None:
    bed = make_bed(home)
    put_to_bed(district, make_stay(home, date(2026, 10, 1), sex="female"), bed, date(2026, 10, 1))
    with pytest.raises(Refused) as refused, db.session.begin_nested():
        services.change_room(district, bed.room_id, {"sex_policy": "male"})
    assert refused.value.code == "room.sleepers"
    services.change_room(district, bed.room_id, {"sex_policy": "female"})


def test_only_a_room_nobody_slept_in_can_be_removed(district: Scope, home: Any) -> None:
    used, fresh = make_bed(home), make_bed(home)
    put_to_bed(district, make_stay(home, date(2026, 10, 1), date(2026, 10, 9)), used, date(2026, 10, 1), date(2026, 10, 9))
    services.remove_room(district, fresh.room_id)
    with pytest.raises(Refused) as refused:
        services.remove_room(district, used.room_id)
    assert refused.value.code == "room.not_empty"


def test_the_registers_numbers_and_the_rows_are_compared(manager: Any, home: Any) -> None:
    assert "Correct whichever is wrong" not in fetch(manager, f"/beds/places/{home.id}/").text  # no rooms yet: nothing to compare
    confirm(manager, home, manager.post(f"/beds/places/{home.id}/pattern", data=PATTERN))
    page = fetch(manager, f"/beds/places/{home.id}/")
    assert "says 40, the rooms here 6" in page.text
    Scope.system("test").enter()
    counts = queries.counts(Scope.system("test"), home.id)
    assert (counts.rooms, counts.standing, counts.usable, counts.nursing) == (3, 6, 6, 6)


def test_a_canteen_has_no_rooms(district: Scope) -> None:
    canteen = make_facility(facility_type="canteen")
    with pytest.raises(Refused) as refused:
        services.add_room(district, canteen.id, {"building": "", "floor": 1, "name": "1", "sex_policy": "any"})
    assert refused.value.code == "places.no_beds"


def test_a_room_by_hand_with_its_beds_and_the_same_name_refused_at_the_form(manager: Any, home: Any) -> None:
    data = {"floor": "1", "name": "101", "sex_policy": "any", "beds": "2", "bed_kind": "general", "price": "1800.50"}
    assert manager.post(f"/beds/places/{home.id}/rooms/new", data=data).status_code == 303
    assert {row[6] for row in beds(home)} == {180_050}
    again = manager.post(f"/beds/places/{home.id}/rooms/new", data=data)
    assert again.status_code == 422
    assert "a room of this name already" in again.text
    assert len(beds(home)) == 2
