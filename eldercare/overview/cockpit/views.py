"""The leader's cockpit: a month's report, live, for a place within reach."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import abort, current_app, request, send_file
from flask_login import current_user

from eldercare.core import calendar, files
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, page
from eldercare.overview.cockpit import listing as words
from eldercare.overview.cockpit import queries
from eldercare.overview.cockpit.queries import Live, Place

room = Room("cockpit", __name__, url_prefix="/overview/cockpit")


def _asked(scope: Scope) -> tuple[list[Place], Place, calendar.Month]:
    """The townships in reach, the place and the month asked for."""
    towns = queries.townships(scope)
    of = queries.place(scope, towns, request.args.get("place", ""))
    if of is None:
        abort(404)
    return towns, of, queries.period(request.args.get("month", ""), calendar.today())


def _live(scope: Scope, of: Place, month: calendar.Month) -> Live:
    keep = timedelta(seconds=current_app.config["COCKPIT_KEEP_SECONDS"])
    return queries.live(scope, of, month, queries.reaches(current_user, of, request.remote_addr), keep)


@room.get("/", allow=P.REPORT_READ)
def index(scope: Scope) -> Any:
    """What is wrong now, and the frame the parts come into."""
    today, (towns, of, month) = calendar.today(), _asked(scope)
    homes = queries.homes(scope, of.township_id) if of.township_id or not towns else []
    choices = words.choices(scope, towns, homes, of)
    now = words.light(current_user, of, today)
    this = calendar.Month.of(today)
    about = {"of": of, "month": month, "this": this, "closed": month if str(month) < str(this) else this.plus(-1)}
    return page("overview/cockpit/index.html", choices=choices, now=now, words=words, **about)


@room.get("/parts", allow=P.REPORT_READ)
def parts(scope: Scope) -> Any:
    """Every part of the report, with a column of contents."""
    _towns, of, month = _asked(scope)
    live = _live(scope, of, month)
    drawn = words.sections(live, of, month, calendar.today())
    return page("overview/cockpit/_parts.html", sections=drawn, live=live, of=of)


@room.get("/photos/<string:sha256>", allow=P.REPORT_READ)
def photo(scope: Scope, sha256: str) -> Any:
    """A photo one of the parts shows to this reader, and no other."""
    _towns, of, month = _asked(scope)
    shown = _live(scope, of, month).data["photos"]
    return send_file(BytesIO(files.get(sha256, secret=True)), "image/jpeg") if sha256 in shown else abort(404)
