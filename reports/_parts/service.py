"""服务情况: what the register says of a facility that is no institution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "service"


def collect(g: Gather) -> Json | None:
    """[{key, value}]: family_beds, served_townships, caregivers, seats, meals_per_day, area_m2; what is known of them."""
    from reports._paper import figures  # noqa: PLC0415 — the drawing process needs none of this

    if g.facility is None or g.is_home:
        return None
    found: Any = figures.service(g.scope, g.facility, g.month)
    return found  # type: ignore[no-any-return]


def blocks(data: Data, w: Words) -> list[show.Block]:
    """One small table."""
    return [show.table(tables.service(data, w))] if data.get("service") else []
