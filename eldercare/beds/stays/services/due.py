"""What falls due becomes a to-do of the home, once for each day it is about; what no longer holds is settled."""

from collections.abc import Sequence
from datetime import date, timedelta

from eldercare.beds.models import Stay
from eldercare.beds.stays import queries
from eldercare.core import alerts, calendar
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility

DAY = timedelta(days=1)


def owe_reassessment(scope: Scope, stay: Stay, days: int) -> None:
    """Back from hospital: assess again within so many days."""
    home, since = scope.get(Facility, stay.facility_id), stay.reassess_since or calendar.today()
    due_at = calendar.at(since + (days + 1) * DAY)
    alerts.tell(scope, "stay.reassess", stay, occasion=since.isoformat(), due_at=due_at, home=home.name, day=since)


def remind(
    scope: Scope, day: date, *, contract: Sequence[int] = (30, 7), assessment: Sequence[int] = (30, 7), trial: int = 3,
    hospital: int = 3,
) -> dict[str, int]:
    """Tell what is due on a day and settle what is not any more; {kind: how many are new}. Doing it again makes none.

    `contract`, `assessment`: days before the end at which it is told (anew); `trial` likewise, once; `hospital`:
    days after the return within which somebody is assessed again.
    """
    return {
        "return_overdue": _tell(scope, "stay.return_overdue", "overdue", day, ()),
        "contract_ending": _tell(scope, "stay.contract_ending", "contract", day, contract),
        "contract_lapsed": _tell(scope, "stay.contract_lapsed", "lapsed", day, ()),
        "assessment_ending": _tell(scope, "stay.assessment_ending", "assessment", day, assessment),
        "reassess": _tell(scope, "stay.reassess", "hospital", day, (), hospital),
        "trial_ending": _tell(scope, "stay.trial_ending", "trial", day, (trial,)),
    }


def _tell(scope: Scope, kind: str, what: str, day: date, thresholds: Sequence[int], grace: int = 0) -> int:
    made, waiting = 0, queries.told_of(scope, kind)
    for stay, home, about in queries.falling_due(scope, what, day, max(thresholds, default=0)):
        occasion = about.isoformat() + _step((about - day).days, thresholds)
        for old in waiting.pop(stay.id, set()) - {occasion}:
            alerts.settle(scope, stay, kind, occasion=old)
        due_at = calendar.at(about + (grace + 1) * DAY)
        told = alerts.tell(scope, kind, stay, occasion=occasion, due_at=due_at, again=True, home=home, day=about)
        made += told is not None
    for stay_id in waiting:
        alerts.settle(scope, scope.get(Stay, stay_id), kind)
    return made


def _step(left: int, thresholds: Sequence[int]) -> str:
    """The narrowest threshold reached, as part of an occasion; the widest says nothing."""
    reached = [each for each in thresholds if left <= each]
    return f"/{min(reached)}" if reached and min(reached) != max(thresholds) else ""
