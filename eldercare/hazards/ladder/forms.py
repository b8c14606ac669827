"""The form of a step of escalation."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core import calendar, jinja
from eldercare.core.forms import Day, Form, LongText, Measure, Pick, PickMany, PickOne, Scans, Text
from eldercare.hazards.ladder.models import BODY_WORDS, STEP_WORDS, law


class StepForm(Form):
    """A step taken."""

    step = PickOne(_l("Which step?"), required=True)
    taken_on = Day(_l("Day"), required=True, default=calendar.today)
    reason = LongText(_l("Reason"), required=True, longest=1000, help=_l("Why now, and why this step. The home reads it."))
    skip_reason = LongText(
        _l("Why steps are left out"), longest=500, rows=2, help=_l("Only where a step below has not been taken for this hazard.")
    )
    document_no = Text(_l("Document number"), longest=60, width="medium")
    basis = Pick(_l("Clause"), empty=_l("None"))
    fine = Measure(_l("Fine"), unit=_l("yuan"), most=10_000_000, help=_l("Only with a case; within what the clause allows."))
    bodies = PickMany(_l("Departments told"), choices=BODY_WORDS.items())
    papers = Scans(_l("Papers"))

    def said(self) -> dict[str, Any]:
        """What the service takes."""
        names = ("step", "taken_on", "skip_reason", "document_no", "basis", "bodies")
        fine = None if self.fine.data is None else int(self.fine.data * 100)
        return {name: self[name].data for name in names if name in self} | {"reason": self.reason.data or "", "fine_fen": fine}


class CancelForm(Form):
    """A step that does not stand."""

    reason = LongText(_l("Why does this step not stand?"), required=True, longest=500, rows=3)


def step_form(steps: list[str], proposed: str | None) -> StepForm:
    """The form with the steps that can still be taken, the proposed one chosen."""
    form = StepForm(step=proposed or (steps[0] if steps else None))
    form.step.offer([(each, STEP_WORDS[each]) for each in steps])
    zh = jinja.lang() == "zh"
    form.basis.offer([(each.code, f"{each.zh if zh else each.en} ({each.clause})") for each in law().values()])
    return form
