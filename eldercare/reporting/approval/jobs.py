"""Pages drawn anew with the words of a draft; the final pages of what is published."""

from flask import Flask

from eldercare.core import runs
from eldercare.reporting.approval import services
from eldercare.reporting.approval.models import PACE


def init_app(app: Flask) -> None:
    """Drawing two languages takes so long and no longer; a step is late after so many working days."""
    PACE.working_days = app.config["REPORT_STEP_WORKING_DAYS"]
    minutes = 2 * app.config["REPORT_TIMEOUT_S"] // 60 + 5
    runs.handler("report_redraw", minutes=minutes)(services.redraw)
    runs.handler("report_publish", minutes=minutes)(services.publish)
