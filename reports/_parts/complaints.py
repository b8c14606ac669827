"""投诉举报: has no source in the platform yet; said plainly, so that nobody reads silence as zero (domain notes §8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import blocks as show
from reports._paper.words import Words

Data = Mapping[str, Any]
KEY = "complaints"


def blocks(_data: Data, w: Words) -> list[show.Block]:
    """One sentence."""
    return [show.empty(w("none_complaints"))]
