"""Stays and beds put into words: `occupancy` of a home, its `board`, the district's `vacancy`."""

from eldercare.beds.forms import REASONS
from eldercare.beds.listing.board import (
    KIND_WORDS,
    POLICY_WORDS,
    ROOM_FOR,
    STATES,
    TILE_WORDS,
    WATCH,
    Board,
    act_url,
    as_json,
    away,
    bed_badge,
    board_of,
    day_asked,
    more_acts,
    person_facts,
    sheet_title,
    watching,
)
from eldercare.beds.listing.occupancy import occupancy_chart
from eldercare.beds.listing.vacancy import VACANCY, choices, home_line, kind_figures

__all__ = [
    "KIND_WORDS", "POLICY_WORDS", "REASONS", "ROOM_FOR", "STATES", "TILE_WORDS", "VACANCY", "WATCH", "Board", "act_url",
    "as_json", "away", "bed_badge", "board_of", "choices", "day_asked", "home_line", "kind_figures", "more_acts",
    "occupancy_chart", "person_facts", "sheet_title", "watching",
]
