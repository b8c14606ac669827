"""The acts of a report's life: its words, review, approval, publication, withdrawal. lock → judge → change → record.

What is done to one language of an edition is done to all of them at once. Words, numbers and names go onto the pages through
the imprint; the figures are nobody's to change, and the database refuses it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from eldercare.accounts.models import User
from eldercare.core import alerts, audit, calendar, counters, files, runs, states
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Place, Run
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting import services as making
from eldercare.reporting.approval import queries
from eldercare.reporting.approval.models import PACE, TEXTS, ReportComment
from eldercare.reporting.models import Report
from eldercare.reporting.schedules import services as schedules

Texts = Mapping[str, list[str]]
TRIES = 8  # of a publication that finds its number taken


# ---- words ------------------------------------------------------------------------------------------


def write(scope: Scope, report_id: int, version: int, texts: Texts) -> None:
    """Keep the words of a draft and have its pages drawn anew.

    `version`: that of the words the writer began from; report.texts_changed when somebody saved others meanwhile.
    What the other language has not said in words of its own follows.
    """
    rows = _draft(scope, report_id)
    row = rows[0]
    if row.texts_version != version:
        raise Refused("report.texts_changed", who=row.texts_by or "")
    changed = [part for part in TEXTS if row.texts.get(part, []) != texts[part]]
    if changed:
        _keep(scope, rows, {part: texts[part] for part in changed}, "report.texts_written")


def take_over(scope: Scope, report_id: int) -> None:
    """Begin with the words of the issue before; report.nothing_to_take_over."""
    rows = _draft(scope, report_id)
    before = queries.before(scope, rows[0])
    if before is None:
        raise Refused("report.nothing_to_take_over")
    _keep(scope, rows, {part: list(before.texts.get(part, [])) for part in TEXTS}, "report.texts_taken_over")


def _draft(scope: Scope, report_id: int) -> list[Report]:
    rows = queries.lock(scope, report_id)
    if rows[0].life != "reviewed" or rows[0].state != "draft":
        raise Refused("report.not_draft")
    return rows


def _keep(scope: Scope, rows: Sequence[Report], texts: Texts, action: str) -> None:
    name, now, was = _name(scope), calendar.now(), dict(rows[0].texts)
    leads = rows[0].language == reporting.kind_of(rows[0].kind).LANGUAGES[0]
    for row in rows:
        follows = {part: said for part, said in texts.items() if row is rows[0] or (leads and _follows(row, part, was))}
        if not follows:
            continue
        row.texts, row.texts_version = {**row.texts, **follows}, row.texts_version + 1
        row.texts_by_id, row.texts_by, row.texts_at = scope.person_id, name, now
        _redraw(scope, row)
        audit.record(scope, action, row, parts=list(follows))
    _tell(scope, rows, "to_review")


def _follows(row: Report, part: str, was: Texts) -> bool:
    """Whether another language says what the report's own said before, and nothing of its own."""
    return bool(row.texts.get(part, []) == was.get(part, []))


def _redraw(scope: Scope, row: Report) -> None:
    runs.enqueue(scope, "report_redraw", period=row.period, place=_place(row), report_id=row.id)


def _place(row: Report) -> Place:
    return Place(row.place, row.township_id, None if row.is_internal else row.facility_id)


def redraw(scope: Scope, run: Run) -> dict[str, Any]:
    """Draw the pages of a draft with its words as they stand; nothing to do when they do already."""
    row = reporting.report(scope, run.params["report_id"])
    version, texts = row.texts_version, row.full_texts
    if row.state != "draft" or not row.is_behind:
        return {"report_id": row.id}
    runs.progress(run.id, 0, 1, runs.N_("Drawing the pages"))
    drawn = _drawn(row, row.imprint | {"texts": texts})
    row = scope.lock(Report, row.id)
    if row.state == "draft" and row.drawn_version < version:  # a later save may have been quicker
        _put(row, drawn)
        row.drawn_version = version
        audit.record(scope, "report.redrawn", row)
    elif row.pdf_sha256 != drawn.pdf_sha256:
        files.drop_once_committed(drawn.pdf_sha256, secret=drawn.is_paper)
    return {"report_id": row.id, "pages": row.pages}


def _drawn(row: Report, imprint: dict[str, Any]) -> Report:
    """The pages with an imprint, on a sheet beside the row: nobody waits for a lock while they are drawn."""
    names = ("kind", "period", "language", "edition", "subject", "dataset", "code", "template_version", "tools_key")
    beside = Report(**{name: getattr(row, name) for name in names}, imprint=imprint)
    making.draw(beside)
    return beside


def _put(row: Report, drawn: Report) -> None:
    """The pages drawn last are the row's; those before go with what said them."""
    if row.pdf_sha256 != drawn.pdf_sha256:
        files.drop_once_committed(row.pdf_sha256, secret=row.is_paper)
    for name in ("imprint", "tools_key", "drawn_sha256", "drawn_bytes", "pages", "pdf_sha256", "bytes"):
        setattr(row, name, getattr(drawn, name))


