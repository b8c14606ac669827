"""A form cleans what people type, and says what is wrong where it is wrong."""

import io
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import FileStorage, MultiDict

from eldercare.core.forms import (
    Day,
    Form,
    IdNumber,
    LongText,
    Moment,
    Phone,
    Pick,
    PickMany,
    PickOne,
    Text,
    Tick,
    Upload,
    Whole,
    Yuan,
)
from eldercare.core.identifiers import make_check_digit

VALID_ID = "37029919500101001"


class Sample(Form):
    """One field of each kind."""

    name = Text("Name", required=True, longest=10)
    note = LongText("Note")
    id_number = IdNumber("ID number")
    phone = Phone("Phone")
    seen_at = Moment("Seen at")
    born_on = Day("Born on", latest=date(2026, 11, 23))
    beds = Whole("Beds", least=1, most=500)
    fee = Yuan("Fee")
    kind = Pick("Kind", choices=(("a", "A"), ("b", "B")))
    town = Pick("Town", coerce=int)
    sex = PickOne("Sex", choices=(("f", "Female"), ("m", "Male")))
    needs = PickMany("Needs", choices=(("x", "X"), ("y", "Y")))
    agreed = Tick("Agreed")
    sheet = Upload("Sheet", kinds=("xlsx", "csv"), most_mb=1)


@pytest.fixture(autouse=True)
def app():
    app = Flask(__name__)
    app.config.update(SECRET_KEY="a key for these tests only", WTF_CSRF_ENABLED=False)
    Babel(app, default_locale="en")
    with app.test_request_context(method="POST"):
        yield app


def fill(**values):
    form = Sample(MultiDict({"name": "Li", **values}))
    form.town.offer(((1, "East"), (2, "West")))
    return form, form.validate()


def test_text_is_trimmed_composed_and_freed_of_control_characters():
    form, ok = fill(name="  a\x00b \u3000 c\u3000", note="one\r\ntwo  ")
    assert ok
    assert (form.name.data, form.note.data) == ("ab c", "one\ntwo")


def test_names_keep_their_characters_while_numbers_are_folded():
    form, ok = fill(name="\uf900Ａ", id_number=" ３７０299 19500101 00" + "1" + make_check_digit(VALID_ID).lower())
    assert ok, form.errors
    assert form.name.data.endswith("Ａ")
    assert form.id_number.data == VALID_ID + make_check_digit(VALID_ID)


def test_nothing_typed_is_none():
    form, ok = fill()
    assert ok, form.errors
    empty = (form.note, form.id_number, form.phone, form.born_on, form.beds, form.fee, form.kind, form.town, form.sex)
    assert [field.data for field in empty] == [None] * 9
    assert (form.needs.data, form.agreed.data, form.fee.fen) == ([], False, None)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", "   "), ("name", "x" * 11), ("id_number", "123"), ("id_number", VALID_ID + "0"),
        ("id_number", "370299195013010" + "010"), ("phone", "12"), ("born_on", "yesterday"), ("born_on", "2026-11-24"),
        ("beds", "0"), ("beds", "many"), ("beds", "1.5"), ("fee", "1.234"), ("fee", "-1"), ("fee", "NaN"),
        ("fee", "Infinity"), ("kind", "c"), ("town", "3"), ("town", "x"), ("sex", "q"), ("needs", "z"),
        ("seen_at", "0001-01-01T00:00"), ("seen_at", "noon"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(field, typed):
    form, ok = fill(**{field: typed})
    assert not ok
    assert list(form.errors) == [field]
    assert all(str(text) for text in form[field].errors)


def test_good_values_come_back_in_their_types():
    form, ok = fill(
        phone="0532-8888 6666", born_on="1950-01-01", beds="１２0", fee="1,234.50", kind="a", town="2", sex="f", needs="y"
    )
    assert ok, form.errors
    assert (form.phone.data, form.born_on.data, form.beds.data) == ("053288886666", date(1950, 1, 1), 120)
    assert (form.fee.data, form.fee.fen) == (Decimal("1234.50"), 123450)
    assert (form.kind.data, form.town.data, form.sex.data, form.needs.data) == ("a", 2, "f", ["y"])


@pytest.mark.parametrize(("name", "size", "good"), [("a.xlsx", 10, True), ("a.CSV", 10, True), ("a.exe", 10, False), ("a.csv", 1_000_001, False)])
def test_a_file_is_judged_by_its_ending_and_size(name, size, good):
    assert fill(sheet=FileStorage(io.BytesIO(b"x" * size), name))[1] is good


def test_the_summary_lists_every_problem_with_the_control_it_belongs_to():
    form, _ = fill(name="", sex="q", beds="0")
    form.form_errors.append("All of it is late.")
    ids = [where for where, _ in form.problems]
    assert ids == [None, "name", "beds", "sex-0"]


def test_a_select_begins_empty():
    form, _ = fill()
    assert next(iter(form.kind.iter_choices()))[0] == ""


def test_values_are_never_copied_blindly():
    with pytest.raises(TypeError):
        fill()[0].populate_obj(object())
