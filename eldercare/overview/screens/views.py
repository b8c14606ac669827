"""The cockpit on a wall: for somebody signed in, or for a screen that was connected by a code."""

from datetime import timedelta
from typing import Any

from flask import abort, current_app, request
from flask_login import current_user

from eldercare.core import calendar
from eldercare.core.access import PUBLIC, P
from eldercare.core.api import limiter
from eldercare.core.scope import Person, Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.overview.cockpit import queries as cockpit
from eldercare.overview.cockpit.queries import Place
from eldercare.overview.screens import forms, queries, services
from eldercare.overview.screens import listing as words
from eldercare.overview.screens.models import MAP_WORDS

room = Room("screens", __name__, url_prefix="/overview")
COOKIE, BELOW = "eldercare_screen", "/overview/screens/wall"


def _look(scope: Scope, person: Person, of: Place, shows: str, template: str, **more: Any) -> Any:
    """Everything on the wall, collected under what the person may see."""
    today = calendar.today()
    month = cockpit.period("", today)
    here = of.of(scope) or scope
    keep = timedelta(seconds=current_app.config["COCKPIT_KEEP_SECONDS"])
    live = cockpit.live(here, of, month, cockpit.reaches(person, of), keep)
    seen = queries.shown(person, of, shows, live, today)
    scope.enter()
    return page(template, seen=seen, of=of, shows=shows, words=words, **more)


# ---- for somebody signed in ----


@room.get("/cockpit/screen", allow=P.REPORT_READ)
def screen(scope: Scope) -> Any:
    """The big screen: it asks for itself every half minute and does not keep a session awake."""
    towns = cockpit.townships(scope)
    of = cockpit.place(scope, towns, request.args.get("place", ""))
    if of is None or of.level == "facility":
        abort(404)
    shows = request.args.get("shows", "")
    only = "_live" if "X-Poll" in request.headers else "screen"
    return _look(scope, current_user, of, shows if shows in MAP_WORDS else "hazards", f"overview/screens/{only}.html", wall=None)


# ---- screens without a person ----


@room.get("/screens/", allow=P.SCREEN_EDIT)
def index(scope: Scope) -> Any:
    """The screens in reach and how they stand."""
    return page("overview/screens/index.html", rows=queries.screens(scope), words=words)


@room.route("/screens/new", allow=P.SCREEN_EDIT, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Set one up: its code is told once."""
    form = forms.ScreenForm(shows="hazards")
    towns = [(str(each.township_id), words.named(each)) for each in cockpit.townships(scope)]
    form.place.offer([*([("district", words.named(cockpit.DISTRICT))] if scope.everywhere else []), *towns])
    if form.validate_on_submit():
        with trying(form) as attempt:
            code, row = services.make(scope, **form.values(), minutes=current_app.config["SCREEN_CODE_MINUTES"])
        if attempt.ok:
            return page("overview/screens/made.html", code=code, row=row, words=words)[0]
    return page("overview/screens/new.html", form=form)


@room.post("/screens/<int:screen_id>/revoke", allow=P.SCREEN_EDIT)
def revoke(scope: Scope, screen_id: int) -> Any:
    """End one at once."""
    services.revoke(scope, screen_id)
    return done(".index")


@room.route("/screens/wall/connect", allow=PUBLIC, methods=["GET", "POST"])
@limiter.limit("20/minute", methods=["POST"])
def connect(scope: Scope) -> Any:
    """Type the code in, at the screen."""
    form, days = forms.CodeForm(), current_app.config["SCREEN_DAYS"]
    if form.validate_on_submit():
        with trying(form) as attempt:
            token, _row = services.connect(scope, form.code.data or "", days)
        if attempt.ok:
            answer, secure = done(".wall"), current_app.config["SESSION_COOKIE_SECURE"]
            answer.set_cookie(COOKIE, token, days * 86400, path=BELOW, secure=secure, httponly=True, samesite="Strict")
            return answer
    return page("overview/screens/connect.html", form=form)


@room.get("/screens/wall/", allow=PUBLIC)
def wall(scope: Scope) -> Any:
    """What a connected screen shows: nothing else opens with its token."""
    row = queries.with_token(request.cookies.get(COOKIE, ""))
    person = queries.maker(row) if row else None
    polls = "X-Poll" in request.headers
    if row is None or person is None:
        return ("", 410) if polls else done(".connect")
    services.note_seen(row)
    here = cockpit.reach(person, P.REPORT_READ, queries.place_of(row)) or abort(410)
    only = "_live" if polls else "screen"
    return _look(here.enter(), person, queries.place_of(row), row.shows, f"overview/screens/{only}.html", wall=row)
