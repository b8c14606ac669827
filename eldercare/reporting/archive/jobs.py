"""What the archive has done outside a request: its list as a workbook."""

from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import exports, jinja, runs
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting.archive import listing, services

LIST, SWEEP = "reports_export", "report_files_sweep"


def init_app(_app: Flask) -> None:
    """Name the handlers."""
    runs.handler(LIST)(export)
    runs.handler(services.ZIP)(services.make_zip)
    runs.handler(SWEEP)(services.sweep)
    runs.schedule(Schedule(SWEEP, lambda _scope: [Place()], hour=3, minute=40))


def export(scope: Scope, run: Run) -> dict[str, Any]:
    """The list as asked, with codes and hashes."""
    bound = listing.EXPORT.bind(run.params.get("query", {}), choices=listing.choices(scope))
    rows = reporting.reports(scope, jinja.lang())
    return exports.workbook(scope, bound, rows, title=_("Reports"), noun="report", stem="reports", wide=(0, 2))
