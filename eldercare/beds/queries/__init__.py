"""Reads of stays and beds: `numbers` (§3.3), `board` (a home at a glance), `vacancy` (free beds of the district)."""

from eldercare.beds.queries.board import (
    BoardBed,
    applicants,
    bed_now,
    board,
    changed_since,
    free_beds,
    home,
    stays_of,
    watch_lists,
)
from eldercare.beds.queries.numbers import (
    BEGUN,
    BedDays,
    DisabledShare,
    Movement,
    Occupancy,
    TrendPoint,
    bed_days,
    disabled_share,
    in_home_of,
    movements,
    occupancy,
    occupancy_by_township,
    occupancy_trend,
    people_in_homes,
    residents_in_homes,
    total,
)
from eldercare.beds.queries.vacancy import FREE, USABLE, HomeBeds, free_by_kind, homes, offers

__all__ = [
    "BEGUN", "FREE", "USABLE", "BedDays", "BoardBed", "DisabledShare", "HomeBeds", "Movement", "Occupancy", "TrendPoint",
    "applicants",
    "bed_days", "bed_now", "board", "changed_since", "disabled_share", "free_beds", "free_by_kind", "home", "homes", "in_home_of",
    "movements", "occupancy", "occupancy_by_township", "occupancy_trend", "offers", "people_in_homes",
    "residents_in_homes", "stays_of", "total", "watch_lists",
]
