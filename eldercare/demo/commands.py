"""`flask demo …`."""

from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from config import DEMO_MARK
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import command
from eldercare.demo import load as services

cli = AppGroup("demo", help="A made-up district to try everything on.")


@command(cli, "load", P.INTAKE_RUN)
@click.option("--residents", type=click.IntRange(17, 400_000), help="Records on the register; by default the district's.")
@click.option("--seed", type=int, default=1, help="The same seed on the same day gives the same district.")
@click.option("--empty", is_flag=True, help="No district: townships and one administrator, for the bureau's own data.")
def load(scope: Scope, residents: int | None, seed: int, *, empty: bool) -> dict[str, Any]:
    """Load the demo district into an empty register."""
    if empty:
        return services.prepare(scope)
    settings = current_app.config
    counts = services.load(
        scope, residents=residents or settings["DEMO_RESIDENTS"], seed=seed, password=settings["DEMO_PASSWORD"]
    )
    Path(current_app.instance_path, DEMO_MARK).touch()
    return counts
