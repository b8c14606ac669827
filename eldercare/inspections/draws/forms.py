"""One form for each act on a draw."""

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.accounts.officers.models import SPECIALITY_WORDS
from eldercare.core.forms import Day, Form, LongText, Measure, Pick, PickMany, PickOne, Text, Whole
from eldercare.facilities.models import TYPE_WORDS
from eldercare.inspections.draws.models import CLASSES, WITNESS_WORDS, Draw

CLASS_WORDS: dict[str, Any] = {
    "A": _l("Class A"), "B": _l("Class B"), "C": _l("Class C"), "D": _l("Class D"), "none": _l("Not classed yet"),
}  # fmt: skip
KINDS = tuple((key, word) for key, word in TYPE_WORDS.items() if key != "home_care_org")


def _weight(name: str) -> Measure:
    return Measure(CLASS_WORDS[name], required=True, least=0.1, most=10, places=1)


class PlanForm(Form):
    """What is drawn from what, when, and how it is witnessed."""

    title = Text(
        _l("Name of the draw"), required=True, longest=80,
        help=_l("As the public page shows it, for example the quarter and the subject."),
    )  # fmt: skip
    checklists = PickMany(_l("Lists to be filled in"), required=True)
    facility_types = PickMany(_l("Kinds of inspected place"), required=True, choices=KINDS)
    townships = PickMany(_l("Townships"), help=_l("Nothing ticked: all of them."))
    classes = PickMany(_l("Credit classes"), choices=tuple(CLASS_WORDS.items()), help=_l("Nothing ticked: all of them."))
    percent = Measure(_l("Share drawn"), unit="%", least=0.01, most=100)
    count = Whole(_l("Or number drawn"), least=1, most=10_000, unit=_l("places"))
    weight_a, weight_b, weight_c = _weight("A"), _weight("B"), _weight("C")
    weight_d, weight_none = _weight("D"), _weight("none")
    starts_on = Day(_l("Visits from"), required=True)
    ends_on = Day(_l("Visits until"), required=True)
    team_size = Whole(_l("Officers a visit"), required=True, least=2, most=6)
    speciality = Pick(
        _l("Speciality of one of them"), choices=tuple(SPECIALITY_WORDS.items()), empty=_l("No particular one"),
    )  # fmt: skip
    witness_kind = PickOne(_l("What nobody can know beforehand"), required=True, choices=tuple(WITNESS_WORDS.items()))
    witness_named = Text(
        _l("Named beforehand"), required=True, longest=120,
        help=_l("The office whose officer will witness (discipline, legal affairs); or exactly which public value will be used."),
    )  # fmt: skip
    witness_on = Day(_l("Day of the public value"), help=_l("A day after the commitment. Leave empty for a witness."))

    @classmethod
    def of(cls, row: Draw | None, weights: dict[str, str], **offered: Any) -> "PlanForm":
        """The form of a plan, or an empty one with the usual weights; `offered` are the choices that depend on the day."""
        given = {name: getattr(row, name) for name in PLAIN} if row else {"team_size": 2, "witness_kind": "person"}
        kept = row.weights if row else weights
        form = cls(data=given | {f"weight_{name.lower()}": Decimal(str(kept[name])) for name in CLASSES})
        for name, choices in offered.items():
            form[name].offer(choices)
        return form

    def said(self) -> dict[str, Any]:
        """What the service takes; weights as texts without needless zeros."""
        weights = {name: f"{self[f'weight_{name.lower()}'].data.normalize():f}" for name in CLASSES}
        return {name: self[name].data for name in PLAIN} | {"weights": weights}


PLAIN = (
    "title", "checklists", "facility_types", "townships", "classes", "percent", "count", "starts_on", "ends_on", "team_size",
    "speciality", "witness_kind", "witness_named", "witness_on",
)  # fmt: skip


class ConfirmForm(Form):
    """Nothing to fill in; the page says what will happen."""


class WitnessForm(Form):
    """The value nobody could know, and who gives it."""

    value = Text(
        _l("Value of the witness"), required=True, longest=60, width="medium",
        help=_l("A number of the witness's own choosing, or the public value exactly as published."),
    )  # fmt: skip
    name = Text(
        _l("Name of the witness"), required=True, longest=40, width="medium",
        help=_l("Kept here; the public page shows the office alone."),
    )  # fmt: skip
    office = Text(_l("Office of the witness"), required=True, longest=80)


class ReasonForm(Form):
    """Why a plan is given up."""

    reason = LongText(_l("Reason"), required=True, rows=3, longest=500)


class VoidForm(Form):
    """Why a draw should be void."""

    reason = LongText(
        _l("Why it should be void"), required=True, rows=3, longest=500,
        help=_l("The public page shows this sentence for good. Name no person in it."),
    )  # fmt: skip
