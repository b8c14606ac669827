"""突发事件: by type and grade, deaths, reports received in time, open, per 1,000 resident-days (§4, §8 row 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eldercare.core import charts
from reports._paper import blocks as show
from reports._paper import compared, pictures, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from datetime import date

    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "incidents"
GRADES = ("E1", "E2", "E3", "E4")
COUNTS = ("total", *GRADES, "deaths", "injured", "due", "on_time", "open", "resident_days")
IN_TOWNSHIP = ("total", "grave", "deaths", "injured", "due", "on_time", "open")
LATE, GRAVE = 12, 20


def collect(g: Gather) -> Json | None:
    """{times with COUNTS, types [{family, type, zh, en, count, E1 … E4, deaths, injured}], townships [{code, zh, en,
    IN_TOWNSHIP}], late [{number, facility, grade, due_at, met_at}], grave [{number, facility, township, grade, zh, en,
    occurred_on, deaths, injured, state}], trend [{period, total, grave}]}; resident_days: nights slept in homes.
    """
    from eldercare.incidents import queries  # noqa: PLC0415 — the drawing process needs none of this

    begun = queries.begun(g.scope)
    now = _figures(g, begun)
    return {
        "times": compared.times(g, lambda each: _counts(now if each is g else _figures(each, begun)), begun),
        "types": [{**row, **_named(row["family"], row["type"])} for row in now.by_type],
        "townships": _townships(g, now) if g.level == "district" else [],
        "late": [
            {"number": each.number, "facility": each.facility.name, "grade": each.grade, "due_at": _local(due),
             "met_at": _local(met) if met is not None and met < g.period.cutoff else None}
            for each, due, met in (queries.late_reports(g.scope, g.period, LATE) if begun else [])
        ],
        "grave": [
            {
                "number": each.number, "facility": each.facility.name, "township": g.names[each.township_id]["code"],
                "grade": each.grade, **_named(each.family, each.type), "occurred_on": _local(each.occurred_at)[:10],
                "deaths": each.dead, "injured": each.injured, "state": _state(each, g),
            }
            for each in (queries.grave_of(g.scope, g.period, GRAVE) if begun else [])
        ],
        "trend": compared.series(g, begun, queries.by_month, ("total", "grave")),
    }  # fmt: skip


def _figures(g: Gather, begun: date | None) -> Any:
    from eldercare.beds import queries as beds  # noqa: PLC0415
    from eldercare.incidents import queries  # noqa: PLC0415

    slept = g.once(beds.bed_days, g.period).occupied
    return queries.month(g.scope, g.period, slept) if begun else queries.Figures(resident_days=slept)


def _counts(found: Any) -> dict[str, int]:
    names = ("total", "deaths", "injured", "due", "on_time", "open", "resident_days")
    return {name: getattr(found, name) for name in names} | found.by_grade


def _named(family: str, kind: str) -> Json:
    """A type in both languages, sealed with the figures: the report must not change with the screen's words."""
    from flask_babel import force_locale  # noqa: PLC0415

    from eldercare.incidents.grading.models import kind_words  # noqa: PLC0415

    said = {}
    for short, locale in (("zh", "zh_Hans_CN"), ("en", "en")):
        with force_locale(locale):
            said[short] = str(kind_words(family, kind))
    return said


def _townships(g: Gather, found: Any) -> list[Json]:
    from eldercare.incidents.queries import InTownship  # noqa: PLC0415

    empty = InTownship()
    rows = ((name, found.townships.get(key, empty)) for key, name in g.names.items())
    return [{**name, **{key: getattr(row, key) for key in IN_TOWNSHIP}} for name, row in rows]


def _local(moment: Any) -> str:
    from eldercare.core import calendar  # noqa: PLC0415

    return calendar.local(moment).isoformat(timespec="minutes")


def _state(incident: Any, g: Gather) -> str:
    """As it stood at the end of the period, as far as that is kept: closed by then, or in hand."""
    closed = incident.closed_at is not None and incident.closed_at < g.period.cutoff
    return "closed" if closed else "review" if incident.state == "review" else "open"


def indicators(g: Gather) -> list[Json]:
    """How many; how many of the reports were received in time."""
    found = g.data[KEY]["times"]
    return [
        *compared.indicator("incidents", found, "total", None, "down"),
        *compared.indicator("incidents_on_time", found, "on_time", "due", "up", {"at_least": 100}),
    ]


