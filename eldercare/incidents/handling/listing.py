"""What a closing lacks, corrective actions and findings put into words; what can be done next."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from eldercare.core import calendar
from eldercare.core.listing import Badge
from eldercare.hazards.listing import state_badge as hazard_badge
from eldercare.incidents.handling.models import FAULT_WORDS, GAP_WORDS
from eldercare.incidents.handling.queries import Measure


def missing(codes: list[str]) -> str:
    """What is missing, each thing by name."""
    return _("; ").join(str(GAP_WORDS[code]) for code in codes)


def measure_badge(measure: Measure) -> Badge:
    """How a corrective action stands; a supervised one as its hazard does."""
    if measure.hazard is not None:
        return hazard_badge(measure.hazard)
    if measure.action.done_at is not None:
        return Badge(_("done"), "good")
    left = (measure.action.due_on - calendar.today()).days
    if left < 0:
        return Badge(ngettext("%(num)d day overdue", "%(num)d days overdue", -left), "bad")
    return Badge(_("due today") if left == 0 else ngettext("%(num)d day left", "%(num)d days left", left), "watch")


def fault_words(fault: str) -> Any:
    """What a finding is called."""
    return FAULT_WORDS[fault]
