"""Villages: the list, a new one, another name."""

from typing import Any

from flask import request

from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as places
from eldercare.facilities.villages import forms, listing, queries, services

room = Room("villages", __name__, url_prefix="/facilities/villages")


@room.get("/", allow=P.FACILITY_READ)
def index(scope: Scope) -> Any:
    """The villages in reach."""
    bound = listing.VILLAGES.bind(request.args, path=request.path, choices=listing.choices(places.townships(scope)))
    return page("facilities/villages/index.html", villages=bound.load(db.session, queries.villages(scope)))


@room.route("/new", allow=P.FACILITY_EDIT, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Add a village."""
    form = forms.NewForm()
    form.township_id.offer(listing.ids(places.townships(scope)))
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.add(scope, form.township_id.data, form.name.data, form.code.data or None)
        if attempt.ok:
            return done(".index", q=form.name.data)
    return page("facilities/villages/edit.html", form=form, village=None)


@room.route("/<int:village_id>/edit", allow=P.FACILITY_EDIT, methods=["GET", "POST"])
def edit(scope: Scope, village_id: int) -> Any:
    """Another name or code."""
    village = queries.village(scope, village_id)
    form = forms.ChangeForm(obj=village)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.change(scope, village_id, form.name.data, form.code.data or None)
        if attempt.ok:
            return done(".index", q=form.name.data)
    return page("facilities/villages/edit.html", form=form, village=village)
