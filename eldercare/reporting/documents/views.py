"""Asking for a report as a Word document."""

from typing import Any

from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done
from eldercare.reporting.documents import services

room = Room("documents", __name__, url_prefix="/reporting/documents")


@room.post("/<int:report_id>", allow=P.REPORT_READ)
def write(scope: Scope, report_id: int) -> Any:
    """Have the document made; the page of the job hands it out."""
    return done("reporting.show_run", run_id=services.ask(scope, report_id).id)
