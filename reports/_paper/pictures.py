"""The charts of the reports: titles that say what is to be seen, specs from `core.charts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eldercare.core import chartmap, charts
from reports._paper.story import indicator
from reports._paper.words import Words, value

Data = Mapping[str, Any]
Picture = dict[str, Any]  # {"title", "alt", "spec"}
WIDTH = 556  # px at which 12 px letters come out at 8 pt in a core of 156 mm


def trend(data: Data, w: Words) -> Picture | None:
    """Both occupancy rates over thirteen months."""
    months = [row for row in data["trend"] if row["beds_set"]]
    if len(months) < 2:
        return None
    rates = [100 * row["occupied"] / row["beds_set"] for row in months]
    usable = [100 * row["occupied"] / row["beds_usable"] if row["beds_usable"] else None for row in months]
    labels = [w.short_month(row["month"], with_year=i == 0 or row["month"].endswith("-01")) for i, row in enumerate(months)]
    shown = f"{rates[-1]:.1f}%"
    run = _run(rates)
    if abs(run) >= 2:
        title = w("t_rise" if run > 0 else "t_fall", n=abs(run), rate=shown)
    else:
        title = w("t_steady", rate=shown, months=len(months), low=f"{min(rates):.1f}%", high=f"{max(rates):.1f}%")
    series = {w("trend_set"): rates, w("trend_usable"): usable}
    spec = charts.trend(labels, series, text=lambda number: f"{number:.1f}%", width=WIDTH - 120, height=118)
    return {"title": title, "alt": w("alt_trend", n=len(months)), "spec": spec}


def institutions(data: Data, w: Words) -> Picture | None:
    """Every institution's rate, fullest first, against the overall rate."""
    capacity = data["capacity"]
    rows = sorted(capacity["rows"], key=lambda row: (-(row["closing"] / row["beds_set"] if row["beds_set"] else 0), row["name"]))
    if len(rows) < 2 or not capacity["beds_set"]:
        return None
    overall = 100 * capacity["closing"] / capacity["beds_set"]
    bars = []
    for row in rows:
        rate = w.rate(row["closing"], row["beds_set"])
        text = w("bar_text", rate=rate, n=w.n(row["closing"]), of=w.n(row["beds_set"]))
        bars.append((row["name"], 100 * row["closing"] / row["beds_set"] if row["beds_set"] else None, text))
    over = sum(1 for bar in bars if (bar[1] or 0) > overall)
    shown = w.rate(capacity["closing"], capacity["beds_set"])
    most = max([100.0, *[bar[1] or 0 for bar in bars]])  # a full bar is a full house
    spec = charts.bars(bars, mark=(overall, w("average_mark", rate=shown)), most=most, width=WIDTH - 195, row_height=19)
    title = w("t_institutions", n=w.n(len(rows)), over=w.n(over), rate=shown)
    return {"title": title, "alt": w("alt_institutions"), "spec": spec}


def occupancy_map(data: Data, w: Words) -> Picture | None:
    """The rate of every township on the map."""
    rows = {row["code"]: row for row in data["capacity"]["townships"]}
    rates = {code: 100 * row["closing"] / row["beds_set"] for code, row in rows.items() if row["beds_set"]}
    if len(rates) < 2:
        return None
    most, least = max(rates, key=lambda code: rates[code]), min(rates, key=lambda code: rates[code])
    shown = {code: (rate, f"{rate:.1f}%") for code, rate in rates.items()}
    title = w("t_map", most=w.short_place(rows[most]), high=shown[most][1], least=w.short_place(rows[least]), low=shown[least][1])
    return on_map(data, w, shown, title)


def on_map(data: Data, w: Words, shown: Mapping[str, tuple[float, str]], title: str) -> Picture | None:
    """A figure of every township where it lies; `shown`: {code: (figure, as written)}, the others have none."""
    names = {row["code"]: w.short_place(row) for row in data["capacity"]["townships"]}
    cells = [
        chartmap.Cell((each["lon"], each["lat"]), w.on_map(names[each["code"]]), *shown.get(each["code"], (None, w("none"))))
        for each in data["map"]
    ]  # fmt: skip
    spec = chartmap.district(cells, width=WIDTH - 170) if cells else None
    return {"title": title, "alt": title, "spec": spec} if spec else None


def ages(data: Data, w: Words) -> Picture | None:
    """The age pyramid, oldest on top."""
    bands = [row for row in data["residents"]["ages"] if not row["band"].startswith("under")]
    whole = sum(row["male"] + row["female"] for row in bands)
    if not whole:
        return None
    old_age = data["rules"]["advanced_age"]
    old = [row for row in bands if int(row["band"].rstrip("+").split("-")[0]) >= old_age]
    many = sum(row["male"] + row["female"] for row in old)
    title = w("t_ages", age=old_age, share=w.rate(many, whole), women=w.rate(sum(row["female"] for row in old), many))
    rows = [(w.band(row["band"]), row["male"], row["female"]) for row in reversed(bands)]
    named = {"left": w("c_male"), "right": w("c_female")}
    spec = charts.pyramid(rows, **named, text=lambda n: w.n(int(n)), width=WIDTH - 4, row_height=22)
    return {"title": title, "alt": w("alt_ages"), "spec": spec}


def ability(data: Data, w: Words) -> Picture | None:
    """The assessed by level; the not assessed stand in the table, not in the bar."""
    levels = [row for row in data["residents"]["ability"] if row["level"] != "unassessed"]
    whole = sum(row["count"] for row in levels)
    if not whole:
        return None
    level = data["rules"]["disabled_level"]
    disabled = sum(row["count"] for row in levels[level:])
    title = w("t_ability", assessed=w.n(whole), level=level, n=w.n(disabled), share=w.rate(disabled, whole))
    names = [w.ability(row["level"]) for row in levels]
    bar = ("", [row["count"] for row in levels])
    spec = charts.stacked([bar], names, texts=lambda n, of: w.rate(int(n), int(of)), width=WIDTH - 4, row_height=30)
    return {"title": title, "alt": w("alt_ability"), "spec": spec}


def tiles(data: Data, w: Words, keys: Sequence[str]) -> list[dict[str, Any]]:
    """The large figures of page 1: value, what it is, change since last month, thirteen months as a line."""
    drawn = []
    series = {
        "elders": [row["elders"] for row in data["trend"]],
        "in_residence": [row["occupied"] for row in data["trend"]],
        "occupancy": [value({"n": row["occupied"], "of": row["beds_set"]}) for row in data["trend"]],
        "family_beds": [row["family_beds"] for row in data["trend"]],
    }
    for key in keys:
        each = indicator(data, key)
        if each is None:
            continue
        line = series.get(key, [])
        moved = w.change(each["value"], each["previous"])
        drawn.append({
            "key": key,
            "value": w.figure(each["value"]),
            "name": w("tile_" + key),
            "alt": w("alt_spark", n=len(line)),
            "change": w("ch_mom", x=" " + moved if w.zh else moved),
            "points": line,
            "spec": charts.sparkline(line, width=96, height=20) if sum(v is not None for v in line) > 2 else None,
        })  # fmt: skip
    return drawn


def _run(values: Sequence[float]) -> int:
    """How many months running the last value has risen (positive) or fallen (negative)."""
    length = 0
    for before, after in zip(reversed(values[:-1]), reversed(values[1:]), strict=True):
        moved = round(after - before, 1)
        if moved == 0 or (length and (moved > 0) != (length > 0)):
            break
        length += 1 if moved > 0 else -1
    return length
