"""Reads of the papers of a row."""

from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.reporting import queries as reporting
from eldercare.reporting.models import Report


def kinds() -> dict[str, ModuleType]:
    """Every paper by its kind."""
    return {kind: module for kind, module in reporting.kinds().items() if hasattr(module, "ENTITY")}


def kinds_of(entity: str) -> dict[str, ModuleType]:
    """The papers there can be about a row of an entity."""
    return {kind: module for kind, module in kinds().items() if entity == module.ENTITY}


def entities() -> list[str]:
    """Everything a paper can be about."""
    return sorted({module.ENTITY for module in kinds().values()})


def offered(reach: Callable[[P], Scope | None], entity: str, row_id: int) -> list[str]:
    """The kinds of paper someone may have drawn of a row now; 404 when the row is out of their reach."""
    found = []
    for kind, module in kinds_of(entity).items():
        with suppress(Refused):  # nothing to draw yet
            module.subject(reach(module.PERMISSION) or Scope.nobody(), row_id)
            found.append(kind)
    return found


def papers(scope: Scope, entity: str, row_id: int) -> list[Report]:
    """The papers of a row in reach, the newest first; another person's draft is not among them."""
    query = scope.select(Report).where(Report.subject == f"{entity}:{row_id}", reporting.is_ones_own(scope))
    return list(db.session.scalars(query.order_by(Report.id.desc())))


def under_way(scope: Scope, entity: str, row_id: int) -> list[Run]:
    """The jobs that draw a paper of the row now; one that failed stays until a later one was drawn."""
    asked: Any = Run.params["subject"].astext
    newest = max((row.run_id for row in papers(scope, entity, row_id)), default=0)
    query = scope.select(Run).where(
        Run.kind.in_(list(kinds_of(entity))), asked == f"{entity}:{row_id}", Run.state.in_(["queued", "running", "failed"]),
        Run.id > newest,
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(Run.id.desc()).limit(3)))
