"""Each role's own first page. Administrators and auditors go straight to their one list."""

from typing import Any

from flask import redirect, url_for
from flask_login import current_user

from eldercare.core import calendar
from eldercare.core.access import SIGNED_IN, P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, can, page, step_into
from eldercare.facilities.staff.listing import required
from eldercare.overview import listing, queries

room = Room("overview", __name__, url_prefix="")
BOARDS = (P.OVERVIEW_DISTRICT, P.OVERVIEW_TOWNSHIP, P.OVERVIEW_FACILITY)
STRAIGHT_TO = ((P.USER_READ, "accounts.index"), (P.AUDIT_READ, "audit.index"))


def _board() -> tuple[P, Scope] | None:
    """The widest board the person holds, entered."""
    for permission in BOARDS:
        if can(permission):
            scope = step_into(permission)
            if scope is not None:
                return permission, scope
    return None


@room.get("/", allow=SIGNED_IN)
def index(scope: Scope) -> Any:
    """What needs me today, then the numbers of the day; charts and map follow by themselves."""
    board = _board()
    if board is None:
        target = next((endpoint for permission, endpoint in STRAIGHT_TO if can(permission)), None)
        return redirect(url_for(target), 303) if target else page("overview/nothing.html")
    permission, reach = board
    kind, today = permission.split(":")[1], calendar.today()
    told, needs = queries.told(reach, current_user), queries.needs(reach, today, required())
    waits = listing.by_urgency(listing.told(told) + listing.lines(needs))
    cards = listing.cards(queries.figures(reach, today))
    own = queries.own(reach) if permission == P.OVERVIEW_FACILITY else []
    return page("overview/index.html", kind=kind, needs=waits, cards=cards, own=own, kinds=listing.KINDS)


@room.get("/overview/charts", allow=SIGNED_IN)
def charts(scope: Scope) -> Any:
    """The charts and the map of the first page."""
    board = _board()
    if board is None:
        return page("overview/nothing.html")
    permission, reach = board
    shown = queries.shown(reach, calendar.today(), with_map=permission != P.OVERVIEW_FACILITY)
    return page("overview/_charts.html", **listing.pictures(shown))
