"""居家社区服务: centres, stations and the villages they cover, family care beds, home-care organisations (domain notes §8, 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "home_community"
COUNTS = ("centres", "stations", "canteens", "organisations", "villages", "covered")
MOVES = ("opening", "started", "ended", "closing", "paused")


def collect(g: Gather) -> Json | None:
    """{townships [{code, zh, en, COUNTS…, MOVES…}], totals COUNTS… and MOVES…, waiting {state: homes}, devices {kind: beds},
    served [{name, caregivers, townships [codes]}]}; of a township centre its family care beds, of other facilities null.
    """
    from eldercare.core.db import db  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.facilities import queries as facilities  # noqa: PLC0415
    from eldercare.homecare import queries as homecare  # noqa: PLC0415

    if g.facility is not None and g.facility.facility_type != "township_center":
        return None
    moved = homecare.family_bed_moves(g.scope, g.period.first, g.period.last)
    beds = {"waiting": homecare.family_beds_waiting(g.scope), "devices": homecare.family_bed_devices(g.scope, g.period.last)}
    if g.facility is not None:
        own = sum(moved.values(), homecare.BedMoves())
        return {**{key: getattr(own, key) for key in MOVES}, **beds, "townships": [], "served": []}
    rows = []
    for each in facilities.community(g.scope, g.period.last):
        bed = moved.get(each.township_id, homecare.BedMoves())
        counts = {key: getattr(each, key) for key in COUNTS} | {key: getattr(bed, key) for key in MOVES}
        rows.append({**g.names[each.township_id], **counts})
    served = facilities.served(g.scope)
    codes = {each.id: each.code for each in facilities.townships(g.scope, whole=True)}
    asked = facilities.facilities(g.scope, facility_type="home_care_org", state="operating")
    return {
        "townships": rows, **{key: sum(row[key] for row in rows) for key in (*COUNTS, *MOVES)}, **beds,
        "served": [
            {"name": each.name, "caregivers": each.caregivers, "townships": [codes[n] for n in served.get(each.id, ())]}
            for each in db.session.scalars(asked)
        ],
    }  # fmt: skip


def blocks(data: Data, w: Words) -> list[show.Block]:
    """Who serves at home and in the villages; what the platform does not keep yet."""
    found = data[KEY]
    beds = [show.words([_balance(found, w), *_waiting(found, w), *_devices(found, w)], drill="/facilities/?type=township_center")]
    nothing = show.empty(w("hc_none"))
    if not found["townships"]:
        return [*beds, nothing]
    said = show.words([_cover(found, w)], drill="/facilities/")
    if data["place"]["level"] == "township":
        return [said, *beds, *_organisations(found, w), nothing]
    return [
        said, show.table(_by_township(found, w), drill="/facilities/"), show.h3(w("hc_beds")), *beds,
        show.h3(w("hc_orgs")), *_organisations(found, w), show.h3(w("hc_visits")), nothing,
    ]  # fmt: skip


def _cover(found: Data, w: Words) -> str:
    return w(
        "hc_cover", centres=w.n(found["centres"]), stations=w.n(found["stations"]), covered=w.n(found["covered"]),
        villages=w.n(found["villages"]), share=w.rate(found["covered"], found["villages"]), orgs=w.n(found["organisations"]),
    )  # fmt: skip


def _balance(found: Data, w: Words) -> str:
    gap = found["opening"] + found["started"] - found["ended"] - found["closing"]
    said = {key: w.n(found[key]) for key in MOVES}
    return w("hc_balance", **said, verdict=w("hc_unbalanced", n=w.n(abs(gap))) if gap else "")


def _waiting(found: Data, w: Words) -> list[str]:
    listed = [w("hc_state", name=w("hc_" + state), n=w.n(count)) for state, count in found["waiting"].items()]
    return [w("hc_waiting", n=w.n(sum(found["waiting"].values())), list=w("join").join(listed))] if listed else []


def _devices(found: Data, w: Words) -> list[str]:
    of = found["closing"]
    listed = [w("hc_device", name=w("hc_" + kind), n=w.n(n), share=w.rate(n, of)) for kind, n in found["devices"].items()]
    return [w("hc_devices", list=w("join").join(listed))] if listed else []


def _by_township(found: Data, w: Words) -> tables.Table:
    keys = ("centres", "stations", "villages", "covered")

    def line(name: str, row: Data) -> list[str]:
        moved = [w.n(row[key]) for key in ("started", "ended", "closing")]
        share = w.rate(row["covered"], row["villages"])
        return [name, *(w.n(row[key]) for key in keys), share, w.n(row["canteens"]), *moved]

    rows = [line(w.short_place(row), row) for row in found["townships"]]
    heads = ("hc_c_centres", "hc_c_stations", "hc_c_villages", "hc_c_covered", "hc_c_share", "hc_c_canteens", "hc_c_started",
             "hc_c_ended", "hc_c_closing")  # fmt: skip
    columns = [(w("c_township"), -48), *((w(head), 15) for head in heads)]
    return tables.table("", columns, rows, total=line(w("district_total"), found), note=w("hc_note"))


def _organisations(found: Data, w: Words) -> list[show.Block]:
    if not found["served"]:
        return [show.empty(w("hc_no_orgs"))]
    names = {row["code"]: w.short_place(row) for row in found["townships"]}
    rows = []
    for each in found["served"]:
        here = [names[code] for code in each["townships"] if code in names]
        elsewhere = len(each["townships"]) - len(here)
        listed = w("hc_sep").join(here) + (w("hc_elsewhere", n=w.n(elsewhere)) if elsewhere else "")
        rows.append([each["name"], listed, w.n(len(each["townships"])), w.n(each["caregivers"])])
    columns = [(w("hc_c_org"), -54), (w("hc_c_where"), -80), (w("hc_c_served"), 13), (w("hc_c_caregivers"), 14)]
    return [show.table(tables.table("", columns, rows, whole=True), drill="/facilities/?type=home_care_org")]


def definitions(_data: Data, w: Words) -> list[str]:
    """What covered and in service mean."""
    return [w("def_home_community")]
