"""Writes of visits: planned, told, recorded, answered, published. lock → judge → change → record."""

from eldercare.inspections.services.corrections import correct
from eldercare.inspections.services.hearing import answer, open_photo, publish, unpublish
from eldercare.inspections.services.planning import LEAST, cancel_visit, change_team, give_notice, plan_visit, reschedule

__all__ = [
    "LEAST", "answer", "cancel_visit", "change_team", "correct", "give_notice", "open_photo", "plan_visit", "publish",
    "reschedule", "unpublish",
]  # fmt: skip
