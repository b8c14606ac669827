"""Habit 9: every Run ends; every schedule has a handler and the reverse; what is asked for can be done."""

import ast
import sys
from pathlib import Path

from flask import Flask

from eldercare.core import runs
from eldercare.reporting import queries
from eldercare.reporting.listing import JOBS
from eldercare.reporting.schedules import queries as schedules


def test_every_schedule_has_a_handler(whole_app: Flask) -> None:
    assert set(runs.SCHEDULES) <= set(runs.HANDLERS)


def test_every_handler_is_scheduled_or_asked_for_somewhere(whole_app: Flask) -> None:
    asked: set[str] = set()
    for path in Path("eldercare").rglob("*.py"):
        asked |= {
            ast.unparse(node.args[1]).strip("'").split(".")[-1] for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("enqueue") and len(node.args) > 1
        }
    ours = [module for name, module in sys.modules.items() if name.startswith("eldercare.")]
    kinds = {str(getattr(module, kind, kind)) for kind in asked for module in ours}
    # each page of a row offers its own papers; what is made on request is asked for on the page of every kind of report
    papers = {kind for kind, module in queries.kinds().items() if module.CADENCE in ("paper", "event", "request")}
    assert set(runs.HANDLERS) - set(runs.SCHEDULES) - set(schedules.kinds()) - kinds - papers == set()


def test_every_kind_of_job_has_words(whole_app: Flask) -> None:
    assert set(runs.HANDLERS) <= set(JOBS), f"give words to {set(runs.HANDLERS) - set(JOBS)} in reporting/listing.py"
    assert set(JOBS) <= set(runs.HANDLERS), f"these jobs do not exist: {set(JOBS) - set(runs.HANDLERS)}"


def test_every_report_says_what_it_is_and_has_a_sample(whole_app: Flask) -> None:
    for kind, module in queries.kinds().items():
        folder = queries.FOLDER / kind.replace("-", "_")
        assert {path.name for path in folder.iterdir()} >= {"report.py", "page.html", "page.css", "sample.json"}, kind
        assert kind == module.KIND
        assert module.AUDIENCE in {"district", "township", "facility", "any"}
        assert set(module.LANGUAGES) <= {"zh", "en"}
        assert module.TEMPLATE_VERSION
        assert kind in runs.HANDLERS
