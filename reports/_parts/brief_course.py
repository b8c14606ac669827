"""经过、措施与原因: what happened, what was done, the cause as far as it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import blocks as show
from reports._paper.words import Words

Data = Mapping[str, Any]
KEY = "brief_course"


def blocks(data: Data, w: Words) -> list[show.Block]:
    """Three short headings; what nobody has written yet is said to be open."""
    one = data["incident"]
    found = (w("br_cause", name=w.place(one["cause"])) if one["cause"] else "", one["investigation"])
    cause = ("" if w.zh else " ").join(filter(None, found))
    stable = w("br_stable", at=w.moment(one["stable_at"])) if one["stable_at"] else ""
    out: list[show.Block] = []
    for key, said in (("br_h_course", [one["course"]]), ("br_h_measures", [one["measures"], stable]), ("br_h_cause", [cause])):
        text = [each for each in said if each]
        out += [show.h3(w(key)), show.words(text) if text else show.empty(w("br_open"))]
    return out
