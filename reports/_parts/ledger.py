"""隐患整改台账: every hazard that is open at the end of the period or was put right in it, all of them, one line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "ledger"
WIDE = True
MOST = 5000


def collect(g: Gather) -> Json | None:
    """{total, rows [{id, number, facility, place, found_on, what, clauses [{zh, en, clause}], severity, due_on, extended,
    replied_on, result ("passed" | "failed" | null), rechecked_on, right_on, late, fixed}]}: open ones first, the gravest,
    the first due; persons masked, and what came after the period left out.
    """
    from eldercare.core import calendar, secrets  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.hazards import queries  # noqa: PLC0415
    from eldercare.hazards.orders import queries as orders  # noqa: PLC0415
    from eldercare.inspections.queries import names_at  # noqa: PLC0415

    last = g.period.last
    hazards, total = queries.of_period(g.scope, g.period.first, last, MOST)
    replies, clauses = queries.replies_of(g.scope, [each.id for each in hazards]), orders.bases(g.scope, hazards)
    names = names_at(g.scope, sorted({each.facility_id for each in hazards}))

    def day(moment: Any) -> str | None:
        return calendar.local(moment).date().isoformat() if moment is not None and moment < g.period.cutoff else None

    rows = []
    for each in hazards:
        known = [one for one in replies.get(each.id, ()) if one.replied_at < g.period.cutoff]
        newest = known[-1] if known else None
        seen = newest is not None and newest.rechecked_at is not None and newest.rechecked_at < g.period.cutoff
        right = each.right_on if each.right_on is not None and each.right_on <= last else None
        masked = names[each.facility_id]
        rows.append({
            "id": each.id, "number": each.number, "facility": each.facility.name,
            "place": secrets.without_persons(each.place_note, masked),
            "found_on": each.found_on.isoformat(), "what": secrets.without_persons(each.description, masked),
            "clauses": [{key: rule[key] for key in ("zh", "en", "clause")} for rule in clauses[each.id][:1]],
            "severity": each.severity, "due_on": each.due_on.isoformat(), "extended": each.first_due_on is not None,
            "replied_on": day(newest.replied_at) if newest else None,
            "result": newest.result if newest is not None and seen else None,
            "rechecked_on": day(newest.rechecked_at) if newest is not None and seen else None,
            "right_on": right.isoformat() if right else None, "late": max(((right or last) - each.due_on).days, 0),
            "fixed": each.fixed_on_spot,
        })  # fmt: skip
    return {"total": total, "rows": rows}


def blocks(data: Data, w: Words) -> list[show.Block]:
    """One wide table; a line says all, from the number to how it stands."""
    found, level = data[KEY], data["place"]["level"]
    if not found["rows"]:
        return [show.empty(w("lg_none"))]
    rows, classes = [], {}
    for i, each in enumerate(found["rows"]):
        standing, classes[i] = _standing(each, w)
        place = [] if level == "facility" else [each["facility"]]
        rows.append([each["number"], *place, _what(each, w), _clause(each, w), w("lg_sev_" + each["severity"]),
                     each["found_on"], each["due_on"] + (w("lg_extended") if each["extended"] else ""),
                     each["replied_on"] or w("none"), _recheck(each, w), standing])  # fmt: skip
    columns: list[tuple[str, float]] = [(w("lg_c_number"), -32)]
    if level != "facility":
        columns.append((w("c_facility"), -34))
    columns += [(w("lg_c_what"), -54), (w("lg_c_clause"), -44), (w("lg_c_severity"), -15), (w("lg_c_found"), -26),
                (w("lg_c_due"), -26), (w("lg_c_reply"), -26), (w("lg_c_recheck"), -27), (w("lg_c_standing"), -25)]  # fmt: skip
    more = found["total"] - len(found["rows"])
    note = w("lg_more", n=w.n(more)) if more else w("lg_all", n=w.n(found["total"]))
    drawn = tables.table("", columns, rows, classes=classes, note=note, keep=False, whole=True)
    return [show.table(drawn, drill="/hazards/?stage=", links=[f"/hazards/{each['id']}" for each in found["rows"]])]


def _what(each: Data, w: Words) -> str:
    return w("lg_where", what=each["what"], place=each["place"]) if each["place"] else str(each["what"])


def _clause(each: Data, w: Words) -> str:
    return " ".join(filter(None, (w.place(each["clauses"][0]), each["clauses"][0]["clause"]))) if each["clauses"] else w("none")


def _recheck(each: Data, w: Words) -> str:
    if each["fixed"]:
        return w("lg_spot")
    if each["result"] is None and each["right_on"]:  # known today, not by the end of the period
        return w("lg_after")
    if each["result"] is None:
        return w("lg_waits") if each["replied_on"] else w("none")
    return w("lg_" + each["result"], day=each["rechecked_on"])


def _standing(each: Data, w: Words) -> tuple[str, str]:
    late = w("lg_late", n=w.n(each["late"])) if each["late"] else ""
    if each["right_on"]:
        return w("lg_right") + late, "" if each["late"] else "good"
    return w("lg_open") + late, "bad" if each["late"] else "near"
