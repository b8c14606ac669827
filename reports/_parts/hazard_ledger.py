"""附件 隐患台账: what is open at the end of the period and what was put right in it, one line each (§8 row A)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import compared, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "hazard_ledger"
ANNEX = WIDE = True
MOST = 80


def collect(g: Gather) -> Json | None:
    """{total, rows [{number, facility, township, severity, source, found_on, what, due_on, right_on, late}]}: at most MOST rows,
    the open ones first, the gravest and first due before the others; persons masked.
    """
    from eldercare.core import secrets  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.hazards import queries  # noqa: PLC0415
    from eldercare.inspections.queries import names_at  # noqa: PLC0415

    last = compared.until(g)
    if g.once(queries.begun) is None:
        return {"total": 0, "rows": []}
    hazards, total = queries.of_period(g.scope, g.period.first, last, MOST)
    names = names_at(g.scope, sorted({each.facility_id for each in hazards}))
    rows = []
    for each in hazards:
        right = each.right_on if each.right_on is not None and each.right_on <= last else None
        rows.append({
            "number": each.number, "facility": each.facility.name, "township": g.names[each.township_id]["code"],
            "severity": each.severity, "source": _source(each), "found_on": each.found_on.isoformat(),
            "what": secrets.without_persons(each.description, names[each.facility_id]), "due_on": each.due_on.isoformat(),
            "right_on": right.isoformat() if right else None, "late": max(((right or last) - each.due_on).days, 0),
        })  # fmt: skip
    return {"total": total, "rows": rows}


def _source(hazard: Any) -> str:
    if hazard.source_kind == "incident_action":
        return "incident"
    return {"officer": "inspection", "home": "self"}.get(hazard.finder, str(hazard.finder))


def blocks(data: Data, w: Words) -> list[show.Block]:
    """One wide table, what is beyond it counted."""
    found, level = data[KEY], data["place"]["level"]
    if not found["rows"]:
        return []
    rows, classes = [], {}
    for i, each in enumerate(found["rows"]):
        place = [] if level == "facility" else [each["facility"]]
        late = w("hl_late", n=w.n(each["late"])) if each["late"] else ""
        if each["right_on"]:
            standing = w("hl_right", day=compared.day(each["right_on"], w)) + late
        else:
            standing, classes[i] = (w("hl_open") + late, "bad" if each["late"] else "near")
        rows.append([each["number"], *place, w("hl_sev_" + each["severity"]), w("hz_src_" + each["source"]),
                     compared.day(each["found_on"], w),
                     each["what"], compared.day(each["due_on"], w), standing])  # fmt: skip
    columns: list[tuple[str, float]] = [(w("hl_c_number"), -26)]
    if level != "facility":
        columns.append((w("c_facility"), -40))
    columns += [(w("hz_c_severity"), -15), (w("hz_c_source"), -27), (w("hl_c_found"), -24), (w("hl_c_what"), -66),
                (w("hl_c_due"), -24), (w("hl_c_standing"), -42)]  # fmt: skip
    more = found["total"] - len(found["rows"])
    note = w("hl_more", n=w.n(more)) if more else w("hl_all", n=w.n(found["total"]))
    first, last = compared.days(data)
    drill = f"/hazards/?stage=&found_from={first}&found_to={last}"
    return [show.table(tables.table("", columns, rows, classes=classes, note=note, whole=True), drill=drill)]
