"""The route of a day: see it, order it, write its hours into the visits."""

from typing import Any

from flask_babel import gettext as _

from eldercare.core import calendar, jinja
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page
from eldercare.facilities import queries as facilities
from eldercare.inspections.routes import forms, queries, services
from eldercare.inspections.routes import listing as words

room = Room("routes", __name__, url_prefix="/inspections/routes")


@room.get("/", allow=P.INSPECTION_READ)
def index(scope: Scope) -> Any:
    """A day's visits in their order; an inspector sees their own."""
    day, officer_id = forms.day_asked(), forms.whose(scope)
    visits, runs = queries.visits(scope, day), queries.orders(scope, day)
    stops = queries.stops(scope, visits, runs, words.terms())
    route = words.day_route(day, visits, stops, queries.ordered(runs), officer_id)
    waiting = next((run for run in runs[:1] if run.state != "done"), None)
    return page("inspections/routes/index.html", route=route, words=words, officer_id=officer_id, waiting=waiting,
                officers=[] if forms.is_own_alone() else words.officers(visits), is_own=forms.is_own_alone(),
                map=words.drawn(route, facilities.townships(scope, whole=True)))  # fmt: skip


@room.get("/today", allow=P.INSPECTION_DO)
def today(scope: Scope) -> Any:
    """The part of an inspector's first page: today's visits, rechecks, what is late, the certificate."""
    own = forms.own_officer(scope)
    shown = queries.first_page(scope, own.id if own else 0, calendar.today())
    return page("inspections/routes/_today.html", own=own, shown=shown, words=words)


@room.post("/order", allow=P.INSPECTION_DO)
def order(scope: Scope) -> Any:
    """Order one's own day, with everybody one goes about with."""
    day = forms.day_asked()
    services.ask(scope, day, forms.must_be_officer(scope), words.terms())
    return done(".index", day=day.isoformat())


@room.post("/order-all", allow=P.INSPECTION_PLAN)
def order_all(scope: Scope) -> Any:
    """Order everybody's day, or one officer's."""
    day, officer_id = forms.day_asked(), forms.whose(scope)
    services.ask(scope, day, officer_id, words.terms())
    return done(".index", day=day.isoformat(), officer=officer_id)


@room.post("/take", allow=P.INSPECTION_DO)
def take(scope: Scope) -> Any:
    """Write the hours of one's own order into the visits."""
    day = forms.day_asked()
    services.take(scope, day, forms.must_be_officer(scope), words.terms(), _("Route of %(day)s", day=jinja.day(day)))
    return done(".index", day=day.isoformat())


@room.post("/take-all", allow=P.INSPECTION_PLAN)
def take_all(scope: Scope) -> Any:
    """Write the hours of everybody's order into the visits, or of one officer's."""
    day, officer_id = forms.day_asked(), forms.whose(scope)
    services.take(scope, day, officer_id, words.terms(), _("Route of %(day)s", day=jinja.day(day)))
    return done(".index", day=day.isoformat(), officer=officer_id)
