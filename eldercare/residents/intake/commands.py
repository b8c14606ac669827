"""`flask residents template` and `flask residents import`."""

from pathlib import Path
from typing import Any

import click

from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.core.sheets import MOST_BYTES
from eldercare.core.web import command
from eldercare.residents.commands import cli
from eldercare.residents.intake import jobs, services
from eldercare.residents.intake.models import COMMIT


@command(cli, "template", P.INTAKE_RUN)
@click.argument("out", type=click.Path(dir_okay=False, writable=True))
def form(_scope: Scope, out: str) -> dict[str, Any]:
    """Write the official intake form to OUT, an .xlsx workbook."""
    return {"columns": jobs.write_template(out)}


@command(cli, "import", P.INTAKE_RUN)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--rejects", type=click.Path(dir_okay=False, writable=True), help="Write the refused rows to this workbook.")
@click.option("--user", help="Act as this person; without it, as the platform.")
def take_in(scope: Scope, file: str, rejects: str | None, *, dry_run: bool) -> dict[str, Any]:
    """Take the list in FILE (.xlsx, .xls, .csv) into the register, all of it or nothing."""
    path = Path(file)
    if path.stat().st_size > MOST_BYTES:
        raise Refused("sheet.too_large")
    data, run_id = path.read_bytes(), None
    if dry_run:
        outcome = services.look(scope, data, jobs.rules(), path.name)
    else:
        now = calendar.now()
        run = Run(kind=COMMIT, state="running", person_id=scope.person_id, permission=str(scope.permission),
                  params={"name": path.name[-80:]}, started_at=now, attempts=1)
        db.session.add(run)
        db.session.flush()
        outcome = services.take(scope, data, jobs.rules(), run, filename=path.name)
        run.state, run.finished_at, run.result = "done", calendar.now(), {**outcome.numbers(), "sha256": outcome.sha256}
        run.progress = run.total = outcome.counts["read"]
        run_id = run.id
    if rejects:
        jobs.write_refused(rejects, outcome, scope.person_name)
    return {**outcome.numbers(), "run_id": run_id}
