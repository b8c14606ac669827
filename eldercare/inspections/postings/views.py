"""Stationed supervision: the calendar of who was there, a person's own day, the home's word."""

from typing import Any

from flask import current_app, request

from eldercare.core import attachments, calendar, runs
from eldercare.core.access import P
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.enclosures import doors
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.facilities import queries as facilities
from eldercare.inspections.postings import forms, jobs, queries, services
from eldercare.inspections.postings import listing as words

room = Room("postings", __name__, url_prefix="/inspections/postings")


def _month() -> Month:
    try:
        return Month.parse(request.args.get("month", ""))
    except ValueError:
        return Month.of(calendar.today())


@room.get("/", allow=P.STATION_READ)
def index(scope: Scope) -> Any:
    """A month: who was on post where."""
    month = _month()
    rows = queries.attendance(scope, month, queries.of_month(scope, month))
    figures = {row.facility_id: row for row in queries.figures(scope, month.first, month.last)}
    return page("inspections/postings/index.html", month=month, rows=rows, figures=figures, words=words)


def _bound(scope: Scope, args: Any) -> Any:
    homes = list(db.session.scalars(facilities.facilities(scope, gone=False)))
    return words.DAYS.bind(args, path="/inspections/postings/days/", choices=words.choices(facilities.townships(scope), homes))


@room.get("/days/", allow=P.STATION_READ)
def days(scope: Scope) -> Any:
    """Days on post within reach."""
    return page("inspections/postings/days.html", days=_bound(scope, request.args).load(db.session, queries.days(scope)))


@room.post("/days/export", allow=P.STATION_READ)
def export(scope: Scope) -> Any:
    """The list as a workbook, made by a Run."""
    run = runs.enqueue(scope, jobs.EXPORT, query=_bound(scope, request.form).query)
    return done("reporting.show_run", run_id=run.id)


@room.route("/new/<int:facility_id>", allow=P.STATION_EDIT, methods=["GET", "POST"])
def new(scope: Scope, facility_id: int) -> Any:
    """Station a person at a home."""
    home, form = facilities.facility(scope, facility_id), forms.PostForm()
    form.user_id.offer([(str(person.id), person.name) for person in queries.supervisors(scope, home.id)])
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.post(scope, home.id, int(form.user_id.data), weekdays=form.days(), **forms.values(form, *PERIOD))
        if attempt.ok:
            return done(".index")
    return page("inspections/postings/new.html", form=form, home=home)


PERIOD = ("starts_on", "ends_on", "organisation")


@room.get("/<int:posting_id>", allow=P.STATION_READ)
def show(scope: Scope, posting_id: int) -> Any:
    """One posting: its month and its last days."""
    posting, month = queries.posting(scope, posting_id), _month()
    calendar_ = queries.attendance(scope, month, [posting])[0]
    found = queries.recent(scope, posting_id)
    return page("inspections/postings/show.html", posting=posting, month=month, row=calendar_, days=found, words=words)


@room.route("/<int:posting_id>/change", allow=P.STATION_EDIT, methods=["GET", "POST"])
def change(scope: Scope, posting_id: int) -> Any:
    """Other days of the week."""
    posting = queries.posting(scope, posting_id)
    form = forms.ChangeForm(request.form or None, organisation=posting.organisation, weekdays=list(map(str, posting.weekdays)))
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = services.change(scope, posting_id, weekdays=form.days(), organisation=form.organisation.data)
        if attempt.ok:
            return done(".show", posting_id=made.id)
        posting = queries.posting(scope, posting_id)  # what the savepoint undid is read again
    return page("inspections/postings/change.html", form=form, posting=posting)


@room.route("/<int:posting_id>/end", allow=P.STATION_EDIT, methods=["GET", "POST"])
def end(scope: Scope, posting_id: int) -> Any:
    """The posting's last day."""
    posting, form = queries.posting(scope, posting_id), forms.EndForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.end(scope, posting_id, form.ends_on.data, form.reason.data)
        if attempt.ok:
            return done(".show", posting_id=posting_id)
        posting = queries.posting(scope, posting_id)  # what the savepoint undid is read again
    return page("inspections/postings/end.html", form=form, posting=posting)


# ---- by the person on post
@room.get("/today", allow=P.STATION_LOG)
def today(scope: Scope) -> Any:
    """My postings today."""
    found = [(row, queries.day_of(scope, row.id, calendar.today())) for row in queries.mine(scope, calendar.today())]
    return page("inspections/postings/today.html", found=found, words=words, form=forms.ArriveForm(formdata=None))


@room.post("/<int:posting_id>/arrive", allow=P.STATION_LOG)
def arrive(scope: Scope, posting_id: int) -> Any:
    """I am there."""
    days_back = current_app.config["STATION_DAYS_BACK"]
    made = services.arrive(scope, posting_id, None, forms.ArriveForm().position(), days_back=days_back)
    return done(".day", day_id=made.id)


