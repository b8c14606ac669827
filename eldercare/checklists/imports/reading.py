"""An XLSForm read as a list's content, with what is wrong by sheet and cell."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.checklists.imports.writing import HELPERS, RESULT, STRICT
from eldercare.checklists.models import (
    CODE,
    FACILITY_WORDS,
    FREQUENCY_WORDS,
    METHOD_WORDS,
    RULE,
    SEEN,
    SEVERITY_WORDS,
    WINDOW_WORDS,
    Fault,
)
from eldercare.checklists.queries import conditions, contents
from eldercare.checklists.services import judge_item, judge_rule
from eldercare.core import sheets
from eldercare.core.errors import Refused

PASSED_OVER = {"start", "end", "today", "deviceid", "username", "phonenumber", "note", "calculate", "audit", "background-audio"}
MOST_ROWS = 5000

FAULTS: dict[str, Any] = {
    "form.no_survey": _l("There is no sheet “survey” with the columns type and name."),
    "form.other_list": _l("This form is of the list “%(code)s”. Import it there."),
    "form.no_items": _l("There is no question of the kind “select_one result”: nothing to import."),
    "type.unread": _l("“%(type)s” is not read here. Items are questions of the kind “select_one result”."),
    "name.missing": _l("This question has no name."),
    "name.wrong": _l("“%(name)s” is no code. Write capital letters and digits, with hyphens between the parts: INS-FIR-01."),
    "name.twice": _l("“%(name)s” stands in row %(row)s already. Every name is used once."),
    "label.missing": _l("The text is missing. Both languages are needed."),
    "group.missing": _l("This question stands in no group. Groups are the areas of the list."),
    "group.within": _l("A group within a group is not read. Close the one before it first."),
    "group.unclosed": _l("The group “%(name)s” is never closed. Add a row of the type end_group."),
    "group.empty": _l("The group “%(name)s” has no item."),
    "group.unopened": _l("There is no group to close here."),
    "word.unknown": _l("“%(word)s” is not known here. Write one of: %(words)s."),
    "flag.unread": _l("Write yes or no."),
    "times.unread": _l("Write a whole number from 1 to 24."),
    "basis.unread": _l("A line of the legal basis reads: code | clause | certainty | Chinese name | English name."),
    "rule.unread": _l("The rule of scoring cannot be read. Leave the cell empty to keep the present rule."),
    "item.refused": "%(why)s",  # a refusal of the catalogue, in its own words
}


def words_of(fault: Fault) -> str:
    """A fault in the reader's language."""
    text = str(FAULTS[fault.code])
    return text % fault.details if fault.details else text


@dataclass
class Read:
    """What a form said, and what is wrong with it; the content is whole only without faults."""

    content: contents.Content = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class _Table:
    """A sheet read by the names of its columns; remembers where each cell is."""

    def __init__(self, sheet: sheets.Sheet) -> None:
        self.sheet, self.name = sheet, sheet.name.strip().lower()
        self.rows = [[_text(cell) for cell in row] for row, _n in zip(sheet, range(MOST_ROWS), strict=False)]
        heads = self.rows[0] if self.rows else []
        self.at = {_heading(head): index for index, head in reversed(list(enumerate(heads))) if head}

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """(number of the row, its values by column) of every row that is not empty."""
        for number, row in enumerate(self.rows[1:], 2):
            if any(row):
                yield number, {name: row[index] if index < len(row) else "" for name, index in self.at.items()}

    def where(self, number: int, column: str) -> str:
        return f"{self.name}!{self.sheet.cell(number, self.at.get(column, self.at.get('name', 0)))}"


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


def _heading(text: str) -> str:
    """`label::English (en)` → label_en; a bare label is Chinese."""
    name, _, language = text.strip().lower().partition("::")
    if name not in ("label", "hint", "x_major_when"):
        return name
    return f"{name}_en" if "(en)" in language or language == "english" else f"{name}_zh"


def read(data: bytes, code: str, before: contents.Content, hazard_codes: set[str]) -> Read:
    """The content of an XLSForm for a list. `before`: what stays where the form is silent. Refused: sheet.… for no workbook."""
    with sheets.read(data) as book:
        tables = {table.name: table for table in map(_Table, book)}
    out = Read()
    survey = tables.get("survey")
    if survey is None or not {"type", "name"} <= set(survey.at):
        out.faults.append(Fault("form.no_survey", "survey", {}))
        return out
    out.content = _head(out, tables.get("settings"), code, before)
    out.content["areas"] = _Survey(out, survey, hazard_codes).areas()
    if not any(area["items"] for area in out.content["areas"]) and not out.faults:
        out.faults.append(Fault("form.no_items", "survey", {}))
    return out


