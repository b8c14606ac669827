"""Deadlines as they run, acknowledging a report, entering who was told."""

from typing import Any

from flask import request

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.incidents import listing as words
from eldercare.incidents import queries as incidents
from eldercare.incidents.clocks import forms, listing, queries, services

room = Room("clocks", __name__, url_prefix="/incidents/<int:incident_id>/clocks")


@room.get("/", allow=P.INCIDENT_READ)
def index(scope: Scope, incident_id: int) -> Any:
    """The deadlines of an incident, as a part of its record that keeps itself up to date."""
    incident = incidents.incident(scope, incident_id)
    return page(
        "incidents/clocks/_clocks.html", incident=incident, clocks=queries.clocks_of(scope, incident_id), clock_words=listing
    )


@room.route("/acknowledge", allow=P.INCIDENT_RECEIVE, methods=["GET", "POST"])
def acknowledge(scope: Scope, incident_id: int) -> Any:
    """An officer has read what was reported."""
    incident, form = incidents.incident(scope, incident_id), forms.AcknowledgeForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.acknowledge(scope, incident_id, words.rules(), form.note.data)
        if attempt.ok:
            return done("incidents.show", incident_id=incident_id)
    reports = incidents.reports(scope, incident_id)
    return page(
        "incidents/clocks/acknowledge.html", form=form, incident=incident, reports=reports, words=words, clock_words=listing
    )


@room.route("/receipt", allow=P.INCIDENT_REPORT, methods=["GET", "POST"])
def receipt(scope: Scope, incident_id: int) -> Any:
    """Somebody outside, or the family, was told; the proof."""
    incident = incidents.incident(scope, incident_id)
    form = forms.ReceiptForm(body=request.args.get("body"), received_at=calendar.now())
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.enter(scope, incident_id, form.body.data, words.rules(), received_at=form.received_at.data, **form.said())
        if attempt.ok:
            return done("incidents.show", incident_id=incident_id)
    return page("incidents/clocks/receipt.html", form=form, incident=incident, words=words)
