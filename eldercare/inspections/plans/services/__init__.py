"""Writes of plans and planned visits."""

from eldercare.inspections.plans.services.acts import (
    add,
    drop,
    first_day,
    make_visit,
    move,
    move_visit,
    must_be_a_working_day,
    must_be_free,
    notice_due,
    plan_visit,
    suitable,
    suitable_lists,
    take_up,
)
from eldercare.inspections.plans.services.drafting import approve, close, draft, redraft, turn, withdraw
from eldercare.inspections.plans.services.rounds import make_due, morning, tell, watch_teams

__all__ = [
    "add",
    "approve",
    "close",
    "draft",
    "drop",
    "first_day",
    "make_due",
    "make_visit",
    "morning",
    "move",
    "move_visit",
    "must_be_a_working_day",
    "must_be_free",
    "notice_due",
    "plan_visit",
    "redraft",
    "suitable",
    "suitable_lists",
    "take_up",
    "tell",
    "turn",
    "watch_teams",
    "withdraw",
]
