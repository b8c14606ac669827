"""更正情况: what was changed after the first report, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

Data = Mapping[str, Any]
KEY = "brief_changes"


def blocks(data: Data, w: Words) -> list[show.Block]:
    """One table, oldest first; nothing where nothing was changed."""
    rows = []
    for each in data["incident"]["changes"]:
        pairs = [w("br_pair", name=w("br_of_" + name), a=before, b=after) for name, before, after in each["pairs"]]
        rows.append([w.moment(each["at"]), w.place(each["kind"]), w("join").join(pairs) or w("none"), each["reason"]])
    columns = [(w("br_c_at"), -40), (w("br_c_change"), -28), (w("br_c_pairs"), -48), (w("br_c_reason"), -42)]
    return [show.table(tables.table("", columns, rows, whole=True))] if rows else []
