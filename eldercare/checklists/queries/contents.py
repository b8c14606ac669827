"""A version's content as plain data: one shape for the file, the database, an XLSForm, the hash and comparing.

    {"zh", "en", "note_zh", "note_en", "facility_types": […], "rule": {…},
     "areas": [{"code", "zh", "en", "items": [{"code", "zh", "en", "basis": […], "frequency", …}]}],
     "hazards": [{"code", "clause", "zh", "en", "confidence"}]}

Order counts. The hash is SHA-256 of the canonical JSON of it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eldercare.checklists.models import DATA, HAZARDS, RULE, ChecklistVersion
from eldercare.core import yamlfile

HEAD = ("zh", "en", "note_zh", "note_en", "facility_types", "rule")
AREA = ("code", "zh", "en")
ITEM = (
    "code", "zh", "en", "basis", "frequency", "times_per_period", "patrol_window", "severity", "veto", "photo_required", "method",
    "facility_types", "applies_if", "hazard_code", "major_when_zh", "major_when_en",
)  # fmt: skip
HAZARD = ("code", "clause", "zh", "en", "confidence")
Content = dict[str, Any]


def sha256(content: Mapping[str, Any]) -> str:
    """The hash a version is known by."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def of(version: ChecklistVersion, areas: list[Any], items: list[Any], hazards: list[Any]) -> Content:
    """The content of a version from its rows, each in its order."""
    inside: dict[int, list[Content]] = {area.id: [] for area in areas}
    for item in items:
        inside[item.area_id].append({name: getattr(item, name) for name in ITEM})
    return {
        **{name: getattr(version, name) for name in HEAD},
        "areas": [{**{name: getattr(area, name) for name in AREA}, "items": inside[area.id]} for area in areas],
        "hazards": [{name: getattr(row, name) for name in HAZARD} for row in hazards],
    }


def empty(zh: str, en: str, facility_types: list[str]) -> Content:
    """A list with nothing in it yet."""
    return {
        "zh": zh,
        "en": en,
        "note_zh": "",
        "note_en": "",
        "facility_types": facility_types,
        "rule": RULE,
        "areas": [],
        "hazards": [],
    }


# ---- the catalogue's file --------------------------------------------------------------------------


def from_file(path: Path = DATA) -> tuple[dict[str, Content], Any]:
    """({code: content}, the day a first version comes into force) of a catalogue file, lists first, hazards last."""
    told: dict[str, Any] = yamlfile.read(path)
    rule = _rule(told["scoring"])
    areas = {area["code"]: area for area in told["areas"]}
    found = {each["id"]: _list(each, areas, told["bases"], rule) for each in told["checklists"]}
    hazards = told["major_hazards"]
    rows = [{name: row[name] for name in HAZARD} for row in hazards["items"]]
    name = told["bases"]["MH"]
    found[HAZARDS] = {**empty(name["zh"], name["en"], []), "rule": {}, "hazards": rows}
    return found, told["in_force_from"]


def _rule(scoring: Mapping[str, Any]) -> dict[str, Any]:
    """The file's rule of scoring in our shape."""
    caps = {each["when"]: each["score_cap"] for each in scoring["caps"]}
    count = next(name for name in caps if name.startswith("serious_nonconform_count_at_least_"))
    return {
        "weights": dict(scoring["weights"]),
        "partial_for": list(scoring["partial_allowed_for"]),
        "grades": {each["grade"]: each["min_score"] for each in scoring["grades"] if each["grade"] != "fail"},
        "caps": {
            "veto": caps["any_veto_item_nonconform"], "escalated": caps["any_item_escalated_to_major"], "serious": caps[count],
            "overdue": caps["any_rectification_overdue"],
        },
        "serious_count": int(count.rpartition("_")[2]),
        "least_checked": scoring["completeness"]["min_checked_ratio"],
    }


def _list(told: Mapping[str, Any], areas: Mapping[str, Any], bases: Mapping[str, Any], rule: dict[str, Any]) -> Content:
    inside: dict[str, list[Content]] = {}
    for item in told["items"]:
        inside.setdefault(item["area"], []).append(_item(item, bases))
    return {
        "zh": told["zh"], "en": told["en"], "note_zh": told.get("used_by", ""), "note_en": told.get("used_by_en", ""),
        "facility_types": list(told["facility_types"]), "rule": rule, "hazards": [],
        "areas": [{**{name: areas[code][name] for name in AREA}, "items": items} for code, items in inside.items()],
    }


