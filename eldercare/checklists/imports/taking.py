"""An XLSForm becomes a draft, or nothing."""

from eldercare.checklists import queries, services
from eldercare.checklists.imports.reading import Read, read
from eldercare.checklists.models import ChecklistVersion
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope


def take_in(scope: Scope, newest: ChecklistVersion, data: bytes) -> tuple[Read, ChecklistVersion | None]:
    """(what the form said, the draft of it, or None where something is wrong). `newest`: the list's newest version.

    Refused: checklist.draft_exists, sheet.… where it is no workbook.
    """
    if queries.draft_of(scope, newest.checklist_id):
        raise Refused("checklist.draft_exists")
    codes = {row.code for row in queries.hazards_in_force(scope)}
    found = read(data, newest.checklist.code, queries.content(scope, newest), codes)
    if found.faults:
        return found, None
    return found, services.start_draft(scope, newest.checklist_id, found.content, origin="xlsform")
