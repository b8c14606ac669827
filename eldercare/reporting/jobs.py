"""Who makes each report; when it is due stands in its schedule (`reporting/schedules`)."""

from flask import Flask

from eldercare.core import runs
from eldercare.reporting import queries, services


def init_app(app: Flask) -> None:
    """Name the handler of every report in `reports/`; drawing it in two languages at most takes so long and no longer."""
    minutes = 2 * app.config["REPORT_TIMEOUT_S"] // 60 + 5
    for kind in queries.kinds():
        runs.handler(kind, snapshot=True, minutes=minutes)(services.build)
