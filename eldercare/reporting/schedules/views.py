"""Schedules of reports, changing one, and the calendar of what ran and what will."""

from typing import Any

from flask import abort, flash, request
from flask_babel import gettext as _

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.jinja import lang, month_label
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.core.words import told
from eldercare.reporting import queries as reporting
from eldercare.reporting.listing import LANGUAGES, kind_words
from eldercare.reporting.schedules import forms, queries, services
from eldercare.reporting.schedules import listing as words

room = Room("schedules", __name__, url_prefix="/reporting/schedules")
WORDS = {"words": words, "kind_words": kind_words, "month_label": month_label}


@room.get("/", allow=P.REPORT_SCHEDULE)
def index(scope: Scope) -> Any:
    """Every schedule, in words, with its next moment."""
    rows = queries.schedules(scope)
    written = queries.written(rows)
    ahead = {row.id: queries.following(row, written.get(row.id), 1)[0] for row in rows}
    names = queries.names_of({each for row in rows for each in row.people})
    return page("reporting/schedules/index.html", rows=rows, ahead=ahead, names=names, kinds=queries.kinds(),
                places=dict(reporting.place_choices(scope, lang())), skipped=queries.skipped(scope), **WORDS)


@room.route("/new/<string:kind>", allow=P.REPORT_SCHEDULE, methods=["GET", "POST"])
def new(scope: Scope, kind: str) -> Any:
    """One more schedule of a kind of report."""
    if kind not in queries.kinds():
        abort(404)
    form = forms.ScheduleForm(request.form or None, **forms.asked(kind)).offer(scope, kind, lang())
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.add(scope, kind, **form.values())
        if attempt.ok:
            return done(".index")
    return page("reporting/schedules/new.html", form=form, kind=kind, **_preview(form, kind), **WORDS)


@room.route("/<int:schedule_id>", allow=P.REPORT_SCHEDULE, methods=["GET", "POST"])
def edit(scope: Scope, schedule_id: int) -> Any:
    """Change a schedule; what was changed before stands beside it."""
    row = queries.schedule(scope, schedule_id)
    form = forms.ScheduleForm(request.form or None, **forms.held(row)).offer(scope, row.kind, lang())
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.change(scope, schedule_id, **form.values())
        if attempt.ok:
            return done(".index")
    return page("reporting/schedules/edit.html", form=form, row=row, kind=row.kind, history=_history(scope, row),
                **_preview(form, row.kind, row), **WORDS)


@room.post("/<int:schedule_id>/<any(on, off):to>", allow=P.REPORT_SCHEDULE)
def switch(scope: Scope, schedule_id: int, to: str) -> Any:
    """Switch a schedule on or off."""
    services.switch(scope, schedule_id, on=to == "on")
    flash(_("Switched on. Nothing is owed for what fell due while it was off.") if to == "on" else
          _("Switched off. Nothing is owed for what falls due until it is switched on again."))
    return done(".index")


@room.post("/preview/<string:kind>", allow=P.REPORT_SCHEDULE)
def preview(scope: Scope, kind: str) -> Any:
    """While the form is filled in: the rule in words, and its next three moments."""
    number = request.args.get("of", type=int)
    row = queries.schedule(scope, number) if number else None
    form = forms.ScheduleForm().offer(scope, kind, lang())
    return page("reporting/schedules/_preview.html", **_preview(form, kind, row), **WORDS)[0]


@room.get("/calendar", allow=P.REPORT_READ, endpoint="calendar")
def months(scope: Scope) -> Any:
    """What ran and what will: a year behind, three months ahead."""
    shown = words.months(calendar.today())
    month = next((each for each in shown if str(each) == request.args.get("month")), shown[12])
    turns = queries.turns(scope, shown[0], shown[-1])
    return page("reporting/schedules/calendar.html", months=shown, month=month, now=calendar.now(),
                grid=words.grid(turns, queries.schedules(scope)), listed=words.of_month(turns, month), **WORDS)


def _preview(form: forms.ScheduleForm, kind: str, row: Any = None) -> dict[str, Any]:
    """What the preview shows: {"said", "dates", "of"}."""
    drafted, rhythm = form.drafted(kind, row), queries.kind(kind).CADENCE
    shown = {"of": row.id if row else None, "languages": LANGUAGES, "now": calendar.now()}
    if drafted is None:
        return {"said": None, "dates": [], **shown}
    drafted.first = drafted.first or str(queries.first_ahead(drafted, rhythm, calendar.now()))
    since = queries.written([row]).get(row.id) if row else None
    return {"said": words.in_both(drafted, rhythm), "dates": queries.following(drafted, since), **shown}


def _history(scope: Scope, row: Any) -> Any:
    entries = queries.history(scope, row)
    named = {each for entry in entries for side in entry.changes.get("people", ()) for each in side or ()}
    return told(entries, words.renamed(queries.names_of(named)))
