"""A day is ordered within the hours of its places; an inspector sees their own; the hours are written by a press alone."""

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask, current_app

from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import HANDLERS
from eldercare.core.scope import Scope
from eldercare.inspections import services as inspections
from eldercare.inspections.field.models import VisitDraft
from eldercare.inspections.models import Visit
from eldercare.inspections.routes import listing, queries, services
from eldercare.inspections.routes.models import WHY_WORDS, Stop, Terms, crews, mark, minute_of, span_of, together
from tests import make
from tests.page import fetch

REASON = "示例路线"


def tomorrow() -> date:
    return calendar.today() + timedelta(days=1)


def terms(**changed: Any) -> Terms:
    return replace(Terms.of(current_app.config), **changed)


def visits(*where: tuple[float, float], team: Any = None, **values: Any) -> list[Visit]:
    """A visit of tomorrow at each place."""
    team = team or [make.make_officer(), make.make_officer()]
    return [make.make_visit(make.make_facility(lon=lon, lat=lat), team=team, planned_on=tomorrow(), **values) for lon, lat in where]


def shown(scope: Scope, officer_id: int | None = None) -> listing.DayRoute:
    day, runs = queries.visits(scope, tomorrow()), queries.orders(scope, tomorrow())
    stops = queries.stops(scope, day, runs, terms())
    return listing.day_route(tomorrow(), day, stops, queries.ordered(runs), officer_id)


# ---- plain ------------------------------------------------------------------------------------------------


def test_a_straight_line_becomes_a_road_and_minutes(app: Flask) -> None:
    here = terms(detour=1.5, speed=30)
    metres = here.metres((120.447, 36.389), (120.447, 36.479))  # a tenth less of a degree of latitude: 10.0 km
    assert metres == pytest.approx(1.5 * 10_007.5, rel=0.001)
    assert here.minutes(15_000) == 30
    assert here.minutes(15_001) == 31
    assert here.metres((120.4, 36.4), (120.4, 36.4)) == 0
    assert span_of("08:30-17:30") == (510, 1050)
    with pytest.raises(ValueError, match="17:30"):
        span_of("17:30-08:30")


def test_officers_with_the_same_stops_share_a_car_and_parts_that_nobody_connects_stand_alone() -> None:
    stops = [Stop(n, frozenset(who), 60, (0, 0), 0, 1) for n, who in enumerate(([1, 2], [1, 2], [2, 3], [4, 5]))]
    parts = sorted([stop.visit_id for stop in part] for part in together(stops))
    assert parts == [[0, 1, 2], [3]]
    assert sorted((sorted(who), mine) for who, mine in crews(stops[:3])) == [([1], [0, 1]), ([2], [0, 1, 2]), ([3], [2])]
    assert crews(stops[3:]) == [(frozenset({4, 5}), [0])]
    assert mark(stops) != mark([replace(stops[0], minutes=61), *stops[1:]])
    assert mark(stops) == mark(stops[::-1])


# ---- a day ---------------------------------------------------------------------------------------------------


def test_the_order_keeps_to_hours_break_and_the_length_of_lists_and_is_shorter_than_the_given_one(district: Scope) -> None:
    given = visits((120.60, 36.40), (120.30, 36.40), (120.62, 36.41), (120.32, 36.41))
    run = services.ask(district, tomorrow(), None, terms())
    assert run.state == "done"
    route = shown(district)
    [crew] = route.crews
    assert {line.visit.id for line in crew.lines} == {visit.id for visit in given}
    assert crew.saved > 0
    near = [line.visit.facility.lon > 120.45 for line in crew.lines]
    assert near in ([True, True, False, False], [False, False, True, True])
    busy = [(minute_of(time.fromisoformat(line.stop["begins"])), minute_of(time.fromisoformat(line.stop["ends"]))) for line in crew.lines]
    items = queries.items_in(district, [row.version_id for row in given[0].lists])
    for begins, ends in busy:
        assert ends - begins == terms().visit["special"] + sum(items.values()) * terms().item_seconds // 60 + (
            1 if sum(items.values()) * terms().item_seconds % 60 else 0
        )
    for (_begin, ends), (begins, _end) in pairwise(busy):
        assert begins >= ends + crew.lines[1].stop["travel"] * 0
    lunch = minute_of(time.fromisoformat(crew.round["lunch"]))
    assert terms().lunch[0] <= lunch <= terms().lunch[1] - 60
    assert all(lunch + 60 <= begins or lunch >= ends for begins, ends in busy)


