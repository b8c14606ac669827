"""排名通报: townships and institutions by a rule that stands beside them, every part of the sum shown (domain notes §8, 13).

The rule is this platform's own, with its weights in the settings (`rank_*`), to be confirmed by the bureau. Each of five
components is a share {n, of}; its points are weight × n ÷ of, in tenths. What was not measured has no points and no weight;
score = points ÷ weight measured × 100. Everything is whole numbers, so that whoever adds up the columns arrives at the score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from datetime import date

    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "ranking"
COMPONENTS = ("credit", "rectification", "selfchecks", "inspections", "reporting")
BAD_CLASS = "D"


def collect(g: Gather) -> Json | None:
    """{rule {weights, least, red_from, black_below, points}, institutions [ROW…], townships [ROW…], red [code…], black [code…]}

    with ROW = {id, code, name, township, class | code, zh, en; measures {component: {n, of} | null}, points {component: tenths
    | null}, sum (tenths), weight, score (tenths) | null, rank | null, previous | null, deducted, overdue, major_open, late}. A
    township ranks its institutions; a facility knows nothing of the others: null.
    """
    if g.facility is not None:
        return None
    rule = _rule()
    then = g.times().get("previous")
    before = _ranked(then, rule) if then else ({}, {})
    institutions, townships = _ranked(g, rule)
    for now, earlier in ((institutions, before[0]), (townships, before[1])):
        for code, row in now.items():
            row["previous"] = earlier[code]["rank"] if code in earlier else None
    if not institutions and g.level == "township":
        return None
    homes = _ordered(institutions.values())
    red = [row["code"] for row in homes if _is_red(row, rule)][: rule["named"]]
    black = [row["code"] for row in reversed(homes) if _is_black(row, rule)][: rule["named"]]
    return {
        "rule": rule, "institutions": homes, "townships": _ordered(townships.values()) if g.level == "district" else [],
        "red": red, "black": black,
    }  # fmt: skip


def _rule() -> Json:
    from flask import current_app  # noqa: PLC0415 — the drawing process needs none of this

    settings = current_app.config
    pairs = (each.split(":") for each in settings["RANK_WEIGHTS"])
    weights = {name.strip(): int(number) for name, number in pairs}
    return {
        "weights": {name: weights.get(name, 0) for name in COMPONENTS}, "least": settings["RANK_LEAST_WEIGHT"],
        "red_from": settings["RANK_RED_FROM"], "black_below": settings["RANK_BLACK_BELOW"],
        "named": settings["RANK_NAMED"], "points": settings["CREDIT_POINTS_YEAR"],
    }  # fmt: skip


def _ranked(g: Gather, rule: Json) -> tuple[dict[str, Json], dict[str, Json]]:
    """Institutions and townships with their ranks, by code: six statements, however many places."""
    from eldercare.core.db import db  # noqa: PLC0415
    from eldercare.facilities import queries as facilities  # noqa: PLC0415

    facts = _facts(g)
    places = list(db.session.scalars(facilities.facilities(g.scope)))
    homes = [each for each in places if each.facility_type == "institution" and _was_open(each, g.period.last)]
    institutions = {}
    for each in homes:
        where = {"id": each.id, "code": each.code, "name": each.name, "township": g.names[each.township_id]["code"]}
        institutions[each.code] = where | {"class": each.credit_class} | _scored([each.id], [each.id], facts, rule)
    townships = {}
    for township_id, name in g.names.items():
        own = [each for each in places if each.township_id == township_id]
        classed = [each.id for each in own if each.facility_type in facilities.CLASSED and _was_open(each, g.period.last)]
        townships[name["code"]] = {**name, **_scored([each.id for each in own], classed, facts, rule)}
    for rows in (institutions, townships):
        _rank(list(rows.values()))
    return institutions, townships


def _was_open(place: Any, day: date) -> bool:
    from eldercare.facilities.queries import GONE  # noqa: PLC0415

    if place.state == "preparing" or (place.opened_on and place.opened_on > day):
        return False
    return place.state not in GONE or (place.closed_on is not None and place.closed_on > day)


def _facts(g: Gather) -> dict[str, Any]:
    from eldercare.checklists.checks import queries as checks  # noqa: PLC0415
    from eldercare.core import calendar  # noqa: PLC0415
    from eldercare.hazards import queries as hazards  # noqa: PLC0415
    from eldercare.hazards.credit import queries as credit  # noqa: PLC0415
    from eldercare.incidents.clocks import queries as clocks  # noqa: PLC0415
    from eldercare.selfchecks import queries as selfchecks  # noqa: PLC0415

    first, last = g.period.first, g.period.last
    return {
        "points": credit.points(g.scope, first, last), "hazards": hazards.counts_by_place(g.scope, first, last),
        "rounds": selfchecks.compliance(g.scope, first, last), "scores": checks.scores(g.scope, "inspection", first, last),
        "clocks": clocks.county_by_place(g.scope, calendar.at(first), g.period.cutoff),
    }  # fmt: skip


def _scored(ids: Sequence[int], classed: Sequence[int], facts: Mapping[str, Any], rule: Json) -> Json:
    """The components of some places together, their points and the score."""
    found = [facts["hazards"][each] for each in ids if each in facts["hazards"]]
    rounds = [facts["rounds"][each] for each in ids if each in facts["rounds"]]
    scored = [facts["scores"][each] for each in ids if each in facts["scores"]]
    clocks = [facts["clocks"][each] for each in ids if each in facts["clocks"]]
    deducted = sum(facts["points"].get(each, 0) for each in classed)
    whole = rule["points"] * len(classed)
    count = sum(times for times, _ in scored)
    measures = {
        "credit": _share(max(whole - deducted, 0), whole),
        "rectification": _share(sum(each.in_time for each in found), sum(each.due for each in found)),
        "selfchecks": _share(sum(each.done for each in rounds), sum(each.due for each in rounds)),
        "inspections": _share(round(sum(10 * times * mean for times, mean in scored)), 1000 * count),
        "reporting": _share(sum(met for _, met in clocks), sum(due for due, _ in clocks)),
    }
    points = {name: None if share is None else _half_up(10 * rule["weights"][name] * share["n"], share["of"])
              for name, share in measures.items()}  # fmt: skip
    weight = sum(rule["weights"][name] for name, share in measures.items() if share)
    total = sum(each for each in points.values() if each is not None)
    is_known = weight >= rule["least"]
    return {
        "measures": measures, "points": points, "sum": total, "weight": weight,
        "score": _half_up(100 * total, weight) if is_known else None, "rank": None, "previous": None,
        "deducted": deducted, "overdue": sum(each.overdue for each in found),
        "major_open": sum(each.major_open for each in found), "late": sum(due - met for due, met in clocks),
    }  # fmt: skip


def _share(n: int, of: int) -> Json | None:
    return {"n": n, "of": of} if of else None


def _half_up(n: int, of: int) -> int:
    return (2 * n + of) // (2 * of)


def _rank(rows: Iterable[Json]) -> None:
    """Equal scores share a rank, the next one stands as many places lower (1, 2, 2, 4)."""
    scores = sorted((row["score"] for row in rows if row["score"] is not None), reverse=True)
    for row in rows:
        if row["score"] is not None:
            row["rank"] = scores.index(row["score"]) + 1


def _ordered(rows: Iterable[Json]) -> list[Json]:
    return sorted(rows, key=lambda row: (row["rank"] is None, row["rank"] or 0, row["code"]))


def _against(row: Data) -> list[tuple[str, int]]:
    """What speaks against a place, gravest first: (word, number)."""
    facts = (("major", row["major_open"]), ("class_d", int(row.get("class") == BAD_CLASS)), ("late", row["late"]),
             ("overdue", row["overdue"]))  # fmt: skip
    return [(name, count) for name, count in facts if count]


def _is_red(row: Data, rule: Data) -> bool:
    return row["score"] is not None and row["score"] >= 10 * rule["red_from"] and not _against(row)


def _is_black(row: Data, rule: Data) -> bool:
    return row["score"] is not None and (row["score"] < 10 * rule["black_below"] or bool(_against(row)))


# ---- words ----
def decisions(data: Data, w: Words) -> list[tuple[int, str]]:
    """Whom to call to account."""
    named = _named(data[KEY], "black")
    if data["place"]["level"] != "district" or not named:
        return []
    names = w("list_sep").join(row["name"] for row in named)
    return [(65, w("rk_decide", names=names, part=w.numeral(w.numbers[KEY])))]


def blocks(data: Data, w: Words) -> list[show.Block]:
    """The rule first, then townships, institutions, examples with their reasons."""
    found = data[KEY]
    rest = w("rk_rest", least=found["rule"]["least"])
    out = [show.words([w("rk_rule")]), show.numbered(_rule_words(found["rule"], w)), show.note(rest)]
    if found["townships"]:
        drawn = _table(found["townships"], found, w)
        out += [show.h3(w("rk_townships")), show.table(drawn, drill="/hazards/boards/overview")]
    if found["institutions"]:
        drawn = _table(found["institutions"], found, w, townships=found["townships"])
        links = [f"/facilities/{row['id']}" if "id" in row else None for row in found["institutions"]]
        out += [show.h3(w("rk_institutions")), show.table(drawn, drill="/hazards/credit/", links=links),
                show.h3(w("rk_measures")), show.table(_measures(found["institutions"], w))]  # fmt: skip
    for colour in ("red", "black"):
        named = _named(found, colour)
        said = [w("rk_example", name=row["name"], reason=_reason(row, colour, w)) for row in named]
        out += [show.h3(w("rk_" + colour)), show.words(said) if said else show.empty(w("rk_no_" + colour))]
    return out


def _rule_words(rule: Data, w: Words) -> list[str]:
    return [w("rk_rule_" + name, n=rule["weights"][name], points=w.n(rule["points"])) for name in COMPONENTS]


def _table(rows: Sequence[Data], found: Data, w: Words, townships: Sequence[Data] = ()) -> tables.Table:
    names = {row["code"]: w.short_place(row) for row in townships}
    drawn = []
    for row in rows:
        where = [names.get(row["township"], "")] if names else []
        points = [_tenths(row["points"][name]) if row["points"][name] is not None else w("none") for name in COMPONENTS]
        drawn.append([
            w.n(row["rank"]), row["name"] if "name" in row else w.short_place(row), *where, *points, _tenths(row["sum"]),
            w.n(row["weight"]), _tenths(row["score"]) if row["score"] is not None else w("rk_unknown"), w.n(row["previous"]),
        ])  # fmt: skip
    heads = [(w("rk_c_" + name, n=found["rule"]["weights"][name]), 13) for name in COMPONENTS]
    first = (w("c_institution") if "name" in rows[0] else w("c_township"), -46 if names or "name" in rows[0] else -40)
    columns = [
        (w("rk_c_rank"), 12), first, *([(w("c_township"), -24)] if names else []), *heads, (w("rk_c_sum"), 13),
        (w("rk_c_weight"), 11), (w("rk_c_score"), 14), (w("rk_c_previous"), 11),
    ]  # fmt: skip
    return tables.table("", columns, drawn, note=w("rk_note"), whole=True)


def _measures(rows: Sequence[Data], w: Words) -> tables.Table:
    """What the points follow from."""
    drawn = []
    for row in rows:
        of = row["measures"]
        mean = _tenths(_half_up(1000 * of["inspections"]["n"], of["inspections"]["of"])) if of["inspections"] else w("none")
        counts = [_pair(of[name], w) for name in ("rectification", "selfchecks")]
        drawn.append([row["name"], row["class"] or w("none"), w.n(row["deducted"]), *counts, mean, _pair(of["reporting"], w),
                      w.n(row["overdue"]), w.n(row["major_open"])])  # fmt: skip
    columns = [
        (w("c_institution"), -46), (w("rk_m_class"), 9), (w("rk_m_deducted"), 11), (w("rk_m_rectification"), 17),
        (w("rk_m_selfchecks"), 19), (w("rk_m_inspections"), 13), (w("rk_m_reporting"), 15), (w("rk_m_overdue"), 11),
        (w("rk_m_major"), 12),
    ]  # fmt: skip
    return tables.table("", columns, drawn, note=w("rk_measures_note"), whole=True)


def _pair(share: Data | None, w: Words) -> str:
    return f"{w.n(share['n'])}/{w.n(share['of'])}" if share else w("none")


def _named(found: Data, colour: str) -> list[Data]:
    rows = {row["code"]: row for row in found["institutions"]}
    return [rows[code] for code in found[colour]]


def _reason(row: Data, colour: str, w: Words) -> str:
    """Score first, then what speaks for or against the place."""
    of, said = row["measures"], [w("rk_score", score=_tenths(row["score"]))]
    if colour == "black":
        said += [w("rk_why_" + name, count=count, n=w.n(count)) for name, count in _against(row)]
    for name in ("rectification", "selfchecks"):
        share = of[name]
        if share and (colour == "red" or share["n"] < share["of"]):
            said.append(w("rk_why_" + name, share=w.rate(share["n"], share["of"]), n=w.n(share["n"]), of=w.n(share["of"])))
    if of["inspections"]:
        said.append(w("rk_why_inspections", score=_tenths(_half_up(1000 * of["inspections"]["n"], of["inspections"]["of"]))))
    if row["deducted"]:
        said.append(w("rk_why_credit", n=w.n(row["deducted"])))
    return w("rk_join").join(said)


def _tenths(number: int) -> str:
    """985 → 98.5."""
    return f"{number // 10}.{number % 10}"


def definitions(data: Data, w: Words) -> list[str]:
    """What each component counts, and what makes an example."""
    rule = data[KEY]["rule"]
    return [w("def_ranking", points=w.n(rule["points"]), least=rule["least"], red=rule["red_from"], black=rule["black_below"],
              named=rule["named"])]  # fmt: skip
