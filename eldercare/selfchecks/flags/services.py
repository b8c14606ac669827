"""Flags are raised when a round is completed, and judged by an officer who looked."""

from collections.abc import Sequence

from eldercare.checklists.checks.models import CheckAnswer
from eldercare.core import audit, calendar, states
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.selfchecks.flags import queries
from eldercare.selfchecks.flags.models import Limits, SelfCheckFlag
from eldercare.selfchecks.models import SelfCheckRound


def raise_for(scope: Scope, of: SelfCheckRound, answers: Sequence[CheckAnswer], limits: Limits) -> list[SelfCheckFlag]:
    """Flag a round that was just completed for whatever speaks against it."""
    made = []
    for kind, evidence in queries.evidence(scope, of, scope.get(Facility, of.facility_id), answers, limits).items():
        flag = SelfCheckFlag(
            township_id=of.township_id, facility_id=of.facility_id, round_id=of.id, kind=kind, evidence=evidence,
        )  # fmt: skip
        db.session.add(flag)
        audit.record(scope, "selfcheck_flag.raised", flag)
        made.append(flag)
    return made


def judge(scope: Scope, flag_id: int, *, in_order: bool, note: str) -> SelfCheckFlag:
    """Say what was found on looking; again, when more is known. Refused: move.not_allowed for the same word twice."""
    flag = scope.lock(SelfCheckFlag, flag_id)
    if not note.strip():
        raise Refused("selfcheck_flag.half", field="note")
    flag.judged_at, flag.judged_by, flag.note = calendar.now(), scope.person_name, note.strip()
    states.move(scope, flag, "in_order" if in_order else "not_in_order")
    return flag
