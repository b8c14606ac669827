"""床位与入住: three bed counts, both rates beside their denominators, movements; family beds apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import pictures, story, tables
from reports._paper.words import Words
from reports._parts.key_figures import HOMES

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "capacity"


def collect(g: Gather) -> Json | None:
    """{institutions, COUNTS…, rows [{code, name, township, ownership, stationed, COUNTS…}], townships [{code, zh, en,
    institutions, COUNTS…, family_beds}], facilities [{facility_type, operating, preparing, suspended, total}]} with COUNTS =
    beds_filed, beds_set, beds_usable, beds_nursing (null where not on file), opening, admissions, discharges, deaths, closing.
    """
    from eldercare.homecare import queries as homecare  # noqa: PLC0415 — the drawing process needs none of this
    from reports._paper import figures  # noqa: PLC0415

    if g.facility is not None and not g.is_home:
        return None
    found = figures.capacity(g)
    townships: list[Json] = []
    if g.level == "district":
        family, _ = homecare.family_bed_counts(g.scope, g.period.last)
        served = {each.township_id: each.beds for each in family if each.township_id is not None}
        townships = figures.by_township(found["rows"], g.names, served)
    types = figures.facility_types(g.scope) if g.facility is None else []
    return {**found, "townships": townships, "facilities": types}


def indicators(g: Gather) -> list[Json]:
    """Beds, rates, movements, and the family care beds beside them."""
    from reports._paper import figures  # noqa: PLC0415

    found = figures.bed_indicators(g)
    if g.data["family_beds"]:
        found.append(figures.one("family_beds", figures.over_time(g, "family_beds")))
    return found


def blocks(data: Data, w: Words) -> list[show.Block]:
    """By township and by institution in the district; the homes themselves elsewhere."""
    level, capacity = data["place"]["level"], data["capacity"]
    if level == "facility":
        return [show.table(tables.homes(data, w)), show.words([story.balance(capacity, w), story.vacant(capacity, w)])]
    family = w("n_family", n=w.n(data["family_beds"]["in_service"]))
    if not capacity["institutions"]:
        moved = [w("s_no_homes", family=w.n(data["family_beds"]["in_service"])), family]
        return [show.words(moved), show.h3(w("h_facilities")), show.table(tables.facilities(data, w))]
    moved = [story.balance(capacity, w), story.vacant(capacity, w), family]
    chart = show.picture(pictures.institutions(data, w))
    last = [show.h3(w("h_facilities")), show.table(tables.facilities(data, w), drill="/facilities/")]
    if level == "township":
        return [show.table(tables.homes(data, w)), show.h3(w("h_movements")), show.words(moved),
                show.table(tables.moves(data, w)), chart, *last]  # fmt: skip
    return [
        show.h3(w("h_by_township")), show.picture(pictures.occupancy_map(data, w)),
        show.table(tables.by_township(data, w), drill=HOMES),
        show.h3(w("h_movements")), show.words(moved), show.h3(w("h_by_institution")), chart, *last,
    ]  # fmt: skip


def definitions(data: Data, w: Words) -> list[str]:
    """What the bed counts and the rates mean."""
    target = data["rules"]["nursing_target_percent"]
    return [w("def_beds"), w("def_residence"), w("def_occupancy"), w("def_nursing", target=target)]
