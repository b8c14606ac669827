"""A list of older people: which column is what, and what is wrong with a row. Writes nothing.

Rules: domain.md §2.1, §2.2, §1.5; headings and words of values: `words.yaml`. Repaired silently:
blanks, full-width digits, lower-case x. A row is refused by a fault (`models.FAULTS`); a notice tells
of a cell that was left out or understood otherwise than written, and the row goes in.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any

from eldercare.core.cells import (
    TO_BLANK,
    Flaw,
    WordTable,
    clean_name,
    clean_number,
    clean_phone,
    clean_text,
    read_date,
    squeeze,
)
from eldercare.core.headings import Field, Headings, Recogniser, text_of
from eldercare.core.identifiers import birth_of, id_number_fault, normalise_id, sex_of
from eldercare.core.placenames import PlaceNames
from eldercare.residents.intake.models import Finding, Row, word_table, words
from eldercare.residents.models import HOUSEHOLD_TYPES

NEEDED = ("name", "id_number")
_TOGETHER = frozenset(  # fields judged together with others, not cell by cell
    {"id_number", "birth_date", "township", "township_code", "village", "hukou_township", "unneeded", "name", "sex", "state"}
)
_EARLIEST = date(1890, 1, 2)
_DIGIT = re.compile(r"\d")
_TOTAL = re.compile(r"^(共|计)\s*\d+")

def _first_of_several(text: str, table: dict[str, str]) -> Any:
    """A cell that names several household types: the first in the order of HOUSEHOLD_TYPES counts."""
    parts = text.replace("，", "、").replace(",", "、").replace("/", "、").replace(";", "、").replace("；", "、").split("、")
    found = {table[part] for part in parts if part in table}
    return next((value for value in HOUSEHOLD_TYPES if value in found), Flaw("word.unknown"))


def _old_ability_word(text: str, _table: dict[str, str]) -> Flaw:
    return Flaw("ability.old_word", text[:20])


@cache
def recogniser() -> Recogniser:
    """What knows the columns of a list of older people."""

    def known(name: str) -> Any:
        table = word_table(name)
        return lambda text: squeeze(text).lower() in table

    looks = {
        "id_number": lambda text: len(n := normalise_id(text)) == 18 and n[:17].isdigit(),
        "hukou_township": lambda text: len(text) < 8 and text.endswith(("街道", "镇", "区")),
        "hukou_address": lambda text: len(text) >= 8,
        "phone": lambda text: clean_phone(text) is not None,
        "chronic_diseases": lambda text: any(sign in text for sign in "病压脑癌炎疾卒梗糖"),
    } | {name: known(name) for name in ("sex", "hukou_type", "household_type", "living_arrangement", "ability_level", "state")}
    fields = [
        Field(
            name, frozenset(entry["exact"]), tuple(tuple(group.split()) for group in entry.get("words", ())),
            tuple(entry.get("never", ())), looks.get(name), decides=name == "id_number",
        )
        for name, entry in words()["fields"].items()
    ]
    groups = {
        "contact_name": "contact", "contact_relation": "contact",
        "guardian_name": "guardian", "guardian_relation": "guardian",
    }
    bare = {
        ("phone", "contact"): "contact_phone", ("phone", "guardian"): "guardian_phone",
        ("name", "contact"): "contact_name", ("contact_relation", "guardian"): "guardian_relation",
    }
    return Recogniser(fields, NEEDED, groups, bare)


# ---- the check ----------------------------------------------------------------------------------

Reader = Callable[[Any], Any]


def _flawed(clean: Callable[[Any], Any], code: str) -> Reader:
    """A reader that names what it cannot read."""

    def read(cell: Any) -> Any:
        value = clean(cell)
        return Flaw(code) if value is None and clean_text(cell) is not None else value

    return read


def _text(most: int) -> Reader:
    def read(cell: Any) -> Any:
        text = clean_text(cell, most + 1)
        return Flaw("text.cut", text[:most]) if text is not None and len(text) > most else text

    return read


def _day(cell: Any) -> Any:
    if cell == "" or cell is None:
        return None
    day = read_date(cell)
    if isinstance(day, date) and day >= _EARLIEST:
        return day
    return Flaw("date.unread") if clean_text(cell) else None


def _score(cell: Any) -> Any:
    try:
        score = float(cell)
    except (TypeError, ValueError):
        return Flaw("score.out_of_range") if clean_text(cell) else None
    return int(score) if 0 <= score <= 90 and score.is_integer() else Flaw("score.out_of_range")


def _diseases(cell: Any) -> Any:
    """Codes for the diseases the register knows, words for the others."""
    text, known = clean_text(cell), word_table("chronic_diseases")
    if text is None:
        return None
    parts = [part for part in re.split(r"[、,，;；/\s]+", text)[:20] if part.lower() not in TO_BLANK]
    return list(dict.fromkeys(known.get(part.lower(), part) for part in parts)) or None


def _as_written(word: str, _known: dict[str, str]) -> Any:
    """A word the register has no code for stays in the bureau's words."""
    return Flaw("text.cut", word[:20]) if len(word) > 20 else word


