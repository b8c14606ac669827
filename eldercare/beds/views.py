"""Free beds of the district, the bed board of a home, and the acts done right on it."""

from typing import Any

from flask import Flask, current_app, make_response, redirect, request, url_for

from eldercare.beds import forms, jobs, listing, queries
from eldercare.core import calendar, runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, can, done, page, refuse, step_into, trying
from eldercare.facilities import queries as facilities
from eldercare.residents import queries as residents
from eldercare.residents.dossier import queries as dossier
from eldercare.residents.health import listing as health_words
from eldercare.residents.health import queries as health

room = Room("beds", __name__, url_prefix="/beds")
ACT = "<any({}):act>".format(", ".join(f'"{name}"' for name in forms.ACTS))
TO = "<any(available, maintenance):to>"


def init_app(app: Flask) -> None:
    """Hand down what the register shows of a home: floor 1 may not ask this floor, so it is given."""
    app.extensions["in_home_of"] = queries.in_home_of
    app.extensions["occupancy_chart"] = listing.occupancy_chart


@room.get("/of-resident/<int:resident_id>", allow=P.STAY_READ)
def of_resident(scope: Scope, resident_id: int) -> Any:
    """The part of a person's record that tells their stays in homes."""
    person = residents.resident(scope, resident_id)
    return page("beds/_of_resident.html", stays=queries.stays_of(scope, person.id), words=listing)


# ---- the district ---------------------------------------------------------------------------------


@room.get("/", allow=P.STAY_READ)
def index(scope: Scope) -> Any:
    """Free beds within reach; who answers for one home alone goes straight to its board."""
    if len(scope.facilities) == 1 and not scope.townships and not scope.everywhere:
        return redirect(url_for(".board", facility_id=min(scope.facilities)), 303)
    bound = listing.VACANCY.bind(request.args, path=request.path, choices=listing.choices(facilities.townships(scope)))
    bound.load(db.session, queries.offers(scope))
    homes, family = queries.homes(scope, calendar.today()), current_app.extensions["family_beds"]
    return page("beds/vacancy.html", offers=bound, homes=homes, sums=listing.home_line(homes),
                kinds=listing.kind_figures(queries.free_by_kind(scope)), family=family(scope, calendar.today()))


@room.post("/export", allow=P.STAY_READ)
def export(scope: Scope) -> Any:
    """The list of free beds as a workbook, made by a Run."""
    bound = listing.VACANCY.bind(request.form, choices=listing.choices(facilities.townships(scope)))
    return done("reporting.show_run", run_id=runs.enqueue(scope, jobs.EXPORT, query=bound.query).id)


@room.get("/<int:facility_id>/today", allow=P.STAY_READ)
def today(scope: Scope, facility_id: int) -> Any:
    """A home's beds today and who is away: part of its manager's first page."""
    home, _head = queries.home(scope, facility_id)
    board = _drawn(scope, home, calendar.today())
    return page("beds/_today.html", home=home, board=board, away=listing.away(board), words=listing)


# ---- a home's board -------------------------------------------------------------------------------


def _drawn(scope: Scope, home: Any, day: Any) -> Any:
    """The board of a home as it is on a day."""
    beds = queries.board(scope, home.facility_id, day, is_today=day == calendar.today())
    people = [bed.resident_id for bed in beds if bed.resident_id is not None]
    watched = queries.watch_lists(scope, people, day, **listing.watching(home))
    return listing.board_of(beds, watched, day, request.args, facility_id=home.facility_id)


@room.get("/<int:facility_id>/", allow=P.STAY_READ)
def board(scope: Scope, facility_id: int) -> Any:
    """A home at a glance, on a day."""
    facility, head = queries.home(scope, facility_id)
    day, is_odd = listing.day_asked(request.args.get("day"))
    return page("beds/board.html", facility=facility, board=_drawn(scope, facility, day), head=head, is_odd=is_odd,
                words=listing, may_set_up=can(P.BED_EDIT, facility))


