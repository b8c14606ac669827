"""隐患排查整改: found and put right, the three rates with their numerators, ageing, repetition, by every cut (§5.4, §8 row 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eldercare.core import charts
from reports._paper import blocks as show
from reports._paper import compared, pictures, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "hazards"
SUMS = ("found", "fixed", "found_right", "right", "due", "in_time", "open", "overdue")
SEVERITIES = ("major", "serious", "general")
SOURCES = ("inspection", "stationed", "self", "incident", "township", "other")
ITEMS, REPEATS = 10, 8
WORST = 5


def collect(g: Gather) -> Json | None:
    """{times, severities [{severity, SUMS}], sources [{source, SUMS}], townships [{code, zh, en, SUMS}], ages [{code, count,
    serious, major, overdue}], items [{code, zh, en, count, places, grave}], repeats {items, places, rows [{facility, code, zh,
    en, times, last_on}]}, trend [{period, found, right}]} with SUMS as in hazards.queries.period: found, fixed, found_right,
    right, due, in_time, open, overdue.
    """
    from eldercare.hazards import queries  # noqa: PLC0415 — the drawing process needs none of this

    first, last = g.period.first, compared.until(g)
    begun = g.once(queries.begun)
    now = queries.sums(g.scope, first, last) if begun else []

    def counts(each: Gather) -> dict[str, int]:
        return compared.summed(now if each is g else queries.sums(each.scope, each.period.first, each.period.last), SUMS)

    found = compared.times(g, counts, begun)
    items = queries.by_item(g.scope, first, last, ITEMS) if begun else []
    again = queries.repeat(g.scope, first, last) if begun else []

    def cut(rows: Any) -> Json:
        return compared.summed(rows, SUMS)

    return {
        "times": found,
        "severities": [{"severity": name, **cut(each for each in now if each.severity == name)} for name in SEVERITIES],
        "sources": [{"source": name, **cut(each for each in now if each.source == name)}
                    for name in SOURCES if any(each.source == name for each in now)],
        "townships": [{**name, **cut(each for each in now if each.township_id == key)} for key, name in g.names.items()]
                     if g.level == "district" else [],
        "ages": [{"code": each.code, "count": each.count, "serious": each.serious, "major": each.major, "overdue": each.overdue}
                 for each in queries.ageing(g.scope, last)],
        "items": [{"code": each.item_code, "zh": each.zh, "en": each.en, "count": each.count, "places": each.places,
                   "grave": each.grave} for each in items],
        "repeats": {
            "items": len(again), "places": len({each.facility_id for each in again}),
            "rows": [{"facility": each.facility, "code": each.item_code, "zh": each.zh, "en": each.en, "times": each.times,
                      "last_on": each.last_on.isoformat()} for each in again[:REPEATS]],
        },
        "trend": compared.series(g, begun, queries.by_month, ("found", "right")),
    }  # fmt: skip


def indicators(g: Gather) -> list[Json]:
    """Found, put right in time of what fell due, overdue."""
    found = g.data[KEY]["times"]
    return [
        *compared.indicator("hazards_found", found, "found"),
        *compared.indicator("hazards_in_time", found, "in_time", "due", "up", {"at_least": 100}),
        *compared.indicator("hazards_overdue", found, "overdue", None, "down", {"at_most": 0}),
    ]


def summary(data: Data, w: Words) -> list[str]:
    """Found, put right, in time, overdue."""
    found = data[KEY]["times"]
    now = found["value"]
    if not any(now.values()):
        return [w("hz_none")]
    change = compared.moved(found, w, "found")
    return [w("hz_summary", found=w.n(now["found"]), change=w("hz_change", x=change) if change else "",
              share=w.rate(now["in_time"], now["due"]), open=w.n(now["open"]), overdue=w.n(now["overdue"]))]  # fmt: skip


def decisions(data: Data, w: Words) -> list[tuple[int, str]]:
    """What is overdue, and where; what comes back again and again."""
    found = data[KEY]
    out = []
    if late := found["times"]["value"]["overdue"]:
        grave = sum(row["overdue"] for row in found["severities"] if row["severity"] != "general")
        where = [row for row in sorted(found["townships"], key=lambda row: -row["overdue"]) if row["overdue"]][:3]
        places = w("hz_most", names=w("list_sep").join(w.short_place(row) for row in where)) if where else ""
        out.append((75 if grave else 55, w("hz_d_overdue", n=w.n(late), grave=w.n(grave), where=places)))
    if (many := found["repeats"]["items"]) >= WORST and data["place"]["level"] != "facility":
        out.append((30, w("hz_d_repeat", n=w.n(many), places=w.n(found["repeats"]["places"]))))
    return out


def blocks(data: Data, w: Words) -> list[show.Block]:
    """Figures beside those before, the three rates, every cut, what comes back."""
    found = data[KEY]
    now = found["times"]["value"]
    chart = trend(data, w)
    if not any(now.values()):
        return [show.empty(w("hz_none")), *([show.picture(chart)] if chart else [])]
    first, last = compared.days(data)
    overview = "/hazards/boards/overview"
    drill = f"/hazards/?stage=found&found_from={first}&found_to={last}"
    rates = compared.table(data, w, found["times"], [
        ("hz_found", "found", None), ("hz_right", "right", None), ("hz_fixed", "fixed", None),
        ("hz_rate_found", "found_right", "found"), ("hz_rate_time", "in_time", "due"), ("hz_open", "open", None),
        ("hz_rate_late", "overdue", "open"),
    ])  # fmt: skip
    out = [show.words([_sentence(now, w)], drill=drill), show.table({**rates, "note": w("hz_n_rates")}, drill=drill),
           show.picture(chart), show.h3(w("hz_h_cuts"))]  # fmt: skip
    for name, key, said in (("severities", "severity", "sev_"), ("sources", "source", "hz_src_")):
        named = [(w(said + row[key]), row) for row in found[name]]
        if len(named) > 1:
            out.append(show.table(_cut(named, w, w("hz_c_" + key), now)))
    if now["open"]:
        out += [show.h3(w("hz_h_ages")), show.table(_ages(found["ages"], w), drill="/hazards/?stage=ordered")]
    if found["townships"]:
        rows = [(w.short_place(row), row) for row in found["townships"]]
        drawn = _cut(rows, w, w("c_township"), now, w("district_total"))
        out += [show.h3(w("hz_h_townships")), show.table(drawn, drill=overview)]
    if found["items"] and data["place"]["level"] != "facility":
        out += [show.h3(w("hz_h_items", n=len(found["items"]))), show.table(_items(found["items"], w), drill=overview)]
    if found["repeats"]["items"]:
        out += [show.h3(w("hz_h_repeats")), *_repeats(data, w)]
    return out


def _sentence(now: Data, w: Words) -> str:
    return w("hz_said", found=w.n(now["found"]), fixed=w.n(now["fixed"]), right=w.n(now["right"]), due=w.n(now["due"]),
             in_time=w.n(now["in_time"]), open=w.n(now["open"]), overdue=w.n(now["overdue"]))  # fmt: skip


def _cut(rows: Any, w: Words, head: str, total: Data, whole: str = "") -> tables.Table:
    def line(title: str, row: Data) -> list[str]:
        return [title, w.n(row["found"]), w.n(row["right"]), w.n(row["due"]), w.n(row["in_time"]),
                w.rate(row["in_time"], row["due"]), w.n(row["open"]), w.n(row["overdue"])]  # fmt: skip

    classes = {i: "bad" for i, (_, row) in enumerate(rows) if row["overdue"]}
    drawn = [line(name, row) for name, row in rows]
    columns = [(head, -44), (w("hz_c_found"), 13), (w("hz_c_right"), 13), (w("hz_c_due"), 13), (w("hz_c_in_time"), 13),
               (w("hz_c_share"), 17), (w("hz_c_open"), 13), (w("hz_c_overdue"), 13)]  # fmt: skip
    return tables.table("", columns, drawn, total=line(whole or w("total"), total), classes=classes)


def _ages(ages: Any, w: Words) -> tables.Table:
    keys = ("count", "serious", "major", "overdue")
    rows = [[w("hz_age_" + row["code"]), *[w.n(row[key]) for key in keys]] for row in ages]
    total = [w("total"), *[w.n(sum(row[key] for row in ages)) for key in keys]]
    columns = [(w("hz_c_age"), -44), *((w("hz_c_" + key), 18) for key in ("open", "serious", "major", "overdue"))]
    return tables.table("", columns, rows, total=total)


def _items(items: Any, w: Words) -> tables.Table:
    rows = [[w.place(row), row["code"], w.n(row["count"]), w.n(row["places"]), w.n(row["grave"])] for row in items]
    columns = [(w("hz_c_item"), -78), (w("hz_c_code"), -26), *((w("hz_c_" + key), 14) for key in ("times", "places", "grave"))]
    return tables.table("", columns, rows, whole=True)


def _repeats(data: Data, w: Words) -> list[show.Block]:
    found = data[KEY]["repeats"]
    said = w("hz_repeats", n=w.n(found["items"]), places=w.n(found["places"]), shown=len(found["rows"]))
    rows = [[row["facility"], w.place(row), compared.day(row["last_on"], w), w.n(row["times"])] for row in found["rows"]]
    columns = [(w("c_facility"), -44), (w("hz_c_item"), -66), (w("hz_c_last"), -24), (w("hz_c_times"), 12)]
    return [show.words([said]), show.table(tables.table("", columns, rows, whole=True))]


def trend(data: Data, w: Words) -> pictures.Picture | None:
    """Found against put right over thirteen periods; the title says which way the last three went."""
    rows = data[KEY]["trend"]
    if len(rows) < 2 or not any(row["found"] + row["right"] for row in rows):
        return None
    last = rows[-3:]
    gap = sum(row["found"] - row["right"] for row in last)
    key = "hz_t_more" if gap > 0 else "hz_t_less" if gap < 0 else "hz_t_even"
    title = w(key, n=len(last), found=w.n(sum(row["found"] for row in last)), right=w.n(sum(row["right"] for row in last)))
    labels = compared.labels([row["period"] for row in rows], w)
    series = {w("hz_l_found"): [row["found"] for row in rows], w("hz_l_right"): [row["right"] for row in rows]}
    spec = charts.trend(labels, series, text=lambda n: w.n(round(n)), width=pictures.WIDTH - 120, height=104, zero=True)
    return {"title": title, "alt": w("hz_alt", n=len(rows)), "spec": spec}


def definitions(_data: Data, w: Words) -> list[str]:
    """What the three rates divide."""
    return [w("hz_def")]