# ---- comments ---------------------------------------------------------------------------------------


def comment(scope: Scope, report_id: int, part: str, body: str) -> ReportComment:
    """Say something about a part of a report that is not published yet."""
    rows = queries.lock(scope, report_id)
    if rows[0].state in ("published", "withdrawn"):
        raise Refused("report.frozen")
    made = ReportComment(report_id=report_id, part=part, body=body, person=_name(scope), person_id=scope.person_id)
    db.session.add(made)
    audit.record(scope, "report_comment.made", made, report_id=report_id)
    return made


def resolve(scope: Scope, report_id: int, comment_id: int) -> None:
    """A comment is settled; report_comment.settled when it was before."""
    ids = [row.id for row in queries.lock(scope, report_id)]
    query = select(ReportComment).where(ReportComment.id == comment_id, ReportComment.report_id.in_(ids)).with_for_update()
    found = db.session.scalars(query).one_or_none()
    if found is None:
        scope.get(Report, 0)  # of another report, or none: 404
        return
    if found.resolved_at is not None:
        raise Refused("report_comment.settled")
    found.resolved_at, found.resolved_by = calendar.now(), _name(scope)
    audit.record(scope, "report_comment.resolved", found, report_id=report_id)


# ---- review and approval ----------------------------------------------------------------------------


def review(scope: Scope, report_id: int) -> None:
    """The draft is right. Refused: report.own_words, report.pages_behind."""
    rows = _judge(scope, report_id)
    name, now = _name(scope), calendar.now()
    for row in rows:
        row.reviewed_by_id, row.reviewed_by, row.reviewed_at = scope.person_id, name, now
        row.returned_by = row.returned_at = row.return_reason = None
        states.move(scope, row, "reviewed")
    _tell(scope, rows, "to_approve")


def approve(scope: Scope, report_id: int) -> None:
    """It may be published. Refused: report.own_review, report.own_words, report.comments_open."""
    rows = _judge(scope, report_id)
    if rows[0].reviewed_by_id == scope.person_id:
        raise Refused("report.own_review")
    if queries.open_comments(rows):
        raise Refused("report.comments_open")
    name, now = _name(scope), calendar.now()
    for row in rows:
        row.approved_by_id, row.approved_by, row.approved_at = scope.person_id, name, now
        states.move(scope, row, "approved")
    _tell(scope, rows, "to_publish")


def _judge(scope: Scope, report_id: int) -> list[Report]:
    rows = queries.lock(scope, report_id)
    if scope.person_id is None:
        raise Refused("report.needs_a_person")
    if any(row.texts_by_id == scope.person_id for row in rows):
        raise Refused("report.own_words")
    if any(row.is_behind for row in rows):
        raise Refused("report.pages_behind")
    return rows


def send_back(scope: Scope, report_id: int, reason: str) -> None:
    """Back to draft, with the reason in sight until it is reviewed again."""
    rows = queries.lock(scope, report_id)
    name, now = _name(scope), calendar.now()
    for row in rows:
        row.reviewed_by_id = row.reviewed_by = row.reviewed_at = row.approved_by_id = row.approved_by = row.approved_at = None
        row.returned_by, row.returned_at, row.return_reason = name, now, reason
        states.move(scope, row, "draft", reason=reason)
    _tell(scope, rows, "returned", reason=reason)


# ---- publication and withdrawal ---------------------------------------------------------------------


def ask_publication(scope: Scope, report_id: int, *, counted: bool, number: int | None = None) -> Run:
    """Have the final pages drawn, sealed and published by a Run.

    `counted`: the platform gives the number of the issue; otherwise `number` comes from the office's register.
    Refused: report.not_approved, report.number_needed, report.number_taken.
    """
    rows = queries.lock(scope, report_id)
    _must_be_approved(rows)
    if not counted and number is None:
        raise Refused("report.number_needed", field="number")
    if not counted and queries.is_number_taken(scope, rows[0].kind, _year(rows[0]), number):
        raise Refused("report.number_taken", field="number")
    run = runs.enqueue(
        scope, "report_publish", period=rows[0].period, place=_place(rows[0]), report_id=report_id,
        number=None if counted else number,
    )  # fmt: skip
    audit.record(scope, "report.publication_asked_for", rows[0], run_id=run.id)
    return run


