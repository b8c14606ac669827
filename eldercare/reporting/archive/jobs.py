"""What the archive has done outside a request: its list as a workbook, a month in one file."""

from typing import Any

from flask import Flask
from flask_babel import gettext as _

from eldercare.core import exports, jinja, runs
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting.archive import listing, services

LIST = "reports_export"


def init_app(_app: Flask) -> None:
    """Name the handlers."""
    runs.handler(LIST)(export)
    runs.handler(services.ZIP)(services.make_zip)


def export(scope: Scope, run: Run) -> dict[str, Any]:
    """The list as asked, with codes and hashes."""
    bound = listing.EXPORT.bind(run.params.get("query", {}), choices=listing.choices(scope))
    rows = reporting.reports(scope, jinja.lang())
    return exports.workbook(scope, bound, rows, title=_("Reports"), noun="report", stem="reports", wide=(0, 2))
