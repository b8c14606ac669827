"""The administration of people and grants: what an administrator can do, and what nobody can."""

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from eldercare.accounts import queries, services
from eldercare.accounts.models import Grant, User
from eldercare.core import calendar
from eldercare.core.access import GRANTS, LOG_ONLY, P, Role
from eldercare.core.db import db
from eldercare.core.errors import Refused, refusal_of
from eldercare.core.scope import Scope, scope_of
from tests import make
from tests.accounts.browser import enter, flashed, send
from tests.page import fetch

SignIn = Callable[..., FlaskClient]


def admin(**values: object) -> User:
    return make.make_user(Role.ADMINISTRATOR, language="en", **values)


def test_an_account_is_made_handed_over_and_granted(district: Scope, sign_in: SignIn, app: Flask) -> None:
    township = make.make_township()
    client = sign_in(admin())
    handed = send(client, "/accounts/new", name="王示例", username="wang.shi", language="zh")
    assert handed.status_code == 200
    password = handed.text.split("<code>")[1].split("</code>")[0]
    Scope.system("test").enter()
    user = queries.person_named("wang.shi")
    where = f"/accounts/{user.id}/grants/new"
    typed = f"{township.name} ({township.code})"
    answer = send(client, where, role="township_officer", place=typed, starts_on=calendar.today().isoformat(), ends_on="")
    shown = flashed(client, answer)
    assert f"Township officer · {township.name}" in shown
    browser = app.test_client()
    assert enter(browser, "wang.shi", password).status_code == 303
    assert "township_officer" not in fetch(browser, "/password").text


def test_the_one_time_password_is_shown_once(district: Scope, sign_in: SignIn) -> None:
    user = make.make_user(Role.LEADER)
    client = sign_in(admin())
    answer = send(client, f"/accounts/{user.id}/reset-password", page=f"/accounts/{user.id}")
    password = answer.text.split("<code>")[1].split("</code>")[0]
    assert answer.headers["Cache-Control"] == "no-store"
    assert password not in fetch(client, f"/accounts/{user.id}").text
    Scope.system("test").enter()
    db.session.expire_all()
    person = db.session.get(User, user.id)
    assert person.must_change_password
    assert services.verify(person.password_hash, password)


def test_pages_are_sound_and_ask_little(district: Scope, sign_in: SignIn, queries: list[str]) -> None:
    home = make.make_facility()
    people = [make.make_user(Role.FACILITY_MANAGER, home) for _ in range(30)]
    client = sign_in(admin())
    for path in ("/accounts/", f"/accounts/{people[0].id}", "/accounts/new", "/account", "/password", "/accounts/settings",
                 f"/accounts/{people[0].id}/edit", f"/accounts/{people[0].id}/grants/new"):
        fetch(client, path, queries=queries)


def test_the_list_is_filtered_by_role_place_state_and_text(district: Scope, sign_in: SignIn) -> None:
    here, there = make.make_township(), make.make_township()
    home = make.make_facility(there)
    officer = make.make_user(Role.TOWNSHIP_OFFICER, here)
    manager = make.make_user(Role.FACILITY_MANAGER, home)
    gone = make.make_user(Role.LEADER, is_enabled=False)
    lone = make.make_user()
    client = sign_in(admin())
    for query, found in {
        "role=township_officer": {officer}, f"township={here.id}": {officer}, f"township={there.id}": {manager},
        "state=disabled": {gone}, "state=idle": {lone}, f"q={manager.username}": {manager},
    }.items():
        text = fetch(client, f"/accounts/?{query}").text
        for person in (officer, manager, gone, lone):
            assert (f'href="/accounts/{person.id}"' in text) == (person in found), query


def test_the_name_of_a_home_is_shown_though_its_record_is_out_of_reach(district: Scope, sign_in: SignIn) -> None:
    home = make.make_facility()
    manager = make.make_user(Role.FACILITY_MANAGER, home)
    client = sign_in(admin())
    assert home.name in fetch(client, f"/accounts/{manager.id}").text
    assert home.name in fetch(client, f"/accounts/{manager.id}/grants/new").text
    assert client.get(f"/facilities/{home.id}").status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_nobody_else_administers_people(district: Scope, sign_in: SignIn, role: Role) -> None:
    home = make.make_facility()
    place = {"township_officer": home.township_id, "facility_manager": home.id, "canteen_keeper": home.id, "stationed_supervisor": home.id}.get(role)
    user = make.make_user()
    values = {"user_id": user.id, "role": role, "starts_on": date(2026, 1, 1)}
    values |= {"place_township_id": place} if role == Role.TOWNSHIP_OFFICER else {"place_facility_id": place}
    make._keep(Grant(**values), "grant.made")
    db.session.refresh(user)
    client = sign_in(user)
    for path in ("/accounts/", "/accounts/new", f"/accounts/{user.id}", "/accounts/settings"):
        assert client.get(path).status_code == 403


