"""The job that writes a report as a Word document."""

from flask import Flask

from eldercare.core import runs
from eldercare.reporting.documents import services


def init_app(_app: Flask) -> None:
    """Name the handler."""
    runs.handler(services.KIND)(services.make)
