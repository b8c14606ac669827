"""The everyday font: small, whole for common text, and nothing lost where it cannot be made."""

import io

from fontTools.ttLib import TTFont

from eldercare.core import fonts


def test_common_characters_are_those_of_gb_2312_and_latin() -> None:
    found = fonts.common_characters()
    assert all(ord(char) in found for char in "即墨区民政局养老机构床位，。（）—Aa09÷≥●▲■")
    assert ord("𠮷") not in found
    assert 6763 <= sum(0x4E00 <= code <= 0x9FFF for code in found) < 7000


def test_a_family_that_is_not_installed_is_not_taken_for_another() -> None:
    assert fonts.installed("No Such Family 370299") is None


def test_the_everyday_font_has_the_common_characters_and_is_small() -> None:
    at = fonts.installed("Noto Serif CJK SC")
    assert at is not None
    first, again = fonts.everyday(*at), fonts.everyday(*at)
    assert first is not None
    assert first == again
    assert len(first) < 8_000_000
    mapped = TTFont(io.BytesIO(first)).getBestCmap()
    assert all(ord(char) in mapped for char in "即墨区养老ÀA9—÷")
    assert ord("𠮷") not in mapped


def test_its_glyphs_are_numbered_by_their_place_so_that_every_reader_of_pdf_finds_them() -> None:
    for family in ("Noto Serif CJK SC", "Noto Sans CJK SC"):
        at = fonts.installed(family, bold=True)
        assert at is not None
        top = TTFont(io.BytesIO(fonts.everyday(*at) or b""))["CFF "].cff.topDictIndex[0]
        assert top.ROS == ("Adobe", "Identity", 0)
        assert top.charset == [".notdef", *(f"cid{n:05}" for n in range(1, len(top.charset)))]
        assert len(top.charset) == len(top.CharStrings) > 7000


def test_a_file_that_is_no_font_gives_none() -> None:
    assert fonts.everyday("/dev/null", 0) is None or len(fonts.everyday("/dev/null", 0) or b"") < 4096


def test_a_glyph_is_looked_for_in_every_font() -> None:
    assert fonts.has_glyph("即")
    assert not fonts.has_glyph("\U0003fffd")
