"""典型问题: three to five cases chosen by a stated rule, with photo, clause, demand, deadline and standing (§8 row 14).

Only what may be published: the place was heard or its time to answer is over, and no case check lies behind it. Persons are
masked; photos are those of things and places that belong to the hazard and to the reply that put it right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import compared
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "typical"
MOST, LOOKED_AT = 5, 60


def collect(g: Gather) -> Json | None:
    """{cases [{number, facility, township, severity, source, what, where, basis [{zh, en, clause}], demand, found_on, due_on,
    right_on, late, repeat, photos [{sha256, kind}]}]}; their photos stand in data["photos"]. None for a facility.
    """
    from eldercare.core import papers, secrets  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.hazards import queries  # noqa: PLC0415
    from eldercare.hazards.orders.queries import bases  # noqa: PLC0415
    from eldercare.inspections.queries import names_at, untold_hazards  # noqa: PLC0415

    if g.facility is not None:
        return None
    last = compared.until(g)
    found = queries.telling(g.scope, g.period.first, last, LOOKED_AT)
    untold = untold_hazards(g.scope, [hazard.id for hazard, _ in found])
    chosen: dict[int, tuple[Any, bool]] = {}
    for hazard, again in found:  # one a place, in the order of the rule
        if hazard.id not in untold and len(chosen) < MOST:
            chosen.setdefault(hazard.facility_id, (hazard, again))
    hazards = [hazard for hazard, _ in chosen.values()]
    basis, names = bases(g.scope, hazards), names_at(g.scope, list(chosen))
    pictures = _pictures(g, hazards, last)
    cases = []
    for hazard, again in chosen.values():
        right = hazard.right_on if hazard.right_on is not None and hazard.right_on <= last else None
        persons = names[hazard.facility_id]
        photos = [{**each, "sha256": papers.photo(each["sha256"])} for each in pictures.get(hazard.id, [])]
        g.data.setdefault("photos", []).extend(each["sha256"] for each in photos)
        cases.append({
            "number": hazard.number, "facility": hazard.facility.name, "township": g.names[hazard.township_id]["code"],
            "severity": hazard.severity, "source": "self" if hazard.finder == "home" else
            "inspection" if hazard.finder == "officer" else hazard.finder,
            "what": secrets.without_persons(hazard.description, persons),
            "where": secrets.without_persons(hazard.place_note, persons),
            "basis": basis[hazard.id], "demand": secrets.without_persons(hazard.demand, persons),
            "found_on": hazard.found_on.isoformat(), "due_on": hazard.due_on.isoformat(),
            "right_on": right.isoformat() if right else None, "late": max(((right or last) - hazard.due_on).days, 0),
            "repeat": again, "photos": photos,
        })  # fmt: skip
    return {"cases": cases}


def _pictures(g: Gather, hazards: list[Any], last: Any) -> dict[int, list[Json]]:
    """By hazard, one photo of how it was found and one of how it was put right by the end of the period."""
    from eldercare.core import attachments  # noqa: PLC0415
    from eldercare.hazards.queries import replies_right  # noqa: PLC0415

    right = [each.id for each in hazards if each.right_on is not None and each.right_on <= last]
    replies = replies_right(g.scope, right)
    before = attachments.of_many(g.scope, "hazard", [each.id for each in hazards])
    after = attachments.of_many(g.scope, "hazard_reply", list(replies.values()))
    out: dict[int, list[Json]] = {}
    for hazard in hazards:
        for kind, rows in (("before", before.get(hazard.id, [])), ("after", after.get(replies.get(hazard.id, 0), []))):
            shown = next((each for each in rows if each.kind == kind and each.is_picture), None)
            if shown is not None:
                out.setdefault(hazard.id, []).append({"sha256": shown.sha256, "kind": kind})
    return out


def blocks(data: Data, w: Words) -> list[show.Block]:
    """The rule, then each case."""
    cases = data[KEY]["cases"]
    if not cases:
        return [show.empty(w("ty_none"))]
    return [show.words([w("ty_rule", n=w.n(len(cases)))]), *[_case(n, each, w) for n, each in enumerate(cases, start=1)]]


def _case(n: int, case: Data, w: Words) -> show.Block:
    basis = w("ty_semicolon").join(" ".join(filter(None, (w.place(each), each["clause"]))) for each in case["basis"])
    where = w("ty_where", where=case["where"]) if case["where"] else ""
    repeat = w("ty_repeat") if case["repeat"] else ""
    facts = [
        (w("ty_what"), case["what"] + where + repeat),
        (w("ty_basis"), basis or w("none")), (w("ty_demand"), case["demand"] or w("none")),
        (w("ty_due"), w.day(case["due_on"])), (w("ty_standing"), _standing(case, w)),
    ]  # fmt: skip
    title = w("ty_title", n=n, home=case["facility"], severity=w("sev_" + case["severity"]))
    said = w("ty_found", day=w.day(case["found_on"]), source=w("hz_src_" + case["source"]), number=case["number"])
    photos = [{"sha256": each["sha256"], "words": w("ty_" + each["kind"], home=case["facility"])} for each in case["photos"]]
    return show.case(title, facts, [said], photos, drill=f"/hazards/?stage=&q={case['number']}")


def _standing(case: Data, w: Words) -> str:
    if case["right_on"]:
        return w("ty_right_late" if case["late"] else "ty_right", day=w.day(case["right_on"]), n=w.n(case["late"]))
    return w("ty_late", n=w.n(case["late"])) if case["late"] else w("ty_open")