def summary(data: Data, w: Words) -> list[str]:
    """How many, how grave, deaths, in time or not."""
    found = data[KEY]["times"]
    now = found["value"]
    if not now["total"]:
        return [w("ic_none_short")]
    change = compared.moved(found, w, "total")
    in_time = w("ic_summary_due", share=w.rate(now["on_time"], now["due"])) if now["due"] else w("ic_end")
    return [w("ic_summary", total=w.n(now["total"]), change=w("hz_change", x=change) if change else "",
              grave=w.n(now["E1"] + now["E2"]), dead=w.n(now["deaths"])) + in_time]  # fmt: skip


def decisions(data: Data, w: Words) -> list[tuple[int, str]]:
    """The gravest that are open; reports that came late."""
    found = data[KEY]
    out = []
    worst = [each for each in found["grave"] if each["grade"] == "E1" and each["state"] != "closed"]
    if worst:
        said = w("list_sep").join(w("ic_named", home=each["facility"], what=w.place(each)) for each in worst[:3])
        out.append((95, w("ic_d_open", n=w.n(len(worst)), names=said)))
    now = found["times"]["value"]
    if late := now["due"] - now["on_time"]:
        homes = compared.names(sorted({each["facility"] for each in found["late"]}), w, 3)
        out.append((65, w("ic_d_late", n=w.n(late), names=homes)))
    return out


def blocks(data: Data, w: Words) -> list[show.Block]:
    """A paragraph, the figures before, types by grade, the grave ones, the late reports, townships, thirteen periods."""
    found = data[KEY]
    now, level = found["times"]["value"], data["place"]["level"]
    first, last = compared.days(data)
    drill = f"/incidents/?stage=&day_from={first}&day_to={last}"
    chart = trend(data, w)
    drawn = [show.picture(chart)] if chart else []
    if not (now["total"] or now["open"] or now["due"]):
        return [show.empty(w("ic_none")), *drawn]
    out = [show.words([_sentence(now, w)], drill=drill), show.table(_compared(data, w), drill=drill), *drawn]
    if found["types"]:
        out += [show.h3(w("ic_h_types")), show.table(_types(found["types"], now, w), drill=drill)]
    if found["grave"]:
        out += [show.h3(w("ic_h_grave")), show.table(_grave(found["grave"], w), drill="/incidents/?stage=&grade=E1")]
    if found["late"] or level == "district":
        out += [show.h3(w("ic_h_late")), *_late(found, now, w)]
    if found["townships"]:
        out += [show.h3(w("ic_h_townships")), show.table(_by_township(found["townships"], w), drill=drill)]
    return out


def _sentence(now: Data, w: Words) -> str:
    said = w("ic_said", total=w.n(now["total"]), **{name.lower(): w.n(now[name]) for name in GRADES}, dead=w.n(now["deaths"]),
             hurt=w.n(now["injured"]), open=w.n(now["open"]))  # fmt: skip
    if now["resident_days"]:
        said += w("ic_said_rate", rate=compared.per_thousand(now["total"], now["resident_days"]), days=w.n(now["resident_days"]))
    if now["due"]:
        return said + w("ic_said_due", due=w.n(now["due"]), on_time=w.n(now["on_time"]), share=w.rate(now["on_time"], now["due"]))
    return said + w("ic_said_none_due")


def _compared(data: Data, w: Words) -> tables.Table:
    found = data[KEY]["times"]
    drawn = compared.table(data, w, found, [
        ("ic_total", "total", None), ("ic_E1", "E1", None), ("ic_E2", "E2", None), ("ic_deaths", "deaths", None),
        ("ic_injured", "injured", None), ("ic_on_time", "on_time", "due"), ("ic_open", "open", None),
    ])  # fmt: skip
    rate = [compared.figure(found.get(name), "total", "resident_days") for name in ("value", "previous", "year_ago")]
    if rate[0] and rate[0]["of"]:
        shown = [compared.per_thousand(each["n"], each["of"]) if each else w("none") for each in rate]
        changed = [compared.per_thousand_change(rate[0], each) for each in rate[1:]]
        line = [w("ic_rate"), shown[0], f"{w.n(rate[0]['n'])}/{w.n(rate[0]['of'])}", shown[1], changed[0], shown[2], changed[1]]
        drawn["rows"].insert(1, line[: len(drawn["head"])])
    return drawn


