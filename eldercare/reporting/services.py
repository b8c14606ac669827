"""Making reports: collect once, seal, draw; rebuild and verify what was sealed."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from eldercare.core import alerts, audit, calendar, files, health, runs
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Place, Run
from eldercare.core.scope import Scope
from eldercare.reporting import queries, render, seal
from eldercare.reporting.approval import queries as approval
from eldercare.reporting.approval.models import OUT, PACE, Life
from eldercare.reporting.models import FAILED, Part, Report, Tools, new_code
from eldercare.reporting.retention.models import UNOFFICIAL, YEARS
from eldercare.reporting.schedules import services as schedules

_PLATFORM = Scope.system(P.REPORT_BUILD, "worker")


def must_be_ones_own(scope: Scope, run: Run, can: Callable[[P], bool]) -> None:
    """Who may take a job's file or try it again: whoever asked for it and still may.

    What the clock asked for belongs to those who build reports. Seeing that a job exists is no right to it.
    """
    own = run.person_id == scope.person_id and can(P(run.permission)) if run.person_id else can(P.REPORT_BUILD)
    if not own:
        raise Refused("run.not_yours")


def reach(run: Run | Place) -> Scope:
    """What a report may see: its own place and no more."""
    if isinstance(run, Run) and (several := run.params.get("township_ids")):
        return Scope(permission=P.REPORT_BUILD, person_name="clock", townships=frozenset(several))
    if run.facility_id is not None:
        return Scope(permission=P.REPORT_BUILD, person_name="clock", facilities=frozenset({run.facility_id}))
    if run.township_id is not None:
        return Scope(permission=P.REPORT_BUILD, person_name="clock", townships=frozenset({run.township_id}))
    return Scope.system(P.REPORT_BUILD, "clock")


def build(scope: Scope, run: Run) -> dict[str, Any]:
    """Carry out a report's Run: collect, seal, draw in each language it is due in.

    The Run's result names the reports made. Doing it twice makes it once: a Run has one report a language.
    A month's report sees its own place and no more; a paper what the person who asked for it sees.
    """
    made = queries.report_of_run(scope, run.id)
    if made is not None:
        return {"report_id": made.id}
    if "of" in run.params:
        drawn = _in_language(scope, run, queries.report(scope, run.params["of"]), run.params["languages"][0])
        return {"report_id": drawn.id, "pages": drawn.pages}
    module = queries.kind_of(run.kind)
    period = calendar.period(run.period)
    languages = run.params.get("languages") or module.LANGUAGES
    runs.progress(run.id, 0, len(languages) + 1, runs.N_("Collecting the figures"))
    row_id = run.params.get("row_id")
    chosen = [run.params["choice"]] if "choice" in run.params else []
    dataset = module.collect(reach(run).enter(), period, *chosen) if row_id is None else module.collect(scope, row_id)
    if chosen and not dataset["parts"]:
        raise Refused("adhoc.nothing_applies")
    sealed = render.canonical(dataset)
    runs.end_snapshot(scope)
    edition = queries.next_edition(run)  # and the turn: a worker thought dead may have made it meanwhile
    made = queries.report_of_run(scope, run.id)
    if made is not None:
        return {"report_id": made.id}
    reports = []
    for done, language in enumerate(languages, start=1):
        runs.progress(run.id, done, len(languages) + 1, runs.N_("Drawing the pages"))
        reports.append(_make(run, json.loads(sealed), language, edition))
    for report in reports:
        _log_making(scope, report)
    if module.LIFE == "reviewed":
        _tell_of_draft(scope, reports[0])
    else:
        replaces(scope, [report for report in reports if report.person_id is None])
    schedules.announce(scope, reports)
    return {"report_id": reports[0].id, "pages": reports[0].pages}


def _log_making(scope: Scope, report: Report) -> None:
    audit.record(
        scope, "report.made", report, kind=report.kind, period=report.period, place=report.place, edition=report.edition,
        language=report.language, dataset_sha256=report.dataset_sha256, pdf_sha256=report.pdf_sha256,
    )


def replaces(scope: Scope, rows: Sequence[Report]) -> None:
    """What is published now counts instead of withdrawn editions of the same report that wait for one to replace them."""
    for row in rows:
        for other in approval.others(scope, row):
            if other.state == "withdrawn" and other.replaced_by_id is None:
                other.replaced_by_id = row.id
                audit.record(scope, "report.replaced", other, replaced_by=row.id)


def _tell_of_draft(scope: Scope, report: Report) -> None:
    """A new draft waits for its words; an older one of the same report waits no more."""
    for older in queries.siblings(scope, report):
        if older.edition < report.edition and older.state not in OUT:
            alerts.settle(scope, older)
    alerts.tell(
        scope, "report.draft", report, level="district", due_at=PACE.due_at(), report=report.kind, period=report.period
    )


def _make(run: Run, dataset: dict[str, Any], language: str, edition: int, like: Report | None = None) -> Report:
    """A new row of an edition: its code and imprint, drawn and sealed. What nobody has to judge is published at once.

    `like`: the same edition in the other language, whose life it shares.
    """
    module = queries.kind_of(run.kind)
    subject, code = queries.subject_of(run), new_code()
    cutoff = datetime.fromisoformat(dataset["cutoff_at"]) if subject else calendar.period(run.period).cutoff
    state = like.state if like else "draft" if module.LIFE == "reviewed" else "published"
    lived = _lived(like) if like else {"life": module.LIFE, "reason": run.params.get("reason", "")}
    imprint = like.imprint if like and like.imprint else {**render.BLANK, "state": state}
    if like and like.is_behind:  # nobody has asked for these pages to be drawn anew: they show the words as they stand
        imprint, lived["drawn_version"] = {**imprint, "texts": like.full_texts}, like.texts_version
    report = Report(
        run_id=run.id, kind=run.kind, period=run.period, place=run.place, township_id=run.township_id, subject=subject,
        title=title_of(dataset), facility_id=dataset["facility_id"] if subject else run.facility_id, language=language,
        edition=edition,
        template_version=like.template_version if like else module.TEMPLATE_VERSION, tools_key=like.tools_key if like else None,
        is_internal=dataset.get("internal", False), person_id=run.person_id if dataset.get("draft") else None,
        cutoff_at=cutoff, dataset=dataset,
        dataset_sha256=hashlib.sha256(render.canonical(dataset)).hexdigest(),
        state=state, code=code, imprint={**imprint, "code": code, "url": render.check_page(code)}, **lived,
    )
    draw(report)
    if like:
        report.keep_until, report.keep_reason = like.keep_until, like.keep_reason
    elif state in OUT:
        keep(report)
    db.session.add(report)
    db.session.flush()
    return report


def title_of(dataset: dict[str, Any]) -> str:
    """What names a report beside its kind: the title somebody gave it, or the number of the row a paper is about."""
    rows = [dataset.get(entity) for entity in ("order", "visit", "hazard")]
    numbers = [row["number"] for row in rows if isinstance(row, dict) and row.get("number")]
    return str(dataset.get("title") or next(iter(numbers), ""))


# what a language shares with the others of its edition; who replaces it is named language by language
_LIVED = [name for name in Life.__annotations__ if name not in ("MOVES", "replaced_by_id")]


def _lived(like: Report) -> dict[str, Any]:
    return {name: getattr(like, name) for name in _LIVED}


def keep(report: Report) -> None:
    """It is published: so long its file is kept, from the end of its period; a paper from the day it is issued.

    Not for what is nobody's official record: ad-hoc reports, and papers drawn to be looked at beforehand.
    """
    if report.kind not in UNOFFICIAL and report.person_id is None:
        years = YEARS.of(report.kind, queries.kind_of(report.kind).CADENCE)
        report.keep_until = calendar.add_years(report.kept_from, years)


def must_have_file(report: Report) -> None:
    """report.file_gone where its years are over and its file, figures and words were removed."""
    if report.is_gone:
        raise Refused("report.file_gone")


def draw(report: Report) -> None:
    """Draw a report from its figures and imprint and put the seal behind the bytes; again: by the templates of its day."""
    drawn = redraw(report)
    report.tools_key = report.tools_key or keep_tools()
    file = seal.sign(drawn.pdf, reason=f"{report.kind} {report.period} {report.code}", at=calendar.now())
    report.drawn_sha256, report.drawn_bytes, report.pages = drawn.sha256, len(drawn.pdf), drawn.pages
    report.pdf_sha256, report.bytes = files.put(file, secret=report.is_paper), len(file)


def keep_tools() -> str:
    """Keep what reports are drawn with now, once; its key."""
    settings = render.configured()
    key = render.tools.key(settings)
    if db.session.get(Tools, key) is None:
        bundle = files.put(render.tools.bundle())
        row = insert(Tools).values(key=key, bundle_sha256=bundle, engine=render.tools.engine(settings), first_at=calendar.now())
        db.session.execute(row.on_conflict_do_nothing())
    return key


def redraw(report: Report) -> render.Rendered:
    """A report drawn again from what was sealed, by the templates and the code of its day."""
    settings, photos = render.configured(), _photos(report.dataset)
    if report.tools_key is None or report.tools_key == render.tools.key(settings):
        return render.render(report.kind, report.dataset, report.language, edition=report.edition, imprint=report.imprint,
                             photos=photos)  # fmt: skip
    tools = db.session.get_one(Tools, report.tools_key)
    job = {"kind": report.kind, "data": report.dataset, "lang": report.language, "edition": report.edition,
           "imprint": report.imprint}  # fmt: skip
    return render.tools.draw_with(files.get(tools.bundle_sha256), settings, job, photos)


def _photos(dataset: dict[str, Any]) -> dict[str, bytes]:
    """The pictures a paper shows, by the SHA-256 the sealed data name them with."""
    return {sha256: files.get(sha256, secret=True) for sha256 in dataset.get("photos", ())}


def ask(
    scope: Scope, kind: str, period: str, place: str | None, languages: list[str] | None = None, reason: str | None = None
) -> Run:
    """Ask for a report by hand: a new edition beside what the clock made.

    report.reason_needed: beside one that is published, and was judged, it says why.
    """
    module = queries.monthly(kind)
    month = queries.period_of(period, ended_before=calendar.today(), cadence=module.CADENCE)
    where = queries.place_named(scope, module.AUDIENCE, place)
    if module.LIFE == "reviewed" and not reason and approval.is_published(scope, kind, str(month), where.code):
        raise Refused("report.reason_needed", field="reason")
    run = runs.enqueue(scope, kind, period=str(month), place=where, languages=languages, reason=reason or "")
    audit.record(scope, "report.asked_for", entity="run", kind=kind, period=period, place=where.code, run_id=run.id,
                 reason=reason or "")  # fmt: skip
    return run


def ask_language(scope: Scope, report: Report, language: str) -> Run:
    """Ask for the same edition in the other language, drawn from the sealed figures; report.no_other_language."""
    must_have_file(report)
    if report.state in ("reviewed", "approved"):
        raise Refused("report.no_other_language")
    place = Place(report.place, report.township_id, None if report.is_internal else report.facility_id)
    return runs.enqueue(
        scope, report.kind, period=report.period, place=place, of=report.id, subject=report.subject, languages=[language]
    )


def _in_language(scope: Scope, run: Run, report: Report, language: str) -> Report:
    for sibling in queries.siblings(scope, report):
        if sibling.language == language and sibling.edition == report.edition:
            return sibling
    if report.life == "reviewed":
        report = scope.lock(Report, report.id)  # its life stands still until the other language shares it
    must_have_file(report)
    if report.state in ("reviewed", "approved"):
        raise Refused("report.no_other_language")
    made = _make(run, report.dataset, language, report.edition, like=report)
    _log_making(scope, made)
    return made


def pdf(scope: Scope, report: Report, how: str) -> bytes:
    """A report's bytes; who took it is logged."""
    must_have_file(report)
    data = files.get(report.pdf_sha256, secret=report.is_paper)
    audit.record(scope, "report.opened", report, kind=report.kind, period=report.period, place=report.place, how=how)
    return data