def _item(told: Mapping[str, Any], bases: Mapping[str, Any]) -> Content:
    when = told.get("major_when") or {}
    basis = [
        {
            "basis": each["basis"],
            "zh": each["name"],
            "en": bases[each["basis"]]["en"],
            "clause": each["clause"],
            "seen": each["seen"],
        }
        for each in told["legal_basis"]
    ]
    same = ("code", "zh", "en", "frequency", "severity", "veto", "photo_required", "method")
    return {
        **{name: told[name] for name in same}, "basis": basis, "times_per_period": told.get("times_per_period", 1),
        "patrol_window": told.get("patrol_window"), "facility_types": list(told["facility_types"]),
        "applies_if": told.get("applies_if"), "hazard_code": told.get("major_hazard_ref"),
        "major_when_zh": when.get("zh"), "major_when_en": when.get("en"),
    }


# ---- comparing -------------------------------------------------------------------------------------


@dataclass
class Changes:
    """What one version has that another has not. `changed`: code → {field: (before, after)}; "" is the list itself."""

    added: list[str] = field(default_factory=list)
    removed: list[Content] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    changed: dict[str, dict[str, tuple[Any, Any]]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many rows differ."""
        return len({*self.added, *(each["code"] for each in self.removed), *self.moved, *self.changed})

    def of(self, code: str) -> str:
        """How one row differs: added, changed, moved, or nothing."""
        return "added" if code in self.added else "changed" if code in self.changed else "moved" if code in self.moved else ""


def _rows(content: Content) -> dict[str, Content]:
    """Every item or hazard by its code, with its area."""
    rows = {item["code"]: {**item, "area": area["code"]} for area in content["areas"] for item in area["items"]}
    return rows | {row["code"]: row for row in content["hazards"]}


def _areas(content: Content) -> dict[str, Content]:
    return {area["code"]: {name: area[name] for name in AREA} for area in content["areas"]}


def _stayed(before: list[str], after: list[str]) -> set[str]:
    """The codes whose order among those in both did not change (a longest common subsequence)."""
    place = {code: at for at, code in enumerate(before)}
    best: dict[str, tuple[int, str | None]] = {}
    for at, code in enumerate(after):
        earlier = [each for each in after[:at] if place[each] < place[code]]
        chain = max(earlier, key=lambda each: best[each][0], default=None)
        best[code] = (1 + (best[chain][0] if chain else 0), chain)
    end = max(best, key=lambda each: best[each][0], default=None)
    kept: set[str] = set()
    while end is not None:
        kept.add(end)
        end = best[end][1]
    return kept


def changes(before: Content, after: Content) -> Changes:
    """What `after` changed: rows added, removed, moved within their area, changed by field; areas and the list itself too."""
    old, new = _areas(before) | _rows(before), _areas(after) | _rows(after)
    found = Changes(
        added=[code for code in new if code not in old], removed=[row for code, row in old.items() if code not in new]
    )
    for code, row in new.items():
        if code in old:
            differing = {name: (old[code].get(name), value) for name, value in row.items() if old[code].get(name) != value}
            if differing:
                found.changed[code] = differing
    orders: list[tuple[list[str], list[str]]] = [(list(_areas(before)), list(_areas(after)))]
    orders.append(([row["code"] for row in before["hazards"]], [row["code"] for row in after["hazards"]]))
    inside = {area["code"]: [item["code"] for item in area["items"]] for area in before["areas"]}
    orders += [(inside.get(area["code"], []), [item["code"] for item in area["items"]]) for area in after["areas"]]
    for was, now in orders:
        shared = [[code for code in side if code in was and code in now] for side in (was, now)]
        kept = _stayed(*shared)
        found.moved += [code for code in shared[1] if code not in kept]
    own = {name: (before[name], after[name]) for name in HEAD if before[name] != after[name]}
    if own:
        found.changed = {"": own, **found.changed}
    return found
