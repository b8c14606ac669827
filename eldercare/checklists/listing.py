"""Checklists put into words: lists, versions, items with their basis, what changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_

from eldercare.checklists.models import (
    COLUMN_WORDS,
    CONFIDENCE_WORDS,
    FACILITY_WORDS,
    FREQUENCY_WORDS,
    HAZARDS,
    METHOD_WORDS,
    ORIGIN_WORDS,
    REASON_WORDS,
    SEEN_WORDS,
    SEVERITY_WORDS,
    STATE_WORDS,
    WINDOW_WORDS,
    Checklist,
    ChecklistArea,
    ChecklistItem,
    ChecklistVersion,
    MajorHazard,
)
from eldercare.checklists.queries import Changes, Content, Standing, conditions
from eldercare.core import calendar, jinja, words
from eldercare.core.audit import AuditEntry
from eldercare.core.listing import Badge, Choice, Column, Flag, Listing, Search

SEVERITY_TONES = {"general": "quiet", "serious": "watch", "major": "bad"}
CONFIDENCE_TONES = {"seen": "good", "recalled_high": "active", "recalled_medium": "watch", "recalled_low": "bad"}
SEEN_TONES = {"primary": "good", "secondary": "active", "knowledge": "watch"}
CHANGE_BADGES = {
    "added": Badge(_l("new"), "good"), "changed": Badge(_l("changed"), "watch"), "moved": Badge(_l("moved"), "active"),
}  # fmt: skip
ORIGINS, FACILITIES = ORIGIN_WORDS, FACILITY_WORDS


def said(row: Any, zh: str = "zh", en: str = "en") -> str:
    """A text that stands in both languages, in the reader's; `row` holds it as attributes or by name."""
    name = zh if jinja.lang() == "zh" else en
    return str((row[name] if isinstance(row, Mapping) else getattr(row, name)) or "")


def kinds(types: Iterable[str]) -> str:
    """Kinds of place in a row."""
    return _(", ").join(str(FACILITY_WORDS[each]) for each in types)


def state_badge(version: ChecklistVersion) -> Badge:
    """A version's state today."""
    if version.state == "draft":
        return Badge(STATE_WORDS["draft"], "active")
    if version.in_force(calendar.today()):
        return Badge(_("In force now"), "good")
    if version.effective_from and version.effective_from > calendar.today():
        return Badge(_("To come"), "watch")
    return Badge(STATE_WORDS["retired"], "quiet")


def version_name(version: ChecklistVersion) -> str:
    """Version 2."""
    return _("Version %(number)s", number=version.number)


def reason_words(reason: str | None) -> str:
    """Why a version was published; what the platform itself gave in the reader's language."""
    return str(REASON_WORDS.get(reason or "", reason or ""))


# ---- items -----------------------------------------------------------------------------------------


def severity_badge(item: Any) -> Badge:
    """How grave a fault is."""
    return Badge(SEVERITY_WORDS[item.severity], SEVERITY_TONES[item.severity])  # type: ignore[arg-type]


def confidence_badge(row: Any) -> Badge:
    """How certain a row of the hazard table is."""
    return Badge(CONFIDENCE_WORDS[row.confidence], CONFIDENCE_TONES[row.confidence])  # type: ignore[arg-type]


def often(item: Any) -> str:
    """Daily, 6 times, by night."""
    parts = [str(FREQUENCY_WORDS[item.frequency])]
    if item.times_per_period > 1:
        parts.append(_("%(times)s times", times=item.times_per_period))
    if item.patrol_window:
        parts.append(str(WINDOW_WORDS[item.patrol_window]))
    return _(", ").join(parts)


def how(item: Any) -> str:
    """How it is checked, and whether with a photo."""
    return _(", ").join([str(METHOD_WORDS[item.method]), *([_("with a photo")] if item.photo_required else [])])


def attribute_words() -> list[tuple[str, str]]:
    """What a condition can ask of a place: (name, what it means or which values it takes)."""
    asked = [(name, str(pair[0])) for name, pair in conditions.ATTRIBUTES.items()]
    return asked + [(f"{name} = {'/'.join(values)}", str(label)) for name, (label, values) in conditions.CHOICES.items()]


def person_words(name: str | None) -> str | None:
    """Who published: the user, or which part of the platform."""
    return str(words.PARTS.get(name, name)) if name else None


def condition_words(condition: str | None) -> str:
    """A condition in plain words; empty without one."""
    return conditions.told(condition) if condition else ""


def cited(each: Mapping[str, str]) -> str:
    """A rule with its clause."""
    return f"{said(each)} {each['clause']}".strip()


def seen_badge(each: Mapping[str, str]) -> Badge:
    """How far the clause was read."""
    return Badge(SEEN_WORDS[each["seen"]], SEEN_TONES[each["seen"]])  # type: ignore[arg-type]


def basis_words(basis: Iterable[Mapping[str, str]]) -> str:
    """A legal basis with how certain it is, in one line."""
    return _("; ").join(f"{cited(each)} ({SEEN_WORDS[each['seen']]})" for each in basis)


