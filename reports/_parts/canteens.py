"""助老食堂: the places and their food licences; meals, samples and prices have no source yet (domain notes §8, 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "canteens"


def collect(g: Gather) -> Json | None:
    """{total, seats, rows [{code, name, township, kitchen_mode, seats, meals_per_day, food: "valid" | "expired" | "none_on_file",
    valid_to}]}: canteens that operate; null for a facility that is none.
    """
    from eldercare.core.db import db  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.facilities import queries as facilities  # noqa: PLC0415
    from eldercare.facilities.models import Facility, Licence  # noqa: PLC0415

    if g.facility is not None and g.facility.facility_type != "canteen":
        return None
    places = list(db.session.scalars(facilities.facilities(g.scope, facility_type="canteen", state="operating")))
    papers: dict[int, Any] = {}
    food = facilities.licences(g.scope).where(Facility.facility_type == "canteen", Licence.licence_type == "food")
    for paper, _place, _township in db.session.execute(food.where(Licence.is_current)):
        papers[paper.facility_id] = paper.valid_to
    rows = [
        {
            "code": each.code, "name": each.name, "township": g.names[each.township_id]["code"],
            "kitchen_mode": each.kitchen_mode, "seats": each.seats, "meals_per_day": each.meals_per_day,
            "food": _standing(papers, each.id, g.period.last),
            "valid_to": papers[each.id].isoformat() if papers.get(each.id) else None,
        }
        for each in places
        if each.opened_on is None or each.opened_on <= g.period.last
    ]  # fmt: skip
    return {"total": len(rows), "seats": sum(row["seats"] or 0 for row in rows), "rows": rows}


def _standing(papers: Mapping[int, Any], place: int, day: Any) -> str:
    if place not in papers:
        return "none_on_file"
    return "expired" if papers[place] is not None and papers[place] < day else "valid"


def decisions(data: Data, w: Words) -> list[tuple[int, str]]:
    """Who cooks without a valid food licence: a major hazard (domain notes §7, article 5)."""
    without = [row["name"] for row in data[KEY]["rows"] if row["food"] != "valid"]
    return [(80, w("ca_decide", n=w.n(len(without)), names=w("list_sep").join(without[:3])))] if without else []


def blocks(data: Data, w: Words) -> list[show.Block]:
    """One line, the licences that are not in order, what is not kept."""
    found = data[KEY]
    nothing = show.empty(w("ca_none"))
    if not found["total"]:
        return [show.words([w("ca_no_canteen")]), nothing]
    valid = sum(row["food"] == "valid" for row in found["rows"])
    said = w("ca_said", total=w.n(found["total"]), seats=w.n(found["seats"]), valid=w.n(valid))
    wrong = [row for row in found["rows"] if row["food"] != "valid"]
    rows = [[row["name"], w("ca_" + row["food"]), w.day(row["valid_to"]) if row["valid_to"] else w("none")] for row in wrong]
    columns = [(w("ca_c_name"), -60), (w("ca_c_food"), -30), (w("c_valid_to"), -30)]
    drawn = [show.table(tables.table("", columns, rows), drill="/facilities/?type=canteen")] if rows else []
    return [show.words([said], drill="/facilities/?type=canteen"), *drawn, nothing]
