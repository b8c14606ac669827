"""The papers of a row, as a part of the row's own page, and asking for one."""

from typing import Any

from werkzeug.exceptions import NotFound

from eldercare.core.access import P
from eldercare.core.scope import Scope
from eldercare.core.web import Room, page, reach_over
from eldercare.reporting.listing import LANGUAGES, kind_words
from eldercare.reporting.papers import queries, services

room = Room("papers", __name__, url_prefix="/reporting/papers")
ROW = f"/<any({', '.join(queries.entities())}):entity>/<int:subject_id>"
KIND = f"<any({', '.join(map(repr, queries.kinds()))}):kind>"


@room.get(ROW, allow=P.REPORT_READ)
def of_row(scope: Scope, entity: str, subject_id: int) -> Any:
    """A row's papers, and those that can be drawn; asks again while one is under way."""
    return _part(scope, entity, subject_id)


@room.post(f"{ROW}/{KIND}", allow=P.REPORT_READ)
def draw(scope: Scope, entity: str, subject_id: int, kind: str) -> Any:
    """Have a paper drawn."""
    if kind not in queries.kinds_of(entity):
        raise NotFound
    reach = reach_over(queries.kinds()[kind].PERMISSION)
    services.ask(reach or Scope.nobody(), entity, subject_id, kind)
    return _part(scope, entity, subject_id)


def _part(scope: Scope, entity: str, subject_id: int) -> Any:
    offered = queries.offered(reach_over, entity, subject_id)
    return page("reporting/papers/_papers.html", entity=entity, subject_id=subject_id, offered=offered, kind_words=kind_words,
                languages=LANGUAGES, rows=queries.papers(scope, entity, subject_id),
                runs=queries.under_way(scope, entity, subject_id))[0]
