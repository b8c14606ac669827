"""Asking for a paper by hand."""

from eldercare.core import audit, papers
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting.papers import queries


def ask(scope: Scope, entity: str, row_id: int, kind: str) -> Run:
    """Have a paper of a row drawn; 404 when the row is out of reach, report.no_paper when there is nothing to draw yet."""
    subject = queries.kinds_of(entity)[kind].subject(scope, row_id)
    run = papers.ask(scope, kind, subject)
    audit.record(scope, "report.asked_for", entity="run", kind=kind, period=run.period, place=run.place, run_id=run.id)
    return run
