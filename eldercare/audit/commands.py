"""`flask audit …`."""

from typing import Any

from flask.cli import AppGroup

from eldercare.audit import queries
from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import command

cli = AppGroup("audit", help="The log and its chain.")


@command(cli, "verify", P.AUDIT_READ)
def verify(_scope: Scope) -> dict[str, Any]:
    """Recompute the chain of the log; exit 2 when an entry was touched, removed or put in."""
    return queries.verify()
