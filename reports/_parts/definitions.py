"""Annex: what each number means, the cut-off, the seal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import assemble, story
from reports._paper import blocks as show
from reports._paper.words import Words

Data = Mapping[str, Any]
KEY = "definitions"
ANNEX = True


def blocks(data: Data, w: Words) -> list[show.Block]:
    """Cut-off first, then the parts in their order, the seal last."""
    return [show.numbered(story.definitions(data, w, assemble.said(data, w, "definitions")))]
