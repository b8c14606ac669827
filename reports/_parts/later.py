"""暂无数据的栏目: said plainly, so that nobody reads silence as zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import blocks as show
from reports._paper import story
from reports._paper.words import Words

Data = Mapping[str, Any]
KEY = "later"


def blocks(_data: Data, w: Words) -> list[show.Block]:
    """One sentence."""
    return [show.empty(story.later(w))]
