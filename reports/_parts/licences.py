"""证照到期: what has expired and what ends soon, soonest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import story, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "licences"


def collect(g: Gather) -> Json | None:
    """{total, expired, within_7, within_30 (8–30), within_90 (31–90), rows [{facility, facility_type, township, licence_type,
    valid_to, days}]}.
    """
    from reports._paper import figures  # noqa: PLC0415 — the drawing process needs none of this

    return figures.licences(g.scope, g.period.last, g.names)


def indicators(g: Gather) -> list[Json]:
    """Expired ones; there is no history of licences to compare with."""
    from reports._paper import figures  # noqa: PLC0415

    return [figures.one("licences_expired", {"value": {"n": g.data["licences"]["expired"]}}, "down", {"at_most": 0})]


def blocks(data: Data, w: Words) -> list[show.Block]:
    """A sentence, and the list."""
    said = show.words([story.licences(data, w)], drill="/facilities/licences")
    return [said, show.table(tables.licences(data, w))] if data["licences"]["rows"] else [said]
