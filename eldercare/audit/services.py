"""What the reader of the log does leaves a trace in it."""

from dataclasses import replace
from typing import Any

from eldercare.core import audit
from eldercare.core.access import SIGNED_IN
from eldercare.core.scope import Scope


def note(scope: Scope, action: str, **details: Any) -> None:
    """Record a reading act. The reader's own database role cannot write, so it is told as the person."""
    audit.record(replace(scope, permission=SIGNED_IN).enter(), action, entity="log", **details)
    scope.enter()
