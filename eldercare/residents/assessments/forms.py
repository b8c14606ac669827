"""Input of an assessment: 26 indicators as boxes in sight, or the result alone."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Day, Form, LongText, Pick, PickMany, PickOne, Text, Whole
from eldercare.residents.assessments.models import ADJUSTMENTS, INDICATORS, MOST
from eldercare.residents.models import WORDS

ITEM = "item_"


class _Signed(Form):
    """What every assessment says."""

    assessed_on = Day(_l("Assessed on"), required=True)
    kind = Pick(_l("Occasion"), choices=WORDS["assessment_kind"].items, empty=_l("By itself: first or regular"))
    assessor = Text(_l("Assessor"), required=True, longest=50)
    second_assessor = Text(_l("Second assessor"), required=True, longest=50, help=_l("Two assessors sign."))
    adjustments = PickMany(_l("What else counts"), choices=ADJUSTMENTS.items)
    note = LongText(_l("Note"), longest=1000, rows=3)

    def values(self) -> dict[str, Any]:
        """What both ways of entry hand to the service."""
        names = ("assessed_on", "kind", "assessor", "second_assessor", "note")
        return {name: self[name].data for name in names} | {"adjustments": self.adjustments.data or []}


class _Points(_Signed):
    """The indicators' part; the fields are hung below, one an indicator."""

    @property
    def items(self) -> dict[str, int | None]:
        """Indicator → points, None where unanswered."""
        return {code: self[ITEM + code].data for code in INDICATORS}

    def values(self) -> dict[str, Any]:
        """With the points."""
        return super().values() | {"items": self.items}


def _box(words: Any, most: int) -> PickOne:
    return PickOne(words, choices=[(points, str(points)) for points in range(most, -1, -1)], coerce=int)


AssessmentForm = type(
    "AssessmentForm", (_Points,), {ITEM + code: _box(each.words, each.most) for code, each in INDICATORS.items()}
)


class ResultForm(_Signed):
    """Only the result is known."""

    score = Whole(_l("Score"), required=True, most=MOST, help=_l("0 to 90; higher is abler. The level follows from it."))

    def values(self) -> dict[str, Any]:
        """With the score."""
        return super().values() | {"items": None, "score": self.score.data}


class VoidForm(Form):
    """Why it does not count."""

    reason = LongText(_l("Why it does not count"), required=True, longest=500, rows=3)
