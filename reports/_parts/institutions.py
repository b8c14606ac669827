"""Annex: every institution with beds, movements and both rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words
from reports._parts.key_figures import HOMES

Data = Mapping[str, Any]
KEY = "institutions"
ANNEX = WIDE = True


def blocks(data: Data, w: Words) -> list[show.Block]:
    """One wide table."""
    return [show.table(tables.institutions(data, w), drill=HOMES)] if data["capacity"]["rows"] else []
