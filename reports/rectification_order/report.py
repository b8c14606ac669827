"""责令限期整改通知书: what a place must put right until when, by which rule, what follows if not (domain.md §5.4).

The sealed data are those of `hazards.orders.queries.paper`, below the frame of `reports._paper.paper`, photos made small.
The number is the one the order was given; the stamp is left free. A withdrawn order says so across its head.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eldercare.core.access import P
from eldercare.core.papers import Subject
from eldercare.core.scope import Scope
from reports._paper import paper
from reports._paper.words import Words

KIND = "rectification-order"
CADENCE = "paper"
ENTITY = "rectification_order"
PERMISSION = P.HAZARD_READ
AUDIENCE = "facility"
LIFE = "issued"
TEMPLATE_VERSION = "1"
LANGUAGES = ("zh",)
FOLDER = "rectification_order"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}


def subject(scope: Scope, row_id: int) -> Subject:
    """The order; the place may see it as soon as it is issued."""
    from eldercare.hazards.orders import queries  # noqa: PLC0415 — the drawing process needs none of this

    order = queries.order(scope, row_id)
    return Subject(ENTITY, order.id, order.facility)


def collect(scope: Scope, row_id: int) -> dict[str, Any]:
    """What the order says, with the photos of its hazards."""
    from eldercare.core import papers  # noqa: PLC0415
    from eldercare.hazards.orders import queries  # noqa: PLC0415

    order, said = queries.order(scope, row_id), queries.paper(scope, row_id)
    data = paper.frame(KIND, TEMPLATE_VERSION, subject(scope, row_id), order.withdrawn_at or order.issued_at)
    for hazard in said["hazards"]:
        hazard["photos"] = [{"sha256": papers.photo(each)} for each in hazard["photos"]]
    photos = sorted({each["sha256"] for hazard in said["hazards"] for each in hazard["photos"]})
    return data | {"order": said, "photos": photos}


def context(data: Mapping[str, Any], w: Words, _fingerprint: str, _imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    order = data["order"]
    officers = w("list_sep").join(w("p_officer", name=each["name"], no=each["certificate_no"]) for each in order["officers"])
    withdrawn = order["withdrawn"]
    return {
        "title": w("title"), "number": order["number"], "heading": None, "to": order["recipient"],
        "withdrawn": w("withdrawn", day=w.day(withdrawn["at"]), reason=withdrawn["reason"]) if withdrawn else "",
        "text": w("text", day=w.day(order["issued_on"]), source=order["source"] or w("check"), count=len(order["hazards"]),
                  n=len(order["hazards"])),
        "findings": [_finding(hazard, w) for hazard in order["hazards"]],
        "consequence": order["consequence"], "remedies": order["remedies"], "note": order["note"],
        "facts": [(w("p_facility"), order["recipient"]), (w("p_address"), order["address"] or "—"),
                  (w("p_head"), order["head"] or "—"), (w("p_officers"), officers)],
        "organ": order["organ"], "day": w.day(order["issued_on"]), "receipt": _receipts(order, w),
    }  # fmt: skip


def _finding(hazard: Mapping[str, Any], w: Words) -> dict[str, Any]:
    basis = w("basis_sep").join(" ".join(filter(None, (w.place(each), each["clause"]))) for each in hazard["basis"])
    said = [(w("basis"), basis), (w("demand"), hazard["demand"]), (w("due"), w.day(hazard["due_on"]))]
    where = f"（{hazard['place']}）" if hazard["place"] and w.zh else f" ({hazard['place']})" if hazard["place"] else ""
    return {
        "class": hazard["severity"], "what": f"{hazard['position']}. {hazard['description']}{where}",
        "head": " · ".join(filter(None, (w("sev_" + hazard["severity"]), hazard["number"], hazard["item_code"]))),
        "said": said, "photos": paper.captions(w, hazard["photos"]),
    }  # fmt: skip


def _receipts(order: Mapping[str, Any], w: Words) -> list[tuple[str, str]]:
    """What is known of the service; the blanks of a form where nothing is."""
    rows = [(w("r_to"), order["recipient"])]
    if not order["receipts"]:
        return [*rows, *((w(key), "") for key in ("r_way", "r_at", "r_signed", "r_by"))]
    for each in order["receipts"]:
        said = [w.moment(each["received_at"]), each["received_by"]]
        said += [w("r_" + key, what=each[key]) for key in ("witness", "consent", "post_no") if each[key]]
        rows.append((w("way_" + each["way"]), w("list_sep").join(said)))
    return rows
