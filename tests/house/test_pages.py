"""Habit 8: every page, fetched as each role that may, in both languages, within twelve queries."""

from typing import Any

import pytest
from flask import Flask

from eldercare.core.access import GRANTS, P, Role
from tests.house.test_routes import address, quiet, rules, world  # noqa: F401 — fixtures
from tests.page import fetch

NOT_PAGES = {"reporting.paper", "reporting.run_file", "papers.of_row"}
# a whole month, collected: as many statements as its parts have, however many rows (tests/overview/test_cockpit.py)
COLLECTED = {"cockpit.parts", "cockpit.photo", "screens.screen"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", [Role.DISTRICT_OFFICER, Role.TOWNSHIP_OFFICER, Role.FACILITY_MANAGER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_every_page_is_sound(quiet: Flask, world: Any, sign_in: Any, queries: list[str], role: Role, language: str) -> None:  # noqa: F811
    client = sign_in(world.people[role], language=language)
    trouble = []
    for rule, method in rules(quiet):
        allow = quiet.view_functions[rule.endpoint].allow  # type: ignore[attr-defined]
        if method != "GET" or rule.rule.startswith("/api/") or rule.endpoint in NOT_PAGES or allow not in P._value2member_map_:
            continue
        if P(allow) not in GRANTS[role]:
            continue
        path = address(quiet, rule, world.ids["here"])
        response = client.get(path)
        if response.status_code in (303, 302, 404) or not response.content_type.startswith("text/html"):
            continue
        try:
            fetch(client, path, queries=None if rule.endpoint in COLLECTED else queries)
        except AssertionError as wrong:
            trouble.append(str(wrong).splitlines()[0] + (" …" if "queries" in str(wrong) else ""))
    assert not trouble, "\n".join(trouble)


def test_nobody_finds_a_sound_sign_in_page_and_sound_errors(app: Flask, client: Any) -> None:
    fetch(client, "/sign-in")
    fetch(client, "/no/such/page", status=404)
