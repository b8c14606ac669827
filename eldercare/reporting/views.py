"""The archive of reports, asking for one, and the jobs behind them."""

from io import BytesIO
from typing import Any

from flask import redirect, request, send_file, url_for
from flask_login import current_user

from eldercare.core.access import P
from eldercare.core.calendar import Month, today
from eldercare.core.db import db
from eldercare.core.jinja import lang
from eldercare.core.runs import ATTEMPTS, next_try
from eldercare.core.scope import Scope
from eldercare.core.web import Room, can, done, page, trying
from eldercare.reporting import queries, services
from eldercare.reporting.approval import listing as life
from eldercare.reporting.approval import queries as approval
from eldercare.reporting.archive.listing import REPORTS, choices
from eldercare.reporting.forms import AskForm, periods, periods_of
from eldercare.reporting.listing import LANGUAGES, RUNS, kind_words
from eldercare.reporting.models import Report
from eldercare.reporting.retention import listing as keeping

room = Room("reporting", __name__, url_prefix="/reporting")


@room.get("/", allow=P.REPORT_READ)
def index(scope: Scope) -> Any:
    """The archive, with how the last month stands."""
    last = str(Month.of(today()).plus(-1))
    offered = choices(scope)
    bound = REPORTS.bind(request.args, path=request.path, choices=offered)
    bound.load(db.session, queries.reports(scope, lang()))
    return page("reporting/index.html", reports=bound, zip_months=offered["months"],
                period=last, standing=queries.standing(scope, last),
                unsettled=queries.unsettled(scope, lang()), kind_words=kind_words, standstill=queries.standstill(scope))


@room.get("/standing", allow=P.REPORT_READ)
def standing(scope: Scope) -> Any:
    """How the last month stands, asked for by the page itself while jobs run."""
    last = str(Month.of(today()).plus(-1))
    return page("reporting/_standing.html", period=last, standing=queries.standing(scope, last),
                unsettled=queries.unsettled(scope, lang()), kind_words=kind_words)


@room.get("/latest", allow=P.REPORT_READ)
def latest(scope: Scope) -> Any:
    """The newest report of the person's own place, for first pages."""
    report = queries.latest(scope, "en" if lang() == "en" else "zh")
    return page("reporting/_latest.html", report=report, kind_words=kind_words)


@room.get("/stage", allow=P.REPORT_READ)
def stage(scope: Scope) -> Any:
    """Where a month's report of a place stands and who has to act, for the cockpit."""
    period, place = request.args.get("period", ""), request.args.get("place", "")
    report = approval.newest(scope, period, place, "en" if lang() == "en" else "zh")
    return page("reporting/_stage.html", report=report, period=period, kind_words=kind_words, words=life)


@room.route("/new", allow=P.REPORT_BUILD, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Ask for a report."""
    form = AskForm(request.form or None, kind=request.args.get("kind"), language="zh")
    form.place.offer(queries.place_choices(scope, lang()))
    form.period.offer(periods_of(form.kind.data))
    if form.validate_on_submit():
        with trying(form) as attempt:
            run = services.ask(scope, **form.values())
        if attempt.ok:
            return done(".show_run", run_id=run.id)
    return page("reporting/new.html", form=form)


@room.get("/<int:report_id>", allow=P.REPORT_READ)
def show(scope: Scope, report_id: int) -> Any:
    """One report: preview, facts, where it stands and what can be done next, other editions."""
    report = queries.report(scope, report_id)
    return page("reporting/show.html", report=report, siblings=queries.siblings(scope, report), words=life,
                place=queries.place_of(scope, report, lang()), kind_words=kind_words, languages=LANGUAGES,
                **_life(scope, report))


def _life(scope: Scope, report: Report) -> dict[str, Any]:
    """What is shown of a report's life; the comments and who opened it to those who work on reports alone."""
    works, me = can(P.REPORT_COMMENT), current_user.id
    rows = approval.edition(scope, report) if report.life == "reviewed" else [report]
    said = approval.comments(rows) if works and report.life == "reviewed" else []
    waiting = sum(each.resolved_at is None for each in said)
    going = approval.under_way(scope, rows) if works else []
    busy = any(run.state != "failed" for run in going)
    before = report.state == "draft" and can(P.REPORT_BUILD) and approval.before(scope, report) is not None
    first, more = life.next_acts(report, me, comments=waiting, going=busy, before=before)
    return {
        "works": works, "comments": said, "going": going, "first": first, "more": [*more, *keeping.acts(report)], "me": me,
        "keeping": keeping.notes(report),
        "blocked": life.blocked(report, me, comments=waiting), "parts": life.part_words(queries.parts(report, lang())),
        "replacement": approval.replacement(scope, report), "history": life.in_words(approval.history(scope, report)),
        "opened": approval.opened(scope, report) if works else [],
    }


@room.get("/<int:report_id>/<any(preview, download):how>", allow=P.REPORT_READ)
def paper(scope: Scope, report_id: int, how: str) -> Any:
    """The PDF itself."""
    report = queries.report(scope, report_id)
    data = services.pdf(scope, report, how)
    name = f"{report.kind}-{report.period}{'-' + report.place if report.place else ''}-{report.language}-{report.edition}.pdf"
    return send_file(BytesIO(data), "application/pdf", as_attachment=how == "download", download_name=name)


@room.post("/<int:report_id>/language/<any(zh, en):language>", allow=P.REPORT_READ)
def translate(scope: Scope, report_id: int, language: str) -> Any:
    """The same edition in the other language."""
    run = services.ask_language(scope, queries.report(scope, report_id), language)
    return done(".show_run", run_id=run.id)


@room.get("/runs/", allow=P.REPORT_READ)
def runs(scope: Scope) -> Any:
    """The jobs in reach."""
    bound = RUNS.bind(request.args, path=request.path, choices={"period": periods()})
    bound.load(db.session, queries.runs(scope, lang()))
    return page("reporting/runs.html", runs=bound)


@room.get("/runs/<int:run_id>", allow=P.REPORT_READ)
def show_run(scope: Scope, run_id: int) -> Any:
    """One job, live."""
    run = queries.run(scope, run_id)
    again_at = next_try(run_id) if run.state == "queued" and run.attempts else None
    return page("reporting/run.html", run=run, report=queries.made_by(scope, run), kind_words=kind_words,
                place=queries.job_place(scope, run, lang()), is_report=run.kind in queries.kinds(),
                again_at=again_at, tries=ATTEMPTS)


@room.post("/runs/<int:run_id>/again", allow=P.REPORT_READ)
def again(scope: Scope, run_id: int) -> Any:
    """Try a failed job again."""
    services.must_be_ones_own(scope, queries.run(scope, run_id), can)
    return done(".show_run", run_id=services.try_again(scope, run_id).id)


@room.get("/runs/<int:run_id>/file", allow=P.REPORT_READ)
def run_file(scope: Scope, run_id: int) -> Any:
    """The workbook an export made."""
    run = queries.run(scope, run_id)
    if "file" not in run.result:
        return redirect(url_for(".show_run", run_id=run_id), 303)
    services.must_be_ones_own(scope, run, can)
    return send_file(BytesIO(services.run_file(scope, run)), as_attachment=True, download_name=run.result["name"])