def _has(kind: str) -> Any:
    return ChecklistItem.facility_types.contains([kind])


def _matches(text: str) -> Any:
    fields = (ChecklistItem.code, ChecklistItem.zh, ChecklistItem.en)
    return or_(*(field.icontains(text, autoescape=True) for field in fields))


ITEMS = Listing(
    name="items",
    title=_l("Items"),
    ident=ChecklistItem.id,
    link=None,
    columns=(
        Column("code", _l("Code"), lambda row: row.ChecklistItem.code),
        Column("area", _l("Area"), lambda row: said(row, "area_zh", "area_en")),
        Column("zh", _l("Chinese text"), lambda row: row.ChecklistItem.zh),
        Column("en", _l("English text"), lambda row: row.ChecklistItem.en),
        Column("severity", _l("Severity"), lambda row: SEVERITY_WORDS[row.ChecklistItem.severity]),
        Column("veto", _l("Veto"), lambda row: row.ChecklistItem.veto, kind="flag"),
        Column("frequency", _l("How often"), lambda row: often(row.ChecklistItem)),
        Column("method", _l("How it is checked"), lambda row: METHOD_WORDS[row.ChecklistItem.method]),
        Column("photo", _l("Photo required"), lambda row: row.ChecklistItem.photo_required, kind="flag"),
        Column("places", _l("Kinds of place"), lambda row: kinds(row.ChecklistItem.facility_types)),
        Column("applies", _l("Applies if"), lambda row: condition_words(row.ChecklistItem.applies_if)),
        Column("hazard", _l("Major hazard"), lambda row: row.ChecklistItem.hazard_code),
        Column("when", _l("Major when"), lambda row: said(row.ChecklistItem, "major_when_zh", "major_when_en")),
        Column("basis", _l("Legal basis"), lambda row: basis_words(row.ChecklistItem.basis)),
    ),
    filters=(
        Search("q", _l("Code or text"), where=_matches),
        Choice("area", _l("Area"), where=lambda code: ChecklistArea.code == code, quiet=True),
        Choice(
            "severity", _l("Severity"), choices=tuple(SEVERITY_WORDS.items()), where=lambda value: ChecklistItem.severity == value
        ),
        Choice("kind", _l("Kind of place"), choices=tuple(FACILITY_WORDS.items()), where=_has),
        Choice(
            "seen",
            _l("Certainty"),
            choices=tuple(SEEN_WORDS.items()),
            where=lambda value: ChecklistItem.basis.contains([{"seen": value}]), quiet=True,
        ),
        Flag("veto", _l("Veto only"), where=lambda _on: ChecklistItem.veto.is_(True)),
    ),
    order=(ChecklistArea.position, ChecklistArea.id, ChecklistItem.position),
)
HAZARD_ROWS = Listing(
    name="hazards",
    title=_l("Major hazards"),
    ident=MajorHazard.id,
    link=None,
    columns=(
        Column("code", _l("Code")),
        Column("clause", _l("Clause")),
        Column("zh", _l("Chinese text")),
        Column("en", _l("English text")),
        Column("confidence", _l("Certainty"), lambda row: CONFIDENCE_WORDS[row.confidence]),
    ),
    order=(MajorHazard.position,),
)


@dataclass(frozen=True)
class AreaRows:
    """An area with the items a filter left in it."""

    id: int
    code: str
    name: str
    items: list[ChecklistItem]


def area_choices(areas: Iterable[ChecklistArea]) -> dict[str, list[tuple[str, str]]]:
    """A version's areas, for their filter."""
    return {"area": [(area.code, said(area)) for area in areas]}


def by_area(rows: Iterable[Any]) -> list[AreaRows]:
    """Rows of ITEMS under their areas."""
    found: dict[int, AreaRows] = {}
    for row in rows:
        item = row.ChecklistItem
        area = found.setdefault(item.area_id, AreaRows(item.area_id, row.area, said(row, "area_zh", "area_en"), []))
        area.items.append(item)
    return list(found.values())


def with_empty(areas: Iterable[AreaRows], every: Iterable[ChecklistArea]) -> list[AreaRows]:
    """The same with the areas that hold nothing yet: a draft shows them."""
    filled = {area.id: area for area in areas}
    return [filled.get(area.id) or AreaRows(area.id, area.code, said(area), []) for area in every]


# ---- lists -----------------------------------------------------------------------------------------


def _draft_badge(row: Standing) -> Badge | None:
    if row.draft:
        return Badge(_("Draft: version %(number)s", number=row.draft.number), "active")
    return Badge(_("To come: version %(number)s", number=row.coming.number), "watch") if row.coming else None


def standing_badge(row: Standing) -> Badge:
    """Whether a version of the list is in force."""
    if row.current:
        return Badge(version_name(row.current), "good")
    return Badge(_("none in force"), "bad")