def try_again(scope: Scope, run_id: int) -> Run:
    """Put a failed job back into the queue; `run.not_failed`."""
    run = scope.lock(Run, run_id)
    if run.state != "failed":
        raise Refused("run.not_failed")
    runs.hand_over_again(run)
    audit.record(scope, "run.tried_again", entity="run", run_id=run.id, kind=run.kind)
    return run


def rebuild(scope: Scope, run_id: int) -> dict[str, Any]:
    """Draw a Run's report again from the sealed figures and compare: {"sha256", "identical"}."""
    report = queries.report_of_run(scope, run_id)
    if report is None:
        raise Refused("report.not_rebuildable", run_id=run_id)
    must_have_file(report)
    drawn = redraw(report)
    kept = files.get(report.pdf_sha256, secret=report.is_paper)
    again = drawn.pdf + kept[report.drawn_bytes :]  # the seal stands behind what was drawn and is kept, not made again
    digest = hashlib.sha256(again).hexdigest()
    same = digest == report.pdf_sha256
    return {"sha256": digest, "identical": same} | ({} if same else {"engine": _engine_moved(report)})


def _engine_moved(report: Report) -> dict[str, list[str | None]]:
    """What of engine and fonts is another than when a report was drawn: {name: [then, now]}."""
    tools = db.session.get(Tools, report.tools_key) if report.tools_key else None
    then, now = tools.engine if tools else {}, render.tools.engine(render.configured())
    return {name: [then.get(name), now.get(name)] for name in sorted({*then, *now}) if then.get(name) != now.get(name)}


