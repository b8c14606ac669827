"""老年人状况: age and sex, ability, household and living, changes of the register, townships or villages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import pictures, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "residents"


def collect(g: Gather) -> Json | None:
    """{ages [{band, male, female}], ability [{level, count}] ("unassessed" last), household, living, left_behind, turnover
    {opening, registered, moved_out, deceased, closing} or null, townships [{code, zh, en, elders, advanced, living_alone,
    disabled, poor}], villages []}; those in residence of an institution.
    """
    from reports._paper import figures  # noqa: PLC0415 — the drawing process needs none of this

    level = g.data["rules"]["disabled_level"]
    if g.facility is not None:
        return figures.people_here(g, level) if g.is_home else None
    people = figures.people(g.scope, g.period)
    rows, people["left_behind"] = figures.elders_by_township(g.scope, g.period, level)
    return {**people, "townships": rows if g.level == "district" else []}


def indicators(g: Gather) -> list[Json]:
    """How many, and the share of advanced age."""
    from reports._paper import figures  # noqa: PLC0415

    known = [] if g.facility is not None else [figures.one("elders", figures.over_time(g, "elders"))]
    old = figures.advanced(g)
    return [*known, old] if old["value"] else known


def title(data: Data, w: Words) -> str:
    """Of an institution: those in residence."""
    return w("h_people_here" if data["place"]["level"] == "facility" else "h_residents")


def blocks(data: Data, w: Words) -> list[show.Block]:
    """Pyramid and bars with their tables."""
    ages, ability = show.picture(pictures.ages(data, w)), show.picture(pictures.ability(data, w))
    if data["place"]["level"] == "facility":
        both = show.pair([show.table(tables.ages(data, w))], [show.table(tables.ability(data, w))])
        return [ages, ability, both, show.table(tables.household(data, w))]
    note = " ".join([w("n_living"), w("left_behind", n=w.n(data["residents"]["left_behind"]))])
    living = [show.table(tables.living(data, w)), show.note(note)]
    out = [
        show.h3(w("h_ages")), ages, show.table(tables.ages(data, w), drill="/residents/"),
        show.h3(w("h_ability")), ability, show.table(tables.ability(data, w), drill="/residents/"),
        show.h3(w("h_household")), show.pair([show.table(tables.household(data, w))], living),
        show.h3(w("h_turnover")), show.table(tables.turnover(data, w)),
    ]  # fmt: skip
    if data["residents"]["townships"]:
        out += [show.h3(w("h_elders_by_township")), show.table(tables.elders(data, w), drill="/residents/")]
    elif data["residents"]["villages"]:
        out += [show.h3(w("h_elders_by_village")), show.table(tables.elders(data, w), drill="/residents/")]
    return out


def definitions(data: Data, w: Words) -> list[str]:
    """Who counts, and what disabled means."""
    rules = data["rules"]
    ability = w("def_ability", level=rules["disabled_level"], months=rules["assessment_months"])
    return [ability] if data["place"]["level"] == "facility" else [w("def_elders"), ability]
