"""主要指标: value, change on the period before and on the year, target, light; the trend of occupancy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import pictures, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "key_figures"
SHEET = True


def collect(_g: Gather) -> Json | None:
    """Every part brings its own indicators; they are sealed as data["indicators"]."""
    return None


def blocks(data: Data, w: Words) -> list[show.Block]:
    """One table, one chart."""
    return [show.table(tables.indicators(data, w)), show.picture(pictures.trend(data, w))]