def _head(out: Read, settings: _Table | None, code: str, before: contents.Content) -> contents.Content:
    content = {**{name: before[name] for name in contents.HEAD}, "areas": [], "hazards": []}
    if not content["rule"]:
        content["rule"] = RULE
    number, told = next(iter(settings), (0, {})) if settings else (0, {})
    if not told or settings is None:
        return content
    if told.get("form_id") and told["form_id"] != code:
        out.faults.append(Fault("form.other_list", settings.where(number, "form_id"), {"code": told["form_id"]}))
    for name, ours in (("x_title_zh", "zh"), ("x_title_en", "en"), ("x_note_zh", "note_zh"), ("x_note_en", "note_en")):
        if name in told and (told[name] or ours.startswith("note")):
            content[ours] = told[name]
    if told.get("x_places"):
        content["facility_types"] = _words(out, settings, number, "x_places", told["x_places"])
    if told.get("x_rule"):
        try:
            rule = json.loads(told["x_rule"])
            content["rule"] = rule if _like(rule, RULE) else _unread(out, settings, number, content["rule"])
            judge_rule(content["rule"])
        except ValueError:
            _unread(out, settings, number, None)
        except Refused as why:
            out.faults.append(Fault("item.refused", settings.where(number, "x_rule"), {"why": why.message}))
    return content


def _like(given: Any, ours: Any) -> bool:
    """Whether a value has the shape of ours: the same names, numbers where numbers are."""
    if isinstance(ours, dict):
        return (
            isinstance(given, dict) and set(given) == set(ours) and all(_like(given[name], each) for name, each in ours.items())
        )
    if isinstance(ours, list):
        return isinstance(given, list) and all(each in SEVERITY_WORDS for each in given)
    return isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 100


def _unread(out: Read, settings: _Table, number: int, kept: Any) -> Any:
    out.faults.append(Fault("rule.unread", settings.where(number, "x_rule"), {}))
    return kept


def _words(out: Read, table: _Table, number: int, column: str, text: str) -> list[str]:
    found = text.replace(",", " ").split()
    for word in found:
        if word not in FACILITY_WORDS:
            out.faults.append(_unknown(table.where(number, column), word, FACILITY_WORDS))
    return found


def _unknown(where: str, word: str, known: Mapping[str, Any] | Sequence[str]) -> Fault:
    return Fault("word.unknown", where, {"word": word[:40], "words": ", ".join(known)})