def test_a_visits_own_hours_go_before_those_of_its_kind_of_place(district: Scope) -> None:
    team = [make.make_officer(), make.make_officer()]
    [late] = visits((120.45, 36.40), team=team, window=(time(14), time(16)))
    [free] = visits((120.46, 36.40), team=team)
    services.ask(district, tomorrow(), None, terms())
    begins = {line.visit.id: line.stop["begins"] for line in shown(district).crews[0].lines}
    assert "14:00" <= begins[late.id] <= "15:30"
    assert begins[free.id] < "14:00"


def test_a_slot_of_the_plan_moves_until_the_place_has_been_told_of_it(district: Scope) -> None:
    begins, ends = min(terms().slots)
    slot = (time(begins // 60, begins % 60), time(ends // 60, ends % 60))
    team = [make.make_officer(), make.make_officer()]
    [told] = visits((120.46, 36.40), team=team, window=slot)
    [free] = visits((120.47, 36.40), team=team, window=slot, shown=False)
    services.ask(district, tomorrow(), None, terms())
    route = shown(district)
    begun = {line.visit.id: line.stop["begins"] for line in route.crews[0].lines}
    assert not route.left_out
    assert begun[told.id] <= f"{ends // 60:02d}:{ends % 60:02d}"
    assert free.id in begun
    assert services.take(district, tomorrow(), None, terms(), REASON) == 2
    assert not shown(district).stale


def test_in_hours_too_short_for_the_visit_it_begins_at_least(district: Scope) -> None:
    [short] = visits((120.46, 36.40), window=(time(10), time(10, 20)))
    services.ask(district, tomorrow(), None, terms())
    [line] = shown(district).crews[0].lines
    assert line.visit.id == short.id
    assert "10:00" <= line.stop["begins"] <= "10:20" < line.stop["ends"]


def test_what_does_not_fit_says_why(district: Scope) -> None:
    team = [make.make_officer(), make.make_officer()]
    nowhere = make.make_visit(make.make_facility(lon=None, lat=None), team=team, planned_on=tomorrow())
    [evening] = visits((120.46, 36.40), team=team, window=(time(19), time(20)))
    clash = visits((120.46, 36.40), (120.9, 36.6), team=team, window=(time(9), time(9, 20)))
    services.ask(district, tomorrow(), None, terms())
    route = shown(district)
    why = {visit.id: said for visit, said, _minutes in route.left_out}
    assert why[nowhere.id] == WHY_WORDS["no_position"]
    assert why[evening.id] == WHY_WORDS["hours"]
    assert [visit.id in why for visit in clash].count(True) == 1
    assert not route.unordered


def test_officers_who_change_partners_are_never_in_two_places(district: Scope) -> None:
    a, b, c = (make.make_officer() for _ in range(3))
    for team in ([a, b], [b, c], [a, c], [a, b]):
        visits((120.40 + 0.03 * team[0].id % 7 / 10, 36.40), team=team)
    services.ask(district, tomorrow(), None, terms())
    route = shown(district)
    times: dict[int, set[tuple[str, str, int]]] = {}
    for crew in route.crews:
        for line in crew.lines:
            for row in line.visit.officers:
                times.setdefault(row.officer_id, set()).add((line.stop["begins"], line.stop["ends"], line.visit.id))
    assert set(times) == {a.id, b.id, c.id}
    for mine in times.values():
        ordered = sorted(mine)
        assert len({visit_id for *_rest, visit_id in ordered}) == len(ordered)
        assert all(ends <= begins for (_b, ends, _v), (begins, _e, _w) in pairwise(ordered))


def test_a_long_day_is_a_job_and_gives_the_same(district: Scope) -> None:
    visits((120.40, 36.40), (120.50, 36.45))
    run = services.ask(district, tomorrow(), None, terms(at_once=1))
    assert run.state == "queued"
    run.result = HANDLERS["routes_day"](district, run)
    run.state, run.finished_at = "done", calendar.now()
    db.session.flush()
    assert len(shown(district).crews[0].lines) == 2
    with pytest.raises(Refused, match="nothing"):
        services.ask(district, tomorrow() + timedelta(days=300), None, terms())


def test_the_hours_are_written_by_a_press_and_the_places_own_hours_are_not_lost_by_it(district: Scope) -> None:
    [one, two] = visits((120.40, 36.40), (120.50, 36.45), window=(time(9), time(16)))
    with pytest.raises(Refused, match="not_ordered"):
        services.take(district, tomorrow(), None, terms(), REASON)
    services.ask(district, tomorrow(), None, terms())
    assert (one.window_from, two.window_from) == (time(9), time(9))
    assert services.take(district, tomorrow(), None, terms(), REASON) == 2
    route = shown(district)
    assert route.is_taken
    assert not route.stale
    assert {(f"{line.visit.window_from:%H:%M}", f"{line.visit.window_to:%H:%M}") for line in route.crews[0].lines} == {
        (line.stop["begins"], line.stop["ends"]) for line in route.crews[0].lines
    }
    assert one.reason == REASON
    assert services.take(district, tomorrow(), None, terms(), REASON) == 0  # a second press changes nothing
    open_hours = {stop.visit_id: (stop.first, stop.last + stop.minutes) for stop in
                  queries.stops(district, queries.visits(district, tomorrow()), queries.orders(district, tomorrow()), terms())}
    assert open_hours == {one.id: (540, 960), two.id: (540, 960)}  # so that the day can be ordered again
    services.ask(district, tomorrow(), None, terms())
    assert services.take(district, tomorrow(), None, terms(), REASON) == 0
    assert queries.given_hours(queries.orders(district, tomorrow()))[one.id][:2] == ["09:00", "16:00"]


def test_an_order_is_old_once_a_visit_comes_goes_or_changes_hands(district: Scope) -> None:
    [one, _two] = visits((120.40, 36.40), (120.50, 36.45))
    services.ask(district, tomorrow(), None, terms())
    inspections.put(district, one.id, planned_on=tomorrow(), window=(time(10), time(12)), reason="示例")
    db.session.flush()
    assert shown(district).stale
    with pytest.raises(Refused, match="old"):
        services.take(district, tomorrow(), None, terms(), REASON)
    services.ask(district, tomorrow(), None, terms())
    assert not shown(district).stale
    inspections.cancel_visit(district, one.id, "示例")
    assert shown(district).stale


# ---- who sees what -------------------------------------------------------------------------------------------


@pytest.fixture
def _open_forms(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


@pytest.mark.usefixtures("_open_forms")
def test_an_inspector_sees_and_orders_their_own_day_alone(district: Scope, sign_in: Any) -> None:
    me, mate, other, fourth = (make.make_officer() for _ in range(4))
    [mine] = visits((120.40, 36.40), team=[me, mate])
    [theirs] = visits((120.50, 36.45), team=[other, fourth])
    names, day = (mine.facility_id, theirs.facility_id), tomorrow().isoformat()
    mine_name, theirs_name = (district.get(type(make.make_facility()), each).name for each in names)
    person, other_id = me.user, other.id
    client = sign_in(person, language="en")
    for path in (f"/inspections/routes/?day={day}", f"/inspections/routes/?day={day}&officer={other_id}"):
        text = fetch(client, path).text
        assert mine_name in text
        assert theirs_name not in text
    assert client.post("/inspections/routes/order", data={"day": day, "officer": other_id}).status_code == 303
    for path in ("order-all", "take-all"):
        assert client.post(f"/inspections/routes/{path}", data={"day": day}).status_code == 403
    district.enter()
    assert [part["visits"] for part in queries.ordered(queries.orders(district, tomorrow()))] == [[mine.id]]
    assert client.post("/inspections/routes/take", data={"day": day}).status_code == 303
    district.enter()
    db.session.expire_all()
    assert district.get(Visit, mine.id).window_from is not None
    assert district.get(Visit, theirs.id).window_from is None


@pytest.mark.usefixtures("_open_forms")
def test_the_district_sees_and_orders_everybodys_day(district: Scope, sign_in: Any) -> None:
    team, day = [make.make_officer(), make.make_officer()], tomorrow().isoformat()
    [one] = visits((120.40, 36.40), team=team)
    [two] = visits((120.50, 36.45))
    wanted = team[0].id
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER), language="en")
    assert "Not ordered yet" in fetch(client, f"/inspections/routes/?day={day}").text
    assert client.post("/inspections/routes/order-all", data={"day": day}).status_code == 303
    text = fetch(client, f"/inspections/routes/?day={day}").text
    assert text.count("Back at the bureau") == 2
    assert fetch(client, f"/inspections/routes/?day={day}&officer={wanted}").text.count("Back at the bureau") == 1
    assert client.post("/inspections/routes/take-all", data={"day": day}).status_code == 303
    assert "Hours stand in the visits" in fetch(client, f"/inspections/routes/?day={day}").text
    district.enter()
    db.session.expire_all()
    assert district.get(Visit, one.id).window_from is not None
    assert district.get(Visit, two.id).window_from is not None


def test_nobody_sees_a_route_without_the_right_to_read_inspections(district: Scope, sign_in: Any) -> None:
    home = make.make_facility()
    visits((120.40, 36.40))
    for role, place in ((Role.FACILITY_MANAGER, home), (Role.CANTEEN_KEEPER, home), (Role.STATIONED_SUPERVISOR, home), (Role.AUDITOR, None)):
        district.enter()
        assert sign_in(make.make_user(role, place)).get("/inspections/routes/").status_code == 403


# ---- the first page of an inspector --------------------------------------------------------------------------


def test_an_inspectors_first_page_holds_todays_visits_late_ones_and_the_certificate(district: Scope, sign_in: Any) -> None:
    today = calendar.today()
    me = make.make_officer(valid_to=today + timedelta(days=12))
    mate = make.make_officer()
    here, late, others = (make.make_facility() for _ in range(3))
    visit = make.make_visit(here, team=[me, mate], window=(time(9), time(11)))
    of = {"township_id": here.township_id, "facility_id": here.id, "visit_id": visit.id, "device": "示例"}
    db.session.add_all(VisitDraft(**of, key=key, seq=1, body="{}", sha256="0" * 64) for key in ("head", "answer"))
    make.make_visit(late, team=[me, mate], planned_on=today - timedelta(days=4))
    make.make_visit(others)
    names = [each.name for each in (here, late, others)]
    client = sign_in(me.user, language="en")
    assert 'hx-get="/inspections/routes/today"' in fetch(client, "/").text
    text = fetch(client, "/inspections/routes/today").text
    assert "09:00–11:00" in text
    assert names[0] in text
    assert names[1] in text
    assert names[2] not in text
    assert "4 days late" in text
    assert "on the server: 2 entries, 0 photos" in text
    assert "nothing has come from a tablet yet" in text
    assert "ends in 12 days" in text
    assert 'href="/inspections/field/"' in text


def test_the_first_page_of_others_has_no_such_part(district: Scope, sign_in: Any) -> None:
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    assert "/inspections/routes/today" not in fetch(client, "/").text
    assert client.get("/inspections/routes/today").status_code == 403
