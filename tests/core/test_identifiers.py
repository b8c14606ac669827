"""Identity numbers and credit codes: what must be true of every one of them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.core import identifiers as ids

TODAY = date(2026, 11, 23)
births = st.dates(date(1890, 1, 1), TODAY)
regions = st.integers(0, 999999).map("{:06d}".format)
sequences = st.integers(0, 999).map("{:03d}".format)


@st.composite
def numbers(draw):
    first = draw(regions) + draw(births).strftime("%Y%m%d") + draw(sequences)
    return first + ids.make_check_digit(first)


def test_the_worked_example_of_the_standard():
    assert ids.make_check_digit("34052419800101001") == "X"
    assert ids.id_number_fault("34052419800101001X", TODAY) is None


@given(numbers())
def test_a_made_number_is_sound_whatever_its_region(number):
    assert ids.id_number_fault(number, TODAY) is None
    assert ids.birth_of(number).strftime("%Y%m%d") == number[6:14]
    assert ids.sex_of(number) == ("male" if int(number[16]) % 2 else "female")


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_never_passes(number, place, digit):
    changed = number[:place] + digit + number[place + 1 :]
    assert (ids.id_number_fault(changed, TODAY) is None) == (changed == number)


@given(numbers(), st.integers(0, 16))
def test_two_neighbours_changed_about_never_pass(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (ids.id_number_fault(swapped, TODAY) is None) == (swapped == number)


@given(numbers(), st.integers(0, 18), st.sampled_from([" ", "\u3000", "\xa0", "\u200b", "\ufeff", "\t", "\n", "'"]))
def test_blanks_width_and_case_are_repaired(number, place, blank):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number.lower())
    assert ids.normalise_id(wide[:place] + blank + wide[place:]) == number
    assert ids.normalise_id(number.lower()) == number


@given(st.text())
def test_no_text_breaks_the_check(text):
    clean = ids.normalise_id(text)
    assert ids.normalise_id(clean) == clean
    assert ids.id_number_fault(clean, TODAY) in {
        None, "id_number.length", "id_number.signs", "id_number.birth_date", "id_number.check_digit"
    }


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("", "id_number.length"),
        ("370299500101001", "id_number.length"),  # fifteen digits: the form before 1999
        ("3702991950010100", "id_number.length"),
        ("A70299195001010015", "id_number.signs"),
        ("37029919500101001Y", "id_number.signs"),
        ("³70299195001010015", "id_number.signs"),  # a digit to Python, not to the standard
        ("370299195013010010", "id_number.birth_date"),
        ("370299188912310010", "id_number.birth_date"),
    ],
)
def test_each_fault_has_its_code(number, fault):
    assert ids.id_number_fault(number, TODAY) == fault


def test_a_birth_in_the_future_is_refused_and_one_today_is_not():
    for days, fault in ((0, None), (1, "id_number.birth_date")):
        first = "370299" + (TODAY + timedelta(days)).strftime("%Y%m%d") + "001"
        assert ids.id_number_fault(first + ids.make_check_digit(first), TODAY) == fault


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(1940, 2, 29), date(2023, 2, 28), 82),
        (date(1940, 2, 29), date(2023, 3, 1), 83),
        (date(1940, 2, 29), date(2024, 2, 29), 84),
        (date(1946, 11, 23), TODAY, 80),
        (date(1946, 11, 24), TODAY, 79),
    ],
)
def test_age_in_full_years(birth, day, age):
    assert ids.age_on(birth, day) == age


def test_the_credit_code_of_the_standard():
    assert ids.usc_check_character("91350100M000100Y4") == "3"
    assert ids.usc_code_fault("91350100M000100Y43") is None
    assert ids.usc_code_fault("91350100M000100Y44") == "usc_code.check"
    assert ids.usc_code_fault("91350100M000100YI3") == "usc_code.signs"
    assert ids.usc_code_fault("91350100M000100Y4") == "usc_code.length"


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17), st.integers(0, 17), st.sampled_from("0A9Y"))
def test_one_wrong_sign_in_a_credit_code_never_passes(first, place, sign):
    code = first + ids.usc_check_character(first)
    assert ids.usc_code_fault(code) is None
    changed = code[:place] + sign + code[place + 1 :]
    assert (ids.usc_code_fault(changed) is None) == (changed == code)
