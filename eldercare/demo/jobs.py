"""What of the demo district is made after it is loaded."""

from eldercare.core import runs
from eldercare.demo import reports

runs.handler(reports.RUN, snapshot=True)(reports.make)