def _readers() -> dict[str, Any]:
    """Field → what reads its cells: a function, or a table that fills as words come by."""
    unknown = Flaw("word.unknown")
    yes = {"yes": True, "no": False}
    return {
        "id_type": WordTable(word_table("id_type"), unknown), "sex": WordTable(word_table("sex"), None),
        "hukou_type": WordTable(word_table("hukou_type"), unknown),
        "household_type": WordTable(word_table("household_type"), _first_of_several),
        "living_arrangement": WordTable(word_table("living_arrangement"), unknown),
        "ability_level": WordTable(word_table("ability_level"), _old_ability_word, int),
        "left_behind": WordTable(word_table("yes_no"), unknown, yes.get),
        "dementia": WordTable(word_table("yes_no"), unknown, yes.get),
        "state": WordTable(word_table("state"), None),
        "name": clean_name, "phone": _flawed(clean_phone, "phone.unread"), "contact_phone": _flawed(clean_phone, "phone.unread"),
        "guardian_phone": _flawed(clean_phone, "phone.unread"), "contact_name": clean_name, "guardian_name": clean_name,
        "assessed_on": _day, "registered_on": _day, "ability_score": _score, "chronic_diseases": _diseases,
        "bank_account": clean_number, "social_card_no": clean_number, "disability_cert": clean_number,
        "address": _text(200), "hukou_address": _text(200), "notes": _text(500),
        "ethnicity": WordTable(word_table("ethnicity"), _as_written), "care_level": _text(20), "bank_name": _text(60),
        "contact_relation": WordTable(word_table("relation"), _as_written),
        "guardian_relation": WordTable(word_table("relation"), _as_written),
    }


