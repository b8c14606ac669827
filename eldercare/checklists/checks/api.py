"""A filled list at the wire."""

from typing import Any

from werkzeug.exceptions import NotFound

from eldercare.checklists.api import version_as_json
from eldercare.checklists.checks import listing, queries
from eldercare.checklists.checks.models import Check
from eldercare.core.access import P
from eldercare.core.columns import wire
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer

room = Room("checks_api", __name__, url_prefix="/api/v1/checklists/checks", api=True)

_CHECK = (
    "id", "facility_id", "origin", "label", "checked_on", "state", "revision", "corrects_id", "reason", "sealed_at", "status",
    "score", "grade", "overdue", "outcome", "content_sha256",
)  # fmt: skip
SCHEMAS = {"show": {"type": "object", "required": [*_CHECK, "version", "answers"]}}


def check_as_json(check: Check, answers: list[Any]) -> dict[str, Any]:
    """A check with the version it was given to."""
    told = {name: getattr(check, name) if name == "outcome" else wire(getattr(check, name)) for name in _CHECK}
    given = [
        {"code": each.item.code, "area": area.code, "result": each.result, "reason": each.reason, "escalated": each.escalated,
         "by_rule": each.by_rule, "photos": each.photos}
        for area, each in answers
    ]  # fmt: skip
    return told | {"version": version_as_json(check.version), "answers": given}


@room.get("/<int:check_id>", allow=P.CHECKLIST_READ)
def show(scope: Scope, check_id: int) -> Any:
    """One check with its answers."""
    check = queries.check(scope, check_id)
    if not listing.may_read(check):
        raise NotFound
    return answer(check_as_json(check, queries.answers(scope, check_id)))