def test_nobody_grants_themself_anything(district: Scope, sign_in: SignIn) -> None:
    me = admin()
    client = sign_in(me)
    data = {"role": "district_officer", "place": "", "starts_on": "2026-11-24", "ends_on": ""}
    answer = send(client, f"/accounts/{me.id}/grants/new", **data)
    assert answer.status_code == 422
    assert "Nobody grants themself anything" in answer.text
    assert send(client, f"/accounts/{me.id}/grants/{me.grants[0].id}/end", page="/accounts/").status_code == 409
    assert send(client, f"/accounts/{me.id}/disable", page="/accounts/").status_code == 409


def test_the_last_administrator_stays(district: Scope) -> None:
    only = admin()
    for act in (lambda: services.disable(district, only.id), lambda: services.end_grant(district, only.id, only.grants[0].id)):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "user.last_administrator"
    second = admin()
    services.disable(district, only.id)
    with pytest.raises(Refused):
        services.disable(district, second.id)


def test_two_administrators_cannot_shut_each_other_out_at_once(fresh_app: Flask) -> None:
    Scope.system("test").enter()
    ids = [admin().id, admin().id]
    db.session.commit()
    together, results = threading.Barrier(2), []

    def shut(me: int, other: int) -> None:
        with fresh_app.app_context():
            together.wait()
            try:
                services.disable(Scope(permission=P.USER_EDIT, person_id=me, person_name="x", everywhere=True).enter(), other)
                db.session.commit()
                results.append("done")
            except Refused as refused:
                db.session.rollback()
                results.append(refused.code)
            db.session.remove()

    threads = [threading.Thread(target=shut, args=pair) for pair in (ids, ids[::-1])]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(results) == ["done", "user.last_administrator"]


@pytest.mark.parametrize("pair", [(Role.ADMINISTRATOR, Role.AUDITOR), (Role.AUDITOR, Role.ADMINISTRATOR)])
def test_nobody_both_administers_and_reads_the_log(district: Scope, pair: tuple[Role, Role]) -> None:
    user = make.make_user(pair[0])
    with pytest.raises(IntegrityError) as error, db.session.begin_nested():
        services.make_grant(district, user.id, pair[1], None, calendar.today())
    assert refusal_of(error.value).code == "grant.separation"


def test_the_database_itself_keeps_the_duties_apart(district: Scope) -> None:
    user = make.make_user(Role.AUDITOR)
    for role, allowed in ((Role.LEADER, True), (Role.AUDITOR, True), (Role.ADMINISTRATOR, False)):
        values = {"user_id": user.id, "role": role, "starts_on": date(2026, 3, 1)}
        try:
            with db.session.begin_nested():
                db.session.execute(Grant.metadata.tables["grants"].insert(), values)
            assert allowed
        except IntegrityError:
            assert not allowed


def test_an_auditor_may_administer_after_the_last_day_of_reading(district: Scope) -> None:
    user = make.make_user()
    day = calendar.today()
    services.make_grant(district, user.id, Role.AUDITOR, None, day, day + timedelta(days=9))
    services.make_grant(district, user.id, Role.ADMINISTRATOR, None, day + timedelta(days=10))
    assert len(user.grants) == 2


def test_only_one_role_reads_the_log_and_only_one_administers() -> None:
    """What the constraint bars by role must be what the permissions say."""
    assert {role for role in Role if GRANTS[role] & LOG_ONLY} == {Role.AUDITOR}
    assert {role for role in Role if {P.USER_EDIT, P.SETTING_EDIT} & GRANTS[role]} == {Role.ADMINISTRATOR}


