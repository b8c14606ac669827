"""Self-checks: what is due at a place, its month, every place's days, the rounds and their photos."""

from typing import Any

from flask import redirect, request, url_for

from eldercare.checklists.checks import queries as checks
from eldercare.core import attachments, calendar, runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.enclosures import served
from eldercare.core.scope import Scope
from eldercare.core.web import Room, can, done, page
from eldercare.facilities import queries as facilities
from eldercare.facilities.staff.roster import queries as roster
from eldercare.selfchecks import listing as words
from eldercare.selfchecks import queries
from eldercare.selfchecks.flags import listing as flag_words
from eldercare.selfchecks.flags import queries as flags

room = Room("selfchecks", __name__, url_prefix="/selfchecks")


@room.get("/", allow=P.SELFCHECK_READ)
def index(scope: Scope) -> Any:
    """For a place what is due now; for officers the places × days of a month, and what was missed today and last night."""
    mine = queries.places(scope, words.rules().types)
    if len(mine) == 1 and can(P.SELFCHECK_FILL, mine[0]):
        return redirect(url_for(".home", facility_id=mine[0].id), 303)
    kind, month = words.kind_asked(request.args.get("kind")), words.month_asked(request.args.get("month"))
    shown = words.matrix(scope, month, kind, request.args.get("township"))
    lately = words.by_place(queries.missed_lately(scope, calendar.today(), kind))
    waiting = flags.open_count(scope) if can(P.SELFCHECK_JUDGE) else 0
    towns = facilities.townships(scope)
    return page("selfchecks/index.html", matrix=shown, kind=kind, lately=lately, waiting=waiting, words=words, towns=towns)


@room.get("/homes/<int:facility_id>", allow=P.SELFCHECK_FILL)
def home(scope: Scope, facility_id: int) -> Any:
    """What a place has to do now, tonight, and before long; who is on duty."""
    facility, now = facilities.facility(scope, facility_id), calendar.now()
    due, duty = queries.due_now(scope, facility.id, now, words.rules()), roster.on_duty(scope, facility.id, now)
    counts = queries.today(scope).get(facility.id)
    return page("selfchecks/home.html", facility=facility, due=due, duty=duty, counts=counts, words=words)


@room.get("/homes/<int:facility_id>/board", allow=P.SELFCHECK_READ)
def board(scope: Scope, facility_id: int) -> Any:
    """The month of a place; with a day its rounds."""
    facility, month = facilities.facility(scope, facility_id), words.month_asked(request.args.get("month"))
    day = words.day_asked(request.args.get("day"), month)
    of_day = queries.of_day(scope, facility.id, day) if day else []
    shown = words.board(scope, facility, month)
    return page("selfchecks/board.html", facility=facility, board=shown, day=day, rounds=of_day, words=words)


@room.get("/of-facility/<int:facility_id>", allow=P.SELFCHECK_READ)
def of_facility(scope: Scope, facility_id: int) -> Any:
    """The part of a place's record that tells how it keeps its self-checks."""
    facility = facilities.facility(scope, facility_id)
    shown = words.board(scope, facility, words.month_asked(None))
    return page("selfchecks/_of_facility.html", facility=facility, board=shown, words=words)


def _bound(scope: Scope, args: Any) -> Any:
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    return words.ROUNDS.bind(args, path="/selfchecks/rounds/", choices=words.choices(facilities.townships(scope), homes))


@room.get("/rounds/", allow=P.SELFCHECK_READ)
def rounds(scope: Scope) -> Any:
    """Rounds within reach."""
    return page("selfchecks/rounds.html", rounds=_bound(scope, request.args).load(db.session, queries.rounds(scope)))


@room.post("/export", allow=P.SELFCHECK_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    run = runs.enqueue(scope, "selfchecks_export", query=_bound(scope, request.form).query)
    return done("reporting.show_run", run_id=run.id)


@room.get("/rounds/<int:round_id>", allow=P.SELFCHECK_READ)
def show(scope: Scope, round_id: int) -> Any:
    """One round with its answers, photos, and what is hardly plausible about it."""
    row = queries.round_(scope, round_id)
    check = checks.check(scope, row.check_id) if row.check_id else None
    areas = words.by_area(checks.answers(scope, check.id)) if check else []
    photos, walker = queries.photos(scope, row.id), queries.walkers(scope, [row]).get(row.member_id or 0)
    history = queries.history(scope, row.id)
    marks = flags.of_round(scope, row.id) if can(P.SELFCHECK_JUDGE, row) else []
    about = {"areas": areas, "photos": photos, "walker": walker, "flags": marks, "history": words.told(history)}
    about |= {"reported": words.reported(scope, areas), "not_owed": words.not_owed(history)}
    return page("selfchecks/show.html", round=row, check=check, words=words, say=flag_words, **about)


@room.get("/rounds/<int:round_id>/photos/<int:attachment_id>", allow=P.SELFCHECK_READ)
def photo(scope: Scope, round_id: int, attachment_id: int) -> Any:
    """A photo of a round, as large as it is kept."""
    return served(attachments.content(scope, attachment_id, of=queries.round_(scope, round_id)))


@room.get("/rounds/<int:round_id>/photos/<int:attachment_id>/small", allow=P.SELFCHECK_READ)
def photo_small(scope: Scope, round_id: int, attachment_id: int) -> Any:
    """Its thumbnail."""
    return served(attachments.thumbnail(scope, attachment_id, of=queries.round_(scope, round_id)))
