"""`flask inspections draw` and `flask inspections verify-draw`."""

from pathlib import Path
from typing import Any

import click
from flask import current_app

from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import command
from eldercare.inspections.commands import cli
from eldercare.inspections.draws import queries, services
from eldercare.inspections.draws.models import Draw, Rules
from eldercare.inspections.plans.models import Terms


@command(cli, "draw", P.INSPECTION_DRAW)
@click.option("--plan", "plan", required=True, help="The draw: its number in the address, or its batch (2026-003).")
@click.option("--witness", "value", help="The witness's value, or the public random value, where none was given yet.")
@click.option("--witness-name", default="", help="Who typed it.")
@click.option("--witness-office", default="", help="Of which office.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the file of the draw here.")
@click.option("--user", help="Act as this person.")
def draw(scope: Scope, plan: str, value: str | None, witness_name: str, witness_office: str, out: Path | None) -> dict[str, Any]:
    """Draw a batch whose libraries are frozen; an approved plan is frozen first. There is no second draw."""
    row, rules = _found(scope, plan), Rules.of(current_app.config)
    if row.state == "approved":
        services.freeze(scope, row.id, rules, Terms.of(current_app.config))
        scope = _kept(scope)
        click.echo(f"commitment {row.commitment} published", err=True)
    if value is not None:
        services.witness(scope, row.id, value.strip(), witness_name or "—", witness_office or row.witness_named, rules)
        scope = _kept(scope)  # kept before anything is computed from it: it can never be typed again
    row = services.draw(scope, row.id)
    text = services.file_text(scope, row) or ""
    if out is not None:
        out.write_text(text, encoding="utf-8")
    return services.verify(scope, text.encode()) | {"plan": row.id, "file": str(out) if out else None}


def _found(scope: Scope, plan: str) -> Draw:
    row = scope.find(Draw, int(plan)) if plan.isdecimal() else queries.by_batch(scope, plan)
    if row is None:
        raise Refused("draw.unknown", plan=plan)
    return row


def _kept(scope: Scope) -> Scope:
    db.session.commit()
    return scope.enter()


@command(cli, "verify-draw", P.INSPECTION_READ)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(scope: Scope, file: Path) -> dict[str, Any]:
    """Recompute a draw from its file, and hold it against the one kept here under its batch."""
    found = services.verify(scope, file.read_bytes())
    if not found["valid"]:
        click.echo(f"not valid: {found['reason']}", err=True)
    return found
