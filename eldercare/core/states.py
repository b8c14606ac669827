"""move(): the only code that changes a `state` column."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, ClassVar

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import audit
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope

_moving: ContextVar[bool] = ContextVar("moving", default=False)


class Stateful:
    """A row with a `state`; its model owns `MOVES = {(from, to): "noun.past"}`."""

    MOVES: ClassVar[Mapping[tuple[str, str], str]] = {}
    state: Mapped[str] = mapped_column()

    def next_states(self) -> list[str]:
        """The states that can follow the present one."""
        return [to for (now, to) in self.MOVES if now == self.state]


def _guard(target: Any, value: Any, old: Any, _initiator: Any) -> None:
    if not _moving.get() and not (inspect(target).transient or inspect(target).pending) and value != old:
        raise AssertionError(f"{type(target).__name__}.state changes through states.move() only")


@event.listens_for(Stateful, "mapper_configured", propagate=True)
def _watch(_mapper: Any, model: Any) -> None:
    event.listen(model.state, "set", _guard)


def move(scope: Scope, row: Any, to: str, **details: Any) -> None:
    """Take a row to another state and record it; `move.not_allowed` when MOVES has no such step."""
    action = row.MOVES.get((row.state, to))
    if action is None:
        raise Refused("move.not_allowed")
    token = _moving.set(True)
    try:
        row.state = to
    finally:
        _moving.reset(token)
    audit.record(scope, action, row, **details)
