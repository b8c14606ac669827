"""工作要求: what people write beside the figures; a draft says that it waits for them (domain notes §8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import blocks as show
from reports._paper.words import Words

Data = Mapping[str, Any]
KEY = "requirements"


def blocks(data: Data, w: Words) -> list[show.Block]:
    """The paragraphs of the edition; nothing where it was published without any."""
    return show.own_words(data["texts"], KEY, w)
