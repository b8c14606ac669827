"""The acts on lists, drafts and what is in them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Regexp, StopValidation

from eldercare.checklists import listing, queries
from eldercare.checklists.models import (
    CODE,
    CONFIDENCE_WORDS,
    FACILITY_WORDS,
    FREQUENCY_WORDS,
    METHOD_WORDS,
    SEEN_WORDS,
    SEVERITY_WORDS,
    WINDOW_WORDS,
    ChecklistArea,
    ChecklistItem,
    ChecklistVersion,
    MajorHazard,
)
from eldercare.checklists.queries import contents
from eldercare.core import calendar
from eldercare.core.forms import Day, Form, LongText, Measure, Pick, PickMany, PickOne, Text, Tick, Upload, Whole
from eldercare.core.scope import Scope

Row = ChecklistArea | ChecklistItem | MajorHazard
BASES = 5  # rules an item cites at most in the form; one with more keeps room for one more
CODE_RULE = Regexp(CODE, message=_l("Write capital letters and digits, with hyphens between the parts: INS-FIR-01."))
CODE_HELP = _l("Capital letters and digits, with hyphens between the parts: INS-FIR-01. Never used for two things.")
NO_BAR = Regexp("^[^|]*$", message=_l("Leave out the sign |."))


def _code() -> Text:
    return Text(_l("Code"), required=True, longest=30, rules=(CODE_RULE,), width="short", help=CODE_HELP)


class _Worded(Form):
    """What has a text in both languages."""

    zh = LongText(_l("Chinese text"), required=True, longest=500, rows=2)
    en = LongText(_l("English text"), required=True, longest=1000, rows=2)


class NewForm(Form):
    """A list that did not exist."""

    code = Text(_l("Code"), required=True, longest=60, width="medium", help=_l("Small letters, digits and _: home_kitchen."),
                rules=(Regexp("^[a-z][a-z0-9_]*$", message=_l("Write small letters, digits and _, beginning with a letter.")),))
    zh = Text(_l("Name in Chinese"), required=True, longest=100)
    en = Text(_l("Name in English"), required=True, longest=200)
    facility_types = PickMany(_l("Kinds of place"), choices=tuple(FACILITY_WORDS.items()), required=True)

    def content(self) -> contents.Content:
        """The empty list."""
        return contents.empty(self.zh.data or "", self.en.data or "", list(self.facility_types.data or []))


class VersionForm(Form):
    """A draft's own words."""

    zh = Text(_l("Name in Chinese"), required=True, longest=100)
    en = Text(_l("Name in English"), required=True, longest=200)
    note_zh = Text(_l("Note in Chinese"), longest=300, help=_l("Who uses the list and how often."))
    note_en = Text(_l("Note in English"), longest=300)
    facility_types = PickMany(_l("Kinds of place"), choices=tuple(FACILITY_WORDS.items()))

    @classmethod
    def of(cls, version: ChecklistVersion) -> "VersionForm":
        """The form of a draft; the table of hazards is for no kind of place."""
        form = cls(obj=version)
        if listing.is_hazards(version):
            del form.facility_types
        return form

    def values(self) -> dict[str, Any]:
        """The version's columns."""
        said = {"zh": self.zh.data, "en": self.en.data, "note_zh": self.note_zh.data or "", "note_en": self.note_en.data or ""}
        return said | ({"facility_types": list(self.facility_types.data or [])} if "facility_types" in self else {})


def _points(label: Any, least: float = 0, most: float = 100) -> Measure:
    return Measure(label, required=True, least=least, most=most, places=1)


