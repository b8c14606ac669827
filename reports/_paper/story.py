"""The words of page 1, made from the same numbers as the tables: what moved, what needs a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import compared
from reports._paper.words import Words

Data = Mapping[str, Any]
MOST_DECISIONS = 4  # page 1 holds no more; the tables hold the rest
NAMED = 3


def indicator(data: Data, key: str) -> Data | None:
    """One indicator by its key."""
    return next((each for each in data["indicators"] if each["key"] == key), None)


def against(each: Data, w: Words, unit: str | None = None) -> str:
    """环比…，同比…; says so where nothing can be compared."""
    said = []
    for key, before in (("ch_mom", each["previous"]), ("ch_yoy", each["year_ago"])):
        moved = w.moved(each["value"], before)
        if moved:
            with_unit = w(unit, x=moved) if unit and moved != w("flat") else moved
            said.append(w(key, x=with_unit))
    return w("join").join(said) or w("ch_none")


def summary(data: Data, w: Words, *, brief: bool = False) -> list[str]:
    """Five or six sentences, each at most two lines of the page. `brief`: which home, and its occupancy, alone; page 1
    holds no more where the parts of supervision speak as well, and the rest stands in the large figures and the indicators.
    """
    capacity, level = data.get("capacity"), data["place"]["level"]
    place = [of_facility(data, w)] if level == "facility" else []
    said = [*place]
    elders = indicator(data, "elders")
    advanced = indicator(data, "advanced")
    if elders and advanced:
        said.append(w(
            "s_elders", n=w.figure(elders["value"]), change=against(elders, w, "ch_count_unit"),
            age=data["rules"]["advanced_age"], advanced=w.n(advanced["value"]["n"]), share=w.figure(advanced["value"]),
        ))  # fmt: skip
    family = w.n(data["family_beds"]["in_service"]) if data["family_beds"] else w("none")
    if capacity and capacity["institutions"]:
        occupancy = indicator(data, "occupancy")
        rate = w.figure(occupancy["value"]) if occupancy else w("none")
        lived = w("s_occupancy", n=w.n(capacity["closing"]), rate=rate, change=against(occupancy, w)) if occupancy else ""
        if brief:
            return [*place, lived]
        beds = {"filed": w.n(capacity["beds_filed"]), "set": w.n(capacity["beds_set"]), "usable": w.n(capacity["beds_usable"])}
        if level == "facility":
            share = w.rate(capacity["beds_nursing"], capacity["beds_set"])
            said.append(w("s_beds_one", nursing=w.n(capacity["beds_nursing"]), share=share, **beds))
        else:
            said.append(w("s_beds", homes=w.n(capacity["institutions"]), family=family, **beds))
        if lived:
            said.append(lived)
        said.append(w(
            "s_movements", a=w.n(capacity["admissions"]), d=w.n(capacity["discharges"]), x=w.n(capacity["deaths"]),
            net=_net(capacity["closing"] - capacity["opening"], w),
        ))  # fmt: skip
    elif level == "township":
        said.append(w("s_no_homes", family=family))
    if brief:
        return said
    papers = data["licences"]
    if not papers["expired"] + papers["within_7"] + papers["within_30"]:
        return [*said, w("s_licences_none")]
    said.append(w("s_licences", expired=w.n(papers["expired"]), d7=w.n(papers["within_7"]), d30=w.n(papers["within_30"])))
    return said


def of_facility(data: Data, w: Words) -> str:
    """示例养老院（养老机构，民办非营利，驻点监管），位于…，状态为…."""
    here = data["facility"]
    said = [w(here["facility_type"]).removesuffix("s")]
    if here["ownership"]:
        said.append(w(here["ownership"]))
    if here["stationed"]:
        said.append(w("stationed"))
    where = w.place(here["township"])
    return w("s_facility", name=here["name"], type=w("join").join(said), township=where, state=w(here["state"]))


def decisions(data: Data, w: Words) -> list[tuple[int, str]]:
    """What beds, people and licences ask someone to decide, each with its weight."""
    capacity = data.get("capacity")
    homes = capacity["rows"] if capacity else []
    said = []
    if over := _more(homes, "closing", "beds_set"):
        said.append((90, w("d_over", names=compared.names(over, w, NAMED))))
    for row in homes:
        gap = row["opening"] + row["admissions"] - row["discharges"] - row["deaths"] - row["closing"]
        if gap:
            said.append((60, w("d_balance", names=row["name"], n=w.n(abs(gap)))))
    if expired := data["licences"]["expired"]:
        where = {row["facility"] for row in data["licences"]["rows"] if row["days"] < 0}
        part = w.numeral(w.numbers["licences"])
        said.append((70, w("d_expired", count=expired, n=w.n(expired), homes=w.n(len(where)), part=part)))
    if wide := _more(homes, "beds_set", "beds_filed"):
        said.append((50, w("d_over_filed", names=compared.names(wide, w, NAMED))))
    nursing = indicator(data, "nursing_share")
    if nursing and nursing["value"] and (wanted := nursing["target"]) and nursing["value"]["of"]:
        short = -(-nursing["value"]["of"] * wanted["at_least"] // 100) - nursing["value"]["n"]
        if short > 0:
            said.append((30, w("d_nursing", share=w.figure(nursing["value"]), target=wanted["at_least"], gap=w.n(short))))
    assessed = indicator(data, "assessed_share")
    if assessed and assessed["value"] and (missing := assessed["value"]["of"] - assessed["value"]["n"]) > 0:
        said.append((20, w("d_assessed", n=w.n(missing))))
    return said


def _more(homes: list[Data], one: str, other: str) -> list[str]:
    """Homes where one number is above the other, both being known."""
    return [row["name"] for row in homes if row[one] is not None and row[other] is not None and row[one] > row[other]]


def _net(number: int, w: Words) -> str:
    return w("s_net_up" if number > 0 else "s_net_down" if number < 0 else "s_net_flat", n=w.n(abs(number)))


def balance(capacity: Data, w: Words) -> str:
    """期初＋入住－退住－死亡＝期末, a difference is printed, never hidden."""
    gap = capacity["opening"] + capacity["admissions"] - capacity["discharges"] - capacity["deaths"] - capacity["closing"]
    verdict = w("unbalanced", n=w.n(abs(gap))) if gap else ""
    return w("n_movements", opening=w.n(capacity["opening"]), a=w.n(capacity["admissions"]), d=w.n(capacity["discharges"]),
             x=w.n(capacity["deaths"]), closing=w.n(capacity["closing"]), verdict=verdict)  # fmt: skip


def vacant(capacity: Data, w: Words) -> str:
    """空床＝可用－在住 (no reservations are kept yet)."""
    usable = capacity["beds_usable"]
    free = None if usable is None else usable - capacity["closing"]
    return w("n_vacant", n=w.n(free), usable=w.n(usable), occupied=w.n(capacity["closing"]))


def licences(data: Data, w: Words) -> str:
    """How many licences stand where, or that none does."""
    papers = data["licences"]
    if not papers["rows"]:
        return w("n_licences_none", total=w.n(papers["total"]))
    return w("n_licences", total=w.n(papers["total"]), expired=w.n(papers["expired"]), d7=w.n(papers["within_7"]),
             d30=w.n(papers["within_30"]), d90=w.n(papers["within_90"]), day=w.day(data["last_day"]))  # fmt: skip


def later(w: Words) -> str:
    """What has no data yet."""
    return w("later_text", list=w("later_list"))


def definitions(data: Data, w: Words, of_parts: list[str]) -> list[str]:
    """The annex that says what each number means: the cut-off, the parts' own, history, the seal."""
    said = [w("def_cutoff", moment=w("moment", day=w.day(data["last_day"]))), *of_parts]
    if data["trend"]:
        said.append(w("def_history", month=w.month(data["history_from"])))
    return [*said, w("def_seal", hash=data["fingerprint"])] if data["fingerprint"] else said  # on screen nothing is sealed
