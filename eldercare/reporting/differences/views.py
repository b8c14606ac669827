"""What differs between two editions: the page and its workbook."""

from typing import Any

from eldercare.core import runs
from eldercare.core.access import P
from eldercare.core.jinja import lang
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page
from eldercare.reporting.differences import listing, queries

room = Room("differences", __name__, url_prefix="/reporting/<int:report_id>/differences")


@room.get("/<int:other_id>", allow=P.REPORT_READ)
def of(scope: Scope, report_id: int, other_id: int) -> Any:
    """Part by part, the older edition first."""
    old, new = queries.pair(scope, report_id, other_id)
    found = queries.differences(old, new, lang())
    return page("reporting/differences/show.html", old=old, new=new, found=found, words=listing)


@room.post("/<int:other_id>/export", allow=P.REPORT_READ)
def export(scope: Scope, report_id: int, other_id: int) -> Any:
    """The same as a workbook, made by a Run."""
    queries.pair(scope, report_id, other_id)
    run = runs.enqueue(scope, "differences_export", report_id=report_id, other_id=other_id)
    return done("reporting.show_run", run_id=run.id)
