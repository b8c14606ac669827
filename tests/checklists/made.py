"""Lists in force changed by a new version, as the district would."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from eldercare.checklists import queries, services
from eldercare.checklists.models import HAZARDS, ChecklistVersion
from eldercare.checklists.queries import contents
from eldercare.core import calendar
from eldercare.core.scope import Scope


def revised(scope: Scope, checklist_id: int, items: Mapping[str, Mapping[str, Any]], day: date | None = None) -> ChecklistVersion:
    """A new version of a list from a day (today) on, in which these items are otherwise."""
    draft = services.start_draft(scope, checklist_id)
    for each in queries.items(scope, draft.id):
        if each.code in items:
            services.change_item(scope, each.id, {name: getattr(each, name) for name in contents.ITEM} | dict(items[each.code]))
    return services.publish(scope, draft.id, "revised", day or calendar.today())


def let_go(scope: Scope, row: str, day: date | None = None) -> None:
    """From a day (today) on no list names a row of the hazard table."""
    for each in queries.standings(scope):
        found = [item.code for item in queries.items(scope, each.current.id) if item.hazard_code == row] if each.current else []
        if found:
            revised(scope, each.id, {code: {"hazard_code": None} for code in found}, day)


def table_without(scope: Scope, row: str) -> ChecklistVersion:
    """A draft of the hazard table without one of its rows."""
    draft = services.start_draft(scope, queries.in_force(scope, HAZARDS).checklist_id)
    services.remove(scope, next(each for each in queries.hazards(scope, draft.id) if each.code == row))
    return draft
