"""监督检查: planned and made, by every cut; the year's coverage; officers; draws and what was made public (§8 row 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import compared, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "inspections"
COUNTS = ("planned", "done", "unplanned", "cancelled", "absent")
KINDS = ("daily", "double_random", "special", "joint", "case", "recheck")
LATE_IN_YEAR = 10  # from this month on, homes not visited yet are a matter for the leaders


def collect(g: Gather) -> Json | None:
    """{times, kinds [{kind, COUNTS}], types [{facility_type, COUNTS}], townships [{code, zh, en, COUNTS, asked, visited}],
    coverage {year, asked, visited, unvisited [name], classes [{credit_class, least, most, homes, visits, met, over}],
    types [{facility_type, asked, visited}]}, officers {certified, out, visits, rows [{name, visits, led}]}, draws [{batch,
    title, drawn_on, eligible, picked, is_void, is_public, made, published}], publication {due, in_time, late},
    visits [{day, kind, number, result}]} with COUNTS = planned, done, unplanned, cancelled, absent; names of officers masked.
    """
    from eldercare.facilities.models import TYPES  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.inspections.plans import queries  # noqa: PLC0415

    now = queries.made(g.scope, g.period.first, g.period.last)

    def counts(each: Gather) -> dict[str, int]:
        return compared.summed(now if each is g else queries.made(each.scope, each.period.first, each.period.last), COUNTS)

    found = compared.times(g, counts, queries.begun(g.scope))
    area = g.level != "facility"
    types = [kind for kind in TYPES if any(each.facility_type == kind for each in now)]
    covers = _covers(g)
    due, in_time, late = queries.publication(g.scope, g.period.first, g.period.last)
    return {
        "times": found,
        "kinds": [{"kind": kind, **compared.summed((each for each in now if each.kind == kind), COUNTS)}
                  for kind in KINDS if any(each.kind == kind for each in now)],
        "types": [{"facility_type": kind, **compared.summed((each for each in now if each.facility_type == kind), COUNTS)}
                  for kind in types] if area else [],
        "townships": _townships(g, now, covers) if g.level == "district" else [],
        "coverage": _coverage(g, covers),
        "officers": _officers(g) if g.level == "district" else None,
        "draws": _draws(g) if g.level == "district" else [],
        "publication": {"due": due, "in_time": in_time, "late": late},
        "visits": [] if area else [
            {"day": each.planned_on.isoformat(), "kind": each.kind, "number": each.number, "result": each.result}
            for each in queries.of_place(g.scope, g.period.first, g.period.last)
        ],
    }  # fmt: skip


def _covers(g: Gather) -> list[Any]:
    from flask import current_app  # noqa: PLC0415

    from eldercare.inspections.plans import queries  # noqa: PLC0415
    from eldercare.inspections.plans.models import Terms  # noqa: PLC0415

    return queries.yearly(g.scope, g.period.last.year, Terms.of(current_app.config), g.period.last)


def _townships(g: Gather, now: list[Any], covers: list[Any]) -> list[Json]:
    rows = []
    for township, name in g.names.items():
        homes = [each for each in covers if each.township_id == township and _is_home(each)]
        rows.append({
            **name, **compared.summed((each for each in now if each.township_id == township), COUNTS), "asked": len(homes),
            "visited": sum(each.done > 0 for each in homes),
        })  # fmt: skip
    return rows


def _is_home(cover: Any) -> bool:
    """An institution of which at least one visit is asked this year."""
    return cover.facility_type == "institution" and cover.least > 0


def _coverage(g: Gather, covers: list[Any]) -> Json:
    from eldercare.facilities.models import TYPES  # noqa: PLC0415

    homes = [each for each in covers if _is_home(each)]
    classes: dict[str, list[Any]] = {}
    for each in homes:
        if each.why in ("class", "floor"):
            classes.setdefault(each.credit_class or "none", []).append(each)
    others = [each for each in covers if each.facility_type != "institution" and each.least > 0]
    types = [kind for kind in TYPES if any(each.facility_type == kind for each in others)]
    return {
        "year": g.period.last.year, "asked": len(homes), "visited": sum(each.done > 0 for each in homes),
        "unvisited": [each.name for each in homes if not each.done],
        "classes": [
            {
                "credit_class": name, "least": min(each.least for each in found),
                "most": max(each.most for each in found if each.most is not None), "homes": len(found),
                "visits": sum(each.done for each in found), "met": sum(each.done >= each.least for each in found),
                "over": sum(each.standing == "over" for each in found),
            }
            for name, found in sorted(classes.items())
        ],
        "types": [
            {"facility_type": kind, "asked": sum(each.facility_type == kind for each in others),
             "visited": sum(each.facility_type == kind and each.done >= each.least for each in others)}
            for kind in types
        ],
    }  # fmt: skip


def _officers(g: Gather) -> Json:
    from eldercare.accounts.officers.queries import certified  # noqa: PLC0415
    from eldercare.core import secrets  # noqa: PLC0415
    from eldercare.inspections.plans import queries  # noqa: PLC0415

    rows = queries.walked(g.scope, g.period.first, g.period.last)
    return {
        "certified": len(certified(g.scope, compared.until(g))), "out": len(rows), "visits": sum(each.visits for each in rows),
        "rows": [{"name": secrets.mask_name(each.name), "visits": each.visits, "led": each.led} for each in rows],
    }  # fmt: skip


def _draws(g: Gather) -> list[Json]:
    from dataclasses import asdict  # noqa: PLC0415

    from eldercare.inspections.draws import queries  # noqa: PLC0415

    found = queries.standings(g.scope, g.period.first, g.period.last)
    return [{**asdict(each), "drawn_on": each.drawn_on.isoformat()} for each in found]


def indicators(g: Gather) -> list[Json]:
    """Made of what was planned; institutions seen this year of those that must be."""
    from reports._paper import gather  # noqa: PLC0415

    found, cover = g.data[KEY]["times"], g.data[KEY]["coverage"]
    out = compared.indicator("visits_done", found, "done", "planned", "up", {"at_least": 100})
    if cover["asked"] and g.level != "facility":
        out.append(gather.indicator("homes_visited", {"value": {"n": cover["visited"], "of": cover["asked"]}}, "up"))
    return out


def summary(data: Data, w: Words) -> list[str]:
    """Made, found public or not, and how far the year is."""
    found = data[KEY]
    now, cover = found["times"]["value"], found["coverage"]
    if data["place"]["level"] == "facility":
        return []
    said = w("in_summary", planned=w.n(now["planned"]), done=w.n(now["done"]), more=w.n(now["unplanned"]))
    if cover["asked"]:
        said += w("in_summary_cover", n=w.n(cover["visited"]), of=w.n(cover["asked"]))
    return [said]


def decisions(data: Data, w: Words) -> list[tuple[int, str]]:
    """Homes not seen yet late in the year; visits planned and not made; results that are not public."""
    found, area = data[KEY], data["place"]["level"] != "facility"
    out = []
    unseen = found["coverage"]["unvisited"]
    month = int(compared.days(data)[1][5:7])
    if area and unseen and month >= LATE_IN_YEAR:
        out.append((85 if month == 12 else 70, w("in_d_unseen", n=w.n(len(unseen)), names=compared.names(unseen, w, 3))))
    now = found["times"]["value"]
    if area and (missing := now["planned"] - now["done"]):
        out.append((45, w("in_d_missing", n=w.n(missing), of=w.n(now["planned"]))))
    if area and found["publication"]["late"]:
        out.append((40, w("in_d_public", n=w.n(found["publication"]["late"]))))
    return out


def blocks(data: Data, w: Words) -> list[show.Block]:
    """The figures before and now, then every way to cut them."""
    found, level = data[KEY], data["place"]["level"]
    first, last = compared.days(data)
    drill = f"/inspections/?span=&day_from={first}&day_to={last}"
    if level == "facility":
        return _facility(found, w, drill)
    now = found["times"]["value"]
    if not any(now.values()):
        said: list[show.Block] = [show.empty(w("in_none"))]
    else:
        said = [
            show.words([_sentence(found, w)], drill=drill),
            show.table(compared.table(data, w, found["times"], [
                ("in_planned", "planned", None), ("in_done_share", "done", "planned"), ("in_unplanned", "unplanned", None),
                ("in_cancelled", "cancelled", None), ("in_absent", "absent", None),
            ]), drill=drill),
            show.h3(w("in_h_kinds")),
            show.table(_made([(w("k_" + row["kind"]), row) for row in found["kinds"]], w, w("in_c_kind"), now)),
        ]  # fmt: skip
        if len(found["types"]) > 1:
            said.append(show.table(_made([(w(row["facility_type"]), row) for row in found["types"]], w, w("c_type"), now)))
    if found["townships"]:
        said += [show.h3(w("in_h_townships")), show.table(_by_township(found, w), drill="/inspections/plans/coverage/")]
    said += _cover(found["coverage"], w)
    if found["officers"] and found["officers"]["rows"]:
        said += [show.h3(w("in_h_officers")), *_walked(found["officers"], w)]
    if level == "district":
        said += [show.h3(w("in_h_draws")), *_drawn(found, w)]
    return said


def _sentence(found: Data, w: Words) -> str:
    now = found["times"]["value"]
    said = w("in_said", planned=w.n(now["planned"]), done=w.n(now["done"]), share=w.rate(now["done"], now["planned"]),
             missing=w.n(now["planned"] - now["done"]), more=w.n(now["unplanned"]), cancelled=w.n(now["cancelled"]))  # fmt: skip
    return said + (w("in_said_absent", n=w.n(now["absent"])) if now["absent"] else "")


def _facility(found: Data, w: Words, drill: str) -> list[show.Block]:
    cover = found["coverage"]
    year = w("in_year", year=cover["year"], n=w.n(sum(row["visits"] for row in cover["classes"])),
             least=w.n(sum(row["least"] for row in cover["classes"]))) if cover["asked"] else ""  # fmt: skip
    if not found["visits"]:
        return [show.empty(w("in_none_here")), show.words([year])]
    rows = [[compared.day(row["day"], w), w("k_" + row["kind"]), row["number"] or w("none"), w("in_res_" + row["result"])]
            for row in found["visits"]]  # fmt: skip
    columns = [(w("in_c_day"), -32), (w("in_c_kind"), -36), (w("in_c_number"), -32), (w("in_c_result"), -44)]
    return [show.words([w("in_here", n=w.n(len(rows))) + year]), show.table(tables.table("", columns, rows), drill=drill)]


def _made(rows: Any, w: Words, head: str, total: Data) -> tables.Table:
    def line(title: str, row: Data) -> list[str]:
        return [title, w.n(row["planned"]), w.n(row["done"]), w.rate(row["done"], row["planned"]), w.n(row["unplanned"]),
                w.n(row["cancelled"]), w.n(row["done"] + row["unplanned"])]  # fmt: skip

    drawn = [line(name, row) for name, row in rows]
    return tables.table("", [(head, -46), *_made_columns(w)], drawn, total=line(w("total"), total))


def _made_columns(w: Words) -> list[tuple[str, float]]:
    return [(w("in_c_planned"), 14), (w("in_c_done"), 14), (w("in_c_share"), 16), (w("in_c_unplanned"), 14),
            (w("in_c_cancelled"), 14), (w("in_c_total"), 16)]  # fmt: skip


def _by_township(found: Data, w: Words) -> tables.Table:
    def line(title: str, row: Data) -> list[str]:
        return [title, w.n(row["planned"]), w.n(row["done"]), w.n(row["unplanned"]), w.n(row["cancelled"]), w.n(row["asked"]),
                w.n(row["visited"]), w.rate(row["visited"], row["asked"])]  # fmt: skip

    rows = [line(w.short_place(row), row) for row in found["townships"]]
    whole = compared.summed(found["townships"], (*COUNTS, "asked", "visited"))
    columns = [(w("c_township"), -36), (w("in_c_planned"), 13), (w("in_c_done"), 13), (w("in_c_unplanned"), 13),
               (w("in_c_cancelled"), 13), (w("in_c_homes"), 15), (w("in_c_visited"), 15), (w("in_c_cover"), 16)]  # fmt: skip
    return tables.table("", columns, rows, total=line(w("district_total"), whole), note=w("in_n_cover"))


def _cover(cover: Data, w: Words) -> list[show.Block]:
    if not cover["asked"] and not cover["types"]:
        return []
    said = []
    if cover["asked"]:
        said.append(w("in_cover", year=cover["year"], n=w.n(cover["visited"]), of=w.n(cover["asked"]),
                      share=w.rate(cover["visited"], cover["asked"])))  # fmt: skip
        if cover["unvisited"]:
            said.append(w("in_unseen", names=compared.names(cover["unvisited"], w, 12)))
    others = [w("in_cover_type", type=w(row["facility_type"]), n=w.n(row["visited"]), of=w.n(row["asked"]))
              for row in cover["types"]]  # fmt: skip
    if others:
        said.append(w("in_cover_types", list=w("in_semicolon").join(others)))
    out = [show.h3(w("in_h_cover")), show.words(said, drill="/inspections/plans/coverage/")]
    if not cover["classes"]:
        return out
    rows = [
        [w("in_class", name=row["credit_class"]) if row["credit_class"] != "none" else w("in_class_none"),
         w("in_range", low=row["least"], high=row["most"]), w.n(row["homes"]), w.n(row["visits"]), w.n(row["met"]),
         w.n(row["homes"] - row["met"]), w.n(row["over"])]
        for row in cover["classes"]
    ]  # fmt: skip
    columns = [(w("in_c_class"), -26), (w("in_c_bounds"), 22), (w("c_institutions"), 14), (w("in_c_visits"), 16),
               (w("in_c_met"), 16), (w("in_c_short"), 16), (w("in_c_over"), 16)]  # fmt: skip
    return [*out, show.table(tables.table("", columns, rows, note=w("in_n_class")), drill="/inspections/plans/coverage/")]


def _walked(officers: Data, w: Words) -> list[show.Block]:
    said = w("in_officers", certified=w.n(officers["certified"]), out=w.n(officers["out"]), visits=w.n(officers["visits"]),
             mean=f"{officers['visits'] / officers['out']:.1f}", most=w.n(officers["rows"][0]["visits"]))  # fmt: skip
    rows = [[row["name"], w.n(row["visits"]), w.n(row["led"])] for row in officers["rows"][:16]]
    half = -(-len(rows) // 2)
    columns = [(w("in_c_officer"), -40), (w("in_c_visits"), 20), (w("in_c_led"), 20)]
    left, right = (tables.table("", columns, part) for part in (rows[:half], rows[half:]))
    drill = "/inspections/plans/load"
    pair = show.pair([show.table(left)], [show.table(right)]) if rows[half:] else show.table(left)
    return [show.words([said], drill=drill), pair]


def _drawn(found: Data, w: Words) -> list[show.Block]:
    public = found["publication"]
    said = w("in_public", due=w.n(public["due"]), in_time=w.n(public["in_time"]), share=w.rate(public["in_time"], public["due"]),
             late=w.n(public["late"])) if public["due"] or public["late"] else w("in_public_none")  # fmt: skip
    if not found["draws"]:
        return [show.words([w("in_no_draw"), said])]
    rows = [
        [row["batch"], row["title"], compared.day(row["drawn_on"], w), w("in_of", n=w.n(row["picked"]), of=w.n(row["eligible"])),
         w.n(row["made"]), w.n(row["published"]),
         w("in_void" if row["is_void"] else "in_yes" if row["is_public"] else "in_not_yet")]
        for row in found["draws"]
    ]  # fmt: skip
    columns = [(w("in_c_batch"), -20), (w("in_c_draw"), -58), (w("in_c_drawn_on"), -22), (w("in_c_picked"), 14),
               (w("in_c_made"), 14),
               (w("in_c_published"), 15), (w("in_c_file"), 18)]  # fmt: skip
    return [show.table(tables.table("", columns, rows, whole=True), drill="/inspections/draws/"), show.words([said])]


def definitions(data: Data, w: Words) -> list[str]:
    """What planned, made and covered mean."""
    return [w("in_def")] if data["place"]["level"] != "facility" else []
