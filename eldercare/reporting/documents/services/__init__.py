"""A report's words and tables as an editable Word document."""

from typing import Any

from eldercare.core import audit, files, runs
from eldercare.core.errors import Refused
from eldercare.core.runs import Place, Run
from eldercare.core.scope import Scope
from eldercare.reporting import queries
from eldercare.reporting import services as making
from eldercare.reporting.documents.services import writing
from eldercare.reporting.models import Report

KIND = "report_document"


def can_be_written(report: Report) -> bool:
    """Made of parts: official papers about one row, and what was made before reports had parts, are PDF alone."""
    return not report.is_paper and "parts" in report.dataset


def words_of(report: Report) -> dict[str, Any]:
    """What people wrote: of a draft the latest, whether its pages show it yet or not."""
    texts = report.texts if report.state == "draft" and report.life == "reviewed" else report.imprint.get("texts", {})
    return dict(texts)


def ask(scope: Scope, report_id: int) -> Run:
    """Have the document made; 404 out of reach, report.no_document where there is no text to take."""
    report = queries.report(scope, report_id)
    making.must_have_file(report)
    if not can_be_written(report):
        raise Refused("report.no_document")
    place = Place(report.place, report.township_id, report.facility_id)
    return runs.enqueue(scope, KIND, period=report.period, place=place, report_id=report.id)


def make(scope: Scope, run: Run) -> dict[str, Any]:
    """Carry out the job: {"file", "name"}; that its words left the platform is logged."""
    report = queries.report(scope, run.params["report_id"])
    making.must_have_file(report)
    try:
        data = writing.docx(report, _photos(report), words_of(report))
    except (KeyError, TypeError) as unread:  # templates of other years named their figures otherwise
        raise Refused("report.no_document") from unread
    audit.record(scope, "report.opened", entity="report", report_id=report.id, kind=report.kind,
                 period=report.period, place=report.place, how="docx")  # fmt: skip
    place = f"-{report.place}" if report.place else ""
    name = f"{report.kind}-{report.period}{place}-{report.language}-{report.edition}.docx"
    return {"file": files.put(data), "name": name}


def _photos(report: Report) -> dict[str, bytes]:
    """The pictures of things and places its typical problems show, by their SHA-256."""
    return {sha256: files.get(sha256, secret=True) for sha256 in report.dataset.get("photos", ())}
