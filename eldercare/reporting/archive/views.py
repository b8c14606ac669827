"""Taking the archive's list away."""

from typing import Any

from flask import request

from eldercare.core import runs
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done
from eldercare.reporting.archive import jobs, listing, services

room = Room("archive", __name__, url_prefix="/reporting/archive")


@room.post("/export", allow=P.REPORT_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    query = listing.EXPORT.bind(request.form, choices=listing.choices(scope)).query
    return done("reporting.show_run", run_id=runs.enqueue(scope, jobs.LIST, query=query).id)


@room.post("/zip", allow=P.REPORT_READ)
def pack(scope: Scope) -> Any:
    """Every report of a month in one file, made by a Run."""
    return done("reporting.show_run", run_id=services.ask_zip(scope, request.form.get("period", "")).id)
