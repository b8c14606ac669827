"""Writes of visits: planned, told, recorded, answered, published. lock → judge → change → record."""

from eldercare.inspections.services.corrections import correct
from eldercare.inspections.services.hearing import answer, open_photo, publish, unpublish
from eldercare.inspections.services.planning import LEAST, cancel_visit, give_notice, must_be_fit, plan_visit, put

__all__ = [
    "LEAST", "answer", "cancel_visit", "correct", "give_notice", "must_be_fit", "open_photo", "plan_visit", "publish", "put",
    "unpublish",
]  # fmt: skip
