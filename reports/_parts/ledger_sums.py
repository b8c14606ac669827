"""整改总况: what was found, fell due, was put right in time, stands open, by township or by facility."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "ledger_sums"
COUNTS = ("found", "due", "in_time", "open", "overdue", "major_open", "fixed")


def collect(g: Gather) -> Json | None:
    """{COUNTS…, rows [{name | zh, en, COUNTS…}]}: townships of the district, else the facilities that have any hazard."""
    from eldercare.core.db import db  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.facilities import queries as facilities  # noqa: PLC0415
    from eldercare.hazards import queries as hazards  # noqa: PLC0415

    found = hazards.counts_by_place(g.scope, g.period.first, g.period.last)
    places = list(db.session.scalars(facilities.facilities(g.scope)))
    rows: list[Json] = []
    if g.level == "district":
        for township_id, name in g.names.items():
            own = [found[each.id] for each in places if each.township_id == township_id and each.id in found]
            rows.append({**name, **{key: sum(getattr(each, key) for each in own) for key in COUNTS}})
    else:
        known = [(each.name, found[each.id]) for each in places if each.id in found]
        rows = [{"name": name, **{key: getattr(each, key) for key in COUNTS}} for name, each in known]
        rows = [row for row in rows if any(row[key] for key in COUNTS)]
    return {**{key: sum(row[key] for row in rows) for key in COUNTS}, "rows": rows}


def blocks(data: Data, w: Words) -> list[show.Block]:
    """One sentence, one table with its sum."""
    found = data[KEY]
    said = w("ls_said", **{key: w.n(found[key]) for key in COUNTS}, rate=w.rate(found["in_time"], found["due"]))

    def line(name: str, row: Data) -> list[str]:
        return [name, *(w.n(row[key]) for key in ("found", "fixed", "due", "in_time")), w.rate(row["in_time"], row["due"]),
                *(w.n(row[key]) for key in ("open", "overdue", "major_open"))]  # fmt: skip

    if not found["rows"]:
        return [show.words([said])]
    rows = [line(row["name"] if "name" in row else w.short_place(row), row) for row in found["rows"]]
    total = line(w("total"), found) if len(rows) > 1 else None
    first = w("c_facility") if "name" in found["rows"][0] else w("c_township")
    heads = ("ls_c_found", "ls_c_fixed", "ls_c_due", "ls_c_in_time", "ls_c_rate", "ls_c_open", "ls_c_overdue", "ls_c_major")
    columns = [(first, -44), *((w(head), 15) for head in heads)]
    return [show.words([said]), show.table(tables.table("", columns, rows, total=total, whole=True), drill="/hazards/")]


def definitions(_data: Data, w: Words) -> list[str]:
    """What the counts mean."""
    return [w("def_ledger_sums")]
