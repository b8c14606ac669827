"""要情摘要: the figures that moved, said from the numbers of the tables, and what needs a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import assemble, pictures, story
from reports._paper import blocks as show
from reports._paper.words import Words
from reports._parts import key_figures

Data = Mapping[str, Any]
KEY = "summary"
TILES = {
    "district": ("elders", "in_residence", "occupancy", "family_beds"),
    "township": ("elders", "in_residence", "occupancy", "family_beds"),
    "facility": ("in_residence", "occupancy", "admissions", "licences_expired"),
}


def blocks(data: Data, w: Words) -> list[show.Block]:
    """Tiles, sentences, decisions: what page 1 must say alone."""
    keys: tuple[str, ...] = TILES[data["place"]["level"]]
    has_homes = bool((data.get("capacity") or {}).get("institutions"))
    if not has_homes:
        keys = () if data["facility"] else ("elders", "family_beds", "licences_expired")
    weighed = [*story.decisions(data, w), *assemble.said(data, w, "decisions")]
    asked = [sentence for _, sentence in sorted(weighed, key=lambda each: -each[0])][: story.MOST_DECISIONS]
    supervised = ("" if w.zh else " ").join(assemble.said(data, w, "summary"))
    brief = bool(supervised) and (data["facility"] is None or has_homes)
    return [
        show.tiles([{**each, "drill": key_figures.opens(data, each["key"])} for each in pictures.tiles(data, w, keys)]),
        show.words([*story.summary(data, w, brief=brief), supervised]),
        show.decide(w("h_decisions"), asked or [w("d_none")]),
    ]
