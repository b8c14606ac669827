"""When an item applies: read without ever executing anything, judged in three values, told in plain words."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from eldercare.checklists.queries import conditions, contents
from eldercare.checklists.queries.conditions import ATTRIBUTES, CHOICES, Node
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from tests import make


def said(app: Flask, language: str, *args: Any) -> str:
    from flask_babel import force_locale

    with app.test_request_context(), force_locale("en" if language == "en" else "zh_Hans_CN"):
        return conditions.judge(*args).why


def test_every_condition_of_the_catalogue_is_read() -> None:
    lists, _day = contents.from_file()
    asked = {item["applies_if"] for each in lists.values() for area in each["areas"] for item in area["items"] if item["applies_if"]}
    assert len(asked) == 13
    for condition in asked:
        assert conditions.normal(condition) == condition


def test_what_the_register_says_of_a_place_decides(district: Scope) -> None:
    home = make.make_facility(has_elevator=True, has_canteen=False, uses_gas=True, fire_key_unit=True)
    facts = conditions.facts(home)
    for condition, holds in (
        ("has_elevator", True), ("has_canteen", False), ("not has_canteen", True), ("has_elevator and uses_gas", True),
        ("has_canteen or uses_gas", True), ("has_special_equipment", True), ("has_canteen_or_catering", False),
        ("facility_type = institution", True), ("facility_type != institution", False), ("kitchen_mode = delivered", None),
        ("has_works_today", None), ("has_works_today and has_canteen", False), ("has_works_today or uses_gas", True),
        ("not (has_elevator and not fire_key_unit)", True),
    ):
        assert conditions.judge(condition, ["institution"], facts).applies is holds, condition


def test_a_canteen_cooks_and_a_delivered_kitchen_serves_meals(district: Scope) -> None:
    canteen = conditions.facts(make.make_facility(facility_type="canteen"))
    station = conditions.facts(make.make_facility(facility_type="village_station", kitchen_mode="delivered"))
    assert canteen["has_canteen"] is canteen["serves_meals"] is True
    assert (station["has_canteen"], station["has_canteen_or_catering"], station["serves_meals"]) == (False, True, True)


def test_whoever_is_there_knows_better_than_the_register(district: Scope) -> None:
    facts = conditions.facts(make.make_facility(), {"has_works_today": True, "has_elevator": True})
    assert conditions.judge("has_works_today and has_elevator", ["institution"], facts).applies is True


def test_the_reason_stands_in_plain_words(app: Flask) -> None:
    facts = {"facility_type": "institution", "has_elevator": True, "uses_gas": False, "has_works_today": None}
    assert said(app, "en", "has_elevator", ["institution"], facts) == "Applies, because there is a lift."
    assert said(app, "zh", "has_elevator", ["institution"], facts) == "适用，因为有电梯。"
    assert said(app, "en", "has_elevator and uses_gas", ["institution"], facts) == "Does not apply, because there is a lift; no gas is used."
    assert "on the spot" in said(app, "en", "has_works_today", ["institution"], facts)
    assert said(app, "en", None, ["canteen"], facts) == "Does not apply: it is for Senior canteen."
    assert said(app, "en", None, ["institution"], facts) == "Applies to every place of this kind."


@pytest.mark.parametrize(
    "text", ["", "has_elevator and", "and", "(has_elevator", "has_elevator)", "has_elevator = maybe", "facility_type", "has_elevator uses_gas",
             "__import__('os')", "has_elevator; drop table", "facility_type = 'moon'", "1 = 1", "not", "has_elevator or or uses_gas",
             "(" * 200 + "has_elevator" + ")" * 200, "has_elevator and " * 60 + "uses_gas"],
)
def test_what_cannot_be_read_is_refused_and_says_where(text: str) -> None:
    with pytest.raises(Refused) as refused:
        conditions.read(text)
    assert refused.value.code in ("checklist.condition_wrong", "checklist.attribute_unknown")


def test_an_unknown_attribute_is_named() -> None:
    with pytest.raises(Refused) as refused:
        conditions.read("has_elevator and has_dragon")
    assert (refused.value.code, refused.value.details) == ("checklist.attribute_unknown", {"name": "has_dragon"})


leaves = st.one_of(
    st.sampled_from(sorted(ATTRIBUTES)).map(lambda name: Node("is", name, "yes")),
    st.sampled_from([(name, value) for name, (_, values) in CHOICES.items() for value in values]).map(lambda pair: Node("is", *pair)),
)
trees = st.recursive(
    leaves,
    lambda inside: st.one_of(
        inside.map(lambda one: Node("not", parts=(one,))),
        st.tuples(st.sampled_from(("and", "or")), st.lists(inside, min_size=2, max_size=3)).map(lambda two: Node(two[0], parts=tuple(two[1]))),
    ),
    max_leaves=5,
)
known = st.dictionaries(st.sampled_from(sorted(ATTRIBUTES)), st.sampled_from((True, False, None)))


@given(trees, known)
def test_both_spellings_mean_the_same(tree: Node, facts: dict[str, Any]) -> None:
    ours = conditions.spelled(tree)
    if len(ours) > 300:
        return
    theirs = conditions.as_xpath(ours)
    assert conditions.normal(theirs) == conditions.normal(ours) == ours
    assert conditions.holds(conditions.read(ours), facts) is conditions.holds(tree, facts)
