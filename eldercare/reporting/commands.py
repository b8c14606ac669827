"""`flask reports …`, `flask clock`, `flask worker`: see the contract of commands."""

import os
import time
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from eldercare.core import calendar, files
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import CATALOGUE, Refused
from eldercare.core.runs import ATTEMPTS, Run
from eldercare.core.scope import Scope
from eldercare.core.web import command
from eldercare.reporting import queries, seal, services, worker
from eldercare.reporting.clock import Clock
from eldercare.reporting.schedules import services as schedules
from eldercare.reporting.verify import services as verifying

cli = AppGroup("reports", help="Build, rebuild and verify reports.")


@command(cli, "build", P.REPORT_BUILD)
@click.argument("kind")
@click.argument("period")
@click.option("--place", default="", help="Code of the township or facility.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder the PDF goes to.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh")
def build(scope: Scope, kind: str, period: str, place: str, out: Path | None, lang: str) -> dict[str, Any]:
    """Build one report now, without the queue."""
    module = queries.monthly(kind)
    month = queries.period_of(period, ended_before=calendar.today(), cadence=module.CADENCE)
    where = queries.place_named(scope, module.AUDIENCE, place)
    folder = _writable(out or Path.cwd())
    run = Run(kind=kind, period=str(month), place=where.code, township_id=where.township_id, facility_id=where.facility_id,
              attempts=ATTEMPTS - 1, params={"languages": [lang]})  # fmt: skip
    db.session.add(run)
    db.session.commit()
    worker.perform(current_app._get_current_object(), run.id)  # type: ignore[attr-defined]  # noqa: SLF001 — perform() works in threads too
    run = scope.enter().lock(Run, run.id)  # read anew: perform() worked in a session of its own
    if run.state != "done":
        raise Refused(run.error_code, **run.error_details) if run.error_code in CATALOGUE else RuntimeError(str(run.error))
    report = queries.report(scope, run.result["report_id"])
    path = folder / f"{kind}-{period}{'-' + where.code if where.code else ''}-{lang}-{report.edition}.pdf"
    path.write_bytes(files.get(report.pdf_sha256, secret=report.is_paper))
    return {"run_id": run.id, "file": str(path), "sha256": report.pdf_sha256, "pages": report.pages}


def _writable(folder: Path) -> Path:
    """A folder files can be put into, made where it is missing: told before a report is made, not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise click.BadParameter(f"{folder}: {why.strerror}", param_hint="--out") from None
    if not os.access(folder, os.W_OK):
        raise click.BadParameter(f"{folder}: not writable", param_hint="--out")
    return folder


@command(cli, "build-all", P.REPORT_BUILD)
@click.argument("period")
def build_all(scope: Scope, period: str) -> dict[str, Any]:
    """Build every report due for a month, through the queue."""
    month = str(queries.period_of(period, ended_before=calendar.today()))
    began = time.monotonic()
    schedules.set_up(scope, current_app.config["REPORT_HOUR"])
    schedules.make_month(scope, month)
    db.session.commit()
    _finish(scope, month)
    states = queries.standing(scope.enter(), month)
    return {"built": states.get("done", 0), "failed": states.get("failed", 0),
            "seconds": round(time.monotonic() - began, 1)}


def _finish(scope: Scope, month: str) -> None:
    """Work the queue here (beside any worker that runs) until nothing of the month waits."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 — the worker thread needs the app itself
    while True:
        worker.drain(app, current_app.config["WORKER_CONCURRENCY"])
        states = queries.standing(scope.enter(), month)
        db.session.rollback()
        waiting = states.get("queued", 0) + states.get("running", 0)
        if not waiting:
            return
        click.echo(f"{waiting} waiting", err=True)
        time.sleep(1)


@command(cli, "rebuild", P.REPORT_BUILD)
@click.argument("run_id", type=int)
def rebuild(scope: Scope, run_id: int) -> dict[str, Any]:
    """Draw a report again from its sealed figures and compare the bytes."""
    return services.rebuild(scope, run_id)


@command(cli, "verify", P.REPORT_BUILD)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(scope: Scope, file: Path) -> dict[str, Any]:
    """Whether a PDF bears the platform's seal unbroken, which edition it is, whether its figures agree."""
    return verifying.verdict(scope, file.read_bytes()).as_json()


@command(cli, "seal", P.REPORT_BUILD)
@click.option("--renew", is_flag=True, help="Make another key; what the last one sealed stays verifiable.")
def key(_scope: Scope, *, renew: bool) -> dict[str, Any]:
    """The key that seals; made for this installation when there is none."""
    held = seal.renew() if renew else seal.key(calendar.now())
    return seal.facts(held)


@click.command("clock")
def clock() -> None:
    """Write down what is due, each minute, until stopped."""
    Clock(current_app._get_current_object()).run()  # type: ignore[attr-defined]  # noqa: SLF001


@click.command("worker")
@click.option("--concurrency", type=int, default=None)
def work(concurrency: int | None) -> None:
    """Do what is due, until stopped."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    worker.run_worker(app, concurrency or app.config["WORKER_CONCURRENCY"])


def init_app(app: Any) -> None:
    """Commands with no group of their own."""
    app.cli.add_command(clock)
    app.cli.add_command(work)


