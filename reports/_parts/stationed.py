"""驻点监管: days on post of days due, what was walked, found and advised, institution by institution (§5.2, §8 row 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import compared, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "stationed"
COUNTS = ("due", "present", "extra", "days", "minutes", "walked", "hazards", "advice", "adopted", "declined")
FEW = 80  # percent of the days due below which a post is hardly manned


def collect(g: Gather) -> Json | None:
    """{times with COUNTS and homes, rows [{code, name, township, COUNTS}]}: due, present, extra days; days handed in, minutes,
    parts of the house walked, hazards reported, advice given, adopted, declined. None where nobody is stationed.
    """
    from eldercare.inspections.postings import queries  # noqa: PLC0415 — the drawing process needs none of this

    now = _rows(g)
    if g.facility is not None and not now:
        return None

    def counts(each: Gather) -> dict[str, int]:
        rows = now if each is g else _rows(each)
        return {"homes": len(rows), **compared.summed(rows, COUNTS)}

    return {"times": compared.times(g, counts, queries.begun(g.scope)), "rows": now}


def _rows(g: Gather) -> list[Json]:
    from eldercare.inspections.postings import queries  # noqa: PLC0415

    held = queries.manned(g.scope, g.period.first, g.period.last)
    did = {each.facility_id: each for each in queries.figures(g.scope, g.period.first, g.period.last)} if held else {}
    rows = []
    for each in held:
        home, figures = each.facility, did.get(each.facility.id)
        rows.append({
            "code": home.code, "name": home.name, "township": g.names[home.township_id]["code"], "due": each.due,
            "present": each.present, "extra": each.extra,
            **{name: getattr(figures, name) if figures else 0 for name in COUNTS[3:]},
        })  # fmt: skip
    return rows


def indicators(g: Gather) -> list[Json]:
    """Days on post of the days due."""
    return compared.indicator("stationed_present", g.data[KEY]["times"], "present", "due", "up", {"at_least": 100})


def summary(data: Data, w: Words) -> list[str]:
    """Days on post."""
    now = data[KEY]["times"]["value"]
    if not now["homes"]:
        return []
    return [w("st_summary", share=w.rate(now["present"], now["due"]))]


def decisions(data: Data, w: Words) -> list[tuple[int, str]]:
    """Posts that were hardly manned."""
    few = [row["name"] for row in data[KEY]["rows"] if row["due"] and 100 * row["present"] < FEW * row["due"]]
    return [(50, w("st_d_few", n=w.n(len(few)), names=compared.names(few, w, 3), limit=FEW))] if few else []


def blocks(data: Data, w: Words) -> list[show.Block]:
    """The figures before and now; a line for each home."""
    found = data[KEY]
    now = found["times"]["value"]
    if not now["homes"]:
        return [show.empty(w("st_none"))]
    first, last = compared.days(data)
    drill = f"/inspections/postings/days/?days_from={first}&days_to={last}"
    said = "" if data["place"]["level"] == "facility" else w("st_homes", n=w.n(now["homes"]))
    said += w("st_said", due=w.n(now["due"]), present=w.n(now["present"]),
             share=w.rate(now["present"], now["due"]), absent=w.n(now["due"] - now["present"]), walked=w.n(now["walked"]),
             hazards=w.n(now["hazards"]))  # fmt: skip
    advice = w("st_no_advice")
    if now["advice"]:
        waiting = now["advice"] - now["adopted"] - now["declined"]
        advice = w("st_advice", advice=w.n(now["advice"]), adopted=w.n(now["adopted"]),
                   share=w.rate(now["adopted"], now["advice"]), declined=w.n(now["declined"]), open=w.n(waiting))  # fmt: skip
    out = [
        show.words([said + advice], drill=drill),
        show.table(compared.table(data, w, found["times"], [
            ("st_present", "present", "due"), ("st_hazards", "hazards", None), ("st_advice_given", "advice", None),
            ("st_adopted", "adopted", "advice"),
        ]), drill=drill),
    ]  # fmt: skip
    if data["place"]["level"] != "facility":
        out += [show.h3(w("st_h_homes")), show.table(_homes(found["rows"], now, w), drill="/inspections/postings/")]
    return [*out, show.note(w("st_note"))]


def _homes(rows: Any, total: Data, w: Words) -> tables.Table:
    def line(name: str, row: Data) -> list[str]:
        return [name, w.n(row["due"]), w.n(row["present"]), w.rate(row["present"], row["due"]), _hours(row),
                w.n(row["walked"]), w.n(row["hazards"]), w.n(row["advice"]), w.n(row["adopted"]),
                w.rate(row["adopted"], row["advice"])]  # fmt: skip

    columns = [(w("c_institution"), -42), (w("st_c_due"), 12), (w("st_c_present"), 12), (w("st_c_share"), 16),
               (w("st_c_hours"), 18), (w("st_c_walked"), 16), (w("st_c_hazards"), 12), (w("st_c_advice"), 12),
               (w("st_c_adopted"), 13), (w("st_c_adopted_share"), 16)]  # fmt: skip
    return tables.table("", columns, [line(row["name"], row) for row in rows], total=line(w("total"), total))


def _hours(row: Data) -> str:
    """Hours on post a day."""
    return f"{row['minutes'] / 60 / row['days']:.1f}" if row["days"] else "—"


def definitions(_data: Data, w: Words) -> list[str]:
    """What stationed supervision may and may not do."""
    return [w("st_def")]
