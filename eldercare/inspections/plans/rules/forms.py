"""The forms of rules."""

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Day, Form, Pick, PickMany, PickOne, Text
from eldercare.facilities.models import TYPE_WORDS
from eldercare.inspections.models import KIND_WORDS
from eldercare.inspections.plans.models import HAND_KINDS
from eldercare.inspections.plans.rules.models import CLASSES, EVERY_WORDS


class RuleForm(Form):
    """A rule is proposed."""

    name = Text(_l("Name of the rule"), required=True, longest=80)
    every = PickOne(_l("How often"), required=True, choices=tuple(EVERY_WORDS.items()))
    kind = Pick(
        _l("Kind of visit"), required=True, choices=[(kind, KIND_WORDS[kind]) for kind in HAND_KINDS],
        help=_l("The year’s most visits bind daily and double-random checks; special and joint checks lie outside."),
    )  # fmt: skip
    facility_types = PickMany(_l("Kinds of place"), required=True, choices=tuple(TYPE_WORDS.items()))
    classes = PickMany(
        _l("Credit classes"), choices=[(each, each) for each in CLASSES], help=_l("None ticked: whatever their class.")
    )
    checklists = PickMany(_l("Lists to fill in"), help=_l("None ticked: all that suit the place."))
    starts_on = Day(_l("From"), required=True)
    ends_on = Day(_l("Until"), help=_l("Empty: until somebody ends it."))
