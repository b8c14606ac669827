"""Writes of draws: plan, approve, freeze, witness, draw, announce, replace, declare void."""

from eldercare.inspections.draws.services.announcing import announce, notice_day, tell_team
from eldercare.inspections.draws.services.drawing import draw, replace, witness
from eldercare.inspections.draws.services.files import body, file_text, verify
from eldercare.inspections.draws.services.plans import approve, ask_void, change, freeze, plan, refuse_void, void, withdraw

__all__ = [
    "announce", "approve", "ask_void", "body", "change", "draw", "file_text", "freeze", "notice_day", "plan", "refuse_void",
    "replace", "tell_team", "verify", "void", "withdraw", "witness",
]
