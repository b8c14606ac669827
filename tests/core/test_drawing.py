"""Cells are the one place where HTML is written by hand: nothing gets through unescaped."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_babel import Babel

from eldercare.core.columns import Badge, Column, reader_of
from eldercare.core.drawing import body

EVIL = "<img src=x onerror=alert(1)>\"'&"


@pytest.fixture(params=["en", "zh_Hans_CN"])
def language(request):
    app = Flask(__name__)
    Babel(app, default_locale=request.param)
    with app.test_request_context():
        yield request.param


def draw(column, value, *, href=None):
    return str(body((column,), (reader_of(column),), [SimpleNamespace(x=value)], lambda _row: href))


@pytest.mark.parametrize(
    "html",
    [
        lambda: draw(Column("x", "X"), EVIL),
        lambda: draw(Column("x", EVIL), "fine"),
        lambda: draw(Column("x", "X"), "fine", href=f"/{EVIL}"),
        lambda: draw(Column("x", "X", detail="x"), EVIL),
        lambda: draw(Column("x", "X", kind="badge"), Badge(EVIL, "bad")),
        lambda: draw(Column("x", "X"), SimpleNamespace(__str__=lambda: EVIL)),
    ],
)
def test_nothing_gets_through_unescaped(language, html):
    assert "<img" not in html()
    assert 'alert(1)>"' not in html()


@pytest.mark.parametrize("kind", ["text", "number", "day", "moment", "yuan", "ratio", "badge", "flag"])
def test_no_value_is_a_dash_and_never_nought(language, kind):
    assert ">—<" in draw(Column("x", "X", kind=kind), None)


def test_values_read_as_people_write_them(language):
    shown = {
        "number": (42500, "42,500"), "yuan": (123400, "¥1,234.00"), "ratio": (0.605, "60.5%"),
        "day": (date(2026, 11, 23), "23 Nov 2026" if language == "en" else "2026年11月23日"),
        "moment": (datetime(2026, 11, 23, 16, 5, tzinfo=UTC), "24 Nov 2026 00:05" if language == "en" else "2026年11月24日 00:05"),
    }
    for kind, (value, words) in shown.items():
        assert f">{words}<" in draw(Column("x", "X", kind=kind), value) + "<"


def test_the_first_cell_carries_the_link_of_the_row(language):
    html = draw(Column("x", "X", detail=lambda _row: "more"), "name", href="/things/1")
    assert '<tr class="goes">' in html
    assert '<a class="row-link" href="/things/1">name</a><small>more</small>' in html
