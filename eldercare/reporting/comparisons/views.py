"""Two periods beside one another."""

from typing import Any

from flask import request, url_for

from eldercare.core.access import P
from eldercare.core.jinja import lang
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page
from eldercare.reporting.comparisons import queries
from eldercare.reporting.differences import listing as words

room = Room("comparisons", __name__, url_prefix="/reporting/comparisons")


@room.get("/", allow=P.REPORT_READ)
def index(scope: Scope) -> Any:
    """`?report=…&other=…`; the newest two where nothing is named."""
    new, old = queries.pair(scope, request.args.get("report", type=int), request.args.get("other", type=int))
    parts = queries.parts(old, new, lang()) if old else []
    if old is not None and parts is None:  # figure by figure, under their own names
        return done("differences.of", report_id=old.id, other_id=new.id)
    rows = queries.others(scope, new)
    links = {name: url_for(".index", report=new.id, other=row.id) for name, row in queries.usual(new, rows).items()}
    return page("reporting/comparisons/index.html", old=old, new=new, parts=parts, others=rows, links=links, words=words)