def publish(scope: Scope, run: Run) -> dict[str, Any]:
    """Give the number, draw the final pages with the names of who reviewed and approved, seal them: they never change again.

    The pages are drawn with the number that comes next, and nobody waits meanwhile. Who finds it taken by then draws again:
    each number is given once and none is left out, whoever breaks off.
    """
    for _ in range(TRIES):
        rows = queries.edition(scope, reporting.report(scope, run.params["report_id"]))
        if rows[0].state == "published":
            return {"report_id": rows[0].id, "number": rows[0].number}
        _must_be_approved(rows)
        number, seen = _next_number(scope, rows[0], run.params["number"]), _seen(rows)
        drawn = []
        for done, row in enumerate(rows):
            runs.progress(run.id, done, len(rows), runs.N_("Drawing the final pages"))
            drawn.append(_drawn(row, _final(row, number)))
        rows = queries.lock(scope, rows[0].id)
        if _seen(rows) == seen and _take(scope, rows[0], number, typed=run.params["number"] is not None):
            _out(scope, rows, drawn, number)
            return {"report_id": rows[0].id, "number": number}
        for pages in drawn:
            files.drop_once_committed(pages.pdf_sha256, secret=pages.is_paper)
        runs.end_snapshot(scope)  # somebody was quicker: let go of what is locked, look again
    raise Refused("row.busy")


def _must_be_approved(rows: Sequence[Report]) -> None:
    if rows[0].state != "approved":
        raise Refused("report.not_approved")


def _seen(rows: Sequence[Report]) -> list[Any]:
    return [(row.id, row.state, row.texts_version, row.approved_at) for row in rows]


def _out(scope: Scope, rows: Sequence[Report], drawn: Sequence[Report], number: int) -> None:
    now, name = calendar.now(), _name(scope)
    for row, pages in zip(rows, drawn, strict=True):
        _put(row, pages)
        row.number_year, row.number, row.published_at, row.published_by = _year(row), number, now, name
        making.keep(row)
        states.move(scope, row, "published", number=number, pdf_sha256=row.pdf_sha256)
    making.replaces(scope, rows)
    _settle(scope, rows)
    schedules.announce(scope, rows)


def _final(row: Report, number: int) -> dict[str, Any]:
    return row.imprint | {
        "state": "published", "number": {"year": _year(row), "number": number}, "texts": row.full_texts,
        "reviewed": _signed(row.reviewed_by, row.reviewed_at), "approved": _signed(row.approved_by, row.approved_at),
    }  # fmt: skip


def _signed(name: str | None, at: Any) -> dict[str, str] | None:
    return {"name": name, "on": calendar.local(at).date().isoformat()} if name else None


def _year(row: Report) -> int:
    """The year an issue is counted in: that of its period, whenever it is published."""
    return int(row.period[:4])


def _next_number(scope: Scope, row: Report, typed: int | None) -> int:
    """What comes next in the year of a kind, or what was typed; report.number_taken."""
    year = _year(row)
    if typed is not None:
        if queries.is_number_taken(scope, row.kind, year, typed):
            raise Refused("report.number_taken")
        return typed
    number = counters.last_of(queries.series(row.kind), year) + 1
    while queries.is_number_taken(scope, row.kind, year, number):  # typed while the setting said so
        number += 1
    return number


def _take(scope: Scope, row: Report, number: int, *, typed: bool) -> bool:
    """Take a number; False where somebody was quicker. What was typed may lie behind the series."""
    year = _year(row)
    ahead = counters.reach(queries.series(row.kind), year, number)
    return (ahead or typed) and not queries.is_number_taken(scope, row.kind, year, number)


def withdraw(scope: Scope, report_id: int, reason: str, replaced_by: int | None) -> None:
    """A published edition counts no longer; it stays to be read. `replaced_by`: another published edition of it, if any."""
    rows = queries.lock(scope, report_id)
    instead = _instead(scope, rows[0], replaced_by)
    name, now = _name(scope), calendar.now()
    for row in rows:
        row.withdrawn_by, row.withdrawn_at, row.withdraw_reason = name, now, reason
        same = next((each for each in instead if each.language == row.language), instead[0] if instead else None)
        row.replaced_by_id = same.id if same else None
        states.move(scope, row, "withdrawn", reason=reason, replaced_by=row.replaced_by_id)
    _settle(scope, rows)


def _instead(scope: Scope, row: Report, replaced_by: int | None) -> list[Report]:
    if replaced_by is None:
        return []
    chosen = next((each for each in queries.others(scope, row) if each.id == replaced_by and each.state == "published"), None)
    if chosen is None:
        raise Refused("report.replacement_wrong", field="replaced_by")
    return queries.edition(scope, chosen)


# ---- who is told ------------------------------------------------------------------------------------


def _name(scope: Scope) -> str:
    """The name of who acts, as it stands on paper."""
    person = db.session.get(User, scope.person_id) if scope.person_id else None
    return person.name if person else scope.person_name


def _settle(scope: Scope, rows: Sequence[Report]) -> None:
    for row in rows:
        alerts.settle(scope, row)


def _tell(scope: Scope, rows: Sequence[Report], step: str, **details: Any) -> None:
    """What was to be done before is done with; what comes next is told of the edition once."""
    _settle(scope, rows)
    row = min(rows, key=lambda each: each.id)
    about = {"report": row.kind, "period": row.period} | details
    alerts.tell(scope, f"report.{step}", row, level="district", again=True, due_at=PACE.due_at(), **about)
