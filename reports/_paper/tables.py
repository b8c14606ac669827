"""The tables of the reports: plain strings in rows, so that the page lays them out fast.

A Table is a dict {caption, unit, columns: [(width, kind)], head, rows, total, note, small}; kind is
"w" (words, left) or "n" (numbers, right). One macro draws them all (`_table.html`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eldercare.core import calendar
from reports._paper.words import Figure, Words, value

Data = Mapping[str, Any]
Table = dict[str, Any]
LICENCE_ROWS = 60
KEPT = 9  # a table of so few rows is not torn over two pages


def table(caption: str, columns: Sequence[tuple[str, float]], rows: Sequence[Sequence[str]], **more: Any) -> Table:
    """`columns`: (heading, width); a width below zero marks a column of words. Widths are shares."""
    whole = sum(abs(width) for _, width in columns)
    return {
        "caption": caption,
        "head": [heading for heading, _ in columns],
        "widths": [f"{100 * abs(width) / whole:.2f}%" for _, width in columns],
        "kinds": ["w" if width < 0 else "n" for _, width in columns],
        "rows": rows,
        "total": None,
        "note": None,
        "keep": len(rows) <= KEPT,
        "classes": {},
        "whole": False,  # rows that may take two lines stay on one page (dearer)
        **more,
    }


def light(indicator: Data, near: float) -> str:
    """good, near or bad against the target; empty where there is no target or no value."""
    target, now = indicator["target"], indicator["value"]
    here = value(now) if now else None
    if not target or here is None:
        return ""
    least, most = target.get("at_least"), target.get("at_most")
    slack = here - least if least is not None else most - here
    if slack < 0:
        return "bad"
    return "near" if "of" in now and least is None and slack < near else "good"


def indicators(data: Data, w: Words) -> Table:
    """Value, month on month, year on year, target and light; denominators in a column of their own."""
    rows, classes = [], {}
    for i, each in enumerate(data["indicators"]):
        now: Figure | None = each["value"]
        colour = light(each, data["rules"]["near_points"])
        classes[i] = colour
        ratio = bool(now and "of" in now)
        rows.append([
            indicator_name(each["key"], data, w),
            w.figure(now),
            f"{w.n(now['n'])}/{w.n(now['of'])}" if now and ratio else "",
            w.change(now, each["previous"]),
            w.change(now, each["year_ago"]),
            target(each["target"], w, percent=ratio),
            w("light_" + colour) if colour else "",
        ])  # fmt: skip
    columns = [(w("c_indicator"), -41), (w("c_value"), 14), (w("c_parts"), 24), (w("mom"), 22), (w("yoy"), 22),
               (w("c_target"), 15), (w("c_light"), 16)]  # fmt: skip
    if is_compared_once(data):
        columns, rows = [*columns[:4], *columns[5:]], [[*row[:4], *row[5:]] for row in rows]
    return table("", columns, rows, classes=classes, note=w("indicator_note", near=data["rules"]["near_points"]))


def is_compared_once(data: Data) -> bool:
    """Whether the period before is the year before: of a year, and of any twelve months."""
    period = calendar.period(data["period"])
    return period.plus(-1) == period.year_ago


def indicator_name(key: str, data: Data, w: Words) -> str:
    """An indicator's name; one of a facility's people is divided by those in residence."""
    if key == "advanced" and data["place"]["level"] == "facility":
        key = "advanced_here"
    return w("i_" + key, age=data["rules"]["advanced_age"])


def target(wanted: Data | None, w: Words, *, percent: bool) -> str:
    """≥55%, ≤0."""
    if not wanted:
        return w("none")
    [(kind, number)] = wanted.items()
    return w(kind, n=f"{number}%" if percent else number)


def facilities(data: Data, w: Words) -> Table:
    """How many of each type, by state."""
    keys = ("operating", "preparing", "suspended", "total")
    heads = ("c_operating", "c_preparing", "c_suspended", "c_count")
    found = data["capacity"]["facilities"]
    rows = [[w(row["facility_type"]), *[w.n(row[key]) for key in keys]] for row in found]
    total = [w("total"), *[w.n(sum(row[key] for row in found)) for key in keys]]
    return table("", [(w("c_type"), -60), *[(w(head), 16) for head in heads]], rows, total=total)


def by_township(data: Data, w: Words) -> Table:
    """Three bed counts, both rates beside their denominators, family beds last and apart."""
    capacity = data["capacity"]
    rows = [[w.short_place(row), *_beds(row, w), w.n(row["family_beds"])] for row in capacity["townships"]]
    family = sum(row["family_beds"] for row in capacity["townships"])
    columns = [(w("c_township"), -40), (w("c_institutions"), 12), *_bed_columns(w), (w("c_family"), 15)]
    return table("", columns, rows, total=[w("district_total"), *_beds(capacity, w), w.n(family)], note=w("n_rates"))


def _bed_columns(w: Words) -> list[tuple[str, float]]:
    return [(w("c_filed"), 14), (w("c_set"), 14), (w("c_usable"), 14), (w("c_nursing"), 13), (w("c_occupied"), 14),
            (w("c_rate_set"), 17), (w("c_rate_usable"), 17)]  # fmt: skip


def _beds(row: Data, w: Words) -> list[str]:
    return [
        w.n(row["institutions"]), w.n(row["beds_filed"]), w.n(row["beds_set"]), w.n(row["beds_usable"]),
        w.n(row["beds_nursing"]), w.n(row["closing"]), w.rate(row["closing"], row["beds_set"]),
        w.rate(row["closing"], row["beds_usable"]),
    ]  # fmt: skip


def institutions(data: Data, w: Words) -> Table:
    """Annex: every institution with beds, movements and both rates (landscape)."""
    names = {row["code"]: w.short_place(row) for row in data["capacity"]["townships"]}
    several = len(names) > 1
    rows = []
    for row in data["capacity"]["rows"]:
        where = [names.get(row["township"], "")] if several else []
        mode = w(row["ownership"]) if row["ownership"] else w("none")
        rows.append([row["name"], *where, mode, *_institution(row, w)])
    capacity = data["capacity"]
    total = [w("total"), *([""] if several else []), "", *_institution(capacity, w)]
    columns = [
        (w("c_institution"), -46), *([(w("c_township"), -24)] if several else []), (w("c_ownership"), -22),
        (w("c_filed"), 13), (w("c_set"), 13), (w("c_usable"), 13), (w("c_nursing"), 13),
        (w("c_opening"), 13), (w("c_admissions"), 12), (w("c_discharges"), 12), (w("c_deaths"), 12), (w("c_closing"), 13),
        (w("c_rate_set"), 17), (w("c_rate_usable"), 17),
    ]  # fmt: skip
    return table("", columns, rows, total=total, whole=True)


def _institution(row: Data, w: Words) -> list[str]:
    counts = ("beds_filed", "beds_set", "beds_usable", "beds_nursing", "opening", "admissions", "discharges", "deaths", "closing")
    rates = [w.rate(row["closing"], row[beds]) for beds in ("beds_set", "beds_usable")]
    return [*[w.n(row[key]) for key in counts], *rates]


def homes(data: Data, w: Words) -> Table:
    """The institutions of one township, or one institution: beds and both rates."""
    capacity = data["capacity"]
    rows = [[row["name"], *_beds(row | {"institutions": None}, w)[1:]] for row in capacity["rows"]]
    total = [w("total"), *_beds(capacity, w)[1:]] if len(rows) > 1 else None
    return table("", [(w("c_institution"), -48), *_bed_columns(w)], rows, total=total, note=w("n_rates"), whole=True)


def moves(data: Data, w: Words) -> Table:
    """Who came and went, by institution."""
    keys = ("opening", "admissions", "discharges", "deaths", "closing")
    capacity = data["capacity"]
    rows = [[row["name"], *[w.n(row[key]) for key in keys]] for row in capacity["rows"]]
    total = [w("total"), *[w.n(capacity[key]) for key in keys]] if len(rows) > 1 else None
    return table("", [(w("c_institution"), -60), *[(w("c_" + key), 18) for key in keys]], rows, total=total, whole=True)


def service(data: Data, w: Words) -> Table:
    """What the register says of a facility that is no institution."""
    rows = [[w("v_" + row["key"]), w.n(row["value"])] for row in data["service"]]
    return table("", [(w("c_item"), -70), (w("c_on_file"), 30)], rows)


def ages(data: Data, w: Words) -> Table:
    """Bands by sex; under-60 appears only where the register holds some."""
    bands = data["residents"]["ages"]
    whole = sum(row["male"] + row["female"] for row in bands)
    rows = [_age(w.band(row["band"]), row["male"], row["female"], whole, w) for row in bands]
    total = _age(w("total"), sum(row["male"] for row in bands), sum(row["female"] for row in bands), whole, w)
    columns = [(w("c_band"), -36), (w("c_male"), 18), (w("c_female"), 18), (w("c_sum"), 20), (w("share"), 22)]
    return table("", columns, rows, total=total)


def _age(name: str, male: int, female: int, whole: int, w: Words) -> list[str]:
    return [name, w.n(male), w.n(female), w.n(male + female), w.rate(male + female, whole)]


def ability(data: Data, w: Words) -> Table:
    """Levels with their share of everyone, the not yet assessed included."""
    rows = [(w.ability(row["level"]), row["count"]) for row in data["residents"]["ability"]]
    return _shares(w("h_ability"), rows, w)


def household(data: Data, w: Words) -> Table:
    """Household types."""
    return _shares(w("h_household_only"), [(w(row["household_type"]), row["count"]) for row in data["residents"]["household"]], w)


def living(data: Data, w: Words) -> Table:
    """Living arrangements; living alone and empty nest apart."""
    rows = [(w.living(row["living_arrangement"]), row["count"]) for row in data["residents"]["living"]]
    return _shares("", rows, w)


def _shares(caption: str, rows: Sequence[tuple[str, int]], w: Words) -> Table:
    whole = sum(count for _, count in rows)
    drawn = [[name, w.n(count), w.rate(count, whole)] for name, count in rows]
    total = [w("total"), w.n(whole), w.rate(whole, whole)]
    return table("", [(caption or w("c_type"), -50), (w("c_people"), 22), (w("share"), 18)], drawn, total=total)


def turnover(data: Data, w: Words) -> Table:
    """Opening + registered − moved out − died = closing."""
    keys = ("opening", "registered", "moved_out", "deceased", "closing")
    heads = ("c_opening", "c_registered_new", "c_moved_out", "c_deceased", "c_closing")
    row = [w.n(data["residents"]["turnover"][key]) for key in keys]
    return table("", [(w(head), 20) for head in heads], [row])


def elders(data: Data, w: Words) -> Table:
    """Older people by township (district) or by village (township)."""
    people = data["residents"]
    rows, head = (people["townships"], w("c_township")) if people["townships"] else (people["villages"], w("c_village"))
    keys = ("elders", "advanced", "living_alone", "disabled", "poor")

    def line(name: str, row: Data) -> list[str]:
        counts = [w.n(row[key]) for key in keys]
        return [name, *counts[:2], w.rate(row["advanced"], row["elders"]), *counts[2:]]

    total = {key: sum(row[key] for row in rows) for key in keys}
    drawn = [line(row["name"] if "name" in row else w.short_place(row), row) for row in rows]
    columns = [(head, -36), (w("c_elders"), 18), (w("c_advanced", age=data["rules"]["advanced_age"]), 18),
               (w("c_advanced_share"), 14), (w("c_alone"), 14), (w("c_disabled"), 16), (w("c_poor"), 20)]  # fmt: skip
    note = w("n_elders_table", level=data["rules"]["disabled_level"])
    return table("", columns, drawn, total=line(w("total"), total), note=note)


def licences(data: Data, w: Words) -> Table:
    """Expired first, then by the day; at most sixty rows, the rest counted."""
    townships = data["capacity"]["townships"] if data.get("capacity") else []
    names = {row["code"]: w.short_place(row) for row in townships}
    several = len(names) > 1
    rows, classes = [], {}
    shown = data["licences"]["rows"][:LICENCE_ROWS]
    for i, row in enumerate(shown):
        classes[i] = "bad" if row["days"] < 0 else "near" if row["days"] <= min(data["rules"]["licence_days"]) else ""
        rows.append([row["facility"], *([names.get(row["township"], "")] if several else []), w.licence(row["licence_type"]),
                     w.day(row["valid_to"]), w.n(row["days"])])  # fmt: skip
    columns = [(w("c_facility"), -64), *([(w("c_township"), -28)] if several else []), (w("c_licence"), -36),
               (w("c_valid_to"), -29), (w("c_days"), 11)]  # fmt: skip
    more = len(data["licences"]["rows"]) - len(shown)
    return table("", columns, rows, classes=classes, note=w("n_licences_more", n=more) if more else None, whole=True)
