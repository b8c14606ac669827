"""One form for each step from the first response to the closing."""

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Day, Form, LongText, Moment, Pick, PickOne, Text
from eldercare.hazards.models import SEVERITY_WORDS
from eldercare.incidents.handling.models import FAULT_WORDS
from eldercare.incidents.models import CAUSE_WORDS


class ResponseForm(Form):
    """先期处置."""

    response = LongText(
        _l("What was done at once"), required=True, rows=5, help=_l("Rescue, doctor, search, evacuation, stopping the danger.")
    )
    at = Moment(_l("Begun at"), required=True)


class InvestigationForm(Form):
    """Why it happened."""

    cause_class = PickOne(_l("Class of the cause"), choices=tuple(CAUSE_WORDS.items()), required=True)
    investigation = LongText(
        _l("Investigation"),
        required=True,
        rows=8,
        longest=8000,
        help=_l(
            "What was looked at (round of that hour, roster, care plan before the event), what was found, who is answerable."
        ),
    )


class ActionForm(Form):
    """What is put right."""

    action = LongText(_l("What is to be done"), required=True, rows=3, longest=1000)
    owner = Text(_l("Responsible"), required=True, longest=60)
    due_on = Day(_l("By"), required=True)
    supervise = PickOne(
        _l("Must it be supervised?"),
        choices=[("no", _l("No, the evidence is enough")), *SEVERITY_WORDS.items()],
        default="no",
        help=_l("Supervised, it becomes a hazard: somebody else goes and looks, and its closing settles it."),
    )

    hazard_code = Pick(
        _l("Row of the major hazards"), help=_l("For a major accident hazard only: the row of the criteria it falls under.")
    )

    def severity(self) -> str | None:
        """The severity of the hazard it becomes, None for none."""
        return None if self.supervise.data in {None, "no"} else self.supervise.data


class EvidenceForm(Form):
    """An action is done."""

    evidence = LongText(
        _l("What shows it"),
        required=True,
        rows=4,
        longest=1000,
        help=_l("What can be seen, tested or read. Add photos on the record."),
    )


class NoteForm(Form):
    """A word and nothing else."""

    note = LongText(_l("Note"), required=True, rows=4, longest=2000)


class ReasonForm(Form):
    """An act that needs a reason."""

    reason = LongText(_l("Reason"), required=True, rows=3, longest=1000)


class MergeForm(ReasonForm):
    """The same thing, reported twice."""

    number = Text(_l("Number of the incident that stays"), required=True, longest=30, width="medium")


class FaultForm(ReasonForm):
    """A fault of reporting."""

    fault = PickOne(_l("Finding"), choices=tuple(FAULT_WORDS.items()), required=True)
    person = Text(_l("Answerable"), longest=60, help=_l("Name or post, as far as it is known."))