@room.route("/<int:posting_id>/late", allow=P.STATION_LOG, methods=["GET", "POST"])
def late(scope: Scope, posting_id: int) -> Any:
    """A day written down afterwards."""
    posting, form = queries.posting(scope, posting_id), forms.LateForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            made = services.arrive(scope, posting_id, form.arrived_at.data, days_back=current_app.config["STATION_DAYS_BACK"])
        if attempt.ok:
            return done(".day", day_id=made.id)
        posting = queries.posting(scope, posting_id)  # what the savepoint undid is read again
    return page("inspections/postings/late.html", form=form, posting=posting)


@room.get("/days/<int:day_id>", allow=P.STATION_READ)
def day(scope: Scope, day_id: int) -> Any:
    """One day on post: what was written, what the home says."""
    row = queries.day(scope, day_id)
    photos = attachments.of_many(scope, "station_note", [note.id for note in row.notes])
    history = words.in_words(queries.history(scope, day_id))
    mine = row.state == "open" and row.posting.user_id == scope.person_id
    return page("inspections/postings/day.html", day=row, photos=photos, history=history, mine=mine, words=words)


@room.route("/days/<int:day_id>/write", allow=P.STATION_LOG, methods=["GET", "POST"])
def write(scope: Scope, day_id: int) -> Any:
    """When one came and left, and where one walked."""
    row = queries.day(scope, day_id)
    form = forms.WriteForm(request.form or None, arrived_at=row.arrived_at, left_at=row.left_at, areas=row.areas)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.write(scope, day_id, **forms.values(form, "arrived_at", "left_at", "areas"))
        if attempt.ok:
            return done(".day", day_id=day_id)
        row = queries.day(scope, day_id)  # what the savepoint undid is read again
    return page("inspections/postings/write.html", form=form, day=row)


@room.route("/days/<int:day_id>/note", allow=P.STATION_LOG, methods=["GET", "POST"])
def note(scope: Scope, day_id: int) -> Any:
    """What was seen, advised or taught."""
    row, form = queries.day(scope, day_id), forms.NoteForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.note(scope, day_id, form.kind.data, form.text.data, photos=form.photos.data)
        if attempt.ok:
            return done(".day", day_id=day_id)
        row = queries.day(scope, day_id)  # what the savepoint undid is read again
    return page("inspections/postings/note.html", form=form, day=row)


@room.route("/days/<int:day_id>/hazard", allow=P.HAZARD_REPORT, methods=["GET", "POST"])
def hazard(scope: Scope, day_id: int) -> Any:
    """Report a hazard to the bureau."""
    row, form = queries.day(scope, day_id), forms.HazardForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            said = forms.values(form, "severity", "description", "place_note", "photos")
            services.report_hazard(scope, day_id, **said)
        if attempt.ok:
            return done(".day", day_id=day_id)
        row = queries.day(scope, day_id)  # what the savepoint undid is read again
    return page("inspections/postings/hazard.html", form=form, day=row)


@room.post("/days/<int:day_id>/notes/<int:note_id>/take-back", allow=P.STATION_LOG)
def take_back(scope: Scope, day_id: int, note_id: int) -> Any:
    """Remove a note of a day that is still being written."""
    services.take_back(scope, day_id, note_id)
    return done(".day", day_id=day_id)


@room.post("/days/<int:day_id>/hand-in", allow=P.STATION_LOG)
def hand_in(scope: Scope, day_id: int) -> Any:
    """The day is done."""
    services.hand_in(scope, day_id)
    return done(".day", day_id=day_id)


# ---- by the home
@room.route("/days/<int:day_id>/comment", allow=P.STATION_ANSWER, methods=["GET", "POST"])
def comment(scope: Scope, day_id: int) -> Any:
    """The home's own word."""
    row, form = queries.day(scope, day_id), forms.CommentForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.comment(scope, day_id, form.comment.data)
        if attempt.ok:
            return done(".day", day_id=day_id)
        row = queries.day(scope, day_id)  # what the savepoint undid is read again
    return page("inspections/postings/comment.html", form=form, day=row)


@room.route("/days/<int:day_id>/notes/<int:note_id>/answer", allow=P.STATION_ANSWER, methods=["GET", "POST"])
def answer(scope: Scope, day_id: int, note_id: int) -> Any:
    """The home's answer to advice."""
    row, form = queries.day(scope, day_id), forms.AnswerForm()
    advice = queries.note(scope, day_id, note_id)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.answer(scope, day_id, note_id, verdict=form.verdict.data, reason=form.reason.data)
        if attempt.ok:
            return done(".day", day_id=day_id)
        row, advice = queries.day(scope, day_id), queries.note(scope, day_id, note_id)  # read again
    return page("inspections/postings/answer.html", form=form, day=row, note=advice)


doors(
    room, "/days/<int:day_id>/notes/<int:note_id>/photos", find=queries.note, kinds=words.PHOTO_WORDS, read=P.STATION_READ,
    edit=P.STATION_LOG, back="day", anchor="notes", label=lambda note: note.text[:20], prefix="note_",
    find_own=services.own_note,
)  # fmt: skip
