"""自查自纠: rounds done in time of rounds due, by list and duty; missed rounds, flags, the places that keep it worst (§6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import compared, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "selfchecks"
COUNTS = ("due", "done", "late", "missed", "answered", "faults")
DUTIES = ("patrol_day", "patrol_night", "daily", "weekly", "monthly", "quarterly", "yearly")
WORST, LEAST_DUE = 10, 4  # places listed; with fewer rounds due a rate says nothing
POOR = 80  # percent in time below which a place is named for a decision


def collect(g: Gather) -> Json | None:
    """{times with COUNTS and places, duties [{list {zh, en}, duty, COUNTS}], types [{facility_type, places, COUNTS}],
    townships [{code, zh, en, COUNTS}], worst [{code, name, township, COUNTS}], poor, flags [{kind, open, in_order,
    not_in_order}]}. None for a place that owes no self-checks.
    """
    from eldercare.selfchecks import queries  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.selfchecks.flags import queries as flags  # noqa: PLC0415

    last = compared.until(g)
    now = queries.by_duty(g.scope, g.period.first, last)
    if g.facility is not None and not now:
        return None

    def counts(each: Gather) -> dict[str, int]:
        rows = now if each is g else queries.by_duty(each.scope, each.period.first, each.period.last)
        return {"places": len({row.facility_id for row in rows if row.due}), **compared.summed(rows, COUNTS)}

    lists = queries.list_names(g.scope, {each.checklist_id for each in now})
    keys = sorted({(each.checklist_id, each.duty) for each in now}, key=lambda key: (key[0], DUTIES.index(key[1])))
    worst, poor = _worst(g, now)
    return {
        "times": compared.times(g, counts, queries.begun(g.scope)),
        "duties": [
            {"list": lists[key[0]], "duty": key[1],
             **compared.summed((each for each in now if (each.checklist_id, each.duty) == key), COUNTS)}
            for key in keys
        ],
        "townships": [{**name, **compared.summed((each for each in now if each.township_id == key), COUNTS)}
                      for key, name in g.names.items()] if g.level == "district" else [],
        "worst": worst, "poor": poor,
        "flags": [{"kind": kind, **{state: row.get(state, 0) for state in ("open", "in_order", "not_in_order")}}
                  for kind, row in sorted(flags.of_period(g.scope, g.period.first, last).items())],
    }  # fmt: skip


def _worst(g: Gather, now: list[Any]) -> tuple[list[Json], int]:
    """(the places with the lowest rate, how many stand below the limit)."""
    from eldercare.selfchecks.queries import named  # noqa: PLC0415 — the drawing process needs none of this

    if g.facility is not None:
        return [], 0
    places: dict[int, list[Any]] = {}
    for each in now:
        places.setdefault(each.facility_id, []).append(each)
    sums = {key: compared.summed(rows, COUNTS) for key, rows in places.items()}
    rated = [(row["done"] / row["due"], -row["missed"], key) for key, row in sums.items() if row["due"] >= LEAST_DUE]
    poor = sum(100 * rate < POOR for rate, _, _ in rated)
    chosen = [key for rate, _, key in sorted(rated)[:WORST] if rate < 1]
    known = named(g.scope, chosen)
    return [
        {"code": known[key][0], "name": known[key][1], "township": g.names[places[key][0].township_id]["code"], **sums[key]}
        for key in chosen
    ], poor  # fmt: skip


def indicators(g: Gather) -> list[Json]:
    """Rounds done in time of rounds due."""
    return compared.indicator("selfchecks_in_time", g.data[KEY]["times"], "done", "due", "up", {"at_least": 100})


def summary(data: Data, w: Words) -> list[str]:
    """The rate."""
    now = data[KEY]["times"]["value"]
    return [w("sc_summary", share=w.rate(now["done"], now["due"]))] if now["due"] else []


def decisions(data: Data, w: Words) -> list[tuple[int, str]]:
    """Places that keep their self-checks badly; flags that nobody has looked at; rounds that were not what they seemed."""
    found, out = data[KEY], []
    if found["poor"]:
        named = compared.names([row["name"] for row in found["worst"]][: found["poor"]], w, 3, found["poor"])
        out.append((35, w("sc_d_poor", n=w.n(found["poor"]), names=named, limit=POOR)))
    if false := sum(row["not_in_order"] for row in found["flags"]):
        out.append((60, w("sc_d_false", n=w.n(false))))
    return out


def blocks(data: Data, w: Words) -> list[show.Block]:
    """The figures before and now, list by list, the worst places, flags, townships."""
    found, level = data[KEY], data["place"]["level"]
    now = found["times"]["value"]
    if not now["due"]:
        return [show.empty(w("sc_none"))]
    first, last = compared.days(data)
    drill = f"/selfchecks/rounds/?days_from={first}&days_to={last}"
    said = "" if level == "facility" else w("sc_places", n=w.n(now["places"]))
    said += w("sc_said", due=w.n(now["due"]), done=w.n(now["done"]), late=w.n(now["late"]),
             missed=w.n(now["missed"]), share=w.rate(now["done"], now["due"]))  # fmt: skip
    if now["answered"]:
        said += w("sc_said_items", answered=w.n(now["answered"]), faults=w.n(now["faults"]))
    out = [
        show.words([said], drill=drill),
        show.table(compared.table(data, w, found["times"], [
            ("sc_rate", "done", "due"), ("sc_late", "late", None), ("sc_missed", "missed", None), ("sc_faults", "faults", None),
        ]), drill=drill),
        show.h3(w("sc_h_duties")), show.table(_duties(found["duties"], now, w), drill=drill),
    ]  # fmt: skip
    if found["worst"]:
        out += [show.h3(w("sc_h_worst", n=len(found["worst"]))), show.table(_worst_table(data, w), drill=f"{drill}&state=missed")]
    out += [show.h3(w("sc_h_flags")), *_flags(found["flags"], w, level)]
    if found["townships"]:
        rows = [(w.short_place(row), row) for row in found["townships"]]
        out += [show.h3(w("sc_h_townships")), show.table(_rounds(rows, [(w("c_township"), -40)], now, w, w("district_total")),
                                                         drill="/selfchecks/")]  # fmt: skip
    return out


def _line(row: Data, w: Words) -> list[str]:
    return [*[w.n(row[key]) for key in ("due", "done", "late", "missed")], w.rate(row["done"], row["due"])]


def _columns(w: Words) -> list[tuple[str, float]]:
    return [(w("sc_c_due"), 15), (w("sc_c_done"), 15), (w("sc_c_late"), 14), (w("sc_c_missed"), 14), (w("sc_c_share"), 17)]


def _rounds(rows: Any, head: list[tuple[str, float]], total: Data, w: Words, whole: str) -> tables.Table:
    drawn = [[name, *_line(row, w)] for name, row in rows]
    return tables.table("", [*head, *_columns(w)], drawn, total=[whole, *_line(total, w)])


def _duties(duties: Any, total: Data, w: Words) -> tables.Table:
    rows = [[w.place(row["list"]), w("sc_duty_" + row["duty"]), *_line(row, w)] for row in duties]
    columns = [(w("sc_c_list"), -60), (w("sc_c_duty"), -28), *_columns(w)]
    return tables.table("", columns, rows, total=[w("total"), "", *_line(total, w)], whole=True)


def _worst_table(data: Data, w: Words) -> tables.Table:
    rows = [[row["name"], *_line(row, w)] for row in data[KEY]["worst"]]
    classes = {i: "bad" for i, row in enumerate(data[KEY]["worst"]) if 100 * row["done"] < POOR * row["due"]}
    note = w("sc_n_worst", least=LEAST_DUE, limit=POOR)
    return tables.table("", [(w("c_facility"), -56), *_columns(w)], rows, note=note, classes=classes)


def _flags(flags: Any, w: Words, level: str) -> list[show.Block]:
    if not flags:
        return [show.words([w("sc_no_flags")])]
    keys = ("open", "in_order", "not_in_order")
    rows = [[w("sc_flag_" + row["kind"]), w.n(sum(row[key] for key in keys)), *[w.n(row[key]) for key in keys]] for row in flags]
    sums = compared.summed(flags, keys)
    total = [w("total"), w.n(sum(sums.values())), *[w.n(sums[key]) for key in keys]]
    columns = [(w("sc_c_flag"), -56), *((w("sc_c_" + key), 17) for key in ("raised", "open", "in_order", "wrong"))]
    drill = "/selfchecks/flags/" if level != "facility" else None
    return [show.table(tables.table("", columns, rows, total=total if len(rows) > 1 else None), drill=drill)]


def definitions(_data: Data, w: Words) -> list[str]:
    """What in time means."""
    return [w("sc_def")]