def test_a_role_takes_a_place_of_its_kind_only(district: Scope, sign_in: SignIn) -> None:
    home = make.make_facility()
    user = make.make_user()
    client = sign_in(admin())
    for role, place in (("township_officer", home.name), ("facility_manager", ""), ("leader", home.name), ("canteen_keeper", "nowhere")):
        data = {"role": role, "place": place, "starts_on": "2026-11-24", "ends_on": ""}
        answer = send(client, f"/accounts/{user.id}/grants/new", **data)
        assert answer.status_code == 422
        assert "needs a place of its own kind" in answer.text


def test_a_grant_counts_between_its_days_and_ends_at_once(district: Scope) -> None:
    user, day = make.make_user(), calendar.today()
    make.make_grant(user, Role.LEADER, starts_on=day + timedelta(days=1))
    make.make_grant(user, Role.LEADER, starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=1))
    assert scope_of(user, P.OVERVIEW_DISTRICT) is None
    grant = services.make_grant(district, user.id, Role.INSPECTOR, None, day, day)
    assert scope_of(user, P.OVERVIEW_DISTRICT) is not None
    services.end_grant(district, user.id, grant.id)
    assert scope_of(user, P.OVERVIEW_DISTRICT) is None, "today's grant ended today counts no longer"
    assert services.make_grant(district, user.id, Role.INSPECTOR, None, day), "and can be made again"


def test_the_same_grant_twice_is_refused(district: Scope) -> None:
    user, day = make.make_user(Role.LEADER), calendar.today()
    with pytest.raises(Refused) as refused:
        services.make_grant(district, user.id, Role.LEADER, None, day)
    assert refused.value.code == "grant.taken"


def test_the_history_says_who_did_what_in_words(district: Scope, sign_in: SignIn) -> None:
    me, home = admin(), make.make_facility()
    user = make.make_user()
    client = sign_in(me)
    data = {"role": "facility_manager", "place": home.code, "starts_on": "2026-11-24", "ends_on": ""}
    shown = flashed(client, send(client, f"/accounts/{user.id}/grants/new", **data))
    assert "Grant made: " in shown
    assert "Facility manager" in shown.split("Grant made: ")[1][:200]
    shown = flashed(client, send(client, f"/accounts/{user.id}/disable", page=f"/accounts/{user.id}"))
    assert "Account disabled" in shown
    assert me.name in shown


def test_unlocking_lets_a_person_try_again(app: Flask, district: Scope, sign_in: SignIn) -> None:
    me, user = admin(), make.make_user(Role.LEADER)
    client = sign_in(me)
    for n in range(5):
        browser = app.test_client()
        browser.environ_base["REMOTE_ADDR"] = f"10.3.0.{n}"
        enter(browser, user.username, "Wrong-Horse-1")
    assert "locked" in fetch(client, "/accounts/?state=locked").text
    assert "Unlock now" in fetch(client, f"/accounts/{user.id}").text
    send(client, f"/accounts/{user.id}/unlock", page=f"/accounts/{user.id}")
    browser.environ_base["REMOTE_ADDR"] = "10.3.0.77"
    assert enter(browser, user.username, make.PASSWORD).status_code == 303


def test_settings_show_no_secret(district: Scope, sign_in: SignIn, app: Flask) -> None:
    text = fetch(sign_in(admin()), "/accounts/settings").text
    config = app.config["CONFIG"]
    for secret in (config.secret_key, config.demo_password, "AAECAwQF"):
        assert secret not in text
    assert "IDLE_MINUTES" in text
    assert "30 minutes" in text


def test_every_setting_stands_on_the_page() -> None:
    from dataclasses import fields

    from config import Config
    from eldercare.accounts.listing import SETTINGS

    assert {each.field for _title, group in SETTINGS for each in group} == {each.name for each in fields(Config)}


def test_demo_people_share_one_hash_and_need_not_change_it(district: Scope) -> None:
    home = make.make_facility()
    people = [
        services.DemoPerson("demo.leader", "示例领导", Role.LEADER),
        services.DemoPerson("demo.officer", "示例干部", Role.TOWNSHIP_OFFICER, home.township_id),
        services.DemoPerson("demo.manager", "示例院长", Role.FACILITY_MANAGER, None, home.id),
    ]
    ids = services.add_demo_users(district, people, "Demo-2026-pass")
    db.session.commit()
    Scope.system("test").enter()
    found = [db.session.get(User, user_id) for user_id in ids.values()]
    assert len({user.password_hash for user in found}) == 1
    assert not any(user.must_change_password for user in found)
    assert all(user.held() for user in found)
