"""Checklists at the wire: the lists, any version with everything in it, what is in force for a place and why."""

from typing import Any

from eldercare.checklists import listing, queries
from eldercare.checklists.models import ChecklistVersion
from eldercare.checklists.queries import conditions
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer, can
from eldercare.facilities import queries as facilities

room = Room("checklists_api", __name__, url_prefix="/api/v1/checklists", api=True)

_VERSION = (
    "id", "number", "state", "effective_from", "effective_to", "content_sha256", "origin", "based_on", "reason", "published_at",
)  # fmt: skip


def version_as_json(version: ChecklistVersion) -> dict[str, Any]:
    """A version without what is in it."""
    return {**{name: wire(getattr(version, name)) for name in _VERSION}, "code": version.checklist.code}


_LIST: dict[str, Any] = {"type": "object", "required": list(listing.LISTS.json)}
_WHOLE: dict[str, Any] = {"type": "object", "required": [*_VERSION, "code", "content"]}
_ITEMS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
SCHEMAS = {
    "index": {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": _LIST}}},
    "version": _WHOLE,
    "for_facility": {
        "type": "object",
        "required": ["facts", "lists"],
        "properties": {"facts": {"type": "object"}, "lists": _ITEMS},
    },
}


@room.get("", allow=P.CHECKLIST_READ)
def index(scope: Scope) -> Any:
    """Every list with the version in force."""
    return answer({"items": [listing.standing_json(each) for each in queries.standings(scope, drafts=can(P.CHECKLIST_EDIT))]})


@room.get("/versions/<int:version_id>", allow=P.CHECKLIST_READ)
def version(scope: Scope, version_id: int) -> Any:
    """A version with all its areas and items, or all rows of the hazard table."""
    own = queries.version(scope, version_id, drafts=can(P.CHECKLIST_EDIT))
    return answer(version_as_json(own) | {"content": queries.content(scope, own)})


@room.get("/facilities/<int:facility_id>", allow=P.CHECKLIST_READ)
def for_facility(scope: Scope, facility_id: int) -> Any:
    """The lists in force for a facility, which items apply there and why."""
    facility = facilities.facility(scope, facility_id)
    facts, lists = conditions.facts(facility), []
    for own in queries.suitable(scope, facility.facility_type):
        verdicts = [
            (each, conditions.judge(each.applies_if, each.facility_types, facts)) for each in queries.items(scope, own.id)
        ]
        items = [{"code": each.code, "applies": found.applies, "why": found.why} for each, found in verdicts]
        lists.append({"version_id": own.id, "number": own.number, "zh": own.zh, "en": own.en, "items": items})
    return answer({"facts": facts, "lists": lists})
