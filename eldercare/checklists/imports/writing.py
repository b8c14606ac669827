"""A version as the sheets of an XLSForm."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from eldercare.checklists.checks.models import RESULT_WORDS
from eldercare.checklists.models import FACILITY_WORDS, SEEN_WORDS
from eldercare.checklists.queries import conditions, contents

ZH, EN = "\u4e2d\u6587 (zh)", "English (en)"
RESULT, STRICT = "result", "result_strict"  # what is major cannot be partly in order
HELPERS = ("_reason", "_photo", "_major")
SURVEY = (
    "type", "name", f"label::{ZH}", f"label::{EN}", f"hint::{ZH}", f"hint::{EN}", "required", "relevant", "parameters",
    "x_severity", "x_veto",
    "x_photo", "x_frequency", "x_times", "x_window", "x_method", "x_places", "x_applies_if", "x_hazard", f"x_major_when::{ZH}",
    f"x_major_when::{EN}", "x_basis",
)  # fmt: skip


def _both(words: Any) -> tuple[str, str]:
    """A word of the catalogue in Chinese and in English."""
    said = []
    for language in ("zh_Hans_CN", "en"):
        with force_locale(language):
            said.append(str(words() if callable(words) else words))
    return said[0], said[1]


def as_sheets(code: str, number: int, content: contents.Content) -> dict[str, list[list[str | None]]]:
    """The three sheets of a version, each with its headings first."""
    asked = [item["applies_if"] for area in content["areas"] for item in area["items"] if item["applies_if"]]
    names = list(dict.fromkeys(name for condition in asked for name in conditions.attributes(condition)))
    rows: list[dict[str, str | None]] = [{"type": "start", "name": "start"}, {"type": "end", "name": "end"}, *_place(names)]
    for area in content["areas"]:
        rows.append(_row("begin_group", area["code"], (area["zh"], area["en"])))
        for item in area["items"]:
            rows += _question(item, content)
        rows.append({"type": "end_group", "name": area["code"]})
    return {
        "survey": [list(SURVEY), *([row.get(name) for name in SURVEY] for row in rows)],
        "choices": [["list_name", "name", f"label::{ZH}", f"label::{EN}"], *_choices(content, names)],
        "settings": _settings(code, number, content),
    }


def _row(kind: str, name: str, labels: tuple[str, str], **more: str | None) -> dict[str, str | None]:
    return {"type": kind, "name": name, f"label::{ZH}": labels[0], f"label::{EN}": labels[1], **more}


def _place(names: Sequence[str]) -> Iterator[dict[str, str | None]]:
    """What the conditions ask of the place, asked first."""
    yield _row("begin_group", "place", _both(_l("The place")))
    yield _row("select_one facility_type", "facility_type", _both(_l("Kind of place")), required="yes")
    for name in names:
        if name in conditions.CHOICES:
            if name != "facility_type":
                yield _row(f"select_one {name}", name, _both(conditions.CHOICES[name][0]))
        else:
            yield _row("select_one yes_no", name, _both(conditions.ATTRIBUTES[name][0]))
    yield {"type": "end_group", "name": "place"}


def _question(item: Mapping[str, Any], content: contents.Content) -> Iterator[dict[str, str | None]]:
    code, when = item["code"], f"${{{item['code']}}}"
    parts = item["severity"] in content["rule"]["partial_for"]
    basis = item["basis"]
    hints = ["\n".join(_cited(each, name) for each in basis) or None for name in ("zh", "en")]
    yield _row(
        f"select_one {RESULT if parts else STRICT}", code, (item["zh"], item["en"]), relevant=_relevant(item, content),
        x_severity=item["severity"], x_veto=_yes(item["veto"]), x_photo=_yes(item["photo_required"]),
        x_frequency=item["frequency"],
        x_times=str(item["times_per_period"]), x_window=item["patrol_window"], x_method=item["method"],
        x_places=" ".join(item["facility_types"]), x_applies_if=item["applies_if"], x_hazard=item["hazard_code"],
        x_basis="\n".join(" | ".join(each[name] for name in ("basis", "clause", "seen", "zh", "en")) for each in basis),
        **{f"hint::{ZH}": hints[0], f"hint::{EN}": hints[1], f"x_major_when::{ZH}": item["major_when_zh"],
           f"x_major_when::{EN}": item["major_when_en"]},
    )  # fmt: skip
    found = " or ".join(f"{when} = '{each}'" for each in (("partial",) if parts else ()) + ("nonconform", "not_applicable"))
    yield _row("text", f"{code}_reason", _both(_l("Reason")), relevant=found, required="yes")
    if item["photo_required"]:
        seen = " or ".join(f"{when} = '{each}'" for each in ("conform", *(("partial",) if parts else ()), "nonconform"))
        yield _row("image", f"{code}_photo", _both(_l("Photo")), relevant=seen, parameters="max-pixels=2000")
    if item["major_when_zh"]:
        labels = _both(_l("Is it a major hazard? It is when:"))
        said = (f"{labels[0]} {item['major_when_zh']}", f"{labels[1]} {item['major_when_en']}")
        yield _row("select_one yes_no", f"{code}_major", said, relevant=f"{when} = 'nonconform'")


def _cited(each: Mapping[str, str], language: str) -> str:
    certain = _both(SEEN_WORDS[each["seen"]])[language == "en"]
    return f"{each[language]} {each['clause']} ({certain})".replace("  ", " ")


def _relevant(item: Mapping[str, Any], content: contents.Content) -> str | None:
    """When the question is asked: the kinds of place, where not all of the list's, and the condition."""
    ways = []
    kinds = [kind for kind in content["facility_types"] if kind in item["facility_types"]]
    if kinds and len(kinds) < len(content["facility_types"]):
        ways.append(" or ".join(f"${{facility_type}} = '{kind}'" for kind in kinds))
    if item["applies_if"]:
        ways.append(conditions.as_xpath(item["applies_if"]))
    return " and ".join(f"({each})" for each in ways) if len(ways) > 1 else ways[0] if ways else None


def _yes(flag: bool) -> str:  # noqa: FBT001
    return "yes" if flag else "no"


def _choices(content: contents.Content, names: Sequence[str]) -> Iterator[list[str | None]]:
    lists: dict[str, Mapping[str, Any]] = {
        RESULT: RESULT_WORDS, STRICT: {name: words for name, words in RESULT_WORDS.items() if name != "partial"},
        "yes_no": {"yes": _l("yes"), "no": _l("no")},
        "facility_type": {kind: FACILITY_WORDS[kind] for kind in content["facility_types"]},
    }  # fmt: skip
    lists |= {name: conditions.CHOICES[name][1] for name in names if name in conditions.CHOICES and name != "facility_type"}
    for name, values in lists.items():
        for value, words in values.items():
            yield [name, value, *_both(words)]


def _settings(code: str, number: int, content: contents.Content) -> list[list[str | None]]:
    told = {
        "form_title": content["zh"], "form_id": code, "version": str(number), "default_language": ZH, "x_title_zh": content["zh"],
        "x_title_en": content["en"], "x_note_zh": content["note_zh"], "x_note_en": content["note_en"],
        "x_places": " ".join(content["facility_types"]), "x_rule": json.dumps(content["rule"], sort_keys=True),
    }  # fmt: skip
    return [list(told), list(told.values())]
