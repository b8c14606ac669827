"""What is hardly plausible is flagged with its evidence, and what is not is left alone; an officer looks; nothing is blocked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from eldercare.core import calendar
from eldercare.core.access import P, Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.selfchecks.filling import services as filling
from eldercare.selfchecks.flags import queries, services
from eldercare.selfchecks.flags.models import SelfCheckFlag
from tests import make
from tests.page import fetch
from tests.selfchecks.made import DAY, House, day_made, picture, refused, walk


def flags(**equal: Any) -> list[SelfCheckFlag]:
    scope = Scope.system("test").enter()
    return list(db.session.scalars(scope.select(SelfCheckFlag).filter_by(**equal).order_by(SelfCheckFlag.id)))


@pytest.mark.parametrize(("seconds", "flagged"), [(0.25, True), (2.9, True), (3.1, False), (20, False)])
def test_ticks_faster_than_anybody_can_look_are_flagged(house: House, seconds: float, flagged: bool) -> None:
    day_made(house)
    done = walk(house, house.rounds(duty="patrol_day")[0], begin=calendar.at(DAY, 9), seconds=seconds)
    assert done.state == "done"  # a flag blocks nothing
    found = flags(kind="too_fast")
    assert bool(found) is flagged
    if flagged:
        assert found[0].evidence == {"items": 13, "seconds": round(12 * seconds, 1), "least": 36}


def test_a_pause_at_the_end_does_not_make_fast_ticks_slow(house: House) -> None:
    day_made(house)
    row = house.rounds(duty="patrol_day")[0]
    walk(house, row, begin=calendar.at(DAY, 9), seconds=0.25)
    assert [each.kind for each in flags()] == ["too_fast"]


def test_the_same_photo_is_known_in_another_light_size_and_quality(house: House) -> None:
    day_made(house)
    nights = house.rounds(duty="patrol_night")
    walk(house, nights[0], begin=calendar.at(DAY, 20, 5), photos={"FP-03": picture(1)})
    walk(house, nights[1], begin=calendar.at(DAY, 22, 9), photos={"FP-03": picture(1, dark=14, quality=60, size=(800, 600)), "FP-05": picture(2)})
    (flag,) = flags(kind="same_photo")
    scope = Scope.system("test").enter()
    ((photo, other, apart),) = queries.pairs(scope, flag)
    assert (photo.round_id, other.round_id, photo.item_code) == (nights[1].id, nights[0].id, "FP-03")
    assert apart <= 4


def test_other_photos_and_those_of_other_homes_are_not_the_same(house: House) -> None:
    day_made(house)
    nights = house.rounds(duty="patrol_night")
    walk(house, nights[0], begin=calendar.at(DAY, 20, 5), photos={"FP-03": picture(1), "FP-05": picture(2)})
    walk(house, nights[1], begin=calendar.at(DAY, 22, 9), photos={"FP-03": picture(3), "FP-05": picture(4)})
    Scope.system("test").enter()
    home = make.make_facility(uses_gas=False)
    other = replace(house, home=home, manager=make.make_user(Role.FACILITY_MANAGER, home))
    day_made(house)
    walk(other, other.rounds(duty="patrol_night")[0], begin=calendar.at(DAY, 20, 40), photos={"FP-03": picture(1)})
    assert flags(kind="same_photo") == []


def test_one_photo_for_two_items_of_a_round_is_the_same(house: House) -> None:
    day_made(house)
    walk(house, house.rounds(duty="patrol_day")[0], begin=calendar.at(DAY, 9), photos={"FP-03": picture(1), "FP-06": picture(1)})
    (flag,) = flags(kind="same_photo")
    assert len(flag.evidence["pairs"]) == 1


def nights_at(house: House, starts: list[tuple[int, int, int]]) -> None:
    """Night rounds begun at (days after, hour, minute)."""
    for day in sorted({start[0] - (start[1] < 12) for start in starts}):
        day_made(house, DAY + timedelta(day))
    for days, hour, minute in starts:
        begin = calendar.at(DAY + timedelta(days), hour, minute)
        row = next(each for each in house.rounds(duty="patrol_night") if each.from_at <= begin < each.until_at)
        walk(house, row, begin=begin, seconds=5)


TEN: list[tuple[int, int]] = [(0, 20), (0, 22), (1, 0), (1, 2), (1, 4), (1, 6), (1, 20), (1, 22), (2, 0), (2, 2), (2, 4), (2, 6)]


def test_always_at_one_minute_past_is_flagged_once_in_so_many_rounds(house: House) -> None:
    nights_at(house, [(days, hour, 1) for days, hour in TEN])
    (flag,) = flags(kind="same_minute")
    assert (flag.evidence["minute"], flag.evidence["times"], flag.evidence["last"]) == (1, 10, 10)
    assert len(flag.evidence["starts"]) == 10
    assert calendar.local(datetime.fromisoformat(flag.evidence["starts"][0])).minute == 1


def test_rounds_at_different_minutes_are_not_flagged(house: House) -> None:
    nights_at(house, [(days, hour, 1 if at % 3 else 7 + at) for at, (days, hour) in enumerate(TEN)])
    assert flags(kind="same_minute") == []


@pytest.mark.parametrize(("lon", "accuracy", "flagged"), [(120.4501, 10, False), (120.4520, 10, False), (120.4560, 10, True), (120.4560, 400, False)])
def test_a_telephone_far_from_the_place_is_flagged(house: House, lon: float, accuracy: int, flagged: bool) -> None:
    day_made(house)
    start = filling.Start(position=(lon, 36.39, accuracy))
    walk(house, house.rounds(duty="patrol_day")[0], begin=calendar.at(DAY, 9), start=start)
    assert bool(flags(kind="far_away")) is flagged


def test_without_a_position_nothing_is_said_about_it(house: House) -> None:
    day_made(house)
    walk(house, house.rounds(duty="patrol_day")[0], begin=calendar.at(DAY, 9))
    assert flags() == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_officer_sees_both_photos_and_says_what_was_found(house: House, sign_in: Any, language: str) -> None:
    day_made(house)
    nights = house.rounds(duty="patrol_night")
    walk(house, nights[0], begin=calendar.at(DAY, 20, 5), photos={"FP-03": picture(1)})
    walk(house, nights[1], begin=calendar.at(DAY, 22, 9), photos={"FP-03": picture(1, dark=10)})
    (flag,) = flags(kind="same_photo")
    browser = sign_in(house.township, language=language)
    assert f"/selfchecks/flags/{flag.id}" in fetch(browser, "/selfchecks/flags/").text
    shown = fetch(browser, f"/selfchecks/flags/{flag.id}").text
    for row in nights[:2]:
        assert f"/selfchecks/rounds/{row.id}/photos/" in shown
    scope = house.scope("township", P.SELFCHECK_JUDGE)
    services.judge(scope, flag.id, in_order=False, note="调看监控,无人巡查")
    services.judge(scope, flag.id, in_order=True, note="是另一条走廊,布置相同")
    entries = db.session.scalars(scope.select(AuditEntry).where(AuditEntry.entity == "selfcheck_flag", AuditEntry.entity_id == flag.id).order_by(AuditEntry.id)).all()
    assert [each.action for each in entries] == ["selfcheck_flag.raised", "selfcheck_flag.not_in_order", "selfcheck_flag.in_order"]
    assert entries[1].person_name == house.township.name
    assert entries[1].changes["note"] == [None, "调看监控,无人巡查"]
    with refused("selfcheck_flag.half"):
        services.judge(scope, flag.id, in_order=False, note=" ")


def test_a_home_does_not_see_what_is_doubted_about_it(house: House, sign_in: Any) -> None:
    day_made(house)
    done = walk(house, house.rounds(duty="patrol_day")[0], begin=calendar.at(DAY, 9), seconds=0.2)
    flag, number = flags()[0].id, done.id
    browser = sign_in(house.manager, language="en")
    assert browser.get("/selfchecks/flags/").status_code == 403
    assert browser.get(f"/selfchecks/flags/{flag}").status_code == 403
    assert "too fast" not in fetch(browser, f"/selfchecks/rounds/{number}").text
    assert "too fast" in fetch(sign_in(house.district, language="en"), f"/selfchecks/rounds/{number}").text


def test_the_same_word_twice_is_refused(house: House) -> None:
    day_made(house)
    walk(house, house.rounds(duty="patrol_day")[0], begin=calendar.at(DAY, 9), seconds=0.2)
    scope = house.scope("district", P.SELFCHECK_JUDGE)
    services.judge(scope, flags()[0].id, in_order=True, note="值班员先看后点")
    with pytest.raises(Refused):
        services.judge(scope, flags()[0].id, in_order=True, note="再说一次")


def test_bits_of_a_picture_are_kept_as_a_signed_number_and_compared_by_bits() -> None:
    one, other = queries.bits_of(picture(1)), queries.bits_of(picture(9))
    assert -(1 << 63) <= one < 1 << 63
    assert queries.apart(one, one) == 0
    assert queries.apart(one, other) > 12
    assert queries.apart(-1, 0) == 64
