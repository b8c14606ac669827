"""Writes of hazards: lock → judge → change → record. What is overdue is told by `watch`."""

from eldercare.hazards.services.deadlines import ask, extend, refuse, watch
from eldercare.hazards.services.finding import confirm, dismiss, issue, may_order, order, order_or_report, report, take_back
from eldercare.hazards.services.hearing import publish, state, unpublish
from eldercare.hazards.services.righting import assign, begin, close, receive, recheck, reply

__all__ = [
    "ask", "assign", "begin", "close", "confirm", "dismiss", "extend", "issue", "may_order", "order", "order_or_report",
    "publish", "receive", "recheck", "refuse", "reply", "report", "state", "take_back", "unpublish", "watch",
]  # fmt: skip
