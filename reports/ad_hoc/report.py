"""专题报告: parts, places and time as somebody chose them, made by the same machinery as every other report.

`collect(…, choice)`: {"parts": […], "title": words of one's own or "", "places": […] as the form names them}.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from eldercare.core.calendar import Period
from eldercare.core.scope import Scope
from reports._paper import assemble
from reports._paper.words import Words
from reports.monthly_oversight.report import PARTS as MONTHLY

KIND = "ad-hoc"
CADENCE = "adhoc"
AUDIENCE = "any"
LIFE = "issued"
TEMPLATE_VERSION = "2"
LANGUAGES = ("zh",)
FOLDER = "ad_hoc"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
# what people write, and what an issue owes the issue before, belong to the reports that come round
_NOT = ("assessment", "requirements", "corrections", "later")
_AFTER = {"residents": "service"}
PARTS = tuple(key for each in MONTHLY if each not in _NOT for key in (each, _AFTER.get(each)) if key)
# page 1 points at the parts whose rows ask for a decision; a table needs the part whose figures it draws
NEEDS: dict[str, tuple[str, ...]] = {"summary": ("key_figures", "licences"), "institutions": ("capacity",)}


def chosen(parts: Iterable[str]) -> tuple[str, ...]:
    """The parts with those they cannot stand without, in the order of the report."""
    wanted = set(parts)
    for key in list(wanted):
        wanted |= set(NEEDS.get(key, ()))
    return tuple(key for key in PARTS if key in wanted)


def _counts(parts: Iterable[str]) -> bool:
    """Whether the table of indicators has any to show; chosen by itself it shows those of every part."""
    return "key_figures" not in parts or any(hasattr(assemble.part(key), "indicators") for key in parts)


def collect(scope: Scope, period: Period, choice: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The figures at the end of a period; `scope` reaches the chosen places alone."""
    choice = choice or {"parts": PARTS, "title": "", "places": []}
    wanted = chosen(choice["parts"])
    data = assemble.collect(sys.modules[__name__], scope, period, wanted if _counts(wanted) else PARTS)
    for key in [key for key in data["parts"] if key not in wanted]:  # asked for its indicators alone
        data["parts"].remove(key)
        data.pop(key, None)
    if "capacity" not in data:
        data["parts"] = [key for key in data["parts"] if key != "institutions"]
    if set(data["parts"]) <= {"summary", "key_figures", "definitions"} and not data["indicators"]:
        data["parts"] = []  # nothing of what was chosen applies to such a place
    return data | {"title": choice["title"], "places": list(choice["places"]), "wanted": list(choice["parts"])}


def context(data: Mapping[str, Any], w: Words, fingerprint: str, imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    shown = assemble.context(sys.modules[__name__], data, w, fingerprint, imprint)
    return shown | ({"title": data["title"]} if data["title"] else {})
