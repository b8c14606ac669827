"""The place's own word on a hazard, and publication only after it. Rules: domain.md §5.4 (masked, withdrawn where undone)."""

from eldercare.core import alerts, audit, calendar
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.hazards.models import BEFORE_ORDER, Hazard


def state(scope: Scope, hazard_id: int, statement: str) -> Hazard:
    """The place says how it sees it: once, in the days after the order, before anything is published.

    Refused: move.not_allowed, hazard.stated_already, .state_late, .published_already.
    """
    hazard = scope.lock(Hazard, hazard_id)
    if hazard.state in BEFORE_ORDER or hazard.answer_by is None:
        raise Refused("move.not_allowed")
    if hazard.statement is not None:
        raise Refused("hazard.stated_already")
    if hazard.published_at is not None:
        raise Refused("hazard.published_already")
    if calendar.today() > hazard.answer_by:
        raise Refused("hazard.state_late", day=hazard.answer_by)
    hazard.statement, hazard.stated_at, hazard.stated_by = statement, calendar.now(), scope.person_name
    audit.record(scope, "hazard.stated", hazard)
    home = scope.get(Facility, hazard.facility_id).name
    alerts.tell(scope, "hazard.stated", hazard, level="district", again=True, home=home, number=hazard.number)
    return hazard


def publish(scope: Scope, hazard_id: int) -> Hazard:
    """Publish a hazard: after the place has stated its view, or its days for that have passed.

    Refused: move.not_allowed, hazard.publish_early, .published_already.
    """
    hazard = scope.lock(Hazard, hazard_id)
    if hazard.state in BEFORE_ORDER or hazard.answer_by is None:
        raise Refused("move.not_allowed")
    if hazard.published_at is not None:
        raise Refused("hazard.published_already")
    if hazard.statement is None and calendar.today() <= hazard.answer_by:
        raise Refused("hazard.publish_early", day=hazard.answer_by)
    hazard.published_at = calendar.now()
    audit.record(scope, "hazard.published", hazard)
    return hazard


def unpublish(scope: Scope, hazard_id: int, reason: str) -> Hazard:
    """Take a publication back, and why; the log keeps both."""
    hazard = scope.lock(Hazard, hazard_id)
    if hazard.published_at is None:
        raise Refused("move.not_allowed")
    hazard.published_at = None
    audit.record(scope, "hazard.unpublished", hazard, reason=reason)
    return hazard
