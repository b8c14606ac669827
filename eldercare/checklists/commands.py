"""`flask checklists …`."""

from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from eldercare.checklists import services
from eldercare.checklists.models import DATA
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import command

cli = AppGroup("checklists", help="The catalogue of checklists and major hazards.")


@command(cli, "load-catalogue", P.CHECKLIST_EDIT)
@click.option("--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=DATA,
              help="A catalogue in YAML; by default the platform's own.")
def load_catalogue(scope: Scope, path: Path) -> dict[str, Any]:
    """Take in the catalogue: first versions are published, changed lists become drafts; the same again changes nothing."""
    return services.load_catalogue(scope, path)
