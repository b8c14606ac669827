"""突发事件: how many, how grave, reported on time or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import story, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "incidents"


def collect(g: Gather) -> Json | None:
    """{total, previous, by_grade {E1…E4}, types [{family, type, count, zh, en}], deaths, injured, due, on_time, open,
    resident_days}.
    """
    from reports._paper import figures  # noqa: PLC0415 — the drawing process needs none of this

    return figures.incidents(g.scope, g.period)


def blocks(data: Data, w: Words) -> list[show.Block]:
    """A paragraph, and the types."""
    said = show.words([story.incidents(data, w)], drill="/incidents/")
    drawn = tables.incidents(data, w)
    return [said, show.table(drawn)] if drawn else [said]


def definitions(_data: Data, w: Words) -> list[str]:
    """What counts as an incident of the period."""
    return [w("def_incidents")]