@dataclass
class _Survey:
    """The rows of a survey, one after another."""

    out: Read
    table: _Table
    hazard_codes: set[str]
    seen: dict[str, int] = field(default_factory=dict)

    def fault(self, number: int, column: str, code: str, **details: Any) -> None:
        self.out.faults.append(Fault(code, self.table.where(number, column), details))

    def areas(self) -> list[contents.Content]:
        found: list[contents.Content] = []
        inside: tuple[int, contents.Content] | None = None
        for number, told in self.table:
            kind = told["type"].replace("begin group", "begin_group").replace("end group", "end_group").split() or [""]
            if kind[0] == "begin_group":
                if inside:
                    self.fault(number, "type", "group.within")
                inside = (number, self.area(number, told))
            elif kind[0] == "end_group":
                if inside is None:
                    self.fault(number, "type", "group.unopened")
                else:
                    self.close(found, *inside)
                inside = None
            else:
                self.question(number, told, kind, inside[1] if inside else None)
        if inside:
            self.fault(inside[0], "name", "group.unclosed", name=inside[1]["code"])
        return found

    def close(self, found: list[contents.Content], number: int, area: contents.Content) -> None:
        if area["code"] == "place" or area.pop("other", False):
            return
        if not area["items"]:
            self.fault(number, "name", "group.empty", name=area["code"])
        found.append(area)

    def area(self, number: int, told: dict[str, str]) -> contents.Content:
        if told["name"] == "place":
            return {"code": "place", "items": []}
        self.named(number, told["name"])
        return {"code": told["name"], "zh": self.label(number, told, "zh"), "en": self.label(number, told, "en"), "items": []}

    def named(self, number: int, name: str) -> None:
        if not name:
            self.fault(number, "name", "name.missing")
        elif not re.fullmatch(CODE, name):
            self.fault(number, "name", "name.wrong", name=name[:40])
        elif name in self.seen:
            self.fault(number, "name", "name.twice", name=name, row=self.seen[name])
        self.seen.setdefault(name, number)

    def label(self, number: int, told: dict[str, str], language: str) -> str:
        text = told.get(f"label_{language}", "")
        if not text:
            self.fault(number, f"label_{language}", "label.missing")
        return text

    def question(self, number: int, told: dict[str, str], kind: list[str], area: contents.Content | None) -> None:
        if kind[0] in PASSED_OVER or (area and area["code"] == "place"):
            return
        if any(told["name"].endswith(ending) and told["name"].removesuffix(ending) in self.seen for ending in HELPERS):
            return
        if kind[0] != "select_one" or kind[-1] not in (RESULT, STRICT):
            self.fault(number, "type", "type.unread", type=told["type"][:40])
            return
        self.named(number, told["name"])
        item = self.item(number, told)
        if area is None:
            self.fault(number, "name", "group.missing")
        else:
            area["items"].append(item)

    def item(self, number: int, told: dict[str, str]) -> contents.Content:
        had = len(self.out.faults)
        item = {
            "code": told["name"], "zh": self.label(number, told, "zh"), "en": self.label(number, told, "en"),
            "basis": self.basis(number, told.get("x_basis", "")),
            "frequency": self.word(number, told, "x_frequency", FREQUENCY_WORDS, "monthly"),
            "times_per_period": self.times(number, told),
            "patrol_window": self.word(number, told, "x_window", WINDOW_WORDS, None),
            "severity": self.word(number, told, "x_severity", SEVERITY_WORDS, "general"),
            "veto": self.flag(number, told, "x_veto"),
            "photo_required": self.flag(number, told, "x_photo"),
            "method": self.word(number, told, "x_method", METHOD_WORDS, "onsite"),
            "facility_types": self.places(number, told), "applies_if": self.condition(number, told),
            "hazard_code": told.get("x_hazard") or None, "major_when_zh": told.get("x_major_when_zh") or None,
            "major_when_en": told.get("x_major_when_en") or None,
        }  # fmt: skip
        if len(self.out.faults) == had:
            self.refused(number, lambda: judge_item(item, self.hazard_codes))
        return item

    def refused(self, number: int, judge: Callable[[], Any]) -> Any:
        """What a rule of the catalogue says against a row, at the cell it is about."""
        columns = {
            "veto": "x_veto", "major_when_zh": "x_major_when_zh", "hazard_code": "x_hazard", "facility_types": "x_places",
            "applies_if": "x_applies_if" if "x_applies_if" in self.table.at else "relevant",
        }  # fmt: skip
        try:
            return judge()
        except Refused as why:
            self.fault(number, columns.get(why.field or "", "name"), "item.refused", why=why.message)
            return None

    def word(self, number: int, told: dict[str, str], column: str, known: Mapping[str, Any], usual: str | None) -> str | None:
        text = told.get(column, "")
        if text and text not in known:
            self.out.faults.append(_unknown(self.table.where(number, column), text, known))
        return text or usual

    def flag(self, number: int, told: dict[str, str], column: str) -> bool:
        text = told.get(column, "").lower()
        if text not in ("", "yes", "no", "true", "false", "1", "0"):
            self.fault(number, column, "flag.unread")
        return text in ("yes", "true", "1")

    def times(self, number: int, told: dict[str, str]) -> int:
        text = told.get("x_times", "") or "1"
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 24):
            self.fault(number, "x_times", "times.unread")
            return 1
        return int(text)

    def places(self, number: int, told: dict[str, str]) -> list[str]:
        if not told.get("x_places"):
            return list(self.out.content["facility_types"])
        return _words(self.out, self.table, number, "x_places", told["x_places"])

    def condition(self, number: int, told: dict[str, str]) -> str | None:
        text = told["x_applies_if"] if "x_applies_if" in told else told.get("relevant", "")
        found: str | None = self.refused(number, lambda: conditions.normal(text))
        return found

    def basis(self, number: int, text: str) -> list[contents.Content]:
        found = []
        for line in filter(None, map(str.strip, text.splitlines())):
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 5 or parts[2] not in SEEN or not all((parts[0], parts[3], parts[4])):
                self.fault(number, "x_basis", "basis.unread")
                continue
            found.append(dict(zip(("basis", "clause", "seen", "zh", "en"), parts, strict=True)))
        return found
