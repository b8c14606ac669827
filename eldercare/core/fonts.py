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
    return data or None


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
