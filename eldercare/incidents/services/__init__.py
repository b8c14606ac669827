"""Writes of incidents: lock → judge → change → record. What is sealed or kept for good is only ever added to."""

from eldercare.incidents.services.changes import change_figures, change_grade, change_kind, change_times
from eldercare.incidents.services.first import TIMES, draft_of_death, fill_figures, report, send_draft, watch_deaths
from eldercare.incidents.services.people import add_person, complete, editable
from eldercare.incidents.services.reports import send_report

__all__ = [
    "TIMES",
    "add_person",
    "change_figures",
    "change_grade",
    "change_kind",
    "change_times",
    "complete",
    "draft_of_death",
    "editable",
    "fill_figures",
    "report",
    "send_draft",
    "send_report",
    "watch_deaths",
]
