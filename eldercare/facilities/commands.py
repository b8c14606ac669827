"""`flask facilities …`."""

from typing import Any

from flask.cli import AppGroup

from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import command
from eldercare.facilities import services

cli = AppGroup("facilities", help="Townships, villages and facilities.")


@command(cli, "load-places", P.FACILITY_EDIT)
def load_places(scope: Scope) -> dict[str, Any]:
    """Load the district's townships; the same again changes nothing."""
    return services.load_places(scope)