def _types(types: Any, total: Data, w: Words) -> tables.Table:
    def line(name: str, row: Data, count: int) -> list[str]:
        return [name, w.n(count), w.rate(count, total["total"]), *[w.n(row[grade]) for grade in GRADES], w.n(row["deaths"]),
                w.n(row["injured"])]  # fmt: skip

    columns = [(w("ic_c_type"), -52), (w("ic_c_count"), 14), (w("share"), 17), *[(w("ic_c_" + grade), 13) for grade in GRADES],
               (w("ic_c_deaths"), 14), (w("ic_c_injured"), 14)]  # fmt: skip
    rows = [line(w.place(row), row, row["count"]) for row in types]
    return tables.table("", columns, rows, total=line(w("total"), total, total["total"]))


def _grave(rows: Any, w: Words) -> tables.Table:
    drawn = [[row["number"], row["facility"], w.place(row), row["grade"], compared.day(row["occurred_on"], w),
              w("ic_s_" + row["state"]), w.n(row["deaths"]), w.n(row["injured"])] for row in rows]  # fmt: skip
    columns = [(w("ic_c_number"), -27), (w("c_facility"), -42), (w("ic_c_type"), -28), (w("ic_c_grade"), -11),
               (w("ic_c_day"), -23), (w("ic_c_state"), -20), (w("ic_c_deaths"), 11), (w("ic_c_injured"), 11)]  # fmt: skip
    return tables.table("", columns, drawn, whole=True)


def _late(found: Data, now: Data, w: Words) -> list[show.Block]:
    if not found["late"]:
        return [show.words([w("ic_all_in_time", n=w.n(now["due"])) if now["due"] else w("ic_said_none_due")])]
    rows = [[each["number"], each["facility"], each["grade"], w.moment(each["due_at"]),
             w.moment(each["met_at"]) if each["met_at"] else w("ic_not_yet")] for each in found["late"]]  # fmt: skip
    columns = [(w("ic_c_number"), -28), (w("c_facility"), -42), (w("ic_c_grade"), -12), (w("ic_c_due"), -41),
               (w("ic_c_met"), -41)]  # fmt: skip
    more = now["due"] - now["on_time"] - len(rows)
    return [show.table(tables.table("", columns, rows, note=w("ic_more", n=w.n(more)) if more > 0 else None, whole=True))]


def _by_township(rows: Any, w: Words) -> tables.Table:
    def line(name: str, row: Data) -> list[str]:
        return [name, *[w.n(row[key]) for key in ("total", "grave", "deaths", "injured", "due", "on_time")],
                w.rate(row["on_time"], row["due"]), w.n(row["open"])]  # fmt: skip

    columns = [(w("c_township"), -36), (w("ic_c_count"), 12), (w("ic_c_graves"), 15), (w("ic_c_deaths"), 12),
               (w("ic_c_injured"), 12), (w("ic_c_reports"), 13), (w("ic_c_in_time"), 13), (w("ic_c_share"), 16),
               (w("ic_c_open"), 15)]  # fmt: skip
    whole = compared.summed(rows, IN_TOWNSHIP)
    return tables.table("", columns, [line(w.short_place(row), row) for row in rows], total=line(w("district_total"), whole))


def trend(data: Data, w: Words) -> pictures.Picture | None:
    """All and the grave ones over thirteen periods, the title saying where this one stands."""
    rows = data[KEY]["trend"]
    if len(rows) < 2 or not any(row["total"] for row in rows):
        return None
    mean = sum(row["total"] for row in rows) / len(rows)
    now = rows[-1]["total"]
    key = "ic_t_above" if now > mean else "ic_t_below" if now < mean else "ic_t_at"
    labels = compared.labels([row["period"] for row in rows], w)
    series = {w("ic_l_all"): [row["total"] for row in rows], w("ic_l_grave"): [row["grave"] for row in rows]}
    spec = charts.trend(labels, series, text=lambda n: w.n(round(n)), width=pictures.WIDTH - 120, height=104, zero=True)
    return {"title": w(key, n=w.n(now), mean=f"{mean:.1f}", periods=len(rows)), "alt": w("ic_alt", n=len(rows)), "spec": spec}


def definitions(_data: Data, w: Words) -> list[str]:
    """What counts, and what in time means."""
    return [w("ic_def")]