@room.get("/<int:facility_id>/changes", allow=P.STAY_READ)
def changes(scope: Scope, facility_id: int) -> Any:
    """What changed since an entry of the log: nothing (204), or the tiles and counts as they are now."""
    since = request.args.get("since", 0, type=int)
    home, head = queries.changed_since(scope, facility_id, since)
    if head is None:
        return "", 204
    answer = make_response(page("beds/_changes.html", board=_drawn(scope, home, calendar.today()), words=listing,
                                home=url_for(".board", facility_id=facility_id))[0])
    answer.headers["X-Version"] = str(head)
    return answer


def _sheet(scope: Scope, bed: Any, acts: list[Any], **told: Any) -> Any:
    """A bed's sheet: who sleeps there, whom to call, what can be done."""
    day = told.pop("day", None) or calendar.today()
    asked = [bed.resident_id] if bed.resident_id else []
    marks = queries.watch_lists(scope, asked, day, **listing.watching(bed)).get(bed.resident_id, []) if asked else []
    person, contacts, known = None, [], None
    if asked and can(P.RESIDENT_READ, bed):
        own = step_into(P.RESIDENT_READ) or scope
        person = residents.record_in_reach(own, bed.resident_id)
        contacts = dossier.dossier(own, bed.resident_id)["contacts"] if person else []
    if asked and can(P.HEALTH_READ, bed):
        known = health.known_allergies(step_into(P.HEALTH_READ) or scope, bed.resident_id)
    return {"bed": bed, "acts": acts, "marks": marks, "person": person, "contacts": contacts, "known": known,
            "words": listing, "health": health_words, **told}


@room.get("/<int:facility_id>/sheet/<int:bed_id>", allow=P.STAY_READ)
def sheet(scope: Scope, facility_id: int, bed_id: int) -> Any:
    """One bed, beside the board; `?to=` opens the transfer to a bed chosen there."""
    day, to = listing.day_asked(request.args.get("day"))[0], request.args.get("to", type=int)
    bed = queries.bed_now(scope, facility_id, bed_id, day, is_today=day == calendar.today())
    acts = forms.acts_on(scope, bed, to) if day == calendar.today() else []
    return page("beds/_sheet.html", **_sheet(scope, bed, acts, day=day, opened="transfer" if to else None, saved=None))


def _carry_out(scope: Scope, facility_id: int, bed_id: int, kind: Any) -> Any:
    """One act from the sheet: saved with the tiles that changed in one answer, or back with what is wrong."""
    bed = queries.bed_now(scope, facility_id, bed_id, calendar.today())
    form = kind.for_bed(bed, scope)
    late = form.outdated(bed)
    if late is not None:
        refuse(form, late)
    elif form.validate_on_submit():
        with trying(form) as attempt:
            touched = form.carry_out(scope, bed)
        if attempt.ok:
            now = queries.bed_now(scope, facility_id, touched[0], calendar.today())
            drawn = _drawn(scope, now, calendar.today())
            told = _sheet(scope, now, forms.acts_on(scope, now), opened=None, saved=kind.SAVED)
            return page("beds/_saved.html", board=drawn, touched=touched, **told)[0]
    acts = [form if each.NAME == kind.NAME else each for each in forms.acts_on(scope, bed)]
    acts = acts if form in acts else [form, *acts]
    return page("beds/_sheet.html", **_sheet(scope, bed, acts, opened=kind.NAME, saved=None))


@room.post(f"/<int:facility_id>/sheet/<int:bed_id>/{ACT}", allow=P.STAY_EDIT)
def act(scope: Scope, facility_id: int, bed_id: int, act: str) -> Any:
    """Came back, leave, hospital, transfer, move in."""
    return _carry_out(scope, facility_id, bed_id, forms.ACTS[act])


@room.post(f"/<int:facility_id>/sheet/<int:bed_id>/{TO}", allow=P.BED_EDIT)
def condition(scope: Scope, facility_id: int, bed_id: int, to: str) -> Any:
    """A bed out of use, or into use."""
    return _carry_out(scope, facility_id, bed_id, forms.CONDITIONS[to])
