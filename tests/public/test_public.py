"""What anybody may read: nothing that tells a home of a visit before its time; everything that proves a draw afterwards."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.inspections.draws import services
from eldercare.inspections.models import PublishedResult
from tests import make
from tests.inspections.drawn import RULES, SCRIPT, day, drawn, file_of, frozen, library, outsider, people, planned
from tests.page import fetch


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_are_sound_for_somebody_nobody_knows(app: Flask, client: Any, district: Scope, queries: list[str], language: str) -> None:
    author, head = people()
    _homes, code = library()
    frozen(author, head, code)
    row = drawn(author, head, code)
    batch = row.batch
    services.announce(district, calendar.today() + timedelta(90), RULES)
    db.session.commit()
    client.get(f"/language/{language}")
    for path in ("/public/", "/public/draws/", "/public/draws/2026-001", f"/public/draws/{batch}"):
        fetch(client, path, queries=queries)


def test_before_the_notice_only_counts_and_hashes_are_told(app: Flask, client: Any, district: Scope) -> None:
    author, head = people()
    homes, code = library()
    row = drawn(author, head, code, value="271828182")
    raw, body = file_of(district, row)
    names = [home.name for home in homes]
    batch, hashes = row.batch, [row.commitment, row.plan_sha256, row.objects_sha256, row.officers_sha256, row.result_sha256]
    db.session.commit()
    text = fetch(client, f"/public/draws/{batch}").text
    assert all(each in text for each in [*hashes, "271828182"])
    assert not [each for each in [*names, body["secret"], body["seed"], "示例见证人", *(p["name"] for p in body["officers"]["people"])] if each in text]
    assert client.get(f"/public/draws/{batch}.json").status_code == 404
    Scope.system("test").enter()
    first = services.notice_day(day(body["result"]["teams"][0]["on"]), RULES)
    services.announce(Scope.system("test"), first, RULES)
    db.session.commit()
    text = fetch(client, f"/public/draws/{batch}").text
    chosen = [each["name"] for each in body["objects"] if each["id"] == body["result"]["order"][0]]
    assert [each for each in names if each in text] == chosen
    assert body["seed"] not in text
    assert client.get(f"/public/draws/{batch}.json").status_code == 404
    assert raw


def test_afterwards_anybody_downloads_file_and_program_and_draws_again(app: Flask, client: Any, district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    row = drawn(author, head, code)
    raw, body = file_of(district, row)
    batch = row.batch
    services.announce(district, calendar.today() + timedelta(90), RULES)
    db.session.commit()
    text = fetch(client, f"/public/draws/{batch}").text
    assert body["sha256"] in text
    assert body["seed"] in text
    got = client.get(f"/public/draws/{batch}.json")
    assert got.data == raw
    assert outsider().check(got.data, body["sha256"])
    program = client.get("/public/verify-draw.py")
    assert program.data == SCRIPT.read_bytes()
    assert "attachment" in program.headers["Content-Disposition"]


def test_what_is_not_committed_to_is_not_there(app: Flask, client: Any, district: Scope) -> None:
    author, _head = people()
    _homes, code = library()
    batch = planned(author, code).batch
    db.session.commit()
    assert client.get(f"/public/draws/{batch}").status_code == 404
    assert client.get("/public/draws/2019-001").status_code == 404
    assert batch not in fetch(client, "/public/draws/").text


def test_a_void_draw_stays_with_its_reason(app: Flask, client: Any, district: Scope) -> None:
    author, head = people()
    _homes, code = library()
    row = drawn(author, head, code)
    batch = row.batch
    services.ask_void(author, row.id, "示例:名录有误")
    services.void(head, row.id)
    db.session.commit()
    assert "示例:名录有误" in fetch(client, f"/public/draws/{batch}").text
    assert batch in fetch(client, "/public/draws/").text


def test_every_published_result_is_found_by_page_by_year_and_by_name(
    app: Flask, client: Any, district: Scope, queries: list[str]
) -> None:
    homes = [make.make_facility(name=name) for name in ("示例甲敬老院", "示例乙助餐点")]
    team, versions = [make.make_officer(), make.make_officer()], [make.make_checklist()]
    today = calendar.today()
    for n in range(45):
        home = homes[n % 2]
        visit = make.make_visit(home, team=team, versions=versions)
        day = today - timedelta(400 if n < 5 else n)
        db.session.add(PublishedResult(visit_id=visit.id, number=f"JC{day.year}-{n:05d}", place=home.name, kind="daily", checked_on=day,
                                       result="none", words="示例", published_at=calendar.at(day + timedelta(7), 9)))
    db.session.commit()

    def found(query: str) -> list[str]:
        return re.findall(r"(JC\d{4}-\d{5})</small>", fetch(client, f"/public/inspections/{query}", queries=queries).text)

    assert "45条结果" in fetch(client, "/public/", queries=queries).text
    pages = [found(f"?page={number}") for number in (1, 2, 3)]
    assert [len(each) for each in pages] == [20, 20, 5]
    assert len({*pages[0], *pages[1], *pages[2]}) == 45
    assert pages[2] == found("?year=2025")
    assert {each[:7] for each in pages[2]} == {"JC2025-"}
    assert len(found("?q=甲敬老&year=2025")) == 3
    assert found("?q=JC2026-00040") == ["JC2026-00040"]
    assert "没有符合" in fetch(client, "/public/inspections/?q=没有").text
    client.get("/language/en")
    text = fetch(client, "/public/inspections/?year=2025").text
    assert "5 results" in text
    assert "Year of the inspection: all" in text


def test_whoever_is_signed_in_reads_no_more_there_than_anybody(app: Flask, sign_in: Any, district: Scope) -> None:
    author, head = people()
    homes, code = library()
    row = drawn(author, head, code)
    batch, names = row.batch, [home.name for home in homes]
    client = sign_in(make.make_user(Role.DISTRICT_OFFICER))
    text = fetch(client, f"/public/draws/{batch}").text
    assert not [each for each in names if each in text]


def test_an_address_that_asks_without_end_is_slowed_down(app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setitem(app.config, "PUBLIC_PER_MINUTE", 3)
    from eldercare.core.api import limiter

    limiter.reset()
    answers = [client.get("/public/").status_code for _ in range(5)]
    limiter.reset()
    assert answers == [200, 200, 200, 429, 429]
