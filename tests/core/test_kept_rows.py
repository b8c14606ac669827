"""A steady list draws a row once, and again when anything in it changes."""

from typing import NamedTuple

import pytest

from eldercare.core import drawing
from eldercare.core.listing import Column, Listing


class Row(NamedTuple):
    id: int
    name: str


drawn: list[int] = []


def _read(row):
    drawn.append(row.id)
    return row.name


PEOPLE = Listing(name="people", title="People", ident=None, columns=(Column("name", "Name", value=_read),), steady=True)


@pytest.fixture(autouse=True)
def nothing_kept():
    drawn.clear()
    drawing._KEPT.clear()


def test_a_row_is_drawn_once_and_again_when_it_changes(app):
    with app.test_request_context():
        first = PEOPLE.bind({}, path="/people/").hold([Row(1, "王甲子"), Row(2, "<李>")]).body()
        again = PEOPLE.bind({}, path="/people/").hold([Row(2, "<李>"), Row(1, "王甲丑")]).body()
    assert drawn == [1, 2, 1]
    assert "&lt;李&gt;" in first
    assert "&lt;李&gt;" in again
    assert "王甲丑" in again
    assert "王甲子" not in again


def test_rows_are_kept_by_language_and_day(app, monkeypatch):
    for path, language, day in (("/people/", "zh", "2026-11-24"), ("/people/", "en", "2026-11-24"), ("/people/", "zh", "2026-11-25")):
        monkeypatch.setenv("ELDERCARE_TODAY", day)
        monkeypatch.setattr(drawing.jinja, "lang", lambda language=language: language)
        with app.test_request_context():
            PEOPLE.bind({}, path=path).hold([Row(1, "王甲子")]).body()
    assert drawn == [1, 1, 1]


def test_what_is_kept_never_grows_without_end(app, monkeypatch):
    monkeypatch.setattr(drawing, "MOST_ROWS", 10)
    with app.test_request_context():
        for start in range(0, 100, 5):
            PEOPLE.bind({}, path="/people/").hold([Row(n, "王") for n in range(start, start + 5)]).body()
    assert max(map(len, drawing._KEPT.values())) <= 15
