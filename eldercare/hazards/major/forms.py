"""One form for each act on a major hazard."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Day, Form, LongText, Pick, PickOne, Scans, Text
from eldercare.hazards.major.models import LEVEL_WORDS


class JudgeForm(Form):
    """A hazard judged to be a row of the table."""

    hazard_code = Pick(
        _l("Which situation of the table is it?"),
        required=True,
        help=_l("One row. Many faults together do not make a major hazard."),
    )
    reason = LongText(_l("Reason"), required=True, longest=1000, help=_l("What was found, and why it fulfils this row."))
    evidence = LongText(
        _l("Evidence of the judgement"),
        required=True,
        longest=1000,
        rows=3,
        help=_l("Photos, appraisals, records: what they show and where they are kept. Files can be added below."),
    )
    papers = Scans(_l("Photos and papers"))

    def over(self, rows: list[tuple[str, Any]]) -> "JudgeForm":
        """Offer the rows of the table in force."""
        self.hazard_code.offer(rows)
        return self


class ListForm(Form):
    """Listed for supervision."""

    list_level = PickOne(_l("Who supervises it?"), required=True, choices=LEVEL_WORDS.items(), default="district")
    reason = LongText(_l("Reason"), required=True, longest=1000)


class ReasonForm(Form):
    """Why it is taken off the list, or why the judgement does not hold."""

    reason = LongText(_l("Reason"), required=True, longest=1000)


class MeasuresForm(Form):
    """What was done at once."""

    body = LongText(
        _l("What was done at once, and what keeps residents safe until it is put right"),
        required=True,
        rows=6,
        help=_l("What is no longer used, who watches, whom you told. No names of residents."),
    )
    papers = Scans(_l("Photos and papers"))


class PlanForm(Form):
    """How and until when it is put right."""

    body = LongText(_l("How it will be put right, step by step"), required=True, rows=8)
    responsible = Text(_l("Responsible person"), required=True, longest=60, width="medium")
    finish_on = Day(_l("All put right by"), required=True)
    papers = Scans(_l("Photos and papers"))


class PaperForm(Form):
    """Accepted, or sent back."""

    result = PickOne(
        _l("Is it enough?"),
        required=True,
        choices=(("accepted", _l("Yes, it is accepted")), ("returned", _l("No, the home hands it in anew"))),
    )
    note = LongText(
        _l("Note"), required=True, longest=1000, help=_l("The home reads it. Where it is sent back: what is missing.")
    )


def values(form: Form) -> dict[str, Any]:
    """What was typed, by name, without the files."""
    return {each.name: each.data for each in form if each.name not in {"csrf_token", "papers"}}
