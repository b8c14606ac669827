"""The roster: each place's week, edited by a tap; every place's cover at a glance."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, is_htmx, page, trying
from eldercare.facilities import queries as places
from eldercare.facilities.staff.roster import forms, queries, services
from eldercare.facilities.staff.roster import listing as words

room = Room("roster", __name__, url_prefix="/facilities/staff/roster")


@room.get("/", allow=P.STAFF_READ)
def index(scope: Scope) -> Any:
    """The places that have something to cover: who is on duty now, gaps of the week ahead; straight on to an only one."""
    here = queries.watched(scope)
    if len(here) == 1:
        return redirect(url_for(".board", facility_id=here[0].id), 303)
    duty = queries.on_duty_counts(scope, calendar.now())
    return page("facilities/staff/roster/index.html", places=here, duty=duty, gaps=words.gaps_ahead(scope, here), words=words)


@room.get("/<int:facility_id>/", allow=P.STAFF_READ)
def board(scope: Scope, facility_id: int) -> Any:
    """A week of a place."""
    facility, monday = places.facility(scope, facility_id), forms.week_asked(request.args.get("week"))
    return _drawn(scope, facility, monday, forms.TapForm(formdata=None))


def _drawn(scope: Scope, facility: Any, monday: Any, form: forms.TapForm) -> Any:
    """The whole page, or for htmx the week alone."""
    whole = "facilities/staff/roster/board.html" if not is_htmx() else "facilities/staff/roster/_week.html"
    shown = words.board(scope, facility, monday)
    drawn, status = page(whole, board=shown, facility=facility, words=words, form=form, duty=words.now(scope, facility.id))
    return drawn, status if form.problems else 200


@room.post("/<int:facility_id>/tap", allow=P.STAFF_EDIT)
def tap(scope: Scope, facility_id: int) -> Any:
    """One cell: on the shift, or off it again."""
    facility, form = places.facility(scope, facility_id), forms.TapForm()
    where = form.where()
    monday = forms.week_asked(where[1] if where else None)
    if form.validate_on_submit() and where is not None:
        with trying(form) as attempt:
            services.toggle(scope, facility_id, *where, form.shift.data, words.rules(), form.duty.data)
        if attempt.ok and not is_htmx():
            return done(".board", facility_id=facility_id, week=monday)
    return _drawn(scope, facility, monday, form)


@room.post("/<int:facility_id>/copy", allow=P.STAFF_EDIT)
def copy(scope: Scope, facility_id: int) -> Any:
    """Fill a week like the one before."""
    places.facility(scope, facility_id)
    monday = forms.week_asked(request.form.get("week"))
    made, left = services.copy_week(scope, facility_id, monday, words.rules())
    said = ngettext("%(num)d shift copied from the week before.", "%(num)d shifts copied from the week before.", made)
    more = _(" %(left)d were left out: already there, past, on leave or gone.", left=left) if left else ""
    flash(said + more, "watch" if left or not made else "good")
    return done(".board", facility_id=facility_id, week=monday)
