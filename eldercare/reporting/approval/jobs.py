"""Pages drawn anew with the words of a draft; the final pages of what is published."""

from eldercare.core import runs
from eldercare.reporting.approval import services

runs.handler("report_redraw")(services.redraw)
runs.handler("report_publish")(services.publish)