def run_file(scope: Scope, run: Run) -> bytes:
    """The file a job made (an export, a workbook of refused rows); who took it is logged."""
    data = files.get(run.result["file"], secret=bool(run.result.get("secret")))
    audit.record(scope, "run.file_taken", entity="run", run_id=run.id, kind=run.kind, rows=run.result.get("rows"))
    return data


# ---- what does not go of itself -----------------------------------------------------------------


def tell_failed(run: Run) -> None:
    """A job that nobody waits for has failed for good: somebody is told why, and tries again from its page."""
    by_clock = run.is_scheduled or (run.kind in queries.kinds() and queries.kind_of(run.kind).CADENCE != "paper")
    is_routine = run.kind in runs.routine()
    if not by_clock or (is_routine and queries.failures_told(run.kind)):
        return
    alerts.tell(
        _PLATFORM, FAILED.name, run, level="district", again=True, person_id=run.person_id, job=run.kind,
        period="" if is_routine else run.period, tries=run.attempts, code=run.error_code, why=run.error_details,
    )  # fmt: skip


def settle_failed(run: Run) -> None:
    """It is done after all; of what comes round every few minutes the next one says as much for those before."""
    alerts.settle(_PLATFORM, run, FAILED.name)
    if run.kind in runs.routine():
        for alert in queries.failures_told(run.kind):
            alert.settled_at = calendar.now()


def watch(name: str) -> None:
    """Tell when the queue or the clock stands still, and settle it when it goes again. One transaction."""
    wrong = {part.name: part.wrong for part in health.parts()}
    if name not in wrong:  # the database does not answer: nobody can be told
        return
    scope = _PLATFORM.enter()
    if wrong[name]:
        alerts.tell(scope, f"{name}.stands", Part(name), level="district", again=True)
    else:
        alerts.settle(scope, Part(name), f"{name}.stands")
    db.session.commit()
