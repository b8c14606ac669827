"""Reads of hazards. Rates of a period: put right in time / due in the period (domain.md §8 row 6)."""

from eldercare.hazards.queries.figures import (
    AGES,
    Age,
    ByItem,
    ByTownship,
    Repeat,
    aged,
    ageing,
    by_item,
    by_month,
    by_township,
    findings_of,
    is_repeat,
    repeat,
    repeats_within,
)
from eldercare.hazards.queries.ledger import (
    Counts,
    counts,
    counts_by_place,
    falling_due,
    found,
    hazard,
    hazards,
    history,
    is_found,
    issued,
    matching,
    of_sources,
    open_at,
    overdue,
    overdue_at,
    replied_in_time,
    replies_of,
    reply,
    waiting,
    waits,
    was_open,
)
from eldercare.hazards.queries.period import SEVERITIES, SOURCES, SUMS, Sum, begun, of_period, replies_right, sums, telling

__all__ = [
    "AGES", "SEVERITIES", "SOURCES", "SUMS", "Age", "ByItem", "ByTownship", "Counts", "Repeat", "Sum", "aged", "ageing",
    "begun", "by_item", "by_month", "by_township", "counts", "counts_by_place", "falling_due", "findings_of", "found", "hazard",
    "hazards", "history", "is_found", "is_repeat", "issued", "matching", "of_period", "of_sources", "open_at",
    "overdue", "overdue_at", "repeat", "repeats_within", "replied_in_time", "replies_of", "replies_right", "reply", "sums",
    "telling", "waiting", "waits", "was_open",
]  # fmt: skip
