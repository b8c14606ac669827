"""Caregivers to residents, home by home."""

from typing import Any

from eldercare.beds.ratios import listing, queries
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, page

room = Room("ratios", __name__, url_prefix="/beds/ratios")


@room.get("/", allow=P.STAY_READ)
def index(scope: Scope) -> Any:
    """The homes in reach against the standard's bands, with the sum."""
    rows, bands = listing.lines(scope), listing.bands()
    return page("beds/ratios/index.html", rows=rows, total=queries.total(rows), bands=bands, words=listing)
