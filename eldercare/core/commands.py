"""`flask backup FILE` and `flask restore FILE`."""

from pathlib import Path
from typing import Any

import click
from flask import Flask

from eldercare.core import audit, backup
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import command


def init_app(app: Flask) -> None:
    """Commands with no group of their own."""

    @command(app.cli, "backup", P.CHECKUP_READ)
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    def save(scope: Scope, file: Path) -> dict[str, Any]:
        """Write the whole platform to one file; keep PII_KEY apart from it."""
        told = backup.backup(file)
        audit.record(scope, "backup.made", entity="backup", **told)
        return dict(told)

    @command(app.cli, "restore", P.CHECKUP_READ)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def put_back(_scope: Scope, file: Path) -> dict[str, Any]:
        """Put everything back as the file holds it. What is there now goes."""
        db.session.rollback()
        told = backup.restore(file)
        audit.record(Scope.system(P.CHECKUP_READ, "command line").enter(), "backup.restored", entity="backup", **told)
        return dict(told)
