"""Every night: what is due is proposed, what nobody needs any more goes; the list as a workbook."""

from datetime import timedelta
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _

from eldercare.core import calendar, exports, jinja, runs
from eldercare.core.runs import Place, Run, Schedule
from eldercare.core.scope import Scope
from eldercare.reporting.retention import listing, queries, services
from eldercare.reporting.retention.models import YEARS

LIST, SWEEP, PROPOSE = "retention_export", "report_files_sweep", "retention_propose"


def init_app(app: Flask) -> None:
    """The years of each kind; what the clock owes."""
    YEARS.set(app.config["RETENTION_REPORT_YEARS"])
    runs.handler(LIST)(export)
    runs.handler(SWEEP)(sweep)
    runs.handler(PROPOSE)(propose)
    runs.schedule(Schedule(SWEEP, lambda _scope: [Place()], hour=3, minute=40))
    runs.schedule(Schedule(PROPOSE, lambda _scope: [Place()], hour=3, minute=50))


def sweep(scope: Scope, run: Run) -> dict[str, Any]:
    """Files that were taken away, drafts nobody published, ad-hoc reports: older than the settings say."""
    config, now = current_app.config, calendar.now()
    taken, draft, adhoc = (
        now - timedelta(days=config[f"RETENTION_{name}_DAYS"]) for name in ("TAKEN", "DRAFT", "ADHOC")
    )
    let_go = services.tidy(scope, draft, adhoc)  # first: it asks the larger tables, and what is recorded makes others wait
    return {"removed": services.sweep(scope, run, taken), "let_go": let_go}


def propose(scope: Scope, _run: Run) -> dict[str, Any]:
    """What is due stands on the list of those who may confirm."""
    return {"due": services.propose(scope)}


def export(scope: Scope, run: Run) -> dict[str, Any]:
    """The list as asked, with codes and hashes."""
    bound = listing.EXPORT.bind(run.params.get("query", {}), choices=listing.choices(scope))
    rows, title = queries.kept(scope, jinja.lang()), _("How long reports are kept")
    return exports.workbook(scope, bound, rows, title=title, noun="report", stem="reports-kept", wide=(0,))
