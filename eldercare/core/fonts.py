"""Installed fonts: where a family lies, whether a character can be drawn, a small font for everyday text.

A CJK face has 65,535 glyphs and every PDF pays for them: drawn from one that holds the characters of
GB 2312 alone a report is half as large and a small one made in half the time. The full face stays
behind it for rare ideographs, which fontconfig finds glyph by glyph.
"""

import ctypes
import subprocess
from functools import cache
from typing import Any

_NO_HINTING = 1
_SIGNS = ((0x20, 0x24F), (0x2000, 0x26FF), (0x3000, 0x303F), (0xFF00, 0xFFEF))  # Latin, signs, full width


def common_characters() -> set[int]:
    """The 6,763 ideographs and 682 signs of GB 2312, with Latin letters and their punctuation."""
    found = {code for low, high in _SIGNS for code in range(low, high + 1)}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            text = bytes([row, cell]).decode("gb2312", errors="ignore")
            found.update(map(ord, text))
    return found


def installed(family: str, *, bold: bool = False) -> tuple[str, int] | None:
    """The file of a family and the face's place in it; None when fontconfig would give another family."""
    wanted = f"{family}:weight={200 if bold else 80}"
    line = subprocess.run(
        ["fc-match", "-f", "%{file}\n%{index}\n%{family}", wanted], capture_output=True, text=True, check=False, timeout=60
    )
    if line.returncode or line.stdout.count("\n") < 2:
        return None
    path, index, names = line.stdout.split("\n", 2)
    return (path, int(index) & 0xFFFF) if family in names.split(",") else None


@cache
def has_glyph(char: str) -> bool:
    """Whether any installed font can draw a character."""
    found = subprocess.run(["fc-list", "-q", f":charset={ord(char):x}"], capture_output=True, check=False, timeout=60)
    return found.returncode == 0


def everyday(path: str, index: int) -> bytes | None:
    """A face cut down to the common characters, as a font file; None where HarfBuzz cannot do it."""
    try:
        hb, cut = _harfbuzz()
    except (OSError, AttributeError):
        return None
    blob = hb.hb_blob_create_from_file(path.encode())
    face = hb.hb_face_create(blob, index)
    order = cut.hb_subset_input_create_or_fail()
    characters = cut.hb_subset_input_unicode_set(order)
    for code in sorted(common_characters()):
        hb.hb_set_add(characters, code)
    cut.hb_subset_input_set_flags(order, _NO_HINTING)
    small = cut.hb_subset_or_fail(face, order)
    data = None
    if small:
        result, length = hb.hb_face_reference_blob(small), ctypes.c_uint()
        data = ctypes.string_at(hb.hb_blob_get_data(result, ctypes.byref(length)), length.value)
        hb.hb_blob_destroy(result)
        hb.hb_face_destroy(small)
    cut.hb_subset_input_destroy(order)
    hb.hb_face_destroy(face)
    hb.hb_blob_destroy(blob)
    return _numbered_by_place(bytearray(data)) if data else None


def _numbered_by_place(font: bytearray) -> bytes:
    """The same font, each glyph's number (CID) being its place in the file; one that is not CID-keyed stays as it is.

    HarfBuzz keeps the numbers of the whole face, and WeasyPrint writes places: some readers would show other characters,
    and PDF/A calls the glyphs missing (ISO 19005-3, 6.2.11.4.1 and 6.2.11.8). Adobe technical note 5176 for the format.
    """
    entries = range(12, 12 + 16 * int.from_bytes(font[4:6]), 16)
    cff = next((int.from_bytes(font[at + 8 : at + 12]) for at in entries if font[at : at + 4] == b"CFF "), 0)
    if not cff:
        return bytes(font)
    _names, after = _index(font, cff + font[cff + 2])
    (start, end), _after = _index(font, after)
    facts = _facts(font[start:end])
    if (12, 30) in facts:  # ROS: glyphs have numbers instead of names
        glyphs = int.from_bytes(font[cff + facts[17,] : cff + facts[17,] + 2])
        one_range = b"\x02\x00\x01" + (glyphs - 2).to_bytes(2)  # format 2: from 1 on, without a gap
        font[cff + facts[15,] : cff + facts[15,] + len(one_range)] = one_range
    return bytes(font)


def _index(font: bytearray, at: int) -> tuple[tuple[int, int], int]:
    """(where the first object of an INDEX begins and ends, where the INDEX ends)."""
    count, size = int.from_bytes(font[at : at + 2]), font[at + 2]
    ends = [int.from_bytes(font[at + 3 + size * n : at + 3 + size * (n + 1)]) for n in (0, 1, count)]
    before = at + 2 + size * (count + 1)  # offsets count from 1
    return (before + ends[0], before + ends[1]), before + ends[2]


def _facts(dictionary: bytearray) -> dict[tuple[int, ...], int]:
    """A DICT's last operand by operator; real numbers, which we do not need, as 0."""
    facts: dict[tuple[int, ...], int] = {}
    at, last = 0, 0
    while at < len(dictionary):
        byte = dictionary[at]
        at += 1
        if byte <= 21:
            operator = (byte, dictionary[at]) if byte == 12 else (byte,)
            at += len(operator) - 1
            facts[operator] = last
        elif byte in (28, 29):
            size = 2 if byte == 28 else 4
            last, at = int.from_bytes(dictionary[at : at + size], signed=True), at + size
        elif byte == 30:
            while dictionary[at] & 15 != 15 and dictionary[at] >> 4 != 15:
                at += 1
            last, at = 0, at + 1
        elif byte <= 246:
            last = byte - 139
        else:
            last = (byte - 247) * 256 + dictionary[at] + 108 if byte <= 250 else -(byte - 251) * 256 - dictionary[at] - 108
            at += 1
    return facts


@cache
def _harfbuzz() -> tuple[Any, Any]:
    """HarfBuzz and its subsetter (Debian: libharfbuzz0b, libharfbuzz-subset0), with their signatures."""
    hb, cut = ctypes.CDLL("libharfbuzz.so.0"), ctypes.CDLL("libharfbuzz-subset.so.0")
    pointer, number = ctypes.c_void_p, ctypes.c_uint
    for library, name, result, arguments in (
        (hb, "hb_blob_create_from_file", pointer, [ctypes.c_char_p]),
        (hb, "hb_blob_destroy", None, [pointer]),
        (hb, "hb_blob_get_data", pointer, [pointer, ctypes.POINTER(number)]),
        (hb, "hb_face_create", pointer, [pointer, number]),
        (hb, "hb_face_destroy", None, [pointer]),
        (hb, "hb_face_reference_blob", pointer, [pointer]),
        (hb, "hb_set_add", None, [pointer, number]),
        (cut, "hb_subset_input_create_or_fail", pointer, []),
        (cut, "hb_subset_input_destroy", None, [pointer]),
        (cut, "hb_subset_input_set_flags", None, [pointer, number]),
        (cut, "hb_subset_input_unicode_set", pointer, [pointer]),
        (cut, "hb_subset_or_fail", pointer, [pointer, pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return hb, cut
