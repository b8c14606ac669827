"""Numbers of people and organisations: pure checks, no clock of their own, no database.

Citizen identity number: GB 11643-1999 (domain.md §2.2): 6 digits where it was first issued, 8 of the
birth date, 3 of sequence (odd = male, even = female), 1 check character by ISO 7064 MOD 11-2.
The first six are never judged: they name the place of first issue, not where anybody lives.
Unified social credit code: GB 32100-2015 (domain.md §1.4).
"""

import re
from datetime import date
from functools import lru_cache

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
# what each digit adds at each place, so that a check is seventeen look-ups and a sum
_ADDS = [{str(digit): digit * weight for digit in range(10)} for weight in _WEIGHTS]
_EARLIEST = date(1890, 1, 1)  # nobody alive was born before; the register's own lower bound

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_USCC_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")

# half of full-width forms that occur in numbers, and every blank or invisible sign people paste along
_NARROW = {0xFF10 + n: str(n) for n in range(10)} | {0xFF38: "X", 0xFF58: "X", 0x78: "X", 0xFF0D: "-", 0x2014: "-", 0x2013: "-"}
_INVISIBLE = dict.fromkeys(
    (*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0xAD, 0x1680, 0x180E, *range(0x2000, 0x2010), *range(0x2028, 0x2030),
     0x205F, *range(0x2060, 0x2065), 0x3000, 0xFEFF)
)
_ID_TABLE = _INVISIBLE | _NARROW | {ord(c): c.upper() for c in "abcdefghijklmnopqrstuvwxyz"} | {ord("'"): None, ord("`"): None}
_ID_TABLE |= {0xFF21 + n: chr(65 + n) for n in range(26)} | {0xFF41 + n: chr(65 + n) for n in range(26)}


def normalise_id(text: str) -> str:
    """The number as it is kept: half-width, upper-case X, no blank or invisible sign anywhere.

    Full-width digits, U+3000, no-break and zero-width blanks and the apostrophe Excel users type to
    keep a number as text are repaired; nothing else is guessed.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    return text.translate(_ID_TABLE)


def make_check_digit(first17: str) -> str:
    """The check character for 17 digits. ValueError when they are not 17 digits."""
    if len(first17) != 17 or not (first17.isascii() and first17.isdigit()):
        raise ValueError("17 digits are needed")
    return _CHECKS[sum(map(dict.__getitem__, _ADDS, first17)) % 11]


@lru_cache(maxsize=65536)
def _birth(digits: str) -> date | None:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return day if day >= _EARLIEST else None


def id_number_fault(text: str, today: date | None = None) -> str | None:
    """What is wrong with a number that went through `normalise_id`, or None.

    `id_number.length` (not 18 characters; the old 15-digit form counts here), `id_number.signs` (not
    17 digits and a digit or X), `id_number.birth_date` (no such day, before 1890, or after `today`),
    `id_number.check_digit`.
    """
    if len(text) != 18:
        return "id_number.length"
    first, last = text[:17], text[17]
    if not (first.isascii() and first.isdigit() and last in "0123456789X"):
        return "id_number.signs"
    born = _birth(text[6:14])
    if born is None or (today is not None and born > today):
        return "id_number.birth_date"
    if _CHECKS[sum(map(dict.__getitem__, _ADDS, first)) % 11] != last:
        return "id_number.check_digit"
    return None


def sex_of(number: str) -> str:
    """`male` or `female`, from the 17th digit of a sound number."""
    return "male" if number[16] in "13579" else "female"


def birth_of(number: str) -> date:
    """The date of birth in a sound number. ValueError when there is none."""
    born = _birth(number[6:14])
    if born is None:
        raise ValueError("no date of birth in this number")
    return born


def age_on(birth: date, day: date) -> int:
    """Full years (周岁) on a day; a birthday on 29 February counts on 1 March in common years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def usc_check_character(first17: str) -> str:
    """The check character of a unified social credit code. ValueError for signs outside its alphabet."""
    if len(first17) != 17:
        raise ValueError("17 characters are needed")
    total = sum(_USCC_ALPHABET.index(sign) * weight for sign, weight in zip(first17, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[(31 - total % 31) % 31]


def usc_code_fault(text: str) -> str | None:
    """What is wrong with a unified social credit code that went through `normalise_id`, or None.

    `usc_code.length`, `usc_code.signs` (I, O, S, V and Z do not occur), `usc_code.check`. A few old
    codes in force fail the check (domain.md §1.4): a district officer may accept one with a reason.
    """
    if len(text) != 18:
        return "usc_code.length"
    if not _USCC_SHAPE.fullmatch(text):
        return "usc_code.signs"
    return None if usc_check_character(text[:17]) == text[17] else "usc_code.check"
