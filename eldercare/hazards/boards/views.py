"""The boards of hazards: of a place, of whoever rechecks, of everything in reach."""

from typing import Any

from flask import request

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, page
from eldercare.hazards import listing as hazard_words
from eldercare.hazards.boards import listing as words
from eldercare.hazards.boards import queries

room = Room("boards", __name__, url_prefix="/hazards/boards")
WORDS = {"words": words, "hazard_words": hazard_words}


@room.get("/mine", allow=P.HAZARD_REPLY)
def mine(scope: Scope) -> Any:
    """What a place has to put right, and until when."""
    lanes = words.of_place(queries.of_place(scope), calendar.today())
    return page("hazards/boards/mine.html", lanes=lanes, **WORDS)


@room.get("/rechecks", allow=P.HAZARD_RECHECK)
def rechecks(scope: Scope) -> Any:
    """What waits for a recheck, by the day it is due."""
    asked, today = request.args.get("who", ""), calendar.today()
    who = asked if asked in words.WHO_WORDS else "all"
    lanes = words.to_recheck(queries.to_recheck(scope, who), queries.unanswered(scope, who, today), today)
    return page("hazards/boards/rechecks.html", lanes=lanes, who=who, **WORDS)


@room.get("/overview", allow=P.HAZARD_READ)
def overview(scope: Scope) -> Any:
    """How old, how often again, by item and by township."""
    shown = queries.picture(scope, calendar.today())
    drawn = {"ages": words.ages_chart(shown), "months": words.months_chart(shown)}
    return page("hazards/boards/overview.html", shown=shown, **drawn, **WORDS)
