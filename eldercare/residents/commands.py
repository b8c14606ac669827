"""`flask residents …`: the registry from the command line. The Excel intake adds its own commands to `cli`."""

from typing import Any

import click
from flask.cli import AppGroup

from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import command
from eldercare.residents.jobs import write_workbook

cli = AppGroup("residents", help="The registry of older people.")


@command(cli, "export", P.RESIDENT_EXPORT)
@click.argument("out", type=click.Path(dir_okay=False, writable=True))
@click.option("--user", help="Act as this person; without it, as the platform.")
def export(scope: Scope, out: str) -> dict[str, Any]:
    """Write everyone on the register to OUT, an .xlsx workbook, masked."""
    return {"rows": write_workbook(scope, out)}