class RuleForm(Form):
    """The rule of scoring of a draft (domain.md §6)."""

    general = Whole(_l("Ordinary"), required=True, least=1, most=100)
    serious = Whole(_l("Serious"), required=True, least=1, most=100)
    major = Whole(_l("Major"), required=True, least=1, most=100)
    partial_for = PickMany(_l("Partly in order allowed for"), choices=tuple(SEVERITY_WORDS.items()))
    excellent = _points(_l("Excellent from"))
    good = _points(_l("Good from"))
    passed = _points(_l("Pass from"))
    veto = _points(_l("At most, with a failed veto item"))
    escalated = _points(_l("At most, with an escalated fault"))
    serious_count = Whole(_l("Serious faults that cap"), required=True, least=1, most=100)
    serious_cap = _points(_l("At most, with so many serious faults"))
    overdue = _points(_l("At most, with a rectification overdue"))
    least_checked = Whole(_l("Least part checked"), required=True, least=1, most=100, unit="%")

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> "RuleForm":
        """Filled with a version's rule."""
        caps, grades = ({name: Decimal(str(value)) for name, value in rule[part].items()} for part in ("caps", "grades"))
        return cls(
            data=rule["weights"] | {
                "partial_for": rule["partial_for"], "excellent": grades["excellent"], "good": grades["good"],
                "passed": grades["pass"], "veto": caps["veto"], "escalated": caps["escalated"], "serious_cap": caps["serious"],
                "overdue": caps["overdue"], "serious_count": rule["serious_count"],
                "least_checked": round(rule["least_checked"] * 100),
            }
        )  # fmt: skip

    def rule(self) -> dict[str, Any]:
        """In the shape of models.RULE."""
        return {
            "weights": {name: self[name].data for name in ("general", "serious", "major")},
            "partial_for": list(self.partial_for.data or []),
            "grades": {"excellent": self.excellent.data, "good": self.good.data, "pass": self.passed.data},
            "caps": {
                "veto": self.veto.data, "escalated": self.escalated.data, "serious": self.serious_cap.data,
                "overdue": self.overdue.data,
            },
            "serious_count": self.serious_count.data, "least_checked": Decimal(self.least_checked.data) / 100,
        }  # fmt: skip


class PublishForm(Form):
    """Why, and from which day on."""

    reason = LongText(_l("Reason"), required=True, longest=500, rows=2, help=_l("Everybody who reads the list sees it."))
    day = Day(_l("In force from"), required=True, help=_l("Today at the earliest. The version before ends on that day."))

    @classmethod
    def usual(cls) -> "PublishForm":
        """From today on, unless told otherwise."""
        return cls(day=calendar.today())


class EndForm(PublishForm):
    """Why a list goes out of use, and from which day on."""

    day = Day(_l("Not in force from"), required=True, help=_l("Today at the earliest."))


class ReasonForm(Form):
    """Why a draft is thrown away."""

    reason = LongText(_l("Reason"), required=True, longest=500, rows=2)


class ImportForm(Form):
    """An XLSForm."""

    file = Upload(_l("XLSForm"), kinds=("xlsx", "xls"), most_mb=5, required=True,
                  help=_l("A workbook with the sheets survey, choices and settings."))

    def content(self) -> bytes:
        """The bytes of what was sent."""
        sent = self.file.data
        return sent.read() if sent is not None else b""


class AreaForm(_Worded):
    """An area of a draft."""

    code = _code()

    def values(self) -> dict[str, Any]:
        """The area's columns."""
        return {"code": self.code.data, "zh": self.zh.data, "en": self.en.data}


class HazardForm(_Worded):
    """A row of the hazard table."""

    code = _code()
    clause = Text(_l("Clause"), required=True, longest=60, width="medium")
    confidence = PickOne(_l("Certainty"), choices=tuple(CONFIDENCE_WORDS.items()), required=True, default="recalled_medium",
                         help=_l("“Official text read” only when the clause was compared with the text as published."))

    def values(self) -> dict[str, Any]:
        """The row's columns."""
        return {name: self[name].data for name in contents.HAZARD}