class Checker:
    """Checks the rows below recognised headings, in order."""

    def __init__(self, headings: Headings, places: PlaceNames, today: date) -> None:
        self.places, self.today = places, today
        self.at = headings.index_of()
        self.width = len(headings.matches)
        self.headings = [match.heading for match in headings.matches]
        self._mapped = [m.index for m in headings.matches if m.field and m.field != "unneeded"]
        readers = _readers()
        plain = [(field, index, readers[field]) for field, index in self.at.items() if field not in _TOGETHER]
        self._tables = [entry for entry in plain if isinstance(entry[2], WordTable)]
        self._functions = [entry for entry in plain if not isinstance(entry[2], WordTable)]
        self._sex, self._state = readers["sex"], readers["state"]
        self._places: dict[Any, tuple[int | None, str]] = {}
        self._villages: dict[tuple[int, Any], tuple[int | None, str]] = {}
        self._seen: dict[str, int] = {}
        self.id_column, self._name = self.at["id_number"], self.at["name"]
        self._not_rows = tuple(words()["not_rows"])

    def is_data(self, row: Sequence[Any]) -> bool:
        """Whether a row is a person: not blank, no total, no note, no heading said again."""
        number = text_of(row[self.id_column])
        if len(_DIGIT.findall(number)) >= 6:
            return True
        filled = [text_of(cell).strip() for cell in row]
        written = [text for text in filled if text]
        if len(written) < 2 or not any(filled[index] for index in self._mapped if index < len(filled)):
            return False
        if number and number.strip() == self.headings[self.id_column]:
            return False
        start = "".join(written[:2]).replace(" ", "").replace("\u3000", "")
        second = written[1].replace(" ", "").replace("\u3000", "")
        return not (start.startswith(self._not_rows) or second.startswith(self._not_rows) or _TOTAL.match(start))

    def check(self, number: int, row: Sequence[Any]) -> Row:
        """One data row; `number` is its row in the sheet."""
        faults: list[Finding] = []
        notices: list[Finding] = []
        record: dict[str, Any] = {}
        for name, index, table in self._tables:
            value = table[row[index]]
            if value is not None:
                record[name] = value
        for name, index, read in self._functions:
            cell = row[index]
            if cell != "":
                value = read(cell)
                if value is not None:
                    record[name] = value
        flawed = [name for name, value in record.items() if value.__class__ is Flaw]
        if flawed:
            self._tell(flawed, record, notices)
        self._identity(row, record, faults, notices)
        self._place(row, record, faults, notices)
        if faults:
            return Row(number, None, faults, notices, row)
        first = self._seen.setdefault(record["id_number"], number)
        if first != number:
            return Row(number, None, [Finding("id_number.twice", self.id_column, {"row": first})], notices, row)
        return Row(number, record, faults, notices, row)

    def _tell(self, flawed: list[str], record: dict[str, Any], notices: list[Finding]) -> None:
        """Turn flaws into notices; what is to be kept stays."""
        for name in flawed:
            flaw = record.pop(name)
            notices.append(Finding(flaw.code, self.at[name], {}))
            if flaw.code == "ability.old_word":
                record.setdefault("care_level", flaw.kept)
            elif flaw.kept is not None:
                record[name] = flaw.kept

    def _identity(self, row: Sequence[Any], record: dict[str, Any], faults: list[Finding], notices: list[Finding]) -> None:
        record["name"] = clean_name(row[self._name])
        if record["name"] is None:
            faults.append(Finding("name.missing", self._name, {}))
        if "state" in self.at and self._state[row[self.at["state"]]] == "gone":
            faults.append(Finding("state.not_here", self.at["state"], {}))
        foreign = record.setdefault("id_type", "id_card") != "id_card"
        text, fault = self._number(row[self.id_column], foreign=foreign)
        if fault:
            details = {"length": len(text)} if fault == "id_number.length" else {}
            faults.append(Finding(fault, self.id_column, details))
            return
        sex = self._sex[row[self.at["sex"]]] if "sex" in self.at else None
        if foreign:
            self._foreign(text, sex, row, record, faults)
            return
        record["id_number"] = text
        record["sex"] = sex_of(text)
        if sex is not None and sex != record["sex"]:
            faults.append(Finding("sex.contradicts", self.at["sex"], {}))
        record["birth_date"], record["birth_date_source"] = birth_of(text), "id_number"
        if "birth_date" in self.at:
            written = row[self.at["birth_date"]]
            if written != "" and not (written.__class__ is str and written.replace("-", "") == text[6:14]):
                self._birth(written, record, notices)

    def _number(self, cell: Any, *, foreign: bool) -> tuple[str, str | None]:
        """(the number as it is kept, what is wrong with it)."""
        if isinstance(cell, float | int):
            if abs(cell) >= 1e15 and not foreign:
                return "", "id_number.as_number"
            cell = text_of(float(cell))
        text = normalise_id(cell)
        if text.startswith('="'):
            text = text.strip('="')
        if text.lower() in TO_BLANK:
            return "", "id_number.missing"
        return text, None if foreign else id_number_fault(text, self.today)

    def _birth(self, written: Any, record: dict[str, Any], notices: list[Finding]) -> None:
        """A date of birth written otherwise than in the ID number: some cards are wrong (domain.md §2.1)."""
        day, born = read_date(written), record["birth_date"]
        if isinstance(day, tuple) and day == (born.year, born.month):
            return
        if not isinstance(day, date) or not _EARLIEST <= day <= self.today:
            if clean_text(written):
                notices.append(Finding("birth_date.unread", self.at["birth_date"], {}))
        elif day != born:
            record["birth_date"], record["birth_date_source"] = day, "entered"
            notices.append(Finding("birth_date.differs", self.at["birth_date"], {}))

    def _foreign(self, text: str, sex: str | None, row: Sequence[Any], record: dict[str, Any], faults: list[Finding]) -> None:
        """Permits and passports tell neither sex nor birth: both must be written."""
        born = read_date(row[self.at["birth_date"]]) if "birth_date" in self.at else None
        if not isinstance(born, date) or not _EARLIEST <= born <= self.today:
            faults.append(Finding("birth_date.missing", self.at.get("birth_date", -1), {}))
        if sex is None:
            faults.append(Finding("sex.missing", self.at.get("sex", -1), {}))
        record |= {"id_number": text, "sex": sex, "birth_date": born, "birth_date_source": "entered"}

    def _town(self, cell: Any) -> tuple[int | None, str]:
        found = self._places.get(cell)
        if found is None:
            text = text_of(cell).strip()
            found = self._places[cell] = (None, "") if text.lower() in TO_BLANK else self.places.township(text)
        return found

    def _place(self, row: Sequence[Any], record: dict[str, Any], faults: list[Finding], notices: list[Finding]) -> None:
        """Township by name or code, by what stands before the village or in the address, or the person's own."""
        township_id, rest, column = None, "", -1
        for name in ("township", "township_code"):
            index = self.at.get(name, -1)
            if index >= 0 and township_id is None and text_of(row[index]).strip().lower() not in TO_BLANK:
                column = index
                township_id, rest = self._town(row[index])
        village = row[self.at["village"]] if "village" in self.at else ""
        if column < 0:
            township_id = self._guess(village, record, notices)
        if township_id is None:
            code = "township.missing" if column < 0 else "township.unknown"
            faults.append(Finding(code, column if column >= 0 else self.at.get("township", -1), {}))
        elif self.places.reach is not None and township_id not in self.places.reach:
            faults.append(Finding("township.not_yours", column, {}))
        else:
            record["township_id"] = township_id
            if village or rest:
                self._village(township_id, village or rest, record)
            self._hukou(row, record, notices)

    def _guess(self, village: Any, record: dict[str, Any], notices: list[Finding]) -> int | None:
        """The township where no cell names it."""
        for text in (village, record.get("address", "")):
            found = self.places.township(text_of(text))[0] if text else None
            if found:
                return found
        if self.places.only is not None:
            notices.append(Finding("township.default", self.at.get("township", -1), {}))
        return self.places.only

    def _hukou(self, row: Sequence[Any], record: dict[str, Any], notices: list[Finding]) -> None:
        index = self.at.get("hukou_township", -1)
        if index >= 0 and clean_text(row[index]) is not None:
            found = self._town(row[index])[0]
            if found is not None:
                record["hukou_township_id"] = found
            else:
                notices.append(Finding("word.unknown", index, {}))

    def _village(self, township_id: int, cell: Any, record: dict[str, Any]) -> None:
        key = (township_id, cell)
        found = self._villages.get(key)
        if found is None:
            text = clean_text(cell, 60)
            found = self._villages[key] = (None, "") if text is None else self.places.village(township_id, text)
        village_id, name = found
        if village_id is not None:
            record["village_id"] = village_id
        elif name:
            record["village_name"] = name