LISTS = Listing(
    name="checklists",
    title=_l("Checklists"),
    ident=Checklist.id,
    columns=(
        Column("name", _l("List"), lambda row: said(row.shown), detail=lambda row: said(row.shown, "note_zh", "note_en")),
        Column("kinds", _l("Kinds of place"), lambda row: kinds(row.shown.facility_types) or _("all inspections"), spare=True),
        Column("rows", _l("Items"), kind="number"),
        Column("version", _l("Version in force"), standing_badge, kind="badge"),
        Column("since", _l("In force from"), lambda row: row.current and row.current.effective_from, kind="day"),
        Column("draft", _l("In hand"), _draft_badge, kind="badge"),
    ),
    json=("id", "code", "kind", "zh", "en", "rows", "version_id", "number", "effective_from", "draft_id"),
    empty_title=_l("No checklist is there yet"),
    empty_why=_l("The administrator loads the catalogue with “flask checklists load-catalogue”."),
)


def standing_json(row: Standing) -> dict[str, Any]:
    """A list at the wire."""
    shown, current = row.shown, row.current
    return {
        "id": row.id, "code": row.checklist.code, "kind": row.checklist.kind, "zh": shown and shown.zh, "en": shown and shown.en,
        "rows": row.rows, "version_id": current and current.id, "number": current and current.number,
        "effective_from": current.effective_from.isoformat() if current and current.effective_from else None,
        "draft_id": row.draft and row.draft.id,
    }  # fmt: skip


def is_hazards(of: Any) -> bool:
    """Whether a list (or a version with its list) is the table of major hazards."""
    own = of.checklist if hasattr(of, "checklist") else of
    return bool(own.code == HAZARDS)


def key_facts(version: ChecklistVersion, rows: int, areas: int) -> list[tuple[Any, Any]]:
    """The line under a version's title."""
    facts: list[tuple[Any, Any]] = [(_("Items") if areas else _("Rows"), rows)]
    if areas:
        facts += [(_("Areas"), areas), (_("Kinds of place"), kinds(version.facility_types))]
    if version.state == "draft":
        facts.append((_("Begun by"), person_words(version.created_by)))
    else:
        facts.append((_("In force from"), jinja.day(version.effective_from)))
        if version.effective_to:
            facts.append((_("In force until before"), jinja.day(version.effective_to)))
    return facts


def rule_facts(rule: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """A version's rule of scoring as facts."""
    weights, grades, caps = rule["weights"], rule["grades"], rule["caps"]
    return [
        (_("Weights"), _(", ").join(f"{SEVERITY_WORDS[name]} {weights[name]:g}" for name in SEVERITY_WORDS)),
        (_("Partly in order allowed for"), _(", ").join(str(SEVERITY_WORDS[each]) for each in rule["partial_for"])),
        (_("Grades from"), _("excellent %(excellent)g, good %(good)g, pass %(pass)g", **grades)),
        (_("At most, with a failed veto item"), f"{caps['veto']:g}"),
        (_("At most, with an escalated fault"), f"{caps['escalated']:g}"),
        (_("At most, from %(count)s serious faults on", count=rule["serious_count"]), f"{caps['serious']:g}"),
        (_("At most, with a rectification overdue"), f"{caps['overdue']:g}"),
        (_("Least part checked"), jinja.ratio(rule["least_checked"], 0)),
    ]


# ---- what changed, what happened -------------------------------------------------------------------


def changed_value(key: str, value: Any) -> Any:
    """A value of a version's content in words."""
    if value is None or not (value or isinstance(value, bool | int)):
        return None
    if key == "basis":
        return basis_words(value)
    if key == "applies_if":
        return condition_words(value)
    if key == "rule":
        return _("; ").join(f"{label}: {text}" for label, text in rule_facts(value)) if value else None
    return words.value("checklist_item", key, value)


def change_rows(found: Changes, after: Content) -> list[dict[str, Any]]:
    """What changed, a row a code: {"code", "badge", "text", "changes": [(label, before, after)]}; removed ones last."""
    texts: dict[str, Any] = {"": after}
    for area in after["areas"]:
        texts |= {area["code"]: area, **{item["code"]: item for item in area["items"]}}
    texts |= {row["code"]: row for row in after["hazards"]}
    codes = dict.fromkeys([*found.changed, *found.added, *found.moved])
    out = [
        {
            "code": code, "badge": CHANGE_BADGES[found.of(code)], "text": said(texts[code]),
            "changes": [
                (COLUMN_WORDS.get(key, key), changed_value(key, before), changed_value(key, now))
                for key, (before, now) in found.changed.get(code, {}).items()
            ],
        }
        for code in codes
    ]
    gone = Badge(_l("removed"), "bad")
    return out + [{"code": row["code"], "badge": gone, "text": said(row), "changes": []} for row in found.removed]


def history(entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """What happened, each act on an item with its code."""
    kept = list(entries)
    told = words.told(kept, _renamed)
    for entry, one in zip(kept, told, strict=True):
        if entry.details.get("code"):
            one["words"] = _("%(what)s: %(values)s", what=one["words"], values=entry.details["code"])
    return told


def _renamed(_entity: str, key: str, value: Any) -> Any:
    """What the log keeps as data, in words."""
    return changed_value(key, value) if key in ("basis", "applies_if", "rule") and value else value