class ItemForm(_Worded):
    """An item; its legal basis is up to five rules with clause and certainty, the last of which may be new."""

    code = _code()
    area_id = Pick(_l("Area"), required=True, coerce=int)
    severity = PickOne(_l("Severity"), choices=tuple(SEVERITY_WORDS.items()), required=True)
    veto = Tick(_l("Veto: not in order means the whole list fails"))
    photo_required = Tick(_l("Photo required"))
    method = PickOne(_l("How it is checked"), choices=tuple(METHOD_WORDS.items()), required=True, default="onsite")
    frequency = PickOne(_l("How often"), choices=tuple(FREQUENCY_WORDS.items()), required=True, default="monthly")
    times_per_period = Whole(_l("Times in a period"), required=True, least=1, most=24, default=1)
    patrol_window = Pick(_l("When in the day"), choices=tuple(WINDOW_WORDS.items()), empty=_l("at any time"))
    facility_types = PickMany(_l("Kinds of place"), choices=tuple(FACILITY_WORDS.items()), required=True)
    applies_if = Text(_l("Applies if"), longest=300, help=_l("Empty: always. For example: has_elevator and not uses_gas"))
    hazard_code = Pick(_l("Major hazard"), empty=_l("none"), help=_l("The row a fault of this item can amount to."))
    major_when_zh = Text(_l("Major when (Chinese)"), longest=200, help=_l("In which case a fault may be escalated to that row."))
    major_when_en = Text(_l("Major when (English)"), longest=300)
    new_zh = Text(_l("Another rule: name in Chinese"), longest=150, rules=(NO_BAR,))
    new_en = Text(_l("Another rule: name in English"), longest=250, rules=(NO_BAR,))
    new_code = Text(_l("Short sign of the rule"), longest=20, width="short", rules=(CODE_RULE,))
    new_clause = Text(_l("Clause"), longest=60, width="medium", rules=(NO_BAR,))
    new_seen = Pick(_l("Certainty"), choices=tuple(SEEN_WORDS.items()))

    def validate_new_zh(self, field: Any) -> None:
        """A new rule is given whole or not at all."""
        rest = (self.new_en.data, self.new_code.data, self.new_seen.data)
        if any((field.data, *rest)) and not all((field.data, *rest)):
            raise StopValidation(_l("A new rule needs its names in both languages, its short sign and its certainty."))

    @property
    def slots(self) -> list[tuple[Any, Any, Any]]:
        """(rule, clause, certainty) fields, row by row."""
        count = sum(name.startswith("rule_") for name in self._fields)
        return [(self[f"rule_{n}"], self[f"clause_{n}"], self[f"seen_{n}"]) for n in range(count)]

    def basis(self, known: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
        """The legal basis as kept with an item."""
        found = [
            {"basis": rule.data, "zh": known[rule.data]["zh"], "en": known[rule.data]["en"], "clause": clause.data or "",
             "seen": seen.data or "knowledge"}
            for rule, clause, seen in self.slots if rule.data
        ]  # fmt: skip
        if self.new_zh.data:
            found.append({
                "basis": self.new_code.data, "zh": self.new_zh.data, "en": self.new_en.data, "clause": self.new_clause.data or "",
                "seen": self.new_seen.data,
            })  # fmt: skip
        return found

    def values(self, known: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        """The item's columns."""
        said = {name: self[name].data for name in contents.ITEM if name != "basis"}
        return said | {"basis": self.basis(known), "facility_types": list(self.facility_types.data or [])}


def known_bases(scope: Scope) -> dict[str, dict[str, str]]:
    """The rules an item may cite, by their short signs."""
    return {each["basis"]: each for each in queries.known_bases(scope)}


def item_form(
    scope: Scope, version_id: int, known: Mapping[str, Mapping[str, str]], item: ChecklistItem | None = None, **usual: Any
) -> ItemForm:
    """The form of an item, with as many lines of legal basis as it needs."""
    basis = item.basis if item else []
    lines: dict[str, Any] = {}
    rules = [(code, listing.said(each)) for code, each in known.items()]
    for n in range(max(BASES, len(basis) + 1)):
        now = basis[n] if n < len(basis) else {}
        lines[f"rule_{n}"] = Pick(_l("Rule"), choices=rules, empty=_l("none"), default=now.get("basis"))
        lines[f"clause_{n}"] = Text(_l("Clause"), longest=60, default=now.get("clause"), rules=(NO_BAR,))
        lines[f"seen_{n}"] = Pick(_l("Certainty"), choices=tuple(SEEN_WORDS.items()), default=now.get("seen"))
    form: ItemForm = type("ItemForm", (ItemForm,), lines)(obj=item, data=usual or None)
    form.area_id.offer([(area.id, f"{area.code} {listing.said(area)}") for area in queries.areas(scope, version_id)])
    form.hazard_code.offer([(row.code, f"{row.code} {listing.said(row)[:40]}") for row in queries.hazards_in_force(scope)])
    return form


def row_form(scope: Scope, row: Row, known: Mapping[str, Mapping[str, str]]) -> ItemForm | AreaForm | HazardForm:
    """The form of whatever row of a version it is."""
    if isinstance(row, ChecklistItem):
        return item_form(scope, row.version_id, known, row)
    return AreaForm(obj=row) if isinstance(row, ChecklistArea) else HazardForm(obj=row)


def row_values(form: ItemForm | AreaForm | HazardForm, known: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """What `services.change_row` takes."""
    return form.values(known) | {"area_id": form.area_id.data} if isinstance(form, ItemForm) else form.values()


def template_of(row: Row) -> str:
    """Items have a page of their own."""
    return "item" if isinstance(row, ChecklistItem) else "act"
