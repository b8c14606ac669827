"""A filled list: begun at a place, answered, sealed for good, corrected by a newer edition."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from eldercare.checklists import queries as catalogue
from eldercare.checklists import services as lists
from eldercare.checklists.checks import queries, services
from eldercare.checklists.checks.models import Check
from eldercare.checklists.checks.services import Answer
from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from tests import make

HOME = "institution_safety_responsibility"


@pytest.fixture
def scope(district: Scope) -> Scope:
    lists.load_catalogue(district)
    return district


@pytest.fixture
def home(scope: Scope) -> Facility:
    return make.make_facility(has_elevator=False, uses_gas=False, has_canteen=False)


def start(scope: Scope, home: Facility, **more: Any) -> Check:
    return services.start_check(scope, home.id, catalogue.in_force(scope, HOME).id, "self_check", **more)


def all_in_order(scope: Scope, check: Check, **but: Answer) -> None:
    given = {each.item.code: Answer("conform") for _area, each in queries.answers(scope, check.id) if not each.by_rule}
    services.answer(scope, check.id, given | {code.replace("_", "-"): each for code, each in but.items()})


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as why, db.session.begin_nested():
        call(*args, **kwargs)
    return why.value.code


def test_items_that_do_not_apply_are_answered_by_their_condition(scope: Scope, home: Facility) -> None:
    check = start(scope, home)
    found = {each.item.code: each for _area, each in queries.answers(scope, check.id)}
    assert len(found) == 80
    assert (found["INS-SPE-02"].result, found["INS-SPE-02"].by_rule) == ("not_applicable", True)  # no lift
    assert found["INS-FIR-05"].result == "not_checked"  # nobody knows of sprinklers: asked on the spot
    assert found["INS-ORG-01"].result == "not_checked"


def test_what_is_known_better_on_the_spot_counts(scope: Scope, home: Facility) -> None:
    check = start(scope, home, known={"has_elevator": True})
    found = {each.item.code: each.by_rule for _area, each in queries.answers(scope, check.id)}
    assert not found["INS-SPE-02"]
    assert check.facts["has_elevator"] is True


def test_a_list_is_for_its_kinds_of_place_and_published(scope: Scope) -> None:
    canteen = make.make_facility(facility_type="canteen")
    assert refused(start, scope, canteen) == "check.not_for_place"
    draft = lists.start_draft(scope, catalogue.in_force(scope, HOME).checklist_id)
    assert refused(services.start_check, scope, make.make_facility().id, draft.id, "self_check") == "check.not_published"


@pytest.mark.parametrize(("code", "said", "why"), [
    ("INS-ORG-01", Answer("nonconform"), "check.reason_missing"), ("INS-ORG-01", Answer("partial", " "), "check.reason_missing"),
    ("INS-ORG-01", Answer("not_applicable"), "check.reason_missing"), ("INS-ORG-03", Answer("partial", "x"), "check.partial_not_allowed"),
    ("INS-ORG-01", Answer("nonconform", "x", True), "check.escalation_wrong"), ("INS-ORG-02", Answer("conform", None, True), "check.escalation_wrong"),
    ("NO-SUCH", Answer("conform"), "check.item_unknown"),
])
def test_an_answer_that_cannot_be_is_refused(scope: Scope, home: Facility, code: str, said: Answer, why: str) -> None:
    assert refused(services.answer, scope, start(scope, home).id, {code: said}) == why


def test_sealing_scores_by_the_version_s_rule_and_keeps_the_outcome(scope: Scope, home: Facility) -> None:
    check = start(scope, home)
    all_in_order(scope, check, INS_ORG_01=Answer("nonconform", "没有书面明确"))
    services.seal(scope, check.id)
    base = sum({"general": 1, "serious": 3, "major": 6}[each.item.severity] for _a, each in queries.answers(scope, check.id) if not each.by_rule)
    assert check.outcome["base"] == base
    assert check.score == queries.scoring.percent(base - 3, base)
    assert (check.status, check.grade) == ("complete", "excellent")
    assert check.version.number == 1


def test_a_veto_an_escalation_and_an_overdue_rectification_cap(scope: Scope, home: Facility) -> None:
    for but, overdue, score in (
        ({"INS_ORG_03": Answer("nonconform", "x")}, 0, "59.9"), ({"INS_ORG_02": Answer("nonconform", "x", True)}, 0, "59.9"), ({}, 2, "89.9"),
    ):
        check = start(scope, home)
        all_in_order(scope, check, **but)
        services.seal(scope, check.id, overdue=overdue)
        assert check.score == Decimal(score)


def test_an_unfinished_check_is_sealed_as_incomplete(scope: Scope, home: Facility) -> None:
    check = services.seal(scope, start(scope, home).id)
    assert (check.status, check.score, check.grade) == ("incomplete", None, None)


def test_photos_can_be_demanded(scope: Scope, home: Facility) -> None:
    check = start(scope, home)
    services.answer(scope, check.id, {"INS-ORG-01": Answer("conform")})
    assert refused(services.seal, scope, check.id, demand_photos=True) == "check.photo_missing"
    services.answer(scope, check.id, {"INS-ORG-01": Answer("conform", photos=["0" * 64])})
    assert services.seal(scope, check.id, demand_photos=True).state == "sealed"


@pytest.mark.parametrize("statement", [
    "UPDATE checks SET score = 100 WHERE id = {c}", "UPDATE checks SET state = 'open' WHERE id = {c}", "DELETE FROM checks WHERE id = {c}",
    "UPDATE check_answers SET result = 'conform' WHERE check_id = {c}", "DELETE FROM check_answers WHERE check_id = {c}",
    "INSERT INTO check_answers SELECT nextval('check_answers_id_seq'), township_id, facility_id, check_id, version_id, item_id, 'conform', NULL, false, false, '{{}}', NULL FROM check_answers WHERE check_id = {c} LIMIT 1",
])
def test_a_sealed_check_cannot_be_changed(scope: Scope, home: Facility, statement: str) -> None:
    check = start(scope, home)
    all_in_order(scope, check)
    services.seal(scope, check.id)
    with pytest.raises(DBAPIError) as why, db.session.begin_nested():
        db.session.execute(text(statement.format(c=check.id)))
    found = refusal_of(why.value)
    assert found is not None
    assert found.code == "check.sealed"
    assert refused(services.answer, scope, check.id, {"INS-ORG-01": Answer("conform")}) == "check.sealed"
    assert refused(services.seal, scope, check.id) == "check.sealed"


def test_the_seal_s_hash_can_be_computed_again(scope: Scope, home: Facility) -> None:
    check = start(scope, home, label="自查")
    all_in_order(scope, check, INS_ORG_01=Answer("partial", "缺一份"))
    services.seal(scope, check.id, overdue=1)
    check_id = check.id
    db.session.commit()
    scope.enter()
    db.session.expire_all()
    again = queries.check(scope, check_id)
    assert queries.sha256(again, queries.answers(scope, check_id)) == again.content_sha256


def test_a_correction_is_a_new_edition_with_a_reason(scope: Scope, home: Facility) -> None:
    old = start(scope, home)
    all_in_order(scope, old, INS_ORG_01=Answer("nonconform", "x"))
    assert refused(services.correct, scope, old.id, "too soon") == "check.not_sealed"
    services.seal(scope, old.id)
    assert refused(services.correct, scope, old.id, " ") == "check.reason_missing"
    new = services.correct(scope, old.id, "材料后补")
    assert refused(services.correct, scope, old.id, "twice") == "check.corrected_already"
    services.answer(scope, new.id, {"INS-ORG-01": Answer("conform")})
    services.seal(scope, new.id)
    assert (new.revision, new.corrects_id, new.score, old.score < new.score) == (2, old.id, Decimal("100.0"), True)
    assert [each.id for each in queries.editions(scope, old)] == [each.id for each in queries.editions(scope, new)] == [old.id, new.id]
    assert list(db.session.scalars(queries.checks(scope, facility_id=home.id))) == [new]


def test_a_dropped_correction_frees_the_way_for_another(scope: Scope, home: Facility) -> None:
    old = services.seal(scope, start(scope, home).id)
    services.drop(scope, services.correct(scope, old.id, "first try").id, "wrong list")
    assert services.correct(scope, old.id, "second try").revision == 2


def test_a_check_shows_the_version_it_was_given_to_whatever_came_after(scope: Scope, home: Facility) -> None:
    check = start(scope, home)
    all_in_order(scope, check)
    services.seal(scope, check.id)
    draft = lists.start_draft(scope, check.version.checklist_id)
    item = catalogue.items(scope, draft.id)[0]
    lists.change_item(scope, item.id, {name: getattr(item, name) for name in catalogue.contents.ITEM} | {"en": "Newer words"})
    lists.publish(scope, draft.id, "newer", calendar.today())
    shown = queries.answers(scope, check.id)[0][1].item
    assert shown.en != "Newer words"
    assert start(scope, home).version_id == draft.id


def test_an_item_of_another_version_cannot_be_answered(scope: Scope, home: Facility) -> None:
    check = start(scope, home)
    stranger = catalogue.items(scope, catalogue.in_force(scope, "senior_canteen").id)[0]
    with pytest.raises(DBAPIError), db.session.begin_nested():
        db.session.execute(text("UPDATE check_answers SET item_id = :i WHERE check_id = :c"), {"i": stranger.id, "c": check.id})


def test_a_check_that_asks_nothing_is_not_begun(scope: Scope, home: Facility) -> None:
    assert refused(start, scope, home, only=[]) == "check.nothing_asked"
    assert db.session.scalars(scope.select(Check)).all() == []
