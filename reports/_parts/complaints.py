"""投诉举报: has no source in the platform yet; said plainly, so that nobody reads silence as zero (domain notes §8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "complaints"


def collect(_g: Gather) -> Json | None:
    """Nothing: received, closed in time, satisfaction, top causes are not kept yet."""
    return None


def blocks(_data: Data, w: Words) -> list[show.Block]:
    """One sentence."""
    return [show.empty(w("none_complaints"))]
